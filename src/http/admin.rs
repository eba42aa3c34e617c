//! The admin key: whether a request carries it.
//!
//! Deliberately not here: tenants' keys.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde_json::Value;
use subtle::ConstantTimeEq;

use crate::rules::ruleset::Secret;

use super::problem::problem;

/// Lets a request pass that carries the key, as `Authorization: Bearer` or `X-Admin-Key`; the refusal otherwise.
pub fn admit(headers: &HeaderMap, key: &Secret) -> Result<(), Box<Response>> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    let own = headers.get("x-admin-key").and_then(|value| value.to_str().ok());
    let right = |given: &str| !key.is_empty() && bool::from(given.as_bytes().ct_eq(key.expose().as_bytes()));
    if bearer.is_some_and(right) || own.is_some_and(right) {
        return Ok(());
    }
    let mut refusal = problem(
        StatusCode::UNAUTHORIZED,
        "This needs the admin key, as \"Authorization: Bearer …\" or \"X-Admin-Key: …\".",
        Value::Null,
    );
    refusal.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
    Err(Box::new(refusal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_key_opens() {
        for (name, value, key, opens, why) in [
            ("authorization", "Bearer s3cret", "s3cret", true, "the usual way"),
            ("authorization", "bearer  s3cret", "s3cret", true, "schemes have no case"),
            ("x-admin-key", "s3cret", "s3cret", true, "our own header"),
            ("authorization", "Basic s3cret", "s3cret", false, "another scheme"),
            ("authorization", "Bearer s3cre", "s3cret", false, "another key"),
            ("authorization", "s3cret", "s3cret", false, "no scheme"),
            ("x-admin-key", "", "", false, "an empty key opens nothing"),
            ("accept", "*/*", "s3cret", false, "no key at all"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().expect(why));
            assert_eq!(admit(&headers, &Secret::new(key)).is_ok(), opens, "{why}");
        }
    }
}
