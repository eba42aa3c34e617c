//! Masking settings asked through the router: three encodings, and whole exchanges.
//!
//! Deliberately not here: each field's own values (`api_settings_fields`).

use serde_json::{Value, json};

use crate::api::{Api, KEY, Told};
use crate::support::{Bench, DEMO, encode};

/// Chicago's settings: enabled, one line, an accept key.
pub const CHICAGO: &str = "/api/v1/locations/chicago/masking-settings";
/// Denver's: no accept key.
pub const DENVER: &str = "/api/v1/locations/denver/masking-settings";

/// Ways to send fields.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`.
    Parts,
}

/// Sends a form.
pub async fn form(api: &Api, how: Encoding, method: &str, path: &str, pairs: &[(&str, &str)]) -> Told {
    let (kind, body) = match how {
        Encoding::Form => ("application/x-www-form-urlencoded", encode(pairs)),
        Encoding::Parts => ("multipart/form-data; boundary=----x7", parts("----x7", pairs)),
    };
    api.raw(method, path, &[("x-tenant-key", KEY), ("content-type", kind)], body.into_bytes()).await
}

/// A form in parts.
pub fn parts(boundary: &str, pairs: &[(&str, &str)]) -> String {
    let part = |(name, value): &(&str, &str)| {
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    pairs.iter().map(part).collect::<String>() + &format!("--{boundary}--\r\n")
}

/// The settings of an answer, without what belongs to them.
pub fn row(told: &Told) -> Value {
    let mut row = told.body.clone();
    for field in ["location_id", "brand_registration", "mode_transition", "warnings"] {
        assert!(row.as_object_mut().expect("an object").remove(field).is_some(), "{field}: {told:?}");
    }
    row
}

async fn history(api: &Api, path: &str) -> Vec<Value> {
    let told = api.ask("GET", &format!("{path}/audit"), Value::Null).await;
    assert_eq!(told.status, 200, "{told:?}");
    told.body["items"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn the_whole_row_is_shown_and_the_three_verbs_mean_the_same() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let shown = api.ask("GET", CHICAGO, Value::Null).await;
    assert_eq!(
        (shown.status, &shown.body["location_id"], row(&shown).as_object().map(|row| row.len())),
        (200, &json!("chicago"), Some(21))
    );
    assert_eq!(
        (&shown.body["brand_registration"]["state"], &shown.body["mode_transition"], &shown.body["warnings"]),
        (&json!("none"), &Value::Null, &json!([]))
    );
    for (days, method) in [(31, "PUT"), (32, "PATCH"), (33, "POST")] {
        let told = api.ask(method, CHICAGO, json!({"cooldown_days": days})).await;
        let mut expected = row(&shown);
        expected["cooldown_days"] = json!(days);
        assert_eq!((told.status, row(&told)), (200, expected), "{method}");
        assert_eq!(api.ask("GET", CHICAGO, Value::Null).await.body, told.body);
    }
    let none = api.ask("PUT", CHICAGO, Value::Null).await;
    assert_eq!((none.status, &none.body["cooldown_days"]), (200, &json!(33)), "nothing is sent, nothing changes");
    assert_eq!(history(&api, CHICAGO).await.len(), 3, "a change that changes nothing leaves no row");
    let sent = api.ask("PUT", CHICAGO, row(&shown)).await;
    assert_eq!((sent.status, row(&sent)), (200, row(&shown)), "a row can be sent back");
    for (method, path) in [
        ("GET", "/api/v1/locations/nowhere/masking-settings"),
        ("PUT", "/api/v1/locations/nowhere/masking-settings"),
        ("GET", "/api/v1/locations/nowhere/masking-settings/audit"),
    ] {
        assert_eq!(api.ask(method, path, Value::Null).await.status, 404, "{method} {path}");
    }
    assert_eq!(api.ask("DELETE", CHICAGO, Value::Null).await.status, 405);
    for query in ["?dryrun=true", "?dry_run=yes", "?dry_run"] {
        assert_eq!(
            api.ask("PUT", &format!("{CHICAGO}{query}"), json!({"enabled": false})).await.status,
            422,
            "{query}"
        );
    }
}

#[tokio::test]
async fn one_bad_field_changes_nothing_and_all_are_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let before = api.ask("GET", CHICAGO, Value::Null).await;
    let mut all = row(&before);
    all["retention_days"] = json!(9);
    all["cooldown_days"] = json!(181);
    let told = api.ask("PUT", CHICAGO, all.clone()).await;
    assert_eq!((told.status, told.errors()), (422, vec!["cooldown_days out_of_range".to_owned()]), "one of twenty-one");
    all["enabled"] = json!("yes");
    all["masking_default_channels"] = json!([]);
    all["masking_mod"] = json!("shared_tenant");
    let told = api.ask("PUT", CHICAGO, all).await;
    let expected = [
        "enabled wrong_type",
        "masking_default_channels invalid",
        "cooldown_days out_of_range",
        "masking_mod unknown_field",
    ];
    assert_eq!((told.status, told.errors()), (422, expected.map(str::to_owned).to_vec()));
    assert_eq!(told.header("content-type"), "application/problem+json");
    let body = "--x\r\nContent-Disposition: form-data; name=\"enabled\"; filename=\"e.txt\"\r\n\r\ntrue\r\n--x\r\n\
        Content-Disposition: form-data; name=\"retention_days\"\r\n\r\n0\r\n--x--\r\n";
    let headers = [("x-tenant-key", KEY), ("content-type", "multipart/form-data; boundary=x")];
    let told = api.raw("POST", CHICAGO, &headers, body.into()).await;
    assert_eq!(
        (told.status, told.errors()),
        (422, vec!["enabled wrong_type".to_owned(), "retention_days out_of_range".to_owned()])
    );
    let cut = api.raw("POST", CHICAGO, &headers, body.as_bytes()[..120].to_vec()).await;
    assert_eq!(cut.status, 400, "{cut:?}");
    assert!(
        cut.body["detail"].as_str().is_some_and(|detail| detail.contains("part 2, after the field \"enabled\"")),
        "{cut:?}"
    );
    for (kind, body, status, why) in [
        ("text/plain", "enabled=true".to_owned(), 415, "another type"),
        ("application/json; charset=utf-16", "{}".to_owned(), 415, "another charset"),
        ("multipart/form-data", "x".to_owned(), 400, "no boundary"),
        ("application/json", "{\"enabled\": tru".to_owned(), 400, "half an object"),
        ("application/json", "{\"enabled\":true,\"enabled\":false}".to_owned(), 422, "a name twice"),
        ("application/x-www-form-urlencoded", "a".repeat((1 << 20) + 1), 413, "too long"),
        ("application/x-www-form-urlencoded", "enabled=&".repeat(201), 413, "too many fields"),
    ] {
        let told = api.raw("POST", CHICAGO, &[("x-tenant-key", KEY), ("content-type", kind)], body.into()).await;
        assert_eq!(told.status, status, "{why}: {told:?}");
    }
    assert_eq!(api.ask("GET", CHICAGO, Value::Null).await.body, before.body);
    assert!(history(&api, CHICAGO).await.is_empty());
}

#[tokio::test]
async fn what_is_looked_at_is_not_written() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let before = api.ask("GET", CHICAGO, Value::Null).await;
    let path = format!("{CHICAGO}?dry_run=true");
    let body = json!({"masking_mode": "per_job_ephemeral", "cooldown_days": 0});
    let looked = api.ask("PUT", &path, body.clone()).await;
    assert_eq!((looked.status, &looked.body["masking_mode"]), (200, &json!("per_job_ephemeral")));
    let planned = &looked.body["mode_transition"];
    assert_eq!(
        (&planned["id"], &planned["from"], &planned["to"], &planned["state"]),
        (&Value::Null, &json!("shared_location"), &json!("per_job_ephemeral"), &json!("planned"))
    );
    assert_eq!(looked.body["warnings"][0]["code"], "cooldown_zero_per_job");
    assert_eq!(looked.header("etag"), before.header("etag"), "the tag of what is stored");
    assert_eq!(api.ask("PUT", &path, json!({"cooldown_days": 200})).await.status, 422, "it is checked all the same");
    assert_eq!(api.ask("GET", CHICAGO, Value::Null).await.body, before.body);
    assert!(history(&api, CHICAGO).await.is_empty());

    let done = api.with("PUT", CHICAGO, &[("x-tenant-key", KEY), ("if-match", looked.header("etag"))], body).await;
    assert_eq!((done.status, row(&done)), (200, row(&looked)));
    let transition = &done.body["mode_transition"];
    assert!(transition["id"].as_str().is_some_and(|id| !id.is_empty()), "{transition}");
    assert_eq!((&transition["from"], &transition["to"]), (&json!("shared_location"), &json!("per_job_ephemeral")));
    let again = api.ask("PUT", CHICAGO, json!({"masking_mode": "per_technician"})).await;
    assert_ne!(again.body["mode_transition"]["id"], transition["id"], "the latest is shown");
    let other = api.ask("PUT", &path, json!({"retention_days": 5})).await;
    assert_eq!(
        other.body["mode_transition"], again.body["mode_transition"],
        "a look that changes no mode shows the last one"
    );
}

#[tokio::test]
async fn two_writers_do_not_lose_a_change() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let read = api.ask("GET", CHICAGO, Value::Null).await;
    let mine = [("x-tenant-key", KEY), ("if-match", read.header("etag"))];
    let (one, two) = tokio::join!(
        api.with("PATCH", CHICAGO, &mine, json!({"cooldown_days": 1})),
        api.with("PATCH", CHICAGO, &mine, json!({"cooldown_days": 2})),
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    let won = if one.status == 200 { &one } else { &two };
    assert_eq!(won.header("etag"), api.ask("GET", CHICAGO, Value::Null).await.header("etag"));
    let tag = won.header("etag");
    let changed = api.ask("PATCH", DENVER, json!({"cooldown_days": 3})).await;
    assert_eq!(changed.status, 200);
    assert_eq!(
        api.ask("GET", CHICAGO, Value::Null).await.header("etag"),
        tag,
        "another location's change is none here"
    );
    assert_eq!(
        api.with("PATCH", CHICAGO, &[mine[0], ("if-match", "*")], json!({"retention_days": 3})).await.status,
        200
    );
}

#[tokio::test]
async fn the_tag_is_of_the_settings_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let before = api.ask("GET", CHICAGO, Value::Null).await;
    api.bench.apply(&DEMO.replace("brand = \"none\"", "brand = \"pending\"")).await;
    let after = api.ask("GET", CHICAGO, Value::Null).await;
    assert_eq!((&after.body["brand_registration"]["state"], row(&after)), (&json!("pending"), row(&before)));
    assert_eq!(after.header("etag"), before.header("etag"), "whoever changes the settings loses nothing");
}

#[tokio::test]
async fn the_same_request_to_two_servers_is_answered_alike() {
    let dir = tempfile::tempdir().expect("a folder");
    let one = Api::demo(dir.path()).await;
    let two = Api::on(Bench::open(dir.path()).await);
    for round in 0..20 {
        let key = format!("k{round}");
        let headers = [("x-tenant-key", KEY), ("idempotency-key", key.as_str())];
        // Every other one changes nothing, so that only its kept answer tells that somebody was faster.
        let body = json!({"cooldown_days": 10 + round / 2});
        let (first, second) = tokio::join!(
            one.with("POST", CHICAGO, &headers, body.clone()),
            two.with("POST", CHICAGO, &headers, body.clone()),
        );
        assert_eq!((first.status, second.status), (200, 200), "{round}: {first:?} {second:?}");
        assert_eq!(first.body, second.body, "{round}");
        let again = [&first, &second].map(|told| told.header("idempotency-replayed"));
        assert_eq!(again.iter().filter(|one| **one == "true").count(), 1, "{round}: one of them did it");
    }
}

#[tokio::test]
async fn a_post_with_a_key_is_done_once_whatever_divides_its_parts() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let send = async |boundary: &str, days: &str, key: &str| {
        let kind = format!("multipart/form-data; boundary={boundary}");
        let headers = [("x-tenant-key", KEY), ("content-type", kind.as_str()), ("idempotency-key", key)];
        api.raw("POST", CHICAGO, &headers, parts(boundary, &[("cooldown_days", days)]).into_bytes()).await
    };
    let first = send("a1", "5", "k1").await;
    assert_eq!((first.status, &first.body["cooldown_days"]), (200, &json!(5)), "{first:?}");
    api.ask("PATCH", CHICAGO, json!({"cooldown_days": 6})).await;
    let again = send("b2", "5", "k1").await;
    assert_eq!((again.status, again.header("idempotency-replayed"), &again.body), (200, "true", &first.body));
    assert_eq!(again.header("etag"), first.header("etag"));
    assert_eq!(api.ask("GET", CHICAGO, Value::Null).await.body["cooldown_days"], 6, "it was not done again");
    let other = send("a1", "7", "k1").await;
    assert_eq!((other.status, other.errors()), (422, vec!["Idempotency-Key reused".to_owned()]));
    let put = [("x-tenant-key", KEY), ("idempotency-key", "k1")];
    let put = api.with("PUT", CHICAGO, &put, json!({"cooldown_days": 8})).await;
    assert_eq!((put.status, &put.body["cooldown_days"]), (200, &json!(8)), "a PUT can be repeated without a key");
}

#[tokio::test]
async fn changes_are_listed_and_can_be_undone() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let start = api.ask("GET", CHICAGO, Value::Null).await;
    let named = [("x-tenant-key", KEY), ("x-request-id", "desk-7")];
    api.with("PUT", CHICAGO, &named, json!({"cooldown_days": 1, "backoffice_whisper_text": "Hello {customer_name}"}))
        .await;
    api.ask("PUT", CHICAGO, json!({"retention_days": 10})).await;
    let rows = history(&api, CHICAGO).await;
    assert_eq!(rows.len(), 2);
    assert_eq!((&rows[0]["before"]["retention_days"], &rows[0]["after"]["retention_days"]), (&json!(365), &json!(10)));
    assert_eq!((&rows[1]["request_id"], &rows[1]["before"]), (&json!("desk-7"), &row(&start)));
    assert!(rows[1]["actor"].as_str().is_some_and(|actor| actor.starts_with("key:")), "{rows:?}");
    let page = api.ask("GET", &format!("{CHICAGO}/audit?limit=1"), Value::Null).await;
    let next = format!("{CHICAGO}/audit?limit=1&cursor={}", page.body["next_cursor"].as_str().expect("more"));
    let next = api.ask("GET", &next, Value::Null).await;
    assert_eq!((&next.body["items"][0], &next.body["next_cursor"]), (&rows[1], &Value::Null));

    let revert = |row: &Value| format!("{CHICAGO}/revert/{}", row["id"].as_str().expect("an id"));
    let stale = [("x-tenant-key", KEY), ("if-match", start.header("etag"))];
    assert_eq!(api.with("POST", &revert(&rows[1]), &stale, Value::Null).await.status, 412);
    let looked = api.ask("POST", &format!("{}?dry_run=true", revert(&rows[1])), Value::Null).await;
    assert_eq!((looked.status, row(&looked)), (200, row(&start)));
    assert_eq!(history(&api, CHICAGO).await.len(), 2);
    let back = api.ask("POST", &revert(&rows[1]), Value::Null).await;
    assert_eq!((back.status, row(&back)), (200, row(&start)), "the blank whisper too");
    assert_eq!((back.header("etag"), history(&api, CHICAGO).await.len()), (start.header("etag"), 3));
    assert_eq!(api.ask("POST", &revert(&rows[1]), Value::Null).await.status, 200, "once more changes nothing");
    assert_eq!(history(&api, CHICAGO).await.len(), 3);
    assert_eq!(api.ask("POST", &revert(&rows[1]), json!({"enabled": true})).await.errors(), ["enabled unknown_field"]);
    let id = rows[1]["id"].as_str().expect("an id");
    for (path, why) in
        [(format!("{DENVER}/revert/{id}"), "another location's"), (format!("{CHICAGO}/revert/none"), "nobody's")]
    {
        assert_eq!(api.ask("POST", &path, Value::Null).await.status, 404, "{why}");
    }
    let other = DEMO.split("[[provider_account]]").next().expect("a tenant");
    let other = other.replace("id = \"acme\"", "id = \"zeta\"").replace("demo-tenant-key", "zeta-tenant-key");
    let other: String = other
        .lines()
        .filter(|line| !["auth_", "deepcall", "default_location"].iter().any(|name| line.starts_with(name)))
        .map(|line| format!("{line}\n"))
        .collect();
    api.bench
        .apply(&format!("{other}\n[[location]]\nid = \"chicago\"\nname = \"Zeta\"\ntime_zone = \"America/Chicago\"\n"))
        .await;
    let key = [("x-tenant-key", "zeta-tenant-key")];
    assert_eq!(api.with("GET", CHICAGO, &key, Value::Null).await.status, 200, "its own location of the same name");
    assert_eq!(
        api.with("POST", &format!("{CHICAGO}/revert/{id}"), &key, Value::Null).await.status,
        404,
        "another tenant's change"
    );
    assert_eq!(api.with("GET", &format!("{CHICAGO}/audit"), &key, Value::Null).await.body["items"], json!([]));
}
