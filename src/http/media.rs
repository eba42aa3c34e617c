//! What has an address of ours that a token opens: a text's media, fetched from the provider while they are read, and
//! recordings, which are kept here.
//!
//! Deliberately not here: what a token stands for (`switchboard`), and the fetching (`jobs::media`). Nothing that the
//! provider said about itself is passed on.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::jobs::media::Fetched;

use super::House;
use super::problem::{problem, unknown};
use super::sound;

/// One medium.
pub async fn media(State(house): State<Arc<House>>, Path(token): Path<String>) -> Response {
    let Some(medium) = house.board.medium(&token) else {
        return unknown("There is no such medium, or its link has expired.");
    };
    match house.fetcher.fetch(&medium).await {
        Ok(fetched) => handed_on(fetched),
        Err(why) => {
            tracing::warn!(%why, "a medium could not be fetched");
            problem(StatusCode::BAD_GATEWAY, "The provider did not hand the medium over.", Value::Null)
        }
    }
}

/// One recording that is kept, for whoever has its token. While it is on its way here, whoever asks is to ask again.
pub async fn recording(State(house): State<Arc<House>>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    const NONE: &str = "There is no such recording, or its time is over.";
    let Some(((tenant, id), store)) = house.board.recording_of_token(&token).zip(house.board.store()) else {
        return unknown(NONE);
    };
    let handed = async {
        let Some(recording) = store.read().recording_in(&tenant, &id).await.map_err(|why| why.to_string())? else {
            return Ok(None);
        };
        if recording.state == "waiting" {
            let later = problem(StatusCode::SERVICE_UNAVAILABLE, "The recording is on its way here.", Value::Null);
            return Ok(Some(([(header::RETRY_AFTER, "10")], later).into_response()));
        }
        sound::stored(store, &recording, &headers).await.map_err(|why| why.to_string())
    };
    match handed.await {
        Ok(Some(response)) => response,
        Ok(None) => unknown(NONE),
        Err(why) => {
            tracing::error!(%why, "a recording could not be handed out");
            problem(StatusCode::INTERNAL_SERVER_ERROR, "The recording cannot be opened.", Value::Null)
        }
    }
}

/// A medium while it comes in; a browser is told to make nothing else of it.
pub(super) fn handed_on(fetched: Fetched) -> Response {
    let headers = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    let kind = presentable(&fetched.content_type);
    let mut response = (headers, Body::from_stream(fetched.bytes)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    if let Some(length) = fetched.length {
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}

/// The content type to show: what phones send each other as it is, anything else as mere bytes.
fn presentable(content_type: &str) -> HeaderValue {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let shown = ["image/", "audio/", "video/"].iter().any(|family| kind.starts_with(family))
        || ["text/vcard", "text/x-vcard", "application/pdf"].contains(&kind.as_str());
    match HeaderValue::from_str(&kind) {
        Ok(kind) if shown => kind,
        Ok(_) | Err(_) => HeaderValue::from_static("application/octet-stream"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_media_keep_their_type() {
        for (given, shown) in [
            ("image/jpeg", "image/jpeg"),
            ("Image/PNG; name=x.png", "image/png"),
            ("audio/amr", "audio/amr"),
            ("video/3gpp", "video/3gpp"),
            ("text/vcard; charset=utf-8", "text/vcard"),
            ("application/pdf", "application/pdf"),
            ("text/html", "application/octet-stream"),
            ("application/javascript", "application/octet-stream"),
            ("", "application/octet-stream"),
            ("image/\u{1}", "application/octet-stream"),
        ] {
            assert_eq!(presentable(given), shown, "{given:?}");
        }
    }
}
