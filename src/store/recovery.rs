//! Writing back what was spilled, once the database takes it again: in order, and each entry once.
//!
//! Deliberately not here: noticing that the database failed (`store::writer`).

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::error::StoreError;
use super::item::{Item, Whereabouts};
use super::spill::{self, Line};
use super::writer::{BATCH, Writer};

impl Writer {
    /// Tries to get back to normal: what is queued is older than what was spilled since, so it goes first. An error
    /// where the database still fails; everything then is in the spill file or on its way there.
    pub(super) async fn recover(&mut self) -> Result<(), StoreError> {
        self.probe().await?;
        let mut batch = Vec::new();
        loop {
            while batch.len() < BATCH
                && let Ok(item) = self.queue.try_recv()
            {
                batch.push(item);
            }
            if batch.is_empty() {
                break;
            }
            if let Err(error) = self.commit(&batch).await {
                batch.drain(..).for_each(|item| self.spiller.keep(item));
                return Err(error);
            }
            batch.clear();
        }
        self.write_back().await?;
        self.pace.seen = self.database.place().mark()?;
        self.shared.recover();
        // What was spilled while the files were being read.
        self.write_back().await
    }

    /// Writes something, to see whether the database takes it.
    async fn probe(&self) -> Result<(), StoreError> {
        let mut writing = self.database.write().await?;
        let done = async {
            let mut pending = writing.begin().await?;
            let sql = "INSERT INTO marks (name, value) VALUES ('recoveries', 1) \
                 ON CONFLICT (name) DO UPDATE SET value = marks.value + 1";
            sqlx::query(sql).execute(&mut *pending).await?;
            pending.commit().await
        };
        let done = done.await;
        if let Err(error) = &done
            && error.spoils_the_connection()
        {
            writing.give_up().await;
        }
        done
    }

    /// Writes everything that was spilled so far, and removes the files that are through.
    pub(super) async fn write_back(&self) -> Result<(), StoreError> {
        let taken = self.spiller.take().await;
        let done = self.write_files(&taken.files).await;
        let held: Vec<Arc<Item>> = taken.held.into();
        let done = match done {
            Ok(()) => self.commit(&held).await,
            Err(error) => Err(error),
        };
        if done.is_err() {
            held.into_iter().for_each(|item| self.spiller.keep(item));
        }
        done
    }

    async fn write_files(&self, files: &[std::path::PathBuf]) -> Result<(), StoreError> {
        for path in files {
            match self.write_file(path).await {
                Ok(lines) => {
                    let left = |spilled: u64| Some(spilled.saturating_sub(lines));
                    // Never refused: the closure always has an answer.
                    let _ = self.shared.spilled.fetch_update(Ordering::SeqCst, Ordering::SeqCst, left);
                    if lines > 0 {
                        tracing::info!(entries = lines, "spilled entries are in the database");
                    }
                    remove(path);
                }
                Err(StoreError::File { path: of, why }) if of == *path => set_aside(path, &why),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Writes one file; tells how many lines it had.
    async fn write_file(&self, path: &Path) -> Result<u64, StoreError> {
        let unreadable = |why| StoreError::File { path: path.to_owned(), why };
        let mut lines = spill::read(path).map_err(unreadable)?;
        let mut count = 0;
        loop {
            let (rest, chunk) = tokio::task::spawn_blocking(move || {
                let chunk: std::io::Result<Vec<Line>> = lines.by_ref().take(BATCH).collect();
                (lines, chunk)
            })
            .await
            .map_err(|error| unreadable(std::io::Error::other(error)))?;
            lines = rest;
            let chunk = chunk.map_err(unreadable)?;
            if chunk.is_empty() {
                return Ok(count);
            }
            count += chunk.len() as u64;
            let mut items = Vec::with_capacity(chunk.len());
            for line in chunk {
                match line {
                    Line::Entry(entry) => {
                        let item = Item::new(*entry, Arc::clone(&self.shared));
                        item.is(Whereabouts::Spilled);
                        items.push(item);
                    }
                    damaged @ Line::Damaged(_) => {
                        tracing::error!(file = %path.display(), "a line of a spill file is damaged; it was put aside");
                        self.put_aside(damaged).await?;
                    }
                }
            }
            self.commit(&items).await?;
        }
    }
}

/// Every line of it is in the database; left behind, it would be written again, in vain.
fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::warn!(file = %path.display(), %error, "a spill file that is through cannot be removed");
    }
}

/// A file that cannot be read must not keep everything else from being written.
fn set_aside(path: &Path, why: &std::io::Error) {
    tracing::error!(file = %path.display(), %why, "a spill file cannot be read; it is set aside as .unreadable");
    if let Err(error) = fs::rename(path, path.with_extension("unreadable")) {
        tracing::error!(file = %path.display(), %error, "nor can it be renamed");
    }
}
