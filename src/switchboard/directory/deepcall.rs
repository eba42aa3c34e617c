//! Whose programs knock on the DeepCall door: tenants by their user, with its tokens, and by their session ids.
//!
//! Deliberately not here: how a request carries them. Of secrets there are hashes only, and which of them is meant is found
//! by comparing hashes: how long that takes tells nothing of a secret.

use subtle::ConstantTimeEq;

use super::{Directory, Map};
use crate::domain::{Tenant, TenantId};
use crate::rules::ruleset::{Secret, TenantSecrets};
use crate::store::tenant_keys;

/// Users and session ids that count.
#[derive(Default)]
pub(super) struct Deepcall {
    /// A user, with its tenant and the hashes of its tokens.
    users: Map<String, (TenantId, Vec<String>)>,
    /// The hash of a session id, with whoever declares it.
    ssids: Map<String, Vec<TenantId>>,
}

fn hashes(secrets: &[Secret]) -> Vec<String> {
    secrets.iter().filter(|secret| !secret.is_empty()).map(|secret| tenant_keys::hash(secret.expose())).collect()
}

impl Deepcall {
    /// Takes in what a tenant declares, in place of what it did before. What stays is known all the while.
    pub(super) fn declare(&self, tenant: &Tenant, secrets: &TenantSecrets) {
        let (id, user) = (&tenant.id, tenant.deepcall_user_id.as_ref());
        if let Some(user) = user {
            self.users.insert(user.clone(), (id.clone(), hashes(&secrets.deepcall_tokens)));
        }
        self.users.retain(|known, (of, _)| of != id || user == Some(known));
        let declared = hashes(&secrets.deepcall_ssids);
        for hash in &declared {
            let mut owners = self.ssids.entry(hash.clone()).or_default();
            if !owners.contains(id) {
                owners.push(id.clone());
            }
        }
        self.ssids.retain(|hash, owners| {
            owners.retain(|of| of != id || declared.contains(hash));
            !owners.is_empty()
        });
    }

    /// Forgets those of tenants that are not wanted.
    pub(super) fn keep(&self, wanted: impl Fn(&TenantId) -> bool) {
        self.users.retain(|_, (of, _)| wanted(of));
        self.ssids.retain(|_, owners| {
            owners.retain(&wanted);
            !owners.is_empty()
        });
    }

    fn by_token(&self, user: &str, token: &str) -> Option<TenantId> {
        let known = self.users.get(user)?;
        let (tenant, tokens) = &*known;
        let given = tenant_keys::hash(token);
        let right =
            tokens.iter().fold(false, |right, token| right | bool::from(token.as_bytes().ct_eq(given.as_bytes())));
        right.then(|| tenant.clone())
    }

    /// What two tenants declare is nobody's: whose it is meant to be cannot be told.
    fn by_ssid(&self, ssid: &str) -> Option<TenantId> {
        let owners = self.ssids.get(&tenant_keys::hash(ssid))?;
        match owners.as_slice() {
            [one] => Some(one.clone()),
            several => {
                tracing::warn!(tenants = ?several, "the same deepcall.ssid stands for several tenants, so for none");
                None
            }
        }
    }
}

impl Directory {
    /// Whether another tenant declares this session id.
    pub fn is_ssid_of_another(&self, ssid: &str, tenant: &TenantId) -> bool {
        let owners = self.deepcall.ssids.get(&tenant_keys::hash(ssid));
        owners.is_some_and(|owners| owners.iter().any(|owner| owner != tenant))
    }

    /// The tenant of a DeepCall user with this token.
    pub fn deepcall_user(&self, user: &str, token: &str) -> Option<TenantId> {
        self.deepcall.by_token(user, token)
    }

    /// The tenant of a DeepCall session id.
    pub fn deepcall_ssid(&self, ssid: &str) -> Option<TenantId> {
        self.deepcall.by_ssid(ssid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::ruleset::Ruleset;

    fn declare(known: &Deepcall, tenant: &str, user: Option<&str>, tokens: &[&str], ssids: &[&str]) {
        let secrets = |texts: &[&str]| texts.iter().map(|text| Secret::new(*text)).collect();
        let tenant =
            Tenant { deepcall_user_id: user.map(str::to_owned), ..Ruleset::blank(&TenantId::from(tenant)).tenant };
        let (deepcall_tokens, deepcall_ssids) = (secrets(tokens), secrets(ssids));
        known.declare(&tenant, &TenantSecrets { deepcall_tokens, deepcall_ssids, ..TenantSecrets::default() });
    }

    #[test]
    fn each_tenant_is_known_by_its_own() {
        let known = Deepcall::default();
        declare(&known, "acme", Some("acme"), &["old", "new"], &["s1", "both"]);
        declare(&known, "bolt", Some("bolt"), &["new"], &["s2", "both"]);
        declare(&known, "none", Some("none"), &[], &[]);
        for (user, token, expected, why) in [
            ("acme", "new", Some("acme"), "its token"),
            ("acme", "old", Some("acme"), "while it rotates"),
            ("bolt", "new", Some("bolt"), "the same token, another user"),
            ("bolt", "old", None, "another's token"),
            ("acme", "", None, "no token"),
            ("none", "", None, "without a token nobody is anybody"),
            ("", "new", None, "no user"),
            ("ACME", "new", None, "letters count"),
        ] {
            assert_eq!(known.by_token(user, token).as_ref().map(TenantId::as_str), expected, "{why}");
        }
        for (ssid, expected, why) in [
            ("s1", Some("acme"), "its own"),
            ("s2", Some("bolt"), "its own"),
            ("both", None, "declared by two"),
            ("s3", None, "declared by nobody"),
            ("", None, "none"),
        ] {
            assert_eq!(known.by_ssid(ssid).as_ref().map(TenantId::as_str), expected, "{why}");
        }
    }

    #[test]
    fn what_is_declared_no_longer_opens_nothing() {
        let known = Deepcall::default();
        let is = |user: &str, token: &str, ssid: &str| {
            (known.by_token(user, token).is_some(), known.by_ssid(ssid).is_some())
        };
        declare(&known, "acme", Some("acme"), &["t"], &["s"]);
        assert_eq!(is("acme", "t", "s"), (true, true));
        declare(&known, "acme", Some("acme"), &["u"], &["v"]);
        assert_eq!((is("acme", "t", "s"), is("acme", "u", "v")), ((false, false), (true, true)), "rotated");
        declare(&known, "acme", Some("other"), &["u"], &["v"]);
        assert_eq!((is("acme", "u", "v"), is("other", "u", "v")), ((false, true), (true, true)), "renamed");
        declare(&known, "bolt", Some("bolt"), &["t"], &["v"]);
        assert_eq!(known.by_ssid("v"), None, "it became ambiguous");
        known.keep(|tenant| tenant.as_str() == "bolt");
        assert_eq!(known.by_ssid("v"), Some("bolt".into()), "the other is gone");
        assert_eq!(is("other", "u", "v"), (false, true));
        declare(&known, "bolt", None, &[], &[]);
        assert_eq!((is("bolt", "t", "v"), known.users.len(), known.ssids.len()), ((false, false), 0, 0));
    }
}
