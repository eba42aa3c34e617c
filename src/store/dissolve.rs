//! Taking a tenant away that has nothing any more.
//!
//! Deliberately not here: taking away what it has; whoever wants that takes it away thing by thing. The audit stays, and
//! the key that sealed what was the tenant's.

use sqlx::{AssertSqlSafe, SqliteConnection};

use super::audit::{self, Origin, Trace};
use super::edit::Actor;
use super::error::{Conflict, StoreError};
use super::feed;
use super::open::Store;
use crate::domain::{Moment, TenantId};

/// What a tenant can have: tables, and what they are called to a person.
const HOLDINGS: [(&str, &str); 13] = [
    ("provider_accounts", "provider-accounts"),
    ("locations", "locations"),
    ("technicians", "technicians"),
    ("customers", "customers"),
    ("work_orders", "work-orders"),
    ("numbers", "numbers"),
    ("sessions", "sessions"),
    ("interactions", "interactions"),
    ("messages", "messages"),
    ("voicemails", "voicemails"),
    ("todos", "todos"),
    ("recordings", "recordings"),
    ("opt_outs", "opt-outs"),
];

/// What goes with the tenant.
const OWN: [&str; 8] = [
    "DELETE FROM tenant_keys WHERE tenant = $1",
    "DELETE FROM kept_answers WHERE tenant = $1 OR sealed_by = $1",
    "DELETE FROM mode_transitions WHERE tenant = $1",
    "DELETE FROM outbox WHERE tenant = $1",
    "DELETE FROM outbox_counts WHERE tenant = $1",
    "DELETE FROM outbox_gone WHERE tenant = $1",
    "DELETE FROM callback_secrets WHERE tenant = $1",
    "DELETE FROM provider_jobs WHERE tenant = $1",
];

impl Store {
    /// Takes a tenant away, with its keys; false where there is none.
    ///
    /// # Errors
    /// What the tenant still has ([`Conflict::Holds`]); a database that fails. Nothing was changed.
    pub async fn dissolve(&self, tenant: &TenantId, by: &Actor, request: &str, at: Moment) -> Result<bool, StoreError> {
        let origin = Origin { tenant: tenant.as_str(), actor: &by.to_string(), request, at };
        let mut writing = self.database().write().await?;
        let mut pending = writing.begin_patiently().await?;
        let held = holdings(&mut pending, tenant).await?;
        if !held.is_empty() {
            return Err(StoreError::Conflicts(held));
        }
        let sql = "DELETE FROM tenants WHERE id = $1";
        let gone = sqlx::query(sql).bind(tenant.as_str()).execute(&mut *pending).await?;
        if gone.rows_affected() == 0 {
            return Ok(false);
        }
        for sql in OWN {
            sqlx::query(sql).bind(tenant.as_str()).execute(&mut *pending).await?;
        }
        let trace = Trace { action: "removed", kind: "tenant", object: tenant.to_string(), before: None, after: None };
        audit::write(&mut pending, origin, &[trace]).await?;
        // Whoever keeps it in memory looks at everything anew.
        feed::write(&mut pending, tenant.as_str(), &[(feed::ALL, tenant.to_string())], at).await?;
        pending.commit().await?;
        Ok(true)
    }
}

/// Whatever a tenant has, counted.
async fn holdings(conn: &mut SqliteConnection, tenant: &TenantId) -> Result<Vec<Conflict>, StoreError> {
    let mut held = Vec::new();
    for (table, what) in HOLDINGS {
        let sql = format!("SELECT count(*) FROM {table} WHERE tenant = $1");
        let query = sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql)).bind(tenant.as_str());
        let count = query.fetch_one(&mut *conn).await?;
        if count > 0 {
            held.push(Conflict::Holds { tenant: tenant.to_string(), what, count });
        }
    }
    Ok(held)
}
