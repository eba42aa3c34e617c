//! A decision in plain words: where the call goes, one sentence per reason, and what comes next.
//!
//! Deliberately not here: whole phone numbers. They are in the JSON, for those who ask for it.

use std::fmt::Write;

use serde_json::Value;

use crate::domain::{CallerId, Moment};
use crate::rules::zones;

/// Tells a decision, given as the JSON that programs get.
pub fn tell(decision: &Value) -> String {
    let mut told = String::new();
    let mut line = |text: std::fmt::Arguments<'_>| writeln!(told, "{text}").expect("text can always be written to");
    let is_text = text(decision, "channel") == Some("sms");
    let what = if is_text { "The text" } else { "The call" };
    line(format_args!("{what} {}.\n", destination(&decision["destination"], is_text)));
    line(format_args!("Why:"));
    for reason in decision["why"].as_array().into_iter().flatten() {
        line(format_args!("  - {}", text(reason, "text").or(text(reason, "code")).unwrap_or_default()));
    }
    let caller = match text(decision, "caller").unwrap_or("unknown") {
        "withheld" => String::new(),
        word => format!(", {}", word.replace('_', " ")),
    };
    let matched = text(decision, "match").unwrap_or("none");
    line(format_args!("\nFrom:      {}{caller}, match {matched}", party(text(decision, "from"))));
    let place = text(decision, "location").map(|place| format!(" of {place}")).unwrap_or_default();
    line(format_args!("To:        {}{place}", party(text(decision, "to"))));
    line(format_args!("At:        {}", instant(decision)));
    if let Some(hours) = hours(&decision["hours"]) {
        line(format_args!("Hours:     {hours}"));
    }
    if let Some(whisper) = text(&decision["whisper"], "text") {
        let key = text(&decision["whisper"], "accept_key").unwrap_or("1");
        let accept = match decision["whisper"]["require_accept"].as_bool() {
            Some(true) => format!(" ({key} within {} s to accept)", decision["whisper"]["timeout_seconds"]),
            Some(false) | None => String::new(),
        };
        line(format_args!("Whisper:   \"{whisper}\"{accept}"));
    }
    let next: Vec<&str> = decision["fallbacks"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    line(format_args!("Fallbacks: {}", if next.is_empty() { "none".to_owned() } else { next.join(", then ") }));
    told
}

/// Where a call or text goes, in half a sentence.
pub fn headline(decision: &Value) -> String {
    let is_text = text(decision, "channel") == Some("sms");
    let what = if is_text { "the text" } else { "the call" };
    format!("{what} {}", destination(&decision["destination"], is_text))
}

/// When, as the clock on the location's wall shows it where the hours were asked for, else in UTC.
fn instant(decision: &Value) -> String {
    let Some(at) = text(decision, "at").and_then(Moment::read) else { return "an unknown time".to_owned() };
    let wall = |zone| Some(format!("{} {zone}", zones::wall(zone, at)?));
    let local = text(&decision["hours"], "time_zone").and_then(wall);
    local.or_else(|| wall("UTC")).unwrap_or_else(|| at.to_string())
}

fn text<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    object.get(field)?.as_str()
}

/// A phone masked, or the word that stands for one.
fn party(text: Option<&str>) -> String {
    let Some(text) = text else { return "nobody".to_owned() };
    match CallerId::read(text) {
        CallerId::Number(phone) => phone.masked().to_string(),
        CallerId::Withheld => "a withheld number".to_owned(),
        CallerId::Client => "an app client".to_owned(),
        CallerId::Sip => "a SIP address".to_owned(),
        CallerId::Other => "a caller without a phone number".to_owned(),
    }
}

/// Where it goes, as the end of a sentence. A text on the way to voicemail waits on the to-do list.
fn destination(destination: &Value, is_text: bool) -> String {
    let named = |field: &str| text(destination, field).map(|name| format!(" {name}")).unwrap_or_default();
    let listed = |field: &str| {
        let names: Vec<&str> = destination[field].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
    };
    match text(destination, "kind") {
        Some("technician") => format!("goes to technician{}", named("technician")),
        Some("customer") => format!("goes to customer{}", named("customer")),
        Some("backoffice") => format!("goes to the back office{}", listed("lines")),
        Some("voicemail") if is_text => "goes on the dispatchers' to-do list".to_owned(),
        Some("voicemail") => "goes to voicemail".to_owned(),
        Some("dispatcher_queue") => format!("waits for a dispatcher{}", named("location")),
        Some("hangup") => "ends after a spoken sentence".to_owned(),
        Some("redirect") => "is handed to the number's own answer URL".to_owned(),
        Some("menu") => format!("is answered with a menu{}", listed("choices")),
        Some("pin") => "is asked for a PIN".to_owned(),
        Some("reject") => "is turned away".to_owned(),
        Some(_) | None => "goes nowhere".to_owned(),
    }
}

fn hours(hours: &Value) -> Option<String> {
    let state = text(hours, "state")?.replace('_', " ");
    let until = text(hours, "until").map(|until| format!(" until {until}")).unwrap_or_default();
    let source = match text(hours, "source").unwrap_or("none") {
        "none" => return Some(format!("{state}{until}: no hours are set")),
        "weekly" => "weekly hours".to_owned(),
        source => source.replace('_', " "),
    };
    Some(format!("{state}{until} ({source})"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_decision_reads_like_a_story() {
        let told = tell(&json!({
            "channel": "voice", "from": "+13125550101", "to": "+13125550190", "at": "2026-03-09T14:02:11Z",
            "tenant": "acme", "location": "chicago", "caller": "customer", "match": "live", "session": "s-1",
            "route": "backoffice", "destination": {"kind": "backoffice", "lines": ["desk-1"]},
            "whisper": {"text": "Call for Jo.", "accept_key": "1", "require_accept": true, "timeout_seconds": 10},
            "hours": {"state": "open", "until": "2026-03-09T17:00:00-05:00", "time_zone": "America/Chicago", "source": "weekly"},
            "fallbacks": ["voicemail"],
            "why": [{"code": "session_live", "text": "They belong together."}, {"code": "hours_open", "text": "It is open."}],
        }));
        assert_eq!(
            told,
            "The call goes to the back office (desk-1).\n\
             \n\
             Why:\n  - They belong together.\n  - It is open.\n\
             \n\
             From:      +1•••0101, customer, match live\n\
             To:        +1•••0190 of chicago\n\
             At:        Monday 2026-03-09 09:02:11 America/Chicago\n\
             Hours:     open until 2026-03-09T17:00:00-05:00 (weekly hours)\n\
             Whisper:   \"Call for Jo.\" (1 within 10 s to accept)\n\
             Fallbacks: voicemail\n"
        );
    }

    #[test]
    fn absent_parts_are_left_out() {
        let told = tell(&json!({
            "channel": "sms", "from": "withheld", "to": "+13125550190", "at": "2026-03-09T14:02:11Z", "caller": "withheld",
            "match": "none", "hours": null, "whisper": null, "destination": {"kind": "none"}, "fallbacks": [], "why": [],
        }));
        assert!(told.contains("From:      a withheld number, match none\n"), "{told}");
        assert!(told.contains("At:        Monday 2026-03-09 14:02:11 UTC\n"), "{told}");
        assert!(
            told.starts_with("The text goes nowhere.") && !told.contains("Hours:") && !told.contains("Whisper:"),
            "{told}"
        );
    }
}
