//! Rows by the thousand: a table's rows packed into one value of JSON by the database, and taken apart here.
//!
//! Deliberately not here: which rows. One by one, each column of each row is a value of its own that is copied and freed
//! under a lock, and that takes most of the time in which a server with a million sessions starts.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Visitor};
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::cell::Columns;
use super::declared::{columns, key};
use super::error::StoreError;
use super::insert::marks;
use super::records::Record;

/// Rows of one page.
const PAGE: usize = 1000;

/// One column of a packed row. Bytes cannot be packed, so tables with secrets are not for this.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Packed<'a> {
    /// Nothing.
    Null,
    /// A whole number.
    Int(i64),
    /// A price.
    Real(f64),
    /// Words.
    Text(Cow<'a, str>),
}

/// Tells every record of a kind, of one tenant or of all, in the order of their keys. While one page is told the next is
/// being read.
pub(super) async fn all<R: Record>(
    conn: &mut SqliteConnection,
    tenant: Option<&str>,
    mut tell: impl FnMut(R) + Send,
) -> Result<(), StoreError> {
    let mut page = next::<R>(conn, tenant, &[]).await?;
    loop {
        let rows: Vec<Vec<Packed<'_>>> = serde_json::from_str(&page).map_err(|_| unreadable::<R>())?;
        let Some(last) = rows.last().filter(|_| rows.len() == PAGE) else {
            return rows.iter().try_for_each(|row| read(row).map(&mut tell));
        };
        let told = async { rows.iter().try_for_each(|row| read(row).map(&mut tell)) };
        // The first of the two is begun before the second, which is then done in one go.
        let (following, told) = tokio::join!(next::<R>(conn, tenant, &last[..R::TABLE.key]), told);
        told?;
        page = following?;
    }
}

/// The first records of a tenant, a page of them at most.
pub(super) async fn some<R: Record>(conn: &mut SqliteConnection, tenant: &str) -> Result<Vec<R>, StoreError> {
    let page = next::<R>(conn, Some(tenant), &[]).await?;
    let rows: Vec<Vec<Packed<'_>>> = serde_json::from_str(&page).map_err(|_| unreadable::<R>())?;
    rows.iter().map(|row| read(row)).collect()
}

/// The page that follows a key; the first one follows none.
async fn next<R: Record>(
    conn: &mut SqliteConnection,
    tenant: Option<&str>,
    after: &[Packed<'_>],
) -> Result<String, StoreError> {
    let (table, columns, key) = (R::TABLE.name, columns::<R>(), key::<R>());
    let of = if tenant.is_some() { "tenant = ?" } else { "1" };
    let onward = if after.is_empty() { "1".to_owned() } else { format!("({key}) > ({})", marks(after.len())) };
    let sql = format!(
        "SELECT json_group_array(json_array({columns})) \
         FROM (SELECT {columns} FROM {table} WHERE {of} AND {onward} ORDER BY {key} LIMIT {PAGE})"
    );
    let mut query = sqlx::query_scalar(AssertSqlSafe(sql));
    if let Some(tenant) = tenant {
        query = query.bind(tenant.to_owned());
    }
    for value in after {
        query = match value {
            Packed::Null => query.bind(None::<i64>),
            Packed::Int(value) => query.bind(*value),
            Packed::Real(value) => query.bind(*value),
            Packed::Text(text) => query.bind(text.to_string()),
        };
    }
    Ok(query.fetch_one(conn).await?)
}

fn read<R: Record>(row: &[Packed<'_>]) -> Result<R, StoreError> {
    if row.len() != R::TABLE.columns.len() {
        return Err(unreadable::<R>());
    }
    R::read(&mut Columns::packed(row, &R::TABLE))
}

fn unreadable<R: Record>() -> StoreError {
    StoreError::Row { table: R::TABLE.name, column: R::TABLE.columns[0], what: "no packed rows" }
}

impl<'de: 'a, 'a> Deserialize<'de> for Packed<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Value)
    }
}

struct Value;

impl<'de> Visitor<'de> for Value {
    type Value = Packed<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a column's value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Packed::Null)
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Packed::Int(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Self::Value, E> {
        i64::try_from(value).map(Packed::Int).map_err(E::custom)
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Packed::Real(value))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Packed::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Packed::Text(Cow::Owned(text.to_owned())))
    }
}
