//! What happened in a network, in order: what people did, heard and saw, and what passed between the provider and us.
//!
//! Deliberately not here: telling it (`replay::simulate`).

use crate::domain::Moment;

/// Something that happened.
#[derive(Clone, PartialEq, Debug)]
pub struct Happening {
    /// When.
    pub at: Moment,
    /// In which call or text: counted from 0 in the order in which they were begun.
    pub thread: usize,
    /// What.
    pub what: What,
}

/// What happened. `who` is a party's name; a phone that no party has is its own name.
#[derive(Clone, PartialEq, Debug)]
pub enum What {
    /// Somebody called a number.
    Dialled {
        /// The caller.
        who: String,
        /// The number.
        number: String,
    },
    /// We have somebody called through the provider's API.
    Called {
        /// Whom.
        who: String,
        /// From which number of ours.
        number: String,
    },
    /// A phone begins to ring.
    Rings {
        /// Whose.
        who: String,
        /// What its display shows.
        shows: String,
    },
    /// A phone that does not get as far as being answered.
    Unanswered {
        /// Whose.
        who: String,
        /// The provider's word: `busy`, `no-answer`, `failed`, `canceled`.
        how: &'static str,
    },
    /// A phone was answered, by a person or by a carrier's voicemail.
    Answered {
        /// Whose.
        who: String,
        /// Whether it was a carrier's voicemail.
        machine: bool,
    },
    /// The caller's own leg is answered by the provider: from now on it costs.
    PickedUp {
        /// The caller.
        who: String,
    },
    /// Words are spoken to somebody, until they end or a key stops them.
    Hears {
        /// Who.
        who: String,
        /// The words.
        words: String,
    },
    /// A sound is played to somebody.
    HearsSound {
        /// Who.
        who: String,
        /// Its address.
        url: String,
    },
    /// Somebody presses keys that the provider listens for.
    Presses {
        /// Who.
        who: String,
        /// What.
        keys: String,
    },
    /// Nobody pressed anything in the time that a prompt waits.
    PressedNothing {
        /// Who.
        who: String,
        /// How long it waited after the prompt, in seconds.
        seconds: u64,
    },
    /// Two people talk.
    Bridged {
        /// The caller.
        caller: String,
        /// The callee.
        callee: String,
    },
    /// Somebody waits in a queue.
    Queued {
        /// Who.
        who: String,
        /// Its name.
        queue: String,
    },
    /// Somebody leaves a queue.
    LeftQueue {
        /// Who.
        who: String,
        /// The provider's word, such as `leave` or `hangup`.
        how: &'static str,
    },
    /// After the beep, somebody speaks.
    Recording {
        /// Who.
        who: String,
    },
    /// A recording was made.
    Recorded {
        /// Of whom.
        who: String,
        /// How long, in seconds.
        seconds: u64,
    },
    /// Somebody hangs up by themselves.
    HangsUp {
        /// Who.
        who: String,
    },
    /// Somebody's line is ended for them: by a document, or because the other side is gone.
    HungUp {
        /// Who.
        who: String,
    },
    /// A call is over.
    Ended {
        /// Who called.
        who: String,
        /// The provider's last word on it: `completed`, `no-answer`, `busy`, `failed`, `canceled`.
        status: &'static str,
    },
    /// Somebody sends a text.
    Texts {
        /// Who.
        who: String,
        /// To which number.
        number: String,
        /// Its words.
        words: String,
    },
    /// A text reaches somebody's phone.
    Receives {
        /// Who.
        who: String,
        /// What the display shows as its sender.
        shows: String,
        /// Its words.
        words: String,
        /// Addresses of its pictures.
        media: Vec<String>,
    },
    /// The provider asked us something.
    Asked {
        /// Which of the requests, as [`super::Ask::no`] counts them.
        no: usize,
    },
    /// A reply was lost on its way.
    Lost {
        /// Of which request.
        no: usize,
    },
    /// The same request got two different answers.
    Differed {
        /// The second of the two.
        no: usize,
    },
    /// The provider could not use what it got, or warns.
    Trouble {
        /// Its error code (wire.md A.6).
        code: u32,
        /// What was wrong.
        why: String,
        /// Whether it went on all the same.
        warning: bool,
    },
}
