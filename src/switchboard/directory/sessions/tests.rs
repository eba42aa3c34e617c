//! Sessions in memory against a plain list of them.
//!
//! Deliberately not here: what routing makes of them.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::domain::{Door, EndedBy, Terms};

/// A session of small numbers: `first` and `second` are 0 for nobody.
fn session(id: u8, number: u8, first: u8, second: u8, job: bool) -> Session {
    let phone = |last: u8| E164::from_digits(13_125_550_100 + u64::from(last)).expect("a phone");
    Session {
        id: format!("s{id}").into(),
        tenant: "acme".into(),
        location: id.is_multiple_of(2).then(|| "chicago".into()),
        number: MaskingNumber::rented(phone(90 + number)),
        first_party: (first > 0).then(|| phone(first)),
        second_party: (second > 0).then(|| phone(second)),
        kind: SessionKind::Job {
            technician: Some("jo".into()),
            customer: None,
            work_order: job.then(|| format!("job-{id}").into()),
        },
        state: SessionState::Live { expires_at: None },
        started_at: None,
        options: SessionOptions::default(),
    }
}

/// Terms that concern strangers.
fn greeting() -> SessionOptions {
    let plain = Terms::plain(Door::Plivo, Moment(0));
    let terms = Terms { unknown_caller_play: Some("https://a.example/who.mp3".to_owned()), ..plain };
    SessionOptions { terms: Some(Arc::new(terms)), ..SessionOptions::default() }
}

fn ids(sessions: &[Session]) -> Vec<&str> {
    sessions.iter().map(|session| session.id.as_str()).collect()
}

#[test]
fn what_goes_in_comes_out() {
    let plain = session(1, 0, 1, 2, false);
    for (session, why) in [
        (Session { kind: SessionKind::PlainPair, ..plain.clone() }, "a plain pair"),
        (Session { location: None, first_party: None, ..plain.clone() }, "one party, and no place of its own"),
        (Session { state: SessionState::Live { expires_at: Some(Moment(7)) }, ..plain.clone() }, "it expires"),
        (
            Session { state: SessionState::Ended { at: Moment(-7), by: EndedBy::Api }, ..plain.clone() },
            "it ended before 1970",
        ),
        (Session { started_at: Some(Moment(0)), ..plain.clone() }, "it began"),
        (
            Session { options: SessionOptions { record: Some(false), ..SessionOptions::default() }, ..plain.clone() },
            "an option",
        ),
        (session(1, 0, 3, 3, true), "the same phone twice"),
        (plain.clone(), "none of these any more"),
    ] {
        let sessions = Sessions::default();
        sessions.put(&plain);
        sessions.put(&session);
        assert_eq!(sessions.named("acme", &session.id).as_ref(), Some(&session), "{why}");
        assert_eq!(sessions.len(), 1, "{why}");
    }
}

#[test]
fn the_newest_comes_first() {
    let sessions = Sessions::default();
    let number = session(0, 0, 1, 1, false).number.e164();
    let phone = E164::from_digits(13_125_550_101).expect("a phone");
    for id in 1..=3 {
        sessions.put(&session(id, 0, 1, 10 + id, true));
    }
    sessions.put(&session(1, 0, 1, 11, true));
    assert_eq!(ids(&sessions.with(number, phone)), ["s3", "s2", "s1"], "told again, it is not newer");
    sessions.put(&session(2, 1, 1, 12, true));
    assert_eq!(ids(&sessions.with(number, phone)), ["s3", "s1"], "on another number");
    sessions.put(&session(2, 0, 1, 12, true));
    assert_eq!(ids(&sessions.with(number, phone)), ["s2", "s3", "s1"], "and back");
    assert_eq!(ids(&sessions.of_jobs(number)), ["s2", "s3", "s1"]);
    assert!(sessions.of_one(number).is_empty());
}

#[test]
fn who_is_alone_is_known_until_the_session_is_over() {
    let alone = session(1, 0, 1, 0, false);
    let (number, phone) = (alone.number.e164(), E164::from_digits(13_125_550_101).expect("a phone"));
    let now = Moment(10);
    for (session, expected, why) in [
        (alone.clone(), true, "one party"),
        (session(1, 0, 1, 2, false), false, "two parties"),
        (Session { state: SessionState::Live { expires_at: Some(Moment(11)) }, ..alone.clone() }, true, "not over yet"),
        (Session { state: SessionState::Live { expires_at: Some(now) }, ..alone.clone() }, false, "over"),
        (Session { state: SessionState::Ended { at: Moment(9), by: EndedBy::Api }, ..alone.clone() }, false, "ended"),
    ] {
        let sessions = Sessions::default();
        sessions.put(&session);
        assert_eq!(sessions.is_lone(number, phone, now), expected, "{why}");
    }
}

#[test]
fn a_row_is_small() {
    assert!(size_of::<Row>() <= 80, "{} bytes", size_of::<Row>());
}

proptest! {
    #[test]
    fn it_knows_what_a_plain_list_knows(
        puts in prop::collection::vec((0u8..12, 0u8..2, 0u8..4, 0u8..4, any::<bool>()), 0..60)
    ) {
        let sessions = Sessions::default();
        let mut list: Vec<Session> = Vec::new();
        for (id, number, first, second, job) in puts {
            let mut session = session(id, number, first, second, job);
            if !job && id.is_multiple_of(3) {
                session.kind = SessionKind::PlainPair;
                session.options = greeting();
            }
            sessions.put(&session);
            list.retain(|known| known.id != session.id);
            list.push(session);
        }
        prop_assert_eq!(sessions.len(), list.len());
        let sorted = |mut found: Vec<Session>| {
            found.sort_by(|a, b| a.id.cmp(&b.id));
            found
        };
        let listed = |holds: &dyn Fn(&Session) -> bool| sorted(list.iter().filter(|s| holds(s)).cloned().collect());
        for number in [190, 191].map(|last| E164::from_digits(13_125_550_000 + last).expect("a number")) {
            let here = |session: &Session| session.number.e164() == number;
            for last in 1..4 {
                let phone = E164::from_digits(13_125_550_100 + last).expect("a phone");
                let party = |s: &Session| here(s) && (s.first_party == Some(phone) || s.second_party == Some(phone));
                prop_assert_eq!(sorted(sessions.with(number, phone).into_vec()), listed(&party));
            }
            let lone = |s: &Session| here(s) && s.first_party.is_some() != s.second_party.is_some();
            prop_assert_eq!(sorted(sessions.of_one(number).into_vec()), listed(&lone));
            let of_job = |s: &Session| here(s) && s.work_order().is_some();
            prop_assert_eq!(sorted(sessions.of_jobs(number).into_vec()), listed(&of_job));
            let on_terms = |s: &Session| here(s) && s.options.terms.is_some();
            prop_assert_eq!(sorted(sessions.on_terms(number).into_vec()), listed(&on_terms));
        }
        for session in &list {
            let found = sessions.named("acme", &session.id);
            prop_assert_eq!(found.as_ref(), Some(session));
        }
    }
}
