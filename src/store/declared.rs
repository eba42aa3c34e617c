//! SQL for whatever is a [`Record`]: all of a kind, those of some ids, and writing them.
//!
//! Deliberately not here: which kinds there are (`store::records`), and what is written in which order
//! (`store::apply`).

use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::cell::{Cell, Columns, Query};
use super::error::StoreError;
use super::insert::{marks, sql};
use super::records::Record;
use super::vault::Vault;
use crate::domain::Moment;

/// Ids or rows of one statement; the last statement is filled up with repeats, so that one text serves all.
const AT_ONCE: usize = 64;

/// Tells every record of a kind, of one tenant or of all, in the order of their keys.
pub(super) async fn all<R: Record>(
    conn: &mut SqliteConnection,
    tenant: Option<&str>,
    vault: Option<&Vault>,
    mut tell: impl FnMut(R) + Send,
) -> Result<(), StoreError> {
    let table = R::TABLE;
    let of = if tenant.is_some() { format!("WHERE {} = $1", tenant_column::<R>()) } else { String::new() };
    let sql = format!("SELECT {} FROM {} {of} ORDER BY {}", columns::<R>(), table.name, key::<R>());
    let mut query = sqlx::query(AssertSqlSafe(sql));
    if let Some(tenant) = tenant {
        query = query.bind(tenant);
    }
    let mut rows = query.fetch(conn);
    while let Some(row) = rows.try_next().await? {
        tell(R::read(&mut Columns::new(&row, &R::TABLE, vault))?);
    }
    Ok(())
}

/// A query for the records of which a condition holds.
pub(super) fn with<R: Record>(condition: &str) -> Query {
    select::<R>("", condition)
}

/// The same by an index: left alone, the database would rather go through the whole tenant by the table's key.
pub(super) fn by<R: Record>(index: &str, condition: &str) -> Query {
    select::<R>(&format!("INDEXED BY {index}"), condition)
}

fn select<R: Record>(index: &str, condition: &str) -> Query {
    // The plus: being in the order of the key already is no reason to go through all of it.
    let order: Vec<String> = R::TABLE.columns[..R::TABLE.key].iter().map(|column| format!("+{column}")).collect();
    let (table, order) = (R::TABLE.name, order.join(", "));
    let sql = format!("SELECT {} FROM {table} {index} WHERE {condition} ORDER BY {order}", columns::<R>());
    sqlx::query(AssertSqlSafe(sql))
}

/// The records that a query of [`with`] finds. Secrets are left out.
pub(super) async fn read<R: Record>(conn: &mut SqliteConnection, query: Query) -> Result<Vec<R>, StoreError> {
    let mut found = Vec::new();
    let mut rows = query.fetch(conn);
    while let Some(row) = rows.try_next().await? {
        found.push(R::read(&mut Columns::new(&row, &R::TABLE, None))?);
    }
    Ok(found)
}

/// The stored records of these ids (see [`Record::id_cell`]), in any order. Ids that are unique in the installation are
/// found whosever they are.
pub(super) async fn of_ids<R: Record>(
    conn: &mut SqliteConnection,
    tenant: &str,
    ids: &[Cell],
    vault: Option<&Vault>,
) -> Result<Vec<R>, StoreError> {
    let (table, mut found) = (R::TABLE, Vec::new());
    let of_tenant = table.key == 2;
    let sql = format!(
        "SELECT {} FROM {} WHERE {} {} IN ({})",
        columns::<R>(),
        table.name,
        if of_tenant { "tenant = ? AND" } else { "" },
        table.columns[table.key - 1],
        marks(AT_ONCE)
    );
    for part in ids.chunks(AT_ONCE) {
        let mut query = sqlx::query(AssertSqlSafe(sql.clone()));
        if of_tenant {
            query = query.bind(tenant);
        }
        let last = &part[part.len() - 1];
        query =
            part.iter().chain(std::iter::repeat_n(last, AT_ONCE - part.len())).fold(query, |query, id| id.bind(query));
        let mut rows = query.fetch(&mut *conn);
        while let Some(row) = rows.try_next().await? {
            found.push(R::read(&mut Columns::new(&row, &R::TABLE, vault))?);
        }
    }
    Ok(found)
}

/// Writes records; one of the same key is replaced, but for when it was made.
pub(super) async fn put<R: Record>(
    conn: &mut SqliteConnection,
    records: &[&R],
    vault: &Vault,
    now: Moment,
) -> Result<(), StoreError> {
    let table = R::TABLE;
    let sets: Vec<String> =
        table.columns[table.key..].iter().map(|column| format!("{column} = excluded.{column}")).collect();
    let tail = format!("ON CONFLICT ({}) DO UPDATE SET {}", key::<R>(), sets.join(", "));
    let columns: Vec<&str> = table.columns.iter().copied().chain(["made_at"]).collect();
    for part in records.chunks(AT_ONCE) {
        let mut query = sqlx::query(AssertSqlSafe(sql(table.name, &columns, &tail, part.len())));
        for record in part {
            for (cell, column) in record.cells().iter().zip(table.columns) {
                query = if let Cell::Secret(plain) = cell {
                    let sealed = vault.seal(record.tenant(), table.name, &record.id(), column, plain.as_bytes())?;
                    query.bind(sealed)
                } else {
                    cell.bind(query)
                };
            }
            query = query.bind(now.0);
        }
        query.persistent(part.len() == AT_ONCE).execute(&mut *conn).await?;
    }
    Ok(())
}

/// Takes the record of this id away, whole; tells what it was. Nothing of another tenant is touched.
pub(super) async fn remove<R: Record>(
    conn: &mut SqliteConnection,
    tenant: &str,
    id: &Cell,
    vault: &Vault,
) -> Result<Option<R>, StoreError> {
    let found = of_ids::<R>(conn, tenant, std::slice::from_ref(id), Some(vault)).await?;
    let Some(found) = found.into_iter().find(|record| record.tenant() == tenant) else { return Ok(None) };
    let table = R::TABLE;
    let sql = format!("DELETE FROM {} WHERE tenant = ? AND {} = ?", table.name, table.columns[table.key - 1]);
    id.bind(sqlx::query(AssertSqlSafe(sql)).bind(tenant.to_owned())).execute(conn).await?;
    Ok(Some(found))
}

pub(super) fn columns<R: Record>() -> String {
    R::TABLE.columns.join(", ")
}

pub(super) fn key<R: Record>() -> String {
    R::TABLE.columns[..R::TABLE.key].join(", ")
}

/// The column that says whose a row is; the tenants' own table calls it their id.
fn tenant_column<R: Record>() -> &'static str {
    R::TABLE.columns.iter().find(|column| **column == "tenant").copied().unwrap_or("id")
}
