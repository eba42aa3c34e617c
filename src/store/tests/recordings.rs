//! Recordings whose time is over, and files that nobody names.
//!
//! Deliberately not here: fetching them, and what is heard of them.

use std::path::Path;
use std::time::Duration;

use super::desk::declared;
use super::support::{NOW, count, entry, options, world};
use crate::domain::{RecordFormat, TenantId};
use crate::store::entry::{RecordingRow, Write};
use crate::store::{Settled, Store};

/// A recording that is kept, and its file.
async fn kept(store: &Store, no: u32, location: Option<&str>) -> String {
    let id = format!("r{no}");
    let mut entry = entry(no);
    entry.writes.push(Write::Recording(RecordingRow {
        id: id.clone(),
        tenant: "acme".to_owned(),
        interaction: format!("{no:032x}"),
        kind: "call".to_owned(),
        location: location.map(str::to_owned),
        session: None,
        account: "acme-twilio".to_owned(),
        sid: Some(format!("RE{no}")),
        url: format!("https://example.com/RE{no}"),
        seconds: 3,
        at: NOW.0,
        format: None,
    }));
    assert_eq!(store.journal().submit(entry).settled().await, Settled::Committed);
    let (file, mut sealing) = store.seal_recording("acme", &id, NOW).await.expect("a file");
    sealing.add(b"sound").await.expect("added");
    let written = sealing.end().await.expect("whole");
    assert!(store.recording_stored(&id, &file, RecordFormat::Mp3, &written, NOW).await.expect("stored"));
    file
}

fn there(dir: &Path, file: &str) -> bool {
    dir.join("media").join(file).exists()
}

#[tokio::test]
async fn a_location_that_is_gone_keeps_nothing_for_ever() {
    let (dir, store) = declared().await;
    let files =
        [kept(&store, 1, Some("chicago")).await, kept(&store, 2, Some("gone")).await, kept(&store, 3, None).await];
    let acme = TenantId::from("acme");
    let after = NOW.plus(Duration::from_secs(1));
    for (location, expected, left) in [
        (Some("boston"), 0, [true, true, true]),
        (None, 2, [true, false, false]),
        (None, 0, [true, false, false]),
        (Some("chicago"), 1, [false, false, false]),
    ] {
        let gone = store.purge_recordings(&acme, location, after, after).await.expect("purged");
        assert_eq!((gone, files.each_ref().map(|file| there(dir.path(), file))), (expected, left), "{location:?}");
    }
    assert_eq!(count(&store, "loose_files").await, 0, "and nothing is left to remove");
}

#[tokio::test]
async fn another_database_over_the_same_folder_removes_nothing() {
    let (dir, store) = declared().await;
    let file = kept(&store, 1, Some("chicago")).await;
    let late = NOW.plus_days(400);
    for url in ["sqlite::memory:".to_owned(), format!("sqlite://{}/other.db", dir.path().display())] {
        let other = Store::open(&url, options(dir.path())).await.expect("it opens");
        other.remove_loose(late).await.expect("looked");
        assert!(there(dir.path(), &file), "{url}");
    }
    store.remove_loose(late).await.expect("looked");
    assert!(there(dir.path(), &file), "it is named");
}

#[tokio::test]
async fn what_is_in_memory_leaves_no_file() {
    let dir = tempfile::tempdir().expect("a folder");
    let other = Store::open("sqlite::memory:", options(dir.path())).await.expect("it opens");
    other.apply(&world(), None, NOW).await.expect("applied");
    kept(&other, 1, None).await;
    let media = other.media_dir().to_owned();
    assert!(media.exists() && !media.starts_with(dir.path()));
    assert!(other.close(Duration::from_secs(5)).await);
    drop(other);
    assert!(!media.exists());
}
