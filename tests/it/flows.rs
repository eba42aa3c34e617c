//! Calls and texts played to their end on the demo world, as a provider would; every answer comes in time.
//!
//! Deliberately not here: what breaks meanwhile (`outage`).

use std::time::{Duration, Instant};

use hookswitch::switchboard::Reply;

use crate::support::{Bench, call, link, text};

/// The leg of a desk that answered.
pub const CHILD: &str = "CAchild";

/// The longest that any webhook may wait for its answer.
pub const PROMPT: Duration = Duration::from_millis(2500);

/// The document that bridges a leg.
pub const BRIDGED: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#;

/// What Ana's text says.
pub const WORDS: &str = "The door is blue";

/// The parameters of the leg of the desk that answered.
pub fn leg<'a>(sid: &'a str, parent: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("CallSid", sid),
        ("ParentCallSid", parent),
        ("From", "+13125550190"),
        ("To", "+13125550123"),
        ("CallStatus", "in-progress"),
        ("Direction", "outbound-dial"),
    ]
}

/// The same, with keys pressed.
pub fn pressed<'a>(sid: &'a str, parent: &'a str, digits: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut form = leg(sid, parent);
    form.push(("Digits", digits));
    form
}

/// The parameters of the end of a dial attempt.
pub fn dialed<'a>(sid: &'a str, status: &'a str, bridged: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut form = call(sid, "+13125550101").to_vec();
    form.extend([("DialCallStatus", status), ("DialBridged", bridged), ("DialCallSid", CHILD)]);
    form
}

/// One webhook as it was sent, and its answer.
#[derive(Clone)]
pub struct Asked {
    path: String,
    form: Vec<(String, String)>,
    /// The answer.
    pub reply: Reply,
}

/// Sends a webhook, and holds the answer to the time that it may take.
pub async fn ask(bench: &Bench, path: &str, form: &[(&str, &str)]) -> Asked {
    let began = Instant::now();
    let reply = bench.post(path, form).await;
    assert!(began.elapsed() < PROMPT, "{path} took {:?}", began.elapsed());
    assert!(matches!(reply.status, 200 | 204), "{path}: {}", reply.status);
    let form = form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Asked { path: path.to_owned(), form, reply }
}

impl Asked {
    /// Sends the same again; the answer must be the same bytes.
    pub async fn again(&self, bench: &Bench) {
        let form: Vec<(&str, &str)> = self.form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let reply = bench.post(&self.path, &form).await;
        assert_eq!(text(&reply), text(&self.reply), "a repeat of {} gets the same bytes", self.path);
    }

    /// The step: the path without its query.
    pub fn step(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }
}

/// Ana calls, the desk answers and accepts, they talk, they hang up.
pub async fn talk(bench: &Bench, sid: &str) -> Vec<Asked> {
    let first = ask(bench, "voice", &call(sid, "+13125550101")).await;
    assert!(text(&first.reply).contains("<Dial"), "{}", text(&first.reply));
    let whisper = ask(bench, &link(&first.reply, "whisper"), &leg(CHILD, sid)).await;
    let accept = ask(bench, &link(&whisper.reply, "accept"), &pressed(CHILD, sid, "1")).await;
    assert_eq!(text(&accept.reply), BRIDGED);
    let end = ask(bench, &link(&first.reply, "dialed"), &dialed(sid, "completed", "true")).await;
    assert!(text(&end.reply).contains("<Hangup/>"));
    vec![first, whisper, accept, end]
}

/// Ana calls, the desk is busy, she leaves a voicemail.
pub async fn voicemail(bench: &Bench, sid: &str) -> Vec<Asked> {
    let first = ask(bench, "voice", &call(sid, "+13125550101")).await;
    let greeting = ask(bench, &link(&first.reply, "dialed"), &dialed(sid, "busy", "false")).await;
    assert!(text(&greeting.reply).contains("<Record"), "{}", text(&greeting.reply));
    let recorded = format!("https://api.twilio.com/2010-04-01/Accounts/AC0/Recordings/RE{sid}");
    let mut form = call(sid, "+13125550101").to_vec();
    form[3] = ("CallStatus", "in-progress");
    form.extend([("RecordingUrl", recorded.as_str()), ("RecordingDuration", "4"), ("Digits", "#")]);
    let thanks = ask(bench, &link(&greeting.reply, "voicemail"), &form).await;
    let recording_sid = format!("RE{sid}");
    let form = [
        ("CallSid", sid),
        ("RecordingSid", recording_sid.as_str()),
        ("RecordingUrl", recorded.as_str()),
        ("RecordingStatus", "completed"),
        ("RecordingDuration", "4"),
    ];
    let recording = ask(bench, &link(&greeting.reply, "recording"), &form).await;
    vec![first, greeting, thanks, recording]
}

/// Jo texts Ana through the Chicago number.
pub async fn message(bench: &Bench, sid: &str) -> Vec<Asked> {
    let form = [("MessageSid", sid), ("From", "+13125550144"), ("To", "+13125550190"), ("Body", WORDS)];
    let answered = ask(bench, "sms", &form).await;
    let document = text(&answered.reply);
    assert!(document.contains("to=\"+13125550101\"") && document.contains(WORDS), "{document}");
    vec![answered]
}

/// The effects of each flow, in order.
pub const TALKED: [&str; 5] =
    ["interaction.routed", "leg.answered", "leg.accepted", "attempt.ended", "interaction.ended"];
/// Of a voicemail.
pub const RECORDED: [&str; 6] =
    ["interaction.routed", "attempt.ended", "voicemail.offered", "voicemail.left", "todo.opened", "interaction.ended"];
/// Of a text that is passed on.
pub const TEXTED: [&str; 2] = ["interaction.routed", "message.relayed"];

/// Whether an interaction was written down once: each step in the order in which it was asked, each effect once.
pub async fn written_once(bench: &Bench, sid: &str, asked: &[Asked], effects: &[&str]) {
    let record = bench.store.read().interaction(sid).await.expect("readable").expect("it is written down");
    let steps: Vec<&str> = record.steps.iter().map(|step| step.step.as_str()).collect();
    let expected: Vec<&str> = asked.iter().map(Asked::step).collect();
    assert_eq!(steps, expected, "{sid}: the steps, in order");
    let kinds: Vec<&str> = record.events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, effects, "{sid}: each effect once");
    for one in asked {
        one.again(bench).await;
    }
    let after = bench.store.read().interaction(sid).await.expect("readable").expect("it is written down");
    assert_eq!(after.steps.len(), asked.len(), "{sid}: repeats write nothing");
}

/// The kinds of the to-dos of a call or text.
pub async fn owed(bench: &Bench, sid: &str) -> Vec<String> {
    let record = bench.store.read().interaction(sid).await.expect("readable").expect("it is written down");
    let todos = bench.store.read().todos(None).await.expect("a list");
    todos.into_iter().filter(|todo| todo.interaction == record.row.id).map(|todo| todo.kind).collect()
}
