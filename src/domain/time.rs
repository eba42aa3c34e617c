//! Instants, as microseconds since 1970 in UTC: one `i64`, the same in memory, in a column and in JSON.
//!
//! Deliberately not here: reading a clock (see [`super::clock`]) and local time (see `rules::hours`).

use std::fmt;
use std::time::Duration;

/// An instant, in microseconds since the Unix epoch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(pub i64);

impl Moment {
    /// The instant `seconds` after the epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This instant moved `by` later, saturating at the end of time.
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
    }

    /// This instant moved `by` earlier, saturating at the beginning of time.
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
    }

    /// This instant moved by whole days of 24 hours.
    pub const fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(86_400_000_000)))
    }

    /// How long after `earlier` this is; zero when it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Reads an RFC 3339 instant with an offset, such as `2026-03-09T09:02:11-05:00`; `None` for anything else.
    pub fn read(text: &str) -> Option<Self> {
        chrono::DateTime::parse_from_rfc3339(text).ok().map(|at| Self(at.timestamp_micros()))
    }
}

impl fmt::Display for Moment {
    /// RFC 3339 in UTC, with a fraction only where there is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match chrono::DateTime::from_timestamp_micros(self.0) {
            Some(at) => f.write_str(&at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)),
            None => write!(f, "{}us", self.0),
        }
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_reads_back_as_it_was_written() {
        for (text, why) in [
            ("2026-03-09T14:02:11Z", "whole seconds"),
            ("2026-03-09T14:02:11.250Z", "milliseconds"),
            ("1970-01-01T00:00:00Z", "the epoch"),
            ("2100-12-31T23:59:59.000001Z", "microseconds"),
        ] {
            assert_eq!(Moment::read(text).expect(why).to_string(), text, "{why}");
        }
        assert_eq!(Moment::read("2026-03-09T09:02:11-05:00"), Moment::read("2026-03-09T14:02:11Z"));
        assert_eq!(Moment::read("2026-03-09T09:02:11"), None, "without an offset it is no instant");
    }
}
