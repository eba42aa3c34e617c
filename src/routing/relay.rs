//! Passing a text on: to the other side, to the back office, or not at all, and what its sender is told then.
//!
//! Deliberately not here: keeping words. Where they are not kept they are in the webhook's answer and nowhere else.

use std::time::Duration;

use crate::domain::{Choosing, ContactBy, E164, Moment, Ownership, Prompt, Session, Spoken, TechnicianId, spoken};
use crate::rules::numbering;
use crate::rules::template::Fills;

use super::answer::{Body, Outgoing};
use super::decision::Destination;
use super::effect::{AutomaticText, Effect};
use super::feasible::{self, Target};
use super::menu;
use super::prompts;
use super::reason::Reason;
use super::reply;
use super::scene::Scene;
use super::text::Step;

/// Texts of our own accord to one phone on one number: at most one in this time.
const QUIET: Duration = Duration::from_secs(3600);

/// A technician's text to the customer of their session.
pub(super) fn to_customer(step: &mut Step<'_, '_>, scene: &mut Scene<'_>, plain: bool) {
    scene.why.push(if plain { Reason::PlainPair } else { Reason::TechnicianCallsCustomer });
    scene.why.extend(step.found.latest.map(|at| Reason::LatestContact { at }));
    step.finding.destination = Destination::Customer(step.customer.clone());
    let Some(phone) = other_phone(step, scene) else { return undelivered(step, scene) };
    step.contact = step.contact_to(phone, ContactBy::Technician);
    if !pass(step, scene, phone) {
        step.finding.destination = Destination::None;
    }
}

/// The second party's text to the first of a plain pair.
pub(super) fn to_first_party(step: &mut Step<'_, '_>, scene: &mut Scene<'_>) {
    scene.why.push(Reason::PlainPair);
    step.finding.destination = Destination::Technician(None);
    let Some(phone) = step.found.session.as_ref().and_then(|session| session.first_party) else {
        return undelivered(step, scene);
    };
    step.contact = step.contact_to(phone, ContactBy::Customer);
    if !pass(step, scene, phone) {
        step.finding.destination = Destination::None;
    }
}

fn other_phone(step: &Step<'_, '_>, scene: &Scene<'_>) -> Option<E164> {
    let own = step.text.from.phone()?;
    let session = step.found.session.as_ref()?;
    session.second_party.or_else(|| {
        let contacts = scene.world.contacts(step.text.to, own, scene.now);
        contacts.first().map(|last| if last.from == own { last.to } else { last.from })
    })
}

/// A customer's text, where the rules and hours send it.
pub(super) fn to_target<'w>(step: &mut Step<'w, '_>, scene: &mut Scene<'w>, target: &Target) {
    match target {
        Target::Technician { id, phone } => {
            step.finding.destination = Destination::Technician(id.clone());
            if !pass(step, scene, *phone) {
                step.finding.destination = Destination::None;
                step.todo(scene);
            }
        }
        Target::Lines(lines) => {
            step.finding.destination = Destination::Backoffice(lines.iter().map(|line| line.id.clone()).collect());
            step.todo(scene);
            let taking: Vec<E164> = lines.iter().filter(|line| line.sms).map(|line| line.phone).collect();
            for phone in &taking {
                pass(step, scene, *phone);
            }
        }
        Target::Voicemail => {
            step.finding.destination = Destination::Voicemail;
            step.todo(scene);
            also_to_technician(step, scene);
            closed(step, scene);
        }
        Target::Hangup | Target::Queue => step.todo(scene),
    }
}

/// Where words are not kept, a to-do alone would be a text that nobody can ever read: the technician gets it too.
fn also_to_technician(step: &mut Step<'_, '_>, scene: &mut Scene<'_>) {
    if step.stage.setting(|masking| masking.store_sms_body) {
        return;
    }
    let owner = step.found.owner.as_ref();
    let session = step.found.session.as_ref();
    let id: Option<TechnicianId> =
        owner.map(|t| t.id.clone()).or_else(|| session.and_then(|s| s.technician().cloned()));
    let person = id.and_then(|id| scene.world.technician(&scene.tenant.id, &id));
    let phone = match session {
        Some(session) => session.first_party,
        None => person.as_ref().and_then(|technician| technician.phone),
    };
    let reachable = person.is_none_or(|technician| technician.active);
    let Some(phone) = phone.filter(|_| reachable) else { return };
    if pass(step, scene, phone) {
        scene.why.push(Reason::TextNotKept);
    }
}

/// Passes the text on to this phone, unless that may not be; then its sender is told where that is due.
fn pass(step: &mut Step<'_, '_>, scene: &mut Scene<'_>, to: E164) -> bool {
    let body = Body::Relayed { words: Spoken::new(&step.text.body), media: step.text.media.clone() };
    hand_on(step, scene, to, body)
}

fn hand_on(step: &mut Step<'_, '_>, scene: &mut Scene<'_>, to: E164, body: Body) -> bool {
    let number = scene.number.e164;
    if let Some(reason) = feasible::refusal(&step.stage, step.text.from.phone(), to) {
        scene.why.push(reason);
        undelivered(step, scene);
        return false;
    }
    if scene.world.opted_out(number.e164(), to) {
        scene.why.push(Reason::OptedOut);
        step.effects.push(Effect::Undelivered);
        let told = step.text.from.phone().and_then(|p| scene.world.told_opted_out(number.e164(), p));
        if told.is_none() {
            automatic(step, scene, Prompt::OptedOutSms, AutomaticText::OptedOut, &Fills::default());
        }
        return false;
    }
    if brand_blocks(step, scene) {
        scene.why.push(Reason::BrandNotApproved);
        undelivered(step, scene);
        return false;
    }
    step.outgoing.push(Outgoing { message: step.text.id, to, from: number, body });
    step.effects.push(Effect::Relayed { to });
    true
}

/// Texts from platform-owned US long codes need an approved 10DLC brand, where the tenant registers one.
fn brand_blocks(step: &Step<'_, '_>, scene: &Scene<'_>) -> bool {
    use crate::domain::Brand;
    let registered = match scene.tenant.brand {
        Brand::None | Brand::Approved => true,
        Brand::Pending | Brand::Submitted | Brand::InReview | Brand::Failed | Brand::Suspended => false,
    };
    let platform = step.stage.account.ownership == Ownership::Platform;
    !registered && platform && !step.stage.account.sandbox && numbering::is_us_long_code(scene.number.e164.e164())
}

fn undelivered(step: &mut Step<'_, '_>, scene: &mut Scene<'_>) {
    step.effects.push(Effect::Undelivered);
    automatic(step, scene, Prompt::UndeliveredSms, AutomaticText::Undelivered, &Fills::default());
}

/// "We are closed", once per customer and local day, where the location has words for it.
fn closed(step: &mut Step<'_, '_>, scene: &mut Scene<'_>) {
    let Some(office) = step.stage.office.clone() else { return };
    if !office.location.prompts.0.contains_key(Prompt::ClosedSms.word()) {
        return;
    }
    let Some(phone) = step.text.from.phone() else { return };
    let last = scene.world.last_closed_text(scene.number.e164.e164(), phone);
    if last.is_some_and(|last| office.hours.local(last).date == office.hours.local(scene.now).date) {
        return;
    }
    let fills = Fills { location_name: Some(office.location.name.as_str()), ..Fills::default() };
    automatic(step, scene, Prompt::ClosedSms, AutomaticText::Closed, &fills);
}

/// A text of our own accord to whoever wrote, unless there was one within the hour or they have opted out.
fn automatic(step: &mut Step<'_, '_>, scene: &Scene<'_>, prompt: Prompt, what: AutomaticText, fills: &Fills<'_>) {
    let number = scene.number.e164;
    let Some(to) = step.text.from.phone() else { return };
    let recent = scene.world.last_automatic(number.e164(), to).is_some_and(|last| scene.now.since(last) < QUIET);
    if recent && what != AutomaticText::Choice {
        return;
    }
    ours(step, scene, to, prompts::words(step.stage.location(), prompt, fills), what);
}

fn ours(step: &mut Step<'_, '_>, scene: &Scene<'_>, to: E164, words: Option<Spoken>, what: AutomaticText) {
    let number = scene.number.e164;
    let Some(words) = words.filter(|_| !scene.world.opted_out(number.e164(), to)) else { return };
    step.outgoing.push(Outgoing { message: step.text.id, to, from: number, body: Body::Ours(words) });
    step.effects.push(Effect::Automatic { number, to, what });
}

/// A technician's text that could be for several customers: to the one they chose, else they are asked.
pub(super) fn choose(step: &mut Step<'_, '_>, scene: &mut Scene<'_>) {
    let Some(phone) = step.text.from.phone() else { return };
    let number = scene.number.e164;
    let minutes = step.stage.setting(|masking| masking.smart_callback_window_minutes);
    let asked = scene.world.choosing(number.e164(), phone);
    let asked = asked.filter(|choosing| reply::inside(choosing.asked_at, minutes, scene.now));
    if let Some(choosing) = asked {
        if let Some((id, at)) = choosing.chosen.clone()
            && reply::inside(at, minutes, scene.now)
            && take(step, scene, &id, at)
        {
            return to_customer(step, scene, false);
        }
        if choosing.chosen.is_none()
            && let Some(session) = digit(&step.text.body).and_then(|n| choosing.offered.get(n)).cloned()
            && take(step, scene, &session, scene.now)
        {
            return answered(step, scene, choosing, phone);
        }
    }
    ask(step, scene, phone);
}

/// A whole message that is one digit from 1 to 9, as an index.
fn digit(body: &str) -> Option<usize> {
    let n = body.trim().parse::<u8>().ok().filter(|n| (1..=9).contains(n))?;
    Some(usize::from(n) - 1)
}

/// Takes this session as the one that is meant.
fn take(step: &mut Step<'_, '_>, scene: &mut Scene<'_>, id: &crate::domain::SessionId, at: Moment) -> bool {
    let Some(session) = step.found.choices.iter().find(|session| session.id == *id).cloned() else { return false };
    scene.why.push(Reason::SessionLive { session: session.id.clone() });
    step.found.latest = Some(at);
    step.customer = session.customer().cloned();
    step.finding.session = Some(session.id.clone());
    step.found.session = Some(session.clone());
    step.stage.session = Some(session);
    true
}

/// The technician answered whom a text is for: the text that waited goes there, or they are asked to send it again.
fn answered(step: &mut Step<'_, '_>, scene: &mut Scene<'_>, mut choosing: Choosing, phone: E164) {
    let number = scene.number.e164;
    let Some(session) = step.found.session.clone() else { return };
    let held = choosing.held.take();
    choosing.chosen = Some((session.id.clone(), scene.now));
    let to = session.second_party.filter(|_| held.is_some());
    match held.zip(to) {
        Some((message, to)) => {
            scene.why.push(Reason::TechnicianCallsCustomer);
            scene.why.extend(step.found.latest.map(|at| Reason::LatestContact { at }));
            step.finding.destination = Destination::Customer(step.customer.clone());
            step.contact = step.contact_to(to, ContactBy::Technician);
            hand_on(step, scene, to, Body::Held(message));
        }
        None => {
            let name = menu::name(scene.world, &session);
            let fills = Fills { customer_name: spoken::speakable(&name), ..Fills::default() };
            automatic(step, scene, Prompt::SendAgainSms, AutomaticText::Choice, &fills);
        }
    }
    step.effects.push(Effect::Choosing { number, phone, choosing });
}

/// Asks the technician whom the text is for; it waits where words are kept.
fn ask(step: &mut Step<'_, '_>, scene: &mut Scene<'_>, phone: E164) {
    let number = scene.number.e164;
    let sessions: Vec<Session> = step.found.choices.clone();
    scene.why.push(Reason::MenuOffered { choices: sessions.len() });
    let names: Vec<String> = sessions.iter().map(|session| menu::name(scene.world, session)).collect();
    let keeps = step.stage.setting(|masking| masking.store_sms_body);
    let intro = prompts::words(step.stage.location(), Prompt::ChooseSms, &Fills::default());
    let mut words = intro.map(|words| words.as_str().to_owned()).unwrap_or_default();
    for (index, name) in names.iter().enumerate() {
        words.push_str(&format!("\n{} {name}", index + 1));
    }
    step.finding.destination = Destination::Menu(names);
    if keeps {
        step.effects.push(Effect::Held);
    }
    let choosing = Choosing {
        asked_at: scene.now,
        offered: sessions.into_iter().map(|session| session.id).collect(),
        chosen: None,
        held: keeps.then_some(step.text.id),
    };
    step.effects.push(Effect::Choosing { number, phone, choosing });
    ours(step, scene, phone, Some(Spoken::new(&words)), AutomaticText::Choice);
}
