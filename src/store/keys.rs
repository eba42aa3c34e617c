//! The tenants' data keys in their table: made when a tenant is first applied, read into the vault at the start.
//!
//! Deliberately not here: using them (`store::vault`).

use sqlx::SqliteConnection;

use super::database::Writing;
use super::error::StoreError;
use super::vault::{Vault, WrappedKey};
use crate::domain::Moment;

/// Makes a tenant's first data key, where it has none, in a transaction of its own: what is sealed with a key that is
/// not stored is lost.
pub(super) async fn ensure(
    writing: &mut Writing<'_>,
    vault: &Vault,
    tenant: &str,
    now: Moment,
) -> Result<(), StoreError> {
    if vault.has_key(tenant) {
        return Ok(());
    }
    let fresh = vault.fresh_key(tenant, 1)?;
    let mut pending = writing.begin_patiently().await?;
    let sql = "INSERT INTO data_keys (tenant, kid, wrapped, made_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    sqlx::query(sql)
        .bind(tenant)
        .bind(i64::from(fresh.kid))
        .bind(fresh.wrapped)
        .bind(now.0)
        .execute(&mut *pending)
        .await?;
    pending.commit().await?;
    // Another process may have been faster; what is stored counts.
    learn(writing.conn()?, vault).await
}

/// Reads all stored keys into the vault.
pub(super) async fn learn(conn: &mut SqliteConnection, vault: &Vault) -> Result<(), StoreError> {
    let rows: Vec<(String, i64, Vec<u8>)> =
        sqlx::query_as("SELECT tenant, kid, wrapped FROM data_keys").fetch_all(conn).await?;
    for (tenant, kid, wrapped) in rows {
        let (table, column) = ("data_keys", "kid");
        let kid = u32::try_from(kid).map_err(|_| StoreError::Row { table, column, what: "a number out of range" })?;
        vault.learn(&tenant, &WrappedKey { kid, wrapped })?;
    }
    Ok(())
}
