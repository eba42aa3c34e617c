//! A call that came in: from the called number to the first document.
//!
//! Deliberately not here: later steps of the call, and texts (`text`).

mod nobody;

use crate::domain::DialEnded;
use crate::domain::event::IncomingCall;
use crate::domain::{
    Answered, Call, CallEnd, CallerWord, Channel, Contact, ContactBy, E164, Event, Match, Moment, Prompt, Route,
    Session, SessionKind, Side,
};

use super::answer::{Answer, VoiceAnswer};
use super::attempt;
use super::decision::{Decision, Destination, Finding};
use super::effect::Effect;
use super::feasible::{self, Target};
use super::limits::{self, Over};
use super::lone;
use super::matching::{self, Found};
use super::overflow;
use super::pin;
use super::prompts;
use super::reason::Reason;
use super::route::{self, Wish};
use super::scene::{self, Scene};
use super::stage::Stage;
use super::voicemail;
use super::whisper;
use super::world::World;

/// Decides the first step of a call.
pub(super) fn call(world: &dyn World, event: &Event, incoming: &IncomingCall, now: Moment) -> Decision {
    let Some(mut scene) = Scene::set(world, event, Channel::Voice, &incoming.from, incoming.to, now) else {
        let finding = scene::unknown_number(world, event, Channel::Voice, &incoming.from, incoming.to, now);
        return turned_away(finding, vec![Reason::NumberUnknown]);
    };
    if incoming.from.phone().is_some_and(|phone| scene.is_ours(phone)) {
        return turned_away(looped(&scene), vec![Reason::Loop]);
    }
    let found = matching::find(&mut scene);
    let mut step = Step::new(&scene, incoming, found);
    let answer = step.first(&mut scene);
    step.settle(scene, answer)
}

/// The provider could not use an answer of ours: voicemail, which needs nothing that could be broken. Where it was to tell
/// of an attempt's end, and that was not heard of before, it is heard of now.
pub(super) fn fallback(
    world: &dyn World,
    event: &Event,
    incoming: &IncomingCall,
    ended: Option<&DialEnded>,
    now: Moment,
) -> Decision {
    if let Some(known) = world.call(incoming.id) {
        return match ended.filter(|ended| overflow::awaits(&known, ended)) {
            Some(ended) => overflow::dialed(world, event, ended, now),
            None => overflow::abandoned(world, &known, now),
        };
    }
    let Some(mut scene) = Scene::set(world, event, Channel::Voice, &incoming.from, incoming.to, now) else {
        let finding = scene::unknown_number(world, event, Channel::Voice, &incoming.from, incoming.to, now);
        return turned_away(finding, vec![Reason::NumberUnknown]);
    };
    if incoming.from.phone().is_some_and(|phone| scene.is_ours(phone)) {
        return turned_away(looped(&scene), vec![Reason::Loop]);
    }
    let found = matching::find(&mut scene);
    let mut step = Step::new(&scene, incoming, found);
    step.tell_hours(&scene);
    scene.why.push(Reason::Fallback { to: Route::Voicemail });
    let answer = step.voicemail();
    step.settle(scene, answer)
}

/// A call that is not ours to take, or would go round in a circle: rejected unanswered.
fn turned_away(finding: Finding, why: Vec<Reason>) -> Decision {
    let answer = Answer::Voice(VoiceAnswer::Reject);
    Decision { finding: Some(Box::new(finding)), answer, call: None, effects: Vec::new(), why }
}

fn looped(scene: &Scene<'_>) -> Finding {
    let mut finding = scene.finding(CallerWord::OwnNumber);
    finding.location = scene.number.location.clone();
    finding.destination = Destination::Reject;
    finding
}

/// The mask is looked at before the session, and after who is calling.
pub(super) fn say_disabled(why: &mut Vec<Reason>) {
    if !why.contains(&Reason::MaskingDisabled) {
        why.insert(usize::from(why.first() == Some(&Reason::CallerWithheld)), Reason::MaskingDisabled);
    }
}

/// A channel that is not masked leads nowhere, whoever would have been found.
pub(super) fn channel_off(scene: &mut Scene<'_>) {
    scene.why.retain(|reason| *reason == Reason::CallerWithheld);
    scene.why.push(Reason::ChannelOff { channel: scene.channel });
}

/// The first step of a call, as it takes shape.
struct Step<'w> {
    stage: Stage<'w>,
    found: Found,
    call: Call,
    finding: Finding,
    contact: Option<Contact>,
    effects: Vec<Effect>,
}

impl<'w> Step<'w> {
    fn new(scene: &Scene<'w>, incoming: &IncomingCall, found: Found) -> Self {
        let stage = Stage::of_scene(scene, found.session.clone());
        let location = stage.location().map(|location| location.id.clone());
        let of_session = found.session.as_ref().and_then(|s| s.customer().cloned());
        let by_phone = || {
            let phone = scene.from.phone()?;
            scene.world.customer_by_phone(&scene.tenant.id, phone).map(|customer| customer.id.clone())
        };
        let customer = match found.side {
            Side::First => of_session,
            Side::Second | Side::Outside => of_session.or_else(by_phone),
        };
        let mut finding = scene.finding(found.caller);
        finding.location.clone_from(&location);
        finding.matched = found.matched;
        finding.session = found.session.as_ref().map(|session| session.id.clone());
        let (tenant, account) = (&scene.tenant.id, scene.account.as_ref());
        let call = Call {
            sid: incoming.sid.clone(),
            location,
            caller_word: found.caller,
            matched: found.matched,
            side: found.side,
            session: finding.session.clone(),
            customer,
            ..Call::begun(incoming.id, tenant, account, scene.number.e164, scene.from.clone(), scene.now)
        };
        Self { stage, found, call, finding, contact: None, effects: Vec::new() }
    }

    /// Whether it is about a plain pair: the caller's own, or one that asks who they are.
    fn plain(&self) -> bool {
        let session = self.found.session.as_ref().or(self.found.asking.as_ref());
        session.is_some_and(|session| session.kind == SessionKind::PlainPair)
    }

    fn first(&mut self, scene: &mut Scene<'w>) -> VoiceAnswer {
        let masked = self.stage.setting(|masking| masking.masking_default_channels.has(Channel::Voice));
        if !masked && !self.plain() {
            return self.not_masked(scene);
        }
        self.tell_hours(scene);
        if !self.plain() && !self.stage.setting(|masking| masking.enabled) {
            say_disabled(&mut scene.why);
        }
        match limits::exceeded(scene, self.found.session.as_ref()) {
            None => {}
            Some((Over::Voicemail, reason)) => {
                scene.why.push(reason);
                return self.voicemail();
            }
            Some((Over::Hangup, reason)) => {
                scene.why.push(reason);
                return self.goodbye(Prompt::RateLimited);
            }
        }
        if let Some((session, own)) = self.asking() {
            self.finding.destination = Destination::Pin;
            let answer = pin::ask(&self.stage, &mut self.call, &session, own, (&mut self.effects, &mut scene.why));
            if self.call.end.is_some() {
                self.finding.destination = Destination::Hangup;
            }
            return answer;
        }
        match self.found.side {
            Side::Outside => self.no_match(scene),
            Side::First if !self.found.choices.is_empty() => {
                let choices = std::mem::take(&mut self.found.choices);
                scene.why.push(Reason::MenuOffered { choices: choices.len() });
                let answer = super::menu::offer(&self.stage, &mut self.call, &choices);
                let names = self.call.menu.iter().flat_map(|menu| menu.choices.iter().map(|c| c.name.clone()));
                self.finding.destination = Destination::Menu(names.collect());
                answer
            }
            Side::First => self.reach_customer(scene),
            Side::Second if self.plain() => self.reach_first_party(scene),
            Side::Second => self.customer_side(scene),
        }
    }

    /// The session that asks for a PIN, and whether it is the caller's own. A party's phone that is asked for none is
    /// taken note of.
    fn asking(&mut self) -> Option<(Session, bool)> {
        if let Some(session) = self.found.asking.clone() {
            return Some((session, false));
        }
        let session = self.found.session.clone()?;
        let forced = pin::of(&session)?.forced;
        if !forced {
            self.effects.push(Effect::PinWaived { session: session.id });
            return None;
        }
        Some((session, true))
    }

    /// Drops the session that was found: its channel is not masked, so nobody is reached through it.
    fn forget(&mut self) {
        self.call.session = None;
        self.call.matched = Match::None;
        self.call.side = Side::Outside;
        self.finding.session = None;
        self.finding.matched = Match::None;
        self.stage.session = None;
    }

    fn reach_customer(&mut self, scene: &mut Scene<'w>) -> VoiceAnswer {
        let reason = if self.plain() { Reason::PlainPair } else { Reason::TechnicianCallsCustomer };
        scene.why.push(reason);
        scene.why.extend(self.found.latest.map(|at| Reason::LatestContact { at: scene.told(at) }));
        let to = Answered::Customer(self.call.customer.clone());
        self.finding.destination = Destination::Customer(self.call.customer.clone());
        self.other_party(scene, to)
    }

    fn reach_first_party(&mut self, scene: &mut Scene<'w>) -> VoiceAnswer {
        scene.why.push(Reason::PlainPair);
        self.finding.destination = Destination::Technician(None);
        self.other_party(scene, Answered::Technician(None))
    }

    fn other_party(&mut self, scene: &mut Scene<'w>, to: Answered) -> VoiceAnswer {
        let caller = scene.from.phone();
        let session = self.found.session.as_ref();
        let other = session
            .and_then(|s| lone::counterpart(scene.world, scene.number.e164.e164(), s, self.found.side, scene.now));
        let Some((phone, contacted)) = other else {
            scene.why.push(Reason::NobodyYet);
            return self.goodbye(Prompt::Unreachable);
        };
        scene.why.extend(contacted.map(|at| Reason::LastContact { at: scene.told(at) }));
        if let Some(reason) = feasible::refusal(&self.stage, caller, phone) {
            let refused = matches!(reason, Reason::DestinationRefused { .. });
            let prompt = if refused { Prompt::DestinationRefused } else { Prompt::Unreachable };
            scene.why.push(reason);
            return self.goodbye(prompt);
        }
        self.contact = self.contact_to(phone);
        match attempt::other_party(&self.stage, &mut self.call, to, phone, &mut scene.why) {
            Some(answer) => answer,
            None => self.goodbye(Prompt::Unreachable),
        }
    }

    fn customer_side(&mut self, scene: &mut Scene<'w>) -> VoiceAnswer {
        let wish = match self.stage.office.clone().zip(self.finding.hours.clone()) {
            Some((office, state)) => route::customer_side(scene, &self.found, &office, &state),
            None => Wish::Technician(None),
        };
        let caller = scene.from.phone();
        let target = feasible::target(&self.stage, self.found.owner.as_deref(), caller, wish, &mut scene.why);
        self.contact = self.first_party().and_then(|phone| self.contact_to(phone));
        self.follow(scene, &target)
    }

    /// The hours are part of every decision for the customer side.
    fn tell_hours(&mut self, scene: &Scene<'w>) {
        if self.found.side == Side::Second
            && !self.plain()
            && let Some(office) = &self.stage.office
        {
            self.finding.hours = Some(route::hours(office, scene));
            self.finding.time_zone = Some(office.location.time_zone.clone());
        }
    }

    fn first_party(&self) -> Option<E164> {
        let of_session = self.found.session.as_ref().and_then(|session| session.first_party);
        of_session.or_else(|| self.found.owner.as_ref().and_then(|owner| owner.phone))
    }

    /// Goes where the customer side goes, with the location's fallbacks behind it.
    fn follow(&mut self, scene: &mut Scene<'w>, target: &Target) -> VoiceAnswer {
        self.call.route = target.route();
        self.finding.route = target.route().filter(|_| self.found.side == Side::Second);
        match target {
            Target::Voicemail => self.voicemail(),
            Target::Hangup => self.goodbye(Prompt::NoMatch),
            Target::Queue => self.queue(scene),
            Target::Technician { id, .. } => {
                self.finding.destination = Destination::Technician(id.clone());
                self.ring(scene, target)
            }
            Target::Lines(lines) => {
                self.finding.destination = Destination::Backoffice(lines.iter().map(|line| line.id.clone()).collect());
                self.ring(scene, target)
            }
        }
    }

    fn ring(&mut self, scene: &mut Scene<'w>, target: &Target) -> VoiceAnswer {
        self.call.fallbacks = overflow::chain(self.stage.location(), self.call.route);
        self.call.tried.extend(self.call.route);
        self.finding.fallbacks.clone_from(&self.call.fallbacks);
        match attempt::start(&self.stage, &mut self.call, target, &mut scene.why) {
            Some(answer) => {
                self.finding.whisper =
                    self.call.attempts.last().and_then(|attempt| whisper::finding(&self.stage, attempt));
                answer
            }
            None => self.voicemail(),
        }
    }

    fn voicemail(&mut self) -> VoiceAnswer {
        if self.found.side == Side::Second {
            self.call.route = Some(Route::Voicemail);
            self.finding.route = Some(Route::Voicemail);
        }
        self.finding.destination = Destination::Voicemail;
        voicemail::offer(&self.stage, &mut self.call, Prompt::VoicemailGreeting)
    }

    fn goodbye(&mut self, prompt: Prompt) -> VoiceAnswer {
        self.finding.destination = Destination::Hangup;
        self.call.end = Some((self.stage.now, CallEnd::Refused));
        VoiceAnswer::Goodbye(prompts::cue(self.stage.location(), prompt))
    }

    /// The contact that this call makes, towards the other side's phone.
    fn contact_to(&self, to: E164) -> Option<Contact> {
        let from = self.call.caller.phone()?;
        let by = match self.found.side {
            Side::First => ContactBy::Technician,
            Side::Second | Side::Outside => ContactBy::Customer,
        };
        Some(Contact { number: self.call.number, from, to, at: self.stage.now, channel: Channel::Voice, by })
    }

    fn settle(mut self, scene: Scene<'w>, answer: VoiceAnswer) -> Decision {
        self.finding.session.clone_from(&self.call.session);
        Decision {
            finding: Some(Box::new(self.finding)),
            answer: Answer::Voice(answer),
            call: Some(Box::new(self.call)),
            effects: std::iter::once(Effect::Routed { contact: self.contact }).chain(self.effects).collect(),
            why: scene.why,
        }
    }
}
