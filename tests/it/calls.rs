//! Whole calls through the switchboard on a real database: acceptance cannot be bypassed, repeats get the same bytes,
//! a restart in the middle changes nothing.

use crate::flows::{BRIDGED, CHILD, dialed, leg, pressed};
use crate::support::{Bench, DEMO, call, link, text};

#[tokio::test]
async fn the_right_key_bridges_and_nothing_else_does() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::demo(dir.path()).await;
    let first = bench.ana_calls("CA1").await;
    let whisper = bench.post(&link(&first, "whisper"), &leg(CHILD, "CA1")).await;
    let accept = link(&whisper, "accept");
    let rows = [("CAforeign", "CA2", "1", "another call's leg"), ("CAother", "CA1", "1", "a leg that was not asked")];
    for (sid, parent, digits, why) in rows {
        let reply = bench.post(&accept, &pressed(sid, parent, digits)).await;
        assert!(text(&reply).contains("<Hangup/>"), "{why}: {}", text(&reply));
    }
    let wrong = bench.post(&accept, &pressed(CHILD, "CA1", "5")).await;
    assert!(text(&wrong).contains("<Gather"), "a wrong key is asked once more");
    let again = link(&wrong, "accept");
    assert_ne!(again, accept, "the second try has an address of its own");
    let right = bench.post(&again, &pressed(CHILD, "CA1", "1")).await;
    assert_eq!(text(&right), BRIDGED);
    let end = bench.post(&link(&first, "dialed"), &dialed("CA1", "completed", "true")).await;
    assert!(text(&end).contains("<Hangup/>"), "a conversation ends the plan");
    let late = bench.post(&accept, &pressed("CAlate", "CA1", "1")).await;
    assert!(text(&late).contains("<Hangup/>"), "an attempt that is over accepts nobody");
    let todos = bench.store.read().todos(None).await.expect("a list");
    assert!(todos.is_empty(), "nobody is owed anything: {todos:?}");
}

#[tokio::test]
async fn two_wrong_keys_go_to_voicemail() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::demo(dir.path()).await;
    let first = bench.ana_calls("CA1").await;
    let whisper = bench.post(&link(&first, "whisper"), &leg(CHILD, "CA1")).await;
    let once = bench.post(&link(&whisper, "accept"), &pressed(CHILD, "CA1", "5")).await;
    let twice = bench.post(&link(&once, "accept"), &pressed(CHILD, "CA1", "5")).await;
    assert!(text(&twice).contains("<Hangup/>"), "the same wrong key again is the second wrong key");
    let next = bench.post(&link(&first, "dialed"), &dialed("CA1", "completed", "false")).await;
    assert!(text(&next).contains("<Record"), "{}", text(&next));
}

#[tokio::test]
async fn a_repeat_gets_the_same_bytes_also_while_the_first_is_decided() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::demo(dir.path()).await;
    let storm = (0..40).map(|_| bench.ana_calls("CA1"));
    let replies = futures_util::future::join_all(storm).await;
    let documents: std::collections::BTreeSet<String> = replies.iter().map(text).collect();
    assert_eq!(documents.len(), 1, "forty deliveries of one call, one answer");
    let steps = bench.switchboard.steps("CA1").await.expect("steps");
    assert_eq!(steps.len(), 1, "and one decision");
}

#[tokio::test]
async fn a_restart_in_the_middle_of_a_call_loses_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::demo(dir.path()).await;
    let first = bench.ana_calls("CA1").await;
    let whisper_form = leg(CHILD, "CA1");
    let whisper = bench.post(&link(&first, "whisper"), &whisper_form).await;
    bench.close().await;

    let bench = Bench::open(dir.path()).await;
    let repeated = bench.ana_calls("CA1").await;
    assert_eq!(text(&repeated), text(&first), "a repeat after the restart gets the first answer");
    let accepted = bench.post(&link(&whisper, "accept"), &pressed(CHILD, "CA1", "1")).await;
    assert_eq!(text(&accepted), BRIDGED, "the key pressed after the restart connects");
    bench.close().await;

    let bench = Bench::open(dir.path()).await;
    let end = bench.post(&link(&first, "dialed"), &dialed("CA1", "completed", "true")).await;
    assert!(text(&end).contains("<Hangup/>"));
    let steps = bench.switchboard.steps("CA1").await.expect("steps");
    let effects: Vec<String> = steps.into_iter().flat_map(|step| step.effects).collect();
    assert_eq!(
        effects,
        ["interaction.routed", "leg.answered", "leg.accepted", "attempt.ended", "interaction.ended"],
        "each effect once"
    );
}

#[tokio::test]
async fn a_missed_call_leaves_one_to_do_and_a_voicemail_takes_its_place() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::demo(dir.path()).await;
    let first = bench.ana_calls("CA1").await;
    let greeting = bench.post(&link(&first, "dialed"), &dialed("CA1", "busy", "false")).await;
    let mut gone = call("CA1", "+13125550101").to_vec();
    gone[3] = ("CallStatus", "completed");
    bench.post("voice/status", &gone).await;
    let kinds = |todos: Vec<hookswitch::store::entry::TodoRow>| todos.into_iter().map(|t| t.kind).collect::<Vec<_>>();
    assert_eq!(kinds(bench.store.read().todos(None).await.expect("a list")), ["missed"]);
    let recording = [
        ("CallSid", "CA1"),
        ("RecordingSid", "RE1"),
        ("RecordingUrl", "https://api.twilio.com/2010-04-01/Accounts/AC0/Recordings/RE1"),
        ("RecordingStatus", "completed"),
        ("RecordingDuration", "4"),
    ];
    let reply = bench.post(&link(&greeting, "recording"), &recording).await;
    assert_eq!(reply.status, 204);
    assert_eq!(kinds(bench.store.read().todos(None).await.expect("a list")), ["voicemail"]);
    let record = bench.store.read().interaction("CA1").await.expect("read").expect("it is known");
    assert_eq!(record.row.state, "voicemail", "what ended as a missed call was a voicemail after all");
}

#[tokio::test]
async fn a_waiting_caller_can_be_moved_and_a_leg_of_nobodys_is_hung_up() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::open(dir.path()).await;
    let queue = "voice_no_match_action = \"dispatcher_queue\"";
    bench.apply(&crate::support::DEMO.replace("voice_no_match_action = \"voicemail\"", queue)).await;
    for (route, expected, why) in [
        ("voicemail", "<Record", "moved to voicemail"),
        ("technician", "+13125550123", "without a session there is no technician, so the desk rings"),
    ] {
        let sid = format!("CA{route}");
        let waiting = bench.post("voice", &call(&sid, "+13125550177")).await;
        let id = link(&waiting, "queue-left").split_once("call=").expect("an id").1.to_owned();
        let form = call(&sid, "+13125550177");
        let moved = bench.post(&format!("voice/redirected?call={id}&route={route}"), &form).await;
        assert!(text(&moved).contains(expected), "{why}: {}", text(&moved));
        let nobodys = bench.post(&format!("voice/connect?call={id}"), &leg("CAours", &sid)).await;
        assert!(text(&nobodys).contains("<Hangup/>"), "nobody called that leg: {}", text(&nobodys));
    }
}

#[tokio::test]
async fn a_text_that_waited_for_a_choice_goes_no_further_than_any_other() {
    let abroad = "+447700900123";
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::open(dir.path()).await;
    let rules = DEMO.replace("enabled = true", "enabled = true\nstore_sms_body = true");
    bench.apply(&rules.replace("+13035550102", abroad)).await;
    let says = |sid: &'static str, body: &'static str| {
        [("MessageSid", sid), ("From", "+13035550144"), ("To", "+13035550190"), ("Body", body)]
    };
    let asked = bench.post("sms", &says("SM1", "On my way")).await;
    let question = text(&asked);
    let choice = if question.contains("1 Chloe") { "1" } else { "2" };
    let answered = bench.post("sms", &says("SM2", choice)).await;
    assert!(!text(&answered).contains(abroad), "a country that may not be reached: {}", text(&answered));
}
