//! A decision as JSON, in the one shape it has wherever JSON shows it.
//!
//! Deliberately not here: sentences (`routing::reason` has them).

use std::fmt::Display;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::domain::{E164, Moment, Route};
use crate::routing::{Decision, Destination, Finding, Reason};
use crate::rules::hours::{Hours, HoursState};

/// The decision; `null` where no call or text was concerned. `hours` gives instants their local wording.
pub fn decision(decision: &Decision, hours: Option<&Hours>) -> Value {
    serde_json::to_value(told(decision, hours)).expect("it has string keys, and nothing in it fails")
}

/// The same as text, which every webhook writes down.
pub fn text(decision: &Decision, hours: Option<&Hours>) -> String {
    serde_json::to_string(&told(decision, hours)).expect("it has string keys, and nothing in it fails")
}

#[derive(Serialize)]
struct Told<'a> {
    channel: &'static str,
    from: String,
    to: Option<Shown<E164>>,
    at: Shown<Moment>,
    tenant: Option<&'a str>,
    location: Option<&'a str>,
    caller: &'static str,
    #[serde(rename = "match")]
    matched: &'static str,
    session: Option<&'a str>,
    route: Option<&'static str>,
    destination: ToldDestination<'a>,
    whisper: Option<ToldWhisper<'a>>,
    hours: Option<ToldHours<'a>>,
    fallbacks: Vec<&'static str>,
    why: Vec<ToldReason<'a>>,
}

/// Whatever can be shown, as a string.
struct Shown<T>(T);

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum ToldDestination<'a> {
    Technician { kind: &'static str, technician: Option<&'a str> },
    Customer { kind: &'static str, customer: Option<&'a str> },
    Lines { kind: &'static str, lines: Vec<&'a str> },
    Location { kind: &'static str, location: Option<&'a str> },
    Url { kind: &'static str, url: &'a str },
    Menu { kind: &'static str, choices: &'a [String] },
    Bare { kind: &'static str },
}

#[derive(Serialize)]
struct ToldWhisper<'a> {
    text: &'a str,
    accept_key: char,
    require_accept: bool,
    timeout_seconds: u16,
}

#[derive(Serialize)]
struct ToldHours<'a> {
    state: &'static str,
    since: Option<String>,
    until: Option<String>,
    time_zone: Option<&'a str>,
    next_change: Option<String>,
    source: &'static str,
}

/// A reason, with its code and its sentence.
#[derive(Serialize)]
struct ToldReason<'a> {
    code: &'static str,
    text: Shown<&'a Reason>,
}

fn told<'a>(decision: &'a Decision, hours: Option<&Hours>) -> Option<Told<'a>> {
    let finding = decision.finding.as_deref()?;
    Some(Told {
        channel: finding.channel.word(),
        from: finding.from.text(),
        to: finding.to.map(Shown),
        at: Shown(finding.at),
        tenant: finding.tenant.as_ref().map(|id| id.as_str()),
        location: finding.location.as_ref().map(|id| id.as_str()),
        caller: finding.caller.word(),
        matched: finding.matched.word(),
        session: finding.session.as_ref().map(|id| id.as_str()),
        route: finding.route.map(Route::word),
        destination: destination(&finding.destination),
        whisper: finding.whisper.as_ref().map(|whisper| ToldWhisper {
            text: &whisper.text,
            accept_key: whisper.accept_key.char(),
            require_accept: whisper.require_accept,
            timeout_seconds: whisper.timeout_seconds,
        }),
        hours: finding.hours.as_ref().map(|state| state_of(state, finding, hours)),
        fallbacks: finding.fallbacks.iter().map(|route| route.word()).collect(),
        why: decision.why.iter().map(|reason| ToldReason { code: reason.code(), text: Shown(reason) }).collect(),
    })
}

fn destination(destination: &Destination) -> ToldDestination<'_> {
    let kind = destination.kind();
    match destination {
        Destination::Technician(id) => {
            ToldDestination::Technician { kind, technician: id.as_ref().map(|id| id.as_str()) }
        }
        Destination::Customer(id) => ToldDestination::Customer { kind, customer: id.as_ref().map(|id| id.as_str()) },
        Destination::Backoffice(lines) => {
            ToldDestination::Lines { kind, lines: lines.iter().map(|id| id.as_str()).collect() }
        }
        Destination::DispatcherQueue(id) => {
            ToldDestination::Location { kind, location: id.as_ref().map(|id| id.as_str()) }
        }
        Destination::Redirect(url) => ToldDestination::Url { kind, url },
        Destination::Menu(choices) => ToldDestination::Menu { kind, choices },
        Destination::Voicemail | Destination::Hangup | Destination::Pin | Destination::Reject | Destination::None => {
            ToldDestination::Bare { kind }
        }
    }
}

fn state_of<'a>(state: &HoursState, finding: &'a Finding, hours: Option<&Hours>) -> ToldHours<'a> {
    let local = |at: Option<Moment>| at.map(|at| hours.map_or_else(|| at.to_string(), |hours| hours.rfc3339(at)));
    ToldHours {
        state: state.state.word(),
        since: local(state.since),
        until: local(state.until),
        time_zone: finding.time_zone.as_deref(),
        next_change: local(state.next_change),
        source: state.source.word(),
    }
}
