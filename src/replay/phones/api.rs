//! The provider's REST API, as far as calls are started through it (wire.md G, CreateCall).
//!
//! Deliberately not here: all else that it could be asked; nothing that is played needs it.

use crate::domain::Moment;

use super::agenda::{Due, Step};
use super::calls::LONGEST;
use super::leg::{Leg, Line};
use super::log::What;
use super::network::{Network, Reply};
use super::ring::{SETUP, e164};
use super::script::Pickup;
use super::verbs::{Callback, Link};

/// Seconds that a phone rings where nobody says how long.
const RINGS: u64 = 60;

/// A call as it was asked for.
#[derive(Clone, Debug)]
pub(super) struct Ordered {
    /// Where the document is asked for when somebody answers.
    pub(super) page: Link,
    /// Where, when that fails.
    pub(super) fallback: Option<Link>,
    /// Seconds that it rings.
    pub(super) timeout: u64,
}

impl Network {
    /// `POST …/Calls.json`, at an instant, on one of the accounts, with this form: 201 and the call's id, or 400 and the
    /// provider's own number of what is wrong.
    pub fn create_call(&mut self, at: Moment, account: &str, form: &[(&str, String)]) -> Reply {
        self.now = self.now.max(at);
        match self.order(account, form) {
            Ok(sid) => json(201, &serde_json::json!({"sid": sid, "status": "queued", "direction": "outbound-api"})),
            Err((code, message)) => json(400, &serde_json::json!({"code": code, "message": message, "status": 400})),
        }
    }

    fn order(&mut self, account: &str, form: &[(&str, String)]) -> Result<String, (u32, &'static str)> {
        let all = |name: &'static str| form.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value);
        let one = |name| all(name).next().map(String::as_str).filter(|value| !value.is_empty());
        let to = one("To").and_then(e164).ok_or((21211, "To is no phone number"))?;
        let number = one("From").and_then(|from| self.rented(from));
        let number = number.filter(|number| self.numbers[*number].account == account);
        let number = number.ok_or((21212, "From is no number of this account"))?;
        let link = |url, method| {
            let method = if one(method) == Some("GET") { "GET" } else { "POST" };
            one(url).map(|url| Link { url: url.to_owned(), method })
        };
        let page = link("Url", "Method").ok_or((21205, "Url is missing"))?;
        let timeout = one("Timeout").map_or(Ok(RINGS), str::parse).map_err(|_| (21218, "Timeout is no number"))?;
        let ordered = Ordered { fallback: link("FallbackUrl", "FallbackMethod"), page, timeout };
        let mut events: Vec<String> = all("StatusCallbackEvent").cloned().collect();
        if events.is_empty() {
            events.push("completed".to_owned());
        }
        let status_to = link("StatusCallback", "StatusCallbackMethod").map(|link| Callback { link, events });

        let (thread, rented) = (self.thread(), self.numbers[number].clone());
        let (who, pickup) = self.rung(&to);
        let sid = self.random.sid(rented.speaks, "CA");
        let geography = self.random.coin();
        self.tell(thread, What::Called { who: who.clone(), number: rented.number.clone() });
        let (leg, unreachable) = (self.legs.len(), pickup == Pickup::Unreachable);
        let line = Line { thread, sid: sid.clone(), who, number, from: rented.number, to };
        let base = ordered.page.url.clone();
        let ordered = Some(Box::new(ordered));
        self.legs.push(Leg { pickup, status_to, geography, ordered, ..Leg::new(line, &base, self.now) });
        self.agenda.add(self.now.plus(LONGEST), Due::TooLong { leg });
        if !unreachable {
            self.report_leg(leg, "initiated");
        }
        self.plan(leg, SETUP, Step::Rings);
        Ok(sid)
    }
}

fn json(status: u16, body: &serde_json::Value) -> Reply {
    Reply { status, content_type: Some("application/json".to_owned()), body: body.to_string().into_bytes() }
}
