//! Several phones, one after another or at once, and the attributes of `<Dial>` (wire.md B, C.3).
//!
//! Deliberately not here: what the action is told of one phone (`super::dialing`).

use super::scene::{DESK, OTHER, OURS, SHOP, Told, answers, leaves, of, party, play, rented, scene, seconds, statuses};
use crate::replay::phones::script::{HangUp, Manner, Party, Pickup, Press, Speaks};

const BYE: &str = "<Response><Say>Bye.</Say></Response>";

fn dial(manner: Manner, desk: Pickup, shop: Pickup, page: &str) -> Told {
    let mut script = scene(manner, desk);
    script.parties.push(party("shop", SHOP, vec![shop]));
    let pages = [("/voice", page), ("/whisper", "<Response><Hangup/></Response>"), ("/dialed", BYE)];
    play(script, &pages)
}

fn after(seconds_: u64) -> Pickup {
    Pickup::Answers { after: seconds(seconds_), manner: Manner::default() }
}

const BOTH: &str = "<Response><Dial callerId=\"+13125550190\" action=\"dialed\"><Number statusCallback=\"s?desk\">+13125550123</Number>\
                    <Number statusCallback=\"s?shop\">+13125550124</Number></Dial></Response>";

#[test]
fn the_first_to_answer_silences_the_rest() {
    // C.3: first leg to answer wins; the others are canceled at answer time
    let told = dial(Manner::default(), after(9), after(4), BOTH);
    assert!(told.has("bridged ana shop") && told.has("desk unanswered canceled"));
    assert!((told.at("desk unanswered canceled") - told.at("shop answers")).abs() < 0.01);
    assert_eq!(statuses(&told.asked("s?desk")), ["canceled"]);
    assert_eq!(statuses(&told.asked("s?shop")), ["completed"]);
    // C.3: if that winner then rejects, Dial ends (completed/false); the rest are not resumed
    let page = BOTH.replace("s?shop\"", "s?shop\" url=\"whisper\"");
    let told = dial(leaves(HangUp::At(seconds(90))), after(9), after(4), &page);
    let dialed = told.one("/dialed");
    assert_eq!((of(dialed, "DialCallStatus"), of(dialed, "DialBridged")), (Some("completed"), Some("false")));
    assert!(!told.has("desk answers") && told.has("ana hears Bye."));
    // C.3: a dead phone's carrier voicemail eats the ring group
    let machine = Pickup::CarrierVoicemail { after: seconds(0), greeting: seconds(5), beep: true };
    let told = dial(Manner::default(), after(3), machine, BOTH);
    assert!(told.has("shop answers by machine") && told.has("desk unanswered canceled"));
}

#[test]
fn one_after_another_where_it_is_sequential() {
    let page = BOTH.replace("<Dial", "<Dial sequential=\"true\" timeout=\"10\"");
    // B: sequential: order, one at a time
    let told = dial(leaves(HangUp::At(seconds(90))), Pickup::NoAnswer, after(3), &page);
    assert!((told.at("desk unanswered no-answer") - 16.0).abs() < 0.01, "1 + 10 + 5 (B: timeout, and 5 s buffer)");
    assert!((told.at(&format!("shop rings {OURS}")) - 17.0).abs() < 0.01);
    assert!(told.has("bridged ana shop"));
    assert_eq!(of(told.one("/dialed"), "DialCallStatus"), Some("completed"));
    let told = dial(leaves(HangUp::At(seconds(90))), Pickup::Busy, Pickup::Busy, &page);
    assert_eq!(of(told.one("/dialed"), "DialCallStatus"), Some("busy"));
}

#[test]
fn the_display_shows_the_caller_id_and_who_may_have_it() {
    for (id, shows, troubles, why) in [
        ("callerId=\"+13125550190\"", OURS, vec![], "B: To of this call"),
        ("callerId=\"+13125550101\"", "+13125550101", vec![], "B: From of this call"),
        ("callerId=\"+13125550191\"", OTHER, vec![], "B: an owned number"),
        ("callerId=\"+13125550192\"", "+13125550101", vec![13214], "B: nobody's: 13214, and the default"),
        ("", "+13125550101", vec![], "B: the caller's own id where there is none: a leak"),
    ] {
        let mut script = scene(Manner::default(), answers(Manner::default()));
        script.numbers.push(rented(OTHER, Speaks::Twilio));
        let page = format!("<Response><Dial {id}>{DESK}</Dial></Response>");
        let told = play(script, &[("/voice", &page)]);
        assert!(told.has(&format!("desk rings {shows}")), "{why}: {:#?}", told.lines);
        assert_eq!(told.troubles(), troubles, "{why}");
    }
}

#[test]
fn the_caller_is_answered_at_once_or_when_bridged() {
    let plain = format!("<Response><Dial callerId=\"{OURS}\" action=\"dialed\">{DESK}</Dial></Response>");
    let late = plain.replace("<Dial", "<Dial answerOnBridge=\"true\"");
    let said = late.replace("<Dial", "<Say>Wait.</Say><Dial");
    for (page, parent, end, why) in [
        (&plain, "in-progress", "completed", "C.1: without answerOnBridge the parent is answered"),
        (&late, "ringing", "no-answer", "C.1: with it, it rings until bridged; never bridged is no-answer"),
        (&said, "in-progress", "completed", "B: works only if nothing answered before"),
    ] {
        let pages = [("/voice", page.as_str()), ("/dialed", "<Response><Reject/></Response>")];
        let told = play(scene(leaves(HangUp::At(seconds(20))), Pickup::Busy), &pages);
        assert_eq!(of(told.one("/dialed"), "CallStatus"), Some(parent), "{why}");
        assert_eq!(told.has("ana picked up"), parent == "in-progress", "{why}");
        assert_eq!(of(told.one("/voice/status"), "CallStatus"), Some(end), "{why}");
        // The same for a caller who hangs up while it rings.
        let told = play(scene(leaves(HangUp::At(seconds(9))), Pickup::NoAnswer), &pages);
        assert_eq!(of(told.one("/voice/status"), "CallStatus"), Some(end), "{why}");
    }
}

#[test]
fn a_dial_without_an_action_goes_on() {
    let page = format!("<Response><Dial callerId=\"{OURS}\">{DESK}</Dial><Say>After.</Say></Response>");
    // B: no action: falls through to the next verb
    let told = dial(Manner::default(), Pickup::Busy, Pickup::Busy, &page);
    assert!(told.has("ana hears After."));
    // B: also after talking, when the callee hung up
    let told =
        dial(leaves(HangUp::At(seconds(60))), answers(leaves(HangUp::AfterBridge(seconds(5)))), Pickup::Busy, &page);
    assert!(told.has("desk hangs up") && told.has("ana hears After."));
    // B: with action the verbs after Dial are unreachable
    let with = page.replace("<Dial", "<Dial action=\"dialed\"");
    let told = dial(Manner::default(), Pickup::Busy, Pickup::Busy, &with);
    assert!(!told.has("ana hears After.") && told.has("ana hears Bye."));
    // B: without action and no following verb → hang up
    let alone = page.replace("<Say>After.</Say>", "");
    assert_eq!(
        dial(Manner::default(), Pickup::Busy, Pickup::Busy, &alone).story().last(),
        Some(&"ana ended completed")
    );
}

#[test]
fn time_runs_out() {
    let page =
        |more: &str| format!("<Response><Dial {more} callerId=\"{OURS}\" action=\"dialed\">{DESK}</Dial></Response>");
    for (speaks, unanswered, why) in [
        (Speaks::Twilio, 36.0, "B: timeout 30, and Twilio's 5 s"),
        (Speaks::Signalwire, 31.0, "SignalWire has no buffer"),
    ] {
        let mut script = scene(leaves(HangUp::At(seconds(99))), Pickup::NoAnswer);
        script.numbers = vec![rented(OURS, speaks)];
        let told = play(script, &[("/voice", &page("")), ("/dialed", BYE)]);
        assert!((told.at("desk unanswered no-answer") - unanswered).abs() < 0.01, "{why}");
        assert_eq!(
            of(told.one("/dialed"), "DialBridged").is_some(),
            speaks == Speaks::Twilio,
            "F.1: SignalWire has none"
        );
    }
    // B: timeLimit
    let long = leaves(HangUp::At(seconds(900)));
    let told = dial(long, answers(Manner::default()), Pickup::Busy, &page("timeLimit=\"60\""));
    assert!((told.at("desk hung up") - 64.0).abs() < 0.01 && told.has("ana hears Bye."));
    assert_eq!(of(told.one("/dialed"), "DialCallDuration"), Some("60"));
}

#[test]
fn a_star_ends_the_other_side_where_that_is_wanted() {
    let manner = || Manner {
        presses: vec![Press { keys: "*".to_owned(), after: seconds(8) }],
        hangs_up: Some(HangUp::At(seconds(99))),
        ..Manner::default()
    };
    let page =
        |more: &str| format!("<Response><Dial {more} callerId=\"{OURS}\" action=\"dialed\">{DESK}</Dial></Response>");
    let told = dial(manner(), after(2), Pickup::Busy, &page("hangupOnStar=\"true\""));
    assert!((told.at("desk hung up") - 11.0).abs() < 0.01 && told.has("ana presses *") && told.has("ana hears Bye."));
    let told = dial(manner(), after(2), Pickup::Busy, &page(""));
    assert!(!told.has("ana hears Bye."), "B: false by default");
}

#[test]
fn whom_nobody_can_dial() {
    for (noun, troubles, sid, why) in [
        ("<Sip>sip:desk@ours.example</Sip>", vec![13224], false, "a SIP address"),
        ("<Client>desk</Client>", vec![13224], false, "an app"),
        ("<Number>12</Number>", vec![13223], false, "C.2: invalid number: DialCallSid may be absent"),
        ("<Number>+13125550177</Number>", vec![], true, "a phone that nobody has rings"),
        ("", vec![], false, "nobody at all"),
    ] {
        let page = format!("<Response><Dial callerId=\"{OURS}\" action=\"dialed\">{noun}</Dial></Response>");
        let told = dial(Manner::default(), Pickup::Busy, Pickup::Busy, &page);
        let dialed = told.one("/dialed");
        assert_eq!(of(dialed, "DialCallStatus"), Some(if sid { "no-answer" } else { "failed" }), "{why}");
        assert_eq!(of(dialed, "DialCallSid").is_some(), sid, "{why}");
        assert_eq!(told.troubles(), troubles, "{why}");
    }
}

#[test]
fn the_nth_ring_does_the_nth_thing() {
    let page = format!("<Response><Dial callerId=\"{OURS}\" action=\"voice\">{DESK}</Dial></Response>");
    let mut script = scene(Manner::default(), Pickup::Busy);
    script.parties[1] = Party {
        rung: vec![Pickup::Busy, Pickup::Rejects { after: seconds(1) }, after(1)],
        ..script.parties[1].clone()
    };
    let told = play(script, &[("/voice", &page)]);
    let desk: Vec<&str> =
        told.story().into_iter().filter(|line| line.starts_with("desk") && !line.contains("rings")).collect();
    assert_eq!(desk, ["desk unanswered busy", "desk unanswered busy", "desk answers", "desk hung up"]);
}

#[test]
fn a_number_of_ours_that_is_dialled_opens_a_call() {
    // C.6: a number owned by this engine as callee triggers its own webhook
    let mut script = scene(Manner::default(), Pickup::Busy);
    script.numbers.push(rented(OTHER, Speaks::Twilio));
    let page = format!("<Response><Dial callerId=\"{OURS}\" action=\"dialed\">{OTHER}</Dial></Response>");
    let told = play_by_number(script.clone(), &page, "<Response><Say>Hello.</Say></Response>");
    let story = told.story().join("; ");
    let expected = format!(
        "{OTHER} rings {OURS}; {OURS} dials {OTHER}; {OURS} picked up; {OTHER} answers; bridged ana {OTHER}; {OURS} hears Hello."
    );
    assert!(story.contains(&expected), "{story}");
    assert!(story.contains(&format!("{OTHER} hangs up")) || story.contains(&format!("{OTHER} hung up")), "{story}");
    assert_eq!(told.asks.iter().map(|ask| ask.thread).max(), Some(1));
    // A loop: both dial each other, until the carriers give up.
    let back = format!("<Response><Dial callerId=\"{OTHER}\" action=\"dialed\">{OURS}</Dial></Response>");
    let told = play_by_number(script, &page, &back);
    assert!(told.troubles().contains(&13224), "{:#?}", told.lines);
}

fn play_by_number(script: crate::replay::phones::Script, ours: &str, other: &str) -> Told {
    super::scene::play_with(script, |ask| match (ask.url.ends_with("/voice"), of(ask, "To")) {
        (true, Some(OURS)) => super::scene::xml(ours),
        (true, Some(OTHER)) => super::scene::xml(other),
        _ if ask.url.ends_with("/dialed") => super::scene::xml(BYE),
        _ => super::scene::nothing(),
    })
}
