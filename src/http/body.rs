//! A request's body, taken in whole: no longer than it may be, and no slower.
//!
//! Deliberately not here: what the bytes mean.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use futures_util::StreamExt;

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a body was not taken in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotTaken {
    /// It is longer than allowed.
    TooLong,
    /// It did not arrive in time.
    TooSlow,
    /// The connection broke off.
    Broken,
}

impl IntoResponse for NotTaken {
    fn into_response(self) -> Response {
        match self {
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::BAD_REQUEST,
        }
        .into_response()
    }
}

/// Takes in a body of at most `limit` bytes.
pub async fn take(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, NotTaken> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(NotTaken::TooLong);
    }
    tokio::time::timeout(PATIENCE, gather(body, limit)).await.unwrap_or(Err(NotTaken::TooSlow))
}

/// Most bodies arrive in one piece, which is passed on as it is.
async fn gather(body: Body, limit: usize) -> Result<Bytes, NotTaken> {
    let mut pieces = body.into_data_stream();
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| NotTaken::Broken)?;
        if first.len() + rest.len() + piece.len() > limit {
            return Err(NotTaken::TooLong);
        }
        if first.is_empty() {
            first = piece;
        } else {
            rest.extend_from_slice(&piece);
        }
    }
    if rest.is_empty() {
        return Ok(first);
    }
    let mut whole = BytesMut::with_capacity(first.len() + rest.len());
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&rest);
    Ok(whole.freeze())
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    fn pieces(pieces: &'static [&'static str]) -> Body {
        Body::from_stream(stream::iter(pieces.iter().map(|piece| Ok::<_, std::io::Error>(Bytes::from(*piece)))))
    }

    #[tokio::test]
    async fn a_body_is_whole_or_refused() {
        for (given, limit, taken, why) in [
            (&[][..], 4, Ok(""), "none"),
            (&["abcd"][..], 4, Ok("abcd"), "one piece, exactly at the limit"),
            (&["ab", "", "c", "d"][..], 4, Ok("abcd"), "several, one of them empty"),
            (&["abcde"][..], 4, Err(NotTaken::TooLong), "one byte more"),
            (&["ab", "cde"][..], 4, Err(NotTaken::TooLong), "one byte more, in pieces"),
        ] {
            let got = take(&HeaderMap::new(), pieces(given), limit).await;
            assert_eq!(got.as_deref(), taken.map(str::as_bytes).as_ref().map(|bytes| *bytes), "{why}");
        }
    }

    #[tokio::test]
    async fn an_announced_length_is_enough_to_refuse() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_LENGTH, "5".parse().expect("a header value"));
        assert_eq!(take(&headers, Body::from_stream(never()), 4).await, Err(NotTaken::TooLong));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_given_up() {
        assert_eq!(take(&HeaderMap::new(), Body::from_stream(never()), 4).await, Err(NotTaken::TooSlow));
    }

    fn never() -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> + Send {
        stream::pending()
    }
}
