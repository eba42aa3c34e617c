//! Texts: ours to answer, and what our answers send (wire.md A.3).
//!
//! Deliberately not here: opt-outs. A provider would stop texts to who opted out; here they arrive, so that it shows.

use std::time::Duration;

use super::address::resolve;
use super::agenda::Due;
use super::attributes::Complaint;
use super::document::{self, Purpose};
use super::log::What;
use super::network::{Network, Reply};
use super::params::{VERSION, param, places};
use super::request::{Request, Wants};
use super::script::{Pickup, Rented, Speaks};
use super::verbs::{Link, Message, Verb};

/// How soon a text is sent on, and how soon it is on a phone.
const SENT: Duration = Duration::from_millis(500);
const DELIVERED: Duration = Duration::from_secs(1);

/// More texts between two phones in this time are stopped (Twilio's error 14107).
const MOST_REPLIES: usize = 15;
const REPLIES_WITHIN: Duration = Duration::from_secs(30);

/// The most texts of one network from one of our numbers to another: slower circles than those end here.
const MOST_LOOPS: usize = 50;

/// The most documents that one text may ask for.
const MOST_DOCUMENTS: u32 = 50;

/// An inbound text.
#[derive(Debug)]
pub(super) struct Incoming {
    number: usize,
    from: String,
    documents: u32,
}

/// A text on its way to a phone.
#[derive(Debug)]
pub(super) struct Delivery {
    thread: usize,
    number: usize,
    sid: String,
    to: String,
    words: String,
    media: Vec<String>,
    callback: Option<(String, &'static str)>,
}

impl Network {
    /// Somebody texts.
    pub(super) fn texts(&mut self, who: String, from: String, number: String, words: String, media: u8) {
        let thread = self.thread();
        let rented = self.rented(&number);
        self.tell(thread, What::Texts { who, number, words: words.clone() });
        let Some(number) = rented else { return };
        let Rented { speaks, account_sid, .. } = self.numbers[number].clone();
        let sid = self.random.sid(speaks, if media == 0 { "SM" } else { "MM" });
        let host = match speaks {
            Speaks::Twilio => "https://api.twilio.com",
            Speaks::Signalwire => "https://space.signalwire.com/api/laml",
        };
        let mut urls = Vec::new();
        for _ in 0..media {
            let medium = self.random.sid(speaks, "ME");
            urls.push(format!("{host}/{VERSION}/Accounts/{account_sid}/Messages/{sid}/Media/{medium}"));
        }
        self.incoming(thread, number, from, &sid, words, &urls);
    }

    fn incoming(&mut self, thread: usize, number: usize, from: String, sid: &str, words: String, media: &[String]) {
        let Rented { number: to, account_sid, webhooks, speaks, .. } = self.numbers[number].clone();
        let segments = if words.is_ascii() { words.len().div_ceil(160) } else { words.chars().count().div_ceil(70) };
        let mut params = vec![
            param("MessageSid", sid),
            param("SmsSid", sid),
            param("SmsMessageSid", sid),
            param("AccountSid", account_sid),
            param("From", &from),
            param("To", &to),
            param("Body", words),
            param("NumMedia", media.len().to_string()),
            param("SmsStatus", "received"),
            param("ApiVersion", VERSION),
        ];
        if speaks == Speaks::Twilio {
            params.push(param("NumSegments", segments.max(1).to_string()));
        }
        for (at, url) in media.iter().enumerate() {
            params.push((format!("MediaUrl{at}"), url.clone()));
            params.push((format!("MediaContentType{at}"), "image/jpeg".to_owned()));
        }
        if self.random.coin() {
            places(&mut params, &[("From", &from), ("To", &to)]);
        }
        let text = self.texts.len();
        self.texts.push(Incoming { number, from, documents: 1 });
        let wants = Wants::Text { text, fallback: false };
        let request = Request { thread, number, url: format!("{webhooks}/sms"), method: "POST", params, wants };
        self.ask(request, Duration::ZERO);
    }

    /// What we answered to a text.
    pub(super) fn text_answered(&mut self, text: usize, request: &Request, reply: Option<&Reply>, fallback: bool) {
        let read = match reply {
            Some(reply) => document::read(reply, Purpose::Text),
            None => Err(Complaint::error(11200, "no answer came in time")),
        };
        let read = match read {
            Ok(read) => read,
            Err(complaint) => {
                let code = complaint.code;
                self.complain(request.thread, complaint);
                if !fallback {
                    let mut again = request.clone();
                    again.wants = Wants::Text { text, fallback: true };
                    again.url = format!("{}/sms/fallback", self.numbers[request.number].webhooks);
                    again.method = "POST";
                    again.params.push(param("ErrorCode", code.to_string()));
                    again.params.push(param("ErrorUrl", &request.url));
                    self.ask(again, Duration::ZERO);
                }
                return;
            }
        };
        for warning in read.warnings {
            self.complain(request.thread, warning);
        }
        for verb in read.verbs {
            match verb {
                Verb::Message(message) => {
                    let last = message.action.is_some();
                    self.message(text, request, message);
                    if last {
                        return;
                    }
                }
                Verb::Redirect(link) => return self.text_redirected(text, request, &link),
                Verb::Sound(_)
                | Verb::Gather(_)
                | Verb::Record(_)
                | Verb::Dial(_)
                | Verb::Enqueue(_)
                | Verb::Leave
                | Verb::Reject { .. }
                | Verb::Hangup => {}
            }
        }
    }

    fn text_redirected(&mut self, text: usize, request: &Request, link: &Link) {
        let known = &mut self.texts[text];
        known.documents += 1;
        if known.documents > MOST_DOCUMENTS {
            let why = format!("more than {MOST_DOCUMENTS} documents for one text: it goes round in a circle");
            return self.complain(request.thread, Complaint::error(14106, why));
        }
        let Some(url) = resolve(&request.url, &link.url) else {
            return self.complain(request.thread, Complaint::error(11100, "a <Redirect> to no address on the web"));
        };
        let mut next = request.clone();
        next.params.retain(|(name, _)| !matches!(name.as_str(), "ErrorCode" | "ErrorUrl"));
        (next.url, next.method, next.wants) = (url, link.method, Wants::Text { text, fallback: false });
        self.ask(next, Duration::ZERO);
    }

    /// Sends a text.
    fn message(&mut self, text: usize, request: &Request, message: Message) {
        let Message { to, from, words, media, action, status } = message;
        let Incoming { number, from: sender, .. } = &self.texts[text];
        let (to, account) = (to.unwrap_or_else(|| sender.clone()), self.numbers[*number].account.clone());
        let from = from.unwrap_or_else(|| self.numbers[*number].number.clone());
        let thread = request.thread;
        let ours = self.numbers.iter().position(|rented| rented.number == from && rented.account == account);
        let Some(number) = ours else {
            return self.complain(thread, Complaint::warning(14102, "a text from a number that is not this account's"));
        };
        if !(to.starts_with('+') && (8..=16).contains(&to.len()) && to[1..].bytes().all(|b| b.is_ascii_digit())) {
            return self.complain(thread, Complaint::warning(14101, "a text to no phone number"));
        }
        let now = self.now;
        self.sent.retain(|(at, ..)| now.since(*at) < REPLIES_WITHIN);
        let between = |a: &str, b: &str| (a == from && b == to) || (a == to && b == from);
        let many = self.sent.iter().filter(|(_, a, b)| between(a, b)).count() >= MOST_REPLIES;
        let from_ours = |text: &&Incoming| self.rented(&text.from).is_some();
        if many || self.rented(&to).is_some() && self.texts.iter().filter(from_ours).count() >= MOST_LOOPS {
            return self
                .complain(thread, Complaint::error(14107, "too many texts between two phones in half a minute"));
        }
        self.sent.push((now, from.clone(), to.clone()));
        let sid = self.random.sid(self.numbers[number].speaks, if media.is_empty() { "SM" } else { "MM" });
        let link = action.or(status).filter(|link| !link.url.is_empty());
        let callback = link.and_then(|link| Some((resolve(&request.url, &link.url)?, link.method)));
        let delivery = Delivery { thread, number, sid, to, words, media, callback };
        self.text_status(&delivery, "sent", None, SENT);
        self.agenda.add(now.plus(DELIVERED), Due::Delivers(Box::new(delivery)));
    }

    /// A text reaches a phone, or does not.
    pub(super) fn deliver(&mut self, delivery: Delivery) {
        let owner = self.owner(&delivery.to);
        let unreachable = owner.is_some_and(|person| {
            let person = &self.people[person];
            let last = person.party.rung.len().saturating_sub(1);
            person.party.rung.get(last.min(person.rung)) == Some(&Pickup::Unreachable)
        });
        if unreachable {
            return self.text_status(&delivery, "undelivered", Some(30003), Duration::ZERO);
        }
        self.text_status(&delivery, "delivered", None, Duration::ZERO);
        let shows = self.numbers[delivery.number].number.clone();
        let Delivery { thread, to, words, media, .. } = delivery;
        if let (Some(number), None) = (self.rented(&to), owner) {
            let sid = self.random.sid(self.numbers[number].speaks, "SM");
            let thread = self.thread();
            self.tell(thread, What::Texts { who: shows.clone(), number: to, words: words.clone() });
            return self.incoming(thread, number, shows, &sid, words, &media);
        }
        let who = owner.map_or(to, |person| self.people[person].party.name.clone());
        self.tell(thread, What::Receives { who, shows, words, media });
    }

    fn text_status(&mut self, delivery: &Delivery, status: &str, error: Option<u32>, after: Duration) {
        let Some((url, method)) = delivery.callback.clone() else { return };
        let Rented { number: from, account_sid, .. } = &self.numbers[delivery.number];
        let mut params = vec![
            param("MessageSid", &delivery.sid),
            param("MessageStatus", status),
            param("SmsSid", &delivery.sid),
            param("SmsStatus", status),
            param("AccountSid", account_sid),
            param("From", from),
            param("To", &delivery.to),
            param("ApiVersion", VERSION),
        ];
        params.extend(error.map(|code| param("ErrorCode", code.to_string())));
        let (thread, number) = (delivery.thread, delivery.number);
        self.report(Request { thread, number, url, method, params, wants: Wants::Nothing }, after);
    }
}
