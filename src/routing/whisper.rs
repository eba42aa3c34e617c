//! The whisper: what a back-office line hears before it is connected, and the accept key that it must press.
//!
//! Deliberately not here: how the attempt goes on when the leg ends (`overflow`). **Invariants:** a leg that must be
//! accepted is bridged only on the right key, pressed on that leg, while the attempt and the caller are still there; where
//! no key is asked for, recording is not due before the callee has heard of it.

use crate::domain::{
    Acceptance, Attempt, Call, Capability, Cue, Digit, LegAnswered, Moment, Screening, Side, Technician,
};
use crate::rules::template::{self, Fills};

use super::answer::{Answer, LegAnswer};
use super::decision::{Decision, Destination, WhisperFinding};
use super::effect::Effect;
use super::reason::Reason;
use super::stage::{Stage, finding_of};
use super::world::World;

/// What a back-office line goes through on this call, with the reasons.
pub(super) fn screening(stage: &Stage<'_>, call: &Call, why: &mut Vec<Reason>) -> Screening {
    if !stage.account.kind.can(Capability::CallWhisper) {
        note(why, Reason::WhisperUnsupported);
        return Screening::None;
    }
    if !stage.setting(|masking| masking.backoffice_whisper_enabled) {
        note(why, Reason::WhisperOff);
        return Screening::None;
    }
    let asks = stage.setting(|masking| masking.backoffice_whisper_require_accept);
    let then = if asks { "" } else { ", and is then connected without pressing a key" };
    note(why, Reason::WhisperOn { then });
    let words = words(stage, call);
    let cues = if words.is_empty() { Vec::new() } else { vec![Cue::Say(words)] };
    if !asks {
        return Screening::Announce(cues);
    }
    let key = stage.setting(|masking| masking.backoffice_whisper_accept_key);
    note(why, Reason::RequireAccept { key });
    let timeout = stage.setting(|masking| masking.backoffice_whisper_timeout_seconds);
    Screening::Accept { cues, key, timeout, after: Vec::new() }
}

/// A reason is given once in a decision, however many lines ring.
fn note(why: &mut Vec<Reason>, reason: Reason) {
    if !why.contains(&reason) {
        why.push(reason);
    }
}

/// The whisper's words, filled in with neutral words where a name is missing or is a phone number.
fn words(stage: &Stage<'_>, call: &Call) -> crate::domain::Spoken {
    let customer = call.customer.as_ref().and_then(|id| stage.world.customer(&stage.tenant, id));
    let technician = technician(stage, call);
    let fills = Fills {
        customer_name: customer.as_ref().map(|customer| customer.name.as_str()),
        tech_name: technician.as_ref().map(|technician| technician.name.as_str()),
        location_name: stage.location().map(|location| location.name.as_str()),
        accept_key: Some(stage.setting(|masking| masking.backoffice_whisper_accept_key)),
    };
    let own = stage.location().map_or("", |location| location.masking.backoffice_whisper_text.as_str());
    if own.trim().is_empty() {
        let asks = stage.setting(|masking| masking.backoffice_whisper_require_accept);
        return template::fill(if asks { template::WHISPER_WITH_ACCEPT } else { template::WHISPER }, &fills);
    }
    template::fill(own, &fills)
}

fn technician(stage: &Stage<'_>, call: &Call) -> Option<std::sync::Arc<Technician>> {
    let of_session = stage.session.as_ref().and_then(|session| session.technician().cloned());
    let of_number = || stage.world.number(call.number.e164()).and_then(|number| number.technician.clone());
    let id = of_session.or_else(of_number)?;
    stage.world.technician(&stage.tenant, &id)
}

/// What a reader of the decision is told about the whisper of an attempt.
pub(super) fn finding(stage: &Stage<'_>, attempt: &Attempt) -> Option<WhisperFinding> {
    let said = |cues: &[Cue]| match cues.first() {
        Some(Cue::Say(words)) => words.as_str().to_owned(),
        Some(Cue::Play(_)) | None => String::new(),
    };
    let key = stage.setting(|masking| masking.backoffice_whisper_accept_key);
    let seconds = stage.setting(|masking| masking.backoffice_whisper_timeout_seconds);
    // What else a callee hears, such as that the call is recorded, is no whisper.
    if !stage.setting(|masking| masking.backoffice_whisper_enabled) {
        return None;
    }
    match (&attempt.to, &attempt.screening) {
        (crate::domain::Answered::Lines(_), Screening::Announce(cues)) => {
            Some(WhisperFinding { text: said(cues), accept_key: key, require_accept: false, timeout_seconds: seconds })
        }
        (crate::domain::Answered::Lines(_), Screening::Accept { cues, key, timeout, .. }) => {
            Some(WhisperFinding { text: said(cues), accept_key: *key, require_accept: true, timeout_seconds: *timeout })
        }
        (_, Screening::None | Screening::Announce(_) | Screening::Accept { .. }) => None,
    }
}

/// A callee answered.
pub(super) fn answered(world: &dyn World, leg: &LegAnswered, now: Moment) -> Decision {
    let Some((mut call, at)) = running(world, leg) else { return hang_up(world, leg) };
    let attempt = &mut call.attempts[at];
    let announced = match &attempt.screening {
        Screening::None => LegAnswer::Bridge(Vec::new()),
        Screening::Announce(cues) if call.record => {
            LegAnswer::Disclose { call: leg.call, attempt: leg.attempt, cues: cues.clone() }
        }
        Screening::Announce(cues) => LegAnswer::Announce(cues.clone()),
        Screening::Accept { cues, timeout, .. } => {
            LegAnswer::Accept { call: leg.call, attempt: leg.attempt, round: 1, cues: cues.clone(), timeout: *timeout }
        }
    };
    let must_accept = matches!(attempt.screening, Screening::Accept { .. });
    match &attempt.acceptance {
        Acceptance::Unasked => attempt.acceptance = Acceptance::Asked { leg: leg.leg.clone(), at: now, wrong: 0 },
        Acceptance::Asked { leg: asked, .. } if !must_accept || *asked == leg.leg => {}
        Acceptance::Asked { .. } | Acceptance::Accepted { .. } | Acceptance::Refused | Acceptance::TimedOut => {
            return hang_up(world, leg);
        }
    }
    settle(call, announced, vec![Effect::LegAnswered { attempt: leg.attempt }])
}

/// A key was pressed in the whisper, or none was; where none is asked for, everything was heard.
pub(super) fn pressed(world: &dyn World, leg: &LegAnswered, round: u8, digit: Option<Digit>, now: Moment) -> Decision {
    let Some((mut call, at)) = running(world, leg) else { return hang_up(world, leg) };
    let record = call.record;
    let attempt = &mut call.attempts[at];
    let (cues, key, timeout, after) = match &attempt.screening {
        Screening::Accept { cues, key, timeout, after } => (cues, key, timeout, after),
        Screening::Announce(_) if record => return heard(world, leg, call, at, now),
        Screening::Announce(_) | Screening::None => return hang_up(world, leg),
    };
    let wrong_before = match &attempt.acceptance {
        Acceptance::Asked { leg: asked, wrong, .. } if *asked == leg.leg => *wrong,
        Acceptance::Asked { .. }
        | Acceptance::Unasked
        | Acceptance::Accepted { .. }
        | Acceptance::Refused
        | Acceptance::TimedOut => return hang_up(world, leg),
    };
    let number = leg.attempt;
    let (acceptance, answer, effect) = match digit {
        Some(pressed) if pressed == *key => (
            Acceptance::Accepted { leg: leg.leg.clone(), at: now },
            LegAnswer::Bridge(after.clone()),
            Effect::LegAccepted { attempt: number },
        ),
        Some(_) if wrong_before == 0 && round < 2 => (
            Acceptance::Asked { leg: leg.leg.clone(), at: now, wrong: 1 },
            LegAnswer::Accept { call: leg.call, attempt: number, round: 2, cues: cues.clone(), timeout: *timeout },
            Effect::LegWrongKey { attempt: number },
        ),
        Some(_) => (Acceptance::Refused, LegAnswer::Hangup, Effect::LegRefused { attempt: number }),
        None => (Acceptance::TimedOut, LegAnswer::Hangup, Effect::LegTimedOut { attempt: number }),
    };
    let mut effects = vec![effect];
    if record && matches!(acceptance, Acceptance::Accepted { .. }) {
        effects.push(Effect::RecordingDue { attempt: number });
    }
    attempt.acceptance = acceptance;
    settle(call, answer, effects)
}

/// A callee has heard that the call is recorded: the legs are bridged, and recording is due, once.
fn heard(world: &dyn World, leg: &LegAnswered, mut call: Call, at: usize, now: Moment) -> Decision {
    let attempt = &mut call.attempts[at];
    let effects = match &attempt.acceptance {
        Acceptance::Asked { .. } => {
            attempt.acceptance = Acceptance::Accepted { leg: leg.leg.clone(), at: now };
            vec![Effect::RecordingDue { attempt: leg.attempt }]
        }
        Acceptance::Accepted { leg: bridged, .. } if *bridged == leg.leg => Vec::new(),
        Acceptance::Accepted { .. } | Acceptance::Unasked | Acceptance::Refused | Acceptance::TimedOut => {
            return hang_up(world, leg);
        }
    };
    settle(call, LegAnswer::Bridge(Vec::new()), effects)
}

/// The call and the place of its attempt, while both run and the leg is one of this call's.
fn running(world: &dyn World, leg: &LegAnswered) -> Option<(Call, usize)> {
    let call = world.call(leg.call)?;
    let at = usize::from(leg.attempt).checked_sub(1)?;
    let last = call.attempts.len() == usize::from(leg.attempt);
    let open = call.attempts.get(at)?.outcome.is_none();
    let own = leg.parent.as_ref().is_none_or(|parent| *parent == call.sid);
    (call.end.is_none() && last && open && own).then(|| ((*call).clone(), at))
}

fn settle(call: Call, answer: LegAnswer, effects: Vec<Effect>) -> Decision {
    let destination = destination(&call);
    Decision {
        finding: Some(finding_of(&call, destination)),
        answer: Answer::Leg(answer),
        call: Some(Box::new(call)),
        effects,
        why: Vec::new(),
    }
}

/// Whom the attempt in progress is for.
pub(super) fn destination(call: &Call) -> Destination {
    match call.attempts.last().map(|attempt| &attempt.to) {
        Some(crate::domain::Answered::Technician(id)) => Destination::Technician(id.clone()),
        Some(crate::domain::Answered::Customer(id)) => Destination::Customer(id.clone()),
        Some(crate::domain::Answered::Lines(lines)) => Destination::Backoffice(lines.clone()),
        None => match call.side {
            Side::First | Side::Second | Side::Outside => Destination::None,
        },
    }
}

/// The answer to a leg that may not be bridged: over, another's, or unheard of.
fn hang_up(world: &dyn World, leg: &LegAnswered) -> Decision {
    Decision {
        finding: world.call(leg.call).map(|call| finding_of(&call, destination(&call))),
        answer: Answer::Leg(LegAnswer::Hangup),
        call: None,
        effects: Vec::new(),
        why: Vec::new(),
    }
}
