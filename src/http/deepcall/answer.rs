//! What the doors answer, in DeepCall's words: done, or one of its five codes, or what is wrong with a parameter.
//!
//! Deliberately not here: finding that out.

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::http::body::NotTaken;
use crate::store::StoreError;
use crate::switchboard::desk::NotChanged;

/// It was done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Done {
    status: &'static str,
    message: &'static str,
    #[serde(flatten)]
    made: Option<Made>,
}

/// What was made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Made {
    /// The number that both see.
    pub mask: String,
    /// When it ends by the clock, as the clock of the default location shows it.
    pub expiry_time: String,
    /// The caller's own name for it, where it has one.
    #[serde(rename = "eventId", skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
}

impl Done {
    /// A mask is set.
    pub const fn set(made: Made) -> Self {
        Self { status: "success", message: "Your masking set", made: Some(made) }
    }

    /// Masks are unset, or end at another time.
    pub const fn unset() -> Self {
        Self { status: "success", message: "Your masking unset", made: None }
    }
}

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        written(StatusCode::OK, &self)
    }
}

/// It was not done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    status: StatusCode,
    code: Option<u16>,
    message: Cow<'static, str>,
}

impl Refusal {
    const fn coded(code: u16, message: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: Some(code), message: Cow::Borrowed(message) }
    }

    fn plain(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code: None, message: message.into() }
    }

    /// Both parties are the same phone.
    pub const fn same() -> Self {
        Self::coded(1501, "m1 and m2 cannot be the same")
    }

    /// The expiry is past, unreadable, twice there or out of reach.
    pub const fn expiry() -> Self {
        Self::coded(1502, "Expiry must be an integer value")
    }

    /// The parties are masked already.
    pub const fn standing() -> Self {
        let message = "Your masking request could not be expired until now. So you cannot make another request";
        Self::coded(1503, message)
    }

    /// It cannot be kept: there is nowhere for it to belong, or the store fails. Why is for the log.
    pub fn not_inserted(tenant: &str, why: &str) -> Self {
        tracing::warn!(tenant, why, "a mask was not set or unset");
        Self::coded(1504, "Masking could not be inserted")
    }

    /// No number, or not the one that was asked for, can be had.
    pub const fn no_number() -> Self {
        Self::coded(1505, "Masking number not available")
    }

    /// Nothing live is what was named.
    pub const fn unknown() -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: None, message: Cow::Borrowed("Masking not found") }
    }

    /// Parameters are wrong; the message names each.
    pub fn wrong(message: impl Into<Cow<'static, str>>) -> Self {
        Self::plain(StatusCode::BAD_REQUEST, message)
    }

    /// Nobody is known by what the request carries.
    pub fn unauthorized(message: impl Into<Cow<'static, str>>) -> Self {
        Self::plain(StatusCode::UNAUTHORIZED, message)
    }

    /// A body was not taken in.
    pub fn not_taken(why: NotTaken) -> Self {
        match why {
            NotTaken::TooLong => Self::plain(StatusCode::PAYLOAD_TOO_LARGE, "The body is too long"),
            NotTaken::TooSlow => Self::plain(StatusCode::REQUEST_TIMEOUT, "The body took too long to arrive"),
            NotTaken::Broken => Self::wrong("The body broke off"),
        }
    }

    /// Somebody asks too often.
    pub fn too_often() -> Self {
        Self::plain(StatusCode::TOO_MANY_REQUESTS, "Too many requests; nothing was changed")
    }

    /// Too many ask.
    pub fn too_much() -> Self {
        Self::plain(StatusCode::SERVICE_UNAVAILABLE, "There is too much to do at present; nothing was changed")
    }

    /// These doors take POST.
    pub fn wrong_method() -> Self {
        Self::plain(StatusCode::METHOD_NOT_ALLOWED, "This door takes POST")
    }

    /// Something broke. What it was is in the log.
    pub fn broken() -> Self {
        Self::plain(StatusCode::INTERNAL_SERVER_ERROR, "Something broke here; the log says where")
    }

    /// Why nothing was changed.
    pub fn not_changed(tenant: &str, why: NotChanged<Self>) -> Self {
        match why {
            NotChanged::NoTenant => Self::unauthorized("this tenant is gone"),
            NotChanged::Refused(refusal) => refusal,
            NotChanged::Store(StoreError::Answered) | NotChanged::Busy => {
                Self::not_inserted(tenant, "others changed the same tenant all the while")
            }
            NotChanged::Store(error) => Self::not_inserted(tenant, &error.to_string()),
            NotChanged::Memory(error) => {
                tracing::error!(%error, "a mask is in the database and could not be taken into memory");
                Self::broken()
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body<'a> {
            status: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            code: Option<u16>,
            message: &'a str,
        }
        let Self { status, code, message } = self;
        let mut response = written(status, &Body { status: "error", code, message: &message });
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

fn written(status: StatusCode, body: &impl Serialize) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (status, headers, serde_json::to_string(body).unwrap_or_default()).into_response()
}
