//! What can be asked of a store without changing it.
//!
//! Deliberately not here: loading everything (`store::load`) and the console's questions.

use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqlitePool};

use super::database::Database;
use super::declared;
use super::entry::{ClaimKey, KeptAnswer};
use super::error::StoreError;
use super::keys;
use super::packed;
use super::place::Place;
use super::records::Record;
use super::records::tenant::{AccountRecord, TenantRecord};
use super::vault::Vault;
use crate::domain::{Moment, TenantId};
use crate::rules::ruleset::Ruleset;

/// Reads a database. Cheap to clone.
#[derive(Clone)]
pub struct Reader {
    source: Source,
    pub(super) vault: Option<Vault>,
}

#[derive(Clone)]
enum Source {
    /// The readers of a store, which change when the database file does.
    Store(Arc<Database>),
    /// Readers of their own.
    Own(SqlitePool),
}

impl Reader {
    pub(super) fn of(database: Arc<Database>, vault: Vault) -> Self {
        Self { source: Source::Store(database), vault: Some(vault) }
    }

    /// Opens a database for reading only, also while a server uses it. Nothing is made and nothing is changed; it must
    /// have exactly this program's schema. Without a vault, what is sealed reads as empty.
    pub async fn open(url: &str, vault: Option<Vault>) -> Result<Self, StoreError> {
        let pool = Database::readers_only(&Place::read(url)?).await?;
        if let Some(vault) = &vault {
            keys::learn(&mut *pool.acquire().await?, vault).await?;
        }
        Ok(Self { source: Source::Own(pool), vault })
    }

    pub(super) async fn conn(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        match &self.source {
            Source::Store(database) => Ok(database.readers().acquire().await?),
            Source::Own(pool) => Ok(pool.acquire().await?),
        }
    }

    /// All that is stored of a tenant: what a rules file is merged over. Without contacts: they are traffic, and a
    /// file's contacts are merged with nothing.
    pub async fn stored(&self, tenant: &TenantId) -> Result<Option<Ruleset>, StoreError> {
        self.ruleset(tenant, false).await
    }

    /// The same, but no more than a thousand of each kind.
    pub async fn glimpse(&self, tenant: &TenantId) -> Result<Option<Ruleset>, StoreError> {
        self.ruleset(tenant, true).await
    }

    async fn ruleset(&self, tenant: &TenantId, glimpse: bool) -> Result<Option<Ruleset>, StoreError> {
        let mut conn = self.conn().await?;
        let Some(TenantRecord { tenant, secrets, demo_secrets }) = self.sealed(&mut conn, tenant).await?.pop() else {
            return Ok(None);
        };
        let accounts: Vec<AccountRecord> = self.sealed(&mut conn, &tenant.id).await?;
        Ok(Some(Ruleset {
            accounts: accounts.into_iter().map(|AccountRecord { account, secrets }| (account, secrets)).collect(),
            locations: open(&mut conn, &tenant.id, glimpse).await?,
            technicians: open(&mut conn, &tenant.id, glimpse).await?,
            customers: open(&mut conn, &tenant.id, glimpse).await?,
            work_orders: open(&mut conn, &tenant.id, glimpse).await?,
            numbers: open(&mut conn, &tenant.id, glimpse).await?,
            sessions: open(&mut conn, &tenant.id, glimpse).await?,
            contacts: Vec::new(),
            tenant,
            secrets,
            demo_secrets,
        }))
    }

    /// Records with secrets.
    async fn sealed<R: Record>(
        &self,
        conn: &mut PoolConnection<Sqlite>,
        tenant: &TenantId,
    ) -> Result<Vec<R>, StoreError> {
        let mut records = Vec::new();
        declared::all(conn, Some(tenant.as_str()), self.vault.as_ref(), |record| records.push(record)).await?;
        Ok(records)
    }

    /// The SHA-256 of the content that a rules file had when it was last applied.
    pub async fn applied(&self, name: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT sha256 FROM applied_files WHERE name = $1";
        Ok(sqlx::query_scalar(sql).bind(name).fetch_optional(&mut *self.conn().await?).await?)
    }

    /// When rules were last applied, by whatever process.
    pub async fn last_applied(&self) -> Result<Option<Moment>, StoreError> {
        let sql = "SELECT MAX(applied_at) FROM applied_files";
        let at: Option<i64> = sqlx::query_scalar(sql).fetch_one(&mut *self.conn().await?).await?;
        Ok(at.map(Moment))
    }

    /// The answer that this delivery got when it came first.
    pub async fn kept(&self, claim: ClaimKey) -> Result<Option<KeptAnswer>, StoreError> {
        let sql = "SELECT status, answer, slots, slot_hash, at, held FROM claims JOIN journal ON journal.seq = claims.seq \
             WHERE claims.key = $1";
        type Row = (i64, Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>, i64, Option<Vec<u8>>);
        let query = sqlx::query_as::<_, Row>(sql).bind(claim.to_vec());
        let Some((status, bytes, slots, hash, at, held)) = query.fetch_optional(&mut *self.conn().await?).await? else {
            return Ok(None);
        };
        let wrong = |column, what| StoreError::Row { table: "journal", column, what };
        let (slots, odd) = slots.as_deref().unwrap_or_default().as_chunks::<4>();
        if !odd.is_empty() {
            return Err(wrong("slots", "no whole offsets"));
        }
        let (held, part) = held.as_deref().unwrap_or_default().as_chunks::<16>();
        if !part.is_empty() {
            return Err(wrong("held", "no whole ids of 16 bytes"));
        }
        Ok(Some(KeptAnswer {
            status: u16::try_from(status).map_err(|_| wrong("status", "a number out of range"))?,
            bytes,
            slots: slots.iter().map(|at| u32::from_be_bytes(*at)).collect(),
            slot_hash: hash.map(|hash| hash.try_into().map_err(|_| wrong("slot_hash", "no 32 bytes"))).transpose()?,
            at,
            held: held.iter().map(|id| u128::from_be_bytes(*id)).collect(),
        }))
    }

    /// Tells the first eight bytes of every claim, as a big-endian number: a delivery whose fingerprint is unknown is
    /// new, and need not be asked for. There may be millions, so they come by the ten thousand.
    pub async fn claim_fingerprints(&self, mut learn: impl FnMut(u64) + Send) -> Result<(), StoreError> {
        const PAGE: &str = "SELECT coalesce(group_concat(hex(key), ''), '') \
             FROM (SELECT key FROM claims WHERE key > unhex($1) ORDER BY key LIMIT 10000)";
        const KEY: usize = 2 * size_of::<ClaimKey>();
        let wrong = || StoreError::Row { table: "claims", column: "key", what: "no 16 bytes" };
        let mut after = String::new();
        loop {
            let page: String = sqlx::query_scalar(PAGE).bind(&after).fetch_one(&mut *self.conn().await?).await?;
            let (keys, odd) = page.as_bytes().as_chunks::<KEY>();
            let Some(last) = keys.last() else { return Ok(()) };
            if !odd.is_empty() {
                return Err(wrong());
            }
            for key in keys {
                let first = std::str::from_utf8(&key[..KEY / 2]).map_err(|_| wrong())?;
                learn(u64::from_str_radix(first, 16).map_err(|_| wrong())?);
            }
            after = String::from_utf8_lossy(last).into_owned();
        }
    }

    /// The words and media of a text as they were sealed, in the form that `switchboard::settle` gives them; `None`
    /// where they are not kept, or have been erased since.
    pub async fn message_text(&self, interaction: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT tenant, body FROM messages WHERE interaction = $1";
        let row: Option<(String, Option<Vec<u8>>)> =
            sqlx::query_as(sql).bind(interaction).fetch_optional(&mut *self.conn().await?).await?;
        let Some((tenant, Some(body))) = row else { return Ok(None) };
        let Some(vault) = &self.vault else { return Ok(None) };
        Ok(Some(vault.open(&tenant, "messages", interaction, "body", &body)?))
    }
}

/// Records without secrets: all of a tenant, or the first of them.
async fn open<R: Record>(
    conn: &mut PoolConnection<Sqlite>,
    tenant: &TenantId,
    glimpse: bool,
) -> Result<Vec<R>, StoreError> {
    if glimpse {
        return packed::some(conn, tenant.as_str()).await;
    }
    let mut records = Vec::new();
    packed::all(conn, Some(tenant.as_str()), |record| records.push(record)).await?;
    Ok(records)
}
