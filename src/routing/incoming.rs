//! A call that came in: from the called number to the first document.
//!
//! Deliberately not here: later steps of the call, and texts (`text`).

use crate::domain::event::IncomingCall;
use crate::domain::{
    Answered, Call, CallEnd, CallerWord, Channel, Contact, ContactBy, E164, Event, Match, Moment, NoMatchAction,
    Prompt, Route, SessionKind, Side, VoicemailState,
};

use super::answer::{Answer, VoiceAnswer};
use super::attempt;
use super::decision::{Decision, Destination, Finding};
use super::effect::Effect;
use super::feasible::{self, Target};
use super::limits::{self, Over};
use super::matching::{self, Found};
use super::overflow;
use super::prompts;
use super::queue;
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

/// The provider could not use our first answer: voicemail, which needs nothing that could be broken.
pub(super) fn fallback(world: &dyn World, event: &Event, incoming: &IncomingCall, now: Moment) -> Decision {
    if let Some(known) = world.call(incoming.id) {
        return overflow::abandoned(world, &known, now);
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
        let call = Call {
            id: incoming.id,
            sid: incoming.sid.clone(),
            account: scene.account.id.clone(),
            tenant: scene.tenant.id.clone(),
            location,
            number: scene.number.e164,
            caller: scene.from.clone(),
            caller_word: found.caller,
            matched: found.matched,
            side: found.side,
            route: None,
            session: finding.session.clone(),
            customer,
            opened_at: scene.now,
            tried: Vec::new(),
            fallbacks: Vec::new(),
            lines: Vec::new(),
            attempts: Vec::new(),
            answered: false,
            record: false,
            voicemail: VoicemailState::No,
            menu: None,
            queue: None,
            end: None,
            todo: false,
            placed: None,
        };
        Self { stage, found, call, finding, contact: None }
    }

    fn plain(&self) -> bool {
        self.found.session.as_ref().is_some_and(|session| session.kind == SessionKind::PlainPair)
    }

    fn first(&mut self, scene: &mut Scene<'w>) -> VoiceAnswer {
        let masked = self.stage.setting(|masking| masking.masking_default_channels.has(Channel::Voice));
        if !masked && !self.plain() {
            channel_off(scene);
            self.forget();
            return self.no_match_action(scene);
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
        let Some(phone) = self.counterpart(scene) else {
            scene.why.push(Reason::NoSession);
            return self.goodbye(Prompt::Unreachable);
        };
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

    /// The other party; on a session with one party, whoever was last in contact with it.
    fn counterpart(&self, scene: &Scene<'_>) -> Option<E164> {
        let phone = scene.from.phone()?;
        let session = self.found.session.as_ref()?;
        match self.found.side {
            Side::First => session.second_party,
            Side::Second | Side::Outside => session.first_party,
        }
        .or_else(|| {
            let contacts = scene.world.contacts(scene.number.e164.e164(), phone, scene.now);
            contacts.first().map(|last| if last.from == phone { last.to } else { last.from })
        })
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

    /// Without a session: the location's rules for that, the number's own answer URL, the no-match action. A number
    /// that cools leads to none of the first two.
    fn no_match(&mut self, scene: &mut Scene<'w>) -> VoiceAnswer {
        if scene.cools_until().is_some() {
            return self.no_match_action(scene);
        }
        let office = self.stage.office.clone();
        if let Some(wish) = office.and_then(|office| route::without_session(scene, &self.found, &office)) {
            let target = feasible::target(&self.stage, None, scene.from.phone(), wish, &mut scene.why);
            return self.follow(scene, &target);
        }
        if let Some(url) = scene.number.answer_url.clone() {
            scene.why.push(Reason::AnswerUrl);
            self.finding.destination = Destination::Redirect(url.clone());
            self.call.end = Some((scene.now, CallEnd::Redirected));
            return VoiceAnswer::Redirect(url);
        }
        self.no_match_action(scene)
    }

    fn no_match_action(&mut self, scene: &mut Scene<'w>) -> VoiceAnswer {
        match self.stage.setting(|masking| masking.voice_no_match_action) {
            NoMatchAction::Hangup => {
                scene.why.push(Reason::NoMatchHangup);
                self.goodbye(Prompt::NoMatch)
            }
            NoMatchAction::Voicemail => {
                scene.why.push(Reason::NoMatchVoicemail);
                self.voicemail()
            }
            NoMatchAction::DispatcherQueue => {
                scene.why.push(Reason::NoMatchQueue);
                self.queue(scene)
            }
        }
    }

    fn queue(&mut self, scene: &mut Scene<'w>) -> VoiceAnswer {
        match queue::join(&self.stage, &mut self.call) {
            Some(answer) => {
                self.finding.destination = Destination::DispatcherQueue(self.call.location.clone());
                self.finding.fallbacks = vec![Route::Voicemail];
                answer
            }
            None => {
                scene.why.push(Reason::Fallback { to: Route::Voicemail });
                self.voicemail()
            }
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
            effects: vec![Effect::Routed { contact: self.contact }],
            why: scene.why,
        }
    }
}
