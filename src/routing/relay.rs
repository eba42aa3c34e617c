//! Passing a text on: to the other side, to the back office, or not at all, and what its sender is told then.
//!
//! Deliberately not here: keeping words. Where they are not kept they are in the webhook's answer and nowhere else.

use std::time::Duration;

use crate::domain::{Brand, ContactBy, E164, Ownership, Prompt, Side, Spoken, TechnicianId};
use crate::rules::numbering;
use crate::rules::template::Fills;

use super::answer::{Body, Outgoing};
use super::decision::Destination;
use super::effect::{AutomaticText, Effect};
use super::feasible::{self, Target};
use super::lone;
use super::prompts;
use super::reason::Reason;
use super::scene::Scene;
use super::text::Step;

/// Texts of our own accord to one phone on one number: at most one in this time.
pub(super) const QUIET: Duration = Duration::from_secs(3600);

/// The first party's text to the second.
pub(super) fn to_customer(step: &mut Step<'_, '_>, scene: &mut Scene<'_>, plain: bool) {
    scene.why.push(if plain { Reason::PlainPair } else { Reason::TechnicianCallsCustomer });
    let latest = step.found.latest.map(|at| Reason::LatestContact { at: scene.told(at) });
    scene.why.extend(latest);
    step.finding.destination = Destination::Customer(step.customer.clone());
    let second = step.found.session.as_ref().and_then(|session| session.second_party);
    let bodies = vec![own(step)];
    to_party(step, scene, second, ContactBy::Technician, bodies);
}

/// The second party's text to the first of a plain pair.
pub(super) fn to_first_party(step: &mut Step<'_, '_>, scene: &mut Scene<'_>) {
    scene.why.push(Reason::PlainPair);
    step.finding.destination = Destination::Technician(None);
    let first = step.found.session.as_ref().and_then(|session| session.first_party);
    let bodies = vec![own(step)];
    to_party(step, scene, first, ContactBy::Customer, bodies);
}

/// Texts for the other party; of a session with one party that is whoever was last in contact with it. What could not
/// be sent is no contact.
pub(super) fn to_party(
    step: &mut Step<'_, '_>,
    scene: &mut Scene<'_>,
    party: Option<E164>,
    by: ContactBy,
    bodies: Vec<Body>,
) {
    let other = step
        .found
        .session
        .as_ref()
        .and_then(|session| lone::counterpart(scene.world, step.text.to, session, step.found.side, scene.now));
    let contacted = other.and_then(|(_, at)| at).filter(|_| party.is_none());
    scene.why.extend(contacted.map(|at| Reason::LastContact { at: scene.told(at) }));
    let phone = party.or(other.map(|(phone, _)| phone));
    let barred = phone.and_then(|phone| barred(step, scene, phone));
    match phone.filter(|_| barred.is_none()) {
        Some(phone) => {
            step.contact = step.contact_to(phone, by);
            bodies.into_iter().for_each(|body| send(step, scene, phone, body));
        }
        None => {
            step.finding.destination = Destination::None;
            refuse(step, scene, phone, barred);
        }
    }
}

/// A customer's text, where the rules and hours send it.
pub(super) fn to_target<'w>(step: &mut Step<'w, '_>, scene: &mut Scene<'w>, target: &Target) {
    match target {
        Target::Technician { id, phone } => match barred(step, scene, *phone) {
            None => {
                step.finding.destination = Destination::Technician(id.clone());
                let body = own(step);
                send(step, scene, *phone, body);
            }
            reason => {
                refuse(step, scene, Some(*phone), reason);
                step.todo(scene);
            }
        },
        Target::Lines(lines) => {
            step.finding.destination = Destination::Backoffice(lines.iter().map(|line| line.id.clone()).collect());
            step.todo(scene);
            for line in lines.iter().filter(|line| line.sms) {
                also(step, scene, line.phone);
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
    if let Some(phone) = phone.filter(|_| reachable)
        && also(step, scene, phone)
    {
        scene.why.push(Reason::TextNotKept);
    }
}

/// Passes a text that is on the to-do list on as well, where that may be. Its sender is not told otherwise: whoever
/// works through the list has it.
fn also(step: &mut Step<'_, '_>, scene: &mut Scene<'_>, phone: E164) -> bool {
    let barred = barred(step, scene, phone);
    let free = barred.is_none();
    scene.why.extend(barred);
    if free {
        let body = own(step);
        send(step, scene, phone, body);
    }
    free
}

/// The words and media that came in.
fn own(step: &Step<'_, '_>) -> Body {
    Body::Relayed { words: Spoken::new(&step.text.body), media: step.text.media.clone() }
}

fn send(step: &mut Step<'_, '_>, scene: &Scene<'_>, to: E164, body: Body) {
    step.outgoing.push(Outgoing { message: step.text.id, to, from: scene.number.e164, body });
    step.effects.push(Effect::Relayed { to });
}

/// Why this phone may not be sent a text, if it may not.
fn barred(step: &Step<'_, '_>, scene: &Scene<'_>, to: E164) -> Option<Reason> {
    feasible::refusal(&step.stage, step.text.from.phone(), to)
        .or_else(|| scene.world.opted_out(scene.number.e164.e164(), to).then_some(Reason::OptedOut))
        .or_else(|| brand_blocks(step, scene).then_some(Reason::BrandNotApproved))
}

/// Texts from platform-owned US long codes need an approved 10DLC brand, where the tenant registers one.
fn brand_blocks(step: &Step<'_, '_>, scene: &Scene<'_>) -> bool {
    let registered = match scene.tenant.brand {
        Brand::None | Brand::Approved => true,
        Brand::Pending | Brand::Submitted | Brand::InReview | Brand::Failed | Brand::Suspended => false,
    };
    let platform = step.stage.account.ownership == Ownership::Platform;
    !registered && platform && !step.stage.account.sandbox && numbering::is_us_long_code(scene.number.e164.e164())
}

/// A text that is not passed on; its sender is told where that is due, of each opt-out once.
fn refuse(step: &mut Step<'_, '_>, scene: &mut Scene<'_>, to: Option<E164>, reason: Option<Reason>) {
    step.effects.push(Effect::Undelivered);
    let opted_out = to.filter(|_| reason == Some(Reason::OptedOut));
    scene.why.extend(reason);
    let Some(of) = opted_out else {
        return automatic(step, scene, Prompt::UndeliveredSms, AutomaticText::Undelivered, &Fills::default());
    };
    let number = scene.number.e164.e164();
    if step.text.from.phone().is_some_and(|phone| scene.world.told_opted_out(number, phone, of)) {
        return;
    }
    // "The customer has opted out" is for the technician side; a customer learns no more than is needed.
    let prompt = match step.found.side {
        Side::First => Prompt::OptedOutSms,
        Side::Second | Side::Outside => Prompt::UndeliveredSms,
    };
    automatic(step, scene, prompt, AutomaticText::OptedOut { of }, &Fills::default());
}

/// "We are closed", once per customer and local day, where the location has words for it and is closed.
fn closed(step: &mut Step<'_, '_>, scene: &mut Scene<'_>) {
    let Some(office) = step.stage.office.clone() else { return };
    let open = step.finding.hours.as_ref().is_none_or(|hours| hours.state.is_open());
    if open || !office.location.prompts.0.contains_key(Prompt::ClosedSms.word()) {
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

/// A text of our own accord to whoever wrote, unless there was one within the hour. Somebody without a session is never
/// answered.
fn automatic(step: &mut Step<'_, '_>, scene: &Scene<'_>, prompt: Prompt, what: AutomaticText, fills: &Fills<'_>) {
    let Some(to) = step.text.from.phone().filter(|_| step.found.side != Side::Outside) else { return };
    let last = scene.world.last_automatic(scene.number.e164.e164(), to);
    if last.is_some_and(|last| scene.now.since(last) < QUIET) {
        return;
    }
    ours(step, scene, to, prompts::words(step.stage.location(), prompt, fills), what);
}

/// Sends our own words, where a text may be sent at all: also whoever wrote may be abroad, or on an expensive number.
pub(super) fn ours(step: &mut Step<'_, '_>, scene: &Scene<'_>, to: E164, words: Option<Spoken>, what: AutomaticText) {
    let number = scene.number.e164;
    let refused = feasible::refusal(&step.stage, None, to).is_some();
    let silent = refused || scene.world.opted_out(number.e164(), to) || brand_blocks(step, scene);
    let Some(words) = words.filter(|_| !silent) else { return };
    step.outgoing.push(Outgoing { message: step.text.id, to, from: number, body: Body::Ours(words) });
    step.effects.push(Effect::Automatic { number, to, what });
}
