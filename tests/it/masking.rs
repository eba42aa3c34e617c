//! Masking sessions as Plivo's clients ask for them, through the router: made, shown, listed, changed, ended.
//!
//! Deliberately not here: the official client itself (`make compat`), and what each parameter may be (a table beside the
//! code).

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::api::{Api, Told};
use crate::support::{Bench, DEMO};

/// The demo's account.
pub const AUTH_ID: &str = "MAHOOKSWITCHDEMO0001";

/// Another tenant, with an account of its own.
const OTHER: &str = r#"
[tenant]
id = "other"
auth_id = "MAOTHERTENANT0000002"
auth_token = "other-auth-token"
country = "US"
default_location = "boston"
[[location]]
id = "boston"
[location.masking]
enabled = true
[[provider_account]]
id = "other-twilio"
kind = "twilio"
auth_token = "other-auth-token"
sandbox = true
[[number]]
e164 = "+16175550177"
provider_account_id = "other-twilio"
"#;

fn basic(auth_id: &str, token: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{auth_id}:{token}")))
}

/// Asks as the demo's account; what is behind `…/Session`.
pub async fn ask(api: &Api, method: &str, rest: &str, body: Value) -> Told {
    let auth = basic(AUTH_ID, "demo-auth-token");
    api.with(method, &format!("/v1/Account/{AUTH_ID}/Masking/Session{rest}"), &[("authorization", &auth)], body).await
}

/// A body for two phones of the range for fiction, with these parameters besides.
pub fn pair(first: u32, second: u32, more: Value) -> Value {
    let mut body =
        json!({ "first_party": format!("+1312555{first:04}"), "second_party": format!("+1312555{second:04}") });
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    body
}

/// Makes a session, and tells its uuid and itself.
pub async fn made(api: &Api, body: Value) -> (String, Value) {
    let told = ask(api, "POST", "/", body).await;
    assert_eq!(told.status, 201, "{told:?}");
    (told.body["session_uuid"].as_str().expect("a uuid").to_owned(), told.body["session"].clone())
}

pub fn error(told: &Told) -> (u16, &str) {
    assert!(!told.body["api_id"].as_str().unwrap_or_default().is_empty(), "{told:?}");
    (told.status, told.body["error"].as_str().unwrap_or_default())
}

/// Lets time pass.
pub fn wait(api: &Api, seconds: i64) {
    let now = api.bench.clock.now();
    api.bench.clock.set(hookswitch::domain::Moment(now.0 + seconds * 1_000_000));
}

/// The demo, and a tenant beside it.
pub async fn two_tenants(dir: &Path) -> Api {
    let bench = Bench::demo(dir).await;
    bench.apply(OTHER).await;
    Api::on(bench)
}

#[tokio::test]
async fn a_session_is_made_shown_changed_and_ended() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let asked =
        pair(111, 112, json!({"session_expiry": 600, "record": "true", "callback_url": "https://a.example/cb"}));
    let told = ask(&api, "POST", "/", asked).await;
    assert_eq!((told.status, &told.body["message"]), (201, &json!("Session created")), "{told:?}");
    let (uuid, session) = (told.body["session_uuid"].as_str().expect("a uuid"), &told.body["session"]);
    let number = told.body["virtual_number"].as_str().expect("a number");
    assert_eq!(number.strip_prefix('+'), session["virtual_number"].as_str(), "a plus outside, digits inside");
    let expected = json!({
        "session_uuid": uuid, "first_party": "13125550111", "second_party": "13125550112",
        "virtual_number": number.trim_start_matches('+'), "status": "active", "initiate_call_to_first_party": false,
        "create_session_with_single_party": false, "callback_url": "https://a.example/cb", "callback_method": "POST",
        "created_time": "2026-03-09 14:02:11 +0000 UTC", "modified_time": "2026-03-09 14:02:11 +0000 UTC",
        "expiry_time": "2026-03-09 14:12:11 +0000 UTC", "duration": 600, "session_expiry": 600, "amount": 0,
        "call_time_limit": 3600, "ring_timeout": 120, "first_party_play_url": "", "second_party_play_url": "",
        "record": true, "record_file_format": "mp3", "recording_callback_url": "", "recording_callback_method": "POST",
        "interaction": null, "total_call_amount": 0.0, "total_call_count": 0, "total_call_billed_duration": 0,
        "total_session_amount": 0.0, "last_interaction_time": "", "is_pin_authentication_required": false,
        "generate_pin": null, "generate_pin_length": null, "first_party_pin": null, "second_party_pin": null,
        "pin_prompt_play": null, "pin_retry": null, "pin_retry_wait": null, "incorrect_pin_play": null,
        "force_pin_authentication": null, "unknown_caller_play": "", "virtual_number_cooloff_period": 0,
    });
    assert_eq!(session, &expected);
    let shown = ask(&api, "GET", &format!("/{uuid}"), Value::Null).await;
    assert_eq!((shown.status, &shown.body["response"]), (200, &expected), "without a slash");
    wait(&api, 12);
    let body = json!({"session_uuid": "another", "session_expiry": 600, "ring_timeout": 30, "callback_url": ""});
    let told = ask(&api, "POST", &format!("/{uuid}/"), body).await;
    assert_eq!((told.status, &told.body["message"]), (200, &json!("Session updated")), "{told:?}");
    let session = &told.body["session"];
    for (field, value) in [
        ("session_uuid", json!(uuid)),
        ("modified_time", json!("2026-03-09 14:02:23 +0000 UTC")),
        ("expiry_time", json!("2026-03-09 14:12:23 +0000 UTC")),
        ("duration", json!(612)),
        ("session_expiry", json!(600)),
        ("ring_timeout", json!(30)),
        ("record", json!(true)),
        ("callback_url", json!("")),
    ] {
        assert_eq!(session[field], value, "{field}");
    }
    let ours = api.ask("GET", &format!("/api/v1/sessions/{uuid}"), Value::Null).await;
    assert_eq!((ours.status, &ours.body["ring_timeout"]), (200, &json!(30)), "the same session through our own API");
    wait(&api, 10);
    let told = ask(&api, "DELETE", &format!("/{uuid}/"), json!({"session_uuid": uuid})).await;
    assert_eq!((told.status, &told.body["message"]), (200, &json!("Session expired")), "{told:?}");
    let over = ask(&api, "GET", &format!("/{uuid}/"), Value::Null).await.body["response"].clone();
    assert_eq!((&over["status"], &over["duration"]), (&json!("expired"), &json!(22)), "it stays to be looked at");
    for (method, body) in [("POST", json!({"record": false})), ("DELETE", Value::Null)] {
        let told = ask(&api, method, &format!("/{uuid}/"), body).await;
        assert_eq!(error(&told), (400, "Session already expired"), "{method}");
    }
}

#[tokio::test]
async fn only_the_account_itself_is_let_in() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = two_tenants(dir.path()).await;
    let (uuid, _) = made(&api, pair(111, 112, json!({}))).await;
    let own = basic(AUTH_ID, "demo-auth-token");
    let other = "MAOTHERTENANT0000002";
    for (auth, account, rest, method, status, why) in [
        (own.clone(), AUTH_ID, "", "GET", 200, "the account"),
        (String::new(), AUTH_ID, "/", "GET", 401, "nobody"),
        (basic(AUTH_ID, "demo-auth-toke"), AUTH_ID, "/", "GET", 401, "a wrong token"),
        (basic(AUTH_ID, ""), AUTH_ID, "/", "GET", 401, "no token"),
        (basic("MANOBODY000000000003", "x"), AUTH_ID, "/", "GET", 401, "a name that nobody has"),
        ("Bearer demo-tenant-key".to_owned(), AUTH_ID, "/", "GET", 401, "our own API's key"),
        (own.clone(), other, "/", "GET", 404, "another account"),
        (own.clone(), AUTH_ID, "/nothing/", "GET", 404, "no such session"),
        (own.clone(), AUTH_ID, "/%FF/", "GET", 404, "no text"),
        (own.clone(), AUTH_ID, "/nothing/", "POST", 404, "to be changed"),
        (own.clone(), AUTH_ID, "/nothing/", "DELETE", 404, "to be ended"),
        (basic(other, "other-auth-token"), other, &format!("/{uuid}/"), "GET", 404, "another's session"),
        (basic(other, "other-auth-token"), other, &format!("/{uuid}/"), "DELETE", 404, "another's, to be ended"),
        (own.clone(), AUTH_ID, "/", "PUT", 405, "no such method"),
        (own.clone(), AUTH_ID, "/", "DELETE", 405, "sessions are ended one by one"),
        (own.clone(), AUTH_ID, &format!("/{uuid}"), "PATCH", 405, "nor this"),
    ] {
        let path = format!("/v1/Account/{account}/Masking/Session{rest}");
        let told = api.with(method, &path, &[("authorization", &auth)], Value::Null).await;
        assert_eq!(told.status, status, "{why}: {told:?}");
        assert_eq!(told.header("content-type"), "application/json", "{why}");
        let named = told.body["api_id"].is_string() && (status == 200 || told.body["error"].is_string());
        assert!(named, "{why}: {told:?}");
        assert_eq!(told.header("www-authenticate").is_empty(), status != 401, "{why}");
        assert_eq!(told.header("allow").is_empty(), status != 405, "{why}");
    }
    let listed = api
        .with(
            "GET",
            &format!("/v1/Account/{other}/Masking/Session/"),
            &[("authorization", &basic(other, "other-auth-token"))],
            Value::Null,
        )
        .await;
    assert_eq!(listed.body["response"]["meta"]["total_count"], 0, "another's list: {listed:?}");
}

#[tokio::test]
async fn a_repeat_is_the_same_session() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let pins = json!({
        "is_pin_authentication_required": true, "generate_pin": true, "pin_prompt_play": "https://a.example/pin.mp3",
    });
    let body = || pair(111, 112, pins.clone());
    let (one, two) = tokio::join!(ask(&api, "POST", "/", body()), ask(&api, "POST", "/", body()));
    assert_eq!((one.status, two.status), (201, 201), "{one:?} {two:?}");
    assert_eq!(one.body["session"], two.body["session"], "at one time, PINs and all");
    wait(&api, 9);
    let Api { bench, .. } = api;
    bench.close().await;
    let bench = Bench::open(dir.path()).await;
    let now = bench.clock.now();
    bench.clock.set(hookswitch::domain::Moment(now.0 + 9_000_000));
    let api = Api::on(bench);
    let again = ask(&api, "POST", "/", body()).await;
    assert_eq!((again.status, &again.body["session"]), (201, &one.body["session"]), "after a restart");
    let other = ask(&api, "POST", "/", pair(111, 112, json!({"session_expiry": 61}))).await;
    assert_eq!(other.status, 201);
    assert_ne!(other.body["session_uuid"], one.body["session_uuid"], "other terms");
    wait(&api, 1);
    let (_, _) = made(&api, pair(121, 122, json!({}))).await;
    let later = ask(&api, "POST", "/", body()).await;
    assert_eq!(error(&later), (400, "Number pool exhausted or not available."), "both numbers have these two by now");
}

#[tokio::test]
async fn what_cannot_be_made_is_told_in_the_documented_words() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let missing = "Mandatory parameter missing. first_party must be present. \
         Mandatory parameter missing. second_party must be present.";
    for (body, status, told, why) in [
        (json!({}), 400, missing, "nothing"),
        (
            pair(111, 111, json!({})),
            400,
            "Invalid parameter. first_party and second_party should be different.",
            "one phone",
        ),
        (
            json!({"first_party": "+13125550111", "second_party": "(312) 555-0111"}),
            400,
            "Invalid parameter. first_party and second_party should be different.",
            "one phone, written otherwise",
        ),
        (pair(111, 190, json!({})), 400, "Invalid parameter. second_party is a virtual number.", "one of ours"),
        (
            pair(111, 112, json!({"second_party": "+442079460123"})),
            403,
            "second_party may not be called: its region GB is not enabled for this account, or it is no ordinary number.",
            "abroad",
        ),
        (
            pair(111, 112, json!({"subaccount": "SAXXXXXXXXXXXXXXXXXX"})),
            400,
            "Invalid parameter. subaccount is not one of this account's.",
            "numbers of nobody",
        ),
    ] {
        assert_eq!(error(&ask(&api, "POST", "", body).await), (status, told), "{why}");
    }
    let auth = basic(AUTH_ID, "demo-auth-token");
    let path = format!("/v1/Account/{AUTH_ID}/Masking/Session/");
    for (body, told, why) in [
        (
            "{\n  \"record\": \"true\",\n  }",
            "Invalid JSON: trailing comma at line 3 column 3.",
            "the documents' own example",
        ),
        ("first_party=1", "Invalid JSON: the body must be an object.", "a form"),
        ("[]", "Invalid JSON: the body must be an object.", "a list"),
        (
            r#"{"first_party": "+13125550111", "second_party": "+13125550112", "record": true, "record": false}"#,
            "Invalid parameter. record stands twice.",
            "a name twice",
        ),
    ] {
        let told_us = api.raw("POST", &path, &[("authorization", &auth)], body.into()).await;
        assert_eq!(error(&told_us), (400, told), "{why}");
    }
    let off = DEMO.replacen("enabled = true", "enabled = false", 1);
    api.bench.apply(&off).await;
    let told = ask(&api, "POST", "/", pair(111, 112, json!({}))).await;
    assert_eq!(error(&told), (403, "Masking is not enabled at this account's default location chicago."));
}

#[tokio::test]
async fn pins_are_one_sessions_on_a_number() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let pins = |first: &str, second: &str| {
        json!({
            "is_pin_authentication_required": "true", "first_party_pin": first, "second_party_pin": second,
            "pin_prompt_play": "https://a.example/pin.mp3", "force_pin_authentication": true, "pin_retry": 3,
        })
    };
    let (uuid, one) = made(&api, pair(111, 112, pins("1234", "5678"))).await;
    assert_eq!(
        (&one["first_party_pin"], &one["generate_pin"], &one["pin_retry"]),
        (&json!("1234"), &json!(false), &json!(3))
    );
    let (_, two) = made(&api, pair(121, 122, pins("9999", "1234"))).await;
    assert_ne!(one["virtual_number"], two["virtual_number"], "a PIN that is taken: another number");
    let full = ask(&api, "POST", "/", pair(131, 132, pins("1234", "0000"))).await;
    let told = "Invalid parameter. first_party_pin or second_party_pin is in use on every virtual number that is free.";
    assert_eq!(error(&full), (400, told), "taken on both");
    ask(&api, "DELETE", &format!("/{uuid}/"), Value::Null).await;
    made(&api, pair(131, 132, pins("1234", "0000"))).await;
    let generated = json!({
        "is_pin_authentication_required": true, "generate_pin": true, "generate_pin_length": "6",
        "pin_prompt_play": "https://a.example/pin.mp3",
    });
    let (_, three) = made(&api, pair(141, 142, generated)).await;
    let pin = |name: &str| three[name].as_str().unwrap_or_default().to_owned();
    let (first, second) = (pin("first_party_pin"), pin("second_party_pin"));
    assert!(first.len() == 6 && second.len() == 6 && first != second, "{three}");
    assert_eq!((&three["generate_pin"], &three["generate_pin_length"]), (&json!(true), &json!(6)));
}

#[tokio::test]
async fn a_session_of_one_party_may_take_a_second() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let body = json!({"first_party": "+13125550111", "create_session_with_single_Party": true});
    let (uuid, session) = made(&api, body).await;
    // Both numbers have these two, whichever of them it was.
    for seconds in [60, 61] {
        made(&api, pair(121, 122, json!({ "session_expiry": seconds }))).await;
    }
    assert_eq!((&session["second_party"], &session["create_session_with_single_party"]), (&json!(""), &json!(true)));
    let update = async |body: Value| ask(&api, "POST", &format!("/{uuid}/"), body).await;
    for (body, status, told, why) in [
        (json!({"second_party": "x"}), 400, "Invalid parameter. second_party is not a valid phone number.", "no phone"),
        (
            json!({"create_session_with_single_party": false}),
            400,
            "Mandatory parameter missing. second_party must be present.",
            "alone for good",
        ),
        (
            json!({"second_party": "+13125550111"}),
            400,
            "Invalid parameter. first_party and second_party should be different.",
            "the same phone",
        ),
        (
            json!({"second_party": "+13125550121"}),
            400,
            "Invalid parameter. first_party or second_party is in another session on this virtual number.",
            "somebody who stands there",
        ),
        (json!({"pin_retry": 2}), 400, "Invalid parameter. pin_retry cannot be updated.", "settled"),
        (json!({"geomatch": false}), 400, "Invalid parameter. geomatch cannot be updated.", "settled"),
        (json!({"geomatch": "true", "session_expiry": 0}), 200, "", "as it is, and as Go sends it"),
        (json!({"second_party": "13125550112", "create_session_with_single_party": "false"}), 200, "", "a second one"),
        (json!({"second_party": "13125550112"}), 200, "", "told back as it is"),
        (json!({"second_party": "13125550113"}), 400, "Invalid parameter. second_party cannot be updated.", "two stay"),
        (
            json!({"create_session_with_single_party": true}),
            400,
            "Invalid parameter. create_session_with_single_party cannot be updated.",
            "back to one",
        ),
    ] {
        assert_eq!(error(&update(body).await), (status, told), "{why}");
    }
    let shown = ask(&api, "GET", &format!("/{uuid}/"), Value::Null).await.body["response"].clone();
    let told = (&shown["first_party"], &shown["second_party"], &shown["create_session_with_single_party"]);
    assert_eq!(told, (&json!("13125550111"), &json!("13125550112"), &json!(false)));
}
