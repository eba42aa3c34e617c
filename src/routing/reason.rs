//! Why: each step of a decision as a code with its values, and as a sentence when somebody reads it.
//!
//! Deliberately not here: whole phone numbers. A reason is read by people who may not see them.

use std::fmt;

use crate::domain::{ContactBy, Digit, EndedBy, LegOutcome, LocationId, Moment, Route, SessionId, TechnicianId};
use crate::rules::hours::{HoursSource, HoursState};

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident $({ $($field:ident : $type:ty),* $(,)? })? = $code:literal, $text:literal;)*) => {
        /// One step of a decision.
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub enum Reason {
            $($(#[$doc])* $variant $({ $(#[doc = concat!("The value `", stringify!($field), "`.")] $field: $type,)* })?,)*
        }

        impl Reason {
            /// Every code. Codes are an interface: they are added to, never renamed.
            pub const CODES: &'static [&'static str] = &[$($code,)*];

            /// Its code.
            pub const fn code(&self) -> &'static str {
                match self { $(reasons!(@any $variant $({ $($field)* })?) => $code,)* }
            }
        }

        impl fmt::Display for Reason {
            /// One sentence in plain English.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Self::$variant $({ $($field),* })? => write!(f, $text),)* }
            }
        }
    };
    (@any $variant:ident { $($field:ident)* }) => { Self::$variant { .. } };
    (@any $variant:ident) => { Self::$variant };
}

reasons! {
    /// The called number is not this account's.
    NumberUnknown = "number_unknown", "The called number does not belong to this provider account.";
    /// The call came from, or would go to, one of our numbers or the caller.
    Loop = "loop", "The call would go round in a circle: one of our own numbers or the caller's own phone is at the other end.";
    /// Withheld.
    CallerWithheld = "caller_withheld", "The caller withheld their number, so they cannot be told from anybody else.";
    /// Masking is off.
    MaskingDisabled = "masking_disabled", "Masking is switched off at this location; sessions that exist still route.";
    /// The channel is not masked.
    ChannelOff { channel: crate::domain::Channel } = "channel_off", "The location does not mask {channel}.";
    /// A live session.
    SessionLive { session: SessionId } = "session_live", "The caller and the number belong to live session {session}.";
    /// A session in grace.
    SessionGrace { session: SessionId, until: Moment } = "session_grace", "The job of session {session} is done; its number still routes until {until}.";
    /// A recent session.
    SessionRecent { session: SessionId, contact: Moment } = "session_recent", "Session {session} ended with its job, but somebody contacted this caller through the number at {contact}.";
    /// An ended session.
    SessionExpired { session: SessionId, at: Moment, by: EndedBy } = "session_expired", "Session {session} ended at {at} ({by}).";
    /// The number's owner.
    OwnerMatch { technician: TechnicianId } = "owner_match", "The number is {technician}'s, and the caller is a known customer.";
    /// The number's job.
    JobMatch { session: SessionId } = "job_match", "The number alone names the job of session {session}.";
    /// A PIN.
    PinMatch { session: SessionId } = "pin_match", "The caller proved with a PIN to belong to session {session}.";
    /// No session.
    NoSession = "no_session", "No session belongs to this caller and this number.";
    /// The number cools.
    NumberCooling { until: Moment } = "number_cooling", "The number was released and cools until {until}; it routes nothing.";
    /// The technician side calls.
    TechnicianCallsCustomer = "technician_calls_customer", "The technician side calls, so it reaches the customer at any hour.";
    /// The latest contact.
    LatestContact { at: Moment } = "latest_contact", "Of several customers behind the number, this one was in contact last, at {at}.";
    /// A menu.
    MenuOffered { choices: usize } = "menu_offered", "Several customers are behind the number and none was in contact lately, so the technician chooses among {choices}.";
    /// A rule.
    RuleMatched { rule: String, target: String } = "rule_matched", "The location's rule \"{rule}\" sends it to {target}.";
    /// The reply window.
    ReplyWindow { at: Moment, by: ContactBy, minutes: u16 } = "reply_window", "The {by} contacted this customer at {at}, within the reply window of {minutes} minutes, so it goes back there whatever the hours.";
    /// Open.
    HoursOpen { hours: Open } = "hours_open", "The location is open{hours}.";
    /// Closed.
    HoursClosed { hours: Open } = "hours_closed", "The location is closed{hours}.";
    /// Holiday.
    HoursHoliday { hours: Open } = "hours_holiday", "The location is closed for a holiday{hours}.";
    /// Override.
    HoursOverride { open: bool, hours: Open } = "hours_override", "Somebody set the hours by hand (open: {open}){hours}.";
    /// In hours.
    RouteInHours { route: Route } = "route_in_hours", "In hours, customers' calls and texts go to {route}.";
    /// Out of hours.
    RouteOutOfHours { route: Route } = "route_out_of_hours", "Out of hours, customers' calls and texts go to {route}.";
    /// No technician.
    TechnicianUnavailable = "technician_unavailable", "The technician is not active or has no phone.";
    /// No line.
    NoActiveLine { location: LocationId } = "no_active_line", "Location {location} has no active back-office line.";
    /// A refused destination.
    DestinationRefused { country: String } = "destination_refused", "The destination may not be called (country {country}, or a premium, shared-cost or satellite number).";
    /// A whisper.
    WhisperOn = "whisper_on", "Whoever picks up hears whom the call is for before being connected.";
    /// No whisper.
    WhisperOff = "whisper_off", "The whisper is switched off.";
    /// No whisper possible.
    WhisperUnsupported = "whisper_unsupported", "This kind of provider account cannot speak to the callee first, so there is no whisper.";
    /// Accept required.
    RequireAccept { key: Digit } = "require_accept", "The call is connected only when {key} is pressed.";
    /// Disclosed.
    RecordingDisclosed = "recording_disclosed", "The call is recorded, and both sides are told first.";
    /// Not recorded.
    RecordingUnavailable = "recording_unavailable", "The call is not recorded: this kind of provider account cannot tell the callee first.";
    /// Hang up.
    NoMatchHangup = "no_match_hangup", "Without a session the location says so and hangs up.";
    /// Voicemail.
    NoMatchVoicemail = "no_match_voicemail", "Without a session the location takes a voicemail.";
    /// Queue.
    NoMatchQueue = "no_match_queue", "Without a session the caller waits for a dispatcher.";
    /// Answer URL.
    AnswerUrl = "answer_url", "The number has an answer URL of its own, which takes calls without a session.";
    /// An attempt failed.
    AttemptFailed { attempt: u8, outcome: LegOutcome } = "attempt_failed", "Attempt {attempt} ended without a conversation ({outcome}).";
    /// A fallback.
    Fallback { to: Route } = "fallback", "It goes on to {to}.";
    /// A repeat.
    Duplicate = "duplicate", "The same request came before; it gets the same answer.";
    /// Degraded.
    Degraded = "degraded", "The database could not be reached; this was decided from memory and is written down later.";
    /// Opted out.
    OptedOut = "opted_out", "The phone opted out of texts from this number.";
    /// Capped.
    RateLimited { cap: &'static str, limit: u32 } = "rate_limited", "Over the cap {cap} of {limit}.";
    /// Brand.
    BrandNotApproved = "brand_not_approved", "Texts from platform-owned US numbers wait for the tenant's brand to be approved.";
    /// Plain.
    PlainPair = "plain_pair", "The session is a plain pair: it joins its two parties both ways, always.";
    /// Not kept.
    TextNotKept = "text_not_kept", "The text itself is not kept, so it is also passed on to the technician: otherwise nobody could ever read it.";
    /// A limit of the provider's.
    Clamped { what: &'static str, to: u32 } = "clamped", "The provider does not allow the {what} asked for; it is {to} seconds.";
}

/// The hours as a reason words them: until when, and who set them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Open {
    /// When this state ends, in local time with its offset.
    pub until: Option<String>,
    /// What decided it.
    pub source: HoursSource,
}

impl Open {
    /// Takes what a sentence needs from the state; `until` is the local wording of its end.
    pub fn new(state: &HoursState, until: Option<String>) -> Self {
        Self { until, source: state.source }
    }
}

impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(until) = &self.until {
            write!(f, " until {until}")?;
        }
        match self.source {
            HoursSource::Override => f.write_str(" (set by hand)"),
            HoursSource::SpecialHours => f.write_str(" (special hours of the day)"),
            HoursSource::ClosedDates => f.write_str(" (a closed date)"),
            HoursSource::PublicHoliday => f.write_str(" (a public holiday)"),
            HoursSource::Weekly => f.write_str(" (weekly hours)"),
            HoursSource::None => f.write_str(" (it has no hours, so it is always open)"),
        }
    }
}
