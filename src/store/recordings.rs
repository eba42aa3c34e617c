//! Recordings and voicemails that are kept: their rows, and their sealed files below `media/`.
//!
//! Deliberately not here: fetching them (`jobs::recordings`), and the sealing (`store::sealed_file`). **Invariant:** a row
//! that says `stored` has its file, whole; every other file that was begun is a loose one (`store::loose_files`).

use sqlx::{FromRow, SqliteConnection};

use super::audit::fresh_id;
use super::entry::RecordingRow;
use super::error::StoreError;
use super::folder;
use super::list::{Listed, Mark, Page};
use super::loose_files;
use super::open::Store;
use super::reader::Reader;
use super::sealed_file::{FileError, Opening, Sealing, Written};
use super::shelf::Span;
use crate::domain::{Moment, RecordFormat, TenantId};

/// Recordings of one transaction when old ones go.
const AT_ONCE: i64 = 500;

/// A recording.
#[derive(Clone, PartialEq, Eq, Debug, FromRow)]
pub struct RecordingRecord {
    /// What was told of it.
    #[sqlx(flatten)]
    pub told: RecordingRow,
    /// `waiting`, `stored`, `failed`, `purged`.
    pub state: String,
    /// Its file's name.
    pub file: Option<String>,
    /// How many bytes its sound has.
    pub bytes: Option<i64>,
    /// The SHA-256 of its sound.
    pub sha256: Option<String>,
    /// When it was stored, in microseconds.
    pub stored_at: Option<i64>,
}

impl RecordingRecord {
    /// How many bytes its sound has; `None` while it is not stored.
    pub fn length(&self) -> Option<u64> {
        self.bytes.filter(|_| self.state == "stored").and_then(|bytes| u64::try_from(bytes).ok())
    }

    /// Its format, as it was told, or as it is stored.
    pub fn sound_format(&self) -> Option<RecordFormat> {
        self.told.format.as_deref().and_then(RecordFormat::read)
    }
}

const COLUMNS: &str = "SELECT id, tenant, interaction, kind, location, session, account, sid, url, seconds, at, state, format, \
     file, bytes, sha256, stored_at FROM recordings";

/// Writes a recording, once; what is told of it later is added. Its format stays: its address has been told.
pub(super) async fn write(conn: &mut SqliteConnection, row: &RecordingRow) -> Result<(), StoreError> {
    let RecordingRow { id, tenant, interaction, kind, location, session, account, sid, url, seconds, at, format } = row;
    let sql = "INSERT INTO recordings (id, tenant, interaction, kind, location, session, account, sid, url, seconds, at, \
         format) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (id) DO UPDATE SET sid = coalesce(recordings.sid, excluded.sid), \
         seconds = max(recordings.seconds, excluded.seconds)";
    let query = sqlx::query(sql).bind(id.as_str()).bind(tenant.as_str()).bind(interaction.as_str()).bind(kind.as_str());
    let query = query.bind(location.as_deref()).bind(session.as_deref()).bind(account.as_str()).bind(sid.as_deref());
    let query = query.bind(url.as_str()).bind(i64::from(*seconds)).bind(*at).bind(format.as_deref());
    query.execute(conn).await?;
    Ok(())
}

impl Reader {
    /// A tenant's recordings, newest first.
    pub async fn recording_page(
        &self,
        tenant: &TenantId,
        span: &Span,
        page: &Page,
    ) -> Result<Listed<RecordingRecord>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE tenant = $1 AND (at, id) < ($2, $3) AND at >= $4 AND at <= $5 \
             AND ($6 IS NULL OR location = $6) ORDER BY at DESC, id DESC LIMIT $7"
        );
        let (at, id) = page.after.as_ref().map_or((i64::MAX, ""), |mark| (mark.at, mark.id.as_str()));
        let last = span.until.map_or(i64::MAX, |until| until.0.saturating_sub(1)).min(at);
        let query = sqlx::query_as::<_, RecordingRecord>(sqlx::AssertSqlSafe(sql)).bind(tenant.as_str()).bind(at);
        let query = query.bind(id).bind(span.from.map_or(i64::MIN, |from| from.0)).bind(last);
        let query = query.bind(span.location.as_deref()).bind(page.rows());
        let rows = query.fetch_all(&mut *self.conn().await?).await?;
        Ok(Listed::of(rows, page, |found| Mark { at: found.told.at, id: found.told.id.clone() }))
    }

    /// One recording of a tenant; `None` where it has none of this id.
    pub async fn recording_in(&self, tenant: &TenantId, id: &str) -> Result<Option<RecordingRecord>, StoreError> {
        Ok(self.recording(id).await?.filter(|found| found.told.tenant == tenant.as_str()))
    }

    /// One recording, whosever.
    pub async fn recording(&self, id: &str) -> Result<Option<RecordingRecord>, StoreError> {
        let sql = format!("{COLUMNS} WHERE id = $1");
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id);
        Ok(query.fetch_optional(&mut *self.conn().await?).await?)
    }

    /// The recording of a voicemail of a tenant.
    pub async fn voicemail_sound(
        &self,
        tenant: &TenantId,
        interaction: &str,
    ) -> Result<Option<RecordingRecord>, StoreError> {
        let sql =
            format!("{COLUMNS} WHERE interaction = $2 AND tenant = $1 AND kind = 'voicemail' ORDER BY at LIMIT 1");
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(tenant.as_str()).bind(interaction);
        Ok(query.fetch_optional(&mut *self.conn().await?).await?)
    }
}

impl Store {
    /// Begins the file of a recording; its name is nobody's but ours, and written down first.
    ///
    /// # Errors
    /// A database or a disk that fails; a tenant without a key.
    pub async fn seal_recording(&self, tenant: &str, id: &str, at: Moment) -> Result<(String, Sealing), FileError> {
        let other = |error: StoreError| std::io::Error::other(error.to_string());
        let random = fresh_id().map_err(other)?;
        let name = format!("{}/{random}", &random[..2]);
        self.begin_file(&name, at).await.map_err(other)?;
        let path = self.media_dir().join(&name);
        if let Some(parent) = path.parent() {
            folder::make(parent)?;
        }
        Ok((name, Sealing::begin(self.vault(), tenant, id, path).await?))
    }

    /// Says that a recording is stored in this file. False where it is stored already, was purged or erased meanwhile: the
    /// file is gone then.
    ///
    /// # Errors
    /// A database that fails; the file stays, and goes later.
    pub async fn recording_stored(
        &self,
        id: &str,
        file: &str,
        format: RecordFormat,
        written: &Written,
        at: Moment,
    ) -> Result<bool, StoreError> {
        let mut writing = self.database().write().await?;
        let mut pending = writing.begin_patiently().await?;
        let sql = "UPDATE recordings SET state = 'stored', file = $2, format = $3, bytes = $4, sha256 = $5, stored_at = $6 \
             WHERE id = $1 AND state IN ('waiting', 'failed')";
        let query = sqlx::query(sql).bind(id).bind(file).bind(format.word());
        let query = query.bind(i64::try_from(written.bytes).unwrap_or(i64::MAX)).bind(written.sha256.as_str());
        let changed = query.bind(at.0).execute(&mut *pending).await?.rows_affected();
        if changed > 0 {
            loose_files::forget(&mut pending, file).await?;
        }
        pending.commit().await?;
        drop(writing);
        if changed == 0 {
            self.remove_files(&[file.to_owned()]).await;
        }
        Ok(changed > 0)
    }

    /// Says that a recording will not be fetched any more.
    ///
    /// # Errors
    /// A database that fails.
    pub async fn recording_failed(&self, id: &str) -> Result<(), StoreError> {
        let mut writing = self.database().write().await?;
        let mut pending = writing.begin_patiently().await?;
        let sql = "UPDATE recordings SET state = 'failed' WHERE id = $1 AND state = 'waiting'";
        sqlx::query(sql).bind(id).execute(&mut *pending).await?;
        pending.commit().await
    }

    /// Opens some of a stored recording's sound: from a byte on, so many.
    ///
    /// # Errors
    /// A file that is not there, or was changed.
    pub async fn open_recording(
        &self,
        recording: &RecordingRecord,
        from: u64,
        count: u64,
    ) -> Result<Opening, FileError> {
        let file = recording.file.as_deref().ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotFound))?;
        let path = self.media_dir().join(file);
        Opening::begin(self.vault(), &recording.told.tenant, &recording.told.id, &path, from, count).await
    }

    /// Forgets the sounds, and the words, of a location's recordings that were made before an instant; where `location` is
    /// `None`, of those that belong to none, or to one that is gone. Their rows stay, without them. Tells how many.
    ///
    /// # Errors
    /// A database that fails; nothing of that round was forgotten.
    pub async fn purge_recordings(
        &self,
        tenant: &TenantId,
        location: Option<&str>,
        before: Moment,
        now: Moment,
    ) -> Result<usize, StoreError> {
        let mut gone = 0;
        loop {
            let mut writing = self.database().write().await?;
            let mut pending = writing.begin_patiently().await?;
            let sql = "SELECT id, file, interaction FROM recordings WHERE tenant = $1 AND at < $3 AND (location = $2 \
                 OR $2 IS NULL AND coalesce(location NOT IN (SELECT id FROM locations WHERE tenant = $1), true)) \
                 AND state <> 'purged' LIMIT $4";
            let query = sqlx::query_as::<_, (String, Option<String>, String)>(sql).bind(tenant.as_str()).bind(location);
            let old = query.bind(before.0).bind(AT_ONCE).fetch_all(&mut *pending).await?;
            if old.is_empty() {
                return Ok(gone);
            }
            for (id, file, interaction) in &old {
                if let Some(file) = file {
                    loose_files::let_go(&mut pending, file, now).await?;
                }
                let sql = "UPDATE recordings SET state = 'purged', file = NULL, bytes = NULL, sha256 = NULL, url = '' \
                     WHERE id = $1";
                sqlx::query(sql).bind(id.as_str()).execute(&mut *pending).await?;
                let sql = "DELETE FROM transcriptions WHERE interaction = $1";
                sqlx::query(sql).bind(interaction.as_str()).execute(&mut *pending).await?;
            }
            pending.commit().await?;
            drop(writing);
            gone += old.len();
            self.remove_files(&old.into_iter().filter_map(|(_, file, _)| file).collect::<Vec<_>>()).await;
        }
    }
}
