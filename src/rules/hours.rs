//! Opening hours as a question with an answer: is this place open at this instant, since when, until when, and why.
//!
//! A location's hours are compiled once, to the instants at which its state changes; a question is a binary search.
//!
//! Deliberately not here: overrides' storage, and what a call does with the answer.

mod ahead;
mod calendar;
mod local;
mod overrides;
mod remarks;
mod shared;
mod timeline;

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::tz::TimeZone;

pub use calendar::HOURS_MAX_CHARS;
pub use local::{Local, LocalDate};

use crate::domain::settings::words;
use crate::domain::{Location, Moment, Override};
use crate::rules::zones;
use calendar::Calendar;
use shared::{Shared, Words};
use timeline::Segment;

words! {
    /// Whether a place is in hours, and of what kind that is.
    HoursWord {
        /// In hours.
        Open = "open",
        /// Out of hours.
        Closed = "closed",
        /// Out of hours because of a closed date or a public holiday.
        Holiday = "holiday",
        /// Opened by hand.
        OverrideOpen = "override_open",
        /// Closed by hand.
        OverrideClosed = "override_closed",
    }
}

impl HoursWord {
    /// Whether calls go where they go in hours.
    pub const fn is_open(self) -> bool {
        match self {
            Self::Open | Self::OverrideOpen => true,
            Self::Closed | Self::Holiday | Self::OverrideClosed => false,
        }
    }
}

words! {
    /// What decided the state.
    HoursSource {
        /// A person.
        Override = "override",
        /// The date has hours of its own.
        SpecialHours = "special_hours",
        /// The date is closed.
        ClosedDates = "closed_dates",
        /// A public holiday.
        PublicHoliday = "public_holiday",
        /// The week's hours.
        Weekly = "weekly",
        /// The place has no hours, so it is always open.
        None = "none",
    }
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HoursState {
    /// Open or not, and of what kind.
    pub state: HoursWord,
    /// When this state began; `None` when that is more than 400 days ago.
    pub since: Option<Moment>,
    /// When it ends; `None` when that is more than 400 days away.
    pub until: Option<Moment>,
    /// The next flip between open and closed; `None` when there is none within 400 days.
    pub next_change: Option<Moment>,
    /// What decided it.
    pub source: HoursSource,
}

/// Something wrong, or worth knowing, in what a location says of its hours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HoursMistake {
    /// The location's field: `time_zone`, `hours`, `holidays`, `closed_dates` or `special_hours`.
    pub field: String,
    /// What is wrong with it, and what would be right.
    pub message: String,
}

impl HoursMistake {
    fn new(field: &str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), message: message.into() }
    }
}

/// How far an answer looks back and ahead, in days.
pub const LOOK_DAYS: i64 = 400;

/// How much longer than [`LOOK_DAYS`] the compiled hours reach, into the past and into the future.
const PAST_SPARE_DAYS: i64 = 2;
const FUTURE_SPARE_DAYS: i64 = 45;

/// A location's hours, compiled. Cheap to clone.
///
/// **Invariant:** there is at least one segment, and the first begins where the horizon does.
#[derive(Clone, Debug)]
pub struct Hours {
    segments: Arc<[Segment]>,
    begins: Moment,
    ends: Moment,
    zone: TimeZone,
}

impl Hours {
    /// Compiles a location's hours for questions about instants around `around`; its overrides are left out, they
    /// come with each question.
    ///
    /// Where a calendar gives no clear answer (a regional holiday) the day is a working day. Precedence, and what
    /// each replaces: special hours the whole local day; a closed date the whole local day, with the spill of the
    /// night before; then the string, in which a later `;` rule replaces the day in the same way. Special hours that
    /// run past midnight do so into any day but one with special hours of its own.
    ///
    /// # Errors
    ///
    /// Everything in the location's zone, hours, holidays, closed dates and special hours that cannot be read.
    pub fn compile(location: &Location, around: Moment) -> Result<Self, Vec<HoursMistake>> {
        static SHARED: Shared = Shared::new();
        let words = Words::of(location);
        if let Some(hours) = SHARED.find(&words, around) {
            return Ok(hours);
        }
        let hours = Self::compiled(location, around)?;
        SHARED.keep(words, &hours);
        Ok(hours)
    }

    fn compiled(location: &Location, around: Moment) -> Result<Self, Vec<HoursMistake>> {
        let zone = zone_of(location);
        let calendar = Calendar::read(location);
        let (zone, calendar) = match (zone, calendar) {
            (Ok(zone), Ok(calendar)) => (zone, calendar),
            (zone, calendar) => {
                return Err(zone.err().into_iter().chain(calendar.err().into_iter().flatten()).collect());
            }
        };
        let around = around.clamp(EARLIEST, LATEST);
        let begins = around.plus_days(-LOOK_DAYS - PAST_SPARE_DAYS);
        let ends = around.plus_days(LOOK_DAYS + FUTURE_SPARE_DAYS);
        let segments = timeline::segments(&calendar, &zone, begins, ends).into();
        Ok(Self { segments, begins, ends, zone })
    }

    /// Whether the compiled hours reach far enough to answer about `now`: 400 days back and ahead. Where they do not,
    /// compile them again around `now`.
    pub fn covers(&self, now: Moment) -> bool {
        self.begins <= now.plus_days(-LOOK_DAYS) && now.plus_days(LOOK_DAYS) <= self.ends
    }

    /// The state at `now`, under these overrides: the later in the list wins where two overlap.
    ///
    /// Ask [`Hours::covers`] first: outside the compiled time the nearest state that is known is the answer.
    pub fn at(&self, now: Moment, overrides: &[Override]) -> HoursState {
        if !overrides.is_empty() {
            return self.at_overridden(now, overrides);
        }
        let (segment, since, until) = self.segment(now);
        let (earliest, latest) = (now.plus_days(-LOOK_DAYS), now.plus_days(LOOK_DAYS));
        HoursState {
            state: segment.state,
            since: since.filter(|since| *since >= earliest),
            until: until.filter(|until| *until <= latest),
            next_change: self.flip_of(segment).filter(|flip| *flip <= latest),
            source: segment.source,
        }
    }

    /// The scheduled segment of an instant, and its ends; `None` for an end that is beyond the compiled time.
    fn segment(&self, at: Moment) -> (&Segment, Option<Moment>, Option<Moment>) {
        let after = self.segments.partition_point(|segment| segment.start <= at).max(1);
        let segment = &self.segments[after - 1];
        let since = (after > 1).then_some(segment.start);
        (segment, since, self.segments.get(after).map(|next| next.start))
    }

    /// The next scheduled change between open and closed after an instant.
    fn next_flip(&self, after: Moment) -> Option<Moment> {
        self.flip_of(self.segment(after).0)
    }

    fn flip_of(&self, segment: &Segment) -> Option<Moment> {
        let flip = usize::try_from(segment.flip).ok()?;
        self.segments.get(flip).map(|segment| segment.start)
    }
}

/// The years that are compiled: opening hours are read in the Gregorian calendar, from 1900 on.
const EARLIEST: Moment = Moment::from_seconds(-2_145_916_800);
const LATEST: Moment = Moment::from_seconds(32_503_680_000);

fn zone_of(location: &Location) -> Result<TimeZone, HoursMistake> {
    zones::zone(&location.time_zone).ok_or_else(|| {
        let message = if location.time_zone.is_empty() {
            "a location needs its IANA time zone, such as \"America/Chicago\"".to_owned()
        } else {
            let name: String = location.time_zone.chars().filter(|c| !c.is_control()).take(60).collect();
            format!("\"{name}\" is no IANA time zone: write a name such as \"America/Chicago\"")
        };
        HoursMistake::new("time_zone", message)
    })
}
