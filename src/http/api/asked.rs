//! What a request brings besides its address: its JSON, and what makes it one of its kind.
//!
//! Deliberately not here: whether any of it makes sense, and forms (`settings`).

use std::fmt;
use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use bytes::Bytes;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::LONGEST;
use super::fault::{Fault, FieldError};
use crate::http::House;
use crate::http::body::{self, NotTaken};
use crate::store::edit::fingerprint;

/// A request whose body is a JSON object, or empty where what is asked for needs no words.
#[derive(Debug)]
pub struct Asked {
    /// Its fields; none of an empty body.
    pub fields: Map<String, Value>,
    /// Its headers.
    pub headers: HeaderMap,
    /// What a repeat of it is known by, where it carries an `Idempotency-Key`.
    pub once: Option<Once>,
}

/// A request that is done once, however often it comes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Once {
    /// Its `Idempotency-Key`.
    pub key: String,
    /// Its method, address and body, digested.
    pub fingerprint: [u8; 32],
}

impl FromRequest<Arc<House>> for Asked {
    type Rejection = Fault;

    async fn from_request(request: Request, _: &Arc<House>) -> Result<Self, Fault> {
        let changes = matches!(*request.method(), Method::PATCH | Method::PUT);
        let Raw { headers, body, once } = Raw::take(request).await?;
        if changes && body.is_empty() {
            let message = "is missing: send a JSON object with the fields that are to change";
            return Err(Fault::wrong(vec![FieldError::new("", "missing", message)]));
        }
        let kind = content_type(&headers);
        if !body.is_empty() && kind.as_deref().is_some_and(|kind| kind != "application/json") {
            let detail = "This door reads application/json.";
            return Err(Fault::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        Ok(Self { fields: object(&body)?, headers, once })
    }
}

/// A request whose body has been taken in, and not read.
pub struct Raw {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
    /// What a repeat of it is known by.
    pub once: Option<Once>,
}

impl Raw {
    /// Takes a body in.
    pub async fn take(request: Request) -> Result<Self, Fault> {
        let (parts, body) = request.into_parts();
        let body = body::take(&parts.headers, body, LONGEST).await.map_err(not_taken)?;
        let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
        let once = match parts.headers.get("idempotency-key") {
            None => None,
            Some(key) => Some(Once {
                key: key.to_str().ok().filter(|key| (1..=255).contains(&key.len())).ok_or_else(bad_key)?.to_owned(),
                fingerprint: fingerprint(&[parts.method.as_str().as_bytes(), target.as_bytes(), &body]),
            }),
        };
        Ok(Self { headers: parts.headers, body, once })
    }
}

fn bad_key() -> Fault {
    let message = "must be 1 to 255 visible characters, of your own making and different for each thing to be done";
    Fault::wrong(vec![FieldError::new("Idempotency-Key", "invalid", message)])
}

fn not_taken(why: NotTaken) -> Fault {
    match why {
        NotTaken::TooLong => {
            Fault::new(StatusCode::PAYLOAD_TOO_LARGE, format!("The body is longer than {LONGEST} bytes."))
        }
        NotTaken::TooSlow => Fault::new(StatusCode::REQUEST_TIMEOUT, "The body took too long to arrive."),
        NotTaken::Broken => Fault::new(StatusCode::BAD_REQUEST, "The body broke off."),
    }
}

/// The media type of a body, in lower case and without parameters.
pub fn content_type(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

/// Reads an object. A name that stands twice is a mistake: whoever wrote it meant one of the two.
///
/// # Errors
/// 400 for what is no JSON object; 422 for repeated names.
pub fn object(body: &[u8]) -> Result<Map<String, Value>, Fault> {
    let (fields, repeated) = fields(body)?;
    if repeated.is_empty() { Ok(fields) } else { Err(Fault::wrong(repeated)) }
}

/// Reads an object, and tells what is wrong with names that stand twice.
///
/// # Errors
/// 400 for what is no JSON object.
pub fn fields(body: &[u8]) -> Result<(Map<String, Value>, Vec<FieldError>), Fault> {
    if body.is_empty() {
        return Ok((Map::new(), Vec::new()));
    }
    let undecodable =
        |why: serde_json::Error| Fault::new(StatusCode::BAD_REQUEST, format!("The body is no JSON object: {why}."));
    let (fields, twice) = decoded(body).map_err(undecodable)?;
    Ok((fields, twice.into_iter().map(|name| FieldError::new(name, "repeated", "stands twice")).collect()))
}

/// Reads an object, and the names that stand in it twice.
///
/// # Errors
/// Why it is no JSON object, and at which place that shows.
pub fn decoded(body: &[u8]) -> Result<(Map<String, Value>, Vec<String>), serde_json::Error> {
    let Fields { fields, twice } = serde_json::from_slice(body)?;
    Ok((fields, twice))
}

/// An object's fields, and the names that it had more than once.
struct Fields {
    fields: Map<String, Value>,
    twice: Vec<String>,
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seen;
        impl<'de> Visitor<'de> for Seen {
            type Value = Fields;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let (mut fields, mut twice) = (Map::new(), Vec::new());
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if fields.insert(name.clone(), value).is_some() && !twice.contains(&name) {
                        twice.push(name);
                    }
                }
                Ok(Fields { fields, twice })
            }
        }
        deserializer.deserialize_map(Seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_an_object_with_each_name_once() {
        for (body, fields, why) in [
            ("", Some(0), "nothing"),
            ("{}", Some(0), "an empty object"),
            (r#"{"a": {"b": 1, "b": 2}, "c": null}"#, Some(2), "what is inside is read by others"),
            (r#"{"a": 1, "a": 1}"#, None, "a name twice"),
            ("[]", None, "a list"),
            ("3", None, "a number"),
            ("{\"a\": 1,}", None, "a comma too many"),
            ("{} x", None, "something behind it"),
            ("\u{feff}{}", None, "a mark that JSON does not have"),
        ] {
            assert_eq!(object(body.as_bytes()).ok().map(|fields| fields.len()), fields, "{why}");
        }
    }
}
