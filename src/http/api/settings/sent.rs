//! What a request says of masking settings, in one of three encodings: JSON, a form, or a form in parts.
//!
//! Deliberately not here: what the fields mean (`rules::masking`). A body that cannot be decoded as a whole is a fault;
//! a single value that cannot is a mistake like any other, told together with the rest.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::http::House;
use crate::http::api::asked::{self, Once, Raw};
use crate::http::api::fault::{Fault, FieldError};
use crate::providers::Form;
use crate::rules::finding::Finding;
use crate::store::edit::fingerprint;

/// The most fields of a body. The settings have fewer than thirty.
const MOST_FIELDS: usize = 200;

/// The longest value in a form that is still read: longer than any that is right.
const LONGEST_VALUE: usize = 16 * 1024;

/// How much of a name is repeated in an answer.
const SHOWN: usize = 64;

/// What is said of the settings.
#[derive(Clone, PartialEq, Debug)]
pub enum Said {
    /// In JSON, each name once.
    Json(Map<String, Value>),
    /// In a form: names and values in the order they came.
    Form(Vec<(String, String)>),
}

/// A request that may change settings.
#[derive(Debug)]
pub struct Sent {
    /// What it says.
    pub said: Said,
    /// What is wrong with it already.
    pub errors: Vec<FieldError>,
    /// How it is meant.
    pub meant: Meant,
}

/// How a request to change settings is meant.
#[derive(Debug)]
pub struct Meant {
    /// Its headers.
    pub headers: HeaderMap,
    /// What a repeat of it is known by; only a POST is done once.
    pub once: Option<Once>,
    /// Whether it only looks at what would be.
    pub dry: bool,
}

impl Said {
    /// The same without the fields that something was found in.
    pub fn without(&self, found: &[Finding]) -> Self {
        let wrong = |name: &str| {
            let name: String = name.chars().take(SHOWN).collect();
            found.iter().any(|finding| finding.field.split('[').next() == name.split('[').next())
        };
        match self {
            Self::Json(fields) => {
                let rest = fields.iter().filter(|(name, _)| !wrong(name));
                Self::Json(rest.map(|(name, value)| (name.clone(), value.clone())).collect())
            }
            Self::Form(pairs) => Self::Form(pairs.iter().filter(|(name, _)| !wrong(name)).cloned().collect()),
        }
    }
}

impl FromRequest<Arc<House>> for Sent {
    type Rejection = Fault;

    async fn from_request(request: Request, _: &Arc<House>) -> Result<Self, Fault> {
        let dry = dry(request.uri().query())?;
        let posted = request.method() == axum::http::Method::POST;
        let target = request.uri().to_string();
        let Raw { headers, body, once } = Raw::take(request).await?;
        let kind = kind(&headers, &body)?;
        let (said, errors) = match kind {
            Encoding::Json => json(&body)?,
            Encoding::Form => form(&body)?,
            Encoding::Parts => parts(&headers, body).await?,
        };
        let once = once.filter(|_| posted).map(|once| same_form(once, &said, &target));
        Ok(Self { said, errors, meant: Meant { headers, once, dry } })
    }
}

impl Meant {
    /// Of a request that is known to be a POST with a query like this.
    ///
    /// # Errors
    /// 422 for a parameter that is none.
    pub fn posted(headers: HeaderMap, once: Option<Once>, query: Option<&str>) -> Result<Self, Fault> {
        Ok(Self { headers, once, dry: dry(query)? })
    }
}

/// A form is the same whatever its parts are divided by.
fn same_form(once: Once, said: &Said, target: &str) -> Once {
    let Said::Form(pairs) = said else { return once };
    let texts = pairs.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
    let all: Vec<&[u8]> = [b"form".as_slice(), target.as_bytes()].into_iter().chain(texts).collect();
    Once { fingerprint: fingerprint(&all), ..once }
}

/// Reads the query of a writing door. A parameter that is none is refused: whoever misspells `dry_run` must not write.
fn dry(query: Option<&str>) -> Result<bool, Fault> {
    let (mut dry, mut errors) = (None, Vec::new());
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        let mut wrong = |code: &str, message: &str| errors.push(FieldError::new(&*name, code, message));
        match (&*name, &*value) {
            ("dry_run", _) if dry.is_some() => wrong("repeated", "stands twice"),
            ("dry_run", "true") => dry = Some(true),
            ("dry_run", "false") => dry = Some(false),
            ("dry_run", _) => wrong("wrong_type", "must be true or false"),
            _ => wrong("unknown_field", "no such parameter; this door knows dry_run"),
        }
    }
    if errors.is_empty() { Ok(dry.unwrap_or(false)) } else { Err(Fault::wrong(errors)) }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Encoding {
    Json,
    Form,
    Parts,
}

/// How a body is encoded, by what it says of itself; one that says nothing and begins like an object is one.
fn kind(headers: &HeaderMap, body: &[u8]) -> Result<Encoding, Fault> {
    let kind = asked::content_type(headers);
    let looks_like_one = body.trim_ascii_start().first().is_none_or(|first| *first == b'{');
    let encoding = match kind.as_deref() {
        None if looks_like_one => Encoding::Json,
        Some("application/json") => Encoding::Json,
        Some("application/x-www-form-urlencoded") => Encoding::Form,
        Some("multipart/form-data") if body.is_empty() => Encoding::Form,
        Some("multipart/form-data") => Encoding::Parts,
        None | Some(_) => {
            let detail = "This door reads multipart/form-data, application/x-www-form-urlencoded and application/json.";
            return Err(Fault::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
    };
    let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if is_utf8(declared) {
        return Ok(encoding);
    }
    Err(Fault::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "This door reads UTF-8 alone; the body says another charset."))
}

/// Whether a content type names no other charset than UTF-8 or a part of it.
fn is_utf8(content_type: &str) -> bool {
    let parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let mut charsets = parameters.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    charsets.all(|(_, value)| {
        let value = value.trim().trim_matches('"');
        ["utf-8", "utf8", "us-ascii"].iter().any(|charset| value.eq_ignore_ascii_case(charset))
    })
}

type Fields = (Said, Vec<FieldError>);

fn json(body: &[u8]) -> Result<Fields, Fault> {
    let (fields, errors) = asked::fields(body)?;
    if fields.len() + errors.len() > MOST_FIELDS { Err(too_many()) } else { Ok((Said::Json(fields), errors)) }
}

fn form(body: &[u8]) -> Result<Fields, Fault> {
    let form = Form::read(body);
    let (mut pairs, mut errors) = (Vec::new(), Vec::new());
    for (name, value) in form.pairs() {
        let name = String::from_utf8_lossy(name).into_owned();
        add(name, value, &mut pairs, &mut errors)?;
    }
    Ok((Said::Form(pairs), errors))
}

/// The body is here already, so that nothing is waited for.
async fn parts(headers: &HeaderMap, body: Bytes) -> Result<Fields, Fault> {
    let mut request = Request::new(Body::from(body));
    *request.headers_mut() = headers.clone();
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| {
        Fault::new(StatusCode::BAD_REQUEST, "The body is no multipart/form-data: its Content-Type names no boundary.")
    })?;
    let (mut pairs, mut errors) = (Vec::new(), Vec::new());
    let mut at = 0;
    let mut last = String::new();
    let broken = |at: usize, last: &str, why: &MultipartError| {
        let after = if last.is_empty() { String::new() } else { format!(", after the field {last:?}") };
        let why: String = why.body_text().chars().take(200).collect();
        let detail = format!("The body is no multipart/form-data: part {at}{after}: {why}.");
        Fault::new(StatusCode::BAD_REQUEST, detail)
    };
    loop {
        at += 1;
        let part = parts.next_field().await.map_err(|why| broken(at, &last, &why))?;
        let Some(part) = part else { return Ok((Said::Form(pairs), errors)) };
        let Some(name) = part.name().map(str::to_owned) else {
            return Err(Fault::new(StatusCode::BAD_REQUEST, format!("Part {at} of the body has no name.")));
        };
        let file = part.file_name().is_some();
        let readable = part.content_type().is_none_or(is_utf8);
        let value = part.bytes().await.map_err(|why| broken(at, &last, &why))?;
        last = shown(&name);
        if file {
            errors.push(FieldError::new(&*last, "wrong_type", "is a file; send the value itself"));
        } else if readable {
            add(name, &value, &mut pairs, &mut errors)?;
        } else {
            errors.push(FieldError::new(&*last, "invalid", "is in another charset; UTF-8 alone is read"));
        }
        if errors.len() > MOST_FIELDS {
            return Err(too_many());
        }
    }
}

fn add(
    name: String,
    value: &[u8],
    pairs: &mut Vec<(String, String)>,
    errors: &mut Vec<FieldError>,
) -> Result<(), Fault> {
    match str::from_utf8(value) {
        Err(_) => errors.push(FieldError::new(shown(&name), "invalid", "is no UTF-8")),
        Ok(value) if value.len() > LONGEST_VALUE => {
            let message = format!("is longer than {LONGEST_VALUE} bytes, and no value is");
            errors.push(FieldError::new(shown(&name), "too_long", message));
        }
        Ok(value) => pairs.push((name, value.to_owned())),
    }
    if pairs.len() + errors.len() > MOST_FIELDS { Err(too_many()) } else { Ok(()) }
}

fn too_many() -> Fault {
    Fault::new(StatusCode::PAYLOAD_TOO_LARGE, format!("The body has more than {MOST_FIELDS} fields."))
}

/// A name as far as it is worth repeating.
fn shown(name: &str) -> String {
    name.chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(kind: Option<&str>, body: &[u8]) -> Result<Fields, u16> {
        let mut request = Request::post("/?dry_run=true");
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        let mut request = request.body(Body::empty()).expect("a request");
        let headers = std::mem::take(request.headers_mut());
        let status = |fault: Fault| fault.status().as_u16();
        match super::kind(&headers, body).map_err(status)? {
            Encoding::Json => json(body),
            Encoding::Form => form(body),
            Encoding::Parts => parts(&headers, Bytes::copy_from_slice(body)).await,
        }
        .map_err(status)
    }

    fn words((said, errors): Fields) -> String {
        let said = match said {
            Said::Json(fields) => Value::Object(fields).to_string(),
            Said::Form(pairs) => pairs.iter().map(|(name, value)| format!("{name}={value};")).collect(),
        };
        errors.iter().fold(said, |told, error| format!("{told}!{} {}", error.field, error.code))
    }

    const FORM: Option<&str> = Some("application/x-www-form-urlencoded");
    const PARTS: Option<&str> = Some("multipart/form-data; boundary=x");

    #[tokio::test]
    async fn three_encodings_say_the_same() {
        let part = |head: &str, value: &str| {
            format!("--x\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n").into_bytes()
        };
        let end = b"--x--\r\n".to_vec();
        let parts = |parts: &[Vec<u8>]| parts.concat();
        let latin = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Type: text/plain; charset=latin1\r\n\r\n1\r\n";
        for (kind, body, expected, why) in [
            (None, b"".to_vec(), Ok("{}"), "nothing"),
            (None, b" {\"a\": 1}".to_vec(), Ok("{\"a\":1}"), "an object that does not say so"),
            (None, b"a=1".to_vec(), Err(415), "a form that does not say so"),
            (
                Some("application/json; charset=UTF-8"),
                b"{\"a\":1,\"a\":2}".to_vec(),
                Ok("{\"a\":2}!a repeated"),
                "twice",
            ),
            (Some("application/json; charset=\"latin1\""), b"{}".to_vec(), Err(415), "another charset"),
            (Some("Application/JSON"), b"[]".to_vec(), Err(400), "a list"),
            (Some("text/plain"), b"{}".to_vec(), Err(415), "another type"),
            (FORM, b"a=1&a[]=%C3%A4+b&c=&=x".to_vec(), Ok("a=1;a[]=\u{e4} b;c=;=x;"), "a form"),
            (FORM, b"a=%FF&b=1".to_vec(), Ok("b=1;!a invalid"), "a value that is no UTF-8"),
            (FORM, b"".to_vec(), Ok(""), "an empty form"),
            (PARTS, b"".to_vec(), Ok(""), "no parts at all"),
            (PARTS, end.clone(), Ok(""), "no parts"),
            (
                PARTS,
                parts(&[part("name=\"a[]\"", " 1\r\n2"), part("name=b", ""), end.clone()]),
                Ok("a[]= 1\r\n2;b=;"),
                "parts",
            ),
            (PARTS, parts(&[part("name=\"a\"; filename=\"a.txt\"", "1"), end.clone()]), Ok("!a wrong_type"), "a file"),
            (PARTS, parts(&[latin.to_vec(), end.clone()]), Ok("!a invalid"), "a part in another charset"),
            (PARTS, parts(&[part("name=a", "1")]), Err(400), "no end"),
            (PARTS, parts(&[part("x=a", "1"), end.clone()]), Err(400), "no name"),
            (PARTS, b"a=1".to_vec(), Err(400), "no parts, but a form"),
            (Some("multipart/form-data"), end.clone(), Err(400), "no boundary"),
            (FORM, b"a=1&".repeat(201), Err(413), "too many"),
            (
                None,
                format!("{{{}}}", (0..201).map(|n| format!("\"{n}\":1")).collect::<Vec<_>>().join(",")).into_bytes(),
                Err(413),
                "too many in an object",
            ),
            (PARTS, parts(&[part("name=a; filename=a", "").repeat(201), end.clone()]), Err(413), "too many files"),
            (FORM, [b"a=".to_vec(), b"1".repeat(LONGEST_VALUE + 1)].concat(), Ok("!a too_long"), "a very long value"),
        ] {
            let read = read(kind, &body).await.map(words);
            assert_eq!(read.as_deref().map_err(|status| *status), expected, "{why}");
        }
    }

    #[test]
    fn a_query_is_dry_or_not_or_refused() {
        for (query, dry_run, why) in [
            (None, Some(false), "none"),
            (Some(""), Some(false), "a blank one"),
            (Some("dry_run=true"), Some(true), "dry"),
            (Some("dry_run=false"), Some(false), "not dry"),
            (Some("dry_run"), None, "neither"),
            (Some("dry_run=1"), None, "a number"),
            (Some("dryrun=true"), None, "a slip that would write"),
            (Some("dry_run=true&dry_run=true"), None, "twice"),
        ] {
            assert_eq!(dry(query).ok(), dry_run, "{why}");
        }
    }

    #[test]
    fn a_form_is_known_again_by_its_fields() {
        let once = |fingerprint| Once { key: "k".to_owned(), fingerprint: [fingerprint; 32] };
        let said = |value: &str| Said::Form(vec![("a".to_owned(), value.to_owned())]);
        let of = |raw, value: &str| same_form(once(raw), &said(value), "/x").fingerprint;
        assert_eq!(of(1, "1"), of(2, "1"), "another boundary");
        assert_ne!(of(1, "1"), of(1, "2"), "another value");
    }
}
