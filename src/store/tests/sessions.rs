//! One phone on one number belongs to one session that still routes.
//!
//! Deliberately not here: which session a call belongs to.

use super::support::{NOW, count, rented, session, store, world};
use crate::domain::{EndedBy, Moment, NumberState, Session, SessionState, WorkOrderStatus};
use crate::rules::ruleset::Ruleset;
use crate::store::{Conflict, Store, StoreError};

/// Only these sessions; the rest of the world as it is.
fn with(sessions: Vec<Session>) -> Ruleset {
    Ruleset { sessions, contacts: Vec::new(), ..world() }
}

fn live(id: &str, on: u64, first: Option<u64>, second: Option<u64>) -> Session {
    Session { state: SessionState::Live { expires_at: None }, ..session(id, on, first, second) }
}

async fn refused(store: &Store, rules: &Ruleset, now: Moment) -> Vec<String> {
    match store.apply(rules, None, now).await {
        Ok(_) => Vec::new(),
        Err(StoreError::Conflicts(conflicts)) => conflicts
            .into_iter()
            .map(|conflict| match conflict {
                Conflict::Pair { session, number, phone, holder } => format!("{session} {number} {phone} {holder}"),
                Conflict::Account(_)
                | Conflict::Tenant(_)
                | Conflict::Key(_)
                | Conflict::AuthId(_)
                | Conflict::DeepcallUser(_)
                | Conflict::Number(_) => panic!("{conflict}"),
            })
            .collect(),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_phone_is_held_while_its_session_routes() {
    let ended = |by| SessionState::Ended { at: NOW, by };
    let holder = live("a", 190, Some(144), Some(101));
    let done = |days: i64| WorkOrderStatus::Completed { at: NOW.plus_days(-days) };
    for (holder, job, other, expected, why) in [
        (holder.clone(), WorkOrderStatus::Open, live("b", 190, Some(145), Some(102)), vec![], "other phones"),
        (holder.clone(), WorkOrderStatus::Open, live("b", 193, Some(144), Some(101)), vec![], "another number"),
        (
            holder.clone(),
            WorkOrderStatus::Open,
            live("b", 190, Some(145), Some(101)),
            vec!["b +1•••0190 +1•••0101 a"],
            "the customer is taken",
        ),
        (
            holder.clone(),
            WorkOrderStatus::Open,
            live("b", 190, Some(101), Some(144)),
            vec!["b +1•••0190 +1•••0101 a", "b +1•••0190 +1•••0144 a"],
            "both are taken, on whichever side",
        ),
        (holder.clone(), done(7), live("b", 190, Some(145), Some(101)), vec!["b +1•••0190 +1•••0101 a"], "in grace"),
        (holder.clone(), done(8), live("b", 190, Some(145), Some(101)), vec![], "its grace is over"),
        (
            holder.clone(),
            WorkOrderStatus::Canceled { at: None },
            live("b", 190, Some(145), Some(101)),
            vec![],
            "its job was called off",
        ),
        (
            Session { state: ended(EndedBy::Api), ..holder.clone() },
            WorkOrderStatus::Open,
            live("b", 190, Some(145), Some(101)),
            vec![],
            "it ended",
        ),
        (
            Session { state: SessionState::Live { expires_at: Some(NOW) }, ..holder.clone() },
            WorkOrderStatus::Open,
            live("b", 190, Some(145), Some(101)),
            vec![],
            "it expired",
        ),
        (
            live("a", 191, Some(144), Some(101)),
            WorkOrderStatus::Open,
            live("b", 191, Some(144), Some(102)),
            vec![],
            "a technician has many customers behind their own number",
        ),
        (
            live("a", 191, Some(144), Some(101)),
            WorkOrderStatus::Open,
            live("b", 191, Some(145), Some(101)),
            vec!["b +1•••0191 +1•••0101 a"],
            "but a customer has one technician there",
        ),
        (
            live("a", 190, Some(144), None),
            WorkOrderStatus::Open,
            live("b", 190, Some(145), None),
            vec!["b +1•••0190 anybody a"],
            "one session of one party on a number",
        ),
    ] {
        let (_dir, store) = store().await;
        let mut rules = with(vec![holder]);
        rules.work_orders[0].status = job;
        assert_eq!(refused(&store, &rules, NOW).await, Vec::<String>::new(), "{why}");
        let second = Ruleset { sessions: vec![other], ..rules.clone() };
        // The other session is of no job, so that only the holder's counts.
        let mut second = second;
        second.sessions[0].kind = crate::domain::SessionKind::PlainPair;
        assert_eq!(refused(&store, &second, NOW).await, expected, "{why}");
        assert_eq!(count(&store, "sessions").await, if expected.is_empty() { 2 } else { 1 }, "{why}");
    }
}

#[tokio::test]
async fn a_phone_is_freed_by_the_clock_without_anybody_sweeping() {
    let (_dir, store) = store().await;
    let until = NOW.plus_days(1);
    let first =
        Session { state: SessionState::Live { expires_at: Some(until) }, ..session("a", 190, Some(144), Some(101)) };
    let rules = with(vec![first]);
    assert!(refused(&store, &rules, NOW).await.is_empty());
    let next = with(vec![live("b", 190, Some(145), Some(101))]);
    assert_eq!(refused(&store, &next, Moment(until.0 - 1)).await.len(), 1);
    assert!(refused(&store, &next, until).await.is_empty());
}

#[tokio::test]
async fn one_ruleset_may_end_a_session_and_begin_the_next() {
    let (_dir, store) = store().await;
    let first = live("a", 190, Some(144), Some(101));
    assert!(refused(&store, &with(vec![first.clone()]), NOW).await.is_empty());
    let ended = Session { state: SessionState::Ended { at: NOW, by: EndedBy::Api }, ..first };
    let next = live("b", 190, Some(144), Some(101));
    assert!(refused(&store, &with(vec![next, ended]), NOW).await.is_empty());
    assert_eq!(count(&store, "session_pairs").await, 2);
}

#[tokio::test]
async fn a_session_that_moves_lets_go_of_what_it_had() {
    let (_dir, store) = store().await;
    assert!(refused(&store, &with(vec![live("a", 190, Some(144), Some(101))]), NOW).await.is_empty());
    let moved = with(vec![live("a", 190, Some(145), Some(101)), live("b", 190, Some(144), Some(102))]);
    assert!(refused(&store, &moved, NOW).await.is_empty());
    assert_eq!(count(&store, "session_pairs").await, 4);
}

#[tokio::test]
async fn two_sessions_of_one_ruleset_cannot_share_a_phone_either() {
    let (_dir, store) = store().await;
    let both = with(vec![live("a", 190, Some(144), Some(101)), live("b", 190, Some(145), Some(101))]);
    assert_eq!(refused(&store, &both, NOW).await, ["b +1•••0190 +1•••0101 a"]);
    assert_eq!(count(&store, "tenants").await, 0, "nothing was written");
}

#[tokio::test]
async fn a_released_number_ends_the_grace() {
    let (_dir, store) = store().await;
    let mut rules = with(vec![live("a", 190, Some(144), Some(101))]);
    rules.work_orders[0].status = WorkOrderStatus::Completed { at: NOW.plus_days(-1) };
    assert!(refused(&store, &rules, NOW).await.is_empty());
    assert_eq!(count(&store, "session_pairs").await, 2);
    rules.numbers[0] = rented(190, NumberState::Released { at: NOW });
    assert!(refused(&store, &rules, NOW).await.is_empty());
    assert_eq!(count(&store, "session_pairs").await, 0);
}
