//! Twilio's dialect.
//!
//! Deliberately not here: what it shares with SignalWire (`providers::cxml`).

use crate::domain::AccountKind;
use crate::rules::ruleset::AccountSecrets;

use super::Keyring;
use super::cxml::{Manner, Speaker};

/// Twilio.
pub struct Twilio;

impl Speaker for Twilio {
    const MANNER: Manner = Manner {
        kind: AccountKind::Twilio,
        signature_headers: &["x-twilio-signature"],
        arrays_as_sent: false,
        tells_opt_outs: true,
    };

    fn keys(secrets: &AccountSecrets) -> Keyring {
        Keyring::new(&secrets.auth_tokens, &secrets.signing_keys)
    }
}
