//! Requests signed as the provider signs them, and, where a fixture wants that, wrongly.
//!
//! Deliberately not here: checking signatures (`providers::signature`).

use crate::domain::{AccountKind, Moment};
use crate::providers::form::Form;
use crate::providers::{clock, signature};
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

    /// The headers that sign a request to `base` + `target` with this form as its body.
    pub fn headers(&self, sign: Sign, base: &str, target: &str, body: &[u8]) -> Result<Vec<(String, String)>, String> {
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
        let nothing = Secret::new("");
        let newest = self.secrets().first().unwrap_or(&nothing);
        let value = match sign {
            Sign::None => return Ok(Vec::new()),
            Sign::Valid => signed(newest, base, target, body),
            Sign::Bad => signed(&Secret::new("not the token"), base, target, body),
            Sign::OldToken => {
                let retired = Secret::new(RETIRED);
                signed(self.secrets().get(1..).and_then(<[Secret]>::last).unwrap_or(&retired), base, target, body)
            }
            Sign::WrongHost => signed(newest, "https://elsewhere.example.com", target, body),
        };
        Ok(vec![(header.to_owned(), value)])
    }

    /// The header that sets a live server's clock for one request: the instant and who vouches for it.
    pub fn clock(&self, at: Moment, target: &str, body: &[u8]) -> (String, String) {
        let nothing = Secret::new("");
        let token = self.tokens.first().unwrap_or(&nothing);
        (clock::HEADER.to_owned(), clock::sign(token, &at.to_string(), target, body))
    }
}

fn signed(secret: &Secret, base: &str, target: &str, body: &[u8]) -> String {
    let url = format!("{}{target}", base.trim_end_matches('/'));
    signature::Signer::new(secret).sign(&url, &Form::read(body))
}

#[cfg(test)]
mod tests {
    use super::*;

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
            |signer: &Signer, sign| signer.headers(sign, "https://h", "/t", b"").expect("Twilio signs")[0].1.clone();
        assert!(!signer.takes(Sign::OldToken));
        assert_eq!(with(&signer, Sign::OldToken), signed(&Secret::new(RETIRED), "https://h", "/t", b""));
        signer.tokens.push(Secret::new("old"));
        assert!(signer.takes(Sign::OldToken) && !signer.takes(Sign::Bad));
        assert_eq!(with(&signer, Sign::OldToken), signed(&Secret::new("old"), "https://h", "/t", b""));
        assert_ne!(with(&signer, Sign::WrongHost), with(&signer, Sign::Valid));
    }
}
