//! What `<Dial>` tells its action, row by row of wire.md C.2, and what the callee's leg reports.
//!
//! Deliberately not here: who is silenced by whom (`super::together`).

use super::scene::{ANA, DESK, OURS, answers, leaves, of, play, presses, scene, seconds, statuses};
use crate::replay::phones::script::{HangUp, Manner, Pickup, Stage};

const DIAL: &str = r#"<Response><Dial callerId="+13125550190" timeout="20" answerOnBridge="true" action="dialed">
  <Number url="whisper" statusCallback="status?leg=1" statusCallbackEvent="initiated ringing answered completed">+13125550123</Number>
</Dial></Response>"#;
const WHISPER: &str = r#"<Response><Gather numDigits="1" finishOnKey="" timeout="5" action="accept"><Say>Press one.</Say></Gather><Hangup/></Response>"#;
const ACCEPTED: &str = "<Response/>";
const REFUSED: &str = "<Response><Hangup/></Response>";
const BYE: &str = "<Response><Say>Nobody can talk now. Bye.</Say></Response>";

#[test]
fn the_action_is_told_what_the_matrix_says() {
    let patient = || leaves(HangUp::At(seconds(600)));
    let machine = Pickup::CarrierVoicemail { after: seconds(3), greeting: seconds(8), beep: true };
    let gone = leaves(HangUp::During(Stage::Whisper, seconds(2)));
    for (row, desk, accept, expected, bridged, lasted, legs) in [
        // C.2: accepted, talked
        (
            "talked",
            answers(presses(&["1"])),
            ACCEPTED,
            "completed",
            "true",
            Some(true),
            "initiated ringing in-progress completed",
        ),
        // C.2: answered, wrong key
        (
            "wrong key",
            answers(presses(&["2"])),
            REFUSED,
            "completed",
            "false",
            None,
            "initiated ringing in-progress completed",
        ),
        // C.2: whisper timeout
        (
            "no key",
            answers(Manner::default()),
            REFUSED,
            "completed",
            "false",
            None,
            "initiated ringing in-progress completed",
        ),
        // C.2: carrier voicemail answered and fell to Hangup
        ("machine", machine, REFUSED, "completed", "false", None, "initiated ringing in-progress completed"),
        // C.2: callee hangs up during whisper
        ("callee gone", answers(gone), REFUSED, "completed", "false", None, "initiated ringing in-progress completed"),
        // C.2: nobody answers before timeout
        ("no answer", Pickup::NoAnswer, REFUSED, "no-answer", "false", Some(false), "initiated ringing no-answer"),
        // C.2: busy
        ("busy", Pickup::Busy, REFUSED, "busy", "false", Some(false), "initiated busy"),
        // C.2: busy, by somebody who declines
        (
            "declined",
            Pickup::Rejects { after: seconds(2) },
            REFUSED,
            "busy",
            "false",
            Some(false),
            "initiated ringing busy",
        ),
        // C.2: invalid or unroutable number
        ("unreachable", Pickup::Unreachable, REFUSED, "failed", "false", Some(false), "failed"),
    ] {
        let manner = if row == "talked" { Manner::default() } else { patient() };
        let told = play(
            scene(manner, desk),
            &[("/voice", DIAL), ("/whisper", WHISPER), ("/accept", accept), ("/dialed", BYE)],
        );
        let dialed = told.one("/dialed");
        assert_eq!(of(dialed, "DialCallStatus"), Some(expected), "{row}");
        assert_eq!(of(dialed, "DialBridged"), Some(bridged), "{row}");
        if let Some(lasted) = lasted {
            assert_eq!(of(dialed, "DialCallDuration").is_some(), lasted, "{row}");
        }
        assert_eq!(statuses(&told.asked("status?leg=1")).join(" "), legs, "{row}");
        assert_eq!(told.has("bridged ana desk"), bridged == "true", "{row}");
        let parent = of(dialed, "CallStatus");
        assert_eq!(
            parent,
            Some(if row == "talked" { "completed" } else { "ringing" }),
            "{row}: the caller is unanswered"
        );
        let end = of(told.one("/voice/status"), "CallStatus");
        assert_eq!(end, Some("completed"), "{row}: {:#?}", told.lines);
    }
}

#[test]
fn a_call_from_ring_to_end() {
    let told = play(
        scene(Manner::default(), answers(presses(&["1"]))),
        &[("/voice", DIAL), ("/whisper", WHISPER), ("/accept", ACCEPTED)],
    );
    assert_eq!(
        told.lines,
        [
            format!("0.0 ana dials {OURS}"),
            format!("1.0 desk rings {OURS}"),
            "4.0 desk answers".to_owned(),
            "4.0 desk hears Press one.".to_owned(),
            "5.0 desk presses 1".to_owned(),
            "5.0 ana picked up".to_owned(),
            "5.0 bridged ana desk".to_owned(),
            "35.0 ana hangs up".to_owned(),
            "35.0 desk hung up".to_owned(),
            "35.0 ana ended completed".to_owned(),
        ]
    );
    let whisper = told.one("/whisper");
    for (name, value) in [
        ("Direction", "outbound-dial"),
        ("CallStatus", "in-progress"),
        ("From", OURS),
        ("To", DESK),
        ("Caller", OURS),
        ("Called", DESK),
        ("ApiVersion", "2010-04-01"),
    ] {
        // A.2: whisper, the child leg's own parameters
        assert_eq!(of(whisper, name), Some(value), "{name}");
    }
    let voice = told.one("acme/voice");
    assert_eq!((of(voice, "From"), of(voice, "To"), of(voice, "Direction")), (Some(ANA), Some(OURS), Some("inbound")));
    assert_eq!(of(voice, "CallStatus"), Some("ringing"));
    assert_eq!(of(whisper, "ParentCallSid"), of(voice, "CallSid"));
    assert_eq!(of(voice, "ParentCallSid"), None, "A.1: only on child legs");
    assert_eq!(of(told.one("/accept"), "Digits"), Some("1"));
    assert_eq!(of(told.one("/dialed"), "DialCallSid"), of(whisper, "CallSid"));
}
