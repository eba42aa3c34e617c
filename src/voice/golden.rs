//! Every answer and the document it has, letter by letter.
//!
//! Deliberately not here: answers at random (`voice::properties`).

use super::*;
use crate::domain::{AccountId, CallId, Cue, E164, MaskingNumber, MediaItem, MessageId, Spoken};
use crate::routing::answer::{Answer, Body, Dialing, LegAnswer, Outgoing, VoiceAnswer};

const CALL: CallId = CallId(0xc);
const C: &str = "0000000000000000000000000000000c";
const M: &str = "00000000000000000000000000000005";

fn number() -> MaskingNumber {
    MaskingNumber::rented(phone("+13125550190"))
}

fn phone(text: &str) -> E164 {
    E164::read(text).expect("a number")
}

fn say(text: &str) -> Cue {
    Cue::Say(Spoken::new(text))
}

fn dialing() -> Dialing {
    Dialing {
        call: CALL,
        attempt: 1,
        cues: vec![],
        caller_id: number(),
        phones: vec![phone("+13125550123")],
        ring_timeout: 20,
        time_limit: 3600,
        screened: true,
        answer_on_bridge: true,
    }
}

fn text(body: Body) -> Outgoing {
    Outgoing { message: MessageId(5), to: phone("+13125550144"), from: number(), body }
}

fn write(answer: &Answer) -> Written {
    let account = AccountId::from("acme");
    let links = Links { base: "https://h.example", account: &account, media: &|_| "tok".to_owned() };
    let held = Spoken::new("held words");
    let find = |message| (message == MessageId(9)).then_some(Relayed { words: &held, media: &[] });
    twiml::write(&compose(answer, &links, &find))
}

/// What stands in the `<Response>`, with `U` for the account's addresses, `C` for the call's id and `M` the text's.
fn body(written: &Written) -> String {
    let all = String::from_utf8(written.bytes.clone()).expect("UTF-8");
    let body = all.strip_prefix(r#"<?xml version="1.0" encoding="UTF-8"?><Response>"#).expect("the declaration first");
    let body = body.strip_suffix("</Response>").expect("the end");
    body.replace("https://h.example/webhooks/acme/", "U/").replace(C, "C").replace(M, "M")
}

#[test]
fn voice_documents() {
    const NUMBER: &str = r#"<Number url="U/voice/whisper?call=C&amp;attempt=1" statusCallback="U/voice/status?call=C&amp;attempt=1" statusCallbackEvent="initiated ringing answered completed">+13125550123</Number></Dial>"#;
    const PLAIN: &str = r#"<Number statusCallback="U/voice/status?call=C&amp;attempt=1" statusCallbackEvent="initiated ringing answered completed">"#;
    let first = r#"<Dial callerId="+13125550190" timeout="20" timeLimit="3600" answerOnBridge="true" action="U/voice/dialed?call=C&amp;attempt=1">"#;
    let later = first.replace(r#" answerOnBridge="true""#, "");
    let record = r##"<Record maxLength="180" playBeep="true" finishOnKey="#" action="U/voice/voicemail?call=C" recordingStatusCallback="U/voice/recording?call=C"/>"##;
    let transcribed = record.replace("/>", r#" transcribe="true" transcribeCallback="U/voice/transcription?call=C"/>"#);
    let two = vec![phone("+13125550123"), phone("+13125550124")];
    let voicemail = |cues, transcribe| VoiceAnswer::Voicemail { call: CALL, cues, max_seconds: 180, transcribe };
    let hold = |pause| VoiceAnswer::Hold { call: CALL, cues: vec![say("Please hold.")], pause };
    for (answer, expected, why) in [
        (VoiceAnswer::Dial(dialing()), format!("{first}{NUMBER}"), "the first verb, screened"),
        (
            VoiceAnswer::Dial(Dialing { cues: vec![say("Hi")], ..dialing() }),
            format!("<Say>Hi</Say>{later}{NUMBER}"),
            "something was said, so the leg is answered",
        ),
        (
            VoiceAnswer::Dial(Dialing { answer_on_bridge: false, ..dialing() }),
            format!("{later}{NUMBER}"),
            "a leg that was answered before",
        ),
        (
            VoiceAnswer::Dial(Dialing { screened: false, phones: two, ..dialing() }),
            format!("{first}{PLAIN}+13125550123</Number>{PLAIN}+13125550124</Number></Dial>"),
            "two phones at once, no whisper",
        ),
        (VoiceAnswer::Reject, "<Reject/>".to_owned(), "turned away"),
        (VoiceAnswer::Goodbye(vec![say("Bye.")]), "<Say>Bye.</Say><Hangup/>".to_owned(), "goodbye"),
        (VoiceAnswer::Goodbye(vec![say(" ")]), "<Hangup/>".to_owned(), "nothing to say"),
        (voicemail(vec![say("After the tone.")], false), format!("<Say>After the tone.</Say>{record}"), "voicemail"),
        (
            voicemail(vec![Cue::Play("https://s.example/g.mp3?a=1&b=2".to_owned())], true),
            format!("<Play>https://s.example/g.mp3?a=1&amp;b=2</Play>{transcribed}"),
            "voicemail with a sound, transcribed",
        ),
        (
            VoiceAnswer::Queue { call: CALL, cues: vec![], name: "q-1".to_owned() },
            r#"<Enqueue waitUrl="U/voice/queue-wait?call=C" action="U/voice/queue-left?call=C">q-1</Enqueue>"#.to_owned(),
            "queue",
        ),
        (
            hold(10),
            r#"<Say>Please hold.</Say><Pause length="10"/><Redirect>U/voice/queue-wait?call=C</Redirect>"#.to_owned(),
            "hold",
        ),
        (hold(0), r#"<Say>Please hold.</Say><Redirect>U/voice/queue-wait?call=C</Redirect>"#.to_owned(), "no pause"),
        (VoiceAnswer::LeaveQueue, "<Leave/>".to_owned(), "the wait is over"),
        (
            VoiceAnswer::Redirect("https://x.example/a?b=1&c=2".to_owned()),
            "<Redirect>https://x.example/a?b=1&amp;c=2</Redirect>".to_owned(),
            "sent on",
        ),
        (
            VoiceAnswer::Screen { call: CALL, round: 1, cues: vec![say("Press 1.")], timeout: 8 },
            r#"<Gather input="dtmf" numDigits="1" finishOnKey="" timeout="8" actionOnEmptyResult="true" action="U/voice/accept?call=C&amp;attempt=0&amp;try=1"><Say>Press 1.</Say></Gather><Hangup/>"#.to_owned(),
            "the leg that we called must press a key",
        ),
        (
            VoiceAnswer::Menu { call: CALL, round: 2, cues: vec![say("Press 1 for Ana.")], timeout: 8 },
            r#"<Gather input="dtmf" numDigits="1" finishOnKey="" timeout="8" actionOnEmptyResult="true" action="U/voice/menu?call=C&amp;try=2"><Say>Press 1 for Ana.</Say></Gather><Redirect>U/voice/menu?call=C&amp;try=2</Redirect>"#.to_owned(),
            "menu",
        ),
        (
            VoiceAnswer::Pin { call: CALL, round: 1, cues: vec![Cue::Play("https://s.example/pin.mp3".to_owned())], timeout: 7 },
            r##"<Gather input="dtmf" numDigits="15" finishOnKey="#" timeout="7" actionOnEmptyResult="true" action="U/voice/pin?call=C&amp;try=1"><Play>https://s.example/pin.mp3</Play></Gather><Redirect>U/voice/pin?call=C&amp;try=1</Redirect>"##.to_owned(),
            "a PIN",
        ),
    ] {
        assert_eq!(body(&write(&Answer::Voice(answer))), expected, "{why}");
    }
}

#[test]
fn leg_documents() {
    let accept = |cues| LegAnswer::Accept { call: CALL, attempt: 1, round: 1, cues, timeout: 10 };
    let gather = r#"<Gather input="dtmf" numDigits="1" finishOnKey="" timeout="10" actionOnEmptyResult="true" action="U/voice/accept?call=C&amp;attempt=1&amp;try=1">"#;
    for (answer, expected) in [
        (
            accept(vec![say("Call for Acme & Sons. Press # to accept.")]),
            format!("{gather}<Say>Call for Acme &amp; Sons. Press # to accept.</Say></Gather><Hangup/>"),
        ),
        (accept(vec![]), format!("{gather}</Gather><Hangup/>")),
        (LegAnswer::Announce(vec![say("Call for Acme.")]), "<Say>Call for Acme.</Say>".to_owned()),
        (
            LegAnswer::Disclose { call: CALL, attempt: 1, cues: vec![say("This call may be recorded.")] },
            format!("<Say>This call may be recorded.</Say>{}</Gather>", gather.replace("\"10\"", "\"1\"")),
        ),
        (
            LegAnswer::Bridge(vec![say("This call may be recorded.")]),
            "<Say>This call may be recorded.</Say>".to_owned(),
        ),
        (LegAnswer::Bridge(vec![]), String::new()),
        (LegAnswer::Hangup, "<Hangup/>".to_owned()),
    ] {
        assert_eq!(body(&write(&Answer::Leg(answer))), expected);
    }
}

#[test]
fn text_documents() {
    const MESSAGE: &str = r#"<Message to="+13125550144" from="+13125550190" statusCallback="U/sms/status?message=M">"#;
    let item = MediaItem { url: "https://p.example/AC1/ME1".to_owned(), content_type: "image/png".to_owned() };
    let relay = |words: &str, media| Body::Relayed { words: Spoken::new(words), media };
    for (texts, expected, slots, why) in [
        (vec![], String::new(), vec![], "nothing to send"),
        (
            vec![text(relay("Hi <b>", vec![item.clone()]))],
            format!("{MESSAGE}<Body>Hi &lt;b&gt;</Body><Media>https://h.example/media/tok</Media></Message>"),
            vec!["<Body>Hi &lt;b&gt;</Body><Media>https://h.example/media/tok</Media>"],
            "words and a picture",
        ),
        (
            vec![text(relay("", vec![item.clone()]))],
            format!("{MESSAGE}<Media>https://h.example/media/tok</Media></Message>"),
            vec!["<Media>https://h.example/media/tok</Media>"],
            "a picture alone",
        ),
        (vec![text(relay(" ", vec![]))], String::new(), vec![], "nothing at all"),
        (
            vec![text(Body::Ours("Closed.".into())), text(Body::Held(MessageId(9)))],
            format!("{MESSAGE}<Body>Closed.</Body></Message>{MESSAGE}<Body>held words</Body></Message>"),
            vec!["<Body>held words</Body>"],
            "ours are kept, theirs are not",
        ),
        (vec![text(Body::Held(MessageId(8)))], String::new(), vec![], "erased since"),
    ] {
        let written = write(&Answer::Text(texts));
        assert_eq!(body(&written), expected, "{why}");
        let found: Vec<_> = written.texts().map(|slot| String::from_utf8_lossy(slot).into_owned()).collect();
        assert_eq!(found, slots, "{why}");
    }
}

#[test]
fn what_wants_no_document_gets_none() {
    assert!(write(&Answer::Noted).bytes.is_empty());
    assert_eq!(write(&Answer::Text(vec![])).bytes, twiml::NOTHING);
}

#[test]
fn an_address_too_long_for_a_document_ends_the_call() {
    let url = format!("https://x.example/{}", "a".repeat(40_000));
    assert_eq!(body(&write(&Answer::Voice(VoiceAnswer::Redirect(url)))), "<Hangup/>");
}

#[test]
fn the_largest_documents_keep_to_the_limit() {
    let item = MediaItem { url: "https://p.example/ME1".to_owned(), content_type: "image/png".to_owned() };
    let long = |c: &str| Spoken::new(&c.repeat(9_000));
    let ours = || text(Body::Ours(long("&")));
    let theirs = || text(Body::Relayed { words: long("🙂"), media: vec![item.clone(); 10] });
    let cues = vec![Cue::Say(long("<")); 10];
    for (answer, bodies, why) in [
        (Answer::Text((0..12).map(|_| ours()).collect()), 10, "ours"),
        (Answer::Text((0..12).map(|_| theirs()).collect()), 10, "theirs"),
        (Answer::Text((0..10).map(|n| if n % 2 == 0 { ours() } else { theirs() }).collect()), 10, "both"),
        (Answer::Voice(VoiceAnswer::Dial(Dialing { cues, ..dialing() })), 0, "much to say before a dial"),
    ] {
        let written = write(&answer);
        assert!(written.bytes.len() <= 32_000, "{why}: {} bytes", written.bytes.len());
        assert!(written.bytes.len() > 24_000, "{why}: room is left unused, {} bytes", written.bytes.len());
        assert_eq!(body(&written).matches("<Body>").count(), bodies, "{why}: each says something");
    }
}
