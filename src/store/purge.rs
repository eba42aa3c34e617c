//! Forgetting: claims after thirty days, the journal's requests and reasons and what was delivered after the operator's
//! days; the feed and kept answers after one.
//!
//! Deliberately not here: texts (their days are a location's setting) and erasing one phone.

use super::error::StoreError;
use super::kept;
use super::open::Store;
use super::{outbox, provider_jobs};
use crate::domain::Moment;

/// Days that a delivery is recognized when it comes again.
const CLAIM_DAYS: i64 = 30;
/// The least days that a delivery is kept: calls are remembered for one after their end.
const TOLD_DAYS: i64 = 3;
/// Rows of one transaction: webhooks are written in between.
const AT_ONCE: i64 = 1000;
/// How far the journal has been stripped.
const STRIPPED: &str = "journal_stripped";

/// What was forgotten.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Purged {
    /// Journal rows that keep nothing but the answer that a repeat would get.
    pub stripped: u64,
    /// Journal rows that are gone, with their claims and events.
    pub removed: u64,
    /// Deliveries that are gone.
    pub told: u64,
}

impl Store {
    /// Forgets what is old at `now`. A row older than `journal_days` keeps its answer while its claim lives; then it
    /// goes. The journal is in the order of its writing, so the old rows are at its beginning.
    pub async fn purge(&self, now: Moment, journal_days: u16) -> Result<Purged, StoreError> {
        let days = i64::from(journal_days);
        self.purge_desk(now).await?;
        let mut purged = Purged { told: self.purge_outbox(now, days).await?, ..Purged::default() };
        while let count @ 1.. = self.remove(now.plus_days(-days.max(CLAIM_DAYS))).await? {
            purged.removed += count;
        }
        while let count @ 1.. = self.strip(now.plus_days(-days)).await? {
            purged.stripped += count;
        }
        Ok(purged)
    }

    /// Forgets what every process has heard of by now, and answers that no longer count.
    async fn purge_desk(&self, now: Moment) -> Result<(), StoreError> {
        let mut writing = self.database().write().await?;
        let mut pending = writing.begin_patiently().await?;
        for sql in ["DELETE FROM feed WHERE at < $1", "DELETE FROM kept_answers WHERE at < $1"] {
            sqlx::query(sql).bind(kept::oldest(now)).execute(&mut *pending).await?;
        }
        // A wrong PIN counts for a day.
        let sql = "DELETE FROM pin_streaks WHERE wrong = 0 OR at < $1";
        sqlx::query(sql).bind(now.plus_days(-1).0).execute(&mut *pending).await?;
        provider_jobs::purge(&mut pending, now).await?;
        pending.commit().await
    }

    /// Forgets what was delivered or given up before the operator's days; no news comes so late that it would be told anew.
    async fn purge_outbox(&self, now: Moment, days: i64) -> Result<u64, StoreError> {
        let mut writing = self.database().write().await?;
        let mut pending = writing.begin_patiently().await?;
        let gone = outbox::purge(&mut pending, now.plus_days(-days.max(TOLD_DAYS)), now).await?;
        pending.commit().await?;
        Ok(gone)
    }

    /// Removes the first rows that are older, as far as they come one after another.
    async fn remove(&self, before: Moment) -> Result<u64, StoreError> {
        let mut writing = self.database().write().await?;
        let mut pending = writing.begin_patiently().await?;
        let Some(last) = old(&mut pending, 0, before).await? else { return Ok(0) };
        let sql = "DELETE FROM claims WHERE key IN (SELECT claim FROM journal WHERE seq <= $1) AND seq <= $1";
        sqlx::query(sql).bind(last).execute(&mut *pending).await?;
        let sql = "DELETE FROM interaction_events WHERE seq <= $1";
        sqlx::query(sql).bind(last).execute(&mut *pending).await?;
        let sql = "DELETE FROM journal WHERE seq <= $1";
        let count = sqlx::query(sql).bind(last).execute(&mut *pending).await?.rows_affected();
        pending.commit().await?;
        Ok(count)
    }

    async fn strip(&self, before: Moment) -> Result<u64, StoreError> {
        let mut writing = self.database().write().await?;
        let mut pending = writing.begin_patiently().await?;
        let sql = "SELECT coalesce(max(value), 0) FROM marks WHERE name = $1";
        let done: i64 = sqlx::query_scalar(sql).bind(STRIPPED).fetch_one(&mut *pending).await?;
        let Some(last) = old(&mut pending, done, before).await? else { return Ok(0) };
        let sql = "UPDATE journal SET target = '', body = $1, decision = 'null', effects = '[]' \
             WHERE seq > $2 AND seq <= $3";
        let count = sqlx::query(sql).bind(&[][..]).bind(done).bind(last).execute(&mut *pending).await?.rows_affected();
        let sql =
            "INSERT INTO marks (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        sqlx::query(sql).bind(STRIPPED).bind(last).execute(&mut *pending).await?;
        pending.commit().await?;
        Ok(count)
    }
}

/// The last of the rows after `after` that are older than `before` and follow one another; `None` where the first is
/// younger. Never the newest row: the next one is numbered after it.
async fn old(conn: &mut sqlx::SqliteConnection, after: i64, before: Moment) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT seq, at FROM journal WHERE seq > $1 AND seq < (SELECT max(seq) FROM journal) \
         ORDER BY seq LIMIT $2";
    let rows: Vec<(i64, i64)> = sqlx::query_as(sql).bind(after).bind(AT_ONCE).fetch_all(conn).await?;
    Ok(rows.into_iter().take_while(|(_, at)| *at < before.0).map(|(seq, _)| seq).last())
}
