//! Lists of masking sessions, and what their calls come to, through the router.
//!
//! Deliberately not here: how a query is read (a table beside the code).

use serde_json::{Value, json};

use crate::api::Api;
use crate::flows::CHILD;
use crate::masking::{AUTH_ID, ask, made, pair, wait};
use crate::support::{Bench, DEMO, call, link};

async fn objects(api: &Api, query: &str) -> (Vec<Value>, Value) {
    let told = ask(api, "GET", &format!("/?{query}"), Value::Null).await;
    assert_eq!(told.status, 200, "{query}: {told:?}");
    let response = &told.body["response"];
    (response["objects"].as_array().expect("a list").clone(), response["meta"].clone())
}

fn firsts(objects: &[Value]) -> Vec<&str> {
    objects.iter().map(|one| one["first_party"].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn lists_are_narrowed_and_paged() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    api.bench.clock.set(api.bench.clock.now().plus_days(8));
    for no in 0..5 {
        made(&api, pair(110 + no, 120 + no, json!({"session_expiry": 600 + no * 60}))).await;
        wait(&api, 60);
    }
    let (all, meta) = objects(&api, "").await;
    assert_eq!(
        firsts(&all),
        ["13125550114", "13125550113", "13125550112", "13125550111", "13125550110"],
        "newest first"
    );
    assert_eq!(meta, json!({"limit": 20, "offset": 0, "total_count": 5, "next": null, "previous": null}));
    let own = format!("/v1/Account/{AUTH_ID}/Masking/Session/");
    for one in &all {
        assert_eq!(one["resource_uri"], format!("{own}{}/", one["session_uuid"].as_str().unwrap_or_default()));
    }
    let (page, meta) = objects(&api, "limit=2&offset=2&status=active").await;
    assert_eq!(firsts(&page), ["13125550112", "13125550111"]);
    assert_eq!(meta["next"], format!("{own}?status=active&limit=2&offset=4"));
    assert_eq!(meta["previous"], format!("{own}?status=active&limit=2&offset=0"));
    let next = meta["next"].as_str().expect("more").split_once('?').expect("a query").1.to_owned();
    assert_eq!(firsts(&objects(&api, &next).await.0), ["13125550110"], "the next page as it is told");
    let uuid = all[0]["session_uuid"].as_str().expect("a uuid");
    ask(&api, "DELETE", &format!("/{uuid}/"), Value::Null).await;
    let created = "2026-03-17 14:04:11".replace(' ', "%20");
    let expiry = "2026-03-17 14:14:11".replace(' ', "%20");
    for (query, count, why) in [
        ("status=all".to_owned(), 5, "all"),
        ("status=active".to_owned(), 4, "those that last"),
        ("status=expired".to_owned(), 1, "the one that was ended"),
        ("status=in-progress".to_owned(), 0, "nobody talks"),
        ("first_party=13125550112".to_owned(), 1, "by a party"),
        ("second_party=%2B13125550122".to_owned(), 1, "by the other"),
        ("first_party=13125550199".to_owned(), 0, "of nobody"),
        ("virtual_number=13125550190&virtual_number=13125550191".to_owned(), 0, "on two numbers at once"),
        (format!("created_time={created}"), 1, "made then"),
        (format!("created_time__gt={created}"), 2, "later"),
        (format!("created_time__gte={created}"), 3, "then or later"),
        (format!("created_time__lt={created}"), 2, "earlier"),
        (format!("created_time_lt={created}"), 2, "earlier, as Node says it"),
        (format!("created_time_lte={created}"), 3, "then or earlier"),
        (format!("expiry_time__lte={expiry}"), 3, "ends by then: two by the clock, one by hand"),
        ("duration=600".to_owned(), 1, "as long as that"),
        ("duration__gt=600&duration_lte=780".to_owned(), 3, "longer"),
        ("subaccount=acme-twilio".to_owned(), 2, "on the numbers of one provider account"),
        ("subaccount=acme-signalwire".to_owned(), 3, "and of the other"),
    ] {
        let (found, meta) = objects(&api, &query).await;
        assert_eq!((found.len(), &meta["total_count"]), (count, &json!(count)), "{why}: {query}");
    }
    api.bench.clock.set(api.bench.clock.now().plus_days(8));
    assert_eq!(objects(&api, "").await.1["total_count"], 0, "a week is over");
    assert_eq!(objects(&api, "created_time__gte=2026-03-01%2000:00").await.1["total_count"], 9, "since then");
}

#[tokio::test]
async fn sessions_of_every_door_are_here() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let (found, meta) = objects(&api, "").await;
    assert_eq!(meta["total_count"], 4, "those of the rules file");
    let job = found.iter().find(|one| one["first_party"] == "13125550144").expect("Jo's");
    let told = (&job["status"], &job["expiry_time"], &job["duration"], &job["ring_timeout"], &job["call_time_limit"]);
    assert_eq!(told, (&json!("active"), &json!(""), &json!(0), &json!(20), &json!(3600)), "{job}");
    let body = json!({"first_party": "+13125550111", "second_party": "+13125550112"});
    let ours = api.ask("POST", "/api/v1/sessions", body).await;
    let uuid = ours.body["id"].as_str().expect("an id").to_owned();
    let shown = ask(&api, "GET", &format!("/{uuid}"), Value::Null).await;
    assert_eq!((shown.status, &shown.body["response"]["second_party"]), (200, &json!("13125550112")), "{shown:?}");
    let body = json!({"session_expiry": 60, "callback_url": "https://a.example/", "callback_method": "get"});
    let told = ask(&api, "POST", &format!("/{uuid}"), body).await.body["session"].clone();
    let told = (&told["session_expiry"], &told["callback_url"], &told["callback_method"]);
    assert_eq!(told, (&json!(60), &json!("https://a.example/"), &json!("GET")), "and can be changed");
    wait(&api, 60);
    let over = ask(&api, "GET", &format!("/{uuid}"), Value::Null).await.body["response"].clone();
    assert_eq!(over["status"], "expired", "by the clock alone");
    let (uuid, _) = made(&api, pair(121, 122, json!({}))).await;
    assert_eq!(api.ask("DELETE", &format!("/api/v1/sessions/{uuid}"), Value::Null).await.status, 204);
    assert_eq!(objects(&api, "status=expired").await.1["total_count"], 2);
}

/// News of a leg of the call `CA1`.
fn news<'a>(sid: &'a str, status: &'a str, seconds: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![("CallSid", sid), ("From", "+13125550111"), ("To", "+13125550190"), ("CallStatus", status)];
    if sid == CHILD {
        form.extend([("ParentCallSid", "CA1"), ("Direction", "outbound-dial")]);
    }
    if !seconds.is_empty() {
        form.push(("CallDuration", seconds));
    }
    form
}

#[tokio::test]
async fn calls_are_counted_billed_and_told() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::open(dir.path()).await;
    bench.apply(&DEMO.replacen("kind = \"twilio\"", "kind = \"twilio\"\nprice_per_minute = 0.0125", 1)).await;
    let api = Api::on(bench);
    let (uuid, session) = made(&api, pair(111, 112, json!({"subaccount": "acme-twilio"}))).await;
    assert_eq!(session["virtual_number"], "13125550190");
    let dialled = api.bench.post("voice", &call("CA1", "+13125550111")).await;
    let status = link(&dialled, "status");
    api.bench.post(&status, &news(CHILD, "in-progress", "")).await;
    let shown = async || ask(&api, "GET", &format!("/{uuid}/"), Value::Null).await.body["response"].clone();
    let running = shown().await;
    assert_eq!(running["status"], "in-progress");
    assert_eq!(running["interaction"][0]["end_time"], "");
    assert_eq!(objects(&api, "status=in-progress").await.1["total_count"], 1);
    assert_eq!(objects(&api, "status=active&first_party=13125550111").await.1["total_count"], 0);
    wait(&api, 20);
    api.bench.post(&status, &news(CHILD, "completed", "9")).await;
    let mut ended = call("CA1", "+13125550111").to_vec();
    ended.extend([("DialCallStatus", "completed"), ("DialBridged", "true"), ("DialCallSid", CHILD)]);
    api.bench.post(&link(&dialled, "dialed"), &ended).await;
    api.bench.post("voice/status", &news("CA1", "completed", "70")).await;
    let session = shown().await;
    for (field, value) in [
        ("status", json!("active")),
        ("total_call_count", json!(2)),
        ("total_call_billed_duration", json!(180)),
        ("total_call_amount", json!(0.0375)),
        ("total_session_amount", json!(0.0375)),
        ("amount", json!(0)),
        ("last_interaction_time", json!("2026-03-09 14:02:31 +0000 UTC")),
    ] {
        assert_eq!(session[field], value, "{field}: {session}");
    }
    let talk = &session["interaction"][0];
    let address = talk["first_party_resource_url"].as_str().expect("an address");
    let path = address.strip_prefix(crate::support::BASE).expect("ours");
    let there = api.ask("GET", path, Value::Null).await;
    assert_eq!((there.status, &there.body["session_id"]), (200, &json!(uuid)), "it leads to the call");
    assert_eq!(
        talk,
        &json!({
            "start_time": "2026-03-09 14:02:11 +0000 UTC", "end_time": "2026-03-09 14:02:31 +0000 UTC", "type": "call",
            "first_party_resource_url": address, "second_party_resource_url": address, "recording_resource_url": null,
            "first_party_status": "completed", "second_party_status": "completed", "total_call_amount": 0.0375,
            "call_billed_duration": 180, "total_call_count": 2, "duration": 79,
        })
    );
    let (listed, _) = objects(&api, "first_party=13125550111").await;
    assert_eq!(listed[0]["total_call_billed_duration"], 180, "and in a list");
}
