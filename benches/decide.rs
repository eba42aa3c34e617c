//! How long deciding takes, a whole webhook in memory, and hours: with a thousand sessions and with a million.
//!
//! Deliberately not here: the store and the network (`figures`). The times are printed, not asserted.

mod support;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use hookswitch::domain::event::IncomingCall;
use hookswitch::domain::{CallId, CallerId, Clock, E164, Event, EventKind, Location};
use hookswitch::routing;
use hookswitch::rules::hours::Hours;
use hookswitch::store::fact::Fact;
use hookswitch::store::{MasterKey, Vault};
use hookswitch::switchboard::Switchboard;
use hookswitch::switchboard::directory::Directory;
use hookswitch::switchboard::live::Live;

use support::{Caller, NUMBER, answered, chosen, customer, demo, now, sessions, settings};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SIZES: [u64; 2] = [1_000, 1_000_000];

/// Calls that take turns, so that no cache holds all that they need.
const CALLS: u64 = 4096;

fn deciding(c: &mut Criterion) {
    let mut group = c.benchmark_group("decide");
    group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    for size in SIZES {
        let directory = Directory::new(now(), Vec::new(), false);
        let ruleset = demo();
        let learn = |fact| directory.learn(fact).expect("the demo's hours");
        learn(Fact::Tenant(ruleset.tenant.clone(), ruleset.secrets.clone()));
        ruleset.accounts.iter().cloned().for_each(|(account, secrets)| learn(Fact::Account(account, secrets)));
        ruleset.locations.iter().cloned().for_each(|location| learn(Fact::Location(Box::new(location))));
        ruleset.technicians.iter().cloned().map(Fact::Technician).for_each(learn);
        ruleset.customers.iter().cloned().map(Fact::Customer).for_each(learn);
        ruleset.work_orders.iter().cloned().map(Fact::WorkOrder).for_each(learn);
        ruleset.numbers.iter().cloned().map(Fact::Number).for_each(learn);
        sessions(size).map(Fact::Session).for_each(learn);
        directory.settle_countries();
        let live = Live::default();
        let view = directory.view(&live, now());
        let events: Vec<Event> = (0..CALLS).map(|no| incoming(no, size)).collect();
        let mut turn = events.iter().cycle();
        group.bench_function(BenchmarkId::from_parameter(size), |b| {
            b.iter(|| black_box(routing::decide(&view, black_box(turn.next().expect("a cycle")), now())));
        });
    }
    group.finish();
}

fn incoming(no: u64, crowd: u64) -> Event {
    let call = IncomingCall {
        id: CallId(u128::from(no)),
        sid: format!("CA{no:032x}"),
        from: CallerId::Number(customer(chosen(no, crowd))),
        to: E164::from_digits(NUMBER),
    };
    Event { account: "acme-twilio".into(), account_sid: None, kind: EventKind::Call(call) }
}

fn webhook(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let mut group = c.benchmark_group("webhook without a store");
    group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    for size in SIZES {
        let mut ruleset = demo();
        ruleset.sessions.extend(sessions(size));
        let vault = Vault::new(&MasterKey::new([7; 32]));
        let board = Switchboard::offline(&[ruleset], Clock::stopped(now()), settings(), vault).expect("a world");
        let caller = Caller::new();
        let mut no = 0;
        group.bench_function(BenchmarkId::from_parameter(size), |b| {
            b.iter_batched(
                || {
                    no += 1;
                    caller.call(no, size)
                },
                |call| runtime.block_on(answered(&board, &call)),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn hours(c: &mut Criterion) {
    let location = demo().locations.remove(0);
    let mut group = c.benchmark_group("hours");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    // No two are for the same place, or what was compiled for the first would do for all.
    let mut no = 0;
    group.bench_function("compile", |b| {
        b.iter_batched(
            || {
                no += 1;
                let closed_dates = vec![format!("{}-01-01", 1900 + no % 8000)];
                Location { closed_dates, ..location.clone() }
            },
            |location| Hours::compile(&location, now()),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("compile the same again", |b| b.iter(|| Hours::compile(black_box(&location), now())));
    let compiled = Hours::compile(&location, now()).expect("the demo's hours");
    group.bench_function("at", |b| b.iter(|| black_box(compiled.at(black_box(now()), &location.overrides))));
    group.finish();
}

criterion_group!(benches, deciding, webhook, hours);
criterion_main!(benches);
