//! Technicians and customers through the management API: their fields, their mistakes, whose they are, and what the next
//! call does with them.
//!
//! Deliberately not here: what all resources have in common (`api`).

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::api::{Api, KEY};
use crate::support::{Bench, DEMO, call, rules, text};

/// A world with a tenant of its own beside the demo's.
const OTHER: &str = r#"
[tenant]
id = "other"
name = "Other"
api_key = "other-tenant-key"
[[provider_account]]
id = "other-twilio"
kind = "twilio"
auth_token = "other-token"
sandbox = true
[[location]]
id = "annex"
name = "Annex"
time_zone = "America/Chicago"
[[location.backoffice_line]]
id = "annex-desk"
phone = "+13125550160"
[[location.override]]
state = "open"
from = "2026-03-01T00:00:00Z"
until = "2026-04-01T00:00:00Z"
[[technician]]
id = "max"
name = "Max"
[[customer]]
id = "lea"
name = "Lea"
phones = ["+13125550161"]
"#;

#[tokio::test]
async fn every_field_of_a_person_is_set_shown_and_taken_away() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    for (path, body) in [
        ("/api/v1/technicians", json!({"id": "kim", "name": "Kim"})),
        ("/api/v1/customers", json!({"id": "kim", "name": "Kim"})),
    ] {
        let made = api.ask("POST", path, body).await;
        assert_eq!((made.status, made.header("location")), (201, format!("{path}/kim").as_str()), "{made:?}");
    }
    for (path, field, sent, shown) in [
        ("technicians", "name", json!("Kim Ode"), json!("Kim Ode")),
        ("technicians", "phone", json!("(312) 555-0146"), json!("+13125550146")),
        ("technicians", "phone", Value::Null, Value::Null),
        ("technicians", "location_id", json!("denver"), json!("denver")),
        ("technicians", "location_id", Value::Null, Value::Null),
        ("technicians", "active", json!(false), json!(false)),
        ("technicians", "masking_opt_in", json!(false), json!(false)),
        ("customers", "name", json!("Kim Ode"), json!("Kim Ode")),
        ("customers", "phones", json!(["+13125550147", "+13125550148"]), json!(["+13125550147", "+13125550148"])),
        ("customers", "phones", json!([]), json!([])),
        ("customers", "location_id", json!("phoenix"), json!("phoenix")),
        ("customers", "location_id", Value::Null, Value::Null),
        ("customers", "tags", json!(["vip", "vip", "gold"]), json!(["vip", "gold"])),
    ] {
        let path = format!("/api/v1/{path}/kim");
        let before = api.ask("GET", &path, Value::Null).await;
        let changed = api.ask("PATCH", &path, json!({ field: sent })).await;
        assert_eq!((changed.status, &changed.body[field]), (200, &shown), "{path} {field}: {changed:?}");
        let after = api.ask("GET", &path, Value::Null).await;
        assert_eq!(after.body, changed.body, "{path} {field}");
        let mut expected = before.body.clone();
        expected[field] = shown;
        assert_eq!(after.body, expected, "{path} {field}: nothing else changed");
    }
    for path in ["/api/v1/technicians/kim", "/api/v1/customers/kim"] {
        let stale = [("x-tenant-key", KEY), ("if-match", "\"0\"")];
        assert_eq!(api.with("DELETE", path, &stale, Value::Null).await.status, 412, "{path}");
        assert_eq!(api.ask("DELETE", path, Value::Null).await.status, 204, "{path}");
        assert_eq!(api.ask("DELETE", path, Value::Null).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn every_mistake_of_a_person_is_told_at_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    for (path, body, expected, why) in [
        (
            "technicians",
            json!({"name": 1, "phone": "911x", "location_id": "chigaco", "active": "yes", "masking_opt_in": null, "sms": 1}),
            &[
                "active wrong_type",
                "location_id not_found",
                "masking_opt_in wrong_type",
                "name wrong_type",
                "phone invalid",
                "sms unknown_field",
            ][..],
            "one of each kind",
        ),
        ("technicians", json!({"phone": "+13125550190"}), &["phone conflict"], "our own number is nobody's phone"),
        ("technicians", json!({"id": "a b"}), &["id invalid"], "an id is a slug"),
        (
            "customers",
            json!({"name": [], "phones": ["+13125550101", 7, "+13125550101"], "tags": "x", "location_id": 3}),
            &[
                "location_id wrong_type",
                "name wrong_type",
                "phones[1] wrong_type",
                "phones[2] repeated",
                "tags wrong_type",
            ],
            "one of each kind",
        ),
        (
            "customers",
            json!({"phones": ["+13125550149", "0101", "call me"], "location_id": "chicago"}),
            &["phones[1] not_e164", "phones[2] not_e164"],
            "an enabled location's",
        ),
        ("customers", json!({"phones": ["0101"]}), &["phones[0] not_e164"], "one of no location is one of all"),
        ("customers", json!({"phones": ["+13125550190"]}), &["phones[0] conflict"], "our own number"),
    ] {
        let told = api.ask("POST", &format!("/api/v1/{path}"), body).await;
        let mut errors = told.errors();
        errors.sort();
        assert_eq!((told.status, errors), (422, expected.iter().map(|e| (*e).to_owned()).collect()), "{why}: {told:?}");
        assert_eq!(told.header("content-type"), "application/problem+json");
    }
}

#[tokio::test]
async fn phones_are_kept_as_typed_where_masking_is_off() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let attic = json!({"id": "attic", "name": "Attic"});
    assert_eq!(api.ask("POST", "/api/v1/locations", attic).await.status, 201);
    let body = json!({"id": "kim", "location_id": "attic", "phones": ["312 555 0177", "+13125550178", "x"]});
    let made = api.ask("POST", "/api/v1/customers", body).await;
    assert_eq!(made.body["phones"], json!(["+13125550178", "312 555 0177", "x"]), "{made:?}");
    let moved = api.ask("PATCH", "/api/v1/customers/kim", json!({"location_id": "chicago"})).await;
    assert_eq!((moved.status, moved.errors()), (422, vec!["location_id contacts_not_e164".to_owned()]));
    let named = api.ask("PATCH", "/api/v1/customers/kim", json!({"name": "Kim"})).await;
    assert_eq!(named.status, 200, "what was so before is nobody's mistake: {named:?}");
    let right = json!({"location_id": "chicago", "phones": ["+13125550177"]});
    assert_eq!(api.ask("PATCH", "/api/v1/customers/kim", right).await.status, 200);
}

#[tokio::test]
async fn another_tenants_things_are_as_good_as_made_up() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::demo(dir.path()).await;
    bench.apply(OTHER).await;
    let api = Api::on(bench);
    let over = api.with(
        "GET",
        "/api/v1/locations/annex/hours/overrides",
        &[("x-tenant-key", "other-tenant-key")],
        Value::Null,
    );
    let over = over.await.body["items"][0]["id"].as_str().expect("an override").to_owned();
    for (path, theirs) in [
        ("/api/v1/technicians/{}", "max"),
        ("/api/v1/customers/{}", "lea"),
        ("/api/v1/locations/{}", "annex"),
        ("/api/v1/locations/{}/hours", "annex"),
        ("/api/v1/locations/{}/hours/overrides", "annex"),
        ("/api/v1/locations/chicago/hours/overrides/{}", over.as_str()),
        ("/api/v1/backoffice-lines/{}", "annex-desk"),
        ("/api/v1/provider-accounts/{}", "other-twilio"),
        ("/api/v1/tenants/{}", "other"),
        ("/api/v1/tenants/{}/keys", "other"),
        ("/api/v1/tenants/other/keys/{}", "file"),
    ] {
        for method in ["GET", "PATCH", "DELETE", "POST"] {
            let body =
                if matches!(method, "PATCH" | "POST") { json!({"name": "x", "state": "open"}) } else { Value::Null };
            let real = api.ask(method, &path.replace("{}", theirs), body.clone()).await;
            let made_up = api.ask(method, &path.replace("{}", "nobody"), body).await;
            assert!(matches!(real.status, 404 | 405), "{method} {path}: {real:?}");
            assert_eq!((real.status, &real.body), (made_up.status, &made_up.body), "{method} {path}");
        }
        let own =
            api.with("GET", &path.replace("{}", theirs), &[("x-tenant-key", "other-tenant-key")], Value::Null).await;
        let there = !(path.contains("chicago") || path.ends_with("keys/{}"));
        assert_eq!(own.status == 200, there, "its own key: {path} {own:?}");
    }
    for list in ["technicians", "customers", "locations", "backoffice-lines", "provider-accounts"] {
        let told = api.ask("GET", &format!("/api/v1/{list}"), Value::Null).await;
        let text = told.body.to_string();
        assert!(
            !["max", "lea", "annex", "other-twilio"].iter().any(|id| text.contains(&format!("\"{id}\""))),
            "{list}: {text}"
        );
    }
    let taken = api.ask("POST", "/api/v1/technicians", json!({"id": "max", "name": "Max"})).await;
    assert_eq!(taken.status, 201, "ids are each tenant's own");
}

#[tokio::test]
async fn the_next_call_goes_by_what_was_changed() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let calls = async |sid: &str, from: &str| {
        let mut form = call(sid, from);
        form[2].1 = "+13035550190";
        text(&api.bench.post("voice", &form).await)
    };
    let (ana, ben) = ("+13125550101", "+13035550101");
    assert!(calls("CA00000000000000000000000000000001", ana).await.contains("+13035550144"), "Dee's phone");
    for body in [json!({"phone": "+13035550145"}), json!({"name": "Dee"})] {
        assert_eq!(api.ask("PATCH", "/api/v1/technicians/dee", body).await.status, 200);
    }
    let document = calls("CA00000000000000000000000000000002", ana).await;
    assert!(document.contains("+13035550145") && !document.contains("+13035550144"), "the new one: {document}");
    assert_eq!(api.ask("PATCH", "/api/v1/technicians/dee", json!({"active": false})).await.status, 200);
    let document = calls("CA00000000000000000000000000000003", ben).await;
    assert!(!document.contains("+1303555014") && document.contains("+13035550123"), "the desk: {document}");

    let stranger = "+13035550177";
    assert!(!calls("CA00000000000000000000000000000004", stranger).await.contains("<Dial"), "nobody knows them");
    let body = json!({"id": "kim", "name": "Kim", "phones": [stranger]});
    assert_eq!(api.ask("POST", "/api/v1/customers", body).await.status, 201);
    assert!(calls("CA00000000000000000000000000000005", stranger).await.contains("<Dial"), "a customer");
    assert_eq!(api.ask("DELETE", "/api/v1/customers/kim", Value::Null).await.status, 204);
    assert!(!calls("CA00000000000000000000000000000006", stranger).await.contains("<Dial"), "forgotten");
}

#[tokio::test]
async fn a_session_follows_a_person_to_another_phone() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let jo = "/api/v1/technicians/jo";
    for (path, body, code) in [
        (jo, json!({"phone": null}), " no_phone"),
        (jo, json!({"phone": "+13125550101"}), " conflict"),
        ("/api/v1/customers/ana", json!({"phones": []}), " no_phone"),
    ] {
        let told = api.ask("PATCH", path, body).await;
        assert!(told.status == 409 && told.errors()[0].ends_with(code), "{path}: {told:?}");
        assert!(!told.body["session_ids"].as_array().expect("sessions").is_empty(), "{path}: {told:?}");
    }
    for (path, body) in
        [(jo, json!({"phone": "+13125550146"})), ("/api/v1/customers/ana", json!({"phones": ["+13125550106"]}))]
    {
        assert_eq!(api.ask("PATCH", path, body).await.status, 200, "{path}");
    }
    let calls = async |sid: &str, from: &str| text(&api.bench.post("voice", &call(sid, from)).await);
    let document = calls("CA00000000000000000000000000000001", "+13125550146").await;
    assert!(document.contains(">+13125550106<"), "Jo's new phone reaches Ana's: {document}");
    for old in ["+13125550144", "+13125550101"] {
        let document = calls(&format!("CA{}", &old[1..]), old).await;
        assert!(!document.contains("<Dial"), "nobody's phone any more: {document}");
    }
}

#[tokio::test]
async fn whoever_is_needed_stays() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    for (path, errors) in [
        ("/api/v1/technicians/jo", &["sessions in_use", "work-orders in_use"][..]),
        ("/api/v1/technicians/dee", &["sessions in_use", "numbers in_use", "work-orders in_use"]),
        ("/api/v1/customers/ana", &["sessions in_use", "work-orders in_use"]),
    ] {
        let told = api.ask("DELETE", path, Value::Null).await;
        assert_eq!(told.status, 409, "{path}");
        assert_eq!(told.errors(), errors, "{path}: {told:?}");
        let named = told.body["session_ids"].as_array().expect("sessions");
        let all: Vec<String> = rules(DEMO).sessions.iter().map(|session| session.id.to_string()).collect();
        assert!(!named.is_empty() && named.iter().all(|id| all.iter().any(|known| id == known)), "{path}: {named:?}");
        assert_eq!(api.ask("GET", path, Value::Null).await.status, 200, "{path} is still there");
    }
}

#[tokio::test]
async fn ten_thousand_customers_are_no_burden() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::demo(dir.path()).await;
    let mut many = rules(DEMO);
    let one = many.customers[0].clone();
    many.customers = (0..10_000)
        .map(|no| hookswitch::domain::Customer { id: format!("c-{no}").into(), phones: Vec::new(), ..one.clone() })
        .collect();
    bench.store.apply(&many, None, bench.clock.now()).await.expect("rules that can be stored");
    let api = Api::on(bench);
    let began = Instant::now();
    for no in 0..20 {
        let path = format!("/api/v1/customers/c-{}", no * 499);
        assert_eq!(api.ask("PATCH", &path, json!({"name": format!("Kim {no}")})).await.status, 200);
        assert_eq!(api.ask("GET", &path, Value::Null).await.status, 200);
    }
    let page = api.ask("GET", "/api/v1/customers?limit=100&location_id=chicago", Value::Null).await;
    assert_eq!(page.body["items"].as_array().map(Vec::len), Some(100));
    assert!(api.ask("GET", "/api/v1/customers", Value::Null).await.body["next_cursor"].is_string());
    // Reading all of them for each request takes many times as long.
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}
