//! Two switchboards on one database: what one changes, the other goes by, and forgets what is gone.
//!
//! Deliberately not here: what a change leaves in the database (`store`).

use std::path::Path;
use std::sync::Arc;

use super::Change;
use crate::domain::{Clock, E164, MaskingNumber, Moment};
use crate::routing::World;
use crate::rules::file;
use crate::rules::ruleset::Ruleset;
use crate::store::base::{Base, Wants};
use crate::store::edit::{Act, Actor, Gone, TenantKey};
use crate::store::{MasterKey, Store, StoreOptions, Vault, tenant_keys};
use crate::switchboard::desk::{Asker, NotChanged, Plan};
use crate::switchboard::{Settings, Switchboard};

const DEMO: &str = include_str!("../../../routing-rules/demo.toml");
const NOW: Moment = Moment::from_seconds(1_773_064_931);

fn demo() -> Ruleset {
    file::read(DEMO, "demo.toml", None, &|_| None).expect("the demo is right").0
}

async fn store(dir: &Path) -> Store {
    let url = format!("sqlite://{}", dir.join("hookswitch.db").display());
    let vault = Vault::new(&MasterKey::new([7; 32]));
    Store::open(&url, StoreOptions::new(dir, Clock::stopped(NOW), vault)).await.expect("a store")
}

async fn board(store: &Store) -> Arc<Switchboard> {
    let settings = Settings { public_base_url: String::new(), allowed_countries: Vec::new(), test_clock: false };
    Switchboard::start(store.clone(), Clock::stopped(NOW), settings).await.expect("a switchboard")
}

async fn change(board: &Switchboard, plan: impl Fn(&Base) -> Plan<()>) {
    let asker = Asker { by: Actor::Operator, request: "r".to_owned(), at: NOW };
    let plan = |base: &Base| Ok::<_, ()>(plan(base));
    board.change(&"acme".into(), &Wants::default(), &asker, plan).await.expect("changed");
}

fn phone(last: u64) -> E164 {
    E164::from_digits(13_125_550_000 + last).expect("a number")
}

fn jo_has(board: &Switchboard) -> Option<(Option<E164>, bool)> {
    let memory = board.memory.load();
    let view = memory.directory.view(&memory.live, NOW);
    let jo = view.technician(&"acme".into(), &"jo".into())?;
    Some((jo.phone, view.technician_by_phone(&"acme".into(), phone(144)).is_some()))
}

#[tokio::test]
async fn what_one_changes_the_other_hears_thing_by_thing() {
    let dir = tempfile::tempdir().expect("a folder");
    let one = store(dir.path()).await;
    one.apply(&demo(), Some(("demo.toml", "aa")), NOW).await.expect("applied");
    let other = store(dir.path()).await;
    let (here, there) = (board(&one).await, board(&other).await);
    assert_eq!(there.hear().await.expect("heard"), Change::Things(0), "what was loaded was heard");

    change(&here, |base| {
        let mut jo = base.rules.technicians.iter().find(|t| t.id.as_str() == "jo").expect("jo").clone();
        jo.phone = Some(phone(145));
        Plan::put(Ruleset { technicians: vec![jo], ..base.rules.only_tenant() }, ())
    })
    .await;
    assert_eq!(jo_has(&here), Some((Some(phone(145)), false)), "at once");
    assert_eq!(jo_has(&there), Some((Some(phone(144)), true)), "not yet");
    assert_eq!(there.hear().await.expect("heard"), Change::Things(1));
    assert_eq!(jo_has(&there), Some((Some(phone(145)), false)));

    change(&here, |base| Plan::take(&base.rules, Gone::Technician("jo".into()), ())).await;
    assert_eq!(jo_has(&here), None);
    assert_eq!(there.hear().await.expect("heard"), Change::Things(1));
    assert_eq!(jo_has(&there), None);

    // A file of whatever process: all is read anew, and what is gone meanwhile is forgotten.
    change(&here, |base| Plan::take(&base.rules, Gone::Customer("ana".into()), ())).await;
    let mut rules = demo();
    rules.customers.clear();
    rules.sessions.clear();
    rules.contacts.clear();
    rules.tenant.name = "Acme".to_owned();
    one.apply(&rules, Some(("demo.toml", "bb")), NOW).await.expect("applied");
    assert_eq!(there.hear().await.expect("heard"), Change::Everything);
    let memory = there.memory.load();
    let view = memory.directory.view(&memory.live, NOW);
    assert_eq!(view.tenant(&"acme".into()).expect("it").name, "Acme");
    assert!(view.customer_by_phone(&"acme".into(), phone(101)).is_none(), "she is gone");
    assert!(view.customer(&"acme".into(), &"ben".into()).is_some(), "he is not");
    assert_eq!(there.hear().await.expect("heard"), Change::Things(0));
}

#[tokio::test]
async fn keys_and_opt_outs_count_at_once_and_are_heard() {
    let dir = tempfile::tempdir().expect("a folder");
    let one = store(dir.path()).await;
    one.apply(&demo(), None, NOW).await.expect("applied");
    let (here, there) = (board(&one).await, board(&store(dir.path()).await).await);
    let owner = |board: &Switchboard, key: &str| board.key_owner(key).map(|(tenant, id)| format!("{tenant}/{id}"));
    assert_eq!(owner(&here, "demo-tenant-key").as_deref(), Some("acme/file"));
    let key = TenantKey {
        id: "k1".to_owned(),
        name: "Dispatch".to_owned(),
        hash: tenant_keys::hash("secret-1"),
        hint: "secret".to_owned(),
        made_at: NOW,
        revoked_at: None,
    };
    let opted_out = |board: &Switchboard| {
        let memory = board.memory.load();
        memory.directory.view(&memory.live, NOW).opted_out(phone(190), phone(101))
    };
    let number = MaskingNumber::rented(phone(190));
    change(&here, |base| Plan::act(&base.rules, Act::KeyMade(key.clone()), ())).await;
    change(&here, |base| Plan::act(&base.rules, Act::OptOut { number, phone: phone(101), out: true }, ())).await;
    for board in [&here, &there] {
        board.hear().await.expect("heard");
        assert_eq!(owner(board, "secret-1").as_deref(), Some("acme/k1"));
        assert_eq!(owner(board, "secret-2"), None);
        assert!(opted_out(board));
    }
    // Together with a file, after which everything is read anew.
    change(&here, |base| Plan::act(&base.rules, Act::KeyRevoked { id: "k1".to_owned() }, ())).await;
    change(&here, |base| Plan::act(&base.rules, Act::OptOut { number, phone: phone(101), out: false }, ())).await;
    let mut rules = demo();
    rules.secrets.api_key_hashes = vec![tenant_keys::hash("next-key")];
    rules.sessions.clear();
    one.apply(&rules, None, NOW).await.expect("applied");
    for board in [&here, &there] {
        assert_eq!(board.hear().await.expect("heard"), Change::Everything);
        assert_eq!(owner(board, "secret-1"), None, "revoked");
        assert_eq!(owner(board, "demo-tenant-key"), None, "no longer declared");
        assert_eq!(owner(board, "next-key").as_deref(), Some("acme/file"));
        assert!(!opted_out(board));
    }
    let again = board(&one).await;
    assert_eq!(owner(&again, "secret-1"), None, "nor after a restart");
}

#[tokio::test]
async fn a_job_that_is_gone_takes_its_sessions_with_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let one = store(dir.path()).await;
    one.apply(&demo(), None, NOW).await.expect("applied");
    let (here, there) = (board(&one).await, board(&store(dir.path()).await).await);
    let session = demo().sessions.into_iter().find(|s| s.work_order().is_some()).expect("a session of a job");
    let job = session.work_order().expect("a job").clone();
    let ended = |board: &Switchboard| {
        let memory = board.memory.load();
        let view = memory.directory.view(&memory.live, NOW);
        let known = view.session(&"acme".into(), &session.id).expect("it is kept");
        known.phase(None, 0, NOW.plus_days(1)) != crate::domain::Phase::Live
    };
    change(&here, |base| Plan::take(&base.rules, Gone::WorkOrder(job.clone()), ())).await;
    assert!(ended(&here));
    there.hear().await.expect("heard");
    assert!(ended(&there));
}

#[tokio::test]
async fn a_tenant_is_founded_and_known_everywhere() {
    let dir = tempfile::tempdir().expect("a folder");
    let (one, other) = (store(dir.path()).await, store(dir.path()).await);
    let (here, there) = (board(&one).await, board(&other).await);
    let asker = Asker { by: Actor::Operator, request: "r".to_owned(), at: NOW };
    here.found(&asker, Plan::put(demo().only_tenant(), ())).await.expect("founded");
    there.hear().await.expect("heard");
    for board in [&here, &there] {
        let known = board.memory.load().directory.tenant(&"acme".into());
        assert_eq!(known.as_deref(), Some(&demo().tenant));
    }
    let again = here.found(&asker, Plan::put(demo().only_tenant(), ())).await;
    assert!(matches!(again, Err(NotChanged::Store(_))), "there is one");
}
