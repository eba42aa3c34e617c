//! A call's or text's timeline in words.
//!
//! Deliberately not here: what the lines are about (`routing::Effect`). No line has a whole phone number, a name or a
//! text's words in it.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::Moment;
use crate::store::entry::EventRow;

/// One line of a timeline.
#[derive(Serialize, ToSchema)]
pub struct Line {
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// What kind of thing happened.
    #[schema(example = "leg.accepted")]
    pub kind: String,
    /// The same in words.
    #[schema(example = "Whoever answered attempt 1 pressed the key.")]
    pub text: String,
    /// Its values; which ones depends on the kind.
    #[schema(value_type = Object)]
    pub detail: Value,
}

/// A timeline, in the order in which it happened.
pub fn lines(events: &[EventRow]) -> Vec<Line> {
    events
        .iter()
        .map(|EventRow { interaction: _, at, kind, detail }| {
            let detail: Value = serde_json::from_str(detail).unwrap_or_default();
            Line { at: Moment(*at).to_string(), kind: kind.clone(), text: sentence(kind, &detail), detail }
        })
        .collect()
}

/// What happened, in words; a kind that is not known is its own word.
fn sentence(kind: &str, detail: &Value) -> String {
    let word = |name: &str| match (detail[name].as_str(), &detail[name]) {
        (Some(text), _) => text.replace('_', " "),
        (None, Value::Null) => "unknown".to_owned(),
        (None, value) => value.to_string(),
    };
    let attempt = || word("attempt");
    match kind {
        "interaction.routed" => "It came in and was routed.".to_owned(),
        "menu.chosen" => "The caller chose in the menu.".to_owned(),
        "attempt.started" => format!("Attempt {} began.", attempt()),
        "leg.answered" => format!("Somebody answered attempt {}.", attempt()),
        "leg.accepted" => format!("Whoever answered attempt {} pressed the key.", attempt()),
        "leg.wrong_key" => format!("Whoever answered attempt {} pressed another key.", attempt()),
        "leg.refused" => format!("Whoever answered attempt {} pressed another key again.", attempt()),
        "leg.timed_out" => format!("Whoever answered attempt {} pressed no key.", attempt()),
        "leg.status" => match (&detail["attempt"], &detail["seconds"]) {
            (Value::Null, Value::Null) => format!("The caller's leg: {}.", word("status")),
            (Value::Null, _) => format!("The caller's leg: {}, after {} seconds.", word("status"), word("seconds")),
            (_, Value::Null) => format!("A leg of attempt {}: {}.", attempt(), word("status")),
            (_, _) => {
                format!("A leg of attempt {}: {}, after {} seconds.", attempt(), word("status"), word("seconds"))
            }
        },
        "pin.asked" => "The caller was asked for a PIN.".to_owned(),
        "pin.waived" => "A party's own phone called, and was asked for no PIN.".to_owned(),
        "pin.accepted" => "The caller typed a right PIN.".to_owned(),
        "pin.refused" => format!("The caller was not let through by a PIN: {}.", word("how")),
        "attempt.ended" => format!("Attempt {} ended: {}.", attempt(), word("outcome")),
        "recording.due" => format!("Both talk in attempt {}, and it is to be recorded.", attempt()),
        "recording.started" => "The provider records it.".to_owned(),
        "recording.not_started" => format!("It is not recorded: {}.", word("why")),
        "recording.made" => format!("A recording of {} seconds was made.", word("seconds")),
        "recording.refused" => "A recording in which nobody talked is deleted at the provider.".to_owned(),
        "call.planned" => "A call of ours was planned.".to_owned(),
        "call.placed" => "The provider started the call.".to_owned(),
        "call.not_placed" => format!("The call was given up: {}.", word("why")),
        "voicemail.offered" => "The caller heard the voicemail greeting.".to_owned(),
        "voicemail.left" => format!("The caller left a voicemail of {} seconds.", word("seconds")),
        "voicemail.transcribed" => "The voicemail's words came.".to_owned(),
        "queue.left" => "The caller left the queue.".to_owned(),
        "todo.opened" => format!("A to-do was left: {}.", word("todo")),
        "interaction.ended" => format!("It ended: {}.", word("how")),
        "message.relayed" => format!("The text was passed on to {}.", word("to")),
        "message.held" => "The text waits for its sender to say whom it is for.".to_owned(),
        "message.undelivered" => "The text was not passed on.".to_owned(),
        "choice.changed" => "Its sender was asked whom texts are for, or said so.".to_owned(),
        "message.automatic" => format!("An automatic text was sent: {}.", word("what")),
        "opt_out.recorded" => format!("{} opted out of this number's texts.", word("phone")),
        "opt_in.recorded" => format!("{} opted in to this number's texts again.", word("phone")),
        "help.noted" => "Its sender asked for help.".to_owned(),
        "message.status" => match detail["error_code"].as_u64() {
            None => format!("A text of ours: {}.", word("status")),
            Some(code) => format!("A text of ours: {}, error {code}.", word("status")),
        },
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::routing::Effect;

    #[test]
    fn every_kind_has_words() {
        for kind in Effect::KINDS {
            let text = sentence(kind, &json!({}));
            assert!(text != *kind && text.ends_with('.'), "{kind}: {text}");
        }
    }

    #[test]
    fn words_tell_the_values() {
        for (kind, detail, text) in [
            ("attempt.ended", json!({"attempt": 1, "outcome": "no_answer"}), "Attempt 1 ended: no answer."),
            (
                "leg.status",
                json!({"attempt": null, "status": "completed", "seconds": 31}),
                "The caller's leg: completed, after 31 seconds.",
            ),
            ("leg.status", json!({"attempt": 2, "status": "ringing", "seconds": null}), "A leg of attempt 2: ringing."),
            (
                "message.status",
                json!({"status": "failed", "error_code": 30003}),
                "A text of ours: failed, error 30003.",
            ),
            ("something.new", json!({}), "something.new"),
        ] {
            assert_eq!(sentence(kind, &detail), text);
        }
    }
}
