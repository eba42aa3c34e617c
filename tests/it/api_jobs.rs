//! Jobs, numbers and sessions through the management API: what a change does to the others, and who gets a number.
//!
//! Deliberately not here: which number is best (`routing::allot`), and what becomes of sessions (`routing::job`).

use serde_json::{Value, json};

use crate::api::{Api, KEY, Told};
use crate::support::{Bench, text};

/// An office whose jobs get sessions ahead of need, and one where masking is offered; two numbers in the first.
const WORLD: &str = r#"
[tenant]
id = "acme"
api_key = "demo-tenant-key"
default_location = "chicago"
[[provider_account]]
id = "acme-twilio"
kind = "twilio"
auth_token = "demo-auth-token"
sandbox = true
[[location]]
id = "chicago"
[location.masking]
enabled = true
masking_mode = "shared_location"
eager_provisioning_enabled = true
grace_window_days = 7
cooldown_days = 30
[[location]]
id = "boston"
[location.masking]
enabled = true
masking_policy = "offered"
masking_mode = "shared_location"
[[location]]
id = "denver"
[[technician]]
id = "jo"
phone = "+13125550144"
[[technician]]
id = "max"
phone = "+13125550145"
masking_opt_in = false
[[technician]]
id = "kim"
[[customer]]
id = "ana"
phones = ["+13125550101"]
[[customer]]
id = "bo"
phones = ["+13125550102"]
[[number]]
e164 = "+13125550190"
provider_account_id = "acme-twilio"
location_id = "chicago"
[[number]]
e164 = "+13125550191"
provider_account_id = "acme-twilio"
location_id = "chicago"
[[number]]
e164 = "+16175550192"
provider_account_id = "acme-twilio"
location_id = "boston"
"#;

async fn api(dir: &std::path::Path) -> Api {
    let api = Api::on(Bench::open(dir).await);
    api.bench.apply(WORLD).await;
    api
}

/// Days later.
fn later(api: &Api, days: i64) {
    api.bench.clock.set(api.bench.clock.now().plus_days(days));
}

async fn get(api: &Api, path: &str) -> Told {
    api.ask("GET", &format!("/api/v1/{path}"), Value::Null).await
}

async fn post(api: &Api, path: &str, body: Value) -> Told {
    api.ask("POST", &format!("/api/v1/{path}"), body).await
}

fn codes(told: &Told) -> Vec<&str> {
    told.body["warnings"].as_array().into_iter().flatten().filter_map(|warning| warning["code"].as_str()).collect()
}

fn ids(told: &Told) -> Vec<&str> {
    let items = told.body["items"].as_array().expect("a list");
    items.iter().filter_map(|one| one["id"].as_str()).collect()
}

#[tokio::test]
async fn a_job_has_one_session_that_follows_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = api(dir.path()).await;
    let made = post(&api, "work-orders", json!({"id": "wo", "customer_id": "ana", "technician_id": "jo"})).await;
    assert_eq!((made.status, codes(&made).len()), (201, 0), "{made:?}");
    let first = made.body["sessions"][0].clone();
    assert_eq!((&first["state"], &first["first_party"]), (&json!("live"), &json!("+13125550144")), "{made:?}");
    assert_eq!(made.header("etag"), get(&api, "work-orders/wo").await.header("etag"), "the tag is the job's own");

    let call = [("CallSid", "CAjobs1"), ("From", "+13125550101"), ("To", first["number"].as_str().expect("a number"))];
    let call = [&call[..], &[("CallStatus", "ringing"), ("Direction", "inbound")]].concat();
    let reply = text(&api.bench.post("voice", &call).await);
    assert!(reply.contains("+13125550144"), "the next call goes by it: {reply}");

    let again = post(&api, "work-orders/wo/assign", json!({"technician_id": "jo"})).await;
    assert_eq!((again.status, &again.body["sessions"], codes(&again).len()), (200, &json!([first]), 0), "{again:?}");
    let other = post(&api, "work-orders/wo/assign", json!({"technician_id": "max"})).await;
    let followed = other.body["sessions"][0].clone();
    assert_eq!((&followed["id"], &followed["number"]), (&first["id"], &first["number"]), "{other:?}");
    assert_eq!(
        (&followed["technician_id"], &followed["first_party"]),
        (&json!("max"), &json!("+13125550145")),
        "{other:?}"
    );
    assert_eq!(ids(&get(&api, "sessions?work_order_id=wo").await).len(), 1);
    let none = post(&api, "work-orders/wo/assign", json!({"technician_id": "kim"})).await;
    assert_eq!((none.status, none.errors()), (409, vec!["technician_id no_phone".to_owned()]), "{none:?}");

    let done = post(&api, "work-orders/wo/complete", Value::Null).await;
    assert_eq!((&done.body["status"], &done.body["sessions"][0]["state"]), (&json!("completed"), &json!("grace")));
    later(&api, 6);
    let back = post(&api, "work-orders/wo/reopen", Value::Null).await;
    assert_eq!((&back.body["sessions"][0]["state"], &back.body["sessions"][0]["id"]), (&json!("live"), &first["id"]));
    let path = "work-orders/wo/complete";
    let bad = post(&api, path, json!({"completed_at": "2030-01-01T00:00:00Z"})).await;
    assert_eq!((bad.status, bad.errors()), (422, vec!["completed_at out_of_range".to_owned()]));
    post(&api, path, Value::Null).await;
    later(&api, 8);
    let late = post(&api, "work-orders/wo/reopen", Value::Null).await;
    assert_eq!((late.status, &late.body["sessions"]), (200, &json!([])), "its grace is over");
    let session = get(&api, &format!("sessions/{}", first["id"].as_str().expect("an id"))).await;
    assert_eq!((&session.body["state"], &session.body["ended_by"]), (&json!("over"), &json!("job")), "{session:?}");
}

#[tokio::test]
async fn a_job_that_is_called_off_takes_its_sessions_with_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = api(dir.path()).await;
    post(&api, "work-orders", json!({"id": "wo", "customer_id": "ana", "technician_id": "jo"})).await;
    let needed = api.ask("DELETE", "/api/v1/work-orders/wo", Value::Null).await;
    let live = get(&api, "sessions?state=live").await;
    assert_eq!((needed.status, &needed.body["session_ids"]), (409, &json!(ids(&live))), "{needed:?}");
    let moved = api.ask("PATCH", "/api/v1/work-orders/wo", json!({"customer_id": "bo"})).await;
    assert_eq!((moved.status, moved.errors()), (409, vec!["customer_id session_live".to_owned()]));
    let off = api.ask("PATCH", "/api/v1/work-orders/wo", json!({"status": "canceled"})).await;
    assert_eq!((off.status, &off.body["sessions"]), (200, &json!([])), "as by /cancel: {off:?}");
    assert_eq!(off.body["canceled_at"], json!(api.bench.clock.now().to_string()));
    let done = post(&api, "work-orders/wo/complete", Value::Null).await;
    assert_eq!((done.status, done.errors()), (409, vec![" work_order_canceled".to_owned()]));
    assert_eq!(ids(&get(&api, "sessions?state=over").await).len(), 1);
    assert_eq!(ids(&get(&api, "sessions?state=live").await).len(), 0);
    assert_eq!(ids(&get(&api, "work-orders?status=canceled&customer_id=ana").await), ["wo"]);
    assert_eq!(get(&api, "work-orders?status=done").await.errors(), ["status invalid"]);
    assert_eq!(api.ask("DELETE", "/api/v1/work-orders/wo", Value::Null).await.status, 204);
    assert_eq!(ids(&get(&api, "sessions?state=over").await).len(), 1, "it stays over without its job");
}

#[tokio::test]
async fn an_assignment_succeeds_without_a_number_and_says_so() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = api(dir.path()).await;
    for phone in ["+13125550111", "+13125550112"] {
        let body = json!({"technician_id": "jo", "first_party": "+13125550144", "second_party": phone});
        let made = post(&api, "sessions", body).await;
        assert_eq!(made.status, 201, "{made:?}");
    }
    let made = post(&api, "work-orders", json!({"customer_id": "ana", "technician_id": "jo"})).await;
    assert_eq!((made.status, codes(&made)), (201, vec!["number_pool_exhausted"]), "{made:?}");
    let made = post(&api, "work-orders", json!({"customer_id": "ana", "technician_id": "kim"})).await;
    assert_eq!((made.status, codes(&made)), (201, vec!["no_phone"]));
    let body = json!({"customer_id": "ana", "technician_id": "max", "location_id": "boston"});
    let made = post(&api, "work-orders", body).await;
    assert_eq!(
        (made.status, codes(&made).len(), &made.body["sessions"]),
        (201, 0, &json!([])),
        "not ahead of need there"
    );
}

#[tokio::test]
async fn a_number_is_released_rests_and_comes_back() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = api(dir.path()).await;
    let number = json!({"e164": "+13125550193", "provider_account_id": "acme-twilio", "location_id": "chicago"});
    let made = post(&api, "numbers", number.clone()).await;
    assert_eq!((made.status, made.header("location")), (201, "/api/v1/numbers/+13125550193"), "{made:?}");
    assert_eq!(made.body["state"], "assigned", "to its location's pool");
    assert_eq!(post(&api, "numbers", number).await.errors(), ["e164 exists"]);
    let wrong = json!({"state": "available", "capabilities": []});
    let mut errors = post(&api, "numbers", wrong).await.errors();
    errors.sort();
    assert_eq!(errors, ["capabilities invalid", "e164 missing", "provider_account_id missing", "state read_only"]);

    let body = json!({"technician_id": "jo", "customer_id": "ana", "number": "+13125550193"});
    let session = post(&api, "sessions", body).await;
    let id = session.body["id"].as_str().expect("an id").to_owned();
    for (method, path) in [("POST", "/api/v1/numbers/+13125550193/release"), ("DELETE", "/api/v1/numbers/+13125550193")]
    {
        let refused = api.ask(method, path, Value::Null).await;
        assert_eq!((refused.status, &refused.body["session_ids"]), (409, &json!([id])), "{refused:?}");
    }
    assert_eq!(api.ask("DELETE", &format!("/api/v1/sessions/{id}"), Value::Null).await.status, 204);
    let released = post(&api, "numbers/+13125550193/release", Value::Null).await;
    let (now, free) = (api.bench.clock.now(), api.bench.clock.now().plus_days(30));
    assert_eq!(
        (&released.body["state"], &released.body["released_at"], &released.body["free_at"]),
        (&json!("cooldown"), &json!(now.to_string()), &json!(free.to_string())),
        "{released:?}"
    );
    let cooling = get(&api, "numbers?state=cooldown").await;
    assert_eq!(cooling.body["items"], json!([released.body]));
    assert_eq!(post(&api, "numbers/+13125550193/release", Value::Null).await.body, released.body, "once is enough");
    let early = api.ask("DELETE", "/api/v1/numbers/+13125550193", Value::Null).await;
    assert_eq!((early.status, early.errors()), (409, vec![" number_held".to_owned()]));
    later(&api, 30);
    assert_eq!(get(&api, "numbers/+13125550193").await.body["state"], "available");
    assert_eq!(api.ask("DELETE", "/api/v1/numbers/+13125550193", Value::Null).await.status, 204);
    assert_eq!(get(&api, "numbers/+13125550193").await.status, 404);
    let changed = api.ask("PATCH", "/api/v1/numbers/+13125550190", json!({"technician_id": "jo"})).await;
    assert_eq!((changed.status, &changed.body["technician_id"]), (200, &json!("jo")), "{changed:?}");
    assert_eq!(get(&api, "numbers?technician_id=jo").await.body["items"], json!([changed.body]));
}

#[tokio::test]
async fn a_session_is_made_of_whoever_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = api(dir.path()).await;
    post(&api, "work-orders", json!({"id": "wo", "customer_id": "bo", "location_id": "denver"})).await;
    let plain = json!({"first_party": "+13125550150", "second_party": "+13125550151"});
    for (body, status, expected, why) in [
        (json!({"technician_id": "jo", "customer_id": "ana"}), 201, "", "a technician and a customer"),
        (json!({"technician_id": "jo", "customer_id": "ana"}), 409, " session_exists", "twice"),
        (plain.clone(), 201, "", "two phones"),
        (json!({"first_party": "+13125550160"}), 201, "", "one phone, and whoever calls"),
        (json!({}), 422, "first_party missing", "nobody"),
        (json!({"work_order_id": "wo", "technician_id": "jo"}), 409, " masking_disabled", "a job in Denver"),
        (json!({"work_order_id": "wo"}), 422, "first_party missing", "a job that nobody does"),
        (json!({"technician_id": "kim", "customer_id": "bo"}), 422, "technician_id no_phone", "Kim cannot be called"),
        (json!({"technician_id": "eve", "customer_id": "bo"}), 422, "technician_id not_found", "nobody's name"),
        (
            json!({"first_party": "+13125550150", "second_party": "+447700900151"}),
            422,
            "second_party destination_refused",
            "abroad",
        ),
        (
            json!({"first_party": "+13125550150", "second_party": "+13125550190"}),
            422,
            "second_party conflict",
            "a mask",
        ),
        (
            json!({"technician_id": "jo", "customer_id": "bo", "expires_at": "2026-03-01T00:00:00Z"}),
            422,
            "expires_at out_of_range",
            "over before it begins",
        ),
        (json!({"technician_id": "jo", "customer_id": "bo", "state": "live"}), 422, "state unknown_field", "no field"),
        (
            json!({"technician_id": "jo", "customer_id": "bo", "number": "+16175550192"}),
            409,
            " number_pool_exhausted",
            "a number of another pool",
        ),
        (
            json!({"technician_id": "jo", "customer_id": "bo", "number": "+13125550199"}),
            422,
            "number not_found",
            "nobody's number",
        ),
    ] {
        let told = post(&api, "sessions", body).await;
        let errors = if expected.is_empty() { vec![] } else { vec![expected.to_owned()] };
        assert_eq!((told.status, told.errors()), (status, errors), "{why}: {told:?}");
    }
    let offered = json!({"technician_id": "max", "customer_id": "bo", "location_id": "boston"});
    let told = post(&api, "sessions", offered).await;
    assert_eq!(
        (told.status, &told.body["number"], codes(&told)),
        (200, &Value::Null, vec!["not_opted_in"]),
        "{told:?}"
    );

    let listed = get(&api, "sessions?state=live&technician_id=jo").await;
    let id = ids(&listed)[0].to_owned();
    let path = format!("/api/v1/sessions/{id}");
    let until = api.bench.clock.now().plus_days(2).to_string();
    let changed = api.ask("PATCH", &path, json!({"expires_at": until, "ring_timeout": 30})).await;
    assert_eq!(
        (changed.status, &changed.body["expires_at"], &changed.body["ring_timeout"]),
        (200, &json!(until), &json!(30))
    );
    let told = api.ask("PATCH", &path, json!({"number": "+13125550191", "ring_timeout": 1, "x": 1})).await;
    let mut errors = told.errors();
    errors.sort();
    assert_eq!((told.status, errors.len()), (422, 3), "{told:?}");
    assert_eq!(errors[0], "number read_only");
    later(&api, 3);
    assert_eq!(get(&api, &format!("sessions/{id}")).await.body["ended_by"], "expiry");
    assert_eq!(api.ask("PATCH", &path, json!({"ring_timeout": 31})).await.errors(), [" session_over"]);
    let again = post(&api, "sessions", json!({"technician_id": "jo", "customer_id": "ana"})).await;
    assert_eq!(again.body["number"], changed.body["number"], "the number that this pair had: {again:?}");
    let pages = get(&api, "sessions?limit=1&state=live").await;
    assert_eq!((ids(&pages).len(), pages.body["next_cursor"].is_string()), (1, true));
}

#[tokio::test]
async fn the_last_number_is_given_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = api(dir.path()).await;
    let held =
        json!({"first_party": "+13125550170", "second_party": "+13125550109", "expires_at": "2026-04-01T00:00:00Z"});
    assert_eq!(post(&api, "sessions", held).await.status, 201);
    // This phone stands on one of the two numbers; the other is the last one for it.
    let asks = (10..60).map(|last| {
        let body = json!({"first_party": "+13125550170", "second_party": format!("+131255501{last}")});
        let api = &api;
        async move { post(api, "sessions", body).await }
    });
    let told = futures_util::future::join_all(asks).await;
    let made: Vec<&Told> = told.iter().filter(|told| told.status == 201).collect();
    assert_eq!(made.len(), 1, "{told:?}");
    for told in told.iter().filter(|told| told.status != 201) {
        assert_eq!((told.status, told.errors()), (409, vec![" number_pool_exhausted".to_owned()]), "{told:?}");
        assert_eq!(told.body["next_free_at"], "2026-04-01T00:00:00Z", "{told:?}");
    }
    assert_eq!(ids(&get(&api, "sessions?state=live").await).len(), 2);
}

#[tokio::test]
async fn a_move_is_told_of_and_one_that_cannot_be_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = api(dir.path()).await;
    let made = post(&api, "work-orders", json!({"id": "wo", "customer_id": "ana", "technician_id": "jo"})).await;
    let number = made.body["sessions"][0]["number"].as_str().expect("a number").to_owned();
    let beside = json!({"first_party": "+13125550145", "second_party": "+13125550109", "number": number});
    assert_eq!(post(&api, "sessions", beside).await.status, 201);
    let moved = post(&api, "work-orders/wo/assign", json!({"technician_id": "max"})).await;
    assert_eq!((moved.status, codes(&moved)), (200, vec!["number_changed"]), "{moved:?}");
    let to = moved.body["sessions"][0]["number"].clone();
    assert_ne!(to, json!(number));
    let everywhere = [("+13125550146", "+13125550110", &json!(number)), ("+13125550146", "+13125550111", &to)];
    for (first, second, number) in everywhere {
        let body = json!({"first_party": first, "second_party": second, "number": number});
        assert_eq!(post(&api, "sessions", body).await.status, 201);
    }
    let lee = json!({"id": "lee", "phone": "+13125550146"});
    assert_eq!(post(&api, "technicians", lee).await.status, 201);
    let none = post(&api, "work-orders/wo/assign", json!({"technician_id": "lee"})).await;
    assert_eq!((none.status, none.errors()), (409, vec![" number_pool_exhausted".to_owned()]), "{none:?}");
    assert_eq!(none.body["session_ids"], json!([moved.body["sessions"][0]["id"]]));
    assert_eq!(get(&api, "work-orders/wo").await.body["technician_id"], "max", "nothing was changed");
}

#[tokio::test]
async fn anothers_things_are_not_there() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = api(dir.path()).await;
    api.bench.apply("[tenant]\nid = \"birch\"\napi_key = \"birch-key\"\n[[location]]\nid = \"b\"\n").await;
    let made = post(&api, "work-orders", json!({"id": "wo", "customer_id": "ana", "technician_id": "jo"})).await;
    let session = made.body["sessions"][0]["id"].as_str().expect("an id").to_owned();
    let birch = [("x-tenant-key", "birch-key")];
    let session = format!("sessions/{session}");
    for (methods, path) in [
        (&["GET", "PATCH", "DELETE"][..], "work-orders/wo"),
        (&["POST"], "work-orders/wo/assign"),
        (&["POST"], "work-orders/wo/complete"),
        (&["POST"], "work-orders/wo/reopen"),
        (&["POST"], "work-orders/wo/cancel"),
        (&["GET", "PATCH", "DELETE"], "numbers/+13125550190"),
        (&["POST"], "numbers/+13125550190/release"),
        (&["GET", "PATCH", "DELETE"], session.as_str()),
    ] {
        for method in methods {
            let body = if *method == "PATCH" { json!({}) } else { Value::Null };
            let told = api.with(method, &format!("/api/v1/{path}"), &birch, body).await;
            assert_eq!(told.status, 404, "{method} {path}: {told:?}");
        }
    }
    for list in ["work-orders", "numbers", "sessions"] {
        let told = api.with("GET", &format!("/api/v1/{list}"), &birch, Value::Null).await;
        assert_eq!((told.status, &told.body["items"]), (200, &json!([])), "{list}");
    }
}

#[tokio::test]
async fn a_repeat_makes_one_session() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = api(dir.path()).await;
    let headers = [("x-tenant-key", KEY), ("idempotency-key", "s-1")];
    let body = json!({"technician_id": "jo", "customer_id": "ana"});
    let first = api.with("POST", "/api/v1/sessions", &headers, body.clone()).await;
    let second = api.with("POST", "/api/v1/sessions", &headers, body).await;
    assert_eq!((first.status, second.status, &first.body), (201, 201, &second.body), "{second:?}");
    assert_eq!(ids(&get(&api, "sessions").await).len(), 1);
}
