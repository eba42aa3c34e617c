//! The door that tells, under the admin key, which webhooks were refused lately and what would have been right.
//!
//! Deliberately not here: counting them; the metrics do that.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::switchboard::Refusal;

use super::{House, admin};

/// `GET /refusals`.
pub async fn refusals(State(house): State<Arc<House>>, headers: HeaderMap) -> Response {
    if let Err(refusal) = admin::admit(&headers, &house.admin_key) {
        return *refusal;
    }
    let told: Value = house.board.refusals().iter().map(told).collect();
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], told.to_string())
        .into_response()
}

fn told(refusal: &Refusal) -> Value {
    json!({
        "account": refusal.account.as_str(),
        "at": refusal.at.to_string(),
        "reason": refusal.reason,
        "public_base_url": refusal.base_url,
        "nearest": refusal.nearest,
    })
}
