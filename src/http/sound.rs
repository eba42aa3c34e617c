//! The sound of a recording that is kept: opened while it is read, whole or a part of it.
//!
//! Deliberately not here: whose recording it is (`http::api`, `http::media`), and the sealing (`store::sealed_file`).

use std::ops::Range;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use crate::domain::RecordFormat;
use crate::store::Store;
use crate::store::recordings::RecordingRecord;
use crate::store::sealed_file::FileError;

/// Hands a stored recording out; `None` for one that is not stored.
///
/// # Errors
/// A file that cannot be read.
pub async fn stored(
    store: &Store,
    recording: &RecordingRecord,
    asked: &HeaderMap,
) -> Result<Option<Response>, FileError> {
    let Some((length, format)) = recording.length().zip(recording.sound_format()) else { return Ok(None) };
    let tag = format!("\"{}\"", recording.sha256.as_deref().unwrap_or_default());
    let text = |name| asked.get(name).and_then(|value| value.to_str().ok());
    let same = text(header::IF_RANGE).is_none_or(|known| known == tag);
    let wanted = text(header::RANGE).filter(|_| same).map_or(Wanted::Whole, |range| wanted(range, length));
    let (status, part) = match wanted {
        Wanted::Whole => (StatusCode::OK, 0..length),
        Wanted::Part(part) => (StatusCode::PARTIAL_CONTENT, part),
        Wanted::Beyond => {
            let headers = [(header::CONTENT_RANGE, format!("bytes */{length}"))];
            return Ok(Some((StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response()));
        }
    };
    let count = part.end - part.start;
    let opening = store.open_recording(recording, part.start, count).await?;
    let pieces = stream::try_unfold(opening, |mut opening| async move {
        let more = opening.more().await;
        if let Err(why) = &more {
            tracing::error!(%why, "a recording of ours cannot be read");
        }
        Ok::<_, FileError>(more?.map(|piece| (piece, opening)))
    });
    let headers = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::ACCEPT_RANGES, "bytes"),
        (header::CONTENT_TYPE, content_type(format)),
    ];
    let mut response = (status, headers, Body::from_stream(pieces)).into_response();
    let own = response.headers_mut();
    own.insert(header::CONTENT_LENGTH, HeaderValue::from(count));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        own.insert(header::ETAG, tag);
    }
    if status == StatusCode::PARTIAL_CONTENT
        && let Ok(range) = HeaderValue::from_str(&format!("bytes {}-{}/{length}", part.start, part.end - 1))
    {
        own.insert(header::CONTENT_RANGE, range);
    }
    Ok(Some(response))
}

const fn content_type(format: RecordFormat) -> &'static str {
    match format {
        RecordFormat::Mp3 => "audio/mpeg",
        RecordFormat::Wav => "audio/wav",
    }
}

/// How much of it is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Wanted {
    /// All of it: nothing is asked, or nothing that we understand, or several parts.
    Whole,
    /// One part.
    Part(Range<u64>),
    /// Something behind its end.
    Beyond,
}

fn wanted(range: &str, length: u64) -> Wanted {
    let Some((first, last)) = range.trim().strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Wanted::Whole;
    };
    let (first, last) = (first.trim(), last.trim());
    match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first > last => Wanted::Whole,
        (Ok(first), _) if first >= length => Wanted::Beyond,
        (Ok(first), Ok(last)) => Wanted::Part(first..last.saturating_add(1).min(length)),
        (Ok(first), Err(_)) if last.is_empty() => Wanted::Part(first..length),
        (Err(_), Ok(0)) if first.is_empty() => Wanted::Beyond,
        (Err(_), Ok(last)) if first.is_empty() => Wanted::Part(length.saturating_sub(last)..length),
        (Ok(_) | Err(_), _) => Wanted::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_one_part_or_nothing() {
        for (range, expected, why) in [
            ("bytes=0-9", Wanted::Part(0..10), "the first ten"),
            ("bytes=90-", Wanted::Part(90..100), "from there on"),
            ("bytes=90-500", Wanted::Part(90..100), "no further than its end"),
            ("bytes=-7", Wanted::Part(93..100), "the last seven"),
            ("bytes=-700", Wanted::Part(0..100), "no more than there is"),
            ("bytes=100-", Wanted::Beyond, "behind its end"),
            ("bytes=-0", Wanted::Beyond, "nothing"),
            ("bytes=9-3", Wanted::Whole, "backwards"),
            ("bytes=0-1,5-6", Wanted::Whole, "two parts"),
            ("lines=0-1", Wanted::Whole, "another unit"),
            ("bytes=x-y", Wanted::Whole, "no numbers"),
        ] {
            assert_eq!(wanted(range, 100), expected, "{why}");
        }
    }
}
