//! PINs: on one number no two live sessions have the same one, or a stranger who types it could be either.
//!
//! Deliberately not here: asking callers for them (`routing`).

use std::collections::HashSet;

use crate::domain::{MaskingNumber, Moment, Phase, Pins};
use crate::routing::job::stands;
use crate::rules::ruleset::Ruleset;

/// The PINs of the live sessions on a number.
pub fn taken(base: &Ruleset, number: MaskingNumber, now: Moment) -> HashSet<&str> {
    let live = base
        .sessions
        .iter()
        .filter(|session| session.number == number && !matches!(stands(base, session, now), Phase::Over { .. }));
    let pins = live.filter_map(|session| session.options.terms.as_ref()?.pins.as_ref());
    pins.flat_map(|pins| [pins.first.as_str(), pins.second.as_str()]).collect()
}

/// Whether the PINs can be had beside those that are taken: those that are given are free, or there is room for two that
/// are made.
pub fn fit(pins: &Pins, taken: &HashSet<&str>) -> bool {
    match pins.generated {
        None => !taken.contains(pins.first.as_str()) && !taken.contains(pins.second.as_str()),
        Some(length) => (taken.len() as u64) + 2 <= 10_u64.pow(u32::from(length)),
    }
}

/// Makes the PINs that are to be made; `dice` gives numbers that nobody can guess. `None` where it gives none, or there is
/// no room.
pub fn made(pins: &Pins, taken: &HashSet<&str>, mut dice: impl FnMut() -> Option<u64>) -> Option<Pins> {
    let Some(length) = pins.generated else { return Some(pins.clone()) };
    if !fit(pins, taken) {
        return None;
    }
    let all = 10_u64.pow(u32::from(length));
    let mut free = |other: &str| {
        let begin = dice()? % all;
        // From a place that nobody can guess, the next one that is free.
        let mut from_there =
            (0..all).map(|step| format!("{:0width$}", (begin + step) % all, width = usize::from(length)));
        from_there.find(|pin| pin != other && !taken.contains(pin.as_str()))
    };
    let first = free("")?;
    let second = free(&first)?;
    Some(Pins { first, second, ..pins.clone() })
}

/// A number that nobody can guess.
pub fn dice() -> Option<u64> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).ok()?;
    Some(u64::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pins(generated: Option<u8>) -> Pins {
        Pins {
            first: "1111".into(),
            second: "2222".into(),
            generated,
            forced: false,
            prompt_play: String::new(),
            incorrect_play: None,
            retry: 1,
            retry_wait: 5,
        }
    }

    #[test]
    fn pins_that_are_given_are_free_or_not() {
        for (taken, fits, why) in [
            (&[][..], true, "nobody has any"),
            (&["3333"][..], true, "others"),
            (&["2222"][..], false, "the second's"),
            (&["1111", "3333"][..], false, "the first's"),
        ] {
            assert_eq!(fit(&pins(None), &taken.iter().copied().collect()), fits, "{why}");
        }
    }

    #[test]
    fn pins_that_are_made_are_two_and_free() {
        let mut given = [17, 17, 10_000, 9_999].into_iter();
        let taken: HashSet<&str> = ["0017", "0018"].into();
        let one = made(&pins(Some(4)), &taken, || given.next()).expect("room");
        assert_eq!((one.first.as_str(), one.second.as_str()), ("0019", "0020"), "the same throw twice");
        let two = made(&pins(Some(4)), &["9999"].into(), || given.next()).expect("room");
        assert_eq!((two.first.as_str(), two.second.as_str()), ("0000", "0001"), "round the corner");
        assert_eq!(made(&pins(Some(15)), &taken, || Some(u64::MAX)).map(|pins| pins.first.len()), Some(15));
        assert_eq!(made(&pins(Some(4)), &taken, || None), None, "no dice");
    }

    #[test]
    fn a_number_is_full_when_two_more_do_not_fit() {
        let all: Vec<String> = (0..9_999).map(|pin| format!("{pin:04}")).collect();
        let but = |left: usize| all.iter().skip(left).map(String::as_str).collect::<HashSet<_>>();
        assert!(!fit(&pins(Some(4)), &but(0)), "one is left");
        assert!(fit(&pins(Some(4)), &but(1)), "two are left");
        let made = made(&pins(Some(4)), &but(1), || Some(5)).expect("room");
        assert_eq!((made.first.as_str(), made.second.as_str()), ("9999", "0000"), "these two");
    }
}
