//! What the back office owes, as it is worked off: where each to-do stands, and whose it is.
//!
//! Deliberately not here: what leaves one behind (`store::rare`), and changing it (`store::acts`).

use sqlx::FromRow;

use super::edit::TodoState;
use super::entry::TodoRow;
use super::error::StoreError;
use super::interactions::unsigned;
use super::list::{Listed, Mark, Page};
use super::reader::Reader;
use crate::domain::{Moment, TenantId};

/// A to-do and where it stands.
#[derive(Clone, Debug)]
pub struct TodoRecord {
    /// What is to be done.
    pub row: TodoRow,
    /// Where it stands.
    pub state: TodoState,
    /// Whose it is.
    pub assigned_to: Option<String>,
}

/// Which to-dos are asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TodoFilter {
    /// Of this location.
    pub location: Option<String>,
    /// In this state: `open`, `snoozed` or `done`.
    pub state: Option<String>,
    /// Of this person.
    pub assigned_to: Option<String>,
}

#[derive(FromRow)]
pub(super) struct Row {
    interaction: String,
    kind: String,
    tenant: String,
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

impl TryFrom<Row> for TodoRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let wrong =
            StoreError::Row { table: "todos", column: "state", what: "an unknown word, or one without its time" };
        let state = match (row.state.as_str(), row.snoozed_until, row.closed_at) {
            ("open", _, _) => TodoState::Open,
            ("snoozed", Some(until), _) => TodoState::Snoozed { until: Moment(until) },
            ("done", _, Some(at)) => TodoState::Done { at: Moment(at) },
            _ => return Err(wrong),
        };
        let assigned_to = row.assigned_to;
        let row = TodoRow {
            interaction: row.interaction,
            kind: row.kind,
            tenant: row.tenant,
            location: row.location,
            channel: row.channel,
            phone: row.phone.map(|phone| unsigned(phone, "todos", "phone")).transpose()?,
            number: unsigned(row.number, "todos", "number")?,
            customer: row.customer,
            session: row.session,
            at: row.at,
        };
        Ok(Self { row, state, assigned_to })
    }
}

impl Reader {
    /// A tenant's to-dos, newest first.
    pub async fn list_todos(
        &self,
        tenant: &TenantId,
        filter: &TodoFilter,
        page: &Page,
    ) -> Result<Listed<TodoRecord>, StoreError> {
        let TodoFilter { location, state, assigned_to } = filter;
        let sql = "SELECT * FROM todos WHERE tenant = $1 AND ($2 IS NULL OR location = $2) \
             AND ($3 IS NULL OR state = $3) AND ($4 IS NULL OR assigned_to = $4) \
             AND ($5 IS NULL OR (at, interaction, kind) < ($5, $6, $7)) \
             ORDER BY at DESC, interaction DESC, kind DESC LIMIT $8";
        let after = page.after.as_ref().map(|mark| (mark.at, mark.id.split_once(' ').unwrap_or((&mark.id, ""))));
        let query = sqlx::query_as::<_, Row>(sql).bind(tenant.as_str()).bind(location.as_deref());
        let query = query.bind(state.as_deref()).bind(assigned_to.as_deref());
        let query = query.bind(after.map(|(at, _)| at)).bind(after.map(|(_, (id, _))| id));
        let query = query.bind(after.map(|(_, (_, kind))| kind)).bind(page.rows());
        let rows = query.fetch_all(&mut *self.conn().await?).await?;
        let mark = |row: &Row| Mark { at: row.at, id: format!("{} {}", row.interaction, row.kind) };
        Listed::of(rows, page, mark).try_map(TodoRecord::try_from)
    }

    /// One to-do of a tenant.
    pub async fn todo(
        &self,
        tenant: &TenantId,
        interaction: &str,
        kind: &str,
    ) -> Result<Option<TodoRecord>, StoreError> {
        let sql = "SELECT * FROM todos WHERE tenant = $1 AND interaction = $2 AND kind = $3";
        let query = sqlx::query_as::<_, Row>(sql).bind(tenant.as_str()).bind(interaction).bind(kind);
        query.fetch_optional(&mut *self.conn().await?).await?.map(TodoRecord::try_from).transpose()
    }
}
