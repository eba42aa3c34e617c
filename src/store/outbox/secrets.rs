//! What a tenant's callbacks are signed with: a random secret of its own, sealed, and for a day also the one before it.
//!
//! Deliberately not here: signing (`providers::callback`). The secrets of compatible doors are the tenant's tokens.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sqlx::SqliteConnection;

use super::super::audit::{self, Origin, Trace, fresh_id};
use super::super::edit::Actor;
use super::super::error::StoreError;
use super::super::open::Store;
use super::super::vault::{Vault, VaultError};
use crate::domain::{Moment, TenantId};
use crate::rules::ruleset::Secret;

/// Days that a secret still counts after another has taken its place.
pub const OVERLAP_DAYS: i64 = 1;

/// A secret.
#[derive(Clone, Debug)]
pub struct CallbackSecret {
    /// Its id.
    pub id: String,
    /// `whsec_` and the Base64 of 32 bytes.
    pub secret: Secret,
    /// When it was made.
    pub made_at: Moment,
    /// When it stops counting; `None` for the one in use.
    pub retires_at: Option<Moment>,
}

impl Store {
    /// The secrets that count at `now`, the newest first. A tenant that has none gets one.
    pub async fn callback_secrets(&self, tenant: &TenantId, now: Moment) -> Result<Vec<CallbackSecret>, StoreError> {
        let found = all(&mut *self.read().conn().await?, self.vault(), tenant.as_str(), now).await?;
        if !found.is_empty() {
            return Ok(found);
        }
        let mut writing = self.database().write().await?;
        let mut pending = writing.begin_patiently().await?;
        // Another process may have been faster.
        let mut found = all(&mut pending, self.vault(), tenant.as_str(), now).await?;
        if found.is_empty() {
            found.push(make(&mut pending, self.vault(), tenant.as_str(), now).await?);
            pending.commit().await?;
        }
        Ok(found)
    }

    /// Makes another secret; the one before it counts for a day yet, and those before that no longer.
    pub async fn rotate_callback_secret(
        &self,
        tenant: &TenantId,
        by: &Actor,
        request: &str,
        now: Moment,
    ) -> Result<CallbackSecret, StoreError> {
        let mut writing = self.database().write().await?;
        let mut pending = writing.begin_patiently().await?;
        let sql = "DELETE FROM callback_secrets WHERE tenant = $1 AND retires_at IS NOT NULL";
        sqlx::query(sql).bind(tenant.as_str()).execute(&mut *pending).await?;
        let sql = "UPDATE callback_secrets SET retires_at = $2 WHERE tenant = $1";
        let query = sqlx::query(sql).bind(tenant.as_str()).bind(now.plus_days(OVERLAP_DAYS).0);
        query.execute(&mut *pending).await?;
        let made = make(&mut pending, self.vault(), tenant.as_str(), now).await?;
        let origin = Origin { tenant: tenant.as_str(), actor: &by.to_string(), request, at: now };
        let trace = Trace {
            action: "created",
            kind: "callback_secret",
            object: made.id.clone(),
            before: None,
            after: Some(serde_json::json!({})),
        };
        audit::write(&mut pending, origin, &[trace]).await?;
        pending.commit().await?;
        Ok(made)
    }
}

async fn all(
    conn: &mut SqliteConnection,
    vault: &Vault,
    tenant: &str,
    now: Moment,
) -> Result<Vec<CallbackSecret>, StoreError> {
    let sql = "SELECT id, secret, made_at, retires_at FROM callback_secrets \
         WHERE tenant = $1 AND (retires_at IS NULL OR retires_at > $2) ORDER BY retires_at IS NOT NULL, made_at DESC";
    type Row = (String, Vec<u8>, i64, Option<i64>);
    let rows: Vec<Row> = sqlx::query_as(sql).bind(tenant).bind(now.0).fetch_all(conn).await?;
    rows.into_iter()
        .map(|(id, sealed, made_at, retires_at)| {
            let plain = vault.open(tenant, "callback_secrets", &id, "secret", &sealed)?;
            let secret = Secret::new(String::from_utf8_lossy(&plain));
            Ok(CallbackSecret { id, secret, made_at: Moment(made_at), retires_at: retires_at.map(Moment) })
        })
        .collect()
}

async fn make(
    conn: &mut SqliteConnection,
    vault: &Vault,
    tenant: &str,
    now: Moment,
) -> Result<CallbackSecret, StoreError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| VaultError::Random)?;
    let (id, secret) = (fresh_id()?, format!("whsec_{}", STANDARD.encode(bytes)));
    let sealed = vault.seal(tenant, "callback_secrets", &id, "secret", secret.as_bytes())?;
    let sql = "INSERT INTO callback_secrets (tenant, id, secret, made_at) VALUES ($1, $2, $3, $4)";
    sqlx::query(sql).bind(tenant).bind(id.as_str()).bind(sealed).bind(now.0).execute(conn).await?;
    Ok(CallbackSecret { id, secret: Secret::new(secret), made_at: now, retires_at: None })
}
