//! The set/unset doors in DeepCall's shape, asked through the router: masks from their making to their end, and every answer.
//!
//! Deliberately not here: requests as other languages write them (`deepcall_wire`), and thousands at one time
//! (`race`).

use serde_json::{Value, json};

use crate::api::{ADMIN, Api, Told};
use crate::api_settings::CHICAGO;
use crate::faults::{Fault, run, stranger};
use crate::support::{Bench, call, text};

/// Asks a door with the demo's ssid, as `curl` would.
async fn ask(api: &Api, door: &str, mut body: Value) -> Told {
    body["ssid"] = json!("demo-ssid");
    plain(api, door, &body.to_string()).await
}

async fn plain(api: &Api, door: &str, body: &str) -> Told {
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    api.raw("POST", &format!("/api/v2/Masking/{door}"), &kind, body.as_bytes().to_vec()).await
}

/// The sessions that are live, but for those of jobs: number, parties and end.
async fn live(api: &Api) -> Vec<(String, String, String, String)> {
    let told = api.ask("GET", "/api/v1/sessions?state=live&limit=100", Value::Null).await;
    let word = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
    let pairs = told.body["items"].as_array().expect("a list").iter().filter(|one| one["technician_id"].is_null());
    pairs
        .map(|one| (word(one, "number"), word(one, "first_party"), word(one, "second_party"), word(one, "expires_at")))
        .collect()
}

/// Status, code and message.
fn refused(told: &Told) -> (u16, Option<i64>, &str) {
    assert_eq!(
        (&told.body["status"], told.header("content-type")),
        (&json!("error"), "application/json; charset=utf-8")
    );
    let members = told.body.as_object().expect("an object").len();
    assert_eq!(members, if told.body["code"].is_null() { 2 } else { 3 }, "{told:?}");
    (told.status, told.body["code"].as_i64(), told.body["message"].as_str().expect("a message"))
}

const SAME: &str = "m1 and m2 cannot be the same";
const EXPIRY: &str = "Expiry must be an integer value";
const STANDING: &str = "Your masking request could not be expired until now. So you cannot make another request";
const NOT_INSERTED: &str = "Masking could not be inserted";
const NO_NUMBER: &str = "Masking number not available";
const NOT_FOUND: &str = "Masking not found";

#[tokio::test]
async fn a_mask_is_set_used_and_unset() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let mask = "+13125550190";
    let wanted = json!({"m1": "+13125550111", "m2": 3_125_550_112_u64, "mask": "3125550190", "expiry_duration": "30",
        "eventId": "job 7"});
    let set = ask(&api, "set", wanted.clone()).await;
    let answer = json!({"status": "success", "message": "Your masking set", "mask": mask,
        "expiry_time": "2026-03-09 09:32:11", "eventId": "job 7"});
    assert_eq!((set.status, &set.body), (200, &answer));
    let seen =
        |end: &str| vec![(mask.to_owned(), "+13125550111".to_owned(), "+13125550112".to_owned(), end.to_owned())];
    assert_eq!(live(&api).await, seen("2026-03-09T14:32:11Z"), "through our own API");
    let listed = api.ask("GET", "/api/v1/sessions?state=live&limit=100", Value::Null).await;
    let ids: Vec<_> = listed.body["items"].as_array().expect("a list").iter().map(|one| &one["event_id"]).collect();
    assert_eq!(ids.iter().filter(|id| **id == "job 7").count(), 1, "and only there: {ids:?}");

    let document = text(&api.bench.post("voice", &call("CA1", "+13125550112")).await);
    assert!(document.contains("+13125550111") && document.contains(mask), "the other party rings: {document}");
    assert_eq!(refused(&ask(&api, "set", wanted.clone()).await), (400, Some(1503), STANDING), "a retrying client");
    let turned = json!({"m1": "+13125550112", "m2": "+13125550111"});
    assert_eq!(refused(&ask(&api, "set", turned).await), (400, Some(1503), STANDING), "in either order");

    let longer =
        ask(&api, "unset", json!({"m2": "+13125550111", "mask": 13_125_550_190_u64, "expiry_duration": 60})).await;
    assert_eq!(longer.status, 200, "{longer:?}");
    assert_eq!(live(&api).await, seen("2026-03-09T15:02:11Z"), "another end");
    let until = ask(&api, "unset", json!({"m1": "+13125550111", "expiry_time": "2026-03-09 12:00:00"})).await;
    assert_eq!(until.status, 200, "{until:?}");
    assert_eq!(live(&api).await, seen("2026-03-09T17:00:00Z"), "by the clock in Chicago");

    let unset = ask(&api, "unset", json!({"mask": mask, "expiry_duration": -1})).await;
    let answer = json!({"status": "success", "message": "Your masking unset"});
    assert_eq!((unset.status, &unset.body), (200, &answer));
    assert_eq!(live(&api).await, []);
    let document = text(&api.bench.post("voice", &call("CA2", "+13125550112")).await);
    assert!(!document.contains("+13125550111"), "nobody rings: {document}");
    assert_eq!(refused(&ask(&api, "unset", json!({"mask": mask})).await), (400, None, NOT_FOUND), "once is enough");

    let again = ask(&api, "set", json!({"m1": "+13125550111", "m2": "+13125550112"})).await;
    let answer = json!({"status": "success", "message": "Your masking set", "mask": mask,
        "expiry_time": "2026-03-10 09:02:11"});
    assert_eq!((again.status, &again.body), (200, &answer), "at once, on the number it had, for a day");
    api.bench.clock.set(api.bench.clock.now().plus_days(1));
    assert_eq!(refused(&ask(&api, "unset", json!({"mask": mask})).await), (400, None, NOT_FOUND), "it is over");
    assert_eq!(ask(&api, "set", wanted).await.status, 200, "over is over");
    let trail = api.ask("GET", "/api/v1/audit?limit=1", Value::Null).await;
    assert_eq!(trail.body["items"][0]["actor"], "key:deepcall.ssid", "{trail:?}");
}

#[tokio::test]
async fn unset_ends_pairs_of_any_door_and_no_jobs() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let body = json!({"first_party": "+13125550111", "second_party": "+13125550112", "number": "+13125550191"});
    assert_eq!(api.ask("POST", "/api/v1/sessions", body).await.status, 201);
    let standing = ask(&api, "set", json!({"m1": "+13125550112", "m2": "+13125550111"})).await;
    assert_eq!(refused(&standing), (400, Some(1503), STANDING), "made through another door");
    assert_eq!(ask(&api, "set", json!({"m1": "+13125550111", "m2": "+13125550113"})).await.status, 200);
    assert_eq!(live(&api).await.len(), 2);
    assert_eq!(ask(&api, "unset", json!({"m1": "+13125550111"})).await.status, 200);
    assert_eq!(live(&api).await, [], "both");

    let jobs = api.ask("GET", "/api/v1/sessions?state=live", Value::Null).await.body;
    for body in [json!({"m1": "+13125550144", "m2": "+13125550101"}), json!({"mask": "+13125550190"})] {
        assert_eq!(refused(&ask(&api, "unset", body).await), (400, None, NOT_FOUND));
    }
    assert_eq!(api.ask("GET", "/api/v1/sessions?state=live", Value::Null).await.body, jobs, "a job's session stays");
}

#[tokio::test]
async fn each_refusal_has_its_words() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let two = |more: Value| {
        let mut body = json!({"m1": "+13125550111", "m2": "+13125550112"});
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        body
    };
    for (door, body, code, message, why) in [
        ("set", json!({"m1": "+13125550111", "m2": "(312) 555-0111"}), Some(1501), SAME, "once they are read"),
        ("unset", json!({"m1": "+13125550111", "m2": 13_125_550_111_u64}), Some(1501), SAME, "likewise"),
        ("set", two(json!({"expiry_duration": 0})), Some(1502), EXPIRY, "no time"),
        ("set", two(json!({"expiry_duration": -1})), Some(1502), EXPIRY, "less"),
        ("set", two(json!({"expiry_duration": 1.5})), Some(1502), EXPIRY, "a fraction"),
        ("set", two(json!({"expiry_duration": 5, "expiry_time": 1_893_456_000})), Some(1502), EXPIRY, "two"),
        ("unset", two(json!({"expiry_time": "2026-03-09 08:00:00"})), Some(1502), EXPIRY, "past"),
        ("unset", two(json!({"expiry_time": 1_773_064_931_000_i64})), Some(1502), EXPIRY, "in milliseconds"),
        ("set", two(json!({"mask": "+13125550199"})), Some(1505), NO_NUMBER, "not ours"),
        ("set", two(json!({"mask": "+13035550190"})), Some(1505), NO_NUMBER, "a technician's"),
        (
            "set",
            json!({"m1": "+13125550111", "m2": "+13125550144", "mask": "+13125550190"}),
            Some(1505),
            NO_NUMBER,
            "that party is on it already",
        ),
        ("set", json!({}), None, "m1 is missing; m2 is missing", "no parties"),
        ("set", json!({"m1": null, "m2": "+13125550112"}), None, "m1 is missing", "null is nothing"),
        ("set", two(json!({"eventId": "x".repeat(129)})), None, "eventId is longer than 128 characters", "a long name"),
        (
            "set",
            json!({"m1": "+13125550190", "m2": "+13125550112"}),
            None,
            "m1 is a masking number: name the party's own phone",
            "a mask as a party",
        ),
        (
            "set",
            json!({"m1": "+13125550111", "m2": "+447700900123"}),
            None,
            "m2 may not be called: region GB, or what it costs",
            "abroad",
        ),
        (
            "set",
            json!({"m1": "+19005550101", "m2": "+13125550112"}),
            None,
            "m1 may not be called: region US, or what it costs",
            "premium",
        ),
        (
            "unset",
            json!({}),
            None,
            "m1, m2 or mask is missing: at least one says which masking is meant",
            "nothing named",
        ),
        (
            "unset",
            json!({"m1": "5"}),
            None,
            "m1 is no phone number: write + and its digits with the country's code, or as it is dialled in US",
            "no phone",
        ),
        ("unset", json!({"mask": "+13125550199"}), None, NOT_FOUND, "not ours"),
        ("unset", json!({"m1": "+13125550111"}), None, NOT_FOUND, "not masked"),
    ] {
        assert_eq!(refused(&ask(&api, door, body).await), (400, code, message), "{why}");
    }
    for (body, message, why) in [
        ("", "The body is no JSON object: EOF while parsing a value at line 1 column 0", "nothing"),
        ("[]", "The body is no JSON object: invalid type: sequence, expected an object at line 1 column 0", "a list"),
        ("{\"ssid\": \"demo-ssid\",}", "The body is no JSON object: trailing comma at line 1 column 22", "a comma"),
        ("ssid=demo-ssid&mask=1", "The body is no JSON object: expected value at line 1 column 1", "a form"),
        ("{\"ssid\": \"demo-ssid\", \"m1\": 1, \"m1\": 2}", "m1 stands twice", "a name twice"),
    ] {
        assert_eq!(refused(&plain(&api, "set", body).await), (400, None, message), "{why}");
    }
    let long = format!("{{\"ssid\": \"{}\"}}", "x".repeat(64 * 1024));
    assert_eq!(refused(&plain(&api, "set", &long).await), (413, None, "The body is too long"));
    let got = api.raw("GET", "/api/v2/Masking/set", &[], Vec::new()).await;
    assert_eq!((refused(&got), got.header("allow")), ((405, None, "This door takes POST"), "POST"));
    assert_eq!(live(&api).await, [], "nothing was made");
}

#[tokio::test]
async fn a_pool_has_an_end_and_a_place_may_be_shut() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let pair = |second: u64| json!({"m1": "+13125550111", "m2": 13_125_550_100 + second});
    let first = ask(&api, "set", pair(12)).await.body["mask"].clone();
    let second = ask(&api, "set", pair(13)).await.body["mask"].clone();
    assert!(first.is_string() && second.is_string() && first != second, "one phone is on a number once");
    assert_eq!(refused(&ask(&api, "set", pair(14)).await), (400, Some(1505), NO_NUMBER), "two numbers, two masks");
    assert_eq!(ask(&api, "unset", pair(13)).await.status, 200);
    assert_eq!(ask(&api, "set", pair(14)).await.body["mask"], second, "the one that is free");

    assert_eq!(api.ask("PATCH", CHICAGO, json!({"enabled": false})).await.status, 200);
    let shut = json!({"m1": "+13125550115", "m2": "+13125550116"});
    assert_eq!(refused(&ask(&api, "set", shut.clone()).await), (400, Some(1504), NOT_INSERTED), "masking is off");
    assert_eq!(ask(&api, "unset", pair(14)).await.status, 200, "what there is may end");
    assert_eq!(api.ask("PATCH", CHICAGO, json!({"enabled": true})).await.status, 200);
    assert_eq!(ask(&api, "set", shut).await.status, 200);
}

#[tokio::test]
async fn a_store_that_refuses_is_told_and_nothing_is_made() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::demo(dir.path()).await;
    let api = Api::on(bench);
    let mut other = stranger(&dir.path().join("hookswitch.db")).await;
    run(&mut other, "BEGIN EXCLUSIVE").await;
    let pair = json!({"m1": "+13125550111", "m2": "+13125550112"});
    assert_eq!(refused(&ask(&api, "set", pair.clone()).await), (400, Some(1504), NOT_INSERTED));
    Fault::Locked(other).mend().await;
    assert_eq!(live(&api).await, []);
    assert_eq!(ask(&api, "set", pair).await.status, 200, "tried again");
}

#[tokio::test]
async fn only_its_own_programs_act_for_a_tenant() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let operator = [("authorization", &*format!("Bearer {ADMIN}"))];
    let bolt = json!({"id": "bolt", "deepcall": {"user_id": "bolt", "token": "bolt-token", "ssid": "bolt-ssid"}});
    assert_eq!(api.with("POST", "/api/v1/tenants", &operator, bolt).await.status, 201);
    assert_eq!(ask(&api, "set", json!({"m1": "+13125550111", "m2": "+13125550112"})).await.status, 200);

    let mut body = json!({"mask": "+13125550191"});
    for (proof, status, message, why) in [
        (json!({}), 401, "ssid is missing, or userId and token", "nothing"),
        (json!({"ssid": ""}), 401, "ssid is missing, or userId and token", "blank"),
        (json!({"userId": "demo"}), 401, "token is missing: userId needs it", "no token"),
        (json!({"token": "demo-token"}), 401, "userId is missing: token needs it", "no user"),
        (json!({"ssid": 7}), 401, "ssid must be a text", "a number"),
        (json!({"ssid": "demo-ssi"}), 401, "ssid is wrong", "an ssid that nobody has"),
        (json!({"userId": "demo", "token": "bolt-token"}), 401, "userId or token is wrong", "another's token"),
        (json!({"userId": "nobody", "token": "demo-token"}), 401, "userId or token is wrong", "another user"),
        (
            json!({"ssid": "demo-ssid", "userId": "demo", "token": "no"}),
            401,
            "ssid, userId or token is wrong",
            "half right",
        ),
        (
            json!({"ssid": "demo-ssid", "userId": "bolt", "token": "bolt-token"}),
            401,
            "ssid, userId or token is wrong",
            "two tenants",
        ),
        (json!({"ssid": "bolt-ssid"}), 400, NOT_FOUND, "of another tenant's masks nothing is known"),
    ] {
        let mut whole = body.clone();
        whole.as_object_mut().expect("an object").extend(proof.as_object().expect("an object").clone());
        let told = plain(&api, "unset", &whole.to_string()).await;
        assert_eq!(refused(&told), (status, None, message), "{why}");
    }
    let foreign = json!({"ssid": "bolt-ssid", "m1": "+13125550121", "m2": "+13125550122", "mask": "+13125550190"});
    assert_eq!(refused(&plain(&api, "set", &foreign.to_string()).await), (400, Some(1504), NOT_INSERTED));

    let path = "/api/v1/tenants/acme";
    let rotated = json!({"deepcall": {"ssid": ["new-ssid"], "token": ["new-token", "demo-token"]}});
    assert_eq!(api.ask("PATCH", path, rotated).await.status, 200);
    assert_eq!(ask(&api, "unset", body.clone()).await.status, 401, "it opens nothing from now on");
    (body["userId"], body["token"]) = (json!("demo"), json!("demo-token"));
    let longer = json!({"expiry_duration": 60});
    body.as_object_mut().expect("an object").extend(longer.as_object().expect("an object").clone());
    assert_eq!(plain(&api, "unset", &body.to_string()).await.status, 200, "while it rotates");
    body["token"] = json!("new-token");
    assert_eq!(plain(&api, "unset", &body.to_string()).await.status, 200, "the new one");
    let body = json!({"ssid": "new-ssid", "mask": "+13125550191"});
    let told = api.raw("POST", "/deepcall/api/v2/Masking/unset", &[], body.to_string().into_bytes()).await;
    assert_eq!((told.status, told.header("cache-control")), (200, "no-store"), "under its other address: {told:?}");
    assert!(!told.header("x-request-id").is_empty());
    assert_eq!(api.ask("PATCH", path, json!({"deepcall": null})).await.status, 200);
    assert_eq!(plain(&api, "unset", &body.to_string()).await.status, 401, "the door is shut");
}

#[tokio::test]
async fn guessing_is_not_cheap() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let mut told = plain(&api, "set", "{\"ssid\": \"guess\"}").await;
    for guess in 0..1000 {
        if told.status != 401 {
            break;
        }
        told = plain(&api, "set", &format!("{{\"ssid\": \"guess {guess}\"}}")).await;
    }
    assert_eq!(refused(&told), (429, None, "Too many requests; nothing was changed"));
    assert_eq!(told.header("retry-after"), "1");
    assert_eq!(ask(&api, "set", json!({"m1": "+13125550111", "m2": "+13125550112"})).await.status, 200, "who knows");
}

#[tokio::test]
async fn pages_of_configured_origins_may_ask_and_no_others() {
    let dir = tempfile::tempdir().expect("a folder");
    let page = "https://dispatch.example.com";
    let api = Api::furnished(Bench::demo(dir.path()).await, |house| house.cors_origins = vec![page.to_owned()]);
    let cors = |told: &Told| {
        let names = ["origin", "methods", "headers", "credentials"];
        names.map(|name| told.header(&format!("access-control-allow-{name}")).to_owned())
    };
    let documented = [page, "POST, GET, OPTIONS, PATCH, DELETE", "X-Requested-With, content-type", "true"];
    let path = "/api/v2/Masking/unset";
    let before = [("origin", page), ("access-control-request-method", "POST")];
    let told = api.raw("OPTIONS", path, &before, Vec::new()).await;
    assert_eq!((told.status, cors(&told), told.header("vary")), (204, documented.map(str::to_owned), "Origin"));
    for (origin, shared, why) in [
        (Some(page), true, "the page"),
        (Some("https://dispatch.example.com.evil.example"), false, "a longer name"),
        (Some("http://dispatch.example.com"), false, "without TLS"),
        (Some("null"), false, "a file"),
        (None, false, "no page at all"),
    ] {
        let headers: Vec<_> = origin.map(|origin| ("origin", origin)).into_iter().collect();
        let told = api.raw("POST", path, &headers, b"{}".to_vec()).await;
        assert_eq!((told.status, told.header("vary")), (401, "Origin"), "{why}");
        let expected = if shared { documented } else { [""; 4] };
        assert_eq!(cors(&told), expected.map(str::to_owned), "{why}");
        let asked = api.raw("OPTIONS", path, &headers, Vec::new()).await;
        assert_eq!(asked.status, if shared { 204 } else { 405 }, "{why}");
    }
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let told = api.raw("OPTIONS", path, &before, Vec::new()).await;
    assert_eq!((told.status, cors(&told), told.header("vary")), (405, [""; 4].map(str::to_owned), ""), "no origins");
}
