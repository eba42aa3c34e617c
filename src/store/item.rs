//! An entry on its way, and what its sender learns of it.
//!
//! Deliberately not here: the way (`store::writer`, `store::spiller`).

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::Notify;

use super::entry::Entry;
use super::health::Shared;

/// Where an entry is; of two, the later in this list is the better news.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Whereabouts {
    /// Waiting to be written.
    Queued,
    /// In memory only: the spill file cannot be written either.
    Held,
    /// Neither written nor kept: no disk takes it, and memory is full.
    Lost,
    /// In the spill file, on the disk.
    Spilled,
    /// Put aside: the database will never take it.
    Rejected,
    /// In the database.
    Committed,
}

impl Whereabouts {
    const ALL: [Self; 6] = [Self::Queued, Self::Held, Self::Lost, Self::Spilled, Self::Rejected, Self::Committed];
}

/// An entry and where it is.
pub(super) struct Item {
    pub(super) entry: Entry,
    at: AtomicU8,
    changed: Notify,
    shared: Arc<Shared>,
}

impl Item {
    pub(super) fn new(entry: Entry, shared: Arc<Shared>) -> Arc<Self> {
        shared.outstanding.fetch_add(1, Ordering::SeqCst);
        Arc::new(Self { entry, at: AtomicU8::new(Whereabouts::Queued as u8), changed: Notify::new(), shared })
    }

    pub(super) fn whereabouts(&self) -> Whereabouts {
        Whereabouts::ALL[usize::from(self.at.load(Ordering::SeqCst))]
    }

    /// Tells where it is now; the better news stays.
    pub(super) fn is(&self, now: Whereabouts) {
        let before = self.at.fetch_max(now as u8, Ordering::SeqCst);
        if before == Whereabouts::Queued as u8 && now != Whereabouts::Queued {
            self.shared.outstanding.fetch_sub(1, Ordering::SeqCst);
        }
        self.changed.notify_waiters();
    }

    /// Waits until it is no longer merely queued.
    pub(super) async fn moved(&self) -> Whereabouts {
        loop {
            let changed = self.changed.notified();
            let now = self.whereabouts();
            if now != Whereabouts::Queued {
                return now;
            }
            changed.await;
        }
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        if self.whereabouts() == Whereabouts::Queued {
            self.shared.outstanding.fetch_sub(1, Ordering::SeqCst);
        }
    }
}
