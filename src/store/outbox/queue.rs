//! The outbox as those who empty it see it: what is due, leased to one of them at a time, and what became of it.
//!
//! Deliberately not here: when it is tried again (`jobs::deliver`), and writing new rows.

use std::collections::HashSet;
use std::time::Duration;

use sqlx::{FromRow, SqliteConnection};

use super::super::error::StoreError;
use super::super::open::Store;
use super::Letter;
use crate::domain::{Moment, TenantId};

/// One request to be made now, leased to whoever took it.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// Whose.
    pub tenant: TenantId,
    /// Its id.
    pub id: String,
    /// Its session.
    pub session: String,
    /// Its number within the session.
    pub sequence: i64,
    /// A keyed hash of where it goes: of the same address, the same.
    pub endpoint: String,
    /// A keyed hash of the machine that it goes to.
    pub place: String,
    /// What is to be sent.
    pub letter: Letter,
    /// How often it was tried before.
    pub attempts: u32,
    /// Whether its address has said that it is gone, and nobody asked to try it all the same.
    pub gone: bool,
    /// Until when it is leased; it names the lease.
    leased_until: i64,
}

/// What there is room for.
#[derive(Clone, Default, Debug)]
pub struct Room {
    /// So many.
    pub most: usize,
    /// The tenant that had its turn last.
    pub after: String,
    /// Tenants that have their share.
    pub tenants: Vec<String>,
    /// Places that have theirs.
    pub places: Vec<String>,
    /// Tenants that have their share of a place.
    pub pairs: Vec<(String, String)>,
}

impl Room {
    /// For so many, whoever they are for.
    pub fn of(most: usize) -> Self {
        Self { most, ..Self::default() }
    }
}

/// What became of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// What follows.
    pub then: Queued,
    /// When it was tried; `None` where it was not.
    pub tried_at: Option<Moment>,
    /// The status that it was answered with.
    pub status: Option<u16>,
    /// What went wrong, without anything of the request.
    pub error: Option<String>,
}

/// What follows a try.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Queued {
    /// It is delivered.
    Delivered {
        /// When.
        at: Moment,
    },
    /// It is tried again.
    Again {
        /// When.
        at: Moment,
    },
    /// It is not tried again by itself.
    Dead {
        /// Since when.
        at: Moment,
        /// Whether its address said that it is gone.
        gone: bool,
    },
}

#[derive(FromRow)]
struct Row {
    tenant: String,
    id: String,
    session: String,
    sequence: i64,
    endpoint: String,
    place: String,
    letter: Vec<u8>,
    attempts: i64,
    gone: i64,
}

impl Store {
    /// Takes what is due at `now` and has room: of each tenant one at most, in turn, and no two that go to one place. It
    /// is nobody else's for so long.
    ///
    /// # Errors
    /// A database that fails. A letter that cannot be opened is dead, and said so in the log.
    pub async fn take_due(
        &self,
        owner: &str,
        now: Moment,
        lease: Duration,
        room: &Room,
    ) -> Result<Vec<Parcel>, StoreError> {
        loop {
            // Looked for without the pen: many that wait for a busy place may have to be passed over.
            let found = due(&mut *self.read().conn().await?, now, room).await?;
            if found.is_empty() {
                return Ok(Vec::new());
            }
            let parcels = self.take(found, owner, now, now.plus(lease).0).await?;
            // Another process may have been quicker.
            if !parcels.is_empty() {
                return Ok(parcels);
            }
        }
    }

    async fn take(
        &self,
        found: Vec<(String, String)>,
        owner: &str,
        now: Moment,
        until: i64,
    ) -> Result<Vec<Parcel>, StoreError> {
        let mut writing = self.database().write().await?;
        let mut pending = writing.begin_patiently().await?;
        let mut rows = Vec::new();
        for (tenant, id) in found {
            let sql = "UPDATE outbox SET owner = $3, leased_until = $4 WHERE tenant = $1 AND id = $2 \
                     AND state = 'pending' AND due_at <= $5 AND leased_until <= $5 \
                 RETURNING tenant, id, session, sequence, endpoint, place, letter, attempts, (forced = 0 AND EXISTS \
                     (SELECT 1 FROM outbox_gone g WHERE g.tenant = outbox.tenant AND g.endpoint = outbox.endpoint)) AS gone";
            let query = sqlx::query_as::<_, Row>(sql).bind(tenant).bind(id).bind(owner).bind(until).bind(now.0);
            rows.extend(query.fetch_optional(&mut *pending).await?);
        }
        let mut parcels = Vec::with_capacity(rows.len());
        for row in rows {
            match Letter::open(self.vault(), &row.tenant, &row.id, &row.letter) {
                Ok(letter) => parcels.push(Parcel {
                    tenant: row.tenant.into(),
                    id: row.id,
                    session: row.session,
                    sequence: row.sequence,
                    endpoint: row.endpoint,
                    place: row.place,
                    letter,
                    attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
                    gone: row.gone != 0,
                    leased_until: until,
                }),
                Err(why) => {
                    tracing::error!(tenant = row.tenant, delivery = row.id, %why, "a delivery cannot be opened");
                    let sql = "UPDATE outbox SET state = 'dead', settled_at = $3, last_error = 'it cannot be opened' \
                         WHERE tenant = $1 AND id = $2";
                    let query = sqlx::query(sql).bind(row.tenant.as_str()).bind(row.id.as_str()).bind(now.0);
                    query.execute(&mut *pending).await?;
                    next(&mut pending, &row.tenant, &row.session, now).await?;
                }
            }
        }
        pending.commit().await?;
        Ok(parcels)
    }

    /// Writes down what became of a request, and lets the next of its session go. False where the lease was another's
    /// by then: nothing was written.
    pub async fn settle_parcel(&self, owner: &str, parcel: &Parcel, outcome: &Outcome) -> Result<bool, StoreError> {
        let Outcome { then, tried_at, status, error } = outcome;
        let (state, due, settled) = match then {
            Queued::Delivered { at } => ("delivered", None, Some(*at)),
            Queued::Again { at } => ("pending", Some(*at), None),
            Queued::Dead { at, .. } => ("dead", None, Some(*at)),
        };
        let tenant = parcel.tenant.as_str();
        let mut writing = self.database().write().await?;
        let mut pending = writing.begin_patiently().await?;
        let sql = "UPDATE outbox SET state = $5, attempts = attempts + $6, due_at = coalesce($7, due_at), leased_until = 0, \
                 owner = NULL, settled_at = $8, last_tried_at = coalesce($9, last_tried_at), \
                 last_status = $10, last_error = $11, forced = CASE WHEN $5 = 'pending' THEN forced ELSE 0 END \
             WHERE tenant = $1 AND id = $2 AND owner = $3 AND leased_until = $4";
        let query = sqlx::query(sql).bind(tenant).bind(parcel.id.as_str()).bind(owner).bind(parcel.leased_until);
        let query = query.bind(state).bind(i64::from(tried_at.is_some())).bind(due.map(|at| at.0));
        let query = query.bind(settled.map(|at| at.0)).bind(tried_at.map(|at| at.0));
        let done = query.bind(status.map(i64::from)).bind(error.as_deref()).execute(&mut *pending).await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        match then {
            Queued::Delivered { .. } => {
                let sql = "DELETE FROM outbox_gone WHERE tenant = $1 AND endpoint = $2";
                sqlx::query(sql).bind(tenant).bind(parcel.endpoint.as_str()).execute(&mut *pending).await?;
            }
            Queued::Dead { at, gone: true } => {
                let sql = "INSERT INTO outbox_gone (tenant, endpoint, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
                let query = sqlx::query(sql).bind(tenant).bind(parcel.endpoint.as_str()).bind(at.0);
                query.execute(&mut *pending).await?;
            }
            Queued::Again { .. } | Queued::Dead { gone: false, .. } => {}
        }
        if let Some(at) = settled {
            next(&mut pending, tenant, &parcel.session, at).await?;
        }
        pending.commit().await?;
        Ok(true)
    }

    /// Lets go of every request that somebody still has the lease of: they end before those are answered.
    ///
    /// # Errors
    /// A database that fails.
    pub async fn let_go_of_parcels(&self, owner: &str) -> Result<(), StoreError> {
        let mut writing = self.database().write().await?;
        let mut pending = writing.begin_patiently().await?;
        let sql = "UPDATE outbox SET owner = NULL, leased_until = 0 WHERE state = 'pending' AND owner = $1";
        sqlx::query(sql).bind(owner).execute(&mut *pending).await?;
        pending.commit().await
    }

    /// Waits until something was written to the outbox by this process.
    pub async fn outbox_news(&self) {
        self.journal().shared.outbox.notified().await;
    }
}

/// Of each tenant with room the one that is due longest, beginning behind whoever had its turn last.
async fn due(conn: &mut SqliteConnection, now: Moment, room: &Room) -> Result<Vec<(String, String)>, StoreError> {
    let list = |words: Vec<&str>| serde_json::to_string(&words).unwrap_or_else(|_| "[]".to_owned());
    let tenants = list(room.tenants.iter().map(String::as_str).collect());
    let places = list(room.places.iter().map(String::as_str).collect());
    let pairs: Vec<String> = room.pairs.iter().map(|(tenant, place)| format!("{place} {tenant}")).collect();
    let sql = "WITH RECURSIVE whose (tenant) AS (SELECT min(tenant) FROM outbox WHERE state = 'pending' UNION ALL \
             SELECT (SELECT min(o.tenant) FROM outbox o WHERE o.state = 'pending' AND o.tenant > whose.tenant) \
             FROM whose WHERE whose.tenant IS NOT NULL), \
         first (tenant, id) AS (SELECT tenant, (SELECT id FROM outbox o INDEXED BY outbox_due \
                 WHERE o.state = 'pending' AND o.tenant = whose.tenant AND o.due_at <= $1 AND o.leased_until <= $1 \
                 AND o.place NOT IN (SELECT value FROM json_each($3)) \
                 AND o.place || ' ' || o.tenant NOT IN (SELECT value FROM json_each($4)) ORDER BY o.due_at LIMIT 1) \
             FROM whose WHERE tenant IS NOT NULL AND tenant NOT IN (SELECT value FROM json_each($2))) \
         SELECT o.tenant, o.id, o.place FROM first JOIN outbox o ON o.tenant = first.tenant AND o.id = first.id \
         ORDER BY o.tenant <= $5, o.tenant";
    let query = sqlx::query_as(sql).bind(now.0).bind(tenants).bind(places);
    let query = query.bind(list(pairs.iter().map(String::as_str).collect())).bind(room.after.as_str());
    let found: Vec<(String, String, String)> = query.fetch_all(conn).await?;
    let mut taken = HashSet::new();
    let each = found.into_iter().filter(|(_, _, place)| taken.insert(place.clone()));
    Ok(each.take(room.most).map(|(tenant, id, _)| (tenant, id)).collect())
}

/// The next of a session is due, where one waits and none is on its way.
pub(super) async fn next(
    conn: &mut SqliteConnection,
    tenant: &str,
    session: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let sql = "UPDATE outbox SET state = 'pending', due_at = max(due_at, $3) WHERE tenant = $1 AND session = $2 \
         AND state = 'waiting' AND sequence = (SELECT min(sequence) FROM outbox WHERE tenant = $1 AND session = $2 \
         AND state IN ('waiting', 'pending'))";
    sqlx::query(sql).bind(tenant).bind(session).bind(now.0).execute(conn).await?;
    Ok(())
}
