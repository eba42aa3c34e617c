//! Queues: waiting in one, leaving it, and being taken out of it (wire.md A.2, B).
//!
//! Deliberately not here: how long anybody should wait.

use std::time::Duration;

use super::scene::{OURS, Told, leaves, nothing, of, party, play, play_with, presses, scene, seconds, xml};
use crate::replay::phones::script::{Act, Begins, HangUp, Manner, Pickup, Stage};

const ENQUEUE: &str =
    "<Response><Enqueue waitUrl=\"wait\" action=\"left\">q-1</Enqueue><Say>Unreachable.</Say></Response>";
const WAIT: &str = "<Response><Say>Please hold, please.</Say><Pause length=\"9\"/></Response>";

fn queue(manner: Manner, wait: &str) -> Told {
    let pages = [("/voice", ENQUEUE), ("/wait", wait), ("/left", "<Response><Say>Out.</Say></Response>")];
    play(scene(manner, Pickup::NoAnswer), &pages)
}

fn patient() -> Manner {
    leaves(HangUp::At(seconds(35)))
}

#[test]
fn the_wait_document_is_asked_for_again_at_its_end() {
    // B: at end of the wait document it is fetched again
    for wait in [WAIT, "<Response><Say>Please hold.</Say><Pause length=\"9\"/><Redirect>wait</Redirect></Response>"] {
        let told = queue(patient(), wait);
        assert_eq!(told.asked("/wait").len(), 4, "{:#?}", told.lines);
        let times: Vec<_> = told.asked("/wait").iter().map(|ask| of(ask, "QueueTime").expect("a time")).collect();
        assert!(times.windows(2).all(|pair| pair[0] != pair[1]), "{times:?}");
    }
    // An empty one takes a second, so that time passes.
    assert_eq!(queue(patient(), "<Response/>").asked("/wait").len(), 35);
}

#[test]
fn what_a_wait_document_is_told() {
    let told = queue(patient(), WAIT);
    let first = told.asked("/wait")[0];
    for (name, value) in [
        // A.2: ringing if the call was not answered before
        ("CallStatus", "ringing"),
        ("QueuePosition", "1"),
        ("QueueTime", "0"),
        ("CurrentQueueSize", "1"),
        ("MaxQueueSize", "1000"),
    ] {
        assert_eq!(of(first, name), Some(value), "{name}");
    }
    assert!(of(first, "QueueSid").is_some_and(|sid| sid.starts_with("QU")) && of(first, "AvgQueueTime").is_some());
    assert_eq!(of(told.asked("/wait")[1], "CallStatus"), Some("in-progress"), "its first words answered");
}

#[test]
fn each_way_out_has_its_word() {
    for (manner, wait, result, heard, why) in [
        (patient(), "<Response><Leave/></Response>", "leave", true, "B: Leave, and the action"),
        (patient(), WAIT, "hangup", false, "A.2: for hangup there is nobody left"),
        (patient(), "<Response><Hangup/></Response>", "hangup", false, "B: Hangup in a wait document"),
        (leaves(HangUp::During(Stage::Queue, seconds(3))), WAIT, "hangup", false, "by themselves"),
    ] {
        let told = queue(manner, wait);
        assert!(told.has("ana queued q-1"), "{why}");
        assert!(told.has(&format!("ana left queue {result}")), "{why}: {:#?}", told.lines);
        let left = told.one("/left");
        assert_eq!(of(left, "QueueResult"), Some(result), "{why}");
        assert!(of(left, "QueueSid").is_some() && of(left, "QueueTime").is_some(), "A.2: {why}");
        assert_eq!(told.has("ana hears Out."), heard, "{why}");
        assert!(!told.has("ana hears Unreachable."), "{why}");
    }
}

#[test]
fn without_an_action_it_goes_on_after_the_queue() {
    let pages = [
        ("/voice", "<Response><Enqueue waitUrl=\"wait\">q-1</Enqueue><Say>After.</Say></Response>"),
        ("/wait", "<Response><Leave/></Response>"),
    ];
    let told = play(scene(Manner::default(), Pickup::NoAnswer), &pages);
    assert!(told.has("ana hears After."), "B: Leave continues after Enqueue");
    // Without a wait document there is music, until somebody hangs up.
    let pages = [("/voice", "<Response><Enqueue>q-1</Enqueue></Response>")];
    let told = play(scene(patient(), Pickup::NoAnswer), &pages);
    assert!(told.has("ana picked up") && (told.at("ana hangs up") - 35.0).abs() < 0.01);
}

#[test]
fn a_wait_document_may_ask_for_keys_and_no_more() {
    let wait = "<Response><Gather numDigits=\"1\" action=\"out\"><Say>Press one.</Say></Gather></Response>";
    let pages =
        [("/voice", ENQUEUE), ("/wait", wait), ("/out", "<Response><Leave/></Response>"), ("/left", "<Response/>")];
    let told = play(scene(presses(&["", "1"]), Pickup::NoAnswer), &pages);
    assert_eq!(of(told.one("/out"), "Digits"), Some("1"), "B: Gather in a wait document");
    assert_eq!(of(told.one("/left"), "QueueResult"), Some("leave"));
    let told = queue(patient(), "<Response><Record/><Say>Hold.</Say><Pause length=\"60\"/></Response>");
    assert_eq!(told.troubles(), [12200], "B: waitUrl verbs");
}

#[test]
fn a_wait_document_that_fails_is_asked_at_the_fallback() {
    let told = play(
        scene(patient(), Pickup::NoAnswer),
        &[("/voice", ENQUEUE), ("/wait", "<Response"), ("/fallback", "<Response><Say>Sorry.</Say></Response>")],
    );
    assert!(told.has("ana left queue error") && told.has("ana hears Sorry."), "{:#?}", told.lines);
}

/// Ana waits; ben dials the queue after so long.
fn taken(ben_after: u64, queue_noun: &str, ana: Manner, timeout: u64) -> Told {
    let mut script = scene(ana, Pickup::NoAnswer);
    let mut ben = party("ben", "+13125550105", Vec::new());
    let manner = leaves(HangUp::AfterBridge(seconds(10)));
    ben.acts
        .push(Act { after: Duration::from_secs(ben_after), what: Begins::Dials { number: OURS.to_owned(), manner } });
    script.parties.push(ben);
    let dial = format!(
        "<Response><Dial callerId=\"{OURS}\" timeout=\"{timeout}\" action=\"dialed\">{queue_noun}</Dial></Response>"
    );
    play_with(script, |ask| match ask.url.rsplit('/').next() {
        Some("voice") if of(ask, "From") == Some("+13125550105") => xml(&dial),
        Some("voice") => xml(ENQUEUE),
        Some("wait") => xml(WAIT),
        Some("told") => xml("<Response><Say>Here is Ben.</Say></Response>"),
        Some("left" | "dialed") => xml("<Response/>"),
        _ => nothing(),
    })
}

#[test]
fn a_queue_that_is_dialled_gives_its_head() {
    let told = taken(20, "<Queue>q-1</Queue>", leaves(HangUp::At(seconds(300))), 30);
    assert!(told.has("ana left queue bridged") && told.has("bridged ben ana"), "{:#?}", told.lines);
    let dialed = told.asked("/dialed");
    assert_eq!(of(dialed[0], "DialCallStatus"), Some("completed"));
    assert_eq!(of(dialed[0], "DialBridged"), Some("true"));
    assert_eq!(of(told.one("/left"), "QueueResult"), Some("bridged"), "A.2");
    assert_eq!(of(told.one("/left"), "QueueTime"), Some("30"), "until the action: 20 s of waiting, 10 of talking");
    // Who was taken out hangs up: the other goes on.
    let told = taken(20, "<Queue>q-1</Queue>", leaves(HangUp::At(seconds(25))), 30);
    assert_eq!(of(told.one("/left"), "QueueResult"), Some("bridged"));
    assert!(told.has("ben hung up") && !told.has("ben hangs up"), "{:#?}", told.lines);
}

#[test]
fn an_empty_queue_is_waited_for() {
    // B: empty queue → waits until Dial timeout
    let told = taken(20, "<Queue>q-2</Queue>", leaves(HangUp::At(seconds(300))), 30);
    let dialed = told.one("/dialed");
    assert_eq!((of(dialed, "DialCallStatus"), of(dialed, "DialBridged")), (Some("no-answer"), Some("false")));
    assert!((dialed.at.since(told.asks[0].at).as_secs_f64() - 50.0).abs() < 0.01);
    // Or until somebody comes.
    let mut script = scene(leaves(HangUp::At(seconds(300))), Pickup::NoAnswer);
    script.parties[0].acts[0].after = seconds(10);
    let told = {
        let mut ben = party("ben", "+13125550105", Vec::new());
        let manner = leaves(HangUp::AfterBridge(seconds(10)));
        ben.acts.push(Act { after: Duration::ZERO, what: Begins::Dials { number: OURS.to_owned(), manner } });
        script.parties.push(ben);
        play_with(script, |ask| match ask.url.rsplit('/').next() {
            Some("voice") if of(ask, "From") == Some("+13125550105") => {
                xml("<Response><Dial action=\"dialed\"><Queue>q-1</Queue></Dial></Response>")
            }
            Some("voice") => xml(ENQUEUE),
            Some("left" | "dialed") => xml("<Response/>"),
            _ => nothing(),
        })
    };
    assert!((told.at("bridged ben ana") - 10.0).abs() < 0.01, "{:#?}", told.lines);
}

#[test]
fn whoever_is_taken_out_may_be_told_first() {
    let told = taken(20, "<Queue url=\"told\">q-1</Queue>", leaves(HangUp::At(seconds(300))), 30);
    let whisper = told.one("/told");
    assert!(of(whisper, "DequeingCallSid").is_some() && of(whisper, "QueueTime") == Some("20"), "A.2");
    assert!(told.has("ana hears Here is Ben.") && told.at("bridged ben ana") > 20.5, "{:#?}", told.lines);
}
