//! Fetching a medium from the provider that holds it.
//!
//! Deliberately not here: which medium a token stands for (`switchboard`), and what of it is shown (`http::media`).
//! **Invariant:** credentials go to the host they belong to and to no other; no error names the medium's address.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Client, Response, StatusCode, Url, redirect};

use crate::switchboard::Medium;

/// How long fetching may take, from the first byte asked to the last one got.
const PATIENCE: Duration = Duration::from_secs(15);

/// The longest medium: messaging apps carry up to 16 MB (Twilio, "Accepted content types for media").
const LONGEST: u64 = 16 * 1024 * 1024;

/// The longest recording: ten hours of both sides as WAV.
const LONGEST_RECORDING: u64 = 1200 * 1024 * 1024;

/// How long fetching a recording may take, and how long nothing may come of it meanwhile.
const RECORDING_PATIENCE: Duration = Duration::from_secs(540);
const STALLED: Duration = Duration::from_secs(30);

/// How often a provider may send us on.
const HOPS: usize = 3;

/// Where providers keep what their API redirects to. A host counts when it is one of these or below it.
const PROVIDERS: [&str; 5] = ["twilio.com", "twiliocdn.com", "signalwire.com", "telnyx.com", "plivo.com"];

/// Why a medium was not fetched.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotFetched {
    /// The address cannot be read.
    #[error("its address cannot be read")]
    Address,
    /// No answer, or not in time.
    #[error("the provider could not be reached in time")]
    Unreachable,
    /// An answer that is no medium.
    #[error("the provider answered {0}")]
    Refused(u16),
    /// It was to be found at an address that is not a provider's, or after too many redirects.
    #[error("the provider redirects to somewhere that is not its own")]
    Astray,
    /// It is longer than it may be.
    #[error("it is too long")]
    TooLong,
}

/// A medium on its way.
#[derive(Debug)]
pub struct Fetched {
    /// What the provider says it is.
    pub content_type: String,
    /// How long it is, where the provider says.
    pub length: Option<u64>,
    /// Its bytes; they break off with an error when there are too many.
    pub bytes: Counted,
}

impl Fetched {
    /// Whether it may be a sound, going by what the provider says it is. Where sounds are kept as plain files, or nothing
    /// is said, it may.
    pub fn may_be_sound(&self) -> bool {
        let kind = self.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let plain = ["", "application/octet-stream", "binary/octet-stream"];
        plain.contains(&kind.as_str()) || kind.starts_with("audio/")
    }
}

/// Fetches media.
#[derive(Clone, Debug)]
pub struct Fetcher {
    client: Client,
    longest: u64,
}

impl Fetcher {
    /// One that keeps connections for reuse. The process must have installed a TLS provider before.
    pub fn new() -> Result<Self, reqwest::Error> {
        let client = Client::builder().redirect(redirect::Policy::none()).timeout(PATIENCE).build()?;
        Ok(Self { client, longest: LONGEST })
    }

    /// One for recordings, which may be hours long.
    pub fn for_recordings() -> Result<Self, reqwest::Error> {
        let client = Client::builder().redirect(redirect::Policy::none()).connect_timeout(PATIENCE);
        let client = client.read_timeout(STALLED).timeout(RECORDING_PATIENCE).build()?;
        Ok(Self { client, longest: LONGEST_RECORDING })
    }

    /// Fetches one.
    pub async fn fetch(&self, medium: &Medium) -> Result<Fetched, NotFetched> {
        let start = Url::parse(&medium.url).map_err(|_| NotFetched::Address)?;
        let mut url = start.clone();
        for _ in 0..=HOPS {
            let mut request = self.client.get(url.clone());
            if url.origin() == start.origin() {
                request = request.basic_auth(&medium.user, Some(&medium.password));
            }
            let response = request.send().await.map_err(|_| NotFetched::Unreachable)?;
            match response.status() {
                StatusCode::OK => return fetched(response, self.longest),
                StatusCode::MOVED_PERMANENTLY
                | StatusCode::FOUND
                | StatusCode::SEE_OTHER
                | StatusCode::TEMPORARY_REDIRECT
                | StatusCode::PERMANENT_REDIRECT => url = next(&start, &url, &response).ok_or(NotFetched::Astray)?,
                other => return Err(NotFetched::Refused(other.as_u16())),
            }
        }
        Err(NotFetched::Astray)
    }
}

fn fetched(response: Response, longest: u64) -> Result<Fetched, NotFetched> {
    let length = response.content_length();
    if length.is_some_and(|length| length > longest) {
        return Err(NotFetched::TooLong);
    }
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let content_type = content_type.to_owned();
    let bytes = response.bytes_stream().map(|piece| piece.map_err(|_| NotFetched::Unreachable));
    Ok(Fetched { content_type, length, bytes: Counted { bytes: Box::pin(bytes), left: longest } })
}

fn next(start: &Url, from: &Url, response: &Response) -> Option<Url> {
    let to = from.join(response.headers().get(LOCATION)?.to_str().ok()?).ok()?;
    is_the_providers_own(start, &to).then_some(to)
}

/// Whether a redirect may be followed: on the server that was asked, or by HTTPS to where providers keep media.
fn is_the_providers_own(start: &Url, to: &Url) -> bool {
    if to.origin() == start.origin() {
        return true;
    }
    let Some(host) = to.host_str().filter(|_| to.scheme() == "https" && to.port().is_none()) else {
        return false;
    };
    let below = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    // Twilio's older media lie in a bucket named after its CDN.
    let bucket = host == "s3-external-1.amazonaws.com" && to.path().starts_with("/media.twiliocdn.com/");
    bucket || PROVIDERS.iter().any(|domain| below(domain))
}

/// Bytes, counted while they pass.
pub struct Counted {
    bytes: Pin<Box<dyn Stream<Item = Result<Bytes, NotFetched>> + Send>>,
    left: u64,
}

impl std::fmt::Debug for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Counted").field("left", &self.left).finish_non_exhaustive()
    }
}

impl Stream for Counted {
    type Item = Result<Bytes, NotFetched>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = std::task::ready!(self.bytes.as_mut().poll_next(cx));
        Poll::Ready(piece.map(|piece| {
            let piece = piece?;
            self.left = self.left.checked_sub(piece.len() as u64).ok_or(NotFetched::TooLong)?;
            Ok(piece)
        }))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    #[test]
    fn a_redirect_stays_with_the_provider() {
        for (start, to, own, why) in [
            ("https://api.twilio.com/m", "https://api.twilio.com/n", true, "the same server"),
            ("https://api.twilio.com/m", "https://media.twiliocdn.com/x", true, "its CDN"),
            (
                "https://api.twilio.com/m",
                "https://s3-external-1.amazonaws.com/media.twiliocdn.com/x",
                true,
                "its bucket",
            ),
            ("https://api.twilio.com/m", "https://s3-external-1.amazonaws.com/else/x", false, "another's bucket"),
            ("https://api.twilio.com/m", "http://media.twiliocdn.com/x", false, "in clear text"),
            ("https://api.twilio.com/m", "https://nottwiliocdn.com/x", false, "a name that only ends alike"),
            (
                "https://api.twilio.com/m",
                "https://media.twiliocdn.com.example/x",
                false,
                "a name that only begins alike",
            ),
            ("https://api.twilio.com/m", "https://169.254.169.254/x", false, "a machine's own metadata"),
            ("https://api.twilio.com/m", "https://media.twiliocdn.com:8443/x", false, "another port"),
            ("http://127.0.0.1:9/m", "http://127.0.0.1:9/n", true, "a test's provider"),
            ("http://127.0.0.1:9/m", "http://127.0.0.1:10/n", false, "another server on that machine"),
        ] {
            let (start, to) = (Url::parse(start).expect(why), Url::parse(to).expect(why));
            assert_eq!(is_the_providers_own(&start, &to), own, "{why}");
        }
    }

    #[tokio::test]
    async fn too_many_bytes_break_off() {
        let bytes = stream::iter([Ok(Bytes::from("ab")), Ok(Bytes::from("cd")), Ok(Bytes::from("e"))]);
        let counted = Counted { bytes: Box::pin(bytes), left: 4 };
        let got: Vec<_> = counted.collect().await;
        assert_eq!(got, [Ok(Bytes::from("ab")), Ok(Bytes::from("cd")), Err(NotFetched::TooLong)]);
    }
}
