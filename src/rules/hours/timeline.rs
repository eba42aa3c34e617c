//! A calendar and a zone, compiled to the instants at which the state changes.
//!
//! The horizon is cut where the zone's offset changes. Between two cuts a local time is an instant plus a constant, so
//! each day's pieces are laid down on the wall and shifted: 08:00 stays 08:00, an hour that the clocks skip is not
//! there, and an hour that they repeat is there twice.
//!
//! Deliberately not here: overrides, and questions (both are [`super::Hours`]'s).

use chrono::{DateTime, NaiveDate, NaiveTime};
use jiff::tz::TimeZone;

use super::calendar::Calendar;
use super::{HoursSource, HoursWord};
use crate::domain::Moment;
use crate::rules::zones::timestamp;

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;

/// A state that holds from `start` until the next segment's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    pub start: Moment,
    pub state: HoursWord,
    pub source: HoursSource,
    /// Index of the first later segment that is open where this is closed or the reverse; the segments' count where
    /// there is none.
    pub flip: u32,
}

/// The segments of `[begins, ends)`, in order, no two neighbours alike. The first starts at `begins`.
pub fn segments(calendar: &Calendar, zone: &TimeZone, begins: Moment, ends: Moment) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut changes = zone.following(timestamp(begins)).map(|change| Moment(change.timestamp().as_microsecond()));
    let mut from = begins;
    while from < ends {
        let to = changes.next().map_or(ends, |change| change.min(ends));
        let offset = i64::from(zone.to_offset(timestamp(from)).seconds()) * SECOND;
        stretch(&mut segments, calendar, from, to, offset);
        from = to;
    }
    link(&mut segments);
    segments
}

/// Lays down `[from, to)`, in which local time is UTC plus `offset` microseconds.
fn stretch(segments: &mut Vec<Segment>, calendar: &Calendar, from: Moment, to: Moment, offset: i64) {
    let Some(first) = local_date(from, offset) else { return };
    for date in first.iter_days() {
        let midnight = midnight_utc(date, offset);
        if midnight >= to {
            break;
        }
        for piece in calendar.day(date) {
            let start = Moment(midnight.0 + i64::from(piece.minutes.start) * MINUTE).max(from);
            let end = Moment(midnight.0 + i64::from(piece.minutes.end) * MINUTE).min(to);
            let goes_on = segments.last().is_some_and(|last| (last.state, last.source) == (piece.state, piece.source));
            if start < end && !goes_on {
                segments.push(Segment { start, state: piece.state, source: piece.source, flip: 0 });
            }
        }
    }
}

/// Fills in every segment's `flip`.
fn link(segments: &mut [Segment]) {
    let count = u32::try_from(segments.len()).unwrap_or(u32::MAX);
    let mut flip = count;
    let mut later: Option<bool> = None;
    for (index, segment) in (0..count).zip(segments).rev() {
        let open = segment.state.is_open();
        if later.is_some_and(|later| later != open) {
            flip = index + 1;
        }
        segment.flip = flip;
        later = Some(open);
    }
}

fn local_date(at: Moment, offset: i64) -> Option<NaiveDate> {
    DateTime::from_timestamp_micros(at.0.saturating_add(offset)).map(|local| local.date_naive())
}

fn midnight_utc(date: NaiveDate, offset: i64) -> Moment {
    Moment(date.and_time(NaiveTime::MIN).and_utc().timestamp_micros().saturating_sub(offset))
}
