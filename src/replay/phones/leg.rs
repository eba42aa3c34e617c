//! A leg: one phone's line to the provider, what it is doing, and what the person at the other end will do.
//!
//! Deliberately not here: running it.

use std::sync::Arc;

use crate::domain::Moment;

use super::api::Ordered;
use super::dial::Dialing;
use super::gather::Gathering;
use super::queue::Stay;
use super::record::Taped;
use super::script::{Manner, Pickup, Press};
use super::verbs::{Callback, Link, Verb};

/// Which leg: an index of [`super::Network`]'s.
pub(super) type LegId = usize;

/// How far a leg is, in the provider's words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Status {
    Initiated,
    Ringing,
    InProgress,
    Completed,
    Busy,
    NoAnswer,
    Failed,
    Canceled,
}

impl Status {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Initiated => "initiated",
            Self::Ringing => "ringing",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
            Self::Busy => "busy",
            Self::NoAnswer => "no-answer",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    pub(super) fn is_over(self) -> bool {
        match self {
            Self::Initiated | Self::Ringing | Self::InProgress => false,
            Self::Completed | Self::Busy | Self::NoAnswer | Self::Failed | Self::Canceled => true,
        }
    }
}

/// A document that is being run.
#[derive(Clone, Debug)]
pub(super) struct Program {
    verbs: Arc<[Verb]>,
    at: usize,
    /// Its own address.
    pub(super) base: Arc<str>,
    /// How its own address was asked.
    pub(super) method: &'static str,
    pub(super) began: Moment,
}

impl Program {
    pub(super) fn new(verbs: Vec<Verb>, base: &str, method: &'static str, began: Moment) -> Self {
        Self { verbs: verbs.into(), at: 0, base: base.into(), method, began }
    }

    /// The next verb, as a list and a place in it.
    pub(super) fn advance(&mut self) -> Option<(Arc<[Verb]>, usize)> {
        let at = self.at;
        self.at += 1;
        (at < self.verbs.len()).then(|| (Arc::clone(&self.verbs), at))
    }
}

/// What a leg is doing.
#[derive(Debug)]
pub(super) enum Doing {
    /// It waits for its phone, for a document, or for a sound to end.
    Waiting,
    Gathering(Box<Gathering>),
    Recording(Box<Taped>),
    Dialing(Box<Dialing>),
    /// It talks to another one.
    Bridged,
}

/// A leg.
#[derive(Debug)]
pub(super) struct Leg {
    pub(super) thread: usize,
    pub(super) sid: String,
    /// Whose phone.
    pub(super) who: String,
    /// Which of our numbers the call came in on.
    pub(super) number: usize,
    pub(super) from: String,
    pub(super) to: String,
    /// The caller's leg, on a callee's.
    pub(super) parent: Option<LegId>,
    pub(super) status: Status,
    pub(super) manner: Manner,
    /// What happens when a callee's phone rings.
    pub(super) pickup: Pickup,
    pub(super) began: Moment,
    pub(super) answered: Option<Moment>,
    /// Counts what it has done: what was planned for an earlier one is void.
    pub(super) epoch: u32,
    pub(super) doing: Doing,
    pub(super) program: Program,
    /// Where it waits in a queue.
    pub(super) stay: Option<Box<Stay>>,
    /// Documents that the call has asked for; on the caller's leg.
    pub(super) documents: u32,
    /// How often keys were asked for.
    pub(super) prompts: usize,
    /// Whether it is settled when they hang up.
    pub(super) leaves: bool,
    /// What a callee's leg reports, and what it runs when answered.
    pub(super) status_to: Option<Callback>,
    pub(super) whisper: Option<Link>,
    pub(super) sequence: u32,
    /// The other half of a call from one of our numbers to another: the callee's leg and the call that it opened.
    pub(super) twin: Option<LegId>,
    /// Through how many of our own numbers it came.
    pub(super) hops: u32,
    /// Whether the provider says where phones are.
    pub(super) geography: bool,
    /// The token of an inbound call.
    pub(super) token: Option<String>,
    /// How the call was asked for through the provider's API, on the leg that it rings.
    pub(super) ordered: Option<Box<Ordered>>,
}

/// Whose line it is, and what it shows.
pub(super) struct Line {
    pub(super) thread: usize,
    pub(super) sid: String,
    pub(super) who: String,
    pub(super) number: usize,
    pub(super) from: String,
    pub(super) to: String,
}

impl Leg {
    /// A line that has just begun, of which no more is known. Its documents are relative to `base`.
    pub(super) fn new(line: Line, base: &str, now: Moment) -> Self {
        let Line { thread, sid, who, number, from, to } = line;
        Self {
            thread,
            sid,
            who,
            number,
            from,
            to,
            parent: None,
            status: Status::Initiated,
            manner: Manner::default(),
            pickup: Pickup::NoAnswer,
            began: now,
            answered: None,
            epoch: 0,
            doing: Doing::Waiting,
            program: Program::new(Vec::new(), base, "POST", now),
            stay: None,
            documents: 0,
            prompts: 0,
            leaves: false,
            status_to: None,
            whisper: None,
            sequence: 0,
            twin: None,
            hops: 0,
            geography: false,
            token: None,
            ordered: None,
        }
    }

    pub(super) fn is_callee(&self) -> bool {
        self.parent.is_some()
    }

    pub(super) fn is_over(&self) -> bool {
        self.status.is_over()
    }

    /// Begins something else: what was planned is void.
    pub(super) fn turn(&mut self, doing: Doing) -> Doing {
        self.epoch += 1;
        std::mem::replace(&mut self.doing, doing)
    }

    /// What they press now that keys are listened for.
    pub(super) fn take_press(&mut self) -> Option<Press> {
        let press = self.manner.presses.get(self.prompts).cloned();
        self.prompts += 1;
        press.filter(|press| !press.keys.is_empty())
    }
}
