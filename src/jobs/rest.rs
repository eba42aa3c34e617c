//! Sending what `providers::rest` asks, with bounds on time and length, and telling what became of it: done, refused,
//! not sent at all, or nobody knows.
//!
//! Deliberately not here: what follows from that (`jobs::provider`). **Invariant:** no redirect is followed, and nothing
//! that went wrong names an address, a phone or a credential.

use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Client, redirect};

use crate::providers::rest::{Ask, NotAsked, Verb, error_code, meaning};
use crate::rules::ruleset::Secret;

/// How long a connection may take.
const CONNECTING: Duration = Duration::from_secs(5);

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest answer that is read.
const LONGEST: usize = 4 * 1024 * 1024;

/// The longest pause that a provider may ask for.
const LONGEST_PAUSE: u64 = 3600;

/// Why something was not done, as far as that is known.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Failure {
    /// It cannot be asked for.
    #[error("{0}")]
    NotAsked(#[from] NotAsked),
    /// It never reached the provider.
    #[error("the provider could not be reached")]
    Unreachable,
    /// The provider refused it, and did nothing.
    #[error("the provider refused it ({status}){}", said(*.code))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The provider's own number of the error.
        code: Option<u32>,
    },
    /// The provider wants to be asked later, and did nothing.
    #[error("the provider is asked too much (429){}", said(*.code))]
    Later {
        /// After how long, where it says.
        after: Option<Duration>,
        /// The provider's own number of the error.
        code: Option<u32>,
    },
    /// It was sent, and nobody knows what became of it.
    #[error("what became of it is not known: {0}")]
    Unknown(Lost),
}

/// How an answer was lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Lost {
    /// None came in time.
    #[error("no answer came in time")]
    Late,
    /// The connection broke.
    #[error("the connection broke")]
    Broken,
    /// The provider failed.
    #[error("the provider answered {status}")]
    Failed {
        /// The HTTP status.
        status: u16,
        /// After how long it wants to be asked again, where it says.
        after: Option<Duration>,
    },
    /// It cannot be read.
    #[error("the answer cannot be read")]
    Garbage,
}

fn said(code: Option<u32>) -> String {
    code.map_or_else(String::new, |code| format!(", error {code}: {}", meaning(code)))
}

/// Sends requests to providers.
#[derive(Clone, Debug)]
pub struct Sender(Client);

impl Sender {
    /// One that keeps connections for reuse. The process must have installed a TLS provider before.
    pub fn new() -> Result<Self, reqwest::Error> {
        Self::with_patience(PATIENCE)
    }

    /// The same, which waits for an answer for so long.
    pub fn with_patience(patience: Duration) -> Result<Self, reqwest::Error> {
        let client = Client::builder().redirect(redirect::Policy::none()).timeout(patience).connect_timeout(CONNECTING);
        client.build().map(Self)
    }

    /// Sends one; what the provider answered, where it did as it was asked.
    ///
    /// # Errors
    /// What is known of why it was not done.
    pub async fn send(&self, ask: &Ask, user: &str, password: &Secret) -> Result<Vec<u8>, Failure> {
        let fields = || {
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(ask.fields.iter().map(|(name, value)| (*name, value.as_str())));
            form.finish()
        };
        let request = match ask.verb {
            Verb::Get if ask.fields.is_empty() => self.0.get(&ask.url),
            Verb::Get => self.0.get(format!("{}?{}", ask.url, fields())),
            Verb::Post => {
                self.0.post(&ask.url).header("content-type", "application/x-www-form-urlencoded").body(fields())
            }
            Verb::Delete => self.0.delete(&ask.url),
        };
        let sent = request.header("accept", "application/json").basic_auth(user, Some(password.expose())).send().await;
        let mut reply = sent.map_err(|error| lost(&error))?;
        let status = reply.status().as_u16();
        let after = reply.headers().get(RETRY_AFTER).and_then(|after| after.to_str().ok()?.trim().parse().ok());
        let after = after.map(|seconds: u64| Duration::from_secs(seconds.min(LONGEST_PAUSE)));
        let mut body = Vec::new();
        while let Some(piece) = reply.chunk().await.map_err(|error| lost(&error))? {
            if body.len() + piece.len() > LONGEST {
                return Err(Failure::Unknown(Lost::Garbage));
            }
            body.extend_from_slice(&piece);
        }
        let code = error_code(&body);
        match status {
            200..=299 => Ok(body),
            429 => Err(Failure::Later { after, code }),
            500..=599 => Err(Failure::Unknown(Lost::Failed { status, after })),
            _ => Err(Failure::Refused { status, code }),
        }
    }
}

impl Failure {
    /// The pause that the provider asked for.
    pub const fn pause(&self) -> Option<Duration> {
        match self {
            Self::Later { after, .. } | Self::Unknown(Lost::Failed { after, .. }) => *after,
            Self::NotAsked(_)
            | Self::Unreachable
            | Self::Refused { .. }
            | Self::Unknown(Lost::Late | Lost::Broken | Lost::Garbage) => None,
        }
    }
}

/// What is known when no answer came.
fn lost(error: &reqwest::Error) -> Failure {
    if error.is_connect() {
        Failure::Unreachable
    } else if error.is_timeout() {
        Failure::Unknown(Lost::Late)
    } else {
        Failure::Unknown(Lost::Broken)
    }
}
