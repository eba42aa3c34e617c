//! Erasing one phone of a tenant: everything that names it goes or loses the name, and a certificate remains.
//!
//! Deliberately not here: what memory forgets (`switchboard::erase`), and what the provider still has: that is listed, to be
//! deleted there. **Invariant:** nothing that remains has the phone in it; of it there are keyed hashes.

mod rows;

use std::collections::BTreeMap;

use super::audit::fresh_id;
use super::cell::digits;
use super::edit::Actor;
use super::error::StoreError;
use super::list::{Listed, Mark, Page};
use super::open::Store;
use super::reader::Reader;
use super::vault::Vault;
use crate::domain::{E164, Moment, TenantId};

/// What was erased.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certificate {
    /// Its id.
    pub id: String,
    /// A keyed hash of the phone: of the same phone, the same.
    pub phone_hash: String,
    /// When it was asked for.
    pub asked_at: Moment,
    /// When it was done.
    pub done_at: Moment,
    /// How much there was, by kind.
    pub counts: BTreeMap<String, u64>,
    /// How much the provider still has, by kind.
    pub leftovers: BTreeMap<String, u64>,
}

/// What is to be erased, and for whom.
#[derive(Clone, Debug)]
pub struct Erasure {
    /// Whose.
    pub tenant: TenantId,
    /// Which phone.
    pub phone: E164,
    /// Who asked.
    pub by: Actor,
    /// The request's id, for the audit.
    pub request: String,
    /// When.
    pub at: Moment,
}

/// What memory has to forget, or to read again.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Touched {
    /// Calls and texts.
    pub interactions: Vec<String>,
    /// Customers that lost a phone.
    pub customers: Vec<String>,
    /// Sessions that ended.
    pub sessions: Vec<String>,
    /// Opt-outs that are known by their hash only from now on.
    pub shunned: Vec<[u8; 32]>,
    /// Files of recordings.
    pub files: Vec<String>,
}

/// The hash of an opt-out.
pub fn shun(vault: &Vault, number: E164, phone: E164) -> [u8; 32] {
    vault.keyed_hash(format!("opt-out {} {}", number.digits(), phone.digits()).as_bytes())
}

/// The hash of a phone on a certificate.
fn phone_hash(vault: &Vault, tenant: &TenantId, phone: E164) -> String {
    hex::encode(vault.keyed_hash(format!("erased {tenant} {}", phone.digits()).as_bytes()))
}

impl Store {
    /// Erases a phone. What was handed in to the journal must be written before.
    ///
    /// # Errors
    /// A database that fails: nothing was erased.
    pub async fn erase(&self, erasure: &Erasure, done_at: Moment) -> Result<(Certificate, Touched), StoreError> {
        let seen = self.read().naming(&erasure.tenant, erasure.phone).await?;
        let certificate = Certificate {
            id: fresh_id()?,
            phone_hash: phone_hash(self.vault(), &erasure.tenant, erasure.phone),
            asked_at: erasure.at,
            done_at,
            counts: BTreeMap::new(),
            leftovers: BTreeMap::new(),
        };
        let mut writing = self.database().write().await?;
        let mut pending = writing.begin_patiently().await?;
        let done = rows::erase(&mut pending, self.vault(), erasure, &seen, certificate).await;
        let done = match done {
            Ok(done) => pending.commit().await.map(|()| done),
            Err(error) => {
                drop(pending);
                Err(error)
            }
        };
        // The log has the pages as they were, until it is emptied.
        if done.is_ok()
            && let Err(error) = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(writing.conn()?).await
        {
            tracing::warn!(%error, "the log of the database could not be emptied after an erasure; the next checkpoint does");
        }
        if let Ok((_, touched)) = &done {
            drop(writing);
            self.remove_files(&touched.files).await;
        }
        done
    }
}

/// Journal rows that name a phone.
struct Naming {
    /// The newest row that was looked at.
    until: i64,
    /// The rows, and their interactions.
    rows: Vec<(i64, Option<String>)>,
}

/// Where a journal row can have a phone, as `+` and digits or as digits.
const NAMES: &str = "(instr(body, CAST($2 AS BLOB)) > 0 OR instr(answer, CAST($2 AS BLOB)) > 0 \
     OR instr(target, $2) > 0 OR instr(decision, $2) > 0)";

impl Reader {
    /// Looks through a tenant's journal: while it does, webhooks are written.
    async fn naming(&self, tenant: &TenantId, phone: E164) -> Result<Naming, StoreError> {
        let mut conn = self.conn().await?;
        let until: i64 = sqlx::query_scalar("SELECT coalesce(max(seq), 0) FROM journal").fetch_one(&mut *conn).await?;
        let sql = format!("SELECT seq, interaction FROM journal WHERE tenant = $1 AND seq <= $3 AND {NAMES}");
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(tenant.as_str()).bind(digits(phone).to_string());
        Ok(Naming { until, rows: query.bind(until).fetch_all(&mut *conn).await? })
    }

    /// Whether a phone is one of a tenant's back-office lines or numbers: those are not erased.
    pub async fn in_service(&self, tenant: &TenantId, phone: E164) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM numbers WHERE e164 = $1) \
             OR EXISTS (SELECT 1 FROM locations, json_each(locations.lines) line \
             WHERE locations.tenant = $2 AND json_extract(line.value, '$.phone') = $1)";
        let query = sqlx::query_scalar(sql).bind(digits(phone)).bind(tenant.as_str());
        Ok(query.fetch_one(&mut *self.conn().await?).await?)
    }

    /// Opt-outs that are known by their hash only, and what makes such hashes; `None` without a vault.
    pub async fn shunned(&self) -> Result<Option<(Vault, Vec<[u8; 32]>)>, StoreError> {
        let Some(vault) = self.vault.clone() else { return Ok(None) };
        let mut conn = self.conn().await?;
        let stored: Vec<Vec<u8>> = sqlx::query_scalar("SELECT hash FROM shunned").fetch_all(&mut *conn).await?;
        let wrong = |_| StoreError::Row { table: "shunned", column: "hash", what: "no 32 bytes" };
        let mut hashes =
            stored.into_iter().map(|hash| hash.try_into().map_err(wrong)).collect::<Result<Vec<_>, _>>()?;
        if !hashes.is_empty() {
            // Whoever opted in since has a row that says so.
            let sql = "SELECT number, phone FROM opt_outs WHERE opted_out = 0";
            let back: Vec<(i64, i64)> = sqlx::query_as(sql).fetch_all(&mut *conn).await?;
            let whole = |digits: i64| u64::try_from(digits).ok().and_then(E164::from_digits);
            let back: std::collections::HashSet<[u8; 32]> = back
                .into_iter()
                .filter_map(|(number, phone)| Some(shun(&vault, whole(number)?, whole(phone)?)))
                .collect();
            hashes.retain(|hash| !back.contains(hash));
        }
        Ok(Some((vault, hashes)))
    }

    /// A tenant's certificates, newest first.
    pub async fn erasure_page(&self, tenant: &TenantId, page: &Page) -> Result<Listed<Certificate>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE tenant = $1 AND (asked_at, id) < ($2, $3) ORDER BY asked_at DESC, id DESC LIMIT $4"
        );
        let (at, id) = page.after.as_ref().map_or((i64::MAX, ""), |mark| (mark.at, mark.id.as_str()));
        let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql)).bind(tenant.as_str()).bind(at).bind(id);
        let rows = query.bind(page.rows()).fetch_all(&mut *self.conn().await?).await?;
        Listed::of(rows, page, |row| Mark { at: row.2, id: row.0.clone() }).try_map(read)
    }

    /// One certificate of a tenant.
    pub async fn erasure_in(&self, tenant: &TenantId, id: &str) -> Result<Option<Certificate>, StoreError> {
        let sql = format!("{COLUMNS} WHERE tenant = $1 AND id = $2");
        let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql)).bind(tenant.as_str()).bind(id);
        query.fetch_optional(&mut *self.conn().await?).await?.map(read).transpose()
    }
}

type Row = (String, String, i64, i64, String, String);

const COLUMNS: &str = "SELECT id, phone_hash, asked_at, done_at, counts, coalesce((SELECT json_group_object(kind, n) FROM \
     (SELECT kind, count(*) AS n FROM erasure_leftovers l WHERE l.tenant = erasures.tenant AND l.erasure = erasures.id \
     GROUP BY kind)), '{}') FROM erasures";

fn read((id, phone_hash, asked_at, done_at, counts, leftovers): Row) -> Result<Certificate, StoreError> {
    let wrong = |_| StoreError::Row { table: "erasures", column: "counts", what: "JSON of another shape" };
    let counts = serde_json::from_str(&counts).map_err(wrong)?;
    let leftovers = serde_json::from_str(&leftovers).map_err(wrong)?;
    Ok(Certificate { id, phone_hash, asked_at: Moment(asked_at), done_at: Moment(done_at), counts, leftovers })
}
