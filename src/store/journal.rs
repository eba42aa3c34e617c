//! The journal as its users see it: hand in an entry, learn whether it is in the database.
//!
//! Deliberately not here: writing it down (`store::writer`). **Invariant:** handing in never waits, and learning takes
//! no longer than the commit deadline and a spilled line.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use super::entry::Entry;
use super::health::{Backlog, Health, Shared};
use super::item::{Item, Whereabouts};
use super::spiller::Spiller;

/// How long to wait for the spill file before saying that an entry waits: it does so either way.
const SPILL_PATIENCE: Duration = Duration::from_millis(500);

/// Where webhooks are written down. Cheap to clone.
#[derive(Clone)]
pub struct Journal {
    pub(super) queue: mpsc::Sender<Arc<Item>>,
    pub(super) spiller: Spiller,
    pub(super) shared: Arc<Shared>,
    pub(super) deadline: Duration,
}

/// What became of an entry by the time that its caller must be answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Settled {
    /// It is in the database, on the disk.
    Committed,
    /// It is in the spill file, on the disk, and is written when the database takes it. Where the spill file fails too
    /// it is in memory, and [`Journal::health`] says so. An entry that the database will never take was put aside.
    Waiting,
}

impl Journal {
    /// Hands in an entry. Never waits; the entry is on its way whether or not the receipt is asked.
    pub fn submit(&self, entry: Entry) -> Receipt {
        let item = Item::new(entry, Arc::clone(&self.shared));
        if self.shared.degraded() {
            self.spiller.keep(Arc::clone(&item));
        } else if let Err(refused) = self.queue.try_send(Arc::clone(&item)) {
            self.shared.degrade(match refused {
                mpsc::error::TrySendError::Full(_) => "more comes in than the database takes".to_owned(),
                mpsc::error::TrySendError::Closed(_) => "the journal is being closed".to_owned(),
            });
            self.spiller.keep(Arc::clone(&item));
        }
        Receipt { item, spiller: self.spiller.clone(), shared: Arc::clone(&self.shared), deadline: self.deadline }
    }

    /// How the journal is doing.
    pub fn health(&self) -> Health {
        Health::clone(&self.shared.health())
    }

    /// How much waits, and how much went wrong.
    pub fn backlog(&self) -> Backlog {
        self.shared.backlog()
    }

    /// Waits until everything that was handed in is written or spilled; tells whether that was so before the deadline.
    pub async fn flush(&self, deadline: Duration) -> bool {
        let end = Instant::now() + deadline;
        while self.backlog().queued > 0 {
            if Instant::now() >= end {
                return false;
            }
            sleep(Duration::from_millis(2)).await;
        }
        true
    }
}

/// Tells what becomes of an entry.
#[must_use = "a caller may be answered only once its entry is settled"]
pub struct Receipt {
    item: Arc<Item>,
    spiller: Spiller,
    shared: Arc<Shared>,
    deadline: Duration,
}

impl Receipt {
    /// Waits until the entry is committed or spilled. After the commit deadline it is spilled, wherever it is.
    pub async fn settled(self) -> Settled {
        let mut whereabouts = timeout(self.deadline, self.item.moved()).await;
        if whereabouts.is_err() {
            self.shared.degrade(format!("a commit takes longer than {} ms", self.deadline.as_millis()));
            self.spiller.keep(Arc::clone(&self.item));
            whereabouts = timeout(SPILL_PATIENCE, self.item.moved()).await;
        }
        match whereabouts {
            Ok(Whereabouts::Committed) => Settled::Committed,
            Ok(
                Whereabouts::Queued
                | Whereabouts::Held
                | Whereabouts::Lost
                | Whereabouts::Spilled
                | Whereabouts::Rejected,
            )
            | Err(_) => Settled::Waiting,
        }
    }
}
