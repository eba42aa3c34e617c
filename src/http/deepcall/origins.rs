//! Which web pages may use the doors: those of configured origins, and no others.
//!
//! Deliberately not here: who may use them at all. tower-http's layer is not used: it tells every origin in a preflight what
//! is allowed, and none in an answer, where the documented example has all four headers.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What a page of a configured origin is told, in the words of the documented example.
fn allowed() -> [(HeaderName, HeaderValue); 3] {
    [
        (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST, GET, OPTIONS, PATCH, DELETE")),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("X-Requested-With, content-type")),
        (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true")),
    ]
}

/// Answers the browser's question before a request, and marks answers that a page may read.
pub async fn share(State(origins): State<Arc<[HeaderValue]>>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).filter(|origin| origins.contains(origin)).cloned();
    let mut response = match origin {
        Some(_) if *request.method() == Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        Some(_) | None => next.run(request).await,
    };
    let headers = response.headers_mut();
    if !origins.is_empty() {
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.extend(allowed());
    }
    response
}
