//! What a door says when it does not do what was asked: `application/problem+json`.
//!
//! Deliberately not here: answers to webhooks, which are documents or nothing.

use std::any::Any;

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A refusal with its reason and, where there are any, more members such as the mistakes in a file.
pub fn problem(status: StatusCode, detail: &str, more: Value) -> Response {
    let mut body = json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or("Error"),
        "status": status.as_u16(),
        "detail": detail,
    });
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}

/// A door that is there, asked for something that is not.
pub fn unknown(what: &str) -> Response {
    problem(StatusCode::NOT_FOUND, what, Value::Null)
}

/// The answer behind every address that is no door, and of every door that is shut: nobody can tell these apart.
pub async fn nothing_here() -> Response {
    shut()
}

/// A door that is shut.
pub fn shut() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

/// The answer of a door that broke. What broke is in the log, not in the answer.
pub fn panicked(_: Box<dyn Any + Send + 'static>) -> axum::http::Response<Body> {
    problem(StatusCode::INTERNAL_SERVER_ERROR, "Something broke here; the log says where.", Value::Null)
}
