//! Changes that somebody makes while the server runs: checked against what is stored, written down, and known to the
//! next webhook.
//!
//! Deliberately not here: what may be changed how (the doors ask `rules`), and SQL. **Invariant:** no webhook waits for
//! anything here; whoever changes a tenant waits for whoever changes the same tenant.

use std::convert::Infallible;
use std::sync::Arc;

use dashmap::DashMap;
use foldhash::fast::RandomState;
use subtle::ConstantTimeEq;
use tokio::sync::{Mutex, OwnedMutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::{StartError, Switchboard};
use crate::domain::{Moment, Tenant, TenantId};
use crate::rules::ruleset::{Ruleset, Secret};
use crate::store::base::{Base, Revision, WantSessions, Wants};
use crate::store::edit::{Act, Actor, Edit, Gone, Keep, Written};
use crate::store::fact::Fact;
use crate::store::{Reader, Store, StoreError, tenant_keys};

/// How often a change is checked again because another process was faster.
const TRIES: usize = 8;

/// Who may read what is stored in order to take it in or to change it: one of a tenant at a time, or somebody who takes
/// in everything, alone.
#[derive(Default)]
pub(super) struct Locks {
    tenants: DashMap<TenantId, Arc<Mutex<()>>, RandomState>,
    all: RwLock<()>,
}

/// A tenant's turn.
pub(super) struct Turn<'a> {
    _own: OwnedMutexGuard<()>,
    _shared: RwLockReadGuard<'a, ()>,
}

impl Locks {
    /// Waits for a tenant's turn.
    pub(super) async fn turn(&self, tenant: &TenantId) -> Turn<'_> {
        let shared = self.all.read().await;
        let lock = Arc::clone(&self.tenants.entry(tenant.clone()).or_default());
        Turn { _own: lock.lock_owned().await, _shared: shared }
    }

    /// Waits until nobody has a turn.
    pub(super) async fn alone(&self) -> RwLockWriteGuard<'_, ()> {
        self.all.write().await
    }
}

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

impl NotChanged<Infallible> {
    /// The same, where it could not have been refused.
    pub fn for_any<E>(self) -> NotChanged<E> {
        match self {
            Self::NoTenant => NotChanged::NoTenant,
            Self::Refused(never) => match never {},
            Self::Store(error) => NotChanged::Store(error),
            Self::Busy => NotChanged::Busy,
            Self::Memory(error) => NotChanged::Memory(error),
        }
    }
}

impl Switchboard {
    /// What is stored, for reading; `None` for a switchboard without a store.
    pub fn reader(&self) -> Option<&Reader> {
        Some(self.ink.store()?.read())
    }

    /// The store itself; `None` for a switchboard without one.
    pub fn store(&self) -> Option<&Store> {
        self.ink.store()
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
        let _turn = self.locks.turn(tenant).await;
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
            match store.edit(&edit).await {
                // Another process was faster: with this change of the tenant, or with the same request.
                Ok(Written::Stale) | Err(StoreError::Answered) => {}
                Err(error) => return Err(NotChanged::Store(error)),
                Ok(Written::Done) => {
                    self.take_in(store, &edit).await.map_err(NotChanged::Memory)?;
                    return Ok(outcome);
                }
            }
        }
        Err(NotChanged::Busy)
    }

    /// Makes a tenant that is not there yet, with what the plan names of it: for the operator alone. The answer to be
    /// kept is kept under [`OPERATOR`](crate::store::kept::OPERATOR).
    ///
    /// # Errors
    /// Why nothing was made; a tenant of this id is a [`Conflict::Tenant`](crate::store::Conflict::Tenant).
    pub async fn found<T>(&self, asker: &Asker, plan: Plan<T>) -> Result<T, NotChanged<Infallible>> {
        let Some(store) = self.ink.store() else { return Err(NotChanged::NoTenant) };
        let Plan { rules, gone, acts, keep, dry, outcome } = plan;
        let _turn = self.locks.turn(&rules.tenant.id).await;
        if dry {
            return Ok(outcome);
        }
        let (by, request, at) = (asker.by.clone(), asker.request.clone(), asker.at);
        let edit = Edit { rules, gone, acts, seen: Revision::default(), by, request, keep, at };
        store.found(&edit).await.map_err(NotChanged::Store)?;
        self.take_in(store, &edit).await.map_err(NotChanged::Memory)?;
        Ok(outcome)
    }

    /// Takes a tenant away that has nothing any more, with its keys: for the operator alone.
    ///
    /// # Errors
    /// There is none; what it still has ([`Conflict::Holds`](crate::store::Conflict::Holds)); a database that fails.
    pub async fn dissolve(&self, tenant: &TenantId, asker: &Asker) -> Result<(), NotChanged<Infallible>> {
        let Some(store) = self.ink.store() else { return Err(NotChanged::NoTenant) };
        let _turn = self.locks.turn(tenant).await;
        let done = store.dissolve(tenant, &asker.by, &asker.request, asker.at).await;
        if !done.map_err(NotChanged::Store)? {
            return Err(NotChanged::NoTenant);
        }
        self.memory.load().directory.dissolve(tenant);
        Ok(())
    }

    /// Whether there is such a tenant. One that another process has just made is asked of the store.
    ///
    /// # Errors
    /// A database that fails.
    pub async fn knows(&self, tenant: &TenantId) -> Result<bool, StoreError> {
        if self.memory.load().directory.tenant(tenant).is_some() {
            return Ok(true);
        }
        let Some(store) = self.ink.store() else { return Ok(false) };
        Ok(store.read().base(tenant, &Wants::default()).await?.is_some())
    }

    /// Whose key this is, and the key's id: `file` for one that a rules file declares.
    pub fn key_owner(&self, key: &str) -> Option<(TenantId, String)> {
        self.memory.load().directory.key_owner(&tenant_keys::hash(key))
    }

    /// The tenant of this id.
    pub fn tenant(&self, id: &TenantId) -> Option<Arc<Tenant>> {
        self.memory.load().directory.tenant(id)
    }

    /// The tenant of a DeepCall user with this token.
    pub fn deepcall_user(&self, user: &str, token: &str) -> Option<TenantId> {
        self.memory.load().directory.deepcall_user(user, token)
    }

    /// The tenant of a DeepCall session id.
    pub fn deepcall_ssid(&self, ssid: &str) -> Option<TenantId> {
        self.memory.load().directory.deepcall_ssid(ssid)
    }

    /// Whether a DeepCall session id is another tenant's: were it both's, it would be nobody's.
    pub fn is_ssid_of_another(&self, ssid: &str, tenant: &TenantId) -> bool {
        self.memory.load().directory.is_ssid_of_another(ssid, tenant)
    }

    /// Whose program this is, by the name and the token that Plivo's clients send. Every token is looked at: how long it
    /// takes tells nothing of them.
    pub fn account_owner(&self, auth_id: &str, token: &str) -> Option<TenantId> {
        let (tenant, secrets) = self.memory.load().directory.account_owner(auth_id)?;
        let right = |known: &Secret| bool::from(known.expose().as_bytes().ct_eq(token.as_bytes())) && !known.is_empty();
        let found = secrets.auth_tokens.iter().fold(false, |found, known| found | right(known));
        found.then(|| tenant.id.clone())
    }

    /// The region in which a tenant's phones are dialled nationally; blank where there is no such tenant.
    pub fn country(&self, tenant: &TenantId) -> String {
        self.memory.load().directory.tenant(tenant).map(|tenant| tenant.country.clone()).unwrap_or_default()
    }

    /// What is reached from outside, without a slash at its end.
    pub fn public_base_url(&self) -> &str {
        self.settings.public_base_url.trim_end_matches('/')
    }

    /// The next webhook goes by it.
    async fn take_in(&self, store: &Store, edit: &Edit) -> Result<(), StartError> {
        let memory = self.memory.load();
        let tenant = &edit.rules.tenant.id;
        let mut countries = memory.directory.tenant(tenant).as_deref() != Some(&edit.rules.tenant);
        countries |= !edit.rules.numbers.is_empty();
        for gone in &edit.gone {
            countries |= matches!(gone, Gone::Number(_));
            memory.directory.forget(tenant, gone);
        }
        for act in &edit.acts {
            match act {
                Act::KeyMade(key) => memory.directory.learn(Fact::Key(tenant.clone(), key.clone()))?,
                Act::KeyRevoked { id } => memory.directory.revoke(tenant, id),
                Act::OptOut { number, phone, out } => memory.directory.opt_out(*number, *phone, *out),
                Act::Todo { .. } | Act::Call { .. } => {}
            }
        }
        memory.learn_rules(&edit.rules)?;
        if countries {
            memory.directory.settle_countries();
        }
        // The store ended the sessions of jobs that are gone.
        for gone in &edit.gone {
            let Gone::WorkOrder(job) = gone else { continue };
            let wants = Wants { sessions: WantSessions::OfWorkOrder(job.to_string()), ..Wants::default() };
            let base = store.read().base(tenant, &wants).await?;
            for session in base.into_iter().flat_map(|base| base.rules.sessions) {
                memory.directory.learn(Fact::Session(session))?;
            }
        }
        Ok(())
    }
}
