//! The schema: its migrations, and whether a database that was found has it.
//!
//! Deliberately not here: the tables (`migrations/sqlite/`).

use sqlx::SqliteConnection;
use sqlx::migrate::{MigrateError, Migrator};

use super::error::StoreError;
use super::place::Place;

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("src/store/migrations/sqlite");

/// The newest migration that this program knows.
fn known() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// Brings a database up to date; an empty one becomes ours, another program's does not.
pub(super) async fn migrate(conn: &mut SqliteConnection, place: &Place) -> Result<(), StoreError> {
    const TABLES: &str = "SELECT count(*) FROM sqlite_master WHERE type = 'table'";
    if sqlx::query_scalar::<_, i64>(TABLES).fetch_one(&mut *conn).await? > 0 && !ours(conn).await? {
        return Err(StoreError::Foreign(place.to_string()));
    }
    match MIGRATIONS.run(&mut *conn).await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(found)) => {
            Err(StoreError::Newer { place: place.to_string(), found, known: known() })
        }
        Err(error) => Err(StoreError::Migration { place: place.to_string(), why: error.to_string() }),
    }
}

/// Refuses a database that does not have exactly this program's schema, and changes nothing.
pub(super) async fn check(conn: &mut SqliteConnection, place: &Place) -> Result<(), StoreError> {
    const NEWEST: &str = "SELECT coalesce(max(version), 0) FROM _sqlx_migrations WHERE success";
    if !ours(conn).await? {
        return Err(StoreError::Foreign(place.to_string()));
    }
    let found: i64 = sqlx::query_scalar(NEWEST).fetch_one(&mut *conn).await?;
    let (place, known) = (place.to_string(), known());
    match found.cmp(&known) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(StoreError::Newer { place, found, known }),
        std::cmp::Ordering::Less => Err(StoreError::Older { place, found, known }),
    }
}

async fn ours(conn: &mut SqliteConnection) -> Result<bool, StoreError> {
    const TABLE: &str = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'";
    Ok(sqlx::query_scalar::<_, i64>(TABLE).fetch_one(conn).await? > 0)
}
