//! A whole call as a file has it: the world, the people, the network, and what is expected of it all.
//!
//! Deliberately not here: reading it (`file`), playing it (`play`), and judging what came of it (`judge`).

use std::time::Duration;

use crate::domain::Moment;
use crate::domain::settings::words;
use crate::replay::node::Node;
use crate::replay::phones::script::{Party, Weather};
use crate::replay::target::Whom;

use super::never::Never;

/// One run of a file.
#[derive(Clone, PartialEq, Debug)]
pub struct Call {
    /// The row's name; empty where the file has no rows.
    pub row: String,
    /// The world's name.
    pub world: String,
    /// The account that rents numbers which the world does not know.
    pub account: Option<String>,
    /// When it begins.
    pub now: Moment,
    /// Changes to the world: a path such as `location.chicago.masking.enabled`, and the value.
    pub given: Vec<(String, Node)>,
    /// Why it is expected to fail.
    pub pending: Option<String>,
    /// What chance is drawn from; made of the file's name where it is not given.
    pub seed: Option<u64>,
    /// Everybody with a phone.
    pub parties: Vec<Party>,
    /// Calls that we start.
    pub ours: Vec<Ours>,
    /// The network.
    pub weather: Weather,
    /// What is expected.
    pub expect: Expect,
}

/// A call that we start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ours {
    /// How long after the beginning.
    pub after: Duration,
    /// For whom.
    pub whom: Whom,
}

/// What is expected of a whole call; what is `None` or empty is not looked at.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Expect {
    /// Lines of the story, without their times; each with its line in the file.
    pub story: Vec<(usize, String)>,
    /// What must not happen; each with its line in the file.
    pub never: Vec<(usize, Never)>,
    /// How each call and text ends, in the order in which they begin.
    pub end: Vec<End>,
    /// The provider's errors and warnings that may come. Any other fails the file.
    pub trouble: Vec<u32>,
}

/// How one call or text is expected to end.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct End {
    /// Its line in the file.
    pub line: usize,
    /// What came of it, as the network saw it.
    pub outcome: Option<CallOutcome>,
    /// The provider's last word on it.
    pub status: Option<String>,
    /// With whom the caller talked.
    pub with: Option<String>,
    /// The kinds of all its effects.
    pub effects: Option<Vec<String>>,
}

words! {
    /// What came of a call or text, as the network saw it: nothing that we say of it counts.
    CallOutcome {
        /// Two people talked.
        Connected = "connected",
        /// The caller left a message of at least a second.
        Voicemail = "voicemail",
        /// The caller waited in a queue, and nothing came after it.
        Queued = "queued",
        /// The caller was told something and hung up on; nobody's phone rang.
        Goodbye = "goodbye",
        /// The call was turned away unanswered; nobody's phone rang.
        Rejected = "rejected",
        /// The caller reached nobody and left nothing.
        Missed = "missed",
        /// Somebody else received the text.
        Relayed = "relayed",
        /// Only its sender received something.
        Answered = "answered",
        /// Something was sent on, and it reached nobody.
        Undelivered = "undelivered",
        /// Nobody received anything.
        Nothing = "nothing",
    }
}
