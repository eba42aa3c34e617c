//! What can happen to a database while a server runs, made to happen, and undone.
//!
//! Deliberately not here: what must hold meanwhile (`outage`).

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};

/// Kinds of faults.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Another process has the lock.
    Locked,
    /// The disk is full.
    Full,
    /// The database may not be written.
    ReadOnly,
    /// The file is not at its place.
    Gone,
}

/// A place for a database that can be broken.
pub struct Ground {
    /// The database.
    pub database: PathBuf,
    dir: Dir,
}

enum Dir {
    Plain(tempfile::TempDir),
    Small(SmallDisk),
}

/// A fault that is there until it is mended.
pub enum Fault {
    /// Who has the lock.
    Locked(SqliteConnection),
    /// What fills the disk.
    Full(PathBuf),
    /// The file that may not be written.
    ReadOnly(PathBuf),
    /// Where the file is, and where it belongs.
    Gone(PathBuf, PathBuf),
}

impl Ground {
    /// Ground for this kind of fault; `None` where this machine does not allow it.
    pub fn of(kind: Kind) -> Option<Self> {
        let dir = match kind {
            Kind::Full => Dir::Small(SmallDisk::mount()?),
            Kind::Locked | Kind::ReadOnly | Kind::Gone => Dir::Plain(tempfile::tempdir().expect("a folder")),
        };
        let folder = match &dir {
            Dir::Plain(dir) => dir.path(),
            Dir::Small(disk) => disk.0.path(),
        };
        Some(Self { database: folder.join("hookswitch.db"), dir })
    }

    /// Breaks it.
    pub async fn break_it(&self, kind: Kind) -> Fault {
        match kind {
            Kind::Locked => {
                let mut other = stranger(&self.database).await;
                run(&mut other, "BEGIN EXCLUSIVE").await;
                Fault::Locked(other)
            }
            Kind::Full => {
                let Dir::Small(disk) = &self.dir else { panic!("ground of another kind") };
                Fault::Full(disk.fill())
            }
            Kind::ReadOnly => {
                declare_version(&self.database, b"\x03").await;
                Fault::ReadOnly(self.database.clone())
            }
            Kind::Gone => {
                let away = self.database.with_extension("away");
                fs::rename(&self.database, &away).expect("moved");
                Fault::Gone(away, self.database.clone())
            }
        }
    }
}

impl Fault {
    /// Undoes it.
    pub async fn mend(self) {
        match self {
            Self::Locked(mut other) => run(&mut other, "ROLLBACK").await,
            Self::Full(filler) => fs::remove_file(filler).expect("removed"),
            Self::ReadOnly(database) => {
                // What the header says is looked at by whoever opens the file next.
                let file = fs::OpenOptions::new().write(true).open(database).expect("the file");
                file.write_all_at(b"\x02", WRITE_VERSION).expect("written");
            }
            Self::Gone(away, here) => fs::rename(away, here).expect("moved back"),
        }
    }
}

/// Where SQLite's header says which version may write the file (SQLite's "Database File Format", 1.3.3). A file of a
/// version that is not known yet may only be read, for root too.
const WRITE_VERSION: u64 = 18;

/// Has the header say so, and every connection look at it again.
async fn declare_version(database: &Path, version: &[u8; 1]) {
    let mut other = stranger(database).await;
    run(&mut other, "PRAGMA wal_checkpoint(TRUNCATE)").await;
    let file = fs::OpenOptions::new().write(true).open(database).expect("the file");
    // This connection keeps the page that it knows and may go on writing; the others look anew after its commit.
    run(&mut other, "BEGIN IMMEDIATE").await;
    run(&mut other, "INSERT INTO marks (name, value) VALUES ('stranger', 1)").await;
    file.write_all_at(version, WRITE_VERSION).expect("written");
    run(&mut other, "COMMIT").await;
}

/// Another process, as far as locks go.
pub async fn stranger(database: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(database).busy_timeout(Duration::from_secs(5));
    options.connect().await.expect("it connects")
}

/// Runs a statement.
pub async fn run(conn: &mut SqliteConnection, sql: &'static str) {
    sqlx::raw_sql(sql).execute(conn).await.expect(sql);
}

/// A file system of a few megabytes; nothing where the machine does not let us.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let dir = tempfile::tempdir().expect("a folder");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=3m", "tmpfs"]).arg(dir.path()).status();
        if mounted.is_ok_and(|status| status.success()) {
            Some(Self(dir))
        } else {
            eprintln!("SKIPPED: a small file system cannot be mounted here, so a full disk was not tested");
            None
        }
    }

    /// Fills it to the last byte; the file that is returned frees it when it is removed.
    fn fill(&self) -> PathBuf {
        let path = self.0.path().join("filler");
        let mut file = fs::File::create(&path).expect("made");
        for size in [65_536, 4096, 1] {
            while std::io::Write::write_all(&mut file, &vec![0; size]).is_ok() {}
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Whatever it says, nothing more can be done about it.
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}
