//! What is to come: the instants at which a place opens, closes, or changes in kind.
//!
//! Deliberately not here: the state of one instant ([`Hours::at`]).

use super::{Hours, HoursState};
use crate::domain::{Moment, Override};

impl Hours {
    /// The changes of state after `now` and before `until`, the first `most` of them: each instant with the state that
    /// begins there.
    ///
    /// Ask [`Hours::covers`] first, as with [`Hours::at`].
    pub fn changes(
        &self,
        now: Moment,
        until: Moment,
        overrides: &[Override],
        most: usize,
    ) -> Vec<(Moment, HoursState)> {
        let next = |state: &HoursState| {
            let at = state.until.filter(|at| *at < until)?;
            Some((at, self.at(at, overrides)))
        };
        std::iter::successors(next(&self.at(now, overrides)), |(_, state)| next(state)).take(most).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, chicago, compiled};
    use crate::domain::{Override, OverrideState};

    #[test]
    fn every_change_is_told_in_order() {
        let hours = compiled(&chicago());
        let (now, until) = (at("2026-03-13T12:00:00-05:00"), at("2026-03-16T17:00:00-05:00"));
        let by_hand = Override {
            state: OverrideState::Open,
            from: Some(at("2026-03-13T16:00:00-05:00")),
            until: Some(at("2026-03-13T20:00:00-05:00")),
        };
        let tell = |overrides: &[Override], most| -> Vec<String> {
            let changes = hours.changes(now, until, overrides, most);
            changes.iter().map(|(at, state)| format!("{} {}", hours.told(*at), state.state)).collect()
        };
        let weekend = ["2026-03-14 09:00 open", "2026-03-14 13:00 closed", "2026-03-16 08:00 open"];
        assert_eq!(tell(&[], 10), [&["2026-03-13 17:00 closed"], &weekend[..]].concat(), "the end is exclusive");
        let friday = ["2026-03-13 16:00 override_open", "2026-03-13 20:00 closed"];
        assert_eq!(tell(&[by_hand], 10), [&friday, &weekend[..]].concat());
        assert_eq!(tell(&[], 2).len(), 2, "no more than was asked for");
    }
}
