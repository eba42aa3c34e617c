//! The network as a machine: what happens next, and what our answers make of it.
//!
//! Deliberately not here: what each verb does (`super::run` and its neighbours).

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::Moment;

use super::agenda::{Agenda, Due, Step};
use super::attributes::Complaint;
use super::leg::{Leg, LegId};
use super::log::{Happening, What};
use super::queue::Line;
use super::random::Random;
use super::request::{Request, Wants};
use super::script::{Party, Rented, Script, Speaks, Weather};
use super::text::Incoming;

/// How long Twilio waits for an answer (wire.md A.4).
const TWILIO_WAITS: Duration = Duration::from_secs(15);

/// How long SignalWire does (wire.md F.1).
const SIGNALWIRE_WAITS: Duration = Duration::from_secs(5);

/// How late a status may come when they are out of order: long enough to be overtaken by a whole voicemail greeting.
const LATEST_STATUS: u64 = 9_000;

/// A request that the provider makes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ask {
    /// Counted from 0.
    pub no: usize,
    /// In which call or text.
    pub thread: usize,
    /// When it reaches us.
    pub at: Moment,
    /// Our id of the account whose secret signs it.
    pub account: String,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The absolute address.
    pub url: String,
    /// Parameters: the form of a POST, appended to the query of a GET.
    pub params: Vec<(String, String)>,
    /// Which earlier request this repeats, byte for byte.
    pub repeats: Option<usize>,
}

/// A reply to a request.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Its content type, where it has one.
    pub content_type: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// A phone network.
#[derive(Debug)]
pub struct Network {
    pub(super) log: Vec<Happening>,
    pub(super) now: Moment,
    pub(super) random: Random,
    pub(super) numbers: Vec<Rented>,
    pub(super) people: Vec<Person>,
    pub(super) agenda: Agenda,
    pub(super) legs: Vec<Leg>,
    pub(super) texts: Vec<Incoming>,
    /// Queues, by account and name.
    pub(super) queues: BTreeMap<(String, String), Line>,
    pub(super) threads: usize,
    /// Texts between two phones, and when: a provider stops them when they are too many.
    pub(super) sent: Vec<(Moment, String, String)>,
    weather: Weather,
    asked: usize,
    originals: u32,
    wanted: u32,
    waiting: Option<Waiting>,
    copy: Option<(Ask, Reply)>,
}

/// A party, and how often their phone has rung.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) party: Party,
    pub(super) rung: usize,
}

/// What waits for a reply.
#[derive(Debug)]
enum Waiting {
    First { request: Box<Request>, ask: Option<Ask>, no: usize },
    Copy { thread: usize, no: usize, reply: Reply },
}

impl Network {
    /// One in which nothing has happened yet.
    pub fn new(script: Script) -> Self {
        let Script { start, seed, numbers, parties, weather } = script;
        let mut network = Self {
            log: Vec::new(),
            now: start,
            random: Random::new(seed),
            numbers,
            people: Vec::new(),
            agenda: Agenda::default(),
            legs: Vec::new(),
            texts: Vec::new(),
            queues: BTreeMap::new(),
            threads: 0,
            sent: Vec::new(),
            weather,
            asked: 0,
            originals: 0,
            wanted: 0,
            waiting: None,
            copy: None,
        };
        for party in parties {
            network.join(party);
        }
        network
    }

    /// Lets time pass to the next request; `None` when nothing more will happen. The reply must be handed to
    /// [`Self::answer`] before the next one is asked for.
    #[expect(clippy::should_implement_trait, reason = "it is no iterator: each request wants its answer first")]
    pub fn next(&mut self) -> Option<Ask> {
        self.next_until(Moment(i64::MAX))
    }

    /// As [`Self::next`], but time passes no further than `until`; `None` when there is no request by then.
    pub fn next_until(&mut self, until: Moment) -> Option<Ask> {
        if let Some(Waiting::First { request, no, .. }) = self.waiting.take() {
            self.lose(&request, no);
        }
        if let Some((mut ask, reply)) = self.copy.take() {
            let no = self.number_of_request();
            ask.repeats = Some(std::mem::replace(&mut ask.no, no));
            self.tell(ask.thread, What::Asked { no });
            self.waiting = Some(Waiting::Copy { thread: ask.thread, no, reply });
            return Some(ask);
        }
        while self.due().is_some_and(|at| at <= until) {
            let (at, due) = self.agenda.take()?;
            self.now = self.now.max(at);
            if let Due::Ask(request) = due {
                let ask = self.send(request);
                return Some(ask);
            }
            self.happen(due);
            self.prune();
        }
        None
    }

    /// When the next thing happens, without letting it happen; `None` when nothing more will.
    pub fn due(&self) -> Option<Moment> {
        if self.copy.is_some() { Some(self.now) } else { self.agenda.first().map(|(at, _)| at) }
    }

    /// The reply to the request that [`Self::next`] gave last.
    pub fn answer(&mut self, reply: &Reply) {
        match self.waiting.take() {
            None => {}
            Some(Waiting::Copy { reply: first, .. }) if first == *reply => {}
            Some(Waiting::Copy { thread, no, .. }) => self.tell(thread, What::Differed { no }),
            Some(Waiting::First { request, ask, no }) => {
                self.copy = ask.map(|ask| (ask, reply.clone()));
                if self.is_lost(&request) { self.lose(&request, no) } else { self.receive(&request, Some(reply)) }
            }
        }
        self.prune();
    }

    /// Adds somebody who begins something while it runs: for a demo without an end. What they do counts from now.
    /// Somebody who is there already begins more, and their phone rings as is said last.
    pub fn join(&mut self, party: Party) {
        let acts: Vec<Duration> = party.acts.iter().map(|act| act.after).collect();
        let known = self.people.iter().position(|person| person.party.name == party.name);
        let (person, first) = match known {
            Some(person) => {
                let there = &mut self.people[person];
                let first = there.party.acts.len();
                let mut all = std::mem::take(&mut there.party.acts);
                all.extend(party.acts);
                *there = Person { party: Party { acts: all, ..party }, rung: 0 };
                (person, first)
            }
            None => {
                self.people.push(Person { party, rung: 0 });
                (self.people.len() - 1, 0)
            }
        };
        for (at, after) in acts.into_iter().enumerate() {
            self.agenda.add(self.now.plus(after), Due::Begins { person, act: first + at });
        }
    }

    /// What happened so far, in order.
    pub fn log(&self) -> &[Happening] {
        &self.log
    }

    fn number_of_request(&mut self) -> usize {
        self.asked += 1;
        self.asked - 1
    }

    fn send(&mut self, request: Box<Request>) -> Ask {
        let no = self.number_of_request();
        self.tell(request.thread, What::Asked { no });
        self.originals += 1;
        let ask = Ask {
            no,
            thread: request.thread,
            at: self.now,
            account: self.numbers[request.number].account.clone(),
            method: request.method,
            url: request.url.clone(),
            params: request.params.clone(),
            repeats: None,
        };
        let twice = is_nth(self.originals, self.weather.duplicate_every);
        self.waiting = Some(Waiting::First { request, ask: twice.then(|| ask.clone()), no });
        ask
    }

    fn is_lost(&mut self, request: &Request) -> bool {
        if !request.wants.document() {
            return false;
        }
        self.wanted += 1;
        let waits = match self.numbers[request.number].speaks {
            Speaks::Twilio => TWILIO_WAITS,
            Speaks::Signalwire => SIGNALWIRE_WAITS,
        };
        is_nth(self.wanted, self.weather.drop_reply_every) || self.weather.delay >= waits
    }

    fn lose(&mut self, request: &Request, no: usize) {
        self.tell(request.thread, What::Lost { no });
        self.receive(request, None);
    }

    /// What a reply, or none, makes of what asked.
    fn receive(&mut self, request: &Request, reply: Option<&Reply>) {
        match request.wants {
            Wants::Nothing => {
                if let Some(reply) = reply.filter(|reply| reply.status >= 400) {
                    let why = format!("a status callback was answered with {}", reply.status);
                    self.complain(request.thread, Complaint::warning(15003, why));
                }
            }
            Wants::Farewell => {
                if let Some(reply) = reply.filter(|reply| reply.status >= 400) {
                    let why = format!("the last request of a leg was answered with {}", reply.status);
                    self.complain(request.thread, Complaint::warning(11200, why));
                }
            }
            Wants::Call { leg, epoch, fallback } => {
                if self.legs[leg].epoch == epoch && !self.legs[leg].is_over() {
                    self.document(leg, request, reply, fallback);
                }
            }
            Wants::Text { text, fallback } => self.text_answered(text, request, reply, fallback),
        }
    }

    /// Something happens.
    fn happen(&mut self, due: Due) {
        match due {
            Due::Begins { person, act } => self.begin(person, act),
            Due::Ask(_) => {}
            Due::Goes { leg, step, .. } => self.step(leg, step),
            Due::HangsUp { leg } => self.hangs_up(leg),
            Due::TooLong { leg } => {
                let thread = self.legs[leg].thread;
                self.complain(thread, Complaint::error(12400, "a line was open for a whole day, and is cut"));
                self.hung_up(leg);
            }
            Due::Delivers(delivery) => self.deliver(*delivery),
        }
    }

    /// Forgets what will not happen any more, so that [`Self::due`] tells the truth.
    fn prune(&mut self) {
        while let Some((_, due)) = self.agenda.first() {
            let dead = match due {
                Due::Begins { .. } | Due::Ask(_) | Due::Delivers(_) => false,
                Due::Goes { leg, epoch, .. } => self.legs[*leg].epoch != *epoch || self.legs[*leg].is_over(),
                Due::HangsUp { leg } | Due::TooLong { leg } => self.legs[*leg].is_over(),
            };
            if !dead {
                return;
            }
            self.agenda.take();
        }
    }

    pub(super) fn tell(&mut self, thread: usize, what: What) {
        self.log.push(Happening { at: self.now, thread, what });
    }

    pub(super) fn complain(&mut self, thread: usize, complaint: Complaint) {
        let Complaint { code, why, warning } = complaint;
        self.tell(thread, What::Trouble { code, why, warning });
    }

    /// Sends a request, so long from now.
    pub(super) fn ask(&mut self, request: Request, after: Duration) {
        self.agenda.add(self.now.plus(after).plus(self.weather.delay), Due::Ask(Box::new(request)));
    }

    /// Sends news, late where the weather is bad.
    pub(super) fn report(&mut self, request: Request, after: Duration) {
        let late = if self.weather.reorder_statuses { self.random.below(LATEST_STATUS) } else { 0 };
        self.ask(request, after + Duration::from_millis(late));
    }

    /// Plans how a leg goes on, unless it turns to something else.
    pub(super) fn plan(&mut self, leg: LegId, after: Duration, step: Step) {
        let epoch = self.legs[leg].epoch;
        self.agenda.add(self.now.plus(after), Due::Goes { leg, epoch, step });
    }

    /// What a phone is called: its owner's name, or its own number.
    pub(super) fn owner(&self, phone: &str) -> Option<usize> {
        self.people.iter().position(|person| person.party.phone == phone)
    }

    /// Which of our numbers this is.
    pub(super) fn rented(&self, number: &str) -> Option<usize> {
        self.numbers.iter().position(|rented| rented.number == number)
    }
}

fn is_nth(count: u32, every: Option<u32>) -> bool {
    every.is_some_and(|every| every > 0 && count.is_multiple_of(every))
}
