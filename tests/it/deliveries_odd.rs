//! Callbacks where something is odd: receivers that are busy, gone or slow, several processes, expiry, addresses that may not
//! be asked, phones that are erased.
//!
//! Deliberately not here: what a whole call tells, and trying again (`deliveries`).

use std::sync::Arc;
use std::time::{Duration, Instant};

use hookswitch::domain::CallbackMethod;
use hookswitch::jobs::deliver::{Courier, lease_ends};
use hookswitch::jobs::guard::{Exceptions, Guard};
use hookswitch::providers::{Form, Request, Signer, clock};
use hookswitch::rules::ruleset::Secret;
use hookswitch::store::outbox::Room;
use hookswitch::switchboard::{Settings, Switchboard};
use serde_json::{Value, json};

use crate::api::Api;
use crate::deliveries::{WHOLE, courier, end, halt, later, listed, open, pair, round, talk};
use crate::receiver::{Receiver, Says, says};
use crate::support::{BASE, Bench, call, encode, text};

#[tokio::test]
async fn pauses_are_kept_and_what_is_gone_is_left_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let bench = &api.bench;
    let asks = |value: &str| Says { header: Some(("retry-after", value.to_owned())), ..says(429) };
    let date = "Mon, 09 Mar 2026 14:12:11 GMT";
    let (busy, gone) = (Receiver::start(&[asks("90"), asks(date)]).await, Receiver::start(&[says(410)]).await);
    let first = open(bench, 0, &busy.url("/"), CallbackMethod::Post).await;
    end(&api, &first).await;
    open(bench, 1, &gone.url("/"), CallbackMethod::Post).await;
    talk(bench, 1, "CA1").await;
    round(bench).await;
    assert_eq!((busy.got().len(), gone.got().len()), (1, 1), "one each: what is gone is not asked again");
    let dead = listed(&api, "&state=dead&session_id=pair-1").await;
    assert_eq!(dead.len(), 6, "{dead:?}");
    let (mut numbers, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/deliveries?session_id=pair-1&limit=4{cursor}");
        let page = api.ask("GET", &path, Value::Null).await.body;
        numbers.extend(page["items"].as_array().expect("a list").iter().map(|one| one["sequence_number"].clone()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(json!(numbers), json!([6, 5, 4, 3, 2, 1]), "page by page, the newest first");
    assert!(dead.iter().all(|one| one["endpoint_disabled"] == true), "{dead:?}");
    assert_eq!((&dead[0]["last_status"], &dead[1]["last_status"]), (&json!(410), &Value::Null));
    for (seconds, count, why) in [(89, 1, "not yet"), (1, 2, "after the pause"), (509, 2, "a date"), (1, 3, "it came")]
    {
        later(bench, seconds);
        round(bench).await;
        assert_eq!(busy.got().len(), count, "{why}");
    }
    // It is back: whoever sends one there again opens it.
    let retry = format!("/api/v1/deliveries/{}/retry", dead[5]["id"].as_str().expect("an id"));
    assert_eq!(api.ask("POST", &retry, Value::Null).await.status, 200);
    round(bench).await;
    assert_eq!(gone.events()[1..], WHOLE[5..]);
    talk(bench, 1, "CA2").await;
    round(bench).await;
    assert_eq!(gone.got().len(), 8, "and what comes after it goes there");
}

#[tokio::test]
async fn a_slow_receiver_holds_nobody_up() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::demo(dir.path()).await;
    let slow = Says { after: Duration::from_secs(3), ..says(200) };
    let (slow, quick) = (Receiver::start(&vec![slow; 8]).await, Receiver::start(&[]).await);
    for no in 0..8 {
        let session = open(&bench, no, &slow.url("/"), CallbackMethod::Post).await;
        talk(&bench, no, &format!("CA{no}")).await;
        assert_eq!(session.id.as_str(), format!("pair-{no}"));
    }
    let courier = tokio::spawn(courier(&bench).run(halt()));
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(slow.got().len() >= 4, "{:?}", slow.events());
    let long = Says { bytes: 200_000, ..says(200) };
    quick.then(&vec![long; 6]);
    open(&bench, 9, &quick.url("/"), CallbackMethod::Post).await;
    let began = Instant::now();
    talk(&bench, 9, "CA9").await;
    while quick.got().len() < 6 && began.elapsed() < Duration::from_secs(10) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(began.elapsed() < Duration::from_millis(2500), "{:?}: {:?}", began.elapsed(), quick.events());
    assert_eq!(quick.events(), WHOLE);
    courier.abort();
}

#[tokio::test]
async fn an_answer_is_its_status_however_its_body_goes() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let endless = |status| Says { ends: false, ..says(status) };
    let receiver = Receiver::start(&[endless(200), endless(503)]).await;
    for (no, state, status) in [(0, "delivered", 200), (1, "pending", 503)] {
        let session = open(&api.bench, no, &receiver.url("/"), CallbackMethod::Post).await;
        end(&api, &session).await;
        round(&api.bench).await;
        let told = listed(&api, &format!("&session_id=pair-{no}")).await;
        assert_eq!((&told[0]["state"], &told[0]["last_status"]), (&json!(state), &json!(status)), "{told:?}");
    }
}

#[tokio::test]
async fn several_processes_deliver_each_once_and_a_dead_ones_are_taken_over() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::demo(dir.path()).await;
    let receiver = Receiver::start(&[]).await;
    for no in 0..10 {
        open(&bench, no, &receiver.url("/"), CallbackMethod::Post).await;
        talk(&bench, no, &format!("CA{no}")).await;
    }
    // A process takes some and dies.
    let taken = bench.clock.now();
    let lost = bench.store.take_due("dead", taken, Duration::from_secs(60), &Room::of(1)).await.expect("some");
    assert_eq!(lost.len(), 1);
    let other = Bench::open(dir.path()).await;
    let (one, two) = (courier(&bench), courier(&other));
    let (one, two) = tokio::join!(one.round(), two.round());
    one.and(two).expect("a database");
    assert_eq!(receiver.got().len(), 54, "nine sessions; those of the dead one wait for its leases");
    bench.clock.set(lease_ends(taken));
    round(&bench).await;
    let mut told: Vec<String> = receiver
        .got()
        .iter()
        .map(|got| format!("{} {}", got.told("SessionUUID"), got.told("SequenceNumber")))
        .collect();
    assert_eq!(told.len(), 60);
    let in_order = |no: usize| told.iter().filter(|one| one.starts_with(&format!("pair-{no} "))).cloned().collect();
    for no in 0..10 {
        let of_one: Vec<String> = in_order(no);
        assert_eq!(of_one, (1..=6).map(|sequence| format!("pair-{no} {sequence}")).collect::<Vec<_>>());
    }
    told.sort();
    told.dedup();
    assert_eq!(told.len(), 60, "none twice");
}

#[tokio::test]
async fn an_expiry_is_told_once_whenever_it_is_found() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let receiver = Receiver::start(&[]).await;
    for no in 0..3 {
        open(&api.bench, no, &receiver.url("/"), CallbackMethod::Post).await;
    }
    let ended = open(&api.bench, 3, &receiver.url("/"), CallbackMethod::Post).await;
    end(&api, &ended).await;
    let sweep = async |bench: &Bench| bench.store.tell_expired(bench.clock.now()).await.expect("a database");
    assert_eq!(sweep(&api.bench).await, 0);
    round(&api.bench).await;
    assert_eq!(receiver.events(), ["1 SessionTimeout"], "ended by hand");
    // The program is not there when they expire, nor for days.
    let now = api.bench.clock.now();
    let Api { bench, .. } = api;
    bench.close().await;
    let bench = Bench::open(dir.path()).await;
    bench.clock.set(now.plus_days(9));
    for _ in 0..2 {
        sweep(&bench).await;
        later(&bench, 30);
        round(&bench).await;
    }
    assert_eq!(receiver.events(), ["1 SessionTimeout"; 4]);
    let got = receiver.got().pop().expect("news");
    assert_eq!(got.told("EventTimestamp"), "2026-03-09 16:02:11 +0000 UTC", "when it expired, not when it was found");
    // One that has expired and is ended afterwards was told before, or is told then.
    let late = open(&bench, 4, &receiver.url("/"), CallbackMethod::Post).await;
    later(&bench, 7300);
    let api = Api::on(bench);
    api.ask("DELETE", &format!("/api/v1/sessions/{}", late.id), Value::Null).await;
    sweep(&api.bench).await;
    round(&api.bench).await;
    assert_eq!(receiver.got().len(), 5);
}

#[tokio::test]
async fn nothing_goes_where_it_may_not() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let bench = &api.bench;
    let inside = Receiver::start(&[]).await;
    let to = Says { header: Some(("location", inside.url("/secret"))), ..says(307) };
    let outside = Receiver::start(&[to]).await;
    for (no, url) in [
        (0, format!("http://localhost:{}/", inside.address.port())),
        (1, format!("http://0x7f000001:{}/", inside.address.port())),
        (2, "http://169.254.169.254/latest/meta-data/".to_owned()),
        (3, outside.url("/")),
    ] {
        let session = open(bench, no, &url, CallbackMethod::Post).await;
        end(&api, &session).await;
    }
    let guard = Guard::new(Exceptions::new(vec![outside.address.to_string().parse().expect("an exception")]));
    rustls::crypto::ring::default_provider().install_default().ok();
    let (store, board) = (bench.store.clone(), Arc::clone(&bench.switchboard));
    let courier = Arc::new(Courier::new(store, board, bench.clock.clone(), guard).punctual());
    courier.round().await.expect("a database");
    assert!(inside.got().is_empty(), "{:?}", inside.got());
    assert_eq!(outside.got().len(), 1, "the redirect is not followed");
    let dead = listed(&api, "&state=dead").await;
    assert_eq!(dead.len(), 3, "{dead:?}");
    let refused = dead.iter().all(|one| one["last_error"].as_str().is_some_and(|why| why.contains("may not be asked")));
    assert!(refused, "{dead:?}");
    assert_eq!(listed(&api, "&state=pending").await[0]["last_status"], 307);
}

#[tokio::test]
async fn an_erased_phone_is_in_no_delivery_and_old_ones_go() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let receiver = Receiver::start(&[]).await;
    for no in 0..2 {
        open(&api.bench, no, &receiver.url("/"), CallbackMethod::Post).await;
        talk(&api.bench, no, &format!("CA{no}")).await;
    }
    let (first, _) = pair(0);
    let erased = api.ask("POST", "/api/v1/erasures", json!({ "phone": first.to_string() })).await;
    assert_eq!((erased.status, &erased.body["counts"]["outbox"]), (201, &json!(6)), "{erased:?}");
    round(&api.bench).await;
    assert!(receiver.got().iter().all(|got| got.told("SessionUUID") == "pair-1"));
    assert_eq!((receiver.got().len(), listed(&api, "").await.len()), (6, 6));
    for (days, left) in [(13, 6), (2, 0)] {
        api.bench.clock.set(api.bench.clock.now().plus_days(days));
        api.bench.store.purge(api.bench.clock.now(), 14).await.expect("a database");
        assert_eq!(listed(&api, "").await.len(), left, "{days} days");
    }
}

/// Whether the outbox keeps a phone in clear anywhere.
#[tokio::test]
async fn no_file_has_a_phone_of_a_delivery() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::demo(dir.path()).await;
    open(&bench, 0, "https://hooks.example/quite-unusual-path", CallbackMethod::Post).await;
    talk(&bench, 0, "CA1").await;
    let mut conn = crate::faults::stranger(&dir.path().join("hookswitch.db")).await;
    let sql = "SELECT group_concat(id || session || about || event || endpoint || phones || hex(letter)) FROM outbox";
    let all: String = sqlx::query_scalar(sql).fetch_one(&mut conn).await.expect("rows");
    for secret in ["3125550150", "3125550151", "3125550190", "quite-unusual", &hex::encode_upper("quite-unusual")] {
        assert!(!all.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn what_leaves_goes_by_the_clock_on_the_wall() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::demo(dir.path()).await;
    let settings = Settings { public_base_url: BASE.to_owned(), allowed_countries: Vec::new(), test_clock: true };
    let switchboard = Switchboard::start(bench.store.clone(), bench.clock.clone(), settings).await.expect("it starts");
    let bench = Bench { switchboard, ..bench };
    let receiver = Receiver::start(&[]).await;
    open(&bench, 0, &receiver.url("/"), CallbackMethod::Post).await;
    let (caller, _) = pair(0);
    let body = encode(&call("CAahead", &caller.to_string()));
    let (target, token) = ("/webhooks/acme-twilio/voice", Secret::new("demo-auth-token"));
    let signature = Signer::new(&token).sign(&format!("{BASE}{target}"), &Form::read(body.as_bytes()));
    let time = clock::sign(&token, "2026-03-09T15:00:00Z", target, body.as_bytes());
    let headers = [("x-twilio-signature", signature.as_str()), (clock::HEADER, &time)];
    let request = Request { method: "POST", target, headers: &headers, body: body.as_bytes() };
    let reply = bench.switchboard.webhook("acme-twilio", &request).await;
    assert!(text(&reply).contains("<Dial"), "{}", text(&reply));
    round(&bench).await;
    assert_eq!(receiver.events(), [WHOLE[0]], "an hour before the time that the request was told");
}
