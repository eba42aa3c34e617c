//! Somebody is slow: a provider that drips sounds, a tenant's receivers that hang. Calls are started and other tenants hear
//! their news all the same.
//!
//! Deliberately not here: receivers and providers that fail (`deliveries_odd`, `placed`).

use std::sync::Arc;
use std::time::{Duration, Instant};

use hookswitch::domain::{
    Callback, CallbackMethod, Door, E164, MaskingNumber, Session, SessionKind, SessionOptions, SessionState, TenantId,
    Terms,
};
use hookswitch::rules::ruleset::Ruleset;
use hookswitch::store::base::Wants;
use hookswitch::store::edit::Actor;
use hookswitch::switchboard::desk::{Asker, Plan};

use crate::deliveries::{courier, halt};
use crate::double::Mishap;
use crate::kept_sounds::left;
use crate::placed::{call_first_party, on_double};
use crate::receiver::{Receiver, Says, says};
use crate::support::{Bench, DEMO};

/// Another tenant, with a number of its own.
const BIRCH: &str = r#"
[tenant]
id = "birch"
[[provider_account]]
id = "birch-twilio"
kind = "twilio"
sandbox = true
[[location]]
id = "boston"
time_zone = "America/New_York"
[[number]]
e164 = "+16175550190"
provider_account_id = "birch-twilio"
location_id = "boston"
"#;

/// Another number of the demo's tenant.
const MORE: &str = r#"
[[number]]
e164 = "+18475550190"
provider_account_id = "acme-twilio"
location_id = "chicago"
"#;

async fn until(what: &str, limit: Duration, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < limit, "not within {limit:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn sounds_that_drip_stop_no_call() {
    let dir = tempfile::tempdir().expect("a folder");
    let (bench, double, errands) = on_double(dir.path()).await;
    double.break_with([Mishap::Drips; 20]);
    for no in 0..20 {
        left(&bench, &double, &format!("CAmail{no}")).await;
    }
    let running = tokio::spawn(errands.run(halt()));
    until("sounds are fetched", Duration::from_secs(5), || double.came().len() >= 4).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(double.came().len(), 4, "a tenant has some of the seats");
    double.mend();
    call_first_party(&bench).await;
    until("a call is started", Duration::from_secs(5), || !double.calls().is_empty()).await;
    running.abort();
}

/// Sessions of a tenant whose end is told to these addresses.
async fn tell_of_ends(bench: &Bench, tenant: &str, numbers: &[u64], urls: &[String]) {
    let now = bench.clock.now();
    let whole = |digits| E164::from_digits(digits).expect("a number of the fiction range");
    let session = |(no, url): (usize, &String)| {
        let callback = Callback { url: Some(url.clone()), method: CallbackMethod::Post };
        let terms = Terms { callback, ..Terms::plain(Door::Plivo, now) };
        let ends_at = now.plus(Duration::from_secs(60));
        let number = numbers[no % numbers.len()];
        let phone = number - 40 + 2 * (no / numbers.len()) as u64;
        Session {
            id: format!("{tenant}-{no}").into(),
            tenant: tenant.into(),
            location: None,
            number: MaskingNumber::rented(whole(number)),
            first_party: Some(whole(phone)),
            second_party: Some(whole(phone + 1)),
            kind: SessionKind::PlainPair,
            state: SessionState::Live { expires_at: Some(ends_at) },
            started_at: None,
            options: SessionOptions { terms: Some(Arc::new(terms)), ..SessionOptions::default() },
        }
    };
    let sessions: Vec<Session> = urls.iter().enumerate().map(session).collect();
    let asker = Asker { by: Actor::Program, request: "test".to_owned(), at: now };
    let (tenant, wants) = (TenantId::from(tenant), Wants::default());
    let made = bench.switchboard.change::<_, ()>(&tenant, &wants, &asker, |base| {
        Ok(Plan::put(Ruleset { sessions: sessions.clone(), ..base.rules.only_tenant() }, ()))
    });
    made.await.expect("sessions that can be made");
}

#[tokio::test]
async fn a_tenants_hanging_receivers_hold_no_other_tenant_up() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::open(dir.path()).await;
    bench.apply(&format!("{DEMO}{MORE}")).await;
    bench.apply(BIRCH).await;
    let hangs = Says { after: Duration::from_secs(60), ..says(200) };
    let hanging = Receiver::start(&vec![hangs; 300]).await;
    let quick = Receiver::start(&[]).await;
    let each: Vec<String> = (0..40).map(|no| hanging.url(&format!("/session/{no}"))).collect();
    tell_of_ends(&bench, "acme", &[13_125_550_190, 18_475_550_190], &each).await;
    tell_of_ends(&bench, "birch", &[16_175_550_190], &[quick.url("/")]).await;
    bench.clock.set(bench.clock.now().plus(Duration::from_secs(61)));
    assert_eq!(bench.store.tell_expired(bench.clock.now()).await.expect("a database"), 41);
    // The other tenant's is the last to come up.
    let mut conn = crate::faults::stranger(&dir.path().join("hookswitch.db")).await;
    let sql = "UPDATE outbox SET due_at = due_at + (tenant = 'birch')";
    sqlx::query(sql).execute(&mut conn).await.expect("written");
    let running = tokio::spawn(courier(&bench).run(halt()));
    until("the other tenant hears", Duration::from_secs(5), || quick.got().len() == 1).await;
    until("the others are asked", Duration::from_secs(5), || hanging.got().len() >= 6).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(hanging.got().len(), 6, "at a time, whatever their paths are");
    running.abort();
}
