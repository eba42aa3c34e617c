//! One try of one delivery: checked, signed, sent, and what was answered.
//!
//! Deliberately not here: which deliveries, and what follows (`schedule`). **Invariant:** no redirect is followed, no proxy
//! is asked, and no machine is connected to but those that the guard checked; nothing of the request is in an error.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use reqwest::{Client, Method, Request, Response, Url, redirect};
use tokio::time::{Instant, timeout_at};

use super::schedule::{self, Tried};
use crate::domain::{CallbackMethod, Moment};
use crate::jobs::guard::{Admitted, Guard, NotAdmitted};
use crate::providers::callback::{self, Signed};
use crate::rules::ruleset::Secret;
use crate::store::outbox::Parcel;

/// How long a receiver has, from its name's look-up to the end of its answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// How much of an answer is read.
const LONGEST: usize = 64 * 1024;

/// Places whose connections are kept.
const KEPT: usize = 64;

/// What a request is signed with.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    /// The tokens of the tenant's compatible door.
    pub tokens: Vec<Secret>,
    /// Its callbacks' own, the newest first.
    pub own: Vec<Secret>,
}

/// Sends.
pub struct Sender {
    guard: Guard,
    kept: Mutex<Vec<(Place, Client)>>,
}

/// A scheme and a host, and the machines that it led to.
type Place = (String, Vec<SocketAddr>);

/// The machines that were checked, whatever name is asked for.
struct Checked(Vec<SocketAddr>);

impl Resolve for Checked {
    fn resolve(&self, _: Name) -> Resolving {
        let machines: Addrs = Box::new(self.0.clone().into_iter());
        Box::pin(std::future::ready(Ok(machines)))
    }
}

impl Sender {
    /// One that asks this guard. The process must have installed a TLS provider before.
    pub const fn new(guard: Guard) -> Self {
        Self { guard, kept: Mutex::new(Vec::new()) }
    }

    /// Tries once. Once a status is there it counts, however the rest of the answer goes.
    pub async fn send(&self, parcel: &Parcel, secrets: &Secrets, now: Moment, nonce: &str) -> Tried {
        let until = Instant::now() + PATIENCE;
        match timeout_at(until, self.try_once(parcel, secrets, now, nonce)).await {
            Ok(Ok(response)) => {
                let tried = answered(&response, now);
                // An answer that is read to its end leaves a connection that can be used again.
                timeout_at(until, drained(response)).await.ok();
                tried
            }
            Ok(Err(tried)) => tried,
            Err(_) => Tried::Unanswered(format!("there was no answer in {} s", PATIENCE.as_secs())),
        }
    }

    async fn try_once(&self, parcel: &Parcel, secrets: &Secrets, now: Moment, nonce: &str) -> Result<Response, Tried> {
        let admitted = self.guard.admit(&parcel.letter.url).await.map_err(|why| match why {
            NotAdmitted::Refused(why) => Tried::Refused(format!("its address may not be asked: {why}")),
            NotAdmitted::Unresolved => Tried::Unanswered(NotAdmitted::Unresolved.to_string()),
        })?;
        let client = self.client(&admitted);
        let client = client.map_err(|_| Tried::Unanswered("there is no HTTP client".to_owned()))?;
        let request = request(parcel, admitted.url, secrets, now, nonce);
        let request = request.ok_or_else(|| Tried::Refused("it cannot be put into a request".to_owned()))?;
        client.execute(request).await.map_err(|error| Tried::Unanswered(told(&error).to_owned()))
    }

    /// A client that connects to these machines and no others; one from before, where the place leads to the same.
    fn client(&self, admitted: &Admitted) -> Result<Client, reqwest::Error> {
        let Admitted { url, machines } = admitted;
        let place = (url.origin().ascii_serialization(), machines.clone());
        let mut kept = self.kept.lock();
        if let Some(at) = kept.iter().position(|(known, _)| *known == place) {
            let known = kept.remove(at);
            let client = known.1.clone();
            kept.push(known);
            return Ok(client);
        }
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .dns_resolver(Arc::new(Checked(machines.clone())))
            .build()?;
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push((place, client.clone()));
        Ok(client)
    }
}

/// The request: a form, or parameters behind those that the address has. A GET has no body to be signed as Standard
/// Webhooks says; Plivo's signature covers its parameters.
fn request(parcel: &Parcel, url: Url, secrets: &Secrets, now: Moment, nonce: &str) -> Option<Request> {
    let mut parameters = parcel.letter.parameters.clone();
    parameters.push(("SequenceNumber".to_owned(), parcel.sequence.to_string()));
    let form = parcel.letter.method() == CallbackMethod::Post;
    let by_token =
        callback::plivo_v3(Signed { url: url.as_str(), parameters: &parameters, form }, nonce, &secrets.tokens);
    let (id, timestamp) = (format!("msg_{}", parcel.id), now.seconds());
    let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(&parameters).finish();
    let mut request = if form {
        let by_own = callback::standard(&id, timestamp, encoded.as_bytes(), &secrets.own);
        let mut request = Request::new(Method::POST, url);
        *request.body_mut() = Some(encoded.into());
        put(&mut request, CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded")?;
        put(&mut request, "webhook-signature", &by_own)?;
        request
    } else {
        let mut url = url;
        url.query_pairs_mut().extend_pairs(&parameters);
        Request::new(Method::GET, url)
    };
    put(&mut request, "webhook-id", &id)?;
    put(&mut request, "webhook-timestamp", &timestamp.to_string())?;
    put(&mut request, USER_AGENT.as_str(), concat!("hookswitch/", env!("CARGO_PKG_VERSION")))?;
    if !by_token.is_empty() {
        put(&mut request, "x-plivo-signature-v3", &by_token)?;
        put(&mut request, "x-plivo-signature-v3-nonce", nonce)?;
    }
    Some(request)
}

fn put(request: &mut Request, name: &str, value: &str) -> Option<()> {
    let name = reqwest::header::HeaderName::from_bytes(name.as_bytes()).ok()?;
    request.headers_mut().insert(name, value.parse().ok()?);
    Some(())
}

/// What was answered.
fn answered(response: &Response, now: Moment) -> Tried {
    let header = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let pause = header.and_then(|value| schedule::pause(value, now));
    Tried::Answered { status: response.status().as_u16(), pause }
}

/// Reads an answer's body, as far as it is read at all; what is in it does not matter.
async fn drained(mut response: Response) {
    let mut read = 0;
    while read < LONGEST {
        match response.chunk().await {
            Ok(Some(piece)) => read += piece.len(),
            Ok(None) | Err(_) => break,
        }
    }
}

/// What went wrong, without the address.
fn told(error: &reqwest::Error) -> &'static str {
    if error.is_connect() {
        "it could not be connected to"
    } else if error.is_timeout() {
        "there was no answer in time"
    } else {
        "the connection ended without an answer"
    }
}
