//! One webhook from end to end, and everything that it needs at hand.
//!
//! Deliberately not here: HTTP, and what leaves the machine. The way a call travels: verify, read, claim, world,
//! decide, compose, write, settle. **Invariant:** on that way nothing waits but the journal's commit, and that no
//! longer than its deadline.

pub mod desk;
pub mod directory;
mod erase;
mod errands;
mod explain;
pub mod hearing;
mod herald;
mod ink;
mod ladder;
mod ledger;
pub mod live;
pub mod media;
mod memory;
pub mod metrics;
mod note;
pub mod outbound;
mod refusal;
mod settle;
mod subject;
mod sweep;
pub mod telling;
pub mod typed;
mod webhook;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use parking_lot::Mutex;

use crate::domain::{Clock, E164, Moment};
use crate::routing::effect::Todo;
use crate::rules::hours::HoursMistake;
use crate::rules::ruleset::Ruleset;
use crate::store::fact::Scope;
use crate::store::{Reader, Store, StoreError, Vault, VaultError};

pub use crate::providers::Request;
pub use erase::NotErased;
pub use explain::{Explained, Probe};
pub use ink::Step;
pub use media::Medium;
pub use outbound::{Placement, Provider};
pub use refusal::Refusal;

use ink::Ink;
use memory::Memory;
use metrics::Metrics;

/// What the provider gets back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Content type; `None` with an empty body.
    pub content_type: Option<&'static str>,
    /// The document.
    pub body: Vec<u8>,
}

/// What the server is told at its start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What providers reach, unless an account has its own.
    pub public_base_url: String,
    /// Narrows every tenant's countries; empty narrows nothing.
    pub allowed_countries: Vec<String>,
    /// Whether `X-Hookswitch-Clock` is honoured on sandbox accounts.
    pub test_clock: bool,
}

/// Whether the server can answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Readiness {
    /// It answers; from memory only where `degraded` says why.
    Ready {
        /// Why the database cannot be written, where it cannot.
        degraded: Option<String>,
    },
    /// Going down.
    Draining,
}

/// Why a switchboard cannot start, or cannot take in what it was told.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys that seal.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A location's hours.
    #[error("the hours of a location cannot be used: {0}")]
    Hours(String),
}

impl From<Vec<HoursMistake>> for StartError {
    fn from(mistakes: Vec<HoursMistake>) -> Self {
        Self::Hours(
            mistakes.iter().map(|wrong| format!("{}: {}", wrong.field, wrong.message)).collect::<Vec<_>>().join("; "),
        )
    }
}

/// Locks that keep the steps of one call, and the calls of one account, in order.
const STRIPES: usize = 256;

/// The switchboard.
pub struct Switchboard {
    memory: ArcSwap<Memory>,
    ink: Ink,
    vault: Vault,
    clock: Clock,
    settings: Settings,
    stripes: Box<[Mutex<()>]>,
    metrics: Metrics,
    draining: AtomicU8,
    refusals: refusal::Refusals,
    locks: desk::Locks,
    /// Held while a call of ours is planned.
    calling: Mutex<()>,
    /// How far the store's feed was heard.
    heard: AtomicI64,
    /// With a test clock, the latest time of a request since the world was set.
    told: AtomicI64,
    /// When it was, by the clock.
    told_at: AtomicI64,
}

impl Switchboard {
    /// One in memory, for replay and for explaining a rules file: no sockets, no files.
    ///
    /// # Errors
    /// Hours that cannot be compiled.
    pub fn offline(
        rulesets: &[Ruleset],
        clock: Clock,
        settings: Settings,
        vault: Vault,
    ) -> Result<Arc<Self>, StartError> {
        let memory = Memory::new(clock.now(), settings.allowed_countries.clone(), true);
        for ruleset in rulesets {
            vault.provide(ruleset.tenant.id.as_str())?;
            memory.learn_ruleset(ruleset)?;
        }
        Ok(Arc::new(Self::with(memory, Ink::in_memory(), clock, settings, vault)))
    }

    /// One on a store, with everything in it loaded.
    ///
    /// # Errors
    /// A store that cannot be read; hours that cannot be compiled.
    pub async fn start(store: Store, clock: Clock, settings: Settings) -> Result<Arc<Self>, StartError> {
        let heard = store.read().feed_end().await?;
        let memory = Self::loaded(&store, clock.now(), &settings).await?;
        let (vault, reader) = (store.vault().clone(), store.read().clone());
        let board = Arc::new(Self::with(memory, Ink::stored(store), clock, settings, vault));
        board.heard.store(heard, Ordering::SeqCst);
        board.learn_claims(reader);
        Ok(board)
    }

    /// Has the store's claims learnt while webhooks are being answered: there may be millions.
    fn learn_claims(&self, reader: Reader) {
        let memory = self.memory.load_full();
        tokio::spawn(async move {
            if let Err(error) = memory.load_claims(&reader).await {
                tracing::error!(%error, "which deliveries were answered could not be read; each is looked for");
            }
        });
    }

    /// One that only explains, on a store that another process may be writing: of one number, at any time.
    ///
    /// # Errors
    /// As [`Switchboard::start`].
    pub async fn explaining(
        reader: &Reader,
        scope: Scope,
        settings: Settings,
        vault: Vault,
    ) -> Result<Arc<Self>, StartError> {
        let at = match scope {
            Scope::Running { now: at } | Scope::Number { until: at, .. } => at,
            Scope::Declared => Moment::default(),
        };
        let memory = Memory::new(at, settings.allowed_countries.clone(), true);
        memory.load(reader, scope).await?;
        Ok(Arc::new(Self::with(memory, Ink::in_memory(), Clock::stopped(at), settings, vault)))
    }

    /// The memory of a running server. Where tests may tell any time, nothing in the store is too old to matter.
    async fn loaded(store: &Store, now: Moment, settings: &Settings) -> Result<Memory, StartError> {
        let memory = Memory::new(now, settings.allowed_countries.clone(), settings.test_clock);
        memory.ledger.partial(true);
        let now = if settings.test_clock { Moment::default() } else { now };
        // Asked first: what is written between the two is in the store, and learning it twice does no harm.
        let waiting = store.waiting().await?;
        memory.load(store.read(), Scope::Running { now }).await?;
        memory.catch_up(waiting)?;
        Ok(memory)
    }

    fn with(memory: Memory, ink: Ink, clock: Clock, settings: Settings, vault: Vault) -> Self {
        Self {
            memory: ArcSwap::from_pointee(memory),
            ink,
            vault,
            clock,
            settings,
            stripes: (0..2 * STRIPES).map(|_| Mutex::new(())).collect(),
            metrics: Metrics::default(),
            draining: AtomicU8::new(0),
            refusals: refusal::Refusals::default(),
            locks: desk::Locks::default(),
            calling: Mutex::new(()),
            heard: AtomicI64::new(0),
            told: AtomicI64::new(i64::MIN),
            told_at: AtomicI64::new(i64::MIN),
        }
    }

    /// Takes in rules that were just applied: the next webhook goes by them.
    ///
    /// # Errors
    /// Hours that cannot be compiled; what came before them is taken in.
    pub fn learn(&self, ruleset: &Ruleset) -> Result<(), StartError> {
        self.memory.load().learn_ruleset(ruleset)
    }

    /// Takes in all that is declared in the store, in place of what was known of it. Calls in progress, claims and what
    /// happened lately are left alone: while the server runs, the memory knows more of them than the store.
    ///
    /// # Errors
    /// As [`Switchboard::start`]; what came before the error is taken in.
    pub async fn refresh(&self) -> Result<(), StartError> {
        let Some(store) = self.ink.store() else { return Ok(()) };
        let _alone = self.locks.alone().await;
        let memory = self.memory.load_full();
        memory.refresh(store.read()).await
    }

    /// Forgets everything, calls in progress too, and loads the store anew: for a test's new world.
    ///
    /// # Errors
    /// As [`Switchboard::start`]; the memory is then as it was.
    pub async fn reset(&self) -> Result<(), StartError> {
        let Some(store) = self.ink.store() else { return Ok(()) };
        let _alone = self.locks.alone().await;
        let heard = store.read().feed_end().await?;
        let memory = Self::loaded(store, self.clock.now(), &self.settings).await?;
        self.heard.store(heard, Ordering::SeqCst);
        self.told.store(i64::MIN, Ordering::Relaxed);
        self.memory.store(Arc::new(memory));
        self.learn_claims(store.read().clone());
        Ok(())
    }

    /// Whether it can answer.
    pub fn readiness(&self) -> Readiness {
        if self.draining.load(Ordering::SeqCst) > 0 {
            return Readiness::Draining;
        }
        Readiness::Ready { degraded: self.ink.degraded() }
    }

    /// Says from now on that it is going down.
    pub fn drain(&self) {
        self.draining.store(1, Ordering::SeqCst);
    }

    /// Writes down everything that waits; false when the deadline came first.
    pub async fn flush(&self, deadline: Duration) -> bool {
        self.ink.flush(deadline).await
    }

    /// The steps of one call or text, oldest first; none when it is not known.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub async fn steps(&self, sid: &str) -> Result<Vec<Step>, StoreError> {
        self.ink.steps(sid).await
    }

    /// How many steps were taken, of all calls and texts together, and the last beyond the first `seen`; `None` where
    /// they are in a store.
    pub fn grown(&self, seen: usize) -> Option<(usize, Option<Step>)> {
        self.ink.grown(seen)
    }

    /// The newest to-do that owes a phone a call; `None` where to-dos are in a store.
    pub fn owed(&self, phone: E164) -> Option<Todo> {
        self.ink.owed(phone)
    }

    /// Whether there are accounts and every one is a sandbox: only then the test doors are open.
    pub fn all_sandbox(&self) -> bool {
        self.memory.load().directory.accounts().iter().all(|line| line.account.sandbox)
    }

    /// The last refusal of each account, with what would have been right.
    pub fn refusals(&self) -> Vec<Refusal> {
        self.refusals.last()
    }

    /// What is counted and timed.
    pub fn metrics(&self) -> String {
        self.metrics.degraded.set(i64::from(self.ink.degraded().is_some()));
        self.metrics.text()
    }

    /// Whether a phone number is a masking number, whosever: one that was given back is not.
    pub fn is_ours(&self, phone: E164) -> bool {
        self.memory.load().directory.is_ours(phone)
    }

    /// The only regions that any tenant may call; all where it is empty.
    pub fn countries(&self) -> &[String] {
        &self.settings.allowed_countries
    }

    /// How many sessions are known.
    pub fn sessions_known(&self) -> usize {
        self.memory.load().directory.sessions_known()
    }
}
