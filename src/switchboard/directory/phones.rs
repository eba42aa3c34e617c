//! Whose phone it is: several people may share one, and the last who was learnt counts.
//!
//! Deliberately not here: the people.

use smallvec::SmallVec;

use super::Map;
use crate::domain::{E164, TenantId};

/// People by their phones.
pub(super) struct Phones<K>(Map<(TenantId, E164), SmallVec<[K; 1]>>);

impl<K> Default for Phones<K> {
    fn default() -> Self {
        Self(Map::default())
    }
}

impl<K: Clone + PartialEq> Phones<K> {
    /// Somebody has this phone, and counts before whoever else does.
    pub(super) fn put(&self, tenant: &TenantId, phone: E164, id: &K) {
        let mut sharers = self.0.entry((tenant.clone(), phone)).or_default();
        sharers.retain(|known| known != id);
        sharers.push(id.clone());
    }

    /// Somebody has it no longer.
    pub(super) fn remove(&self, tenant: &TenantId, phone: E164, id: &K) {
        self.0.remove_if_mut(&(tenant.clone(), phone), |_, sharers| {
            sharers.retain(|known| known != id);
            sharers.is_empty()
        });
    }

    /// Who counts.
    pub(super) fn last(&self, tenant: &TenantId, phone: E164) -> Option<K> {
        self.0.get(&(tenant.clone(), phone))?.last().cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_phone_falls_back_to_who_still_has_it() {
        let (phones, tenant) = (Phones::default(), TenantId::from("acme"));
        let phone = E164::from_digits(13_125_550_101).expect("a number");
        phones.put(&tenant, phone, &"ana");
        phones.put(&tenant, phone, &"ben");
        assert_eq!(phones.last(&tenant, phone), Some("ben"), "the last who was learnt");
        phones.remove(&tenant, phone, &"ben");
        assert_eq!(phones.last(&tenant, phone), Some("ana"), "she still has it");
        assert_eq!(phones.last(&"other".into(), phone), None, "another tenant's");
        phones.remove(&tenant, phone, &"ana");
        assert_eq!(phones.last(&tenant, phone), None);
        assert!(phones.0.is_empty(), "nothing is left behind");
    }
}
