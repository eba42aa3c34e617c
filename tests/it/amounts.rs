//! What a call's callbacks say adds up to what its session says, however the call goes.
//!
//! Deliberately not here: which step is which news (a table beside the code), and calls that we start
//! (`amounts_placed`).

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::api::Api;
use crate::deliveries::listed;
use crate::flows::CHILD;
use crate::masking::{ask, made, pair, wait};
use crate::support::{Bench, call, link, unlimited};

pub const CALLER: &str = "+13125550111";

/// Something that the provider tells.
#[derive(Clone, Copy, Debug)]
enum Says {
    /// Of the callee's leg: a status, and seconds.
    Leg(&'static str, &'static str),
    /// Of the end of the dialling: a status, and seconds.
    Dialed(&'static str, &'static str),
    /// The same, and that the caller is gone.
    DialedGone(&'static str),
    /// Of the caller's leg: a status, and seconds.
    Caller(&'static str, &'static str),
    /// Nothing for so many seconds.
    Later(i64),
    /// The same; then it is swept.
    Nothing(i64),
}

use Says::{Caller, Dialed, DialedGone, Later, Leg, Nothing};

struct Row {
    why: &'static str,
    says: &'static [Says],
    /// Duration, billed duration, and millionths of the amount.
    comes_to: (u64, u64, u64),
    /// Where the parties' legs stand in the end.
    stand: (&'static str, &'static str),
    /// Why it was over.
    cause: &'static str,
}

const ROWS: [Row; 14] = [
    Row {
        why: "they talk",
        says: &[
            Leg("ringing", ""),
            Leg("in-progress", ""),
            Leg("completed", "60"),
            Dialed("completed", "60"),
            Caller("completed", "61"),
        ],
        comes_to: (121, 180, 60_000),
        stand: ("completed", "completed"),
        cause: "Normal Hangup",
    },
    Row {
        why: "they talk, and nothing is heard of the leg",
        says: &[Dialed("completed", "61"), Caller("completed", "61")],
        comes_to: (122, 240, 80_000),
        stand: ("completed", "completed"),
        cause: "Normal Hangup",
    },
    Row {
        why: "they talk, and the leg's last status is lost",
        says: &[Leg("in-progress", ""), Dialed("completed", "20"), Caller("completed", "21")],
        comes_to: (41, 120, 40_000),
        stand: ("completed", "completed"),
        cause: "Normal Hangup",
    },
    Row {
        why: "the caller's end is heard of first",
        says: &[Leg("in-progress", ""), Caller("completed", "59"), Dialed("completed", "61"), Leg("completed", "61")],
        comes_to: (118, 120, 40_000),
        stand: ("completed", "completed"),
        cause: "Normal Hangup",
    },
    Row {
        why: "nobody answers",
        says: &[Leg("ringing", ""), Leg("no-answer", "0"), Dialed("no-answer", ""), Caller("completed", "3")],
        comes_to: (3, 60, 20_000),
        stand: ("completed", "no-answer"),
        cause: "End Of XML Instructions",
    },
    Row {
        why: "busy",
        says: &[Leg("busy", "0"), Dialed("busy", ""), Caller("completed", "3")],
        comes_to: (3, 60, 20_000),
        stand: ("completed", "busy"),
        cause: "End Of XML Instructions",
    },
    Row {
        why: "unreachable",
        says: &[Dialed("failed", ""), Caller("completed", "4")],
        comes_to: (4, 60, 20_000),
        stand: ("completed", "failed"),
        cause: "End Of XML Instructions",
    },
    Row {
        why: "the caller gives up while it rings",
        says: &[Leg("ringing", ""), Leg("canceled", "0"), DialedGone("no-answer"), Caller("canceled", "0")],
        comes_to: (0, 0, 0),
        stand: ("canceled", "canceled"),
        cause: "Canceled",
    },
    Row {
        why: "the caller gives up, and only that is heard of",
        says: &[Leg("ringing", ""), Caller("canceled", "0")],
        comes_to: (0, 0, 0),
        stand: ("canceled", "canceled"),
        cause: "Canceled",
    },
    Row {
        why: "nobody says how long",
        says: &[Leg("in-progress", ""), Later(20), Dialed("completed", ""), Later(2), Caller("completed", "")],
        comes_to: (40, 120, 40_000),
        stand: ("completed", "completed"),
        cause: "Normal Hangup",
    },
    Row {
        why: "nothing is heard of the caller's own leg",
        says: &[Leg("in-progress", ""), Dialed("completed", "61"), Nothing(120)],
        comes_to: (122, 240, 80_000),
        stand: ("completed", "completed"),
        cause: "Normal Hangup",
    },
    Row {
        why: "their leg was busy, and what follows is lost",
        says: &[Leg("busy", "0"), Caller("completed", "12"), Nothing(120)],
        comes_to: (12, 60, 20_000),
        stand: ("completed", "busy"),
        cause: "Canceled",
    },
    Row {
        why: "nothing is heard at all",
        says: &[Nothing(4100)],
        comes_to: (0, 0, 0),
        stand: ("completed", "canceled"),
        cause: "Canceled",
    },
    Row {
        why: "nothing is heard of anything",
        says: &[Leg("in-progress", ""), Nothing(4100)],
        comes_to: (0, 0, 0),
        stand: ("completed", "completed"),
        cause: "Normal Hangup",
    },
];

/// News of a leg of the call `CA1`.
async fn leg(api: &Api, path: &str, sid: &str, status: &str, seconds: &str) {
    let mut form = vec![("CallSid", sid), ("From", CALLER), ("To", "+13125550190"), ("CallStatus", status)];
    if sid == CHILD {
        form.extend([("ParentCallSid", "CA1"), ("Direction", "outbound-dial")]);
    }
    if !seconds.is_empty() {
        form.push(("CallDuration", seconds));
    }
    api.bench.post(path, &form).await;
}

/// What the callbacks of a session say, in order.
pub async fn callbacks(api: &Api, uuid: &str) -> Vec<BTreeMap<String, String>> {
    let mut told = Vec::new();
    for item in listed(api, &format!("&session_id={uuid}")).await {
        let path = format!("/api/v1/deliveries/{}", item["id"].as_str().expect("an id"));
        let whole = api.ask("GET", &path, Value::Null).await.body["parameters"].clone();
        told.push(serde_json::from_value(whole).expect("words"));
    }
    told
}

pub fn events(told: &[BTreeMap<String, String>]) -> Vec<&str> {
    told.iter().map(|one| one["EventName"].trim_start_matches("Session")).collect()
}

pub fn sweep(api: &Api, seconds: i64) {
    wait(api, seconds);
    // Twice: what is told is told once.
    api.bench.switchboard.sweep(api.bench.clock.now());
    api.bench.switchboard.sweep(api.bench.clock.now());
}

/// The three figures of a hangup, or of a session's call.
pub fn figures(one: &BTreeMap<String, String>) -> (u64, u64, u64) {
    let whole = |name: &str| one[name].parse().expect("a number");
    let amount: f64 = one["Amount"].parse().expect("a number");
    (whole("Duration"), whole("BilledDuration"), millionths(amount))
}

fn millionths(amount: f64) -> u64 {
    format!("{:.0}", amount * 1e6).parse().expect("a number")
}

#[tokio::test]
async fn callbacks_add_up_to_what_the_session_says() {
    for row in ROWS {
        let Row { why, says, comes_to, stand, cause } = row;
        let dir = tempfile::tempdir().expect("a folder");
        let bench = Bench::open(dir.path()).await;
        let priced = |by: &str| unlimited().replacen("kind = \"twilio\"", &format!("kind = \"twilio\"\n{by}"), 1);
        bench.apply(&priced("price_per_minute = 0.02")).await;
        let api = Api::on(bench);
        let more = json!({"subaccount": "acme-twilio", "callback_url": "https://hooks.example/"});
        let (uuid, _) = made(&api, pair(111, 112, more)).await;
        let dialled = api.bench.post("voice", &call("CA1", CALLER)).await;
        let mut over = false;
        for step in says {
            match *step {
                Leg(status, seconds) => leg(&api, &link(&dialled, "status"), CHILD, status, seconds).await,
                Caller(status, seconds) => leg(&api, "voice/status", "CA1", status, seconds).await,
                Dialed(status, seconds) => {
                    let mut form = call("CA1", CALLER).to_vec();
                    let bridged = if status == "completed" { "true" } else { "false" };
                    form.extend([("DialCallStatus", status), ("DialBridged", bridged), ("DialCallSid", CHILD)]);
                    if !seconds.is_empty() {
                        form.push(("DialCallDuration", seconds));
                    }
                    api.bench.post(&link(&dialled, "dialed"), &form).await;
                }
                DialedGone(status) => {
                    let mut form = call("CA1", CALLER).to_vec();
                    form[3].1 = "completed";
                    form.extend([("DialCallStatus", status), ("DialBridged", "false")]);
                    api.bench.post(&link(&dialled, "dialed"), &form).await;
                }
                Later(seconds) => wait(&api, seconds),
                Nothing(seconds) => {
                    sweep(&api, seconds);
                    assert!(api.bench.switchboard.flush(Duration::from_secs(10)).await);
                }
            }
            over |= matches!(step, Caller(..) | Nothing(_));
            let told = callbacks(&api, &uuid).await;
            let last = ["FirstPartyHangup", "PartiesHangup"].map(|end| events(&told).contains(&end));
            assert_eq!(last, [over, over], "{why}: told when the caller's own leg has ended: {step:?}");
        }
        sweep(&api, 7200);
        let told = callbacks(&api, &uuid).await;
        let of = |event: &str| -> &BTreeMap<String, String> {
            let mut found = told.iter().filter(|one| one["EventName"] == event);
            let one = found.next().unwrap_or_else(|| panic!("{why}: no {event}"));
            assert!(found.next().is_none(), "{why}: {event} twice");
            one
        };
        let parties = of("SessionPartiesHangup");
        assert_eq!((figures(parties), parties["PlivoHangupCause"].as_str()), (comes_to, cause), "{why}: the whole");
        let (first, second) = (figures(of("SessionFirstPartyHangup")), figures(of("SessionSecondPartyHangup")));
        assert_eq!((first.0 + second.0, first.1 + second.1, first.2 + second.2), comes_to, "{why}: party by party");
        // A price that came later is no price of this call.
        api.bench.apply(&priced("price_per_minute = 5\nbilling_increment_seconds = 6")).await;
        let session = ask(&api, "GET", &format!("/{uuid}/"), Value::Null).await.body["response"].clone();
        let talk = &session["interaction"][0];
        let shown = |of: &Value, billed: &str| {
            (of[billed].as_u64().expect("whole"), millionths(of["total_call_amount"].as_f64().expect("a number")))
        };
        assert_eq!(talk["duration"], comes_to.0, "{why}: {talk}");
        assert_eq!(shown(talk, "call_billed_duration"), (comes_to.1, comes_to.2), "{why}: its call");
        assert_eq!(shown(&session, "total_call_billed_duration"), (comes_to.1, comes_to.2), "{why}: its totals");
        assert_eq!(
            (&talk["first_party_status"], &talk["second_party_status"]),
            (&json!(stand.0), &json!(stand.1)),
            "{why}"
        );
        assert_eq!(talk["total_call_count"], 2, "{why}");
    }
}

#[tokio::test]
async fn an_end_that_nobody_told_is_told_after_a_restart() {
    for (word, bridged, wait, rest, why) in [
        (
            "busy",
            "false",
            60,
            &["SecondPartyHangup", "FirstPartyHangup", "PartiesHangup"],
            "the caller hears us a while",
        ),
        (
            "completed",
            "true",
            10,
            &["SecondPartyHangup", "FirstPartyHangup", "PartiesHangup"],
            "nothing is said after it",
        ),
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        let api = Api::demo(dir.path()).await;
        let more = json!({"subaccount": "acme-twilio", "callback_url": "https://hooks.example/"});
        let (uuid, _) = made(&api, pair(111, 112, more)).await;
        let dialled = api.bench.post("voice", &call("CA1", CALLER)).await;
        let mut form = call("CA1", CALLER).to_vec();
        form.extend([("DialCallStatus", word), ("DialBridged", bridged)]);
        api.bench.post(&link(&dialled, "dialed"), &form).await;
        let Api { bench, .. } = api;
        bench.close().await;
        let api = Api::on(Bench::open(dir.path()).await);
        for (seconds, expected) in [(wait - 1, &rest[..1]), (1, rest), (600, rest)] {
            sweep(&api, seconds);
            assert!(api.bench.switchboard.flush(Duration::from_secs(10)).await);
            let told = callbacks(&api, &uuid).await;
            let told = events(&told);
            let ends: Vec<_> = told.iter().filter(|event| event.ends_with("Hangup")).collect();
            assert_eq!(ends, expected.iter().collect::<Vec<_>>(), "{why}, {seconds} later");
        }
    }
}
