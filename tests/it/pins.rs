//! PINs through the switchboard on a real database: who is locked out stays so after a restart, a repeat gets the same bytes,
//! and no PIN is kept.
//!
//! Deliberately not here: who is let through, which fixtures show.

use crate::support::{Bench, link, text};

const NUMBER: &str = "+12195550170";
const STRANGER: &str = "+12195550198";

/// The world of pairs, with the secret that the bench signs with.
fn world() -> String {
    let world = include_str!("../../fixtures/worlds/pairs.toml");
    let world = world.replace("auth_token_env = \"ACME_TWILIO_TOKEN\"", "auth_token = \"demo-auth-token\"");
    world.replace("signing_key_env = \"ACME_SIGNALWIRE_SIGNING_KEY\"", "signing_key = \"fictitious\"")
}

fn call(sid: &str) -> [(&str, &str); 5] {
    [("CallSid", sid), ("From", STRANGER), ("To", NUMBER), ("CallStatus", "ringing"), ("Direction", "inbound")]
}

fn typed<'a>(sid: &'a str, keys: &'a str) -> [(&'a str, &'a str); 5] {
    [("CallSid", sid), ("From", STRANGER), ("To", NUMBER), ("CallStatus", "in-progress"), ("Digits", keys)]
}

#[tokio::test]
async fn who_is_locked_out_stays_so_after_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::open(dir.path()).await;
    bench.apply(&world()).await;
    let mut asked = bench.post("voice", &call("CA1")).await;
    for keys in ["77770001", "77770002"] {
        asked = bench.post(&link(&asked, "pin"), &typed("CA1", keys)).await;
    }
    bench.close().await;

    let bench = Bench::open(dir.path()).await;
    let third = link(&asked, "pin");
    let refused = text(&bench.post(&third, &typed("CA1", "77770003")).await);
    assert!(refused.contains("who.mp3") && refused.contains("<Hangup/>"), "the third in a row: {refused}");
    assert_eq!(text(&bench.post(&third, &typed("CA1", "77770003")).await), refused, "the same request again");
    bench.close().await;

    let bench = Bench::open(dir.path()).await;
    assert_eq!(text(&bench.post(&third, &typed("CA1", "77770003")).await), refused, "and after a restart");
    let again = text(&bench.post("voice", &call("CA2")).await);
    assert!(!again.contains("<Gather") && again.contains("<Hangup/>"), "locked out: {again}");
    bench.close().await;
}

#[tokio::test]
async fn no_pin_is_kept() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::open(dir.path()).await;
    bench.apply(&world()).await;
    let mut asked = bench.post("voice", &call("CA1")).await;
    // The session's own terms are kept; what a caller types is not, right or wrong.
    asked = bench.post(&link(&asked, "pin"), &typed("CA1", "77770001")).await;
    let dialled = text(&bench.post(&link(&asked, "pin"), &typed("CA1", "77770002")).await);
    assert!(!dialled.contains("7777"), "{dialled}");
    bench.close().await;
    for file in std::fs::read_dir(dir.path()).expect("a folder") {
        let path = file.expect("a file").path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        assert!(!bytes.windows(7).any(|window| window == b"7777000"), "{} holds what was typed", path.display());
    }
}

#[tokio::test]
async fn somebody_alone_in_a_session_calls_back_who_was_in_contact_days_ago() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::open(dir.path()).await;
    let (start, contact) = ("started_at = \"2026-03-09T08:00:00-05:00\"", "at = \"2026-03-09T07:59:00-05:00\"");
    let world = world().replace(contact, "at = \"2026-03-03T09:00:00-06:00\"");
    bench.apply(&world.replace(start, "started_at = \"2026-03-02T08:00:00-06:00\"")).await;
    bench.close().await;

    let bench = Bench::open(dir.path()).await;
    let party = [("CallSid", "CA1"), ("From", "+12195550120"), ("To", "+12195550174"), ("CallStatus", "ringing")];
    let dialled = text(&bench.post("voice", &party).await);
    assert!(dialled.contains(">+12195550121</Number>"), "six days later: {dialled}");
}
