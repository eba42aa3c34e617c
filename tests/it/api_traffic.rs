//! What happened, asked through the management API after real webhooks: calls, texts, voicemails, to-dos, opt-outs, and
//! what would happen.
//!
//! Deliberately not here: keys, pages and repeats in general (`api`).

use std::path::Path;

use serde_json::{Value, json};

use crate::api::{ADMIN, Api, Told};
use crate::flows::{WORDS, dialed, message, talk, voicemail};
use crate::support::{Bench, DEMO, MONDAY, at, call, link, text, unlimited};

/// Another tenant, with a number of its own.
const OTHER: &str = r#"
[tenant]
id = "other"
name = "Other"
country = "US"

[[location]]
id = "boston"
name = "Other Boston"
time_zone = "America/New_York"
hours = ""

[[provider_account]]
id = "other-twilio"
kind = "twilio"
auth_token = "other-auth-token"
sandbox = true

[[number]]
e164 = "+16175550177"
provider_account_id = "other-twilio"
location_id = "boston"
"#;

/// An API after some calls and texts on the demo world, with texts' words kept.
async fn after_a_day(dir: &Path) -> Api {
    let bench = Bench::open(dir).await;
    let rules = unlimited().replacen("[location.masking] ", "[location.masking]\nstore_sms_body = true\n#", 1);
    bench.apply(&rules).await;
    bench.apply(OTHER).await;
    talk(&bench, "CAtalk").await;
    bench.clock.set(at("2026-03-09T09:03:11-05:00"));
    voicemail(&bench, "CAmail").await;
    bench.clock.set(at("2026-03-09T09:04:11-05:00"));
    message(&bench, "SMtext").await;
    Api::on(bench)
}

/// The operator asks for a tenant.
async fn ask_for(tenant: &str, api: &Api, method: &str, path: &str, body: Value) -> Told {
    let key = format!("Bearer {ADMIN}");
    api.with(method, path, &[("authorization", &key), ("x-tenant-id", tenant)], body).await
}

async fn ask(api: &Api, method: &str, path: &str, body: Value) -> Told {
    api.ask(method, path, body).await
}

async fn items(api: &Api, path: &str) -> Vec<Value> {
    let told = ask(api, "GET", path, Value::Null).await;
    assert_eq!(told.status, 200, "{path}: {told:?}");
    told.body["items"].as_array().expect("a list").clone()
}

fn own(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn texts(items: &[Value], field: &str) -> Vec<String> {
    items.iter().map(|item| item[field].as_str().unwrap_or("null").to_owned()).collect()
}

#[tokio::test]
async fn a_call_is_shown_with_its_decision_its_timeline_and_what_it_left_to_do() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = after_a_day(dir.path()).await;
    let listed = items(&api, "/api/v1/interactions").await;
    assert_eq!(texts(&listed, "sid"), ["SMtext", "CAmail", "CAtalk"], "the newest first");
    assert_eq!(texts(&listed, "state"), ["relayed", "voicemail", "connected"]);
    let mail = &listed[1];
    assert_eq!((&mail["from"], &mail["to"]), (&json!("+13125550101"), &json!("+13125550190")));

    let path = format!("/api/v1/interactions/{}", mail["id"].as_str().expect("an id"));
    let whole = ask(&api, "GET", &path, Value::Null).await;
    assert_eq!(whole.status, 200, "{whole:?}");
    for field in mail.as_object().expect("an object").keys() {
        assert_eq!(whole.body[field], mail[field], "{field} is told alike in the list and alone");
    }
    let decision = &whole.body["decision"];
    assert_eq!((&decision["match"], &decision["route"]), (&json!("live"), &json!("backoffice")), "{decision}");
    assert!(decision["why"].as_array().is_some_and(|why| !why.is_empty()), "{decision}");
    let timeline = whole.body["timeline"].as_array().expect("a timeline");
    assert_eq!(texts(timeline, "kind"), crate::flows::RECORDED);
    assert_eq!(timeline[3]["text"], "The caller left a voicemail of 4 seconds.");
    assert_eq!(timeline[0]["at"], "2026-03-09T14:03:11Z");
    assert_eq!(texts(whole.body["todos"].as_array().expect("to-dos"), "kind"), ["voicemail"]);
    assert!(!whole.header("etag").is_empty());
}

#[tokio::test]
async fn lists_are_narrowed_and_read_in_pages() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = after_a_day(dir.path()).await;
    for (query, sids, why) in [
        ("channel=sms", vec!["SMtext"], "texts"),
        ("channel=voice&state=voicemail", vec!["CAmail"], "both"),
        ("location_id=chicago", vec!["SMtext", "CAmail", "CAtalk"], "a location's"),
        ("location_id=denver", vec![], "another's"),
        ("session_id=none", vec![], "a session that is not there"),
        ("from=2026-03-09T14:03:11Z", vec!["SMtext", "CAmail"], "from an instant on"),
        ("from=2026-03-09T09:03:11-05:00&to=2026-03-09T14:04:11Z", vec!["CAmail"], "until before another"),
    ] {
        let listed = items(&api, &format!("/api/v1/interactions?{query}").replace('+', "%2B")).await;
        assert_eq!(texts(&listed, "sid"), sids, "{why}");
    }
    let mut seen = Vec::new();
    let mut next = Some(String::new());
    while let Some(cursor) = next {
        let told = ask(&api, "GET", &format!("/api/v1/interactions?limit=1{cursor}"), Value::Null).await;
        seen.extend(texts(told.body["items"].as_array().expect("a list"), "sid"));
        next = told.body["next_cursor"].as_str().map(|cursor| format!("&cursor={cursor}"));
    }
    assert_eq!(seen, ["SMtext", "CAmail", "CAtalk"], "page by page");
    for (path, errors) in [
        (
            "/api/v1/interactions?channel=fax&state=gone&from=today&limit=0&x=1",
            vec!["channel invalid", "state invalid", "from invalid", "limit out_of_range", "x unknown_field"],
        ),
        ("/api/v1/todos?state=closed", vec!["state invalid"]),
        ("/api/v1/messages?channel=sms", vec!["channel unknown_field"]),
        ("/api/v1/voicemails?to=1", vec!["to invalid"]),
        ("/api/v1/opt-outs?from=2026-03-09T14:03:11Z", vec!["from unknown_field"]),
        ("/api/v1/opt-outs?cursor=x", vec!["cursor invalid"]),
    ] {
        let told = ask(&api, "GET", path, Value::Null).await;
        assert_eq!((told.status, told.errors()), (422, own(&errors)), "{path}");
    }
}

#[tokio::test]
async fn texts_and_voicemails_are_told_with_their_words() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = after_a_day(dir.path()).await;
    api.bench.clock.set(at("2026-03-09T09:05:11-05:00"));
    let document = text(&message(&api.bench, "SMnext").await[0].reply).replace("&amp;", "&");
    let (_, rest) = document.split_once("/webhooks/acme-twilio/sms/status").expect("a status address");
    let query = rest.split('"').next().expect("its end");
    let news =
        [("MessageSid", "SMout"), ("MessageStatus", "delivered"), ("From", "+13125550190"), ("To", "+13125550101")];
    assert!(matches!(api.bench.post(&format!("sms/status{query}"), &news).await.status, 200 | 204));

    let messages = items(&api, "/api/v1/messages").await;
    assert_eq!(texts(&messages, "sid"), ["SMnext", "SMtext"]);
    let text = &messages[0];
    assert_eq!((&text["body"], &text["status"]), (&json!(WORDS), &json!("relayed")), "{text}");
    assert_eq!((&text["from"], &text["to"]), (&json!("+13125550144"), &json!("+13125550101")));
    assert_eq!(
        (&text["deliveries"][0]["sid"], &text["deliveries"][0]["status"]),
        (&json!("SMout"), &json!("delivered"))
    );
    let path = format!("/api/v1/messages/{}", text["id"].as_str().expect("an id"));
    assert_eq!(&ask(&api, "GET", &path, Value::Null).await.body, text, "told alike in the list and alone");

    let mail = &items(&api, "/api/v1/voicemails").await[0];
    assert_eq!((&mail["seconds"], &mail["transcription"]), (&json!(4), &Value::Null), "{mail}");
    assert_eq!((&mail["from"], &mail["to"]), (&json!("+13125550101"), &json!("+13125550190")));
    let path = format!("/api/v1/voicemails/{}", mail["id"].as_str().expect("an id"));
    assert_eq!(&ask(&api, "GET", &path, Value::Null).await.body, mail);
}

#[tokio::test]
async fn a_text_whose_words_are_not_kept_is_told_without() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    message(&api.bench, "SMtext").await;
    let text = &items(&api, "/api/v1/messages").await[0];
    assert_eq!((&text["body"], &text["status"]), (&Value::Null, &json!("relayed")), "{text}");
}

/// A provider that has recordings, but not all of them.
async fn provider() -> String {
    let found = || async { ([("content-type", "audio/x-wav")], "RIFF") };
    let doors = axum::Router::new().route("/recordings/RE1", axum::routing::get(found));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, doors).await });
    format!("http://{address}")
}

#[tokio::test]
async fn a_voicemails_sound_is_handed_on() {
    let dir = tempfile::tempdir().expect("a folder");
    let (own, bench) = (provider().await, Bench::open(dir.path()).await);
    let account = "account_sid = \"AC00000000000000000000000000000001\"";
    assert!(DEMO.contains(account));
    bench.apply(&unlimited().replacen(account, &format!("{account}\napi_base_url = \"{own}\""), 1)).await;
    for (sid, url, status, why) in [
        ("CA1", format!("{own}/recordings/RE1"), 200, "the provider has it"),
        ("CA2", format!("{own}/recordings/RE2"), 502, "the provider does not have it"),
        ("CA3", "http://127.0.0.1:9/recordings/RE1".to_owned(), 404, "it is not the account's provider's"),
    ] {
        let first = bench.ana_calls(sid).await;
        let greeting = bench.post(&link(&first, "dialed"), &dialed(sid, "busy", "false")).await;
        let mut left = call(sid, "+13125550101").to_vec();
        left.extend([("RecordingUrl", url.as_str()), ("RecordingDuration", "7")]);
        bench.post(&link(&greeting, "voicemail"), &left).await;
        let id = bench.store.read().interaction(sid).await.expect("readable").expect("it is there").row.id;
        let api = Api::on(Bench {
            switchboard: bench.switchboard.clone(),
            store: bench.store.clone(),
            clock: bench.clock.clone(),
        });
        let told = ask(&api, "GET", &format!("/api/v1/voicemails/{id}/audio"), Value::Null).await;
        let kind = if status == 200 { "audio/x-wav" } else { "application/problem+json" };
        assert_eq!((told.status, told.header("content-type")), (status, kind), "{why}: {told:?}");
    }
}

#[tokio::test]
async fn another_tenants_things_are_not_there() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = after_a_day(dir.path()).await;
    for list in ["interactions", "messages", "voicemails", "todos", "opt-outs", "audit"] {
        let told = ask_for("other", &api, "GET", &format!("/api/v1/{list}"), Value::Null).await;
        let own = if list == "audit" { told.body["items"].as_array().map_or(0, Vec::len) } else { 0 };
        assert_eq!((told.status, told.body["items"].as_array().map(Vec::len)), (200, Some(own)), "{list}");
        assert_eq!(told.body["next_cursor"], Value::Null);
        for item in items(&api, &format!("/api/v1/{list}")).await {
            let path = format!("/api/v1/{list}/{}", item["id"].as_str().expect("an id"));
            assert_eq!(ask(&api, "GET", &path, Value::Null).await.status, 200, "{path}");
            assert_eq!(ask_for("other", &api, "GET", &path, Value::Null).await.status, 404, "{path}");
        }
        assert_eq!(ask(&api, "GET", &format!("/api/v1/{list}/nothing"), Value::Null).await.status, 404, "{list}");
    }
    let mail = items(&api, "/api/v1/voicemails").await[0]["audio"].as_str().expect("an address").to_owned();
    assert_eq!(ask_for("other", &api, "GET", &mail, Value::Null).await.status, 404);
    let todo = items(&api, "/api/v1/todos").await[0]["id"].as_str().expect("an id").to_owned();
    let told = ask_for("other", &api, "PATCH", &format!("/api/v1/todos/{todo}"), json!({"state": "done"})).await;
    assert_eq!(told.status, 404);
}

#[tokio::test]
async fn a_to_do_is_assigned_put_off_done_and_opened_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = after_a_day(dir.path()).await;
    let listed = items(&api, "/api/v1/todos?state=open").await;
    assert_eq!(texts(&listed, "kind"), ["voicemail"], "{listed:?}");
    assert_eq!(listed[0]["phone"], "+13125550101");
    let path = format!("/api/v1/todos/{}", listed[0]["id"].as_str().expect("an id"));
    let before = ask(&api, "GET", &path, Value::Null).await;
    for (body, errors, why) in [
        (json!({"state": "gone"}), vec!["state invalid"], "no such state"),
        (json!({"state": "snoozed"}), vec!["snoozed_until missing"], "until when?"),
        (json!({"snoozed_until": "2026-03-10T09:00:00Z"}), vec!["snoozed_until invalid"], "it is open"),
        (
            json!({"state": "snoozed", "snoozed_until": "2026-03-09T00:00:00Z"}),
            vec!["snoozed_until out_of_range"],
            "that is over",
        ),
        (
            json!({"state": 1, "snoozed_until": "soon", "assigned_to": "", "owner": "kim"}),
            vec!["owner unknown_field", "state wrong_type", "assigned_to invalid", "snoozed_until invalid"],
            "all at once",
        ),
    ] {
        let told = ask(&api, "PATCH", &path, body).await;
        let mut found = told.errors();
        found.dedup();
        assert_eq!((told.status, &found[..errors.len()]), (422, &own(&errors)[..]), "{why}: {told:?}");
    }
    assert_eq!(ask(&api, "GET", &path, Value::Null).await.body, before.body, "nothing was changed");

    let until = "2026-03-09T15:00:00Z";
    let put_off = json!({"state": "snoozed", "snoozed_until": until, "assigned_to": "kim"});
    let told = ask(&api, "PATCH", &path, put_off).await;
    assert_eq!(
        (told.status, &told.body["state"], &told.body["snoozed_until"]),
        (200, &json!("snoozed"), &json!(until))
    );
    assert_eq!(ask(&api, "GET", &path, Value::Null).await.body, told.body, "it is kept");
    assert_eq!(items(&api, "/api/v1/todos?state=open").await.len(), 0);
    assert_eq!(items(&api, "/api/v1/todos?assigned_to=kim").await.len(), 1);
    api.bench.clock.set(at(until));
    assert_eq!(items(&api, "/api/v1/todos?state=open").await.len(), 1, "its time has come");

    let key = format!("Bearer {ADMIN}");
    let late = [("authorization", key.as_str()), ("x-tenant-id", "acme"), ("if-match", before.header("etag"))];
    assert_eq!(api.with("PATCH", &path, &late, json!({"state": "done"})).await.status, 412);
    let done = ask(&api, "PATCH", &path, json!({"state": "done"})).await;
    assert_eq!((&done.body["state"], &done.body["closed_at"]), (&json!("done"), &json!(until)), "{done:?}");
    api.bench.clock.set(at("2026-03-09T16:00:00Z"));
    let again = ask(&api, "PATCH", &path, json!({"state": "done", "assigned_to": null})).await;
    assert_eq!(
        (&again.body["closed_at"], &again.body["assigned_to"]),
        (&json!(until), &Value::Null),
        "it was done then"
    );
    let opened = ask(&api, "PATCH", &path, json!({"state": "open"})).await;
    assert_eq!((&opened.body["state"], &opened.body["closed_at"]), (&json!("open"), &Value::Null));
}

#[tokio::test]
async fn a_phone_opts_out_and_in_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = after_a_day(dir.path()).await;
    let wrong = json!({"number": "+16175550177", "phone": "12", "x": 1});
    let told = ask(&api, "POST", "/api/v1/opt-outs", wrong).await;
    assert_eq!((told.status, told.errors()), (422, own(&["x unknown_field", "number not_found", "phone invalid"])));

    let body = json!({"number": "+13125550190", "phone": "(312) 555-0101"});
    let made = ask(&api, "POST", "/api/v1/opt-outs", body.clone()).await;
    assert_eq!((made.status, &made.body["phone"]), (201, &json!("+13125550101")), "{made:?}");
    let path = made.header("location").to_owned();
    assert!(!path.contains("5550101"), "an address shows no phone: {path}");
    assert_eq!(ask(&api, "GET", &path, Value::Null).await.body, made.body);
    assert_eq!(ask(&api, "POST", "/api/v1/opt-outs", body).await.status, 200, "it is so already");
    assert_eq!(items(&api, "/api/v1/opt-outs").await, [made.body]);
    let audit = items(&api, "/api/v1/audit?kind=opt_out").await;
    assert_eq!((audit.len(), &audit[0]["after"]["opted_out"]), (1, &json!(true)), "{audit:?}");
    assert_eq!(audit[0]["actor"], "key:file");
    assert!(!audit[0].to_string().contains("5550101"), "{audit:?}");

    let form = [("MessageSid", "SM2"), ("From", "+13125550144"), ("To", "+13125550190"), ("Body", WORDS)];
    let document = text(&api.bench.post("sms", &form).await);
    assert!(!document.contains("to=\"+13125550101\""), "an opted-out phone gets nothing: {document}");
    assert_eq!(ask(&api, "DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(ask(&api, "GET", &path, Value::Null).await.status, 404);
    let form = [("MessageSid", "SM3"), ("From", "+13125550144"), ("To", "+13125550190"), ("Body", WORDS)];
    let document = text(&api.bench.post("sms", &form).await);
    assert!(document.contains("to=\"+13125550101\""), "it gets texts again: {document}");
}

#[tokio::test]
async fn a_preview_is_the_decision_that_would_be_made() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    api.bench.apply(OTHER).await;
    let body = json!({"from": "+13125550101", "to": "+13125550190", "channel": "voice", "at": MONDAY});
    let told = ask(&api, "POST", "/api/v1/decisions/preview", body).await;
    let probe = hookswitch::switchboard::Probe {
        from: hookswitch::domain::CallerId::read("+13125550101"),
        to: hookswitch::domain::E164::read("+13125550190").expect("a number"),
        channel: hookswitch::domain::Channel::Voice,
        at: at(MONDAY),
    };
    let explained = api.bench.switchboard.explain(&probe);
    assert_eq!((told.status, &told.body["decision"]), (200, &explained.decision), "{told:?}");
    assert_eq!(told.body["document"], explained.document);
    assert!(explained.document.starts_with("<?xml"), "{}", explained.document);
    assert_eq!(told.body["decision"]["destination"], json!({"kind": "backoffice", "lines": ["desk-1"]}));
    assert!(items(&api, "/api/v1/interactions").await.is_empty(), "nothing is stored");

    // The real call is decided alike, and is still the first of its minute.
    let reply = api.bench.post("voice", &call("CA1", "+13125550101")).await;
    assert_eq!(reply.status, 200);
    let id = items(&api, "/api/v1/interactions").await[0]["id"].as_str().expect("an id").to_owned();
    let whole = ask(&api, "GET", &format!("/api/v1/interactions/{id}"), Value::Null).await;
    assert_eq!(whole.body["decision"], explained.decision);

    let text = json!({"from": "+13125550144", "to": "+13125550190", "channel": "sms"});
    let told = ask(&api, "POST", "/api/v1/decisions/preview", text).await;
    assert_eq!((told.status, &told.body["decision"]["caller"]), (200, &json!("technician")), "{told:?}");

    let foreign =
        ask(&api, "POST", "/api/v1/decisions/preview", json!({"from": "anonymous", "to": "+16175550177"})).await;
    let unknown =
        ask(&api, "POST", "/api/v1/decisions/preview", json!({"from": "anonymous", "to": "+16175550178"})).await;
    assert_eq!((foreign.status, foreign.errors()), (422, own(&["to not_found"])));
    assert_eq!((unknown.status, &unknown.body), (foreign.status, &foreign.body), "nobody can tell these apart");
    let all = json!({"from": "312 555", "channel": "fax", "at": "today", "why": true});
    let told = ask(&api, "POST", "/api/v1/decisions/preview", all).await;
    let expected = ["why unknown_field", "from invalid", "to missing", "channel invalid", "at invalid"];
    assert_eq!((told.status, told.errors()), (422, own(&expected)));
}
