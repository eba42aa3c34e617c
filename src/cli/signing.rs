//! Signatures as commands need them: made as a provider makes them, and checked as the server checks them.
//!
//! Deliberately not here: the schemes (`providers`). This is the one place in the commands that calls them.

use std::path::Path;

use anyhow::Context;

use crate::domain::{Account, AccountId, AccountKind, Moment, SignatureMode};
use crate::providers::{Form, Refused, Request, Signer, clock, dialect};
use crate::rules::ruleset::{AccountSecrets, Ruleset, Secret};

use super::config::Config;
use super::output::Unreadable;
use super::{ledger::Glance, rulebook};

/// [`clock::HEADER`] as it is usually written.
const CLOCK: &str = "X-Hookswitch-Clock";

/// A request as a provider would send it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signable {
    /// The whole address, as the provider was given it.
    pub url: String,
    /// The form's parameters; without any, the request is a GET.
    pub params: Vec<(String, String)>,
}

impl Signable {
    /// `GET` or `POST`.
    pub fn method(&self) -> &'static str {
        if self.params.is_empty() { "GET" } else { "POST" }
    }

    /// The form's bytes.
    pub fn body(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.params).finish()
    }

    /// The address in two: what a public base URL is, and the request's target.
    pub fn split(&self) -> (&str, &str) {
        let start = self.url.find("://").map_or(0, |at| at + 3);
        match self.url[start..].find(['/', '?']) {
            Some(at) => self.url.split_at(start + at),
            None => (&self.url, "/"),
        }
    }

    /// A command that sends it to `base` instead of its own, with these headers.
    pub fn curl(&self, base: &str, headers: &[(String, String)]) -> String {
        let mut command = format!("curl -sS {}", quoted(&format!("{base}{}", self.split().1)));
        for (name, value) in headers {
            command.push_str(&format!(" -H {}", quoted(&format!("{name}: {value}"))));
        }
        // The clock's header signs the body's bytes, and curl has its own way to encode a form.
        if headers.iter().any(|(name, _)| name == CLOCK) && !self.params.is_empty() {
            command.push_str(&format!(" --data-raw {}", quoted(&self.body())));
            return command;
        }
        for (name, value) in &self.params {
            command.push_str(&format!(" --data-urlencode {}", quoted(&format!("{name}={value}"))));
        }
        command
    }
}

/// A word as a POSIX shell takes it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A URL as somebody types it.
pub fn url(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    if host.is_empty() || host.starts_with(['/', '?']) || text.contains(char::is_whitespace) {
        return Err("write the whole address, such as https://calls.example.com/webhooks/acme-twilio/voice".to_owned());
    }
    Ok(text.to_owned())
}

/// A parameter as somebody types it.
pub fn param(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE, such as From=+13125550101")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// An account with its secrets, from this rules file, or from the database where none is given.
pub async fn account(id: &str, rules: Option<&Path>, config: &Config) -> anyhow::Result<(Account, AccountSecrets)> {
    let mut known = Vec::new();
    let mut among = |ruleset: Ruleset| {
        let found = ruleset.accounts.iter().find(|(account, _)| account.id.as_str() == id).cloned();
        known.extend(ruleset.accounts.into_iter().map(|(account, _)| account.id.to_string()));
        found
    };
    let mut found = None;
    match rules {
        Some(file) => found = among(rulebook::world(file)?),
        None => {
            let glance = Glance::open(config).await?;
            for (tenant, _) in glance.tenants().await? {
                found = found.or(glance.stored(&tenant).await?.and_then(&mut among));
            }
        }
    }
    known.sort();
    let known = if known.is_empty() { "none at all: apply rules first".to_owned() } else { known.join(", ") };
    found.ok_or_else(|| Unreadable(format!("there is no account {id:?}; there are: {known}")).into())
}

/// An account that is nothing but a kind and a token.
pub fn of_token(kind: AccountKind, token: &str) -> (Account, AccountSecrets) {
    let account = Account::plain(AccountId::from("given"), "given".into(), kind);
    let token = vec![Secret::new(token)];
    (account, AccountSecrets { auth_tokens: token.clone(), signing_keys: token, public_key: String::new() })
}

/// The headers with which this account's provider would sign it.
pub fn sign(account: &Account, secrets: &AccountSecrets, signable: &Signable) -> anyhow::Result<Vec<(String, String)>> {
    let (header, signing) = scheme(account.kind, secrets)?;
    let secret = signing.iter().find(|secret| !secret.is_empty());
    let secret = secret.with_context(|| format!("account {} has no secret to sign with", account.id))?;
    let signature = Signer::new(secret).sign(&signable.url, &Form::read(signable.body().as_bytes()));
    Ok(vec![(header.to_owned(), signature)])
}

/// The header that sets the time of a request, for a server whose test clock is on.
pub fn told_time(
    account: &Account,
    secrets: &AccountSecrets,
    signable: &Signable,
    at: Moment,
) -> anyhow::Result<(String, String)> {
    let token = secrets.auth_tokens.iter().find(|token| !token.is_empty());
    let token = token.with_context(|| format!("account {} has no token to sign the time with", account.id))?;
    let value = clock::sign(token, &at.to_string(), signable.split().1, signable.body().as_bytes());
    Ok((CLOCK.to_owned(), value))
}

/// Whether a signature is right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is.
    Right,
    /// It is not; what would make it right, where that can be told.
    Wrong(Option<String>),
}

/// Checks a signature as the server would that was given this address.
pub fn verify(
    account: &Account,
    secrets: &AccountSecrets,
    signable: &Signable,
    signature: &str,
) -> anyhow::Result<Verdict> {
    let (header, _) = scheme(account.kind, secrets)?;
    let dialect = dialect(account.kind).with_context(|| format!("no dialect for {} accounts", account.kind))?;
    let ((base, target), body) = (signable.split(), signable.body());
    let headers = [(header, signature), ("Content-Type", "application/x-www-form-urlencoded")];
    let request = Request { method: signable.method(), target, headers: &headers, body: body.as_bytes() };
    let (strict, keyring) = (enforcing(account), dialect.keyring(secrets));
    match dialect.verify(&strict, &keyring, base, request) {
        Ok(_) => Ok(Verdict::Right),
        Err(Refused::Wrong) => {
            let miss = dialect.nearest_miss(&keyring, &[], base, &request);
            Ok(Verdict::Wrong(miss.map(|miss| miss.to_string())))
        }
        Err(refused) => Ok(Verdict::Wrong(Some(refused.to_string()))),
    }
}

/// The account as if it refused wrong signatures, whatever it does.
fn enforcing(account: &Account) -> Account {
    Account { signature: SignatureMode::Enforce, ..account.clone() }
}

/// The header that carries this kind's signature, and the secrets that sign.
fn scheme(kind: AccountKind, secrets: &AccountSecrets) -> anyhow::Result<(&'static str, &[Secret])> {
    match kind {
        AccountKind::Twilio => Ok(("X-Twilio-Signature", &secrets.auth_tokens)),
        AccountKind::Signalwire => Ok(("X-SignalWire-Signature", &secrets.signing_keys)),
        AccountKind::Telnyx => anyhow::bail!("Telnyx signs with a private key that nobody but Telnyx has"),
        AccountKind::Plivo | AccountKind::Ringcentral => {
            anyhow::bail!("requests of {kind} accounts can be neither signed nor verified by this version")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signable(url: &str, params: &[(&str, &str)]) -> Signable {
        let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Signable { url: url.to_owned(), params }
    }

    #[test]
    fn an_address_is_a_base_and_a_target() {
        for (url, expected) in [
            ("https://h.example/webhooks/a/voice?x=1", ("https://h.example", "/webhooks/a/voice?x=1")),
            ("http://h.example:8080/", ("http://h.example:8080", "/")),
            ("https://h.example", ("https://h.example", "/")),
            ("https://h.example?x=1", ("https://h.example", "?x=1")),
        ] {
            assert_eq!(signable(url, &[]).split(), expected, "{url}");
        }
    }

    #[test]
    fn a_command_survives_the_shell() {
        let one = signable("https://h.example/v?a='b'", &[("Body", "it's $HOME"), ("From", "+13125550101")]);
        let headers = [("X-Twilio-Signature".to_owned(), "abc=".to_owned())];
        assert_eq!(
            one.curl("http://127.0.0.1:8080", &headers),
            r"curl -sS 'http://127.0.0.1:8080/v?a='\''b'\''' -H 'X-Twilio-Signature: abc=' --data-urlencode 'Body=it'\''s $HOME' --data-urlencode 'From=+13125550101'"
        );
        assert_eq!((one.method(), one.body().as_str()), ("POST", "Body=it%27s+%24HOME&From=%2B13125550101"));
        assert_eq!(signable("https://h.example/v", &[]).method(), "GET");
    }

    #[test]
    fn a_told_time_is_signed_over_the_bytes_that_are_sent() {
        let one = signable("https://h.example/v", &[("Body", "two words")]);
        let (account, secrets) = of_token(AccountKind::Twilio, "12345");
        let at = Moment::read("2026-03-09T14:02:11Z").expect("an instant");
        let header = told_time(&account, &secrets, &one, at).expect("it has a token");
        assert!(header.0.eq_ignore_ascii_case(clock::HEADER));
        let command = one.curl("http://h", std::slice::from_ref(&header));
        assert!(command.ends_with("--data-raw 'Body=two+words'"), "{command}");
        let headers = [(clock::HEADER, header.1.as_str())];
        let request = Request { method: "POST", target: "/v", headers: &headers, body: b"Body=two+words" };
        assert_eq!(clock::read(&header.1, &secrets.auth_tokens, &request), Some(at));
    }

    #[test]
    fn what_is_typed_is_checked() {
        for text in ["", "h.example/x", "https://", "https:///x", "ftp://h/x", "https://h/a b"] {
            assert!(url(text).is_err(), "{text:?}");
        }
        assert!(url("http://127.0.0.1:8080/webhooks/a/voice").is_ok());
        assert_eq!(param("Body=a=b"), Ok(("Body".to_owned(), "a=b".to_owned())));
        assert!(param("Body").is_err());
    }

    #[test]
    fn the_published_example_is_signed_and_verified() {
        let params = [
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
        ];
        let example = signable("https://mycompany.com/myapp.php?foo=1&bar=2", &params);
        let (account, secrets) = of_token(AccountKind::Twilio, "12345");
        let headers = sign(&account, &secrets, &example).expect("Twilio signs");
        let right = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
        assert_eq!(headers, [("X-Twilio-Signature".to_owned(), right.to_owned())]);
        let verdict =
            |example: &Signable, signature| verify(&account, &secrets, example, signature).expect("it can be told");
        assert_eq!(verdict(&example, right), Verdict::Right);
        let other_scheme = Signable { url: example.url.replace("https", "http"), ..example.clone() };
        let miss = Verdict::Wrong(Some("the signature is right for scheme https".to_owned()));
        assert_eq!(verdict(&other_scheme, right), miss);
        assert_eq!(verdict(&example, "RSOYDt4T1cUTdK1PDd93/VVr8B9="), Verdict::Wrong(None));
        assert!(sign(&of_token(AccountKind::Telnyx, "x").0, &secrets, &example).is_err());
    }
}
