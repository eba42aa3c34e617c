//! A passage in front of an older application: requests go through to it and its answers come back, unchanged, and each
//! call and text is written down as a fixture that expects what the application answered.
//!
//! Deliberately not here: listening (`http`). **Invariant:** a recording that fails never keeps a request from passing.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::StreamExt;
use parking_lot::Mutex;

use crate::domain::Moment;

use super::super::xml;
use super::document::{Mapping, Said};
use super::fixture::{Exchange, Expect, Page};
use super::form::{self, Ids};
use super::pseudonyms::Pseudonyms;
use super::shelf::{self, Shelf};
use super::steps::{Roles, role};
use super::{story, tape};

/// How long the application may take: as long as a provider waits.
const PATIENCE: Duration = Duration::from_secs(15);

/// The longest answer: a provider takes no longer one.
const LONGEST: usize = 64 * 1024;

/// The most calls and texts that are open at one time; beyond it the oldest is closed.
const MOST: usize = 1_000;

/// Headers that are about one connection (RFC 9110, 7.6.1), or that are made anew.
const OF_CONNECTION: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "expect",
];

/// A request, or an answer.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// The method; empty for an answer.
    pub method: String,
    /// Path and query; empty for an answer.
    pub target: String,
    /// The status; 0 for a request.
    pub status: u16,
    /// Headers, names in small letters.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why a request did not pass. Its address is told to nobody: it may hold a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotPassed {
    /// No answer, or not in time.
    #[error("the application could not be reached, or did not answer within 15 seconds")]
    Unreachable,
    /// Its answer is longer than a provider takes.
    #[error("the application's answer is longer than 64 kB")]
    TooLong,
}

/// What a passage is told at its start.
#[derive(Clone, Debug)]
pub struct Way {
    /// The application's address, without a slash at its end.
    pub forward: String,
    /// The `Host` that it is asked for; `None` passes on the request's own.
    pub host: Option<String>,
    /// The account that fixtures name.
    pub account: String,
    /// The world that fixtures name; without one they name the demo's and are pending.
    pub world: Option<String>,
}

/// The passage.
pub struct Passage {
    client: reqwest::Client,
    way: Way,
    desk: Mutex<Desk>,
}

struct Desk {
    pseudonyms: Pseudonyms,
    shelf: Shelf,
    open: BTreeMap<String, Open>,
    written: Vec<PathBuf>,
    tally: Tally,
}

/// A call or text whose webhooks are still coming.
struct Open {
    page: Page,
    ids: Ids,
    roles: Roles,
    began: Moment,
    last: Moment,
    passed: Duration,
    path: Option<PathBuf>,
}

/// What has passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Requests that were answered.
    pub passed: usize,
    /// Requests that were not.
    pub failed: usize,
    /// Fixtures that were written.
    pub fixtures: usize,
    /// Exchanges that have no step of ours, and stand in their file as comments.
    pub unplayed: usize,
    /// Exchanges that could not be written down.
    pub lost: usize,
}

impl Passage {
    /// One on this way, writing to this shelf. The process must have installed a TLS provider before.
    pub fn new(way: Way, shelf: Shelf, pseudonyms: Pseudonyms) -> Result<Self, reqwest::Error> {
        let client =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE).build()?;
        let desk = Desk { pseudonyms, shelf, open: BTreeMap::new(), written: Vec::new(), tally: Tally::default() };
        Ok(Self { client, way, desk: Mutex::new(desk) })
    }

    /// What has passed so far.
    pub fn tally(&self) -> Tally {
        self.desk.lock().tally
    }

    /// The fixtures that were written so far.
    pub fn written(&self) -> Vec<PathBuf> {
        self.desk.lock().written.clone()
    }

    /// Passes a request on and its answer back. `at` is when it came.
    pub async fn pass(&self, request: &Message, at: Moment) -> Result<Message, NotPassed> {
        let answered = self.forward(request).await;
        match &answered {
            Ok(answer) => {
                let mut desk = self.desk.lock();
                desk.tally.passed += 1;
                if let Err(why) = desk.record(&self.way, request, answer, at) {
                    desk.tally.lost += 1;
                    tracing::warn!(%why, "an exchange could not be written down");
                }
            }
            Err(_) => self.desk.lock().tally.failed += 1,
        }
        answered
    }

    async fn forward(&self, request: &Message) -> Result<Message, NotPassed> {
        let lost = |_| NotPassed::Unreachable;
        let method = reqwest::Method::from_bytes(request.method.as_bytes()).map_err(|_| NotPassed::Unreachable)?;
        let mut asked = self.client.request(method, format!("{}{}", self.way.forward, request.target));
        for (name, value) in passing(&request.headers).filter(|(name, _)| name != "accept-encoding") {
            if name != "host" || self.way.host.is_none() {
                asked = asked.header(name, value.as_slice());
            }
        }
        // A packed answer could not be written down.
        asked = asked.header("accept-encoding", "identity");
        if let Some(host) = &self.way.host {
            asked = asked.header("host", host);
        }
        let answer = asked.body(request.body.clone()).send().await.map_err(lost)?;
        let status = answer.status().as_u16();
        let headers: Vec<(String, Vec<u8>)> =
            answer.headers().iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
        let mut body = Vec::new();
        let mut pieces = answer.bytes_stream();
        while let Some(piece) = pieces.next().await {
            body.extend_from_slice(&piece.map_err(lost)?);
            if body.len() > LONGEST {
                return Err(NotPassed::TooLong);
            }
        }
        Ok(Message { status, headers: passing(&headers).cloned().collect(), body, ..Message::default() })
    }
}

fn passing(headers: &[(String, Vec<u8>)]) -> impl Iterator<Item = &(String, Vec<u8>)> {
    let of = headers.iter().filter(|(name, _)| name == "connection");
    let named: Vec<String> = of
        .flat_map(|(_, value)| String::from_utf8_lossy(value).split(',').map(str::to_owned).collect::<Vec<_>>())
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    headers.iter().filter(move |(name, _)| !OF_CONNECTION.contains(&name.as_str()) && !named.contains(name))
}

impl Desk {
    fn record(&mut self, way: &Way, request: &Message, answer: &Message, at: Moment) -> std::io::Result<()> {
        if !matches!(request.method.as_str(), "GET" | "POST") {
            return Ok(());
        }
        let query = request.target.split_once('?').map_or("", |(_, query)| query);
        let asked = request.method == "GET" || request.body.is_empty();
        let form = tape::pairs(if asked { query.as_bytes() } else { &request.body });
        let value = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let names = ["ParentCallSid", "CallSid", "MessageSid", "SmsSid"];
        let Some(key) = names.into_iter().filter_map(value).find(|sid| !sid.is_empty()) else { return Ok(()) };
        self.close_one(&key);
        let open = self.open.entry(key).or_insert_with(|| Open::new(way, at));
        let is_first = open.page.exchanges.iter().all(|exchange| exchange.unplayed.is_some());
        let of_leg = form.iter().any(|(name, value)| name == "ParentCallSid" && !value.is_empty());
        let step = open.roles.step(&request.target, &form, is_first);
        let document = std::str::from_utf8(&answer.body).ok().and_then(|text| xml::read(text).ok());
        let document = document.filter(|document| document.name == "Response" && answer.status < 300);

        let body = form.iter().find(|(name, _)| name == "Body").map(|(_, body)| body.trim().to_owned());
        let address = |element: &str, attribute: &str, _: &str| {
            role(element, attribute, of_leg).map(|step| format!("${{url {}}}", short(step)))
        };
        let echo = body.as_deref().map(|body| (body, form::words(body)));
        let mut mapping = Mapping { pseudonyms: &mut self.pseudonyms, step: Some(&address) };
        let mut mapped = document.as_ref().map(|real| mapping.element(real, Said::UNKNOWN));
        if let (Some(real), Some(made)) = (&document, &mut mapped) {
            loosen(real, made, echo.as_ref());
        }
        let passed = Duration::from_millis(u64::try_from((at.0 - open.began.0).max(0) / 1_000).unwrap_or(0));
        let exchange = Exchange {
            after: passed.saturating_sub(open.passed),
            request: line(way, request, step.as_ref()),
            form: form::mapped(&form, &mut open.ids, &mut self.pseudonyms),
            expect: Some(Expect {
                status: answer.status,
                document: mapped.map(|made| made.pretty(&str::to_owned)).unwrap_or_default(),
                ..Expect::default()
            }),
            unplayed: unplayed(step.as_ref(), answer, document.is_some()),
            ..Exchange::default()
        };
        if let Some(why) = self.pseudonyms.trouble() {
            return Err(std::io::Error::other(why.to_owned()));
        }
        let played = exchange.unplayed.is_none();
        if played {
            open.passed = open.passed.max(passed);
        } else {
            self.tally.unplayed += 1;
        }
        if let Some(real) = &document {
            open.roles.learn(real, &request.target, of_leg);
        }
        open.last = at;
        open.page.exchanges.push(exchange);
        if is_first {
            open.page.title = story::passed(step.as_ref().map(|(step, _)| step.as_str()), document.as_ref());
        }
        let kind = if step.as_ref().is_some_and(|(step, _)| step.starts_with("sms")) { "sms" } else { "voice" };
        match &open.path {
            // A file in which nothing can be played is none.
            None if !played => {}
            Some(path) => shelf::replace(path, &open.page.text())?,
            None => {
                let name = super::names::slug(open.page.title.trim_end_matches(", recorded"));
                let placed = self.shelf.put(kind, &name, &open.page.text())?;
                if placed.fresh {
                    self.tally.fixtures += 1;
                    self.written.push(placed.path.clone());
                }
                open.path = Some(placed.path);
            }
        }
        Ok(())
    }

    /// Makes room for one more: what was heard of the longest ago is in its file already.
    fn close_one(&mut self, key: &str) {
        if self.open.len() >= MOST && !self.open.contains_key(key) {
            let oldest = self.open.iter().min_by_key(|(_, open)| open.last).map(|(key, _)| key.clone());
            oldest.map(|key| self.open.remove(&key));
        }
    }
}

impl Open {
    fn new(way: &Way, at: Moment) -> Self {
        let pending =
            "recorded in front of another application; give it a world of its own to compare Hookswitch with it";
        let page = Page {
            tags: vec!["recorded".to_owned(), "passed".to_owned()],
            world: way.world.clone().unwrap_or_else(|| super::super::world::DEMO.to_owned()),
            account: way.account.clone(),
            now: at.to_string(),
            pending: way.world.is_none().then(|| pending.to_owned()),
            ..Page::default()
        };
        Self {
            page,
            ids: Ids::default(),
            roles: Roles::default(),
            began: at,
            last: at,
            passed: Duration::ZERO,
            path: None,
        }
    }
}

/// The words of another application are not compared, but those of a text that it passes on.
fn loosen(real: &xml::Element, made: &mut xml::Element, echo: Option<&(&str, String)>) {
    if matches!(made.name.as_str(), "Say" | "Body") && !made.text.is_empty() {
        made.text = match echo {
            Some((body, words)) if real.text == *body => words.clone(),
            Some(_) | None => "${any}".to_owned(),
        };
    }
    real.children.iter().zip(&mut made.children).for_each(|(real, made)| loosen(real, made, echo));
}

fn short(step: &str) -> &str {
    step.split_once('/').map_or(step, |(_, rest)| rest)
}

/// Steps that a provider asks without being told an address in a document.
fn is_door(step: &str) -> bool {
    matches!(step, "voice" | "sms" | "voice/status" | "sms/status")
}

fn line(way: &Way, request: &Message, step: Option<&(String, bool)>) -> String {
    let method = if request.method == "GET" { "GET" } else { "POST" };
    match step {
        Some((step, true)) => format!("{method} ${{url {}}}", short(step)),
        Some((step, false)) => format!("{method} /webhooks/{}/{step}", way.account),
        None => format!("{method} /webhooks/{}/voice", way.account),
    }
}

fn unplayed(step: Option<&(String, bool)>, answer: &Message, has_document: bool) -> Option<String> {
    let Some((step, named)) = step else { return Some("Hookswitch has no such step".to_owned()) };
    let news = matches!(step.as_str(), "voice/status" | "voice/recording" | "voice/transcription" | "sms/status");
    if !named && !is_door(step) {
        Some(format!("it is like {step}, but no answer in this file contains its address"))
    } else if answer.status >= 300 {
        Some(format!("the application answered with status {}", answer.status))
    } else if !has_document && !news && !answer.body.is_empty() {
        Some("the application's answer is no document".to_owned())
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
