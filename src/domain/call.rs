//! A call in progress, as far as the next step of it needs to know: what was planned, tried and answered.
//!
//! Deliberately not here: what to do next (`routing`), and the history for people (`store::interactions`).

use super::bill::Tariff;
use super::digit::Digit;
use super::event::LegStatus;
use super::ids::{AccountId, CallId, CustomerId, LineId, LocationId, SessionId, TechnicianId, TenantId};
use super::phone::{CallerId, E164, MaskingNumber};
use super::pin::PinState;
use super::placed::{Placed, PlacedFor};
use super::settings::{Route, words};
use super::tenant::Account;
use super::time::Moment;

/// A call through a masking number, from the first webhook to its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    /// Our id of it.
    pub id: CallId,
    /// The provider's id of the caller's leg.
    pub sid: String,
    /// The account it came in on.
    pub account: AccountId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The location that governs it.
    pub location: Option<LocationId>,
    /// The number that was called.
    pub number: MaskingNumber,
    /// Who called.
    pub caller: CallerId,
    /// Who that is.
    pub caller_word: CallerWord,
    /// How the session was found.
    pub matched: Match,
    /// Which side that is.
    pub side: Side,
    /// The customer side's route at present.
    pub route: Option<Route>,
    /// The session it belongs to.
    pub session: Option<SessionId>,
    /// The customer, where one is known.
    pub customer: Option<CustomerId>,
    /// When it came in.
    pub opened_at: Moment,
    /// Routes that were tried, in order.
    pub tried: Vec<Route>,
    /// Routes to try next, in order; empty on a technician's call and a plain pair.
    pub fallbacks: Vec<Route>,
    /// Back-office lines to ring next, before any fallback.
    pub lines: Vec<LineId>,
    /// Dial attempts, in order; attempt `n` of the URLs is the `n`th.
    pub attempts: Vec<Attempt>,
    /// Whether the caller's leg has been answered (something was said to it).
    pub answered: bool,
    /// Whether its legs are to be recorded once both talk.
    pub record: bool,
    /// Where it stands with voicemail.
    pub voicemail: VoicemailState,
    /// The menu that the caller was given.
    pub menu: Option<MenuState>,
    /// The PIN that the caller was asked for.
    pub pin: Option<PinState>,
    /// The caller's stay in the dispatchers' queue.
    pub queue: Option<QueueStay>,
    /// What its legs are billed by; `None` of a call that an older program began.
    pub tariff: Option<Tariff>,
    /// How it ended.
    pub end: Option<(Moment, CallEnd)>,
    /// How the caller's own leg ended: what we say last is heard after the rest has ended. `None` until that is known.
    pub gone: Option<LegEnd>,
    /// Whether somebody owes this caller something (a to-do was left).
    pub todo: bool,
    /// Of a call that we started: what it is for. Its `sid` is empty until the provider's id is known.
    pub placed: Option<Box<Placed>>,
}

impl Call {
    /// A call that has just begun, of which no more is known than this.
    pub fn begun(
        id: CallId,
        tenant: &TenantId,
        account: &Account,
        number: MaskingNumber,
        caller: CallerId,
        at: Moment,
    ) -> Self {
        Self {
            id,
            sid: String::new(),
            account: account.id.clone(),
            tenant: tenant.clone(),
            location: None,
            number,
            caller,
            caller_word: CallerWord::Other,
            matched: Match::None,
            side: Side::Outside,
            route: None,
            session: None,
            customer: None,
            opened_at: at,
            tried: Vec::new(),
            fallbacks: Vec::new(),
            lines: Vec::new(),
            attempts: Vec::new(),
            answered: false,
            record: false,
            voicemail: VoicemailState::No,
            menu: None,
            pin: None,
            queue: None,
            tariff: Some(account.tariff()),
            end: None,
            gone: None,
            todo: false,
            placed: None,
        }
    }

    /// Attempt `no`, counted from 1.
    pub fn attempt(&self, no: u8) -> Option<&Attempt> {
        self.attempts.get(usize::from(no).checked_sub(1)?)
    }

    /// Whether we wished for it, and no provider ever started it.
    pub fn never_placed(&self) -> bool {
        self.placed.is_some() && self.sid.is_empty()
    }

    /// Whom we called first, where that is a party, and they have answered.
    pub fn first_answered(&self) -> bool {
        self.placed
            .as_deref()
            .is_some_and(|placed| placed.purpose == PlacedFor::FirstParty && placed.acceptance != Acceptance::Unasked)
    }

    /// Whether two parties were bridged at some time.
    pub fn connected(&self) -> bool {
        self.attempts.iter().any(|attempt| attempt.outcome == Some(LegOutcome::Connected))
    }
}

words! {
    /// Who a caller is.
    CallerWord {
        /// A technician, or the first party.
        Technician = "technician",
        /// A customer, or the second party.
        Customer = "customer",
        /// A phone that nobody knows.
        Unknown = "unknown",
        /// Nobody that can be told from anybody else.
        Withheld = "withheld",
        /// The back office, which we called for a dispatcher.
        Backoffice = "backoffice",
        /// One of our own numbers.
        OwnNumber = "own_number",
        /// A SIP address, a client, a short code.
        Other = "other",
    }
}

words! {
    /// How a session was found.
    Match {
        /// It is live.
        Live = "live",
        /// Its job is done, and it is in grace.
        Grace = "grace",
        /// It is over, and somebody just contacted this caller.
        Recent = "recent",
        /// The number is a technician's, and the caller a known customer.
        Owner = "owner",
        /// The number is a job's.
        Job = "job",
        /// The caller proved who they are.
        Pin = "pin",
        /// There is none.
        None = "none",
    }
}

words! {
    /// Which side of a session a caller stands on.
    Side {
        /// The technician side.
        First = "technician",
        /// The customer side.
        Second = "customer",
        /// Neither.
        Outside = "unknown",
    }
}

/// One dial attempt: one or several phones that ring at once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attempt {
    /// Its number within the call, from 1.
    pub no: u8,
    /// Whom it is for.
    pub to: Answered,
    /// The phones that ring.
    pub phones: Vec<E164>,
    /// When it began.
    pub started_at: Moment,
    /// Seconds that they ring.
    pub ring_timeout: u16,
    /// Seconds that the call may last.
    pub time_limit: u32,
    /// What the callee goes through before the legs are bridged.
    pub screening: Screening,
    /// What the callee did about it.
    pub acceptance: Acceptance,
    /// How it ended.
    pub outcome: Option<LegOutcome>,
    /// Seconds that its leg lasted, once it was answered and ended.
    pub seconds: Option<u32>,
    /// Whether the provider records it.
    pub recorded: Recorded,
}

words! {
    /// How far the recording of an attempt's conversation came.
    Recorded {
        /// It has not begun.
        No = "no",
        /// The provider said that it began.
        Begun = "begun",
        /// Nothing is kept, and so nothing begins any more.
        Dropped = "dropped",
    }
}

/// How a leg ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LegEnd {
    /// In which state.
    pub status: LegStatus,
    /// Seconds that it lasted; 0 of one that was not answered.
    pub seconds: u32,
}

/// Whom an attempt is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answered {
    /// A technician, or the first party of a plain pair.
    Technician(Option<TechnicianId>),
    /// A customer, or the second party of a plain pair.
    Customer(Option<CustomerId>),
    /// Back-office lines.
    Lines(Vec<LineId>),
}

/// What a callee goes through between answering and talking.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Screening {
    /// Nothing.
    None,
    /// Words or sounds; then the legs are bridged.
    Announce(Vec<Cue>),
    /// Words, and a key that must be pressed.
    Accept {
        /// What is said first.
        cues: Vec<Cue>,
        /// The key.
        key: Digit,
        /// Seconds to press it in, after the words.
        timeout: u16,
        /// Said or played once it is pressed, before bridging (the recording disclosure).
        after: Vec<Cue>,
    },
}

/// Something that a party hears.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cue {
    /// Words.
    Say(super::spoken::Spoken),
    /// A sound file.
    Play(String),
}

/// What a callee did about the accept key, or about what must be heard.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Acceptance {
    /// No callee has answered.
    Unasked,
    /// A leg answered and hears the whisper.
    Asked {
        /// The provider's id of that leg.
        leg: String,
        /// When it answered.
        at: Moment,
        /// Wrong keys so far.
        wrong: u8,
    },
    /// The key was pressed on that leg; where none is asked for, what its callee must hear was heard.
    Accepted {
        /// The provider's id of that leg.
        leg: String,
        /// When.
        at: Moment,
    },
    /// Two wrong keys.
    Refused,
    /// No key in time.
    TimedOut,
}

words! {
    /// How an attempt ended.
    LegOutcome {
        /// Two parties were bridged.
        Connected = "connected",
        /// Wrong key twice.
        Rejected = "rejected",
        /// Answered, no key in time.
        ScreenTimeout = "screen_timeout",
        /// Answered, and gone before the whisper's time was over.
        CalleeGone = "callee_gone",
        /// Nobody answered.
        NoAnswer = "no_answer",
        /// Busy.
        Busy = "busy",
        /// The network could not reach the phone.
        Failed = "failed",
        /// We took the attempt back.
        Canceled = "canceled",
        /// The caller hung up first.
        CallerGone = "caller_gone",
    }
}

words! {
    /// Where a call stands with voicemail.
    VoicemailState {
        /// It was not offered.
        No = "no",
        /// The greeting was given.
        Offered = "offered",
        /// A recording of a second or more came.
        Left = "left",
    }
}

/// A menu of customers that a technician was given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MenuState {
    /// The choices, `1` first.
    pub choices: Vec<Choice>,
    /// Times it was given.
    pub rounds: u8,
    /// Times it was given and nothing useful was pressed.
    pub misses: u8,
}

/// One choice of a menu.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    /// The session that it chooses.
    pub session: SessionId,
    /// The name that is spoken.
    pub name: String,
}

/// A caller's stay in the dispatchers' queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QueueStay {
    /// The provider queue's opaque name.
    pub name: String,
    /// Since when.
    pub since: Moment,
}

words! {
    /// How a call ended.
    CallEnd {
        /// Two parties talked.
        Connected = "connected",
        /// A voicemail was left.
        Voicemail = "voicemail",
        /// The caller hung up before anybody was reached.
        Missed = "missed",
        /// It was turned away or told goodbye.
        Refused = "refused",
        /// It was sent on to another URL.
        Redirected = "redirected",
        /// A dialled party could not be reached, and the caller was told.
        Failed = "failed",
    }
}
