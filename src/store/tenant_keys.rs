//! Keys of tenants' programs that were made while the server runs.
//!
//! Deliberately not here: keys that a rules file declares (they are part of the tenant), making and revoking
//! (`store::acts`), and the keys that seal data (`store::keys`).

use sha2::{Digest, Sha256};
use sqlx::SqliteConnection;

use super::edit::TenantKey;
use super::error::StoreError;
use super::fact::Fact;
use super::reader::Reader;
use crate::domain::{Moment, TenantId};

/// The id of a key that a rules file declares.
pub const FILE: &str = "file";

/// The hash by which a key is known: SHA-256 in lower-case hexadecimal digits.
pub fn hash(key: &str) -> String {
    hex::encode(Sha256::digest(key.as_bytes()))
}

type Row = (String, String, String, String, i64, Option<i64>);

const COLUMNS: &str = "SELECT id, name, hash, hint, made_at, revoked_at FROM tenant_keys";

fn read((id, name, hash, hint, made_at, revoked_at): Row) -> TenantKey {
    TenantKey { id, name, hash, hint, made_at: Moment(made_at), revoked_at: revoked_at.map(Moment) }
}

/// One key, revoked or not.
pub(super) async fn one(
    conn: &mut SqliteConnection,
    tenant: &TenantId,
    id: &str,
) -> Result<Option<TenantKey>, StoreError> {
    let sql = format!("{COLUMNS} WHERE tenant = $1 AND id = $2");
    let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql)).bind(tenant.as_str()).bind(id);
    Ok(query.fetch_optional(conn).await?.map(read))
}

/// Tells every key that is not revoked.
pub(super) async fn load(conn: &mut SqliteConnection, learn: &mut (dyn FnMut(Fact) + Send)) -> Result<(), StoreError> {
    type Owned = (String, String, String, String, String, i64);
    let sql = "SELECT tenant, id, name, hash, hint, made_at FROM tenant_keys WHERE revoked_at IS NULL";
    let rows: Vec<Owned> = sqlx::query_as(sql).fetch_all(conn).await?;
    for (tenant, id, name, hash, hint, made_at) in rows {
        learn(Fact::Key(tenant.into(), read((id, name, hash, hint, made_at, None))));
    }
    Ok(())
}

impl Reader {
    /// A tenant's keys that were made while the server runs, revoked ones too, newest first.
    pub async fn tenant_keys(&self, tenant: &TenantId) -> Result<Vec<TenantKey>, StoreError> {
        let sql = format!("{COLUMNS} WHERE tenant = $1 ORDER BY made_at DESC, id DESC");
        let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql)).bind(tenant.as_str());
        Ok(query.fetch_all(&mut *self.conn().await?).await?.into_iter().map(read).collect())
    }
}
