//! HMAC-SHA256 under one key, ready to be used many times.
//!
//! Deliberately not here: what is signed with it.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A key.
#[derive(Clone)]
pub struct Keyed(Hmac<Sha256>);

impl std::fmt::Debug for Keyed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyed(…)")
    }
}

impl Keyed {
    /// A key of any length.
    pub fn new(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("a key of any length will do"))
    }

    /// The digest of these parts, one after another.
    pub fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.mac(parts).finalize().into_bytes().into()
    }

    /// Whether this is their digest; takes the same time whatever is wrong with it.
    pub fn verify(&self, parts: &[&[u8]], digest: &[u8]) -> bool {
        self.mac(parts).verify_slice(digest).is_ok()
    }

    fn mac(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        parts.iter().for_each(|part| mac.update(part));
        mac
    }
}
