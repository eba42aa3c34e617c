//! What a recorded call or text shows, in a sentence, and the file name that follows from it.
//!
//! Deliberately not here: who took part. A name or a number is in neither.

use serde_json::Value;

use super::super::xml::Element;
use super::names::slug;
use super::tape::Tape;

/// The title of a fixture.
pub fn title(tape: &Tape) -> String {
    let what = if tape.channel == "sms" { text(tape) } else { call(tape) };
    format!("{}{what}{}, recorded", who(tape), hours(tape))
}

/// Its file's name, without the ending.
pub fn file_name(title: &str) -> String {
    slug(title.trim_end_matches(", recorded"))
}

fn first<'a>(tape: &'a Tape, key: &str) -> Option<&'a Value> {
    tape.steps.iter().find_map(|step| step.decision.get(key).filter(|value| !value.is_null()))
}

fn who(tape: &Tape) -> &'static str {
    match first(tape, "caller").and_then(Value::as_str) {
        Some("customer") => "Customer",
        Some("technician") => "Technician",
        Some("withheld") => "Withheld caller",
        Some("own_number") => "Number of our own",
        Some(_) | None => "Stranger",
    }
}

fn call(tape: &Tape) -> String {
    let place = |destination: &Value| match destination.get("kind").and_then(Value::as_str) {
        Some("backoffice") => Some("the back office"),
        Some("technician") => Some("the technician"),
        Some("customer") => Some("the customer"),
        Some("dispatcher_queue") => Some("the dispatchers"),
        Some("menu") => Some("a menu of customers"),
        Some("pin") => Some("the question for a PIN"),
        Some("voicemail") => Some("voicemail"),
        Some(_) | None => None,
    };
    // Where it led in the end, before it was over.
    let led = tape.steps.iter().rev().find_map(|step| step.decision.get("destination").and_then(place));
    let last = led.unwrap_or("nobody");
    match tape.state.as_str() {
        "connected" => format!(" reaches {last}"),
        "voicemail" => " leaves a voicemail".to_owned(),
        "missed" if tape.has("leg.timed_out") => " hangs up after nobody took the call".to_owned(),
        "missed" => " hangs up before anybody is reached".to_owned(),
        "refused" if tape.has_reason("rate_limited") => " calls too often and is turned away".to_owned(),
        "refused" => " is turned away".to_owned(),
        "redirected" => " is sent on".to_owned(),
        "failed" => format!(" does not reach {last}"),
        "open" => format!(" is led to {last}"),
        _ => " calls a number that nobody rents".to_owned(),
    }
}

fn text(tape: &Tape) -> String {
    for (kind, what) in [
        ("opt_out.recorded", " opts out of texts"),
        ("opt_in.recorded", " opts in again"),
        ("help.noted", " asks for help"),
        ("message.held", " writes a text that waits for a choice"),
        ("message.relayed", " writes a text that is passed on"),
        ("choice.changed", " chooses whom a text is for"),
        ("message.undelivered", " writes a text that is not delivered"),
        ("todo.opened", " writes a text that is kept for the back office"),
    ] {
        if tape.has(kind) {
            return what.to_owned();
        }
    }
    " writes a text that is not passed on".to_owned()
}

fn hours(tape: &Tape) -> &'static str {
    match first(tape, "hours").and_then(|hours| hours.get("state")).and_then(Value::as_str) {
        Some("open") => " in hours",
        Some("closed") => " after hours",
        Some("holiday") => " on a holiday",
        Some("override_open") => " while opened by hand",
        Some("override_closed") => " while closed by hand",
        Some(_) | None => "",
    }
}

/// The title of what passed to another application: by the first verb of its answer.
pub fn passed(step: Option<&str>, document: Option<&Element>) -> String {
    let what = if step.is_some_and(|step| step.starts_with("sms")) { "Text" } else { "Call" };
    let verbs = ["Dial", "Record", "Enqueue", "Gather", "Redirect", "Reject", "Message", "Play", "Say", "Hangup"];
    let has =
        |verb: &&&str| document.is_some_and(|document| document.children.iter().any(|child| child.name == ***verb));
    let verb = verbs.iter().find(|verb| has(verb)).map_or("nothing", |verb| verb);
    format!("{what} answered with {verb}, recorded")
}

/// Why a call or text counts as one that ended badly: what `--last failed` looks for.
pub fn trouble(tape: &Tape) -> Option<&'static str> {
    let document = |step: &str| matches!(step, "voice" | "sms" | "voice/fallback" | "sms/fallback");
    let undecided = |decision: &Value| decision.is_null();
    if tape.steps.iter().any(|step| step.status >= 400) {
        Some("a webhook was answered with an error")
    } else if tape.steps.iter().any(|step| document(&step.step) && undecided(&step.decision)) {
        Some("nothing could be decided, and the caller got an apology")
    } else if tape.steps.iter().any(|step| step.step.ends_with("fallback")) {
        Some("the provider could not use an answer and asked the fallback address")
    } else if tape.has_reason("degraded") {
        Some("it was answered from memory while the database could not be written")
    } else if tape.state == "failed" {
        Some("nobody could be reached")
    } else if tape.has_reason("attempt_failed") {
        Some("a dial attempt failed")
    } else if tape.has("message.undelivered") {
        Some("a text was not delivered")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tape::Step;
    use super::*;

    fn tape(channel: &str, state: &str, decision: Value, effects: &[&str]) -> Tape {
        let step = Step {
            step: if channel == "sms" { "sms" } else { "voice" }.to_owned(),
            status: 200,
            decision,
            effects: effects.iter().map(|kind| (*kind).to_owned()).collect(),
            ..Step::default()
        };
        Tape { channel: channel.to_owned(), state: state.to_owned(), steps: vec![step], ..Tape::default() }
    }

    #[test]
    fn a_title_tells_what_happened_and_to_nobody_in_particular() {
        let of = |caller: &str, kind: &str, hours: &str| json!({"caller": caller, "destination": {"kind": kind}, "hours": {"state": hours}, "why": []});
        for (tape, expected) in [
            (
                tape("voice", "voicemail", of("customer", "voicemail", "closed"), &[]),
                "customer-leaves-a-voicemail-after-hours",
            ),
            (
                tape("voice", "connected", of("customer", "backoffice", "open"), &[]),
                "customer-reaches-the-back-office-in-hours",
            ),
            (tape("sms", "keyword", of("customer", "none", ""), &["opt_out.recorded"]), "customer-opts-out-of-texts"),
            (tape("voice", "stray", Value::Null, &[]), "stranger-calls-a-number-that-nobody-rents"),
        ] {
            assert_eq!(file_name(&title(&tape)), expected);
        }
    }

    #[test]
    fn what_ended_badly_is_told_from_what_did_not() {
        let why = |codes: &[&str]| json!({"why": codes.iter().map(|code| json!({"code": code, "text": ""})).collect::<Vec<_>>()});
        for (tape, bad, what) in [
            (tape("voice", "connected", why(&["session_live"]), &[]), false, "they talked"),
            (tape("voice", "voicemail", why(&["hours_closed"]), &[]), false, "a voicemail after hours is no failure"),
            (tape("voice", "voicemail", why(&["attempt_failed"]), &[]), true, "a voicemail because nobody took it is"),
            (tape("voice", "open", Value::Null, &[]), true, "the apology"),
            (tape("voice", "open", why(&["degraded"]), &[]), true, "from memory"),
            (tape("voice", "failed", why(&[]), &[]), true, "nobody reached"),
            (tape("sms", "undelivered", why(&[]), &["message.undelivered"]), true, "a text that nobody got"),
        ] {
            assert_eq!(trouble(&tape).is_some(), bad, "{what}");
        }
    }
}
