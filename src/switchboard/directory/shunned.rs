//! Opt-outs of phones that were erased: known by keyed hashes only, and still in force.
//!
//! Deliberately not here: opt-outs whose phones are known.

use std::sync::OnceLock;

use super::{Directory, Map};
use crate::domain::{E164, TenantId};
use crate::store::erasure::shun;
use crate::store::vault::Vault;

/// The hashes, and what makes them.
#[derive(Default)]
pub(super) struct Shunned {
    vault: OnceLock<Vault>,
    hashes: Map<[u8; 32], ()>,
}

impl Shunned {
    fn hash(&self, number: E164, phone: E164) -> Option<[u8; 32]> {
        // Nobody was erased in most installations: then nothing is hashed.
        if self.hashes.is_empty() { None } else { self.vault.get().map(|vault| shun(vault, number, phone)) }
    }

    pub(super) fn has(&self, number: E164, phone: E164) -> bool {
        self.hash(number, phone).is_some_and(|hash| self.hashes.contains_key(&hash))
    }

    pub(super) fn remove(&self, number: E164, phone: E164) {
        if let Some(hash) = self.hash(number, phone) {
            self.hashes.remove(&hash);
        }
    }
}

impl Directory {
    /// Takes in opt-outs that are known by their hashes.
    pub fn shun(&self, vault: &Vault, hashes: Vec<[u8; 32]>) {
        self.shunned.vault.get_or_init(|| vault.clone());
        for hash in hashes {
            self.shunned.hashes.insert(hash, ());
        }
    }

    /// Whether a phone opted out of a number's texts.
    pub fn opted_out(&self, number: E164, phone: E164) -> bool {
        self.opt_outs.contains_key(&(number, phone)) || self.shunned.has(number, phone)
    }

    /// Forgets what happened with a phone on a tenant's numbers; its opt-outs are known by their hashes from now on.
    pub fn forget_phone(&self, tenant: &TenantId, phone: E164, vault: &Vault, hashes: Vec<[u8; 32]>) {
        let own = |number: &E164| self.numbers.get(number).is_some_and(|number| number.tenant == *tenant);
        self.shun(vault, hashes);
        self.recent.forget_phone(tenant, phone, own);
        self.opt_outs.retain(|(number, of), ()| *of != phone || !own(number));
        self.pin_streaks.retain(|(number, of), _| *of != phone || !own(number));
        self.choosings.retain(|(number, of), _| *of != phone || !own(number));
        self.technicians.iter_mut().filter(|one| one.tenant == *tenant && one.phone == Some(phone)).for_each(
            |mut one| {
                self.technician_phones.remove(tenant, phone, &one.id);
                std::sync::Arc::make_mut(&mut one).phone = None;
            },
        );
    }
}
