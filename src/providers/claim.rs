//! A delivery's name: what makes two requests one event, so that a repeat gets the first one's answer.
//!
//! Deliberately not here: holding claims (`switchboard`). Headers are no part of it, because nothing signs them.

use sha2::{Digest, Sha256};

use crate::domain::{Event, EventKind};

use super::request::Verified;

/// The name of the delivery that `event` was read from: account, kind, the leg's id, and what of the step comes more
/// than once by design (a round, an attempt, a status and its sequence, the seconds in a queue).
pub fn claim(event: &Event, verified: &Verified<'_>) -> [u8; 16] {
    let form = verified.form();
    let given = |name: &str| form.text(name).unwrap_or_default();
    let mut key = Key(Sha256::new());
    key.part(event.account.as_str());
    match &event.kind {
        EventKind::Call(call) => key.part("call").part(&call.sid),
        // One call may need several: the provider names the address that failed.
        EventKind::Fallback { call, .. } => key.part("fallback").part(&call.sid).part(&given("ErrorUrl")),
        EventKind::Menu { call, round, .. } => {
            key.part("menu").part(&given("CallSid")).id(call.0).number(u32::from(*round))
        }
        EventKind::Pin { call, round, .. } => {
            key.part("pin").part(&given("CallSid")).id(call.0).number(u32::from(*round))
        }
        EventKind::Whisper(leg) => key.part("whisper").part(&leg.leg).id(leg.call.0).number(u32::from(leg.attempt)),
        EventKind::Accept { leg, round, .. } => {
            key.part("accept").part(&leg.leg).id(leg.call.0).number(u32::from(leg.attempt)).number(u32::from(*round))
        }
        EventKind::Dialed(dial) => {
            key.part("dialed").part(&given("CallSid")).id(dial.call.0).number(u32::from(dial.attempt))
        }
        EventKind::VoicemailEnded { call, recording, .. } => {
            let url = recording.as_ref().map_or("", |recording| recording.url.as_str());
            key.part("voicemail").part(&given("CallSid")).id(call.0).part(url)
        }
        EventKind::QueueWait { call, waited } => {
            key.part("queue-wait").part(&given("CallSid")).id(call.0).number(*waited)
        }
        EventKind::QueueLeft { call, result } => {
            let stay = (given("QueueSid"), given("QueueTime"));
            key.part("queue-left").part(&given("CallSid")).id(call.0).part(result.word()).part(&stay.0).part(&stay.1)
        }
        EventKind::Connect { call, sid } => key.part("connect").part(sid).id(call.0),
        EventKind::Redirected { call, route } => {
            key.part("redirected").part(&given("CallSid")).id(call.0).part(route.word())
        }
        EventKind::Status(report) => {
            let sequence = report.sequence.map_or(String::new(), |sequence| sequence.to_string());
            key.part("status").part(&report.leg).part(report.status.word()).part(&sequence)
        }
        EventKind::Recording { call, .. } => {
            key.part("recording").id(call.0).part(&given("RecordingSid")).part(&given("RecordingStatus"))
        }
        EventKind::Transcription { call, .. } => {
            key.part("transcription").id(call.0).part(&given("TranscriptionSid")).part(&given("RecordingSid"))
        }
        // Nothing of a text comes after its answer, so the fallback address answers as the first one did.
        EventKind::Text(text) | EventKind::TextFallback(text) => key.part("text").part(&text.sid),
        EventKind::TextStatus { sid, status, .. } => key.part("text-status").part(sid).part(status),
    };
    key.finish()
}

/// A digest of parts, none of which can run into the next: each begins with its length.
struct Key(Sha256);

impl Key {
    fn part(&mut self, part: &str) -> &mut Self {
        self.0.update((part.len() as u64).to_be_bytes());
        self.0.update(part);
        self
    }

    fn id(&mut self, id: u128) -> &mut Self {
        self.0.update(id.to_be_bytes());
        self
    }

    fn number(&mut self, number: u32) -> &mut Self {
        self.0.update(number.to_be_bytes());
        self
    }

    fn finish(self) -> [u8; 16] {
        *self.0.finalize().first_chunk().expect("a digest has 32 bytes")
    }
}
