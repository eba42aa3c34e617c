//! What the back office owes, as it is worked off: where each to-do stands, and whose it is.
//!
//! Deliberately not here: what leaves one behind (`store::rare`), changing it (`store::acts`), and lists (`store::shelf`).

use sqlx::FromRow;

use super::edit::TodoState;
use super::entry::TodoRow;
use super::error::StoreError;
use super::interactions::unsigned;
use crate::domain::{Channel, E164, LocationId, MaskingNumber, Moment};
use crate::routing::{Todo, TodoKind};

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

impl TodoRow {
    /// It as routing knows it; `None` where it is about nobody.
    pub fn owed(&self) -> Option<Todo> {
        let whole = |digits| E164::from_digits(digits);
        Some(Todo {
            kind: TodoKind::read(&self.kind)?,
            tenant: self.tenant.as_str().into(),
            location: self.location.as_deref().map(LocationId::from),
            channel: Channel::read(&self.channel)?,
            phone: self.phone.and_then(whole),
            number: MaskingNumber::rented(whole(self.number)?),
            customer: self.customer.as_deref().map(Into::into),
            session: self.session.as_deref().map(Into::into),
        })
    }
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

impl TodoRecord {
    /// Its id: the interaction's and its kind.
    pub fn id(&self) -> String {
        format!("{}-{}", self.row.interaction, self.row.kind)
    }
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
