//! To-dos in pages, and one of them: what the back office owes whom, whose it is, and whether it is done.
//!
//! Deliberately not here: changing them (`store::edit`).

use super::{Cut, Span, cut};
use crate::domain::{Moment, TenantId};
use crate::store::error::StoreError;
use crate::store::list::{Listed, Mark, Page};
use crate::store::reader::Reader;
use crate::store::todos::{Row, TodoRecord};

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
        let rows = query.fetch_all(&mut *self.conn().await?).await?;
        let todos = rows.into_iter().map(TodoRecord::try_from).collect::<Result<_, _>>()?;
        Ok(Listed::of(todos, page, |todo: &TodoRecord| Mark { at: todo.row.at, id: todo.id() }))
    }

    /// One to-do of a tenant as it stands now, by [`TodoRecord::id`]; `None` where it has none of this id.
    pub async fn todo_in(&self, tenant: &TenantId, id: &str, now: Moment) -> Result<Option<TodoRecord>, StoreError> {
        let Some((interaction, kind)) = id.split_once('-') else { return Ok(None) };
        let sql = format!("{COLUMNS} WHERE tenant = $2 AND interaction = $3 AND kind = $4");
        let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql)).bind(now.0).bind(tenant.as_str());
        let row = query.bind(interaction).bind(kind).fetch_optional(&mut *self.conn().await?).await?;
        row.map(TodoRecord::try_from).transpose()
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
        let rows = query.bind(interaction).fetch_all(&mut *self.conn().await?).await?;
        rows.into_iter().map(TodoRecord::try_from).collect()
    }
}
