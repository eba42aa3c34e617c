//! Openings and closings by hand, laid over the compiled hours when they are asked about.
//!
//! An override holds in `[from, until)`; where two overlap, the later in the list wins. Without `until` it holds until
//! the next scheduled change between open and closed after its `from`. With neither it says no time at all and holds
//! never: [`Hours::bounded`] gives it both when it is made.
//!
//! Deliberately not here: where overrides are kept and who may make them.

use smallvec::SmallVec;

use super::{Hours, HoursSource, HoursState, HoursWord, LOOK_DAYS};
use crate::domain::{Moment, Override, OverrideState};

const EVER: Moment = Moment(i64::MIN);
const NEVER: Moment = Moment(i64::MAX);

/// An override with both its ends.
#[derive(Clone, Copy)]
struct Span {
    from: Moment,
    until: Moment,
    state: HoursWord,
}

/// What holds at an instant, and the nearest instants at which something else might.
#[derive(Clone, Copy)]
struct Stretch {
    start: Moment,
    end: Moment,
    state: HoursWord,
    source: HoursSource,
}

impl Stretch {
    fn same_state(&self, other: &Self) -> bool {
        (self.state, self.source) == (other.state, other.source)
    }
}

impl Hours {
    /// An override as it is to be kept: one that does not say when it begins does so `now`, and one that does not say
    /// when it ends does so at the next scheduled change after it begins (it stays open-ended where none is in sight).
    pub fn bounded(&self, by_hand: Override, now: Moment) -> Override {
        let from = by_hand.from.unwrap_or(now);
        Override { from: Some(from), until: by_hand.until.or_else(|| self.next_flip(from)), ..by_hand }
    }

    /// The answer where there are overrides.
    pub(super) fn at_overridden(&self, now: Moment, overrides: &[Override]) -> HoursState {
        let spans: SmallVec<[Span; 4]> = overrides.iter().map(|by_hand| self.span(by_hand)).collect();
        let (earliest, latest) = (now.plus_days(-LOOK_DAYS), now.plus_days(LOOK_DAYS));
        let current = self.stretch(now, &spans);

        let mut since = current.start;
        while since > earliest && since > EVER {
            let before = self.stretch(Moment(since.0 - 1), &spans);
            if !before.same_state(&current) {
                break;
            }
            since = before.start;
        }
        let (mut until, mut next_change) = (None, None);
        let mut end = current.end;
        while end <= latest && end < NEVER {
            let after = self.stretch(end, &spans);
            if until.is_none() && !after.same_state(&current) {
                until = Some(end);
            }
            if after.state.is_open() != current.state.is_open() {
                next_change = Some(end);
                break;
            }
            end = after.end;
        }
        let since = (since >= earliest && since > EVER).then_some(since);
        HoursState { state: current.state, since, until, next_change, source: current.source }
    }

    fn span(&self, by_hand: &Override) -> Span {
        let state = match by_hand.state {
            OverrideState::Open => HoursWord::OverrideOpen,
            OverrideState::Closed => HoursWord::OverrideClosed,
        };
        let (from, until) = match (by_hand.from, by_hand.until) {
            (from, Some(until)) => (from.unwrap_or(EVER), until),
            (Some(from), None) => (from, self.next_flip(from).unwrap_or(NEVER)),
            (None, None) => (EVER, EVER),
        };
        Span { from, until, state }
    }

    fn stretch(&self, at: Moment, spans: &[Span]) -> Stretch {
        let edges = || spans.iter().flat_map(|span| [span.from, span.until]);
        let start = edges().filter(|edge| *edge <= at).max().unwrap_or(EVER);
        let end = edges().filter(|edge| *edge > at).min().unwrap_or(NEVER);
        match spans.iter().rfind(|span| span.from <= at && at < span.until) {
            Some(span) => Stretch { start, end, state: span.state, source: HoursSource::Override },
            None => {
                let (scheduled, from, to) = self.segment(at);
                Stretch {
                    start: from.unwrap_or(EVER).max(start),
                    end: to.unwrap_or(NEVER).min(end),
                    state: scheduled.state,
                    source: scheduled.source,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, chicago, compiled, told};
    use super::*;

    fn by_hand(state: OverrideState, from: Option<&str>, until: Option<&str>) -> Override {
        Override { state, from: from.map(at), until: until.map(at) }
    }

    #[test]
    fn overrides_win() {
        use OverrideState::{Closed, Open};
        let hours = compiled(&chicago());
        let till_eight = by_hand(Open, Some("2026-03-09T16:00:00-05:00"), Some("2026-03-09T20:00:00-05:00"));
        let evening = by_hand(Open, Some("2026-03-09T18:00:00-05:00"), Some("2026-03-09T20:00:00-05:00"));
        let lunch = by_hand(Closed, Some("2026-03-09T12:00:00-05:00"), Some("2026-03-09T13:00:00-05:00"));
        let until_changed = by_hand(Closed, Some("2026-03-09T14:00:00-05:00"), None);
        let ever = by_hand(Open, None, Some("2026-03-09T20:00:00-05:00"));
        let no_time = by_hand(Closed, None, None);
        for (now, overrides, expected, why) in [
            (
                "19:59:00",
                &[till_eight][..],
                "override_open override 2026-03-09T16:00:00-05:00 2026-03-09T20:00:00-05:00 2026-03-09T20:00:00-05:00",
                "open until eight",
            ),
            (
                "20:00:00",
                &[till_eight],
                "closed weekly 2026-03-09T20:00:00-05:00 2026-03-10T08:00:00-05:00 2026-03-10T08:00:00-05:00",
                "its end is exclusive",
            ),
            (
                "15:59:59",
                &[till_eight],
                "open weekly 2026-03-09T08:00:00-05:00 2026-03-09T16:00:00-05:00 2026-03-09T20:00:00-05:00",
                "the schedule's 17:00 is no change while somebody holds the door open",
            ),
            (
                "17:30:00",
                &[evening],
                "closed weekly 2026-03-09T17:00:00-05:00 2026-03-09T18:00:00-05:00 2026-03-09T18:00:00-05:00",
                "one that is to come ends this state",
            ),
            (
                "12:30:00",
                &[lunch],
                "override_closed override 2026-03-09T12:00:00-05:00 2026-03-09T13:00:00-05:00 2026-03-09T13:00:00-05:00",
                "closed for lunch",
            ),
            (
                "16:00:00",
                &[until_changed],
                "override_closed override 2026-03-09T14:00:00-05:00 2026-03-09T17:00:00-05:00 2026-03-10T08:00:00-05:00",
                "without an end: until the next scheduled change, which closes too",
            ),
            (
                "12:30:00",
                &[till_eight, lunch],
                "override_closed override 2026-03-09T12:00:00-05:00 2026-03-09T13:00:00-05:00 2026-03-09T13:00:00-05:00",
                "they do not overlap",
            ),
            (
                "12:30:00",
                &[ever, lunch],
                "override_closed override 2026-03-09T12:00:00-05:00 2026-03-09T13:00:00-05:00 2026-03-09T13:00:00-05:00",
                "the later in the list wins",
            ),
            (
                "12:30:00",
                &[lunch, ever],
                "override_open override - 2026-03-09T20:00:00-05:00 2026-03-09T20:00:00-05:00",
                "also the other way round; since ever is no date",
            ),
            (
                "12:30:00",
                &[no_time],
                "open weekly 2026-03-09T08:00:00-05:00 2026-03-09T17:00:00-05:00 2026-03-09T17:00:00-05:00",
                "with no time at all it never holds",
            ),
        ] {
            assert_eq!(told(&hours, &format!("2026-03-09T{now}-05:00"), overrides), expected, "{why} ({now})");
        }
        let kept = hours.bounded(no_time, at("2026-03-09T12:30:00-05:00"));
        assert_eq!(kept, by_hand(Closed, Some("2026-03-09T12:30:00-05:00"), Some("2026-03-09T17:00:00-05:00")));
    }
}
