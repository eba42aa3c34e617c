//! What was found out about numbers lately: the plans are searched by pattern, which takes microseconds, and the same
//! lines and technicians are rung all day.
//!
//! Deliberately not here: the search (`super::plan`). **Invariant:** what is remembered is what the search said; where
//! two numbers share a place, the later one is remembered.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{Kind, Region};
use crate::domain::E164;

/// Places; a power of two.
const PLACES: usize = 1 << 14;

const DIGITS: u32 = 50;
const NO_REGION: u64 = 0x3ff;

/// A word for each place, so that it is read and written whole: 50 bits of digits, 10 of region, 2 of kind. No number
/// has no digits, so an empty place is nobody's.
pub(super) struct Lately([AtomicU64; PLACES]);

impl Lately {
    pub(super) const fn new() -> Self {
        Self([const { AtomicU64::new(0) }; PLACES])
    }

    /// What was found out about a number, where it is remembered.
    pub(super) fn recall(&self, number: E164) -> Option<(Option<Region>, Kind)> {
        let word = self.0[place(number)].load(Ordering::Relaxed);
        let same = word & ((1 << DIGITS) - 1) == number.digits();
        same.then(|| (region((word >> DIGITS) & 0x3ff), kind(word >> (DIGITS + 10))))
    }

    /// Remembers it.
    pub(super) fn remember(&self, number: E164, (region, kind): (Option<Region>, Kind)) {
        let region = region.map_or(NO_REGION, |Region([a, b])| u64::from(a - b'A') * 26 + u64::from(b - b'A'));
        let word = number.digits() | region << DIGITS | (kind as u64) << (DIGITS + 10);
        self.0[place(number)].store(word, Ordering::Relaxed);
    }
}

/// Neighbours in a plan are neighbours here, so that they do not share a place.
fn place(number: E164) -> usize {
    usize::try_from(number.digits() % PLACES as u64).unwrap_or(0)
}

fn region(word: u64) -> Option<Region> {
    let letter = |no: u64| u8::try_from(no).ok().map(|no| b'A' + no);
    (word != NO_REGION).then(|| Some(Region([letter(word / 26)?, letter(word % 26)?]))).flatten()
}

fn kind(word: u64) -> Kind {
    match word & 3 {
        0 => Kind::Ordinary,
        1 => Kind::Premium,
        2 => Kind::SharedCost,
        _ => Kind::Satellite,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_remembered_is_what_was_said(
            digits in 1_000_000u64..1_000_000_000_000_000,
            letters in prop::option::of((b'A'..=b'Z', b'A'..=b'Z')),
            kind in prop::sample::select(vec![Kind::Ordinary, Kind::Premium, Kind::SharedCost, Kind::Satellite]),
        ) {
            let number = E164::from_digits(digits).expect("seven to fifteen digits");
            let found = (letters.map(|(a, b)| Region([a, b])), kind);
            static LATELY: Lately = Lately::new();
            LATELY.remember(number, found);
            prop_assert_eq!(LATELY.recall(number), Some(found));
            let neighbour = E164::from_digits(digits + PLACES as u64);
            prop_assert_eq!(neighbour.and_then(|other| LATELY.recall(other)), None, "it only has the same place");
        }
    }
}
