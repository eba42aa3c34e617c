//! Writing webhooks down: once each, whole or not at all, and never backwards.
//!
//! Deliberately not here: what happens when the database fails (`faults`).

use std::time::Duration;

use super::support::{NOW, count, entry, interaction, open, options, phone, store, submit, url};
use crate::domain::{Choosing, MaskingNumber, MessageId, Moment, PinStreak};
use crate::store::entry::{ContactRow, KeptAnswer, MessageRow, TodoRow, VoicemailRow, Write};
use crate::store::fact::{Fact, Scope};
use crate::store::{Health, Settled, Store};

async fn write(store: &Store, no: u32, writes: Vec<Write>) {
    let mut entry = entry(no);
    entry.writes = writes;
    assert_eq!(store.journal().submit(entry).settled().await, Settled::Committed);
}

#[tokio::test]
async fn an_answer_is_kept_for_repeats_and_its_fingerprint_told() {
    let (dir, store) = store().await;
    let mut texts = entry(7);
    texts.journal.answer = KeptAnswer {
        status: 201,
        bytes: b"<Message></Message>".to_vec(),
        slots: vec![9, 70_000],
        slot_hash: Some([5; 32]),
        at: texts.at,
        held: vec![77, 78],
    };
    assert_eq!(store.journal().submit(texts.clone()).settled().await, Settled::Committed);
    assert_eq!(submit(store.journal(), 8).await, Settled::Committed);
    assert!(store.close(Duration::from_secs(5)).await);

    let store = open(dir.path()).await;
    let kept = |no| {
        let claim = entry(no).claim.expect("it has one");
        let reader = store.read().clone();
        async move { reader.kept(claim).await.expect("read") }
    };
    assert_eq!(kept(7).await, Some(texts.journal.answer));
    assert_eq!(kept(8).await, Some(entry(8).journal.answer));
    assert_eq!(kept(9).await, None);
    let mut fingerprints = Vec::new();
    store.read().claim_fingerprints(|fingerprint| fingerprints.push(fingerprint)).await.expect("told");
    fingerprints.sort_unstable();
    assert_eq!(fingerprints, [7, 8]);
}

#[tokio::test]
async fn a_delivery_is_written_once_however_often_it_is_handed_in() {
    let (_dir, store) = store().await;
    let mut again = entry(1);
    again.id += 1_000_000;
    again.journal.answer.bytes = b"<Other/>".to_vec();
    let mut unreadable = entry(2);
    unreadable.claim = None;
    let mut other = unreadable.clone();
    other.id += 1_000_000;
    let all = [entry(1), again, unreadable.clone(), unreadable, other, entry(3)];
    for together in [true, false] {
        let receipts: Vec<_> = all.iter().map(|entry| store.journal().submit(entry.clone())).collect();
        for receipt in receipts {
            assert_eq!(receipt.settled().await, Settled::Committed, "together: {together}");
        }
        assert_eq!(count(&store, "journal").await, 4);
        assert_eq!(count(&store, "interaction_events").await, 4);
        assert_eq!(count(&store, "claims").await, 4);
    }
    let first = store.read().kept(entry(1).claim.expect("it has one")).await.expect("read").expect("kept");
    assert_eq!(first, entry(1).journal.answer, "the first answer stays");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_is_committed_whole() {
    let (_dir, store) = store().await;
    let all: Vec<_> = (0..1000)
        .map(|no| {
            let journal = store.journal().clone();
            tokio::spawn(async move { submit(&journal, no).await })
        })
        .collect();
    for task in all {
        assert_eq!(task.await.expect("it ran"), Settled::Committed);
    }
    assert_eq!(count(&store, "journal").await, 1000);
    assert_eq!(count(&store, "interactions").await, 1000);
    assert_eq!(store.journal().health(), Health::Ok);
    assert_eq!(store.journal().backlog().queued, 0);
}

#[tokio::test]
async fn an_interaction_has_its_latest_state_and_all_its_steps_in_order() {
    let (_dir, store) = store().await;
    submit(store.journal(), 1).await;
    submit(store.journal(), 2).await;
    let step = |no: u32, step: &str, state: Option<(&str, i64)>| {
        let mut entry = entry(no);
        entry.journal.step = step.to_owned();
        entry.journal.interaction = Some(interaction(1).id);
        entry.writes = match state {
            None => Vec::new(),
            Some((state, later)) => {
                let mut row = interaction(1);
                row.state = state.to_owned();
                row.updated_at += later;
                vec![Write::Interaction(Box::new(row))]
            }
        };
        entry
    };
    for entry in [
        step(11, "voice/dialed", Some(("voicemail", 20))),
        step(12, "voice/status", Some(("open", 10))),
        step(13, "voice/late", None),
    ] {
        assert_eq!(store.journal().submit(entry).settled().await, Settled::Committed);
    }
    submit(store.journal(), 3).await;

    let record = store.read().interaction(&interaction(1).sid).await.expect("read").expect("it is there");
    assert_eq!(record.row.state, "voicemail", "an older state never replaces a newer");
    assert_eq!((record.row.opened_at, record.row.updated_at), (NOW.0, NOW.0 + 20));
    let steps: Vec<&str> = record.steps.iter().map(|step| step.step.as_str()).collect();
    assert_eq!(steps, ["voice", "voice/dialed", "voice/status", "voice/late"]);
    assert_eq!(record.steps[0].decision, entry(1).journal.decision);
    assert_eq!(record.steps[0].effects, entry(1).journal.effects);
    assert_eq!(record.events.len(), 1);
    assert!(store.read().interaction("CA-none").await.expect("read").is_none());
}

#[tokio::test]
async fn a_webhook_that_became_no_interaction_is_found_by_its_sid() {
    let (_dir, store) = store().await;
    let mut stray = entry(1);
    stray.writes.clear();
    stray.journal.sid = "CA-stray".to_owned();
    assert_eq!(store.journal().submit(stray).settled().await, Settled::Committed);
    assert!(store.read().interaction("CA-stray").await.expect("read").is_none());
    let steps = store.read().stray_steps("CA-stray").await.expect("read");
    assert_eq!(steps.iter().map(|step| step.step.as_str()).collect::<Vec<_>>(), ["voice"]);
    assert!(store.read().stray_steps("CA-none").await.expect("read").is_empty());
}

#[tokio::test]
async fn late_news_of_a_text_is_not_applied_backwards() {
    let (_dir, store) = store().await;
    for (no, status) in [(1, "queued"), (2, "delivered"), (3, "sent"), (4, "undelivered")] {
        let news = Write::MessageStatus {
            interaction: Some("m1".to_owned()),
            sid: "SM1".to_owned(),
            status: status.to_owned(),
            error_code: Some(no),
            at: i64::from(no),
        };
        write(&store, no, vec![news]).await;
    }
    let mut conn = store.read().conn().await.expect("a reader");
    let sql = "SELECT status, error_code, at FROM message_deliveries";
    let found: Vec<(String, i64, i64)> = sqlx::query_as(sql).fetch_all(&mut *conn).await.expect("read");
    assert_eq!(found, [("delivered".to_owned(), 2, 2)]);
}

fn message(status: &str, body: Option<&[u8]>, to: Option<u64>) -> Write {
    Write::Message(MessageRow {
        interaction: "m1".to_owned(),
        tenant: "acme".to_owned(),
        location: None,
        number: phone(190).digits(),
        from: phone(144).to_string(),
        to,
        body: body.map(<[u8]>::to_vec),
        media: 1,
        status: status.to_owned(),
        at: NOW.0,
    })
}

#[tokio::test]
async fn a_held_text_keeps_its_body_when_it_is_passed_on() {
    let (_dir, store) = store().await;
    write(&store, 1, vec![message("held", Some(b"sealed"), None)]).await;
    write(&store, 2, vec![message("relayed", None, Some(phone(101).digits()))]).await;
    let mut conn = store.read().conn().await.expect("a reader");
    let sql = "SELECT status, body, to_phone FROM messages";
    let found: Vec<(String, Vec<u8>, i64)> = sqlx::query_as(sql).fetch_all(&mut *conn).await.expect("read");
    assert_eq!(found, [("relayed".to_owned(), b"sealed".to_vec(), 13_125_550_101)]);
}

#[tokio::test]
async fn what_is_owed_is_owed_once() {
    let (_dir, store) = store().await;
    let todo = |kind: &str, at| {
        Write::Todo(TodoRow {
            interaction: "c1".to_owned(),
            kind: kind.to_owned(),
            tenant: "acme".to_owned(),
            location: Some("chicago".to_owned()),
            channel: "voice".to_owned(),
            phone: Some(phone(101).digits()),
            number: phone(190).digits(),
            customer: Some("ana".to_owned()),
            session: None,
            at,
        })
    };
    let voicemail = |sid: Option<&str>, seconds| {
        Write::Voicemail(VoicemailRow {
            interaction: "c1".to_owned(),
            tenant: "acme".to_owned(),
            location: None,
            recording_sid: sid.map(str::to_owned),
            recording_url: "https://example.com/RE1".to_owned(),
            seconds,
            at: NOW.0,
        })
    };
    let words = Write::Transcription { interaction: "c1".to_owned(), text: b"sealed".to_vec() };
    write(&store, 1, vec![words, todo("voicemail", 5), voicemail(Some("RE1"), 3)]).await;
    write(&store, 2, vec![todo("voicemail", 6), todo("missed", 7), voicemail(None, 4)]).await;
    let todos = store.read().todos(Some("acme")).await.expect("read");
    let kinds: Vec<(&str, i64)> = todos.iter().map(|todo| (todo.kind.as_str(), todo.at)).collect();
    assert_eq!(kinds, [("voicemail", 5), ("missed", 7)]);
    let voicemails = store.read().voicemails(None).await.expect("read");
    assert_eq!((voicemails[0].recording_sid.as_deref(), voicemails[0].seconds, voicemails.len()), (Some("RE1"), 4, 1));
    assert_eq!(store.read().voicemails(Some("other")).await.expect("read").len(), 0);
    assert_eq!(count(&store, "transcriptions").await, 1);
}

#[tokio::test]
async fn what_happened_on_a_number_is_told_again_at_the_start() {
    let (_dir, store) = store().await;
    let (number, ana, jo) = (phone(190).digits(), phone(101).digits(), phone(144).digits());
    let contact = |at| {
        Write::Contact(ContactRow {
            number,
            from: jo,
            to: ana,
            at,
            channel: "voice".to_owned(),
            by: "technician".to_owned(),
            tenant: "acme".to_owned(),
        })
    };
    let out = |phone, out, at| Write::OptOut { number, phone, tenant: "acme".to_owned(), out, at };
    let choosing = |at, chosen: Option<&str>| Write::Choosing {
        number,
        phone: jo,
        asked_at: at,
        offered: "[\"s1\",\"s2\"]".to_owned(),
        chosen: chosen.map(str::to_owned),
        chosen_at: chosen.map(|_| at + 1),
        held: chosen.map(|_| format!("{} {}", MessageId(7), MessageId(8))),
    };
    let automatic = |at| Write::Automatic { number, phone: ana, what: "closed".to_owned(), at };
    let streak = |phone, wrong, at: Moment| Write::PinStreak { number, phone, wrong, at: at.0 };
    let later = |seconds| NOW.plus(Duration::from_secs(seconds));
    write(&store, 4, vec![streak(ana, 2, later(2)), streak(ana, 1, later(1)), streak(jo, 3, later(1))]).await;
    write(&store, 5, vec![streak(jo, 0, later(2)), streak(phone(150).digits(), 3, NOW.plus_days(-2))]).await;
    let old = NOW.plus_days(-2).0;
    write(&store, 1, vec![contact(old), contact(NOW.0), contact(NOW.0), automatic(9), automatic(8)]).await;
    write(&store, 2, vec![out(ana, true, 5), out(ana, false, 4), out(jo, true, 5), out(jo, false, 6)]).await;
    write(&store, 3, vec![choosing(5, Some("s2")), choosing(5, None), choosing(4, None)]).await;

    let told = async |scope| {
        let mut told = Vec::new();
        store.read().load(scope, &mut |fact| told.push(fact)).await.expect("loaded");
        told
    };
    let contacts = |facts: &[Fact]| -> Vec<i64> {
        let at = |fact: &Fact| if let Fact::Contact(contact) = fact { Some(contact.at.0) } else { None };
        facts.iter().filter_map(at).collect()
    };
    let running = told(Scope::Running { now: NOW }).await;
    assert_eq!(contacts(&running), [NOW.0], "of the last day");
    let all = told(Scope::Number { number: phone(190), until: Moment(NOW.0 - 1) }).await;
    assert_eq!(contacts(&all), [old], "of all time, up to an instant");
    assert_eq!(told(Scope::Number { number: phone(191), until: NOW }).await.len(), 0, "of this number");

    let mine = MaskingNumber::rented(phone(190));
    let opted_out =
        |fact: &&Fact| matches!(fact, Fact::OptOut(number, phone_) if *number == mine && *phone_ == phone(101));
    assert_eq!(running.iter().filter(opted_out).count(), 1);
    assert_eq!(running.iter().filter(|fact| matches!(fact, Fact::OptOut(..))).count(), 1, "Jo opted in again");
    let chosen = |fact: &Fact| if let Fact::Choosing(_, _, choosing) = fact { Some(choosing.clone()) } else { None };
    let expected = Choosing {
        asked_at: Moment(5),
        offered: vec!["s1".into(), "s2".into()],
        chosen: Some(("s2".into(), Moment(6))),
        held: vec![MessageId(7), MessageId(8)],
    };
    assert_eq!(running.iter().find_map(chosen), Some(expected));
    let streaks: Vec<&Fact> = running.iter().filter(|fact| matches!(fact, Fact::PinStreak(..))).collect();
    let expected = PinStreak { wrong: 2, at: later(2) };
    assert!(
        matches!(streaks.as_slice(), [Fact::PinStreak(of, who, streak)] if *of == mine && *who == phone(101) && *streak == expected),
        "a right one ended Jo's, and one of two days ago is forgotten: {streaks:?}"
    );
    let latest =
        |fact: &Fact| if let Fact::Automatic(_, _, what, at) = fact { Some((what.clone(), at.0)) } else { None };
    assert_eq!(running.iter().find_map(latest), Some(("closed".to_owned(), 9)));
}

#[tokio::test]
async fn old_rows_keep_their_answer_while_their_claim_lives_and_then_go() {
    let (_dir, store) = store().await;
    for (no, days) in [(1, 40), (2, 31), (3, 20), (4, 15), (5, 1), (6, 0)] {
        let mut entry = entry(no);
        entry.at = NOW.plus_days(-days).0;
        let _ = store.journal().submit(entry).settled().await;
    }
    let purged = store.purge(NOW, 14).await.expect("purged");
    assert_eq!((purged.removed, purged.stripped), (2, 2));
    let again = store.purge(NOW, 14).await.expect("purged");
    assert_eq!((again.removed, again.stripped), (0, 0));
    for (no, kept, decision) in
        [(1, false, None), (2, false, None), (3, true, Some("null")), (5, true, Some("{\"match\":\"live\"}"))]
    {
        let claim = entry(no).claim.expect("it has one");
        assert_eq!(store.read().kept(claim).await.expect("read").is_some(), kept, "{no}");
        let record = store.read().interaction(&interaction(no).sid).await.expect("read").expect("its row stays");
        assert_eq!(record.steps.first().map(|step| step.decision.as_str()), decision, "{no}");
    }
    submit(store.journal(), 1).await;
    assert_eq!(count(&store, "journal").await, 5, "a claim that is forgotten can be made again");
}

#[test]
fn a_process_that_is_killed_leaves_whole_entries_or_none() {
    for pause in [0, 1, 3, 10] {
        let dir = tempfile::tempdir().expect("a directory");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("one");
        let store = runtime.block_on(Store::open(&url(dir.path()), options(dir.path()))).expect("it opens");
        let receipts: Vec<_> = (0..500).map(|no| store.journal().submit(entry(no))).collect();
        std::thread::sleep(Duration::from_millis(pause));
        runtime.shutdown_background();
        drop((receipts, store));

        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("one");
        runtime.block_on(async {
            let store = open(dir.path()).await;
            let rows = count(&store, "journal").await;
            assert_eq!(count(&store, "claims").await, rows);
            assert_eq!(count(&store, "interactions").await, rows);
            assert_eq!(count(&store, "interaction_events").await, rows);
            assert_eq!(submit(store.journal(), 1000).await, Settled::Committed);
        });
    }
}
