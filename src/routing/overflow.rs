//! After an attempt: a conversation ends the plan; anything else takes the next line, the next route, voicemail.
//!
//! Deliberately not here: reading the outcome (`outcome`).

use crate::domain::{
    AccountKind, Call, CallEnd, CallId, DialEnded, Event, EventKind, LegOutcome, Line, Location, Match, Moment, Prompt,
    Route, SessionKind, Side,
};

use super::answer::{Answer, LegAnswer, VoiceAnswer};
use super::attempt;
use super::decision::{Decision, Destination};
use super::effect::{Effect, Todo, TodoKind};
use super::feasible::{self, Target};
use super::outcome;
use super::prompts;
use super::reason::Reason;
use super::stage::{Stage, finding_of};
use super::status;
use super::voicemail;
use super::whisper;
use super::world::World;

/// What follows a failed attempt of this route: the location's list without it, ending in voicemail.
pub(super) fn chain(location: Option<&Location>, route: Option<Route>) -> Vec<Route> {
    let mut chain: Vec<Route> = Vec::new();
    for next in location.map_or(&[][..], |location| location.on_no_answer.as_slice()) {
        if *next == Route::Voicemail {
            break;
        }
        if Some(*next) != route && !chain.contains(next) {
            chain.push(*next);
        }
    }
    chain.push(Route::Voicemail);
    chain
}

/// A dial attempt ended.
pub(super) fn dialed(world: &dyn World, event: &Event, ended: &DialEnded, now: Moment) -> Decision {
    let known = world.call(ended.call);
    let Some(known) = known.filter(|call| call.account == event.account) else { return forgotten() };
    let Some(stage) = Stage::of_call(world, &known, now) else { return forgotten() };
    let mut call = (*known).clone();
    if !awaits(&call, ended) {
        return mistaken(call, ended, stage.account.kind, now);
    }
    let Some(attempt) = call.attempts.last_mut() else { return late(call) };
    let outcome = outcome::tell(attempt, ended, stage.account.kind, now);
    attempt.outcome = Some(outcome);
    attempt.seconds = attempt.seconds.or(ended.duration).or_else(|| outcome::lasted(attempt, now)).or(Some(0));
    let mut effects = vec![Effect::AttemptEnded { attempt: ended.attempt, outcome }];
    match outcome {
        LegOutcome::Connected => {
            let answer = finish(&mut call, now, CallEnd::Connected, &mut effects);
            decision(call, Destination::None, answer, effects, Vec::new())
        }
        LegOutcome::CallerGone => {
            let answer = missed(&mut call, now, &mut effects);
            decision(call, Destination::None, answer, effects, Vec::new())
        }
        LegOutcome::Rejected
        | LegOutcome::ScreenTimeout
        | LegOutcome::CalleeGone
        | LegOutcome::NoAnswer
        | LegOutcome::Busy
        | LegOutcome::Failed
        | LegOutcome::Canceled => {
            let why = vec![Reason::AttemptFailed { attempt: ended.attempt, outcome }];
            next(&stage, call, effects, why)
        }
    }
}

/// Whether the end of this attempt is what a call waits for.
pub(super) fn awaits(call: &Call, ended: &DialEnded) -> bool {
    call.end.is_none()
        && call.id == ended.call
        && call.attempts.len() == usize::from(ended.attempt)
        && call.attempt(ended.attempt).is_some_and(|attempt| attempt.outcome.is_none())
}

/// The request about an attempt's end came after the caller's end was heard of, when a conversation had to be guessed: where
/// the guess was wrong, the caller is owed a call after all.
fn mistaken(mut call: Call, ended: &DialEnded, kind: AccountKind, now: Moment) -> Decision {
    let Some((at, CallEnd::Connected)) = call.end else { return late(call) };
    let guessed = call.attempts.last_mut().filter(|attempt| attempt.no == ended.attempt);
    let Some(attempt) = guessed.filter(|attempt| attempt.outcome == Some(LegOutcome::Connected)) else {
        return late(call);
    };
    let gone = DialEnded { caller_gone: true, ..ended.clone() };
    let outcome = outcome::tell(attempt, &gone, kind, now);
    if outcome == LegOutcome::Connected {
        return late(call);
    }
    attempt.outcome = Some(outcome);
    call.end = Some((at, CallEnd::Missed));
    let mut effects = vec![Effect::AttemptEnded { attempt: ended.attempt, outcome }];
    effects.extend(owed(&mut call, TodoKind::Missed));
    decision(call, Destination::None, VoiceAnswer::Goodbye(Vec::new()), effects, Vec::new())
}

/// The provider could not use an answer of ours and asks again: whatever was going on, voicemail for a caller who is
/// still there and has not talked to anybody.
pub(super) fn abandoned(world: &dyn World, known: &Call, now: Moment) -> Decision {
    let mut call = known.clone();
    let Some(stage) = Stage::of_call(world, known, now).filter(|_| call.end.is_none() && !call.connected()) else {
        return late(call);
    };
    let mut effects = Vec::new();
    let talked = status::talked(&call, now);
    if let Some(attempt) = call.attempts.last_mut().filter(|_| talked) {
        attempt.outcome = Some(LegOutcome::Connected);
        attempt.seconds = attempt.seconds.or_else(|| outcome::lasted(attempt, now));
        effects.push(Effect::AttemptEnded { attempt: attempt.no, outcome: LegOutcome::Connected });
        let answer = finish(&mut call, now, CallEnd::Connected, &mut effects);
        return decision(call, Destination::None, answer, effects, Vec::new());
    }
    let why = vec![Reason::Fallback { to: Route::Voicemail }];
    let answer = to_voicemail(&stage, &mut call, &mut effects);
    decision(call, Destination::Voicemail, answer, effects, why)
}

/// Goes on after a failed attempt: the next line, the next route that can be taken, voicemail. A technician's own call
/// and a plain pair's end with a short message instead.
fn next(stage: &Stage<'_>, mut call: Call, mut effects: Vec<Effect>, mut why: Vec<Reason>) -> Decision {
    let plain = stage.session.as_ref().is_some_and(|session| session.kind == SessionKind::PlainPair);
    if call.side == Side::First || plain {
        let answer = VoiceAnswer::Goodbye(prompts::cue(stage.location(), Prompt::Unreachable));
        effects.push(Effect::Ended { how: CallEnd::Failed });
        call.end = Some((stage.now, CallEnd::Failed));
        return decision(call, Destination::Hangup, answer, effects, why);
    }
    if let Some(answer) = next_line(stage, &mut call, &mut why) {
        return begun(call, answer, effects, why);
    }
    while !call.fallbacks.is_empty() {
        let route = call.fallbacks.remove(0);
        if call.tried.contains(&route) {
            continue;
        }
        call.tried.push(route);
        let owner = stage.world.number(call.number.e164()).and_then(|number| number.technician.clone());
        let owner = owner.filter(|_| call.matched == Match::Owner);
        let owner = owner.and_then(|id| stage.world.technician(&stage.tenant, &id));
        let target = feasible::target(stage, owner.as_deref(), call.caller.phone(), route.into(), &mut why);
        match target.route() {
            Some(reached) if reached == route => {}
            Some(Route::Voicemail) | None => continue,
            Some(reached) if call.tried.contains(&reached) => continue,
            Some(reached) => call.tried.push(reached),
        }
        why.push(Reason::Fallback { to: target.route().unwrap_or(route) });
        call.route = target.route();
        if target == Target::Voicemail {
            break;
        }
        if let Some(answer) = attempt::start(stage, &mut call, &target, &mut why) {
            return begun(call, answer, effects, why);
        }
    }
    if !why.iter().any(|reason| matches!(reason, Reason::Fallback { to: Route::Voicemail })) {
        why.push(Reason::Fallback { to: Route::Voicemail });
    }
    let answer = to_voicemail(stage, &mut call, &mut effects);
    decision(call, Destination::Voicemail, answer, effects, why)
}

fn to_voicemail(stage: &Stage<'_>, call: &mut Call, effects: &mut Vec<Effect>) -> VoiceAnswer {
    call.fallbacks.clear();
    call.lines.clear();
    if call.side == Side::Second {
        call.route = Some(Route::Voicemail);
    }
    effects.push(Effect::VoicemailOffered);
    voicemail::offer(stage, call, Prompt::VoicemailGreeting)
}

/// The next of several lines that ring in turn, while it may still ring.
fn next_line(stage: &Stage<'_>, call: &mut Call, why: &mut Vec<Reason>) -> Option<VoiceAnswer> {
    let location = stage.location()?;
    let left: Vec<Line> = call
        .lines
        .iter()
        .filter_map(|id| location.active_lines().find(|line| line.id == *id))
        .filter(|line| feasible::refusal(stage, call.caller.phone(), line.phone).is_none())
        .cloned()
        .collect();
    if left.is_empty() {
        return None;
    }
    attempt::start(stage, call, &Target::Lines(left), why)
}

/// Says that the next attempt began.
pub(super) fn begun(call: Call, answer: VoiceAnswer, mut effects: Vec<Effect>, why: Vec<Reason>) -> Decision {
    let attempt = call.attempts.last().map_or(0, |attempt| attempt.no);
    effects.push(Effect::AttemptStarted { attempt });
    let destination = whisper::destination(&call);
    decision(call, destination, answer, effects, why)
}

/// Ends the call and hangs up.
pub(super) fn finish(call: &mut Call, now: Moment, how: CallEnd, effects: &mut Vec<Effect>) -> VoiceAnswer {
    call.end = Some((now, how));
    effects.push(Effect::Ended { how });
    VoiceAnswer::Goodbye(Vec::new())
}

/// Ends a call whose caller reached nobody; a customer's leaves a to-do.
pub(super) fn missed(call: &mut Call, now: Moment, effects: &mut Vec<Effect>) -> VoiceAnswer {
    if let Some(todo) = owed(call, TodoKind::Missed) {
        effects.push(todo);
    }
    finish(call, now, CallEnd::Missed, effects)
}

/// The to-do that this call leaves, once. A technician's own call and a plain pair's have no back office behind them, so
/// nobody owes them a call; a message that they left is there to be heard all the same.
pub(super) fn owed(call: &mut Call, kind: TodoKind) -> Option<Effect> {
    let due = match kind {
        TodoKind::Missed | TodoKind::Text => !call.todo,
        TodoKind::Voicemail => true,
    };
    // Of all calls of the customer side, only a plain pair's rings somebody by no route.
    let plain = call.side == Side::Second && call.route.is_none() && !call.attempts.is_empty();
    // Whoever is asked for a PIN calls a plain pair too, whoever they turn out to be.
    let nobodys = kind != TodoKind::Voicemail && (call.side == Side::First || plain || call.pin.is_some());
    if nobodys || !due {
        return None;
    }
    call.todo = true;
    Some(Effect::TodoOpened {
        todo: Todo {
            kind,
            tenant: call.tenant.clone(),
            location: call.location.clone(),
            channel: crate::domain::Channel::Voice,
            phone: call.caller.phone(),
            number: call.number,
            customer: call.customer.clone(),
            session: call.session.clone(),
        },
    })
}

/// A request about an attempt that is over, or a call that ended: nothing changes, the leg ends.
pub(super) fn late(call: Call) -> Decision {
    let finding = finding_of(&call, Destination::None);
    Decision {
        finding: Some(finding),
        answer: Answer::Voice(VoiceAnswer::Goodbye(Vec::new())),
        call: None,
        effects: Vec::new(),
        why: Vec::new(),
    }
}

/// A request on one account about a call of another's, or about a leg that nobody called: nothing is told of it.
pub(super) fn foreign(kind: &EventKind) -> Decision {
    let answer = match kind {
        EventKind::Whisper(_) | EventKind::Accept { .. } => Answer::Leg(LegAnswer::Hangup),
        EventKind::Status(_) | EventKind::Recording { .. } | EventKind::Transcription { .. } => Answer::Noted,
        EventKind::Call(_)
        | EventKind::Fallback { .. }
        | EventKind::Menu { .. }
        | EventKind::Pin { .. }
        | EventKind::Dialed(_)
        | EventKind::VoicemailEnded { .. }
        | EventKind::QueueWait { .. }
        | EventKind::QueueLeft { .. }
        | EventKind::Connect { .. }
        | EventKind::Redirected { .. }
        | EventKind::Text(_)
        | EventKind::TextFallback(_)
        | EventKind::TextStatus { .. } => Answer::Voice(VoiceAnswer::Goodbye(Vec::new())),
    };
    Decision { finding: None, answer, call: None, effects: Vec::new(), why: Vec::new() }
}

/// A request about a call that nobody remembers: an apology and a recording rather than silence.
pub(super) fn forgotten() -> Decision {
    let call = CallId(0);
    let cues = prompts::cue(None, Prompt::Apology);
    let answer = VoiceAnswer::Voicemail { call, cues, max_seconds: voicemail::LONGEST, transcribe: false };
    Decision { finding: None, answer: Answer::Voice(answer), call: None, effects: Vec::new(), why: Vec::new() }
}

pub(super) fn decision(
    call: Call,
    destination: Destination,
    answer: VoiceAnswer,
    effects: Vec<Effect>,
    why: Vec<Reason>,
) -> Decision {
    let finding = finding_of(&call, destination);
    Decision { finding: Some(finding), answer: Answer::Voice(answer), call: Some(Box::new(call)), effects, why }
}
