//! One webhook from end to end (surface only: the real module replaces this file at merge).

use std::sync::Arc;
use std::time::Duration;

use crate::domain::{CallerId, Channel, Clock, E164, Moment};
use crate::rules::ruleset::Ruleset;

/// What the provider gets back.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Content type; `None` with an empty body.
    pub content_type: Option<&'static str>,
    /// The document.
    pub body: Vec<u8>,
}

/// A request as the door received it. (Will be `providers::Request`.)
pub struct Request<'a> {
    /// Method.
    pub method: &'a str,
    /// Path and query, as on the wire.
    pub target: &'a str,
    /// Headers, names in lower case.
    pub headers: &'a [(&'a str, &'a str)],
    /// The raw body.
    pub body: &'a [u8],
}

/// One webhook of a call or text, as it was decided.
#[derive(Clone, Debug)]
pub struct Step {
    /// When.
    pub at: Moment,
    /// Method and target.
    pub request: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// The decision as JSON (operations.md's shape), `null` where there is none.
    pub decision: serde_json::Value,
    /// Kinds of the effects.
    pub effects: Vec<String>,
}

/// What the server is told at its start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What providers reach, unless an account has its own.
    pub public_base_url: String,
    /// Narrows every tenant's countries; empty narrows nothing.
    pub allowed_countries: Vec<String>,
    /// Whether `X-Hookswitch-Clock` is honoured on sandbox accounts (the switchboard itself reads that header).
    pub test_clock: bool,
    /// Longest wait for the commit.
    pub commit_deadline: Duration,
    /// Peers whose `X-Forwarded-*` count (not needed by the switchboard; here for completeness).
    pub trusted_proxies: Vec<String>,
}

/// Whether the server can answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Readiness {
    /// Still loading.
    Starting,
    /// Answers; from memory only where `degraded`.
    Ready {
        /// The database cannot be reached.
        degraded: bool,
    },
    /// Going down.
    Draining,
}

/// A call or text that has not happened.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Who would call.
    pub from: CallerId,
    /// What they would call.
    pub to: E164,
    /// How.
    pub channel: Channel,
    /// When.
    pub at: Moment,
}

/// What would happen.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The decision as JSON, operations.md's shape.
    pub decision: serde_json::Value,
    /// The document as the provider would get it.
    pub document: String,
}

/// The switchboard.
pub struct Switchboard {}

impl Switchboard {
    /// One in memory, for replay and `explain --rules`: no sockets, no files.
    pub fn offline(rulesets: &[Ruleset], clock: Clock, settings: Settings) -> anyhow::Result<Arc<Self>> {
        let _ = (rulesets, clock, settings);
        Ok(Arc::new(Self {}))
    }

    /// One on a store, loaded. (`store::Store` is being written; the caller opens it.)
    pub async fn start(clock: Clock, settings: Settings) -> anyhow::Result<Arc<Self>> {
        let _ = (clock, settings);
        Ok(Arc::new(Self {}))
    }

    /// One webhook. Unknown account: 404; wrong signature: 403; past that always 200 (or 204) with a valid document.
    pub async fn webhook(&self, account: &str, request: &Request<'_>) -> Reply {
        let _ = (account, request);
        Reply { status: 404, content_type: None, body: Vec::new() }
    }

    /// The steps of one call or text, oldest first; empty when there is none.
    pub async fn steps(&self, sid: &str) -> Vec<Step> {
        let _ = sid;
        Vec::new()
    }

    /// The decision for a call that has not happened.
    pub fn explain(&self, probe: &Probe) -> Explained {
        let _ = probe;
        Explained { decision: serde_json::Value::Null, document: String::new() }
    }

    /// Whether it can answer.
    pub fn readiness(&self) -> Readiness {
        Readiness::Starting
    }

    /// Stops taking new work (readiness says so from now on).
    pub fn drain(&self) {}

    /// Writes down everything that waits; false when the deadline came first.
    pub async fn flush(&self, deadline: Duration) -> bool {
        let _ = deadline;
        true
    }

    /// Loads everything anew after rules were applied.
    pub async fn reload(&self) -> anyhow::Result<()> {
        Ok(())
    }

    /// Whether every account is a sandbox (the test doors are open only then).
    pub fn all_sandbox(&self) -> bool {
        false
    }

    /// Where the medium behind a `/media/{token}` is: its URL and the Basic credentials to fetch it with, or why not.
    pub fn medium(&self, token: &str) -> Option<Medium> {
        let _ = token;
        None
    }

    /// The metrics in Prometheus' text format.
    pub fn metrics(&self) -> String {
        String::new()
    }
}

/// A medium at a provider.
#[derive(Clone, Debug)]
pub struct Medium {
    /// Its address; already checked to be the provider's own.
    pub url: String,
    /// User name for Basic authentication.
    pub user: String,
    /// Password for Basic authentication.
    pub password: String,
}
