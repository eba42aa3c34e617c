//! Multi-row inserts: most of what a commit costs is per statement, so rows go in many at a time.
//!
//! Deliberately not here: the rows. Batches are cut into a few fixed sizes, so that the statements stay prepared.

use std::sync::{Arc, OnceLock};

use sqlx::{AssertSqlSafe, SqliteConnection};

use super::cell::Query;
use super::error::StoreError;

/// Rows per statement, the most first; every number of rows is a sum of these.
const SIZES: [usize; 4] = [64, 16, 4, 1];

/// An insert into one table.
pub(super) struct Insert {
    table: &'static str,
    columns: &'static [&'static str],
    tail: &'static str,
    made: OnceLock<[Arc<str>; SIZES.len()]>,
}

impl Insert {
    /// An insert of these columns; `tail` is what follows the values, such as `ON CONFLICT DO NOTHING`.
    pub(super) const fn new(table: &'static str, columns: &'static [&'static str], tail: &'static str) -> Self {
        Self { table, columns, tail, made: OnceLock::new() }
    }

    fn statements(&self) -> &[Arc<str>; SIZES.len()] {
        self.made.get_or_init(|| SIZES.map(|rows| sql(self.table, self.columns, self.tail, rows).into()))
    }

    /// Inserts all rows; `bind` binds one row's values in the order of the columns. Tells how many rows were inserted
    /// or changed.
    pub(super) async fn run<T>(
        &self,
        conn: &mut SqliteConnection,
        rows: &[T],
        bind: impl Fn(Query, &T) -> Query,
    ) -> Result<u64, StoreError> {
        let mut done = 0;
        let mut rest = rows;
        for (size, statement) in SIZES.into_iter().zip(self.statements()) {
            while let Some((now, later)) = rest.split_at_checked(size) {
                let query = sqlx::query(AssertSqlSafe(Arc::clone(statement)));
                done += now.iter().fold(query, &bind).execute(&mut *conn).await?.rows_affected();
                rest = later;
            }
        }
        Ok(done)
    }
}

/// `INSERT INTO table (columns) VALUES (?, …), (…) tail`.
pub(super) fn sql(table: &str, columns: &[&str], tail: &str, rows: usize) -> String {
    let values = vec![format!("({})", marks(columns.len())); rows];
    format!("INSERT INTO {table} ({}) VALUES {} {tail}", columns.join(", "), values.join(", "))
}

/// So many placeholders. They have no numbers: binding to a numbered one goes through all the names before it, and a
/// statement of many rows would spend most of its time so.
pub(super) fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_its_placeholders() {
        assert_eq!(
            sql("t", &["a", "b"], "ON CONFLICT DO NOTHING", 2),
            "INSERT INTO t (a, b) VALUES (?, ?), (?, ?) ON CONFLICT DO NOTHING"
        );
        assert_eq!(SIZES.last(), Some(&1), "any number of rows can be cut");
    }
}
