//! Providers' dialects: a request's proof, its reading as an event in our words, and the writing of the answer.
//!
//! Deliberately not here: what to answer (`routing`), and sending anything to a provider. **Invariant:** only a
//! [`Verified`] request can be read, and only a dialect makes one.

pub mod callback;
pub mod claim;
pub mod clock;
mod cxml;
pub mod form;
pub mod keep;
pub mod keyed;
pub mod nearest;
pub mod rented;
pub mod request;
pub mod rest;
pub mod sid;
pub mod signalwire;
pub mod signature;
pub mod twilio;

use crate::domain::{Account, AccountKind, Event};
use crate::rules::ruleset::AccountSecrets;
use crate::voice::{Document, Written};

pub use claim::claim;
pub use form::Form;
pub use keep::{kept_body, kept_target};
pub use nearest::NearestMiss;
pub use request::{Proof, Refused, Request, Unreadable, Verified, What};
pub use sid::{call_id, message_id, recording_id};
pub use signature::{Keyring, Signer};

/// A provider's language, both ways.
pub trait Dialect: Sync {
    /// The keys that sign this provider's requests, made once and kept.
    fn keyring(&self, secrets: &AccountSecrets) -> Keyring;

    /// Checks a request to `account` against the public base URL that the provider was given. An account that observes
    /// signatures lets a wrong one through, marked; one that checks none must be a sandbox.
    ///
    /// # Errors
    /// Why the request is not the provider's.
    fn verify<'a>(
        &self,
        account: &Account,
        keyring: &Keyring,
        base_url: &str,
        request: Request<'a>,
    ) -> Result<Verified<'a>, Refused>;

    /// What a refused request would have needed to be accepted, for the log: dearer than [`Dialect::verify`], so ask
    /// only where somebody will read it. `foreign` are the keys of other accounts.
    fn nearest_miss(
        &self,
        keyring: &Keyring,
        foreign: &[&Keyring],
        base_url: &str,
        request: &Request<'_>,
    ) -> Option<NearestMiss>;

    /// Reads a request.
    ///
    /// # Errors
    /// What it lacks; the provider still gets an answer.
    fn read(&self, verified: &Verified<'_>) -> Result<Event, Unreadable>;

    /// Writes a document.
    fn write(&self, document: &Document<'_>) -> Written;
}

/// The dialect that accounts of this kind speak; `None` where there is none yet.
pub fn dialect(kind: AccountKind) -> Option<&'static dyn Dialect> {
    match kind {
        AccountKind::Twilio => Some(&twilio::Twilio),
        AccountKind::Signalwire => Some(&signalwire::SignalWire),
        AccountKind::Telnyx | AccountKind::Plivo | AccountKind::Ringcentral => None,
    }
}

/// The content type of every document.
pub const DOCUMENT_TYPE: &str = "text/xml; charset=utf-8";
