//! One change that somebody makes while the server runs: checked against one revision, written in one transaction with
//! its audit, its place in the feed and the answer that a repeat gets; or not at all.
//!
//! Deliberately not here: what may be changed how (`rules`, and the doors).

use sha2::{Digest, Sha256};

use super::acts;
use super::apply;
use super::audit::Origin;
use super::base::{self, Revision};
use super::draft::Draft;
use super::error::{Conflict, StoreError};
use super::kept::{self, OPERATOR};
use super::keys;
use super::open::Store;
use crate::domain::{
    AccountId, CallId, CustomerId, E164, LocationId, MaskingNumber, Moment, Placing, TechnicianId, WorkOrderId,
};
use crate::rules::ruleset::Ruleset;

/// Who changes something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Actor {
    /// A tenant's program, by the id of its key.
    Key(String),
    /// The operator, by the admin key.
    Operator,
    /// A rules file, by its name.
    File(String),
    /// The program itself.
    Program,
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key(id) => write!(f, "key:{id}"),
            Self::Operator => f.write_str("operator"),
            Self::File(name) => write!(f, "file:{name}"),
            Self::Program => f.write_str("program"),
        }
    }
}

/// Something that is taken away for good. Sessions are not: they end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Gone {
    /// A provider account, with its secrets.
    Account(AccountId),
    /// A location, with its lines and rules.
    Location(LocationId),
    /// A technician.
    Technician(TechnicianId),
    /// A customer contact.
    Customer(CustomerId),
    /// A job.
    WorkOrder(WorkOrderId),
    /// A number.
    Number(MaskingNumber),
}

/// A key of a tenant's program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TenantKey {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// SHA-256 of the key, as 64 lower-case hexadecimal digits.
    pub hash: String,
    /// The first characters of the key, by which a person recognises it.
    pub hint: String,
    /// When it was made.
    pub made_at: Moment,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Moment>,
}

/// Where a to-do stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TodoState {
    /// To be done.
    Open,
    /// Put off.
    Snoozed {
        /// Until when.
        until: Moment,
    },
    /// Done.
    Done {
        /// When.
        at: Moment,
    },
}

/// A change of something that no rules file can say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    /// A key is made.
    KeyMade(TenantKey),
    /// A key is revoked.
    KeyRevoked {
        /// Its id.
        id: String,
    },
    /// A phone opts out of texts from a number, or in again.
    OptOut {
        /// The number.
        number: MaskingNumber,
        /// The phone.
        phone: E164,
        /// Out, or in again.
        out: bool,
    },
    /// A to-do changes.
    Todo {
        /// The interaction that left it.
        interaction: String,
        /// Its kind.
        kind: String,
        /// Where it stands now.
        state: TodoState,
        /// Whose it is now.
        assigned_to: Option<String>,
    },
    /// A call is to be started, at once or not at all: the provider is asked as soon as this is written.
    Call {
        /// Its id, which is its interaction's: made fresh by whoever asks.
        id: CallId,
        /// Which.
        placing: Placing,
    },
}

/// The answer that a repeat of the request gets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keep {
    /// The request's `Idempotency-Key`.
    pub key: String,
    /// A digest of the request: another request under the same key is refused.
    pub fingerprint: [u8; 32],
    /// The answer, as its door reads it back.
    pub answer: Vec<u8>,
}

/// One change.
#[derive(Clone, Debug)]
pub struct Edit {
    /// What is to be there; what is not named is not touched. The tenant is named always.
    pub rules: Ruleset,
    /// What is to be gone.
    pub gone: Vec<Gone>,
    /// What else changes.
    pub acts: Vec<Act>,
    /// The revision that all of it was checked against.
    pub seen: Revision,
    /// Who changes it.
    pub by: Actor,
    /// The request's id, for the audit.
    pub request: String,
    /// What a repeat is answered.
    pub keep: Option<Keep>,
    /// When.
    pub at: Moment,
}

/// What became of a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Written {
    /// It is in the database.
    Done,
    /// What it was checked against has changed since: check it again, against what is there now.
    Stale,
}

impl Store {
    /// Writes a change down, unless what it was checked against has changed, or its tenant is not there.
    ///
    /// # Errors
    /// A contradiction that only the store sees ([`StoreError::Conflicts`]); a request that somebody else has just
    /// answered ([`StoreError::Answered`]); a database that fails. Nothing was changed.
    pub async fn edit(&self, edit: &Edit) -> Result<Written, StoreError> {
        self.write_edit(edit, false).await
    }

    /// Makes a tenant that is not there yet, with what the change names of it; its `seen` does not count. The answer to
    /// be kept is kept under [`OPERATOR`].
    ///
    /// # Errors
    /// As [`Store::edit`]; a tenant of this id is a [`Conflict::Tenant`].
    pub async fn found(&self, edit: &Edit) -> Result<(), StoreError> {
        self.write_edit(edit, true).await.map(|_| ())
    }

    async fn write_edit(&self, edit: &Edit, new: bool) -> Result<Written, StoreError> {
        let (tenant, vault) = (edit.rules.tenant.id.as_str(), self.vault());
        let mut writing = self.database().write().await?;
        keys::ensure(&mut writing, vault, tenant, edit.at).await?;
        let mut pending = writing.begin_patiently().await?;
        let sql = "SELECT count(*) FROM tenants WHERE id = $1";
        let there = sqlx::query_scalar::<_, i64>(sql).bind(tenant).fetch_one(&mut *pending).await? > 0;
        if new && there {
            return Err(StoreError::Conflicts(vec![Conflict::Tenant(tenant.to_owned())]));
        }
        if !new && (!there || base::revision(&mut pending, tenant).await? != edit.seen) {
            return Ok(Written::Stale);
        }
        if let Some(keep) = &edit.keep {
            let of = if new { OPERATOR } else { tenant };
            kept::write(&mut pending, vault, of, tenant, keep, edit.at).await?;
        }
        let conflicts = apply::foreign(&mut pending, &edit.rules).await?;
        if !conflicts.is_empty() {
            return Err(StoreError::Conflicts(conflicts));
        }
        let mut draft = Draft::write(&mut pending, vault, &edit.rules, edit.at, true).await?;
        draft.take(&mut pending, &edit.gone).await?;
        let conflicts = draft.settle(&mut pending).await?;
        if !conflicts.is_empty() {
            return Err(StoreError::Conflicts(conflicts));
        }
        for act in &edit.acts {
            if let Some((trace, touched)) = acts::run(&mut pending, tenant, act, edit.at).await? {
                draft.traces.push(trace);
                draft.touched.push(touched);
            }
        }
        let origin = Origin { tenant, actor: &edit.by.to_string(), request: &edit.request, at: edit.at };
        draft.record(&mut pending, origin, false).await?;
        pending.commit().await?;
        self.journal().shared.outbox.notify_one();
        if edit.acts.iter().any(|act| matches!(act, Act::Call { .. })) {
            self.wake().notify_one();
        }
        Ok(Written::Done)
    }
}

/// The digest of some texts, one after another: of the same texts, the same.
pub fn fingerprint(parts: &[&[u8]]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}
