//! Tenants, their keys and their provider accounts through the management API: what the operator may, what a tenant may
//! itself, and that nothing secret comes out.
//!
//! Deliberately not here: rules files, which declare the same.

use serde_json::{Value, json};

use crate::api::{ADMIN, Api, KEY, Told};
use crate::support::Bench;

/// The operator asks, for a tenant or for none.
async fn operator(api: &Api, method: &str, path: &str, tenant: &str, body: Value) -> Told {
    let mut headers = vec![("x-admin-key", ADMIN)];
    if !tenant.is_empty() {
        headers.push(("x-tenant-id", tenant));
    }
    api.with(method, path, &headers, body).await
}

/// A program of a tenant asks.
async fn program(api: &Api, method: &str, path: &str, key: &str, body: Value) -> Told {
    api.with(method, path, &[("x-tenant-key", key)], body).await
}

#[tokio::test]
async fn a_tenant_lives_from_its_making_to_its_end() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let body = json!({"id": "bolt", "name": "Bolt", "country": "CA", "limits": {"concurrent_calls": 5},
        "auth_id": "MAHOOKSWITCHBOLT0001", "auth_token": "a-bolt-token",
        "deepcall": {"user_id": "bolt", "token": "a-deepcall-token", "ssid": "an-ssid"}});
    let made = operator(&api, "POST", "/api/v1/tenants", "", body).await;
    assert_eq!((made.status, made.header("location")), (201, "/api/v1/tenants/bolt"), "{made:?}");
    let limits = json!({"calls_per_minute_per_caller": 6, "calls_per_day_per_session": 30, "concurrent_calls": 5,
        "attempts_per_minute_per_pair": 3});
    let shown = json!({"id": "bolt", "name": "Bolt", "country": "CA", "allowed_countries": [], "brand": "none",
        "auth_id": "MAHOOKSWITCHBOLT0001", "has_auth_token": true,
        "deepcall": {"user_id": "bolt", "has_token": true, "has_ssid": true}, "default_location": null, "limits": limits});
    assert_eq!(made.body, shown);
    let again = operator(&api, "POST", "/api/v1/tenants", "", json!({"id": "bolt"})).await;
    assert_eq!((again.status, again.errors()), (409, vec!["id exists".to_owned()]), "{again:?}");
    let taken = json!({"deepcall": {"user_id": "bolt", "ssid": "demo-ssid"}});
    let taken = operator(&api, "PATCH", "/api/v1/tenants/bolt", "", taken).await;
    assert_eq!((taken.status, taken.errors()), (409, vec!["deepcall.ssid exists".to_owned()]), "another's: {taken:?}");
    let own = json!({"deepcall": {"user_id": "bolt", "ssid": "an-ssid"}});
    assert_eq!(operator(&api, "PATCH", "/api/v1/tenants/bolt", "", own).await.status, 200, "its own");
    let listed = operator(&api, "GET", "/api/v1/tenants", "", Value::Null).await;
    assert_eq!(listed.body["items"][0], shown, "the newest first: {listed:?}");

    let key = operator(&api, "POST", "/api/v1/tenants/bolt/keys", "", json!({"name": "first"})).await;
    assert_eq!(key.status, 201, "{key:?}");
    let key = key.body["key"].as_str().expect("a key").to_owned();
    let place = program(&api, "POST", "/api/v1/locations", &key, json!({"id": "hall"})).await;
    assert_eq!(place.status, 201, "{place:?}");
    let own = program(&api, "GET", "/api/v1/tenants/bolt", &key, Value::Null).await;
    assert_eq!((own.status, &own.body["default_location"]), (200, &json!("hall")), "{own:?}");

    let full = operator(&api, "DELETE", "/api/v1/tenants/bolt", "", Value::Null).await;
    assert_eq!((full.status, full.errors()), (409, vec!["locations in_use".to_owned()]), "{full:?}");
    assert_eq!(program(&api, "DELETE", "/api/v1/tenants/bolt", &key, Value::Null).await.status, 404, "the operator's");
    assert_eq!(program(&api, "DELETE", "/api/v1/locations/hall", &key, Value::Null).await.status, 204);
    assert_eq!(operator(&api, "DELETE", "/api/v1/tenants/bolt", "", Value::Null).await.status, 204);
    assert_eq!(operator(&api, "GET", "/api/v1/tenants/bolt", "", Value::Null).await.status, 404);
    assert_eq!(program(&api, "GET", "/api/v1/locations", &key, Value::Null).await.status, 401, "its keys are gone");
    let anew = operator(&api, "POST", "/api/v1/tenants", "", json!({"id": "bolt"})).await;
    assert_eq!(anew.status, 201, "{anew:?}");
    drop(api);
    let api = Api::on(Bench::open(dir.path()).await);
    assert_eq!(operator(&api, "GET", "/api/v1/tenants/bolt", "", Value::Null).await.body, anew.body, "after a restart");
}

#[tokio::test]
async fn a_demo_tenant_has_much_that_keeps_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let told = operator(&api, "DELETE", "/api/v1/tenants/acme", "", Value::Null).await;
    let expected = ["provider-accounts", "locations", "technicians", "customers", "work-orders", "numbers", "sessions"];
    assert_eq!((told.status, told.errors()), (409, expected.map(|what| format!("{what} in_use")).to_vec()));
}

#[tokio::test]
async fn who_may_what() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let nothing = api.ask("GET", "/api/v1/technicians/nobody", Value::Null).await;
    for (method, path, why) in [
        ("GET", "/api/v1/tenants", "the list of tenants"),
        ("POST", "/api/v1/tenants", "making one"),
        ("DELETE", "/api/v1/tenants/acme", "taking oneself away"),
        ("GET", "/api/v1/tenants/other", "another one"),
        ("POST", "/api/v1/provider-accounts", "making an account"),
        ("DELETE", "/api/v1/provider-accounts/acme-twilio", "taking one away"),
    ] {
        let body = if method == "POST" { json!({"id": "x", "kind": "twilio"}) } else { Value::Null };
        let told = api.ask(method, path, body.clone()).await;
        assert_eq!((told.status, &told.body), (404, &nothing.body), "{why}");
        assert_eq!(program(&api, method, path, "wrong", body.clone()).await.status, 401, "{why}, with a wrong key");
        assert_eq!(api.with(method, path, &[], body).await.status, 401, "{why}, with no key");
    }
    for (path, body, expected, why) in [
        ("/api/v1/tenants/acme", json!({"name": "Acme"}), &[][..], "its own name"),
        (
            "/api/v1/tenants/acme",
            json!({"allowed_countries": ["US", "CA"], "default_location": "denver"}),
            &[],
            "its own affairs",
        ),
        (
            "/api/v1/tenants/acme",
            json!({"brand": "pending", "limits": {"concurrent_calls": 0}, "name": 1, "api_key": "x"}),
            &["api_key unknown_field", "brand read_only", "limits read_only", "name wrong_type"],
            "what the operator answers for",
        ),
        (
            "/api/v1/provider-accounts/acme-twilio",
            json!({"auth_token": "x", "sandbox": false, "signature": "off"}),
            &["auth_token read_only", "sandbox read_only", "signature read_only"],
            "the platform's account",
        ),
    ] {
        let told = api.ask("PATCH", path, body.clone()).await;
        let mut errors = told.errors();
        errors.sort();
        assert_eq!(errors, expected, "{why}: {told:?}");
        assert_eq!(told.status, if expected.is_empty() { 200 } else { 422 }, "{why}");
    }
    let limits = json!({"limits": {"concurrent_calls": 7}, "brand": "pending"});
    let told = operator(&api, "PATCH", "/api/v1/tenants/acme", "", limits).await;
    assert_eq!((told.status, &told.body["limits"]["concurrent_calls"]), (200, &json!(7)), "{told:?}");
    assert_eq!(told.body["brand"], "pending");
}

#[tokio::test]
async fn a_tenants_own_account_is_its_own_affair() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let body = json!({"id": "own", "kind": "twilio", "account_sid": "AC1", "auth_token": ["one-secret", "two-secret"],
        "sandbox": true, "ownership": "tenant_byo"});
    let made = operator(&api, "POST", "/api/v1/provider-accounts", "acme", body).await;
    assert_eq!((made.status, &made.body["has_auth_token"]), (201, &json!(true)), "{made:?}");
    let changed =
        api.ask("PATCH", "/api/v1/provider-accounts/own", json!({"account_sid": "AC2", "auth_token": null})).await;
    assert_eq!((changed.status, &changed.body["has_auth_token"]), (200, &json!(false)), "{changed:?}");
    let listed = api.ask("GET", "/api/v1/provider-accounts", Value::Null).await;
    assert_eq!(listed.body["items"][0], changed.body);
    let told = api
        .ask(
            "PATCH",
            "/api/v1/provider-accounts/own",
            json!({"api_base_url": "http://x.example", "price_per_minute": -1}),
        )
        .await;
    let mut errors = told.errors();
    errors.sort();
    assert_eq!(errors, ["api_base_url read_only", "price_per_minute out_of_range"]);

    assert_eq!(operator(&api, "POST", "/api/v1/tenants", "", json!({"id": "bolt"})).await.status, 201);
    let taken = json!({"id": "own", "kind": "plivo", "sandbox": true});
    let told = operator(&api, "POST", "/api/v1/provider-accounts", "bolt", taken).await;
    assert_eq!((told.status, told.errors()), (409, vec!["id exists".to_owned()]), "{told:?}");
    let told = operator(&api, "PATCH", "/api/v1/tenants/bolt", "", json!({"auth_id": "MAHOOKSWITCHDEMO0001"})).await;
    assert_eq!((told.status, told.errors()), (409, vec!["auth_id exists".to_owned()]), "{told:?}");
    let wrong = json!({"kind": "vonage", "signature": "off", "public_key": "x", "auth_token_env": "HOME"});
    let told = operator(&api, "POST", "/api/v1/provider-accounts", "bolt", wrong).await;
    let mut errors = told.errors();
    errors.sort();
    assert_eq!(errors, ["auth_token_env unknown_field", "kind invalid", "public_key invalid", "signature conflict"]);
    let needed = operator(&api, "DELETE", "/api/v1/provider-accounts/acme-twilio", "acme", Value::Null).await;
    assert_eq!(
        (needed.status, needed.errors()),
        (409, vec!["sessions in_use".to_owned(), "numbers in_use".to_owned()])
    );
    let gone = operator(&api, "DELETE", "/api/v1/provider-accounts/own", "acme", Value::Null).await;
    assert_eq!(gone.status, 204);
    let gone = api.bench.switchboard.webhook(
        "own",
        &hookswitch::providers::Request { method: "POST", target: "/webhooks/own/voice", headers: &[], body: b"" },
    );
    assert_eq!(gone.await.status, 404, "no webhook finds it");
}

#[tokio::test]
async fn no_secret_comes_out() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    for path in [
        "/api/v1/tenants",
        "/api/v1/tenants/acme",
        "/api/v1/tenants/acme/keys",
        "/api/v1/provider-accounts",
        "/api/v1/provider-accounts/acme-twilio",
        "/api/v1/provider-accounts/acme-signalwire",
    ] {
        let told = operator(&api, "GET", path, "acme", Value::Null).await;
        let text = told.body.to_string();
        assert_eq!(told.status, 200, "{path}");
        for secret in ["demo-auth-token", "demo-signing-key", "demo-token", "demo-ssid", KEY] {
            assert!(!text.contains(secret), "{path} tells {secret}");
        }
    }
}

#[tokio::test]
async fn a_key_is_shown_once_and_revoked_at_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let path = "/api/v1/tenants/acme/keys";
    let made = api.ask("POST", path, json!({"name": "dispatch"})).await;
    let key = made.body["key"].as_str().expect("a key").to_owned();
    assert!(made.status == 201 && key.len() == 68 && key.starts_with("hsk_"), "{}", made.status);
    assert_eq!(made.body["hint"], json!(&key[..10]));
    assert_eq!(program(&api, "GET", "/api/v1/technicians/jo", &key, Value::Null).await.status, 200, "it opens");

    let listed = program(&api, "GET", path, &key, Value::Null).await;
    let items = listed.body["items"].as_array().expect("keys");
    assert_eq!((&items[0]["id"], &items[0]["name"]), (&made.body["id"], &json!("dispatch")));
    assert_eq!((&items[0]["created_at"], &items[0]["revoked_at"]), (&json!("2026-03-09T14:02:11Z"), &Value::Null));
    assert_eq!((&items[1]["source"], &items[1]["name"]), (&json!("file"), &Value::Null), "the rules file's own");
    assert!(!listed.body.to_string().contains(&key));

    let address = format!("{path}/{}", made.body["id"].as_str().expect("an id"));
    assert_eq!(program(&api, "DELETE", &address, &key, Value::Null).await.status, 204, "by itself");
    assert_eq!(program(&api, "GET", path, &key, Value::Null).await.status, 401, "at once");
    let listed = api.ask("GET", path, Value::Null).await;
    assert_eq!(listed.body["items"][0]["revoked_at"], "2026-03-09T14:02:11Z");
    let declared = format!("{path}/{}", listed.body["items"][1]["id"].as_str().expect("an id"));
    assert_eq!(api.ask("DELETE", &declared, Value::Null).await.status, 204, "a rules file's too");
    assert_eq!(api.ask("GET", path, Value::Null).await.status, 401);
    assert_eq!(operator(&api, "DELETE", &declared, "", Value::Null).await.status, 404, "there is none any more");
    drop(api);
    let api = Api::on(Bench::open(dir.path()).await);
    for key in [KEY, &key] {
        assert_eq!(program(&api, "GET", path, key, Value::Null).await.status, 401, "nor after a restart");
    }
    for (body, expected) in [
        (json!({}), &["name missing"][..]),
        (json!({"name": " ", "scope": "all"}), &["scope unknown_field", "name invalid"]),
        (json!({"name": 3}), &["name wrong_type"]),
        (json!({"name": "x".repeat(201)}), &["name too_long"]),
    ] {
        let told = operator(&api, "POST", path, "", body).await;
        assert_eq!((told.status, told.errors()), (422, expected.iter().map(|e| (*e).to_owned()).collect()));
    }
}

#[tokio::test]
async fn a_repeat_gets_the_key_again_and_nobody_else() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let path = "/api/v1/tenants/acme/keys";
    let second = api.ask("POST", path, json!({"name": "second"})).await;
    let second = second.body["key"].as_str().expect("a key").to_owned();
    let ask = async |headers: &[(&str, &str)], name: &str| {
        let headers: Vec<_> = headers.iter().copied().chain([("idempotency-key", "once")]).collect();
        api.with("POST", path, &headers, json!({ "name": name })).await
    };
    let first = ask(&[("x-tenant-key", KEY)], "k").await;
    let repeat = ask(&[("x-tenant-key", KEY)], "k").await;
    assert_eq!((repeat.status, &repeat.body, repeat.header("idempotency-replayed")), (201, &first.body, "true"));
    for (headers, name, why) in [
        (&[("x-tenant-key", KEY)][..], "other", "another body"),
        (&[("x-tenant-key", second.as_str())], "k", "another program"),
        (&[("x-admin-key", ADMIN)], "k", "the operator"),
    ] {
        let told = ask(headers, name).await;
        assert_eq!((told.status, told.errors()), (422, vec!["Idempotency-Key reused".to_owned()]), "{why}");
        assert!(!told.body.to_string().contains("hsk_"), "{why}");
    }
    let once = [("x-admin-key", ADMIN), ("idempotency-key", "tenant")];
    let made = api.with("POST", "/api/v1/tenants", &once, json!({"name": "Bolt"})).await;
    let again = api.with("POST", "/api/v1/tenants", &once, json!({"name": "Bolt"})).await;
    assert_eq!((made.status, again.status, &made.body), (201, 201, &again.body), "one tenant");
    let other = api.with("POST", "/api/v1/tenants", &once, json!({"name": "Nut"})).await;
    assert_eq!(other.errors(), ["Idempotency-Key reused"]);
    let store = std::fs::read(dir.path().join("hookswitch.db")).expect("a database");
    let wal = std::fs::read(dir.path().join("hookswitch.db-wal")).unwrap_or_default();
    let key = first.body["key"].as_str().expect("a key").as_bytes();
    assert!(![store, wal].iter().any(|file| file.windows(key.len()).any(|part| part == key)), "sealed");
}
