//! Bodies that are read: what they change, what they leave alone, and what they are not blamed for.
//!
//! Deliberately not here: refusals, field by field (`bodies_refused`).

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::body::{Kind, fields, read};
use super::{WORLD, good};
use crate::domain::{CustomerId, LocationId, NumberState, Route, WorkOrderStatus};
use crate::rules::ruleset::Ruleset;

/// The smallest world, a second office, and what is added to it.
pub(super) fn world(more: &str) -> Ruleset {
    good(&format!("{WORLD}\n[[location]]\nid = \"loop\"\n{more}"), None)
}

fn put(kind: Kind, id: &str, body: Value, base: &Ruleset) -> Ruleset {
    match read(kind, id, &body, base) {
        Ok(reading) => reading.rules,
        Err(found) => panic!("{body}: {found:#?}"),
    }
}

fn refused(kind: Kind, id: &str, body: Value, base: &Ruleset) -> Vec<(String, &'static str)> {
    let found = read(kind, id, &body, base).expect_err("it is refused");
    found.into_iter().filter(|f| !f.warning).map(|f| (f.field, f.code.expect("each has one"))).collect()
}

const KINDS: [(Kind, &str); 9] = [
    (Kind::Tenant, "acme"),
    (Kind::Account, "tw"),
    (Kind::Location, "chicago"),
    (Kind::Line, "desk-1"),
    (Kind::Technician, "jo"),
    (Kind::Customer, "ana"),
    (Kind::WorkOrder, "wo-1"),
    (Kind::Number, "+13125550190"),
    (Kind::Session, "s-1"),
];

/// What the rules are of these kinds alone, apart from the tenant.
fn things(rules: &Ruleset) -> [usize; 8] {
    let Ruleset { accounts, locations, technicians, customers, work_orders, numbers, sessions, contacts, .. } = rules;
    [
        accounts.len(),
        locations.len(),
        technicians.len(),
        customers.len(),
        work_orders.len(),
        numbers.len(),
        sessions.len(),
        contacts.len(),
    ]
}

#[test]
fn an_empty_body_gives_the_object_as_it_is_and_nothing_else() {
    let base = world("");
    for (kind, id) in KINDS {
        let rules = put(kind, id, json!({}), &base);
        assert_eq!(things(&rules).iter().sum::<usize>(), usize::from(kind != Kind::Tenant), "{kind:?}");
        assert_eq!(
            (&rules.tenant, &rules.secrets, rules.demo_secrets),
            (&base.tenant, &base.secrets, true),
            "{kind:?}"
        );
        assert!(rules.accounts.iter().all(|one| base.accounts.contains(one)), "{kind:?}");
        assert!(rules.locations.iter().all(|one| base.locations.contains(one)), "{kind:?}");
        assert!(rules.technicians.iter().all(|one| base.technicians.contains(one)), "{kind:?}");
        assert!(rules.customers.iter().all(|one| base.customers.contains(one)), "{kind:?}");
        assert!(rules.work_orders.iter().all(|one| base.work_orders.contains(one)), "{kind:?}");
        assert!(rules.numbers.iter().all(|one| base.numbers.contains(one)), "{kind:?}");
        assert!(rules.sessions.iter().all(|one| base.sessions.contains(one)), "{kind:?}");
    }
}

#[test]
fn null_takes_an_optional_value_away() {
    let base = world("");
    let jo = put(Kind::Technician, "jo", json!({"phone": null, "location_id": null}), &base);
    assert_eq!((jo.technicians[0].phone, &jo.technicians[0].location), (None, &None));
    let job = put(Kind::WorkOrder, "wo-1", json!({"customer_id": null, "title": null}), &base);
    assert_eq!(job.work_orders[0].customer, None);
    let number = put(Kind::Number, "+13125550190", json!({"location_id": null, "answer_url": null}), &base);
    assert_eq!(number.numbers[0].location, None);
    let named = put(Kind::Number, "+13125550190", json!({"application_url": "https://a.example/"}), &base);
    assert_eq!(named.numbers[0].answer_url.as_deref(), Some("https://a.example/"), "by its other name");
    let limited = json!({"ring_timeout": 30, "record": true, "expires_at": "2026-03-09T10:00:00Z"});
    let base = Ruleset { sessions: put(Kind::Session, "s-1", limited, &base).sessions, ..base };
    let freed = json!({"ring_timeout": null, "record": null, "expires_at": null});
    let freed = put(Kind::Session, "s-1", freed, &base).sessions.remove(0);
    assert_eq!((freed.options.ring_timeout, freed.options.record), (None, None));
    assert_ne!(freed, base.sessions[0]);
    let named = json!({"prompts": {"goodbye": "Bye"}, "holidays": null});
    let base = Ruleset { locations: put(Kind::Location, "chicago", named, &base).locations, ..base };
    let plain = put(Kind::Location, "chicago", json!({"prompts": {"goodbye": null}}), &base);
    assert!(plain.locations[0].prompts.0.is_empty());
}

#[test]
fn a_location_keeps_its_settings_lines_and_openings() {
    let base = world("");
    let rule = json!([{"when": {"caller": "customer"}, "route": {"line": "desk-1"}}]);
    let read = put(Kind::Location, "chicago", json!({"name": "Loop", "rule": rule}), &base);
    let (now, before) = (&read.locations[0], &base.locations[0]);
    assert_eq!((&now.masking, &now.lines, &now.hours), (&before.masking, &before.lines, &before.hours));
    assert_eq!((now.name.as_str(), now.rules.len()), ("Loop", 1));
    let first = put(Kind::Location, "a", json!({}), &Ruleset::blank(&"new".into()));
    assert_eq!(first.tenant.default_location, Some(LocationId::from("a")), "a tenant's first location is its default");
}

#[test]
fn a_line_comes_with_its_location() {
    let base = world("");
    let line = json!({"location_id": "chicago", "phone": "(312) 555-0124", "active": false});
    let read = put(Kind::Line, "desk-2", line, &base);
    assert_eq!(read.locations.len(), 1);
    assert_eq!(read.locations[0].lines.len(), 2, "a line's phone may be typed nationally");
    let off = super::super::body::read(Kind::Line, "desk-1", &json!({"active": false}), &base).expect("it is read");
    let told: Vec<_> = off.warnings.iter().map(|f| (f.field.as_str(), f.code)).collect();
    assert_eq!(told, [("active", Some("no_active_line"))], "the office has no line left");
}

#[test]
fn a_second_active_line_beside_an_accept_key_is_refused_and_what_was_so_before_is_not() {
    let mut base = world("");
    base.locations[0].masking.backoffice_whisper_require_accept = true;
    let line = |active: bool| json!({"location_id": "chicago", "phone": "+13125550124", "active": active});
    let fr7 = [("active".to_owned(), "fr7_accept_needs_single_line")];
    assert_eq!(refused(Kind::Line, "desk-2", line(true), &base), fr7);
    base = Ruleset { locations: put(Kind::Line, "desk-2", line(false), &base).locations, ..base };
    assert_eq!(refused(Kind::Line, "desk-2", json!({"active": true}), &base), fr7);
    base.locations[0].lines[1].active = true;
    put(Kind::Line, "desk-2", json!({"position": 7}), &base);
    put(Kind::Location, "chicago", json!({"name": "Chicago"}), &base);
    put(Kind::Line, "desk-2", json!({"active": false}), &base);
}

#[test]
fn a_secret_may_be_sent_for_a_real_account_and_is_no_demo_secret() {
    let base = world("");
    let account = json!({"kind": "twilio", "auth_token": ["new", "old"], "sandbox": false});
    let read = put(Kind::Account, "real", account, &base);
    assert_eq!(read.accounts[0].1.auth_tokens.len(), 2);
    let base = Ruleset::blank(&"acme".into());
    let all = json!({"auth_token": "t", "deepcall": {"user_id": "u", "token": "t", "ssid": "s"}});
    let read = put(Kind::Tenant, "acme", all, &base);
    assert!(!read.demo_secrets);
    assert_eq!((read.secrets.auth_tokens.len(), read.secrets.deepcall_ssids.len()), (1, 1));
    let base = Ruleset { tenant: read.tenant, secrets: read.secrets, ..base };
    let rotated = put(Kind::Tenant, "acme", json!({"deepcall": {"token": ["n", "t"]}, "auth_token": null}), &base);
    assert_eq!((rotated.secrets.deepcall_tokens.len(), rotated.secrets.auth_tokens.len()), (2, 0));
    assert_eq!(put(Kind::Tenant, "acme", json!({"deepcall": null}), &base).tenant.deepcall_user_id, None);
    let new = put(Kind::Tenant, "other", json!({"name": "Other"}), &base);
    assert_eq!((new.tenant.id.as_str(), new.secrets.auth_tokens.len()), ("other", 0), "another tenant is a new one");
}

#[test]
fn a_contacts_phone_is_kept_as_typed_and_must_be_e164_where_masking_is_enabled() {
    let mut base = world("");
    let typed = json!({"phones": ["312 555 0102", "+13125550101", "ask"]});
    let ana = put(Kind::Customer, "ana", typed.clone(), &base);
    assert_eq!(ana.customers[0].other_phones, ["312 555 0102", "ask"], "nobody guesses a country");
    assert_eq!(ana.customers[0].phones.len(), 1);

    base.locations[0].masking.enabled = true;
    let odd = |paths: &[&str]| paths.iter().map(|path| ((*path).to_owned(), "not_e164")).collect::<Vec<_>>();
    assert_eq!(refused(Kind::Customer, "ana", typed.clone(), &base), odd(&["phones[0]", "phones[2]"]));
    let nowhere = json!({"phones": ["ask"], "location_id": null});
    assert_eq!(refused(Kind::Customer, "bo", nowhere, &base), odd(&["phones[0]"]), "every location governs them");
    put(Kind::Customer, "ana", json!({"phones": ["ask"], "location_id": "loop"}), &base);

    let base = Ruleset { customers: ana.customers, ..base };
    put(Kind::Customer, "ana", json!({"name": "Ana"}), &base);
    let kept = put(Kind::Customer, "ana", json!({"phones": ["ask", "+13125550103"]}), &base);
    assert_eq!(kept.customers[0].other_phones, ["ask"], "it was so before");
    assert_eq!(refused(Kind::Customer, "ana", json!({"phones": ["ask", "her"]}), &base), odd(&["phones[1]"]));
    let mut elsewhere = base.clone();
    elsewhere.customers[0].location = Some(LocationId::from("loop"));
    let moved = refused(Kind::Customer, "ana", json!({"location_id": "chicago"}), &elsewhere);
    assert_eq!(moved, [("location_id".to_owned(), "contacts_not_e164")]);
}

#[test]
fn what_is_doubtful_already_is_nobodys_fault() {
    let mut base = world("");
    base.technicians[0].phone = Some(base.numbers[0].e164.e164());
    base.customers[0].phones.push(base.numbers[0].e164.e164());
    base.locations[0].hours = "no hours".to_owned();
    put(Kind::Technician, "jo", json!({"name": "Jo"}), &base);
    put(Kind::Customer, "ana", json!({"tags": ["vip"]}), &base);
    put(Kind::Location, "chicago", json!({"name": "Chicago"}), &base);
    put(Kind::Number, "+13125550190", json!({"state": "retired"}), &base);
    assert_eq!(refused(Kind::Location, "chicago", json!({"hours": "none"}), &base).len(), 1);
}

#[test]
fn jobs_and_numbers_change_state_with_their_dates() {
    let base = world("");
    let done = json!({"status": "completed", "completed_at": "2026-03-09T10:00:00Z"});
    let read = put(Kind::WorkOrder, "wo-1", done, &base);
    assert!(matches!(read.work_orders[0].status, WorkOrderStatus::Completed { .. }));
    let again = Ruleset { work_orders: read.work_orders, ..base.clone() };
    let open = put(Kind::WorkOrder, "wo-1", json!({"status": "open", "completed_at": null}), &again);
    assert_eq!(open.work_orders[0].status, WorkOrderStatus::Open);
    let undated = refused(Kind::WorkOrder, "wo-1", json!({"completed_at": null}), &again);
    assert_eq!(undated, [("completed_at".to_owned(), "missing")]);
    let released = json!({"state": "released", "released_at": "2026-03-09T10:00:00Z"});
    let read = put(Kind::Number, "+13125550190", released, &base);
    assert!(matches!(read.numbers[0].state, NumberState::Released { .. }));
    let office = put(Kind::Location, "chicago", json!({"on_no_answer": ["technician", "voicemail"]}), &base);
    assert_eq!(office.locations[0].on_no_answer, [Route::Technician, Route::Voicemail]);
    let new = put(Kind::Customer, "bo", json!({"id": "bo"}), &base);
    assert_eq!(new.customers[0].id, CustomerId::from("bo"));
}

static BASE: std::sync::LazyLock<Ruleset> = std::sync::LazyLock::new(|| world(""));

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        proptest::sample::select(vec![
            "chicago",
            "jo",
            "+13125550101",
            "open",
            "voicemail",
            "",
            "2026-03-09T10:00:00Z"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        let names =
            proptest::sample::select(vec!["id", "technician", "route", "when", "days", "2026-12-24", "a b", "\u{7f}"]);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((names, inner), 0..5).prop_map(|fields| Value::Object(
                fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            )),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn any_body_is_answered_and_changes_nothing_else(
        at in 0usize..9,
        picks in proptest::collection::vec((0usize..14, any_json()), 0..5),
        odd in proptest::option::of((any::<String>(), any_json())),
        new: bool,
    ) {
        let base = &*BASE;
        let (kind, stored) = KINDS[at];
        let id = if new { "+13125550199" } else { stored };
        let known = fields(kind);
        let mut body: serde_json::Map<String, Value> =
            picks.into_iter().map(|(pick, value)| (known[pick % known.len()].to_owned(), value)).collect();
        body.extend(odd);
        match read(kind, id, &body, base) {
            Err(found) => {
                prop_assert!(found.iter().any(|f| !f.warning));
                prop_assert!(found.iter().all(|f| f.code.is_some()));
            }
            Ok(reading) => {
                let rules = reading.rules;
                prop_assert!(reading.warnings.iter().all(|f| f.warning && f.code.is_some()));
                prop_assert_eq!(things(&rules).iter().sum::<usize>(), usize::from(kind != Kind::Tenant));
                prop_assert!(kind == Kind::Tenant || rules.tenant == base.tenant);
                prop_assert!(kind == Kind::Tenant || rules.secrets == base.secrets);
                for now in &rules.locations {
                    let before = base.location(&now.id).filter(|_| kind == Kind::Line);
                    let others = |lines: &[crate::domain::Line]| {
                        lines.iter().filter(|line| line.id.as_str() != id).cloned().collect::<Vec<_>>()
                    };
                    prop_assert!(before.is_none_or(|before| others(&before.lines) == others(&now.lines)
                        && before.masking == now.masking && before.hours == now.hours));
                }
            }
        }
    }
}
