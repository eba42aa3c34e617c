//! Values as a reason's sentence tells them: words of ours in plain English, everything else as it is.
//!
//! Deliberately not here: the sentences.

use std::fmt::{self, Display};

use crate::domain::{
    Channel, ContactBy, Digit, EndedBy, LegOutcome, LocationId, NoMatchAction, Route, RuleRoute, SessionId,
    TechnicianId,
};
use crate::rules::hours::{HoursSource, HoursState};

/// A value that a sentence can hold.
pub trait Told {
    /// The words for it.
    fn told(&self) -> impl Display;
}

macro_rules! as_it_is {
    ($($type:ty)*) => {$(
        impl Told for $type {
            fn told(&self) -> impl Display {
                self
            }
        }
    )*};
}

as_it_is!(SessionId TechnicianId LocationId String &'static str u8 u16 u32 usize Digit Open);

impl Told for Channel {
    fn told(&self) -> impl Display {
        match self {
            Self::Voice => "calls",
            Self::Sms => "texts",
        }
    }
}

impl Told for ContactBy {
    fn told(&self) -> impl Display {
        match self {
            Self::Technician => "The technician",
            Self::Backoffice => "The back office",
            Self::Customer => "The customer",
        }
    }
}

impl Told for Route {
    fn told(&self) -> impl Display {
        match self {
            Self::Technician => "the technician",
            Self::Backoffice => "the back office",
            Self::Voicemail => "voicemail",
        }
    }
}

impl Told for EndedBy {
    fn told(&self) -> impl Display {
        match self {
            Self::Job => "with its job",
            Self::Api => "because somebody ended it",
            Self::Expiry => "because its time was over",
        }
    }
}

impl Told for LegOutcome {
    fn told(&self) -> impl Display {
        match self {
            Self::Connected => "two parties talked",
            Self::Rejected => "a wrong key was pressed twice",
            Self::ScreenTimeout => "somebody or something answered, and no key was pressed in time",
            Self::CalleeGone => "whoever answered hung up before being connected",
            Self::NoAnswer => "nobody answered",
            Self::Busy => "the line was busy",
            Self::Failed => "the network could not reach the phone",
            Self::Canceled => "it was taken back",
            Self::CallerGone => "the caller hung up first",
        }
    }
}

impl Told for RuleRoute {
    fn told(&self) -> impl Display {
        match self {
            Self::Route(route) => format!("it goes to {}", route.told()),
            Self::NoMatch(NoMatchAction::Hangup) => "the caller is told goodbye".to_owned(),
            Self::NoMatch(NoMatchAction::Voicemail) => "it goes to voicemail".to_owned(),
            Self::NoMatch(NoMatchAction::DispatcherQueue) => "the caller waits for a dispatcher".to_owned(),
            Self::Technician(id) => format!("it goes to technician {id}"),
            Self::Line(id) => format!("it goes to back-office line {id}"),
        }
    }
}

/// The hours as a sentence ends with them: until when, and what decided it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Open {
    until: Option<String>,
    source: HoursSource,
}

impl Open {
    /// Takes what a sentence needs from the state; `until` is the local wording of its end.
    pub fn new(state: &HoursState, until: Option<String>) -> Self {
        Self { until, source: state.source }
    }
}

impl Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(until) = &self.until {
            write!(f, " until {until}")?;
        }
        f.write_str(match self.source {
            HoursSource::Override => "",
            HoursSource::SpecialHours => ", by special hours for the day",
            HoursSource::ClosedDates => ", as one of the days it is closed on",
            HoursSource::PublicHoliday => ", as on every public holiday",
            HoursSource::Weekly => ", by its weekly hours",
            HoursSource::None => ": it has no opening hours, so it always is",
        })
    }
}
