//! What masking settings do once they are changed: the next call goes by them, what contradicts them is refused from
//! either side, and masking is switched on only where every contact can be reached.
//!
//! Deliberately not here: reading them (`api_settings`, `api_settings_fields`).

use std::sync::Arc;
use std::time::Instant;

use hookswitch::domain::{CallerId, Channel, E164, Location, Override, OverrideState};
use hookswitch::rules::file::body::{self, Kind};
use hookswitch::rules::finding::Finding;
use hookswitch::rules::ruleset::Ruleset;
use hookswitch::store::base::{Base, WantCustomers, Wants};
use hookswitch::store::edit::Actor;
use hookswitch::switchboard::Probe;
use hookswitch::switchboard::desk::{Asker, NotChanged, Plan};
use serde_json::{Value, json};

use crate::api::{Api, KEY};
use crate::api_settings::{CHICAGO, DENVER, Encoding, form};
use crate::support::{Bench, DEMO, MONDAY, at, text, unlimited};

fn asker(api: &Api) -> Asker {
    Asker { by: Actor::Operator, request: "test".to_owned(), at: api.bench.clock.now() }
}

/// Changes something of Chicago besides its settings.
async fn chicago(
    api: &Api,
    change: impl Fn(&Ruleset) -> Result<Ruleset, Vec<Finding>>,
) -> Result<(), NotChanged<Vec<Finding>>> {
    let wants = Wants { customers: WantCustomers::Odd, ..Wants::default() };
    let plan = |base: &Base| Ok(Plan::put(change(&base.rules)?, ()));
    api.bench.switchboard.change(&"acme".into(), &wants, &asker(api), plan).await
}

/// The line side of FR-7: puts Chicago's second line in a state.
async fn second_line(api: &Api, active: bool) -> Result<(), NotChanged<Vec<Finding>>> {
    let body = json!({"location_id": "chicago", "phone": "+13125550124", "position": 2, "active": active});
    chicago(api, |rules| Ok(body::read(Kind::Line, "desk-2", &body, rules)?.rules)).await
}

fn refused(done: &Result<(), NotChanged<Vec<Finding>>>) -> bool {
    match done {
        Ok(()) => false,
        Err(NotChanged::Refused(found)) => {
            assert!(found.iter().any(|finding| finding.code == Some("fr7_accept_needs_single_line")), "{found:?}");
            true
        }
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_next_call_goes_by_what_was_changed() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::open(dir.path()).await;
    bench.apply(&unlimited()).await;
    let api = Api::on(bench);
    let desk = "+13125550123";
    assert!(text(&api.bench.ana_calls("CA1").await).contains(desk));
    let told = form(&api, Encoding::Parts, "PUT", CHICAGO, &[("inbound_callback_route_in_hours", "voicemail")]).await;
    assert_eq!(told.status, 200, "{told:?}");
    let reply = text(&api.bench.ana_calls("CA2").await);
    assert!(reply.contains("<Record") && !reply.contains(desk), "{reply}");
    api.ask("PUT", CHICAGO, json!({"inbound_callback_route_in_hours": "technician"})).await;
    assert!(text(&api.bench.ana_calls("CA3").await).contains("+13125550144"));
    assert_eq!(api.ask("PUT", CHICAGO, json!({"cooldown_days": 500})).await.status, 422);
    api.ask("PUT", &format!("{CHICAGO}?dry_run=true"), json!({"inbound_callback_route_in_hours": "voicemail"})).await;
    assert!(
        text(&api.bench.ana_calls("CA4").await).contains("+13125550144"),
        "what was refused or looked at is not so"
    );
    let off = api.ask("PUT", CHICAGO, json!({"enabled": false})).await;
    assert_eq!((off.status, &off.body["enabled"]), (200, &json!(false)));
    assert!(text(&api.bench.ana_calls("CA5").await).contains("+13125550144"), "a running session drains");
}

#[tokio::test]
async fn an_explanation_knows_what_was_changed() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let probe = Probe {
        from: CallerId::Number(E164::read("+13125550101").expect("a phone")),
        to: E164::read("+13125550190").expect("a phone"),
        channel: Channel::Voice,
        at: at(MONDAY),
    };
    let explain = || api.bench.switchboard.explain(&probe).decision;
    let decision = explain();
    assert_eq!((&decision["route"], &decision["hours"]["state"]), (&json!("backoffice"), &json!("open")), "{decision}");
    api.ask("PUT", CHICAGO, json!({"inbound_callback_route_out_of_hours": "technician"})).await;
    assert_eq!(explain()["route"], "backoffice", "in hours");
    let closed = Override { state: OverrideState::Closed, from: None, until: Some(at("2026-03-09T12:00:00-05:00")) };
    let done = chicago(&api, |rules| {
        let office = rules.location(&"chicago".into()).expect("it is there").clone();
        Ok(Ruleset { locations: vec![Location { overrides: vec![closed], ..office }], ..rules.only_tenant() })
    });
    done.await.expect("it closes");
    let decision = explain();
    assert_eq!(
        (&decision["route"], &decision["hours"]["source"]),
        (&json!("technician"), &json!("override")),
        "{decision}"
    );
    let shown = api.ask("GET", CHICAGO, Value::Null).await;
    assert_eq!(shown.body["inbound_callback_route_out_of_hours"], "technician", "and the settings stand");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_accept_key_and_a_second_line_never_meet() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Arc::new(Api::demo(dir.path()).await);
    assert!(refused(&second_line(&api, true).await), "an accept key is required");
    second_line(&api, false).await.expect("an inactive line may be there");
    let (mut keys, mut lines) = (0, 0);
    for round in 0..40 {
        let off = api.ask("PUT", CHICAGO, json!({"backoffice_whisper_require_accept": false})).await;
        assert_eq!(off.status, 200, "{off:?}");
        second_line(&api, false).await.expect("it rests");
        let ours = Arc::clone(&api);
        let settings = async move {
            let on = [("backoffice_whisper_require_accept", "true"), ("retention_days", "77")];
            form(&ours, Encoding::Form, "PATCH", CHICAGO, &on).await
        };
        let theirs = Arc::clone(&api);
        let line = async move { second_line(&theirs, true).await };
        let (told, line) = if round % 2 == 0 {
            let settings = tokio::spawn(settings);
            let line = line.await;
            (settings.await.expect("an answer"), line)
        } else {
            let line = tokio::spawn(line);
            (settings.await, line.await.expect("an answer"))
        };
        match (told.status, refused(&line)) {
            (200, true) => keys += 1,
            (422, false) => {
                lines += 1;
                let expected = ["backoffice_whisper_require_accept fr7_accept_needs_single_line"];
                assert_eq!(told.errors(), expected);
                let message = told.body["errors"][0]["message"].as_str().expect("a message");
                assert!(message.contains("active = false") || message.contains("active"), "{message}");
            }
            other => panic!("{other:?}"),
        }
    }
    println!("the accept key was first {keys} times, the line {lines} times");
    let mixed = json!({"backoffice_whisper_require_accept": true, "cooldown_days": "many"});
    second_line(&api, false).await.expect("it rests");
    api.ask("PUT", CHICAGO, json!({"backoffice_whisper_require_accept": false})).await;
    second_line(&api, true).await.expect("no key is required");
    let told = api.ask("PUT", CHICAGO, mixed).await;
    let expected = ["cooldown_days wrong_type", "backoffice_whisper_require_accept fr7_accept_needs_single_line"];
    assert_eq!(told.errors(), expected, "a bad field does not hide what contradicts the rest");
}

#[tokio::test]
async fn what_a_later_change_made_wrong_is_not_put_back() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    api.ask("PUT", CHICAGO, json!({"backoffice_whisper_require_accept": false})).await;
    second_line(&api, true).await.expect("no key is required");
    let rows = api.ask("GET", &format!("{CHICAGO}/audit"), Value::Null).await;
    let id = rows.body["items"][0]["id"].as_str().expect("an id");
    let path = format!("{CHICAGO}/revert/{id}");
    let told = api.ask("POST", &path, Value::Null).await;
    assert_eq!(
        (told.status, told.errors()),
        (422, vec!["backoffice_whisper_require_accept fr7_accept_needs_single_line".to_owned()])
    );
    second_line(&api, false).await.expect("it rests");
    let once = [("x-tenant-key", KEY), ("idempotency-key", "r1")];
    let told = api.with("POST", &path, &once, Value::Null).await;
    assert_eq!((told.status, &told.body["backoffice_whisper_require_accept"]), (200, &json!(true)));
    let again = api.with("POST", &path, &once, Value::Null).await;
    assert_eq!((again.header("idempotency-replayed"), &again.body), ("true", &told.body));
}

#[tokio::test]
async fn masking_is_switched_on_where_every_contact_is_e164() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::open(dir.path()).await;
    let off =
        "[location.masking]                                      # the settings API, by the same names\nenabled = true";
    assert!(DEMO.contains(off), "Chicago is enabled");
    let mut world =
        DEMO.replace(off, "[location.masking]\nenabled = false").replace("brand = \"none\"", "brand = \"pending\"");
    let contact = |no: usize, phone: &str| {
        format!("\n[[customer]]\nid = \"c{no}\"\nname = \"C\"\nphones = [\"{phone}\"]\nlocation_id = \"chicago\"\n")
    };
    for no in 0..10_000 {
        let phone =
            if no % 4000 == 0 { format!("ask for {no}") } else { format!("+1{}55501{:02}", 200 + no / 100, no % 100) };
        world += &contact(no, &phone);
    }
    bench.apply(&world).await;
    let api = Api::on(bench);
    let began = Instant::now();
    let told = form(&api, Encoding::Parts, "POST", CHICAGO, &[("enabled", "true")]).await;
    println!("10,000 contacts were looked through in {:?}", began.elapsed());
    let error = &told.body["errors"][0];
    assert_eq!((told.status, told.errors()), (422, vec!["enabled contacts_not_e164".to_owned()]));
    assert_eq!((&error["contact_ids"], &error["count"]), (&json!(["c0", "c4000", "c8000"]), &json!(3)));
    assert!(!error["message"].as_str().unwrap_or_default().contains("ask for"), "{error}");
    assert_eq!(api.ask("GET", CHICAGO, Value::Null).await.body["enabled"], false);
    let other = api.ask("PUT", CHICAGO, json!({"enabled": false, "cooldown_days": 3})).await;
    assert_eq!(other.status, 200, "what does not switch it on does not ask for contacts: {other:?}");
    let denver = api.ask("PUT", DENVER, json!({"enabled": true})).await;
    assert_eq!(denver.status, 200, "it is on, and these are another office's: {denver:?}");
    let mended = chicago(&api, |rules| {
        let phones = json!({"phones": ["+13125550177"]});
        let odd =
            rules.customers.iter().map(|one| Ok(body::read(Kind::Customer, one.id.as_str(), &phones, rules)?.rules));
        let customers = odd.collect::<Result<Vec<_>, Vec<Finding>>>()?.into_iter().flat_map(|rules| rules.customers);
        Ok(Ruleset { customers: customers.collect(), ..rules.only_tenant() })
    });
    mended.await.expect("the three can be reached now");
    let on = api.ask("PUT", CHICAGO, json!({"enabled": true})).await;
    assert_eq!(
        (on.status, &on.body["enabled"], &on.body["brand_registration"]["state"]),
        (200, &json!(true), &json!("pending")),
        "{on:?}"
    );
    let rows = api.ask("GET", &format!("{CHICAGO}/audit"), Value::Null).await;
    assert_eq!(api.ask("PUT", CHICAGO, json!({"enabled": true})).await.status, 200);
    assert_eq!(api.ask("GET", &format!("{CHICAGO}/audit"), Value::Null).await.body, rows.body, "on already");
}

#[tokio::test]
async fn what_is_doubtful_is_saved_and_said() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    for (body, field, code) in [
        (json!({"backoffice_whisper_enabled": false}), "backoffice_whisper_require_accept", "accept_without_whisper"),
        (
            json!({"backoffice_whisper_enabled": true, "cooldown_days": 0, "masking_mode": "per_job_ephemeral"}),
            "cooldown_days",
            "cooldown_zero_per_job",
        ),
        (
            json!({"cooldown_days": 3, "masking_default_channels": ["sms"]}),
            "masking_default_channels",
            "voice_channel_off",
        ),
        (
            json!({"masking_default_channels": ["voice"], "provider_ownership": "tenant_byo"}),
            "provider_ownership",
            "no_own_account",
        ),
    ] {
        let told = api.ask("PUT", CHICAGO, body).await;
        let warnings = told.body["warnings"].as_array().expect("a list");
        let said: Vec<_> = warnings.iter().map(|one| (one["field"].as_str(), one["code"].as_str())).collect();
        assert_eq!((told.status, said), (200, vec![(Some(field), Some(code))]), "{told:?}");
        assert_eq!(api.ask("GET", CHICAGO, Value::Null).await.body["warnings"], told.body["warnings"]);
    }
}
