//! What a document can tell a provider to do: verbs as they are run, with the provider's defaults filled in.
//!
//! Deliberately not here: reading them (`super::document`).

/// An address in a document, as it is written there, and how it is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Link {
    pub(super) url: String,
    pub(super) method: &'static str,
}

/// Where news goes, and which.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Callback {
    pub(super) link: Link,
    pub(super) events: Vec<String>,
}

/// Something to hear.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Sound {
    /// Words, so many times; 0 is without end.
    Words { words: String, times: u64 },
    /// A file, so many times; 0 is without end.
    File { url: String, times: u64 },
    /// Tones.
    Tones,
    /// So many seconds of nothing.
    Silence(u64),
}

/// A verb.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Verb {
    Sound(Sound),
    Gather(Gather),
    Record(Record),
    Dial(Dial),
    Enqueue(Enqueue),
    Leave,
    Redirect(Link),
    Reject { busy: bool },
    Hangup,
    Message(Message),
}

/// `<Gather>`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Gather {
    pub(super) action: Link,
    pub(super) sounds: Vec<Sound>,
    pub(super) takes_keys: bool,
    pub(super) timeout: u64,
    pub(super) digits: Option<u64>,
    pub(super) finish: Option<char>,
    pub(super) on_empty: bool,
}

/// `<Record>`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Record {
    pub(super) action: Link,
    pub(super) timeout: u64,
    pub(super) finish: String,
    pub(super) longest: u64,
    pub(super) beep: bool,
    pub(super) trim: bool,
    pub(super) status: Option<Callback>,
    pub(super) transcript: Option<Link>,
}

/// `<Dial>`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Dial {
    pub(super) action: Option<Link>,
    pub(super) timeout: u64,
    pub(super) limit: u64,
    pub(super) on_bridge: bool,
    pub(super) caller_id: Option<String>,
    pub(super) on_star: bool,
    pub(super) record: Taping,
    pub(super) status: Option<Callback>,
    pub(super) sequential: bool,
    pub(super) nouns: Vec<Noun>,
}

/// Whether a `<Dial>` is recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Taping {
    Off,
    Mono,
    Dual,
}

/// Whom a `<Dial>` reaches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Noun {
    pub(super) kind: NounKind,
    pub(super) value: String,
    pub(super) whisper: Option<Link>,
    pub(super) status: Option<Callback>,
}

/// What kind of thing that is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NounKind {
    Number,
    Queue,
    /// A SIP address, an app or a conference: nobody here has one.
    Elsewhere,
}

/// `<Enqueue>`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Enqueue {
    pub(super) name: String,
    pub(super) action: Option<Link>,
    pub(super) wait: Option<Link>,
    pub(super) most: u64,
}

/// `<Message>`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Message {
    pub(super) to: Option<String>,
    pub(super) from: Option<String>,
    pub(super) words: String,
    pub(super) media: Vec<String>,
    pub(super) action: Option<Link>,
    pub(super) status: Option<Link>,
}
