//! A thousand requests at one time, for one number and for one pair, through each of the compatible doors.
//!
//! Deliberately not here: what each answer says otherwise (`deepcall`, `masking`).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::api::{Api, Told};
use crate::masking;
use crate::support::Bench;

/// How many ask.
const MANY: u64 = 1000;

/// Much longer than it takes on a machine with nothing else to do.
const REASONABLE: Duration = Duration::from_secs(60);

/// A tenant with one number.
const WORLD: &str = r#"
[tenant]
id = "acme"
api_key = "demo-tenant-key"
auth_id = "MAHOOKSWITCHDEMO0001"
auth_token = "demo-auth-token"
deepcall = { user_id = "demo", token = "demo-token", ssid = "demo-ssid" }
default_location = "chicago"
[[provider_account]]
id = "acme-twilio"
kind = "twilio"
account_sid = "AC00000000000000000000000000000001"
auth_token = "demo-auth-token"
sandbox = true
[[location]]
id = "chicago"
time_zone = "America/Chicago"
[location.masking]
enabled = true
[[number]]
e164 = "+13125550190"
provider_account_id = "acme-twilio"
"#;

/// A phone that nobody else in this test has.
fn phone(no: u64) -> String {
    const AREAS: [u64; 10] = [201, 202, 203, 205, 206, 207, 208, 209, 210, 212];
    let area = AREAS[usize::try_from(no / 100).expect("an area")];
    format!("+1{area}55501{:02}", no % 100)
}

async fn api(dir: &tempfile::TempDir) -> Arc<Api> {
    let bench = Bench::open(dir.path()).await;
    bench.apply(WORLD).await;
    Arc::new(Api::on(bench))
}

/// Where they ask.
#[derive(Clone, Copy)]
enum Door {
    Plivo,
    DeepCall,
}

impl Door {
    async fn make(self, api: &Api, second: &str) -> Told {
        match self {
            Self::Plivo => {
                let body = json!({"first_party": "+13125550111", "second_party": second});
                masking::ask(api, "POST", "/", body).await
            }
            Self::DeepCall => {
                let body = json!({"ssid": "demo-ssid", "m1": "+13125550111", "m2": second}).to_string();
                api.raw("POST", "/api/v2/Masking/set", &[], body.into_bytes()).await
            }
        }
    }
}

/// All at once, each in a task of its own; how they were answered, and how long all took.
async fn all(api: &Arc<Api>, door: Door, second: fn(u64) -> String) -> (Vec<Told>, Duration) {
    let began = Instant::now();
    let tasks: Vec<_> = (0..MANY)
        .map(|no| {
            let api = Arc::clone(api);
            let second = second(no);
            tokio::spawn(async move { door.make(&api, &second).await })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.expect("an answer"));
    }
    (answers, began.elapsed())
}

async fn sessions(api: &Api) -> usize {
    let told = api.ask("GET", "/api/v1/sessions?limit=100", Value::Null).await;
    told.body["items"].as_array().expect("a list").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_want_the_last_number_and_one_has_it() {
    let deepcall = json!({"status": "error", "code": 1505, "message": "Masking number not available"});
    for (door, made, name) in [(Door::DeepCall, 200, "mask"), (Door::Plivo, 201, "virtual_number")] {
        let dir = tempfile::tempdir().expect("a folder");
        let api = api(&dir).await;
        let (answers, took) = all(&api, door, phone).await;
        println!("{MANY} requests for one number took {took:?}");
        let count = |status: u16, is: &dyn Fn(&Value) -> bool| {
            answers.iter().filter(|told| told.status == status && is(&told.body)).count()
        };
        assert_eq!(count(made, &|body| body[name] == "+13125550190"), 1, "{name}");
        let none = |body: &Value| *body == deepcall || body["error"] == "Number pool exhausted or not available.";
        assert_eq!(count(400, &none), 999, "{name}");
        assert_eq!(sessions(&api).await, 1);
        assert!(took < REASONABLE, "{took:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_that_is_repeated_is_one_session() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = api(&dir).await;
    let (answers, took) = all(&api, Door::Plivo, |_| "+13125550112".to_owned()).await;
    println!("{MANY} repeats of one request took {took:?}");
    let uuids: BTreeSet<_> = answers.iter().map(|told| (told.status, told.body["session_uuid"].to_string())).collect();
    assert_eq!(uuids.len(), 1, "{uuids:?}");
    assert_eq!(uuids.first().map(|(status, _)| *status), Some(201));
    assert_eq!(sessions(&api).await, 1);
    let told = Door::Plivo.make(&api, "+13125550112").await;
    assert_eq!(told.status, 429, "they count, once they are answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_that_is_set_again_and_again_is_one_mask() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = api(&dir).await;
    let (answers, took) = all(&api, Door::DeepCall, |_| "+13125550112".to_owned()).await;
    println!("{MANY} requests for one pair took {took:?}");
    assert_eq!(answers.iter().filter(|told| told.status == 200).count(), 1);
    assert_eq!(answers.iter().filter(|told| told.body["code"] == 1503).count(), 999);
    assert_eq!(sessions(&api).await, 1);
    // Whoever sets and unsets in turn is never refused.
    let body = |door: &str| {
        let body = json!({"ssid": "demo-ssid", "m1": "+13125550111", "m2": "+13125550112"}).to_string();
        (format!("/api/v2/Masking/{door}"), body.into_bytes())
    };
    for door in ["unset", "set", "unset", "set"] {
        let (path, body) = body(door);
        let told = api.raw("POST", &path, &[], body).await;
        assert_eq!(told.status, 200, "{door}: {told:?}");
    }
    assert!(took < REASONABLE, "{took:?}");
}
