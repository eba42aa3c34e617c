//! Whom a technician's text is for, where one number stands for several customers and nobody was in contact lately: the
//! technician is asked once, and what they write meanwhile waits where words are kept.
//!
//! Deliberately not here: the menu of a call (`menu`), and passing on (`relay`).

use crate::domain::{Choosing, ContactBy, E164, Moment, Phase, Prompt, Session, SessionId, Spoken};
use crate::rules::template::Fills;

use super::answer::Body;
use super::decision::Destination;
use super::effect::{AutomaticText, Effect};
use super::matching;
use super::menu;
use super::prompts;
use super::reason::Reason;
use super::relay;
use super::reply;
use super::scene::Scene;
use super::text::Step;

/// Texts that may wait for one answer: an answer of ours has room for ten.
const MOST_HELD: usize = 9;

/// A technician's text: an answer to the question, or for the customer who is meant, or the question is due.
pub(super) fn technician(step: &mut Step<'_, '_>, scene: &mut Scene<'_>) {
    let Some(phone) = step.text.from.phone() else { return };
    let question = open_question(step, scene, phone);
    if let Some(question) = &question
        && let Some(session) = answer(step, scene, question, phone)
    {
        return answered(step, scene, question.clone(), phone, session);
    }
    if step.found.choices.is_empty() {
        return relay::to_customer(step, scene, false);
    }
    let minutes = step.stage.setting(|masking| masking.smart_callback_window_minutes);
    if let Some((id, at)) = question.as_ref().and_then(|question| question.chosen.clone())
        && reply::inside(at, minutes, scene.now)
        && let Some(session) = step.found.choices.iter().find(|session| session.id == id).cloned()
    {
        take(step, scene, session, at);
        return relay::to_customer(step, scene, false);
    }
    match question.filter(|question| question.chosen.is_none()) {
        Some(question) => wait(step, scene, question, phone),
        None => ask(step, scene, phone),
    }
}

/// The question that this technician was asked last, while an answer to it counts: as long as the reply window, and as
/// long as it could not be asked again.
fn open_question(step: &Step<'_, '_>, scene: &Scene<'_>, phone: E164) -> Option<Choosing> {
    let minutes = step.stage.setting(|masking| masking.smart_callback_window_minutes);
    let question = scene.world.choosing(scene.number.e164.e164(), phone)?;
    let asked = question.asked_at;
    let counts =
        reply::inside(asked, minutes, scene.now) || asked <= scene.now && scene.now.since(asked) < relay::QUIET;
    counts.then_some(question)
}

/// The session that a digit chooses. It answers the question only while the technician has written or called to nobody
/// since, and only while that session routes.
fn answer(step: &Step<'_, '_>, scene: &Scene<'_>, question: &Choosing, phone: E164) -> Option<Session> {
    let chosen = question.offered.get(digit(&step.text.body)?).filter(|_| question.chosen.is_none())?;
    let contacts = scene.world.contacts(scene.number.e164.e164(), phone, scene.now);
    if contacts.iter().any(|contact| contact.from == phone && contact.at > question.asked_at) {
        return None;
    }
    let session = scene.world.session(&scene.tenant.id, chosen)?;
    matches!(matching::phase(scene, &session), Phase::Live | Phase::Grace).then_some(session)
}

/// A whole message that is one digit from 1 to 9, as an index.
fn digit(body: &str) -> Option<usize> {
    match body.trim().as_bytes() {
        [digit @ b'1'..=b'9'] => Some(usize::from(digit - b'1')),
        _ => None,
    }
}

/// Takes this session as the one that is meant.
fn take(step: &mut Step<'_, '_>, scene: &mut Scene<'_>, session: Session, at: Moment) {
    let matched = matching::at(scene, &session);
    step.finding.matched = matched;
    step.found.latest = Some(at);
    step.customer = session.customer().cloned();
    step.finding.session = Some(session.id.clone());
    step.found.session = Some(session.clone());
    step.stage.session = Some(session);
}

/// The technician said whom it is for: what waited goes there. Where nothing could wait they send it again, as the
/// question told them.
fn answered(step: &mut Step<'_, '_>, scene: &mut Scene<'_>, mut question: Choosing, phone: E164, session: Session) {
    scene.why.retain(|reason| *reason == Reason::MaskingDisabled);
    let to = session.second_party;
    question.chosen = Some((session.id.clone(), scene.now));
    let held = std::mem::take(&mut question.held);
    take(step, scene, session, scene.now);
    scene.why.push(Reason::TechnicianCallsCustomer);
    step.finding.destination = Destination::Customer(step.customer.clone());
    if !held.is_empty() {
        let bodies = held.into_iter().map(Body::Held).collect();
        relay::to_party(step, scene, to, ContactBy::Technician, bodies);
    }
    step.effects.push(Effect::Choosing { number: scene.number.e164, phone, choosing: question });
}

/// Asks the technician whom the text is for; it waits where words are kept.
fn ask(step: &mut Step<'_, '_>, scene: &mut Scene<'_>, phone: E164) {
    let sessions: Vec<Session> = step.found.choices.clone();
    let names: Vec<String> = sessions.iter().map(|session| menu::name(scene.world, session)).collect();
    let location = step.stage.location();
    let line = |prompt| prompts::words(location, prompt, &Fills::default()).map(|words| words.as_str().to_owned());
    let mut lines: Vec<String> = line(Prompt::ChooseSms).into_iter().collect();
    lines.extend((1..).zip(&names).map(|(number, name)| format!("{number} {name}")));
    if !keeps(step) {
        lines.extend(line(Prompt::SendAgainSms));
    }
    let offered: Vec<SessionId> = sessions.into_iter().map(|session| session.id).collect();
    wait(step, scene, Choosing { asked_at: scene.now, offered, chosen: None, held: Vec::new() }, phone);
    relay::ours(step, scene, phone, Some(Spoken::new(&lines.join("\n"))), AutomaticText::Choice);
    step.finding.destination = Destination::Menu(names);
}

/// The question stands: a text waits for its answer, where words are kept.
fn wait(step: &mut Step<'_, '_>, scene: &mut Scene<'_>, mut question: Choosing, phone: E164) {
    scene.why.push(Reason::MenuOffered { choices: question.offered.len() });
    let name = |id: &SessionId| Some(menu::name(scene.world, &scene.world.session(&scene.tenant.id, id)?));
    step.finding.destination = Destination::Menu(question.offered.iter().filter_map(name).collect());
    let asked_now = question.asked_at == scene.now;
    if keeps(step) && question.held.len() < MOST_HELD {
        question.held.push(step.text.id);
        step.effects.push(Effect::Held);
    } else if !asked_now {
        return step.effects.push(Effect::Undelivered);
    }
    step.effects.push(Effect::Choosing { number: scene.number.e164, phone, choosing: question });
}

fn keeps(step: &Step<'_, '_>) -> bool {
    step.stage.setting(|masking| masking.store_sms_body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_digit_alone_is_an_answer() {
        for (body, expected, why) in [
            ("1", Some(0), "the first"),
            (" 9\n", Some(8), "the last, with space around it"),
            ("0", None, "nobody is number 0"),
            ("+1", None, "a sign"),
            ("01", None, "two digits"),
            ("1.", None, "more than the digit"),
            ("", None, "nothing"),
            ("１", None, "a full-width digit"),
        ] {
            assert_eq!(digit(body), expected, "{why}: {body:?}");
        }
    }
}
