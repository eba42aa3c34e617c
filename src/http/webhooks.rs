//! The providers' door: a request's method, target, headers and raw bytes in, the switchboard's bytes out.
//!
//! Deliberately not here: reading any of it. **Invariant:** a webhook that has been taken in is worked on to its end,
//! whether or not the provider still waits; and a provider that waits gets a document, even when the work broke.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodFilter;
use smallvec::SmallVec;

use crate::switchboard::{self, Reply};
use crate::voice::Link;

use super::peers::is_hearsay;
use super::{House, body};

/// Webhooks are POSTs, or GETs where the account is set so.
pub const METHODS: MethodFilter = MethodFilter::GET.or(MethodFilter::POST);

/// The longest form that is taken in.
const LONGEST: usize = 64 * 1024;

/// One webhook.
pub async fn webhook(State(house): State<Arc<House>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some((account, step)) = address(parts.uri.path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if parts.method == Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET,POST")]).into_response();
    }
    let Ok(room) = Arc::clone(&house.room).try_acquire_owned() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let body = match body::take(&parts.headers, body, LONGEST).await {
        Ok(body) => body,
        Err(not_taken) => return not_taken.into_response(),
    };
    let (account, last_words) = (account.to_owned(), last_words(step));
    let work = {
        let house = Arc::clone(&house);
        async move {
            let reply = ask(&house, &account, &parts, &body).await;
            drop(room);
            reply
        }
    };
    match house.at_work.spawn(work).await {
        Ok(reply) => answer(reply),
        Err(_) => {
            tracing::error!("a webhook broke; the caller got the last words");
            last_words
        }
    }
}

/// The account and the step of a webhook's address; `None` for an address that no provider was given.
fn address(path: &str) -> Option<(&str, &str)> {
    let (account, step) = path.strip_prefix("/webhooks/")?.split_once('/')?;
    (!account.is_empty() && Link::PATHS.contains(&step)).then_some((account, step))
}

async fn ask(house: &House, account: &str, parts: &Parts, body: &Bytes) -> Reply {
    let trusted = !house.trusted.is_empty()
        && parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .is_some_and(|ConnectInfo(peer)| house.trusted.iter().any(|network| network.has(peer.ip())));
    let headers: SmallVec<[(&str, &str); 24]> = parts
        .headers
        .iter()
        .filter(|(name, _)| trusted || !is_hearsay(name.as_str()))
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect();
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let request = switchboard::Request { method: parts.method.as_str(), target, headers: &headers, body };
    house.board.webhook(account, &request).await
}

fn answer(reply: Reply) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    if let Some(kind) = reply.content_type {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    response
}

/// What a provider gets when the work broke: the caller hears why there is silence, a text gets no answer, and news is
/// taken as noted.
fn last_words(step: &str) -> Response {
    let document = match step {
        "voice/status" | "voice/recording" | "voice/transcription" | "sms/status" => {
            return StatusCode::NO_CONTENT.into_response();
        }
        "sms" | "sms/fallback" => "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>",
        "voice/whisper" | "voice/accept" => "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Hangup/></Response>",
        _ => {
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Say>We are sorry, something went wrong. \
             Please call again.</Say><Hangup/></Response>"
        }
    };
    ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], document).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_providers_were_given_are_doors() {
        for (path, found, why) in [
            ("/webhooks/acme-twilio/voice", Some(("acme-twilio", "voice")), "a call"),
            ("/webhooks/acme-twilio/voice/queue-left", Some(("acme-twilio", "voice/queue-left")), "a deeper step"),
            ("/webhooks/acme-twilio/sms/fallback", Some(("acme-twilio", "sms/fallback")), "the last one"),
            ("/webhooks/acme-twilio/voice/", None, "a trailing slash is another address"),
            ("/webhooks/acme-twilio/fax", None, "no such step"),
            ("/webhooks//voice", None, "no account"),
            ("/webhooks/acme-twilio", None, "no step"),
        ] {
            assert_eq!(address(path), found, "{why}");
        }
    }

    #[test]
    fn the_last_words_suit_the_step() {
        for step in Link::PATHS.iter().copied() {
            let said = last_words(step);
            let document = said.headers().contains_key(header::CONTENT_TYPE);
            assert_eq!(said.status() == StatusCode::NO_CONTENT, !document, "{step}: a document, or nothing");
            assert!(said.status().is_success(), "{step}");
        }
    }
}
