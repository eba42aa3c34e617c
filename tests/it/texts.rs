//! Texts through the switchboard on a real database: what is known of them is known after a restart.
//!
//! Deliberately not here: where a text goes, which fixtures show.

use crate::support::{Bench, DEMO, text};

/// A text to one of our numbers.
fn says<'a>(sid: &'a str, from: &'a str, to: &'a str, body: &'a str) -> [(&'a str, &'a str); 5] {
    [("MessageSid", sid), ("From", from), ("To", to), ("Body", body), ("NumMedia", "0")]
}

#[tokio::test]
async fn an_opt_out_that_a_refused_send_told_of_is_written_down() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::demo(dir.path()).await;
    let report = [
        ("MessageSid", "SMours"),
        ("From", "+13125550190"),
        ("To", "+13125550101"),
        ("MessageStatus", "failed"),
        ("ErrorCode", "21610"),
    ];
    assert_eq!(bench.post("sms/status", &report).await.status, 204);
    bench.close().await;

    let bench = Bench::open(dir.path()).await;
    let reply = bench.post("sms", &says("SM1", "+13125550144", "+13125550190", "On my way")).await;
    assert!(!text(&reply).contains("On my way"), "she has opted out: {}", text(&reply));
}

#[tokio::test]
async fn texts_that_wait_for_a_choice_still_wait_after_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::open(dir.path()).await;
    bench
        .apply(
            &DEMO.replace(
                "masking_mode = \"per_technician\"",
                "masking_mode = \"per_technician\"\nstore_sms_body = true",
            ),
        )
        .await;
    let (dee, number) = ("+13035550144", "+13035550190");
    let asked = bench.post("sms", &says("SM1", dee, number, "On my way")).await;
    assert!(text(&asked).contains("Whom is this for?"), "{}", text(&asked));
    bench.post("sms", &says("SM2", dee, number, "Ten minutes")).await;
    bench.close().await;

    let bench = Bench::open(dir.path()).await;
    let digit = says("SM3", dee, number, "1");
    let sent = text(&bench.post("sms", &digit).await);
    let at = |words: &str| sent.find(words).unwrap_or_else(|| panic!("{words} is not in {sent}"));
    assert!(at("On my way") < at("Ten minutes"), "in the order they came: {sent}");
    bench.close().await;

    let bench = Bench::open(dir.path()).await;
    assert_eq!(text(&bench.post("sms", &digit).await), sent, "a repeat gets the same bytes");
}
