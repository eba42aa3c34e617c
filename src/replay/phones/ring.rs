//! Phones that are dialled: they ring, or not, and somebody answers, or not.
//!
//! Deliberately not here: what the answer means for the others (`super::dial`).

use std::time::Duration;

use super::address::resolve;
use super::agenda::Step;
use super::attributes::Complaint;
use super::calls::Begun;
use super::leg::{Doing, Leg, LegId, Line, Program, Status};
use super::log::What;
use super::network::Network;
use super::script::{HangUp, Manner, Pickup, Speaks, Stage};
use super::verbs::{Callback, Link, Noun};

/// From dialling to the first ring.
pub(super) const SETUP: Duration = Duration::from_secs(1);

/// How much longer than told Twilio lets a phone ring (wire.md B, Dial timeout).
const BUFFER: u64 = 5;

/// How long a carrier's voicemail beeps, and how long it records.
const BEEP: Duration = Duration::from_secs(1);
const MACHINE_RECORDS: Duration = Duration::from_secs(30);

/// Through how many of our own numbers a call may go before the carriers give up on it.
const MOST_HOPS: u32 = 5;

/// The most calls of one network from one of our numbers to another: each may begin several more.
const MOST_LOOPS: usize = 50;

impl Network {
    /// Dials a phone; whether there is such a number.
    pub(super) fn place(&mut self, parent: LegId, noun: &Noun) -> bool {
        let Some(to) = e164(&noun.value) else {
            let why = "a <Number> that is no phone number";
            self.complain(self.legs[parent].thread, Complaint::warning(13223, why));
            return false;
        };
        let Doing::Dialing(dialing) = &self.legs[parent].doing else { return false };
        let from = dialing.shown.clone();
        let (who, pickup) = self.rung(&to);
        let speaks = self.speaks(parent);
        let caller = &self.legs[parent];
        let Program { base, method, .. } = caller.program.clone();
        let at = |link: &Link| Some(Link { url: resolve(&base, &link.url)?, method: link.method });
        let status_to = noun
            .status
            .as_ref()
            .and_then(|Callback { link, events }| Some(Callback { link: at(link)?, events: events.clone() }));
        let leg = self.legs.len();
        let sid = self.random.sid(speaks, "CA");
        let caller = &self.legs[parent];
        let line = Line { thread: caller.thread, sid, who, number: caller.number, from, to };
        let child = Leg {
            parent: Some(parent),
            pickup,
            status_to,
            whisper: noun.whisper.clone().filter(|link| !link.url.is_empty()),
            hops: caller.hops,
            geography: caller.geography,
            program: Program::new(Vec::new(), &base, method, self.now),
            ..Leg::new(line, &base, self.now)
        };
        self.legs.push(child);
        if let Doing::Dialing(dialing) = &mut self.legs[parent].doing {
            dialing.legs.push(leg);
        }
        // A phone that there is no way to has no progress (wire.md C.2: only `failed`).
        if self.legs[leg].pickup != Pickup::Unreachable {
            self.report_leg(leg, "initiated");
        }
        self.plan(leg, SETUP, Step::Rings);
        true
    }

    /// Whose phone this is, and what happens when it rings this time.
    pub(super) fn rung(&mut self, phone: &str) -> (String, Pickup) {
        let Some(owner) = self.owner(phone) else { return (phone.to_owned(), Pickup::NoAnswer) };
        let person = &mut self.people[owner];
        person.rung += 1;
        let last = person.party.rung.len().saturating_sub(1);
        let pickup = person.party.rung.get(last.min(person.rung - 1)).cloned().unwrap_or(Pickup::NoAnswer);
        (person.party.name.clone(), pickup)
    }

    /// How many seconds a leg rings, where anybody said so.
    fn patience(&self, leg: LegId) -> Option<u64> {
        let there = &self.legs[leg];
        match there.parent {
            Some(parent) => match &self.legs[parent].doing {
                Doing::Dialing(dialing) => Some(dialing.dial.timeout),
                Doing::Waiting | Doing::Gathering(_) | Doing::Recording(_) | Doing::Bridged => None,
            },
            None => there.ordered.as_ref().map(|ordered| ordered.timeout),
        }
    }

    /// A phone begins to ring, or turns out not to.
    pub(super) fn rings(&mut self, leg: LegId) {
        let pickup = self.legs[leg].pickup.clone();
        let number = self.rented(&self.legs[leg].to).filter(|_| self.owner(&self.legs[leg].to).is_none());
        let next = match pickup {
            Pickup::Busy => return self.over(leg, Status::Busy, true),
            Pickup::Unreachable => return self.over(leg, Status::Failed, true),
            Pickup::NoAnswer => None,
            Pickup::Rejects { after } => Some((after, Step::Declines)),
            Pickup::Answers { after, .. } | Pickup::CarrierVoicemail { after, .. } => Some((after, Step::PicksUp)),
        };
        let there = &mut self.legs[leg];
        there.status = Status::Ringing;
        let (thread, parent) = (there.thread, there.parent);
        let rings = What::Rings { who: there.who.clone(), shows: there.from.clone() };
        self.tell(thread, rings);
        self.report_leg(leg, "ringing");
        if let Some((after, step)) = next {
            self.plan(leg, after, step);
        }
        if let Some(patience) = self.patience(leg) {
            let buffer = if self.speaks(leg) == Speaks::Twilio { BUFFER } else { 0 };
            self.plan(leg, Duration::from_secs(patience + buffer), Step::RungOut);
        }
        if let Some(parent) = parent {
            self.stage(parent, Stage::Ringing);
        }
        if let Some(number) = number {
            self.comes_round(leg, number);
        }
    }

    /// One of our own numbers was dialled: a call comes in on it.
    fn comes_round(&mut self, leg: LegId, number: usize) {
        let (from, hops) = (self.legs[leg].from.clone(), self.legs[leg].hops + 1);
        let loops = self.legs.iter().filter(|leg| leg.twin.is_some() && !leg.is_callee()).count();
        if hops > MOST_HOPS || loops >= MOST_LOOPS {
            let why = "a call goes round through our own numbers";
            self.complain(self.legs[leg].thread, Complaint::error(13224, why));
            return self.over(leg, Status::Failed, true);
        }
        let who = self.owner(&from).map_or_else(|| from.clone(), |person| self.people[person].party.name.clone());
        let twin = self.call(Begun { who, from, number, manner: Manner::default(), twin: Some(leg), hops });
        self.legs[leg].twin = Some(twin);
    }

    /// A phone is answered.
    pub(super) fn picked_up(&mut self, leg: LegId) {
        let manner = match self.legs[leg].pickup.clone() {
            Pickup::Answers { manner, .. } => manner,
            Pickup::CarrierVoicemail { greeting, beep, .. } => {
                let talks = greeting + if beep { BEEP } else { Duration::ZERO };
                Manner { hangs_up: Some(HangUp::At(talks + MACHINE_RECORDS)), ..Manner::default() }
            }
            Pickup::Busy | Pickup::NoAnswer | Pickup::Rejects { .. } | Pickup::Unreachable => Manner::default(),
        };
        let machine = matches!(self.legs[leg].pickup, Pickup::CarrierVoicemail { .. });
        let now = self.now;
        let there = &mut self.legs[leg];
        there.turn(Doing::Waiting);
        there.status = Status::InProgress;
        there.answered = Some(now);
        let (thread, parent, whisper) = (there.thread, there.parent, there.whisper.take());
        let hangs_up = manner.hangs_up;
        there.manner = manner;
        let who = there.who.clone();
        self.tell(thread, What::Answered { who, machine });
        self.report_leg(leg, "answered");
        if let Some(HangUp::At(after)) = hangs_up {
            self.leaves_in(leg, after);
        }
        if let Some(parent) = parent {
            self.first_to_answer(parent, leg);
            match whisper {
                Some(link) => {
                    self.stage(parent, Stage::Whisper);
                    self.stage(leg, Stage::Whisper);
                    self.fetch(leg, &link, Vec::new());
                }
                None => self.bridge(leg),
            }
        } else if let Some(page) = self.legs[leg].ordered.as_ref().map(|ordered| ordered.page.clone()) {
            self.fetch(leg, &page, Vec::new());
        }
    }
}

/// A number as it is dialled: E.164, or what an American would write for it.
pub(super) fn e164(value: &str) -> Option<String> {
    let plain: String = value.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.')).collect();
    let digits = plain.strip_prefix('+').unwrap_or(&plain);
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    match (plain.starts_with('+'), digits.len()) {
        (true, 7..=15) if !digits.starts_with('0') => Some(plain),
        (false, 10) => Some(format!("+1{digits}")),
        (false, 11) if digits.starts_with('1') => Some(format!("+{digits}")),
        _ => None,
    }
}
