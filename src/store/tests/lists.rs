//! Lists page by page, and whose phones a change gives back or takes.
//!
//! Deliberately not here: what a change leaves behind (`desk`).

use super::support::{NOW, count, job, number, rented, session, store, world};
use crate::domain::{Moment, NumberState, Session, SessionKind, SessionState, Technician, WorkOrder, WorkOrderStatus};
use crate::rules::ruleset::Ruleset;
use crate::store::base::{Revision, WantSessions, Wants};
use crate::store::edit::{Actor, Edit, Gone, Written};
use crate::store::list::{Filter, Mark, Page};
use crate::store::{Conflict, Store, StoreError};

fn technician(no: u32) -> Technician {
    Technician { id: format!("t{no:03}").into(), phone: None, ..world().technicians.remove(0) }
}

async fn put(store: &Store, no: std::ops::Range<u32>, at: Moment) {
    let rules = Ruleset { technicians: no.map(technician).collect(), ..world().only_tenant() };
    store.apply(&rules, None, at).await.expect("applied");
}

#[tokio::test]
async fn pages_stay_where_they_are_while_things_are_made() {
    let (_dir, store) = store().await;
    put(&store, 0..10, NOW).await;
    put(&store, 10..15, Moment(NOW.0 + 1)).await;
    // Changed later, made before.
    let mut old = technician(3);
    old.active = false;
    let rules = Ruleset { technicians: vec![old], ..world().only_tenant() };
    store.apply(&rules, None, Moment(NOW.0 + 9)).await.expect("applied");
    let (mut seen, mut page) = (Vec::new(), Page { limit: 4, after: None });
    for round in 0..10 {
        let listed = store.read().list_technicians(&"acme".into(), &Filter::default(), &page).await.expect("read");
        seen.extend(listed.items.iter().map(|technician| technician.id.to_string()));
        put(&store, 100 + round..101 + round, Moment(NOW.0 + 2)).await;
        let Some(next) = listed.next else { break };
        page.after = Mark::parse(&next.to_string());
        assert!(page.after.is_some(), "the text of a mark is a mark");
    }
    let expected: Vec<String> = (10..15).rev().chain((0..10).rev()).map(|no| format!("t{no:03}")).collect();
    assert_eq!(seen, expected, "newest first, each once");
    let filter = Filter { active: Some(false), ..Filter::default() };
    let page = Page { limit: 4, after: None };
    let listed = store.read().list_technicians(&"acme".into(), &filter, &page).await.expect("read");
    assert_eq!((listed.items.len(), listed.next), (1, None));
    let other = store.read().list_technicians(&"zenith".into(), &Filter::default(), &page).await.expect("read");
    assert_eq!(other.items, [], "another tenant's");
}

#[tokio::test]
async fn each_kind_goes_by_the_filters_it_has() {
    let (_dir, store) = store().await;
    store.apply(&world(), None, NOW).await.expect("applied");
    let (reader, acme, page) = (store.read(), "acme".into(), Page { limit: 100, after: None });
    let some = |text: &str| Some(text.to_owned());
    for (filter, jobs, numbers, sessions, why) in [
        (Filter::default(), 4, 4, 3, "all"),
        (Filter { location: some("chicago"), ..Filter::default() }, 4, 3, 2, "by their own location"),
        (Filter { technician: some("jo"), ..Filter::default() }, 4, 1, 2, "jo's"),
        (Filter { customer: some("nobody"), ..Filter::default() }, 0, 4, 0, "nobody's; numbers have no customer"),
        (Filter { work_order: some("j1"), ..Filter::default() }, 4, 1, 2, "of j1"),
        (Filter { number: some("+13125550190"), ..Filter::default() }, 4, 4, 2, "on a number"),
        (Filter { number: some("190"), ..Filter::default() }, 4, 4, 0, "on no number"),
        (Filter { state: some("canceled"), ..Filter::default() }, 2, 0, 0, "jobs alone are canceled"),
        (Filter { state: some("released"), ..Filter::default() }, 0, 1, 0, "numbers alone are released"),
        (Filter { state: some("live"), ..Filter::default() }, 0, 0, 2, "sessions alone live"),
    ] {
        assert_eq!(reader.list_work_orders(&acme, &filter, &page).await.expect("read").items.len(), jobs, "{why}");
        assert_eq!(reader.list_numbers(&acme, &filter, &page).await.expect("read").items.len(), numbers, "{why}");
        assert_eq!(reader.list_sessions(&acme, &filter, &page).await.expect("read").items.len(), sessions, "{why}");
    }
    let one = Page { limit: 1, after: None };
    let first = reader.list_numbers(&acme, &Filter::default(), &one).await.expect("read");
    assert_eq!(first.items[0].e164, number(193));
    let second = Page { limit: 1, after: first.next };
    assert_eq!(reader.list_numbers(&acme, &Filter::default(), &second).await.expect("read").items[0].e164, number(192));
    assert_eq!(reader.list_customers(&acme, &Filter::default(), &page).await.expect("read").items, world().customers);
    assert_eq!(reader.list_locations(&acme, &page).await.expect("read").items, world().locations);
    assert_eq!(reader.list_accounts(&acme, &page).await.expect("read").items, [world().accounts.remove(0).0]);
    assert_eq!(reader.list_tenants(&page).await.expect("read").items, [world().tenant]);
}

/// One session on a job, and whatever is done to it.
async fn with(session: Session, job: WorkOrder) -> (tempfile::TempDir, Store) {
    let (dir, store) = store().await;
    let rules = Ruleset { sessions: vec![session], work_orders: vec![job], contacts: Vec::new(), ..world() };
    store.apply(&rules, None, NOW).await.expect("applied");
    (dir, store)
}

async fn edit(store: &Store, rules: Ruleset, gone: Vec<Gone>) -> Result<Written, StoreError> {
    let base = store.read().base(&"acme".into(), &Wants::default()).await.expect("read").expect("a tenant");
    let (by, request) = (Actor::Operator, String::new());
    store.edit(&Edit { rules, gone, acts: Vec::new(), seen: base.revision, by, request, keep: None, at: NOW }).await
}

fn rules() -> Ruleset {
    world().only_tenant()
}

#[tokio::test]
async fn a_change_gives_and_takes_the_phones_of_sessions_that_it_does_not_name() {
    let done = |days: i64| WorkOrderStatus::Completed { at: NOW.plus_days(-days) };
    let held = session("s1", 190, Some(144), Some(101));
    let held = Session { state: SessionState::Live { expires_at: None }, ..held };
    let jobs = |status| Ruleset { work_orders: vec![job("j1", status)], ..rules() };
    let numbers = |state| Ruleset { numbers: vec![rented(190, state)], ..rules() };
    let grace = |days| {
        let mut locations = world().locations;
        locations[0].masking.grace_window_days = days;
        Ruleset { locations, ..rules() }
    };
    let mut own = rented(190, NumberState::Assigned);
    own.technician = Some("jo".into());
    for (before, change, gone, pairs, why) in [
        (WorkOrderStatus::Open, jobs(WorkOrderStatus::Canceled { at: Some(NOW) }), vec![], 0, "canceled"),
        (WorkOrderStatus::Open, jobs(done(1)), vec![], 2, "completed, and in grace"),
        (done(9), jobs(WorkOrderStatus::Open), vec![], 2, "reopened after its grace"),
        (done(9), grace(30), vec![], 2, "a longer grace"),
        (done(3), grace(1), vec![], 0, "a shorter grace"),
        (done(3), numbers(NumberState::Released { at: NOW }), vec![], 0, "the number was released"),
        (WorkOrderStatus::Open, Ruleset { numbers: vec![own], ..rules() }, vec![], 1, "a technician's own number"),
        (WorkOrderStatus::Open, rules(), vec![Gone::WorkOrder("j1".into())], 0, "its job is gone"),
        (done(3), rules(), vec![Gone::WorkOrder("j1".into())], 0, "its job is gone, and the grace with it"),
        (WorkOrderStatus::Open, rules(), vec![Gone::Number(number(190))], 0, "its number is gone"),
        (WorkOrderStatus::Open, rules(), vec![Gone::Customer("ana".into())], 2, "that is another thing"),
    ] {
        let (_dir, store) = with(held.clone(), job("j1", before)).await;
        assert_eq!(edit(&store, change, gone.clone()).await.expect("written"), Written::Done, "{why}");
        assert_eq!(count(&store, "session_pairs").await, pairs, "{why}");
        if gone == [Gone::WorkOrder("j1".into())] {
            let wants = Wants { sessions: WantSessions::Open, ..Wants::default() };
            let base = store.read().base(&"acme".into(), &wants).await.expect("read").expect("it");
            assert_eq!(base.rules.sessions, [], "{why}: it would route again without its job");
        }
    }
}

#[tokio::test]
async fn phones_that_somebody_else_has_by_now_are_a_conflict_for_a_job_and_none_for_a_setting() {
    let done = WorkOrderStatus::Completed { at: NOW.plus_days(-9) };
    let (_dir, store) = with(session("s1", 190, Some(144), Some(101)), job("j1", done)).await;
    let next = Session { kind: SessionKind::PlainPair, ..session("s2", 190, Some(144), Some(101)) };
    let made = edit(&store, Ruleset { sessions: vec![next], ..rules() }, Vec::new()).await;
    assert_eq!(made.expect("the phones are free"), Written::Done);
    let reopened = Ruleset { work_orders: vec![job("j1", WorkOrderStatus::Open)], ..rules() };
    let Err(StoreError::Conflicts(conflicts)) = edit(&store, reopened, Vec::new()).await else {
        panic!("two sessions")
    };
    assert!(conflicts.iter().all(|conflict| matches!(conflict, Conflict::Pair { holder, .. } if holder == "s2")));
    let mut locations = world().locations;
    locations[0].masking.grace_window_days = 30;
    let longer = edit(&store, Ruleset { locations, ..rules() }, Vec::new()).await;
    assert_eq!(longer.expect("the newer session keeps them"), Written::Done);
    let mut conn = store.read().conn().await.expect("a reader");
    let holders: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT session FROM session_pairs").fetch_all(&mut *conn).await.expect("read");
    assert_eq!(holders, ["s2"]);
    let seen = store.read().base(&"acme".into(), &Wants::default()).await.expect("read").expect("it").revision;
    assert_eq!(seen, Revision(3), "what was refused does not count");
}

#[tokio::test]
async fn lists_and_bases_read_no_more_than_they_tell() {
    let (_dir, store) = store().await;
    let mut conn = store.read().conn().await.expect("a reader");
    let newest = "ORDER BY made_at DESC, id DESC LIMIT 10";
    for (sql, index) in [
        (format!("sessions WHERE tenant = ? {newest}"), "sessions_made"),
        (format!("sessions WHERE tenant = ? AND (made_at, id) < (?, ?) {newest}"), "sessions_made"),
        (format!("sessions WHERE tenant = ? AND location = ? {newest}"), "sessions_by_location"),
        (format!("sessions WHERE tenant = ? AND technician = ? {newest}"), "sessions_by_technician"),
        (format!("sessions WHERE tenant = ? AND customer = ? {newest}"), "sessions_by_customer"),
        (format!("sessions WHERE tenant = ? AND work_order = ? {newest}"), "sessions_by_work_order"),
        (format!("sessions WHERE tenant = ? AND number = ? {newest}"), "sessions_by_number"),
        (format!("sessions WHERE tenant = ? AND ended_at IS NULL {newest}"), "sessions_open"),
        (
            "sessions WHERE tenant = ? AND work_order = ? AND ended_at IS NULL ORDER BY tenant, id".to_owned(),
            "sessions_by_work_order",
        ),
        (format!("customers WHERE tenant = ? {newest}"), "customers_made"),
        (format!("customers WHERE tenant = ? AND location = ? {newest}"), "customers_by_location"),
        ("customers WHERE tenant = ? AND other_phones <> '[]' ORDER BY tenant, id".to_owned(), "customers_odd"),
        (format!("work_orders WHERE tenant = ? AND technician = ? {newest}"), "work_orders_by_technician"),
        (format!("technicians WHERE tenant = ? {newest}"), "technicians_made"),
    ] {
        let explain = format!("EXPLAIN QUERY PLAN SELECT * FROM {sql}");
        type Step = (i64, i64, i64, String);
        let steps: Vec<Step> =
            sqlx::query_as(sqlx::AssertSqlSafe(explain)).fetch_all(&mut *conn).await.expect("a plan");
        let told: Vec<String> = steps.into_iter().map(|(_, _, _, step)| step).collect();
        assert!(told[0].contains(&format!("INDEX {index} (")), "{sql}: {told:?}");
        assert!(!sql.ends_with(newest) || told.len() == 1, "it is in order already: {sql}: {told:?}");
    }
}
