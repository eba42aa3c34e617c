//! Twilio's signature: HMAC-SHA1 over the address as it was asked and the form's parameters in order (Twilio's
//! documentation, "Validating requests"; SignalWire signs likewise).
//!
//! Deliberately not here: which secrets and headers count (the dialects), and guessing why a signature is wrong
//! (`providers::nearest`).

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use smallvec::SmallVec;
use subtle::ConstantTimeEq;

use crate::rules::ruleset::Secret;

use super::form::Form;

/// A signature as a header carries it: 20 bytes in Base64.
type Encoded = [u8; 28];

/// One secret, ready to sign: its key schedule is computed once.
#[derive(Clone)]
pub struct Signer(Hmac<Sha1>);

impl Signer {
    /// Prepares a secret.
    pub fn new(secret: &Secret) -> Self {
        let key = secret.expose().as_bytes();
        Self(Hmac::new_from_slice(key).expect("HMAC takes keys of any length"))
    }

    /// Signs an absolute address with a form, as a provider does. A fragment is no part of it.
    pub fn sign(&self, url: &str, form: &Form) -> String {
        let url = url.split_once('#').map_or(url, |(url, _)| url);
        let signature = self.encode(&[url.as_bytes(), &canonical(form, Repeats::Once)]);
        String::from_utf8_lossy(&signature).into_owned()
    }

    fn encode(&self, parts: &[&[u8]]) -> Encoded {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        let mut out = [0; 28];
        STANDARD.encode_slice(mac.finalize().into_bytes(), &mut out).expect("20 bytes are 28 letters");
        out
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(…)")
    }
}

/// The keys of an account.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    /// Those that sign its requests; several while rotating.
    pub(super) active: Vec<Signer>,
    /// Its other secrets, which sign nothing but are easily mistaken for the right ones.
    pub(super) others: Vec<Signer>,
}

impl Keyring {
    /// Of the secrets that sign, and the others. An empty secret authenticates nobody.
    pub fn new(active: &[Secret], others: &[Secret]) -> Self {
        let signers = |secrets: &[Secret]| secrets.iter().filter(|s| !s.is_empty()).map(Signer::new).collect();
        Self { active: signers(active), others: signers(others) }
    }

    /// Whether nothing could be verified with it.
    pub fn is_empty(&self) -> bool {
        self.active.is_empty()
    }
}

/// What becomes of a parameter that is there more than once.
#[derive(Clone, Copy)]
pub(super) enum Repeats {
    /// Each value once, in order: Twilio.
    Once,
    /// All values, in order.
    Sorted,
    /// All values, as they came.
    AsSent,
}

/// The form as it is signed: names in byte order, each followed by its value, nothing between.
pub(super) fn canonical(form: &Form, repeats: Repeats) -> Vec<u8> {
    let mut order: SmallVec<[usize; 64]> = (0..form.len()).collect();
    match repeats {
        Repeats::Once | Repeats::Sorted => order.sort_unstable_by(|&a, &b| form.pair(a).cmp(&form.pair(b))),
        Repeats::AsSent => order.sort_by(|&a, &b| form.pair(a).0.cmp(form.pair(b).0)),
    }
    if matches!(repeats, Repeats::Once) {
        order.dedup_by(|a, b| form.pair(*a) == form.pair(*b));
    }
    let mut out = Vec::with_capacity(form.pairs().map(|(name, value)| name.len() + value.len()).sum());
    for at in order {
        let (name, value) = form.pair(at);
        out.extend_from_slice(name);
        out.extend_from_slice(value);
    }
    out
}

/// An absolute address in its parts; together they are the address again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place<'a> {
    pub scheme: &'a str,
    /// With its `@`.
    pub user: &'a str,
    pub host: &'a str,
    /// With its `:`.
    pub port: &'a str,
    /// What a public base URL has behind the host, without a slash at its end.
    pub path: &'a str,
}

impl<'a> Place<'a> {
    /// Takes a base URL apart.
    pub fn read(base_url: &'a str) -> Self {
        let url = base_url.split_once('#').map_or(base_url, |(url, _)| url).trim_end_matches('/');
        let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (user, address) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
        let (host, port) = Self::split_port(address);
        Self { scheme, user, host, port, path }
    }

    /// Host, and port with its `:`.
    pub fn split_port(address: &str) -> (&str, &str) {
        match address.rfind(':') {
            Some(at) if !address[at..].contains(']') => address.split_at(at),
            Some(_) | None => (address, ""),
        }
    }

    /// As it is, without a port, and with the scheme's own: providers have sent all three.
    pub fn ports(self) -> impl Iterator<Item = Self> {
        let default = if self.scheme == "http" { ":80" } else { ":443" };
        let without = (!self.port.is_empty()).then_some("");
        let with = (self.port != default).then_some(default);
        [Some(self.port), without, with].into_iter().flatten().map(move |port| Self { port, ..self })
    }
}

/// What a signature is checked against.
pub(super) struct Check<'a> {
    /// The signatures that the request carries.
    pub given: SmallVec<[&'a [u8]; 2]>,
    /// The form as it may have been signed.
    pub forms: SmallVec<[Vec<u8>; 3]>,
}

impl Check<'_> {
    /// Whether one of `keys` signed exactly this address. Every comparison takes the same time.
    pub fn matches(&self, keys: &[Signer], place: Place<'_>, target: &str) -> bool {
        let Place { scheme, user, host, port, path } = place;
        let url = [scheme, "://", user, host, port, path, target].map(str::as_bytes);
        self.forms.iter().any(|form| {
            let parts = [url[0], url[1], url[2], url[3], url[4], url[5], url[6], form];
            keys.iter().any(|key| {
                let expected = key.encode(&parts);
                self.given.iter().any(|given| bool::from(expected[..].ct_eq(given)))
            })
        })
    }

    /// The same for the forms of the address that providers are known to sign.
    pub fn matches_a_variant(&self, keys: &[Signer], place: Place<'_>, target: &str) -> bool {
        targets(target).any(|target| place.ports().any(|place| self.matches(keys, place, &target)))
    }
}

/// The target as it is, then with its query's apostrophes written the other way: some proxies and libraries change
/// `'` to `%27` or back.
fn targets(target: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let query = target.find('?').unwrap_or(target.len());
    let (path, query) = target.split_at(query);
    let other = move |from: &str, to: &str| {
        query.contains(from).then(|| Cow::Owned(format!("{path}{}", query.replace(from, to))))
    };
    std::iter::once(Cow::Borrowed(target)).chain(other("'", "%27")).chain(other("%27", "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        for (url, expected) in [
            ("https://h.example", ("https", "", "h.example", "", "")),
            ("https://h.example/", ("https", "", "h.example", "", "")),
            ("http://u:p@h.example:81/x/y/#rc=2", ("http", "u:p@", "h.example", ":81", "/x/y")),
            ("https://[::1]", ("https", "", "[::1]", "", "")),
            ("https://[::1]:8443/x", ("https", "", "[::1]", ":8443", "/x")),
        ] {
            let Place { scheme, user, host, port, path } = Place::read(url);
            assert_eq!((scheme, user, host, port, path), expected, "{url}");
        }
    }

    #[test]
    fn ports_that_providers_have_sent() {
        for (url, expected) in [
            ("https://h", vec!["", ":443"]),
            ("https://h:443", vec![":443", ""]),
            ("http://h", vec!["", ":80"]),
            ("http://h:1234", vec![":1234", "", ":80"]),
        ] {
            assert_eq!(Place::read(url).ports().map(|place| place.port).collect::<Vec<_>>(), expected, "{url}");
        }
    }

    #[test]
    fn repeated_parameters() {
        let form = Form::read(b"b=2&a=2&a=1&a=1");
        assert_eq!(canonical(&form, Repeats::Once), b"a1a2b2");
        assert_eq!(canonical(&form, Repeats::Sorted), b"a1a1a2b2");
        assert_eq!(canonical(&form, Repeats::AsSent), b"a2a1a1b2");
    }

    #[test]
    fn secrets_are_not_shown() {
        let keyring = Keyring::new(&[Secret::new("12345"), Secret::new("")], &[]);
        assert_eq!(keyring.active.len(), 1, "an empty one authenticates nobody");
        assert!(!format!("{keyring:?}").contains("12345"));
    }
}
