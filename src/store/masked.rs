//! Sessions as the masking door lists them: narrowed by time, party and status, counted, and cut by offset.
//!
//! Deliberately not here: the door's words and its windows (`http`), and our own API's lists (`list`). Where a session
//! stands is `routing::job::stands`'s to say; it is said once more here, in SQL, so that the database can count, and a
//! test holds the two together.

use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row};

use super::cell::{Columns, Query};
use super::error::StoreError;
use super::reader::Reader;
use super::records::Record;
use crate::domain::{Moment, Session, TenantId};

/// Something of a session that a list can be narrowed by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// The first party's digits.
    FirstParty,
    /// The second party's digits.
    SecondParty,
    /// The digits of its number.
    VirtualNumber,
    /// When it was made, in microseconds.
    Created,
    /// When it ended or will, in microseconds.
    Expiry,
    /// The seconds between these two.
    Duration,
}

impl By {
    /// What stands for it in SQL.
    const fn sql(self) -> &'static str {
        match self {
            Self::FirstParty => "s.first_party",
            Self::SecondParty => "s.second_party",
            Self::VirtualNumber => "s.number",
            Self::Created => "s.made_at",
            Self::Expiry => "coalesce(s.ended_at, s.expires_at)",
            Self::Duration => "(coalesce(s.ended_at, s.expires_at) - s.made_at) / 1000000",
        }
    }
}

/// Where a session stands, as the door tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// It connects its parties.
    Active,
    /// It does, and a call is running.
    InProgress,
    /// It is over.
    Expired,
}

/// Which sessions, and where the page is cut.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MaskedFilter {
    /// Its values lie between these, the first and the last one included.
    pub between: Vec<(By, i64, i64)>,
    /// It stands there.
    pub status: Option<Status>,
    /// Its number is of the account of this id, or of this id at the provider.
    pub account: Option<String>,
    /// How many at most.
    pub limit: u32,
    /// How many newer ones are left out.
    pub offset: u32,
}

/// A session with what the door tells of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Masked {
    /// It.
    pub session: Session,
    /// When it was made.
    pub made_at: Moment,
    /// Where it stands.
    pub status: Status,
    /// Seconds that phones ring at its location, where it has one.
    pub ring_timeout: Option<u16>,
    /// Whether its location records calls.
    pub recorded: bool,
}

impl Masked {
    /// A session that was just made or changed: it lasts, and nobody has called yet.
    pub const fn of(session: Session, made_at: Moment) -> Self {
        Self { session, made_at, status: Status::Active, ring_timeout: None, recorded: false }
    }
}

/// What a session's standing depends on.
const FROM: &str = "FROM sessions s \
     LEFT JOIN work_orders w ON w.tenant = s.tenant AND w.id = s.work_order \
     LEFT JOIN numbers n ON n.e164 = s.number \
     LEFT JOIN locations l ON l.tenant = s.tenant AND l.id = coalesce(s.location, n.location, \
         (SELECT t.default_location FROM tenants t WHERE t.id = s.tenant))";

/// Whether its job is done, and its grace is not over: now is ?2.
const GRACED: &str = "(coalesce(w.status, '') = 'completed' AND w.status_at <= ?2 \
     AND ?2 < w.status_at + coalesce(l.grace_window_days, 0) * 86400000000)";

/// Whether its number carries no grace any more.
const NUMBER_GONE: &str =
    "(coalesce(n.state, '') = 'retired' OR (coalesce(n.state, '') = 'released' AND n.released_at <= ?2))";

/// Whether a call is running.
const RUNNING: &str = "EXISTS (SELECT 1 FROM interactions i INDEXED BY interactions_by_session \
     WHERE i.session = s.id AND i.tenant = s.tenant AND i.channel = 'voice' AND i.state = 'open')";

/// What its location says where it says nothing itself.
const OF_LOCATION: &str = "l.ring_timeout, coalesce(l.record_voice_calls, 0)";

/// Whether it is over: the same steps, in the same order, as `Session::phase` takes.
fn over() -> String {
    format!(
        "CASE WHEN s.ended_at <= ?2 AND s.ended_by = 'job' AND {GRACED} AND w.status_at <= s.ended_at THEN {NUMBER_GONE} \
             WHEN s.ended_at <= ?2 THEN 1 \
             WHEN s.ended_at IS NULL AND s.expires_at <= ?2 THEN 1 \
             WHEN s.started_at > ?2 THEN 0 \
             WHEN {GRACED} THEN {NUMBER_GONE} \
             WHEN w.status = 'completed' AND w.status_at <= ?2 THEN 1 \
             WHEN w.status = 'canceled' AND (w.status_at IS NULL OR w.status_at <= ?2) THEN 1 \
             ELSE 0 END"
    )
}

fn columns() -> String {
    Session::TABLE.columns.iter().map(|column| format!("s.{column}, ")).collect()
}

impl Reader {
    /// A page of a tenant's sessions, newest first, and how many there are on all pages.
    pub async fn masked_sessions(
        &self,
        tenant: &TenantId,
        filter: &MaskedFilter,
        now: Moment,
    ) -> Result<(Vec<Masked>, u64), StoreError> {
        let (condition, bound) = condition(filter);
        let bind = |sql: String| {
            let query: Query = sqlx::query(AssertSqlSafe(sql)).bind(tenant.to_string()).bind(now.0);
            bound.iter().fold(query, |query, value| match value {
                Bound::Int(value) => query.bind(*value),
                Bound::Text(text) => query.bind(text.clone()),
            })
        };
        let mut conn = self.conn().await?;
        let count = bind(format!("SELECT count(*) {FROM} WHERE {condition}"));
        let total: i64 = count.fetch_one(&mut *conn).await?.try_get(0)?;
        let over = over();
        let page = bind(format!(
            "SELECT {}s.made_at, {over}, {RUNNING}, {OF_LOCATION} {FROM} WHERE {condition} ORDER BY s.made_at DESC, s.id DESC \
             LIMIT {} OFFSET {}",
            columns(),
            filter.limit,
            filter.offset
        ));
        let rows = page.fetch_all(&mut *conn).await?;
        let found = rows.iter().map(read).collect::<Result<_, _>>()?;
        Ok((found, u64::try_from(total).unwrap_or(0)))
    }

    /// One session of a tenant; `None` where it has none of this id.
    pub async fn masked_session(&self, tenant: &TenantId, id: &str, now: Moment) -> Result<Option<Masked>, StoreError> {
        let over = over();
        let sql = format!(
            "SELECT {}s.made_at, {over}, {RUNNING}, {OF_LOCATION} {FROM} WHERE s.tenant = ?1 AND s.id = ?3",
            columns()
        );
        let query: Query = sqlx::query(AssertSqlSafe(sql)).bind(tenant.to_string()).bind(now.0).bind(id.to_owned());
        query.fetch_optional(&mut *self.conn().await?).await?.as_ref().map(read).transpose()
    }
}

fn read(row: &SqliteRow) -> Result<Masked, StoreError> {
    let session = Session::read(&mut Columns::new(row, &Session::TABLE, None))?;
    let width = Session::TABLE.columns.len();
    let (over, running) = (row.try_get::<i64, _>(width + 1)? != 0, row.try_get::<i64, _>(width + 2)? != 0);
    let status = match (over, running) {
        (true, _) => Status::Expired,
        (false, true) => Status::InProgress,
        (false, false) => Status::Active,
    };
    let ring_timeout = row.try_get::<Option<i64>, _>(width + 3)?.and_then(|seconds| u16::try_from(seconds).ok());
    let recorded = row.try_get::<i64, _>(width + 4)? != 0;
    Ok(Masked { session, made_at: Moment(row.try_get(width)?), status, ring_timeout, recorded })
}

enum Bound {
    Int(i64),
    Text(String),
}

/// What follows `WHERE`, and what is bound to it behind the tenant and the time.
fn condition(filter: &MaskedFilter) -> (String, Vec<Bound>) {
    let (mut sql, mut bound) = ("s.tenant = ?1".to_owned(), Vec::new());
    for (by, first, last) in &filter.between {
        let place = bound.len() + 3;
        sql = format!("{sql} AND {} BETWEEN ?{place} AND ?{}", by.sql(), place + 1);
        bound.extend([Bound::Int(*first), Bound::Int(*last)]);
    }
    if let Some(status) = filter.status {
        let over = over();
        let stands = match status {
            Status::Active => format!("NOT ({over}) AND NOT {RUNNING}"),
            Status::InProgress => format!("NOT ({over}) AND {RUNNING}"),
            Status::Expired => format!("({over})"),
        };
        sql = format!("{sql} AND {stands}");
    }
    if let Some(account) = &filter.account {
        let place = bound.len() + 3;
        sql = format!(
            "{sql} AND n.account IN (SELECT a.id FROM provider_accounts a WHERE a.tenant = ?1 AND ?{place} IN (a.id, a.account_sid))"
        );
        bound.push(Bound::Text(account.clone()));
    }
    (sql, bound)
}
