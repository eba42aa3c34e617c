//! The set/unset API in DeepCall's shape, under `/api/v2/Masking` and `/deepcall/api/v2/Masking`: two phones are masked, or
//! no longer.
//!
//! Deliberately not here: whether a pair may be made and on which number (`routing::pairing`), and writing it down
//! (`switchboard::desk`). What is made here is a session like any other, and is looked at through our own API.

mod answer;
mod asked;
mod expiry;
mod origins;
mod params;
mod set;
mod unset;

use std::sync::Arc;

use axum::Router;
use axum::error_handling::HandleErrorLayer;
use axum::http::HeaderValue;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::post;
use tower::ServiceBuilder;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower::load_shed::LoadShedLayer;
use tower_http::catch_panic::CatchPanicLayer;

use self::answer::Refusal;
use super::{House, api};

/// Requests taken in at one time; beyond it they are turned away. Those of one tenant wait for each other, so that a
/// thousand who want the last number are a queue, and not a reason to turn anybody away; those of another tenant pass by.
const AT_ONCE: usize = 4096;

/// The longest body of a request: some hundred times the longest that makes sense, and little enough that as many as may
/// come at once fit into memory.
const LONGEST: usize = 64 * 1024;

/// The doors; pages of these origins may use them.
pub fn doors(origins: &[String]) -> Router<Arc<House>> {
    let origins: Arc<[HeaderValue]> =
        origins.iter().filter_map(|origin| HeaderValue::from_str(&origin.to_ascii_lowercase()).ok()).collect();
    let mut doors = Router::new();
    for base in ["/api/v2/Masking", "/deepcall/api/v2/Masking"] {
        doors = doors.route(&format!("{base}/set"), post(set::set)).route(&format!("{base}/unset"), post(unset::unset));
    }
    doors.method_not_allowed_fallback(async || Refusal::wrong_method()).layer(
        ServiceBuilder::new()
            .layer(from_fn(api::name_request))
            .layer(from_fn_with_state(origins, origins::share))
            .layer(HandleErrorLayer::new(async |_| Refusal::too_much()))
            .layer(LoadShedLayer::new())
            .layer(GlobalConcurrencyLimitLayer::new(AT_ONCE))
            .layer(CatchPanicLayer::custom(|_| Refusal::broken().into_response())),
    )
}
