//! Requests as odd as they come, to the program itself: each gets a clear status or a valid document, and the program
//! goes on.
//!
//! Deliberately not here: which signatures are right (`providers`), and what must not be logged (`canary`).

use std::collections::BTreeSet;

use crate::program::{Home, Program};
use crate::support::{BASE, DEMO, always_open, encode, unlimited};
use crate::wire::{self, Answer, request, signature, signed};

/// Every step of a call or text, with an address as our documents write it.
const STEPS: [&str; 18] = [
    "voice",
    "voice/fallback",
    "voice/menu?call=00000000000000000000000000000001&try=1",
    "voice/pin?call=00000000000000000000000000000001&try=1",
    "voice/whisper?call=00000000000000000000000000000001&attempt=1",
    "voice/accept?call=00000000000000000000000000000001&attempt=1&try=1",
    "voice/dialed?call=00000000000000000000000000000001&attempt=1",
    "voice/voicemail?call=00000000000000000000000000000001",
    "voice/recording?call=00000000000000000000000000000001",
    "voice/transcription?call=00000000000000000000000000000001",
    "voice/queue-wait?call=00000000000000000000000000000001",
    "voice/queue-left?call=00000000000000000000000000000001",
    "voice/connect?call=00000000000000000000000000000001",
    "voice/redirected?call=00000000000000000000000000000001&route=voicemail",
    "voice/status",
    "sms",
    "sms/fallback",
    "sms/status",
];

/// Steps that are only taken note of.
const NOTED: [&str; 4] = ["voice/recording", "voice/transcription", "voice/status", "sms/status"];

/// What every webhook may carry.
const FORM: [(&str, &str); 12] = [
    ("CallSid", "CA1"),
    ("MessageSid", "SM1"),
    ("From", "+13125550101"),
    ("To", "+13125550190"),
    ("CallStatus", "in-progress"),
    ("Digits", "1"),
    ("DialCallStatus", "busy"),
    ("QueueResult", "leave"),
    ("RecordingUrl", "https://api.twilio.com/RE1"),
    ("RecordingDuration", "4"),
    ("MessageStatus", "sent"),
    ("Body", "Hello"),
];

/// Holds an answer to what every answer must be: below 500, and a document that parses where it is one.
fn proper(answer: &Answer, why: &str) {
    assert!(answer.status < 500, "{why}: {}", answer.head);
    if answer.status != 200 {
        return;
    }
    let head = answer.head.to_ascii_lowercase();
    assert!(head.contains("content-type: text/xml; charset=utf-8"), "{why}: {head}");
    let text = answer.text();
    assert!(text.starts_with("<?xml") && text.len() <= 32 * 1024, "{why}: {} bytes", text.len());
    let document = roxmltree::Document::parse(text).unwrap_or_else(|wrong| panic!("{why}: {wrong}: {text}"));
    assert_eq!(document.root_element().tag_name().name(), "Response", "{why}");
}

async fn sent(program: &Program, bytes: &[u8], why: &str) -> Answer {
    let answer = wire::send(program.address, bytes).await.unwrap_or_else(|error| panic!("{why}: {error}"));
    proper(&answer, why);
    answer
}

async fn still_well(program: &Program, home: &Home) {
    let ready = program.readiness().await.expect("it is still there");
    assert!(ready.contains("\"ok\""), "{ready}");
    assert!(!home.log().contains("a panic"), "{}", home.log());
}

#[tokio::test]
async fn every_oddity_has_its_answer() {
    let home = Home::with(&always_open(&unlimited()));
    let program = home.start(&[]).await;
    let call = encode(&FORM[..5]);
    let call = call.as_bytes();
    let without = |name: &str| encode(&FORM.iter().copied().filter(|(key, _)| *key != name).collect::<Vec<_>>());
    let with = |name: &'static str, value: &'static str| encode(&[&FORM[..], &[(name, value)]].concat());
    let of = |sid: &'static str| encode(&[&[("CallSid", sid)], &FORM[1..]].concat());
    let long =
        encode(&[("CallSid", "CA9"), ("From", "+13125550101"), ("To", "+13125550190"), ("X", &"x".repeat(60_000))]);
    let many = format!("{}&{}", of("CAmany"), "a=1&".repeat(10_000));
    let target = "/webhooks/acme-twilio/voice";
    let form = ("content-type", "application/x-www-form-urlencoded");
    let own = signature(target, call);
    let got = |query: &str| {
        let target = format!("{target}?{query}");
        let signature = signature(&target, b"");
        request("GET", &target, &[("x-twilio-signature", &signature)], b"")
    };
    let json = format!("{{\"x\":\"{}\"}}", "x".repeat(70_000));
    let post = |headers: &[(&str, &str)]| request("POST", target, headers, call);
    let at = |target: &str| request("POST", target, &[("x-twilio-signature", &own), form], call);
    let raw = |rest: &str| format!("POST {target} HTTP/1.1\r\nHost: a\r\n{rest}").into_bytes();
    let (charset, clock) = ("application/x-www-form-urlencoded; charset=UTF-8", "2026-03-09T09:02:11-05:00 00");
    let rows: Vec<(&str, Vec<u8>, u16, &str)> = vec![
        ("a plain call", signed("voice", call), 200, "<Dial"),
        ("an account that nobody has", at("/webhooks/nobody/voice"), 404, ""),
        ("an account that climbs up", at("/webhooks/../voice"), 404, ""),
        ("the same, escaped", at("/webhooks/%2e%2e%2f%2e%2e%2fetc%2fpasswd/voice"), 404, ""),
        ("a step that climbs up", at("/webhooks/acme-twilio/voice/../../../test/world"), 404, ""),
        ("a step that nobody knows", signed("voice/fax", call), 404, ""),
        ("a door of the tests", request("PUT", "/test/world", &[], b""), 404, ""),
        ("no signature", post(&[form]), 403, ""),
        ("another signature", post(&[("x-twilio-signature", "AAAA"), form]), 403, ""),
        ("a signature beyond ASCII", post(&[("x-twilio-signature", "d\u{e9}"), form]), 403, ""),
        ("header names in capitals", post(&[("X-TWILIO-SIGNATURE", &own), ("CONTENT-TYPE", form.1)]), 200, "<Dial"),
        ("header names in small letters", post(&[("x-twilio-signature", &own), form]), 200, "<Dial"),
        (
            "a type that is no form's",
            post(&[("x-twilio-signature", &own), ("content-type", "application/json")]),
            403,
            "",
        ),
        ("a type with more to it", post(&[("x-twilio-signature", &own), ("content-type", charset)]), 200, "<Dial"),
        ("70 kB", request("POST", target, &[form], json.as_bytes()), 413, ""),
        ("a value of 60 kB", signed("voice", long.as_bytes()), 200, "<Dial"),
        ("10 000 parameters", signed("voice", many.as_bytes()), 200, "<Dial"),
        (
            "a parameter that nobody knows",
            signed("voice", format!("{}&Flavour=salt+%26+%3Cvinegar%3E", of("CAflavour")).as_bytes()),
            200,
            "<Dial",
        ),
        ("a caller that is no text", signed("voice", b"CallSid=CA2&From=%ff%fe&To=%2B13125550190"), 200, "<Record"),
        (
            "a caller with a NUL",
            signed("voice", b"CallSid=CA3&From=%2B1312555%000101&To=%2B13125550190"),
            200,
            "<Record",
        ),
        ("raw bytes", signed("voice", b"CallSid=CA4&From=\xff\x00\xfe&To=\x80"), 200, "<Reject/>"),
        ("no caller", signed("voice", without("From").as_bytes()), 200, "<Record"),
        ("no number", signed("voice", without("To").as_bytes()), 200, "<Record"),
        ("no call", signed("voice", without("CallSid").as_bytes()), 200, "<Record"),
        ("a number twice", signed("voice", with("To", "+13125550191").as_bytes()), 200, "<Record"),
        ("a call twice", signed("voice", with("CallSid", "CA5").as_bytes()), 200, "<Record"),
        ("no parameters at all", signed("voice", b""), 200, "<Record"),
        ("a parameter without =", signed("voice", b"CallSid"), 403, ""),
        ("ids that are none", signed("voice/whisper?call=zz&attempt=999", call), 200, ""),
        ("no ids", signed("voice/dialed", call), 200, ""),
        ("a GET", got(&of("CAget")), 200, "<Dial"),
        ("a GET without parameters", got(""), 200, "<Record"),
        ("a long query", got(&format!("{}&X={}", of("CAlong"), "x".repeat(30_000))), 200, "<Dial"),
        ("a HEAD", request("HEAD", target, &[], b""), 405, ""),
        ("a PUT", request("PUT", target, &[], b""), 405, ""),
        ("a DELETE", request("DELETE", target, &[], b""), 405, ""),
        (
            "a clock that is not wanted",
            post(&[("x-twilio-signature", &own), form, ("x-hookswitch-clock", clock)]),
            400,
            "",
        ),
        ("no HTTP", b"\x16\x03\x01\x02\x00\r\n\r\n".to_vec(), 400, ""),
        ("a length that is none", raw("Content-Length: -5\r\n\r\n"), 400, ""),
        ("two lengths", raw("Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"), 400, ""),
        ("chunks that are none", raw("Connection: close\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), 400, ""),
    ];
    for (why, bytes, status, words) in rows {
        let answer = sent(&program, &bytes, why).await;
        assert_eq!(answer.status, status, "{why}: {}\n{}", answer.head, String::from_utf8_lossy(&answer.body));
        assert!(answer.text().contains(words), "{why}: {}", answer.text());
    }
    let endless = got(&"x".repeat(70_000));
    let answer = sent(&program, &endless, "an endless query").await;
    assert!(matches!(answer.status, 400 | 403 | 414 | 431), "{}", answer.head);
    still_well(&program, &home).await;
    program.stop().await;
}

#[tokio::test]
async fn a_wrong_signature_is_logged_with_what_would_have_been_right() {
    let home = Home::with(DEMO);
    let program = home.start(&[]).await;
    let target = "/webhooks/acme-twilio/voice";
    let body = encode(&FORM);
    let signer = hookswitch::providers::Signer::new(&hookswitch::rules::ruleset::Secret::new("demo-auth-token"));
    let form = hookswitch::providers::Form::read(body.as_bytes());
    let secure = BASE.replace("http:", "https:");
    for (signature, told) in [
        (signer.sign(&format!("{secure}{target}"), &form), "scheme https"),
        (signer.sign(&format!("{BASE}{target}/"), &form), "a path "),
        ("bm9uc2Vuc2U=".to_owned(), "no variant"),
    ] {
        let headers =
            [("X-Twilio-Signature", signature.as_str()), ("Content-Type", "application/x-www-form-urlencoded")];
        let answer = sent(&program, &request("POST", target, &headers, body.as_bytes()), told).await;
        assert_eq!(answer.status, 403);
        assert!(answer.body.is_empty(), "whoever forges learns nothing");
        assert!(home.log().contains(told), "{told}: {}", home.log());
        // The log takes one of these a second.
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    }
    program.stop().await;
}

#[tokio::test]
async fn every_step_bears_parameters_that_are_missing_repeated_or_nonsense() {
    let home = Home::with(DEMO);
    let program = home.start(&[]).await;
    let mut answered = BTreeSet::new();
    for step in STEPS {
        for (at, (name, value)) in FORM.into_iter().enumerate() {
            let others = FORM.iter().copied().filter(|(key, _)| *key != name);
            let mut forms: Vec<Vec<u8>> = vec![
                encode(&others.clone().collect::<Vec<_>>()).into_bytes(),
                encode(&[&FORM[..], &[(name, value)]].concat()).into_bytes(),
                encode(&others.clone().chain([(name, "")]).collect::<Vec<_>>()).into_bytes(),
                encode(&others.clone().chain([(name, "</Say>\u{202e}{{x}}\u{0}")]).collect::<Vec<_>>()).into_bytes(),
            ];
            let mut bytes = encode(&others.collect::<Vec<_>>()).into_bytes();
            bytes.extend_from_slice(format!("&{name}=").as_bytes());
            bytes.extend((0..40).map(|no: u8| no.wrapping_mul(37).wrapping_add(at as u8) | 0x80));
            forms.push(bytes);
            for body in forms {
                let why = format!("{step} with an odd {name}");
                let answer = sent(&program, &signed(step, &body), &why).await;
                let noted = NOTED.iter().any(|noted| step.split('?').next() == Some(noted));
                assert_eq!(answer.status, if noted { 204 } else { 200 }, "{why}");
                answered.insert(answer.status);
            }
        }
    }
    assert_eq!(answered, BTreeSet::from([200, 204]));
    still_well(&program, &home).await;
    program.stop().await;
}
