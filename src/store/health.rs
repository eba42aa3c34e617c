//! How the journal is doing, as everybody may ask at any time.
//!
//! Deliberately not here: what `/readyz` says about it (`http`).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use arc_swap::ArcSwap;
use tokio::sync::Notify;

use crate::domain::{Clock, Moment};

/// How the journal is doing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Health {
    /// What is submitted is committed.
    Ok,
    /// What is submitted waits: in the spill file, or where that fails too, in memory.
    Degraded {
        /// Since when.
        since: Moment,
        /// Why, for a person.
        why: String,
    },
}

/// How much waits, and how much went wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Backlog {
    /// Entries that were submitted, and are neither written nor spilled yet.
    pub queued: usize,
    /// Entries in the spill file.
    pub spilled: u64,
    /// Entries in memory only, because the spill file cannot be written either.
    pub held: u64,
    /// Entries that were put aside since the start: the database will never take them.
    pub rejected: u64,
    /// Entries that were lost since the start: no disk took them, and memory was full.
    pub lost: u64,
}

/// What the journal's parts tell each other.
pub(super) struct Shared {
    clock: Clock,
    degraded: AtomicBool,
    health: ArcSwap<Health>,
    pub(super) outstanding: AtomicUsize,
    pub(super) spilled: AtomicU64,
    pub(super) held: AtomicU64,
    pub(super) rejected: AtomicU64,
    pub(super) lost: AtomicU64,
    /// Told when something is in the outbox.
    pub(super) outbox: Notify,
}

impl Shared {
    pub(super) fn new(clock: Clock) -> Arc<Self> {
        Arc::new(Self {
            clock,
            degraded: AtomicBool::new(false),
            health: ArcSwap::from_pointee(Health::Ok),
            outstanding: AtomicUsize::new(0),
            spilled: AtomicU64::new(0),
            held: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            outbox: Notify::new(),
        })
    }

    pub(super) fn degraded(&self) -> bool {
        self.degraded.load(Ordering::SeqCst)
    }

    pub(super) fn health(&self) -> Arc<Health> {
        self.health.load_full()
    }

    pub(super) fn backlog(&self) -> Backlog {
        Backlog {
            queued: self.outstanding.load(Ordering::SeqCst),
            spilled: self.spilled.load(Ordering::SeqCst),
            held: self.held.load(Ordering::SeqCst),
            rejected: self.rejected.load(Ordering::SeqCst),
            lost: self.lost.load(Ordering::SeqCst),
        }
    }

    /// Tells that what is submitted waits from now on. The first to say so sets the date; the latest reason counts.
    pub(super) fn degrade(&self, why: String) {
        let now = self.clock.now();
        self.health.rcu(|health| match health.as_ref() {
            Health::Ok => Health::Degraded { since: now, why: why.clone() },
            Health::Degraded { since, .. } => Health::Degraded { since: *since, why: why.clone() },
        });
        if !self.degraded.swap(true, Ordering::SeqCst) {
            tracing::error!(why, "the journal waits for its database");
        }
    }

    /// Tells that what is submitted is committed again.
    pub(super) fn recover(&self) {
        self.health.store(Arc::new(Health::Ok));
        if self.degraded.swap(false, Ordering::SeqCst) {
            tracing::info!("the journal is written again");
        }
    }
}
