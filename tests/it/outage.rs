//! The database is locked, full, read-only or gone: calls and texts go on from memory, each answered in time, and when
//! it is back everything is written, in order and once.
//!
//! Deliberately not here: the store's own part in this (its tests), and a machine that loses its power (`kill`).

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, Instant};

use hookswitch::switchboard::{Readiness, Switchboard};

use crate::faults::{Ground, Kind};
use crate::flows::{self, RECORDED, TALKED, TEXTED, owed, written_once};
use crate::support::{Bench, call, link, text, unlimited};

/// Four kinds of faults.
const KINDS: [Kind; 4] = [Kind::Locked, Kind::Full, Kind::ReadOnly, Kind::Gone];

/// Why the database cannot be written, where it cannot.
fn complaint(board: &Switchboard) -> Option<String> {
    match board.readiness() {
        Readiness::Ready { degraded } => degraded,
        Readiness::Draining => panic!("nobody stops it"),
    }
}

fn degraded(board: &Switchboard) -> bool {
    complaint(board).is_some()
}

/// A word of SQLite's, or of ours, for each fault: so that what is tested is what it is called.
const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Locked => "locked",
        Kind::Full => "full",
        Kind::ReadOnly => "readonly",
        Kind::Gone => "gone",
    }
}

async fn within(limit: Duration, what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < limit, "not within {limit:?}: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn recovered(bench: &Bench) {
    within(Duration::from_secs(10), "it is well again", || !degraded(&bench.switchboard)).await;
}

/// Ends a server whose database fails, and waits until its spill files are nobody's.
async fn stop_in(bench: Bench, data: &Path) {
    bench.store.close(Duration::from_secs(10)).await;
    drop(bench);
    let files: Vec<_> =
        fs::read_dir(data.join("spill")).expect("a spill").map(|file| file.expect("one").path()).collect();
    assert!(!files.is_empty());
    let free = || files.iter().all(|file| File::open(file).is_ok_and(|file| file.try_lock().is_ok()));
    within(Duration::from_secs(5), "the spill files are let go of", free).await;
}

/// Has somebody call until the fault is noticed: a full disk may still have room in the log.
async fn until_noticed(bench: &Bench) -> u32 {
    for no in 0..2000 {
        let asked = flows::ask(bench, "voice", &call(&format!("CAknock{no}"), "+13125550177")).await;
        assert_eq!(asked.reply.status, 200);
        if degraded(&bench.switchboard) {
            return no + 1;
        }
    }
    panic!("nobody noticed that the database fails");
}

/// How many calls of [`until_noticed`] are written down.
async fn knocks_written(bench: &Bench, knocks: u32) -> u32 {
    let mut written = 0;
    for no in 0..knocks {
        let steps = bench.switchboard.steps(&format!("CAknock{no}")).await.expect("steps");
        assert!(steps.len() <= 1, "each call once");
        written += u32::try_from(steps.len()).expect("few");
    }
    written
}

/// Whether every decision that was made while the database was known to fail says so last.
async fn said_so(bench: &Bench, sids: &[&str]) {
    for sid in sids {
        for step in bench.switchboard.steps(sid).await.expect("steps") {
            if let Some(why) = step.decision["why"].as_array() {
                let last = why.last().map(|reason| &reason["code"]);
                assert_eq!(last, Some(&"degraded".into()), "{sid} {}", step.request);
            }
        }
    }
}

#[tokio::test]
async fn calls_and_texts_go_on_while_the_database_fails_and_are_written_once_when_it_is_back() {
    for kind in KINDS {
        let Some(ground) = Ground::of(kind) else { continue };
        let data = tempfile::tempdir().expect("a folder");
        let bench = Bench::open_at(&ground.database, data.path()).await.expect("a store");
        bench.apply(&unlimited()).await;
        let before = flows::talk(&bench, "CA0").await;
        // A machine that is busy with other tests may have missed a deadline.
        within(Duration::from_secs(10), "all is well", || !degraded(&bench.switchboard)).await;

        let fault = ground.break_it(kind).await;
        let began = Instant::now();
        if kind == Kind::Gone {
            within(Duration::from_secs(1), "a file that is gone is missed", || degraded(&bench.switchboard)).await;
        }
        let knocks = until_noticed(&bench).await;
        assert!(kind == Kind::Full || began.elapsed() < Duration::from_secs(2), "{kind:?}: it is noticed at once");
        let told = || complaint(&bench.switchboard).is_some_and(|why| why.contains(word(kind)));
        within(Duration::from_secs(3), word(kind), told).await;
        let talked = flows::talk(&bench, "CA1").await;
        let recorded = flows::voicemail(&bench, "CA2").await;
        let texted = flows::message(&bench, "SM1").await;
        assert!(degraded(&bench.switchboard), "{kind:?}: it still fails");
        for asked in before.iter().chain(&talked).chain(&recorded).chain(&texted) {
            asked.again(&bench).await;
        }
        assert!(bench.switchboard.metrics().contains("hookswitch_degraded 1"));

        fault.mend().await;
        recovered(&bench).await;
        written_once(&bench, "CA0", &before, &TALKED).await;
        written_once(&bench, "CA1", &talked, &TALKED).await;
        written_once(&bench, "CA2", &recorded, &RECORDED).await;
        written_once(&bench, "SM1", &texted, &TEXTED).await;
        said_so(&bench, &["CA1", "CA2", "SM1"]).await;
        assert_eq!(knocks_written(&bench, knocks).await, knocks, "{kind:?}");
        assert_eq!(owed(&bench, "CA1").await, [""; 0], "{kind:?}");
        assert_eq!(owed(&bench, "CA2").await, ["voicemail"], "{kind:?}");
        let voicemails = bench.store.read().voicemails(None).await.expect("a list");
        assert_eq!(voicemails.len(), 1, "{kind:?}");
        assert!(bench.switchboard.metrics().contains("hookswitch_degraded 0"));
        let after = flows::message(&bench, "SM2").await;
        written_once(&bench, "SM2", &after, &TEXTED).await;
        bench.close().await;

        let bench = Bench::open_at(&ground.database, data.path()).await.expect("a store");
        for asked in before.iter().chain(&talked).chain(&recorded).chain(&texted).chain(&after) {
            asked.again(&bench).await;
        }
        bench.close().await;
    }
}

#[tokio::test]
async fn a_fault_in_the_middle_of_a_call_is_not_heard() {
    for kind in KINDS {
        let Some(ground) = Ground::of(kind) else { continue };
        let data = tempfile::tempdir().expect("a folder");
        let bench = Bench::open_at(&ground.database, data.path()).await.expect("a store");
        bench.apply(&unlimited()).await;
        let first = flows::ask(&bench, "voice", &call("CA1", "+13125550101")).await;
        let fault = ground.break_it(kind).await;
        let whisper = flows::ask(&bench, &link(&first.reply, "whisper"), &flows::leg(flows::CHILD, "CA1")).await;
        let key = flows::pressed(flows::CHILD, "CA1", "1");
        let accept = flows::ask(&bench, &link(&whisper.reply, "accept"), &key).await;
        assert_eq!(text(&accept.reply), flows::BRIDGED, "{kind:?}");
        fault.mend().await;
        let ended = flows::dialed("CA1", "completed", "true");
        let end = flows::ask(&bench, &link(&first.reply, "dialed"), &ended).await;
        within(Duration::from_secs(10), "it is well", || !degraded(&bench.switchboard)).await;
        assert!(bench.switchboard.flush(Duration::from_secs(10)).await);
        written_once(&bench, "CA1", &[first, whisper, accept, end], &TALKED).await;
        bench.close().await;
    }
}

#[tokio::test]
async fn a_restart_during_an_outage_loses_nothing_and_doubles_nothing() {
    for kind in [Kind::Locked, Kind::Full] {
        let Some(ground) = Ground::of(kind) else { continue };
        let data = tempfile::tempdir().expect("a folder");
        let bench = Bench::open_at(&ground.database, data.path()).await.expect("a store");
        bench.apply(&unlimited()).await;
        let before = flows::talk(&bench, "CA0").await;
        let fault = ground.break_it(kind).await;
        let knocks = until_noticed(&bench).await;
        let talked = flows::talk(&bench, "CA1").await;
        let first = flows::ask(&bench, "voice", &call("CA2", "+13125550101")).await;
        let whisper = flows::ask(&bench, &link(&first.reply, "whisper"), &flows::leg(flows::CHILD, "CA2")).await;
        let texted = flows::message(&bench, "SM1").await;
        stop_in(bench, data.path()).await;

        let bench = Bench::open_at(&ground.database, data.path()).await.expect("it starts while the database fails");
        assert!(degraded(&bench.switchboard), "{kind:?}: it knows");
        for asked in before.iter().chain(&talked).chain(&texted).chain([&first, &whisper]) {
            asked.again(&bench).await;
        }
        let key = flows::pressed(flows::CHILD, "CA2", "1");
        let accept = flows::ask(&bench, &link(&whisper.reply, "accept"), &key).await;
        assert_eq!(text(&accept.reply), flows::BRIDGED, "{kind:?}: the call goes on where it was");
        let ended = flows::dialed("CA2", "completed", "true");
        let end = flows::ask(&bench, &link(&first.reply, "dialed"), &ended).await;
        assert!(degraded(&bench.switchboard), "{kind:?}: it still fails");

        fault.mend().await;
        recovered(&bench).await;
        written_once(&bench, "CA0", &before, &TALKED).await;
        written_once(&bench, "CA1", &talked, &TALKED).await;
        written_once(&bench, "SM1", &texted, &TEXTED).await;
        written_once(&bench, "CA2", &[first, whisper, accept, end], &TALKED).await;
        assert_eq!(knocks_written(&bench, knocks).await, knocks, "{kind:?}");
        bench.close().await;
    }
}

#[tokio::test]
async fn what_was_said_during_an_outage_is_remembered_after_a_restart() {
    let ground = Ground::of(Kind::Locked).expect("nothing special is needed");
    let data = tempfile::tempdir().expect("a folder");
    let bench = Bench::open_at(&ground.database, data.path()).await.expect("a store");
    bench.apply(&unlimited().replace("enabled = true", "enabled = true\nstore_sms_body = true")).await;
    let says = |sid: &'static str, from: &'static str, to: &'static str, body: &'static str| {
        [("MessageSid", sid), ("From", from), ("To", to), ("Body", body)]
    };
    let fault = ground.break_it(Kind::Locked).await;
    until_noticed(&bench).await;
    let texted = flows::message(&bench, "SM1").await;
    let stop = flows::ask(&bench, "sms", &says("SM2", "+13125550101", "+13125550190", "STOP")).await;
    let held = flows::ask(&bench, "sms", &says("SM3", "+13035550144", "+13035550190", flows::WORDS)).await;
    assert!(!text(&held.reply).contains(flows::WORDS), "it waits for a choice");
    stop_in(bench, data.path()).await;

    let bench = Bench::open_at(&ground.database, data.path()).await.expect("it starts while the database fails");
    let chosen = flows::ask(&bench, "sms", &says("SM4", "+13035550144", "+13035550190", "1")).await;
    assert!(text(&chosen.reply).contains(flows::WORDS), "the text that waited: {}", text(&chosen.reply));
    let refused = flows::ask(&bench, "sms", &says("SM5", "+13125550144", "+13125550190", "Hello?")).await;
    assert!(!text(&refused.reply).contains("+13125550101"), "who opted out stays out: {}", text(&refused.reply));
    let back = flows::ask(&bench, "voice", &call("CA1", "+13125550101")).await;
    assert!(text(&back.reply).contains(">+13125550144<"), "a reply finds who wrote: {}", text(&back.reply));
    assert!(degraded(&bench.switchboard), "it still fails");

    fault.mend().await;
    recovered(&bench).await;
    written_once(&bench, "SM1", &texted, &TEXTED).await;
    written_once(&bench, "SM2", &[stop], &["interaction.routed", "opt_out.recorded"]).await;
    for asked in [held, chosen, refused, back] {
        asked.again(&bench).await;
    }
    bench.close().await;
}

#[tokio::test]
async fn a_database_that_is_not_there_is_not_made_anew_while_a_spill_waits_for_it() {
    let ground = Ground::of(Kind::Gone).expect("nothing special is needed");
    let data = tempfile::tempdir().expect("a folder");
    let bench = Bench::open_at(&ground.database, data.path()).await.expect("a store");
    bench.apply(&unlimited()).await;
    let fault = ground.break_it(Kind::Gone).await;
    until_noticed(&bench).await;
    let talked = flows::talk(&bench, "CA1").await;
    stop_in(bench, data.path()).await;

    let Err(why) = Bench::open_at(&ground.database, data.path()).await else {
        panic!("what was spilled would go into a database that nobody knows");
    };
    assert!(why.to_string().contains("spill"), "{why}");
    assert!(!ground.database.exists(), "nothing is made in its place");
    fault.mend().await;
    let bench = Bench::open_at(&ground.database, data.path()).await.expect("it is back");
    written_once(&bench, "CA1", &talked, &TALKED).await;
    bench.close().await;
}
