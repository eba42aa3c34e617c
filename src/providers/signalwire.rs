//! SignalWire's dialect: requests, documents and signature are Twilio's but for what stands here.
//!
//! Deliberately not here: what it shares with Twilio (`providers::cxml`).

use crate::domain::{Account, AccountKind, Event};
use crate::rules::ruleset::AccountSecrets;
use crate::voice::{Document, Written, twiml};

use super::cxml::{self, Manner};
use super::{Dialect, Keyring, NearestMiss, Refused, Request, Unreadable, Verified};

/// SignalWire. It signs with the project's signing key, never with the API token, under its own header or Twilio's.
pub struct SignalWire;

const MANNER: Manner = Manner {
    kind: AccountKind::Signalwire,
    signature_headers: &["x-signalwire-signature", "x-twilio-signature"],
    arrays_as_sent: true,
    tells_opt_outs: false,
};

impl Dialect for SignalWire {
    fn keyring(&self, secrets: &AccountSecrets) -> Keyring {
        Keyring::new(&secrets.signing_keys, &secrets.auth_tokens)
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
