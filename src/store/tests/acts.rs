//! Keys and to-dos, which no rules file can say, and a database of the first schema.
//!
//! Deliberately not here: what every change leaves behind (`desk`).

use super::desk::{acme, audit, base, declared, done, idle, revision};
use super::support::{NOW, open, options, phone, submit, url, world};
use crate::rules::ruleset::Ruleset;
use crate::store::base::{Revision, Wants};
use crate::store::edit::{Act, Edit, TenantKey, TodoState};
use crate::store::entry::{TodoRow, Write};
use crate::store::list::Page;
use crate::store::shelf::TodoFilter;
use crate::store::{StoreError, tenant_keys};

#[tokio::test]
async fn keys_are_made_and_revoked() {
    let (_dir, store) = declared().await;
    let key = |id: &str, key: &str| TenantKey {
        id: id.to_owned(),
        name: "Dispatch".to_owned(),
        hash: tenant_keys::hash(key),
        hint: "hsk_ab".to_owned(),
        made_at: NOW,
        revoked_at: None,
    };
    done(&store, Edit { acts: vec![Act::KeyMade(key("k1", "a"))], ..idle(Revision(0)) }).await;
    assert_eq!(store.read().tenant_keys(&acme()).await.expect("read"), [key("k1", "a")]);
    for (same, why) in [(key("k1", "b"), "the id is taken"), (key("k2", "a"), "the key is taken")] {
        let edit = Edit { acts: vec![Act::KeyMade(same)], seen: revision(&store).await, ..idle(Revision(0)) };
        assert!(matches!(store.edit(&edit).await, Err(StoreError::Conflicts(_))), "{why}");
    }
    let revoke = Act::KeyRevoked { id: "k1".to_owned() };
    done(&store, Edit { acts: vec![revoke.clone()], ..idle(Revision(0)) }).await;
    let before = revision(&store).await;
    done(&store, Edit { acts: vec![revoke], ..idle(Revision(0)) }).await;
    assert_eq!(revision(&store).await, before, "it was revoked already");
    assert_eq!(store.read().tenant_keys(&acme()).await.expect("read")[0].revoked_at, Some(NOW));
    let rows: Vec<_> = audit(&store, 13).await.into_iter().map(|row| (row.action, row.kind, row.object)).collect();
    let row = |action: &str| (action.to_owned(), "key".to_owned(), "k1".to_owned());
    assert_eq!(rows, [row("created"), row("revoked")]);
}

#[tokio::test]
async fn a_todo_is_worked_off() {
    let (_dir, store) = declared().await;
    let mut entry = super::support::entry(1);
    let row = TodoRow {
        interaction: "i1".to_owned(),
        kind: "missed".to_owned(),
        tenant: "acme".to_owned(),
        location: Some("chicago".to_owned()),
        channel: "voice".to_owned(),
        phone: Some(phone(101).digits()),
        number: phone(190).digits(),
        customer: None,
        session: None,
        at: NOW.0,
    };
    entry.writes.push(Write::Todo(row));
    let _ = store.journal().submit(entry).settled().await;
    submit(store.journal(), 2).await;
    let one = async || store.read().todo_in(&acme(), "i1-missed", NOW).await.expect("read").expect("it");
    assert_eq!((one().await.state, one().await.assigned_to), (TodoState::Open, None));
    let act = |state| Act::Todo {
        interaction: "i1".to_owned(),
        kind: "missed".to_owned(),
        state,
        assigned_to: Some("lee".to_owned()),
    };
    for state in [TodoState::Snoozed { until: NOW.plus_days(1) }, TodoState::Done { at: NOW }, TodoState::Open] {
        done(&store, Edit { acts: vec![act(state)], ..idle(Revision(0)) }).await;
        assert_eq!((one().await.state, one().await.assigned_to.as_deref()), (state, Some("lee")));
    }
    done(&store, Edit { acts: vec![act(TodoState::Done { at: NOW })], ..idle(Revision(0)) }).await;
    let page = Page { limit: 10, after: None };
    for (state, expected) in [(None, 1), (Some("done"), 1), (Some("open"), 0)] {
        let filter = TodoFilter { state: state.map(str::to_owned), ..TodoFilter::default() };
        let listed = store.read().todo_page(&acme(), &filter, &page, NOW).await.expect("read");
        assert_eq!(listed.items.len(), expected, "{state:?}");
    }
}

#[tokio::test]
async fn a_database_of_the_first_schema_is_brought_up_to_date() {
    use sqlx::{ConnectOptions, Connection};
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(dir.path().join("db")).expect("made");
    let place = crate::store::place::Place::read(&url(dir.path())).expect("a place");
    let mut conn = place.first_writer().connect().await.expect("a database");
    crate::store::schema::MIGRATIONS.run_to(1, &mut conn).await.expect("the first schema");
    let sql = "INSERT INTO technicians VALUES ('acme', 'jo', 'Jo', 13125550144, NULL, 1, 0)";
    sqlx::query(sql).execute(&mut conn).await.expect("a row");
    conn.close().await.expect("closed");
    let older = crate::store::Reader::open(&url(dir.path()), Some(options(dir.path()).vault)).await;
    assert!(matches!(older, Err(StoreError::Older { found: 1, .. })), "it is not touched by reading");
    let store = open(dir.path()).await;
    store.apply(&Ruleset { technicians: Vec::new(), ..world() }, None, NOW).await.expect("applied");
    let rules = base(&store, &Wants::default()).await.rules;
    assert_eq!(rules.technicians.len(), 1, "what was there is there");
}
