//! What callbacks say of calls that we start, and what their session says.
//!
//! Deliberately not here: starting them (`placed`), and calls that come in (`amounts`).

use serde_json::{Value, json};

use crate::amounts::{CALLER, callbacks, events, figures, sweep};
use crate::api::Api;
use crate::double::{Double, Mishap};
use crate::masking::{ask, made, pair, wait};
use crate::placed::{errands, on_double};
use crate::support::link;

/// A session that wants its first party called.
async fn calling(api: &Api) -> String {
    let more = json!({
        "subaccount": "acme-twilio", "callback_url": "https://hooks.example/", "initiate_call_to_first_party": true,
    });
    made(api, pair(111, 112, more)).await.0
}

/// The same, and what the provider was asked: the path of our answer, the call's id.
async fn wished(api: &Api, double: &Double) -> (String, Option<(String, String)>) {
    let uuid = calling(api).await;
    for _ in 0..12 {
        errands(&api.bench).due().await.expect("readable");
        if !double.calls().is_empty() {
            break;
        }
        wait(api, 8);
    }
    let Some(sid) = double.calls().pop() else { return (uuid, None) };
    let came = double.came().pop().expect("a request");
    let connect = came.value("Url").split_once("/webhooks/acme-twilio/").expect("ours").1.to_owned();
    (uuid, Some((connect, sid)))
}

#[tokio::test]
async fn a_first_party_that_is_not_reached_is_told_of() {
    for (mishaps, status, stands, count, cause, why) in [
        (vec![Mishap::Refused], "", "failed", 0, "Canceled 1000", "the provider refuses the phone"),
        (vec![Mishap::TooMuch; 20], "", "failed", 0, "Canceled 1000", "the provider never had time"),
        (vec![], "busy", "busy", 1, "Busy Line 3010", "busy"),
        (vec![], "no-answer", "no-answer", 1, "No Answer 3000", "nobody answers"),
        (vec![], "failed", "failed", 1, "Destination Out Of Service 2010", "unreachable"),
        (vec![], "canceled", "canceled", 1, "Canceled 1000", "it is taken back"),
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        let (bench, double, _) = on_double(dir.path()).await;
        double.break_with(mishaps);
        let api = Api::on(bench);
        let (uuid, placed) = wished(&api, &double).await;
        if let Some((connect, sid)) = placed {
            let id = connect.split_once("call=").expect("ours").1;
            let form = [("CallSid", sid.as_str()), ("From", "+13125550190"), ("To", CALLER), ("CallStatus", status)];
            for _ in 0..2 {
                api.bench.post(&format!("voice/status?call={id}"), &form).await;
            }
        }
        sweep(&api, 7200);
        let told = callbacks(&api, &uuid).await;
        let about: Vec<&str> = events(&told).into_iter().filter(|event| *event != "Timeout").collect();
        assert_eq!(about, ["FirstPartyHangup", "PartiesHangup"], "{why}");
        for one in &told[..2] {
            assert_eq!(format!("{} {}", one["PlivoHangupCause"], one["PlivoHangupCauseCode"]), cause, "{why}");
            assert_eq!(figures(one), (0, 0, 0), "{why}");
            assert_eq!((one["From"].as_str(), one["To"].as_str()), ("13125550111", "13125550112"), "{why}");
        }
        let session = ask(&api, "GET", &format!("/{uuid}/"), Value::Null).await.body["response"].clone();
        let talk = &session["interaction"][0];
        assert_eq!(
            (&talk["first_party_status"], &talk["second_party_status"]),
            (&json!(stands), &Value::Null),
            "{why}"
        );
        assert_eq!((&session["total_call_count"], &talk["duration"]), (&json!(count), &json!(0)), "{why}");
    }
}

#[tokio::test]
async fn a_call_that_may_not_be_made_is_told_of() {
    let dir = tempfile::tempdir().expect("a folder");
    let (bench, double, errands) = on_double(dir.path()).await;
    let api = Api::on(bench);
    let uuid = calling(&api).await;
    ask(&api, "DELETE", &format!("/{uuid}/"), Value::Null).await;
    for _ in 0..3 {
        errands.due().await.expect("readable");
    }
    assert!(double.calls().is_empty(), "the session is over");
    assert_eq!(events(&callbacks(&api, &uuid).await), ["Timeout", "FirstPartyHangup", "PartiesHangup"]);
    let session = ask(&api, "GET", &format!("/{uuid}/"), Value::Null).await.body["response"].clone();
    let talk = &session["interaction"][0];
    assert_eq!((&talk["first_party_status"], &talk["total_call_count"]), (&json!("failed"), &json!(0)), "{talk}");
}

#[tokio::test]
async fn a_first_party_that_answers_is_told_of_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let (bench, double, _) = on_double(dir.path()).await;
    let api = Api::on(bench);
    let (uuid, placed) = wished(&api, &double).await;
    let (connect, sid) = placed.expect("a call");
    let form = [("CallSid", sid.as_str()), ("From", "+13125550190"), ("To", CALLER), ("CallStatus", "in-progress")];
    let id = connect.split_once("call=").expect("ours").1.to_owned();
    let status = format!("voice/status?call={id}");
    api.bench.post(&status, &form).await;
    let joined = api.bench.post(&connect, &form).await;
    api.bench.post(&connect, &form).await;
    let mut end = form.to_vec();
    end.extend([("DialCallStatus", "busy"), ("DialBridged", "false")]);
    api.bench.post(&link(&joined, "dialed"), &end).await;
    assert_eq!(events(&callbacks(&api, &uuid).await), ["FirstPartyAnswer", "SecondPartyHangup"]);
    let mut gone = form.to_vec();
    gone[3].1 = "completed";
    gone.push(("CallDuration", "7"));
    api.bench.post(&status, &gone).await;
    let told = callbacks(&api, &uuid).await;
    assert_eq!(events(&told), ["FirstPartyAnswer", "SecondPartyHangup", "FirstPartyHangup", "PartiesHangup"]);
    assert_eq!(told[3]["Duration"], "7");
    let session = ask(&api, "GET", &format!("/{uuid}/"), Value::Null).await.body["response"].clone();
    assert_eq!((&session["total_call_count"], &session["interaction"][0]["duration"]), (&json!(2), &json!(7)));
}

#[tokio::test]
async fn a_session_that_ended_while_its_first_party_rang_joins_nobody() {
    let dir = tempfile::tempdir().expect("a folder");
    let (bench, double, _) = on_double(dir.path()).await;
    let api = Api::on(bench);
    let (uuid, placed) = wished(&api, &double).await;
    let (connect, sid) = placed.expect("a call");
    let shown = ask(&api, "GET", &format!("/{uuid}/"), Value::Null).await.body["response"].clone();
    assert_eq!(shown["interaction"][0]["first_party_status"], "initiated", "nobody has answered yet");
    ask(&api, "DELETE", &format!("/{uuid}/"), Value::Null).await;
    let form = [("CallSid", sid.as_str()), ("From", "+13125550190"), ("To", CALLER), ("CallStatus", "in-progress")];
    let document = crate::support::text(&api.bench.post(&connect, &form).await);
    assert!(!document.contains("<Dial") && !document.contains("+13125550112"), "{document}");
}
