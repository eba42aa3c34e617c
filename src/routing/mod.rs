//! From an event to a decision: one pure function, and a file for each of its parts.
//!
//! Deliberately not here: I/O, waiting, the clock, randomness. **Invariant:** the same world, event and instant give
//! the same decision, byte for byte, and nothing here can fail.

pub mod allot;
pub mod answer;
mod attempt;
mod choice;
pub mod connect;
pub mod decision;
pub mod effect;
mod feasible;
pub mod handset;
mod incoming;
pub mod job;
mod joining;
mod keyword;
mod limits;
mod lone;
mod matching;
mod menu;
pub mod news;
pub mod opening;
mod outcome;
mod overflow;
pub mod pairing;
mod pin;
mod prompts;
mod queue;
pub mod reason;
pub mod recorded;
mod relay;
mod reply;
mod route;
mod scene;
mod stage;
pub mod standing;
mod status;
mod text;
pub mod told;
mod voicemail;
mod whisper;
pub mod world;

pub use answer::{Answer, Body, Dialing, LegAnswer, Outgoing, VoiceAnswer};
pub use decision::{Decision, Destination, Finding, WhisperFinding};
pub use effect::{AutomaticText, Effect, Todo, TodoKind};
pub use reason::Reason;
pub use status::{silent, unheard};
pub use world::{Office, Traffic, World};

use crate::domain::{Event, EventKind, Moment};

/// Decides one event.
///
/// Later steps of a call that nobody remembers get the safe answer: a callee's leg is hung up, never bridged; a
/// caller's is offered voicemail where the number is known, else an ending.
pub fn decide(world: &dyn World, event: &Event, now: Moment) -> Decision {
    if let Some(call) = event.kind.call().and_then(|id| world.call(id))
        && call.account != event.account
    {
        return overflow::foreign(&event.kind);
    }
    match &event.kind {
        EventKind::Call(call) => incoming::call(world, event, call, now),
        EventKind::Fallback { call, ended } => incoming::fallback(world, event, call, ended.as_ref(), now),
        EventKind::Menu { call, round, digit } => menu::chosen(world, event, *call, *round, *digit, now),
        EventKind::Pin { call, round, typed } => pin::typed(world, event, *call, *round, typed.as_ref(), now),
        EventKind::Whisper(leg) => whisper::answered(world, leg, now),
        // The leg that we called ourselves counts as attempt 0: it is the caller's.
        EventKind::Accept { leg, round, digit } if leg.attempt == 0 => {
            joining::pressed(world, leg, *round, *digit, now)
        }
        EventKind::Accept { leg, round, digit } => whisper::pressed(world, leg, *round, *digit, now),
        EventKind::Dialed(ended) => overflow::dialed(world, event, ended, now),
        EventKind::VoicemailEnded { call, recording, hung_up } => {
            voicemail::ended(world, *call, recording.as_ref(), *hung_up, now)
        }
        EventKind::QueueWait { call, waited } => queue::wait(world, *call, *waited),
        EventKind::QueueLeft { call, result } => queue::left(world, *call, *result, now),
        EventKind::Connect { call, sid } => joining::answered(world, *call, sid, now),
        EventKind::Redirected { call, route } => queue::moved(world, *call, *route, now),
        EventKind::Status(report) => status::leg(world, report, now),
        EventKind::Recording { call, attempt, recording, absent } => {
            voicemail::recorded(world, *call, *attempt, recording.as_ref(), *absent)
        }
        EventKind::Transcription { call, text } => voicemail::transcribed(world, *call, text.as_deref()),
        EventKind::Text(text) | EventKind::TextFallback(text) => text::arrived(world, event, text, now),
        EventKind::TextStatus { sid, message, from, to, status, error_code } => {
            status::text(world, event, sid, *message, *from, *to, status, *error_code)
        }
    }
}
