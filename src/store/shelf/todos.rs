//! To-dos in pages, and one of them: what the back office owes whom, whose it is, and whether it is done.
//!
//! Deliberately not here: changing them (`store::edit`).

use sqlx::FromRow;

use super::{Cut, Shelved, Span, all, cut, listed, phone};
use crate::domain::{E164, Moment, TenantId};
use crate::store::edit::TodoState;
use crate::store::error::StoreError;
use crate::store::listing::{Listed, Mark, Page};
use crate::store::reader::Reader;

/// Which to-dos.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TodoFilter {
    /// Where and when: by the instant at which it arose.
    pub span: Span,
    /// Only in this state: `open`, `snoozed`, `done`.
    pub state: Option<String>,
    /// Only those of this person.
    pub assigned_to: Option<String>,
}

/// Something that the back office owes somebody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TodoRecord {
    /// The interaction that left it.
    pub interaction: String,
    /// `voicemail`, `missed`, `text`.
    pub kind: String,
    /// Where.
    pub location: Option<String>,
    /// `voice` or `sms`.
    pub channel: String,
    /// Whose phone.
    pub phone: Option<E164>,
    /// The masking number.
    pub number: E164,
    /// The customer.
    pub customer: Option<String>,
    /// The session.
    pub session: Option<String>,
    /// When it arose.
    pub at: Moment,
    /// Where it stands.
    pub state: TodoState,
    /// Whose it is.
    pub assigned_to: Option<String>,
}

impl TodoRecord {
    /// Its id: the interaction's and its kind.
    pub fn id(&self) -> String {
        format!("{}-{}", self.interaction, self.kind)
    }
}

#[derive(FromRow)]
pub(super) struct Row {
    interaction: String,
    kind: String,
    location: Option<String>,
    channel: String,
    phone: Option<i64>,
    number: i64,
    customer: Option<String>,
    session: Option<String>,
    at: i64,
    state: String,
    assigned_to: Option<String>,
    snoozed_until: Option<i64>,
    closed_at: Option<i64>,
}

impl Shelved for TodoRecord {
    type Row = Row;

    fn read(row: Row) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::Row { table: "todos", column, what: "nothing, or an unknown word" };
        let state = match (row.state.as_str(), row.snoozed_until, row.closed_at) {
            ("open", _, _) => TodoState::Open,
            ("snoozed", Some(until), _) => TodoState::Snoozed { until: Moment(until) },
            ("snoozed", None, _) => return Err(wrong("snoozed_until")),
            ("done", _, Some(at)) => TodoState::Done { at: Moment(at) },
            ("done", _, None) => return Err(wrong("closed_at")),
            _ => return Err(wrong("state")),
        };
        Ok(Self {
            interaction: row.interaction,
            kind: row.kind,
            location: row.location,
            channel: row.channel,
            phone: row.phone.map(|digits| phone(digits, "todos", "phone")).transpose()?,
            number: phone(row.number, "todos", "number")?,
            customer: row.customer,
            session: row.session,
            at: Moment(row.at),
            state,
            assigned_to: row.assigned_to,
        })
    }
}

/// One that was put off is open again when its time has come.
const COLUMNS: &str = "SELECT * FROM (SELECT tenant, interaction, kind, location, channel, phone, number, customer, \
     session, at, assigned_to, snoozed_until, closed_at, \
     CASE WHEN state = 'snoozed' AND snoozed_until <= $1 THEN 'open' ELSE state END AS state FROM todos)";

impl Reader {
    /// A tenant's to-dos as they stand now, newest first.
    pub async fn todo_page(
        &self,
        tenant: &TenantId,
        filter: &TodoFilter,
        page: &Page,
        now: Moment,
    ) -> Result<Listed<TodoRecord>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE tenant = $2 AND (at, interaction || '-' || kind) < ($3, $4) AND at >= $5 AND at <= $6 \
             AND ($7 IS NULL OR location = $7) AND ($8 IS NULL OR state = $8) AND ($9 IS NULL OR assigned_to = $9) \
             ORDER BY at DESC, interaction || '-' || kind DESC LIMIT $10"
        );
        let Cut { at, id, from, last, most } = cut(page, &filter.span);
        let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql)).bind(now.0).bind(tenant.as_str()).bind(at);
        let query = query.bind(id).bind(from).bind(last).bind(filter.span.location.as_deref());
        let query = query.bind(filter.state.as_deref()).bind(filter.assigned_to.as_deref()).bind(most);
        let todos = all(query.fetch_all(&mut *self.conn().await?).await?)?;
        Ok(listed(todos, page, |todo: &TodoRecord| Mark(todo.at.0, todo.id())))
    }

    /// One to-do of a tenant as it stands now, by [`TodoRecord::id`]; `None` where it has none of this id.
    pub async fn todo_in(&self, tenant: &TenantId, id: &str, now: Moment) -> Result<Option<TodoRecord>, StoreError> {
        let Some((interaction, kind)) = id.split_once('-') else { return Ok(None) };
        let sql = format!("{COLUMNS} WHERE tenant = $2 AND interaction = $3 AND kind = $4");
        let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql)).bind(now.0).bind(tenant.as_str());
        let row = query.bind(interaction).bind(kind).fetch_optional(&mut *self.conn().await?).await?;
        row.map(TodoRecord::read).transpose()
    }

    /// What an interaction of a tenant left to do, as it stands now, by kind.
    pub async fn todos_of(
        &self,
        tenant: &TenantId,
        interaction: &str,
        now: Moment,
    ) -> Result<Vec<TodoRecord>, StoreError> {
        let sql = format!("{COLUMNS} WHERE tenant = $2 AND interaction = $3 ORDER BY kind");
        let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql)).bind(now.0).bind(tenant.as_str());
        all(query.bind(interaction).fetch_all(&mut *self.conn().await?).await?)
    }
}
