//! Changes that somebody makes while the server runs: checked against what is stored, written down, and known to the
//! next webhook.
//!
//! Deliberately not here: what may be changed how (the doors ask `rules`), and SQL. **Invariant:** no webhook waits for
//! anything here; whoever changes a tenant waits for whoever changes the same tenant.

use std::sync::Arc;

use dashmap::DashMap;
use foldhash::fast::RandomState;
use tokio::sync::Mutex;

use super::{StartError, Switchboard};
use crate::domain::{Moment, TenantId};
use crate::rules::ruleset::Ruleset;
use crate::store::base::{Base, Wants};
use crate::store::edit::{Act, Actor, Edit, Gone, Keep, Written};
use crate::store::{Reader, StoreError};

/// How often a change is checked again because another process was faster.
const TRIES: usize = 8;

/// One lock a tenant.
pub(super) type Locks = DashMap<TenantId, Arc<Mutex<()>>, RandomState>;

/// Who asks for a change, and in which request.
#[derive(Clone, Debug)]
pub struct Asker {
    /// Who.
    pub by: Actor,
    /// The request's id.
    pub request: String,
    /// When.
    pub at: Moment,
}

/// What a change comes to, after it was checked.
#[derive(Clone, Debug)]
pub struct Plan<T> {
    /// What is to be there.
    pub rules: Ruleset,
    /// What is to be gone.
    pub gone: Vec<Gone>,
    /// What else changes.
    pub acts: Vec<Act>,
    /// What a repeat of the request is answered.
    pub keep: Option<Keep>,
    /// Whether it is only looked at: nothing is written.
    pub dry: bool,
    /// What whoever asked is told.
    pub outcome: T,
}

impl<T> Plan<T> {
    /// A plan that puts these rules in place.
    pub fn put(rules: Ruleset, outcome: T) -> Self {
        Self { rules, gone: Vec::new(), acts: Vec::new(), keep: None, dry: false, outcome }
    }

    /// A plan that takes one thing away from what is stored.
    pub fn take(base: &Ruleset, gone: Gone, outcome: T) -> Self {
        Self { gone: vec![gone], ..Self::put(base.only_tenant(), outcome) }
    }

    /// A plan that changes what no rules file can say.
    pub fn act(base: &Ruleset, act: Act, outcome: T) -> Self {
        Self { acts: vec![act], ..Self::put(base.only_tenant(), outcome) }
    }
}

/// Why nothing was changed.
#[derive(Debug)]
pub enum NotChanged<E> {
    /// There is no such tenant.
    NoTenant,
    /// The change was refused where it was checked.
    Refused(E),
    /// The store refused it, or failed.
    Store(StoreError),
    /// Others were faster every time.
    Busy,
    /// It was written, and cannot be taken into memory.
    Memory(StartError),
}

impl Switchboard {
    /// What is stored, for reading; `None` for a switchboard without a store.
    pub fn reader(&self) -> Option<&Reader> {
        Some(self.ink.store()?.read())
    }

    /// Whose key this is, and which of theirs.
    pub fn key_owner(&self, key: &str) -> Option<(TenantId, String)> {
        let _ = key;
        None
    }

    /// The time that it is.
    pub fn time(&self) -> Moment {
        self.clock.now()
    }

    /// Checks a change against what is stored and writes it down: `plan` is asked again where another process changed
    /// the tenant meanwhile. From then on every webhook goes by it.
    ///
    /// # Errors
    /// Why nothing was changed.
    pub async fn change<T, E>(
        &self,
        tenant: &TenantId,
        wants: &Wants,
        asker: &Asker,
        plan: impl Fn(&Base) -> Result<Plan<T>, E>,
    ) -> Result<T, NotChanged<E>> {
        let Some(store) = self.ink.store() else { return Err(NotChanged::NoTenant) };
        let lock = Arc::clone(&self.locks.entry(tenant.clone()).or_default());
        let _mine = lock.lock().await;
        for _ in 0..TRIES {
            let base = store.read().base(tenant, wants).await.map_err(NotChanged::Store)?;
            let Some(base) = base else { return Err(NotChanged::NoTenant) };
            let Plan { rules, gone, acts, keep, dry, outcome } = plan(&base).map_err(NotChanged::Refused)?;
            if dry {
                return Ok(outcome);
            }
            let edit = Edit {
                rules,
                gone,
                acts,
                seen: base.revision,
                by: asker.by.clone(),
                request: asker.request.clone(),
                keep,
                at: asker.at,
            };
            match store.edit(&edit).await.map_err(NotChanged::Store)? {
                Written::Stale => {}
                Written::Done => {
                    self.take_in(&edit).map_err(NotChanged::Memory)?;
                    return Ok(outcome);
                }
            }
        }
        Err(NotChanged::Busy)
    }

    /// The next webhook goes by it.
    fn take_in(&self, edit: &Edit) -> Result<(), StartError> {
        self.learn(&edit.rules)
    }
}
