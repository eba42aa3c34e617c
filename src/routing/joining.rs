//! Calls that we started, once their first leg answers: what it hears, and whom it is joined with.
//!
//! Deliberately not here: whether such a call may be started (`connect`). **Invariant:** nobody is joined after the call was
//! given up, or its session has ended.

use crate::domain::{
    Acceptance, Call, CallEnd, CallId, Channel, Contact, ContactBy, Cue, Digit, LegAnswered, Moment, PlacedFor, Prompt,
    Screening,
};

use super::answer::{Answer, VoiceAnswer};
use super::attempt;
use super::connect::routes;
use super::decision::{Decision, Destination};
use super::effect::Effect;
use super::feasible;
use super::overflow;
use super::prompts;
use super::reason::Reason;
use super::stage::{Stage, finding_of};
use super::whisper;
use super::world::World;

/// The leg that we called answered: it hears whom the call is for, and is joined, with or without a key.
pub(super) fn answered(world: &dyn World, id: CallId, sid: &str, now: Moment) -> Decision {
    let Some((mut call, stage)) = running(world, id, sid, now) else { return over(world, id) };
    let mut why = Vec::new();
    sid.clone_into(&mut call.sid);
    call.answered = true;
    let back_office = call.placed.as_deref().is_some_and(|placed| placed.purpose == PlacedFor::CallBack);
    let screening = if back_office { whisper::screening(&stage, &call, &mut why) } else { Screening::None };
    let Some(placed) = call.placed.as_deref_mut() else { return over(world, id) };
    placed.acceptance = Acceptance::Asked { leg: sid.to_owned(), at: now, wrong: 0 };
    placed.screening = screening.clone();
    let effects = vec![Effect::LegAnswered { attempt: 0 }];
    match screening {
        Screening::None => join(&stage, call, Vec::new(), effects, why),
        Screening::Announce(cues) => join(&stage, call, cues, effects, why),
        Screening::Accept { cues, timeout, .. } => {
            let answer = VoiceAnswer::Screen { call: id, round: 1, cues, timeout };
            overflow::decision(call, Destination::None, answer, effects, why)
        }
    }
}

/// The leg that we called pressed a key, or none.
pub(super) fn pressed(world: &dyn World, leg: &LegAnswered, round: u8, digit: Option<Digit>, now: Moment) -> Decision {
    let Some((mut call, stage)) = running(world, leg.call, &leg.leg, now) else { return over(world, leg.call) };
    let Some(placed) = call.placed.as_deref_mut() else { return over(world, leg.call) };
    let Screening::Accept { cues, key, timeout, .. } = placed.screening.clone() else { return over(world, leg.call) };
    let wrong_before = match &placed.acceptance {
        Acceptance::Asked { wrong, .. } => *wrong,
        Acceptance::Unasked | Acceptance::Accepted { .. } | Acceptance::Refused | Acceptance::TimedOut => {
            return over(world, leg.call);
        }
    };
    match digit {
        Some(pressed) if pressed == key => {
            placed.acceptance = Acceptance::Accepted { leg: leg.leg.clone(), at: now };
            join(&stage, call, Vec::new(), vec![Effect::LegAccepted { attempt: 0 }], Vec::new())
        }
        Some(_) if wrong_before == 0 && round < 2 => {
            placed.acceptance = Acceptance::Asked { leg: leg.leg.clone(), at: now, wrong: 1 };
            let answer = VoiceAnswer::Screen { call: leg.call, round: 2, cues, timeout };
            overflow::decision(call, Destination::None, answer, vec![Effect::LegWrongKey { attempt: 0 }], Vec::new())
        }
        pressed => {
            let (acceptance, effect) = match pressed {
                Some(_) => (Acceptance::Refused, Effect::LegRefused { attempt: 0 }),
                None => (Acceptance::TimedOut, Effect::LegTimedOut { attempt: 0 }),
            };
            placed.acceptance = acceptance;
            let mut effects = vec![effect];
            let answer = overflow::finish(&mut call, now, CallEnd::Failed, &mut effects);
            overflow::decision(call, Destination::None, answer, effects, Vec::new())
        }
    }
}

/// Calls whom the first leg is joined with.
fn join(stage: &Stage<'_>, mut call: Call, first: Vec<Cue>, effects: Vec<Effect>, mut why: Vec<Reason>) -> Decision {
    let Some((placed, from)) = call.placed.clone().zip(call.caller.phone()) else { return over(stage.world, call.id) };
    let refused = feasible::refusal(stage, Some(from), placed.phone);
    if placed.purpose == PlacedFor::FirstParty && !lasts(stage, &call) {
        return unreachable(stage, call, effects, why);
    }
    let dialing = match refused {
        Some(reason) => {
            why.push(reason);
            None
        }
        None => attempt::other_party(stage, &mut call, placed.to.clone(), placed.phone, &mut why),
    };
    let Some(VoiceAnswer::Dial(mut dialing)) = dialing else { return unreachable(stage, call, effects, why) };
    let mut effects = effects;
    dialing.cues.splice(0..0, first);
    let by = match placed.purpose {
        PlacedFor::FirstParty => ContactBy::Technician,
        PlacedFor::CallBack => ContactBy::Backoffice,
    };
    let contact = Contact { number: call.number, from, to: placed.phone, at: stage.now, channel: Channel::Voice, by };
    effects.push(Effect::Routed { contact: Some(contact) });
    overflow::begun(call, VoiceAnswer::Dial(dialing), effects, why)
}

/// Whether the session that a call was started for still joins its parties: it may have ended while the phone rang.
fn lasts(stage: &Stage<'_>, call: &Call) -> bool {
    let session = call.session.as_ref().and_then(|id| stage.world.session(&call.tenant, id));
    session
        .is_some_and(|session| routes(stage.world, &call.tenant, &session, call.location.as_ref(), stage.now).is_some())
}

/// Ends a call whose first leg cannot be joined with anybody.
fn unreachable(stage: &Stage<'_>, mut call: Call, mut effects: Vec<Effect>, why: Vec<Reason>) -> Decision {
    overflow::finish(&mut call, stage.now, CallEnd::Failed, &mut effects);
    let answer = VoiceAnswer::Goodbye(prompts::cue(stage.location(), Prompt::Unreachable));
    overflow::decision(call, Destination::Hangup, answer, effects, why)
}

/// A call of ours that runs, has nobody else in it yet, and whose leg this is. A second leg for the same call would be
/// a person called twice: it is let go.
fn running<'w>(world: &'w dyn World, id: CallId, sid: &str, now: Moment) -> Option<(Call, Stage<'w>)> {
    let known = world.call(id)?;
    let own = known.sid.is_empty() || known.sid == sid;
    let waits = known.placed.is_some() && known.end.is_none() && known.attempts.is_empty();
    let stage = Stage::of_call(world, &known, now).filter(|_| own && waits)?;
    Some(((*known).clone(), stage))
}

/// The answer to a leg of a call that is over, or that nobody planned: it ends.
fn over(world: &dyn World, id: CallId) -> Decision {
    Decision {
        finding: world.call(id).map(|call| finding_of(&call, Destination::None)),
        answer: Answer::Voice(VoiceAnswer::Goodbye(Vec::new())),
        call: None,
        effects: Vec::new(),
        why: Vec::new(),
    }
}
