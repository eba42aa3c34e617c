//! The spill: what waits in it is written in order and once, whoever had to stop meanwhile.
//!
//! Deliberately not here: the faults themselves (`faults`).

use std::fs;
use std::time::Duration;

use super::faults::{SmallDisk, degraded, recovered, run, spill_files, stranger, until_waiting, written};
use super::support::{count, entry, eventually, open, options, store, submit, url};
use crate::store::entry::Write;
use crate::store::{Health, Settled, Store};

#[tokio::test]
async fn where_the_spill_is_full_too_entries_wait_in_memory_and_the_health_says_so() {
    let Some(disk) = SmallDisk::mount() else { return };
    let store = Store::open(&url(disk.0.path()), options(disk.0.path())).await.expect("it opens");
    let filler = disk.fill();
    let next = until_waiting(&store, 0).await;
    for no in next..next + 20 {
        assert_eq!(submit(store.journal(), no).await, Settled::Waiting);
    }
    assert!(store.journal().backlog().held > 0);
    let Health::Degraded { why, .. } = store.journal().health() else { panic!("it is not well") };
    assert!(why.contains("full") || why.contains("spill"), "{why}");
    fs::remove_file(filler).expect("removed");
    recovered(&store).await;
    let mut all = written(&store).await;
    all.sort_unstable();
    assert_eq!(all, (0..next + 20).collect::<Vec<_>>());
    assert_eq!(store.journal().backlog(), crate::store::Backlog::default());
}

#[tokio::test]
async fn an_entry_that_the_database_refuses_is_put_aside_and_keeps_no_other_back() {
    let (dir, store) = store().await;
    let mut poisoned = entry(7);
    if let Some(Write::Interaction(row)) = poisoned.writes.first_mut() {
        row.number = u64::MAX;
    }
    let receipts: Vec<_> =
        (0..20).map(|no| store.journal().submit(if no == 7 { poisoned.clone() } else { entry(no) })).collect();
    let mut settled = Vec::new();
    for receipt in receipts {
        settled.push(receipt.settled().await);
    }
    assert_eq!(settled.iter().filter(|settled| **settled == Settled::Waiting).count(), 1);
    assert_eq!(settled[7], Settled::Waiting);
    assert_eq!(written(&store).await, (0..20).filter(|no| *no != 7).collect::<Vec<_>>());
    assert_eq!(store.journal().health(), Health::Ok);
    assert_eq!(store.journal().backlog().rejected, 1);
    let aside = fs::read_to_string(dir.path().join("spill/rejected.jsonl")).expect("it was put aside");
    assert_eq!((aside.lines().count(), aside.contains(&u64::MAX.to_string())), (1, true));
}

#[tokio::test]
async fn what_does_not_fit_into_memory_waits_in_the_spill() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut few = options(dir.path());
    few.queue = 4;
    let store = Store::open(&url(dir.path()), few).await.expect("it opens");
    let receipts: Vec<_> = (0..50).map(|no| store.journal().submit(entry(no))).collect();
    assert!(degraded(&store), "one thread: nobody has written anything yet");
    for receipt in receipts {
        let _ = receipt.settled().await;
    }
    recovered(&store).await;
    eventually("all are written", async || written(&store).await == (0..50).collect::<Vec<_>>()).await;
    assert!(store.journal().flush(Duration::from_secs(1)).await);
}

#[tokio::test]
async fn what_a_killed_process_had_spilled_is_written_at_the_next_start() {
    let (dir, store) = store().await;
    assert_eq!(submit(store.journal(), 1).await, Settled::Committed);
    let mut other = stranger(dir.path()).await;
    run(&mut other, "BEGIN EXCLUSIVE").await;
    for no in [2, 3, 4] {
        assert_eq!(submit(store.journal(), no).await, Settled::Waiting);
    }
    let file = dir.path().join("spill").join(&spill_files(dir.path())[0]);
    let spilled = fs::read_to_string(&file).expect("a spill file");
    let lines: Vec<&str> = spilled.lines().collect();
    assert_eq!(lines.len(), 3);

    // The same files, as they would be found: one entry is in the database already, one line is damaged, one is
    // there twice, and the last one is torn.
    let copy = tempfile::tempdir().expect("a directory");
    fs::create_dir_all(copy.path().join("spill")).expect("made");
    fs::create_dir_all(copy.path().join("db")).expect("made");
    run(&mut other, "ROLLBACK").await;
    recovered(&store).await;
    assert!(store.close(Duration::from_secs(5)).await);
    let old = open(copy.path()).await;
    assert_eq!(submit(old.journal(), 3).await, Settled::Committed);
    assert!(old.close(Duration::from_secs(5)).await);
    let damaged = lines[0].replace("\"micros\":120", "\"micros\":121");
    assert_ne!(damaged, lines[0]);
    let torn = &lines[2][..lines[2].len() - 1];
    let first = format!("{damaged}\n{}\n{}\n", lines[1], lines[0]);
    fs::write(copy.path().join("spill/00000000000000000007.jsonl"), first).expect("written");
    let second = format!("{}\n{}\n{torn}", lines[0], lines[1]);
    fs::write(copy.path().join("spill/00000000000000000008.jsonl"), second).expect("written");

    let store = open(copy.path()).await;
    assert_eq!(written(&store).await, [3, 2]);
    assert_eq!(count(&store, "interaction_events").await, 2);
    assert_eq!(spill_files(copy.path()), ["rejected.jsonl"], "the damaged line was put aside");
    assert_eq!(store.journal().health(), Health::Ok);
}

#[tokio::test]
async fn closing_writes_what_was_handed_in() {
    let (dir, store) = store().await;
    let receipts: Vec<_> = (0..300).map(|no| store.journal().submit(entry(no))).collect();
    assert!(store.close(Duration::from_secs(10)).await);
    drop(receipts);
    let late = store.journal().submit(entry(300)).settled().await;
    assert_eq!(late, Settled::Waiting, "who comes too late is spilled");
    drop(store);
    assert_eq!(written(&open(dir.path()).await).await, (0..=300).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_spill_that_another_process_is_writing_is_left_to_it() {
    let (dir, store) = store().await;
    let mut other = stranger(dir.path()).await;
    run(&mut other, "BEGIN EXCLUSIVE").await;
    assert_eq!(submit(store.journal(), 1).await, Settled::Waiting);
    let elsewhere = tempfile::tempdir().expect("a directory");
    let second = Store::open(&url(elsewhere.path()), options(dir.path())).await.expect("it opens");
    assert_eq!(count(&second, "journal").await, 0);
    assert_eq!(spill_files(dir.path()).len(), 1);
    run(&mut other, "ROLLBACK").await;
    recovered(&store).await;
    assert_eq!(written(&store).await, [1]);
}
