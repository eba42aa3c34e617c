//! `<Gather>`, attribute by attribute (wire.md B, C.5).
//!
//! Deliberately not here: what a key in a whisper leads to (`super::dialing`).

use super::scene::{Told, leaves, of, play, presses, scene, seconds};
use crate::replay::phones::script::{HangUp, Manner, Pickup, Press};

/// The first document; `next` answers the action, which is `menu` unless the document says otherwise.
fn gather(manner: Manner, attributes: &str) -> Told {
    let page = format!(
        "<Response><Gather {attributes}><Say>{}</Say></Gather><Say>Nothing.</Say></Response>",
        // Four seconds at fifteen letters a second.
        "a".repeat(60)
    );
    play(scene(manner, Pickup::NoAnswer), &[("/voice", &page), ("/menu", "<Response><Say>Got it.</Say></Response>")])
}

#[test]
fn keys_end_it_as_its_attributes_say() {
    for (keys, attributes, digits, why) in [
        ("1", "action=\"menu\" numDigits=\"1\"", Some("1"), "B: reaching numDigits ends it at once"),
        ("123", "action=\"menu\" numDigits=\"2\"", Some("12"), "B: no more than numDigits"),
        ("12#", "action=\"menu\"", Some("12"), "B: finishOnKey is # by default, and not in Digits"),
        ("12*", "action=\"menu\" finishOnKey=\"*\"", Some("12"), "B: another finishOnKey"),
        ("12", "action=\"menu\"", Some("12"), "B: the timeout ends it after the last key"),
        ("#", "action=\"menu\" numDigits=\"1\"", None, "B: # before any other digit is no input"),
        (
            "#",
            "action=\"menu\" numDigits=\"1\" finishOnKey=\"\"",
            Some("#"),
            "C.5: an empty finishOnKey takes every key",
        ),
        ("*", "action=\"menu\" numDigits=\"1\"", Some("*"), "C.5: * is a key like any other"),
        ("1", "action=\"menu\" input=\"speech\"", None, "B: keys are not listened for"),
        ("1", "action=\"menu\" input=\"dtmf speech\" numDigits=\"1\"", Some("1"), "B: both"),
        ("", "action=\"menu\"", None, "B: no input falls through to the next verb"),
    ] {
        let told = gather(presses(&[keys]), attributes);
        let asked = told.asked("/menu");
        assert_eq!(asked.first().map(|ask| of(ask, "Digits")), digits.map(Some), "{why}");
        assert_eq!(told.has("ana hears Nothing."), digits.is_none(), "{why}");
        assert_eq!(told.has("ana hears Got it."), digits.is_some(), "{why}");
    }
}

#[test]
fn no_input_is_asked_about_only_where_that_is_wanted() {
    // B: actionOnEmptyResult
    let told = gather(Manner::default(), "action=\"menu\" actionOnEmptyResult=\"true\"");
    assert!(of(told.one("/menu"), "Digits").is_none_or(str::is_empty), "A.2: blank or absent");
    assert!(told.has("ana hears Got it."));
    // A.2: both forms are seen
    let mut forms: Vec<Option<String>> = Vec::new();
    for seed in 0..20 {
        let page = "<Response><Gather action=\"menu\" actionOnEmptyResult=\"true\"/></Response>";
        let mut script = scene(Manner::default(), Pickup::NoAnswer);
        script.seed = seed;
        let told = play(script, &[("/voice", page), ("/menu", "<Response/>")]);
        forms.push(of(told.one("/menu"), "Digits").map(str::to_owned));
    }
    assert!(forms.contains(&None) && forms.contains(&Some(String::new())), "{forms:?}");
    // C.5: the finishing key alone is no input, and asked about as such
    let told = gather(presses(&["#"]), "action=\"menu\" actionOnEmptyResult=\"true\"");
    assert!(of(told.one("/menu"), "Digits").is_none_or(str::is_empty));
    assert!(told.has("ana presses #") && !told.story().iter().any(|line| line.contains("pressed nothing")));
}

#[test]
fn its_clock_starts_after_the_prompt_and_again_after_each_key() {
    // B: timeout starts after nested Say/Play end; default 5
    let told = gather(Manner::default(), "action=\"menu\"");
    assert!((told.at("ana pressed nothing in 5") - 9.0).abs() < 0.05, "{:#?}", told.lines);
    let told = gather(Manner::default(), "action=\"menu\" timeout=\"2\"");
    assert!((told.at("ana pressed nothing in 2") - 6.0).abs() < 0.05);
    // B: a key stops the prompt; the timeout restarts after each digit
    let told = gather(presses(&["12"]), "action=\"menu\" timeout=\"3\"");
    assert!((told.one("/menu").at.since(told.asks[0].at).as_secs_f64() - 4.25).abs() < 0.01, "1 + 0.25 + 3");
    // A key after the end is not listened for.
    let late = Press { keys: "1".to_owned(), after: seconds(20) };
    let told = gather(Manner { presses: vec![late], ..Manner::default() }, "action=\"menu\"");
    assert!(told.asked("/menu").is_empty() && told.has("ana pressed nothing in 5"));
}

#[test]
fn without_an_action_it_asks_its_own_address_again() {
    // B: action, default current document URL; C.5: Gather without action posts to W itself
    let told = play(
        scene(presses(&["1", "", ""]), Pickup::NoAnswer),
        &[("/voice", "<Response><Gather numDigits=\"1\"/></Response>")],
    );
    let asked = told.asked("acme/voice");
    assert_eq!(asked.iter().map(|ask| of(ask, "Digits")).collect::<Vec<_>>(), [None, Some("1")]);
}

#[test]
fn the_nth_time_that_keys_are_asked_for_takes_the_nth_press() {
    let page = "<Response><Gather action=\"a\" numDigits=\"1\"/><Gather action=\"b\" numDigits=\"1\"/></Response>";
    let told = play(scene(presses(&["", "2"]), Pickup::NoAnswer), &[("/voice", page), ("/b", "<Response/>")]);
    assert!(told.asked("/a").is_empty());
    assert_eq!(of(told.one("/b"), "Digits"), Some("2"));
}

#[test]
fn whoever_hangs_up_while_asked_is_not_asked_about() {
    let told = gather(leaves(HangUp::At(seconds(2))), "action=\"menu\" actionOnEmptyResult=\"true\"");
    assert!(told.asked("/menu").is_empty());
    assert_eq!(told.story().last(), Some(&"ana ended completed"));
}

#[test]
fn a_prompt_may_be_endless_and_of_several_parts() {
    let page = "<Response><Gather action=\"menu\" numDigits=\"1\"><Say>One.</Say><Pause length=\"2\"/><Play>a.mp3</Play>\
                <Play loop=\"0\">b.mp3</Play></Gather></Response>";
    let press = Press { keys: "1".to_owned(), after: seconds(100) };
    let told = play(
        scene(Manner { presses: vec![press], ..Manner::default() }, Pickup::NoAnswer),
        &[("/voice", page), ("/menu", "<Response/>")],
    );
    assert!(
        (told.at("ana hears sound https://ours.example/webhooks/acme/a.mp3") - 2.266).abs() < 0.1,
        "{:?}",
        told.lines
    );
    assert!(told.has("ana hears sound https://ours.example/webhooks/acme/b.mp3"));
    assert!((told.at("ana presses 1") - 100.0).abs() < 0.05, "the prompt waits for ever");
}
