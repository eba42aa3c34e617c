//! The connections: one that writes, and a few that read.
//!
//! Deliberately not here: what is written and read. **Invariant:** a process has one writing connection; whoever wants
//! to write waits for the pen.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{ConnectOptions, Connection, Sqlite, SqliteConnection, SqlitePool, Transaction};
use tokio::sync::{Mutex, MutexGuard};

use super::error::StoreError;
use super::folder;
use super::place::{Mark, Place};
use super::schema;

/// Connections that read.
const READERS: u32 = 4;
/// How long a reader waits for one of them.
const READER_WAIT: Duration = Duration::from_secs(5);

/// A database and the connections to it.
pub(super) struct Database {
    place: Place,
    readers: ArcSwap<SqlitePool>,
    pen: Mutex<Pen>,
}

/// The one connection that writes. It is missing after a failure, until the next writer makes another.
#[derive(Default)]
struct Pen {
    conn: Option<SqliteConnection>,
    mark: Option<Mark>,
    /// Whether it waits long for a lock of another process.
    patient: bool,
}

impl Database {
    /// Opens a database for reading and writing, makes it where there is none, and brings it up to date.
    pub(super) async fn open(place: Place) -> Result<Self, StoreError> {
        if let Place::File(path) = &place
            && let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty())
        {
            folder::make(dir).map_err(|why| StoreError::File { path: dir.to_owned(), why })?;
        }
        let mut conn = connect(&place, place.first_writer()).await?;
        schema::migrate(&mut conn, &place).await?;
        let mark = place.mark()?;
        let readers = ArcSwap::from_pointee(readers(&place, READERS));
        Ok(Self { place, readers, pen: Mutex::new(Pen { conn: Some(conn), mark, patient: true }) })
    }

    /// Readers of a database that is there and up to date; nothing is made and nothing is changed.
    pub(super) async fn readers_only(place: &Place) -> Result<SqlitePool, StoreError> {
        place.mark().map_err(|_| unopened(place, "there is no such file"))?;
        let pool = readers(place, 0);
        let mut conn = pool.acquire().await.map_err(|error| unopened(place, error))?;
        schema::check(&mut conn, place).await?;
        drop(conn);
        Ok(pool)
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    pub(super) fn readers(&self) -> Arc<SqlitePool> {
        self.readers.load_full()
    }

    /// Waits for the pen. An error where the file is gone, or another one that is not up to date is at its place.
    pub(super) async fn write(&self) -> Result<Writing<'_>, StoreError> {
        let mut pen = self.pen.lock().await;
        let there = self.place.mark()?;
        if pen.conn.is_some() && pen.mark != there {
            self.leave(&mut pen).await;
        }
        if pen.conn.is_none() {
            // Looked at before it is opened for writing: what is not ours is not touched.
            let mut look = self.place.reader().connect().await.map_err(|error| unopened(&self.place, error))?;
            let checked = schema::check(&mut look, &self.place).await;
            close(look).await;
            checked?;
            let conn = connect(&self.place, self.place.writer()).await?;
            if pen.mark != there {
                self.readers.store(Arc::new(readers(&self.place, READERS)));
            }
            *pen = Pen { conn: Some(conn), mark: there, patient: false };
        }
        Ok(Writing { place: &self.place, pen })
    }

    /// Leaves a file that is no longer at its place, for the one that is.
    ///
    /// All connections are closed before the first new one is opened: SQLite finds the log's shared memory by the
    /// file's name, and would cut it off under those that still use it.
    async fn leave(&self, pen: &mut Pen) {
        self.readers().close().await;
        // Whichever file comes next, even this one again, gets new readers.
        pen.mark = None;
        if let Some(mut conn) = pen.conn.take() {
            fold(&mut conn).await;
            close(conn).await;
        }
    }

    /// Called when the file is found to be gone: what it has in its log is written into it, wherever it is now, so
    /// that it is whole there, and the log that may have stayed behind is empty and cannot be taken for another's.
    pub(super) async fn make_whole(&self) {
        if let Some(conn) = &mut self.pen.lock().await.conn {
            fold(conn).await;
        }
    }

    /// Closes all connections.
    pub(super) async fn close(&self) {
        self.readers().close().await;
        if let Some(conn) = self.pen.lock().await.conn.take() {
            close(conn).await;
        }
    }
}

/// The pen, in somebody's hand.
pub(super) struct Writing<'a> {
    place: &'a Place,
    pen: MutexGuard<'a, Pen>,
}

impl Writing<'_> {
    /// Begins a transaction, as the only writer.
    pub(super) async fn begin(&mut self) -> Result<Pending<'_>, StoreError> {
        self.patience(false).await?;
        self.begun().await
    }

    /// Begins a transaction that is no webhook's: where another process has the lock, it waits some seconds for it.
    pub(super) async fn begin_patiently(&mut self) -> Result<Pending<'_>, StoreError> {
        self.patience(true).await?;
        self.begun().await
    }

    async fn patience(&mut self, long: bool) -> Result<(), StoreError> {
        if self.pen.patient != long {
            let sql = if long { "PRAGMA busy_timeout = 5000" } else { "PRAGMA busy_timeout = 100" };
            sqlx::query(sql).execute(self.conn()?).await?;
            self.pen.patient = long;
        }
        Ok(())
    }

    async fn begun(&mut self) -> Result<Pending<'_>, StoreError> {
        let (place, mark) = (self.place, self.pen.mark);
        Ok(Pending { tx: self.conn()?.begin_with("BEGIN IMMEDIATE").await?, place, mark })
    }

    /// The connection, outside of any transaction.
    pub(super) fn conn(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        self.pen.conn.as_mut().ok_or_else(|| unopened(self.place, "the connection was closed"))
    }

    /// Closes the connection after a failure; the next writer makes another. One to a database in memory is never
    /// closed: the database would go with it.
    pub(super) async fn give_up(mut self) {
        if let Place::File(_) = self.place
            && let Some(conn) = self.pen.conn.take()
        {
            close(conn).await;
        }
    }
}

/// A transaction that has not been committed; dropped, it never was.
pub(super) struct Pending<'a> {
    tx: Transaction<'a, Sqlite>,
    place: &'a Place,
    mark: Option<Mark>,
}

impl Pending<'_> {
    /// Commits, unless the file is no longer at its place: nobody could find there what was written.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        if let Place::File(path) = self.place
            && self.place.mark()? != self.mark
        {
            return Err(StoreError::Gone(path.clone()));
        }
        Ok(self.tx.commit().await?)
    }
}

impl Deref for Pending<'_> {
    type Target = SqliteConnection;
    fn deref(&self) -> &SqliteConnection {
        &self.tx
    }
}

impl DerefMut for Pending<'_> {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.tx
    }
}

fn unopened(place: &Place, why: impl ToString) -> StoreError {
    StoreError::Open { place: place.to_string(), why: why.to_string() }
}

async fn connect(place: &Place, options: SqliteConnectOptions) -> Result<SqliteConnection, StoreError> {
    options.connect().await.map_err(|error| unopened(place, error))
}

/// Connections are opened at the start, `ready` of them, and kept for good: they still read when the file has been moved
/// away, and one that is opened while another file is at the place would read that file.
fn readers(place: &Place, ready: u32) -> SqlitePool {
    SqlitePoolOptions::new()
        .min_connections(ready)
        .max_connections(READERS)
        .acquire_timeout(READER_WAIT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_lazy_with(place.reader())
}

async fn fold(conn: &mut SqliteConnection) {
    if let Err(error) = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(conn).await {
        tracing::warn!(%error, "the write-ahead log of a database file that was moved away could not be folded into it");
    }
}

async fn close(conn: SqliteConnection) {
    if let Err(error) = conn.close().await {
        tracing::warn!(%error, "a connection to the database could not be closed in order");
    }
}
