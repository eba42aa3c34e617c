//! The test door that tells what was decided about one call or text, step by step.
//!
//! Deliberately not here: the lock, which it shares with the world's door.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::switchboard::Step;

use super::House;
use super::problem::{problem, unknown};
use super::world::unlock;

/// `GET /test/interactions/{sid}`.
pub async fn interactions(State(house): State<Arc<House>>, Path(sid): Path<String>, headers: HeaderMap) -> Response {
    if let Err(refusal) = unlock(&house, &headers) {
        return *refusal;
    }
    let steps = match house.board.steps(&sid).await {
        Ok(steps) => steps,
        Err(error) => return problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string(), Value::Null),
    };
    if steps.is_empty() {
        return unknown("No call or text of this id is known.");
    }
    ([(header::CONTENT_TYPE, "application/json")], told(&sid, &steps).to_string()).into_response()
}

fn told(sid: &str, steps: &[Step]) -> Value {
    let decisions: Vec<&Value> = steps.iter().map(|step| &step.decision).filter(|one| !one.is_null()).collect();
    let effects: Vec<&String> = steps.iter().flat_map(|step| &step.effects).collect();
    json!({
        "sid": sid,
        "channel": channel(steps),
        "decisions": decisions,
        "effects": effects,
        "steps": steps.iter().map(|step| json!({
            "at": step.at.to_string(),
            "request": step.request,
            "status": step.status,
            "decision": step.decision,
            "effects": step.effects,
        })).collect::<Vec<_>>(),
    })
}

/// What the first decision says; without one, what the address says.
fn channel(steps: &[Step]) -> &str {
    let decided = steps.iter().find_map(|step| step.decision.get("channel")?.as_str());
    decided.unwrap_or_else(|| {
        let text = |step: &Step| step.request.split(['/', '?', ' ']).any(|part| part == "sms");
        if steps.iter().any(text) { "sms" } else { "voice" }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Moment;

    fn step(request: &str, decision: Value, effects: &[&str]) -> Step {
        let effects = effects.iter().map(|kind| (*kind).to_owned()).collect();
        Step { at: Moment::from_seconds(60), request: request.to_owned(), status: 200, decision, effects }
    }

    #[test]
    fn steps_are_told_together_and_one_by_one() {
        let steps = [
            step("POST /webhooks/a/voice", json!({"channel": "voice", "match": "live"}), &["interaction.routed"]),
            step("POST /webhooks/a/voice/status", Value::Null, &["leg.status", "interaction.ended"]),
        ];
        let told = told("CA1", &steps);
        assert_eq!(told["channel"], "voice");
        assert_eq!(told["decisions"].as_array().map(Vec::len), Some(1), "a step without a decision has none to tell");
        assert_eq!(told["effects"], json!(["interaction.routed", "leg.status", "interaction.ended"]));
        assert_eq!(told["steps"][1]["at"], "1970-01-01T00:01:00Z");
        assert_eq!(told["steps"][1]["decision"], Value::Null);
    }

    #[test]
    fn the_channel_is_known_without_a_decision() {
        assert_eq!(channel(&[step("POST /webhooks/a/sms/status", Value::Null, &[])]), "sms");
        assert_eq!(channel(&[step("POST /webhooks/sms-account/voice", Value::Null, &[])]), "voice");
    }
}
