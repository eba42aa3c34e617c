//! Documents in general, and the short verbs (wire.md B).
//!
//! Deliberately not here: replies that are no document (`super::reading`).

use super::scene::{Told, answers, leaves, of, play, scene, seconds};
use crate::replay::phones::script::{HangUp, Manner, Pickup};

fn voice(page: &str) -> Told {
    let pages = [("/voice", page), ("/next", "<Response><Say>Next.</Say></Response>")];
    play(scene(Manner::default(), Pickup::NoAnswer), &pages)
}

#[test]
fn each_verb_does_what_it_says() {
    for (page, story, end, why) in [
        ("<Response/>", "ana picked up; ana hung up", "completed", "B: end of document = hang up"),
        ("<Response><Say>Hi.</Say></Response>", "ana picked up; ana hears Hi.; ana hung up", "completed", "B: Say"),
        (
            "<Response><Say>One.</Say><Say>Two.</Say></Response>",
            "ana picked up; ana hears One.; ana hears Two.; ana hung up",
            "completed",
            "B: first element first",
        ),
        (
            "<Response><Hangup/><Say>No.</Say></Response>",
            "ana picked up; ana hung up",
            "completed",
            "B: Hangup first: answered and billed",
        ),
        ("<Response><Reject/></Response>", "ana hung up", "no-answer", "B: Reject, rejected by default"),
        ("<Response><Reject reason=\"busy\"/></Response>", "ana hung up", "busy", "B: Reject busy"),
        ("<Response><Pause/><Reject/></Response>", "ana hung up", "no-answer", "B: Pause first does not answer"),
        (
            "<Response><Say>Hi.</Say><Reject/></Response>",
            "ana picked up; ana hears Hi.; ana hung up",
            "completed",
            "B: Reject is only first unanswered",
        ),
        (
            "<Response><Redirect>next</Redirect><Say>No.</Say></Response>",
            "ana picked up; ana hears Next.; ana hung up",
            "completed",
            "B: verbs after Redirect are unreachable; it does not answer by itself",
        ),
        (
            "<Response><Play>/a.mp3</Play></Response>",
            "ana picked up; ana hears sound https://ours.example/a.mp3; ana hung up",
            "completed",
            "B: relative addresses are below the document's",
        ),
        (
            "<Response><!-- no --><Say>Hi <break/> <emphasis>you</emphasis>.</Say></Response>",
            "ana picked up; ana hears Hi you.; ana hung up",
            "completed",
            "A.5: comments are ignored; B: Say may have markup",
        ),
        ("<Response><Play digits=\"1w2\"/></Response>", "ana picked up; ana hung up", "completed", "B: Play digits"),
        (
            "<Response><Leave/><Say>Hi.</Say></Response>",
            "trouble 12200; ana picked up; ana hears Hi.; ana hung up",
            "completed",
            "B: Leave is for queues",
        ),
    ] {
        let told = voice(page);
        let whole = format!("ana dials +13125550190; {story}; ana ended {end}");
        assert_eq!(told.story().join("; "), whole, "{why}");
        assert_eq!(of(told.one("/voice/status"), "CallStatus"), Some(end), "{why}");
    }
}

#[test]
fn sounds_take_their_time() {
    for (page, ends, why) in [
        ("<Response><Pause/></Response>", 1.0, "B: Pause, 1 by default"),
        ("<Response><Pause length=\"7\"/></Response>", 7.0, "B: Pause"),
        ("<Response><Play>a</Play></Response>", 5.0, "a sound is five seconds"),
        ("<Response><Play loop=\"3\">a</Play></Response>", 15.0, "B: Play loop"),
        ("<Response><Say>123456789012345</Say></Response>", 1.0, "fifteen letters a second"),
        ("<Response><Say loop=\"2\">123456789012345</Say></Response>", 2.0, "B: Say loop"),
    ] {
        assert!((voice(page).at("ana hung up") - ends).abs() < 0.01, "{why}");
    }
    // B: loop 0 = repeat until hang-up
    for page in ["<Response><Say loop=\"0\">Hi.</Say></Response>", "<Response><Play loop=\"0\">a</Play></Response>"] {
        let told = play(scene(leaves(HangUp::At(seconds(500))), Pickup::NoAnswer), &[("/voice", page)]);
        assert!((told.at("ana hangs up") - 500.0).abs() < 0.01);
        // Nobody hangs up: the line is cut after a day.
        let told = voice(page);
        assert!((told.at("trouble 12400") - 86_400.0).abs() < 0.01);
        assert_eq!(told.story().last(), Some(&"ana ended completed"));
    }
}

#[test]
fn a_document_that_asks_for_itself_comes_to_an_end() {
    let told = voice("<Response><Redirect>voice</Redirect></Response>");
    assert_eq!(told.troubles(), [12400]);
    assert_eq!(told.asked("acme/voice").len(), 1_000);
    assert_eq!(told.story().last(), Some(&"ana ended no-answer"));
}

#[test]
fn methods_are_as_the_document_says() {
    for (page, method) in [
        ("<Response><Redirect>next</Redirect></Response>", "POST"),
        ("<Response><Redirect method=\"GET\">next</Redirect></Response>", "GET"),
    ] {
        assert_eq!(voice(page).one("/next").method, method);
    }
}

#[test]
fn a_callees_document_has_few_verbs() {
    let dial = "<Response><Dial callerId=\"+13125550190\" action=\"dialed\"><Number url=\"whisper\">+13125550123</Number></Dial></Response>";
    for (whisper, bridged, troubles, why) in [
        ("<Response/>", true, vec![], "C.1: an empty document bridges"),
        ("<Response><Say>Hi.</Say></Response>", true, vec![], "C.1: document finishes → bridge"),
        ("<Response><Play>a</Play><Pause/></Response>", true, vec![], "C.1: Pause works in practice"),
        ("<Response><Hangup/></Response>", false, vec![], "C.1: Hangup ends the leg"),
        ("<Response><Reject/></Response>", false, vec![], "C.1: Reject ends the leg"),
        ("<Response><Dial>+13125550124</Dial></Response>", false, vec![13201], "A.6: Dial in a whisper document"),
        (
            "<Response><Gather timeout=\"1\" action=\"x\"/></Response>",
            true,
            vec![],
            "C.5: without a trailing Hangup no key bridges",
        ),
        (
            "<Response><Gather timeout=\"1\" action=\"x\"/><Hangup/></Response>",
            false,
            vec![],
            "C.1: the canonical pair",
        ),
        ("<Response><Redirect>again</Redirect></Response>", true, vec![], "C.1: Redirect works in practice"),
        ("<Response><Record/></Response>", true, vec![12200], "C.1: does not support any other verbs"),
        ("<Response", false, vec![12100], "A.4: a callee's leg has no fallback"),
    ] {
        let pages = [("/voice", dial), ("/whisper", whisper), ("/again", "<Response/>"), ("/dialed", "<Response/>")];
        let told = play(scene(Manner::default(), answers(Manner::default())), &pages);
        assert_eq!(told.has("bridged ana desk"), bridged, "{why}: {:#?}", told.lines);
        assert_eq!(told.troubles(), troubles, "{why}");
        assert_eq!(told.has("desk hung up"), true, "{why}");
    }
}
