//! Scenes: who begins what, and how everybody behaves whose phone rings because of it. The first few are chosen, so that
//! the first minute shows the most; after them chance chooses.
//!
//! Deliberately not here: where a call goes. That is for the server to decide; everybody in the world has a phone and a
//! mood, whoever is called.

use std::collections::BTreeSet;
use std::time::Duration;

use super::cast::{Cast, Pair, Person, Role};
use crate::domain::Moment;
use crate::replay::phones::script::{Act, Begins, HangUp, Manner, Party, Pickup, Press, Script, Stage, Weather};

/// Chance, from a seed (splitmix64).
#[derive(Clone, Debug)]
pub struct Dice(pub u64);

impl Dice {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap_or(1);
        usize::try_from(self.draw() % end).unwrap_or(0)
    }

    /// So many tenths of a second, from `from` to `to`.
    pub fn tenths(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(100 * (from + self.draw() % (to - from + 1)))
    }

    fn one_of<'a, T>(&mut self, things: &'a [T]) -> Option<&'a T> {
        things.get(self.below(things.len()))
    }

    /// Whether something comes to pass that does so often in a hundred times.
    fn percent(&mut self, often: usize) -> bool {
        self.below(100) < often
    }
}

/// A scene.
#[derive(Clone, PartialEq, Debug)]
pub struct Scene {
    /// The number that it goes through.
    pub number: String,
    /// Who is in it, beside whoever is called.
    pub with: Vec<String>,
    /// What happens, as far as people have it in their hands.
    pub script: Script,
}

/// How the desks and technicians behave in a scene.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mood {
    /// They pick up, and press the key.
    Ready,
    /// Nobody of them is to be had.
    Away,
    /// As it comes.
    Any,
}

/// The kinds of scene.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    CallsBack(Mood),
    TechnicianCalls,
    CustomerTexts,
    TechnicianTexts,
    Stranger,
    Withheld,
    Neighbour,
    OptsOut,
    Menu,
}

/// What the first scenes are.
const OPENING: [Kind; 5] = [
    Kind::CallsBack(Mood::Ready),
    Kind::CustomerTexts,
    Kind::CallsBack(Mood::Away),
    Kind::TechnicianCalls,
    Kind::Stranger,
];

/// What chance chooses from; what stands here more often comes more often.
const REST: [Kind; 16] = [
    Kind::CallsBack(Mood::Any),
    Kind::CallsBack(Mood::Any),
    Kind::CallsBack(Mood::Any),
    Kind::CallsBack(Mood::Ready),
    Kind::CallsBack(Mood::Away),
    Kind::TechnicianCalls,
    Kind::TechnicianCalls,
    Kind::CustomerTexts,
    Kind::CustomerTexts,
    Kind::TechnicianTexts,
    Kind::TechnicianTexts,
    Kind::Stranger,
    Kind::Withheld,
    Kind::Neighbour,
    Kind::OptsOut,
    Kind::Menu,
];

/// What people write.
const CUSTOMERS_WORDS: [&str; 6] = [
    "Are you still coming today?",
    "The water is off now, you can start any time.",
    "Please ring the upper bell.",
    "It drips again, could you look at it tomorrow?",
    "Thank you, all is well!",
    "How much would a new one be?",
];
const TECHNICIANS_WORDS: [&str; 5] = [
    "On my way, ten minutes.",
    "I need a part, I will be back at four.",
    "All done. The key is under the mat.",
    "Could you leave the gate open?",
    "Would Thursday at nine suit you?",
];

/// Draws scenes.
#[derive(Clone, Debug)]
pub struct Scenes {
    dice: Dice,
    drawn: usize,
}

impl Scenes {
    /// Scenes from a seed: the same seed, the same scenes.
    pub fn new(seed: u64) -> Self {
        Self { dice: Dice(seed), drawn: 0 }
    }

    /// The next scene, which begins now; `None` where whoever would begin it is in another one.
    pub fn next(&mut self, cast: &Cast, busy: &BTreeSet<String>, now: Moment) -> Option<Scene> {
        let kind = match OPENING.get(self.drawn) {
            Some(kind) => *kind,
            None => *self.dice.one_of(&REST)?,
        };
        // Chicago is always open, so what is chosen goes as it was meant to.
        let opening = self.drawn < OPENING.len();
        let free: Vec<&Pair> = cast
            .pairs
            .iter()
            .filter(|pair| !busy.contains(&pair.customer.name) && !busy.contains(&pair.technician.name))
            .filter(|pair| !opening || cast.office(&pair.number).is_some_and(|office| office.name == "Chicago"))
            .collect();
        let pair = (*self.dice.one_of(&free)?).clone();
        self.drawn += 1;
        Some(self.scene(kind, &pair, cast, busy, now))
    }

    /// When the next scene should begin.
    pub fn pause(&mut self) -> Duration {
        self.dice.tenths(20, 60)
    }

    fn scene(&mut self, kind: Kind, pair: &Pair, cast: &Cast, busy: &BTreeSet<String>, now: Moment) -> Scene {
        let Pair { number, technician, customer } = pair.clone();
        let mood = match kind {
            Kind::CallsBack(mood) => mood,
            Kind::TechnicianCalls
            | Kind::CustomerTexts
            | Kind::TechnicianTexts
            | Kind::Stranger
            | Kind::Withheld
            | Kind::Neighbour
            | Kind::OptsOut
            | Kind::Menu => Mood::Any,
        };
        let mut parties: Vec<Party> = cast.people.iter().map(|one| self.party(one, mood, busy)).collect();
        let stranger =
            |name: &str, phone: &str| Person { name: name.to_owned(), phone: phone.to_owned(), role: Role::Customer };
        let (number, begun) = match kind {
            Kind::CallsBack(_) => (number.clone(), vec![(customer.clone(), self.call(&number))]),
            Kind::TechnicianCalls => (number.clone(), vec![(technician.clone(), self.call(&number))]),
            Kind::CustomerTexts | Kind::TechnicianTexts => {
                let mut both = [(customer.clone(), &CUSTOMERS_WORDS[..]), (technician.clone(), &TECHNICIANS_WORDS[..])];
                if kind == Kind::TechnicianTexts {
                    both.reverse();
                }
                let mut after = Duration::ZERO;
                let mut begun = Vec::new();
                for (who, words) in both {
                    begun.push((who, self.text(&number, words, after)));
                    after += self.dice.tenths(60, 150);
                }
                (number.clone(), begun)
            }
            Kind::Stranger => {
                let who = stranger("a stranger", "+17085550177");
                (number.clone(), vec![(who, self.call(&number))])
            }
            Kind::Withheld => {
                let who = stranger("somebody without a number", "anonymous");
                (number.clone(), vec![(who, self.call(&number))])
            }
            Kind::Neighbour => {
                let jobs: Vec<&str> = cast.numbers_of("Phoenix").collect();
                let number = self.dice.one_of(&jobs).map_or(number, |number| (*number).to_owned());
                let who = stranger("a neighbour", "+14805550178");
                (number.clone(), vec![(who, self.call(&number))])
            }
            Kind::OptsOut => {
                let stop = act(Duration::ZERO, texts(&number, "STOP"));
                let on_my_way = self.text(&number, &TECHNICIANS_WORDS, self.dice.clone().tenths(50, 80));
                let start = act(Duration::from_secs(14), texts(&number, "START"));
                (
                    number.clone(),
                    vec![(customer.clone(), stop), (technician.clone(), on_my_way), (customer.clone(), start)],
                )
            }
            Kind::Menu => {
                let dees: Vec<&Pair> =
                    cast.pairs.iter().filter(|pair| busy_free(pair, busy) && is_of(cast, pair, "Denver")).collect();
                let pair = self.dice.one_of(&dees).map_or(pair, |pair| *pair);
                (pair.number.clone(), vec![(pair.technician.clone(), self.call(&pair.number))])
            }
        };
        let mut with = Vec::new();
        for (who, act) in begun {
            if !with.contains(&who.name) {
                with.push(who.name.clone());
            }
            match parties.iter_mut().find(|party| party.name == who.name) {
                Some(party) => party.acts.push(act),
                None => parties.push(Party { acts: vec![act], ..self.party(&who, Mood::Away, busy) }),
            }
        }
        let seed = self.dice.draw();
        let script = Script { start: now, seed, numbers: cast.rented.clone(), parties, weather: Weather::default() };
        Scene { number, with, script }
    }

    fn call(&mut self, number: &str) -> Act {
        let hangs_up = match self.dice.below(20) {
            0 => HangUp::During(Stage::Ringing, self.dice.tenths(30, 60)),
            1 => HangUp::During(Stage::Prompt, self.dice.tenths(10, 30)),
            _ => HangUp::AfterBridge(self.dice.tenths(80, 350)),
        };
        let manner =
            Manner { presses: vec![self.press("1")], hangs_up: Some(hangs_up), speaks: self.dice.tenths(40, 160) };
        act(Duration::ZERO, Begins::Dials { number: number.to_owned(), manner })
    }

    fn text(&mut self, number: &str, words: &[&str], after: Duration) -> Act {
        let words = self.dice.one_of(words).copied().unwrap_or_default();
        act(after, texts(number, words))
    }

    fn press(&mut self, keys: &str) -> Press {
        Press { keys: keys.to_owned(), after: self.dice.tenths(15, 50) }
    }

    /// Somebody with what happens when their phone rings.
    fn party(&mut self, person: &Person, mood: Mood, busy: &BTreeSet<String>) -> Party {
        let rung = if busy.contains(&person.name) { Pickup::Busy } else { self.pickup(person.role, mood) };
        Party { name: person.name.clone(), phone: person.phone.clone(), acts: Vec::new(), rung: vec![rung] }
    }

    fn pickup(&mut self, role: Role, mood: Mood) -> Pickup {
        let after = self.dice.tenths(20, 70);
        let answers = |presses| Pickup::Answers { after, manner: Manner { presses, ..Manner::default() } };
        let (right, wrong) = (self.press("1"), self.press("7"));
        match (mood, role, self.dice.below(100)) {
            (Mood::Ready, ..) | (Mood::Any, Role::Desk, 0..60) => answers(vec![right]),
            (Mood::Any, Role::Desk, 60..70) => answers(vec![wrong, right]),
            (Mood::Any, Role::Desk, 70..80) => answers(Vec::new()),
            (Mood::Any, Role::Desk, 80..90) | (Mood::Away, Role::Desk, 0..50) => {
                Pickup::CarrierVoicemail { after, greeting: Duration::from_secs(6), beep: true }
            }
            (Mood::Any, Role::Technician, 0..75) | (Mood::Any, Role::Customer, 0..80) => answers(vec![right]),
            (Mood::Any, Role::Technician, 75..85) | (Mood::Any | Mood::Away, _, 50..94) => {
                if self.dice.percent(50) {
                    Pickup::Busy
                } else {
                    Pickup::Rejects { after }
                }
            }
            (Mood::Any | Mood::Away, ..) => Pickup::NoAnswer,
        }
    }
}

fn busy_free(pair: &Pair, busy: &BTreeSet<String>) -> bool {
    !busy.contains(&pair.technician.name)
}

fn is_of(cast: &Cast, pair: &Pair, office: &str) -> bool {
    cast.office(&pair.number).is_some_and(|one| one.name == office)
}

fn act(after: Duration, what: Begins) -> Act {
    Act { after, what }
}

fn texts(number: &str, words: &str) -> Begins {
    Begins::Texts { number: number.to_owned(), words: words.to_owned(), media: 0 }
}

#[cfg(test)]
mod tests {
    use super::super::world;
    use super::*;

    fn drawn(seed: u64, count: usize) -> Vec<Scene> {
        let cast = Cast::of(&world(), "http://h");
        let mut scenes = Scenes::new(seed);
        let now = Moment::from_seconds(1_795_000_000);
        (0..count).filter_map(|_| scenes.next(&cast, &BTreeSet::new(), now)).collect()
    }

    #[test]
    fn the_same_seed_draws_the_same_scenes() {
        assert_eq!(drawn(7, 40), drawn(7, 40));
        assert_ne!(drawn(7, 40), drawn(8, 40));
    }

    #[test]
    fn whoever_is_busy_begins_nothing_and_gives_the_busy_tone() {
        let cast = Cast::of(&world(), "http://h");
        let customers =
            cast.people.iter().filter(|one| one.role != Role::Desk && one.name != "Ana Alvarez" && one.name != "Jo");
        let busy: BTreeSet<String> = customers.map(|one| one.name.clone()).collect();
        let mut scenes = Scenes::new(3);
        for _ in 0..30 {
            let scene = scenes.next(&cast, &busy, Moment::from_seconds(0)).expect("Ana and Jo are free");
            assert!(scene.with.iter().all(|who| !busy.contains(who)), "{:?}", scene.with);
            let dee = scene.script.parties.iter().find(|party| party.name == "Dee").expect("she is there");
            assert_eq!(dee.rung, [Pickup::Busy]);
        }
        let all: BTreeSet<String> = cast.people.iter().map(|one| one.name.clone()).collect();
        assert_eq!(scenes.next(&cast, &all, Moment::from_seconds(0)), None, "everybody is on the phone");
    }

    #[test]
    fn every_number_that_is_called_is_rented_and_every_name_is_one_persons() {
        for scene in drawn(11, 200) {
            assert!(scene.script.numbers.iter().any(|rented| rented.number == scene.number), "{}", scene.number);
            let names: BTreeSet<&str> = scene.script.parties.iter().map(|party| party.name.as_str()).collect();
            assert_eq!(names.len(), scene.script.parties.len());
        }
    }
}
