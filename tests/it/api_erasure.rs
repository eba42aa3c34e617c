//! One phone is erased through the management API: nothing of it remains, in the database or in memory, but what proves it
//! and what keeps its wish.
//!
//! Deliberately not here: deleting at the provider.

use std::path::Path;

use serde_json::{Value, json};

use crate::api::Api;
use crate::flows::{WORDS, message, talk, voicemail};
use crate::support::{Bench, at, call, text, unlimited};

/// Ana's phone, as tables and documents have it.
const ANA: u64 = 13_125_550_101;

/// Acme after Ana called, left a voicemail, got a text and opted out.
async fn busy(dir: &Path) -> Api {
    let bench = Bench::open(dir).await;
    bench.apply(&unlimited().replacen("[location.masking] ", "[location.masking]\nstore_sms_body = true\n#", 1)).await;
    talk(&bench, "CAtalk").await;
    bench.clock.set(at("2026-03-09T09:03:11-05:00"));
    voicemail(&bench, "CAmail").await;
    message(&bench, "SMtext").await;
    bench.clock.set(at("2026-03-09T09:04:11-05:00"));
    let stop = [("MessageSid", "SMstop"), ("From", "+13125550101"), ("To", "+13125550190"), ("Body", "STOP")];
    bench.post("sms", &stop).await;
    Api::on(bench)
}

/// Whether a file has a phone in it, in letters or as a column keeps it.
fn has(file: &Path, phone: u64) -> bool {
    let bytes = std::fs::read(file).unwrap_or_default();
    let digits = phone.to_string();
    let column = &phone.to_be_bytes()[2..];
    bytes.windows(digits.len()).any(|part| part == digits.as_bytes()) || bytes.windows(6).any(|part| part == column)
}

async fn count(api: &Api, path: &str) -> usize {
    let told = api.ask("GET", path, Value::Null).await;
    told.body["items"].as_array().unwrap_or_else(|| panic!("{path}: {told:?}")).len()
}

#[tokio::test]
async fn nothing_of_an_erased_phone_remains() {
    let dir = tempfile::tempdir().expect("a folder");
    let database = dir.path().join("hookswitch.db");
    let api = busy(dir.path()).await;
    assert_eq!(count(&api, "/api/v1/opt-outs").await, 1, "she opted out");
    let told = api.ask("POST", "/api/v1/erasures", json!({"phone": "+13125550101"})).await;
    assert_eq!(told.status, 201, "{told:?}");
    for (kind, least) in [
        ("customers", 1),
        ("sessions", 1),
        ("interactions", 4),
        ("journal", 9),
        ("messages", 2),
        ("voicemails", 1),
        ("todos", 1),
        ("contacts", 3),
        ("opt_outs", 1),
        ("technicians", 0),
    ] {
        assert!(told.body["counts"][kind].as_u64().is_some_and(|count| count >= least), "{kind}: {:?}", told.body);
    }
    assert_eq!(told.body["provider_side"]["state"], "pending");
    assert_eq!(told.body["provider_side"]["counts"], json!({"call": 2, "message": 2, "recording": 1}));
    let shown = api.ask("GET", told.header("location"), Value::Null).await;
    assert_eq!(shown.body, told.body);
    assert_eq!(count(&api, "/api/v1/erasures").await, 1);

    for path in ["interactions", "messages", "voicemails", "todos", "opt-outs", "audit", "erasures"] {
        let listed = api.ask("GET", &format!("/api/v1/{path}"), Value::Null).await;
        assert!(!listed.body.to_string().contains("3125550101"), "{path}: {listed:?}");
        for item in listed.body["items"].as_array().expect("a list") {
            let one = format!("/api/v1/{path}/{}", item["id"].as_str().expect("an id"));
            let one = api.ask("GET", &one, Value::Null).await;
            assert_eq!(one.status, 200);
            assert!(!one.body.to_string().contains("3125550101") && !one.body.to_string().contains(WORDS), "{one:?}");
        }
    }
    assert_eq!(count(&api, "/api/v1/interactions").await, 4, "what happened is still told, without her");
    assert_eq!(count(&api, "/api/v1/todos").await, 0);

    // A repeat of an old webhook is answered, says nothing, and does nothing.
    let repeat = text(&api.bench.post("voice", &call("CAtalk", "+13125550101")).await);
    assert!(!repeat.contains("<Dial"), "{repeat}");
    assert_eq!(count(&api, "/api/v1/interactions").await, 4);

    api.bench.close().await;
    for file in ["hookswitch.db", "hookswitch.db-wal", "spill"] {
        assert!(!has(&dir.path().join(file), ANA), "{file} has her phone in it");
    }
    assert!(has(&database, 13_125_550_144), "the other phone is there: this test can fail");
}

#[tokio::test]
async fn an_erased_phone_stays_opted_out() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = busy(dir.path()).await;
    assert_eq!(api.ask("POST", "/api/v1/erasures", json!({"phone": "+13125550101"})).await.status, 201);
    let texted = async |bench: &Bench, sid: &str| {
        let form = [("MessageSid", sid), ("From", "+13125550144"), ("To", "+13125550190"), ("Body", WORDS)];
        text(&bench.post("sms", &form).await).contains("to=\"+13125550101\"")
    };
    // She becomes a customer again.
    api.bench.apply(&unlimited()).await;
    api.bench.clock.set(at("2026-03-09T09:10:11-05:00"));
    assert!(!texted(&api.bench, "SM1").await, "in this process");
    api.bench.close().await;
    let bench = Bench::open(dir.path()).await;
    bench.clock.set(at("2026-03-09T09:11:11-05:00"));
    assert!(!texted(&bench, "SM2").await, "after a restart");
    let start = [("MessageSid", "SMstart"), ("From", "+13125550101"), ("To", "+13125550190"), ("Body", "START")];
    bench.post("sms", &start).await;
    bench.clock.set(at("2026-03-09T09:12:11-05:00"));
    assert!(texted(&bench, "SM3").await, "until she opts in");
    bench.close().await;
    let bench = Bench::open(dir.path()).await;
    bench.clock.set(at("2026-03-09T09:13:11-05:00"));
    assert!(texted(&bench, "SM4").await, "and that holds after a restart too");
}

#[tokio::test]
async fn what_is_in_use_is_not_erased() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = busy(dir.path()).await;
    for (phone, status, error, why) in [
        ("+13125550190", 409, " in_service", "a number"),
        ("+13125550123", 409, " in_service", "a back-office line"),
        ("312 555 0101", 422, "phone invalid", "no E.164"),
    ] {
        let told = api.ask("POST", "/api/v1/erasures", json!({ "phone": phone })).await;
        assert_eq!((told.status, told.errors()), (status, vec![error.to_owned()]), "{why}");
    }
    api.bench.ana_calls("CAnow").await;
    let told = api.ask("POST", "/api/v1/erasures", json!({"phone": "+13125550101"})).await;
    assert_eq!((told.status, told.errors()), (409, vec![" in_call".to_owned()]), "she is calling");
    assert_eq!(count(&api, "/api/v1/erasures").await, 0);
    let nobody = api.ask("POST", "/api/v1/erasures", json!({"phone": "+13125550177"})).await;
    assert_eq!((nobody.status, &nobody.body["provider_side"]["state"]), (201, &json!("none")), "{nobody:?}");
    assert_eq!(nobody.body["counts"]["interactions"], 0);
}
