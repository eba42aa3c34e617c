//! Callbacks: what a call, an end and an expiry tell a tenant's program, in order, signed, and until it takes them.
//!
//! Deliberately not here: which step is which news (`routing::news`), and which addresses are refused (`jobs::guard`).

use std::sync::Arc;
use std::time::Duration;

use hookswitch::domain::{
    Callback, CallbackMethod, Clock, Door, E164, MaskingNumber, Session, SessionKind, SessionOptions, SessionState,
    TenantId, Terms,
};
use hookswitch::jobs::deliver::Courier;
use hookswitch::jobs::guard::{Exceptions, Guard};
use hookswitch::jobs::halt::Halt;
use hookswitch::providers::callback::{Signed, plivo_v3};
use hookswitch::rules::ruleset::{Ruleset, Secret};
use hookswitch::store::base::Wants;
use hookswitch::store::edit::Actor;
use hookswitch::switchboard::desk::{Asker, Plan};
use serde_json::{Value, json};

use crate::api::{Api, Told};
use crate::receiver::{Receiver, says};
use crate::support::Bench;

/// The number of the pairs.
pub const NUMBER: &str = "+13125550190";

/// The first party of pair `no`, and its second party.
pub fn pair(no: u64) -> (E164, E164) {
    let phone = |last| E164::from_digits(13_125_550_000 + last).expect("a number of the fiction range");
    (phone(150 + 2 * no), phone(151 + 2 * no))
}

/// A session of pair `no` whose news go to this address.
pub async fn open(bench: &Bench, no: u64, url: &str, method: CallbackMethod) -> Session {
    let (first, second) = pair(no);
    let now = bench.clock.now();
    let callback = Callback { url: Some(url.to_owned()), method };
    let terms = Terms { callback: callback.clone(), recording_callback: callback, ..Terms::plain(Door::Plivo, now) };
    let session = Session {
        id: format!("pair-{no}").into(),
        tenant: "acme".into(),
        location: None,
        number: MaskingNumber::rented(E164::read(NUMBER).expect("a number")),
        first_party: Some(first),
        second_party: Some(second),
        kind: SessionKind::PlainPair,
        state: SessionState::Live { expires_at: Some(now.plus(Duration::from_secs(7200))) },
        started_at: None,
        options: SessionOptions { terms: Some(Arc::new(terms)), ..SessionOptions::default() },
    };
    let asker = Asker { by: Actor::Program, request: "test".to_owned(), at: now };
    let tenant = TenantId::from("acme");
    let wants = Wants::default();
    let made = bench.switchboard.change::<_, ()>(&tenant, &wants, &asker, |base| {
        Ok(Plan::put(Ruleset { sessions: vec![session.clone()], ..base.rules.only_tenant() }, ()))
    });
    made.await.expect("a session that can be made");
    session
}

/// The parameters of a call between two phones.
pub fn form(sid: &str, from: &str, to: &str, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut form = vec![("CallSid", sid), ("From", from), ("To", to), ("CallStatus", "ringing")];
    form.extend_from_slice(more);
    form.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Sends a webhook.
pub async fn post(bench: &Bench, path: &str, form: &[(String, String)]) -> hookswitch::switchboard::Reply {
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    bench.post(path, &form).await
}

/// Pair `no` talks for a minute; the first party calls.
pub async fn talk(bench: &Bench, no: u64, sid: &str) {
    let (first, second) = pair(no);
    let (first, second) = (first.to_string(), second.to_string());
    let reply = post(bench, "voice", &form(sid, &first, NUMBER, &[])).await;
    assert!(crate::support::text(&reply).contains(&second), "{}", crate::support::text(&reply));
    let status = crate::support::link(&reply, "status");
    let child = format!("{sid}c");
    for (word, sequence) in [("ringing", "1"), ("in-progress", "2")] {
        let more = [("ParentCallSid", sid), ("SequenceNumber", sequence)];
        let mut news = form(&child, NUMBER, &second, &more);
        news.retain(|(name, _)| name != "CallStatus");
        news.push(("CallStatus".to_owned(), word.to_owned()));
        post(bench, &status, &news).await;
    }
    let over = [("DialCallStatus", "completed"), ("DialCallDuration", "60"), ("DialBridged", "true")];
    post(bench, &crate::support::link(&reply, "dialed"), &form(sid, &first, NUMBER, &over)).await;
    hung_up(bench, no, sid, "61").await;
}

/// The caller's own leg of a call of pair `no` is over.
async fn hung_up(bench: &Bench, no: u64, sid: &str, seconds: &str) {
    let mut gone = form(sid, &pair(no).0.to_string(), NUMBER, &[("CallDuration", seconds)]);
    gone[3].1 = "completed".to_owned();
    post(bench, "voice/status", &gone).await;
}

/// One that may call loopback.
pub fn courier(bench: &Bench) -> Arc<Courier> {
    rustls::crypto::ring::default_provider().install_default().ok();
    let loopback = Exceptions::new(vec!["127.0.0.1".parse().expect("an exception")]);
    let guard = Guard::new(loopback);
    let (store, board) = (bench.store.clone(), Arc::clone(&bench.switchboard));
    Arc::new(Courier::new(store, board, bench.clock.clone(), guard).punctual())
}

/// Nobody says it; whoever does leaves a moment.
pub fn halt() -> Halt {
    Halt::new(Duration::from_millis(300))
}

/// Delivers what is due.
pub async fn round(bench: &Bench) {
    courier(bench).round().await.expect("a database");
}

/// Lets time pass.
pub fn later(bench: &Bench, seconds: u64) {
    bench.clock.set(bench.clock.now().plus(Duration::from_secs(seconds)));
}

/// The deliveries as the API lists them, the oldest first.
pub async fn listed(api: &Api, query: &str) -> Vec<Value> {
    let told = api.ask("GET", &format!("/api/v1/deliveries?limit=100{query}"), Value::Null).await;
    let mut items = told.body["items"].as_array().unwrap_or_else(|| panic!("{told:?}")).clone();
    items.sort_by_key(|item| (item["session_id"].to_string(), item["sequence_number"].as_i64()));
    items
}

/// What a call that was talked tells.
pub const WHOLE: [&str; 6] = [
    "1 SessionFirstPartyAnswer",
    "2 SessionSecondPartyRing",
    "3 SessionSecondPartyAnswer",
    "4 SessionSecondPartyHangup",
    "5 SessionFirstPartyHangup",
    "6 SessionPartiesHangup",
];

#[tokio::test]
async fn a_call_is_told_in_order_and_signed_both_ways() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::demo(dir.path()).await;
    // An independent library goes by the clock on the wall.
    bench.clock.set(Clock::System.now());
    let receiver = Receiver::start(&[]).await;
    open(&bench, 0, &receiver.url("/hooks?who=acme"), CallbackMethod::Post).await;
    talk(&bench, 0, "CA1").await;
    round(&bench).await;
    assert_eq!(receiver.events(), WHOLE);
    let api = Api::on(bench);
    let secrets = api.ask("GET", "/api/v1/callback-secrets", Value::Null).await;
    let secret = secrets.body["items"][0]["secret"].as_str().expect("a secret").to_owned();
    let judge = standardwebhooks::Webhook::new(&secret).expect("a secret as the standard has it");
    for got in receiver.got() {
        judge.verify(got.body.as_bytes(), &got.headers).expect("an independent library accepts it");
        assert!(judge.verify(format!("{}0", got.body).as_bytes(), &got.headers).is_err(), "another body");
        assert_eq!(got.header("content-type"), "application/x-www-form-urlencoded");
        let parameters: Vec<(String, String)> = form_urlencoded::parse(got.body.as_bytes()).into_owned().collect();
        let url = receiver.url(&got.target);
        let signed = Signed { url: &url, parameters: &parameters, form: true };
        let nonce = got.header("x-plivo-signature-v3-nonce");
        let expected = plivo_v3(signed, nonce, &[Secret::new("demo-auth-token")]);
        assert_eq!(got.header("x-plivo-signature-v3"), expected);
        assert_eq!((got.told("From").as_str(), got.told("To").as_str()), ("13125550150", "13125550151"));
        assert_eq!((got.told("VirtualNumber").as_str(), got.told("SessionUUID").as_str()), ("13125550190", "pair-0"));
    }
    let over = &receiver.got()[3];
    assert_eq!((over.told("Duration"), over.told("BilledDuration")), ("60".to_owned(), "60".to_owned()));

    // Another secret: both sign for a day.
    let rotated = api.ask("POST", "/api/v1/callback-secrets", Value::Null).await;
    assert_eq!(rotated.status, 201, "{rotated:?}");
    talk(&api.bench, 0, "CA2").await;
    round(&api.bench).await;
    let last = receiver.got().pop().expect("news");
    assert_eq!(last.told("SequenceNumber"), "12");
    for secret in [secret.as_str(), rotated.body["secret"].as_str().expect("a secret")] {
        let judge = standardwebhooks::Webhook::new(secret).expect("a secret");
        judge.verify(last.body.as_bytes(), &last.headers).expect("either is accepted");
    }
    api.bench.clock.set(api.bench.clock.now().plus_days(2));
    let secrets = api.ask("GET", "/api/v1/callback-secrets", Value::Null).await;
    assert_eq!(secrets.body["items"].as_array().map(Vec::len), Some(1), "{secrets:?}");
    assert_eq!(secrets.body["items"][0]["secret"], rotated.body["secret"]);
}

#[tokio::test]
async fn a_get_has_its_parameters_in_the_address() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::demo(dir.path()).await;
    let receiver = Receiver::start(&[]).await;
    open(&bench, 0, &receiver.url("/hooks?who=a%20b"), CallbackMethod::Get).await;
    talk(&bench, 0, "CA1").await;
    round(&bench).await;
    assert_eq!(receiver.events(), WHOLE);
    let got = receiver.got().remove(0);
    assert_eq!((got.method.as_str(), got.told("who").as_str(), got.body.as_str()), ("GET", "a b", ""));
    assert_eq!(got.header("webhook-signature"), "", "there is no body to sign");
    let query = got.target.split_once('?').map(|(_, query)| query).unwrap_or_default();
    let parameters: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let signed = Signed { url: &receiver.url("/hooks"), parameters: &parameters, form: false };
    let expected = plivo_v3(signed, got.header("x-plivo-signature-v3-nonce"), &[Secret::new("demo-auth-token")]);
    assert_eq!(got.header("x-plivo-signature-v3"), expected);
}

#[tokio::test]
async fn repeats_tell_nothing_twice() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::demo(dir.path()).await;
    let receiver = Receiver::start(&[]).await;
    open(&bench, 0, &receiver.url("/"), CallbackMethod::Post).await;
    tokio::join!(talk(&bench, 0, "CA1"), talk(&bench, 0, "CA1"), talk(&bench, 0, "CA1"));
    // The end of the caller's own leg, in other words: it was told already.
    hung_up(&bench, 0, "CA1", "64").await;
    bench.close().await;
    let bench = Bench::open(dir.path()).await;
    talk(&bench, 0, "CA1").await;
    round(&bench).await;
    round(&bench).await;
    assert_eq!(receiver.events(), WHOLE);
}

#[tokio::test]
async fn a_receiver_that_fails_is_asked_again_across_a_restart_and_in_order() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::demo(dir.path()).await;
    let receiver = Receiver::start(&[says(500), says(302), says(500)]).await;
    open(&bench, 0, &receiver.url("/"), CallbackMethod::Post).await;
    talk(&bench, 0, "CA1").await;
    let asked = |count: usize, why: &str| assert_eq!(receiver.got().len(), count, "{why}");
    round(&bench).await;
    asked(1, "at once, and nothing behind it");
    later(&bench, 4);
    round(&bench).await;
    asked(1, "not yet");
    later(&bench, 1);
    round(&bench).await;
    asked(2, "after five seconds");
    let now = bench.clock.now();
    bench.close().await;
    let bench = Bench::open(dir.path()).await;
    bench.clock.set(now.plus(Duration::from_secs(299)));
    round(&bench).await;
    asked(2, "after a restart it is as it was");
    later(&bench, 1);
    round(&bench).await;
    asked(3, "after five minutes");
    later(&bench, 1800);
    round(&bench).await;
    asked(9, "taken, and all behind it");
    assert_eq!(receiver.events()[3..], WHOLE);
    let ids: std::collections::BTreeSet<String> =
        receiver.got().iter().map(|got| got.header("webhook-id").to_owned()).collect();
    assert_eq!(ids.len(), 6, "a delivery keeps its id");
}

#[tokio::test]
async fn what_is_given_up_can_be_sent_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let receiver = Receiver::start(&vec![says(503); 10]).await;
    let session = open(&api.bench, 0, &receiver.url("/"), CallbackMethod::Post).await;
    end(&api, &session).await;
    for hours in [0, 1, 1, 1, 3, 6, 11, 15, 21, 25] {
        later(&api.bench, hours * 3600);
        round(&api.bench).await;
    }
    assert_eq!(receiver.got().len(), 10);
    let dead = listed(&api, "&state=dead").await;
    assert_eq!((dead.len(), &dead[0]["attempts"], &dead[0]["last_status"]), (1, &json!(10), &json!(503)), "{dead:?}");
    assert_eq!(dead[0]["last_error"], "it was answered 503");
    let path = format!("/api/v1/deliveries/{}", dead[0]["id"].as_str().expect("an id"));
    later(&api.bench, 86_400 * 2);
    round(&api.bench).await;
    assert_eq!(receiver.got().len(), 10, "it is not tried by itself");
    let again = api.ask("POST", &format!("{path}/retry"), Value::Null).await;
    assert_eq!((again.status, &again.body["state"]), (200, &json!("pending")), "{again:?}");
    round(&api.bench).await;
    assert_eq!(receiver.got().len(), 11);
    let shown = api.ask("GET", &path, Value::Null).await;
    assert_eq!((&shown.body["state"], &shown.body["attempts"]), (&json!("delivered"), &json!(1)), "{shown:?}");
    assert_eq!(shown.body["parameters"]["EventName"], "SessionTimeout");
    let late = api.ask("POST", &format!("{path}/retry"), Value::Null).await;
    assert_eq!((late.status, late.errors()), (409, vec![" delivered".to_owned()]));
    let wrong = api.ask("GET", "/api/v1/deliveries?state=lost", Value::Null).await;
    assert_eq!((wrong.status, wrong.errors()), (422, vec!["state invalid".to_owned()]));
    let audit = api.ask("GET", "/api/v1/audit?limit=1", Value::Null).await;
    assert_eq!(audit.body["items"][0]["kind"], "delivery", "{audit:?}");
}

/// Ends a session through the API.
pub async fn end(api: &Api, session: &Session) -> Told {
    let ended = api.ask("DELETE", &format!("/api/v1/sessions/{}", session.id), Value::Null).await;
    assert!(ended.status < 300, "{ended:?}");
    ended
}
