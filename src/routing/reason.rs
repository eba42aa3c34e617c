//! Why: each step of a decision as a code with its values, and as a sentence when somebody reads it.
//!
//! Deliberately not here: whole phone numbers. A reason is read by people who may not see them. Times are the local
//! wording of the location's wall clock, as strings.

use std::fmt;

use crate::domain::{
    Channel, ContactBy, Digit, EndedBy, LegOutcome, LocationId, Route, RuleRoute, SessionId, TechnicianId,
};

use super::told::{Open, Told};

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

            /// The sentence of a code, with the names of its values in braces; `None` where there is no such code.
            pub fn sentence(code: &str) -> Option<&'static str> {
                match code { $($code => Some($text),)* _ => None }
            }

            /// Its code.
            pub const fn code(&self) -> &'static str {
                match self { $(reasons!(@any $variant $({ $($field)* })?) => $code,)* }
            }
        }

        impl fmt::Display for Reason {
            /// One sentence in plain English.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$variant $({ $($field),* })? => { $($(let $field = $field.told();)*)? write!(f, $text) })*
                }
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
    Loop = "loop", "It would go round in a circle: one of our own numbers, or the caller's own phone, is at the other end.";
    /// Withheld.
    CallerWithheld = "caller_withheld", "The caller withheld their number, so they cannot be told from anybody else.";
    /// Masking is off.
    MaskingDisabled = "masking_disabled", "Masking is switched off at this location; sessions that exist still route.";
    /// The channel is not masked.
    ChannelOff { channel: Channel } = "channel_off", "This location does not mask {channel}.";
    /// A live session.
    SessionLive { session: SessionId } = "session_live", "The caller and the number belong to session {session}, which is live.";
    /// A session in grace.
    SessionGrace { session: SessionId, until: String } = "session_grace", "The job of session {session} is done, but it still routes until {until}.";
    /// A recent session.
    SessionRecent { session: SessionId, contact: String } = "session_recent", "Session {session} ended with its job, but somebody contacted this caller through the number since, at {contact}.";
    /// An ended session.
    SessionExpired { session: SessionId, at: String, by: EndedBy } = "session_expired", "Session {session} ended{at} {by}.";
    /// The number's owner.
    OwnerMatch { technician: TechnicianId } = "owner_match", "The number stands for technician {technician}, and the caller is a known customer.";
    /// The number's job.
    JobMatch { session: SessionId } = "job_match", "The number stands for the job of session {session}, so whoever calls it is taken for the customer's side.";
    /// A PIN.
    PinMatch { session: SessionId } = "pin_match", "The caller proved with a PIN to belong to session {session}.";
    /// A PIN is asked for.
    PinAsked { session: SessionId } = "pin_asked", "The caller is in no session here, and session {session} takes whoever knows a PIN of its.";
    /// A PIN is asked for all the same.
    PinForced { session: SessionId } = "pin_forced", "Session {session} asks even its own parties' phones for their PIN.";
    /// A wrong PIN.
    PinWrong { round: u8 } = "pin_wrong", "What was typed the time number {round} is the PIN of nobody who may call here so.";
    /// No PIN.
    PinMissing { round: u8 } = "pin_missing", "Nothing was typed the time number {round}.";
    /// Locked out.
    PinLocked { until: String } = "pin_locked", "Too many wrong PINs came from this phone, one after another, so it is locked out of this number until {until}.";
    /// One party.
    SingleParty = "single_party", "The session has one party, whom anybody who calls reaches.";
    /// The last contact.
    LastContact { at: String } = "last_contact", "The session has one party, so this reaches whoever was in contact with them last, at {at}.";
    /// Nobody yet.
    NobodyYet = "nobody_yet", "The session has one party, and nobody was in contact with them yet.";
    /// A stranger.
    UnknownCaller { session: SessionId } = "unknown_caller", "The caller is in none of the pairs on this number, and session {session} has a sound for such callers.";
    /// No session.
    NoSession = "no_session", "No session belongs to this caller and this number.";
    /// The number cools.
    NumberCooling { until: String } = "number_cooling", "The number was released and cools until {until}; it routes nothing.";
    /// The technician side calls.
    TechnicianCallsCustomer = "technician_calls_customer", "The technician side calls, so it reaches the customer at any hour.";
    /// The latest contact.
    LatestContact { at: String } = "latest_contact", "Of several customers behind the number, this one was in contact last, at {at}.";
    /// A menu.
    MenuOffered { choices: usize } = "menu_offered", "Several customers are behind the number and none was in contact lately, so the technician chooses among {choices}.";
    /// A rule.
    RuleMatched { rule: String, target: RuleRoute } = "rule_matched", "The location's rule \"{rule}\" applies: {target}.";
    /// The reply window.
    ReplyWindow { at: String, by: ContactBy, minutes: u16 } = "reply_window", "{by} contacted this customer at {at}, within the reply window of {minutes} minutes, so this is a reply and goes back there whatever the hours.";
    /// Open.
    HoursOpen { hours: Open } = "hours_open", "The location is open{hours}.";
    /// Closed.
    HoursClosed { hours: Open } = "hours_closed", "The location is closed{hours}.";
    /// Holiday.
    HoursHoliday { hours: Open } = "hours_holiday", "The location is closed for a holiday{hours}.";
    /// Override.
    HoursOverride { state: &'static str, hours: Open } = "hours_override", "Somebody {state} the location by hand{hours}.";
    /// In hours.
    RouteInHours { route: Route } = "route_in_hours", "In hours, customers' calls and texts go to {route}.";
    /// Out of hours.
    RouteOutOfHours { route: Route } = "route_out_of_hours", "Out of hours, customers' calls and texts go to {route}.";
    /// No technician.
    TechnicianUnavailable = "technician_unavailable", "There is no technician to reach, or they are not active or have no phone.";
    /// No line.
    NoActiveLine { location: LocationId } = "no_active_line", "No active back-office line of {location} can take it.";
    /// A refused destination.
    DestinationRefused { country: String } = "destination_refused", "The destination may not be called: its country ({country}) is not allowed, or it is a premium, shared-cost or satellite number.";
    /// A whisper.
    WhisperOn { then: &'static str } = "whisper_on", "Whoever picks up hears whom the call is for{then}.";
    /// No whisper.
    WhisperOff = "whisper_off", "The whisper is switched off, so whoever picks up is connected at once.";
    /// No whisper possible.
    WhisperUnsupported = "whisper_unsupported", "This kind of provider account cannot speak to whoever picks up first, so there is no whisper and no key to press.";
    /// Accept required.
    RequireAccept { key: Digit } = "require_accept", "The call is connected only when {key} is pressed.";
    /// Disclosed.
    RecordingDisclosed = "recording_disclosed", "The call is recorded, and both sides are told first.";
    /// Not recorded.
    RecordingUnavailable = "recording_unavailable", "The call is not recorded, because both sides could not be told first.";
    /// Hang up.
    NoMatchHangup = "no_match_hangup", "Without a session, this location tells the caller goodbye.";
    /// Voicemail.
    NoMatchVoicemail = "no_match_voicemail", "Without a session, this location takes a voicemail.";
    /// Queue.
    NoMatchQueue = "no_match_queue", "Without a session, callers to this location wait for a dispatcher.";
    /// Answer URL.
    AnswerUrl = "answer_url", "The number has an answer URL of its own, which takes calls without a session.";
    /// An attempt failed.
    AttemptFailed { attempt: u8, outcome: LegOutcome } = "attempt_failed", "Attempt {attempt} led to no conversation: {outcome}.";
    /// A fallback.
    Fallback { to: Route } = "fallback", "It goes on to {to}.";
    /// A repeat.
    Duplicate = "duplicate", "The same request came before; it gets the same answer.";
    /// Degraded.
    Degraded = "degraded", "The database could not be reached; this was decided from memory and is written down later.";
    /// Opted out.
    OptedOut = "opted_out", "The phone opted out of texts from this number.";
    /// Capped.
    RateLimited { cap: &'static str, limit: u32 } = "rate_limited", "There were too many calls: the limit {cap} is {limit}.";
    /// Brand.
    BrandNotApproved = "brand_not_approved", "Texts from platform-owned US numbers wait for the tenant's brand to be approved.";
    /// Plain.
    PlainPair = "plain_pair", "The session is a plain pair: it joins its two parties both ways, always.";
    /// Not kept.
    TextNotKept = "text_not_kept", "The text itself is not kept, so it is also passed on to the technician: otherwise nobody could ever read it.";
    /// A limit of the provider's.
    Clamped { what: &'static str, to: u32 } = "clamped", "The provider does not allow the {what} asked for; it is {to} seconds.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Moment, NoMatchAction};
    use crate::rules::hours::{HoursSource, HoursState, HoursWord};

    fn open(state: HoursWord, until: Option<&str>, source: HoursSource) -> Open {
        let moment = until.map(|_| Moment(0));
        let state = HoursState { state, since: None, until: moment, next_change: moment, source };
        Open::new(&state, until.map(str::to_owned))
    }

    #[test]
    fn reasons_are_sentences_for_a_dispatcher() {
        let five = Some("2026-03-09 17:00");
        let weekly = open(HoursWord::Open, five, HoursSource::Weekly);
        let always = open(HoursWord::Open, None, HoursSource::None);
        let holiday = open(HoursWord::Holiday, five, HoursSource::ClosedDates);
        let by_hand = open(HoursWord::OverrideClosed, five, HoursSource::Override);
        let ended = |at: &str, by| Reason::SessionExpired { session: "s-1".into(), at: at.to_owned(), by };
        let rule = |target| Reason::RuleMatched { rule: "Night".to_owned(), target };
        let failed = |outcome| Reason::AttemptFailed { attempt: 1, outcome };
        for (reason, expected) in [
            (Reason::HoursOpen { hours: weekly }, "The location is open until 2026-03-09 17:00, by its weekly hours."),
            (Reason::HoursOpen { hours: always }, "The location is open: it has no opening hours, so it always is."),
            (
                Reason::HoursHoliday { hours: holiday },
                "The location is closed for a holiday until 2026-03-09 17:00, as one of the days it is closed on.",
            ),
            (
                Reason::HoursOverride { state: "closed", hours: by_hand },
                "Somebody closed the location by hand until 2026-03-09 17:00.",
            ),
            (ended(" at 2026-03-09 17:00", EndedBy::Job), "Session s-1 ended at 2026-03-09 17:00 with its job."),
            (ended("", EndedBy::Expiry), "Session s-1 ended because its time was over."),
            (
                rule(RuleRoute::Route(Route::Backoffice)),
                "The location's rule \"Night\" applies: it goes to the back office.",
            ),
            (
                rule(RuleRoute::NoMatch(NoMatchAction::Hangup)),
                "The location's rule \"Night\" applies: the caller is told goodbye.",
            ),
            (failed(LegOutcome::Busy), "Attempt 1 led to no conversation: the line was busy."),
            (Reason::Fallback { to: Route::Technician }, "It goes on to the technician."),
            (Reason::ChannelOff { channel: Channel::Sms }, "This location does not mask texts."),
        ] {
            assert_eq!(reason.to_string(), expected);
        }
    }
}
