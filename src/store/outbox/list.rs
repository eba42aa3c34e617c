//! Deliveries for people: in pages, one of them, how many wait, and sending one again.
//!
//! Deliberately not here: sending (`jobs::deliver`).

use sqlx::FromRow;

use super::super::audit::{self, Origin, Trace};
use super::super::edit::Actor;
use super::super::error::StoreError;
use super::super::list::{Listed, Mark, Page};
use super::super::open::Store;
use super::super::reader::Reader;
use super::super::vault::VaultError;
use super::Letter;
use crate::domain::settings::words;
use crate::domain::{Moment, TenantId};

words! {
    /// Where a delivery stands.
    DeliveryState {
        /// It is to be sent, or waits for the one before it.
        Pending = "pending",
        /// It was delivered.
        Delivered = "delivered",
        /// It was given up.
        Dead = "dead",
    }
}

/// A delivery.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// Its id.
    pub id: String,
    /// The session that it is about.
    pub session: String,
    /// The event's name.
    pub event: String,
    /// Its number within the session.
    pub sequence: i64,
    /// What is sent.
    pub letter: Letter,
    /// When it happened.
    pub at: Moment,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next; `None` where it is not, or waits for the one before it.
    pub due_at: Option<Moment>,
    /// When it was delivered or given up.
    pub settled_at: Option<Moment>,
    /// When it was tried last.
    pub last_tried_at: Option<Moment>,
    /// The last answer's status.
    pub last_status: Option<u16>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// Whether its address has said that it is gone.
    pub gone: bool,
}

#[derive(FromRow)]
struct Row {
    id: String,
    session: String,
    event: String,
    sequence: i64,
    letter: Vec<u8>,
    at: i64,
    state: String,
    attempts: i64,
    due_at: i64,
    settled_at: Option<i64>,
    last_tried_at: Option<i64>,
    last_status: Option<i64>,
    last_error: Option<String>,
    gone: i64,
}

const COLUMNS: &str = "SELECT id, session, event, sequence, letter, at, state, attempts, due_at, settled_at, \
     last_tried_at, last_status, last_error, EXISTS (SELECT 1 FROM outbox_gone g WHERE g.tenant = outbox.tenant \
     AND g.endpoint = outbox.endpoint) AS gone FROM outbox";

impl Reader {
    /// A tenant's deliveries, newest first.
    pub async fn delivery_page(
        &self,
        tenant: &TenantId,
        state: Option<DeliveryState>,
        session: Option<&str>,
        page: &Page,
    ) -> Result<Listed<Delivery>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE tenant = $1 AND at <= $2 AND (at, printf('%012d', sequence) || id) < ($2, $3) AND ($4 IS NULL OR state = $4 \
             OR (state = 'waiting' AND $4 = 'pending')) AND ($5 IS NULL OR session = $5) \
             ORDER BY at DESC, sequence DESC, id DESC LIMIT $6"
        );
        let (at, id) = page.after.as_ref().map_or((i64::MAX, ""), |mark| (mark.at, mark.id.as_str()));
        let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql)).bind(tenant.as_str()).bind(at).bind(id);
        let query = query.bind(state.map(DeliveryState::word)).bind(session).bind(page.rows());
        let rows = query.fetch_all(&mut *self.conn().await?).await?;
        let listed = Listed::of(rows, page, |row| Mark { at: row.at, id: format!("{:012}{}", row.sequence, row.id) });
        listed.try_map(|row| self.delivery(tenant, row))
    }

    /// One of a tenant's deliveries.
    pub async fn delivery_in(&self, tenant: &TenantId, id: &str) -> Result<Option<Delivery>, StoreError> {
        let sql = format!("{COLUMNS} WHERE tenant = $1 AND id = $2");
        let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql)).bind(tenant.as_str()).bind(id);
        let row = query.fetch_optional(&mut *self.conn().await?).await?;
        row.map(|row| self.delivery(tenant, row)).transpose()
    }

    /// How many deliveries wait to be sent, and how many were given up.
    pub async fn deliveries_left(&self) -> Result<(u64, u64), StoreError> {
        let sql = "SELECT (SELECT count(*) FROM outbox WHERE state IN ('waiting', 'pending')), \
             (SELECT count(*) FROM outbox WHERE settled_at IS NOT NULL AND state = 'dead')";
        let (left, dead): (i64, i64) = sqlx::query_as(sql).fetch_one(&mut *self.conn().await?).await?;
        Ok((left.unsigned_abs(), dead.unsigned_abs()))
    }

    /// The earliest instant at which one is due, leased ones too.
    pub async fn next_delivery(&self) -> Result<Option<Moment>, StoreError> {
        let sql = "SELECT min(max(due_at, leased_until)) FROM outbox WHERE state = 'pending'";
        let at: Option<i64> = sqlx::query_scalar(sql).fetch_one(&mut *self.conn().await?).await?;
        Ok(at.map(Moment))
    }

    fn delivery(&self, tenant: &TenantId, row: Row) -> Result<Delivery, StoreError> {
        let wrong = |column, what| StoreError::Row { table: "outbox", column, what };
        let vault = self.vault.as_ref().ok_or_else(|| VaultError::NoKey(tenant.to_string()))?;
        let state = if row.state == "waiting" { "pending" } else { row.state.as_str() };
        let status = |status: i64| u16::try_from(status).map_err(|_| wrong("last_status", "a number out of range"));
        Ok(Delivery {
            letter: Letter::open(vault, tenant.as_str(), &row.id, &row.letter)?,
            state: DeliveryState::read(state).ok_or_else(|| wrong("state", "an unknown word"))?,
            due_at: (row.state == "pending").then_some(Moment(row.due_at)),
            id: row.id,
            session: row.session,
            event: row.event,
            sequence: row.sequence,
            at: Moment(row.at),
            attempts: u32::try_from(row.attempts).map_err(|_| wrong("attempts", "a number out of range"))?,
            settled_at: row.settled_at.map(Moment),
            last_tried_at: row.last_tried_at.map(Moment),
            last_status: row.last_status.map(status).transpose()?,
            last_error: row.last_error,
            gone: row.gone != 0,
        })
    }
}

impl Store {
    /// Has a delivery sent again, from the first try on, even to an address that has said that it is gone; one that is
    /// still to be sent is due at once. False where it was delivered, or is not there.
    pub async fn send_again(
        &self,
        tenant: &TenantId,
        id: &str,
        by: &Actor,
        request: &str,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let mut writing = self.database().write().await?;
        let mut pending = writing.begin_patiently().await?;
        let sql = "UPDATE outbox SET attempts = 0, due_at = $3, forced = 1, settled_at = NULL, \
                 state = CASE WHEN state <> 'dead' THEN state WHEN EXISTS (SELECT 1 FROM outbox other \
                     WHERE other.tenant = $1 AND other.session = outbox.session AND other.state = 'pending') \
                     THEN 'waiting' ELSE 'pending' END \
             WHERE tenant = $1 AND id = $2 AND state <> 'delivered'";
        let done = sqlx::query(sql).bind(tenant.as_str()).bind(id).bind(now.0).execute(&mut *pending).await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        let origin = Origin { tenant: tenant.as_str(), actor: &by.to_string(), request, at: now };
        let again = Some(serde_json::json!({ "state": "pending" }));
        let trace = Trace { action: "changed", kind: "delivery", object: id.to_owned(), before: None, after: again };
        audit::write(&mut pending, origin, &[trace]).await?;
        pending.commit().await?;
        self.journal().shared.outbox.notify_one();
        Ok(true)
    }
}
