//! Sealing: what is kept encrypted, under a key of each tenant's own, wrapped by the master key.
//!
//! Deliberately not here: where keys are stored (`store::keys`) and where the master key comes from
//! (`store::master_key`). **Invariant:** nothing here waits; keys are in memory before anything is sealed.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use parking_lot::RwLock;

use super::master_key::MasterKey;
use super::sealed_file::PREFIX;
use crate::providers::keyed::Keyed;

/// The first byte of everything sealed: how the rest is laid out.
const VERSION: u8 = 1;
const KID: usize = 4;
const NONCE: usize = 24;

/// Why something could not be sealed or opened.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum VaultError {
    /// The configured master key is not one.
    #[error("master_key is not Base64 of 32 bytes: make one with `openssl rand -base64 32`")]
    MasterKey,
    /// The file of the master key is not readable, or not one.
    #[error("the master key in {path} cannot be used: {why}")]
    MasterKeyFile {
        /// The file.
        path: String,
        /// Why not.
        why: String,
    },
    /// The tenant has no data key in memory.
    #[error("tenant {0} has no data key: apply its rules first")]
    NoKey(String),
    /// The master key is another than the one that wrapped a data key.
    #[error(
        "the data key of tenant {0} was wrapped by another master key: set master_key to the one that this database was made with"
    )]
    OtherMasterKey(String),
    /// The ciphertext was changed, or belongs to another place.
    #[error("{0} cannot be opened: it was changed, or sealed for another place")]
    Sealed(&'static str),
    /// The machine gives no random bytes.
    #[error("the system gives no random bytes")]
    Random,
}

/// A data key as it is stored.
#[derive(Clone, Debug)]
pub(super) struct WrappedKey {
    /// Its number within the tenant.
    pub(super) kid: u32,
    /// The key, sealed by the master key.
    pub(super) wrapped: Vec<u8>,
}

/// Seals and opens. Cheap to clone; clones share their keys.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    master: XChaCha20Poly1305,
    token: XChaCha20Poly1305,
    token_nonce: Keyed,
    hash: Keyed,
    keys: RwLock<HashMap<Box<str>, TenantKeys>>,
}

/// A tenant's keys; the newest seals, all of them open.
#[derive(Default)]
struct TenantKeys(Vec<(u32, XChaCha20Poly1305)>);

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl Vault {
    /// A vault under this master key.
    pub fn new(master: &MasterKey) -> Self {
        let derive = |purpose: &str| Keyed::new(master.bytes()).digest(&[purpose.as_bytes()]);
        Self(Arc::new(Inner {
            master: cipher(&derive("hookswitch data keys 1")),
            token: cipher(&derive("hookswitch tokens 1")),
            token_nonce: Keyed::new(&derive("hookswitch token nonces 1")),
            hash: Keyed::new(&derive("hookswitch keyed hashes 1")),
            keys: RwLock::default(),
        }))
    }

    /// Seals something for one column of one row: version ‖ key's number ‖ nonce ‖ ciphertext.
    pub fn seal(
        &self,
        tenant: &str,
        table: &str,
        row: &str,
        column: &str,
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        let keys = self.0.keys.read();
        let (kid, cipher) = keys
            .get(tenant)
            .and_then(|keys| keys.0.iter().max_by_key(|(kid, _)| *kid))
            .ok_or_else(|| VaultError::NoKey(tenant.to_owned()))?;
        let mut sealed = vec![VERSION];
        sealed.extend_from_slice(&kid.to_be_bytes());
        encrypt(cipher, &random_nonce()?, plain, &place(&[tenant, table, row, column]), &mut sealed);
        Ok(sealed)
    }

    /// Opens what [`Vault::seal`] made for the same place.
    pub fn open(
        &self,
        tenant: &str,
        table: &str,
        row: &str,
        column: &str,
        sealed: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        const WHAT: &str = "a sealed column";
        let body = sealed.strip_prefix(&[VERSION]).ok_or(VaultError::Sealed(WHAT))?;
        let (kid, body) = body.split_first_chunk::<KID>().ok_or(VaultError::Sealed(WHAT))?;
        let kid = u32::from_be_bytes(*kid);
        let keys = self.0.keys.read();
        let cipher = keys
            .get(tenant)
            .and_then(|keys| keys.0.iter().find(|(known, _)| *known == kid))
            .map(|(_, cipher)| cipher)
            .ok_or_else(|| VaultError::NoKey(tenant.to_owned()))?;
        decrypt(cipher, body, &place(&[tenant, table, row, column])).ok_or(VaultError::Sealed(WHAT))
    }

    /// A key for a new file of a tenant's: its number, a fresh nonce prefix, and what seals the chunks.
    pub(super) fn file_key(&self, tenant: &str, row: &str) -> Result<(u32, [u8; PREFIX], FileKey), VaultError> {
        let mut prefix = [0; PREFIX];
        getrandom::fill(&mut prefix).map_err(|_| VaultError::Random)?;
        let kid = self.0.keys.read().get(tenant).and_then(|keys| keys.0.iter().map(|(kid, _)| *kid).max());
        let kid = kid.ok_or_else(|| VaultError::NoKey(tenant.to_owned()))?;
        Ok((kid, prefix, self.file_key_of(tenant, row, kid, prefix)?))
    }

    /// The key of a file that is there.
    pub(super) fn file_key_of(
        &self,
        tenant: &str,
        row: &str,
        kid: u32,
        prefix: [u8; PREFIX],
    ) -> Result<FileKey, VaultError> {
        let keys = self.0.keys.read();
        let known = keys.get(tenant).and_then(|keys| keys.0.iter().find(|(known, _)| *known == kid));
        let (_, cipher) = known.ok_or_else(|| VaultError::NoKey(tenant.to_owned()))?;
        Ok(FileKey { cipher: cipher.clone(), prefix, place: place(&[tenant, "recordings", row, "file"]) })
    }

    /// A hash that only this installation can make: HMAC-SHA256.
    pub fn keyed_hash(&self, bytes: &[u8]) -> [u8; 32] {
        self.0.hash.digest(&[bytes])
    }

    /// Seals something into a part of an address. The same bytes give the same token.
    pub fn seal_token(&self, plain: &[u8]) -> String {
        let digest = self.0.token_nonce.digest(&[plain]);
        let nonce = digest.first_chunk::<NONCE>().expect("32 bytes hold 24");
        let mut sealed = vec![VERSION];
        encrypt(&self.0.token, nonce, plain, b"token", &mut sealed);
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// Opens what [`Vault::seal_token`] made; `None` for anything else.
    pub fn open_token(&self, token: &str) -> Option<Vec<u8>> {
        let sealed = URL_SAFE_NO_PAD.decode(token).ok()?;
        decrypt(&self.0.token, sealed.strip_prefix(&[VERSION])?, b"token")
    }

    /// Whether this tenant's things can be sealed.
    pub(super) fn has_key(&self, tenant: &str) -> bool {
        self.0.keys.read().contains_key(tenant)
    }

    /// Makes sure that this tenant's things can be sealed, with a key that is stored nowhere: for a vault whose seals
    /// nobody will have to open later.
    pub fn provide(&self, tenant: &str) -> Result<(), VaultError> {
        if self.has_key(tenant) { Ok(()) } else { self.learn(tenant, &self.fresh_key(tenant, 1)?) }
    }

    /// Makes a data key, wrapped, without learning it: it counts once it is stored.
    pub(super) fn fresh_key(&self, tenant: &str, kid: u32) -> Result<WrappedKey, VaultError> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|_| VaultError::Random)?;
        let mut wrapped = vec![VERSION];
        encrypt(&self.0.master, &random_nonce()?, &key, &place(&[tenant, &kid.to_string()]), &mut wrapped);
        Ok(WrappedKey { kid, wrapped })
    }

    /// Unwraps a stored data key and keeps it in memory.
    pub(super) fn learn(&self, tenant: &str, key: &WrappedKey) -> Result<(), VaultError> {
        let unwrapped = key
            .wrapped
            .strip_prefix(&[VERSION])
            .and_then(|body| decrypt(&self.0.master, body, &place(&[tenant, &key.kid.to_string()])))
            .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
            .ok_or_else(|| VaultError::OtherMasterKey(tenant.to_owned()))?;
        let mut keys = self.0.keys.write();
        let known = &mut keys.entry(tenant.into()).or_default().0;
        known.retain(|(kid, _)| *kid != key.kid);
        known.push((key.kid, cipher(&unwrapped)));
        Ok(())
    }
}

/// What seals and opens the chunks of one file.
pub(super) struct FileKey {
    cipher: XChaCha20Poly1305,
    prefix: [u8; PREFIX],
    place: Vec<u8>,
}

impl FileKey {
    fn nonce(&self, number: u32, last: bool) -> XNonce {
        let mut nonce = [0; NONCE];
        nonce[..PREFIX].copy_from_slice(&self.prefix);
        nonce[PREFIX..NONCE - 1].copy_from_slice(&number.to_be_bytes());
        nonce[NONCE - 1] = u8::from(last);
        XNonce::from(nonce)
    }

    /// Seals a chunk.
    pub(super) fn seal(&self, number: u32, last: bool, plain: &[u8]) -> Vec<u8> {
        let sealed = self.cipher.encrypt(&self.nonce(number, last), Payload { msg: plain, aad: &self.place });
        sealed.expect("XChaCha20-Poly1305 takes up to 256 GB at a time")
    }

    /// Opens a chunk; `None` where it was changed, or is another's.
    pub(super) fn open(&self, number: u32, last: bool, sealed: &[u8]) -> Option<Vec<u8>> {
        self.cipher.decrypt(&self.nonce(number, last), Payload { msg: sealed, aad: &self.place }).ok()
    }
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&(*key).into())
}

fn random_nonce() -> Result<[u8; NONCE], VaultError> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).map_err(|_| VaultError::Random)?;
    Ok(nonce)
}

/// The parts of a place, each behind its length, so that no two places read the same.
fn place(parts: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

fn encrypt(cipher: &XChaCha20Poly1305, nonce: &[u8; NONCE], plain: &[u8], aad: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(nonce);
    let sealed = cipher.encrypt(&XNonce::from(*nonce), Payload { msg: plain, aad });
    out.extend_from_slice(&sealed.expect("XChaCha20-Poly1305 takes up to 256 GB at a time"));
}

fn decrypt(cipher: &XChaCha20Poly1305, body: &[u8], aad: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = body.split_first_chunk::<NONCE>()?;
    cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(byte: u8) -> Vault {
        Vault::new(&MasterKey::new([byte; 32]))
    }

    fn with_key(tenant: &str) -> Vault {
        let vault = vault(7);
        let key = vault.fresh_key(tenant, 1).expect("random bytes");
        vault.learn(tenant, &key).expect("its own key");
        vault
    }

    #[test]
    fn what_is_sealed_opens_in_its_own_place_only() {
        let vault = with_key("acme");
        let sealed = vault.seal("acme", "messages", "m1", "body", b"hello").expect("sealed");
        assert_eq!(vault.open("acme", "messages", "m1", "body", &sealed).as_deref(), Ok(&b"hello"[..]));
        assert!(!sealed.windows(5).any(|part| part == b"hello"));
        for (table, row, column, why) in [
            ("messages", "m2", "body", "another row"),
            ("voicemails", "m1", "body", "another table"),
            ("messages", "m1", "words", "another column"),
            ("messagesm", "1", "body", "the same letters cut elsewhere"),
        ] {
            assert!(vault.open("acme", table, row, column, &sealed).is_err(), "{why}");
        }
        let mut changed = sealed.clone();
        for at in 0..sealed.len() {
            changed[at] ^= 1;
            assert!(vault.open("acme", "messages", "m1", "body", &changed).is_err(), "byte {at} was changed");
            changed[at] ^= 1;
        }
        assert_eq!(vault.seal("other", "t", "r", "c", b""), Err(VaultError::NoKey("other".to_owned())));
    }

    #[test]
    fn a_data_key_opens_under_its_own_master_key_and_tenant_only() {
        let key = vault(7).fresh_key("acme", 1).expect("random bytes");
        assert_eq!(vault(7).learn("acme", &key), Ok(()));
        assert_eq!(vault(8).learn("acme", &key), Err(VaultError::OtherMasterKey("acme".to_owned())));
        assert!(vault(7).learn("other", &key).is_err());
    }

    #[test]
    fn older_keys_still_open_and_the_newest_seals() {
        let vault = with_key("acme");
        let old = vault.seal("acme", "t", "r", "c", b"old").expect("sealed");
        let second = vault.fresh_key("acme", 2).expect("random bytes");
        vault.learn("acme", &second).expect("its own key");
        assert_eq!(vault.open("acme", "t", "r", "c", &old).as_deref(), Ok(&b"old"[..]));
        assert_eq!(vault.seal("acme", "t", "r", "c", b"new").expect("sealed")[1..5], [0, 0, 0, 2]);
    }

    #[test]
    fn tokens_are_the_same_every_time_and_cannot_be_made_up() {
        let (one, other) = (vault(7), vault(8));
        let token = one.seal_token(b"https://example.com/media/1");
        assert_eq!(token, one.seal_token(b"https://example.com/media/1"));
        assert_ne!(token, one.seal_token(b"https://example.com/media/2"));
        assert_eq!(one.open_token(&token).as_deref(), Some(&b"https://example.com/media/1"[..]));
        assert_eq!(other.open_token(&token), None);
        assert_eq!(one.open_token(""), None);
        assert_eq!(one.open_token("AAAA"), None);
        assert_ne!(one.keyed_hash(b"x"), other.keyed_hash(b"x"));
    }
}
