//! Sessions that expire: told once each, whether the clock, a program or a person ended them, and also where nobody was
//! looking when it happened.
//!
//! Deliberately not here: whether a session still routes. Routing judges by the instant and does not wait for this.

use std::time::Duration;

use sqlx::SqliteConnection;

use super::super::declared;
use super::super::error::StoreError;
use super::super::open::Store;
use super::super::vault::Vault;
use super::{OutboxRow, put};
use crate::domain::{Moment, Session, SessionState};
use crate::routing::news::{self, Link};

/// How far back it is looked again: a session may be written down a little after the instant at which it expires.
const AGAIN: Duration = Duration::from_secs(600);
/// How far it was looked.
const LOOKED: &str = "expiries_looked";
/// Sessions of one transaction.
const AT_ONCE: usize = 500;

/// A session that expired, and when.
pub struct Expired {
    session: Session,
    at: Moment,
}

impl Expired {
    /// What became of a session in a change, where it is over by it, or by the clock before it.
    pub fn between(before: Option<&Session>, after: &Session, now: Moment) -> Option<Self> {
        let before = before.filter(|before| before.options.terms.is_some())?;
        let over = |state| match state {
            SessionState::Live { expires_at } => expires_at.filter(|at| *at <= now),
            SessionState::Ended { at, .. } => Some(at),
        };
        let session = || if after.options.terms.is_some() { after.clone() } else { before.clone() };
        match (before.state, over(before.state)) {
            (SessionState::Ended { .. }, _) => None,
            (SessionState::Live { .. }, Some(at)) => Some(Self { session: before.clone(), at }),
            (SessionState::Live { .. }, None) => over(after.state).map(|at| Self { session: session(), at }),
        }
    }

    fn row(&self, vault: &Vault) -> Result<Option<OutboxRow>, StoreError> {
        Ok(OutboxRow::of(vault, &self.session, &news::expired(&self.session, self.at), None, &Link::default())?)
    }
}

/// Writes them down, each once.
pub async fn write(conn: &mut SqliteConnection, vault: &Vault, expired: &[Expired]) -> Result<(), StoreError> {
    for one in expired {
        if let Some(row) = one.row(vault)? {
            put(conn, &row).await?;
        }
    }
    Ok(())
}

impl Store {
    /// Finds the sessions that have expired by the clock since it was last looked, and writes the news down; tells how
    /// many there were to look at.
    pub async fn tell_expired(&self, now: Moment) -> Result<usize, StoreError> {
        let mut conn = self.read().conn().await?;
        let sql = "SELECT coalesce(max(value), 0) FROM marks WHERE name = $1";
        let looked: i64 = sqlx::query_scalar(sql).bind(LOOKED).fetch_one(&mut *conn).await?;
        let found = expired_since(&mut conn, Moment(looked).minus(AGAIN), now).await?;
        drop(conn);
        let count = found.len();
        if count == 0 && now < Moment(looked).plus(AGAIN / 2) {
            return Ok(0);
        }
        let mut rest = found.into_iter().peekable();
        loop {
            let part: Vec<Expired> = rest.by_ref().take(AT_ONCE).collect();
            let mut writing = self.database().write().await?;
            let mut pending = writing.begin_patiently().await?;
            write(&mut pending, self.vault(), &part).await?;
            if rest.peek().is_none() {
                let sql = "INSERT INTO marks (name, value) VALUES ($1, $2) \
                     ON CONFLICT (name) DO UPDATE SET value = max(marks.value, excluded.value)";
                sqlx::query(sql).bind(LOOKED).bind(now.0).execute(&mut *pending).await?;
            }
            pending.commit().await?;
            if !part.is_empty() {
                self.journal().shared.outbox.notify_one();
            }
            if rest.peek().is_none() {
                return Ok(count);
            }
        }
    }
}

async fn expired_since(conn: &mut SqliteConnection, since: Moment, now: Moment) -> Result<Vec<Expired>, StoreError> {
    let due = "terms IS NOT NULL AND ended_at IS NULL AND expires_at IS NOT NULL AND expires_at > $1 \
         AND expires_at <= $2 AND json_extract(terms, '$.callback[0]') <> ''";
    let query = declared::by::<Session>("sessions_expiring", due).bind(since.0).bind(now.0);
    let sessions: Vec<Session> = declared::read(conn, query).await?;
    let expired = |session: Session| {
        let SessionState::Live { expires_at: Some(at) } = session.state else { return None };
        Some(Expired { session, at })
    };
    Ok(sessions.into_iter().filter_map(expired).collect())
}
