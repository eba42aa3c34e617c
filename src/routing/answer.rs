//! What the provider is told, in our words: one step of a plan, before it becomes a document.
//!
//! Deliberately not here: URLs, verbs and attributes (`voice`). **Invariant:** whatever shows a number to somebody
//! is a [`MaskingNumber`]; a [`LegAnswer`] has no way to dial.

use crate::domain::{CallId, Cue, E164, MaskingNumber, MediaItem, MessageId, Spoken};

/// The answer to one webhook.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Nothing is to be done: 204 without a body.
    Noted,
    /// A document for the caller's leg.
    Voice(VoiceAnswer),
    /// A document for a callee's leg, before it is bridged.
    Leg(LegAnswer),
    /// Texts to send; may be none.
    Text(Vec<Outgoing>),
}

/// What happens on the caller's leg next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum VoiceAnswer {
    /// The call is turned away unanswered.
    Reject,
    /// Something is said, then the call ends.
    Goodbye(Vec<Cue>),
    /// Somebody is called.
    Dial(Dialing),
    /// A message is recorded.
    Voicemail {
        /// The call.
        call: CallId,
        /// The greeting.
        cues: Vec<Cue>,
        /// Longest recording, in seconds.
        max_seconds: u16,
        /// Whether it is to be transcribed.
        transcribe: bool,
    },
    /// The caller waits for a dispatcher.
    Queue {
        /// The call.
        call: CallId,
        /// What is said first.
        cues: Vec<Cue>,
        /// The provider queue's opaque name.
        name: String,
    },
    /// The wait goes on: something is heard, then silence, then the document is asked for again.
    Hold {
        /// The call.
        call: CallId,
        /// What is heard.
        cues: Vec<Cue>,
        /// Seconds of silence after it.
        pause: u16,
    },
    /// The wait is over; what follows is asked for at the queue's end.
    LeaveQueue,
    /// The call is handed to another application's URL.
    Redirect(String),
    /// The leg that we called hears whom the call is for, and must press a key; without it the call ends.
    Screen {
        /// The call.
        call: CallId,
        /// Which time, from 1.
        round: u8,
        /// What is heard.
        cues: Vec<Cue>,
        /// Seconds to press it in, after the words.
        timeout: u16,
    },
    /// The caller chooses with a key.
    Menu {
        /// The call.
        call: CallId,
        /// Which time, from 1.
        round: u8,
        /// The choices, spoken.
        cues: Vec<Cue>,
        /// Seconds to choose in, after the words.
        timeout: u16,
    },
    /// The caller types a PIN.
    Pin {
        /// The call.
        call: CallId,
        /// Which time, from 1.
        round: u8,
        /// What is heard first.
        cues: Vec<Cue>,
        /// Seconds to type the next key in.
        timeout: u16,
    },
}

/// One dial attempt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dialing {
    /// The call.
    pub call: CallId,
    /// The attempt, from 1.
    pub attempt: u8,
    /// What the caller hears first.
    pub cues: Vec<Cue>,
    /// What both sides see.
    pub caller_id: MaskingNumber,
    /// The phones that ring, all at once.
    pub phones: Vec<E164>,
    /// Seconds that they ring.
    pub ring_timeout: u16,
    /// Seconds that the call may last.
    pub time_limit: u32,
    /// Whether a callee goes through a whisper before the legs are bridged.
    pub screened: bool,
    /// Whether the caller's leg stays unanswered until the legs are bridged: nothing was said to it yet.
    pub answer_on_bridge: bool,
}

/// What happens on a callee's leg before it is bridged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LegAnswer {
    /// Something is heard; then the legs are bridged.
    Announce(Vec<Cue>),
    /// Something is heard that must be heard whole, and once it was, the provider asks on: only then is recording due.
    Disclose {
        /// The call.
        call: CallId,
        /// The attempt, from 1.
        attempt: u8,
        /// What is heard.
        cues: Vec<Cue>,
    },
    /// Something is heard, and a key must be pressed; without it the leg ends.
    Accept {
        /// The call.
        call: CallId,
        /// The attempt, from 1.
        attempt: u8,
        /// Which time, from 1.
        round: u8,
        /// What is heard.
        cues: Vec<Cue>,
        /// Seconds to press it in, after the words.
        timeout: u16,
    },
    /// The legs are bridged, after this is heard.
    Bridge(Vec<Cue>),
    /// The leg ends; the caller goes on.
    Hangup,
}

/// A text that we send.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outgoing {
    /// The inbound text that caused it.
    pub message: MessageId,
    /// To whom.
    pub to: E164,
    /// From which number.
    pub from: MaskingNumber,
    /// What it says.
    pub body: Body,
}

/// What a text says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Body {
    /// The words and media of the text that came in.
    Relayed {
        /// The words.
        words: Spoken,
        /// The media.
        media: Vec<MediaItem>,
    },
    /// The words and media of an earlier text that waited for a choice.
    Held(MessageId),
    /// Our own words.
    Ours(Spoken),
}
