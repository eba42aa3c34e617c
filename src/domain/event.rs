//! What happened, in our words: every request of every provider, once its dialect has read it.
//!
//! Deliberately not here: parameters, signatures, URLs (`providers`).

use super::digit::Digit;
use super::ids::{AccountId, CallId, MessageId};
use super::message::IncomingText;
use super::phone::{CallerId, E164};
use super::pin::Typed;
use super::settings::{Route, words};

/// One event on one account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// The account whose address was asked, and whose signature the request carried.
    pub account: AccountId,
    /// The account that the request itself names, where it names one.
    pub account_sid: Option<String>,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EventKind {
    /// A call came in.
    Call(IncomingCall),
    /// The provider could not use an answer of ours, or had none, and asks for another.
    Fallback {
        /// The call.
        call: IncomingCall,
        /// The end of the dial attempt that it told us of in vain.
        ended: Option<DialEnded>,
    },
    /// The caller pressed a key (or none) in a menu.
    Menu {
        /// The call.
        call: CallId,
        /// Which time the menu was given, from 1.
        round: u8,
        /// The key; `None` when there was none in time, or more than one.
        digit: Option<Digit>,
    },
    /// The caller typed a PIN, or nothing.
    Pin {
        /// The call.
        call: CallId,
        /// Which time it was asked for, from 1.
        round: u8,
        /// What was typed; `None` when it was nothing in time.
        typed: Option<Typed>,
    },
    /// A callee's leg answered.
    Whisper(LegAnswered),
    /// A key (or none) was pressed in the whisper.
    Accept {
        /// The leg.
        leg: LegAnswered,
        /// Which time the whisper was given, from 1.
        round: u8,
        /// The key; `None` when there was none in time.
        digit: Option<Digit>,
    },
    /// A dial attempt ended.
    Dialed(DialEnded),
    /// A voicemail recording ended.
    VoicemailEnded {
        /// The call.
        call: CallId,
        /// The recording, where the request tells.
        recording: Option<RecordingMade>,
        /// Whether the caller hung up to end it.
        hung_up: bool,
    },
    /// A queued caller's wait document is due.
    QueueWait {
        /// The call.
        call: CallId,
        /// Seconds in the queue so far, as the provider counts.
        waited: u32,
    },
    /// A caller left the queue.
    QueueLeft {
        /// The call.
        call: CallId,
        /// How.
        result: QueueResult,
    },
    /// A leg that we called through the provider's API answered.
    Connect {
        /// The call it is for.
        call: CallId,
        /// The provider's id of the leg.
        sid: String,
    },
    /// A waiting leg that we moved through the provider's API asks what to do.
    Redirected {
        /// The call.
        call: CallId,
        /// Where it was moved.
        route: Route,
    },
    /// A leg's state changed.
    Status(LegStatusReport),
    /// A recording's state changed.
    Recording {
        /// The call, from our own URL.
        call: CallId,
        /// The attempt whose conversation it is, from our own URL; `None` of a voicemail.
        attempt: Option<u8>,
        /// The recording; `None` while it is not made, or when there is none.
        recording: Option<RecordingMade>,
        /// Whether there is none, and will be none.
        absent: bool,
    },
    /// A transcription came.
    Transcription {
        /// The call, from our own URL.
        call: CallId,
        /// The text, where it could be made.
        text: Option<String>,
    },
    /// A text came in.
    Text(IncomingText),
    /// The provider could not use our answer to a text.
    TextFallback(IncomingText),
    /// A text of ours was delivered, or was not.
    TextStatus {
        /// The provider's id of our text.
        sid: String,
        /// The inbound text it answered, from our own URL.
        message: Option<MessageId>,
        /// Its sender, which is our number.
        from: Option<E164>,
        /// Its recipient.
        to: Option<E164>,
        /// Its status, as the provider words it.
        status: String,
        /// The provider's error code.
        error_code: Option<u32>,
    },
}

impl EventKind {
    /// The call that this is a step of; `None` for texts.
    pub const fn call(&self) -> Option<CallId> {
        match self {
            Self::Call(call) | Self::Fallback { call, .. } => Some(call.id),
            Self::Menu { call, .. }
            | Self::Pin { call, .. }
            | Self::VoicemailEnded { call, .. }
            | Self::QueueWait { call, .. }
            | Self::QueueLeft { call, .. }
            | Self::Connect { call, .. }
            | Self::Redirected { call, .. }
            | Self::Recording { call, .. }
            | Self::Transcription { call, .. } => Some(*call),
            Self::Whisper(leg) | Self::Accept { leg, .. } => Some(leg.call),
            Self::Dialed(ended) => Some(ended.call),
            Self::Status(report) => Some(report.call),
            Self::Text(_) | Self::TextFallback(_) | Self::TextStatus { .. } => None,
        }
    }
}

/// A call that came in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IncomingCall {
    /// Our id of it.
    pub id: CallId,
    /// The provider's id of the caller's leg.
    pub sid: String,
    /// Who calls.
    pub from: CallerId,
    /// The number called; `None` when it is not E.164 and so not ours.
    pub to: Option<E164>,
}

/// A callee's leg that answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LegAnswered {
    /// The call, from our own URL.
    pub call: CallId,
    /// The attempt, from our own URL.
    pub attempt: u8,
    /// The provider's id of the leg.
    pub leg: String,
    /// The provider's id of the caller's leg, where the request tells.
    pub parent: Option<String>,
}

/// The end of a dial attempt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DialEnded {
    /// The call.
    pub call: CallId,
    /// The attempt.
    pub attempt: u8,
    /// What the provider says became of it; never enough on its own.
    pub status: DialStatus,
    /// Whether the legs were bridged, where the provider says.
    pub bridged: Option<bool>,
    /// Seconds that the child leg lasted, where it was answered.
    pub duration: Option<u32>,
    /// The provider's id of the child leg.
    pub child: Option<String>,
    /// Whether the caller's own leg is over.
    pub caller_gone: bool,
}

words! {
    /// What a provider says became of a dial attempt.
    DialStatus {
        /// A leg answered and ended, whether or not it was bridged.
        Completed = "completed",
        /// A leg answered (conferences).
        Answered = "answered",
        /// Busy.
        Busy = "busy",
        /// Nobody answered.
        NoAnswer = "no-answer",
        /// Unreachable.
        Failed = "failed",
        /// Taken back.
        Canceled = "canceled",
    }
}

words! {
    /// How a caller left a queue.
    QueueResult {
        /// Talked to somebody.
        Bridged = "bridged",
        /// Is about to.
        BridgingInProcess = "bridging-in-process",
        /// The queue failed.
        Error = "error",
        /// Hung up.
        Hangup = "hangup",
        /// Our wait document made them leave.
        Leave = "leave",
        /// We moved the leg.
        Redirected = "redirected",
        /// We moved the leg after it talked.
        RedirectedFromBridged = "redirected-from-bridged",
        /// No room.
        QueueFull = "queue-full",
        /// The provider failed.
        SystemError = "system-error",
    }
}

/// News of one leg.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LegStatusReport {
    /// The call, from our own URL or made from the leg's own or its parent's SID.
    pub call: CallId,
    /// The attempt, where the leg is a callee's.
    pub attempt: Option<u8>,
    /// The provider's id of the leg.
    pub leg: String,
    /// Its state.
    pub status: LegStatus,
    /// Seconds it lasted, once it ended.
    pub duration: Option<u32>,
    /// The provider's count of its reports, from 0.
    pub sequence: Option<u32>,
}

words! {
    /// A leg's state, as providers word it.
    LegStatus {
        /// Waiting to be dialled.
        Queued = "queued",
        /// Being dialled.
        Initiated = "initiated",
        /// Ringing.
        Ringing = "ringing",
        /// Answered.
        InProgress = "in-progress",
        /// Ended after it was answered.
        Completed = "completed",
        /// Busy.
        Busy = "busy",
        /// Could not be reached.
        Failed = "failed",
        /// Nobody answered.
        NoAnswer = "no-answer",
        /// Taken back.
        Canceled = "canceled",
    }
}

impl LegStatus {
    /// Whether a leg in this state is over.
    pub const fn ended(self) -> bool {
        match self {
            Self::Completed | Self::Busy | Self::Failed | Self::NoAnswer | Self::Canceled => true,
            Self::Queued | Self::Initiated | Self::Ringing | Self::InProgress => false,
        }
    }

    /// How far along a leg is; states never fold backwards.
    pub const fn rank(self) -> u8 {
        match self {
            Self::Queued | Self::Initiated => 0,
            Self::Ringing => 1,
            Self::InProgress => 2,
            Self::Completed | Self::Busy | Self::Failed | Self::NoAnswer | Self::Canceled => 3,
        }
    }
}

/// A recording that exists at the provider.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordingMade {
    /// The provider's id of it, where the request tells.
    pub sid: Option<String>,
    /// The provider's address of it; shown to nobody.
    pub url: String,
    /// Its length in seconds.
    pub seconds: u32,
}
