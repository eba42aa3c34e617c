//! The management API, asked through the router: a switchboard on a database of its own, and answers as their readers see
//! them.
//!
//! Deliberately not here: each resource's own exchanges.

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use hookswitch::http::{House, router};
use hookswitch::jobs::media::Fetcher;
use hookswitch::rules::ruleset::Secret;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use tower::ServiceExt;

use crate::support::Bench;

/// The demo's key.
pub const KEY: &str = "demo-tenant-key";

/// The operator's.
pub const ADMIN: &str = "test-admin-key";

/// An API and what it stands on.
pub struct Api {
    /// It.
    pub bench: Bench,
    doors: axum::Router,
}

/// An answer.
#[derive(Debug)]
pub struct Told {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: axum::http::HeaderMap,
    /// Its JSON; null where it has none.
    pub body: Value,
}

impl Told {
    /// A header.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Its mistakes, as `field code`.
    pub fn errors(&self) -> Vec<String> {
        let word = |error: &Value, name: &str| error[name].as_str().unwrap_or_default().to_owned();
        let errors = self.body["errors"].as_array().into_iter().flatten();
        errors.map(|error| format!("{} {}", word(error, "field"), word(error, "code"))).collect()
    }
}

impl Api {
    /// One with the demo world, in this folder.
    pub async fn demo(dir: &Path) -> Self {
        Self::on(Bench::demo(dir).await)
    }

    /// One on this switchboard.
    pub fn on(bench: Bench) -> Self {
        Self::furnished(bench, |_| ())
    }

    /// One on this switchboard, in a house that is furnished first.
    pub fn furnished(bench: Bench, furnish: impl FnOnce(&mut House)) -> Self {
        // Only the first to install one succeeds, and any that is there will do.
        rustls::crypto::ring::default_provider().install_default().ok();
        let fetcher = Fetcher::new().expect("an HTTP client");
        let mut house = House::new(Arc::clone(&bench.switchboard), Secret::new(ADMIN), fetcher);
        furnish(&mut house);
        Self { bench, doors: router(Arc::new(house)) }
    }

    /// Asks with the demo's key.
    pub async fn ask(&self, method: &str, path: &str, body: Value) -> Told {
        self.with(method, path, &[("x-tenant-key", KEY)], body).await
    }

    /// Asks with these headers; a body of null is none.
    pub async fn with(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Value) -> Told {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let mut headers = headers.to_vec();
        if !text.is_empty() {
            headers.push(("content-type", "application/json"));
        }
        self.raw(method, path, &headers, text.into_bytes()).await
    }

    /// Asks without a body, for an answer that is no JSON.
    pub async fn response(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> axum::response::Response {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.doors.clone().oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer")
    }

    /// Asks with any body.
    pub async fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Told {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).expect("a request");
        let response = self.doors.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 8 << 20).await.expect("a body");
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let body = if kind.contains("json") { serde_json::from_slice(&bytes).expect("JSON") } else { Value::Null };
        Told { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}

#[tokio::test]
async fn a_thing_is_made_shown_changed_and_taken_away() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    api.bench.clock.set(api.bench.clock.now().plus_days(1));
    let made =
        api.ask("POST", "/api/v1/technicians", json!({"id": "ben", "name": "Ben", "phone": "+13125550145"})).await;
    assert_eq!((made.status, made.header("location")), (201, "/api/v1/technicians/ben"), "{made:?}");
    let again = api.ask("POST", "/api/v1/technicians", json!({"id": "ben", "name": "Ben"})).await;
    assert_eq!((again.status, again.errors()), (409, vec!["id exists".to_owned()]));
    let shown = api.ask("GET", "/api/v1/technicians/ben", Value::Null).await;
    assert_eq!((shown.status, &shown.body), (200, &made.body));
    assert_eq!(shown.header("etag"), made.header("etag"));

    let changed = api.ask("PATCH", "/api/v1/technicians/ben", json!({"active": false})).await;
    assert_eq!((changed.status, &changed.body["active"], &changed.body["name"]), (200, &json!(false), &json!("Ben")));
    let late = [("x-tenant-key", KEY), ("if-match", made.header("etag"))];
    let late = api.with("PATCH", "/api/v1/technicians/ben", &late, json!({"active": true})).await;
    assert_eq!(late.status, 412, "somebody else was faster");

    let listed = api.ask("GET", "/api/v1/technicians?limit=1", Value::Null).await;
    assert_eq!(listed.body["items"][0]["id"], "ben", "the newest first: {listed:?}");
    let next = format!("/api/v1/technicians?limit=100&cursor={}", listed.body["next_cursor"].as_str().expect("more"));
    let rest = api.ask("GET", &next, Value::Null).await;
    assert!(rest.body["items"].as_array().expect("a list").iter().all(|one| one["id"] != "ben"), "{rest:?}");

    assert_eq!(api.ask("DELETE", "/api/v1/technicians/ben", Value::Null).await.status, 204);
    assert_eq!(api.ask("GET", "/api/v1/technicians/ben", Value::Null).await.status, 404);
}

#[tokio::test]
async fn mistakes_are_told_all_at_once_and_change_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let before = api.ask("GET", "/api/v1/technicians/jo", Value::Null).await;
    let body = json!({"name": 3, "phone": "12", "location_id": "nowhere", "nmae": "x", "active": "yes"});
    let told = api.ask("PATCH", "/api/v1/technicians/jo", body).await;
    assert_eq!(told.status, 422);
    let mut errors = told.errors();
    errors.sort();
    let expected =
        ["active wrong_type", "location_id not_found", "name wrong_type", "nmae unknown_field", "phone invalid"];
    assert_eq!(errors, expected);
    assert_eq!(api.ask("GET", "/api/v1/technicians/jo", Value::Null).await.body, before.body);
    for (body, status, why) in [("[1]", 400, "no object"), ("{", 400, "no JSON"), ("{\"a\":1,\"a\":2}", 422, "twice")] {
        let headers = [("x-tenant-key", KEY), ("content-type", "application/json")];
        let told = api.raw("PATCH", "/api/v1/technicians/jo", &headers, body.into()).await;
        assert_eq!((told.status, told.header("content-type")), (status, "application/problem+json"), "{why}");
    }
}

#[tokio::test]
async fn a_key_opens_its_own_tenants_doors() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let bearer = format!("Bearer {KEY}");
    let admin = format!("Bearer {ADMIN}");
    for (headers, status, why) in [
        (vec![], 401, "no key"),
        (vec![("x-tenant-key", "wrong")], 401, "a wrong key"),
        (vec![("x-tenant-key", KEY)], 200, "the key"),
        (vec![("authorization", bearer.as_str())], 200, "as a bearer's"),
        (vec![("x-tenant-key", KEY), ("x-tenant-id", "acme")], 200, "and its own tenant"),
        (vec![("x-tenant-key", KEY), ("x-tenant-id", "other")], 404, "and another"),
        (vec![("authorization", admin.as_str())], 422, "the operator says for whom"),
        (vec![("authorization", admin.as_str()), ("x-tenant-id", "acme")], 200, "the operator"),
        (vec![("authorization", admin.as_str()), ("x-tenant-id", "nobody")], 404, "for nobody"),
    ] {
        let told = api.with("GET", "/api/v1/technicians/jo", &headers, Value::Null).await;
        assert_eq!(told.status, status, "{why}: {told:?}");
    }
}

#[tokio::test]
async fn the_same_request_makes_one_thing() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let headers = [("x-tenant-key", KEY), ("idempotency-key", "7c1")];
    let first = api.with("POST", "/api/v1/technicians", &headers, json!({"name": "Ben"})).await;
    let second = api.with("POST", "/api/v1/technicians", &headers, json!({"name": "Ben"})).await;
    assert_eq!((first.status, second.status, &first.body), (201, 201, &second.body));
    assert_eq!(second.header("idempotency-replayed"), "true");
    let other = api.with("POST", "/api/v1/technicians", &headers, json!({"name": "Eve"})).await;
    assert_eq!((other.status, other.errors()), (422, vec!["Idempotency-Key reused".to_owned()]));
    let headers = [("x-tenant-key", KEY), ("idempotency-key", "7c2")];
    let (one, two) = tokio::join!(
        api.with("POST", "/api/v1/technicians", &headers, json!({"name": "Kim"})),
        api.with("POST", "/api/v1/technicians", &headers, json!({"name": "Kim"})),
    );
    assert_eq!(one.body["id"], two.body["id"]);
}
