//! PINs as a call knows them: what was typed, where the asking stands, and how often in a row a phone was wrong.
//!
//! Deliberately not here: the PINs themselves (`terms::Pins`), and what follows from a right or wrong one
//! (`routing::pin`).

use std::fmt;
use std::time::Duration;

use super::digit::Digit;
use super::ids::SessionId;
use super::settings::words;
use super::time::Moment;

/// The most keys that are looked at; a PIN has fifteen at the most.
pub const LONGEST_PIN: u8 = 15;

/// Wrong PINs in a row that lock a phone out of a number.
const TOO_MANY: u8 = 3;

/// How long it is locked out.
const LOCKED: Duration = Duration::from_secs(600);

/// How long a wrong PIN counts towards a row.
const REMEMBERED: Duration = Duration::from_secs(86_400);

/// Keys that a caller typed one after another. They may be a PIN, so they are shown to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Typed(String);

impl Typed {
    /// Reads keys of a telephone, at least one; `None` for anything else.
    pub fn read(text: &str) -> Option<Self> {
        let is_key = |key: char| Digit::read(key.encode_utf8(&mut [0; 4])).is_some();
        (!text.is_empty() && text.chars().all(is_key)).then(|| Self(text.to_owned()))
    }

    /// Whether exactly this was typed.
    pub fn is(&self, pin: &str) -> bool {
        self.0 == pin
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed(…)")
    }
}

/// A PIN that a caller is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PinState {
    /// The session that asks: the caller's own, or of several the newest on the number, whose sounds are played.
    pub session: SessionId,
    /// Whether it is the caller's own, which asks even the phones of its parties: then only their own PIN is right.
    pub own: bool,
    /// Times it was asked for.
    pub rounds: u8,
}

words! {
    /// Why a PIN did not let its caller through.
    PinRefusal {
        /// It is none, or another's.
        Wrong = "wrong",
        /// None was typed.
        Nothing = "nothing",
        /// The phone is locked out of the number.
        Locked = "locked",
    }
}

/// Wrong PINs of one phone on one number, one after another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PinStreak {
    /// How many.
    pub wrong: u8,
    /// When the last one was typed.
    pub at: Moment,
}

impl PinStreak {
    /// Until when the phone is locked out, where it is at `now`.
    pub fn locked_until(self, now: Moment) -> Option<Moment> {
        let until = self.at.plus(LOCKED);
        (self.wrong >= TOO_MANY && now < until).then_some(until)
    }

    /// How many of them still count at `now`: none once a lock is over, or after a day.
    pub fn counting(self, now: Moment) -> u8 {
        let over = self.wrong >= TOO_MANY && self.locked_until(now).is_none();
        if over || self.is_forgotten(now) { 0 } else { self.wrong }
    }

    /// Whether it is too old to matter.
    pub fn is_forgotten(self, now: Moment) -> bool {
        now.since(self.at) >= REMEMBERED
    }

    /// The row after one more wrong PIN at `now`.
    #[must_use]
    pub fn and_one_more(known: Option<Self>, now: Moment) -> Self {
        Self { wrong: known.map_or(0, |known| known.counting(now)).saturating_add(1), at: now }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_are_kept_as_they_were_typed_and_shown_to_nobody() {
        for (text, expected, why) in [
            ("0042", true, "a PIN may begin with noughts"),
            ("12*4", true, "a wrong key is a wrong PIN, not none"),
            ("", false, "nothing was typed"),
            ("hangup", false, "no keys"),
            ("12 34", false, "no key either"),
        ] {
            assert_eq!(Typed::read(text).is_some(), expected, "{why}");
        }
        let typed = Typed::read("0042").expect("keys");
        assert!(typed.is("0042") && !typed.is("42"), "a text, not a number");
        assert_eq!(format!("{typed:?}"), "Typed(…)");
    }

    #[test]
    fn three_in_a_row_lock_for_ten_minutes() {
        let at = Moment::from_seconds(1_000_000);
        for (wrong, seconds, locked, counting, why) in [
            (2, 1, false, 2, "two are not enough"),
            (3, 0, true, 3, "the third locks at once"),
            (3, 599, true, 3, "the last second"),
            (3, 600, false, 0, "ten minutes are over, and it begins anew"),
            (2, 86_399, false, 2, "nearly a day"),
            (2, 86_400, false, 0, "after a day nobody remembers"),
        ] {
            let streak = PinStreak { wrong, at };
            let now = at.plus(Duration::from_secs(seconds));
            assert_eq!(streak.locked_until(now).is_some(), locked, "{why}");
            assert_eq!(streak.counting(now), counting, "{why}");
        }
    }

    proptest! {
        /// However wrong PINs are spread over time, whoever is locked out typed three within a day's steps, and no lock
        /// lasts for more than ten minutes after its last PIN.
        #[test]
        fn a_lock_is_three_wrong_ones_in_a_row(gaps in prop::collection::vec(0u64..100_000, 1..12)) {
            let mut now = Moment::from_seconds(1_000_000);
            let (mut known, mut row) = (None::<PinStreak>, 0u32);
            for gap in gaps {
                let later = now.plus(Duration::from_secs(gap));
                // Nobody is heard while locked out.
                if known.and_then(|known| known.locked_until(later)).is_some() {
                    prop_assert!(row >= 3 && gap < 600);
                    continue;
                }
                row = if row >= 3 || gap >= 86_400 { 1 } else { row + 1 };
                now = later;
                known = Some(PinStreak::and_one_more(known, now));
                prop_assert_eq!(known.and_then(|known| known.locked_until(now)).is_some(), row >= 3);
            }
        }
    }
}
