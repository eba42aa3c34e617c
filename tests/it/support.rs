//! A switchboard on a database of its own, with a clock that stands still, and requests signed as a provider does.
//!
//! Deliberately not here: expectations.

use std::path::Path;
use std::sync::Arc;

use hookswitch::domain::{Clock, Moment};
use hookswitch::providers::{Form, Request, Signer};
use hookswitch::rules::file;
use hookswitch::rules::ruleset::{Ruleset, Secret};
use hookswitch::store::{MasterKey, Store, StoreError, StoreOptions, Vault};
use hookswitch::switchboard::{Reply, Settings, Switchboard};

/// The demo world.
pub const DEMO: &str = include_str!("../../routing-rules/demo.toml");

/// What providers reach.
pub const BASE: &str = "http://127.0.0.1:8080";

/// Monday in hours, the day after clocks went forward.
pub const MONDAY: &str = "2026-03-09T09:02:11-05:00";

/// A switchboard and what it stands on.
pub struct Bench {
    /// It.
    pub switchboard: Arc<Switchboard>,
    /// Its store.
    pub store: Store,
    /// Its clock.
    pub clock: Clock,
}

/// The demo world without caps on calls: its clock stands still, so that all calls come in one minute.
pub fn unlimited() -> String {
    let mut rules = DEMO.to_owned();
    for cap in ["calls_per_minute_per_caller = 6", "calls_per_day_per_session = 30", "attempts_per_minute_per_pair = 3"]
    {
        let (name, _) = cap.split_once(" =").expect("a key and a value");
        assert!(rules.contains(cap), "the demo has {name}");
        rules = rules.replace(cap, &format!("{name} = 0"));
    }
    rules
}

/// The same rules with Chicago always open: for a server that goes by the clock on the wall.
pub fn always_open(rules: &str) -> String {
    let hours = "hours = \"Mo-Fr 08:00-17:00; Sa 09:00-13:00; PH off\"";
    let mut open = rules.to_owned();
    for (before, after) in [
        (hours, "hours = \"\""),
        ("closed_dates = [\"2026-12-24\"]", ""),
        ("special_hours = { \"2026-12-31\" = \"08:00-12:00\" }", ""),
    ] {
        assert!(open.contains(before), "the demo has {before}");
        open = open.replace(before, after);
    }
    open
}

/// Reads rules.
pub fn rules(text: &str) -> Ruleset {
    match file::read(text, "test.toml", None, &|_| None) {
        Ok((ruleset, _)) => ruleset,
        Err(mistakes) => panic!("{mistakes:#?}"),
    }
}

/// An instant.
pub fn at(text: &str) -> Moment {
    Moment::read(text).expect("an instant")
}

impl Bench {
    /// One with the demo world, in this folder.
    pub async fn demo(dir: &Path) -> Self {
        let bench = Self::open(dir).await;
        bench.apply(DEMO).await;
        bench
    }

    /// One on whatever this folder holds.
    pub async fn open(dir: &Path) -> Self {
        Self::open_at(&dir.join("hookswitch.db"), dir).await.expect("a store")
    }

    /// One on this database, with its other files in this folder.
    pub async fn open_at(database: &Path, data: &Path) -> Result<Self, StoreError> {
        let clock = Clock::stopped(at(MONDAY));
        let vault = Vault::new(&MasterKey::new([7; 32]));
        let url = format!("sqlite://{}", database.display());
        let store = Store::open(&url, StoreOptions::new(data, clock.clone(), vault)).await?;
        let settings = Settings { public_base_url: BASE.to_owned(), allowed_countries: Vec::new(), test_clock: false };
        let switchboard = Switchboard::start(store.clone(), clock.clone(), settings).await.expect("a switchboard");
        Ok(Self { switchboard, store, clock })
    }

    /// Applies rules and takes them in.
    pub async fn apply(&self, text: &str) {
        let ruleset = rules(text);
        self.store.apply(&ruleset, None, self.clock.now()).await.expect("rules that can be stored");
        self.switchboard.learn(&ruleset).expect("hours that compile");
    }

    /// Sends a form to an address of `acme-twilio`, signed.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        let body = encode(form);
        let target = format!("/webhooks/acme-twilio/{path}");
        let signature =
            Signer::new(&Secret::new("demo-auth-token")).sign(&format!("{BASE}{target}"), &Form::read(body.as_bytes()));
        self.send(&target, &body, &signature).await
    }

    /// Sends a body with whatever signature.
    pub async fn send(&self, target: &str, body: &str, signature: &str) -> Reply {
        let headers = [("x-twilio-signature", signature), ("content-type", "application/x-www-form-urlencoded")];
        let request = Request { method: "POST", target, headers: &headers, body: body.as_bytes() };
        self.switchboard.webhook("acme-twilio", &request).await
    }

    /// Ana calls the Chicago number.
    pub async fn ana_calls(&self, sid: &str) -> Reply {
        self.post("voice", &call(sid, "+13125550101")).await
    }

    /// Writes everything down and lets go of the database.
    pub async fn close(self) {
        drop(self.switchboard);
        assert!(self.store.close(std::time::Duration::from_secs(10)).await, "everything was written down");
    }
}

/// The parameters of a call to the Chicago number.
pub fn call<'a>(sid: &'a str, from: &'a str) -> [(&'a str, &'a str); 5] {
    [("CallSid", sid), ("From", from), ("To", "+13125550190"), ("CallStatus", "ringing"), ("Direction", "inbound")]
}

/// A form, encoded.
pub fn encode(form: &[(&str, &str)]) -> String {
    let mut encoded = String::new();
    for (name, value) in form {
        if !encoded.is_empty() {
            encoded.push('&');
        }
        encoded.extend(form_urlencoded::byte_serialize(name.as_bytes()));
        encoded.push('=');
        encoded.extend(form_urlencoded::byte_serialize(value.as_bytes()));
    }
    encoded
}

/// A reply's document.
pub fn text(reply: &Reply) -> String {
    String::from_utf8(reply.body.clone()).expect("a document is UTF-8")
}

/// The path and query behind the account of the first of our addresses that has this step.
pub fn link(reply: &Reply, step: &str) -> String {
    let text = text(reply).replace("&amp;", "&");
    let prefix = format!("{BASE}/webhooks/acme-twilio/");
    let found = text.split(&prefix).skip(1).map(|rest| rest.split(['"', '<']).next().unwrap_or_default());
    let wanted = format!("voice/{step}?");
    found.into_iter().find(|link| link.starts_with(&wanted)).unwrap_or_else(|| panic!("no {step} in {text}")).to_owned()
}
