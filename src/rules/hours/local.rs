//! The wall clock of a location: its local date, weekday and minute, and instants as its people read them.
//!
//! Deliberately not here: whether it is open (see [`super::Hours::at`]).

use std::fmt;

use jiff::tz::Offset;

use super::Hours;
use crate::domain::Moment;
use crate::rules::zones::timestamp;

/// A local date. Equal dates are the same local day: the key of "once per customer and day".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LocalDate {
    /// The year.
    pub year: i16,
    /// The month, from 1.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
}

impl fmt::Display for LocalDate {
    /// `2026-03-09`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// What a calendar and a clock on the location's wall show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Local {
    /// The date.
    pub date: LocalDate,
    /// Monday = 1 … Sunday = 7.
    pub weekday: u8,
    /// Minutes after midnight on the wall, 0–1439.
    pub minute_of_day: u16,
}

impl Hours {
    /// The local date and time of an instant.
    pub fn local(&self, now: Moment) -> Local {
        let wall = self.zone.to_datetime(timestamp(now));
        let number = |n: i8| n.unsigned_abs();
        Local {
            date: LocalDate { year: wall.year(), month: number(wall.month()), day: number(wall.day()) },
            weekday: number(wall.weekday().to_monday_one_offset()),
            minute_of_day: u16::from(number(wall.hour())) * 60 + u16::from(number(wall.minute())),
        }
    }

    /// The instant at which the local day of `now` began: midnight, or the first instant after it where the clocks
    /// skip midnight.
    pub fn day_began(&self, now: Moment) -> Moment {
        let wall = timestamp(now).to_zoned(self.zone.clone());
        wall.start_of_day().map_or(now, |start| Moment(start.timestamp().as_microsecond()))
    }

    /// An instant in local time with its offset (RFC 3339): `2026-03-09T17:00:00-05:00`; with a fraction only where
    /// there is one.
    pub fn rfc3339(&self, at: Moment) -> String {
        let at = timestamp(at);
        at.display_with_offset(self.offset(at)).to_string()
    }

    /// An instant as a sentence tells it, by the clock on the wall: `2026-03-09 17:00`; with seconds only where there
    /// are some.
    pub fn told(&self, at: Moment) -> String {
        let wall = self.zone.to_datetime(timestamp(at));
        let Local { date, minute_of_day, .. } = self.local(at);
        let (hour, minute) = (minute_of_day / 60, minute_of_day % 60);
        match wall.second() {
            0 => format!("{date} {hour:02}:{minute:02}"),
            second => format!("{date} {hour:02}:{minute:02}:{second:02}"),
        }
    }

    /// The instants in `[from, to)` at which the clocks change.
    pub fn clock_changes(&self, from: Moment, to: Moment) -> Vec<Moment> {
        let mut offset = self.offset(timestamp(from));
        let changes = self.zone.following(timestamp(from)).take_while(|change| change.timestamp() < timestamp(to));
        changes
            .filter(|change| std::mem::replace(&mut offset, change.offset()) != change.offset())
            .map(|change| Moment(change.timestamp().as_microsecond()))
            .collect()
    }

    fn offset(&self, at: jiff::Timestamp) -> Offset {
        self.zone.to_offset(at)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, chicago, compiled};

    #[test]
    fn the_wall_clock_is_local() {
        let hours = compiled(&chicago());
        let local = hours.local(at("2026-03-09T03:30:00Z"));
        assert_eq!(
            (local.date.to_string().as_str(), local.weekday, local.minute_of_day),
            ("2026-03-08", 7, 22 * 60 + 30)
        );
        assert_eq!(hours.local(at("2026-03-09T14:02:59Z")).weekday, 1);
        assert_eq!(hours.rfc3339(at("2026-12-01T12:00:00.25Z")), "2026-12-01T06:00:00.25-06:00");
        assert_eq!(hours.told(at("2026-12-01T15:05:00.25Z")), "2026-12-01 09:05");
        assert_eq!(hours.told(at("2026-03-09T14:02:09Z")), "2026-03-09 09:02:09");
        assert_eq!(hours.day_began(at("2026-03-08T12:00:00-05:00")), at("2026-03-08T00:00:00-06:00"));
        let changes = hours.clock_changes(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
        assert_eq!(changes, [at("2026-03-08T08:00:00Z"), at("2026-11-01T07:00:00Z")]);
    }
}
