//! Opening hours as a question with an answer: is this place open at this instant, since when, until when, and why.
//!
//! Deliberately not here: overrides' storage, and what a call does with the answer.

use crate::domain::Moment;
use crate::domain::settings::words;

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

/// A location's hours, compiled.
#[derive(Debug)]
pub struct Hours {}
