//! What fixtures are played against: a switchboard in this process, or a live server.
//!
//! Deliberately not here: the live server (`replay::live`).

use std::sync::Arc;

use crate::domain::{Clock, Moment};
use crate::store::{MasterKey, Vault};
use crate::switchboard::{Request, Settings, Switchboard};

use super::world::World;

/// The public base URL of the switchboard in this process.
pub const OFFLINE_BASE: &str = "https://hooks.example.com";

/// Seals what a case keeps while it is played; it never leaves memory.
const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// A request, signed and ready.
#[derive(Clone, Debug, Default)]
pub struct Wire {
    /// `GET` or `POST`.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Its content type, where it has one.
    pub content_type: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// One step of a call or text, as far as it is compared.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The decision, `null` where there is none.
    pub decision: serde_json::Value,
    /// The kinds of its effects.
    pub effects: Vec<String>,
}

/// Something that answers webhooks.
pub trait Target: Send + Sync {
    /// Sends a request at an instant; the error says why no answer could be had.
    fn send(&self, wire: &Wire, at: Moment) -> impl Future<Output = Result<Answer, String>> + Send;

    /// The steps of a call or text so far, oldest first, empty where there is none; `None` where they cannot be seen.
    fn steps(&self, sid: &str) -> impl Future<Output = Result<Option<Vec<Seen>>, String>> + Send;

    /// The step beyond the first `seen` of all, which it counts up: one look in place of one for every call. `None`
    /// where steps can only be asked for by their call.
    fn grown(&self, seen: &mut usize) -> Option<Option<Seen>> {
        let _ = seen;
        None
    }

    /// Whether the instant of a request has to be told in a header.
    fn told_the_time(&self) -> bool;
}

/// A switchboard in this process, in memory, with a clock that is set by hand.
pub struct Offline {
    switchboard: Arc<Switchboard>,
    clock: Clock,
}

impl Offline {
    /// One that knows this world and nothing else.
    pub fn new(world: &World, now: Moment) -> Result<Self, String> {
        let clock = Clock::stopped(now);
        let settings =
            Settings { public_base_url: OFFLINE_BASE.to_owned(), allowed_countries: Vec::new(), test_clock: false };
        let key = MasterKey::read(KEY).map_err(|error| error.to_string())?;
        let switchboard = Switchboard::offline(&world.rulesets, clock.clone(), settings, Vault::new(&key))
            .map_err(|error| format!("the world cannot be set up: {error}"))?;
        Ok(Self { switchboard, clock })
    }
}

impl Target for Offline {
    async fn send(&self, wire: &Wire, at: Moment) -> Result<Answer, String> {
        self.clock.set(at);
        let path = wire.target.split('?').next().unwrap_or_default();
        let account = path.strip_prefix("/webhooks/").and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let headers: Vec<(&str, &str)> =
            wire.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let request = Request { method: &wire.method, target: &wire.target, headers: &headers, body: &wire.body };
        let reply = self.switchboard.webhook(account, &request).await;
        Ok(Answer { status: reply.status, content_type: reply.content_type.map(str::to_owned), body: reply.body })
    }

    fn grown(&self, seen: &mut usize) -> Option<Option<Seen>> {
        let (count, step) = self.switchboard.grown(*seen)?;
        *seen = count;
        Some(step.map(|step| Seen { decision: step.decision, effects: step.effects }))
    }

    async fn steps(&self, sid: &str) -> Result<Option<Vec<Seen>>, String> {
        let steps = self.switchboard.steps(sid).await.map_err(|error| error.to_string())?;
        Ok(Some(steps.into_iter().map(|step| Seen { decision: step.decision, effects: step.effects }).collect()))
    }

    fn told_the_time(&self) -> bool {
        false
    }
}
