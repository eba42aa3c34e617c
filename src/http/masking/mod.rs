//! Masking sessions as Plivo's and VTS's clients ask for them: `/v1/Account/{auth_id}/Masking/Session`.
//!
//! Deliberately not here: choosing numbers (`routing::pairing`), telling of calls (`jobs`), and DeepCall's door. These are
//! the same sessions as `/api/v1/sessions`: made here, they are there too, and the other way round.

mod asked;
mod change;
mod create;
mod door;
mod field;
mod list;
mod pins;
mod query;
mod shape;
mod told;
mod update;
mod window;

use std::sync::Arc;

use axum::Router;
use axum::error_handling::HandleErrorLayer;
use axum::routing::{MethodRouter, get};
use tower::ServiceBuilder;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower::load_shed::LoadShedLayer;
use tower_http::catch_panic::CatchPanicLayer;

use self::told::Refusal;
use super::House;

pub use window::Window;

/// The longest body of a request.
const LONGEST: usize = 1024 * 1024;

/// Requests taken in at one time; beyond it they are turned away, and webhooks are not. Those of one tenant wait for each
/// other, so that a thousand who want the last number are a queue.
const AT_ONCE: usize = 2048;

/// The doors. Documents write these addresses without a slash at the end, and the clients send one.
pub fn doors() -> Router<Arc<House>> {
    let all = "/{auth_id}/Masking/Session";
    let one = "/{auth_id}/Masking/Session/{session_uuid}";
    let sessions = Router::new()
        .route(all, sessions())
        .route(&format!("{all}/"), sessions())
        .route(one, session())
        .route(&format!("{one}/"), session())
        .fallback(async || Refusal::nothing_here());
    Router::new().nest("/v1/Account", sessions).layer(
        ServiceBuilder::new()
            .layer(HandleErrorLayer::new(async |_| Refusal::busy()))
            .layer(LoadShedLayer::new())
            .layer(GlobalConcurrencyLimitLayer::new(AT_ONCE))
            .layer(CatchPanicLayer::custom(told::panicked)),
    )
}

fn sessions() -> MethodRouter<Arc<House>> {
    get(list::list).post(create::create).fallback(async || Refusal::method("GET, HEAD, POST"))
}

fn session() -> MethodRouter<Arc<House>> {
    get(list::show)
        .post(update::update)
        .delete(update::expire)
        .fallback(async || Refusal::method("GET, HEAD, POST, DELETE"))
}
