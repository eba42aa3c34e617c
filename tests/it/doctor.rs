//! An installation in which much is broken, looked over by `doctor`: each planted fault is found, with what mends it.
//!
//! Deliberately not here: tables of single checks; they stand beside the code.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::program::{Home, files};
use crate::support::DEMO;
use crate::wire;

/// What the provider's API is asked with: `AC1:right-token`.
const BASIC: &str = "authorization: Basic QUMxOnJpZ2h0LXRva2Vu";

/// A provider's API on this machine, that tells one number whose calls go elsewhere; and how often it was asked.
fn provider() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("its address"));
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let mut lines = BufReader::new(&socket).lines().map_while(Result::ok);
            let first = lines.next().unwrap_or_default();
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let known = head.iter().any(|line| line.eq_ignore_ascii_case(BASIC));
            let right = first.starts_with("GET /2010-04-01/Accounts/AC1/IncomingPhoneNumbers.json?PageSize=1000 ");
            count.fetch_add(1, Ordering::SeqCst);
            let (status, body) = match (right, known) {
                (true, true) => (
                    "200 OK",
                    r#"{"incoming_phone_numbers": [{"phone_number": "+13125550190",
                        "voice_url": "https://old.example.com/voice", "sms_url": null}], "next_page_uri": null}"#,
                ),
                (true, false) => ("401 Unauthorized", r#"{"code": 20003}"#),
                (false, _) => ("404 Not Found", "{}"),
            };
            let reply = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = (&socket).write_all(reply.as_bytes());
        }
    });
    (base, asked)
}

/// A tenant with a real account, and with much that does not hang together.
fn broken(api: &str) -> String {
    format!(
        r#"
[tenant]
id = "acme"
default_location = "chicago"

[[provider_account]]
id = "acme-twilio"
kind = "twilio"
account_sid = "AC1"
auth_token_env = "ACME_TOKEN"
api_base_url = "{api}"

[[location]]
id = "chicago"
time_zone = "America/Chicago"
hours = "Mo-Fr 08:00-17:00"
on_no_answer = ["backoffice"]

[location.prompts]
recording_disclosure = " "

[location.masking]
enabled = true
masking_mode = "per_job_ephemeral"
record_voice_calls = true
inbound_callback_route_in_hours = "technician"

[[location.backoffice_line]]
id = "desk"
phone = "+13125550123"
active = false

[[location]]
id = "denver"
time_zone = "America/Denver"

[[location.override]]
state = "closed"
from = "2026-01-01T00:00:00Z"

[[work_order]]
id = "wo-1"
location_id = "chicago"

[[work_order]]
id = "wo-2"
location_id = "chicago"

[[number]]
e164 = "+13125550190"
provider_account_id = "acme-twilio"
location_id = "chicago"
"#
    )
}

/// What was found: name, outcome, detail and remedy.
fn found(json: &str) -> Vec<(String, String, String, String)> {
    let found: Value = serde_json::from_str(json).expect("it is JSON");
    let text = |one: &Value, field: &str| one[field].as_str().unwrap_or_default().to_owned();
    let told = |one: &Value| (text(one, "name"), text(one, "outcome"), text(one, "detail"), text(one, "mend"));
    found.as_array().into_iter().flatten().map(told).collect()
}

#[test]
fn each_planted_fault_is_found_with_what_mends_it() {
    let (api, asked) = provider();
    let home = Home::with(DEMO);
    home.rules(&broken(&api));
    let token = [("ACME_TOKEN", "right-token"), ("HOOKSWITCH_TEST_CLOCK", "true"), ("HOOKSWITCH_LISTNE", "x")];
    let rules = home.path().join("rules/world.toml").display().to_string();
    home.run_with(&["apply", &rules], &token).expect(0, &["chicago"], &[], "the faults are applied");
    fs::create_dir(home.data().join("spill")).expect("made");
    fs::write(home.data().join("spill/00000000000000000001.jsonl"), "").expect("planted");
    fs::write(home.path().join("rules/second.toml"), "[tenant]\nid = \"beta\"\ncountry = \"Nowhere\"\n")
        .expect("planted");
    #[cfg(unix)]
    for (path, mode) in [(home.data(), 0o755), (home.data().join("master.key"), 0o644)] {
        let rights = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs::set_permissions(path, rights).expect("planted");
    }

    let before = files(home.path());
    let done = home.run_with(&["doctor", "--json"], &token);
    assert_eq!(done.code, Some(1), "{}{}", done.out, done.err);
    let all = found(&done.out);
    for (name, outcome, detail, mend) in [
        ("configuration", "warning", "did you mean HOOKSWITCH_LISTEN?", "the name of a key"),
        ("configuration", "warning", "test_clock is on", "test_clock = false"),
        ("configuration", "warning", "master_key is not set", "apart from the database"),
        ("spill", "failed", "1 file of answered webhooks", "start the server"),
        ("public URL", "failed", "no provider reaches that", "public_base_url = \"https://"),
        ("signatures", "warning", "no webhook of it lately", "call one of them"),
        (
            "webhook URLs",
            "failed",
            "calls go to https://old.example.com/voice at +1•••0190",
            "/webhooks/acme-twilio/voice",
        ),
        ("webhook URLs", "failed", "texts go to not set at +1•••0190", "/webhooks/acme-twilio/sms"),
        ("fallback URLs", "warning", "primary handler fails\" is not set", "/webhooks/acme-twilio/voice/fallback"),
        ("rules files", "failed", "tenant.country", "hookswitch check"),
        ("routing", "warning", "all its back-office lines are inactive", "active = true"),
        ("routing", "warning", "no technician of it is active", "[[technician]]"),
        ("routing", "warning", "that step is skipped", "on_no_answer"),
        ("hours", "warning", "location chicago: it has no holidays", "location.chicago.holidays"),
        ("hours", "failed", "location denver: it was set closed by hand", "an until"),
        ("pool", "failed", "2 numbers are needed, and 1 serve", "[[number]]"),
        ("recording", "failed", "its disclosure is empty", "recording_disclosure"),
    ] {
        let there = all
            .iter()
            .any(|(one, was, told, how)| one == name && was == outcome && told.contains(detail) && how.contains(mend));
        assert!(there, "{name} {outcome}: {detail} … {mend} is not among {all:#?}");
    }
    for (name, mend) in [("data", "chmod 700"), ("master.key", "chmod 600")] {
        let there =
            all.iter().any(|(one, _, told, how)| one == "permissions" && told.contains(name) && how.contains(mend));
        assert!(there || cfg!(not(unix)), "{name}: {all:#?}");
    }
    assert!(!done.out.contains("5550190") && !done.out.contains("right-token"), "{}", done.out);
    assert!(asked.load(Ordering::SeqCst) > 0, "the provider was asked");
    let after = files(home.path());
    // A reader of SQLite's leaves its log beside the file, empty.
    let kept = |all: Vec<(PathBuf, Vec<u8>)>| -> BTreeMap<PathBuf, Vec<u8>> {
        all.into_iter()
            .filter(|(path, bytes)| !bytes.is_empty() && path.extension().is_none_or(|end| end != "db-shm"))
            .collect()
    };
    assert!(kept(before) == kept(after), "nothing was made and nothing was changed");

    let wrong = [("ACME_TOKEN", "wrong-token")];
    home.run_with(&["apply", &rules], &wrong).expect(0, &["secrets changed"], &[], "another token");
    let done = home.run_with(&["doctor"], &wrong);
    done.expect(
        1,
        &[
            "11  failed   credentials    account acme-twilio: the provider refuses its credentials (401)",
            "\n                            mend: correct provider_account.acme-twilio.account_sid",
            "to mend;",
        ],
        &[],
        "for people",
    );
    fs::write(home.database(), "this is no database").expect("planted");
    let all = found(&home.run_with(&["doctor", "--json"], &token).out);
    let database = all.iter().find(|(name, ..)| name == "database").expect("it is looked at");
    assert!(database.1 == "failed" && database.3.contains("backup"), "{database:?}");
}

#[tokio::test]
async fn a_running_server_is_asked_and_left_alone() {
    let home = Home::with(DEMO);
    let public = ("HOOKSWITCH_PUBLIC_BASE_URL", "https://127.0.0.1:8080");
    let server = home.start(&[public]).await;
    let listen = server.address.to_string();
    let env = [public, ("HOOKSWITCH_LISTEN", listen.as_str())];
    let healthy = home.run_with(&["doctor", "--json"], &env);
    let all = found(&healthy.out);
    assert!(healthy.code == Some(0) && all.iter().all(|(_, outcome, ..)| outcome != "failed"), "{all:#?}");
    let said = |all: &[(String, String, String, String)], name: &str| {
        all.iter().find(|(one, ..)| one == name).cloned().expect("it is looked at")
    };
    assert!(said(&all, "writing").2.contains("the running server writes it"), "{all:#?}");

    // Signed for http, as it is by a provider that was given another address.
    let call = wire::signed("voice", b"CallSid=CA1&From=%2B13125550101&To=%2B13125550190&CallStatus=ringing");
    assert_eq!(wire::send(server.address, &call).await.expect("an answer").status, 403);
    let done = home.run_with(&["doctor", "--json"], &env);
    let (_, outcome, detail, mend) = said(&found(&done.out), "signatures");
    assert_eq!((done.code, outcome.as_str()), (Some(1), "failed"), "{detail}");
    assert!(detail.contains("the signature is right for scheme http"), "{detail}");
    assert!(mend.contains("public_base_url"), "{mend}");
    let other = [("HOOKSWITCH_PUBLIC_BASE_URL", "https://calls.example.com"), env[1]];
    let (_, outcome, detail, _) = said(&found(&home.run_with(&["doctor", "--json"], &other).out), "public URL");
    assert_eq!(outcome, "failed", "not the running server's address: {detail}");
    assert!(detail.contains("the running server checked signatures of account"), "{detail}");
    let closed = server.get("/refusals", &[]).await.expect("an answer");
    assert_eq!(closed.status, 401, "who was refused is not for everybody");
    server.stop().await;
}

#[test]
fn a_configuration_that_cannot_be_read_is_told_whole() {
    let home = Home::with(DEMO);
    fs::write(home.path().join("bad.toml"), "listne = \"x\"\njournal_days = \"two\"\n").expect("planted");
    let done = home.run(&["--config", "bad.toml", "doctor", "--json"]);
    let all = found(&done.out);
    let failed: Vec<&str> = all.iter().filter(|one| one.1 == "failed").map(|one| one.2.as_str()).collect();
    assert_eq!((done.code, failed.len()), (Some(1), 2), "{all:#?}");
    assert!(failed[0].contains("bad.toml:1: listne") && failed[1].contains("bad.toml:2: journal_days"), "{failed:?}");
    assert_eq!(all.iter().filter(|one| one.1 == "skipped").count(), 18, "everything else waits for it");
    home.run(&["--config", "none.toml", "doctor"]).expect(
        2,
        &[],
        &["none.toml cannot be read"],
        "a file that is not there",
    );
}
