//! What a provider makes of replies, good and bad (wire.md A.4–A.6).
//!
//! Deliberately not here: running what was read.

use super::scene::{leaves, nothing, of, play, play_with, scene, seconds, status, xml};
use crate::replay::phones::document::{self, Purpose};
use crate::replay::phones::network::Reply;
use crate::replay::phones::script::{HangUp, Manner, Pickup};

fn read(kind: Option<&str>, body: &[u8]) -> Result<Vec<u32>, u32> {
    let reply = Reply { status: 200, content_type: kind.map(str::to_owned), body: body.to_vec() };
    let read = document::read(&reply, Purpose::Voice);
    read.map(|read| read.warnings.iter().map(|warning| warning.code).collect()).map_err(|error| error.code)
}

#[test]
fn types_and_bodies_are_taken_or_refused() {
    let good = b"<Response/>".as_slice();
    let large = vec![b' '; 64 * 1024 + 1];
    for (kind, body, expected, why) in [
        (Some("text/xml"), good, Ok(()), "A.5: parsed"),
        (Some("application/xml"), good, Ok(()), "A.5: parsed"),
        (Some("text/html"), good, Ok(()), "A.5: parsed"),
        (Some("TEXT/XML; charset=utf-8"), good, Ok(()), "types have parameters and no case"),
        (Some("text/plain"), good, Ok(()), "A.5: parsed when it is a document"),
        (Some("text/plain"), b"Hello.".as_slice(), Ok(()), "A.5: else spoken"),
        (Some("audio/mpeg"), b"x", Ok(()), "A.5: played"),
        (None, good, Err(12300), "A.5: no type"),
        (Some("application/json"), b"{}", Err(12300), "A.5: another type"),
        (Some("text/xml"), b"", Err(11770), "A.5: empty body"),
        (Some("text/xml"), large.as_slice(), Err(11750), "A.5: more than 64 kB"),
        (Some("text/xml"), b"<Response>", Err(12100), "A.6: does not parse"),
        (Some("text/xml"), b"<Response><Say>a & b</Say></Response>", Err(12100), "B: & must be &amp;"),
        (Some("text/xml"), b" <?xml version=\"1.0\"?><Response/>", Err(12100), "A.5: white space before <?xml"),
        (Some("text/xml"), b"\xef\xbb\xbf<?xml version=\"1.0\"?><Response/>", Err(12100), "A.5: BOM before <?xml"),
        (Some("text/xml"), b"<Response>\xff</Response>", Err(12100), "no UTF-8"),
        (Some("text/xml"), b"<Response><Say>\x01</Say></Response>", Err(12100), "B: a character that XML has not"),
        (Some("text/xml"), b"<Response/><Response/>", Err(12100), "two roots"),
        (Some("text/xml"), b"<?xml version=\"1.1\"?><Response/>", Err(12101), "A.6: version"),
        (Some("text/xml"), b"<?xml version='1.0' encoding='UTF-8'?><Response/>", Ok(()), "A.6: version"),
        (Some("text/xml"), b"<response/>", Err(12102), "A.6: root must be Response; names have case"),
        (Some("text/xml"), b"<html></html>", Err(12102), "A.6: root must be Response"),
    ] {
        assert_eq!(read(kind, body).map(|_| ()), expected, "{why}");
    }
}

#[test]
fn what_cannot_be_used_is_warned_of() {
    for (verb, codes, why) in [
        ("<Shout/>", vec![12200], "A.5: an unknown verb"),
        ("<say>Hi.</say>", vec![12200], "A.5: names have case"),
        ("<Say volume=\"1\">Hi.</Say>", vec![12200], "A.5: an unknown attribute"),
        ("<Say></Say>", vec![13520], "A.6"),
        ("<Say loop=\"x\">Hi.</Say>", vec![13510], "A.6"),
        ("<Say voice=\"bob\">Hi.</Say>", vec![13511], "A.6"),
        ("<Say voice=\"Polly.Joanna\" language=\"en-GB\">Hi.</Say>", vec![], "B"),
        ("<Say language=\"?\">Hi.</Say>", vec![13512], "A.6"),
        ("<Play loop=\"-1\">a</Play>", vec![13410], "A.6"),
        ("<Play digits=\"x\"/>", vec![13430], "A.6"),
        ("<Pause length=\"0\"/>", vec![13910], "B: integer > 0"),
        ("<Reject reason=\"no\"/>", vec![13810], "A.6"),
        ("<Redirect method=\"PUT\">a</Redirect>", vec![13710], "A.6"),
        ("<Gather finishOnKey=\"12\"/>", vec![13310], "B: one key"),
        ("<Gather finishOnKey=\"\"/>", vec![], "B: or none"),
        ("<Gather method=\"PUT\"/>", vec![13312], "A.6"),
        ("<Gather timeout=\"x\"/>", vec![13313], "A.6"),
        ("<Gather timeout=\"auto\"/>", vec![], "B: SDK also auto"),
        ("<Gather numDigits=\"0\"/>", vec![13314], "B: int > 0"),
        ("<Gather><Dial>+13125550123</Dial></Gather>", vec![13320], "B: only Say, Play, Pause"),
        ("<Gather input=\"smell\"/>", vec![13326], "A.6"),
        ("<Record method=\"PUT\"/>", vec![13610], "A.6"),
        ("<Record timeout=\"x\"/>", vec![13611], "A.6"),
        ("<Record timeout=\"0\"/>", vec![], "B: 0 = off"),
        ("<Record maxLength=\"1\"/>", vec![13612], "B: integer > 1"),
        ("<Record finishOnKey=\"x\"/>", vec![13613], "A.6"),
        ("<Record transcribe=\"x\"/>", vec![13614], "A.6"),
        ("<Record transcribe=\"true\" maxLength=\"180\"/>", vec![13615], "A.6"),
        ("<Record playBeep=\"x\"/>", vec![13616], "A.6"),
        ("<Record recordingStatusCallback=\"r\" recordingStatusCallbackEvent=\"done\"/>", vec![13621], "A.6"),
        ("<Dial method=\"PUT\"/>", vec![13210], "A.6"),
        ("<Dial timeout=\"601\"/>", vec![13212], "B: 5–600"),
        ("<Dial timeout=\"4\"/>", vec![13212], "B: 5–600"),
        ("<Dial hangupOnStar=\"x\"/>", vec![13213], "A.6"),
        ("<Dial><Fax/></Dial>", vec![13215], "A.6"),
        ("<Dial timeLimit=\"x\"/>", vec![13216], "A.6"),
        ("<Dial record=\"x\"/>", vec![13217], "A.6"),
        ("<Dial sequential=\"x\"/>", vec![13218], "A.6"),
        ("<Dial answerOnBridge=\"TRUE\"/>", vec![13219], "A.6"),
        ("<Dial ringTone=\"xx\"/>", vec![13220], "A.6"),
        ("<Dial ringTone=\"us-old\"/>", vec![], "B"),
        ("<Dial><Number method=\"PUT\" url=\"w\">+13125550123</Number></Dial>", vec![13221], "A.6"),
        ("<Dial><Number sendDigits=\"x\">+13125550123</Number></Dial>", vec![13222], "A.6"),
        ("<Enqueue waitUrl=\"w\" waitUrlMethod=\"PUT\">q</Enqueue>", vec![14206], "A.6"),
        ("<Enqueue/>", vec![14204], "A.6"),
        ("<Hangup now=\"1\"/>", vec![12200], "an unknown attribute"),
    ] {
        let body = format!("<Response>{verb}</Response>");
        assert_eq!(read(Some("text/xml"), body.as_bytes()), Ok(codes), "{why}: {verb}");
    }
    let long = format!("<Response><Say>{}</Say></Response>", "a".repeat(4097));
    assert_eq!(read(Some("text/xml"), long.as_bytes()), Ok(vec![13521]), "B: up to 4096 characters");
    let eleven = format!("<Response><Dial>{}</Dial></Response>", "<Number>+13125550123</Number>".repeat(11));
    assert_eq!(read(Some("text/xml"), eleven.as_bytes()), Ok(vec![13215]), "B: up to 10 Numbers");
    for (verb, code, why) in [
        ("<Gather actionOnEmptyResult=\"x\"/>", 13338, "A.6: an error"),
        ("<Gather><Say voice=\"bob\">Hi.</Say></Gather>", 13511, "B: inside a Gather a failure"),
    ] {
        let body = format!("<Response>{verb}</Response>");
        assert_eq!(read(Some("text/xml"), body.as_bytes()), Err(code), "{why}: {verb}");
    }
}

#[test]
fn no_complaint_shows_a_whole_number() {
    let body = "<Response><Dial timeout=\"+13125550123\"/></Response>";
    let warnings = document::read(&xml(body), Purpose::Voice).expect("a document").warnings;
    assert!(warnings[0].why.contains("…0123") && !warnings[0].why.contains("555"), "{}", warnings[0].why);
}

#[test]
fn what_fails_on_the_callers_leg_is_asked_once_at_the_fallback() {
    for (reply, code, why) in [
        (status(500), "11200", "A.4: 5xx"),
        (status(404), "11200", "A.4: 4xx"),
        (status(302), "11200", "no address to go on to"),
        (xml("<Response"), "12100", "A.6"),
        (nothing(), "12300", "A.5: no content"),
    ] {
        let told = play_with(scene(Manner::default(), Pickup::NoAnswer), |ask| match ask.url.as_str() {
            url if url.ends_with("acme/voice") => reply.clone(),
            url if url.ends_with("/voice/fallback") => xml("<Response><Say>Sorry.</Say></Response>"),
            _ => nothing(),
        });
        let fallback = told.one("/voice/fallback");
        assert_eq!(of(fallback, "ErrorCode"), Some(code), "{why}: A.2: original params + ErrorCode + ErrorUrl");
        assert_eq!(of(fallback, "ErrorUrl"), Some("https://ours.example/webhooks/acme/voice"), "{why}");
        assert_eq!(of(fallback, "CallSid"), of(told.one("acme/voice"), "CallSid"), "{why}");
        assert!(told.has("ana hears Sorry."), "{why}");
    }
}

#[test]
fn a_fallback_that_fails_ends_the_call_with_an_apology() {
    let told = play_with(scene(Manner::default(), Pickup::NoAnswer), |_| status(500));
    assert_eq!(told.asked("/voice/fallback").len(), 1, "A.4: once");
    assert!(told.story().iter().any(|line| line.contains("application error")), "A.4");
    assert_eq!(told.story().iter().filter(|line| line.starts_with("ana ended")).count(), 1);
    // The status callback was answered with 500, which is a warning.
    assert_eq!(told.troubles(), [11200, 11200, 15003], "A.5");
}

#[test]
fn a_later_document_that_fails_takes_its_own_parameters_along() {
    let told = play(
        scene(super::scene::presses(&["5"]), Pickup::NoAnswer),
        &[("/voice", "<Response><Gather numDigits=\"1\" action=\"gone\"/></Response>"), ("/fallback", "<Response/>")],
    );
    assert_eq!(of(told.one("/voice/fallback"), "Digits"), Some("5"), "A.2: the original params");
    assert_eq!(of(told.one("/voice/fallback"), "ErrorUrl"), Some("https://ours.example/webhooks/acme/gone"));
}

#[test]
fn an_address_that_is_none_is_an_error() {
    let told = play(
        scene(leaves(HangUp::At(seconds(60))), Pickup::NoAnswer),
        &[("/voice", "<Response><Redirect>ftp://x</Redirect></Response>"), ("/fallback", "<Response/>")],
    );
    assert_eq!(told.troubles(), [11100], "A.6");
    assert_eq!(of(told.one("/fallback"), "ErrorCode"), Some("11100"));
}

#[test]
fn plain_text_is_spoken_and_sounds_are_played() {
    for (kind, body, heard) in [
        ("text/plain", "Hello there.", "ana hears Hello there."),
        ("audio/mpeg", "…", "ana hears sound https://ours.example/webhooks/acme/voice"),
    ] {
        let told = play_with(scene(Manner::default(), Pickup::NoAnswer), |ask| {
            let content_type = ask.url.ends_with("acme/voice").then(|| kind.to_owned());
            Reply { status: 200, content_type, body: body.as_bytes().to_vec() }
        });
        assert!(told.has(heard), "A.5: {:#?}", told.lines);
        assert_eq!(told.story().last(), Some(&"ana ended completed"), "A.5: then hang up");
    }
}
