//! What must not happen in a call: a small vocabulary over what a network reports.
//!
//! Deliberately not here: what has to happen (`judge`).

use std::fmt;

use crate::domain::E164;
use crate::replay::phones::script::Party;
use crate::replay::phones::{Happening, What};

/// A sentence, as the documentation lists them.
const SENTENCES: &str = "bridged WHO [WHO], rings WHO, answered WHO, answered-by-machine WHO, picked-up WHO, \
    hears WHO [\"words\"], records WHO, queued WHO, receives WHO [\"words\"], shows WHO-OR-NUMBER";

/// Something that must not happen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Never {
    verb: Verb,
    who: String,
    /// The other side of a bridge.
    with: Option<String>,
    /// Words that are part of what is heard or read.
    words: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Verb {
    Bridged,
    Rings,
    Answered,
    AnsweredByMachine,
    PickedUp,
    Hears,
    Records,
    Queued,
    Receives,
    Shows,
}

impl Verb {
    const ALL: [Self; 10] = [
        Self::Bridged,
        Self::Rings,
        Self::Answered,
        Self::AnsweredByMachine,
        Self::PickedUp,
        Self::Hears,
        Self::Records,
        Self::Queued,
        Self::Receives,
        Self::Shows,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::Bridged => "bridged",
            Self::Rings => "rings",
            Self::Answered => "answered",
            Self::AnsweredByMachine => "answered-by-machine",
            Self::PickedUp => "picked-up",
            Self::Hears => "hears",
            Self::Records => "records",
            Self::Queued => "queued",
            Self::Receives => "receives",
            Self::Shows => "shows",
        }
    }
}

impl Never {
    /// Reads a sentence; the error says what it should be. Whoever is named has to be somebody.
    pub fn read(text: &str, parties: &[Party]) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is none of: {SENTENCES}");
        let (plain, words) = match text.trim().split_once('"') {
            Some((plain, quoted)) => (plain, Some(quoted.strip_suffix('"').ok_or_else(wrong)?.to_owned())),
            None => (text, None),
        };
        let mut parts = plain.split_whitespace();
        let word = parts.next().ok_or_else(wrong)?;
        let verb = Verb::ALL.into_iter().find(|verb| verb.word() == word).ok_or_else(wrong)?;
        let who = parts.next().ok_or_else(wrong)?.to_owned();
        let with = parts.next().map(str::to_owned);
        let may_have_words = matches!(verb, Verb::Hears | Verb::Receives);
        if parts.next().is_some()
            || (with.is_some() && verb != Verb::Bridged)
            || words.as_ref().is_some_and(|words| !may_have_words || words.is_empty())
        {
            return Err(wrong());
        }
        for name in std::iter::once(&who).chain(&with) {
            if E164::read(name).is_none() && !parties.iter().any(|party| party.name == *name) {
                let known: Vec<&str> = parties.iter().map(|party| party.name.as_str()).collect();
                return Err(format!("\"{name}\" is nobody here; there are {}, and numbers like +1…", known.join(", ")));
            }
        }
        Ok(Self { verb, who, with, words })
    }

    /// Whether this is it.
    pub fn is(&self, happening: &Happening, parties: &[Party]) -> bool {
        let me = |who: &str| who == self.who;
        let holds = |text: &str| self.words.as_ref().is_none_or(|words| text.contains(words.as_str()));
        let shown = |shows: &str| {
            let party = parties.iter().find(|party| party.name == self.who);
            shows == party.map_or(self.who.as_str(), |party| party.phone.as_str())
        };
        match (&happening.what, self.verb) {
            (What::Bridged { caller, callee }, Verb::Bridged) => {
                let pair = [caller.as_str(), callee.as_str()];
                pair.contains(&self.who.as_str()) && self.with.as_ref().is_none_or(|with| pair.contains(&with.as_str()))
            }
            (What::Rings { who, .. }, Verb::Rings)
            | (What::Answered { who, machine: false }, Verb::Answered)
            | (What::Answered { who, machine: true }, Verb::AnsweredByMachine)
            | (What::PickedUp { who }, Verb::PickedUp)
            | (What::Recorded { who, .. } | What::Recording { who }, Verb::Records)
            | (What::Queued { who, .. }, Verb::Queued) => me(who),
            (What::Hears { who, words }, Verb::Hears) | (What::Receives { who, words, .. }, Verb::Receives) => {
                me(who) && holds(words)
            }
            (What::HearsSound { who, url }, Verb::Hears) => me(who) && holds(url),
            (What::Rings { shows, .. } | What::Receives { shows, .. }, Verb::Shows) => shown(shows),
            (
                What::Dialled { .. }
                | What::Called { .. }
                | What::Rings { .. }
                | What::Unanswered { .. }
                | What::Answered { .. }
                | What::PickedUp { .. }
                | What::Hears { .. }
                | What::HearsSound { .. }
                | What::Presses { .. }
                | What::PressedNothing { .. }
                | What::Bridged { .. }
                | What::Queued { .. }
                | What::LeftQueue { .. }
                | What::Recording { .. }
                | What::Recorded { .. }
                | What::HangsUp { .. }
                | What::HungUp { .. }
                | What::Ended { .. }
                | What::Texts { .. }
                | What::Receives { .. }
                | What::Asked { .. }
                | What::Lost { .. }
                | What::Differed { .. }
                | What::Trouble { .. },
                _,
            ) => false,
        }
    }
}

impl fmt::Display for Never {
    /// As it is written in a file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb.word(), self.who)?;
        if let Some(with) = &self.with {
            write!(f, " {with}")?;
        }
        match &self.words {
            Some(words) => write!(f, " \"{words}\""),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Moment;

    fn people() -> Vec<Party> {
        let party = |name: &str, phone: &str| Party {
            name: name.to_owned(),
            phone: phone.to_owned(),
            acts: Vec::new(),
            rung: Vec::new(),
        };
        vec![party("ana", "+13125550101"), party("desk", "+13125550123")]
    }

    #[test]
    fn sentences_match_what_they_say_and_nothing_else() {
        let bridged = || What::Bridged { caller: "ana".into(), callee: "desk".into() };
        let hears = || What::Hears { who: "ana".into(), words: "This call is recorded.".into() };
        let rings = || What::Rings { who: "desk".into(), shows: "+13125550101".into() };
        let answered = |machine| What::Answered { who: "desk".into(), machine };
        for (text, what, expected, why) in [
            ("bridged ana desk", bridged(), true, "both"),
            ("bridged desk ana", bridged(), true, "the other way round"),
            ("bridged desk", bridged(), true, "with anybody"),
            ("bridged ana +13125550199", bridged(), false, "with somebody else"),
            ("hears ana", hears(), true, "anything"),
            ("hears ana \"is recorded\"", hears(), true, "a part of it"),
            ("hears ana \"press 1\"", hears(), false, "other words"),
            ("hears desk", hears(), false, "somebody else"),
            ("rings desk", rings(), true, "a ring"),
            ("shows ana", rings(), true, "by name"),
            ("shows +13125550101", rings(), true, "by number"),
            ("shows desk", rings(), false, "another number"),
            ("answered desk", answered(false), true, "a person"),
            ("answered desk", answered(true), false, "a machine is no person"),
            ("answered-by-machine desk", answered(true), true, "a machine"),
        ] {
            let never = Never::read(text, &people()).expect("it reads");
            let happening = Happening { at: Moment::default(), thread: 0, what };
            assert_eq!(never.is(&happening, &people()), expected, "{text}: {why}");
            assert_eq!(never.to_string(), text, "it is written as it was read");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (text, part) in [
            ("", "is none of: bridged WHO"),
            ("sings ana", "is none of"),
            ("rings", "is none of"),
            ("rings ana desk", "is none of"),
            ("rings ana \"x\"", "is none of"),
            ("hears ana \"x", "is none of"),
            ("hears ana \"\"", "is none of"),
            ("rings bob", "\"bob\" is nobody here; there are ana, desk"),
        ] {
            let why = Never::read(text, &people()).expect_err(text);
            assert!(why.contains(part), "{text}: {why}");
        }
    }
}
