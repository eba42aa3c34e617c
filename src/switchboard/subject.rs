//! What an event is about: its call or text, the provider's id of it, and what of its request may be kept.
//!
//! Deliberately not here: the rows that change (`settle`).

use crate::domain::{Event, EventKind, IncomingText, MessageId, Moment, RecordFormat};
use crate::providers::{self, Request};
use crate::routing::{Answer, Body, Decision, Effect, Outgoing};
use crate::store::entry::{JournalRow, KeptAnswer};
use crate::voice::Link;

use super::directory::Line;
use super::settle::Subject;

/// What the rows of a decision are about.
pub fn subject<'a>(
    decision: &'a Decision,
    event: &'a Event,
    line: &'a Line,
    now: Moment,
    told: &'a str,
) -> Subject<'a> {
    let (own, text): (&str, Option<&IncomingText>) = match &event.kind {
        EventKind::Call(call) | EventKind::Fallback { call, .. } => (&call.sid, None),
        EventKind::Text(text) | EventKind::TextFallback(text) => (&text.sid, Some(text)),
        EventKind::Whisper(leg) | EventKind::Accept { leg, .. } => (leg.parent.as_deref().unwrap_or_default(), None),
        EventKind::Status(report) => (&report.leg, None),
        EventKind::Connect { sid, .. } => (sid, None),
        EventKind::TextStatus { sid, .. } => (sid, None),
        EventKind::Menu { .. }
        | EventKind::Pin { .. }
        | EventKind::Dialed(_)
        | EventKind::VoicemailEnded { .. }
        | EventKind::QueueWait { .. }
        | EventKind::QueueLeft { .. }
        | EventKind::Redirected { .. }
        | EventKind::Recording { .. }
        | EventKind::Transcription { .. } => ("", None),
    };
    let of_text = if let EventKind::TextStatus { message, .. } = &event.kind { *message } else { text.map(|t| t.id) };
    Subject {
        decision,
        now,
        interaction: of_text.map(|id| id.to_string()).or_else(|| event.kind.call().map(|id| id.to_string())),
        sid: decision.call.as_deref().map_or(own, |call| &call.sid),
        account: &line.account,
        text,
        told,
        keeps_words: false,
        format: RecordFormat::Mp3,
    }
}

/// The earlier texts that an answer passes on.
pub fn held_texts(answer: &Answer) -> Vec<MessageId> {
    let Answer::Text(texts) = answer else { return Vec::new() };
    let held = |text: &Outgoing| match text.body {
        Body::Held(id) => Some(id),
        Body::Relayed { .. } | Body::Ours(_) => None,
    };
    texts.iter().filter_map(held).collect()
}

/// The journal's row of a request and its answer.
pub fn journal_row(line: &Line, request: &Request<'_>, body: Vec<u8>, answer: KeptAnswer, micros: u128) -> JournalRow {
    JournalRow {
        account: line.account.id.to_string(),
        tenant: Some(line.account.tenant.to_string()),
        step: Link::read(request.target).map_or("unknown", Link::path).to_owned(),
        sid: String::new(),
        interaction: None,
        method: request.method.to_owned(),
        target: providers::kept_target(request.target),
        body,
        answer,
        decision: "null".to_owned(),
        effects: "[]".to_owned(),
        micros: i64::try_from(micros).unwrap_or(i64::MAX),
    }
}

/// The kinds of a decision's effects, as the journal keeps them.
pub fn kinds(decision: &Decision) -> String {
    let kinds: Vec<&str> = decision.effects.iter().map(Effect::kind).collect();
    serde_json::json!(kinds).to_string()
}
