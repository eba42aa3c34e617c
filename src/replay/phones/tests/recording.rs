//! `<Record>`, recorded calls, and what is told of recordings (wire.md A.2, B).
//!
//! Deliberately not here: other verbs.

use super::scene::{OURS, Told, answers, leaves, of, play, presses, rented, scene, seconds};
use crate::replay::phones::script::{HangUp, Manner, Pickup, Press, Script, Speaks, Stage};

const PAGE: &str = "<Response><Record maxLength=\"30\" action=\"done\" recordingStatusCallback=\"recording\" \
                    recordingStatusCallbackEvent=\"completed absent\"/><Say>Unreachable.</Say></Response>";

fn speaking(count: u64) -> Manner {
    Manner { speaks: seconds(count), ..Manner::default() }
}

fn played(script: Script, page: &str) -> Told {
    play(script, &[("/voice", page), ("/done", "<Response><Say>Thanks.</Say></Response>")])
}

fn record(manner: Manner, page: &str) -> Told {
    played(scene(manner, Pickup::NoAnswer), page)
}

#[test]
fn a_message_ends_with_the_caller_a_key_silence_or_its_length() {
    let key = |keys: &str| Manner { presses: vec![Press { keys: keys.to_owned(), after: seconds(4) }], ..speaking(10) };
    let quiet = Manner { hangs_up: Some(HangUp::At(seconds(200))), ..speaking(10) };
    let long = Manner { hangs_up: Some(HangUp::At(seconds(200))), ..speaking(100) };
    for (manner, lasts, ends, digits, thanked, why) in [
        (speaking(10), "10", 11.0, "hangup", false, "B: the caller hangs up: Digits=hangup, and still asked"),
        (key("#"), "4", 5.0, "#", true, "B: finishOnKey, any key by default"),
        (key("5"), "4", 5.0, "5", true, "B: finishOnKey, any key by default"),
        (quiet, "10", 16.0, "", true, "B: timeout 5 s of silence; trimmed by default"),
        (long, "30", 31.0, "", true, "B: maxLength"),
    ] {
        let told = record(manner, PAGE);
        let done = told.one("/done");
        assert_eq!(of(done, "RecordingDuration"), Some(lasts), "{why}");
        assert_eq!(of(done, "Digits"), Some(digits), "{why}");
        assert!((done.at.since(told.asks[0].at).as_secs_f64() - ends).abs() < 0.01, "{why}: {:?}", done.at);
        assert!(of(done, "RecordingUrl").is_some_and(|url| url.starts_with("https://api.twilio.com/")), "{why}");
        assert_eq!(told.has("ana hears Thanks."), thanked, "{why}: nobody is left to hear");
        assert!(!told.has("ana hears Unreachable."), "B: verbs after Record are unreachable");
        assert!(told.has(&format!("ana recorded {lasts}")), "{why}");
        let status = told.one("/recording");
        assert_eq!(of(status, "RecordingStatus"), Some("completed"), "{why}");
        assert_eq!(of(status, "RecordingSid"), of(done, "RecordingSid"), "{why}");
        assert!(status.at > done.at, "A.2: the file may not yet be readable at the action");
    }
}

#[test]
fn what_is_told_of_a_recording() {
    let told = record(speaking(10), PAGE);
    let status = told.one("/recording");
    for (name, value) in [
        ("RecordingChannels", "1"),
        ("RecordingSource", "RecordVerb"),
        ("RecordingDuration", "10"),
        ("RecordingStartTime", "Mon, 09 Mar 2026 14:00:01 +0000"),
    ] {
        assert_eq!(of(status, name), Some(value), "A.2: {name}");
    }
    assert_eq!((of(status, "From"), of(status, "To")), (None, None), "A.2: no From/To");
    assert_eq!(of(status, "CallSid"), of(told.one("acme/voice"), "CallSid"));
}

#[test]
fn silence_is_kept_by_one_provider_and_not_by_the_other() {
    let silent = || leaves(HangUp::At(seconds(200)));
    for (speaks, lasts, status, why) in [
        (Speaks::Twilio, "5", "completed", "B: silent recordings are saved and action is requested"),
        (Speaks::Signalwire, "0", "absent", "F.1: may save nothing"),
    ] {
        let mut script = scene(silent(), Pickup::NoAnswer);
        script.numbers = vec![rented(OURS, speaks)];
        let told = played(script, PAGE);
        assert_eq!(of(told.one("/done"), "RecordingDuration"), Some(lasts), "{why}");
        assert_eq!(of(told.one("/done"), "RecordingUrl").is_some(), lasts != "0", "{why}");
        assert_eq!(of(told.one("/recording"), "RecordingStatus"), Some(status), "{why}");
    }
    // B: timeout 0 = off, so only the length ends it
    let told = record(silent(), &PAGE.replace("action", "timeout=\"0\" action"));
    assert_eq!(of(told.one("/done"), "RecordingDuration"), Some("30"));
    // B: do-not-trim
    let quiet = Manner { hangs_up: Some(HangUp::At(seconds(200))), ..speaking(10) };
    let told = record(quiet, &PAGE.replace("action", "trim=\"do-not-trim\" action"));
    assert_eq!(of(told.one("/done"), "RecordingDuration"), Some("15"));
}

#[test]
fn hanging_up_around_the_beep_leaves_nothing() {
    for (hangs_up, why) in [
        (HangUp::At(seconds(0)), "before the answer"),
        (HangUp::During(Stage::Recording, seconds(0)), "with the end of the beep"),
    ] {
        let told = record(leaves(hangs_up), PAGE);
        assert!(told.asked("/done").iter().all(|ask| of(ask, "RecordingUrl").is_none()), "{why}");
        assert!(told.asked("/recording").iter().all(|ask| of(ask, "RecordingStatus") == Some("absent")), "{why}");
    }
    // A.2: the event is completed by default, so nothing is told of what is absent
    let told = record(speaking(0), &PAGE.replace("recordingStatusCallbackEvent=\"completed absent\"", ""));
    assert!(told.asked("/recording").is_empty());
}

#[test]
fn the_beep_may_be_left_out_and_the_action_too() {
    let told = record(speaking(10), &PAGE.replace("action", "playBeep=\"false\" action"));
    assert!((told.at("ana speaks")).abs() < 0.01, "B: playBeep");
    // B: action default current document (loop)
    let mut manner = presses(&["1", "1", ""]);
    manner.speaks = seconds(3);
    let told = play(scene(manner, Pickup::NoAnswer), &[("/voice", "<Response><Record/></Response>")]);
    assert_eq!(told.asked("acme/voice").len(), 4, "{:#?}", told.lines);
}

#[test]
fn words_are_written_down_where_that_is_wanted() {
    for (attributes, asked, why) in [
        ("transcribe=\"true\" transcribeCallback=\"words\"", 1, "A.2: transcribeCallback"),
        ("transcribeCallback=\"words\"", 0, "B: needs transcribe=\"true\""),
    ] {
        let page = format!("<Response><Record {attributes} action=\"done\"/></Response>");
        let told = record(speaking(4), &page);
        assert_eq!(told.asked("/words").len(), asked, "{why}");
        for words in told.asked("/words") {
            assert_eq!(of(words, "TranscriptionStatus"), Some("completed"), "{why}");
            assert!(of(words, "TranscriptionText").is_some() && of(words, "From").is_some(), "{why}");
        }
    }
}

#[test]
fn a_recorded_call_has_its_recording_in_the_action() {
    for (how, channels) in
        [("record-from-answer", Some("1")), ("record-from-answer-dual", Some("2")), ("do-not-record", None)]
    {
        let page = format!(
            "<Response><Dial callerId=\"{OURS}\" record=\"{how}\" recordingStatusCallback=\"recording\" action=\"done\">+13125550123</Dial></Response>"
        );
        let told = played(scene(Manner::default(), answers(Manner::default())), &page);
        assert_eq!(
            of(told.one("/done"), "RecordingUrl").is_some(),
            channels.is_some(),
            "A.2: only if record set on Dial"
        );
        let status = told.asked("/recording");
        assert_eq!(status.first().and_then(|ask| of(ask, "RecordingChannels")), channels, "A.2: {how}");
        if let Some(status) = status.first() {
            assert_eq!(of(status, "RecordingSource"), Some("DialVerb"), "A.2");
            assert_eq!(of(status, "CallSid"), of(told.one("acme/voice"), "CallSid"), "A.2: always the parent leg");
        }
    }
}
