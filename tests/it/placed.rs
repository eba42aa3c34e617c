//! Calls that we start, from the request to the conversation, and what becomes of them when the provider breaks: nobody is
//! called twice, and nobody is called late.
//!
//! Deliberately not here: recordings (`kept_sounds`).

use std::path::Path;
use std::time::Duration;

use hookswitch::domain::{CallId, Placing};
use hookswitch::jobs::media::Fetcher;
use hookswitch::jobs::provider::{self, Errands};
use hookswitch::jobs::rest::Sender;
use hookswitch::store::base::Wants;
use hookswitch::store::edit::{Act, Actor};
use hookswitch::switchboard::desk::{Asker, Plan};
use serde_json::{Value, json};

use crate::api::Api;
use crate::double::{Double, Mishap};
use crate::flows::dialed;
use crate::support::{Bench, call, link, text, unlimited};

/// The demo on a provider of its own, and whoever asks it. With `pair` there is a plain pair on a number of its own.
pub async fn on_double(dir: &Path) -> (Bench, Double, Errands) {
    let bench = Bench::open(dir).await;
    let double = Double::start(&bench.clock).await;
    let account = "account_sid = \"AC00000000000000000000000000000001\"";
    let mut rules = unlimited().replacen(account, &format!("{account}\napi_base_url = \"{}\"", double.base), 1);
    rules.push_str(
        "\n[[number]]\ne164 = \"+18475550190\"\nprovider_account_id = \"acme-twilio\"\nlocation_id = \"chicago\"\n\
         \n[[session]]\nid = \"pair\"\nnumber = \"+18475550190\"\nfirst_party = \"+18475550101\"\n\
         second_party = \"+18475550102\"\n",
    );
    bench.apply(&rules).await;
    let errands = errands(&bench);
    (bench, double, errands)
}

/// Another process on the same store, as far as jobs go.
pub fn errands(bench: &Bench) -> Errands {
    rustls::crypto::ring::default_provider().install_default().ok();
    Errands {
        board: bench.switchboard.clone(),
        store: bench.store.clone(),
        clock: bench.clock.clone(),
        sender: Sender::with_patience(Duration::from_millis(700)).expect("an HTTP client"),
        fetcher: Fetcher::for_recordings().expect("an HTTP client"),
        renewing: Duration::from_millis(50),
        owner: provider::owner(),
    }
}

fn again(bench: &Bench) -> Bench {
    Bench { switchboard: bench.switchboard.clone(), store: bench.store.clone(), clock: bench.clock.clone() }
}

/// Asks that the pair's first party be called.
pub async fn call_first_party(bench: &Bench) -> CallId {
    let id = CallId(uuid::Uuid::now_v7().as_u128());
    let asker = Asker { by: Actor::Program, request: "r".to_owned(), at: bench.clock.now() };
    let placing = Placing::FirstParty { session: "pair".into() };
    let plan = |base: &hookswitch::store::base::Base| {
        Ok::<_, std::convert::Infallible>(Plan::act(&base.rules, Act::Call { id, placing: placing.clone() }, ()))
    };
    bench.switchboard.change(&"acme".into(), &Wants::default(), &asker, plan).await.expect("written");
    id
}

fn later(bench: &Bench, seconds: u64) {
    bench.clock.set(bench.clock.now().plus(Duration::from_secs(seconds)));
}

/// What became of the jobs of a kind.
async fn states(bench: &Bench, kind: &str) -> Vec<(String, Option<String>)> {
    let jobs = bench.store.jobs_of("acme").await.expect("a list");
    jobs.into_iter().filter(|job| job.0 == kind).map(|job| (job.1, job.3)).collect()
}

#[tokio::test]
async fn a_dispatcher_calls_back() {
    let dir = tempfile::tempdir().expect("a folder");
    let (bench, double, errands) = on_double(dir.path()).await;
    let first = bench.ana_calls("CAmissed").await;
    let mut gone = dialed("CAmissed", "no-answer", "false");
    gone[3] = ("CallStatus", "completed");
    bench.post(&link(&first, "dialed"), &gone).await;
    let api = Api::on(again(&bench));
    let todos = api.ask("GET", "/api/v1/todos", Value::Null).await;
    let todo = todos.body["items"][0]["id"].as_str().expect("a to-do").to_owned();
    let path = format!("/api/v1/todos/{todo}/call-back");
    let wrong = api.ask("POST", &path, json!({"line_id": "denver-desk"})).await;
    assert_eq!((wrong.status, wrong.errors()), (422, vec!["line_id not_found".to_owned()]), "another office's line");
    let key = [("x-tenant-key", crate::api::KEY), ("idempotency-key", "once")];
    let made = api.with("POST", &path, &key, json!({"line_id": "desk-1"})).await;
    assert_eq!(made.status, 201, "{made:?}");
    let shown = api.ask("GET", made.header("location"), Value::Null).await;
    assert_eq!((shown.status, &shown.body["state"]), (200, &json!("open")), "it is there at once: {shown:?}");
    let twice = api.with("POST", &path, &key, json!({"line_id": "desk-1"})).await;
    assert_eq!((twice.status, &twice.body), (201, &made.body), "a repeat");
    assert_eq!(errands.due().await.expect("readable"), 1);
    assert_eq!(states(&bench, "call").await, [("done".to_owned(), None)]);
    let busy = api.ask("POST", &path, json!({"line_id": "desk-1"})).await;
    assert_eq!((busy.status, busy.errors()), (409, vec![" in_progress".to_owned()]), "{busy:?}");

    let came = double.came().pop().expect("a request");
    assert_eq!(came.line, "POST /2010-04-01/Accounts/AC00000000000000000000000000000001/Calls.json");
    assert_eq!((came.value("To"), came.value("From")), ("+13125550123", "+13125550190"), "the desk sees the number");
    let connect = came.value("Url").split_once("/webhooks/acme-twilio/").expect("ours").1.to_owned();
    let sid = double.calls().pop().expect("a call");
    let form =
        [("CallSid", sid.as_str()), ("From", "+13125550190"), ("To", "+13125550123"), ("CallStatus", "in-progress")];
    let whisper = bench.post(&connect, &form).await;
    let document = text(&whisper);
    assert!(
        document.contains("<Gather") && document.contains("Ana") && document.ends_with("<Hangup/></Response>"),
        "{document}"
    );
    assert_eq!(bench.post(&connect, &form).await, whisper, "a repeat, or the fallback's asking, gets the same");
    let mut one = form.to_vec();
    one.push(("Digits", "1"));
    let joined = bench.post(&link(&whisper, "accept"), &one).await;
    let document = text(&joined);
    assert!(
        document.contains("callerId=\"+13125550190\"") && document.contains(">+13125550101</Number>"),
        "{document}"
    );
    assert!(!document.contains("+13125550123"), "nobody sees the desk's own number: {document}");
    let mut end = form.to_vec();
    end.extend([("DialCallStatus", "completed"), ("DialBridged", "true"), ("DialCallDuration", "31")]);
    bench.post(&link(&joined, "dialed"), &end).await;
    let shown = api.ask("GET", made.header("location"), Value::Null).await;
    assert_eq!((shown.body["state"].as_str(), shown.body["sid"].as_str()), (Some("connected"), Some(sid.as_str())));
    assert_eq!(
        api.ask("GET", &format!("/api/v1/todos/{todo}"), Value::Null).await.body["state"],
        "open",
        "a person closes it"
    );

    // A second leg for the same call would be somebody called twice: it is let go.
    let stray =
        [("CallSid", "CAstray"), ("From", "+13125550190"), ("To", "+13125550123"), ("CallStatus", "in-progress")];
    assert!(text(&bench.post(&connect, &stray).await).contains("<Response><Hangup/>"));
    // She calls back within the reply window: whoever called her is the back office.
    later(&bench, 60);
    let back = bench.post("voice", &call("CAback", "+13125550101")).await;
    assert!(text(&back).contains("+13125550123"), "{}", text(&back));
    let told = bench.store.read().interaction("CAback").await.expect("readable").expect("it is there");
    assert!(told.steps[0].decision.contains("reply_window"), "{}", told.steps[0].decision);
}

#[tokio::test]
async fn whoever_does_not_press_the_key_is_not_joined() {
    for (digits, rounds) in [(vec![None], 1), (vec![Some("9"), Some("9")], 2)] {
        let dir = tempfile::tempdir().expect("a folder");
        let (bench, double, errands) = on_double(dir.path()).await;
        let first = bench.ana_calls("CAmissed").await;
        let mut gone = dialed("CAmissed", "no-answer", "false");
        gone[3] = ("CallStatus", "completed");
        bench.post(&link(&first, "dialed"), &gone).await;
        let api = Api::on(again(&bench));
        let todos = api.ask("GET", "/api/v1/todos", Value::Null).await;
        let path = format!("/api/v1/todos/{}/call-back", todos.body["items"][0]["id"].as_str().expect("one"));
        let made = api.ask("POST", &path, json!({"line_id": "desk-1"})).await;
        errands.due().await.expect("readable");
        let came = double.came().pop().expect("a request");
        let connect = came.value("Url").split_once("/webhooks/acme-twilio/").expect("ours").1.to_owned();
        let sid = double.calls().pop().expect("a call");
        let form = vec![("CallSid", sid.as_str()), ("CallStatus", "in-progress")];
        let mut told = bench.post(&connect, &form).await;
        for digit in &digits {
            let mut pressed = form.clone();
            pressed.extend(digit.map(|digit| ("Digits", digit)));
            told = bench.post(&link(&told, "accept"), &pressed).await;
        }
        assert!(text(&told).contains("<Response><Hangup/>"), "{rounds}: {}", text(&told));
        let shown = api.ask("GET", made.header("location"), Value::Null).await;
        assert_eq!(shown.body["state"], "failed", "{shown:?}");
    }
}

#[tokio::test]
async fn a_pairs_first_party_is_called_and_joined_and_nobody_sees_anybody() {
    let dir = tempfile::tempdir().expect("a folder");
    let (bench, double, errands) = on_double(dir.path()).await;
    let id = call_first_party(&bench).await;
    errands.due().await.expect("readable");
    let came = double.came().pop().expect("a request");
    assert_eq!((came.value("To"), came.value("From")), ("+18475550101", "+18475550190"));
    let connect = came.value("Url").split_once("/webhooks/acme-twilio/").expect("ours").1.to_owned();
    let sid = double.calls().pop().expect("a call");
    let joined = bench.post(&connect, &[("CallSid", &sid), ("CallStatus", "in-progress")]).await;
    let document = text(&joined);
    assert!(
        document.contains("callerId=\"+18475550190\"") && document.contains(">+18475550102</Number>"),
        "{document}"
    );
    assert!(!document.contains("answerOnBridge"), "it is answered already: {document}");
    let end = [
        ("CallSid", sid.as_str()),
        ("CallStatus", "in-progress"),
        ("DialCallStatus", "busy"),
        ("DialBridged", "false"),
    ];
    assert!(text(&bench.post(&link(&joined, "dialed"), &end).await).contains("cannot be reached"));
    let record = bench.store.read().interaction(&sid).await.expect("readable").expect("it is there");
    assert_eq!((record.row.id, record.row.state.as_str()), (id.to_string(), "failed"));
    assert!(bench.store.read().todos(None).await.expect("a list").is_empty(), "a pair owes nobody");
}

#[tokio::test]
async fn whatever_the_provider_does_there_is_one_call() {
    for (mishap, there, why) in [
        (Mishap::TooMuch, 0, "429: nothing was done"),
        (Mishap::Failed, 0, "500, and nothing was done"),
        (Mishap::FailedAfter, 1, "500, and it was done"),
        (Mishap::Hangs, 1, "no answer, and it was done"),
        (Mishap::Resets, 0, "a reset, and nothing was done"),
        (Mishap::ResetsAfter, 1, "a reset, and it was done"),
        (Mishap::Garbage, 1, "garbage, and it was done"),
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        let (bench, double, errands) = on_double(dir.path()).await;
        double.break_with([mishap]);
        let id = call_first_party(&bench).await;
        errands.due().await.expect("readable");
        assert_eq!(double.calls().len(), there, "{why}");
        let state = states(&bench, "call").await;
        assert_eq!(state[0].0, "waiting", "{why}: {state:?}");
        assert!(state[0].1.is_some(), "{why}: it says what went wrong");
        assert_eq!(errands.due().await.expect("readable"), 0, "{why}: not before its time");
        // Looking fails too.
        if there == 1 {
            double.break_with([Mishap::Failed, Mishap::Garbage]);
        }
        for _ in 0..5 {
            later(&bench, 8);
            errands.due().await.expect("readable");
        }
        assert_eq!(double.calls().len(), 1, "{why}: one call, whatever happened");
        assert_eq!(states(&bench, "call").await, [("done".to_owned(), None)], "{why}");
        let record = bench.store.read().interaction(&double.calls()[0]).await.expect("readable").expect("known");
        assert_eq!((record.row.id, record.row.state.as_str()), (id.to_string(), "open"), "{why}");
    }
}

#[tokio::test]
async fn what_is_refused_or_late_is_not_done_and_says_so() {
    for (mishaps, pause, expected, why) in [
        (vec![Mishap::Refused], 0, "21211", "the provider refuses the phone"),
        (vec![], 120, "too late", "two minutes went by before anybody took it up"),
        (vec![Mishap::TooMuch; 20], 0, "429", "the provider never had time"),
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        let (bench, double, errands) = on_double(dir.path()).await;
        double.break_with(mishaps);
        let id = call_first_party(&bench).await;
        later(&bench, pause);
        for _ in 0..12 {
            errands.due().await.expect("readable");
            later(&bench, 8);
        }
        assert!(double.calls().is_empty(), "{why}");
        let state = states(&bench, "call").await;
        assert_eq!(state[0].0, "dead", "{why}");
        assert!(state[0].1.as_deref().is_some_and(|text| text.contains(expected)), "{why}: {state:?}");
        let call = bench.switchboard.call(id).expect("it was planned");
        assert!(call.end.is_some(), "{why}: it is over");
        // Whoever answers nevertheless is not joined with anybody.
        let connect = format!("voice/connect?call={id}");
        let late = bench.post(&connect, &[("CallSid", "CAlate"), ("CallStatus", "in-progress")]).await;
        assert!(text(&late).contains("<Response><Hangup/>"), "{why}: {}", text(&late));
    }
}

#[tokio::test]
async fn a_killed_process_leaves_a_call_that_the_next_one_finds() {
    let dir = tempfile::tempdir().expect("a folder");
    let (bench, double, errands) = on_double(dir.path()).await;
    double.break_with([Mishap::Hangs]);
    call_first_party(&bench).await;
    // It is killed while it waits for the provider, which has started the call.
    let killed = tokio::spawn({
        let errands = errands.clone();
        async move { errands.due().await }
    });
    while double.calls().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    killed.abort();
    let other = super::placed::errands(&bench);
    assert_eq!(other.due().await.expect("readable"), 0, "its lease still runs");
    later(&bench, 31);
    assert_eq!(other.due().await.expect("readable"), 1);
    assert_eq!(double.calls().len(), 1, "it was looked for, and found");
    assert_eq!(states(&bench, "call").await[0].0, "done");
}

#[tokio::test]
async fn a_call_that_is_listed_late_is_not_made_twice() {
    for (mishap, shown, expected, why) in [
        (Mishap::Hangs, 2, None, "listed at once"),
        (Mishap::ResetsAfter, 7, None, "listed after seven seconds"),
        (Mishap::FailedAfter, 14, None, "listed after fourteen"),
        (Mishap::Failed, 0, Some(15), "nothing was done, so that it is asked again"),
        (Mishap::Says(503), 0, Some(20), "nothing was done, and a pause is asked for"),
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        let (bench, double, errands) = on_double(dir.path()).await;
        double.shows_calls_after(shown);
        double.break_with([mishap]);
        call_first_party(&bench).await;
        let asked = bench.clock.now();
        let mut again = None;
        for _ in 0..50 {
            errands.due().await.expect("readable");
            let creations = double.came().iter().filter(|came| came.line.starts_with("POST")).count();
            if creations > 1 && again.is_none() {
                again = Some(bench.clock.now().since(asked).as_secs());
            }
            later(&bench, 1);
        }
        assert_eq!(double.calls().len(), 1, "{why}");
        assert_eq!(states(&bench, "call").await, [("done".to_owned(), None)], "{why}");
        assert_eq!(again, expected, "{why}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_holds_nothing_up() {
    let dir = tempfile::tempdir().expect("a folder");
    let (bench, double, errands) = on_double(dir.path()).await;
    let mut conn = crate::faults::stranger(&dir.path().join("hookswitch.db")).await;
    for (id, kind, about) in [
        ("call-1", "call", r#"{"what": "conjure"}"#),
        ("fetch-1", "fetch", "no JSON"),
        ("conjure-1", "conjure", r#"{"what": "conjure"}"#),
    ] {
        let sql = "INSERT INTO provider_jobs (id, tenant, kind, about, made_at, due_at, dies_at) \
             VALUES ($1, 'acme', $2, $3, 0, 0, 9223372036854775807)";
        sqlx::query(sql).bind(id).bind(kind).bind(about).execute(&mut conn).await.expect("written");
    }
    call_first_party(&bench).await;
    assert_eq!(errands.due().await.expect("readable"), 1);
    assert_eq!(double.calls().len(), 1, "the others go on");
    let dead: Vec<_> =
        bench.store.jobs_of("acme").await.expect("a list").into_iter().filter(|job| job.1 == "dead").collect();
    assert_eq!(dead.len(), 3, "{dead:?}");
    assert!(dead.iter().all(|job| job.3.as_deref() == Some("it cannot be read")), "{dead:?}");
}

#[tokio::test]
async fn two_processes_ask_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let (bench, double, errands) = on_double(dir.path()).await;
    call_first_party(&bench).await;
    let other = super::placed::errands(&bench);
    let (one, two) = tokio::join!(errands.due(), other.due());
    assert_eq!(one.expect("readable") + two.expect("readable"), 1);
    assert_eq!(double.calls().len(), 1);
}

#[tokio::test]
async fn a_sandbox_without_an_api_calls_nobody() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::open(dir.path()).await;
    bench.apply(&format!(
        "{}\n[[number]]\ne164 = \"+18475550190\"\nprovider_account_id = \"acme-twilio\"\nlocation_id = \"chicago\"\n\
         \n[[session]]\nid = \"pair\"\nnumber = \"+18475550190\"\nfirst_party = \"+18475550101\"\n\
         second_party = \"+18475550102\"\n",
        unlimited()
    ))
    .await;
    let id = call_first_party(&bench).await;
    errands(&bench).due().await.expect("readable");
    let state = states(&bench, "call").await;
    assert!(state[0].0 == "dead" && state[0].1.as_deref().is_some_and(|why| why.contains("sandbox")), "{state:?}");
    assert!(bench.switchboard.call(id).is_some_and(|call| call.end.is_some()));
}
