//! PINs: whoever knows one of a session's two is that party, from whatever phone.
//!
//! Deliberately not here: who is asked (`matching`, `incoming`), and making PINs (the compatible doors). **Invariant:**
//! without a party's PIN nobody is dialled, and no PIN stands in an answer, a reason or an effect.

use crate::domain::{
    Answered, Call, CallEnd, CallId, CallerWord, Channel, Contact, ContactBy, Cue, E164, Event, Match, Moment, Phase,
    PinRefusal, PinState, PinStreak, Pins, Prompt, Session, Side, Typed,
};

use super::answer::VoiceAnswer;
use super::attempt;
use super::decision::{Decision, Destination};
use super::effect::Effect;
use super::feasible;
use super::limits;
use super::lone;
use super::overflow;
use super::prompts;
use super::reason::Reason;
use super::stage::Stage;
use super::world::World;

/// Seconds to type, where the session that asks has been changed meanwhile and says nothing of it.
const WAIT: u8 = 5;

/// The PINs of a session, where it has any.
pub(super) fn of(session: &Session) -> Option<&Pins> {
    session.options.terms.as_deref()?.pins.as_ref()
}

/// The sessions of a number whose PINs open it now, the newest first.
pub(super) fn open(world: &dyn World, number: E164, now: Moment) -> Vec<Session> {
    let mut open: Vec<Session> = world.sessions_on_terms(number).into_iter().collect();
    // Such sessions have no job: only the clock and people end them.
    open.retain(|session| of(session).is_some() && session.phase(None, 0, now) == Phase::Live);
    open.sort_by(|a, b| made(b).cmp(&made(a)).then_with(|| b.id.cmp(&a.id)));
    open
}

/// When a session was made through its door.
pub(super) fn made(session: &Session) -> Option<Moment> {
    session.options.terms.as_deref().map(|terms| terms.made_at)
}

/// Asks a caller who just came in, unless their phone is locked out of the number. `own` is the caller's own session
/// that asks its parties too.
pub(super) fn ask(
    stage: &Stage<'_>,
    call: &mut Call,
    session: &Session,
    own: bool,
    (effects, why): (&mut Vec<Effect>, &mut Vec<Reason>),
) -> VoiceAnswer {
    call.answered = true;
    let state = call.pin.insert(PinState { session: session.id.clone(), own, rounds: 1 });
    why.push(if own {
        Reason::PinForced { session: session.id.clone() }
    } else {
        Reason::PinAsked { session: session.id.clone() }
    });
    let known = call.caller.phone().and_then(|phone| stage.world.pin_streak(call.number.e164(), phone));
    if let Some((known, until)) = known.and_then(|known| Some((known, known.locked_until(stage.now)?))) {
        why.push(Reason::PinLocked { until: told(stage, until) });
        effects.push(refused(state, PinRefusal::Locked, true, known.wrong));
        call.end = Some((stage.now, CallEnd::Refused));
        return VoiceAnswer::Goodbye(farewell(stage, Some(session)));
    }
    effects.push(Effect::PinAsked { session: session.id.clone(), retry: 0 });
    again(stage, call.id, 1, Some(session), Vec::new())
}

/// A PIN was typed, or nothing was.
pub(super) fn typed(
    world: &dyn World,
    event: &Event,
    id: CallId,
    round: u8,
    typed: Option<&Typed>,
    now: Moment,
) -> Decision {
    let Some(known) = world.call(id).filter(|call| call.account == event.account) else { return overflow::forgotten() };
    let Some(stage) = Stage::of_call(world, &known, now) else { return overflow::forgotten() };
    let mut call = (*known).clone();
    let (Some(state), Some(phone)) = (call.pin.clone(), call.caller.phone()) else { return overflow::late(call) };
    if call.end.is_some() || !call.attempts.is_empty() || round != state.rounds {
        return overflow::late(call);
    }
    let asking = world.session(&call.tenant, &state.session);
    let streak = world.pin_streak(call.number.e164(), phone);
    if let Some((streak, until)) = streak.and_then(|streak| Some((streak, streak.locked_until(now)?))) {
        let effects = vec![refused(&state, PinRefusal::Locked, true, streak.wrong)];
        let why = vec![Reason::PinLocked { until: told(&stage, until) }];
        return over(&stage, call, farewell(&stage, asking.as_ref()), effects, why);
    }
    if let Some((session, side)) = typed.and_then(|typed| fits(world, &call, &state, typed, now)) {
        return connect(world, call, &state, session, side, phone, now);
    }
    let (how, wrong) = match typed {
        Some(_) => (PinRefusal::Wrong, PinStreak::and_one_more(streak, now)),
        None => {
            let wrong = streak.map_or(0, |streak| streak.counting(now));
            (PinRefusal::Nothing, PinStreak { wrong, at: now })
        }
    };
    let tries = asking.as_ref().and_then(of).map_or(0, |pins| pins.retry);
    let locked = wrong.locked_until(now).filter(|_| how == PinRefusal::Wrong);
    let last = locked.is_some() || state.rounds > tries;
    let mut effects = vec![refused(&state, how, last, wrong.wrong)];
    let mut why = vec![match how {
        PinRefusal::Wrong | PinRefusal::Locked => Reason::PinWrong { round },
        PinRefusal::Nothing => Reason::PinMissing { round },
    }];
    why.extend(locked.map(|until| Reason::PinLocked { until: told(&stage, until) }));
    let mut cues = match how {
        PinRefusal::Wrong | PinRefusal::Locked => incorrect(&stage, asking.as_ref()),
        PinRefusal::Nothing => Vec::new(),
    };
    if last {
        cues.extend(farewell(&stage, asking.as_ref()));
        return over(&stage, call, cues, effects, why);
    }
    effects.push(Effect::PinAsked { session: state.session.clone(), retry: state.rounds });
    let answer = again(&stage, id, state.rounds + 1, asking.as_ref(), cues);
    call.pin = Some(PinState { rounds: state.rounds + 1, ..state });
    overflow::decision(call, Destination::Pin, answer, effects, why)
}

/// The session and the side that a PIN stands for. A session that asks its own parties takes the caller's own PIN only.
fn fits(world: &dyn World, call: &Call, state: &PinState, typed: &Typed, now: Moment) -> Option<(Session, Side)> {
    let side = |session: &Session| {
        let pins = of(session)?;
        if typed.is(&pins.first) {
            return Some(Side::First);
        }
        typed.is(&pins.second).then_some(Side::Second)
    };
    let open = open(world, call.number.e164(), now);
    let may = |session: &Session| !state.own || session.id == state.session;
    let found = open.into_iter().filter(may).find_map(|session| side(&session).map(|side| (session, side)));
    found.filter(|(_, side)| !state.own || *side == call.side)
}

/// Joins a caller who proved who they are with the other party.
fn connect(
    world: &dyn World,
    mut call: Call,
    state: &PinState,
    session: Session,
    side: Side,
    caller: E164,
    now: Moment,
) -> Decision {
    call.session = Some(session.id.clone());
    call.side = side;
    if !state.own {
        call.matched = Match::Pin;
        call.caller_word = match side {
            Side::First => CallerWord::Technician,
            Side::Second | Side::Outside => CallerWord::Customer,
        };
        call.customer = session.customer().cloned();
        call.location = session.location.clone().or(call.location);
    }
    let Some(stage) = Stage::of_call(world, &call, now) else { return overflow::forgotten() };
    let mut why = vec![Reason::PinMatch { session: session.id.clone() }, Reason::PlainPair];
    let other = lone::counterpart(world, call.number.e164(), &session, side, now);
    let accepted = |contact| Effect::PinAccepted { session: session.id.clone(), retry: state.rounds - 1, contact };
    let refused = |call: Call, prompt, reason, mut why: Vec<Reason>| {
        why.extend(reason);
        let cues = prompts::cue(stage.location(), prompt);
        over(&stage, call, cues, vec![accepted(None)], why)
    };
    if let Some(reason) = limits::of_session(&stage, call.number.e164(), caller, &session.id) {
        return refused(call, Prompt::RateLimited, Some(reason), why);
    }
    let Some((phone, contacted)) = other else {
        return refused(call, Prompt::Unreachable, Some(Reason::NobodyYet), why);
    };
    why.extend(contacted.map(|at| Reason::LastContact { at: told(&stage, at) }));
    if let Some(reason) = feasible::refusal(&stage, Some(caller), phone) {
        let abroad = matches!(reason, Reason::DestinationRefused { .. });
        let prompt = if abroad { Prompt::DestinationRefused } else { Prompt::Unreachable };
        return refused(call, prompt, Some(reason), why);
    }
    let (to, by, destination) = match side {
        Side::First => {
            let customer = call.customer.clone();
            (Answered::Customer(customer.clone()), ContactBy::Technician, Destination::Customer(customer))
        }
        Side::Second | Side::Outside => {
            (Answered::Technician(None), ContactBy::Customer, Destination::Technician(None))
        }
    };
    let Some(answer) = attempt::other_party(&stage, &mut call, to, phone, &mut why) else {
        return refused(call, Prompt::Unreachable, None, why);
    };
    let contact = Contact { number: call.number, from: caller, to: phone, at: now, channel: Channel::Voice, by };
    let effects = vec![accepted(Some(contact)), Effect::AttemptStarted { attempt: 1 }];
    overflow::decision(call, destination, answer, effects, why)
}

fn refused(state: &PinState, how: PinRefusal, last: bool, wrong: u8) -> Effect {
    Effect::PinRefused { session: state.session.clone(), retry: state.rounds - 1, how, last, wrong }
}

/// Asks for a PIN, after these sounds.
fn again(stage: &Stage<'_>, call: CallId, round: u8, asking: Option<&Session>, mut cues: Vec<Cue>) -> VoiceAnswer {
    let pins = asking.and_then(of);
    let sound = pins.map(|pins| pins.prompt_play.as_str());
    cues.extend(play(sound).unwrap_or_else(|| prompts::cue(stage.location(), Prompt::Pin)));
    let timeout = pins.map_or(WAIT, |pins| pins.retry_wait);
    VoiceAnswer::Pin { call, round, cues, timeout: u16::from(timeout) }
}

/// What follows a wrong PIN.
fn incorrect(stage: &Stage<'_>, asking: Option<&Session>) -> Vec<Cue> {
    let sound = asking.and_then(of).and_then(|pins| pins.incorrect_play.as_deref());
    play(sound).unwrap_or_else(|| prompts::cue(stage.location(), Prompt::PinIncorrect))
}

/// What a caller hears last whom no PIN let through.
fn farewell(stage: &Stage<'_>, asking: Option<&Session>) -> Vec<Cue> {
    let sound = asking.and_then(|session| session.options.terms.as_deref()?.unknown_caller_play.as_deref());
    play(sound).unwrap_or_else(|| prompts::cue(stage.location(), Prompt::Goodbye))
}

fn play(sound: Option<&str>) -> Option<Vec<Cue>> {
    sound.filter(|sound| !sound.is_empty()).map(|sound| vec![Cue::Play(sound.to_owned())])
}

/// Ends the call with these sounds.
fn over(stage: &Stage<'_>, mut call: Call, cues: Vec<Cue>, mut effects: Vec<Effect>, why: Vec<Reason>) -> Decision {
    overflow::finish(&mut call, stage.now, CallEnd::Refused, &mut effects);
    overflow::decision(call, Destination::Hangup, VoiceAnswer::Goodbye(cues), effects, why)
}

fn told(stage: &Stage<'_>, at: Moment) -> String {
    stage.office.as_ref().map_or_else(|| at.to_string(), |office| office.hours.told(at))
}
