//! What fixtures are played against: a switchboard in this process, or a live server.
//!
//! Deliberately not here: the live server (`replay::live`).

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::domain::{CallId, Clock, E164, Moment, SessionId, TenantId};
use crate::providers::rest::{self, Ask};
use crate::routing::connect::Wish;
use crate::store::{MasterKey, Vault};
use crate::switchboard::outbound::NotPlaced;
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

/// For whom a call is started, as far as a file can say that.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Whom {
    /// For the first party of the session with this id, who is then joined with the second.
    FirstParty(String),
    /// For the back-office line with this id, who is then joined with the phone that a to-do has.
    CallBack {
        /// The line.
        line: String,
        /// Whose call is returned, E.164.
        phone: String,
    },
}

/// A provider's API as calls are started through it: what is asked on an account, and its answer.
pub type Api<'a> = dyn FnMut(&str, &Ask) -> Answer + Send + 'a;

/// Why files with calls that we start cannot be played at a server.
pub const HERE_ONLY: &str = "a call that we start is played in this process only: a server asks its own provider";

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

    /// Starts a call at an instant, through a provider whose API answers so. The error says why it cannot be.
    fn start(&self, whom: &Whom, at: Moment, api: &mut Api<'_>) -> impl Future<Output = Result<(), String>> + Send {
        let _ = (whom, at, api);
        std::future::ready(Err(HERE_ONLY.to_owned()))
    }

    /// Whether the instant of a request has to be told in a header.
    fn told_the_time(&self) -> bool;
}

/// A switchboard in this process, in memory, with a clock that is set by hand.
pub struct Offline {
    switchboard: Arc<Switchboard>,
    clock: Clock,
    /// The tenant of each session, for calls that are started.
    sessions: Vec<(SessionId, TenantId)>,
    started: AtomicU32,
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
        let sessions = world.rulesets.iter().flat_map(|ruleset| &ruleset.sessions);
        let sessions = sessions.map(|session| (session.id.clone(), session.tenant.clone())).collect();
        Ok(Self { switchboard, clock, sessions, started: AtomicU32::new(0) })
    }

    fn wish(&self, whom: &Whom) -> Result<(TenantId, Wish), String> {
        match whom {
            Whom::FirstParty(session) => {
                let known = self.sessions.iter().find(|(id, _)| id.as_str() == session);
                let (id, tenant) = known.ok_or_else(|| format!("the world has no session \"{session}\""))?;
                Ok((tenant.clone(), Wish::FirstParty(id.clone())))
            }
            Whom::CallBack { line, phone } => {
                let todo = E164::read(phone).and_then(|phone| self.switchboard.owed(phone));
                let todo = todo.ok_or("there is no to-do by then that owes this phone a call")?;
                Ok((todo.tenant.clone(), Wish::CallBack(todo, line.as_str().into())))
            }
        }
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

    async fn start(&self, whom: &Whom, at: Moment, api: &mut Api<'_>) -> Result<(), String> {
        self.clock.set(at);
        let id = CallId(u128::from(self.started.fetch_add(1, Ordering::Relaxed)) + 1);
        let (tenant, wish) = self.wish(whom)?;
        let placement = match self.switchboard.plan_call(id, &tenant, &wish, at).await {
            Ok(placement) => placement,
            Err(NotPlaced::NotCalled(why)) => {
                self.switchboard.call_refused(id, &tenant, &wish, &why.to_string(), at).await;
                return Ok(());
            }
            Err(NotPlaced::Over | NotPlaced::Placed) => return Ok(()),
        };
        let account = placement.call.account.as_str();
        let provider = self.switchboard.provider(account).ok_or("the account has no token to ask its provider with")?;
        let ask = rest::create_call(&provider.account, &placement.new).map_err(|why| why.to_string())?;
        let Answer { status, body, .. } = api(account, &ask);
        match rest::made(&body).filter(|_| status == 201) {
            Some(sid) => self.switchboard.call_placed(id, &sid, at).await,
            None => {
                let code = rest::error_code(&body).map_or_else(|| "no code".to_owned(), |code| code.to_string());
                self.switchboard.call_given_up(id, &format!("the provider refused it ({code})"), at).await;
            }
        }
        Ok(())
    }

    fn told_the_time(&self) -> bool {
        false
    }
}
