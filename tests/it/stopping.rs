//! A server that is stopped: callbacks on their way come to their end, and what does not is sent by the next server at once.
//!
//! Deliberately not here: webhooks that are being answered (`kill`).

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hookswitch::domain::CallbackMethod;
use serde_json::{Value, json};

use crate::deliveries;
use crate::double::Mishap;
use crate::kept_sounds::left;
use crate::placed::on_double;
use crate::program::{Home, Program};
use crate::receiver::{Receiver, Says, says};
use crate::support::{always_open, unlimited};
use crate::wire::{self, Answer};

/// Where sessions are made.
const SESSIONS: &str = "/v1/Account/MAHOOKSWITCHDEMO0001/Masking/Session/";

async fn ask(program: &Program, method: &str, path: &str, body: &str) -> Answer {
    let login = format!("Basic {}", STANDARD.encode("MAHOOKSWITCHDEMO0001:demo-auth-token"));
    let headers = [("Authorization", login.as_str()), ("Content-Type", "application/json")];
    wire::send(program.address, &wire::request(method, path, &headers, body.as_bytes())).await.expect("an answer")
}

/// A session is made and ended, which is told to this address.
async fn tell(program: &Program, url: &str) {
    let body = json!({"first_party": "+13125550150", "second_party": "+13125550151", "callback_url": url});
    let made = ask(program, "POST", SESSIONS, &body.to_string()).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made: Value = serde_json::from_str(made.text()).expect("JSON");
    let path = format!("{SESSIONS}{}/", made["session_uuid"].as_str().expect("a uuid"));
    let ended = ask(program, "DELETE", &path, "").await;
    assert!(ended.status < 300, "{} {}", ended.status, ended.text());
}

#[tokio::test]
async fn what_is_on_its_way_comes_to_its_end() {
    let slow = Says { after: Duration::from_secs(2), ..says(200) };
    let receiver = Receiver::start(&[slow]).await;
    let home = Home::with(&always_open(&unlimited()));
    let allowed = [("HOOKSWITCH_EGRESS_ALLOW", "127.0.0.1")];
    let program = home.start(&allowed).await;
    tell(&program, &receiver.url("/")).await;
    let began = Instant::now();
    while receiver.got().is_empty() {
        assert!(began.elapsed() < Duration::from_secs(10), "it is never told:\n{}", home.log());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    program.stop().await;
    let program = home.start(&allowed).await;
    let told = program.get("/api/v1/deliveries", &[("X-Tenant-Key", crate::api::KEY)]).await.expect("an answer");
    let told: Value = serde_json::from_str(told.text()).expect("JSON");
    assert_eq!(told["items"][0]["state"], "delivered", "{told}");
    assert_eq!(receiver.got().len(), 1, "once");
    program.stop().await;
}

#[tokio::test]
async fn what_is_broken_off_is_gone_on_with_at_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let (bench, double, errands) = on_double(dir.path()).await;
    let hangs = Says { after: Duration::from_secs(60), ..says(200) };
    let receiver = Receiver::start(&[hangs]).await;
    deliveries::open(&bench, 9, &receiver.url("/"), CallbackMethod::Post).await;
    deliveries::talk(&bench, 9, "CA9").await;
    double.sounds(b"a sound".to_vec());
    double.break_with([Mishap::Drips]);
    left(&bench, &double, "CAmail").await;
    let halt = deliveries::halt();
    let (courier, errands) = (deliveries::courier(&bench).run(halt.clone()), errands.run(halt.clone()));
    let running = tokio::spawn(async move { tokio::join!(courier, errands) });
    let began = Instant::now();
    while receiver.got().is_empty() || double.came().is_empty() {
        assert!(began.elapsed() < Duration::from_secs(10), "both are on their way");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    halt.say();
    running.await.expect("it ends by itself");
    // The clock stands still: nobody waits for a lease.
    deliveries::round(&bench).await;
    assert_eq!(receiver.events()[1..], deliveries::WHOLE);
    assert_eq!(crate::placed::errands(&bench).due().await.expect("readable"), 1);
    assert_eq!(double.came().len(), 2, "it is fetched again");
}
