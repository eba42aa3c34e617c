//! Keeps a case in which something does not hold: the world of the tenant concerned as a rules file, and what was done
//! with that tenant's numbers as the file of a whole call.
//!
//! A file has one tenant's world, so it is played and judged before it is called a proof.
//!
//! Deliberately not here: the format of the file (`simulate::write`).

use std::path::{Path, PathBuf};

use crate::replay::phones::script::{Begins, Party, Weather};
use crate::replay::phones::{Network, Script};
use crate::replay::simulate::never::Never;
use crate::replay::simulate::write::write;
use crate::replay::simulate::{Call, End, Expect, Played, ends, play};
use crate::replay::target::{OFFLINE_BASE, Offline};
use crate::replay::world::World;

use super::happened::Happened;
use super::invariants::{self, Invariant, Wrong};
use super::plan::{Plan, Tenant};
use super::run::Found;
use super::{Case, write as rules};

/// A case that was kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Saved {
    /// Its seed.
    pub seed: u64,
    /// The file of the call.
    pub file: PathBuf,
    /// Whether the same invariant does not hold when it is played alone.
    pub shows: bool,
}

/// Keeps a case in a folder; `None` where it came to no end.
///
/// # Errors
/// What cannot be written, or cannot be played.
pub async fn save(folder: &Path, found: &Found, calm: bool) -> Result<Option<Saved>, String> {
    let Some(wrong) = found.wrong.first() else { return Ok(None) };
    let case = Case::draw(found.seed)?;
    let tenant = concerned(&case, wrong);
    let weather = if calm { Weather::default() } else { case.script.weather };
    let script = Script { weather, ..alone(&case.plan, &case.script, tenant) };
    let name = format!("seed-{}-{}", found.seed, tenant.id);
    let rules = rules::rules(tenant);
    let worlds = folder.join("worlds");
    let file = folder.join(format!("invariant-{}-seed-{}.toml", wrong.invariant.number(), found.seed));
    let title = format!("Invariant {}: {}: {}", wrong.invariant.number(), wrong.invariant.words(), wrong.what);
    let world = World::of(&[(&name, rules.clone())]).map_err(|_| format!("the world {name} is refused"))?;
    let played = play_alone(&script, &world).await?;
    let again = invariants::judge(&Happened::new(&case.plan, &script, &played));
    let shows = again.iter().any(|other| other.invariant == wrong.invariant);
    let call = Call {
        // Numbers that the world has given back are rung all the same.
        account: tenant.accounts.first().map(|account| account.id.clone()),
        expect: expected(&again, &script, &played),
        ..Call::of(&script, &name, Vec::new())
    };
    let put = |path: &Path, text: &str| {
        std::fs::write(path, text).map_err(|error| format!("{} cannot be written: {error}", path.display()))
    };
    std::fs::create_dir_all(&worlds).map_err(|error| format!("{} cannot be made: {error}", worlds.display()))?;
    put(&worlds.join(format!("{name}.toml")), &rules)?;
    put(&file, &write(&title, &call))?;
    Ok(Some(Saved { seed: found.seed, file, shows }))
}

/// The tenant whose number was called.
fn concerned<'c>(case: &'c Case, wrong: &Wrong) -> &'c Tenant {
    // Threads are counted in the order in which they begin; those that begin together in the order of people.
    let acts = case.script.parties.iter().flat_map(|party| &party.acts);
    let mut begun: Vec<_> = acts.map(|act| (act.after, number(&act.what))).collect();
    begun.sort_by_key(|(after, _)| *after);
    let called = begun.get(wrong.thread).and_then(|(_, number)| case.plan.number(number));
    called.map_or(&case.plan.tenants[0], |(tenant, _)| tenant)
}

fn number(what: &Begins) -> &str {
    let (Begins::Dials { number, .. } | Begins::Texts { number, .. }) = what;
    number
}

/// What concerns one tenant: its numbers, whoever calls them, and whoever they may ring.
fn alone(plan: &Plan, script: &Script, tenant: &Tenant) -> Script {
    let own = |number: &str| plan.number(number).is_some_and(|(of, _)| of.id == tenant.id);
    let keep = |party: &Party| {
        let acts: Vec<_> = party.acts.iter().filter(|act| own(number(&act.what))).cloned().collect();
        let known = tenant.phones().any(|phone| phone == party.phone);
        (known || !acts.is_empty()).then(|| Party { acts, ..party.clone() })
    };
    Script {
        numbers: script.numbers.iter().filter(|rented| own(&rented.number)).cloned().collect(),
        parties: script.parties.iter().filter_map(keep).collect(),
        ..script.clone()
    }
}

async fn play_alone(script: &Script, world: &World) -> Result<Played, String> {
    let target = Offline::new(world, script.start)?;
    play(&mut Network::new(script.clone()), &[], &world.signers, OFFLINE_BASE, &target).await
}

/// What a file can say that must not have happened: who was bridged, who received a text. Where it has no words for it,
/// how each call and text ended; then the story shows the rest.
fn expected(wrong: &[Wrong], script: &Script, played: &Played) -> Expect {
    let never = wrong.iter().filter_map(|wrong| {
        let verb = match wrong.invariant {
            Invariant::Acceptance => "bridged",
            Invariant::OptedOut => "receives",
            Invariant::OneEnd
            | Invariant::RealNumbers
            | Invariant::OneSession
            | Invariant::Cooling
            | Invariant::Documents
            | Invariant::Once
            | Invariant::Hours
            | Invariant::Tenants
            | Invariant::Caps
            | Invariant::Todos
            | Invariant::Pins => return None,
        };
        // These two begin with whom they are about.
        let who = wrong.what.split(' ').next()?;
        Some((0, Never::read(&format!("{verb} {who}"), &script.parties).ok()?))
    });
    let mut never: Vec<(usize, Never)> = never.collect();
    never.dedup();
    let end = if never.is_empty() { ends::ends(played) } else { Vec::new() };
    let end = end.into_iter().map(|ended| End { outcome: Some(ended.outcome), ..End::default() });
    Expect { never, end: end.collect(), ..Expect::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::simulate::file;

    #[test]
    fn what_is_kept_reads_back_as_the_same_call() {
        let folder = tempfile::tempdir().expect("a folder");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        for seed in 1..8 {
            let wrong = Wrong { invariant: Invariant::Caps, thread: 0, what: "too many".to_owned() };
            let found = Found { seed, wrong: vec![wrong.clone()], told: String::new() };
            let saved = runtime.block_on(save(folder.path(), &found, false)).expect("it is written");
            let saved = saved.expect("something does not hold in it");
            assert!(!saved.shows, "nothing is wrong with it");
            let text = std::fs::read_to_string(&saved.file).expect("it is there");
            let read = file::read(&saved.file, &text);
            let calls = read.cases.unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{text}"));
            let case = Case::draw(seed).expect("a case");
            let kept = alone(&case.plan, &case.script, concerned(&case, &wrong));
            let call = &calls[0];
            assert_eq!((&call.parties, call.weather), (&kept.parties, kept.weather), "{text}");
            let world = folder.path().join("worlds").join(format!("{}.toml", call.world));
            assert!(world.is_file(), "its world is beside it");
        }
    }
}
