//! A technician's menu of customers, where one number stands for several and nobody was in contact lately.
//!
//! Deliberately not here: numbers. A menu speaks names.

use crate::domain::{
    Answered, Call, CallEnd, CallId, Choice, Cue, Digit, Event, MenuState, Moment, Prompt, Session, Spoken, spoken,
};

use super::answer::{Answer, VoiceAnswer};
use super::attempt;
use super::decision::{Decision, Destination};
use super::effect::Effect;
use super::feasible;
use super::overflow;
use super::prompts;
use super::reason::Reason;
use super::stage::Stage;
use super::world::World;

/// Seconds to choose in, after the words.
const TIMEOUT: u16 = 8;

/// Times that a menu may go by without a choice.
const TRIES: u8 = 2;

/// Times that a menu is given at all, repeats on `*` included.
const ROUNDS: u8 = 9;

/// Gives the menu for the first time.
pub(super) fn offer(stage: &Stage<'_>, call: &mut Call, sessions: &[Session]) -> VoiceAnswer {
    let choices = sessions
        .iter()
        .map(|session| Choice { session: session.id.clone(), name: name(stage.world, session) })
        .collect();
    call.answered = true;
    let menu = call.menu.insert(MenuState { choices, rounds: 1, misses: 0 });
    let cues = words(stage, menu);
    VoiceAnswer::Menu { call: call.id, round: 1, cues, timeout: TIMEOUT }
}

/// What a customer is called in a menu: their name, else the job's title, else neutral words.
pub(super) fn name(world: &dyn World, session: &Session) -> String {
    let customer = session.customer().and_then(|id| world.customer(&session.tenant, id));
    let job = || session.work_order().and_then(|id| world.work_order(&session.tenant, id));
    let named = customer.and_then(|customer| spoken::speakable(&customer.name).map(str::to_owned));
    named
        .or_else(|| job().and_then(|job| spoken::speakable(&job.title).map(str::to_owned)))
        .unwrap_or_else(|| "a customer".to_owned())
}

fn words(stage: &Stage<'_>, menu: &MenuState) -> Vec<Cue> {
    let mut cues = prompts::cue(stage.location(), Prompt::MenuIntro);
    for (index, choice) in menu.choices.iter().enumerate() {
        cues.push(Cue::Say(Spoken::new(&format!("Press {} for {}.", index + 1, choice.name))));
    }
    cues.push(Cue::Say(Spoken::new("Press star to hear this again.")));
    cues
}

/// A key was pressed in the menu, or none was.
pub(super) fn chosen(
    world: &dyn World,
    event: &Event,
    id: CallId,
    round: u8,
    digit: Option<Digit>,
    now: Moment,
) -> Decision {
    let Some(known) = world.call(id).filter(|call| call.account == event.account) else { return overflow::forgotten() };
    let Some(stage) = Stage::of_call(world, &known, now) else { return overflow::forgotten() };
    let mut call = (*known).clone();
    let Some(mut menu) = call.menu.clone() else { return overflow::late(call) };
    if call.end.is_some() || !call.attempts.is_empty() || round != menu.rounds {
        return overflow::late(call);
    }
    let index = digit.and_then(|digit| digit.char().to_digit(10)).and_then(|n| usize::try_from(n).ok());
    let choice = index.and_then(|n| n.checked_sub(1)).and_then(|n| menu.choices.get(n)).cloned();
    if let Some(choice) = choice {
        return connect(world, call, &choice, now);
    }
    let again = digit.is_some_and(|digit| digit.char() == '*');
    menu.misses += u8::from(!again);
    if menu.misses >= TRIES || menu.rounds >= ROUNDS {
        let mut effects = Vec::new();
        overflow::finish(&mut call, now, CallEnd::Refused, &mut effects);
        let answer = VoiceAnswer::Goodbye(prompts::cue(stage.location(), Prompt::Goodbye));
        return overflow::decision(call, Destination::Hangup, answer, effects, Vec::new());
    }
    menu.rounds += 1;
    let answer = VoiceAnswer::Menu { call: id, round: menu.rounds, cues: words(&stage, &menu), timeout: TIMEOUT };
    let names = menu.choices.iter().map(|choice| choice.name.clone()).collect();
    call.menu = Some(menu);
    overflow::decision(call, Destination::Menu(names), answer, Vec::new(), Vec::new())
}

/// Connects the technician with the customer of the chosen session.
fn connect(world: &dyn World, mut call: Call, choice: &Choice, now: Moment) -> Decision {
    call.session = Some(choice.session.clone());
    let Some(stage) = Stage::of_call(world, &call, now) else { return overflow::forgotten() };
    let session = stage.session.as_ref();
    call.customer = session.and_then(|session| session.customer().cloned());
    let to = Answered::Customer(call.customer.clone());
    let mut why = vec![Reason::TechnicianCallsCustomer];
    let phone = session.and_then(|session| session.second_party);
    let refusal = phone.and_then(|phone| feasible::refusal(&stage, call.caller.phone(), phone));
    let prompt = match &refusal {
        Some(Reason::DestinationRefused { .. }) => Prompt::DestinationRefused,
        Some(_) | None => Prompt::Unreachable,
    };
    why.extend(refusal.clone());
    let answer = phone
        .filter(|_| refusal.is_none())
        .and_then(|phone| attempt::other_party(&stage, &mut call, to, phone, &mut why));
    match answer {
        Some(answer) => {
            let contact = phone.zip(call.caller.phone()).map(|(to, from)| crate::domain::Contact {
                number: call.number,
                from,
                to,
                at: now,
                channel: crate::domain::Channel::Voice,
                by: crate::domain::ContactBy::Technician,
            });
            let effects = vec![Effect::Chosen { contact }, Effect::AttemptStarted { attempt: 1 }];
            let destination = Destination::Customer(call.customer.clone());
            overflow::decision(call, destination, answer, effects, why)
        }
        None => {
            let mut effects = Vec::new();
            overflow::finish(&mut call, now, CallEnd::Refused, &mut effects);
            let answer = VoiceAnswer::Goodbye(prompts::cue(stage.location(), prompt));
            let finding = super::stage::finding_of(&call, Destination::Hangup);
            Decision { finding: Some(finding), answer: Answer::Voice(answer), call: Some(Box::new(call)), effects, why }
        }
    }
}
