//! The header by which a test sets the time of a request to a sandbox account.
//!
//! Deliberately not here: whether tests may do that. The header is signed with the account's token over the time, the
//! request's target and its body, so that nobody else can.

use super::keyed::Keyed;
use super::request::Request;
use crate::domain::Moment;
use crate::rules::ruleset::Secret;

/// The header's name.
pub const HEADER: &str = "x-hookswitch-clock";

/// The header's value for a request: RFC 3339 time, a space, hexadecimal HMAC-SHA256.
pub fn sign(token: &Secret, time: &str, target: &str, body: &[u8]) -> String {
    format!("{time} {}", hex::encode(key(token).digest(&parts(time, target, body))))
}

/// The time that a request's header sets; `None` where the header is malformed or signed with none of these tokens.
pub fn read(value: &str, tokens: &[Secret], request: &Request<'_>) -> Option<Moment> {
    let (time, signature) = value.trim().split_once(' ')?;
    let signature = hex::decode(signature.trim()).ok()?;
    let right = |token: &&Secret| key(token).verify(&parts(time, request.target, request.body), &signature);
    tokens.iter().filter(|token| !token.is_empty()).find(right)?;
    Moment::read(time)
}

fn key(token: &Secret) -> Keyed {
    Keyed::new(token.expose().as_bytes())
}

fn parts<'a>(time: &'a str, target: &'a str, body: &'a [u8]) -> [&'a [u8]; 5] {
    [time.as_bytes(), b".", target.as_bytes(), b".", body]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_accounts_own_token_sets_the_time() {
        let token = Secret::new("demo-auth-token");
        let request = Request { method: "POST", target: "/webhooks/a/voice", headers: &[], body: b"From=x" };
        let time = "2026-03-09T09:02:11-05:00";
        let good = sign(&token, time, request.target, request.body);
        let tokens = [Secret::new(""), token];
        assert_eq!(read(&good, &tokens, &request), Moment::read(time));
        for (value, why) in [
            (sign(&Secret::new("other"), time, request.target, request.body), "another's token"),
            (sign(&Secret::new(""), time, request.target, request.body), "an empty token"),
            (good.replace("09:02", "19:02"), "another time"),
            (sign(&tokens[1], time, "/webhooks/b/voice", request.body), "another target"),
            (sign(&tokens[1], time, request.target, b"From=y"), "another body"),
            (sign(&tokens[1], "yesterday", request.target, request.body), "no time"),
            (time.to_owned(), "no signature"),
        ] {
            assert_eq!(read(&value, &tokens, &request), None, "{why}");
        }
    }
}
