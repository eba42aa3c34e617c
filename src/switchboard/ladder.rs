//! What is answered when something of ours is broken or cannot be read: always a document, never silence.
//!
//! Deliberately not here: the normal way. The rungs: a decision from memory; voicemail at the location; an apology and
//! a recording. A callee's leg is hung up, never bridged.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::domain::{CallId, Event, EventKind, Moment};
use crate::providers::Unreadable;
use crate::routing::{self, Answer, Decision, LegAnswer, VoiceAnswer, World};
use crate::voice::Link;

/// Decides, and steps down where deciding fails.
pub fn decide(world: &dyn World, event: &Event, now: Moment) -> (Decision, Rung) {
    let normal = catch_unwind(AssertUnwindSafe(|| routing::decide(world, event, now)));
    if let Ok(decision) = normal {
        return (decision, Rung::Normal);
    }
    if let EventKind::Call(call) = &event.kind {
        let fallback = Event { kind: EventKind::Fallback { call: call.clone(), ended: None }, ..event.clone() };
        if let Ok(decision) = catch_unwind(AssertUnwindSafe(|| routing::decide(world, &fallback, now))) {
            return (decision, Rung::Voicemail);
        }
    }
    (last_resort(&event.kind), Rung::Apology)
}

/// How far down an answer came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rung {
    /// The decision itself.
    Normal,
    /// Voicemail at the location.
    Voicemail,
    /// An apology.
    Apology,
}

/// The safe answer to an event that cannot be decided.
pub fn last_resort(kind: &EventKind) -> Decision {
    bare(match kind {
        EventKind::Whisper(_) | EventKind::Accept { .. } => Answer::Leg(LegAnswer::Hangup),
        EventKind::Status(_)
        | EventKind::Recording { .. }
        | EventKind::Transcription { .. }
        | EventKind::TextStatus { .. } => Answer::Noted,
        EventKind::Text(_) | EventKind::TextFallback(_) => Answer::Text(Vec::new()),
        EventKind::VoicemailEnded { .. } | EventKind::Connect { .. } => Answer::Voice(VoiceAnswer::Goodbye(Vec::new())),
        EventKind::QueueWait { .. } => Answer::Voice(VoiceAnswer::LeaveQueue),
        EventKind::Call(_)
        | EventKind::Fallback { .. }
        | EventKind::Menu { .. }
        | EventKind::Pin { .. }
        | EventKind::Dialed(_)
        | EventKind::QueueLeft { .. }
        | EventKind::Redirected { .. } => apology(),
    })
}

/// The answer to a request that could not be read, by its address.
pub fn unreadable(request: &Unreadable) -> Decision {
    let answer = match request.link {
        Some(Link::Whisper { .. } | Link::Accept { .. }) => Answer::Leg(LegAnswer::Hangup),
        Some(Link::Status { .. } | Link::Recording { .. } | Link::Transcription { .. } | Link::SmsStatus { .. }) => {
            Answer::Noted
        }
        Some(Link::Sms | Link::SmsFallback) => Answer::Text(Vec::new()),
        Some(Link::Voicemail { .. } | Link::Connect { .. }) => Answer::Voice(VoiceAnswer::Goodbye(Vec::new())),
        Some(Link::QueueWait { .. }) => Answer::Voice(VoiceAnswer::LeaveQueue),
        Some(
            Link::Voice
            | Link::Fallback
            | Link::Menu { .. }
            | Link::Pin { .. }
            | Link::Dialed { .. }
            | Link::QueueLeft { .. }
            | Link::Redirected { .. },
        )
        | None => apology(),
    };
    bare(answer)
}

fn apology() -> Answer {
    let cues = vec![crate::domain::Cue::Say(crate::domain::Prompt::Apology.built_in().into())];
    Answer::Voice(VoiceAnswer::Voicemail { call: CallId(0), cues, max_seconds: 180, transcribe: false })
}

fn bare(answer: Answer) -> Decision {
    Decision { finding: None, answer, call: None, effects: Vec::new(), why: Vec::new() }
}

#[cfg(test)]
mod tests;
