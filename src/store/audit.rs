//! Who changed what: a row for each thing that was made, changed or taken away, told without secrets, names and whole
//! phone numbers.
//!
//! Deliberately not here: finding the changes (`store::draft`). A change of masking settings has a row of its own, with
//! the whole settings, because it can be undone from there.

use serde_json::{Map, Value};
use sqlx::SqliteConnection;

use super::error::StoreError;
use super::insert::Insert;
use super::list::{Listed, Mark, Page};
use super::reader::Reader;
use super::records::Record;
use super::vault::VaultError;
use crate::domain::{MaskingSettings, Moment, TenantId};
use crate::rules::masking::{self, Field};

/// The kind of the rows that have whole masking settings; their object is the location.
pub const MASKING_SETTINGS: &str = "masking_settings";

static ROWS: Insert = Insert::new(
    "audit",
    &["id", "tenant", "at", "actor", "action", "kind", "object", "before", "after", "request"],
    "",
);

/// One change.
#[derive(Clone, PartialEq, Debug)]
pub struct AuditRow {
    /// Its id.
    pub id: String,
    /// When.
    pub at: Moment,
    /// Who: `key:ID`, `operator`, `file:NAME` or `program`.
    pub actor: String,
    /// `created`, `changed`, `removed`, and of keys `revoked`.
    pub action: String,
    /// What kind of thing: its word in a rules file, such as `location`; `masking_settings`, `key`, `opt_out`, `todo`,
    /// `delivery`, `callback_secret`.
    pub kind: String,
    /// Which: its id; a number's is masked.
    pub object: String,
    /// The fields that changed, as they were; nothing of what is new.
    pub before: Option<Value>,
    /// The same, as they are; nothing of what is gone.
    pub after: Option<Value>,
    /// In which request.
    pub request: String,
}

/// Which rows are asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AuditFilter {
    /// Of this kind only.
    pub kind: Option<String>,
    /// About this object only.
    pub object: Option<String>,
}

/// What a row tells.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Trace {
    pub(super) action: &'static str,
    pub(super) kind: &'static str,
    pub(super) object: String,
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
}

/// Who did it, in which request, when.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a> {
    pub(super) tenant: &'a str,
    pub(super) actor: &'a str,
    pub(super) request: &'a str,
    pub(super) at: Moment,
}

/// The traces of one difference; none where there is none.
pub(super) fn traces<R: Record>(before: Option<&R>, after: Option<&R>) -> Vec<Trace> {
    let Some(one) = after.or(before) else { return Vec::new() };
    let trace = |kind, before, after| {
        let action = match (&before, &after) {
            (None, _) => "created",
            (_, None) => "removed",
            (Some(_), Some(_)) => "changed",
        };
        Trace { action, kind, object: one.shown_id(), before, after }
    };
    let (Some(old), Some(new)) = (before, after) else {
        return vec![trace(R::TABLE.kind, before.map(whole), after.map(whole))];
    };
    let mut traces = Vec::new();
    let apart = |column: &str| new.settings().is_some() && Field::named(column).is_some();
    let (mut was, mut is) = (Map::new(), Map::new());
    for ((before, after), column) in old.cells().iter().zip(new.cells()).zip(R::TABLE.columns) {
        if *before != after && !apart(column) {
            was.insert(field(column).to_owned(), before.told());
            is.insert(field(column).to_owned(), after.told());
        }
    }
    if !is.is_empty() {
        traces.push(trace(R::TABLE.kind, Some(was.into()), Some(is.into())));
    }
    if let (Some(old), Some(new)) = (old.settings(), new.settings())
        && old != new
    {
        traces.push(trace(MASKING_SETTINGS, Some(settings(old)), Some(settings(new))));
    }
    traces
}

/// All of a thing that has a value, but for its id.
fn whole<R: Record>(record: &R) -> Value {
    let cells = record.cells();
    let fields = R::TABLE.columns.iter().zip(cells).skip(R::TABLE.key).filter(|(column, _)| **column != "tenant");
    let told = fields.map(|(column, cell)| (field(column).to_owned(), cell.told())).filter(|(_, told)| !told.is_null());
    Value::Object(told.collect())
}

/// What the doors call a column: references end in `_id`.
fn field(column: &str) -> &str {
    match column {
        "location" => "location_id",
        "technician" => "technician_id",
        "customer" => "customer_id",
        "work_order" => "work_order_id",
        "account" => "account_id",
        "default_location" => "default_location_id",
        other => other,
    }
}

/// Whole masking settings, by the names of their fields.
fn settings(settings: &MaskingSettings) -> Value {
    let told = masking::FIELDS.iter().map(|field| {
        let value = match field.show(settings) {
            masking::Value::Bool(on) => on.into(),
            masking::Value::Integer(value) => value.into(),
            masking::Value::Text(text) => text.into(),
            masking::Value::List(words) => words.into(),
        };
        (field.name.to_owned(), value)
    });
    Value::Object(told.collect())
}

/// Writes the rows.
pub(super) async fn write(conn: &mut SqliteConnection, from: Origin<'_>, traces: &[Trace]) -> Result<(), StoreError> {
    let rows: Vec<(String, &Trace)> =
        traces.iter().map(|trace| Ok((fresh_id()?, trace))).collect::<Result<_, StoreError>>()?;
    ROWS.run(conn, &rows, |query, (id, trace)| {
        let Trace { action, kind, object, before, after } = trace;
        let query = query.bind(id.clone()).bind(from.tenant.to_owned()).bind(from.at.0).bind(from.actor.to_owned());
        let query = query.bind(*action).bind(*kind).bind(object.clone());
        let text = |value: &Option<Value>| value.as_ref().map(Value::to_string);
        query.bind(text(before)).bind(text(after)).bind(from.request.to_owned())
    })
    .await?;
    Ok(())
}

/// An id that nothing has yet: 32 hexadecimal digits.
pub(super) fn fresh_id() -> Result<String, StoreError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| VaultError::Random)?;
    Ok(hex::encode(bytes))
}

type Row = (i64, String, i64, String, String, String, String, Option<String>, Option<String>, String);

const COLUMNS: &str = "SELECT seq, id, at, actor, action, kind, object, before, after, request FROM audit";

fn read(row: Row) -> Result<AuditRow, StoreError> {
    let (_, id, at, actor, action, kind, object, before, after, request) = row;
    let json = |text: Option<String>, column| {
        let wrong = |_| StoreError::Row { table: "audit", column, what: "no JSON" };
        text.map(|text| serde_json::from_str(&text).map_err(wrong)).transpose()
    };
    let (before, after) = (json(before, "before")?, json(after, "after")?);
    Ok(AuditRow { id, at: Moment(at), actor, action, kind, object, before, after, request })
}

impl Reader {
    /// A tenant's audit, newest first.
    pub async fn list_audit(
        &self,
        tenant: &TenantId,
        filter: &AuditFilter,
        page: &Page,
    ) -> Result<Listed<AuditRow>, StoreError> {
        // A place is known by the row before it, and not by its number: that one counts everybody's changes.
        let after = match page.after {
            Some(_) => " AND seq < (SELECT seq FROM audit WHERE tenant = ? AND id = ?)",
            None => "",
        };
        let mut sql = format!("{COLUMNS} WHERE tenant = ?{after}");
        let AuditFilter { kind, object } = filter;
        let wanted: Vec<&String> = kind.iter().chain(object).collect();
        sql.push_str(if kind.is_some() { " AND kind = ?" } else { "" });
        sql.push_str(if object.is_some() { " AND object = ?" } else { "" });
        sql.push_str(" ORDER BY seq DESC LIMIT ?");
        let mut query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql)).bind(tenant.as_str());
        if let Some(mark) = &page.after {
            query = query.bind(tenant.as_str()).bind(mark.id.as_str());
        }
        let query = wanted.into_iter().fold(query, |query, wanted| query.bind(wanted.as_str())).bind(page.rows());
        let rows = query.fetch_all(&mut *self.conn().await?).await?;
        Listed::of(rows, page, |row| Mark { at: row.2, id: row.1.clone() }).try_map(read)
    }

    /// One row of a tenant's audit.
    pub async fn audit_row(&self, tenant: &TenantId, id: &str) -> Result<Option<AuditRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE tenant = ? AND id = ?");
        let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql)).bind(tenant.as_str()).bind(id);
        query.fetch_optional(&mut *self.conn().await?).await?.map(read).transpose()
    }
}
