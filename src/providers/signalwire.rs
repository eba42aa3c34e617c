//! SignalWire's dialect: requests, documents and signature are Twilio's but for what stands here.
//!
//! Deliberately not here: what it shares with Twilio (`providers::cxml`).

use crate::domain::AccountKind;
use crate::rules::ruleset::AccountSecrets;

use super::Keyring;
use super::cxml::{Manner, Speaker};

/// SignalWire. It signs with the project's signing key, never with the API token, under its own header or Twilio's.
pub struct SignalWire;

impl Speaker for SignalWire {
    const MANNER: Manner = Manner {
        kind: AccountKind::Signalwire,
        signature_headers: &["x-signalwire-signature", "x-twilio-signature"],
        arrays_as_sent: true,
        tells_opt_outs: false,
    };

    fn keys(secrets: &AccountSecrets) -> Keyring {
        Keyring::new(&secrets.signing_keys, &secrets.auth_tokens)
    }
}
