//! Signatures that are published, or made from a capture, against the dialects; and what must not pass for them.
//!
//! Deliberately not here: reading (`providers::cxml::reads`).

use proptest::prelude::*;

use super::super::{Dialect, Form, Keyring, Proof, Refused, Request, Signer, signalwire::SignalWire, twilio::Twilio};
use crate::domain::{Account, AccountKind, SignatureMode};
use crate::rules::ruleset::{AccountSecrets, Secret};

/// An account for tests.
pub(super) fn account(kind: AccountKind, signature: SignatureMode, sandbox: bool) -> Account {
    Account { signature, sandbox, ..Account::plain("acme".into(), "acme".into(), kind) }
}

/// Names and values, in order.
type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// A request and its signature, as a table has them.
#[derive(Clone, Debug)]
struct Vector {
    name: String,
    token: String,
    base: String,
    target: String,
    get: bool,
    json: bool,
    body: Vec<u8>,
    signature: String,
}

impl Vector {
    fn verify_as(&self, dialect: &dyn Dialect, kind: AccountKind) -> Result<Pairs, Refused> {
        let tokens = vec![Secret::new(self.token.clone())];
        let secrets = AccountSecrets { auth_tokens: tokens.clone(), signing_keys: tokens, ..Default::default() };
        let kind_of_body =
            if self.json { "application/json" } else { "application/x-www-form-urlencoded; charset=utf-8" };
        let headers = [("Content-Type", kind_of_body), ("X-Twilio-Signature", &self.signature)];
        let method = if self.get { "GET" } else { "POST" };
        let request = Request { method, target: &self.target, headers: &headers, body: &self.body };
        let account = account(kind, SignatureMode::Enforce, false);
        let verified = dialect.verify(&account, &dialect.keyring(&secrets), &self.base, request)?;
        assert_eq!(verified.proof(), Proof::Signed);
        let mut pairs: Vec<_> = verified.form().pairs().map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
        pairs.sort();
        Ok(pairs)
    }

    fn verify(&self) -> Result<Pairs, Refused> {
        self.verify_as(&Twilio, AccountKind::Twilio)
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }
}

fn vectors() -> Vec<Vector> {
    let all: serde_json::Value =
        serde_json::from_str(include_str!("../../../fixtures/signatures/twilio.json")).expect("JSON");
    let text = |value: &serde_json::Value| value.as_str().expect("a string").to_owned();
    let vector = |row: &serde_json::Value| {
        let url = text(&row["signed_url"]);
        let path = url.find("://").expect("absolute") + 3;
        let (base, target) = url.split_at(path + url[path..].find('/').expect("a path"));
        let params = row["params"].as_array().expect("a list");
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(params.iter().map(|pair| (text(&pair[0]), text(&pair[1]))));
        let name = text(&row["name"]);
        let json = name.starts_with("json-");
        let body = match name.as_str() {
            "json-body" | "json-body-onlysha" => r#"{"property": "value", "boolean": true}"#.to_owned(),
            "json-empty-obj" | "json-empty-obj:443" => "{}".to_owned(),
            _ => row["raw_body"].as_str().map_or_else(|| form.finish(), str::to_owned),
        };
        Vector {
            get: name == "get",
            json,
            name,
            token: text(&row["token"]),
            base: base.to_owned(),
            target: target.to_owned(),
            body: body.into_bytes(),
            signature: text(&row["signature"]),
        }
    };
    all.as_array().expect("a list").iter().map(vector).collect()
}

fn vector(name: &str) -> Vector {
    vectors().into_iter().find(|vector| vector.name == name).expect("in the file")
}

#[test]
fn every_published_signature_is_accepted() {
    assert_eq!(vectors().len(), 24);
    for vector in vectors() {
        assert!(vector.verify().is_ok(), "{}", vector.name);
        assert!(vector.verify_as(&SignalWire, AccountKind::Signalwire).is_ok(), "{} of SignalWire", vector.name);
    }
}

#[test]
fn ports_apostrophes_and_orders_that_providers_and_proxies_change() {
    for name in ["https:443", "http:80", "userinfo:443", "json-empty-obj:443"] {
        let without = vector(name).with(|v| v.base = v.base.rsplit_once(':').expect("a port").0.to_owned());
        assert!(without.verify().is_ok(), "{name} without its port");
    }
    for name in ["base", "userinfo", "json-empty-obj"] {
        let with = vector(name).with(|v| v.base += ":443");
        assert!(with.verify().is_ok(), "{name} with the scheme's own port");
        assert_eq!(vector(name).with(|v| v.base += ":444").verify().map(drop), Ok(()), "{name}: signed without a port");
    }
    assert_eq!(vector("https:1234").with(|v| v.base = "https://mycompany.com".into()).verify(), Err(Refused::Wrong));
    for (name, from, to) in [("apostrophe-escaped", "%27", "'"), ("apostrophe-raw", "'", "%27")] {
        assert!(vector(name).with(|v| v.target = v.target.replace(from, to)).verify().is_ok(), "{name}");
    }
    for name in ["array-two", "array-dup", "dial-action-28-params-with-blanks"] {
        let reversed = vector(name).with(|v| {
            let pieces: Vec<_> = v.body.split(|&b| b == b'&').rev().map(<[u8]>::to_vec).collect();
            v.body = pieces.join(&b'&');
        });
        assert!(reversed.verify().is_ok(), "{name} in another order");
    }
    let base = vector("base").with(|v| v.base += "/#rc=2&rp=all");
    assert!(base.verify().is_ok(), "connection overrides are not signed");
}

#[test]
fn signatures_of_careless_libraries_are_refused() {
    let repeated = vector("array-dup").with(|v| v.signature = "tM//N+MVWOh7+ol2z8YCNxSY0Eg=".into());
    assert_eq!(repeated.verify(), Err(Refused::Wrong), "values were not de-duplicated");
    assert!(repeated.verify_as(&SignalWire, AccountKind::Signalwire).is_ok(), "SignalWire's SDK does that");
    let blank =
        vector("dial-action-28-params-with-blanks").with(|v| v.signature = "by/UPf4Tg5Q/kIdV8zT/zWWXG7o=".into());
    assert_eq!(blank.verify(), Err(Refused::Wrong), "blank values were dropped");
    assert_eq!(blank.verify_as(&SignalWire, AccountKind::Signalwire), Err(Refused::Wrong), "by anybody");
}

#[test]
fn what_else_is_refused() {
    let base = vector("base");
    assert_eq!(base.with(|v| v.token = "12346".into()).verify(), Err(Refused::Wrong), "another token");
    assert_eq!(base.with(|v| v.token = String::new()).verify(), Err(Refused::NoSecret), "an empty token");
    assert_eq!(base.with(|v| v.signature.pop().map_or((), drop)).verify(), Err(Refused::Wrong), "no padding");
    assert_eq!(base.with(|v| v.body.extend(b"&x")).verify(), Err(Refused::Ragged), "a parameter without =");
    assert_eq!(base.with(|v| v.json = true).verify(), Err(Refused::Body), "a body whose hash nobody signed");
    let json = vector("json-body");
    assert_eq!(json.with(|v| v.body.push(b' ')).verify(), Err(Refused::Body), "another body");
    assert_eq!(json.with(|v| v.body.clear()).verify(), Err(Refused::Body), "no body");
    assert_eq!(json.with(|v| (v.json, v.body) = (false, vec![])).verify(), Err(Refused::Body), "an empty form instead");
    let request = Request { method: "POST", target: "/x", headers: &[], body: b"" };
    let keyring = Keyring::new(&[Secret::new("12345")], &[]);
    let enforced = account(AccountKind::Twilio, SignatureMode::Enforce, false);
    assert_eq!(Twilio.verify(&enforced, &keyring, "https://h", request).map(drop), Err(Refused::Unsigned));
}

#[test]
fn modes_of_a_migration_and_of_a_sandbox() {
    let request = Request { method: "POST", target: "/x", headers: &[("x-twilio-signature", "?")], body: b"a=1" };
    let keyring = Keyring::new(&[Secret::new("12345")], &[]);
    for (mode, sandbox, expected) in [
        (SignatureMode::Enforce, true, Err(Refused::Wrong)),
        (SignatureMode::Observe, false, Ok(Proof::Observed(Refused::Wrong))),
        (SignatureMode::Off, true, Ok(Proof::Unchecked)),
        (SignatureMode::Off, false, Err(Refused::Wrong)),
    ] {
        let account = account(AccountKind::Twilio, mode, sandbox);
        let verified = Twilio.verify(&account, &keyring, "https://h", request);
        assert_eq!(verified.map(|verified| verified.proof()), expected, "{mode}, sandbox: {sandbox}");
    }
}

#[test]
fn secrets_rotate_and_providers_keep_to_their_own() {
    let old = Signer::new(&Secret::new("old"));
    let form = Form::read(b"a=1");
    let signature = old.sign("https://h.example/x?y=1#rc=2", &form);
    let secrets = |auth: &[&str], signing: &[&str]| {
        let secrets = |texts: &[&str]| texts.iter().map(|text| Secret::new(*text)).collect();
        AccountSecrets { auth_tokens: secrets(auth), signing_keys: secrets(signing), ..Default::default() }
    };
    let verdict = |dialect: &dyn Dialect, kind, header, secrets| {
        let headers = [(header, signature.as_str())];
        let request = Request { method: "POST", target: "/x?y=1", headers: &headers, body: b"a=1" };
        let account = account(kind, SignatureMode::Enforce, false);
        dialect.verify(&account, &dialect.keyring(&secrets), "https://h.example", request).map(drop)
    };
    let (twilio, signalwire) = (AccountKind::Twilio, AccountKind::Signalwire);
    let header = "X-Twilio-Signature";
    assert_eq!(verdict(&Twilio, twilio, header, secrets(&["new", "old"], &[])), Ok(()));
    assert_eq!(verdict(&Twilio, twilio, header, secrets(&["new"], &["old"])), Err(Refused::Wrong));
    assert_eq!(verdict(&SignalWire, signalwire, header, secrets(&["new"], &["old"])), Ok(()));
    assert_eq!(verdict(&SignalWire, signalwire, "x-signalwire-signature", secrets(&[], &["old"])), Ok(()));
    assert_eq!(verdict(&SignalWire, signalwire, header, secrets(&["old"], &["new"])), Err(Refused::Wrong));
    assert_eq!(verdict(&Twilio, twilio, "x-signalwire-signature", secrets(&["old"], &[])), Err(Refused::Unsigned));
}

#[test]
fn a_refusal_can_be_explained() {
    let keyring = |token| Keyring::new(&[Secret::new(token)], &[Secret::new("spare")]);
    let foreign = keyring("foreign");
    for (url, token, expected) in [
        ("http://h.example/p/x?a=1", "12345", Some("the signature is right for scheme http")),
        ("https://seen.example:8443/p/x?a=1", "12345", Some("the signature is right for host seen.example, port 8443")),
        ("https://h.example:80/p/x?a=1", "12345", Some("the signature is right for port 80")),
        (
            "https://h.example/p/x/?a=1",
            "12345",
            Some("the signature is right for a path with or without a slash at its end"),
        ),
        ("https://h.example/x?a=1", "12345", Some("the signature is right for a path without the base URL's")),
        ("https://h.example/p/x?a=1", "spare", Some("the signature is right for another secret of this account")),
        (
            "http://h.example/p/x?a=1",
            "foreign",
            Some("the signature is right for scheme http, a secret of another account"),
        ),
        ("https://h.example/p/x?a=1", "unknown", None),
        ("https://h.example/p/y?a=1", "12345", None),
    ] {
        let signature = Signer::new(&Secret::new(token)).sign(url, &Form::read(b"b=2"));
        let headers = [("Host", "seen.example:8443"), ("X-Twilio-Signature", signature.as_str())];
        let request = Request { method: "POST", target: "/x?a=1", headers: &headers, body: b"b=2" };
        let miss = Twilio.nearest_miss(&keyring("12345"), &[&foreign], "https://h.example/p", &request);
        assert_eq!(miss.map(|miss| miss.to_string()).as_deref(), expected, "{url} by {token}");
    }
}

/// Accepted only where the same parameters were read: `%2b` says what `%2B` says.
fn assert_change_is_noticed(vector: &Vector, changed: &Vector) {
    if let Ok(pairs) = changed.verify() {
        assert_eq!(Ok(pairs), vector.verify(), "{}: {:?}", vector.name, changed);
        assert_eq!(vector.target, changed.target, "{}", vector.name);
        assert_eq!(vector.signature, changed.signature, "{}", vector.name);
    }
}

#[test]
fn every_changed_byte_is_noticed() {
    for vector in vectors() {
        for at in 0..vector.body.len() {
            for byte in [b'&', b'=', b'%', b'+', b'a', b'0', 0, 0xff, vector.body[at] ^ 1, vector.body[at] ^ 0x20] {
                if !vector.get && byte != vector.body[at] {
                    assert_change_is_noticed(&vector, &vector.with(|v| v.body[at] = byte));
                }
            }
        }
        for at in 1..vector.target.len() {
            for byte in ["&", "=", "%", "x", "/"] {
                if &vector.target[at..=at] != byte {
                    let changed = vector.with(|v| v.target.replace_range(at..=at, byte));
                    assert!(changed.verify().is_err(), "{}: {}", vector.name, changed.target);
                }
            }
        }
        for at in 0..vector.signature.len() {
            for byte in ["A", "/", "=", "+", "9"] {
                if &vector.signature[at..=at] != byte {
                    let changed = vector.with(|v| v.signature.replace_range(at..=at, byte));
                    assert!(changed.verify().is_err(), "{}: {}", vector.name, changed.signature);
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn any_changed_byte_is_noticed(which in 0usize..24, at in any::<prop::sample::Index>(), by in 1u8..=255) {
        let vector = &vectors()[which];
        if !vector.get && !vector.body.is_empty() {
            let at = at.index(vector.body.len());
            assert_change_is_noticed(vector, &vector.with(|v| v.body[at] ^= by));
        }
    }

    #[test]
    fn what_we_sign_we_accept(
        pairs in prop::collection::vec(("[A-Z][a-z]{0,6}", ".{0,12}"), 0..12),
        target in "/[a-z]{1,6}(\\?[a-z]=[a-z'%+]{0,6})?",
    ) {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(&pairs);
        let body = form.finish().into_bytes();
        let base = "https://h.example:8443/x".to_owned();
        let signature = Signer::new(&Secret::new("12345")).sign(&format!("{base}{target}"), &Form::read(&body));
        let vector = Vector { name: String::new(), token: "12345".to_owned(), base, target, get: false, json: false, body, signature };
        prop_assert!(vector.verify().is_ok());
        prop_assert!(vector.with(|v| v.token.push('6')).verify().is_err());
    }
}
