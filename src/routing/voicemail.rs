//! Voicemail: the greeting, the end of the recording, and the recording itself, in whatever order they come.
//!
//! Deliberately not here: fetching and keeping the sound.

use crate::domain::{Call, CallEnd, CallId, LegOutcome, Moment, Prompt, Recorded, RecordingMade, VoicemailState};

use super::answer::{Answer, VoiceAnswer};
use super::decision::{Decision, Destination};
use super::effect::{Effect, TodoKind};
use super::overflow;
use super::prompts;
use super::recorded;
use super::stage::{Stage, finding_of};
use super::world::World;

/// Seconds that a voicemail may last.
pub(super) const LONGEST: u16 = 180;

/// Greets the caller and records.
pub(super) fn offer(stage: &Stage<'_>, call: &mut Call, greeting: Prompt) -> VoiceAnswer {
    call.voicemail = VoicemailState::Offered;
    call.answered = true;
    VoiceAnswer::Voicemail {
        call: call.id,
        cues: prompts::cue(stage.location(), greeting),
        max_seconds: LONGEST,
        transcribe: false,
    }
}

/// The recording verb ended: thanks, and the end; nothing more for a caller who hung up.
pub(super) fn ended(
    world: &dyn World,
    id: CallId,
    recording: Option<&RecordingMade>,
    hung_up: bool,
    now: Moment,
) -> Decision {
    let Some(known) = world.call(id) else { return thanked() };
    let mut call = (*known).clone();
    let mut effects = Vec::new();
    left(&mut call, recording, &mut effects);
    if call.end.is_none() {
        if call.voicemail == VoicemailState::Left {
            overflow::finish(&mut call, now, CallEnd::Voicemail, &mut effects);
        } else {
            overflow::missed(&mut call, now, &mut effects);
        }
    }
    let office = call.location.as_ref().and_then(|location| world.office(&call.tenant, location));
    let prompt = if call.voicemail == VoicemailState::Left { Prompt::VoicemailGoodbye } else { Prompt::Goodbye };
    let cues =
        if hung_up { Vec::new() } else { prompts::cue(office.as_deref().map(|office| &office.location), prompt) };
    overflow::decision(call, Destination::None, VoiceAnswer::Goodbye(cues), effects, Vec::new())
}

/// News of a recording: a voicemail's, or a conversation's. That of an attempt in which nobody talked is not to be kept,
/// and is no voicemail either, whatever followed.
pub(super) fn recorded(
    world: &dyn World,
    id: CallId,
    attempt: Option<u8>,
    recording: Option<&RecordingMade>,
    absent: bool,
) -> Decision {
    let Some(known) = world.call(id) else { return noted(None, Vec::new()) };
    let mut call = (*known).clone();
    if let Some(attempt) = attempt.filter(|_| absent) {
        let why = "the provider has made no recording".to_owned();
        recorded::mark(&mut call, attempt, Recorded::Dropped);
        return noted(Some(call), vec![Effect::RecordingNotStarted { attempt, why }]);
    }
    let mut effects = Vec::new();
    let talked = |outcome: Option<LegOutcome>| matches!(outcome, Some(LegOutcome::Connected) | None);
    let kept = match attempt {
        Some(no) => Some(call.attempt(no).is_some_and(|attempt| talked(attempt.outcome))),
        None if call.voicemail == VoicemailState::No => {
            Some(call.attempts.iter().any(|attempt| talked(attempt.outcome)))
        }
        None => None,
    };
    match (recording, kept) {
        (None, _) => {}
        (Some(made), Some(true)) => effects.push(Effect::RecordingMade { recording: made.clone() }),
        (Some(made), Some(false)) => {
            if let Some(attempt) = attempt {
                recorded::mark(&mut call, attempt, Recorded::Dropped);
            }
            effects.push(Effect::RecordingRefused { attempt, recording: made.clone() });
        }
        (Some(_), None) => left(&mut call, recording, &mut effects),
    }
    noted(Some(call), effects)
}

/// A voicemail's words came.
pub(super) fn transcribed(world: &dyn World, id: CallId, text: Option<&str>) -> Decision {
    let Some(known) = world.call(id) else { return noted(None, Vec::new()) };
    let effects = text.map(|text| Effect::Transcribed { text: text.to_owned() });
    noted(Some((*known).clone()), effects.into_iter().collect())
}

/// A recording of a second or more is a voicemail, once; it also makes good what was a missed call till now.
fn left(call: &mut Call, recording: Option<&RecordingMade>, effects: &mut Vec<Effect>) {
    let Some(recording) = recording.filter(|made| made.seconds >= 1) else { return };
    if call.voicemail == VoicemailState::Left {
        return;
    }
    call.voicemail = VoicemailState::Left;
    if let Some((at, CallEnd::Missed)) = call.end {
        call.end = Some((at, CallEnd::Voicemail));
    }
    effects.push(Effect::VoicemailLeft { recording: recording.clone() });
    effects.extend(overflow::owed(call, TodoKind::Voicemail));
}

/// The end of a recording that belongs to no call we know.
fn thanked() -> Decision {
    let answer = VoiceAnswer::Goodbye(prompts::cue(None, Prompt::VoicemailGoodbye));
    Decision { finding: None, answer: Answer::Voice(answer), call: None, effects: Vec::new(), why: Vec::new() }
}

/// Something was taken note of; nothing is said.
pub(super) fn noted(call: Option<Call>, effects: Vec<Effect>) -> Decision {
    let finding = call.as_ref().map(|call| finding_of(call, Destination::None));
    let call = call.filter(|_| !effects.is_empty()).map(Box::new);
    Decision { finding, answer: Answer::Noted, call, effects, why: Vec::new() }
}
