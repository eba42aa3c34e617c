//! Recordings: started when both talk, fetched once the provider has them, sealed on the disk, handed out whole and in parts,
//! erased and forgotten.
//!
//! Deliberately not here: what is recorded (the fixtures say).

use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::to_bytes;
use hookswitch::domain::RecordFormat;
use hookswitch::jobs::recordings;
use hookswitch::switchboard::Reply;
use serde_json::{Value, json};

use crate::api::{Api, Told};
use crate::double::{Double, Mishap};
use crate::flows::{CHILD, dialed, leg, pressed};
use crate::masking;
use crate::placed::on_double;
use crate::support::{Bench, call, link};

/// A sound of several chunks that can be recognized anywhere.
fn sound() -> Vec<u8> {
    (0..200_000u32).flat_map(|at| at.to_be_bytes()).collect()
}

/// Ana leaves a voicemail, which the provider has.
pub async fn left(bench: &Bench, double: &Double, sid: &str) {
    let first = bench.ana_calls(sid).await;
    let greeting = bench.post(&link(&first, "dialed"), &dialed(sid, "busy", "false")).await;
    let url = format!("{}/2010-04-01/Accounts/AC00000000000000000000000000000001/Recordings/RE{sid}", double.base);
    let mut form = call(sid, "+13125550101").to_vec();
    form.extend([("RecordingUrl", url.as_str()), ("RecordingDuration", "7"), ("Digits", "#")]);
    bench.post(&link(&greeting, "voicemail"), &form).await;
}

/// The API of the same server.
fn beside(bench: &Bench) -> Api {
    Api::on(Bench { switchboard: bench.switchboard.clone(), store: bench.store.clone(), clock: bench.clock.clone() })
}

/// A call is recorded although nobody talked: the provider is told to delete it.
async fn refuse_a_recording(bench: &Bench, recording: &str) {
    let settings = json!({"record_voice_calls": true});
    let on = beside(bench).ask("PATCH", "/api/v1/locations/chicago/masking-settings", settings).await;
    assert_eq!(on.status, 200, "{on:?}");
    let sid = format!("CA{}", bench.clock.now().seconds());
    let first = bench.ana_calls(&sid).await;
    bench.post(&link(&first, "dialed"), &dialed(&sid, "no-answer", "false")).await;
    let told = link(&first, "whisper").replace("voice/whisper", "voice/recording");
    let url = format!("https://api.twilio.com/x/Recordings/{recording}");
    let form = [
        ("CallSid", sid.as_str()),
        ("RecordingSid", recording),
        ("RecordingStatus", "completed"),
        ("RecordingUrl", url.as_str()),
        ("RecordingDuration", "3"),
    ];
    bench.post(&told, &form).await;
}

/// Every file below media/.
fn files(dir: &Path) -> Vec<PathBuf> {
    let shelves = std::fs::read_dir(dir.join("media")).into_iter().flatten().flatten();
    shelves
        .flat_map(|shelf| std::fs::read_dir(shelf.path()).into_iter().flatten().flatten())
        .map(|file| file.path())
        .collect()
}

async fn items(api: &Api) -> Vec<Value> {
    let told = api.ask("GET", "/api/v1/recordings", Value::Null).await;
    told.body["items"].as_array().unwrap_or_else(|| panic!("{told:?}")).clone()
}

/// Bytes behind an address, with a part asked for.
async fn bytes(api: &Api, path: &str, range: &str) -> (u16, String, Vec<u8>) {
    let headers: Vec<(&str, &str)> = [("x-tenant-key", crate::api::KEY), ("range", range)].into();
    let response = api.response("GET", path, &headers[..if range.is_empty() { 1 } else { 2 }]).await;
    let status = response.status().as_u16();
    let told =
        response.headers().get("content-range").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    (status, told, to_bytes(response.into_body(), 8 << 20).await.expect("whole").to_vec())
}

#[tokio::test]
async fn a_voicemail_is_fetched_sealed_and_handed_out() {
    let dir = tempfile::tempdir().expect("a folder");
    let (bench, double, errands) = on_double(dir.path()).await;
    double.sounds(sound());
    left(&bench, &double, "CAmail").await;
    let api = Api::on(bench);
    let waiting = &items(&api).await[0];
    assert_eq!((&waiting["state"], &waiting["kind"]), (&json!("waiting"), &json!("voicemail")), "{waiting}");
    let audio = waiting["audio"].as_str().expect("a path").to_owned();
    assert_eq!(api.ask("GET", &audio, Value::Null).await.status, 404, "not here yet");

    // The provider tells of it before it can be read; then it breaks.
    double.sounds(Vec::new());
    errands.due().await.expect("readable");
    double.sounds(sound());
    double.break_with([Mishap::Resets, Mishap::TooMuch, Mishap::Failed]);
    for _ in 0..6 {
        api.bench.clock.set(api.bench.clock.now().plus(Duration::from_secs(2000)));
        errands.due().await.expect("readable");
    }
    let kept = &items(&api).await[0];
    let words = (kept["state"].as_str(), kept["format"].as_str(), kept["bytes"].as_u64());
    assert_eq!(words, (Some("stored"), Some("mp3"), Some(800_000)), "{kept}");
    let asked = double.came().pop().expect("a request");
    assert!(asked.line.ends_with("/Recordings/RECAmail.mp3"), "{}", asked.line);

    let file = files(dir.path()).pop().expect("a file");
    let sealed = std::fs::read(&file).expect("it can be read");
    let (plain, some) = (sound(), 4000..4016);
    let readable = sealed.windows(16).any(|part| part == &plain[some.clone()]);
    assert!(sealed.len() > 800_000 && !readable, "sealed on the disk");
    assert_eq!(files(dir.path()).len(), 1, "nothing unfinished is left");

    let id = kept["id"].as_str().expect("an id");
    let voicemail = format!("/api/v1/voicemails/{}/audio", kept["interaction_id"].as_str().expect("an id"));
    let url = api.bench.switchboard.recording_url("acme", id, RecordFormat::Mp3);
    let signed = url.strip_prefix(crate::support::BASE).expect("ours").to_owned();
    assert!(url.ends_with(".mp3"), "{url}");
    for path in [audio.as_str(), &voicemail, &signed] {
        let (status, _, whole) = bytes(&api, path, "").await;
        assert!(status == 200 && whole == sound(), "{path}: {status}");
        let (status, told, part) = bytes(&api, path, "bytes=65530-65545").await;
        assert_eq!((status, told.as_str()), (206, "bytes 65530-65545/800000"), "{path}");
        assert_eq!(part, &sound()[65530..65546], "across an edge");
        assert_eq!(bytes(&api, path, "bytes=800000-").await.0, 416, "{path}");
    }
    assert_eq!(
        api.ask("GET", &signed.replace("/media/recordings/", "/media/recordings/x"), Value::Null).await.status,
        404
    );
    let foreign = [("authorization", "Bearer test-admin-key"), ("x-tenant-id", "other")];
    let told: Told = api.with("GET", &audio, &foreign, Value::Null).await;
    assert_eq!(told.status, 404, "another tenant's");

    let erased = api.ask("POST", "/api/v1/erasures", json!({"phone": "+13125550101"})).await;
    let counts = &erased.body["counts"];
    assert_eq!((&counts["recordings"], &counts["recording_files"]), (&json!(1), &json!(1)), "{erased:?}");
    assert!(files(dir.path()).is_empty(), "the file is gone");
    assert_eq!(bytes(&api, &signed, "").await.0, 404);
}

/// What became of the jobs of a kind.
async fn states(bench: &Bench, kind: &str) -> Vec<String> {
    let jobs = bench.store.jobs_of("acme").await.expect("a list");
    jobs.into_iter().filter(|job| job.0 == kind).map(|job| job.1).collect()
}

#[tokio::test]
async fn what_passes_is_waited_for_and_what_is_no_sound_is_not_kept() {
    for (mishaps, kind, state, why) in [
        (vec![Mishap::Says(401), Mishap::Says(403)], "audio/mpeg", "stored", "a token that was mended"),
        (vec![], "AUDIO/X-WAV; rate=8000", "stored", "another sound"),
        (vec![], "application/octet-stream", "stored", "any bytes"),
        (vec![], "", "stored", "it does not say"),
        (vec![], "text/html; charset=utf-8", "waiting", "a page"),
        (vec![], "application/json", "waiting", "a message"),
        (vec![Mishap::Says(400)], "audio/mpeg", "failed", "the address is wrong, today and tomorrow"),
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        let (bench, double, errands) = on_double(dir.path()).await;
        double.sounds_as(kind, sound());
        left(&bench, &double, "CAmail").await;
        double.break_with(mishaps);
        let api = Api::on(bench);
        for _ in 0..4 {
            errands.due().await.expect("readable");
            api.bench.clock.set(api.bench.clock.now().plus(Duration::from_secs(400)));
        }
        assert_eq!(items(&api).await[0]["state"], state, "{why}");
        assert_eq!(files(dir.path()).len(), usize::from(state == "stored"), "{why}");
    }
}

#[tokio::test]
async fn what_nobody_may_hear_is_deleted_in_the_end() {
    let dir = tempfile::tempdir().expect("a folder");
    let (bench, double, errands) = on_double(dir.path()).await;
    let refused = [400, 401, 403, 500].map(Mishap::Says);
    refuse_a_recording(&bench, "RE77").await;
    double.break_with(refused);
    for _ in 0..5 {
        errands.due().await.expect("readable");
        bench.clock.set(bench.clock.now().plus(Duration::from_secs(600)));
    }
    assert_eq!((double.deleted(), states(&bench, "discard").await), (vec!["RE77".to_owned()], vec!["done".to_owned()]));
    // Its week is over: somebody has to look.
    refuse_a_recording(&bench, "RE78").await;
    double.break_with(vec![Mishap::Says(403); 100]);
    for _ in 0..100 {
        errands.due().await.expect("readable");
        bench.clock.set(bench.clock.now().plus(Duration::from_secs(7200)));
    }
    assert_eq!(states(&bench, "discard").await, ["done", "dead"]);
    errands.count().await.expect("readable");
    let metrics = bench.switchboard.metrics();
    assert!(metrics.contains("hookswitch_provider_jobs_dead{kind=\"discard\"} 1\n"), "{metrics}");
    assert!(metrics.contains("hookswitch_provider_jobs_waiting{kind=\"fetch\"} 0\n"), "{metrics}");
}

#[tokio::test]
async fn a_killed_process_leaves_a_recording_that_is_fetched_half_a_minute_later() {
    let dir = tempfile::tempdir().expect("a folder");
    let (bench, double, errands) = on_double(dir.path()).await;
    double.sounds(sound());
    left(&bench, &double, "CAmail").await;
    double.break_with([Mishap::Drips]);
    let killed = tokio::spawn({
        let errands = errands.clone();
        async move { errands.due().await }
    });
    while double.came().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // Far beyond a lease, and bytes still come: it is nobody else's.
    let other = crate::placed::errands(&bench);
    for _ in 0..3 {
        bench.clock.set(bench.clock.now().plus(Duration::from_secs(20)));
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(other.due().await.expect("readable"), 0, "it is being fetched");
    }
    killed.abort();
    tokio::time::sleep(Duration::from_millis(50)).await;
    bench.clock.set(bench.clock.now().plus(Duration::from_secs(31)));
    assert_eq!(other.due().await.expect("readable"), 1);
    let api = Api::on(bench);
    assert_eq!(items(&api).await[0]["state"], "stored");
}

#[tokio::test]
async fn old_recordings_and_strays_go() {
    let dir = tempfile::tempdir().expect("a folder");
    let (bench, double, errands) = on_double(dir.path()).await;
    double.sounds(sound());
    left(&bench, &double, "CAmail").await;
    errands.due().await.expect("readable");
    let now = bench.clock.now();
    let (begun, half) = bench.store.seal_recording("acme", "half", now).await.expect("a file");
    drop(half);
    let begun = dir.path().join("media").join(begun).with_extension("new");
    let foreign = dir.path().join("media/zz/foreign");
    std::fs::create_dir_all(foreign.parent().expect("a folder")).expect("made");
    std::fs::write(&foreign, b"somebody's").expect("written");
    let forget = || recordings::forget(&bench.store, &bench.switchboard, &bench.clock);
    bench.clock.set(now.plus(Duration::from_secs(3600)));
    forget().await.expect("done");
    assert!(begun.exists(), "it may be written still");
    bench.clock.set(bench.clock.now().plus_days(365));
    assert_eq!(forget().await.expect("done"), 0, "its last day");
    assert!(!begun.exists(), "what was never finished is gone");
    bench.clock.set(bench.clock.now().plus_days(1));
    assert_eq!(forget().await.expect("done"), 1, "the day after");
    assert_eq!(files(dir.path()), [foreign], "what this database did not begin stays");
    let api = Api::on(bench);
    assert_eq!(items(&api).await[0]["state"], "purged");
}

#[tokio::test]
async fn a_recording_starts_once_whatever_the_provider_does() {
    for (mishap, why) in [
        (None, "all is well"),
        (Some(Mishap::TooMuch), "429"),
        (Some(Mishap::Failed), "500, not done"),
        (Some(Mishap::FailedAfter), "500, done"),
        (Some(Mishap::Hangs), "no answer, done"),
        (Some(Mishap::ResetsAfter), "a reset, done"),
        (Some(Mishap::Garbage), "garbage, done"),
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        let (bench, double, errands) = on_double(dir.path()).await;
        let api = beside(&bench);
        let on =
            api.ask("PATCH", "/api/v1/locations/chicago/masking-settings", json!({"record_voice_calls": true})).await;
        assert_eq!(on.status, 200, "{on:?}");
        let first = bench.ana_calls("CAtalk").await;
        let whisper = bench.post(&link(&first, "whisper"), &leg(CHILD, "CAtalk")).await;
        bench.post(&link(&whisper, "accept"), &pressed(CHILD, "CAtalk", "1")).await;
        double.break_with(mishap);
        for _ in 0..5 {
            errands.due().await.expect("readable");
            bench.clock.set(bench.clock.now().plus(Duration::from_secs(8)));
        }
        assert_eq!(double.recorded(), ["CAtalk"], "{why}");
        let came = double.came();
        let start = came.iter().find(|came| came.line.starts_with("POST")).expect("a request");
        assert_eq!(start.value("RecordingChannels"), "dual", "{why}");
        assert_eq!(told_of_recording(&api).await, ["recording.due", "recording.started"], "{why}");

        // Where the attempt led to no conversation after all, the recording is deleted there.
        bench.post(&link(&first, "dialed"), &dialed("CAtalk", "completed", "false")).await;
        let told =
            start.value("RecordingStatusCallback").split_once("/webhooks/acme-twilio/").expect("ours").1.to_owned();
        let form = [
            ("CallSid", "CAtalk"),
            ("RecordingSid", "RE77"),
            ("RecordingStatus", "completed"),
            ("RecordingUrl", "https://api.twilio.com/x/Recordings/RE77"),
            ("RecordingDuration", "3"),
        ];
        bench.post(&told, &form).await;
        errands.due().await.expect("readable");
        assert_eq!(double.deleted(), ["RE77"], "{why}");
    }
}

/// A pair whose calls are recorded, as the masking API makes it; its first party calls. Its uuid, and the first document.
async fn recorded_pair(api: &Api) -> (String, Reply) {
    let asked = json!({"first_party": "+13125550150", "second_party": "+13125550151", "record": true,
        "recording_callback_url": "https://customer.example/recordings", "subaccount": "acme-twilio"});
    let (uuid, session) = masking::made(api, asked).await;
    let number = format!("+{}", session["virtual_number"].as_str().expect("a number").trim_start_matches('+'));
    let call = crate::deliveries::form("CApair", "+13125550150", &number, &[]);
    (uuid, crate::deliveries::post(&api.bench, "voice", &call).await)
}

#[tokio::test]
async fn an_address_that_was_told_serves_what_it_says() {
    let dir = tempfile::tempdir().expect("a folder");
    let (bench, double, errands) = on_double(dir.path()).await;
    double.sounds(sound());
    let api = Api::on(bench);
    let (uuid, first) = recorded_pair(&api).await;
    let told = link(&first, "whisper").replace("voice/whisper", "voice/recording");
    let url = format!("{}/2010-04-01/Accounts/AC00000000000000000000000000000001/Recordings/RE77", double.base);
    let made = [("CallSid", "CApair"), ("RecordingSid", "RE77"), ("RecordingStatus", "completed")];
    let made = [&made[..], &[("RecordingUrl", url.as_str()), ("RecordingDuration", "3")]].concat();
    api.bench.post(&told, &made).await;
    let path = format!("/{uuid}/");
    let wav = masking::ask(&api, "POST", &path, json!({"record_file_format": "wav"})).await;
    assert_eq!((wav.status, &wav.body["session"]["record_file_format"]), (200, &json!("wav")), "{wav:?}");
    errands.due().await.expect("readable");
    let asked = double.came().pop().expect("a request").line;
    let shown = masking::ask(&api, "GET", &path, Value::Null).await.body["response"]["interaction"].take();
    let address = shown[0]["recording_resource_url"].as_str().expect("an address");
    assert!(asked.ends_with("/Recordings/RE77.mp3") && address.ends_with(".mp3"), "{asked}, {address}");
    assert_eq!(items(&api).await[0]["format"], "mp3");
}

#[tokio::test]
async fn a_recording_that_comes_to_nothing_is_told() {
    const BEGUN: &str = "SessionRecordingInitiated";
    for (mishap, status, steps, events, why) in [
        (Some(Mishap::Refused), None, &["recording.due", "recording.not_started"][..], &[][..], "it is refused"),
        (
            None,
            Some("absent"),
            &["recording.due", "recording.started", "recording.not_started"],
            &[BEGUN],
            "nothing was heard in it",
        ),
        (
            None,
            Some("completed"),
            &["recording.due", "recording.started", "recording.refused"],
            &[BEGUN],
            "the callee was gone before the bridge",
        ),
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        let (bench, double, errands) = on_double(dir.path()).await;
        let api = beside(&bench);
        let (_, first) = recorded_pair(&api).await;
        let whisper = bench.post(&link(&first, "whisper"), &leg(CHILD, "CApair")).await;
        assert!(told_of_recording(&api).await.is_empty(), "{why}: the callee has not heard yet that it is recorded");
        bench.post(&link(&whisper, "accept"), &leg(CHILD, "CApair")).await;
        double.break_with(mishap);
        errands.due().await.expect("readable");
        if let Some(status) = status {
            let came = double.came();
            let start = came.iter().find(|came| came.line.starts_with("POST")).expect("a request");
            let path = start.value("RecordingStatusCallback").split_once("/webhooks/acme-twilio/").expect("ours").1;
            let mut form = vec![("CallSid", "CApair"), ("RecordingSid", "RE77"), ("RecordingStatus", status)];
            if status == "completed" {
                bench.post(&link(&first, "dialed"), &dialed("CApair", status, "false")).await;
                form.extend([("RecordingUrl", "https://api.twilio.com/x/Recordings/RE77"), ("RecordingDuration", "3")]);
            }
            bench.post(path, &form).await;
        }
        assert_eq!(told_of_recording(&api).await, steps, "{why}");
        let told = crate::deliveries::listed(&api, "").await;
        let heard: Vec<&str> = told.iter().filter_map(|item| item["event"].as_str()).collect();
        assert_eq!(heard, [events, &["SessionRecordingFailed"]].concat(), "{why}: {told:?}");
    }
}

/// What the timeline of the newest call says of its recording.
async fn told_of_recording(api: &Api) -> Vec<String> {
    let listed = api.ask("GET", "/api/v1/interactions?limit=1", Value::Null).await;
    let id = listed.body["items"][0]["id"].as_str().expect("an interaction").to_owned();
    let whole = api.ask("GET", &format!("/api/v1/interactions/{id}"), Value::Null).await;
    let kinds = whole.body["timeline"].as_array().expect("a timeline").iter();
    let kinds = kinds.filter_map(|step| step["kind"].as_str()).filter(|kind| kind.starts_with("recording"));
    kinds.map(str::to_owned).collect()
}
