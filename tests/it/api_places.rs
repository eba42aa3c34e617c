//! Locations, their hours, overrides and back-office lines through the management API, and what the next call makes of
//! them.
//!
//! Deliberately not here: masking settings.

use hookswitch::domain::{CallerId, Channel, E164};
use hookswitch::switchboard::Probe;
use serde_json::{Value, json};

use crate::api::{Api, KEY, Told};
use crate::support::{at, text};

const OVERRIDES: &str = "/api/v1/locations/chicago/hours/overrides";

/// A location with every field.
fn whole() -> Value {
    json!({
        "id": "boise", "name": "Acme Plumbing Boise", "time_zone": "America/Boise",
        "hours": "Mo-Fr 08:00-17:00; PH off", "holidays": "US", "closed_dates": ["2026-12-24"],
        "special_hours": {"2026-12-31": "08:00-12:00"}, "on_no_answer": ["technician", "voicemail"],
        "ring_timeout": 25, "ring": "together",
        "dispatcher_queue": {"max_wait_seconds": 60, "wait_prompt": "Hold.", "wait_play_url": "https://example.com/a.mp3"},
        "prompts": {"voicemail_greeting": "You have reached {location_name}."},
        "rule": [
            {"name": "Nights", "when": {"between": "22:00-06:00", "days": ["Mo", "Su"], "hours": ["closed"]},
             "route": "voicemail"},
            {"name": "Strangers", "when": {"match": ["none"], "caller": "unknown", "channel": "voice"}, "route": "hangup"},
            {"name": "Emergencies", "when": {"tag": "emergency", "reply": false}, "route": {"technician": "jo"}}
        ]
    })
}

#[tokio::test]
async fn a_location_is_shown_as_it_was_sent() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let made = api.ask("POST", "/api/v1/locations", whole()).await;
    assert_eq!((made.status, made.header("location")), (201, "/api/v1/locations/boise"), "{made:?}");
    let mut shown = made.body.clone();
    let links = shown.as_object_mut().and_then(|shown| shown.remove("links")).expect("links");
    assert_eq!(shown, whole());
    assert_eq!(links["masking_settings"], "/api/v1/locations/boise/masking-settings");
    let again = api.ask("PUT", "/api/v1/locations/boise", shown.clone()).await;
    assert_eq!((again.status, &again.body, again.header("etag")), (200, &made.body, made.header("etag")));

    for (field, sent, expected) in [
        ("name", json!("Boise"), json!("Boise")),
        ("hours", Value::Null, json!("")),
        ("holidays", Value::Null, json!("")),
        ("closed_dates", json!([]), json!([])),
        ("special_hours", json!({}), json!({})),
        ("on_no_answer", json!(["voicemail"]), json!(["voicemail"])),
        ("ring", json!("in_turn"), json!("in_turn")),
        ("ring_timeout", json!(5), json!(5)),
        (
            "dispatcher_queue",
            json!({"wait_prompt": null}),
            json!({"max_wait_seconds": 60, "wait_prompt": "", "wait_play_url": "https://example.com/a.mp3"}),
        ),
        ("prompts", json!({"voicemail_greeting": null}), json!({})),
        ("rule", json!([]), json!([])),
        ("time_zone", json!("America/Denver"), json!("America/Denver")),
    ] {
        let changed = api.ask("PATCH", "/api/v1/locations/boise", json!({ field: sent })).await;
        assert_eq!((changed.status, &changed.body[field]), (200, &expected), "{field}: {changed:?}");
        assert_eq!(api.ask("GET", "/api/v1/locations/boise", Value::Null).await.body, changed.body, "{field}");
    }
    let listed = api.ask("GET", "/api/v1/locations", Value::Null).await;
    assert_eq!(listed.body["items"].as_array().map(Vec::len), Some(4), "{listed:?}");
}

#[tokio::test]
async fn every_mistake_of_a_location_is_told_at_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let before = api.ask("GET", "/api/v1/locations/chicago", Value::Null).await;
    let body = json!({
        "time_zone": "America/Chicgo", "closed_dates": ["24.12."], "ring": "all", "ring_timeout": 3,
        "dispatcher_queue": {"max_wait_seconds": "60", "music": 1}, "prompts": {"greeting": "x", "no_match": "{nobody}"},
        "rule": [{"when": {"days": "Mo-Xx"}, "route": "nowhere"}], "masking": {}, "backoffice_line": [], "override": []
    });
    let told = api.ask("PATCH", "/api/v1/locations/chicago", body).await;
    let fields: Vec<&str> =
        told.body["errors"].as_array().into_iter().flatten().filter_map(|error| error["field"].as_str()).collect();
    assert_eq!(told.status, 422);
    for field in [
        "time_zone",
        "closed_dates",
        "ring",
        "ring_timeout",
        "dispatcher_queue.max_wait_seconds",
        "dispatcher_queue.music",
        "prompts.greeting",
        "prompts.no_match",
        "rule[0].when.days",
        "rule[0].route",
        "masking",
        "backoffice_line",
        "override",
    ] {
        assert!(fields.contains(&field), "{field}: {told:?}");
    }
    assert_eq!(api.ask("GET", "/api/v1/locations/chicago", Value::Null).await.body, before.body);
}

/// What would become of Ana's call.
fn why(api: &Api, when: &str) -> Vec<String> {
    let to = E164::read("+13125550190").expect("a number");
    let probe = Probe { from: CallerId::read("+13125550101"), to, channel: Channel::Voice, at: at(when) };
    let decision = api.bench.switchboard.explain(&probe).decision;
    decision["why"].as_array().into_iter().flatten().filter_map(|one| one["code"].as_str()).map(str::to_owned).collect()
}

#[tokio::test]
async fn an_office_is_closed_and_opened_by_hand() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    assert!(text(&api.bench.ana_calls("CA00000000000000000000000000000011").await).contains("<Dial"));
    let made = api.ask("POST", OVERRIDES, json!({"state": "closed"})).await;
    let (from, until) = ("2026-03-09T14:02:11Z", "2026-03-09T22:00:00Z");
    assert_eq!((made.status, &made.body["from"], &made.body["until"]), (201, &json!(from), &json!(until)), "{made:?}");
    let address = made.header("location").to_owned();
    assert_eq!(address, format!("{OVERRIDES}/{}", made.body["id"].as_str().expect("an id")));

    let document = text(&api.bench.ana_calls("CA00000000000000000000000000000012").await);
    assert!(document.contains("<Record") && !document.contains("<Dial"), "{document}");
    assert!(why(&api, "2026-03-09T10:00:00-05:00").contains(&"hours_override".to_owned()));
    assert!(!why(&api, "2026-03-09T17:00:00-05:00").contains(&"hours_override".to_owned()), "it has an end");
    let hours = api.ask("GET", "/api/v1/locations/chicago/hours", Value::Null).await;
    assert_eq!((&hours.body["state"], &hours.body["open"]), (&json!("override_closed"), &json!(false)), "{hours:?}");
    assert_eq!((&hours.body["source"], &hours.body["until"]), (&json!("override"), &json!(until)));
    assert_eq!(hours.body["next_change"], "2026-03-10T13:00:00Z");

    let same = api.ask("POST", OVERRIDES, json!({"state": "closed", "from": from, "until": until})).await;
    assert_eq!(same.status, 409, "{same:?}");
    // Whatever else changes, it keeps its id.
    let later = api.ask("POST", OVERRIDES, json!({"state": "open", "until": "2026-03-09T20:00:00-05:00"})).await;
    assert_eq!(later.status, 201, "{later:?}");
    let rename = json!({"name": "Chicago", "hours": "Mo-Fr 09:00-18:00"});
    assert_eq!(api.ask("PATCH", "/api/v1/locations/chicago", rename).await.status, 200);
    let listed = api.ask("GET", OVERRIDES, Value::Null).await;
    assert_eq!(listed.body["items"], json!([later.body, made.body]), "the newest first");
    let shown = api.ask("GET", &address, Value::Null).await;
    assert_eq!((shown.status, &shown.body, shown.header("etag")), (200, &made.body, made.header("etag")));
    let first = api.ask("GET", &format!("{OVERRIDES}?limit=1"), Value::Null).await;
    let next = format!("{OVERRIDES}?cursor={}", first.body["next_cursor"].as_str().expect("more"));
    assert_eq!(api.ask("GET", &next, Value::Null).await.body, json!({"items": [made.body], "next_cursor": null}));

    assert_eq!(api.ask("DELETE", later.header("location"), Value::Null).await.status, 204);
    assert_eq!(api.ask("DELETE", &address, Value::Null).await.status, 204);
    assert_eq!(api.ask("DELETE", &address, Value::Null).await.status, 404);
    assert!(text(&api.bench.ana_calls("CA00000000000000000000000000000013").await).contains("<Dial"), "open again");
}

#[tokio::test]
async fn an_override_has_an_end_or_is_none() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    assert_eq!(api.ask("POST", "/api/v1/locations", json!({"id": "kiosk"})).await.status, 201);
    for (place, body, expected, why) in [
        ("chicago", json!({}), &["state missing"][..], "nothing"),
        (
            "chicago",
            json!({"state": "shut", "from": 3, "until": "soon", "till": 1}),
            &["till unknown_field", "state invalid", "from wrong_type", "until invalid"],
            "four at once",
        ),
        (
            "chicago",
            json!({"state": "open", "until": "2026-03-09T14:02:11Z"}),
            &["until invalid"],
            "it ends as it begins",
        ),
        (
            "chicago",
            json!({"state": "open", "from": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"}),
            &["until invalid"],
            "it is over already",
        ),
        (
            "chicago",
            json!({"state": "open", "from": "2026-01-05T00:00:00Z"}),
            &["until missing"],
            "so is its next change",
        ),
        ("kiosk", json!({"state": "closed"}), &["until missing"], "a place that is always open has no schedule"),
        ("chicago", json!({"state": null}), &["state wrong_type"], "null is no state"),
    ] {
        let told = api.ask("POST", &format!("/api/v1/locations/{place}/hours/overrides"), body).await;
        assert_eq!((told.status, told.errors()), (422, expected.iter().map(|e| (*e).to_owned()).collect()), "{why}");
    }
    for (place, body, from, until, why) in [
        (
            "kiosk",
            json!({"state": "closed", "until": "2026-03-09T15:00:00Z"}),
            "2026-03-09T14:02:11Z",
            "2026-03-09T15:00:00Z",
            "its end is said",
        ),
        (
            "chicago",
            json!({"state": "open", "from": "2026-03-14T18:30:00Z", "until": null}),
            "2026-03-14T18:30:00Z",
            "2026-03-16T13:00:00Z",
            "over the weekend",
        ),
        (
            "chicago",
            json!({"state": "open", "from": "2029-03-10T12:00:00-06:00"}),
            "2029-03-10T18:00:00Z",
            "2029-03-10T19:00:00Z",
            "years ahead",
        ),
    ] {
        let made = api.ask("POST", &format!("/api/v1/locations/{place}/hours/overrides"), body).await;
        assert_eq!((&made.body["from"], &made.body["until"]), (&json!(from), &json!(until)), "{why}: {made:?}");
    }
}

#[tokio::test]
async fn hours_are_told_for_any_time_and_for_a_fortnight() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    for (query, state, source, next, why) in [
        ("", "open", "weekly", json!("2026-03-09T22:00:00Z"), "now"),
        ("?at=2026-11-26T16:00:00Z", "holiday", "public_holiday", json!("2026-11-27T14:00:00Z"), "Thanksgiving"),
        (
            "?at=2026-12-24T16:00:00Z",
            "holiday",
            "closed_dates",
            json!("2026-12-26T15:00:00Z"),
            "a closed date, then Christmas",
        ),
        ("?at=2026-12-31T10:30:00-06:00", "open", "special_hours", json!("2026-12-31T18:00:00Z"), "its own hours"),
        ("?at=2031-03-10T14:00:00Z", "open", "weekly", json!("2031-03-10T22:00:00Z"), "years ahead"),
    ] {
        let told = api.ask("GET", &format!("/api/v1/locations/chicago/hours{query}"), Value::Null).await;
        let got = (&told.body["state"], &told.body["source"], &told.body["next_change"]);
        assert_eq!(got, (&json!(state), &json!(source), &next), "{why}: {told:?}");
    }
    let told = api.ask("GET", "/api/v1/locations/chicago/hours", Value::Null).await;
    let changes = told.body["changes"].as_array().expect("changes");
    assert_eq!((&changes[0]["at"], &changes[0]["state"]), (&json!("2026-03-09T22:00:00Z"), &json!("closed")));
    assert_eq!(changes[0]["local_time"], "2026-03-09T17:00:00-05:00");
    assert_eq!(changes.len(), 24, "it opens and closes on twelve days: {changes:?}");
    for (query, expected) in [
        ("?at=tomorrow", &["at invalid"][..]),
        ("?at=2026-03-09T14:00:00+00:00", &["at invalid"]),
        ("?when=now&at=2026-03-09T14:00:00Z&at=2026-03-09T14:00:00Z", &["when unknown_field", "at repeated"]),
    ] {
        let told = api.ask("GET", &format!("/api/v1/locations/chicago/hours{query}"), Value::Null).await;
        assert_eq!((told.status, told.errors()), (422, expected.iter().map(|e| (*e).to_owned()).collect()), "{query}");
    }
}

#[tokio::test]
async fn a_location_goes_when_nothing_needs_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let told = api.ask("DELETE", "/api/v1/locations/chicago", Value::Null).await;
    let expected = ["sessions", "tenants", "numbers", "technicians", "customers", "work-orders"];
    assert_eq!(told.status, 409);
    assert_eq!(told.errors(), expected.map(|field| format!("{field} in_use")), "{told:?}");
    assert_eq!(told.body["session_ids"].as_array().map(Vec::len), Some(1));
    assert_eq!(api.ask("POST", "/api/v1/locations", whole()).await.status, 201);
    let line = json!({"location_id": "boise", "phone": "+12085550123"});
    assert_eq!(api.ask("POST", "/api/v1/backoffice-lines", line).await.status, 201);
    assert_eq!(api.ask("DELETE", "/api/v1/locations/boise", Value::Null).await.status, 204, "with its lines");
    assert_eq!(api.ask("GET", "/api/v1/locations/boise/hours", Value::Null).await.status, 404);
    let lines = api.ask("GET", "/api/v1/backoffice-lines?location_id=boise", Value::Null).await;
    assert_eq!(lines.body, json!({"items": [], "next_cursor": null}));
}

#[tokio::test]
async fn lines_are_made_shown_changed_and_taken_away() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let made = api
        .ask(
            "POST",
            "/api/v1/backoffice-lines",
            json!({
        "id": "desk-2", "location_id": "chicago", "phone": "312 555 0124", "active": false, "sms": true}),
        )
        .await;
    let shown = json!({"id": "desk-2", "location_id": "chicago", "phone": "+13125550124", "position": 2,
        "active": false, "sms": true});
    assert_eq!((made.status, &made.body), (201, &shown), "{made:?}");
    for (field, sent) in [("phone", json!("+13125550125")), ("position", json!(7)), ("sms", json!(false))] {
        let changed = api.ask("PATCH", "/api/v1/backoffice-lines/desk-2", json!({ field: sent })).await;
        assert_eq!((changed.status, &changed.body[field]), (200, &sent), "{field}: {changed:?}");
        assert_eq!(api.ask("GET", "/api/v1/backoffice-lines/desk-2", Value::Null).await.body, changed.body);
    }
    for (query, ids) in [
        ("", &["desk-1", "desk-2", "denver-desk", "phoenix-desk"][..]),
        ("?location_id=chicago", &["desk-1", "desk-2"]),
        ("?location_id=chicago&active=true", &["desk-1"]),
        ("?location_id=nowhere", &[]),
    ] {
        let listed = api.ask("GET", &format!("/api/v1/backoffice-lines{query}"), Value::Null).await;
        let mut found: Vec<&str> =
            listed.body["items"].as_array().into_iter().flatten().filter_map(|one| one["id"].as_str()).collect();
        if query.is_empty() {
            found.sort_by_key(|id| ids.iter().position(|known| known == id));
        }
        assert_eq!(found, ids, "{query}");
    }
    for (body, expected, why) in [
        (json!({}), &["location_id missing", "phone missing"][..], "a new one needs these"),
        (
            json!({"location_id": "nowhere", "phone": "x", "position": 0, "active": 1, "ring": 1}),
            &[
                "active wrong_type",
                "location_id not_found",
                "phone invalid",
                "position out_of_range",
                "ring unknown_field",
            ],
            "all at once",
        ),
        (
            json!({"location_id": "chicago", "phone": "+13125550126", "id": "denver-desk"}),
            &["id exists"],
            "its id is taken elsewhere",
        ),
    ] {
        let told = api.ask("POST", "/api/v1/backoffice-lines", body).await;
        let mut errors = told.errors();
        errors.sort();
        assert_eq!(errors, expected, "{why}: {told:?}");
    }
    let moved = api.ask("PATCH", "/api/v1/backoffice-lines/desk-2", json!({"location_id": "denver"})).await;
    assert_eq!(moved.errors(), ["location_id read_only"]);
    assert_eq!(api.ask("DELETE", "/api/v1/backoffice-lines/desk-2", Value::Null).await.status, 204);
    assert_eq!(api.ask("GET", "/api/v1/backoffice-lines/desk-2", Value::Null).await.status, 404);
    let last = api.ask("DELETE", "/api/v1/backoffice-lines/desk-1", Value::Null).await;
    assert_eq!((last.status, last.errors()), (409, vec!["sessions in_use".to_owned()]), "{last:?}");
    assert_eq!(last.body["session_ids"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn where_a_key_is_required_one_line_is_active() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let fr7 = "active fr7_accept_needs_single_line".to_owned();
    let second = json!({"location_id": "chicago", "phone": "+13125550124"});
    let told = api.ask("POST", "/api/v1/backoffice-lines", second).await;
    assert_eq!((told.status, told.errors()), (422, vec![fr7.clone()]), "{told:?}");
    for id in ["desk-2", "desk-3"] {
        let body = json!({"id": id, "location_id": "chicago", "phone": "+13125550124", "active": false});
        assert_eq!(api.ask("POST", "/api/v1/backoffice-lines", body).await.status, 201);
    }
    let off = api.ask("PATCH", "/api/v1/backoffice-lines/desk-1", json!({"active": false})).await;
    assert_eq!(off.status, 200, "{off:?}");
    let document = text(&api.bench.ana_calls("CA00000000000000000000000000000021").await);
    assert!(document.contains("<Record") && !document.contains("<Dial"), "voicemail: {document}");
    assert!(why(&api, "2026-03-09T10:00:00-05:00").contains(&"no_active_line".to_owned()));

    let on = async |id: &str| -> Told {
        api.with("PATCH", &format!("/api/v1/backoffice-lines/{id}"), &[("x-tenant-key", KEY)], json!({"active": true}))
            .await
    };
    let (one, two, three) = tokio::join!(on("desk-1"), on("desk-2"), on("desk-3"));
    let mut statuses = [one.status, two.status, three.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422, 422], "one of them was first");
    for told in [&one, &two, &three] {
        assert!(told.status == 200 || told.errors() == [fr7.clone()], "{told:?}");
    }
    let active = api.ask("GET", "/api/v1/backoffice-lines?location_id=chicago&active=true", Value::Null).await;
    assert_eq!(active.body["items"].as_array().map(Vec::len), Some(1));
    assert!(text(&api.bench.ana_calls("CA00000000000000000000000000000022").await).contains("<Dial"));
}
