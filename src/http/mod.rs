//! The doors: what can be asked over HTTP, by providers, balancers, monitors and tests.
//!
//! Deliberately not here: what a webhook is answered (`switchboard`). A door takes bytes in, within limits, and hands
//! bytes out. **Invariant:** no door but the webhooks' runs anything that a caller waits for, and those that do not are
//! turned away first when there is too much to do.

mod admin;
pub mod api;
mod body;
mod deepcall;
mod health;
mod interactions;
pub mod listen;
mod masking;
mod media;
pub mod passage;
pub mod peers;
mod problem;
mod refusals;
mod sound;
mod webhooks;
mod world;

use std::sync::Arc;

use axum::Router;
use axum::error_handling::HandleErrorLayer;
use axum::http::StatusCode;
use axum::routing::{get, on, put};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use tower::ServiceBuilder;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower::load_shed::LoadShedLayer;
use tower_http::catch_panic::CatchPanicLayer;

use crate::jobs::guard::Exceptions;
use crate::jobs::media::Fetcher;
use crate::rules::ruleset::Secret;
use crate::switchboard::Switchboard;

pub use world::{NotSet, SetWorld};

/// Webhooks worked on at one time. Beyond it the provider is told 503 and asks its fallback URL.
const WEBHOOKS_AT_ONCE: usize = 4096;

/// Everything else worked on at one time, health questions excepted.
const OTHERS_AT_ONCE: usize = 64;

/// What stands behind the doors.
pub struct House {
    /// Answers webhooks.
    pub board: Arc<Switchboard>,
    /// Opens the doors that are not for everybody. An empty key opens nothing.
    pub admin_key: Secret,
    /// Version of the time zone data, for `/readyz`.
    pub tzdata: String,
    /// Peers whose `X-Forwarded-*` and `Host` are passed on.
    pub trusted: Vec<peers::Network>,
    /// The header that carries a tenant's key.
    pub tenant_key_header: String,
    /// How often the API may be asked.
    pub limit: api::Limit,
    /// Web origins whose pages may set and unset masks.
    pub cors_origins: Vec<String>,
    /// Whether `/metrics` is among the main doors, under the admin key.
    pub metrics_here: bool,
    /// Puts a test's world in place; `None` keeps the test doors shut.
    pub set_world: Option<SetWorld>,
    /// Fetches media from providers.
    pub fetcher: Fetcher,
    /// How often a masking client may ask.
    window: masking::Window,
    /// Places that are not public and may be called back.
    pub egress: Exceptions,
    /// Room for webhooks.
    room: Arc<Semaphore>,
    /// Webhooks being worked on, also those whose caller is gone.
    at_work: TaskTracker,
}

impl House {
    /// A house with nothing in it but the switchboard and the admin key.
    pub fn new(board: Arc<Switchboard>, admin_key: Secret, fetcher: Fetcher) -> Self {
        Self {
            board,
            admin_key,
            tzdata: String::new(),
            trusted: Vec::new(),
            tenant_key_header: "X-Tenant-Key".to_owned(),
            limit: api::Limit::default(),
            cors_origins: Vec::new(),
            metrics_here: false,
            set_world: None,
            fetcher,
            window: masking::Window::default(),
            egress: Exceptions::default(),
            room: Arc::new(Semaphore::new(WEBHOOKS_AT_ONCE)),
            at_work: TaskTracker::new(),
        }
    }

    /// Waits until no webhook is being worked on any more.
    pub async fn settled(&self) {
        self.at_work.close();
        self.at_work.wait().await;
    }
}

/// The main doors.
pub fn router(house: Arc<House>) -> Router {
    let webhooks = Router::new().route("/webhooks/{account}/{*step}", on(webhooks::METHODS, webhooks::webhook));
    let health = Router::new().route("/livez", get(health::livez)).route("/readyz", get(health::readyz));
    let mut others = Router::new()
        .route("/media/{token}", get(media::media))
        .route("/media/recordings/{token}", get(media::recording))
        .route("/refusals", get(refusals::refusals))
        .route("/test/world", put(world::put_world))
        .route("/test/interactions/{sid}", get(interactions::interactions));
    if house.metrics_here {
        others = others.route("/metrics", get(health::metrics_under_key));
    }
    let others = others.layer(
        ServiceBuilder::new()
            .layer(HandleErrorLayer::new(async |_| (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "1")])))
            .layer(LoadShedLayer::new())
            .layer(GlobalConcurrencyLimitLayer::new(OTHERS_AT_ONCE))
            .layer(CatchPanicLayer::custom(problem::panicked)),
    );
    let doors = webhooks.merge(health).merge(others).merge(api::doors(&house.tenant_key_header));
    let doors = doors.merge(masking::doors()).merge(deepcall::doors(&house.cors_origins));
    doors.fallback(problem::nothing_here).with_state(house)
}

/// The metrics' own doors, for a listener that only monitors reach.
pub fn metrics_router(house: Arc<House>) -> Router {
    Router::new().route("/metrics", get(health::metrics)).fallback(problem::nothing_here).with_state(house)
}
