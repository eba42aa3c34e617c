//! A live server over real HTTP, with its test doors where they are open.
//!
//! Deliberately not here: the doors themselves (`http`), and signing (`replay::signing`).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::domain::Moment;
use crate::providers::clock;

use super::target::{Answer, Seen, Target, Wire};
use super::world;

/// A live server.
#[derive(Debug)]
pub struct Live {
    client: reqwest::Client,
    base: String,
    admin_key: Option<String>,
    doors: bool,
    clockless: AtomicBool,
}

impl Live {
    /// Looks whether a server answers at `base`. With a key its test doors count as open until one turns out closed.
    pub async fn connect(base: &str, admin_key: Option<&str>) -> Result<Self, String> {
        // Only the first call in a process installs it; a later one finds it there, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(15))
            // Shorter than a server keeps a connection that is not used, lest it be cut under a request.
            .pool_idle_timeout(Duration::from_secs(5))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| format!("no HTTP client: {error}"))?;
        let live = Self {
            client,
            base: base.trim_end_matches('/').to_owned(),
            doors: admin_key.is_some_and(|key| !key.is_empty()),
            admin_key: admin_key.filter(|key| !key.is_empty()).map(str::to_owned),
            clockless: AtomicBool::new(false),
        };
        let probe = live.client.get(format!("{}/livez", live.base)).send().await;
        probe.map_err(|error| format!("{} does not answer: {}", live.base, shown(&error)))?;
        Ok(live)
    }

    /// Whether the test doors are open.
    pub fn doors(&self) -> bool {
        self.doors
    }

    /// Empties the server and puts this world there; false where the door turns out to be closed.
    pub async fn put(&mut self, text: &str) -> Result<bool, String> {
        let request = self.client.put(format!("{}/test/world", self.base)).body(world::inlined(text)?);
        let request = request.header("content-type", "application/toml");
        let reply = self.with_key(request).send().await.map_err(|error| shown(&error))?;
        let status = reply.status().as_u16();
        match status {
            200..=299 => Ok(true),
            401 => Err("the server does not take this admin key".to_owned()),
            403 | 404 | 405 | 409 => {
                self.doors = false;
                Ok(false)
            }
            _ => {
                let body = reply.text().await.unwrap_or_default();
                Err(format!("the server refused the world ({status}): {body}"))
            }
        }
    }

    fn ask(&self, path: &str) -> reqwest::RequestBuilder {
        self.with_key(self.client.get(format!("{}{path}", self.base)))
    }

    fn with_key(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match &self.admin_key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    async fn once(&self, wire: &Wire, with_clock: bool) -> Result<Answer, String> {
        let method = reqwest::Method::from_bytes(wire.method.as_bytes()).map_err(|error| error.to_string())?;
        let mut request = self.client.request(method, format!("{}{}", self.base, wire.target));
        for (name, value) in &wire.headers {
            if with_clock || name != clock::HEADER {
                request = request.header(name, value);
            }
        }
        let reply = request.body(wire.body.clone()).send().await.map_err(|error| shown(&error))?;
        let status = reply.status().as_u16();
        let content_type = reply.headers().get("content-type").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let body = reply.bytes().await.map_err(|error| shown(&error))?;
        Ok(Answer { status, content_type, body: body.to_vec() })
    }
}

impl Target for Live {
    async fn send(&self, wire: &Wire, _at: Moment) -> Result<Answer, String> {
        if self.clockless.load(Ordering::Relaxed) {
            return self.once(wire, false).await;
        }
        let answer = self.once(wire, true).await?;
        // A server whose test clock is off may refuse the header; then it is asked at its own time.
        if answer.status == 400 && !self.doors {
            self.clockless.store(true, Ordering::Relaxed);
            return self.once(wire, false).await;
        }
        Ok(answer)
    }

    async fn steps(&self, sid: &str) -> Result<Option<Vec<Seen>>, String> {
        if !self.doors {
            return Ok(None);
        }
        let id: String = form_urlencoded::byte_serialize(sid.as_bytes()).collect();
        let reply = self.ask(&format!("/test/interactions/{id}")).send().await.map_err(|error| shown(&error))?;
        match reply.status().as_u16() {
            200 => {
                let body = reply.bytes().await.map_err(|error| shown(&error))?;
                let body: Value = serde_json::from_slice(&body)
                    .map_err(|error| format!("GET /test/interactions/{id} answered no JSON: {error}"))?;
                Ok(Some(steps(&body)))
            }
            404 => Ok(Some(Vec::new())),
            status => Err(format!("GET /test/interactions/{id} answered {status}")),
        }
    }

    fn told_the_time(&self) -> bool {
        true
    }
}

/// The steps of `GET /test/interactions/{sid}` that a request made: what the server does by itself meanwhile, such as asking
/// a provider to record, answers none of ours.
fn steps(body: &Value) -> Vec<Seen> {
    let steps = body.get("steps").and_then(Value::as_array);
    let seen = |step: &Value| Seen {
        decision: step.get("decision").cloned().unwrap_or(Value::Null),
        effects: step
            .get("effects")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|kind| kind.as_str().map(str::to_owned))
            .collect(),
    };
    let asked = |step: &&Value| step.get("request").and_then(Value::as_str).is_none_or(|text| !text.trim().is_empty());
    steps.into_iter().flatten().filter(asked).map(seen).collect()
}

/// An error without the address it was about, which may hold ids.
fn shown(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    if let Some(url) = error.url() {
        text = text.replace(url.as_str(), "the server");
    }
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_doors_answer_is_read() {
        let body = serde_json::json!({"sid": "CA1", "channel": "voice", "decisions": [{"match": "live"}],
            "effects": ["interaction.routed"], "steps": [
                {"at": "2026-03-09T14:02:11Z", "request": "POST /webhooks/a/voice", "status": 200,
                 "decision": {"match": "live"}, "effects": ["interaction.routed"]},
                {"at": "2026-03-09T14:02:12Z", "request": " ", "status": 0,
                 "decision": {"match": "live"}, "effects": ["recording.not_started"]},
                {"at": "2026-03-09T14:02:12Z", "request": "POST /webhooks/a/voice/status", "status": 204,
                 "decision": null, "effects": []}]});
        let seen = steps(&body);
        assert_eq!((seen.len(), seen[0].effects.len()), (2, 1));
        assert_eq!((&seen[0].decision["match"], &seen[1].decision), (&"live".into(), &Value::Null));
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_said_to_be() {
        let error = Live::connect("http://127.0.0.1:9", None).await.expect_err("nobody listens on the discard port");
        assert!(error.starts_with("http://127.0.0.1:9 does not answer"), "{error}");
    }
}
