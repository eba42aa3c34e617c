//! What a timeline keeps of an effect beside its kind.
//!
//! Deliberately not here: the sentences that people read (`http::api::timeline`).

use serde_json::{Value, json};

use crate::routing::Effect;

/// What a timeline shows of an effect beside its kind; never a whole number, never words.
pub(super) fn detail(effect: &Effect) -> Value {
    match effect {
        Effect::AttemptStarted { attempt }
        | Effect::LegAnswered { attempt }
        | Effect::LegAccepted { attempt }
        | Effect::LegWrongKey { attempt }
        | Effect::LegRefused { attempt }
        | Effect::LegTimedOut { attempt }
        | Effect::RecordingDue { attempt }
        | Effect::RecordingStarted { attempt, sid: _ } => json!({ "attempt": attempt }),
        Effect::RecordingNotStarted { attempt, why } => json!({ "attempt": attempt, "why": why }),
        Effect::PinAsked { .. } | Effect::PinWaived { .. } | Effect::PinAccepted { .. } | Effect::PinRefused { .. } => {
            super::pins::detail(effect)
        }
        Effect::LegStatus { attempt, status, seconds } => {
            json!({ "attempt": attempt, "status": status.word(), "seconds": seconds })
        }
        Effect::AttemptEnded { attempt, outcome } => json!({ "attempt": attempt, "outcome": outcome.word() }),
        Effect::VoicemailLeft { recording }
        | Effect::RecordingMade { recording }
        | Effect::RecordingRefused { attempt: _, recording } => {
            json!({ "seconds": recording.seconds })
        }
        Effect::TodoOpened { todo } => json!({ "todo": todo.kind.word() }),
        Effect::Ended { how } => json!({ "how": how.word() }),
        Effect::Relayed { to } => json!({ "to": to.masked().to_string() }),
        Effect::Automatic { what, .. } => json!({ "what": super::automatic(*what).split(' ').next() }),
        Effect::OptedOut { phone, .. } | Effect::OptedIn { phone, .. } => {
            json!({ "phone": phone.masked().to_string() })
        }
        Effect::MessageStatus { status, error_code, .. } => json!({ "status": status, "error_code": error_code }),
        Effect::CallNotPlaced { why } => json!({ "why": why }),
        Effect::CallPlanned
        | Effect::CallPlaced
        | Effect::Routed { .. }
        | Effect::Chosen { .. }
        | Effect::VoicemailOffered
        | Effect::Transcribed { .. }
        | Effect::QueueLeft
        | Effect::Held
        | Effect::Undelivered
        | Effect::Choosing { .. }
        | Effect::HelpNoted => json!({}),
    }
}
