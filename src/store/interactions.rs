//! One call or text with all its steps, and what the back office owes, as they were written down.
//!
//! Deliberately not here: how that is shown (`http`), and lists for the console.

use sqlx::FromRow;

use super::entry::{EventRow, InteractionRow, TodoRow, VoicemailRow};
use super::error::StoreError;
use super::reader::Reader;
use super::todos::{self, TodoRecord};

/// One call or text.
#[derive(Clone, Debug)]
pub struct InteractionRecord {
    /// Its row, in its latest state.
    pub row: InteractionRow,
    /// Its first place in the journal.
    pub first_seq: i64,
    /// The webhooks that made it so, in the order in which they were written down.
    pub steps: Vec<StepRecord>,
    /// Its timeline.
    pub events: Vec<EventRow>,
}

/// One webhook of an interaction.
#[derive(Clone, PartialEq, Eq, Debug, FromRow)]
pub struct StepRecord {
    /// When it was decided, in microseconds.
    pub at: i64,
    /// Which step, such as `voice/dialed`.
    pub step: String,
    /// The request's method.
    pub method: String,
    /// The request's target.
    pub target: String,
    /// The request's body, without a text's words and media.
    pub body: Vec<u8>,
    /// The answer's status.
    pub status: i64,
    /// The answer, without a text's words and media.
    pub answer: Vec<u8>,
    /// The decision as JSON; `null` where there is none.
    pub decision: String,
    /// The kinds of the effects as a JSON list.
    pub effects: String,
    /// How long it took to decide, in microseconds.
    pub micros: i64,
}

impl Reader {
    /// The interaction with this SID of a provider: the caller's leg's or the text's. The newest, where several
    /// accounts have used the same one.
    pub async fn interaction(&self, sid: &str) -> Result<Option<InteractionRecord>, StoreError> {
        self.one("SELECT * FROM interactions WHERE sid = $1 ORDER BY first_seq DESC LIMIT 1", sid).await
    }

    /// The interaction with this id of ours.
    pub async fn interaction_of(&self, id: &str) -> Result<Option<InteractionRecord>, StoreError> {
        self.one("SELECT * FROM interactions WHERE id = $1", id).await
    }

    async fn one(&self, sql: &'static str, name: &str) -> Result<Option<InteractionRecord>, StoreError> {
        let mut conn = self.conn().await?;
        let found = sqlx::query_as::<_, Found>(sql).bind(name).fetch_optional(&mut *conn).await?;
        let Some(Found { first_seq, last_seq, row }) = found else { return Ok(None) };
        let row: InteractionRow = row.try_into()?;
        let sql = "SELECT at, step, method, target, body, status, answer, decision, effects, micros FROM journal \
             WHERE seq BETWEEN $1 AND $2 AND interaction = $3 ORDER BY seq";
        let query = sqlx::query_as(sql).bind(first_seq).bind(last_seq).bind(row.id.as_str());
        let steps = query.fetch_all(&mut *conn).await?;
        let sql = "SELECT interaction, at, kind, detail FROM interaction_events \
             WHERE seq BETWEEN $1 AND $2 AND interaction = $3 ORDER BY seq, rank";
        let query = sqlx::query_as::<_, (String, i64, String, String)>(sql);
        let query = query.bind(first_seq).bind(last_seq).bind(row.id.as_str());
        let events = query.fetch_all(&mut *conn).await?;
        let events =
            events.into_iter().map(|(interaction, at, kind, detail)| EventRow { interaction, at, kind, detail });
        Ok(Some(InteractionRecord { row, first_seq, steps, events: events.collect() }))
    }

    /// The webhooks with this SID, for one that became no call or text of ours, such as a call to a number that nobody
    /// rents.
    ///
    /// The journal has no index for it: only its newest hundred thousand rows are looked through.
    pub async fn stray_steps(&self, sid: &str) -> Result<Vec<StepRecord>, StoreError> {
        let sql = "SELECT at, step, method, target, body, status, answer, decision, effects, micros FROM journal \
             WHERE seq > (SELECT max(seq) FROM journal) - 100000 AND sid = $1 ORDER BY seq";
        Ok(sqlx::query_as(sql).bind(sid).fetch_all(&mut *self.conn().await?).await?)
    }

    /// What the back office owes, oldest first; of one tenant or of all.
    pub async fn todos(&self, tenant: Option<&str>) -> Result<Vec<TodoRow>, StoreError> {
        let sql = "SELECT * FROM todos WHERE $1 IS NULL OR tenant = $1 ORDER BY at, interaction, kind";
        let query = sqlx::query_as::<_, todos::Row>(sql).bind(tenant);
        let rows = query.fetch_all(&mut *self.conn().await?).await?;
        rows.into_iter().map(|row| Ok(TodoRecord::try_from(row)?.row)).collect()
    }

    /// The voicemails that were left, oldest first; of one tenant or of all.
    pub async fn voicemails(&self, tenant: Option<&str>) -> Result<Vec<VoicemailRow>, StoreError> {
        type Row = (String, String, Option<String>, Option<String>, String, i64, i64);
        let sql = "SELECT interaction, tenant, location, recording_sid, recording_url, seconds, at FROM voicemails \
             WHERE $1 IS NULL OR tenant = $1 ORDER BY at, interaction";
        let rows: Vec<Row> = sqlx::query_as(sql).bind(tenant).fetch_all(&mut *self.conn().await?).await?;
        rows.into_iter()
            .map(|(interaction, tenant, location, recording_sid, recording_url, seconds, at)| {
                let seconds = unsigned(seconds, "voicemails", "seconds")?;
                Ok(VoicemailRow { interaction, tenant, location, recording_sid, recording_url, seconds, at })
            })
            .collect()
    }
}

#[derive(FromRow)]
struct Found {
    first_seq: i64,
    last_seq: i64,
    #[sqlx(flatten)]
    row: Row,
}

#[derive(FromRow)]
struct Row {
    id: String,
    tenant: String,
    location: Option<String>,
    account: String,
    channel: String,
    sid: String,
    number: i64,
    caller: String,
    session: Option<String>,
    matched: String,
    route: Option<String>,
    state: String,
    opened_at: i64,
    ended_at: Option<i64>,
    call: Option<String>,
    decision: String,
    updated_at: i64,
}

impl TryFrom<Row> for InteractionRow {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            tenant: row.tenant,
            location: row.location,
            account: row.account,
            channel: row.channel,
            sid: row.sid,
            number: unsigned(row.number, "interactions", "number")?,
            caller: row.caller,
            session: row.session,
            matched: row.matched,
            route: row.route,
            state: row.state,
            opened_at: row.opened_at,
            ended_at: row.ended_at,
            call: row.call,
            decision: row.decision,
            updated_at: row.updated_at,
        })
    }
}

pub(super) fn unsigned<T: TryFrom<i64>>(
    value: i64,
    table: &'static str,
    column: &'static str,
) -> Result<T, StoreError> {
    T::try_from(value).map_err(|_| StoreError::Row { table, column, what: "a number out of range" })
}
