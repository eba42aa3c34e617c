//! `[[provider_account]]`: one account at one provider.
//!
//! Deliberately not here: that its id is unique in the installation, which takes the store.

use super::objects::{Object, objects};
use super::reading::{Door, Reading, put};
use super::secret::secrets;
use super::table::Table;
use crate::domain::{Account, AccountId, AccountKind, SignatureMode};
use crate::rules::finding::code;
use crate::rules::ruleset::AccountSecrets;

const FIELDS: &[&str] = &[
    "id",
    "kind",
    "account_sid",
    "auth_token_env",
    "auth_token",
    "signature",
    "sandbox",
    "api_base_url",
    "signing_key_env",
    "signing_key",
    "public_key",
    "public_base_url",
    "price_per_minute",
    "billing_increment_seconds",
    "ownership",
];

/// Reads every account, each over what is stored of it.
pub(super) fn read(r: &mut Reading<'_>, root: &Table<'_>) -> Vec<(Account, AccountSecrets)> {
    let mut accounts = Vec::new();
    for object in objects(r, root, "provider_account", "id", FIELDS) {
        let read = one(r, &object);
        if object.id.is_some() {
            accounts.push(read);
        }
    }
    accounts
}

fn one(r: &mut Reading<'_>, object: &Object<'_>) -> (Account, AccountSecrets) {
    let table = &object.table;
    let id = AccountId::from(object.id.as_deref().unwrap_or_default());
    let stored = r.base.and_then(|base| base.accounts.iter().find(|(account, _)| account.id == id)).cloned();
    if stored.is_none() {
        table.requires(r, "kind", "one of twilio, signalwire, telnyx, plivo, ringcentral");
    }
    let (mut account, mut kept) = stored
        .unwrap_or_else(|| (Account::plain(id, r.tenant.clone(), AccountKind::Twilio), AccountSecrets::default()));
    put(&mut account.kind, table.word(r, "kind"));
    let sandbox = table.flag(r, "sandbox");
    put(&mut account.sandbox, sandbox);
    // Where it cannot be read that is the mistake, and nothing else is concluded from it.
    let real = !account.sandbox && (sandbox.is_some() || !table.has("sandbox"));
    put(&mut account.signature, table.word(r, "signature"));
    put(&mut account.api_base_url, table.address(r, "api_base_url"));
    put(&mut account.public_base_url, table.address(r, "public_base_url"));
    put(&mut account.price_per_minute, table.amount(r, "price_per_minute"));
    put(&mut account.billing_increment_seconds, table.whole(r, "billing_increment_seconds", 1..=3600));
    put(&mut account.ownership, table.word(r, "ownership"));
    if let Some(sid) = table.erasable(r, "account_sid") {
        if sid.len() <= 64 && sid.bytes().all(|b| b.is_ascii_graphic()) {
            account.account_sid = sid;
        } else {
            r.notes.mistake(
                &table.at("account_sid"),
                "must be the provider's id of the account: at most 64 characters, no spaces",
            );
        }
    }
    if account.signature == SignatureMode::Off && real {
        let message = "\"off\" lets anybody pose as the provider; only an account with sandbox = true may have it";
        r.notes.coded(&table.at("signature"), code::CONFLICT, message);
    }
    let named = ["auth_token_env", "auth_token", "signing_key_env", "signing_key", "public_key"];
    let named = named.iter().any(|field| table.has(field));
    put(&mut kept.auth_tokens, own_secrets(r, table, real, "auth_token"));
    put(&mut kept.signing_keys, own_secrets(r, table, real, "signing_key"));
    if let Some(key) = table.erasable(r, "public_key") {
        if key.is_empty() || is_public_key(&key) {
            kept.public_key = key;
        } else {
            r.notes.mistake(&table.at("public_key"), "must be an Ed25519 public key: 32 bytes in Base64");
        }
    }
    if !named && account.signature == SignatureMode::Enforce && !can_verify(&account, &kept) {
        let remedy = r.said(
            "Name its secret in auth_token_env, signing_key_env or public_key",
            "Send its secret as auth_token, signing_key or public_key",
        );
        let message = format!("nothing to verify its webhooks with: every one will be refused. {remedy}");
        r.notes.warning(&table.path, message);
    }
    (account, kept)
}

fn own_secrets(
    r: &mut Reading<'_>,
    table: &Table<'_>,
    real: bool,
    literal: &str,
) -> Option<Vec<crate::rules::ruleset::Secret>> {
    let found = secrets(r, table, &format!("{literal}_env"), literal)?;
    for path in found.literals.iter().filter(|_| r.door == Door::File) {
        r.demo_secrets = true;
        if real {
            r.notes
                .mistake(path, format!("a secret may stand in the file of a sandbox account only; use {literal}_env"));
        }
    }
    Some(found.values)
}

fn can_verify(account: &Account, kept: &AccountSecrets) -> bool {
    match account.kind {
        AccountKind::Twilio | AccountKind::Plivo => !kept.auth_tokens.is_empty(),
        AccountKind::Signalwire => !kept.signing_keys.is_empty() || !kept.auth_tokens.is_empty(),
        AccountKind::Telnyx => !kept.public_key.is_empty(),
        AccountKind::Ringcentral => true,
    }
}

/// 32 bytes are 43 characters of Base64 and one of padding.
fn is_public_key(text: &str) -> bool {
    let body = text.strip_suffix('=').unwrap_or_default();
    body.len() == 43 && body.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
}
