//! `<Dial>`: whom it reaches, who is bridged, and how it ends (wire.md B, C.1–C.3).
//!
//! Deliberately not here: how a phone rings (`super::ring`), and queues that are dialled (`super::queue`).

use std::time::Duration;

use crate::domain::Moment;

use super::agenda::Step;
use super::attributes::Complaint;
use super::calls::seconds_up;
use super::leg::{Doing, LegId, Status};
use super::log::What;
use super::network::Network;
use super::params::param;
use super::script::{HangUp, Speaks};
use super::verbs::{Dial, NounKind, Taping};

/// How long a caller talks who does not say when they hang up.
const TALK: Duration = Duration::from_secs(30);

/// A `<Dial>` that is being run.
#[derive(Debug)]
pub(super) struct Dialing {
    pub(super) dial: Dial,
    /// What the phones show.
    pub(super) shown: String,
    /// How many of those it names have been tried.
    next: usize,
    pub(super) legs: Vec<LegId>,
    /// The first to answer.
    pub(super) winner: Option<LegId>,
    pub(super) bridged: Option<Moment>,
    /// Who was taken out of a queue.
    pub(super) taken: Option<LegId>,
    /// Whether it waits for somebody to enter a queue.
    pub(super) waits: bool,
}

impl Network {
    /// Begins to dial; whether the next verb follows at once, because nobody can be reached and nothing is asked.
    pub(super) fn dial(&mut self, leg: LegId, dial: &Dial) -> bool {
        if !dial.on_bridge {
            self.answer_caller(leg);
            if self.legs[leg].is_over() {
                return false;
            }
        }
        let shown = self.shown(leg, dial);
        let dialing = Dialing {
            dial: dial.clone(),
            shown,
            next: 0,
            legs: Vec::new(),
            winner: None,
            bridged: None,
            taken: None,
            waits: false,
        };
        self.legs[leg].turn(Doing::Dialing(Box::new(dialing)));
        if self.reach(leg) { false } else { self.dialed(leg) }
    }

    /// What the callee's display shows (wire.md B, callerId).
    fn shown(&mut self, leg: LegId, dial: &Dial) -> String {
        let there = &self.legs[leg];
        let Some(id) = &dial.caller_id else { return there.from.clone() };
        let account = &self.numbers[there.number].account;
        let ours = self.numbers.iter().any(|rented| rented.number == *id && rented.account == *account);
        if ours || *id == there.from || *id == there.to {
            return id.clone();
        }
        let (thread, from) = (there.thread, there.from.clone());
        let why = "the callerId is no number of this account and neither end of this call: the caller's own is shown";
        self.complain(thread, Complaint::warning(13214, why));
        from
    }

    /// Dials the next ones; whether anybody is being reached.
    fn reach(&mut self, leg: LegId) -> bool {
        let mut reached = false;
        loop {
            let Doing::Dialing(dialing) = &mut self.legs[leg].doing else { return false };
            if reached && dialing.dial.sequential {
                return true;
            }
            let Some(noun) = dialing.dial.nouns.get(dialing.next).cloned() else { return reached };
            dialing.next += 1;
            reached |= match noun.kind {
                NounKind::Number => self.place(leg, &noun),
                NounKind::Queue => self.dial_queue(leg, &noun),
                NounKind::Elsewhere => {
                    let why = "nobody is at a SIP address, app or conference";
                    self.complain(self.legs[leg].thread, Complaint::warning(13224, why));
                    false
                }
            };
        }
    }

    /// Whoever answered first silences the rest, at once (wire.md C.3).
    pub(super) fn first_to_answer(&mut self, parent: LegId, leg: LegId) {
        let Doing::Dialing(dialing) = &mut self.legs[parent].doing else { return };
        dialing.winner = Some(leg);
        let others: Vec<LegId> = dialing.legs.iter().copied().filter(|other| *other != leg).collect();
        for other in others {
            if !self.legs[other].is_over() {
                self.over(other, Status::Canceled, false);
            }
        }
    }

    /// Caller and callee talk.
    pub(super) fn bridge(&mut self, leg: LegId) {
        let Some(parent) = self.legs[leg].parent else { return };
        self.answer_caller(parent);
        if self.legs[leg].is_over() {
            return;
        }
        let now = self.now;
        let Doing::Dialing(dialing) = &mut self.legs[parent].doing else { return };
        dialing.bridged = Some(now);
        self.legs[leg].turn(Doing::Bridged);
        self.talk(parent, leg);
    }

    /// Two people talk, until one of them has nothing more to say.
    pub(super) fn talk(&mut self, caller: LegId, callee: LegId) {
        let names = (self.legs[caller].who.clone(), self.legs[callee].who.clone());
        self.tell(self.legs[caller].thread, What::Bridged { caller: names.0, callee: names.1 });
        for leg in [caller, callee] {
            match self.legs[leg].manner.hangs_up {
                Some(HangUp::AfterBridge(after)) if !self.legs[leg].leaves => self.leaves_in(leg, after),
                None if leg == caller => self.plan(caller, TALK, Step::Leaves),
                Some(_) | None => {}
            }
        }
        let Doing::Dialing(dialing) = &self.legs[caller].doing else { return };
        let (limit, on_star) = (Duration::from_secs(dialing.dial.limit), dialing.dial.on_star);
        self.plan(caller, limit, Step::TalkedEnough);
        if on_star
            && let Some(press) = self.legs[caller].take_press()
            && press.keys.contains('*')
        {
            self.plan(caller, press.after, Step::Star);
        }
    }

    /// The call has lasted long enough, or the caller pressed the star: the other side goes, the caller goes on.
    pub(super) fn cut_other_side(&mut self, leg: LegId) {
        let Doing::Dialing(dialing) = &self.legs[leg].doing else { return };
        match (dialing.winner, dialing.taken) {
            (Some(callee), _) => self.hung_up(callee),
            (None, Some(_)) => {
                if self.dialed(leg) {
                    self.run(leg);
                }
            }
            (None, None) => {}
        }
    }

    /// A callee's leg is over; the `<Dial>` with it, unless others still ring.
    pub(super) fn other_side_gone(&mut self, parent: LegId, leg: LegId) {
        if self.legs[parent].is_over() {
            return;
        }
        let Doing::Dialing(dialing) = &self.legs[parent].doing else { return };
        let all_over = dialing.legs.iter().all(|leg| self.legs[*leg].is_over()) && !dialing.waits;
        let done = match dialing.winner {
            Some(winner) => winner == leg,
            None => all_over && !self.reach(parent),
        };
        if done && self.dialed(parent) {
            self.run(parent);
        }
    }

    /// A `<Dial>` is over; whether the next verb follows because nothing is asked.
    pub(super) fn dialed(&mut self, leg: LegId) -> bool {
        let Doing::Dialing(dialing) = self.legs[leg].turn(Doing::Waiting) else { return false };
        let params = self.result(leg, &dialing);
        self.let_go(leg, &dialing);
        match &dialing.dial.action {
            Some(action) => {
                self.fetch(leg, action, params);
                false
            }
            None => true,
        }
    }

    /// The caller is gone while dialling: everybody else goes, and the action may still be asked for (wire.md C.2).
    pub(super) fn caller_gone(&mut self, leg: LegId, dialing: Dialing) {
        for other in &dialing.legs {
            if !self.legs[*other].is_over() {
                self.hung_up(*other);
            }
        }
        let params = self.result(leg, &dialing);
        self.let_go(leg, &dialing);
        if let Some(action) = &dialing.dial.action
            && (dialing.bridged.is_some() || self.random.coin())
        {
            self.farewell(leg, action, params);
        }
    }

    /// What the action is told (wire.md C.2's matrix).
    fn result(&mut self, leg: LegId, dialing: &Dialing) -> Vec<(String, String)> {
        const WORST_LAST: [Status; 4] = [Status::NoAnswer, Status::Busy, Status::Failed, Status::Canceled];
        let told = dialing.winner.or_else(|| {
            let with = |status: &Status| dialing.legs.iter().find(|leg| self.legs[**leg].status == *status).copied();
            WORST_LAST.iter().find_map(with)
        });
        let answered = dialing.winner.and_then(|leg| self.legs[leg].answered);
        let status = match (told, dialing.taken, dialing.waits) {
            (_, Some(_), _) => "completed",
            (Some(leg), None, _) => self.legs[leg].status.word(),
            (None, None, true) => "no-answer",
            (None, None, false) => "failed",
        };
        let mut params = vec![param("DialCallStatus", status)];
        if let Some(leg) = told.or(dialing.taken) {
            params.push(param("DialCallSid", &self.legs[leg].sid));
        }
        if self.speaks(leg) == Speaks::Twilio {
            params.push(param("DialBridged", if dialing.bridged.is_some() { "true" } else { "false" }));
        }
        let since = answered.or(dialing.bridged.filter(|_| dialing.taken.is_some()));
        if let Some(since) = since
            && (dialing.bridged.is_some() || self.random.coin())
        {
            params.push(param("DialCallDuration", seconds_up(self.now.since(since)).to_string()));
        }
        if let Some(since) = since
            && dialing.dial.record != Taping::Off
        {
            params.extend(self.dial_recorded(leg, dialing, since));
        }
        params
    }
}
