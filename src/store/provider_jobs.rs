//! What is to be asked of providers: written in the transaction of what it follows from, leased to one process at a time,
//! and done at least once.
//!
//! Deliberately not here: asking (`jobs::provider`). A create that was sent and not answered is marked, so that whoever
//! takes it up looks before asking again.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::{FromRow, SqliteConnection};

use super::cell::json;
use super::error::StoreError;
use super::open::Store;
use crate::domain::placed::WORTH_PLACING;
use crate::domain::settings::words;
use crate::domain::{CallId, Moment, Placing};

/// How long a recording may be started late, and a recording be fetched, deleted: then the job is dead.
const WORTH_RECORDING: Duration = Duration::from_secs(120);
const WORTH_FETCHING: Duration = Duration::from_secs(86_400);
const WORTH_DELETING: Duration = Duration::from_secs(7 * 86_400);

/// How long a job is nobody else's: longer than one request may take. Whoever takes longer renews it.
const LEASE: Duration = Duration::from_secs(30);

/// Days that what became of a job can be looked at.
const KEPT_DAYS: i64 = 30;

words! {
    /// What kind of thing is asked, the most urgent first.
    JobKind {
        /// A call is started.
        Call = "call",
        /// A call is recorded.
        Record = "record",
        /// A recording is fetched.
        Fetch = "fetch",
        /// A recording is taken away.
        Discard = "discard",
    }
}

impl JobKind {
    /// Whatever is of no known kind comes with the least urgent, and is written off there.
    const fn rows(self) -> &'static str {
        match self {
            Self::Call => "kind = 'call'",
            Self::Record => "kind = 'record'",
            Self::Fetch => "kind = 'fetch'",
            Self::Discard => "kind NOT IN ('call', 'record', 'fetch')",
        }
    }
}

/// What is asked, by ids alone: who they are is looked up when it is done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum About {
    /// A session's first party is called.
    FirstParty {
        /// The call.
        call: String,
        /// The session.
        session: String,
    },
    /// A back-office line is called, for a to-do.
    CallBack {
        /// The call.
        call: String,
        /// The to-do.
        todo: String,
        /// The line.
        line: String,
    },
    /// A call is recorded from now on.
    Record {
        /// The call.
        call: String,
        /// The attempt in which both talk.
        attempt: u8,
    },
    /// A recording is fetched and kept.
    Fetch {
        /// The recording.
        recording: String,
    },
    /// A recording that nobody may hear is taken away at the provider.
    Discard {
        /// The account.
        account: String,
        /// The provider's id of the recording.
        sid: String,
    },
}

impl About {
    /// A call that is to be started.
    pub fn call(id: CallId, placing: &Placing) -> Self {
        let call = id.to_string();
        match placing {
            Placing::FirstParty { session } => Self::FirstParty { call, session: session.to_string() },
            Placing::CallBack { todo, line } => Self::CallBack { call, todo: todo.clone(), line: line.to_string() },
        }
    }

    /// Its kind.
    pub const fn kind(&self) -> JobKind {
        match self {
            Self::FirstParty { .. } | Self::CallBack { .. } => JobKind::Call,
            Self::Record { .. } => JobKind::Record,
            Self::Fetch { .. } => JobKind::Fetch,
            Self::Discard { .. } => JobKind::Discard,
        }
    }

    /// Its name: the same thing is asked once.
    fn id(&self) -> String {
        let kind = self.kind();
        match self {
            Self::FirstParty { call, .. } | Self::CallBack { call, .. } => format!("{kind}-{call}"),
            Self::Record { call, attempt } => format!("{kind}-{call}-{attempt}"),
            Self::Fetch { recording } => format!("{kind}-{recording}"),
            Self::Discard { account, sid } => format!("{kind}-{account}-{sid}"),
        }
    }

    /// How long it is worth doing.
    const fn worth(&self) -> Duration {
        match self {
            Self::FirstParty { .. } | Self::CallBack { .. } => WORTH_PLACING,
            Self::Record { .. } => WORTH_RECORDING,
            Self::Fetch { .. } => WORTH_FETCHING,
            Self::Discard { .. } => WORTH_DELETING,
        }
    }
}

/// A job as it is written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct JobRow {
    /// Whose.
    pub tenant: String,
    /// What is asked.
    pub about: About,
    /// When it came up, in microseconds.
    pub at: i64,
}

/// A job that somebody has the lease of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Leased {
    /// Its name.
    pub id: String,
    /// Whose.
    pub tenant: String,
    /// What is asked.
    pub about: About,
    /// When it was sent before, where nobody knows what became of that.
    pub asked: Option<Moment>,
    /// Which try this is, from 1.
    pub tries: u32,
    /// When it came up.
    pub made_at: Moment,
    /// From when it is not worth doing.
    pub dies_at: Moment,
    owner: String,
}

/// What is to become of a job after a try.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum After {
    /// It is done.
    Done,
    /// It is given up, and this is why.
    Dead(String),
    /// It is tried again.
    Again {
        /// When.
        at: Moment,
        /// When it was sent, where it may have been done.
        asked: Option<Moment>,
        /// What went wrong.
        why: String,
    },
}

/// Writes a job, once.
pub(super) async fn write(conn: &mut SqliteConnection, row: &JobRow) -> Result<(), StoreError> {
    let JobRow { tenant, about, at } = row;
    let sql = "INSERT INTO provider_jobs (id, tenant, kind, about, made_at, due_at, dies_at) \
         VALUES ($1, $2, $3, $4, $5, $5, $6) ON CONFLICT DO NOTHING";
    let query = sqlx::query(sql).bind(about.id()).bind(tenant.as_str()).bind(about.kind().word()).bind(json(about));
    query.bind(*at).bind(Moment(*at).plus(about.worth()).0).execute(conn).await?;
    Ok(())
}

/// Forgets jobs that ended long ago.
pub(super) async fn purge(conn: &mut SqliteConnection, now: Moment) -> Result<(), StoreError> {
    let sql = "DELETE FROM provider_jobs WHERE ended_at < $1";
    sqlx::query(sql).bind(now.plus_days(-KEPT_DAYS).0).execute(conn).await?;
    Ok(())
}

#[derive(FromRow)]
struct Row {
    id: String,
    tenant: String,
    about: String,
    asked_at: Option<i64>,
    tries: i64,
    made_at: i64,
    dies_at: i64,
}

impl Store {
    /// Takes the lease of the job of a kind that is due longest, where there is one of a tenant that is not busy. What
    /// cannot be read is dead, and said so in the log.
    ///
    /// # Errors
    /// A database that fails.
    pub async fn lease_job(
        &self,
        owner: &str,
        kind: JobKind,
        busy: &[String],
        now: Moment,
    ) -> Result<Option<Leased>, StoreError> {
        let sql = format!(
            "SELECT id, tenant, about, asked_at, tries, made_at, dies_at FROM provider_jobs WHERE state = 'waiting' \
             AND {} AND due_at <= $1 AND leased_until <= $1 AND tenant NOT IN (SELECT value FROM json_each($2)) \
             ORDER BY due_at, id LIMIT 1",
            kind.rows()
        );
        let busy = serde_json::to_string(busy).unwrap_or_else(|_| "[]".to_owned());
        loop {
            // Looked at without the pen first: mostly there is nothing.
            let look = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql.clone())).bind(now.0).bind(busy.as_str());
            if look.fetch_optional(&mut *self.read().conn().await?).await?.is_none() {
                return Ok(None);
            }
            let mut writing = self.database().write().await?;
            let mut pending = writing.begin_patiently().await?;
            let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql.clone())).bind(now.0).bind(busy.as_str());
            let Some(row) = query.fetch_optional(&mut *pending).await? else { return Ok(None) };
            let Ok(about) = serde_json::from_str::<About>(&row.about) else {
                tracing::error!(tenant = row.tenant, job = row.id, "what is to be asked of a provider cannot be read");
                let sql =
                    "UPDATE provider_jobs SET state = 'dead', ended_at = $2, why = 'it cannot be read' WHERE id = $1";
                sqlx::query(sql).bind(row.id.as_str()).bind(now.0).execute(&mut *pending).await?;
                pending.commit().await?;
                continue;
            };
            // What is about to be sent counts as sent, until its sender says otherwise.
            let sql = "UPDATE provider_jobs SET owner = $2, leased_until = $3, tries = tries + 1, \
                 asked_at = coalesce(asked_at, $4) WHERE id = $1";
            let query = sqlx::query(sql).bind(row.id.as_str()).bind(owner).bind(now.plus(LEASE).0).bind(now.0);
            query.execute(&mut *pending).await?;
            pending.commit().await?;
            return Ok(Some(Leased {
                id: row.id,
                tenant: row.tenant,
                about,
                asked: row.asked_at.map(Moment),
                tries: u32::try_from(row.tries + 1).unwrap_or(u32::MAX),
                made_at: Moment(row.made_at),
                dies_at: Moment(row.dies_at),
                owner: owner.to_owned(),
            }));
        }
    }

    /// Keeps the lease of a job that is still being done; false where another has it, or the job is gone.
    ///
    /// # Errors
    /// A database that fails.
    pub async fn renew_job(&self, job: &Leased, now: Moment) -> Result<bool, StoreError> {
        let mut writing = self.database().write().await?;
        let mut pending = writing.begin_patiently().await?;
        let sql = "UPDATE provider_jobs SET leased_until = $4 WHERE id = $1 AND owner = $2 AND tries = $3";
        let query = sqlx::query(sql).bind(job.id.as_str()).bind(job.owner.as_str()).bind(job.tries);
        let done = query.bind(now.plus(LEASE).0).execute(&mut *pending).await?;
        pending.commit().await?;
        Ok(done.rows_affected() > 0)
    }

    /// Says what becomes of a job, and lets go of it. Nothing where the lease ran out and another has it.
    ///
    /// # Errors
    /// A database that fails.
    pub async fn release_job(&self, job: &Leased, after: &After, now: Moment) -> Result<(), StoreError> {
        let (state, asked, due, ended, why) = match after {
            After::Done => ("done", None, now, Some(now.0), None),
            After::Dead(why) => ("dead", None, now, Some(now.0), Some(why.as_str())),
            After::Again { at, asked, why } => ("waiting", *asked, *at, None, Some(why.as_str())),
        };
        let mut writing = self.database().write().await?;
        let mut pending = writing.begin_patiently().await?;
        let sql = "UPDATE provider_jobs SET state = $4, asked_at = $5, due_at = $6, ended_at = $7, why = $8, owner = NULL, \
             leased_until = 0 WHERE id = $1 AND owner = $2 AND tries = $3";
        let query = sqlx::query(sql).bind(job.id.as_str()).bind(job.owner.as_str()).bind(job.tries).bind(state);
        let query = query.bind(asked.map(|at| at.0)).bind(due.0).bind(ended).bind(why);
        query.execute(&mut *pending).await?;
        pending.commit().await
    }

    /// Lets go of every job that somebody still has the lease of: they end before those are done.
    ///
    /// # Errors
    /// A database that fails.
    pub async fn let_go_of_jobs(&self, owner: &str) -> Result<(), StoreError> {
        let mut writing = self.database().write().await?;
        let mut pending = writing.begin_patiently().await?;
        let sql = "UPDATE provider_jobs SET owner = NULL, leased_until = 0 WHERE state = 'waiting' AND owner = $1";
        sqlx::query(sql).bind(owner).execute(&mut *pending).await?;
        pending.commit().await
    }

    /// When the first job is due, and not leased, that was not at an instant; `None` where none waits.
    ///
    /// # Errors
    /// A database that fails.
    pub async fn next_job_after(&self, now: Moment) -> Result<Option<Moment>, StoreError> {
        let sql = "SELECT min(max(due_at, leased_until)) FROM provider_jobs WHERE state = 'waiting' \
             AND max(due_at, leased_until) > $1";
        let at: Option<i64> = sqlx::query_scalar(sql).bind(now.0).fetch_one(&mut *self.read().conn().await?).await?;
        Ok(at.map(Moment))
    }

    /// How many jobs of a kind wait, and how many were given up and are still kept.
    ///
    /// # Errors
    /// A database that fails.
    pub async fn jobs_left(&self, kind: JobKind) -> Result<(u64, u64), StoreError> {
        let count = |state| format!("(SELECT count(*) FROM provider_jobs WHERE state = '{state}' AND {})", kind.rows());
        let sql = sqlx::AssertSqlSafe(format!("SELECT {}, {}", count("waiting"), count("dead")));
        let (left, dead): (i64, i64) = sqlx::query_as(sql).fetch_one(&mut *self.read().conn().await?).await?;
        Ok((left.unsigned_abs(), dead.unsigned_abs()))
    }

    /// What became of the jobs of a tenant, oldest first: kind, state, tries and the last trouble.
    ///
    /// # Errors
    /// A database that fails.
    pub async fn jobs_of(&self, tenant: &str) -> Result<Vec<(String, String, i64, Option<String>)>, StoreError> {
        let sql = "SELECT kind, state, tries, why FROM provider_jobs WHERE tenant = $1 ORDER BY made_at, id";
        Ok(sqlx::query_as(sql).bind(tenant).fetch_all(&mut *self.read().conn().await?).await?)
    }
}
