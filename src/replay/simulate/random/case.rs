//! One random case: a world, a script and a seed that makes both again; and playing it in this process.
//!
//! Deliberately not here: judging what came of it.

use crate::replay::phones::script::Weather;
use crate::replay::phones::{Network, Script};
use crate::replay::simulate::{Played, play};
use crate::replay::target::{OFFLINE_BASE, Offline};
use crate::replay::world::World;

use super::dice::Dice;
use super::plan::Plan;
use super::{acts, draw, write};

/// A case.
#[derive(Debug)]
pub struct Case {
    /// What it is drawn from.
    pub seed: u64,
    /// The world, as it was drawn.
    pub plan: Plan,
    /// The world, as the engine reads it.
    pub world: World,
    /// Who does what.
    pub script: Script,
}

impl Case {
    /// How much the case of a seed begins.
    pub fn begun(seed: u64) -> usize {
        acts::begun(&mut Dice::new(seed))
    }

    /// Draws the case of a seed. The error says what is wrong with the world that was drawn.
    pub fn draw(seed: u64) -> Result<Self, String> {
        let mut dice = Dice::new(seed);
        let begun = acts::begun(&mut dice);
        let plan = draw::plan(&mut dice);
        let script = acts::script(&mut dice, &plan, begun, seed);
        let texts: Vec<(&str, String)> =
            plan.tenants.iter().map(|tenant| (tenant.id.as_str(), write::rules(tenant))).collect();
        let world = World::of(&texts).map_err(|mistakes| {
            let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            format!("the world of seed {seed} is refused: {}", told.join("; "))
        })?;
        Ok(Self { seed, plan, world, script })
    }

    /// Plays it in this weather. The error says why it came to no end.
    pub async fn play(&self, weather: Weather) -> Result<Played, String> {
        let script = Script { weather, ..self.script.clone() };
        let target = Offline::new(&self.world, self.script.start)?;
        play(&mut Network::new(script), &[], &self.world.signers, OFFLINE_BASE, &target).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::dice::seed_of;
    use super::*;

    #[test]
    fn a_seed_is_a_case_and_every_world_can_be_read() {
        for no in 0..300 {
            let seed = seed_of(1, no);
            let case = Case::draw(seed).expect("a world without mistakes");
            let acts: usize = case.script.parties.iter().map(|party| party.acts.len()).sum();
            assert_eq!(acts, Case::begun(seed), "what is begun is known before");
            let again = Case::draw(seed).expect("the same world");
            assert_eq!((case.world.text, case.script), (again.world.text, again.script));
        }
    }
}
