//! A look at a database's health without changing what matters: is it sound, can it be written, what came in lately,
//! what waits beside it.
//!
//! Deliberately not here: judging what is found (`cli`).

use std::io;
use std::path::Path;

use sqlx::{ConnectOptions, Connection};

use super::error::StoreError;
use super::place::Place;
use super::reader::Reader;
use super::spill;
use crate::domain::Moment;

/// How many of the journal's last rows are looked through.
pub const LATELY: i64 = 20_000;

/// Most faults that SQLite is asked to tell.
const FAULTS: i64 = 10;

/// The webhooks of one account among the journal's last [`LATELY`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heard {
    /// The account.
    pub account: String,
    /// How many.
    pub count: u64,
    /// When the latest came.
    pub last: Moment,
}

/// What waits in the spill folder for the database.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Spilled {
    /// Files of entries that wait.
    pub files: usize,
    /// Whether entries were put aside that the database will never take.
    pub rejected: bool,
}

/// What came of trying to write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tried {
    /// It could be written; what was written was taken back.
    Writable,
    /// Somebody else was writing all the time.
    Busy,
}

impl Reader {
    /// What SQLite finds wrong with the file (`PRAGMA quick_check`); nothing where it is sound.
    pub async fn faults(&self) -> Result<Vec<String>, StoreError> {
        let sql = format!("PRAGMA quick_check({FAULTS})");
        let told: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&mut *self.conn().await?).await?;
        Ok(told.into_iter().filter(|line| line != "ok").collect())
    }

    /// Which accounts were heard of lately.
    pub async fn heard(&self) -> Result<Vec<Heard>, StoreError> {
        const SQL: &str = "SELECT account, count(*), max(at) \
             FROM (SELECT account, at FROM journal ORDER BY seq DESC LIMIT $1) GROUP BY account ORDER BY account";
        let rows: Vec<(String, i64, i64)> =
            sqlx::query_as(SQL).bind(LATELY).fetch_all(&mut *self.conn().await?).await?;
        let heard = |(account, count, last): (String, i64, i64)| Heard {
            account,
            count: u64::try_from(count).unwrap_or(0),
            last: Moment(last),
        };
        Ok(rows.into_iter().map(heard).collect())
    }
}

/// Tries to write a mark into a database that is there, and takes it back: nothing of it is ever in the file. A server
/// that uses the database waits for that moment.
pub async fn try_writing(url: &str) -> Result<Tried, StoreError> {
    let place = Place::read(url)?;
    place.mark()?;
    let failed = |error: sqlx::Error| StoreError::Open { place: place.to_string(), why: error.to_string() };
    let mut conn = place.guest().connect().await.map_err(failed)?;
    let tried = async {
        let mut mark = conn.begin_with("BEGIN IMMEDIATE").await?;
        let sql = "INSERT INTO marks (name, value) VALUES ('doctor', 0) ON CONFLICT DO NOTHING";
        sqlx::query(sql).execute(&mut *mark).await?;
        mark.rollback().await
    };
    let tried = tried.await;
    // What closing says of a connection that was only tried is of no interest.
    conn.close().await.ok();
    match tried {
        Ok(()) => Ok(Tried::Writable),
        Err(error) if is_busy(&error) => Ok(Tried::Busy),
        Err(error) => Err(failed(error)),
    }
}

fn is_busy(error: &sqlx::Error) -> bool {
    /// SQLite's primary result code for a lock of somebody else's.
    const BUSY: i64 = 5;
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<i64>().ok());
    code.is_some_and(|code| code & 0xff == BUSY)
}

/// What lies in the spill of a data folder.
pub fn spilled(data_dir: &Path) -> io::Result<Spilled> {
    spill::lying(&data_dir.join("spill")).map(|(files, rejected)| Spilled { files, rejected })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::domain::Clock;
    use crate::store::{MasterKey, Store, StoreOptions, Vault};

    async fn made(dir: &Path) -> String {
        let url = format!("sqlite://{}", dir.join("a.db").display());
        let options = StoreOptions::new(dir, Clock::System, Vault::new(&MasterKey::new([7; 32])));
        let store = Store::open(&url, options).await.expect("made");
        assert!(store.close(std::time::Duration::from_secs(5)).await);
        url
    }

    #[tokio::test]
    async fn a_sound_database_is_left_as_it_is() {
        let dir = tempfile::tempdir().expect("a folder");
        let url = made(dir.path()).await;
        let before = fs::read(dir.path().join("a.db")).expect("it");
        assert_eq!(try_writing(&url).await.expect("tried"), Tried::Writable);
        let reader = Reader::open(&url, None).await.expect("it can be read");
        assert_eq!(reader.faults().await.expect("asked"), Vec::<String>::new());
        assert_eq!(reader.heard().await.expect("asked"), []);
        drop(reader);
        assert_eq!(fs::read(dir.path().join("a.db")).expect("it"), before, "not a byte was changed");
    }

    #[tokio::test]
    async fn damage_is_told() {
        let dir = tempfile::tempdir().expect("a folder");
        let url = made(dir.path()).await;
        let path = dir.path().join("a.db");
        let mut conn = Place::read(&url).expect("a place").reader().connect().await.expect("connected");
        let sql = "SELECT rootpage FROM sqlite_master WHERE name = 'journal'";
        let root: i64 = sqlx::query_scalar(sql).fetch_one(&mut conn).await.expect("a page");
        conn.close().await.expect("closed");
        // A table's own page: the schema itself must stay sound.
        let (page, end) = (4096, usize::try_from(root).expect("a page") * 4096);
        let mut bytes = fs::read(&path).expect("it");
        bytes[end - page..end].fill(0xa5);
        fs::write(&path, bytes).expect("written");
        let reader = Reader::open(&url, None).await.expect("it can still be opened");
        let found = reader.faults().await;
        assert!(found.as_ref().map_or(true, |faults| !faults.is_empty()), "{found:?}");
    }

    #[tokio::test]
    async fn what_cannot_be_written_is_told() {
        let dir = tempfile::tempdir().expect("a folder");
        let nowhere = format!("sqlite://{}", dir.path().join("none.db").display());
        assert!(matches!(try_writing(&nowhere).await, Err(StoreError::Gone(_))), "nothing is made");
        let url = made(dir.path()).await;
        let place = Place::read(&url).expect("a place");
        let mut other = place.writer().connect().await.expect("connected");
        let held = other.begin_with("BEGIN IMMEDIATE").await.expect("locked");
        assert_eq!(try_writing(&url).await.expect("tried"), Tried::Busy);
        drop(held);
    }

    #[test]
    fn the_spill_is_counted() {
        let dir = tempfile::tempdir().expect("a folder");
        assert_eq!(spilled(dir.path()).expect("none"), Spilled::default());
        let spill = dir.path().join("spill");
        fs::create_dir(&spill).expect("made");
        for name in ["00000000000000000001.jsonl", "00000000000000000002.jsonl", "notes.txt"] {
            fs::write(spill.join(name), "").expect("written");
        }
        assert_eq!(spilled(dir.path()).expect("two"), Spilled { files: 2, rejected: false });
        fs::write(spill.join("rejected.jsonl"), "x\n").expect("written");
        assert_eq!(spilled(dir.path()).expect("two"), Spilled { files: 2, rejected: true });
    }
}
