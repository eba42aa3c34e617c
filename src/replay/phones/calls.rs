//! Calls begin, and legs end: who hangs up, who is hung up on, and what the provider tells us of it.
//!
//! Deliberately not here: what happens in between (`super::run`).

use std::time::Duration;

use super::address::resolve;
use super::agenda::Due;
use super::leg::{Doing, Leg, LegId, Line, Status};
use super::log::What;
use super::network::Network;
use super::params::{param, rfc_2822};
use super::request::Wants;
use super::script::{Begins, HangUp, Manner, Speaks, Stage};

/// The longest that a line is open: providers cut calls after a day at the latest (wire.md B, timeLimit).
pub(super) const LONGEST: Duration = Duration::from_secs(86_400);

/// A call as it begins: who calls which of our numbers, and from where.
pub(super) struct Begun {
    pub(super) who: String,
    pub(super) from: String,
    pub(super) number: usize,
    pub(super) manner: Manner,
    pub(super) twin: Option<LegId>,
    pub(super) hops: u32,
}

impl Network {
    /// Somebody begins what they set out to.
    pub(super) fn begin(&mut self, person: usize, act: usize) {
        let party = &self.people[person].party;
        let (who, from) = (party.name.clone(), party.phone.clone());
        match party.acts[act].what.clone() {
            Begins::Texts { number, words, media } => self.texts(who, from, number, words, media),
            Begins::Dials { number, manner } => match self.rented(&number) {
                Some(number) => {
                    self.call(Begun { who, from, number, manner, twin: None, hops: 0 });
                }
                None => {
                    let thread = self.thread();
                    self.tell(thread, What::Dialled { who: who.clone(), number: number.clone() });
                    self.tell(thread, What::Unanswered { who: number, how: "failed" });
                    self.tell(thread, What::Ended { who, status: "failed" });
                }
            },
        }
    }

    /// A new thread.
    pub(super) fn thread(&mut self) -> usize {
        self.threads += 1;
        self.threads - 1
    }

    /// A call comes in on a number of ours.
    pub(super) fn call(&mut self, begun: Begun) -> LegId {
        let Begun { who, from, number, manner, twin, hops } = begun;
        let thread = self.thread();
        let rented = self.numbers[number].clone();
        self.tell(thread, What::Dialled { who: who.clone(), number: rented.number.clone() });
        let token = self.random.draw();
        let token = (rented.speaks == Speaks::Twilio).then(|| format!("{{\"parentCallInfoToken\":\"{token:016x}\"}}"));
        let url = format!("{}/voice", rented.webhooks);
        let leg = self.legs.len();
        let hangs_up = manner.hangs_up;
        let sid = self.random.sid(rented.speaks, "CA");
        let geography = self.random.coin();
        let line = Line { thread, sid, who, number, from, to: rented.number };
        self.legs.push(Leg {
            status: Status::Ringing,
            manner,
            documents: 1,
            twin,
            hops,
            geography,
            token,
            ..Leg::new(line, &url, self.now)
        });
        self.agenda.add(self.now.plus(LONGEST), Due::TooLong { leg });
        if let Some(HangUp::At(after)) = hangs_up {
            self.leaves_in(leg, after);
        }
        let request = self.about(leg, url, "POST", Wants::Call { leg, epoch: 0, fallback: false });
        self.ask(request, Duration::ZERO);
        leg
    }

    /// Settles when somebody hangs up.
    pub(super) fn leaves_in(&mut self, leg: LegId, after: Duration) {
        self.legs[leg].leaves = true;
        self.agenda.add(self.now.plus(after), Due::HangsUp { leg });
    }

    /// A part of a call begins for somebody, during which they may hang up.
    pub(super) fn stage(&mut self, leg: LegId, begins: Stage) {
        let there = &self.legs[leg];
        if let Some(HangUp::During(stage, after)) = there.manner.hangs_up
            && stage == begins
            && !there.leaves
        {
            self.leaves_in(leg, after);
        }
    }

    /// The provider answers a caller, who pays from now on.
    pub(super) fn answer_caller(&mut self, leg: LegId) {
        if self.legs[leg].is_callee() || self.legs[leg].status != Status::Ringing {
            return;
        }
        self.legs[leg].status = Status::InProgress;
        self.legs[leg].answered = Some(self.now);
        let Leg { thread, twin, .. } = self.legs[leg];
        self.tell(thread, What::PickedUp { who: self.legs[leg].who.clone() });
        if let Some(twin) = twin.filter(|twin| !self.legs[*twin].is_over()) {
            self.picked_up(twin);
        }
    }

    /// Somebody hangs up by themselves.
    pub(super) fn hangs_up(&mut self, leg: LegId) {
        if !self.legs[leg].is_over() {
            self.tell(self.legs[leg].thread, What::HangsUp { who: self.legs[leg].who.clone() });
            self.over(leg, Status::Completed, true);
        }
    }

    /// Somebody's line is ended for them.
    pub(super) fn hung_up(&mut self, leg: LegId) {
        if self.legs[leg].is_over() {
            return;
        }
        if self.legs[leg].answered.is_some() || !self.legs[leg].is_callee() {
            self.tell(self.legs[leg].thread, What::HungUp { who: self.legs[leg].who.clone() });
        }
        self.over(leg, Status::Completed, false);
    }

    /// A leg ends. One that was never answered has not been completed: a caller's is `no-answer` (wire.md A.2), a
    /// callee's was given up.
    pub(super) fn over(&mut self, leg: LegId, status: Status, by_themselves: bool) {
        let there = &self.legs[leg];
        let done = status == Status::Completed && there.answered.is_none();
        let status = match (done, there.is_callee()) {
            (true, true) => Status::Canceled,
            (true, false) => Status::NoAnswer,
            (false, _) => status,
        };
        if there.is_callee() { self.callee_over(leg, status) } else { self.caller_over(leg, status, by_themselves) }
    }

    fn callee_over(&mut self, leg: LegId, status: Status) {
        self.legs[leg].status = status;
        self.legs[leg].turn(Doing::Waiting);
        let Leg { thread, twin, parent, answered, .. } = self.legs[leg];
        if answered.is_none() {
            self.tell(thread, What::Unanswered { who: self.legs[leg].who.clone(), how: status.word() });
        }
        self.report_leg(leg, "completed");
        if let Some(twin) = twin {
            self.hung_up(twin);
        }
        if let Some(parent) = parent {
            self.other_side_gone(parent, leg);
        }
    }

    fn caller_over(&mut self, leg: LegId, status: Status, by_themselves: bool) {
        self.legs[leg].status = status;
        match self.legs[leg].turn(Doing::Waiting) {
            Doing::Waiting | Doing::Gathering(_) | Doing::Bridged => {}
            Doing::Recording(taped) => self.recording_cut(leg, &taped, by_themselves),
            Doing::Dialing(dialing) => self.caller_gone(leg, *dialing),
        }
        if let Some(stay) = self.legs[leg].stay.take() {
            self.stay_cut(leg, &stay);
        }
        let Leg { thread, number, twin, began, answered, .. } = self.legs[leg];
        let who = self.legs[leg].who.clone();
        if self.legs[leg].ordered.is_some() && answered.is_none() {
            self.tell(thread, What::Unanswered { who: who.clone(), how: status.word() });
        }
        self.tell(thread, What::Ended { who, status: status.word() });
        if self.legs[leg].ordered.is_some() {
            self.report_leg(leg, "completed");
        } else {
            let url = format!("{}/voice/status", self.numbers[number].webhooks);
            let mut request = self.about(leg, url, "POST", Wants::Nothing);
            let seconds = seconds_up(self.now.since(answered.unwrap_or(began)));
            let lasted = if answered.is_some() { seconds } else { 0 };
            request.params.push(param("CallDuration", lasted.to_string()));
            request.params.push(param("Duration", lasted.div_ceil(60).to_string()));
            self.progress(&mut request.params, 0);
            self.report(request, Duration::ZERO);
        }
        if let Some(twin) = twin {
            match self.legs[twin].answered {
                Some(_) => self.hangs_up(twin),
                None if !self.legs[twin].is_over() => self.over(twin, status, true),
                None => {}
            }
        }
    }

    /// Reports how far a leg is that we had called, where that is wanted.
    pub(super) fn report_leg(&mut self, leg: LegId, event: &'static str) {
        let there = &self.legs[leg];
        let Some(callback) = &there.status_to else { return };
        if !callback.events.iter().any(|wanted| wanted == event) {
            return;
        }
        let (url, method) = (callback.link.url.clone(), callback.link.method);
        let (sequence, completed) = (there.sequence, there.status == Status::Completed);
        let seconds = seconds_up(self.now.since(there.answered.unwrap_or(self.now)));
        self.legs[leg].sequence += 1;
        let mut request = self.about(leg, url, method, Wants::Nothing);
        if completed {
            request.params.push(param("CallDuration", seconds.to_string()));
        }
        self.progress(&mut request.params, sequence);
        self.report(request, Duration::ZERO);
    }

    fn progress(&self, params: &mut Vec<(String, String)>, sequence: u32) {
        params.push(param("Timestamp", rfc_2822(self.now)));
        params.push(param("CallbackSource", "call-progress-events"));
        params.push(param("SequenceNumber", sequence.to_string()));
    }

    /// Asks what to do with a leg that is gone: the provider does, and hears nothing of the answer.
    pub(super) fn farewell(&mut self, leg: LegId, link: &super::verbs::Link, extra: Vec<(String, String)>) {
        let Some(url) = resolve(&self.legs[leg].program.base, &link.url) else { return };
        let mut request = self.about(leg, url, link.method, Wants::Farewell);
        request.params.extend(extra);
        self.ask(request, Duration::ZERO);
    }
}

/// Whole seconds, begun ones counted: as providers bill.
pub(super) fn seconds_up(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}
