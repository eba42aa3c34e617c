//! The dispatchers' queue: joining it, waiting in it, leaving it.
//!
//! Deliberately not here: a dispatcher taking a caller, which starts a call of ours. Each waiting call has a provider
//! queue of its own, because dialling a shared one takes whoever is at its head, not whom the dispatcher chose.

use crate::domain::{
    Call, CallEnd, CallId, Capability, Cue, Location, Moment, Prompt, QueueResult, QueueStay, Route, Spoken,
};

use crate::rules::template::{Fills, fill};

use super::answer::{Answer, VoiceAnswer};
use super::attempt;
use super::decision::{Decision, Destination};
use super::effect::Effect;
use super::feasible;
use super::overflow;
use super::prompts;
use super::stage::{Stage, finding_of};
use super::voicemail;
use super::world::World;

/// Seconds of silence between two wait prompts.
const PAUSE: u32 = 20;

/// Puts the caller in a queue; `None` where the account has none.
pub(super) fn join(stage: &Stage<'_>, call: &mut Call) -> Option<VoiceAnswer> {
    if !stage.account.kind.can(Capability::Queue) {
        return None;
    }
    let name = format!("q-{}", call.id);
    call.answered = true;
    call.queue = Some(QueueStay { name: name.clone(), since: stage.now });
    Some(VoiceAnswer::Queue { call: call.id, cues: Vec::new(), name })
}

/// The wait document: the prompt, the position, silence; after the longest wait the caller leaves.
pub(super) fn wait(world: &dyn World, id: CallId, waited: u32) -> Decision {
    let Some(call) = world.call(id).filter(|call| call.end.is_none()) else {
        let answer = Answer::Voice(VoiceAnswer::LeaveQueue);
        return Decision { finding: None, answer, call: None, effects: Vec::new(), why: Vec::new() };
    };
    let office = call.location.as_ref().and_then(|location| world.office(&call.tenant, location));
    let location = office.as_deref().map(|office| &office.location);
    let longest = location.map_or(300, |location| location.queue.max_wait_seconds);
    let answer = if waited >= longest {
        VoiceAnswer::LeaveQueue
    } else {
        let mut cues = prompt(location);
        let before = call.location.as_ref().map_or(0, |place| world.waiting_before(&call.tenant, place, id));
        cues.push(Cue::Say(Spoken::new(&format!("You are number {} in the queue.", before + 1))));
        let pause = u16::try_from(PAUSE.min(longest - waited)).unwrap_or(1);
        VoiceAnswer::Hold { call: id, cues, pause }
    };
    let finding = finding_of(&call, Destination::DispatcherQueue(call.location.clone()));
    Decision { finding: Some(finding), answer: Answer::Voice(answer), call: None, effects: Vec::new(), why: Vec::new() }
}

fn prompt(location: Option<&Location>) -> Vec<Cue> {
    match location.map(|location| &location.queue) {
        Some(queue) if !queue.wait_play_url.is_empty() => vec![Cue::Play(queue.wait_play_url.clone())],
        Some(queue) if !queue.wait_prompt.is_empty() => {
            let fills = Fills { location_name: location.map(|location| location.name.as_str()), ..Fills::default() };
            vec![Cue::Say(fill(&queue.wait_prompt, &fills))]
        }
        Some(_) | None => prompts::cue(location, Prompt::QueueWait),
    }
}

/// A waiting caller was moved, to the technician or to voicemail; whoever cannot be reached leads to voicemail.
pub(super) fn moved(world: &dyn World, id: CallId, route: Route, now: Moment) -> Decision {
    let Some(known) = world.call(id) else { return overflow::forgotten() };
    let mut call = (*known).clone();
    let Some(stage) = Stage::of_call(world, &known, now).filter(|_| call.end.is_none()) else {
        return overflow::late(call);
    };
    call.queue = None;
    let mut why = Vec::new();
    let target = feasible::target(&stage, None, call.caller.phone(), route.into(), &mut why);
    call.route = target.route();
    call.tried.extend(call.route);
    call.fallbacks = overflow::chain(stage.location(), call.route);
    let mut effects = vec![Effect::QueueLeft];
    if let Some(answer) = attempt::start(&stage, &mut call, &target, &mut why) {
        return overflow::begun(call, answer, effects, why);
    }
    effects.push(Effect::VoicemailOffered);
    let answer = voicemail::offer(&stage, &mut call, Prompt::VoicemailGreeting);
    overflow::decision(call, Destination::Voicemail, answer, effects, why)
}

/// The caller left the queue.
pub(super) fn left(world: &dyn World, id: CallId, result: QueueResult, now: Moment) -> Decision {
    let Some(known) = world.call(id) else { return overflow::forgotten() };
    let mut call = (*known).clone();
    if call.end.is_some() {
        return overflow::late(call);
    }
    let mut effects = vec![Effect::QueueLeft];
    match result {
        QueueResult::Leave | QueueResult::QueueFull | QueueResult::Error | QueueResult::SystemError => {
            let Some(stage) = Stage::of_call(world, &call, now) else { return overflow::forgotten() };
            call.queue = None;
            effects.push(Effect::VoicemailOffered);
            let answer = voicemail::offer(&stage, &mut call, Prompt::VoicemailGreeting);
            overflow::decision(call, Destination::Voicemail, answer, effects, Vec::new())
        }
        QueueResult::Hangup => {
            call.queue = None;
            let answer = overflow::missed(&mut call, now, &mut effects);
            overflow::decision(call, Destination::None, answer, effects, Vec::new())
        }
        QueueResult::Bridged | QueueResult::RedirectedFromBridged => {
            call.queue = None;
            let answer = overflow::finish(&mut call, now, CallEnd::Connected, &mut effects);
            overflow::decision(call, Destination::None, answer, effects, Vec::new())
        }
        QueueResult::BridgingInProcess | QueueResult::Redirected => overflow::late(call),
    }
}
