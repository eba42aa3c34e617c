//! Requests signed as the provider signs them, and, where a fixture wants that, wrongly.
//!
//! Deliberately not here: checking signatures (`providers::signature`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

use crate::domain::{AccountKind, Moment};
use crate::rules::ruleset::Secret;

use super::fixture::Sign;

/// What an account's requests are signed with.
#[derive(Clone, Debug)]
pub struct Signer {
    /// Whose language it speaks.
    pub kind: AccountKind,
    /// Its auth tokens, newest first.
    pub tokens: Vec<Secret>,
    /// Its signing keys, newest first.
    pub signing_keys: Vec<Secret>,
    /// Where the provider reaches us; empty means the server's own.
    pub public_base_url: String,
    /// Whether a wrong signature is refused.
    pub enforced: bool,
}

/// A secret that no account has (any more).
const RETIRED: &str = "fictitious-retired-token";

impl Signer {
    /// The secrets that sign webhooks, newest first.
    fn secrets(&self) -> &[Secret] {
        match self.kind {
            AccountKind::Signalwire if !self.signing_keys.is_empty() => &self.signing_keys,
            AccountKind::Signalwire
            | AccountKind::Twilio
            | AccountKind::Telnyx
            | AccountKind::Plivo
            | AccountKind::Ringcentral => &self.tokens,
        }
    }

    /// Whether a request signed this way is one that the account takes.
    pub fn takes(&self, sign: Sign) -> bool {
        match sign {
            Sign::Valid => true,
            Sign::OldToken => self.secrets().len() > 1 || !self.enforced,
            Sign::None | Sign::Bad | Sign::WrongHost => !self.enforced,
        }
    }

    /// The headers that sign a request to `base` + `target` with these parameters.
    pub fn headers(
        &self,
        sign: Sign,
        base: &str,
        target: &str,
        params: &[(String, String)],
    ) -> Result<Vec<(String, String)>, String> {
        let header = match self.kind {
            AccountKind::Twilio => "x-twilio-signature",
            AccountKind::Signalwire => "x-signalwire-signature",
            AccountKind::Telnyx | AccountKind::Plivo | AccountKind::Ringcentral => {
                return match sign {
                    Sign::None => Ok(Vec::new()),
                    Sign::Valid | Sign::Bad | Sign::OldToken | Sign::WrongHost => {
                        Err(format!("requests of a {} account cannot be signed here; write sign = \"none\"", self.kind))
                    }
                };
            }
        };
        let newest = self.secrets().first().map_or("", Secret::expose);
        let value = match sign {
            Sign::None => return Ok(Vec::new()),
            Sign::Valid => signature(newest, base, target, params),
            Sign::Bad => signature("not the token", base, target, params),
            Sign::OldToken => {
                let oldest = self.secrets().get(1..).and_then(<[Secret]>::last).map_or(RETIRED, Secret::expose);
                signature(oldest, base, target, params)
            }
            Sign::WrongHost => signature(newest, "https://elsewhere.example.com", target, params),
        };
        Ok(vec![(header.to_owned(), value)])
    }

    /// The header that sets a live server's clock for one request: the instant and who vouches for it.
    pub fn clock(&self, at: Moment, target: &str, body: &[u8]) -> (String, String) {
        let at = at.to_string();
        let token = self.tokens.first().map_or("", Secret::expose);
        let mut mac = Hmac::<Sha256>::new_from_slice(token.as_bytes()).expect("HMAC takes keys of any length");
        for part in [at.as_bytes(), b".", target.as_bytes(), b".", body] {
            mac.update(part);
        }
        ("x-hookswitch-clock".to_owned(), format!("{at} {}", hex::encode(mac.finalize().into_bytes())))
    }
}

/// Twilio's signature: Base64 of HMAC-SHA1 over the address and the sorted parameters, repeated values once.
fn signature(token: &str, base: &str, target: &str, params: &[(String, String)]) -> String {
    let mut sorted: Vec<_> = params.to_vec();
    sorted.sort();
    sorted.dedup();
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(base.trim_end_matches('/').as_bytes());
    mac.update(target.as_bytes());
    for (name, value) in &sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twilios_published_example_is_signed_the_same() {
        let params = [
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let signed = signature("12345", "https://mycompany.com", "/myapp.php?foo=1&bar=2", &params);
        assert_eq!(signed, "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    }

    #[test]
    fn an_old_token_counts_only_while_there_are_two() {
        let mut signer = Signer {
            kind: AccountKind::Twilio,
            tokens: vec![Secret::new("new")],
            signing_keys: Vec::new(),
            public_base_url: String::new(),
            enforced: true,
        };
        let with =
            |signer: &Signer, sign| signer.headers(sign, "https://h", "/t", &[]).expect("Twilio signs")[0].1.clone();
        assert!(!signer.takes(Sign::OldToken));
        assert_eq!(with(&signer, Sign::OldToken), signature(RETIRED, "https://h", "/t", &[]));
        signer.tokens.push(Secret::new("old"));
        assert!(signer.takes(Sign::OldToken) && !signer.takes(Sign::Bad));
        assert_eq!(with(&signer, Sign::OldToken), signature("old", "https://h", "/t", &[]));
        assert_ne!(with(&signer, Sign::WrongHost), with(&signer, Sign::Valid));
    }
}
