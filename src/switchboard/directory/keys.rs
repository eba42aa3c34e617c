//! Whose key it is: the keys of tenants' programs, by their hashes.
//!
//! Deliberately not here: hashing them, and what their owners may do.

use super::Map;
use crate::domain::TenantId;
use crate::rules::ruleset::TenantSecrets;
use crate::store::edit::TenantKey;
use crate::store::tenant_keys::FILE;

/// Keys that count, each with its tenant and its id.
#[derive(Default)]
pub(super) struct Keys(Map<String, (TenantId, String)>);

impl Keys {
    /// Takes in the keys that a tenant's rules declare, in place of those before.
    pub(super) fn declare(&self, tenant: &TenantId, secrets: &TenantSecrets) {
        let declared = &secrets.api_key_hashes;
        self.0.retain(|hash, (of, id)| of != tenant || id != FILE || declared.contains(hash));
        for hash in declared {
            self.0.insert(hash.clone(), (tenant.clone(), FILE.to_owned()));
        }
    }

    /// Takes in a key that was made, or forgets it where it was revoked.
    pub(super) fn put(&self, tenant: &TenantId, key: &TenantKey) {
        if key.revoked_at.is_some() {
            self.0.remove_if(&key.hash, |_, (of, id)| of == tenant && *id == key.id);
        } else {
            self.0.insert(key.hash.clone(), (tenant.clone(), key.id.clone()));
        }
    }

    /// Forgets a key.
    pub(super) fn revoke(&self, tenant: &TenantId, revoked: &str) {
        self.0.retain(|_, (of, id)| of != tenant || id != revoked);
    }

    /// Forgets those that were made and are not wanted, and those of tenants that are not.
    pub(super) fn keep(&self, tenants: impl Fn(&TenantId) -> bool, made: impl Fn(&str) -> bool) {
        self.0.retain(|hash, (of, id)| tenants(of) && (id == FILE || made(hash)));
    }

    /// Whose it is.
    pub(super) fn owner(&self, hash: &str) -> Option<(TenantId, String)> {
        self.0.get(hash).map(|owner| owner.clone())
    }
}
