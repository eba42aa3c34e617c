//! What the API says when it does not do what was asked: a problem document (RFC 9457) with every mistake in it.
//!
//! Deliberately not here: finding the mistakes.

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{IntoResponses, ToSchema};

use crate::rules::finding::{Contacts, Finding};
use crate::store::{Conflict, StoreError};

/// A refusal.
#[derive(Clone, Debug)]
pub struct Fault {
    status: StatusCode,
    detail: String,
    errors: Vec<FieldError>,
    more: Vec<(String, Value)>,
    /// Seconds after which another try may do better.
    retry_after: Option<u64>,
}

/// One mistake.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct FieldError {
    /// The field, as the request names it; a header or a parameter by its name; empty for the whole.
    #[schema(example = "phones[0]")]
    pub field: String,
    /// What kind of mistake it is: stable.
    #[schema(example = "out_of_range")]
    pub code: String,
    /// What is wrong with the value, and what would be right.
    pub message: String,
    /// The customer contacts that are meant, at most 100, where the mistake is about such.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_ids: Option<Vec<String>>,
    /// How many are meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
}

/// A problem document.
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// What kind of problem it is; `about:blank` says no more than the status.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: String,
    /// The status in words.
    title: String,
    /// The status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is the matter.
    detail: String,
    /// Every mistake.
    errors: Vec<FieldError>,
    /// Sessions that are in the way.
    #[schema(nullable = false)]
    session_ids: Option<Vec<String>>,
    /// When a number is free again.
    #[schema(nullable = false, format = DateTime)]
    next_free_at: Option<String>,
}

/// The code of a change that others were faster than.
pub const BUSY: &str = "busy";

/// What every door may answer instead.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it describes what `Fault` writes")]
pub enum Faults {
    /// The body cannot be decoded.
    #[response(status = 400, content_type = "application/problem+json")]
    Undecodable(#[to_schema] Problem),
    /// No key, or none that is known.
    #[response(status = 401, content_type = "application/problem+json")]
    NoKey(#[to_schema] Problem),
    /// There is no such thing, or it is another tenant's.
    #[response(status = 404, content_type = "application/problem+json")]
    Unknown(#[to_schema] Problem),
    /// The body took too long to arrive.
    #[response(status = 408, content_type = "application/problem+json")]
    Slow(#[to_schema] Problem),
    /// It contradicts what is there.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(#[to_schema] Problem),
    /// It was changed since: `If-Match` names another state.
    #[response(status = 412, content_type = "application/problem+json")]
    Changed(#[to_schema] Problem),
    /// The body is too long.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLong(#[to_schema] Problem),
    /// The body is of a type that this door does not read.
    #[response(status = 415, content_type = "application/problem+json")]
    WrongType(#[to_schema] Problem),
    /// A value, a type or a field is wrong; each is named.
    #[response(status = 422, content_type = "application/problem+json")]
    Wrong(#[to_schema] Problem),
    /// Too many requests; `Retry-After` says when to try again.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(#[to_schema] Problem),
    /// The database cannot be reached, or there is too much to do.
    #[response(status = 503, content_type = "application/problem+json")]
    Unable(#[to_schema] Problem),
}

impl FieldError {
    /// A mistake in a field.
    pub fn new(field: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        let (field, code, message) = (field.into(), code.into(), message.into());
        Self { field, code, message, contact_ids: None, count: None }
    }
}

impl From<Finding> for FieldError {
    fn from(finding: Finding) -> Self {
        let Finding { field, code, message, warning: _, contacts } = finding;
        let (contact_ids, count) = match contacts {
            Some(Contacts { first, count }) => (Some(first.iter().map(ToString::to_string).collect()), Some(count)),
            None => (None, None),
        };
        Self { contact_ids, count, ..Self::new(field, code.unwrap_or("invalid"), message) }
    }
}

impl From<&Conflict> for FieldError {
    fn from(conflict: &Conflict) -> Self {
        let (field, code) = match conflict {
            Conflict::Account(_) | Conflict::Tenant(_) | Conflict::Key(_) => ("id", "exists"),
            Conflict::Number(_) => ("e164", "exists"),
            Conflict::AuthId(_) => ("auth_id", "exists"),
            Conflict::DeepcallUser(_) => ("deepcall.user_id", "exists"),
            Conflict::Holds { what, .. } => (*what, "in_use"),
            Conflict::Pair { .. } => ("", "conflict"),
        };
        Self::new(field, code, conflict.to_string())
    }
}

impl Fault {
    /// One with this status.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), errors: Vec::new(), more: Vec::new(), retry_after: None }
    }

    /// Nothing is there, or it is another tenant's: nobody can tell these apart.
    pub fn unknown() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is no such thing here.")
    }

    /// Something contradicts what is there.
    pub fn conflict(code: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self::new(StatusCode::CONFLICT, detail.clone()).with(vec![FieldError::new("", code, detail)])
    }

    /// Values are wrong.
    pub fn wrong(errors: Vec<FieldError>) -> Self {
        let count = match errors.len() {
            1 => "One mistake".to_owned(),
            count => format!("{count} mistakes"),
        };
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, format!("{count}; nothing was changed.")).with(errors)
    }

    /// What checks found wrong; warnings are not.
    pub fn found(findings: Vec<Finding>) -> Self {
        Self::wrong(findings.into_iter().filter(|finding| !finding.warning).map(FieldError::from).collect())
    }

    /// Cannot be done now.
    pub fn unable(detail: &str) -> Self {
        Self { retry_after: Some(1), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail) }
    }

    /// Its status.
    #[cfg(test)]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Whether others were faster.
    pub fn is_busy(&self) -> bool {
        self.errors.iter().any(|error| error.code == BUSY)
    }

    /// Its mistakes.
    #[cfg(test)]
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// With these mistakes.
    pub fn with(self, errors: Vec<FieldError>) -> Self {
        Self { errors, ..self }
    }

    /// With another member.
    pub fn member(mut self, name: &str, value: Value) -> Self {
        self.more.push((name.to_owned(), value));
        self
    }

    /// To be tried again after so many seconds.
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }
}

impl From<StoreError> for Fault {
    /// Contradictions that only the store sees are told; what else is wrong with it is for the log.
    fn from(error: StoreError) -> Self {
        if let StoreError::Conflicts(conflicts) = error {
            let errors = conflicts.iter().map(FieldError::from).collect();
            return Self::new(StatusCode::CONFLICT, "This contradicts what is stored; nothing was changed.")
                .with(errors);
        }
        tracing::error!(%error, "a request could not be answered from the database");
        Self::unable("The database cannot be used at present; nothing was changed.")
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let Self { status, detail, errors, more, retry_after } = self;
        let mut body = Map::new();
        body.insert("type".to_owned(), "about:blank".into());
        body.insert("title".to_owned(), status.canonical_reason().unwrap_or("Error").into());
        body.insert("status".to_owned(), status.as_u16().into());
        body.insert("detail".to_owned(), detail.into());
        body.insert("errors".to_owned(), serde_json::to_value(errors).unwrap_or_default());
        body.extend(more);
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (status, kind, Value::Object(body).to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// A door that does other things than the one that was asked.
pub async fn wrong_method() -> Fault {
    Fault::new(StatusCode::METHOD_NOT_ALLOWED, "This cannot be done here; the Allow header says what can.")
}

/// An address that is no door.
pub async fn nothing_there() -> Fault {
    Fault::unknown()
}

/// Lets requests pass whose address can be read: an id that is no text is nobody's.
pub async fn only_text(
    named: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
    next: Next,
) -> Result<Response, Fault> {
    // An address without ids is refused as such, and is none of ours.
    if matches!(named, Err(RawPathParamsRejection::InvalidUtf8InPathParam(_))) {
        return Err(Fault::unknown());
    }
    Ok(next.run(request).await)
}

/// Something broke. What it was is in the log.
pub fn broken() -> Fault {
    Fault::new(StatusCode::INTERNAL_SERVER_ERROR, "Something broke here; the log says where.")
}
