//! Hang-ups at every point of a call, and what is told of them (wire.md A.2, C.2).
//!
//! Deliberately not here: recordings and queues that are cut (`super::recording`, `super::waiting`).

use super::scene::{Told, answers, leaves, of, play, presses, scene, seconds, statuses};
use crate::replay::phones::script::{HangUp, Manner, Pickup, Stage};

const DIAL: &str = r#"<Response><Dial callerId="+13125550190" answerOnBridge="true" action="dialed">
  <Number url="whisper" statusCallback="leg" statusCallbackEvent="initiated ringing answered completed">+13125550123</Number>
</Dial></Response>"#;
const WHISPER: &str = r#"<Response><Gather numDigits="1" finishOnKey="" timeout="5" action="accept"><Say>Press one to take it.</Say></Gather><Hangup/></Response>"#;

fn call(seed: u64, manner: Manner, desk: Pickup) -> Told {
    let mut script = scene(manner, desk);
    script.seed = seed;
    let pages = [("/voice", DIAL), ("/whisper", WHISPER), ("/accept", "<Response/>"), ("/dialed", "<Response/>")];
    play(script, &pages)
}

#[test]
fn a_caller_who_hangs_up_ends_everything() {
    for (hangs_up, leg, end, bridged, why) in [
        // C.2: caller hangs up while ringing: child canceled; A.2: before in-progress → no-answer
        (HangUp::During(Stage::Ringing, seconds(2)), "initiated ringing canceled", "no-answer", false, "ringing"),
        // C.2: caller hangs up during whisper: child ends completed
        (
            HangUp::During(Stage::Whisper, seconds(0)),
            "initiated ringing in-progress completed",
            "no-answer",
            false,
            "whisper",
        ),
        (HangUp::AfterBridge(seconds(7)), "initiated ringing in-progress completed", "completed", true, "talking"),
        (HangUp::At(seconds(0)), "initiated canceled", "no-answer", false, "at once"),
    ] {
        for seed in 0..8 {
            let told = call(seed, leaves(hangs_up), answers(presses(&["1"])));
            assert_eq!(told.has("bridged ana desk"), bridged, "{why}");
            assert_eq!(told.has("ana hangs up"), true, "{why}");
            assert_eq!(of(told.one("/voice/status"), "CallStatus"), Some(end), "{why}");
            assert_eq!(told.story().last(), Some(&format!("ana ended {end}").as_str()), "{why}");
            if why != "at once" {
                assert_eq!(statuses(&told.asked("/leg")).join(" "), leg, "{why}");
            }
            for dialed in told.asked("/dialed") {
                assert_eq!(of(dialed, "CallStatus"), Some(end), "{why}: C.2");
                let expected = if bridged { "true" } else { "false" };
                assert_eq!(of(dialed, "DialBridged"), Some(expected), "{why}: C.2");
            }
        }
    }
    // C.2: the action request may still come, or not
    let asked = |hangs_up, seed| call(seed, leaves(hangs_up), answers(presses(&["1"]))).asked("/dialed").len();
    let ringing: Vec<usize> = (0..12).map(|seed| asked(HangUp::During(Stage::Ringing, seconds(1)), seed)).collect();
    assert!(ringing.contains(&0) && ringing.contains(&1), "{ringing:?}");
    assert_eq!(asked(HangUp::AfterBridge(seconds(1)), 1), 1, "always after talking");
}

#[test]
fn a_callee_who_hangs_up_gives_the_caller_back() {
    let patient = || leaves(HangUp::At(seconds(300)));
    for (hangs_up, bridged, at, why) in [
        // C.2: callee hangs up during whisper
        (HangUp::During(Stage::Whisper, seconds(0)), "false", 4.0, "whisper"),
        (HangUp::At(seconds(1)), "false", 5.0, "so long after picking up"),
        (HangUp::AfterBridge(seconds(9)), "true", 15.0, "after talking"),
    ] {
        let mut manner = presses(&["1"]);
        manner.presses[0].after = seconds(2);
        manner.hangs_up = Some(hangs_up);
        let told = call(7, patient(), answers(manner));
        assert!((told.at("desk hangs up") - at).abs() < 0.01, "{why}: {:#?}", told.lines);
        assert_eq!(of(told.one("/dialed"), "DialBridged"), Some(bridged), "{why}");
        assert_eq!(of(told.one("/dialed"), "DialCallStatus"), Some("completed"), "{why}");
        assert_ne!(of(told.one("/dialed"), "CallStatus"), Some("completed"), "{why}: the caller is there");
    }
}

#[test]
fn whoever_called_hangs_up_half_a_minute_after_being_bridged() {
    let told = call(7, Manner::default(), answers(presses(&["1"])));
    assert!((told.at("ana hangs up") - told.at("bridged ana desk") - 30.0).abs() < 0.01);
}

#[test]
fn stages_begin_when_they_are_told_of() {
    let page = "<Response><Pause length=\"3\"/><Say>Hello.</Say><Pause length=\"60\"/></Response>";
    let told = play(scene(leaves(HangUp::During(Stage::Prompt, seconds(4))), Pickup::NoAnswer), &[("/voice", page)]);
    assert!((told.at("ana hangs up") - 7.0).abs() < 0.01, "the prompt began at 3");
    let told = play(scene(leaves(HangUp::At(seconds(2))), Pickup::NoAnswer), &[("/voice", page)]);
    assert_eq!(of(told.one("/voice/status"), "CallStatus"), Some("no-answer"), "B: a pause does not answer");
}

#[test]
fn a_leg_counts_its_statuses() {
    let told = call(7, Manner::default(), answers(presses(&["1"])));
    let legs = told.asked("/leg");
    let sequence: Vec<_> = legs.iter().map(|ask| of(ask, "SequenceNumber").expect("a number")).collect();
    assert_eq!(sequence, ["0", "1", "2", "3"], "A.2: from 0");
    for ask in &legs {
        assert_eq!(of(ask, "CallbackSource"), Some("call-progress-events"), "A.2");
        assert!(of(ask, "Timestamp").is_some_and(|at| at.ends_with("+0000")), "A.2: RFC 2822, UTC");
        assert_eq!(of(ask, "ParentCallSid"), of(told.one("acme/voice"), "CallSid"), "A.2");
    }
    let lasted: Vec<_> = legs.iter().map(|ask| of(ask, "CallDuration")).collect();
    assert_eq!(lasted, [None, None, None, Some("31")], "A.2: CallDuration, completed only");
    let end = told.one("/voice/status");
    assert_eq!((of(end, "CallDuration"), of(end, "SequenceNumber")), (Some("30"), Some("0")), "A.2");
}

#[test]
fn only_what_is_wanted_is_reported() {
    for (wanted, expected, why) in [
        ("", "completed", "A.2: default completed"),
        ("statusCallbackEvent=\"answered\"", "in-progress", "A.2: one"),
        ("statusCallbackEvent=\"ringing completed\"", "ringing completed", "A.2: two, separated by a space"),
    ] {
        let page = DIAL.replace("statusCallbackEvent=\"initiated ringing answered completed\"", wanted);
        let pages = [("/voice", page.as_str()), ("/whisper", "<Response/>"), ("/dialed", "<Response/>")];
        let told = play(scene(Manner::default(), answers(Manner::default())), &pages);
        assert_eq!(statuses(&told.asked("/leg")).join(" "), expected, "{why}");
    }
}
