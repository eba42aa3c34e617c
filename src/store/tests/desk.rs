//! Changes while the server runs: against one revision or not at all, with their audit, their feed and their answer.
//!
//! Deliberately not here: taking them in (`switchboard::hearing`), lists, and which session holds a phone.

use serde_json::{Value, json};

use super::support::{NOW, count, number, open, phone, session, store, world};
use crate::domain::{MaskingMode, Moment, TenantId};
use crate::rules::ruleset::{Ruleset, Secret};
use crate::store::audit::{AuditFilter, AuditRow, MASKING_SETTINGS};
use crate::store::base::{Base, Revision, Want, WantCustomers, WantSessions, Wants};
use crate::store::edit::{Actor, Edit, Gone, Keep, Written};
use crate::store::kept::{Kept, OPERATOR};
use crate::store::list::Page;
use crate::store::transitions::TransitionState;
use crate::store::{Conflict, Store, StoreError};

pub(super) fn acme() -> TenantId {
    "acme".into()
}

/// A store in which a file declared the world.
pub(super) async fn declared() -> (tempfile::TempDir, Store) {
    let (dir, store) = store().await;
    store.apply(&world(), Some(("acme.toml", "aa")), NOW).await.expect("applied");
    (dir, store)
}

pub(super) async fn base(store: &Store, wants: &Wants) -> Base {
    store.read().base(&acme(), wants).await.expect("read").expect("a tenant")
}

pub(super) async fn revision(store: &Store) -> Revision {
    base(store, &Wants::default()).await.revision
}

/// A change that changes nothing yet.
pub(super) fn idle(seen: Revision) -> Edit {
    Edit {
        rules: world().only_tenant(),
        gone: Vec::new(),
        acts: Vec::new(),
        seen,
        by: Actor::Key("k1".to_owned()),
        request: "r1".to_owned(),
        keep: None,
        at: NOW,
    }
}

pub(super) async fn done(store: &Store, edit: Edit) {
    let edit = Edit { seen: revision(store).await, ..edit };
    assert_eq!(store.edit(&edit).await.expect("written"), Written::Done);
}

async fn settings(store: &Store, change: impl Fn(&mut crate::domain::MaskingSettings)) {
    let mut location = base(store, &Wants::default()).await.rules.locations.remove(0);
    change(&mut location.masking);
    let rules = Ruleset { locations: vec![location], ..world().only_tenant() };
    done(store, Edit { rules, ..idle(Revision(0)) }).await;
}

/// What was traced after the first rows, which the file left; oldest first.
pub(super) async fn audit(store: &Store, from: usize) -> Vec<AuditRow> {
    let page = Page { limit: 100, after: None };
    let listed = store.read().list_audit(&acme(), &AuditFilter::default(), &page).await.expect("read");
    listed.items.into_iter().rev().skip(from).collect()
}

#[tokio::test]
async fn a_base_is_what_was_wanted_and_no_more() {
    let (_dir, store) = declared().await;
    let none = base(&store, &Wants::default()).await.rules;
    let lengths = |rules: &Ruleset| (rules.customers.len(), rules.work_orders.len(), rules.sessions.len());
    assert_eq!(lengths(&none), (0, 0, 0));
    assert_eq!((none.locations, none.technicians), (world().locations, world().technicians));
    assert_eq!((none.accounts, none.secrets), (world().accounts, world().secrets));
    let one = |sessions| Wants { sessions, ..Wants::default() };
    let with_phone = |phone: &str| Wants { customers: WantCustomers::WithPhone(phone.to_owned()), ..Wants::default() };
    let around = |now| one(WantSessions::Around { now, phones: Vec::new() });
    let beside = |id: &str, now| one(WantSessions::Beside { id: id.to_owned(), now });
    let ids = |ids: &[&str]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    for (wants, expected, why) in [
        (
            Wants { customers: WantCustomers::Ids(ids(&["ana", "no"])), ..Wants::default() },
            (1, 0, 0),
            "one that is there",
        ),
        (Wants { customers: WantCustomers::Odd, ..Wants::default() }, (1, 0, 0), "a phone is not E.164"),
        (with_phone("+13125550101"), (1, 0, 0), "Ana's phone"),
        (with_phone("+13125550109"), (0, 0, 0), "nobody's phone"),
        (with_phone("0101"), (0, 0, 0), "no phone"),
        (Wants { customers: WantCustomers::All, ..Wants::default() }, (1, 0, 0), "all"),
        (
            Wants { work_orders: Want::Ids(ids(&["j2", "j2"])), ..Wants::default() },
            (0, 1, 0),
            "named twice, there once",
        ),
        (Wants { work_orders: Want::All, ..Wants::default() }, (0, 4, 0), "all jobs"),
        (one(WantSessions::Ids(ids(&["s1"]))), (0, 1, 1), "with its job"),
        (
            Wants { work_orders: Want::All, sessions: WantSessions::Ids(ids(&["s1"])), ..Wants::default() },
            (0, 4, 1),
            "jobs once",
        ),
        (one(WantSessions::OfTechnician("jo".to_owned())), (0, 1, 2), "s1 and s2"),
        (one(WantSessions::OfTechnician("dee".to_owned())), (0, 0, 0), "nobody's"),
        (one(WantSessions::OfCustomer("ana".to_owned())), (0, 1, 2), "s1 and s2"),
        (one(WantSessions::OfWorkOrder("j1".to_owned())), (0, 1, 2), "s1 and s2"),
        (one(WantSessions::OnNumber("+13125550190".to_owned())), (0, 1, 2), "ended ones too"),
        (one(WantSessions::OnNumber("3125550190".to_owned())), (0, 0, 0), "no number"),
        (one(WantSessions::OfLocation("chicago".to_owned())), (0, 1, 3), "by name, and s0 by its number"),
        (one(WantSessions::OfLocation("denver".to_owned())), (0, 0, 0), "another place"),
        (one(WantSessions::Open), (0, 1, 2), "s0 has ended"),
        (one(WantSessions::Near { since: NOW, phones: Vec::new() }), (0, 1, 2), "s0 has ended before"),
        (one(WantSessions::Near { since: NOW.plus_days(-1), phones: Vec::new() }), (0, 1, 3), "just then"),
        (one(WantSessions::Near { since: NOW.plus_days(8), phones: Vec::new() }), (0, 1, 0), "s1 and s2 expire"),
        (one(WantSessions::Near { since: NOW.plus_days(8), phones: vec![phone(144)] }), (0, 1, 2), "Jo stands first"),
        (around(NOW.plus_days(7 + 31 + 8)), (0, 1, 2), "over, and not rested after grace"),
        (around(NOW.plus_days(7 + 31 + 8 + 1)), (0, 1, 0), "rested"),
        (beside("s1", NOW.plus_days(-1)), (0, 1, 2), "s1, and s0 on its number, which may rest"),
        (beside("s1", NOW.plus_days(7 + 31 + 1)), (0, 1, 1), "s0 has rested"),
        (beside("s1", NOW.plus_days(99)), (0, 1, 1), "itself, however long it is over"),
        (beside("no", NOW), (0, 0, 0), "there is no such one"),
        (one(WantSessions::With(vec![phone(102)])), (0, 1, 1), "s2's second party"),
        (one(WantSessions::With(vec![phone(144)])), (0, 1, 1), "s1's first; s0 has ended"),
        (one(WantSessions::With(vec![phone(144), phone(102)])), (0, 1, 2), "either"),
        (one(WantSessions::With(vec![phone(199)])), (0, 0, 0), "nobody's"),
        (one(WantSessions::Holding(number(190).e164())), (0, 1, 1), "s1; s0 has ended"),
        (one(WantSessions::Holding(number(192).e164())), (0, 0, 0), "nobody holds it"),
    ] {
        assert_eq!(lengths(&base(&store, &wants).await.rules), expected, "{why}");
    }
    assert_eq!(store.read().base(&"zenith".into(), &Wants::default()).await.expect("read"), None);
}

#[tokio::test]
async fn a_change_that_was_checked_against_something_else_is_stale() {
    let (_dir, store) = declared().await;
    assert_eq!(revision(&store).await, Revision(1), "a file counts");
    store.apply(&world(), Some(("acme.toml", "bb")), NOW).await.expect("applied");
    assert_eq!(revision(&store).await, Revision(1), "nothing changed");
    let mut rules = world().only_tenant();
    rules.tenant.name = "Acme".to_owned();
    let edit = Edit { rules, ..idle(Revision(1)) };
    assert_eq!(store.edit(&edit).await.expect("asked"), Written::Done);
    assert_eq!(store.edit(&edit).await.expect("asked"), Written::Stale);
    assert_eq!(revision(&store).await, Revision(2));
    let nobody = Edit {
        rules: Ruleset {
            tenant: crate::domain::Tenant { id: "zenith".into(), ..world().tenant },
            ..world().only_tenant()
        },
        ..idle(Revision(0))
    };
    assert_eq!(store.edit(&nobody).await.expect("asked"), Written::Stale, "a change makes no tenant");
    assert_eq!(count(&store, "tenants").await, 1);
}

#[tokio::test]
async fn of_two_changes_at_once_one_is_done() {
    let (_dir, store) = declared().await;
    for round in 0..20 {
        let seen = revision(&store).await;
        // From both sides of what may not be together: an accept key, and a second line.
        let mut location = base(&store, &Wants::default()).await.rules.locations.remove(0);
        location.masking.backoffice_whisper_require_accept = round % 2 == 0;
        let mut other = location.clone();
        location.ring_timeout = 30 + round;
        other.lines[0].active = round % 2 == 1;
        let edit =
            |location| Edit { rules: Ruleset { locations: vec![location], ..world().only_tenant() }, ..idle(seen) };
        let (one, two) = (edit(location), edit(other));
        let racing = |edit| {
            let store = store.clone();
            tokio::spawn(async move { store.edit(&edit).await.expect("asked") })
        };
        let (one, two) = (racing(one), racing(two));
        let mut outcomes = [one.await.expect("no panic"), two.await.expect("no panic")];
        outcomes.sort_by_key(|outcome| *outcome == Written::Stale);
        assert_eq!(outcomes, [Written::Done, Written::Stale], "round {round}");
    }
}

#[tokio::test]
async fn who_changed_what_is_kept_without_names_and_secrets() {
    let (_dir, store) = declared().await;
    let first = audit(&store, 0).await;
    assert_eq!(first.len(), 1 + 1 + 1 + 1 + 1 + 4 + 4, "neither sessions nor contacts of a file");
    assert!(first.iter().all(|row| row.actor == "file:acme.toml" && row.action == "created" && row.before.is_none()));
    let mut rules = Ruleset { technicians: world().technicians, customers: world().customers, ..world().only_tenant() };
    rules.secrets.auth_tokens = vec![Secret::new("new-token")];
    rules.technicians[0].phone = Some(phone(145));
    rules.technicians[0].name = "Joanna".to_owned();
    rules.customers[0].phones = vec![phone(102)];
    rules.sessions = vec![session("s9", 190, Some(145), Some(103))];
    let gone = vec![Gone::Number(number(192))];
    done(&store, Edit { rules, gone, ..idle(Revision(0)) }).await;
    let told: Vec<_> = audit(&store, first.len()).await;
    let expected: [(&str, &str, &str, Value, Value); 3] = [
        ("changed", "tenant", "acme", json!({ "secrets": "…" }), json!({ "secrets": "…" })),
        (
            "changed",
            "technician",
            "jo",
            json!({ "name": "…", "phone": "+1•••0144" }),
            json!({ "name": "…", "phone": "+1•••0145" }),
        ),
        (
            "changed",
            "customer",
            "ana",
            json!({ "phones": ["+1•••0101", "+1•••0100"] }),
            json!({ "phones": ["+1•••0102"] }),
        ),
    ];
    for (row, (action, kind, object, before, after)) in told.iter().zip(expected) {
        let AuditRow { id: _, at, actor, action: did, kind: what, object: which, before: was, after: is, request } =
            row;
        assert_eq!((did.as_str(), what.as_str(), which.as_str()), (action, kind, object));
        assert_eq!((was.as_ref(), is.as_ref()), (Some(&before), Some(&after)), "{kind}");
        assert_eq!((*at, actor.as_str(), request.as_str()), (NOW, "key:k1", "r1"));
    }
    let [.., made, removed] = told.as_slice() else { panic!("five rows: {told:?}") };
    assert_eq!((made.action.as_str(), made.kind.as_str(), made.before.as_ref()), ("created", "session", None));
    assert_eq!(made.after.as_ref().expect("it")["second_party"], "+1•••0103");
    assert_eq!(made.after.as_ref().expect("it")["record"], true, "a flag is no number");
    assert_eq!((removed.action.as_str(), removed.object.as_str()), ("removed", "+1•••0192"));
    assert_eq!((removed.after.as_ref(), &removed.before.as_ref().expect("it")["state"]), (None, &json!("retired")));

    let reader = store.read();
    assert_eq!(reader.audit_row(&acme(), &made.id).await.expect("read").as_ref(), Some(made));
    assert_eq!(reader.audit_row(&"zenith".into(), &made.id).await.expect("read"), None, "another tenant's");
    let filter = AuditFilter { kind: Some("technician".to_owned()), object: Some("jo".to_owned()) };
    let mut page = Page { limit: 1, after: None };
    let newest = reader.list_audit(&acme(), &filter, &page).await.expect("read");
    assert_eq!(newest.items[0].action, "changed");
    page.after = newest.next;
    let mark = page.after.as_ref().expect("more");
    assert_eq!((mark.at, &mark.id), (NOW.0, &newest.items[0].id), "it counts nobody's changes");
    let foreign = reader.list_audit(&"zenith".into(), &AuditFilter::default(), &page).await.expect("read");
    assert_eq!((foreign.items.len(), foreign.next), (0, None), "another's place");
    let older = reader.list_audit(&acme(), &filter, &page).await.expect("read");
    assert_eq!((older.items[0].action.as_str(), older.next), ("created", None));
}

#[tokio::test]
async fn settings_are_kept_whole_whichever_door_changed_them() {
    let (_dir, store) = declared().await;
    let before = audit(&store, 0).await.len();
    settings(&store, |settings| settings.cooldown_days = 5).await;
    let mut rules = world();
    rules.locations[0].masking.cooldown_days = 6;
    rules.locations[0].hours = "24/7".to_owned();
    store.apply(&rules, Some(("acme.toml", "bb")), NOW).await.expect("applied");
    let told = audit(&store, before).await;
    let words: Vec<_> = told.iter().map(|row| (row.kind.as_str(), row.object.as_str(), row.actor.as_str())).collect();
    assert_eq!(
        words,
        [
            (MASKING_SETTINGS, "chicago", "key:k1"),
            ("location", "chicago", "file:acme.toml"),
            (MASKING_SETTINGS, "chicago", "file:acme.toml")
        ]
    );
    let (was, is) = (told[0].before.as_ref().expect("it"), told[0].after.as_ref().expect("it"));
    let names: Vec<&str> = crate::rules::masking::FIELDS.iter().map(|field| field.name).collect();
    for settings in [was, is] {
        assert_eq!(settings.as_object().expect("fields").keys().collect::<Vec<_>>(), names);
    }
    assert_eq!((&was["cooldown_days"], &is["cooldown_days"]), (&json!(31), &json!(5)));
    assert_eq!((&was["masking_default_channels"], &was["store_sms_body"]), (&json!(["voice"]), &json!(true)));
    assert_eq!(told[1].after, Some(json!({ "hours": "24/7" })), "of the location only what is not a setting");
}

#[tokio::test]
async fn a_new_mode_is_planned_and_supersedes_what_was_under_way() {
    let (_dir, store) = declared().await;
    let latest = async || store.read().latest_transition(&acme(), &"chicago".into()).await.expect("read");
    assert_eq!(latest().await, None, "a new location changes nothing");
    settings(&store, |settings| settings.cooldown_days = 5).await;
    assert_eq!(latest().await, None, "the mode is the same");
    settings(&store, |settings| settings.masking_mode = MaskingMode::SharedTenant).await;
    let first = latest().await.expect("one");
    assert_eq!((first.from, first.to), (MaskingMode::PerTechnician, MaskingMode::SharedTenant));
    assert_eq!((first.state, first.at), (TransitionState::Planned, NOW));
    let mut rules = world();
    rules.locations[0].masking.masking_mode = MaskingMode::PerJobEphemeral;
    store.apply(&rules, None, NOW).await.expect("applied");
    let second = latest().await.expect("one");
    assert_eq!((second.from, second.to), (MaskingMode::SharedTenant, MaskingMode::PerJobEphemeral));
    assert_eq!(second.state, TransitionState::Planned);
    let mut conn = store.read().conn().await.expect("a reader");
    let states: Vec<String> = sqlx::query_scalar("SELECT state FROM mode_transitions ORDER BY seq")
        .fetch_all(&mut *conn)
        .await
        .expect("read");
    assert_eq!(states, ["superseded", "planned"]);
}

#[tokio::test]
async fn an_answer_is_kept_for_a_day_and_given_once() {
    let (dir, store) = declared().await;
    let keep = Keep { key: "once".to_owned(), fingerprint: [7; 32], answer: b"{\"key\":\"shown-once\"}".to_vec() };
    let mut rules = world().only_tenant();
    rules.tenant.name = "Acme".to_owned();
    let edit = Edit { rules: rules.clone(), keep: Some(keep.clone()), ..idle(Revision(0)) };
    done(&store, edit.clone()).await;
    let kept = async |key: &str, now: Moment| store.read().kept_answer(&acme(), key, now).await.expect("read");
    let expected = Kept { fingerprint: [7; 32], answer: keep.answer.clone(), at: NOW };
    assert_eq!(kept("once", NOW.plus_days(1)).await, Some(expected));
    assert_eq!(kept("once", Moment(NOW.plus_days(1).0 + 1)).await, None, "a day is over");
    assert_eq!(kept("other", NOW).await, None);
    assert_eq!(store.read().kept_answer(&"zenith".into(), "once", NOW).await.expect("read"), None);

    // Somebody sends it twice at once: the second is told, and nothing is done twice.
    rules.tenant.name = "Twice".to_owned();
    let again = Edit { rules, seen: revision(&store).await, ..edit };
    assert!(matches!(store.edit(&again).await, Err(StoreError::Answered)));
    assert_eq!(base(&store, &Wants::default()).await.rules.tenant.name, "Acme");
    let later = Edit { at: Moment(NOW.plus_days(1).0 + 1), ..again };
    assert_eq!(store.edit(&later).await.expect("written"), Written::Done, "the old answer no longer counts");

    for name in ["hookswitch.db", "hookswitch.db-wal"] {
        let bytes = std::fs::read(dir.path().join("db").join(name)).expect("a file");
        assert!(!bytes.windows(10).any(|part| part == b"shown-once"), "it is sealed in {name}");
    }
    store.purge(NOW.plus_days(3), 14).await.expect("purged");
    assert_eq!((count(&store, "kept_answers").await, count(&store, "feed").await), (0, 0));
}

#[tokio::test]
async fn a_tenant_is_founded_once() {
    let (dir, store) = store().await;
    let keep = Keep { key: "once".to_owned(), fingerprint: [7; 32], answer: b"made".to_vec() };
    let edit = Edit { keep: Some(keep), by: Actor::Operator, ..idle(Revision(0)) };
    store.found(&edit).await.expect("founded");
    assert_eq!(base(&store, &Wants::default()).await.rules, world().only_tenant());
    let answer = store.read().kept_answer(&OPERATOR.into(), "once", NOW).await.expect("read").expect("kept");
    assert_eq!(answer.answer, b"made");
    let conflicts = |outcome: Result<(), StoreError>| match outcome {
        Err(StoreError::Conflicts(conflicts)) => conflicts,
        other => panic!("{other:?}"),
    };
    assert_eq!(conflicts(store.found(&edit).await), [Conflict::Tenant("acme".to_owned())]);
    let mut other = Edit { keep: None, ..edit };
    other.rules.tenant.id = "zenith".into();
    let expected = [Conflict::AuthId("zenith".to_owned()), Conflict::DeepcallUser("zenith".to_owned())];
    assert_eq!(conflicts(store.found(&other).await), expected);
    // Another process learns the new tenant's data key when it needs it.
    let second = open(dir.path()).await;
    (other.rules.tenant.auth_id, other.rules.tenant.deepcall_user_id) = (None, None);
    store.found(&other).await.expect("founded");
    let read = second.read().base(&"zenith".into(), &Wants::default()).await.expect("read").expect("it");
    assert_eq!(read.rules.secrets, other.rules.secrets);
}

#[tokio::test]
async fn wiping_leaves_nothing_of_it() {
    let (_dir, store) = declared().await;
    settings(&store, |settings| settings.masking_mode = MaskingMode::SharedTenant).await;
    store.wipe().await.expect("wiped");
    for table in ["revisions", "feed", "audit", "tenant_keys", "kept_answers", "mode_transitions", "session_pairs"] {
        assert_eq!(count(&store, table).await, 0, "{table}");
    }
    store.apply(&world(), None, NOW).await.expect("it is still a store");
}
