//! Hours that were compiled before: places with the same words share them, and so do the worlds of a thousand fixtures.
//!
//! Deliberately not here: compiling. **Invariant:** what is shared was compiled from the same words, and covers the time
//! that it is asked for.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use super::Hours;
use crate::domain::{Location, Moment};

/// Places that are remembered, and times of each; some ten kilobytes a time.
const MOST: usize = 512;
const TIMES: usize = 4;

/// All that hours are compiled from.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Words {
    time_zone: String,
    hours: String,
    holidays: String,
    closed_dates: Vec<String>,
    special_hours: BTreeMap<String, String>,
}

impl Words {
    pub(super) fn of(location: &Location) -> Self {
        Self {
            time_zone: location.time_zone.clone(),
            hours: location.hours.clone(),
            holidays: location.holidays.clone(),
            closed_dates: location.closed_dates.clone(),
            special_hours: location.special_hours.clone(),
        }
    }
}

/// Compiled hours by their words.
#[derive(Default)]
pub(super) struct Shared(Mutex<Option<HashMap<Words, Vec<Hours>>>>);

impl Shared {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Hours of these words that cover a time.
    pub(super) fn find(&self, words: &Words, around: Moment) -> Option<Hours> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.as_ref()?.get(words)?.iter().find(|hours| hours.covers(around)).cloned()
    }

    /// Remembers hours; where there are too many, the others are forgotten.
    pub(super) fn keep(&self, words: Words, hours: &Hours) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.get_or_insert_default();
        if known.len() >= MOST {
            known.clear();
        }
        let times = known.entry(words).or_default();
        if times.len() >= TIMES {
            times.remove(0);
        }
        times.push(hours.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, chicago};
    use super::*;

    #[test]
    fn only_the_same_words_at_a_time_that_is_covered_are_shared() {
        let shared = Shared::new();
        let (location, now) = (chicago(), at("2026-03-09T14:00:00Z"));
        let hours = Hours::compile(&location, now).expect("its hours");
        assert!(shared.find(&Words::of(&location), now).is_none(), "nothing is known yet");
        shared.keep(Words::of(&location), &hours);
        assert!(shared.find(&Words::of(&location), now).is_some());
        assert!(shared.find(&Words::of(&location), now.plus_days(40)).is_some(), "still covered");
        assert!(shared.find(&Words::of(&location), now.plus_days(60)).is_none(), "too far ahead");
        assert!(shared.find(&Words::of(&location), now.plus_days(-5)).is_none(), "too far back");
        for (other, why) in [
            (Location { hours: "24/7".to_owned(), ..chicago() }, "other hours"),
            (Location { time_zone: "America/Denver".to_owned(), ..chicago() }, "another zone"),
            (Location { holidays: "CA".to_owned(), ..chicago() }, "other holidays"),
            (Location { closed_dates: vec!["2026-03-10".to_owned()], ..chicago() }, "a closed date"),
        ] {
            assert!(shared.find(&Words::of(&other), now).is_none(), "{why}");
        }
        for no in 0..2 * MOST {
            shared.keep(Words { time_zone: no.to_string(), ..Words::of(&location) }, &hours);
            shared.keep(Words::of(&location), &hours);
        }
        let known = shared.0.lock().expect("nobody panicked");
        let known = known.as_ref().expect("some are kept");
        assert!(known.len() <= MOST && known.values().all(|times| times.len() <= TIMES), "it does not grow for ever");
    }
}
