//! Another tenant's things: to a key they are as good as not there, at every door that the API's description names.
//!
//! Deliberately not here: what a key can do with its own. A new door is tested by being described.

use std::collections::BTreeMap;

use hookswitch::domain::CallbackMethod;
use serde_json::{Map, Value, json};

use crate::api::{Api, KEY, Told};
use crate::deliveries;
use crate::flows::dialed;
use crate::support::{call, link};

/// Who looks at Acme's things.
const BIRCH: &str = r#"
[tenant]
id = "birch"
api_key = "birch-key"
[[provider_account]]
id = "birch-twilio"
kind = "twilio"
sandbox = true
[[location]]
id = "boston"
time_zone = "America/New_York"
"#;

const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

async fn as_acme(api: &Api, method: &str, path: &str, body: Value) -> Told {
    api.with(method, path, &[("x-tenant-key", KEY)], body).await
}

async fn as_birch(api: &Api, method: &str, path: &str, body: Value) -> Told {
    api.with(method, path, &[("x-tenant-key", "birch-key")], body).await
}

/// Acme with something of everything: calls, a voicemail, a text, an opt-out, an override, a change of settings, a key.
async fn busy(dir: &std::path::Path) -> Api {
    let api = Api::demo(dir).await;
    api.bench.apply(BIRCH).await;
    let first = api.bench.ana_calls("CAforeign1").await;
    let after = api.bench.post(&link(&first, "dialed"), &dialed("CAforeign1", "no-answer", "false")).await;
    let mut left = call("CAforeign1", "+13125550101").to_vec();
    let url = format!("https://api.twilio.com/2010-04-01/Accounts/AC{0}/Recordings/RE{0}", "9d".repeat(16));
    left.extend([("RecordingUrl", url.as_str()), ("RecordingDuration", "7")]);
    api.bench.post(&link(&after, "voicemail"), &left).await;
    for (sid, body) in [("SMforeign1", "The door is blue"), ("SMforeign2", "STOP")] {
        let form = [("MessageSid", sid), ("From", "+13125550101"), ("To", "+13125550190"), ("Body", body)];
        api.bench.post("sms", &form).await;
    }
    deliveries::open(&api.bench, 0, "https://hooks.example/", CallbackMethod::Post).await;
    deliveries::talk(&api.bench, 0, "CAforeign2").await;
    let chicago = "/api/v1/locations/chicago";
    for (path, body) in [
        (format!("{chicago}/masking-settings"), json!({"grace_window_days": 9})),
        (format!("{chicago}/hours/overrides"), json!({"state": "closed", "until": "2026-03-09T20:00:00Z"})),
        (
            "/api/v1/locations/phoenix/hours/overrides".to_owned(),
            json!({"state": "closed", "until": "2026-03-09T20:00:00Z"}),
        ),
        ("/api/v1/tenants/acme/keys".to_owned(), json!({"name": "dispatch"})),
        ("/api/v1/erasures".to_owned(), json!({"phone": "+13125550199"})),
    ] {
        let made = as_acme(&api, "POST", &path, body).await;
        assert!(made.status < 300 || made.status == 404, "{path}: {made:?}");
    }
    api
}

/// The description.
async fn described(api: &Api) -> Value {
    let told = api.raw("GET", "/openapi.json", &[], Vec::new()).await;
    assert_eq!(told.status, 200);
    told.body
}

/// A path with Acme's things in it, and the same with things that nobody has; `None` where it names nothing.
async fn filled(api: &Api, path: &str) -> Option<(String, String)> {
    let (mut theirs, mut nobodys) = (String::new(), String::new());
    let mut names = false;
    for segment in path.split('/').skip(1) {
        if segment.starts_with('{') {
            names = true;
            // What is put back is a change of the audit.
            let list = theirs.strip_suffix("/revert").map_or_else(|| theirs.clone(), |of| format!("{of}/audit"));
            let listed = as_acme(api, "GET", &list, Value::Null).await;
            let first = match theirs.as_str() {
                "/api/v1/tenants" => json!({"id": "acme"}),
                "/api/v1/locations" => json!({"id": "chicago"}),
                _ => listed.body["items"][0].clone(),
            };
            let id = first["id"].as_str().or_else(|| first["e164"].as_str());
            let id = id.unwrap_or_else(|| panic!("{path}: Acme has nothing at {theirs}: {listed:?}"));
            nobodys = format!("{nobodys}/{}", made_up(id));
            theirs = format!("{theirs}/{id}");
        } else {
            theirs = format!("{theirs}/{segment}");
            nobodys = format!("{nobodys}/{segment}");
        }
    }
    names.then_some((theirs, nobodys))
}

/// An id of the same kind that nobody has.
fn made_up(id: &str) -> String {
    let turned: String = id.chars().rev().collect();
    match id.strip_prefix('+') {
        Some(_) => "+13125550177".to_owned(),
        None if turned == id => format!("{id}x"),
        None => turned.replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "0"),
    }
}

#[tokio::test]
async fn every_door_answers_for_anothers_thing_as_for_none() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = busy(dir.path()).await;
    let description = described(&api).await;
    let paths = description["paths"].as_object().expect("paths");
    let mut doors = 0;
    for (path, item) in paths {
        let Some((theirs, nobodys)) = filled(&api, path).await else { continue };
        for method in METHODS.iter().filter(|method| !item[**method].is_null()) {
            let method = method.to_ascii_uppercase();
            let body = if matches!(method.as_str(), "GET" | "DELETE") { Value::Null } else { json!({}) };
            let one = as_birch(&api, &method, &theirs, body.clone()).await;
            let none = as_birch(&api, &method, &nobodys, body).await;
            assert_eq!(one.status, 404, "{method} {path}: {one:?}");
            assert_eq!((none.status, &none.body), (404, &one.body), "{method} {path} tells what is another's");
            doors += 1;
        }
    }
    assert!(doors > 40, "only {doors} doors were tried");
}

#[tokio::test]
async fn no_list_shows_anothers_things() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = busy(dir.path()).await;
    let description = described(&api).await;
    for (path, item) in description["paths"].as_object().expect("paths") {
        if path.contains('{') || item["get"].is_null() || path == "/api/v1/tenants" {
            continue;
        }
        let (acmes, birchs) =
            (as_acme(&api, "GET", path, Value::Null).await, as_birch(&api, "GET", path, Value::Null).await);
        assert_eq!(birchs.status, 200, "{path}: {birchs:?}");
        let (acmes, birchs) = (acmes.body["items"].to_string(), birchs.body["items"].clone());
        for one in birchs.as_array().expect("a list") {
            assert!(!acmes.contains(&one.to_string()), "{path} shows Acme's {one}");
        }
    }
}

/// The lists that are not in something else, each with its parameters.
fn lists(description: &Value) -> Vec<(&String, Vec<&str>)> {
    let paths = description["paths"].as_object().expect("paths").iter();
    let lists = paths
        .filter(|(path, item)| !path.contains('{') && !item["get"].is_null() && path.as_str() != "/api/v1/tenants");
    let queried = |parameter: &&Value| parameter["in"] == "query";
    lists
        .map(|(path, item)| {
            let parameters = item["get"]["parameters"].as_array().into_iter().flatten().filter(queried);
            (path, parameters.filter_map(|parameter| parameter["name"].as_str()).collect())
        })
        .collect()
}

#[tokio::test]
async fn a_list_narrowed_to_anothers_thing_is_one_narrowed_to_none() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = busy(dir.path()).await;
    let session = as_acme(&api, "GET", "/api/v1/interactions", Value::Null).await.body["items"]
        .as_array()
        .and_then(|all| all.iter().find_map(|one| one["session_id"].as_str().map(str::to_owned)))
        .expect("a call of a session");
    let acmes = BTreeMap::from([
        ("location_id", "chicago"),
        ("technician_id", "jo"),
        ("customer_id", "ana"),
        ("work_order_id", "wo-1001"),
        ("session_id", session.as_str()),
        ("number", "+13125550190"),
        ("object", "jo"),
        ("assigned_to", "jo"),
    ]);
    // These say when, how and where it stands, and no word of whose it is.
    let others = ["limit", "cursor", "from", "to", "channel", "state", "status", "active", "kind"];
    let description = described(&api).await;
    let mut narrowed = 0;
    for (path, parameters) in lists(&description) {
        for name in parameters {
            let Some(id) = acmes.get(name) else {
                assert!(others.contains(&name), "{path}: nobody narrows by another's {name}");
                continue;
            };
            let by = |id: &str| format!("{path}?{name}={}", id.replace('+', "%2B"));
            let one = as_birch(&api, "GET", &by(id), Value::Null).await;
            let none = as_birch(&api, "GET", &by(&made_up(id)), Value::Null).await;
            assert_eq!((one.status, &one.body), (200, &none.body), "{path}: {name} tells what is another's");
            assert_eq!(one.body["items"], json!([]), "{path}: {name}");
            narrowed += 1;
        }
    }
    assert!(narrowed > 15, "only {narrowed} parameters were tried");
}

#[tokio::test]
async fn anothers_place_in_a_list_and_anothers_name_open_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = busy(dir.path()).await;
    let description = described(&api).await;
    let mut places = 0;
    for (path, _) in lists(&description) {
        let acmes = as_acme(&api, "GET", &format!("{path}?limit=1"), Value::Null).await;
        if let Some(cursor) = acmes.body["next_cursor"].as_str() {
            let told = as_birch(&api, "GET", &format!("{path}?cursor={cursor}"), Value::Null).await;
            let own = as_birch(&api, "GET", path, Value::Null).await.body["items"].clone();
            let all = told.body["items"].as_array().map_or(&[][..], Vec::as_slice);
            let known = own.as_array().expect("a list");
            assert!(all.iter().all(|one| known.contains(one)), "{path} goes on in Acme's: {told:?}");
            places += 1;
        }
        for name in ["acme", "nobody"] {
            let headers = [("x-tenant-key", "birch-key"), ("x-tenant-id", name)];
            let told = api.with("GET", path, &headers, Value::Null).await;
            assert_eq!(told.status, 404, "{path} in the name of {name}");
        }
    }
    assert!(places > 6, "only {places} places were tried");
}

#[tokio::test]
async fn a_repeat_under_anothers_key_is_no_repeat() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = busy(dir.path()).await;
    let once = |key| [("x-tenant-key", key), ("idempotency-key", "the-same")];
    let body = || json!({"name": "Lee"});
    let acmes = api.with("POST", "/api/v1/technicians", &once(KEY), body()).await;
    let birchs = api.with("POST", "/api/v1/technicians", &once("birch-key"), body()).await;
    assert_eq!((acmes.status, birchs.status, birchs.header("idempotency-replayed")), (201, 201, ""));
    assert_ne!(acmes.body["id"], birchs.body["id"]);
    let other = api.with("POST", "/api/v1/customers", &once("birch-key"), body()).await;
    assert_eq!(other.errors(), ["Idempotency-Key reused"], "its own counts");
}

#[tokio::test]
async fn a_reference_to_anothers_thing_is_one_to_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = busy(dir.path()).await;
    let acmes: BTreeMap<&str, &str> = BTreeMap::from([
        ("location_id", "chicago"),
        ("technician_id", "jo"),
        ("customer_id", "ana"),
        ("work_order_id", "wo-1001"),
        ("provider_account_id", "acme-twilio"),
        ("default_location", "chicago"),
        ("number", "+13125550190"),
    ]);
    let description = described(&api).await;
    let mut references = 0;
    for (path, item) in description["paths"].as_object().expect("paths") {
        let schema = &item["post"]["requestBody"]["content"]["application/json"]["schema"];
        let name = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()).unwrap_or_default();
        let fields = description["components"]["schemas"][name]["properties"].as_object();
        if path.contains('{') {
            continue;
        }
        for field in fields.into_iter().flat_map(Map::keys) {
            let Some(id) = acmes.get(field.as_str()) else {
                // The user name of Plivo's clients is the tenant's own.
                assert!(
                    !field.ends_with("_id") || field == "auth_id",
                    "{path}: {field} is a reference, and nobody tries another's"
                );
                continue;
            };
            let body = |id: String| Value::Object(Map::from_iter([(field.clone(), Value::String(id))]));
            let one = as_birch(&api, "POST", path, body((*id).to_owned())).await;
            let none = as_birch(&api, "POST", path, body(made_up(id))).await;
            assert!(one.status >= 400, "{path} took Acme's {field}: {one:?}");
            let said = |told: &Told, id: &str| told.body.to_string().replace(id, "ID");
            assert_eq!(said(&one, id), said(&none, &made_up(id)), "{path}: {field} tells what is another's");
            references += 1;
        }
    }
    assert!(references > 8, "only {references} references were tried");
}

#[tokio::test]
async fn nothing_of_this_changed_anything() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = busy(dir.path()).await;
    let description = described(&api).await;
    let paths: Vec<&String> = description["paths"].as_object().expect("paths").keys().collect();
    let mut before = BTreeMap::new();
    for path in paths.iter().filter(|path| !path.contains('{') && **path != "/api/v1/tenants") {
        before.insert((*path).clone(), as_acme(&api, "GET", path, Value::Null).await.body);
    }
    for path in &paths {
        let Some((theirs, _)) = filled(&api, path).await else { continue };
        for method in ["PUT", "POST", "PATCH", "DELETE"] {
            for body in [json!({}), json!({"name": "x", "active": false, "state": "done", "phone": "+13125550155"})] {
                let told = as_birch(&api, method, &theirs, body).await;
                assert!(told.status >= 400, "{method} {path}: {told:?}");
            }
        }
    }
    for (path, body) in before {
        assert_eq!(as_acme(&api, "GET", &path, Value::Null).await.body, body, "{path} is as it was");
    }
}
