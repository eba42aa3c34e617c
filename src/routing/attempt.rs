//! One dial attempt: who rings, how long, what both sides hear first, and what the callee must do.
//!
//! Deliberately not here: choosing whom to ring (`feasible`, `overflow`).

use crate::domain::{
    Acceptance, Answered, Attempt, CALL_TIME_LIMIT, Call, Capability, Cue, Location, PlacedFor, Prompt, RING_TIMEOUT,
    Recorded, Ring, Route, Screening, Side,
};

use super::answer::{Dialing, VoiceAnswer};
use super::feasible::Target;
use super::prompts;
use super::reason::Reason;
use super::stage::Stage;
use super::whisper;

/// Seconds that all attempts together may ring a customer whose call is not answered yet: carriers drop an unanswered
/// call after one to three minutes, and a voicemail greeting must still reach her.
const RINGING_IN_ALL: u16 = 60;

/// The shortest ring that is worth starting (Twilio's and Telnyx' smallest `timeout`).
const SHORTEST_RING: u16 = 5;

/// Starts an attempt at this target: adds it to the call and gives the document's content. `None` when the caller has
/// been ringing for too long already, or the target is nobody who rings.
pub(super) fn start(stage: &Stage<'_>, call: &mut Call, target: &Target, why: &mut Vec<Reason>) -> Option<VoiceAnswer> {
    let (to, phones, screening) = match target {
        Target::Technician { id, phone } => (Answered::Technician(id.clone()), vec![*phone], Screening::None),
        Target::Lines(lines) => {
            let screening = whisper::screening(stage, call, why);
            let together = stage.location().is_some_and(|location| location.ring == Ring::Together)
                && !matches!(screening, Screening::Accept { .. });
            let ringing = if together { lines.iter().take(10).collect::<Vec<_>>() } else { vec![lines.first()?] };
            call.lines = lines.iter().skip(ringing.len()).map(|line| line.id.clone()).collect();
            let phones = ringing.iter().map(|line| line.phone).collect();
            (Answered::Lines(ringing.iter().map(|line| line.id.clone()).collect()), phones, screening)
        }
        Target::Voicemail | Target::Hangup | Target::Queue => return None,
    };
    dial(stage, call, to, phones, screening, why)
}

/// Starts an attempt at the other party of the caller's session.
pub(super) fn other_party(
    stage: &Stage<'_>,
    call: &mut Call,
    to: Answered,
    phone: crate::domain::E164,
    why: &mut Vec<Reason>,
) -> Option<VoiceAnswer> {
    dial(stage, call, to, vec![phone], Screening::None, why)
}

fn dial(
    stage: &Stage<'_>,
    call: &mut Call,
    to: Answered,
    phones: Vec<crate::domain::E164>,
    screening: Screening,
    why: &mut Vec<Reason>,
) -> Option<VoiceAnswer> {
    let mut heard_by_caller = Vec::new();
    let mut screening = screening;
    let between_parties = !matches!(to, Answered::Lines(_));
    if between_parties && let Some(session) = &stage.session {
        let (first, second) = (&session.options.first_party_play_url, &session.options.second_party_play_url);
        let (callers, callees) = match call.side {
            Side::First => (first, second),
            Side::Second | Side::Outside => (second, first),
        };
        // A dispatcher who calls back is no party of the session.
        let party = call.placed.as_deref().is_none_or(|placed| placed.purpose == PlacedFor::FirstParty);
        if call.attempts.is_empty() && party {
            heard_by_caller.extend(callers.iter().cloned().map(Cue::Play));
        }
        if stage.account.kind.can(Capability::CallWhisper) {
            add(&mut screening, callees.iter().cloned().map(Cue::Play).collect());
        }
    }
    record(stage, call, &mut heard_by_caller, &mut screening, why);
    let ring_timeout = ring(stage, call, between_parties, why)?;
    let time_limit = time_limit(stage, why);
    let no = u8::try_from(call.attempts.len() + 1).unwrap_or(u8::MAX);
    let answer_on_bridge = heard_by_caller.is_empty() && !call.answered;
    call.answered |= !heard_by_caller.is_empty();
    let screened = screening != Screening::None;
    call.attempts.push(Attempt {
        no,
        to,
        phones: phones.clone(),
        started_at: stage.now,
        ring_timeout,
        time_limit,
        screening,
        acceptance: Acceptance::Unasked,
        outcome: None,
        seconds: None,
        recorded: Recorded::No,
    });
    Some(VoiceAnswer::Dial(Dialing {
        call: call.id,
        attempt: no,
        cues: heard_by_caller,
        caller_id: call.number,
        phones,
        ring_timeout,
        time_limit,
        screened,
        answer_on_bridge,
    }))
}

/// Adds what a callee hears last before being connected.
fn add(screening: &mut Screening, more: Vec<Cue>) {
    if more.is_empty() {
        return;
    }
    match screening {
        Screening::None => *screening = Screening::Announce(more),
        Screening::Announce(cues) => cues.extend(more),
        Screening::Accept { after, .. } => after.extend(more),
    }
}

/// Decides on recording and lets both sides know. Never a silent recording: an account that cannot tell the callee
/// first, or not us that they heard it, does not record, and neither does a location that has emptied its disclosure.
fn record(stage: &Stage<'_>, call: &mut Call, caller: &mut Vec<Cue>, callee: &mut Screening, why: &mut Vec<Reason>) {
    let asked = stage.session.as_ref().and_then(|session| session.options.record);
    if !asked.unwrap_or_else(|| stage.setting(|masking| masking.record_voice_calls)) {
        // It may have been switched off since the last attempt: then nobody tells this callee.
        call.record = false;
        return;
    }
    let disclosure = prompts::cue(stage.location(), Prompt::RecordingDisclosure);
    if !stage.account.kind.records() || disclosure.is_empty() {
        call.record = false;
        why.push(Reason::RecordingUnavailable);
        return;
    }
    if !call.record {
        caller.extend(disclosure.clone());
        why.push(Reason::RecordingDisclosed);
    }
    call.record = true;
    add(callee, disclosure);
}

/// Seconds to ring: the session's wish between its parties, else the location's; what the provider allows; and, for a
/// customer who would get voicemail, what is left of a minute. `None` when nothing worth ringing is left.
fn ring(stage: &Stage<'_>, call: &Call, between_parties: bool, why: &mut Vec<Reason>) -> Option<u16> {
    let own = stage.session.as_ref().and_then(|session| session.options.ring_timeout).filter(|_| between_parties);
    let wished =
        own.unwrap_or_else(|| stage.location().map_or(RING_TIMEOUT, |location: &Location| location.ring_timeout));
    let (least, most) = stage.account.kind.ring_range();
    let allowed = wished.clamp(least, most);
    if allowed != wished {
        why.push(Reason::Clamped { what: "ring_timeout", to: u32::from(allowed) });
    }
    let ends_in_voicemail = call.fallbacks.contains(&Route::Voicemail);
    if call.answered || !ends_in_voicemail {
        return Some(allowed);
    }
    let spent = call.attempts.first().map_or(0, |first| stage.now.since(first.started_at).as_secs());
    let left = RINGING_IN_ALL.saturating_sub(u16::try_from(spent).unwrap_or(u16::MAX));
    (left >= SHORTEST_RING).then_some(allowed.min(left))
}

fn time_limit(stage: &Stage<'_>, why: &mut Vec<Reason>) -> u32 {
    let wished = stage.session.as_ref().and_then(|session| session.options.call_time_limit).unwrap_or(CALL_TIME_LIMIT);
    let allowed = wished.clamp(60, stage.account.kind.longest_call());
    if allowed != wished {
        why.push(Reason::Clamped { what: "call_time_limit", to: allowed });
    }
    allowed
}
