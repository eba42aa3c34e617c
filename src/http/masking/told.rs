//! What this door answers: an object with an `api_id`, or an `error` in one plain sentence or several.
//!
//! Deliberately not here: how a session looks (`shape`). **Invariant:** `error` is always text; clients show it as it is.

use std::any::Any;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::door::Client;
use crate::domain::Side;
use crate::http::body::NotTaken;
use crate::store::StoreError;
use crate::switchboard::desk::NotChanged;

/// Why nothing was done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    status: StatusCode,
    error: String,
    /// A header that goes with it.
    header: Option<(header::HeaderName, HeaderValue)>,
}

impl Refusal {
    fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into(), header: None }
    }

    /// Something that was sent is wrong.
    pub fn wrong(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    /// It is not for this account to do.
    pub fn forbidden(error: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, error)
    }

    /// There is no number.
    pub fn exhausted() -> Self {
        Self::wrong("Number pool exhausted or not available.")
    }

    /// A party of a session is to be somebody who stands in another one on its number.
    pub fn taken() -> Self {
        Self::wrong("Invalid parameter. first_party or second_party is in another session on this virtual number.")
    }

    /// A party that is to join the session still cools on its number.
    pub fn cooling() -> Self {
        Self::wrong(
            "Invalid parameter. first_party or second_party was in another session on this virtual number, and still \
             cools off there.",
        )
    }

    /// The session is over.
    pub fn expired() -> Self {
        Self::wrong("Session already expired")
    }

    /// Nothing is at this address.
    pub fn nothing_here() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not found. Sessions are at /v1/Account/{auth_id}/Masking/Session/.")
    }

    /// There is no such session, or it is another account's: nobody can tell these apart.
    pub fn unknown() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Session not found.")
    }

    /// Nobody knows this name, or the token is wrong.
    pub fn unauthorized() -> Self {
        Self {
            header: Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"hookswitch\""))),
            ..Self::new(StatusCode::UNAUTHORIZED, "Authentication failed. Send auth_id and auth_token by HTTP Basic.")
        }
    }

    /// Too many requests; there is room again after so many seconds.
    pub fn too_many(seconds: u64) -> Self {
        Self {
            header: Some((header::RETRY_AFTER, seconds.into())),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests. Send at most 300 in 5 seconds.")
        }
    }

    /// The method is none of these.
    pub fn method(allowed: &'static str) -> Self {
        Self {
            header: Some((header::ALLOW, HeaderValue::from_static(allowed))),
            ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed.")
        }
    }

    /// There is too much to do; nothing was changed.
    pub fn busy() -> Self {
        Self {
            header: Some((header::RETRY_AFTER, 1.into())),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable. Nothing was changed: try again.")
        }
    }

    /// Something broke; the log says what.
    pub fn broken() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error.")
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a masking request could not be answered from the database");
        Self::broken()
    }
}

impl From<NotTaken> for Refusal {
    fn from(why: NotTaken) -> Self {
        match why {
            NotTaken::TooLong => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "The body is longer than 1 MiB."),
            NotTaken::TooSlow => Self::new(StatusCode::REQUEST_TIMEOUT, "The body took too long to arrive."),
            NotTaken::Broken => Self::wrong("The body broke off."),
        }
    }
}

/// Why nothing was changed, as whoever asked is told.
pub fn not_changed(why: NotChanged<Refusal>) -> Refusal {
    match why {
        NotChanged::NoTenant => Refusal::unauthorized(),
        NotChanged::Refused(refusal) => refusal,
        NotChanged::Store(error) => error.into(),
        NotChanged::Busy => Refusal::busy(),
        NotChanged::Memory(error) => {
            tracing::error!(%error, "a masking session could not be taken into memory");
            Refusal::broken()
        }
    }
}

/// A party by the name of its parameter.
pub const fn side(side: Side) -> &'static str {
    match side {
        Side::First | Side::Outside => "first_party",
        Side::Second => "second_party",
    }
}

/// An answer: these members, behind the request's name.
pub struct Told(StatusCode, Value);

impl Told {
    /// Something was made.
    pub const fn made(members: Value) -> Self {
        Self(StatusCode::CREATED, members)
    }

    /// It was done, or is shown.
    pub const fn done(members: Value) -> Self {
        Self(StatusCode::OK, members)
    }
}

/// The answer to a client's request, under the request's name.
pub fn answer(client: &Client, result: Result<Told, Refusal>) -> Response {
    match result {
        Ok(Told(status, members)) => written(status, &client.asker.request, members),
        Err(refusal) => refusal.under(&client.asker.request),
    }
}

impl Refusal {
    fn under(self, request: &str) -> Response {
        let Self { status, error, header } = self;
        let mut response = written(status, request, json!({ "error": error }));
        if let Some((name, value)) = header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.under(&Uuid::now_v7().to_string())
    }
}

/// The answer of a door that broke.
pub fn panicked(_: Box<dyn Any + Send + 'static>) -> axum::http::Response<Body> {
    Refusal::broken().into_response()
}

fn written(status: StatusCode, request: &str, members: Value) -> Response {
    let mut body = Map::new();
    body.insert("api_id".to_owned(), request.into());
    if let Value::Object(members) = members {
        body.extend(members);
    }
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, Value::Object(body).to_string()).into_response()
}
