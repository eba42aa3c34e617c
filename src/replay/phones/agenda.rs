//! What is going to happen, and when: a list in the order of time.
//!
//! Deliberately not here: letting it happen (`super::network`).

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::domain::Moment;

use super::leg::LegId;
use super::request::Request;

/// Something that is going to happen.
#[derive(Debug)]
pub(super) enum Due {
    /// Somebody begins what they set out to.
    Begins { person: usize, act: usize },
    /// A request reaches us.
    Ask(Box<Request>),
    /// A leg goes on, unless it does something else by then.
    Goes { leg: LegId, epoch: u32, step: Step },
    /// Somebody hangs up, unless their line is dead by then.
    HangsUp { leg: LegId },
    /// A line has been open for as long as lines can be.
    TooLong { leg: LegId },
    /// A text reaches a phone.
    Delivers(Box<super::text::Delivery>),
}

/// How a leg goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// The next verb.
    Verb,
    /// The next sound of a prompt.
    Prompt,
    /// The first key.
    Key,
    /// No more keys.
    Gathered,
    /// The beep is over.
    Beeped,
    /// A recording ends by itself: by silence, its length, or a key.
    Recorded { key: Option<char> },
    /// A phone begins to ring.
    Rings,
    /// Somebody answers it.
    PicksUp,
    /// Somebody declines.
    Declines,
    /// It has rung long enough.
    RungOut,
    /// Somebody talked long enough.
    TalkedEnough,
    /// The caller ends the other side with a star.
    Star,
    /// Whoever was bridged has nothing more to say.
    Leaves,
    /// The wait document is asked for again.
    WaitsOn,
    /// Nobody came to the queue that was dialled.
    QueueEmpty,
}

#[derive(Debug)]
struct Entry {
    at: Moment,
    no: u64,
    due: Due,
}

/// The list.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    entries: BinaryHeap<Reverse<Entry>>,
    count: u64,
}

impl Agenda {
    /// Adds something: after everything else of the same instant.
    pub(super) fn add(&mut self, at: Moment, due: Due) {
        self.count += 1;
        self.entries.push(Reverse(Entry { at, no: self.count, due }));
    }

    pub(super) fn first(&self) -> Option<(Moment, &Due)> {
        self.entries.peek().map(|Reverse(entry)| (entry.at, &entry.due))
    }

    pub(super) fn take(&mut self) -> Option<(Moment, Due)> {
        self.entries.pop().map(|Reverse(entry)| (entry.at, entry.due))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.no == other.no
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.no).cmp(&(other.at, other.no))
    }
}
