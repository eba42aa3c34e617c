//! Where the database is: what its URL says, whether the file is still there, and how connections to it are made.
//!
//! Deliberately not here: who holds the connections (`store::database`).

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

use super::checkpoint::KEPT;
use super::error::StoreError;

/// How long the journal waits for a lock that another process holds, before it tells and tries again.
const WRITER_PATIENCE: Duration = Duration::from_millis(100);
/// How long a reader waits, and a writer at the start; in memory, readers wait for the writer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long somebody waits who only tries.
const GUEST_PATIENCE: Duration = Duration::from_secs(1);
/// Rows that a streaming reader may be ahead of whoever takes them.
const ROWS_AHEAD: usize = 1024;

/// Where a database is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// In a file.
    File(PathBuf),
    /// In this process's memory, under a name of its own.
    Memory(String),
}

impl Place {
    /// Reads a `database_url`. What follows `sqlite://` is a path as it is written, without escapes or parameters.
    pub(super) fn read(url: &str) -> Result<Self, StoreError> {
        static MEMORIES: AtomicU64 = AtomicU64::new(0);
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Err(StoreError::Postgres);
        }
        let bad = || StoreError::Url(url.to_owned());
        let rest = url.strip_prefix("sqlite:").ok_or_else(bad)?;
        match rest.strip_prefix("//").unwrap_or(rest) {
            ":memory:" => Ok(Self::Memory(format!("/hookswitch-{}", MEMORIES.fetch_add(1, Ordering::Relaxed)))),
            path if path.is_empty() || path.contains('?') || path.ends_with('/') => Err(bad()),
            path => Ok(Self::File(PathBuf::from(path))),
        }
    }

    /// How the one writer connects at the start, where nobody waits for an answer: it makes the file where there is
    /// none, and is patient with who had it before, and may still be writing its log into it.
    pub(super) fn first_writer(&self) -> SqliteConnectOptions {
        self.writer().create_if_missing(true).busy_timeout(PATIENCE)
    }

    /// How the one writer connects.
    pub(super) fn writer(&self) -> SqliteConnectOptions {
        let options = self.base().busy_timeout(WRITER_PATIENCE);
        match self {
            // Checkpoints are made apart (`store::checkpoint`): an automatic one would hold up whoever commits.
            Self::File(_) => options
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .pragma("wal_autocheckpoint", "0")
                .pragma("journal_size_limit", KEPT)
                .pragma("cache_size", "-16000")
                // What is deleted or replaced is overwritten: no erasure could find it later.
                .pragma("secure_delete", "ON"),
            Self::Memory(_) => options.busy_timeout(PATIENCE).journal_mode(SqliteJournalMode::Memory),
        }
    }

    /// How somebody connects who only tries whether it can be written, and leaves the log to whoever writes it.
    pub(super) fn guest(&self) -> SqliteConnectOptions {
        self.base().busy_timeout(GUEST_PATIENCE)
    }

    /// How readers connect.
    pub(super) fn reader(&self) -> SqliteConnectOptions {
        self.base().read_only(true).busy_timeout(PATIENCE).row_buffer_size(ROWS_AHEAD)
    }

    fn base(&self) -> SqliteConnectOptions {
        let options = SqliteConnectOptions::new().foreign_keys(false).disable_statement_logging();
        match self {
            Self::File(path) => options.filename(path),
            Self::Memory(name) => options.filename(name).vfs("memdb"),
        }
    }

    /// Which file is at this place now; `None` for memory.
    pub(super) fn mark(&self) -> Result<Option<Mark>, StoreError> {
        match self {
            Self::Memory(_) => Ok(None),
            Self::File(path) => Mark::of(path).map(Some).ok_or_else(|| StoreError::Gone(path.clone())),
        }
    }

    /// How large the write-ahead log is, in bytes; 0 for memory.
    pub(super) fn log_size(&self) -> u64 {
        match self {
            Self::Memory(_) => 0,
            Self::File(path) => {
                let mut log = path.as_os_str().to_owned();
                log.push("-wal");
                fs::metadata(Path::new(&log)).map_or(0, |meta| meta.len())
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Memory(_) => f.write_str("in memory"),
        }
    }
}

/// Which file something is: a file that was moved away and another one at its place are told apart by it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Mark(u64, u64);

impl Mark {
    #[cfg(unix)]
    fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let meta = fs::metadata(path).ok()?;
        Some(Self(meta.dev(), meta.ino()))
    }

    #[cfg(not(unix))]
    fn of(path: &Path) -> Option<Self> {
        path.exists().then_some(Self(0, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_chooses() {
        for (url, path) in [
            ("sqlite://data/hookswitch.db", "data/hookswitch.db"),
            ("sqlite:///var/lib/hookswitch.db", "/var/lib/hookswitch.db"),
            ("sqlite:a.db", "a.db"),
        ] {
            assert_eq!(Place::read(url).expect(url), Place::File(path.into()));
        }
        assert_ne!(
            Place::read("sqlite::memory:").expect("memory"),
            Place::read("sqlite::memory:").expect("memory"),
            "two databases in memory are two"
        );
        assert!(matches!(Place::read("postgres://localhost/x"), Err(StoreError::Postgres)));
        for url in ["", "data/hookswitch.db", "mysql://x", "sqlite://", "sqlite://a.db?mode=ro", "sqlite://data/"] {
            assert!(matches!(Place::read(url), Err(StoreError::Url(_))), "{url}");
        }
    }
}
