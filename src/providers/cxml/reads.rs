//! Requests as the providers send them, and the events that are read from them.
//!
//! Deliberately not here: signatures (`providers::cxml::vectors`); these accounts are sandboxes that check none.

use super::super::{Dialect, Keyring, Request, Unreadable, What, call_id, claim, message_id};
use super::super::{signalwire::SignalWire, twilio::Twilio};
use super::vectors::account;
use crate::domain::{
    AccountKind, CallId, CallerId, DialEnded, DialStatus, Digit, E164, Event, EventKind, IncomingCall, IncomingText,
    LegAnswered, LegStatus, LegStatusReport, MediaItem, MessageId, QueueResult, RecordingMade, SignatureMode, Typed,
};
use crate::voice::Misaddressed;

const CALL: CallId = CallId(0xc);

/// The query of our own address for a step of that call.
const Q: &str = "call=0000000000000000000000000000000c";

/// What Twilio sends with every request for a document, of a caller's leg.
const LEG: &str = "CallSid=CA1&AccountSid=AC1&From=%2B13125550101&To=%2B13125550190&CallStatus=in-progress\
                   &ApiVersion=2010-04-01&Direction=inbound&FromCity=&FromState=IL&Caller=%2B13125550101";

/// The same of a callee's.
const CHILD: &str = "CallSid=CA2&ParentCallSid=CA1&AccountSid=AC1&From=%2B13125550190&To=%2B13125550123\
                     &CallStatus=in-progress&ApiVersion=2010-04-01&Direction=outbound-dial";

fn ask(dialect: &dyn Dialect, method: &str, target: &str, body: &str) -> Result<(Event, [u8; 16]), Unreadable> {
    let target = format!("/webhooks/acme/{target}");
    let request = Request { method, target: &target, headers: &[], body: body.as_bytes() };
    let account = account(AccountKind::Twilio, SignatureMode::Off, true);
    let verified = dialect.verify(&account, &Keyring::default(), "https://h.example", request).expect("a sandbox");
    dialect.read(&verified).map(|event| (event.clone(), claim(&event, &verified)))
}

fn post(target: &str, body: &str) -> Result<EventKind, Unreadable> {
    ask(&Twilio, "POST", target, body).map(|(event, _)| event.kind)
}

fn phone(text: &str) -> E164 {
    E164::read(text).expect("a number")
}

fn incoming(from: CallerId) -> IncomingCall {
    let id = call_id(&"acme".into(), "CA1");
    IncomingCall { id, sid: "CA1".into(), from, to: Some(phone("+13125550190")) }
}

fn ana() -> CallerId {
    CallerId::Number(phone("+13125550101"))
}

fn leg() -> LegAnswered {
    LegAnswered { call: CALL, attempt: 1, leg: "CA2".into(), parent: Some("CA1".into()) }
}

fn dialed(status: DialStatus) -> DialEnded {
    DialEnded { call: CALL, attempt: 1, status, bridged: None, duration: None, child: None, caller_gone: false }
}

fn made(sid: Option<&str>, seconds: u32) -> Option<RecordingMade> {
    Some(RecordingMade { sid: sid.map(str::to_owned), url: "https://p.example/RE1".into(), seconds })
}

#[test]
fn requests_of_the_callers_leg() {
    let key = |key| Digit::read(key);
    let (menu, dial, mail) =
        (format!("voice/menu?{Q}&try=2"), format!("voice/dialed?{Q}&attempt=1"), "voice/voicemail");
    let (mail, wait, left) = (format!("{mail}?{Q}"), format!("voice/queue-wait?{Q}"), format!("voice/queue-left?{Q}"));
    let menu_event = |digit| EventKind::Menu { call: CALL, round: 2, digit };
    let pin = format!("voice/pin?{Q}&try=2");
    let pin_event = |typed| EventKind::Pin { call: CALL, round: 2, typed };
    let mail_event = |recording, hung_up| EventKind::VoicemailEnded { call: CALL, recording, hung_up };
    let left_event = |result| EventKind::QueueLeft { call: CALL, result };
    let connect = format!("voice/connect?{Q}");
    let lost = |step: &str, more: &str| {
        let address = format!("https://a.example/webhooks/acme/voice/{step}");
        let address: String = form_urlencoded::byte_serialize(address.as_bytes()).collect();
        format!("{more}&ErrorCode=11205&ErrorUrl={address}")
    };
    let lost_end = lost(dial.trim_start_matches("voice/"), "&DialCallStatus=completed");
    let lost_key = lost(&format!("accept?{Q}&attempt=0&try=1"), "&Digits=1");
    let lost_connect = lost(connect.trim_start_matches("voice/"), "");
    let lost_other = lost("dialed?call=00000000000000000000000000000099&attempt=1", "&DialCallStatus=completed");
    let accepts = EventKind::Accept {
        leg: LegAnswered { call: CALL, attempt: 0, leg: "CA1".into(), parent: None },
        round: 1,
        digit: key("1"),
    };
    for (target, more, expected, why) in [
        ("voice", "", EventKind::Call(incoming(ana())), "a call"),
        (
            "voice/fallback",
            "&ErrorCode=11200&ErrorUrl=x",
            EventKind::Fallback { call: incoming(ana()), ended: None },
            "after a failure",
        ),
        (
            "voice/fallback",
            &lost_end,
            EventKind::Fallback { call: incoming(ana()), ended: Some(dialed(DialStatus::Completed)) },
            "an attempt's end that we were told of in vain",
        ),
        ("voice/fallback", &lost_key, EventKind::Fallback { call: incoming(ana()), ended: None }, "or a key"),
        (&connect, "", EventKind::Connect { call: CALL, sid: "CA1".into() }, "a leg of ours answers"),
        (&connect, &lost_connect, EventKind::Connect { call: CALL, sid: "CA1".into() }, "its fallback, for the same"),
        (&connect, &lost_end, EventKind::Dialed(dialed(DialStatus::Completed)), "for the end of an attempt"),
        (&connect, &lost_key, accepts, "for a key"),
        (&connect, &lost_other, EventKind::Connect { call: CALL, sid: "CA1".into() }, "for another call's step"),
        (&menu, "&Digits=3", menu_event(key("3")), "a key"),
        (&menu, "&Digits=", menu_event(None), "a blank is no key"),
        (&menu, "", menu_event(None), "nor is nothing"),
        (&menu, "&Digits=12", menu_event(None), "nor are two"),
        (&menu, "&Digits=%23", menu_event(key("#")), "an escaped key"),
        (&pin, "&Digits=0042&FinishedOnKey=%23", pin_event(Typed::read("0042")), "a PIN, noughts and all"),
        (&pin, "&Digits=", pin_event(None), "a blank is no PIN"),
        (&pin, "", pin_event(None), "nor is nothing"),
        (&pin, "&Digits=12*4", pin_event(Typed::read("12*4")), "a wrong one is one"),
        (
            &dial,
            "&DialCallStatus=completed&DialBridged=true&DialCallDuration=42&DialCallSid=CA2",
            EventKind::Dialed(DialEnded {
                bridged: Some(true),
                duration: Some(42),
                child: Some("CA2".into()),
                ..dialed(DialStatus::Completed)
            }),
            "they talked",
        ),
        (&dial, "&DialCallStatus=busy", EventKind::Dialed(dialed(DialStatus::Busy)), "busy"),
        (&dial, "&DialCallStatus=baffled", EventKind::Dialed(dialed(DialStatus::Failed)), "an unknown word"),
        (
            &mail,
            "&RecordingUrl=https://p.example/RE1&RecordingDuration=7&Digits=%23",
            mail_event(made(None, 7), false),
            "#",
        ),
        (
            &mail,
            "&RecordingUrl=https://p.example/RE1&RecordingSid=RE1&RecordingDuration=7&Digits=hangup",
            mail_event(made(Some("RE1"), 7), true),
            "hung up",
        ),
        (
            &mail,
            "&RecordingUrl=https://p.example/2010-04-01/Accounts/AC1/Recordings/RE1.wav?x=/Recordings/2&RecordingDuration=7",
            mail_event(
                Some(RecordingMade {
                    sid: Some("RE1".into()),
                    url: "https://p.example/2010-04-01/Accounts/AC1/Recordings/RE1.wav?x=/Recordings/2".into(),
                    seconds: 7,
                }),
                false,
            ),
            "an address that tells the id",
        ),
        (&mail, "&Digits=", mail_event(None, false), "nothing recorded"),
        (&wait, "&QueueTime=35&QueuePosition=1", EventKind::QueueWait { call: CALL, waited: 35 }, "waiting"),
        (&left, "&QueueResult=leave&QueueTime=300", left_event(QueueResult::Leave), "left"),
        (&left, "&QueueResult=redirected-from-bridged", left_event(QueueResult::RedirectedFromBridged), "moved"),
        (&left, "", left_event(QueueResult::Error), "no word"),
    ] {
        assert_eq!(post(target, &format!("{LEG}{more}")), Ok(expected), "{why}");
    }
    let gone = LEG.replace("in-progress", "completed") + "&DialCallStatus=no-answer";
    let gone = post(&dial, &gone);
    assert_eq!(gone, Ok(EventKind::Dialed(DialEnded { caller_gone: true, ..dialed(DialStatus::NoAnswer) })));
}

#[test]
fn requests_of_a_callees_leg() {
    let accept = format!("voice/accept?{Q}&attempt=1&try=2");
    let accept_event = |digit| EventKind::Accept { leg: leg(), round: 2, digit };
    let status = format!("voice/status?{Q}&attempt=1");
    let report = |call, attempt, leg: &str, status, duration, sequence| {
        EventKind::Status(LegStatusReport { call, attempt, leg: leg.into(), status, duration, sequence })
    };
    let caller = call_id(&"acme".into(), "CA1");
    let ended = CHILD.replace("in-progress", "no-answer");
    for (target, body, expected, why) in [
        (&*format!("voice/whisper?{Q}&attempt=1"), CHILD.to_owned(), EventKind::Whisper(leg()), "answered"),
        (&accept, format!("{CHILD}&Digits=1"), accept_event(Some(Digit::ONE)), "a key"),
        (&accept, format!("{CHILD}&Digits=*"), accept_event(Digit::read("*")), "a star"),
        (&accept, CHILD.to_owned(), accept_event(None), "no key"),
        (
            &status,
            format!("{CHILD}&SequenceNumber=2&CallbackSource=call-progress-events"),
            report(CALL, Some(1), "CA2", LegStatus::InProgress, None, Some(2)),
            "a callee's, from its dial",
        ),
        (
            "voice/status",
            format!("{ended}&CallDuration=0&SequenceNumber=3"),
            report(caller, None, "CA2", LegStatus::NoAnswer, Some(0), Some(3)),
            "a callee's, from the number: its call is its parent's",
        ),
        ("voice/status", LEG.to_owned(), report(caller, None, "CA1", LegStatus::InProgress, None, None), "a caller's"),
    ] {
        assert_eq!(post(target, &body), Ok(expected), "{why}");
    }
}

#[test]
fn news_of_recordings() {
    let (recording, transcription) = (format!("voice/recording?{Q}"), format!("voice/transcription?{Q}"));
    let file = "CallSid=CA1&RecordingSid=RE1&RecordingUrl=https://p.example/RE1&RecordingDuration=9";
    for (target, more, expected, why) in [
        (
            &recording,
            "&RecordingStatus=completed",
            EventKind::Recording { call: CALL, attempt: None, recording: made(Some("RE1"), 9), absent: false },
            "made",
        ),
        (
            &recording,
            "&RecordingStatus=in-progress",
            EventKind::Recording { call: CALL, attempt: None, recording: None, absent: false },
            "not yet",
        ),
        (
            &recording,
            "&RecordingStatus=absent",
            EventKind::Recording { call: CALL, attempt: None, recording: None, absent: true },
            "silence",
        ),
        (
            &recording,
            "&RecordingStatus=failed",
            EventKind::Recording { call: CALL, attempt: None, recording: None, absent: true },
            "failed",
        ),
        (
            &transcription,
            "&TranscriptionStatus=completed&TranscriptionText=Call+me",
            EventKind::Transcription { call: CALL, text: Some("Call me".into()) },
            "words",
        ),
        (
            &transcription,
            "&TranscriptionStatus=failed&TranscriptionText=",
            EventKind::Transcription { call: CALL, text: None },
            "no words",
        ),
    ] {
        assert_eq!(post(target, &format!("{file}{more}")), Ok(expected), "{why}");
    }
}

#[test]
fn texts() {
    let text = "MessageSid=SM1&SmsSid=SM1&AccountSid=AC1&From=%2B13125550101&To=%2B13125550190";
    let incoming = IncomingText {
        id: message_id(&"acme".into(), "SM1"),
        sid: "SM1".into(),
        from: ana(),
        to: phone("+13125550190"),
        body: " Héllo\n✓ ".into(),
        media: vec![
            MediaItem { url: "https://p.example/ME0".into(), content_type: "image/png".into() },
            MediaItem { url: "https://p.example/ME1".into(), content_type: String::new() },
        ],
        opt_out_type: Some("STOP".into()),
    };
    let body = format!(
        "{text}&Body=+H%C3%A9llo%0A%E2%9C%93+&NumMedia=3&MediaUrl0=https%3A%2F%2Fp.example%2FME0\
         &MediaContentType0=image%2Fpng&MediaUrl1=https%3A%2F%2Fp.example%2FME1&OptOutType=STOP"
    );
    assert_eq!(post("sms", &body), Ok(EventKind::Text(incoming.clone())));
    assert_eq!(post("sms/fallback", &body), Ok(EventKind::TextFallback(incoming.clone())));
    let (event, _) = ask(&SignalWire, "POST", "sms", &body).expect("readable");
    assert_eq!(event.kind, EventKind::Text(IncomingText { opt_out_type: None, ..incoming }), "Twilio alone says that");
    assert_eq!(event.account_sid.as_deref(), Some("AC1"));

    let status = EventKind::TextStatus {
        sid: "SM2".into(),
        message: Some(MessageId(5)),
        from: Some(phone("+13125550190")),
        to: None,
        status: "undelivered".into(),
        error_code: Some(21610),
    };
    let body = "MessageSid=SM2&MessageStatus=undelivered&ErrorCode=21610&From=%2B13125550190&To=whatsapp:x";
    assert_eq!(post("sms/status?message=00000000000000000000000000000005", body), Ok(status));
}

#[test]
fn a_real_dial_action_and_a_get() {
    let all: serde_json::Value =
        serde_json::from_str(include_str!("../../../fixtures/signatures/twilio.json")).expect("JSON");
    let rows = all.as_array().expect("a list");
    let capture = rows.iter().find_map(|row| row["raw_body"].as_str()).expect("the capture");
    let target = format!("voice/dialed?{Q}&attempt=1");
    let ended = DialEnded {
        bridged: Some(false),
        child: Some(format!("CA{}", "b".repeat(32))),
        ..dialed(DialStatus::NoAnswer)
    };
    assert_eq!(post(&target, capture), Ok(EventKind::Dialed(ended.clone())));
    let (event, _) = ask(&SignalWire, "POST", &target, capture).expect("readable");
    let unsaid = DialEnded { bridged: None, ..ended.clone() };
    assert_eq!(event.kind, EventKind::Dialed(unsaid), "SignalWire documents no DialBridged");

    let (event, _) = ask(&Twilio, "GET", &format!("{target}&{capture}"), "CallSid=CA9").expect("readable");
    assert_eq!(event.kind, EventKind::Dialed(ended), "a GET has it all in the query");
    let read = |sid: &str| ask(&SignalWire, "POST", "voice", &LEG.replace("CA1", sid)).map(|(event, _)| event.kind);
    let uuid = "3f1c1e0e-1f2a-4b5c-8d9e-0a1b2c3d4e5f";
    assert!(matches!(read(uuid), Ok(EventKind::Call(call)) if call.sid == uuid), "ids of any shape");
}

#[test]
fn callers_without_a_number_are_callers() {
    for (from, expected) in [("", CallerId::Withheld), ("anonymous", CallerId::Withheld), ("sip:a%40b", CallerId::Sip)]
    {
        let body = LEG.replacen("%2B13125550101", from, 1);
        assert_eq!(post("voice", &body), Ok(EventKind::Call(incoming(expected))), "{from:?}");
    }
    let nowhere = post("voice", &LEG.replace("%2B13125550190", "+13125550190"));
    assert!(matches!(nowhere, Ok(EventKind::Call(call)) if call.to.is_none()), "a + that is a space");
}

#[test]
fn what_cannot_be_read_is_named() {
    let caller = Some(call_id(&"acme".into(), "CA1"));
    let own = Some(CALL);
    let menu = format!("voice/menu?{Q}&try=1");
    let text = "MessageSid=SM1&From=%2B13125550101&To=%2B13125550190";
    for (target, body, call, what) in [
        ("voice", LEG.replace("CallSid=CA1&", ""), None, What::Missing("CallSid")),
        ("voice", LEG.replace("CallSid=CA1&", "CallSid=&"), None, What::Missing("CallSid")),
        ("voice", LEG.replace("From=%2B13125550101&", ""), caller, What::Missing("From")),
        ("voice", LEG.replace("To=%2B13125550190&", ""), caller, What::Missing("To")),
        ("voice", format!("{LEG}&From=x"), caller, What::Repeated("From")),
        ("voice", format!("{LEG}&CallSid=CA1"), None, What::Repeated("CallSid")),
        (&menu, format!("{LEG}&To=x"), own, What::Repeated("To")),
        (&menu, String::new(), own, What::Missing("CallSid")),
        ("voice/status", "CallSid=CA1&CallStatus=odd".to_owned(), None, What::Malformed("CallStatus")),
        ("sms", text.replace("MessageSid=SM1&", ""), None, What::Missing("MessageSid")),
        ("sms", text.replace("%2B13125550190", "32665"), None, What::Malformed("To")),
        ("sms/status", "MessageSid=SM1".to_owned(), None, What::Missing("MessageStatus")),
    ] {
        let unreadable = post(target, &body).expect_err("unreadable");
        assert_eq!((unreadable.call, unreadable.what), (call, what), "{target}: {body}");
        assert!(unreadable.link.is_some());
    }
    let lost = post("voice/lost", LEG).expect_err("unreadable");
    assert_eq!((lost.link, lost.what), (None, What::Address(Misaddressed::Path)));
    assert_eq!(lost.to_string(), "the path is none of a webhook's");
    let bare = post("voice/menu", LEG).expect_err("unreadable");
    assert_eq!(bare.to_string(), "`call` is missing from the query");
}

#[test]
fn any_bytes_get_an_event_or_a_reason() {
    let many = format!("{LEG}&{}", "x=1&".repeat(10_000));
    assert!(post("voice", &many).is_ok());
    let long = format!("{}&CallSid={}", LEG.replace("CallSid=CA1&", ""), "%00%ff".repeat(10_000));
    assert!(matches!(post("voice", &long), Ok(EventKind::Call(call)) if !call.sid.contains('\0')));
    assert!(post("sms", "%ff=%00&=&&MessageSid=%00").is_err());
}

#[test]
fn deliveries_are_one_where_they_are_the_same_event() {
    let (text, caller) = ("MessageSid=SM1&From=%2B13125550101&To=%2B13125550190", LEG);
    let (status, accept, wait) =
        ("voice/status", format!("voice/accept?{Q}&attempt=1"), format!("voice/queue-wait?{Q}"));
    let (first, second) = (format!("{accept}&try=1"), format!("{accept}&try=2"));
    let (whisper, later) = (format!("voice/whisper?{Q}&attempt=1"), format!("voice/whisper?{Q}&attempt=2"));
    let other_leg = CHILD.replace("CA2", "CA3");
    let sequence = |n| format!("{CHILD}&SequenceNumber={n}");
    for (a, b, same, why) in [
        (("voice", caller.to_owned()), ("voice", format!("{caller}&CallerName=x")), true, "a retry may say more"),
        (("voice", caller.to_owned()), ("voice", caller.replace("CA1", "CA3")), false, "another call"),
        (("voice", caller.to_owned()), ("voice/fallback", caller.to_owned()), false, "the fallback is asked anew"),
        (("voice", caller.to_owned()), (status, caller.to_owned()), false, "statuses are apart"),
        ((&first, format!("{CHILD}&Digits=2")), (&first, format!("{CHILD}&Digits=2")), true, "a wrong key, repeated"),
        ((&first, format!("{CHILD}&Digits=2")), (&second, format!("{CHILD}&Digits=2")), false, "the second wrong key"),
        ((&first, CHILD.to_owned()), (&first, other_leg.clone()), false, "another phone of the attempt"),
        ((&whisper, CHILD.to_owned()), (&whisper, other_leg), false, "likewise"),
        ((&whisper, CHILD.to_owned()), (&later, CHILD.to_owned()), false, "another attempt"),
        ((&wait, format!("{LEG}&QueueTime=0")), (&wait, format!("{LEG}&QueueTime=0")), true, "a repeat"),
        ((&wait, format!("{LEG}&QueueTime=0")), (&wait, format!("{LEG}&QueueTime=30")), false, "the wait goes on"),
        ((status, sequence(1)), (status, sequence(1)), true, "a repeat"),
        ((status, sequence(1)), (status, sequence(2)), false, "the next status"),
        (("sms", text.to_owned()), ("sms", format!("{text}&Body=x")), true, "the text's id names it"),
        (("sms", text.to_owned()), ("sms", text.replace("SM1", "SM2")), false, "another text"),
    ] {
        let key = |(target, body): (&str, String)| ask(&Twilio, "POST", target, &body).expect("readable").1;
        assert_eq!(key(a) == key(b), same, "{why}");
    }
}
