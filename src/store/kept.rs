//! Answers that are kept for repeats of requests with an `Idempotency-Key`, sealed, for a day.
//!
//! Deliberately not here: answers to webhooks (`store::reader`), and telling a repeat from another request under the same
//! key (the doors compare fingerprints).

use sqlx::SqliteConnection;

use super::edit::Keep;
use super::error::StoreError;
use super::reader::Reader;
use super::vault::Vault;
use crate::domain::{Moment, TenantId};

/// Days that an answer counts.
pub(super) const DAYS: i64 = 1;

/// In place of a tenant: the operator's own requests, such as those that make tenants. No tenant's id is empty.
pub const OPERATOR: &str = "";

/// What a request was answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// The digest of the request.
    pub fingerprint: [u8; 32],
    /// The answer, as its door reads it back.
    pub answer: Vec<u8>,
    /// When it was given.
    pub at: Moment,
}

/// Keeps an answer, sealed with a tenant's key; an older one of the same request key that no longer counts is replaced.
/// One that still counts is an error: somebody else has just answered the same request.
pub(super) async fn write(
    conn: &mut SqliteConnection,
    vault: &Vault,
    of: &str,
    sealed_by: &str,
    keep: &Keep,
    now: Moment,
) -> Result<(), StoreError> {
    let Keep { key, fingerprint, answer } = keep;
    let sealed = vault.seal(sealed_by, "kept_answers", key, "answer", answer)?;
    let sql = "INSERT INTO kept_answers (tenant, key, sealed_by, fingerprint, at, answer) \
         VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (tenant, key) DO UPDATE SET sealed_by = excluded.sealed_by, \
         fingerprint = excluded.fingerprint, at = excluded.at, answer = excluded.answer WHERE kept_answers.at < $7";
    let query = sqlx::query(sql).bind(of).bind(key.as_str()).bind(sealed_by).bind(&fingerprint[..]).bind(now.0);
    let done = query.bind(sealed).bind(oldest(now)).execute(conn).await?;
    if done.rows_affected() == 0 { Err(StoreError::Answered) } else { Ok(()) }
}

/// The earliest instant of an answer that still counts.
pub(super) fn oldest(now: Moment) -> i64 {
    now.plus_days(-DAYS).0
}

impl Reader {
    /// What a request under this key was answered in the last day, of a tenant or of [`OPERATOR`].
    pub async fn kept_answer(&self, tenant: &TenantId, key: &str, now: Moment) -> Result<Option<Kept>, StoreError> {
        match &self.vault {
            Some(vault) => find(&mut *self.conn().await?, vault, tenant.as_str(), key, now).await,
            None => Ok(None),
        }
    }
}

/// The same, at a point of a transaction.
pub(super) async fn find(
    conn: &mut SqliteConnection,
    vault: &Vault,
    of: &str,
    key: &str,
    now: Moment,
) -> Result<Option<Kept>, StoreError> {
    let sql = "SELECT sealed_by, fingerprint, at, answer FROM kept_answers WHERE tenant = $1 AND key = $2 AND at >= $3";
    type Row = (String, Vec<u8>, i64, Vec<u8>);
    let query = sqlx::query_as::<_, Row>(sql).bind(of).bind(key).bind(oldest(now));
    let Some((sealed_by, fingerprint, at, answer)) = query.fetch_optional(conn).await? else { return Ok(None) };
    let wrong = |_| StoreError::Row { table: "kept_answers", column: "fingerprint", what: "no 32 bytes" };
    Ok(Some(Kept {
        fingerprint: fingerprint.try_into().map_err(wrong)?,
        answer: vault.open(&sealed_by, "kept_answers", key, "answer", &answer)?,
        at: Moment(at),
    }))
}
