//! Who has a phone, what they do with it, and what the network between them and us is like.
//!
//! Deliberately not here: how it is written in a file (`replay::simulate`), and what comes of it (`super::network`).

use std::time::Duration;

use crate::domain::Moment;

/// Everything that a network is told before it begins.
#[derive(Clone, PartialEq, Debug)]
pub struct Script {
    /// When it begins.
    pub start: Moment,
    /// What made-up ids, delays and orders are drawn from: the same seed, the same run.
    pub seed: u64,
    /// The numbers that we rent.
    pub numbers: Vec<Rented>,
    /// People and desks, each with one phone.
    pub parties: Vec<Party>,
    /// The network.
    pub weather: Weather,
}

/// A number of ours, and where its provider sends what comes to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rented {
    /// E.164.
    pub number: String,
    /// Whose language its provider speaks.
    pub speaks: Speaks,
    /// Our id of the account.
    pub account: String,
    /// The provider's id of the account.
    pub account_sid: String,
    /// Where it is reached: `https://host/webhooks/{account}`. The network adds `/voice`, `/voice/fallback`,
    /// `/voice/status`, `/sms` and `/sms/fallback`, as an operator would have set them at the provider.
    pub webhooks: String,
}

/// Whose language a provider speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Speaks {
    /// Twilio's.
    Twilio,
    /// SignalWire's: no `DialBridged`, ids are UUIDs, silence is not recorded, five seconds to answer.
    Signalwire,
}

/// Somebody with a phone.
#[derive(Clone, PartialEq, Debug)]
pub struct Party {
    /// What stories call them; unique.
    pub name: String,
    /// Their phone: E.164, or what a provider says in place of one, such as `anonymous`.
    pub phone: String,
    /// What they begin by themselves.
    pub acts: Vec<Act>,
    /// What happens when their phone rings: the first time, the second, …; the last one again and again. Without any,
    /// nobody answers.
    pub rung: Vec<Pickup>,
}

/// Something that somebody begins.
#[derive(Clone, PartialEq, Debug)]
pub struct Act {
    /// How long after the beginning.
    pub after: Duration,
    /// What.
    pub what: Begins,
}

/// What somebody begins.
#[derive(Clone, PartialEq, Debug)]
pub enum Begins {
    /// A call.
    Dials {
        /// The number called.
        number: String,
        /// What they do on the line.
        manner: Manner,
    },
    /// A text.
    Texts {
        /// The number texted.
        number: String,
        /// Its words.
        words: String,
        /// How many pictures are with it.
        media: u8,
    },
}

/// What somebody does on a line.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Manner {
    /// What they press: the first is for the first time that they are asked for keys, the second for the second time,
    /// …. When asked more often, they press nothing. A recording asks too, for the key that ends it, and so does a
    /// bridged call that a star ends.
    pub presses: Vec<Press>,
    /// When they hang up. Without it: thirty seconds after being bridged for whoever called, never for whoever was
    /// called; and a caller's message ends after what they speak.
    pub hangs_up: Option<HangUp>,
    /// How long they speak when a recording waits for them; then they hang up, unless they press a key to end it or
    /// `hangs_up` says when: then they are silent.
    pub speaks: Duration,
}

/// Keys that are pressed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Press {
    /// `0`-`9`, `*` and `#`, one after another, a quarter of a second apart. None: nothing is pressed.
    pub keys: String,
    /// How long after the prompt began; also before it ends.
    pub after: Duration,
}

/// When somebody hangs up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HangUp {
    /// So long after they dialled or picked up.
    At(Duration),
    /// So long after this began.
    During(Stage, Duration),
    /// So long after they were bridged.
    AfterBridge(Duration),
}

/// A part of a call, as somebody on the line would tell it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// The other side's phone rings (callers only).
    Ringing,
    /// Words are spoken or a sound is played, whatever comes after them.
    Prompt,
    /// The other side hears its whisper (callers), or they do themselves (callees).
    Whisper,
    /// After the beep.
    Recording,
    /// Waiting in a queue.
    Queue,
}

/// What happens when a phone rings.
#[derive(Clone, PartialEq, Debug)]
pub enum Pickup {
    /// Somebody answers.
    Answers {
        /// After so much ringing.
        after: Duration,
        /// What they do then.
        manner: Manner,
    },
    /// The carrier's own voicemail answers: it talks, beeps, records whatever comes for half a minute, and hangs up. It
    /// presses nothing and does not know that it is talked to.
    CarrierVoicemail {
        /// After so much ringing.
        after: Duration,
        /// How long its greeting is.
        greeting: Duration,
        /// Whether it beeps.
        beep: bool,
    },
    /// The line is busy.
    Busy,
    /// It rings and rings.
    NoAnswer,
    /// Somebody declines the call.
    Rejects {
        /// After so much ringing.
        after: Duration,
    },
    /// There is no such phone, or no way to it.
    Unreachable,
}

/// What the network does to requests and replies.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Weather {
    /// Every nth request is sent twice, byte for byte; both replies must be the same.
    pub duplicate_every: Option<u32>,
    /// Every nth reply to a request that wants a document is lost, so that the provider asks the fallback address where
    /// there is one (wire.md A.4).
    pub drop_reply_every: Option<u32>,
    /// How long every request is on its way.
    pub delay: Duration,
    /// Statuses come in any order, some of them after the request that they precede.
    pub reorder_statuses: bool,
}
