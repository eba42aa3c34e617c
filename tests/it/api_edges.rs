//! The edges of the management API: addresses that are no doors, tenants that nobody has, and two who want the same at one
//! moment.
//!
//! Deliberately not here: what a key learns of another tenant (`api_foreign`).

use serde_json::{Value, json};

use crate::api::{ADMIN, Api, KEY, Told};

fn codes(told: &[&Told]) -> Vec<u16> {
    let mut codes: Vec<u16> = told.iter().map(|one| one.status).collect();
    codes.sort_unstable();
    codes
}

#[tokio::test]
async fn an_address_that_is_no_door_is_answered_like_any_other() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    for (method, path, status, why) in [
        ("GET", "/api/v1/nothing", 404, "no such list"),
        ("POST", "/api/v1/locations/chicago/nothing", 404, "nothing of a location"),
        ("GET", "/api/v1/technicians/", 404, "a list with a slash behind it"),
        ("GET", "/api/v1/technicians/%FF", 404, "an id that is no text"),
        ("PATCH", "/api/v1/locations/%FF/masking-settings", 404, "the same inside of an address"),
        ("DELETE", "/api/v1/locations/chicago/hours/overrides/%C3", 404, "the same, the second of two"),
        ("DELETE", "/api/v1/locations/chicago/masking-settings", 405, "a door that does other things"),
    ] {
        let told = api.ask(method, path, Value::Null).await;
        assert_eq!((told.status, told.header("content-type")), (status, "application/problem+json"), "{why}: {told:?}");
        assert_eq!((&told.body["status"], told.errors().len()), (&json!(status), 0), "{why}");
        assert!(!told.header("x-request-id").is_empty(), "{why}");
    }
}

#[tokio::test]
async fn an_offices_state_and_a_sessions_are_described_apart() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let description = api.raw("GET", "/openapi.json", &[], Vec::new()).await.body;
    let schemas = &description["components"]["schemas"];
    let of = |shape: &str, field: &str| schemas[shape]["properties"][field]["$ref"].as_str().map(str::to_owned);
    assert_eq!(of("Session", "state").as_deref(), Some("#/components/schemas/SessionPhase"));
    assert_eq!(schemas["SessionPhase"]["enum"], json!(["not_yet", "live", "grace", "over"]));
    let shown = api.ask("GET", "/api/v1/locations/chicago/hours", Value::Null).await.body;
    for field in ["state", "open", "source"] {
        assert!(schemas["HoursNow"]["properties"][field].is_object(), "{field}");
        assert!(!shown[field].is_null(), "{field}: {shown}");
    }
    assert!(schemas["HoursChange"].is_object(), "changes of hours have a shape of their own");
}

#[tokio::test]
async fn the_operator_acts_for_tenants_that_are_there() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let description = api.raw("GET", "/openapi.json", &[], Vec::new()).await.body;
    let (bearer, mut lists) = (format!("Bearer {ADMIN}"), 0);
    for (path, item) in description["paths"].as_object().expect("paths") {
        if path.contains('{') || item["get"].is_null() || path == "/api/v1/tenants" {
            continue;
        }
        for (tenant, status) in [("acme", 200), ("nobody", 404), ("", 404)] {
            let headers = [("authorization", bearer.as_str()), ("x-tenant-id", tenant)];
            let told = api.with("GET", path, &headers, Value::Null).await;
            assert_eq!(told.status, status, "{path} for {tenant:?}: {told:?}");
        }
        lists += 1;
    }
    assert!(lists > 12, "only {lists} lists were asked for");
    let headers = [("authorization", bearer.as_str()), ("x-tenant-id", "late")];
    let made = api.with("POST", "/api/v1/tenants", &headers[..1], json!({"id": "late"})).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(api.with("GET", "/api/v1/technicians", &headers, Value::Null).await.status, 200, "at once");
}

#[tokio::test]
async fn a_number_can_stand_for_a_job_and_is_nobodys_phone() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let body = json!({"e164": "+13125550193", "provider_account_id": "acme-twilio", "work_order_id": "wo-2001"});
    let made = api.ask("POST", "/api/v1/numbers", body).await;
    assert_eq!((made.status, &made.body["work_order_id"]), (201, &json!("wo-2001")), "{made:?}");
    let door = made.header("location");
    for (job, status, errors) in
        [("wo-1001", 200, &[][..]), ("wo-9", 422, &["work_order_id not_found"]), ("wo-2001", 200, &[])]
    {
        let told = api.ask("PATCH", door, json!({"work_order_id": job})).await;
        assert_eq!((told.status, told.errors()), (status, errors.iter().map(|&one| one.to_owned()).collect()), "{job}");
    }
    let told = api.ask("PATCH", door, json!({"work_order_id": null})).await;
    assert_eq!((told.status, &told.body["work_order_id"]), (200, &Value::Null), "{told:?}");
    for (phone, whose) in
        [("+13125550101", "a customer's"), ("+13125550144", "a technician's"), ("+13125550123", "a line's")]
    {
        let body = json!({"e164": phone, "provider_account_id": "acme-twilio"});
        let told = api.ask("POST", "/api/v1/numbers", body).await;
        assert_eq!((told.status, told.errors()), (422, vec!["e164 conflict".to_owned()]), "{whose} phone");
    }
    let told = api.ask("POST", "/api/v1/numbers", json!({"e164": 5})).await;
    assert_eq!((told.status, told.errors()), (422, vec!["e164 wrong_type".to_owned()]));
}

#[tokio::test]
async fn what_is_wrong_with_a_session_is_told_at_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let long_ago = "2020-01-01T00:00:00Z";
    let body = json!({"first_party": "+447700900151", "expires_at": long_ago, "ring_timeout": 1, "bogus": 1});
    let mut errors = api.ask("POST", "/api/v1/sessions", body).await.errors();
    errors.sort();
    let at_once = [
        "bogus unknown_field",
        "expires_at out_of_range",
        "first_party destination_refused",
        "ring_timeout out_of_range",
    ];
    assert_eq!(errors, at_once);
    let listed = api.ask("GET", "/api/v1/sessions?state=live&limit=1", Value::Null).await;
    let door = format!("/api/v1/sessions/{}", listed.body["items"][0]["id"].as_str().expect("a session"));
    let mut errors =
        api.ask("PATCH", &door, json!({"expires_at": long_ago, "ring_timeout": 1, "number": "x"})).await.errors();
    errors.sort();
    assert_eq!(errors, ["expires_at out_of_range", "number read_only", "ring_timeout out_of_range"]);
    let not_yet = api.ask("GET", "/api/v1/sessions?state=not_yet", Value::Null).await;
    assert_eq!((not_yet.status, &not_yet.body["items"]), (200, &json!([])), "a state is one that can be asked for");
}

#[tokio::test]
async fn of_two_at_one_moment_one_is_too_late() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let settings = "/api/v1/locations/chicago/masking-settings";
    let line = json!({"id": "desk-2", "location_id": "chicago", "phone": "+13125550124", "active": false});
    assert_eq!(api.ask("POST", "/api/v1/backoffice-lines", line).await.status, 201);
    for _ in 0..4 {
        let (door, off) = ("/api/v1/backoffice-lines/desk-2", json!({"active": false}));
        api.ask("PATCH", settings, json!({"backoffice_whisper_require_accept": false})).await;
        api.ask("PATCH", door, off).await;
        let (accept, second) = tokio::join!(
            api.ask("PATCH", settings, json!({"backoffice_whisper_require_accept": true})),
            api.ask("PATCH", door, json!({"active": true})),
        );
        assert_eq!(codes(&[&accept, &second]), [200, 422], "{accept:?} {second:?}");
        let refused = if accept.status == 422 { accept } else { second };
        assert!(refused.errors()[0].ends_with(" fr7_accept_needs_single_line"), "{refused:?}");
    }
    let tag = api.ask("GET", settings, Value::Null).await.header("etag").to_owned();
    let meant = [("x-tenant-key", KEY), ("if-match", tag.as_str())];
    let (one, two) = tokio::join!(
        api.with("PATCH", settings, &meant, json!({"cooldown_days": 3})),
        api.with("PATCH", settings, &meant, json!({"cooldown_days": 4})),
    );
    assert_eq!(codes(&[&one, &two]), [200, 412]);
    let pair = json!({"first_party": "+13125550171", "second_party": "+13125550172"});
    let turned = json!({"first_party": "+13125550172", "second_party": "+13125550171"});
    let (one, two) =
        tokio::join!(api.ask("POST", "/api/v1/sessions", pair), api.ask("POST", "/api/v1/sessions", turned));
    assert_eq!(codes(&[&one, &two]), [201, 409], "{one:?} {two:?}");
    for no in 0..4 {
        let door = format!("/api/v1/locations/kiosk-{no}");
        api.ask("POST", "/api/v1/locations", json!({"id": format!("kiosk-{no}")})).await;
        api.ask("PATCH", &format!("{door}/masking-settings"), json!({"enabled": true})).await;
        let there = json!({"technician_id": "jo", "second_party": format!("+1312555018{no}"), "number": "+13125550191",
            "location_id": format!("kiosk-{no}")});
        let (made, gone) =
            tokio::join!(api.ask("POST", "/api/v1/sessions", there), api.ask("DELETE", &door, Value::Null));
        let place = api.ask("GET", &door, Value::Null).await.status;
        assert!(made.status != 201 || (gone.status, place) == (409, 200), "{made:?} {gone:?}");
        assert!(made.status == 201 || gone.status == 204, "{made:?} {gone:?}");
    }
}
