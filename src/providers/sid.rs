//! Our ids of calls and texts, made from a provider's: the same in every process and for every repeat of a request.
//!
//! Deliberately not here: any opinion on what a provider's id looks like. Twilio's have prefixes, SignalWire's are UUIDs.

use sha2::{Digest, Sha256};

use crate::domain::{AccountId, CallId, MessageId, RecordingMade};

/// The call whose caller's leg has this id.
pub fn call_id(account: &AccountId, sid: &str) -> CallId {
    CallId(digest(account, sid))
}

/// The text of this id.
pub fn message_id(account: &AccountId, sid: &str) -> MessageId {
    MessageId(digest(account, sid))
}

/// The recording of this id, or where the provider tells none, at this address: 32 hexadecimal digits.
pub fn recording_id(account: &AccountId, recording: &RecordingMade) -> String {
    let name = recording.sid.as_deref().unwrap_or(&recording.url);
    format!("{:032x}", digest(account, &format!("recording {name}")))
}

/// The first 16 bytes of SHA-256 over the account, a zero byte, and the provider's id.
fn digest(account: &AccountId, sid: &str) -> u128 {
    let hash = Sha256::new().chain_update(account.as_str()).chain_update([0]).chain_update(sid).finalize();
    u128::from_be_bytes(*hash.first_chunk().expect("a digest has 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_same_everywhere() {
        let acme = AccountId::from("acme");
        // printf 'acme\0CA1' | sha256sum | cut -c1-32
        assert_eq!(call_id(&acme, "CA1").to_string(), "dedd4c999085f71cd2cea184bc6a8876");
        assert_ne!(call_id(&acme, "CA1"), call_id(&AccountId::from("acm"), "eCA1"), "the account ends where it ends");
        assert_ne!(call_id(&acme, "CA1"), call_id(&acme, "ca1"));
    }
}
