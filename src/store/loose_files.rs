//! Files below `media/` that no stored recording names: begun and not finished, or let go and not removed yet.
//!
//! Deliberately not here: the recordings themselves. **Invariant:** only a file that this database began is ever removed;
//! another one over the same folder, an older copy or one in memory, costs nobody a sound.

use std::io;
use std::path::Path;
use std::time::Duration;

use sqlx::SqliteConnection;

use super::error::StoreError;
use super::open::Store;
use crate::domain::Moment;

/// One that is younger may be one that is being written.
const YOUNG: Duration = Duration::from_secs(3600);

/// Files of one sweep; the rest goes with the next.
const AT_ONCE: i64 = 10_000;

/// Notes that a file is, or will be, named by no recording.
pub(super) async fn let_go(conn: &mut SqliteConnection, file: &str, at: Moment) -> Result<(), StoreError> {
    let sql = "INSERT OR REPLACE INTO loose_files (file, at) VALUES ($1, $2)";
    sqlx::query(sql).bind(file).bind(at.0).execute(conn).await?;
    Ok(())
}

/// Notes that a recording names a file from now on, or that the file is gone.
pub(super) async fn forget(conn: &mut SqliteConnection, file: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM loose_files WHERE file = $1").bind(file).execute(conn).await?;
    Ok(())
}

impl Store {
    /// Notes the name of a file that is about to be written.
    pub(super) async fn begin_file(&self, file: &str, at: Moment) -> Result<(), StoreError> {
        let mut writing = self.database().write().await?;
        let mut pending = writing.begin_patiently().await?;
        let_go(&mut pending, file, at).await?;
        pending.commit().await
    }

    /// Removes files that were let go. What cannot be removed now goes with a later sweep.
    pub async fn remove_files(&self, files: &[String]) {
        let mut gone = Vec::new();
        for file in files {
            match remove(&self.media_dir().join(file)) {
                Ok(()) => gone.push(file),
                Err(error) => {
                    tracing::warn!(%error, "the file of a recording could not be removed; it is tried again within the hour");
                }
            }
        }
        if let Err(error) = self.forget_files(&gone).await {
            tracing::warn!(%error, "that files of recordings are gone could not be written; it is seen within the hour");
        }
    }

    async fn forget_files(&self, files: &[&String]) -> Result<(), StoreError> {
        if files.is_empty() {
            return Ok(());
        }
        let mut writing = self.database().write().await?;
        let mut pending = writing.begin_patiently().await?;
        for file in files {
            forget(&mut pending, file).await?;
        }
        pending.commit().await
    }

    /// Removes what was begun or let go an hour ago and more: what was being written when the power went, or could not be
    /// removed then.
    ///
    /// # Errors
    /// A database that fails.
    pub async fn remove_loose(&self, now: Moment) -> Result<(), StoreError> {
        let sql = "SELECT file FROM loose_files WHERE at < $1 ORDER BY at LIMIT $2";
        let query = sqlx::query_scalar(sql).bind(now.minus(YOUNG).0).bind(AT_ONCE);
        let files: Vec<String> = query.fetch_all(&mut *self.read().conn().await?).await?;
        self.remove_files(&files).await;
        Ok(())
    }
}

/// Removes a file, whole or unfinished; one that is not there is removed.
fn remove(path: &Path) -> io::Result<()> {
    for path in [path.to_owned(), super::sealed_file::unfinished(path)] {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}
