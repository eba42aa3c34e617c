//! How long deciding takes, and a whole webhook in memory, with a thousand sessions and with a million.
//!
//! Deliberately not here: the store and the network. The figures are printed, not asserted.

use std::hint::black_box;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use hookswitch::domain::event::IncomingCall;
use hookswitch::domain::{
    CallId, CallerId, Clock, E164, Event, EventKind, MaskingNumber, Moment, Session, SessionKind, SessionOptions,
    SessionState,
};
use hookswitch::providers::{Form, Request, Signer};
use hookswitch::routing;
use hookswitch::rules::file;
use hookswitch::rules::ruleset::{Ruleset, Secret};
use hookswitch::store::fact::Fact;
use hookswitch::store::{MasterKey, Vault};
use hookswitch::switchboard::directory::Directory;
use hookswitch::switchboard::live::Live;
use hookswitch::switchboard::{Settings, Switchboard};

const DEMO: &str = include_str!("../routing-rules/demo.toml");
const NUMBER: &str = "+13125550190";
const SIZES: [u64; 2] = [1_000, 1_000_000];

fn now() -> Moment {
    Moment::read("2026-03-09T09:02:11-05:00").expect("an instant")
}

fn demo() -> Ruleset {
    let none = |_: &str| None;
    file::read(DEMO, "demo.toml", None, &none).expect("the demo world reads").0
}

/// Sessions of phones that exist nowhere, on the demo's number.
fn sessions(count: u64) -> impl Iterator<Item = Session> {
    let number = MaskingNumber::rented(E164::read(NUMBER).expect("a number"));
    (0..count).map(move |n| Session {
        id: format!("s{n}").as_str().into(),
        tenant: "acme".into(),
        location: None,
        number,
        first_party: E164::from_digits(15_550_000_000 + 2 * n),
        second_party: E164::from_digits(15_550_000_001 + 2 * n),
        kind: SessionKind::Job { technician: Some("jo".into()), customer: None, work_order: None },
        state: SessionState::Live { expires_at: None },
        started_at: None,
        options: SessionOptions::default(),
    })
}

fn deciding(c: &mut Criterion) {
    let mut group = c.benchmark_group("decide");
    group.measurement_time(Duration::from_secs(3));
    for size in SIZES {
        let directory = Directory::new(now(), Vec::new(), false);
        let ruleset = demo();
        let facts = ruleset.locations.iter().cloned().map(|location| Fact::Location(Box::new(location)));
        let learn = |fact| directory.learn(fact).expect("the demo's hours");
        learn(Fact::Tenant(ruleset.tenant.clone(), ruleset.secrets.clone()));
        ruleset.accounts.iter().cloned().for_each(|(account, secrets)| learn(Fact::Account(account, secrets)));
        facts.for_each(learn);
        ruleset.technicians.iter().cloned().map(Fact::Technician).for_each(learn);
        ruleset.customers.iter().cloned().map(Fact::Customer).for_each(learn);
        ruleset.work_orders.iter().cloned().map(Fact::WorkOrder).for_each(learn);
        ruleset.numbers.iter().cloned().map(Fact::Number).for_each(learn);
        ruleset.sessions.iter().cloned().map(Fact::Session).for_each(learn);
        sessions(size).map(Fact::Session).for_each(learn);
        directory.settle_countries();
        let live = Live::default();
        let view = directory.view(&live, now());
        let event = Event {
            account: "acme-twilio".into(),
            account_sid: None,
            kind: EventKind::Call(IncomingCall {
                id: CallId(1),
                sid: "CA00000000000000000000000000000001".to_owned(),
                from: CallerId::read("+13125550101"),
                to: E164::read(NUMBER),
            }),
        };
        group.bench_function(BenchmarkId::from_parameter(size), |b| {
            b.iter(|| black_box(routing::decide(&view, black_box(&event), now())));
        });
    }
    group.finish();
}

fn webhook(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut group = c.benchmark_group("webhook without a store");
    group.measurement_time(Duration::from_secs(3));
    for size in SIZES {
        let mut ruleset = demo();
        ruleset.tenant.limits.calls_per_minute_per_caller = 0;
        ruleset.tenant.limits.calls_per_day_per_session = 0;
        ruleset.tenant.limits.concurrent_calls = 0;
        ruleset.tenant.limits.attempts_per_minute_per_pair = 0;
        ruleset.sessions.extend(sessions(size));
        let settings = Settings {
            public_base_url: "http://127.0.0.1:8080".to_owned(),
            allowed_countries: Vec::new(),
            test_clock: false,
        };
        let vault = Vault::new(&MasterKey::new([7; 32]));
        let switchboard = Switchboard::offline(&[ruleset], Clock::stopped(now()), settings, vault).expect("a world");
        let signer = Signer::new(&Secret::new("demo-auth-token"));
        let mut count = 0u64;
        group.bench_function(BenchmarkId::from_parameter(size), |b| {
            b.iter_batched(
                || {
                    count += 1;
                    signed(&signer, count)
                },
                |(body, signature)| runtime.block_on(answer(&switchboard, &body, &signature)),
                criterion::BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

const TARGET: &str = "/webhooks/acme-twilio/voice";

/// A distinct call with the parameters that Twilio sends, and its signature.
fn signed(signer: &Signer, count: u64) -> (String, String) {
    let body = format!(
        "AccountSid={}&ApiVersion=2010-04-01&CallSid=CA{count:032x}&CallStatus=ringing&Called=%2B13125550190&\
         CalledCity=CHICAGO&CalledCountry=US&CalledState=IL&CalledZip=60601&Caller=%2B13125550101&CallerCity=CHICAGO&\
         CallerCountry=US&CallerState=IL&CallerZip=60601&Direction=inbound&From=%2B13125550101&FromCity=CHICAGO&\
         FromCountry=US&FromState=IL&FromZip=60601&To=%2B13125550190&ToCity=CHICAGO&ToCountry=US&ToState=IL&ToZip=60601",
        account_sid()
    );
    let signature = signer.sign(&format!("http://127.0.0.1:8080{TARGET}"), &Form::read(body.as_bytes()));
    (body, signature)
}

fn account_sid() -> &'static str {
    static SID: OnceLock<String> = OnceLock::new();
    SID.get_or_init(|| {
        let accounts = demo().accounts.into_iter().map(|(account, _)| account);
        accounts.into_iter().find(|account| account.id.as_str() == "acme-twilio").expect("the demo's").account_sid
    })
}

async fn answer(switchboard: &Arc<Switchboard>, body: &str, signature: &str) {
    let headers = [("x-twilio-signature", signature), ("content-type", "application/x-www-form-urlencoded")];
    let request = Request { method: "POST", target: TARGET, headers: &headers, body: body.as_bytes() };
    let reply = switchboard.webhook("acme-twilio", &request).await;
    assert_eq!(reply.status, 200);
    black_box(reply);
}

criterion_group!(benches, deciding, webhook);
criterion_main!(benches);
