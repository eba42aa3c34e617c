//! `<Enqueue>`, `<Leave>` and a `<Queue>` that is dialled (wire.md A.2, B).
//!
//! Deliberately not here: what is heard while waiting; that is a document like any other.

use std::time::Duration;

use crate::domain::Moment;

use super::address::resolve;
use super::agenda::Step;
use super::attributes::Complaint;
use super::dial::Dialing;
use super::leg::{Doing, LegId, Program};
use super::log::What;
use super::network::Network;
use super::params::param;
use super::script::Stage;
use super::verbs::{Enqueue, Link, Noun};

/// A queue: who waits in it, and who waits for somebody to come.
#[derive(Debug)]
pub(super) struct Line {
    sid: String,
    waiting: Vec<LegId>,
    dialers: Vec<(LegId, Option<Link>)>,
}

/// Somebody's time in a queue.
#[derive(Clone, Debug)]
pub(super) struct Stay {
    queue: (String, String),
    sid: String,
    since: Moment,
    most: u64,
    action: Option<Link>,
    wait: Option<Link>,
    /// The document that put them there.
    program: Program,
    /// Who took them out.
    by: Option<LegId>,
}

impl Network {
    /// Puts a caller in a queue; whether the next verb follows at once, because it is full and nothing is asked.
    pub(super) fn enqueue(&mut self, leg: LegId, enqueue: &Enqueue) -> bool {
        let account = self.numbers[self.legs[leg].number].account.clone();
        let queue = (account, enqueue.name.clone());
        let sid = self.line(leg, &queue).sid.clone();
        let there = &self.legs[leg];
        let (thread, who, program) = (there.thread, there.who.clone(), there.program.clone());
        let wait = enqueue
            .wait
            .as_ref()
            .and_then(|link| Some(Link { url: resolve(&program.base, &link.url)?, method: link.method }));
        let (action, most, since) = (enqueue.action.clone(), enqueue.most, self.now);
        let stay = Stay { queue, sid, since, most, action, wait, program, by: None };
        let line = self.line(leg, &stay.queue);
        if u64::try_from(line.waiting.len()).unwrap_or(u64::MAX) >= enqueue.most {
            self.complain(thread, Complaint::warning(14207, "the queue is full"));
            return self.left(leg, stay, "queue-full");
        }
        line.waiting.push(leg);
        let next = (!line.dialers.is_empty()).then(|| line.dialers.remove(0));
        self.tell(thread, What::Queued { who, queue: enqueue.name.clone() });
        let wait = stay.wait.clone();
        self.legs[leg].stay = Some(Box::new(stay));
        self.stage(leg, Stage::Queue);
        match (next, wait) {
            (Some((dialer, whisper)), _) => self.take_out(dialer, leg, whisper.as_ref()),
            (None, Some(link)) => self.fetch(leg, &link, Vec::new()),
            // Music.
            (None, None) => self.answer_caller(leg),
        }
        false
    }

    fn line(&mut self, leg: LegId, queue: &(String, String)) -> &mut Line {
        if !self.queues.contains_key(queue) {
            let sid = self.random.sid(self.speaks(leg), "QU");
            self.queues.insert(queue.clone(), Line { sid, waiting: Vec::new(), dialers: Vec::new() });
        }
        self.queues.entry(queue.clone()).or_insert_with(|| Line {
            sid: String::new(),
            waiting: Vec::new(),
            dialers: Vec::new(),
        })
    }

    /// What the requests of somebody who waits tell besides.
    pub(super) fn waiting(&self, stay: &Stay) -> Vec<(String, String)> {
        let waiting = self.queues.get(&stay.queue).map_or(&[][..], |line| &line.waiting[..]);
        let is_they = |leg: &LegId| self.legs[*leg].stay.as_ref().is_some_and(|other| other.since <= stay.since);
        let position = waiting.iter().filter(|leg| is_they(leg)).count().max(1);
        let seconds = self.now.since(stay.since).as_secs();
        vec![
            param("QueuePosition", position.to_string()),
            param("QueueSid", &stay.sid),
            param("QueueTime", seconds.to_string()),
            param("AvgQueueTime", seconds.to_string()),
            param("CurrentQueueSize", waiting.len().to_string()),
            param("MaxQueueSize", stay.most.to_string()),
        ]
    }

    /// The wait document is over, and begins again; for somebody who is taken out, they are connected.
    pub(super) fn waits_on(&mut self, leg: LegId) {
        let Some(stay) = &self.legs[leg].stay else { return };
        match (stay.by, stay.wait.clone()) {
            (Some(dialer), _) => self.connect(dialer, leg),
            (None, Some(link)) => self.fetch(leg, &link, Vec::new()),
            (None, None) => {}
        }
    }

    /// `<Leave>`: whether the verbs after `<Enqueue>` follow at once.
    pub(super) fn leave(&mut self, leg: LegId) -> bool {
        let Some(stay) = self.legs[leg].stay.take() else { return true };
        self.leave_line(leg, &stay, "leave");
        self.left(leg, *stay, "leave")
    }

    /// Takes somebody off a queue's list.
    pub(super) fn leave_line(&mut self, leg: LegId, stay: &Stay, how: &'static str) {
        if stay.by.is_some() {
            return;
        }
        if let Some(line) = self.queues.get_mut(&stay.queue) {
            line.waiting.retain(|other| *other != leg);
        }
        let (thread, who) = (self.legs[leg].thread, self.legs[leg].who.clone());
        self.tell(thread, What::LeftQueue { who, how });
    }

    /// After the queue: the action, or the verbs after `<Enqueue>`.
    fn left(&mut self, leg: LegId, stay: Stay, result: &str) -> bool {
        let params = self.stayed(&stay, result);
        self.legs[leg].program = stay.program;
        match &stay.action {
            Some(action) => {
                self.fetch(leg, action, params);
                false
            }
            None => true,
        }
    }

    fn stayed(&self, stay: &Stay, result: &str) -> Vec<(String, String)> {
        vec![
            param("QueueResult", result),
            param("QueueSid", &stay.sid),
            param("QueueTime", self.now.since(stay.since).as_secs().to_string()),
        ]
    }

    /// Somebody's line is dead while they wait, or while they talk to who took them out.
    pub(super) fn stay_cut(&mut self, leg: LegId, stay: &Stay) {
        self.leave_line(leg, stay, "hangup");
        self.legs[leg].program = stay.program.clone();
        if let Some(action) = &stay.action {
            let params = self.stayed(stay, if stay.by.is_some() { "bridged" } else { "hangup" });
            self.farewell(leg, action, params);
        }
        if let Some(dialer) = stay.by.filter(|dialer| !self.legs[*dialer].is_over())
            && self.dialed(dialer)
        {
            self.run(dialer);
        }
    }

    /// Dials a queue: its head, or whoever comes first while it is empty.
    pub(super) fn dial_queue(&mut self, leg: LegId, noun: &Noun) -> bool {
        let account = self.numbers[self.legs[leg].number].account.clone();
        let line = self.line(leg, &(account, noun.value.clone()));
        let head = line.waiting.first().copied();
        if let Some(head) = head {
            self.take_out(leg, head, noun.whisper.as_ref());
            return true;
        }
        line.dialers.push((leg, noun.whisper.clone()));
        let Doing::Dialing(dialing) = &mut self.legs[leg].doing else { return false };
        dialing.waits = true;
        let timeout = Duration::from_secs(dialing.dial.timeout);
        self.plan(leg, timeout, Step::QueueEmpty);
        true
    }

    /// Nobody came.
    pub(super) fn queue_empty(&mut self, leg: LegId) {
        let Doing::Dialing(dialing) = &self.legs[leg].doing else { return };
        if dialing.taken.is_none() && dialing.winner.is_none() && self.dialed(leg) {
            self.run(leg);
        }
    }

    /// Takes somebody out of a queue; they may be told something first.
    fn take_out(&mut self, dialer: LegId, leg: LegId, whisper: Option<&Link>) {
        let Some(mut stay) = self.legs[leg].stay.take() else { return };
        self.leave_line(leg, &stay, "bridged");
        stay.by = Some(dialer);
        let told = vec![
            param("QueueSid", &stay.sid),
            param("QueueTime", self.now.since(stay.since).as_secs().to_string()),
            param("DequeingCallSid", &self.legs[dialer].sid),
        ];
        if let Doing::Dialing(dialing) = &mut self.legs[dialer].doing {
            dialing.taken = Some(leg);
        }
        let base = self.legs[dialer].program.base.clone();
        let whisper = whisper.and_then(|link| Some(Link { url: resolve(&base, &link.url)?, method: link.method }));
        match whisper {
            Some(link) => {
                self.fetch(leg, &link, told);
                self.legs[leg].stay = Some(stay);
            }
            None => {
                self.legs[leg].stay = Some(stay);
                self.connect(dialer, leg);
            }
        }
    }

    fn connect(&mut self, dialer: LegId, leg: LegId) {
        self.answer_caller(dialer);
        self.answer_caller(leg);
        let now = self.now;
        let Doing::Dialing(dialing) = &mut self.legs[dialer].doing else { return };
        dialing.bridged = Some(now);
        self.legs[leg].turn(Doing::Bridged);
        self.talk(dialer, leg);
    }

    /// A `<Dial>` that is over lets go of whom it took out of a queue, and waits for nobody any more.
    pub(super) fn let_go(&mut self, leg: LegId, dialing: &Dialing) {
        if dialing.waits {
            for line in self.queues.values_mut() {
                line.dialers.retain(|(dialer, _)| *dialer != leg);
            }
        }
        let Some(taken) = dialing.taken.filter(|taken| !self.legs[*taken].is_over()) else { return };
        let Some(stay) = self.legs[taken].stay.take() else { return };
        if self.left(taken, *stay, "bridged") {
            self.run(taken);
        }
    }
}
