//! Keeps the write-ahead log short: a task of its own moves it into the database file, so that no commit has to.
//!
//! Deliberately not here: commits.

use std::sync::Arc;
use std::time::Duration;

use sqlx::{ConnectOptions, Connection};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::database::Database;
use super::error::StoreError;

/// How often to look.
const LOOK: Duration = Duration::from_millis(200);
/// From this size on the log is moved into the database file.
const LONG: u64 = 8 << 20;
/// From this size on the last bit is moved while nobody writes: only then can the log begin anew.
const TOO_LONG: u64 = 32 << 20;
/// What a log that began anew is cut to, in bytes.
pub(super) const KEPT: &str = "4194304";

/// Looks until it is stopped.
pub(super) async fn run(database: Arc<Database>, stop: CancellationToken) {
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = look.tick() => {}
        }
        if database.place().log_size() < LONG {
            continue;
        }
        if let Err(error) = checkpoint(&database).await {
            tracing::debug!(%error, "the write-ahead log could not be checkpointed; it is tried again");
        }
    }
}

/// The bulk is moved beside the writer; what it adds meanwhile is short, and is moved with the pen in hand.
async fn checkpoint(database: &Database) -> Result<(), StoreError> {
    const PASSIVE: &str = "PRAGMA wal_checkpoint(PASSIVE)";
    database.place().mark()?;
    let mut conn = database.place().writer().connect().await?;
    sqlx::query(PASSIVE).execute(&mut conn).await?;
    conn.close().await?;
    if database.place().log_size() >= TOO_LONG {
        sqlx::query(PASSIVE).execute(database.write().await?.conn()?).await?;
    }
    Ok(())
}
