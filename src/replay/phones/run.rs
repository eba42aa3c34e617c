//! Documents run on a leg, verb by verb, and fetched again where a verb says so.
//!
//! Deliberately not here: the verbs that take long enough to have a file of their own.

use std::time::Duration;

use super::address::resolve;
use super::agenda::Step;
use super::attributes::Complaint;
use super::document::{self, Purpose};
use super::leg::{Doing, LegId, Program, Status};
use super::log::What;
use super::network::{Network, Reply};
use super::params::param;
use super::request::{Request, Wants};
use super::script::Stage;
use super::verbs::{Link, Sound, Verb};

/// How fast words are spoken: a voice says about 150 words of six letters in a minute.
const LETTERS_PER_SECOND: u64 = 15;

/// How long a sound is: nobody fetches it, so all are as long as a short greeting.
const SOUND: Duration = Duration::from_secs(5);

/// How long tones take.
const TONES: Duration = Duration::from_secs(1);

/// How soon a wait document that took no time is asked for again.
const WAIT_AGAIN: Duration = Duration::from_secs(1);

/// The most documents that one call may ask for: beyond these something asks itself in a circle.
const MOST_DOCUMENTS: u32 = 1_000;

/// What a caller hears when neither address had a document (wire.md A.4).
const APOLOGY: &str = "We are sorry, an application error has occurred. Goodbye.";

impl Network {
    /// Asks for a document for a leg; it replaces the one that the leg runs.
    pub(super) fn fetch(&mut self, leg: LegId, link: &Link, extra: Vec<(String, String)>) {
        self.legs[leg].turn(Doing::Waiting);
        let root = self.legs[leg].parent.unwrap_or(leg);
        self.legs[root].documents += 1;
        if self.legs[root].documents > MOST_DOCUMENTS {
            let why = format!("more than {MOST_DOCUMENTS} documents in one call: it goes round in a circle");
            self.complain(self.legs[leg].thread, Complaint::error(12400, why));
            return self.hung_up(root);
        }
        let epoch = self.legs[leg].epoch;
        let url = resolve(&self.legs[leg].program.base, &link.url);
        let known = url.is_some();
        let url = url.unwrap_or_else(|| link.url.clone());
        let mut request = self.about(leg, url, link.method, Wants::Call { leg, epoch, fallback: false });
        request.params.extend(extra);
        if let Some(stay) = &self.legs[leg].stay {
            request.params.extend(self.waiting(stay));
        }
        if known {
            self.ask(request, Duration::ZERO);
        } else {
            let complaint = Complaint::error(11100, format!("no address on the web: {}", link.url));
            self.fails(leg, &request, complaint, false);
        }
    }

    /// A document came for a leg, or did not.
    pub(super) fn document(&mut self, leg: LegId, request: &Request, reply: Option<&Reply>, fallback: bool) {
        let read = match reply {
            Some(reply) => document::read(reply, Purpose::Voice),
            None => Err(Complaint::error(11200, "no answer came in time")),
        };
        match read {
            Ok(read) => {
                for warning in read.warnings {
                    self.complain(request.thread, warning);
                }
                self.legs[leg].program = Program::new(read.verbs, &request.url, request.method, self.now);
                self.run(leg);
            }
            Err(complaint) => self.fails(leg, request, complaint, fallback),
        }
    }

    /// A document could not be had: the caller's leg asks the fallback address once, a callee's ends.
    fn fails(&mut self, leg: LegId, request: &Request, complaint: Complaint, fallback: bool) {
        let code = complaint.code;
        self.complain(request.thread, complaint);
        if self.legs[leg].is_callee() {
            return self.hung_up(leg);
        }
        if fallback {
            return self.apologise(leg);
        }
        if let Some(stay) = self.legs[leg].stay.take() {
            self.leave_line(leg, &stay, "error");
            self.nobody_left(&stay);
        }
        self.legs[leg].turn(Doing::Waiting);
        let epoch = self.legs[leg].epoch;
        let mut again = request.clone();
        again.wants = Wants::Call { leg, epoch, fallback: true };
        let fallback = match &self.legs[leg].ordered {
            Some(ordered) => ordered.fallback.clone(),
            None => {
                Some(Link { url: format!("{}/voice/fallback", self.numbers[request.number].webhooks), method: "POST" })
            }
        };
        let Some(fallback) = fallback else { return self.apologise(leg) };
        (again.url, again.method) = (fallback.url, fallback.method);
        again.params.push(param("ErrorCode", code.to_string()));
        again.params.push(param("ErrorUrl", &request.url));
        self.ask(again, Duration::ZERO);
    }

    fn apologise(&mut self, leg: LegId) {
        let base = self.legs[leg].program.base.clone();
        let words = Sound::Words { words: APOLOGY.to_owned(), times: 1 };
        self.legs[leg].program = Program::new(vec![Verb::Sound(words), Verb::Hangup], &base, "POST", self.now);
        self.run(leg);
    }

    /// A leg goes on.
    pub(super) fn step(&mut self, leg: LegId, step: Step) {
        match step {
            Step::Verb => self.run(leg),
            Step::Prompt => self.prompt(leg),
            Step::Key => self.key(leg),
            Step::Gathered => self.gathered(leg),
            Step::Beeped => self.beeped(leg),
            Step::Recorded { key } => self.recorded(leg, key),
            Step::Rings => self.rings(leg),
            Step::PicksUp => self.picked_up(leg),
            Step::Declines => self.over(leg, Status::Busy, true),
            Step::RungOut => self.over(leg, Status::NoAnswer, true),
            Step::TalkedEnough => self.cut_other_side(leg),
            Step::Star => {
                let (thread, who) = (self.legs[leg].thread, self.legs[leg].who.clone());
                self.tell(thread, What::Presses { who, keys: "*".to_owned() });
                self.cut_other_side(leg);
            }
            Step::Leaves => self.hangs_up(leg),
            Step::WaitsOn => self.waits_on(leg),
            Step::QueueEmpty => self.queue_empty(leg),
        }
    }

    /// Runs the document of a leg until something takes time.
    pub(super) fn run(&mut self, leg: LegId) {
        self.legs[leg].turn(Doing::Waiting);
        loop {
            let Some((verbs, at)) = self.legs[leg].program.advance() else { return self.document_ends(leg) };
            if !self.verb(leg, &verbs[at]) {
                return;
            }
        }
    }

    /// Runs a verb; whether the next one follows at once.
    fn verb(&mut self, leg: LegId, verb: &Verb) -> bool {
        if let Some(complaint) = self.misplaced(leg, verb) {
            let goes_on = complaint.warning;
            self.complain(self.legs[leg].thread, complaint);
            if !goes_on {
                self.hung_up(leg);
            }
            return goes_on;
        }
        match verb {
            Verb::Sound(sound) => {
                if let Some(takes) = self.hear(leg, sound) {
                    self.plan(leg, takes, Step::Verb);
                }
            }
            Verb::Gather(gather) => self.gather(leg, gather),
            Verb::Record(record) => self.record(leg, record),
            Verb::Dial(dial) => return self.dial(leg, dial),
            Verb::Enqueue(enqueue) => return self.enqueue(leg, enqueue),
            Verb::Leave => return self.leave(leg),
            Verb::Redirect(link) => self.fetch(leg, link, Vec::new()),
            Verb::Reject { busy } => {
                let status = if *busy { Status::Busy } else { Status::NoAnswer };
                if self.legs[leg].answered.is_some() {
                    self.hung_up(leg);
                } else {
                    self.tell(self.legs[leg].thread, What::HungUp { who: self.legs[leg].who.clone() });
                    self.over(leg, status, false);
                }
            }
            Verb::Hangup => self.ends(leg),
            Verb::Message(_) => return true,
        }
        false
    }

    /// A call that is ended by a document has been answered, also when nothing was heard (wire.md B, Hangup).
    fn ends(&mut self, leg: LegId) {
        self.answer_caller(leg);
        self.hung_up(leg);
    }

    /// The end of a document: a callee is bridged, a waiting caller hears it again, any other is hung up.
    fn document_ends(&mut self, leg: LegId) {
        if self.legs[leg].is_callee() {
            self.bridge(leg);
        } else if self.legs[leg].stay.is_some() {
            let empty = self.legs[leg].program.began == self.now;
            self.plan(leg, if empty { WAIT_AGAIN } else { Duration::ZERO }, Step::WaitsOn);
        } else {
            self.ends(leg);
        }
    }

    /// What a provider has against a verb where it stands.
    fn misplaced(&self, leg: LegId, verb: &Verb) -> Option<Complaint> {
        let callee = self.legs[leg].is_callee();
        let waits = self.legs[leg].stay.is_some();
        let skipped = |what: &str, place: &str| Some(Complaint::warning(12200, format!("{what} does nothing {place}")));
        match verb {
            Verb::Dial(_) if callee => Some(Complaint::error(13201, "a <Dial> in a callee's document")),
            Verb::Record(_) | Verb::Enqueue(_) if callee => skipped("<Record> or <Enqueue>", "in a callee's document"),
            Verb::Dial(_) | Verb::Record(_) | Verb::Enqueue(_) | Verb::Reject { .. } if waits => {
                skipped("<Dial>, <Record>, <Enqueue> or <Reject>", "in a wait document")
            }
            Verb::Leave if !waits => skipped("<Leave>", "outside a queue"),
            Verb::Sound(_)
            | Verb::Gather(_)
            | Verb::Record(_)
            | Verb::Dial(_)
            | Verb::Enqueue(_)
            | Verb::Leave
            | Verb::Redirect(_)
            | Verb::Reject { .. }
            | Verb::Hangup
            | Verb::Message(_) => None,
        }
    }

    /// Lets somebody hear something; how long it takes, or `None` when it never ends.
    pub(super) fn hear(&mut self, leg: LegId, sound: &Sound) -> Option<Duration> {
        if let Sound::Silence(seconds) = sound {
            // It delays the answer where it comes first (wire.md B, Pause).
            return Some(Duration::from_secs(*seconds));
        }
        self.answer_caller(leg);
        if self.legs[leg].is_over() {
            return None;
        }
        self.stage(leg, Stage::Prompt);
        let (thread, who) = (self.legs[leg].thread, self.legs[leg].who.clone());
        let (once, times) = match sound {
            Sound::Silence(_) | Sound::Tones => (TONES, 1),
            Sound::Words { words, times } => {
                let letters = u64::try_from(words.chars().count()).unwrap_or(u64::MAX);
                self.tell(thread, What::Hears { who, words: words.clone() });
                (Duration::from_millis(letters.saturating_mul(1_000) / LETTERS_PER_SECOND), *times)
            }
            Sound::File { url, times } => {
                let Some(url) = resolve(&self.legs[leg].program.base, url) else {
                    self.complain(thread, Complaint::warning(11100, format!("no address on the web: {url}")));
                    return Some(Duration::ZERO);
                };
                self.tell(thread, What::HearsSound { who, url });
                (SOUND, *times)
            }
        };
        (times > 0).then(|| once.saturating_mul(u32::try_from(times).unwrap_or(u32::MAX)))
    }
}
