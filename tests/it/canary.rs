//! Canaries: words, names, numbers and secrets that nobody else uses go through the program, and are then looked for in
//! every file that it keeps and in everything that it logs and tells.
//!
//! Deliberately not here: names as they reach a document (`names`).

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::{Digest, Sha256};

use crate::faults::{Fault, run, stranger};
use crate::program::{Home, Program, files};
use crate::support::{always_open, call, encode, unlimited};
use crate::wire::{self, request, signature, signed};

/// What a text says.
const WORDS: &str = "PurpleXylophone4711";
/// What a voicemail says.
const SPOKEN: &str = "OrangeTrombone4712";
/// Where the provider keeps a picture.
const MEDIA: &str = "https://media.example/GreenBassoon4713";
/// Names of people.
const NAMES: [&str; 4] = ["Joquixwood", "Wilhelminacanary", "Okaforcanary", "Parkcanary"];
/// What opens things.
const SECRETS: [&str; 4] = ["demo-auth-token", "demo-signing-key", "demo-tenant-key", "test-admin-key"];
/// Phones, without their `+`.
const PHONES: [&str; 7] =
    ["13125550101", "13125550144", "13125550190", "13125550123", "13035550144", "13035550101", "13125550177"];

/// A canary as it could be written: as it is, percent-encoded, as Base64 at any offset, in hexadecimal, and as the list
/// of numbers that JSON makes of bytes.
fn writings(canary: &str) -> Vec<Vec<u8>> {
    let bytes = canary.as_bytes();
    let mut found = vec![bytes.to_vec(), encode(&[("", canary)]).as_bytes()[1..].to_vec()];
    for offset in 0..3 {
        let padded = [&[0; 3][..offset], bytes].concat();
        let text = STANDARD_NO_PAD.encode(padded);
        // The letters at both ends depend on what stands beside it.
        found.push(text.as_bytes()[4..text.len() - 4].to_vec());
    }
    found.push(hex::encode(bytes).into_bytes());
    let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
    found.push(numbers.join(",").into_bytes());
    found
}

fn has(bytes: &[u8], canary: &str) -> bool {
    writings(canary).iter().any(|writing| bytes.windows(writing.len()).any(|window| window == writing))
}

/// The files below the data folder in which a canary is.
fn kept_in(home: &Home, canary: &str) -> Vec<String> {
    let all = files(&home.data());
    assert!(!all.is_empty());
    all.into_iter().filter(|(_, bytes)| has(bytes, canary)).map(|(path, _)| path.display().to_string()).collect()
}

fn world(store_bodies: bool) -> String {
    let mut rules = always_open(&unlimited())
        .replace("name = \"Jo\"", "name = \"Joquixwood\"")
        .replace("Ana Alvarez", "Wilhelminacanary")
        .replace("Ben Okafor", "Okaforcanary")
        .replace("Chloe Park", "Parkcanary");
    if store_bodies {
        rules = rules.replace("enabled = true", "enabled = true\nstore_sms_body = true");
    }
    rules
}

async fn post(program: &Program, path: &str, form: &[(&str, &str)]) -> String {
    let answer = wire::send(program.address, &signed(path, encode(form).as_bytes())).await.expect("an answer");
    assert!(matches!(answer.status, 200 | 204), "{path}: {}", answer.head);
    answer.text().replace("&amp;", "&")
}

fn link(document: &str, step: &str) -> String {
    let wanted = format!("voice/{step}?");
    let at = document.find(&wanted).unwrap_or_else(|| panic!("no {step} in {document}"));
    document[at..].split('"').next().expect("an address").to_owned()
}

/// Calls and texts with canaries, in all ways that come to mind; `round` tells them from those before.
async fn play(program: &Program, round: &str) {
    // A call that is announced with names, accepted, and talked.
    let sid = format!("CA1{round}");
    let first = post(program, "voice", &call(&sid, "+13125550101")).await;
    let leg = [("CallSid", "CAleg"), ("ParentCallSid", sid.as_str()), ("CallStatus", "in-progress"), ("Digits", "1")];
    let whisper = post(program, &link(&first, "whisper"), &leg).await;
    assert!(whisper.contains("Wilhelminacanary for Joquixwood"), "{whisper}");
    post(program, &link(&whisper, "accept"), &leg).await;
    post(program, &link(&first, "dialed"), &[("CallSid", sid.as_str()), ("DialCallStatus", "completed")]).await;
    // A voicemail, in words.
    let sid = format!("CA2{round}");
    let greeting = post(program, "voice", &call(&sid, "+13125550177")).await;
    let made = [("CallSid", sid.as_str()), ("RecordingUrl", MEDIA), ("RecordingDuration", "4")];
    post(program, &link(&greeting, "recording"), &made).await;
    let transcription = link(&greeting, "recording").replace("voice/recording", "voice/transcription");
    let text = [("TranscriptionStatus", "completed"), ("TranscriptionText", SPOKEN), ("RecordingSid", "RE1")];
    post(program, &transcription, &text).await;
    // Texts: relayed with a picture, to the desk, by nobody known, ambiguous, unreadable, to the fallback address.
    let words = ("Body", WORDS);
    let media = [("NumMedia", "1"), ("MediaUrl0", MEDIA), ("MediaContentType0", "image/png")];
    for (no, step, from, to) in [
        (1, "sms", "+16025550144", "+16025550190"),
        (2, "sms", "+13125550101", "+13125550190"),
        (3, "sms", "+13125550177", "+13125550190"),
        (4, "sms", "+13035550144", "+13035550190"),
        (5, "sms", "+13035550144", "nonsense"),
        (6, "sms/fallback", "+16025550144", "+16025550190"),
    ] {
        let sid = format!("SM{no}{round}");
        let form = [&[("MessageSid", sid.as_str()), ("From", from), ("To", to), words], &media[..]].concat();
        let document = post(program, step, &form).await;
        assert_eq!(document.contains(WORDS), matches!(no, 1 | 6), "{no}: {document}");
    }
    odd(program, round).await;
}

/// Words where forms are not what they should be.
async fn odd(program: &Program, round: &str) {
    let body = encode(&[("MessageSid", "SMx"), ("From", "+13125550101"), ("To", "+13125550190"), ("Body", WORDS)]);
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let forged = request("POST", "/webhooks/acme-twilio/sms", &[("x-twilio-signature", WORDS), kind], body.as_bytes());
    let target = format!("/webhooks/acme-twilio/sms?{}", body.replace("SMx", &format!("SM7{round}")));
    let own = signature(&target, b"");
    let got = request("GET", &target, &[("x-twilio-signature", &own)], b"");
    let json = format!("{{\"Body\":\"{WORDS}\",\"From\":\"+13125550101\"}}");
    let target = format!("/webhooks/acme-twilio/sms?bodySHA256={}", hex::encode(Sha256::digest(&json)));
    let own = signature(&target, b"");
    let hashed =
        |kind: &str| request("POST", &target, &[("x-twilio-signature", &own), ("content-type", kind)], json.as_bytes());
    for (bytes, status, why) in [
        (forged, 403, "forged"),
        (got, 200, "a GET"),
        (hashed("application/json"), 200, "JSON"),
        (hashed(kind.1), 200, "JSON that says it is a form"),
        (request("POST", &format!("/webhooks/acme-twilio/{WORDS}"), &[kind], body.as_bytes()), 404, "a step"),
        (request("POST", &format!("/webhooks/{WORDS}/sms"), &[kind], body.as_bytes()), 404, "an account"),
    ] {
        let answer = wire::send(program.address, &bytes).await.expect("an answer");
        assert_eq!(answer.status, status, "{why}: {}", answer.head);
    }
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < Duration::from_secs(15), "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Holds everything that was logged or told to what may be.
async fn nothing_is_told(program: &Program, home: &Home) {
    let metrics = program.get("/metrics", &[("x-admin-key", "test-admin-key")]).await.expect("metrics");
    assert!(metrics.text().contains("hookswitch_webhooks"), "{}", metrics.head);
    let ready = program.readiness().await.expect("ready");
    let log = home.log();
    for line in ["a webhook's signature is wrong", "a webhook cannot be read", "the journal waits for its database"] {
        assert!(log.contains(line), "it is logged: {line}");
    }
    for (place, text) in [("the log", log.as_str()), ("the metrics", metrics.text()), ("readiness", &ready)] {
        for canary in [WORDS, SPOKEN, MEDIA].iter().chain(&NAMES).chain(&SECRETS) {
            assert!(!has(text.as_bytes(), canary), "{canary} is in {place}: {}", around(text, canary));
        }
        for phone in PHONES {
            for digits in [phone, &phone[1..]] {
                assert!(!has(text.as_bytes(), digits), "a number is in {place}: {}", around(text, digits));
            }
        }
    }
}

/// The line of a text that has a canary.
fn around<'t>(text: &'t str, canary: &str) -> &'t str {
    text.lines().find(|line| has(line.as_bytes(), canary)).unwrap_or_default()
}

/// Holds every file to what may be kept. A number is found, so that we know that what is looked for would be.
fn nothing_is_kept(home: &Home, when: &str) {
    for canary in [WORDS, SPOKEN].iter().chain(&SECRETS) {
        assert_eq!(kept_in(home, canary), [""; 0], "{canary}, {when}");
    }
    let found = kept_in(home, "+13125550101");
    assert!(found.iter().any(|file| file.contains("hookswitch.db")), "{when}: a number is kept, and found");
    assert_eq!(found.iter().any(|file| file.contains("spill")), home.spilled() > 0, "{when}: in the spill too");
}

#[tokio::test]
async fn words_names_numbers_and_secrets_stay_where_they_belong() {
    for store_bodies in [false, true] {
        let home = Home::with(&world(store_bodies));
        let program = home.start(&[("HOOKSWITCH_LOG", "trace")]).await;
        play(&program, "a").await;
        nothing_is_kept(&home, "in the database and its log");

        let mut other = stranger(&home.database()).await;
        run(&mut other, "BEGIN EXCLUSIVE").await;
        play(&program, "b").await;
        assert!(program.readiness().await.expect("ready").contains("degraded"));
        assert!(home.spilled() > 0);
        nothing_is_kept(&home, "in the spill");
        nothing_is_told(&program, &home).await;
        home.rules(
            &world(store_bodies).replace("phones = [\"+13125550101\"]", "phones = [\"+13125550101\", \"5550\"]"),
        );
        Fault::Locked(other).mend().await;
        until("it is well again", async || program.readiness().await.is_some_and(|ready| ready.contains("\"ok\"")))
            .await;

        program.signal("HUP");
        until("the rules are read again", async || home.log().contains("rules were read again")).await;
        home.rules(
            &world(store_bodies).replace("name = \"Joquixwood\"", "name = \"Joquixwood\"\nphone = \"13125550144x\""),
        );
        program.signal("HUP");
        until("the mistake is told", async || home.log().contains("was not applied")).await;
        play(&program, "c").await;
        nothing_is_told(&program, &home).await;
        home.rules(&world(store_bodies));
        program.stop().await;
        nothing_is_kept(&home, "at rest");

        // Which customer was meant: the text that waited is there again only where texts are kept.
        let program = home.start(&[("HOOKSWITCH_LOG", "trace")]).await;
        let choice = [("MessageSid", "SMchoice"), ("From", "+13035550144"), ("To", "+13035550190"), ("Body", "1")];
        let document = post(&program, "sms", &choice).await;
        assert_eq!(document.contains(WORDS), store_bodies, "{document}");
        nothing_is_told(&program, &home).await;
        program.stop().await;
        nothing_is_kept(&home, "after a restart");
    }
}
