//! What Twilio and SignalWire share: form webhooks with the same parameters and the same signature.
//!
//! Deliberately not here: what differs between them, which is a [`Manner`] and the choice of keys in each one's file.

mod read;
#[cfg(test)]
mod reads;
#[cfg(test)]
mod vectors;

use sha2::{Digest, Sha256};

use crate::domain::{Account, AccountKind, Event, SignatureMode};
use crate::rules::ruleset::AccountSecrets;
use crate::voice::{Document, Written, twiml};

use super::form::Form;
use super::nearest::{NearestMiss, nearest};
use super::request::{Proof, Refused, Request, Verified};
use super::signature::{Check, Keyring, Place, Repeats, canonical};
use super::{Dialect, Unreadable};

/// How one provider differs from the other.
pub(super) struct Manner {
    /// Whose it is.
    pub kind: AccountKind,
    /// The headers that carry its signature.
    pub signature_headers: &'static [&'static str],
    /// Whether it may sign repeated parameters as they are sent (SignalWire's SDK neither sorts them nor drops any).
    pub arrays_as_sent: bool,
    /// Whether it says that it dealt with an opt-out word itself (`OptOutType`).
    pub tells_opt_outs: bool,
}

/// A provider that speaks like this.
pub(super) trait Speaker: Sync {
    /// How it differs from the other.
    const MANNER: Manner;

    /// The keys that sign its requests.
    fn keys(secrets: &AccountSecrets) -> Keyring;
}

impl<S: Speaker> Dialect for S {
    fn keyring(&self, secrets: &AccountSecrets) -> Keyring {
        S::keys(secrets)
    }

    fn verify<'a>(
        &self,
        account: &Account,
        keyring: &Keyring,
        base_url: &str,
        request: Request<'a>,
    ) -> Result<Verified<'a>, Refused> {
        verify(&S::MANNER, account, keyring, base_url, request)
    }

    fn nearest_miss(
        &self,
        keyring: &Keyring,
        foreign: &[&Keyring],
        base_url: &str,
        request: &Request<'_>,
    ) -> Option<NearestMiss> {
        nearest_miss(&S::MANNER, keyring, foreign, base_url, request)
    }

    fn read(&self, verified: &Verified<'_>) -> Result<Event, Unreadable> {
        read::read(&S::MANNER, verified)
    }

    fn write(&self, document: &Document<'_>) -> Written {
        twiml::write(document)
    }
}

/// What a request must carry in its query where its body is no form: the body's SHA-256.
const BODY_HASH: &str = "bodySHA256";

/// Checks a request.
fn verify<'a>(
    manner: &Manner,
    account: &Account,
    keyring: &Keyring,
    base_url: &str,
    request: Request<'a>,
) -> Result<Verified<'a>, Refused> {
    let (form, body) = parameters(&request);
    let proof = match account.signature {
        SignatureMode::Off if account.sandbox => Proof::Unchecked,
        SignatureMode::Off | SignatureMode::Enforce => {
            body.and_then(|()| signed(manner, keyring, base_url, &request, &form))?;
            Proof::Signed
        }
        SignatureMode::Observe => match body.and_then(|()| signed(manner, keyring, base_url, &request, &form)) {
            Ok(()) => Proof::Signed,
            Err(refused) => Proof::Observed(refused),
        },
    };
    Ok(Verified::new(request, account.id.clone(), form, proof))
}

/// What would have made a refused request right.
fn nearest_miss(
    manner: &Manner,
    keyring: &Keyring,
    foreign: &[&Keyring],
    base_url: &str,
    request: &Request<'_>,
) -> Option<NearestMiss> {
    let (form, _) = parameters(request);
    let check = check(manner, request, &form);
    if check.given.is_empty() {
        return None;
    }
    nearest(&check, keyring, foreign, base_url, request.target, request.header("host"))
}

/// The request's parameters, and whether its body is one that a signature can cover.
fn parameters(request: &Request<'_>) -> (Form, Result<(), Refused>) {
    if request.is_get() {
        return (Form::read(request.query().as_bytes()), Ok(()));
    }
    let hash = request.query().split('&').find_map(|pair| pair.strip_prefix(BODY_HASH)?.strip_prefix('='));
    match hash {
        Some(hash) => {
            let right = hex::encode(Sha256::digest(request.body)) == hash;
            (Form::default(), if right { Ok(()) } else { Err(Refused::Body) })
        }
        None if request.is_form() => {
            let form = Form::read(request.body);
            let ragged = form.is_ragged();
            (form, if ragged { Err(Refused::Ragged) } else { Ok(()) })
        }
        None => (Form::default(), if request.body.is_empty() { Ok(()) } else { Err(Refused::Body) }),
    }
}

fn signed(
    manner: &Manner,
    keyring: &Keyring,
    base_url: &str,
    request: &Request<'_>,
    form: &Form,
) -> Result<(), Refused> {
    if keyring.is_empty() {
        return Err(Refused::NoSecret);
    }
    let check = check(manner, request, form);
    if check.given.is_empty() {
        return Err(Refused::Unsigned);
    }
    let right = check.matches_a_variant(&keyring.active, Place::read(base_url), request.target);
    if right { Ok(()) } else { Err(Refused::Wrong) }
}

fn check<'a>(manner: &Manner, request: &Request<'a>, form: &Form) -> Check<'a> {
    let given = manner.signature_headers.iter().filter_map(|name| request.header(name)).map(str::as_bytes).collect();
    // Of a GET everything signed is in the address.
    if request.is_get() {
        return Check { given, forms: [Vec::new()].into_iter().collect() };
    }
    let mut forms = smallvec::SmallVec::new();
    forms.push(canonical(form, Repeats::Once));
    if manner.arrays_as_sent {
        for repeats in [Repeats::Sorted, Repeats::AsSent] {
            let other = canonical(form, repeats);
            if !forms.contains(&other) {
                forms.push(other);
            }
        }
    }
    Check { given, forms }
}
