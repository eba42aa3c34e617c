//! Sessions as the masking door lists them, and their calls: counted as `routing` would count them.
//!
//! Deliberately not here: the door's words.

use super::support::{NOW, entry, interaction, job, rented, session, store, submit, world};
use crate::domain::{
    EndedBy, Moment, NumberState, Phase, Session, SessionKind, SessionState, TenantId, WorkOrderStatus,
};
use crate::routing::job::stands;
use crate::rules::ruleset::Ruleset;
use crate::store::Store;
use crate::store::entry::{Entry, EventRow, InteractionRow, Write};
use crate::store::masked::{By, MaskedFilter, Status};

fn acme() -> TenantId {
    "acme".into()
}

/// Sessions of nobody in every state, with jobs and numbers in every state.
fn all() -> Ruleset {
    let day = |days| NOW.plus_days(days);
    let jobs = [
        WorkOrderStatus::Open,
        WorkOrderStatus::Completed { at: day(-9) },
        WorkOrderStatus::Completed { at: day(-2) },
        WorkOrderStatus::Completed { at: day(1) },
        WorkOrderStatus::Canceled { at: None },
        WorkOrderStatus::Canceled { at: Some(day(-1)) },
        WorkOrderStatus::Canceled { at: Some(day(1)) },
    ];
    let numbers = [NumberState::Assigned, NumberState::Released { at: day(-1) }, NumberState::Retired];
    let states = [
        SessionState::Live { expires_at: None },
        SessionState::Live { expires_at: Some(day(-1)) },
        SessionState::Live { expires_at: Some(day(1)) },
        SessionState::Ended { at: day(-2), by: EndedBy::Job },
        SessionState::Ended { at: day(-3), by: EndedBy::Job },
        SessionState::Ended { at: day(-1), by: EndedBy::Api },
        SessionState::Ended { at: day(1), by: EndedBy::Expiry },
    ];
    let mut rules = Ruleset { sessions: Vec::new(), contacts: Vec::new(), customers: Vec::new(), ..world() };
    rules.numbers = numbers.iter().zip(190..).map(|(state, last)| rented(last, *state)).collect();
    rules.work_orders = jobs.iter().enumerate().map(|(no, status)| job(&format!("j{no}"), *status)).collect();
    let jobs: Vec<_> = rules.work_orders.iter().map(|job| Some(job.id.clone())).chain([None]).collect();
    for work_order in jobs {
        for on in 190..193 {
            for state in states {
                for started_at in [None, Some(day(-5)), Some(day(2))] {
                    let id = format!("s{:03}", rules.sessions.len());
                    let kind = SessionKind::Job { technician: None, customer: None, work_order: work_order.clone() };
                    rules.sessions.push(Session { kind, state, started_at, ..session(&id, on, None, None) });
                }
            }
        }
    }
    rules
}

async fn ids(store: &Store, filter: MaskedFilter, now: Moment) -> Vec<String> {
    let filter = MaskedFilter { limit: 10_000, ..filter };
    let (found, total) = store.read().masked_sessions(&acme(), &filter, now).await.expect("readable");
    assert_eq!(u64::try_from(found.len()), Ok(total), "all are on one page");
    let mut ids: Vec<String> = found.iter().map(|masked| masked.session.id.to_string()).collect();
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn the_database_and_routing_agree_on_what_is_over() {
    let (_dir, store) = store().await;
    let rules = all();
    store.apply(&rules, None, NOW).await.expect("applied");
    for days in [-20, -2, 0, 1, 5, 30] {
        let now = NOW.plus_days(days);
        let over = |session: &&Session| matches!(stands(&rules, session, now), Phase::Over { .. });
        let (over, not): (Vec<&Session>, Vec<&Session>) = rules.sessions.iter().partition(over);
        for (status, expected) in [(Status::Expired, over), (Status::Active, not)] {
            let expected: Vec<String> = expected.into_iter().map(|session| session.id.to_string()).collect();
            let found = ids(&store, MaskedFilter { status: Some(status), ..MaskedFilter::default() }, now).await;
            assert_eq!(found, expected, "{status:?}, {days} days on");
        }
    }
    assert!(rules.sessions.len() > 500, "{} states", rules.sessions.len());
}

#[tokio::test]
async fn lists_are_narrowed_counted_and_cut() {
    let (_dir, store) = store().await;
    let plain = |id: &str, first, second, ends| Session {
        kind: SessionKind::PlainPair,
        state: SessionState::Live { expires_at: Some(ends) },
        ..session(id, 193, first, second)
    };
    let hour = |hours: i64| Moment(NOW.0 + hours * 3_600_000_000);
    for (no, made) in [(0, 0), (1, 1), (2, 2)] {
        let rules = Ruleset {
            sessions: vec![plain(&format!("p{no}"), Some(110 + no), Some(120 + no), hour(10))],
            work_orders: world().work_orders,
            numbers: world().numbers,
            locations: world().locations,
            accounts: world().accounts,
            ..world().only_tenant()
        };
        store.apply(&rules, None, hour(made)).await.expect("applied");
    }
    let phone = |last: i64| 13_125_550_000 + last;
    let seconds = |hours: i64| hours * 3600;
    for (by, first, last, expected, why) in [
        (By::FirstParty, phone(111), phone(111), &["p1"][..], "one's first party"),
        (By::SecondParty, phone(122), i64::MAX, &["p2"], "from a second party on"),
        (By::VirtualNumber, phone(193), phone(193), &["p0", "p1", "p2"], "the number of all"),
        (By::Created, hour(1).0, i64::MAX, &["p1", "p2"], "made since"),
        (By::Expiry, i64::MIN, hour(10).0 - 1, &[], "ends before"),
        (By::Duration, i64::MIN, seconds(9), &["p1", "p2"], "at most nine hours"),
    ] {
        let filter = MaskedFilter { between: vec![(by, first, last)], ..MaskedFilter::default() };
        assert_eq!(ids(&store, filter, NOW).await, expected, "{why}");
    }
    for (account, count) in [("acme-twilio", 3), ("AC1", 3), ("AC2", 0)] {
        let filter = MaskedFilter { account: Some(account.to_owned()), ..MaskedFilter::default() };
        assert_eq!(ids(&store, filter, NOW).await.len(), count, "{account}");
    }
    let page = MaskedFilter { limit: 1, offset: 1, ..MaskedFilter::default() };
    let (found, total) = store.read().masked_sessions(&acme(), &page, NOW).await.expect("readable");
    let found: Vec<_> = found.iter().map(|masked| (masked.session.id.as_str(), masked.made_at)).collect();
    assert_eq!((found, total), (vec![("p1", hour(1))], 3), "newest first");
    let other: TenantId = "zenith".into();
    assert_eq!(store.read().masked_sessions(&other, &page, NOW).await.expect("readable"), (vec![], 0));
    assert_eq!(store.read().masked_session(&other, "p1", NOW).await.expect("readable"), None);
}

/// A call in `s1` with this news of its legs.
fn call(no: u32, ended: bool, news: &[&str]) -> Entry {
    let row = InteractionRow {
        ended_at: ended.then_some(NOW.0 + 60),
        state: if ended { "connected" } else { "open" }.to_owned(),
        ..interaction(no)
    };
    let mut entry = entry(no);
    entry.writes = vec![Write::Interaction(Box::new(row))];
    entry.writes.extend(news.iter().map(|detail| {
        let (interaction, kind) = (format!("{no:032x}"), "leg.status".to_owned());
        Write::Event(EventRow { interaction, at: NOW.0, kind, detail: (*detail).to_owned() })
    }));
    entry
}

#[tokio::test]
async fn calls_are_told_with_what_they_come_to() {
    let (_dir, store) = store().await;
    store.apply(&world(), None, NOW).await.expect("applied");
    let ended = r#"{"attempt":null,"status":"completed","seconds":29}"#;
    for one in [call(1, true, &[ended, ended]), call(2, false, &[])] {
        store.journal().submit(one).settled().await;
    }
    submit(store.journal(), 3).await;
    let talks = store.read().talks(&acme(), &["s1".into(), "s2".into()]).await.expect("readable");
    let told: Vec<_> = talks.iter().map(|talk| (talk.bill.legs, talk.bill.seconds, talk.bill.billed)).collect();
    assert_eq!(told, [(1, 29, 30), (1, 0, 0), (1, 0, 0)], "by increments of six seconds");
    assert!((talks[0].bill.rounded() - 0.00425).abs() < 1e-9, "{}", talks[0].bill.rounded());
    assert_eq!(store.read().talks(&"zenith".into(), &["s1".into()]).await.expect("readable"), []);
    assert_eq!(store.read().talks(&acme(), &[]).await.expect("readable"), []);
    let running = store.read().masked_session(&acme(), "s1", NOW).await.expect("readable").expect("it is there");
    assert_eq!(running.status, Status::InProgress);
}
