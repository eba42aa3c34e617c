//! Where entries go: the store's journal, or, for replay, a list in memory.
//!
//! Deliberately not here: what is in an entry (`settle`).

use std::time::Duration;

use parking_lot::Mutex;
use serde_json::Value;

use crate::domain::{E164, Moment};
use crate::routing::effect::Todo;
use crate::store::entry::{ClaimKey, Entry, KeptAnswer, Write};
use crate::store::interactions::StepRecord;
use crate::store::{Health, Journal, Receipt, Settled, Store, StoreError};

/// One webhook of a call or text, as it was decided.
#[derive(Clone, Debug)]
pub struct Step {
    /// When.
    pub at: Moment,
    /// Method and target.
    pub request: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// The decision as JSON, `null` where there is none.
    pub decision: Value,
    /// Kinds of the effects.
    pub effects: Vec<String>,
}

impl Step {
    /// Reads a journal row's columns.
    pub(crate) fn new(at: i64, method: &str, target: &str, status: u16, decision: &str, effects: &str) -> Self {
        Self {
            at: Moment(at),
            request: format!("{method} {target}"),
            status,
            decision: serde_json::from_str(decision).unwrap_or(Value::Null),
            effects: serde_json::from_str(effects).unwrap_or_default(),
        }
    }
}

impl Step {
    fn of_entry(entry: &Entry) -> Self {
        let row = &entry.journal;
        Self::new(entry.at, &row.method, &row.target, row.answer.status, &row.decision, &row.effects)
    }
}

/// Where entries go.
pub enum Ink {
    /// To the store.
    Stored {
        /// It.
        store: Store,
        /// Its journal.
        journal: Journal,
    },
    /// To a list.
    Memory(Mutex<Vec<Entry>>),
}

/// The promise that an entry is being taken care of.
pub enum Promise {
    /// The journal will say when it is committed.
    Stored(Receipt),
    /// It is in the list.
    Kept,
}

impl Promise {
    /// Waits until the entry is committed, or its deadline has passed and it waits in a safe place; true when it is
    /// committed.
    pub async fn settled(self) -> bool {
        match self {
            Self::Stored(receipt) => match receipt.settled().await {
                Settled::Committed => true,
                Settled::Waiting => false,
            },
            Self::Kept => true,
        }
    }
}

impl Ink {
    /// A list in memory.
    pub fn in_memory() -> Self {
        Self::Memory(Mutex::new(Vec::new()))
    }

    /// The store's journal.
    pub fn stored(store: Store) -> Self {
        let journal = store.journal().clone();
        Self::Stored { store, journal }
    }

    /// The store, where there is one.
    pub fn store(&self) -> Option<&Store> {
        match self {
            Self::Stored { store, .. } => Some(store),
            Self::Memory(_) => None,
        }
    }

    /// Takes an entry; never waits.
    pub fn submit(&self, entry: Entry) -> Promise {
        match self {
            Self::Stored { journal, .. } => Promise::Stored(journal.submit(entry)),
            Self::Memory(entries) => {
                entries.lock().push(entry);
                Promise::Kept
            }
        }
    }

    /// Why the database cannot be written, where it cannot.
    pub fn degraded(&self) -> Option<String> {
        match self {
            Self::Stored { journal, .. } => match journal.health() {
                Health::Ok => None,
                Health::Degraded { why, .. } => Some(why),
            },
            Self::Memory(_) => None,
        }
    }

    /// The answer that was kept for a delivery.
    pub async fn kept(&self, key: ClaimKey) -> Result<Option<KeptAnswer>, StoreError> {
        match self {
            Self::Stored { store, .. } => store.read().kept(key).await,
            Self::Memory(entries) => {
                let entries = entries.lock();
                let entry = entries.iter().find(|entry| entry.claim == Some(key));
                Ok(entry.map(|entry| entry.journal.answer.clone()))
            }
        }
    }

    /// Writes down everything that waits.
    pub async fn flush(&self, deadline: Duration) -> bool {
        match self {
            Self::Stored { journal, .. } => journal.flush(deadline).await,
            Self::Memory(_) => true,
        }
    }

    /// The newest to-do in the list in memory that owes a phone a call; `None` for a store, which has to be asked.
    pub fn owed(&self, phone: E164) -> Option<Todo> {
        let Self::Memory(entries) = self else { return None };
        let entries = entries.lock();
        let writes = entries.iter().rev().flat_map(|entry| entry.writes.iter().rev());
        let todos = writes.filter_map(|write| if let Write::Todo(row) = write { row.owed() } else { None });
        todos.into_iter().find(|todo| todo.phone == Some(phone))
    }

    /// How many entries the list in memory has, and the last of those beyond the first `seen`; `None` for a store.
    pub fn grown(&self, seen: usize) -> Option<(usize, Option<Step>)> {
        match self {
            Self::Stored { .. } => None,
            Self::Memory(entries) => {
                let entries = entries.lock();
                let last = entries.get(seen..).and_then(<[Entry]>::last);
                Some((entries.len(), last.map(Step::of_entry)))
            }
        }
    }

    /// The steps of one call or text, oldest first.
    pub async fn steps(&self, sid: &str) -> Result<Vec<Step>, StoreError> {
        match self {
            Self::Stored { store, .. } => {
                let steps = match store.read().interaction(sid).await? {
                    Some(record) => record.steps,
                    None => store.read().stray_steps(sid).await?,
                };
                let step = |s: &StepRecord| {
                    let status = u16::try_from(s.status).unwrap_or_default();
                    Step::new(s.at, &s.method, &s.target, status, &s.decision, &s.effects)
                };
                Ok(steps.iter().map(step).collect())
            }
            Self::Memory(entries) => {
                let entries = entries.lock();
                let named = |entry: &&Entry| entry.journal.sid == sid;
                // Not every webhook names its call; all of them are one interaction's, as in the store.
                let whole = entries.iter().filter(named).find_map(|entry| entry.journal.interaction.as_deref());
                let of_sid = entries
                    .iter()
                    .filter(|entry| named(entry) || (whole.is_some() && entry.journal.interaction.as_deref() == whole));
                Ok(of_sid.map(Step::of_entry).collect())
            }
        }
    }
}
