//! The outbox: each news once and numbered without a gap, whatever is offered again and whoever died meanwhile.
//!
//! Deliberately not here: sending, and what a call tells (`tests/it/deliveries`).

use std::sync::Arc;
use std::time::Duration;

use super::desk::acme;
use super::faults::{recovered, run, stranger, until_waiting};
use super::support::{NOW, entry, open, session, store, world};
use crate::domain::{Callback, CallbackMethod, Door, Moment, Session, Terms};
use crate::routing::news::{Link, More, News, SessionEvent};
use crate::rules::ruleset::Ruleset;
use crate::store::Store;
use crate::store::entry::{Entry, Write};
use crate::store::list::Page;
use crate::store::outbox::{OutboxRow, Outcome, Parcel, Queued, Room};

/// A session that is called back.
fn told(id: &str) -> Session {
    told_at(id, "https://hooks.example/")
}

fn told_at(id: &str, url: &str) -> Session {
    let mut told = session(id, 190, Some(144), Some(101));
    let callback = Callback { url: Some(url.to_owned()), method: CallbackMethod::Post };
    told.options.terms = Some(Arc::new(Terms { callback, ..Terms::plain(Door::Plivo, NOW) }));
    told
}

/// An entry with news of a session.
fn news(store: &Store, no: u32, of: &str, about: &[u32]) -> Entry {
    news_of(store, no, &told(of), about)
}

fn news_of(store: &Store, no: u32, session: &Session, about: &[u32]) -> Entry {
    let mut entry = entry(no);
    entry.writes.extend(about.iter().map(|about| {
        let news = News {
            event: SessionEvent::SecondPartyRing,
            about: format!("call {about}"),
            at: Moment(NOW.0 - 100 + i64::from(no)),
            from: None,
            to: None,
            more: More::Nothing,
        };
        let row = OutboxRow::of(store.vault(), session, &news, None, &Link::default());
        Write::Outbox(Box::new(row.expect("a key").expect("somebody to tell")))
    }));
    entry
}

async fn write(store: &Store, entry: Entry) {
    let _ = store.journal().submit(entry).settled().await;
}

/// Session, number, state.
async fn rows(store: &Store) -> Vec<String> {
    let page = store.read().delivery_page(&acme(), None, None, &Page { limit: 100, after: None }).await.expect("read");
    let mut rows: Vec<String> = page
        .items
        .iter()
        .map(|one| {
            format!("{} {} {}{}", one.session, one.sequence, one.state, if one.due_at.is_some() { "!" } else { "" })
        })
        .collect();
    rows.sort();
    rows
}

async fn declared() -> (tempfile::TempDir, Store) {
    let (dir, store) = store().await;
    store.apply(&world(), None, NOW).await.expect("applied");
    (dir, store)
}

async fn taken(store: &Store, now: Moment) -> Vec<Parcel> {
    store.take_due("me", now, LEASE, &Room::of(100)).await.expect("taken")
}

#[tokio::test]
async fn news_are_numbered_once_whatever_is_offered_again() {
    let (_dir, store) = declared().await;
    let first = news(&store, 1, "s1", &[1, 2]);
    for entry in [first.clone(), first, news(&store, 2, "s1", &[2, 3]), news(&store, 3, "s2", &[1])] {
        write(&store, entry).await;
    }
    // One to be sent of each session; the others wait behind it.
    assert_eq!(rows(&store).await, ["s1 1 pending!", "s1 2 pending", "s1 3 pending", "s2 1 pending!"]);
}

#[tokio::test]
async fn what_was_spilled_is_told_once_and_in_order() {
    let (dir, store) = declared().await;
    write(&store, news(&store, 1, "s1", &[1])).await;
    let mut other = stranger(dir.path()).await;
    run(&mut other, "BEGIN EXCLUSIVE").await;
    let next = until_waiting(&store, 10).await;
    let late = news(&store, next, "s1", &[2, 3]);
    write(&store, late.clone()).await;
    write(&store, late.clone()).await;
    run(&mut other, "ROLLBACK").await;
    recovered(&store).await;
    write(&store, late).await;
    assert_eq!(rows(&store).await, ["s1 1 pending!", "s1 2 pending", "s1 3 pending"]);
}

#[tokio::test]
async fn a_lease_is_for_one_and_ends() {
    let (dir, store) = declared().await;
    write(&store, news(&store, 1, "s1", &[1, 2])).await;
    let parcels = taken(&store, NOW).await;
    assert_eq!(parcels.iter().map(|parcel| parcel.sequence).collect::<Vec<_>>(), [1]);
    assert!(taken(&store, NOW).await.is_empty(), "it is taken");
    let outcome = |then| Outcome { then, tried_at: Some(NOW), status: Some(200), error: None };
    let delivered = outcome(Queued::Delivered { at: NOW });
    assert!(!store.settle_parcel("another", &parcels[0], &delivered).await.expect("written"), "another's");
    let later = NOW.plus(Duration::from_secs(61));
    drop(store);
    let store = open(dir.path()).await;
    let again = taken(&store, later).await;
    assert_eq!(again.len(), 1, "whoever had it is gone");
    assert!(!store.settle_parcel("me", &parcels[0], &delivered).await.expect("written"), "a lease of before");
    let wait = outcome(Queued::Again { at: later.plus(Duration::from_secs(5)) });
    assert!(store.settle_parcel("me", &again[0], &wait).await.expect("written"));
    assert!(taken(&store, later.plus(Duration::from_secs(4))).await.is_empty(), "not yet, nor the one behind it");
    let later = later.plus(Duration::from_secs(5));
    let again = taken(&store, later).await;
    assert_eq!((again.len(), again[0].attempts), (1, 1));
    assert!(store.settle_parcel("me", &again[0], &delivered).await.expect("written"));
    assert_eq!(rows(&store).await, ["s1 1 delivered", "s1 2 pending!"]);
    assert_eq!(taken(&store, later).await.len(), 1);
}

const LEASE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn each_tenant_has_its_turn_and_what_is_busy_waits() {
    let (_dir, store) = declared().await;
    store.apply(&Ruleset::blank(&"birch".into()), None, NOW).await.expect("applied");
    for (no, tenant, url) in [
        (1, "acme", "https://one.example/a"),
        (2, "acme", "https://one.example/b"),
        (3, "acme", "https://two.example:8443/"),
        (4, "birch", "https://one.example/c"),
        (5, "birch", "https://three.example/"),
    ] {
        let mut session = told_at(&format!("s{no}"), url);
        session.tenant = tenant.into();
        write(&store, news_of(&store, no, &session, &[1])).await;
    }
    let ids = |parcels: &[Parcel]| parcels.iter().map(|parcel| parcel.session.clone()).collect::<Vec<_>>();
    let mut room = Room::of(1);
    let first = store.take_due("me", NOW, LEASE, &room).await.expect("taken");
    assert_eq!(ids(&first), ["s1"]);
    room.after = "acme".to_owned();
    let second = store.take_due("me", NOW, LEASE, &room).await.expect("taken");
    assert_eq!(ids(&second), ["s4"], "the other tenant's turn");
    let busy = Room { places: vec![first[0].place.clone()], ..Room::of(9) };
    let third = store.take_due("me", NOW, LEASE, &busy).await.expect("taken");
    assert_eq!(ids(&third), ["s3", "s5"], "one place is busy, whatever the path");
    store.let_go_of_parcels("me").await.expect("written");
    let pair = (first[0].tenant.to_string(), first[0].place.clone());
    let busy = Room { tenants: vec!["birch".to_owned()], pairs: vec![pair], ..Room::of(9) };
    assert_eq!(ids(&store.take_due("you", NOW, LEASE, &busy).await.expect("taken")), ["s3"], "what was let go of");
}

#[tokio::test]
async fn one_that_is_sent_again_goes_behind_the_one_on_its_way() {
    let (_dir, store) = declared().await;
    write(&store, news(&store, 1, "s1", &[1, 2])).await;
    let dead = Outcome { then: Queued::Dead { at: NOW, gone: false }, tried_at: Some(NOW), status: None, error: None };
    let first = taken(&store, NOW).await.remove(0);
    assert!(store.settle_parcel("me", &first, &dead).await.expect("written"));
    assert_eq!(rows(&store).await, ["s1 1 dead", "s1 2 pending!"]);
    let by = crate::store::edit::Actor::Operator;
    assert!(store.send_again(&acme(), &first.id, &by, "r1", NOW).await.expect("written"));
    assert_eq!(rows(&store).await, ["s1 1 pending", "s1 2 pending!"]);
    let second = taken(&store, NOW).await.remove(0);
    let delivered = Outcome { then: Queued::Delivered { at: NOW }, ..dead };
    assert!(store.settle_parcel("me", &second, &delivered).await.expect("written"));
    assert_eq!(rows(&store).await, ["s1 1 pending!", "s1 2 delivered"]);
    assert!(!store.send_again(&acme(), &second.id, &by, "r1", NOW).await.expect("written"), "it was delivered");
    assert!(!store.send_again(&"other".into(), &first.id, &by, "r1", NOW).await.expect("written"), "another's");
}
