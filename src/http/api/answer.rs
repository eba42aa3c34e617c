//! What a door of the API answers when it did what was asked: one thing, or nothing more to say.
//!
//! Deliberately not here: lists (`page`) and refusals (`fault`).

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};

use super::fault::Fault;
use crate::store::edit::fingerprint;

/// An answer.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    status: StatusCode,
    location: Option<String>,
    body: Option<Value>,
    /// The tag of the state that it shows, where that is not the tag of all that it tells.
    tag: Option<String>,
    again: bool,
}

impl Answer {
    /// Here it is.
    pub fn shown(shape: &impl Serialize) -> Self {
        Self { status: StatusCode::OK, location: None, body: serde_json::to_value(shape).ok(), tag: None, again: false }
    }

    /// It was made, and is at this address.
    pub fn made(location: String, shape: &impl Serialize) -> Self {
        Self { status: StatusCode::CREATED, location: Some(location), ..Self::shown(shape) }
    }

    /// The same, as something that was made and has no address of its own.
    pub fn created(self) -> Self {
        Self { status: StatusCode::CREATED, ..self }
    }

    /// It is gone.
    pub const fn gone() -> Self {
        Self { status: StatusCode::NO_CONTENT, location: None, body: None, tag: None, again: false }
    }

    /// The same, tagged with this state alone: what else it tells changes by itself.
    pub fn tagged(self, state: &impl Serialize) -> Self {
        Self { tag: Some(tag(state)), ..self }
    }

    /// Whether it tells for the first time that something was made, at this address.
    pub fn has_made(&self, location: &str) -> bool {
        !self.again && self.location.as_deref() == Some(location)
    }

    /// Whether one of its fields has a value.
    pub fn tells(&self, field: &str) -> bool {
        self.body.as_ref().is_some_and(|body| !body[field].is_null())
    }

    /// The same, with another value of one of its fields.
    pub fn telling(mut self, field: &str, shape: &impl Serialize) -> Self {
        if let (Some(Value::Object(body)), Ok(value)) = (&mut self.body, serde_json::to_value(shape)) {
            body.insert(field.to_owned(), value);
        }
        self
    }

    /// As it is kept for a repeat of the request.
    pub fn kept(&self) -> Vec<u8> {
        let Self { status, location, body, tag, again: _ } = self;
        json!({"status": status.as_u16(), "location": location, "body": body, "tag": tag}).to_string().into_bytes()
    }

    /// Reads what was kept.
    pub fn again(kept: &[u8]) -> Option<Self> {
        let mut kept: Value = serde_json::from_slice(kept).ok()?;
        let status = StatusCode::from_u16(u16::try_from(kept["status"].as_u64()?).ok()?).ok()?;
        let body = kept["body"].take();
        let text = |name: &str| kept[name].as_str().map(str::to_owned);
        let (location, tag) = (text("location"), text("tag"));
        Some(Self { status, location, body: (!body.is_null()).then_some(body), tag, again: true })
    }
}

/// The tag of a state: of the same content, the same tag.
pub fn tag(shape: &impl Serialize) -> String {
    let text = serde_json::to_vec(shape).unwrap_or_default();
    format!("\"{}\"", hex::encode(&fingerprint(&[&text])[..12]))
}

/// Whether a request may change something that is in this state: it names the state in `If-Match`, or none at all.
///
/// # Errors
/// 412 where it names another.
pub fn unchanged(headers: &HeaderMap, shape: &impl Serialize) -> Result<(), Fault> {
    let mut named = headers.get_all(header::IF_MATCH).iter().peekable();
    if named.peek().is_none() {
        return Ok(());
    }
    let now = tag(shape);
    let matches = named.filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(',')).any(|one| {
        let one = one.trim();
        one == "*" || one == now
    });
    if matches {
        return Ok(());
    }
    let detail = "It was changed since you read it: read it again, and decide again. Nothing was changed.";
    Err(Fault::new(StatusCode::PRECONDITION_FAILED, detail))
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let Self { status, location, body, tag: own, again } = self;
        let mut headers = HeaderMap::new();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(location) = location.and_then(|text| HeaderValue::try_from(text).ok()) {
            headers.insert(header::LOCATION, location);
        }
        if again {
            headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
        }
        let Some(body) = body else { return (status, headers).into_response() };
        if let Ok(tag) = HeaderValue::try_from(own.unwrap_or_else(|| tag(&body))) {
            headers.insert(header::ETAG, tag);
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        (status, headers, body.to_string()).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_answer_comes_back_as_it_was() {
        let made = Answer::made("/api/v1/technicians/jo".to_owned(), &json!({"id": "jo"}));
        let tagged = Answer::shown(&json!({"id": "jo", "seen": 3})).tagged(&json!({"id": "jo"}));
        for answer in [made, tagged, Answer::gone()] {
            assert_eq!(Answer::again(&answer.kept()), Some(Answer { again: true, ..answer }));
        }
        assert_eq!(Answer::again(b"{}"), None);
    }

    #[test]
    fn a_state_is_changed_only_where_it_was_read() {
        let now = json!({"id": "jo", "active": true});
        for (sent, passes, why) in [
            (vec![], true, "whoever names no state does not care"),
            (vec![tag(&now)], true, "the state that it is in"),
            (vec!["*".to_owned()], true, "any state"),
            (vec![format!("\"x\", {}", tag(&now))], true, "one of several"),
            (vec![tag(&json!({"id": "jo", "active": false}))], false, "another state"),
            (vec![format!("W/{}", tag(&now))], false, "a weak tag matches nothing"),
            (vec![String::new()], false, "no tag at all"),
        ] {
            let mut headers = HeaderMap::new();
            for value in sent {
                headers.append(header::IF_MATCH, value.parse().expect(why));
            }
            assert_eq!(unchanged(&headers, &now).is_ok(), passes, "{why}");
        }
    }
}
