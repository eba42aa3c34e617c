//! What was decided about one event: the answer, what changes, and why.
//!
//! Deliberately not here: how it is shown as JSON (`switchboard::telling`).

use crate::domain::{
    Call, CallerId, CallerWord, Channel, CustomerId, Digit, E164, LineId, LocationId, Match, Moment, Route, SessionId,
    TechnicianId, TenantId,
};
use crate::rules::hours::HoursState;

use super::answer::Answer;
use super::effect::Effect;
use super::reason::Reason;

/// The outcome of routing one event.
#[derive(Clone, PartialEq, Debug)]
pub struct Decision {
    /// What is known of the call or text by now; `None` where no call or text is concerned.
    pub finding: Option<Box<Finding>>,
    /// What the provider is told.
    pub answer: Answer,
    /// The call after this step, where the step is one of a call's.
    pub call: Option<Box<Call>>,
    /// What else changes.
    pub effects: Vec<Effect>,
    /// Why, in the order it was decided.
    pub why: Vec<Reason>,
}

/// What is known of a call or text: how it was matched, and where it leads now.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding {
    /// Call or text.
    pub channel: Channel,
    /// Who called.
    pub from: CallerId,
    /// What they called.
    pub to: Option<E164>,
    /// When.
    pub at: Moment,
    /// Whose number that is.
    pub tenant: Option<TenantId>,
    /// The location that governs.
    pub location: Option<LocationId>,
    /// Who they are.
    pub caller: CallerWord,
    /// How their session was found.
    pub matched: Match,
    /// Their session.
    pub session: Option<SessionId>,
    /// Where the customer side goes; `None` elsewhere.
    pub route: Option<Route>,
    /// Where it leads.
    pub destination: Destination,
    /// What a back-office line will hear.
    pub whisper: Option<WhisperFinding>,
    /// The hours, where they were asked for: on every decision for the customer side.
    pub hours: Option<HoursState>,
    /// The location's time zone, for showing the hours.
    pub time_zone: Option<String>,
    /// Where a failed attempt will go.
    pub fallbacks: Vec<Route>,
}

/// Where a call or text leads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Destination {
    /// The technician, or the first party.
    Technician(Option<TechnicianId>),
    /// The customer, or the second party.
    Customer(Option<CustomerId>),
    /// Back-office lines.
    Backoffice(Vec<LineId>),
    /// Voicemail.
    Voicemail,
    /// The dispatchers' queue of a location.
    DispatcherQueue(Option<LocationId>),
    /// A sentence and the end.
    Hangup,
    /// Another application.
    Redirect(String),
    /// A menu of these names.
    Menu(Vec<String>),
    /// A PIN is asked for.
    Pin,
    /// Turned away.
    Reject,
    /// Nowhere.
    None,
}

impl Destination {
    /// The word for its kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Technician(_) => "technician",
            Self::Customer(_) => "customer",
            Self::Backoffice(_) => "backoffice",
            Self::Voicemail => "voicemail",
            Self::DispatcherQueue(_) => "dispatcher_queue",
            Self::Hangup => "hangup",
            Self::Redirect(_) => "redirect",
            Self::Menu(_) => "menu",
            Self::Pin => "pin",
            Self::Reject => "reject",
            Self::None => "none",
        }
    }
}

/// What a back-office line will hear.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WhisperFinding {
    /// The words, filled in.
    pub text: String,
    /// The accept key.
    pub accept_key: Digit,
    /// Whether it must be pressed.
    pub require_accept: bool,
    /// Seconds to press it in.
    pub timeout_seconds: u16,
}
