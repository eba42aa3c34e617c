//! What the measurements share: the demo's world with a crowd of sessions in it, and calls of them, signed.
//!
//! Deliberately not here: measuring.

use std::sync::Arc;

use hookswitch::domain::{
    AccountKind, E164, MaskingNumber, Moment, Session, SessionKind, SessionOptions, SessionState, TenantId,
};
use hookswitch::providers::{Form, Request, Signer};
use hookswitch::rules::file;
use hookswitch::rules::ruleset::{Ruleset, Secret};
use hookswitch::switchboard::{Settings, Switchboard};

/// The number that all of the crowd call.
pub const NUMBER: u64 = 13_125_550_190;

/// The phone of the crowd's first technician; each session has two phones of its own.
pub const FIRST_PHONE: u64 = 13_120_000_000;

const ACCOUNT: &str = "acme-twilio";
const TARGET: &str = "/webhooks/acme-twilio/voice";
const BASE: &str = "http://127.0.0.1:8080";

/// A Monday morning in Chicago, in hours.
pub fn now() -> Moment {
    Moment::read("2026-03-09T09:02:11-05:00").expect("an instant")
}

/// The demo's world, without caps: here a million people call within a minute.
pub fn demo() -> Ruleset {
    let none = |_: &str| None;
    let (mut ruleset, _) =
        file::read(include_str!("../../routing-rules/demo.toml"), "demo.toml", None, &none).expect("the demo reads");
    ruleset.tenant.limits.calls_per_minute_per_caller = 0;
    ruleset.tenant.limits.calls_per_day_per_session = 0;
    ruleset.tenant.limits.concurrent_calls = 0;
    ruleset.tenant.limits.attempts_per_minute_per_pair = 0;
    ruleset
}

/// The customer's phone of session `no`.
pub fn customer(no: u64) -> E164 {
    E164::from_digits(FIRST_PHONE + 2 * no + 1).expect("a phone")
}

/// The crowd: sessions of a technician and a customer, all on one number.
pub fn sessions(count: u64) -> impl Iterator<Item = Session> {
    let number = MaskingNumber::rented(E164::from_digits(NUMBER).expect("a number"));
    let tenant = TenantId::from("acme");
    (0..count).map(move |no| Session {
        id: format!("s{no}").into(),
        tenant: tenant.clone(),
        location: None,
        number,
        first_party: E164::from_digits(FIRST_PHONE + 2 * no),
        second_party: Some(customer(no)),
        kind: SessionKind::Job { technician: Some("jo".into()), customer: None, work_order: None },
        state: SessionState::Live { expires_at: None },
        started_at: None,
        options: SessionOptions::default(),
    })
}

/// The session that call `no` is of: all over the crowd, and the same in every run.
pub fn chosen(no: u64, crowd: u64) -> u64 {
    (no.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16) % crowd
}

/// How the switchboard is set.
pub fn settings() -> Settings {
    Settings { public_base_url: BASE.to_owned(), allowed_countries: Vec::new(), test_clock: false }
}

/// Signs as the demo's Twilio account does.
pub struct Caller {
    signer: Signer,
    account_sid: String,
}

/// A webhook, ready to be sent.
pub struct Call {
    body: String,
    signature: String,
}

impl Caller {
    /// One that knows the demo's token.
    pub fn new() -> Self {
        let accounts = demo().accounts;
        let (account, secrets) =
            accounts.iter().find(|(account, _)| account.kind == AccountKind::Twilio).expect("the demo's account");
        let token: &Secret = secrets.auth_tokens.first().expect("its token");
        Self { signer: Signer::new(token), account_sid: account.account_sid.clone() }
    }

    /// Call `no`, by the customer of one of the crowd's sessions, with the parameters that Twilio sends.
    pub fn call(&self, no: u64, crowd: u64) -> Call {
        let (sid, from) = (&self.account_sid, customer(chosen(no, crowd)).digits());
        let body = format!(
            "AccountSid={sid}&ApiVersion=2010-04-01&CallSid=CA{no:032x}&CallStatus=ringing&CallToken=%7B%22parentCallInfoToken%22%3A%22eyJhbGciOiJFUzI1NiJ9%22%7D&\
             Called=%2B{NUMBER}&CalledCity=CHICAGO&CalledCountry=US&CalledState=IL&CalledZip=60601&Caller=%2B{from}&\
             CallerCity=CHICAGO&CallerCountry=US&CallerState=IL&CallerZip=60601&Direction=inbound&From=%2B{from}&\
             FromCity=CHICAGO&FromCountry=US&FromState=IL&FromZip=60601&StirVerstat=TN-Validation-Passed-A&\
             To=%2B{NUMBER}&ToCity=CHICAGO&ToCountry=US&ToState=IL&ToZip=60601"
        );
        let signature = self.signer.sign(&format!("{BASE}{TARGET}"), &Form::read(body.as_bytes()));
        Call { body, signature }
    }
}

/// Has a call answered. Whoever is fast because the answer is wrong is stopped here.
pub async fn answered(board: &Arc<Switchboard>, call: &Call) {
    let headers = [
        ("x-twilio-signature", call.signature.as_str()),
        ("content-type", "application/x-www-form-urlencoded; charset=UTF-8"),
    ];
    let request = Request { method: "POST", target: TARGET, headers: &headers, body: call.body.as_bytes() };
    let reply = board.webhook(ACCOUNT, &request).await;
    assert_eq!(reply.status, 200, "the webhook is answered");
    let document = String::from_utf8_lossy(&reply.body);
    assert!(document.contains("<Dial"), "somebody is rung: {document}");
}
