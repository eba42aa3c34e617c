//! Whether the process lives, whether it can answer, and what it has counted.
//!
//! Deliberately not here: counting (`switchboard`).

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::switchboard::Readiness;

use super::{House, admin};

/// The process lives, whatever else is the matter.
pub async fn livez() -> Response {
    told(StatusCode::OK, &json!({"status": "ok"}))
}

/// Whether a balancer should send calls here. Answering from memory alone is still answering.
pub async fn readyz(State(house): State<Arc<House>>) -> Response {
    let (status, word) = match house.board.readiness() {
        Readiness::Ready { degraded: None } => (StatusCode::OK, "ok"),
        Readiness::Ready { degraded: Some(_) } => (StatusCode::OK, "degraded"),
        Readiness::Draining => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
    };
    told(status, &json!({"status": word, "tzdata": house.tzdata}))
}

/// The metrics, for whoever reaches this listener.
pub async fn metrics(State(house): State<Arc<House>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], house.board.metrics()).into_response()
}

/// The metrics, for whoever has the admin key.
pub async fn metrics_under_key(State(house): State<Arc<House>>, headers: HeaderMap) -> Response {
    match admin::admit(&headers, &house.admin_key) {
        Ok(()) => metrics(State(house)).await,
        Err(refusal) => *refusal,
    }
}

fn told(status: StatusCode, what: &serde_json::Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, what.to_string()).into_response()
}
