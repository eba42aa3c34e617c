//! Twilio's dialect.
//!
//! Deliberately not here: what it shares with SignalWire (`providers::cxml`).

use crate::domain::{Account, AccountKind, Event};
use crate::rules::ruleset::AccountSecrets;
use crate::voice::{Document, Written, twiml};

use super::cxml::{self, Manner};
use super::{Dialect, Keyring, NearestMiss, Refused, Request, Unreadable, Verified};

/// Twilio.
pub struct Twilio;

const MANNER: Manner = Manner {
    kind: AccountKind::Twilio,
    signature_headers: &["x-twilio-signature"],
    arrays_as_sent: false,
    tells_opt_outs: true,
};

impl Dialect for Twilio {
    fn keyring(&self, secrets: &AccountSecrets) -> Keyring {
        Keyring::new(&secrets.auth_tokens, &secrets.signing_keys)
    }

    fn verify<'a>(
        &self,
        account: &Account,
        keyring: &Keyring,
        base_url: &str,
        request: Request<'a>,
    ) -> Result<Verified<'a>, Refused> {
        cxml::verify(&MANNER, account, keyring, base_url, request)
    }

    fn nearest_miss(
        &self,
        keyring: &Keyring,
        foreign: &[&Keyring],
        base_url: &str,
        request: &Request<'_>,
    ) -> Option<NearestMiss> {
        cxml::nearest_miss(&MANNER, keyring, foreign, base_url, request)
    }

    fn read(&self, verified: &Verified<'_>) -> Result<Event, Unreadable> {
        cxml::read(&MANNER, verified)
    }

    fn write(&self, document: &Document<'_>) -> Written {
        twiml::write(document)
    }
}
