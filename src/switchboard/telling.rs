//! A decision as JSON, in the one shape it has wherever JSON shows it.
//!
//! Deliberately not here: sentences (`routing::reason` has them).

use serde_json::{Value, json};

use crate::domain::{Moment, Route};
use crate::routing::{Decision, Destination, Finding, Reason};
use crate::rules::hours::{Hours, HoursState};

/// The decision; `null` where no call or text was concerned. `hours` gives instants their local wording.
pub fn decision(decision: &Decision, hours: Option<&Hours>) -> Value {
    let Some(finding) = &decision.finding else { return Value::Null };
    json!({
        "channel": finding.channel.word(),
        "from": finding.from.text(),
        "to": finding.to.map(|to| to.to_string()),
        "at": finding.at.to_string(),
        "tenant": finding.tenant.as_ref().map(|id| id.as_str()),
        "location": finding.location.as_ref().map(|id| id.as_str()),
        "caller": finding.caller.word(),
        "match": finding.matched.word(),
        "session": finding.session.as_ref().map(|id| id.as_str()),
        "route": finding.route.map(Route::word),
        "destination": destination(&finding.destination),
        "whisper": whisper(finding),
        "hours": finding.hours.as_ref().map(|state| state_of(state, finding, hours)),
        "fallbacks": finding.fallbacks.iter().map(|route| route.word()).collect::<Vec<_>>(),
        "why": why(&decision.why),
    })
}

/// The reasons, each with its code and its sentence.
pub fn why(reasons: &[Reason]) -> Value {
    reasons.iter().map(|reason| json!({ "code": reason.code(), "text": reason.to_string() })).collect()
}

fn destination(destination: &Destination) -> Value {
    let kind = destination.kind();
    match destination {
        Destination::Technician(id) => json!({ "kind": kind, "technician": id.as_ref().map(|id| id.as_str()) }),
        Destination::Customer(id) => json!({ "kind": kind, "customer": id.as_ref().map(|id| id.as_str()) }),
        Destination::Backoffice(lines) => {
            json!({ "kind": kind, "lines": lines.iter().map(|id| id.as_str()).collect::<Vec<_>>() })
        }
        Destination::DispatcherQueue(id) => json!({ "kind": kind, "location": id.as_ref().map(|id| id.as_str()) }),
        Destination::Redirect(url) => json!({ "kind": kind, "url": url }),
        Destination::Menu(choices) => json!({ "kind": kind, "choices": choices }),
        Destination::Voicemail | Destination::Hangup | Destination::Pin | Destination::Reject | Destination::None => {
            json!({ "kind": kind })
        }
    }
}

fn whisper(finding: &Finding) -> Value {
    finding.whisper.as_ref().map_or(Value::Null, |whisper| {
        json!({
            "text": whisper.text,
            "accept_key": whisper.accept_key.to_string(),
            "require_accept": whisper.require_accept,
            "timeout_seconds": whisper.timeout_seconds,
        })
    })
}

fn state_of(state: &HoursState, finding: &Finding, hours: Option<&Hours>) -> Value {
    let local = |at: Option<Moment>| at.map(|at| hours.map_or_else(|| at.to_string(), |hours| hours.rfc3339(at)));
    json!({
        "state": state.state.word(),
        "since": local(state.since),
        "until": local(state.until),
        "time_zone": finding.time_zone,
        "next_change": local(state.next_change),
        "source": state.source.word(),
    })
}
