//! What happens when the database fails: callers are told that their entry waits, and when it is back everything is
//! written, in order and once.
//!
//! Deliberately not here: what callers hear meanwhile (`switchboard::ladder`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::support::{count, eventually, options, store, submit, url, world};
use crate::store::{Health, Settled, Store};

fn database(dir: &Path) -> PathBuf {
    dir.join("db/hookswitch.db")
}

/// Another process, as far as locks go.
pub(super) async fn stranger(dir: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(database(dir)).busy_timeout(Duration::from_secs(5));
    options.connect().await.expect("it connects")
}

pub(super) async fn run(conn: &mut SqliteConnection, sql: &'static str) {
    sqlx::raw_sql(sql).execute(conn).await.expect(sql);
}

pub(super) fn spill_files(dir: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(dir.join("spill")) else { return Vec::new() };
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

pub(super) fn degraded(store: &Store) -> bool {
    matches!(store.journal().health(), Health::Degraded { .. })
}

pub(super) async fn recovered(store: &Store) {
    eventually("the journal is well again", async || !degraded(store)).await;
}

/// The calls in the order in which they were written down.
pub(super) async fn written(store: &Store) -> Vec<u32> {
    let mut conn = store.read().conn().await.expect("a reader");
    let sids: Vec<String> =
        sqlx::query_scalar("SELECT sid FROM journal ORDER BY seq").fetch_all(&mut *conn).await.expect("read");
    sids.iter().map(|sid| u32::from_str_radix(&sid[26..], 16).expect("ours")).collect()
}

#[tokio::test]
async fn while_another_process_locks_it_entries_wait_and_then_they_are_written_in_order() {
    let (dir, store) = store().await;
    assert_eq!(submit(store.journal(), 0).await, Settled::Committed);
    let mut other = stranger(dir.path()).await;
    run(&mut other, "BEGIN EXCLUSIVE").await;
    let before = Instant::now();
    assert_eq!(submit(store.journal(), 1).await, Settled::Waiting);
    assert!(before.elapsed() < Duration::from_millis(1000), "{:?}", before.elapsed());
    assert!(degraded(&store));
    let before = Instant::now();
    for no in 2..40 {
        assert_eq!(submit(store.journal(), no).await, Settled::Waiting);
    }
    assert!(before.elapsed() < Duration::from_secs(5), "nobody waits for the deadline again: {:?}", before.elapsed());
    assert_eq!(written(&store).await, [0]);
    assert_eq!(spill_files(dir.path()).len(), 1);
    run(&mut other, "ROLLBACK").await;
    recovered(&store).await;
    assert_eq!(written(&store).await, (0..40).collect::<Vec<_>>());
    assert_eq!(spill_files(dir.path()), [""; 0]);
    assert_eq!(store.journal().backlog(), crate::store::Backlog::default());
    assert_eq!(submit(store.journal(), 40).await, Settled::Committed);
}

#[tokio::test]
async fn a_commit_that_takes_too_long_spills_and_is_still_written_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut soon = options(dir.path());
    soon.commit_deadline = Duration::from_millis(250);
    let store = Store::open(&url(dir.path()), soon).await.expect("it opens");
    let pen = store.database().write().await.expect("the pen");
    let before = Instant::now();
    assert_eq!(submit(store.journal(), 1).await, Settled::Waiting);
    assert!(before.elapsed() >= Duration::from_millis(250));
    assert_eq!(submit(store.journal(), 2).await, Settled::Waiting);
    drop(pen);
    recovered(&store).await;
    eventually("both are written", async || written(&store).await == [1, 2]).await;
    eventually("the spill is empty", async || spill_files(dir.path()).is_empty()).await;
}

#[tokio::test]
async fn a_file_that_is_moved_away_is_missed_within_a_second_and_taken_up_when_it_is_back() {
    let (dir, store) = store().await;
    assert_eq!(submit(store.journal(), 0).await, Settled::Committed);
    let (here, away) = (database(dir.path()), dir.path().join("away.db"));
    fs::rename(&here, &away).expect("moved");
    let before = Instant::now();
    eventually("it is missed", async || degraded(&store)).await;
    assert!(before.elapsed() < Duration::from_secs(1));
    assert_eq!(submit(store.journal(), 1).await, Settled::Waiting);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(submit(store.journal(), 2).await, Settled::Waiting);
    assert!(store.apply(&world(), None, super::support::NOW).await.is_err(), "nor is anything else written");
    let copy = dir.path().join("copy.db");
    fs::copy(&away, &copy).expect("copied");
    let whole = Store::open(&format!("sqlite://{}", copy.display()), options(&dir.path().join("x"))).await;
    assert_eq!(written(&whole.expect("it opens")).await, [0], "wherever it is, it has all that was acknowledged");
    fs::rename(&away, &here).expect("moved back");
    recovered(&store).await;
    assert_eq!(written(&store).await, [0, 1, 2]);
    assert_eq!(submit(store.journal(), 3).await, Settled::Committed);
}

#[tokio::test]
async fn a_file_that_is_moved_away_just_before_a_commit_takes_nothing_acknowledged_with_it() {
    let (dir, store) = store().await;
    let (here, away) = (database(dir.path()), dir.path().join("away.db"));
    fs::rename(&here, &away).expect("moved");
    assert_eq!(submit(store.journal(), 1).await, Settled::Waiting);
    fs::rename(&away, &here).expect("moved back");
    recovered(&store).await;
    assert_eq!(written(&store).await, [1]);
}

#[tokio::test]
async fn a_file_that_is_moved_away_during_a_transaction_does_not_get_it() {
    let (dir, store) = store().await;
    let mut writing = store.database().write().await.expect("the pen");
    let mut pending = writing.begin().await.expect("begun");
    run(&mut pending, "INSERT INTO marks (name, value) VALUES ('test', 1)").await;
    let (here, away) = (database(dir.path()), dir.path().join("away.db"));
    fs::rename(&here, &away).expect("moved");
    assert!(matches!(pending.commit().await, Err(crate::store::StoreError::Gone(_))));
    drop(writing);
    fs::rename(&away, &here).expect("moved back");
    assert_eq!(count(&store, "marks").await, 1, "the one that was there from the start");
}

#[tokio::test]
async fn another_file_at_its_place_is_written_from_then_on_and_the_first_one_is_whole() {
    for at_once in [false, true] {
        let (dir, store) = store().await;
        let (here, away, copy) = (database(dir.path()), dir.path().join("away.db"), dir.path().join("db/copy.db"));
        // A backup from before the first call.
        let mut other = stranger(dir.path()).await;
        run(&mut other, "PRAGMA wal_checkpoint(TRUNCATE)").await;
        fs::copy(&here, &copy).expect("copied");
        assert_eq!(submit(store.journal(), 1).await, Settled::Committed);
        sqlx::Connection::close(other).await.expect("closed");

        fs::hard_link(&here, &away).expect("kept");
        if at_once {
            fs::rename(&copy, &here).expect("replaced");
        } else {
            fs::remove_file(&here).expect("removed");
            eventually("it is missed", async || degraded(&store)).await;
            assert_eq!(submit(store.journal(), 2).await, Settled::Waiting);
            fs::rename(&copy, &here).expect("another is put there");
        }
        eventually("the other file is written", async || submit(store.journal(), 3).await == Settled::Committed).await;
        recovered(&store).await;
        let expected: &[u32] = if at_once { &[3] } else { &[2, 3] };
        assert_eq!(written(&store).await, expected, "readers read the other file too; at once: {at_once}");

        let first = Store::open(&format!("sqlite://{}", away.display()), options(&dir.path().join("x"))).await;
        assert_eq!(written(&first.expect("it opens")).await, [1], "nothing of its log stayed behind");
        let check: String = {
            let mut writing = store.database().write().await.expect("the pen");
            let conn = writing.conn().expect("a connection");
            sqlx::query_scalar("PRAGMA integrity_check").fetch_one(conn).await.expect("checked")
        };
        assert_eq!(check, "ok");
    }
}

#[tokio::test]
async fn a_file_at_its_place_that_is_no_database_is_told_and_not_touched() {
    let (dir, store) = store().await;
    let (here, away) = (database(dir.path()), dir.path().join("away.db"));
    fs::rename(&here, &away).expect("moved");
    fs::write(&here, "").expect("an empty file");
    eventually("it is told", async || {
        matches!(store.journal().health(), Health::Degraded { why, .. } if why.contains("not a Hookswitch database"))
    })
    .await;
    assert_eq!(submit(store.journal(), 1).await, Settled::Waiting);
    assert_eq!(fs::read(&here).expect("it").len(), 0);
    fs::rename(&away, &here).expect("moved back");
    recovered(&store).await;
    assert_eq!(written(&store).await, [1]);
}

/// A file system of a few megabytes; nothing where the machine does not let us.
pub(super) struct SmallDisk(pub(super) tempfile::TempDir);

impl SmallDisk {
    pub(super) fn mount() -> Option<Self> {
        let dir = tempfile::tempdir().expect("a directory");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=3m", "tmpfs"]).arg(dir.path()).status();
        if mounted.is_ok_and(|status| status.success()) {
            Some(Self(dir))
        } else {
            eprintln!("SKIPPED: a small file system cannot be mounted here, so a full disk was not tested");
            None
        }
    }

    /// Fills it to the last byte; the file that is returned frees it when it is removed.
    pub(super) fn fill(&self) -> PathBuf {
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

/// Hands in entries until one has to wait; tells the first that was not handed in.
pub(super) async fn until_waiting(store: &Store, mut no: u32) -> u32 {
    while submit(store.journal(), no).await == Settled::Committed {
        no += 1;
        assert!(no < 5000, "the disk never filled up");
    }
    no + 1
}

#[tokio::test]
async fn a_full_disk_is_survived() {
    let Some(disk) = SmallDisk::mount() else { return };
    let data = tempfile::tempdir().expect("a directory");
    let store = Store::open(&url(disk.0.path()), options(data.path())).await.expect("it opens");
    assert_eq!(submit(store.journal(), 0).await, Settled::Committed);
    let filler = disk.fill();
    let next = until_waiting(&store, 1).await;
    for no in next..next + 20 {
        assert_eq!(submit(store.journal(), no).await, Settled::Waiting);
    }
    fs::remove_file(filler).expect("removed");
    recovered(&store).await;
    assert_eq!(written(&store).await, (0..next + 20).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_connection_that_refuses_to_write_is_replaced() {
    for spoil in ["PRAGMA query_only = 1", "PRAGMA max_page_count = 1"] {
        let (_dir, store) = store().await;
        let mut writing = store.database().write().await.expect("the pen");
        run(writing.conn().expect("a connection"), spoil).await;
        drop(writing);
        for no in 0..200 {
            submit(store.journal(), no).await;
        }
        recovered(&store).await;
        eventually("all are written", async || written(&store).await == (0..200).collect::<Vec<_>>()).await;
    }
}

#[tokio::test]
async fn rules_are_applied_once_another_process_lets_go() {
    let (dir, store) = store().await;
    let mut other = stranger(dir.path()).await;
    run(&mut other, "BEGIN EXCLUSIVE").await;
    let world = world();
    let (applied, ()) = tokio::join!(store.apply(&world, None, super::support::NOW), async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        run(&mut other, "ROLLBACK").await;
    });
    assert!(!applied.expect("it waits for the lock").is_empty());
}

#[tokio::test]
async fn a_server_that_starts_waits_for_who_is_still_at_the_file() {
    let (dir, store) = store().await;
    assert!(store.close(Duration::from_secs(5)).await);
    // As who closes the last connection has it, while the log is written into the file.
    let mut other = stranger(dir.path()).await;
    run(&mut other, "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; CREATE TABLE x (x); ROLLBACK").await;
    let url = url(dir.path());
    let (opened, ()) = tokio::join!(Store::open(&url, options(dir.path())), async {
        tokio::time::sleep(Duration::from_millis(600)).await;
        other.close().await.expect("closed");
    });
    assert_eq!(submit(opened.expect("it waits").journal(), 1).await, Settled::Committed);
}

#[tokio::test]
async fn a_database_in_memory_survives_a_failure() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open("sqlite::memory:", options(dir.path())).await.expect("it opens");
    assert_eq!(submit(store.journal(), 1).await, Settled::Committed);
    let mut writing = store.database().write().await.expect("the pen");
    run(writing.conn().expect("a connection"), "PRAGMA query_only = 1").await;
    drop(writing);
    assert_eq!(submit(store.journal(), 2).await, Settled::Waiting);
    let mut writing = store.database().write().await.expect("the pen");
    run(writing.conn().expect("a connection"), "PRAGMA query_only = 0").await;
    drop(writing);
    recovered(&store).await;
    assert_eq!(written(&store).await, [1, 2]);
}
