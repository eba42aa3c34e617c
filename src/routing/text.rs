//! A text that came in: keywords, whose it is, and where it goes.
//!
//! Deliberately not here: passing it on (`relay`).

use crate::domain::{
    CallerWord, Channel, Contact, ContactBy, CustomerId, E164, Event, IncomingText, Match, Moment, SessionKind, Side,
};

use super::answer::{Answer, Outgoing};
use super::choice;
use super::decision::{Decision, Finding};
use super::effect::{Effect, Todo, TodoKind};
use super::feasible;
use super::incoming;
use super::keyword::{self, Keyword};
use super::matching::{self, Found};
use super::reason::Reason;
use super::relay;
use super::route::{self, Wish};
use super::scene::{self, Scene};
use super::stage::Stage;
use super::world::World;

/// Decides a text.
pub(super) fn arrived(world: &dyn World, event: &Event, text: &IncomingText, now: Moment) -> Decision {
    let Some(mut scene) = Scene::set(world, event, Channel::Sms, &text.from, Some(text.to), now) else {
        let finding = scene::unknown_number(world, event, Channel::Sms, &text.from, Some(text.to), now);
        return dropped(finding, Reason::NumberUnknown);
    };
    if text.from.phone().is_some_and(|phone| scene.is_ours(phone)) {
        let mut finding = scene.finding(CallerWord::OwnNumber);
        finding.location = scene.number.location.clone();
        return dropped(finding, Reason::Loop);
    }
    let found = matching::find(&mut scene);
    let mut step = Step::new(&scene, text, found);
    step.decide(&mut scene);
    step.settle(scene)
}

fn dropped(finding: Finding, why: Reason) -> Decision {
    let answer = Answer::Text(Vec::new());
    Decision { finding: Some(Box::new(finding)), answer, call: None, effects: Vec::new(), why: vec![why] }
}

/// The decision about a text, as it takes shape.
pub(super) struct Step<'w, 't> {
    pub(super) stage: Stage<'w>,
    pub(super) text: &'t IncomingText,
    pub(super) found: Found,
    pub(super) finding: Finding,
    pub(super) customer: Option<CustomerId>,
    pub(super) contact: Option<Contact>,
    pub(super) outgoing: Vec<Outgoing>,
    pub(super) effects: Vec<Effect>,
}

impl<'w, 't> Step<'w, 't> {
    fn new(scene: &Scene<'w>, text: &'t IncomingText, found: Found) -> Self {
        let stage = Stage::of_scene(scene, found.session.clone());
        let of_session = found.session.as_ref().and_then(|session| session.customer().cloned());
        let phone = scene.from.phone();
        let by_phone = phone.and_then(|phone| scene.world.customer_by_phone(&scene.tenant.id, phone));
        let mut finding = scene.finding(found.caller);
        finding.location = stage.location().map(|location| location.id.clone());
        finding.matched = found.matched;
        finding.session = found.session.as_ref().map(|session| session.id.clone());
        Self {
            stage,
            text,
            customer: of_session.or_else(|| by_phone.map(|customer| customer.id.clone())),
            found,
            finding,
            contact: None,
            outgoing: Vec::new(),
            effects: Vec::new(),
        }
    }

    fn decide(&mut self, scene: &mut Scene<'w>) {
        if let Some(phone) = self.text.from.phone() {
            let out = scene.world.opted_out(self.text.to, phone);
            if let Some(word) = keyword::read(&self.text.body, self.text.opt_out_type.as_deref(), out) {
                return self.keyword(scene, phone, word, out);
            }
        }
        let plain = self.found.session.as_ref().is_some_and(|session| session.kind == SessionKind::PlainPair);
        if !plain && !self.stage.setting(|masking| masking.masking_default_channels.has(Channel::Sms)) {
            incoming::channel_off(scene);
            self.finding.matched = Match::None;
            self.finding.session = None;
            self.effects.push(Effect::Undelivered);
            return;
        }
        if !plain && !self.stage.setting(|masking| masking.enabled) {
            incoming::say_disabled(&mut scene.why);
        }
        match self.found.side {
            Side::Outside => self.nobody(scene),
            Side::First if plain => relay::to_customer(self, scene, plain),
            Side::First => choice::technician(self, scene),
            Side::Second if plain => relay::to_first_party(self, scene),
            Side::Second => self.customer_side(scene),
        }
    }

    fn keyword(&mut self, scene: &mut Scene<'w>, phone: E164, word: Keyword, out: bool) {
        let number = scene.number.e164;
        match word {
            Keyword::Stop => {
                scene.why = vec![Reason::OptedOut];
                if !out {
                    self.effects.push(Effect::OptedOut { number, phone });
                }
            }
            Keyword::Start => {
                if out {
                    self.effects.push(Effect::OptedIn { number, phone });
                }
            }
            Keyword::Help => self.effects.push(Effect::HelpNoted),
        }
    }

    /// No session: kept for the dispatchers, unless a rule says more; never answered. A number that cools routes nothing.
    fn nobody(&mut self, scene: &mut Scene<'w>) {
        if scene.cools_until().is_none()
            && let Some(office) = self.stage.office.clone()
            && let Some(wish) = route::without_session(scene, &self.found, &office)
        {
            return self.go(scene, wish);
        }
        self.todo(scene);
    }

    fn customer_side(&mut self, scene: &mut Scene<'w>) {
        let wish = match self.stage.office.clone() {
            Some(office) => {
                let state = route::hours(&office, scene);
                let wish = route::customer_side(scene, &self.found, &office, &state);
                self.finding.hours = Some(state);
                self.finding.time_zone = Some(office.location.time_zone.clone());
                wish
            }
            None => Wish::Technician(None),
        };
        let owner = self.found.owner.as_ref().and_then(|owner| owner.phone);
        let first = self.found.session.as_ref().and_then(|session| session.first_party).or(owner);
        self.contact = first.and_then(|to| self.contact_to(to, ContactBy::Customer));
        self.go(scene, wish);
    }

    fn go(&mut self, scene: &mut Scene<'w>, wish: Wish) {
        let owner = self.found.owner.clone();
        let target = feasible::target(&self.stage, owner.as_deref(), self.text.from.phone(), wish, &mut scene.why);
        if self.found.side == Side::Second {
            self.finding.route = target.route();
        }
        relay::to_target(self, scene, &target);
    }

    /// Puts the text on the dispatchers' to-do list, once.
    pub(super) fn todo(&mut self, scene: &Scene<'w>) {
        if self.effects.iter().any(|effect| matches!(effect, Effect::TodoOpened { .. })) {
            return;
        }
        self.effects.push(Effect::TodoOpened {
            todo: Todo {
                kind: TodoKind::Text,
                tenant: scene.tenant.id.clone(),
                location: self.finding.location.clone(),
                channel: Channel::Sms,
                phone: self.text.from.phone(),
                number: scene.number.e164,
                customer: self.customer.clone(),
                session: self.finding.session.clone(),
            },
        });
    }

    /// The contact that this text makes, towards the other side's phone.
    pub(super) fn contact_to(&self, to: E164, by: ContactBy) -> Option<Contact> {
        let number = self.stage.world.number(self.text.to)?.e164;
        let from = self.text.from.phone()?;
        Some(Contact { number, from, to, at: self.stage.now, channel: Channel::Sms, by })
    }

    fn settle(self, scene: Scene<'w>) -> Decision {
        let mut effects = vec![Effect::Routed { contact: self.contact }];
        effects.extend(self.effects);
        Decision {
            finding: Some(Box::new(self.finding)),
            answer: Answer::Text(self.outgoing),
            call: None,
            effects,
            why: scene.why,
        }
    }
}
