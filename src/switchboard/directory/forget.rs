//! Forgetting what is no longer declared: one thing, or whatever is not among what was just told.
//!
//! Deliberately not here: forgetting by the calendar. Sessions are never forgotten: they end.

use std::collections::HashSet;

use super::Directory;
use crate::domain::{AccountId, CustomerId, E164, LocationId, TechnicianId, TenantId, WorkOrderId};
use crate::store::edit::Gone;
use crate::store::fact::Fact;

/// Everything that was told in one telling.
#[derive(Default)]
pub struct Known {
    tenants: HashSet<TenantId>,
    accounts: HashSet<AccountId>,
    locations: HashSet<(TenantId, LocationId)>,
    technicians: HashSet<(TenantId, TechnicianId)>,
    customers: HashSet<(TenantId, CustomerId)>,
    work_orders: HashSet<(TenantId, WorkOrderId)>,
    numbers: HashSet<E164>,
    keys: HashSet<String>,
}

impl Known {
    /// Notes that it was told.
    pub fn note(&mut self, fact: &Fact) {
        match fact {
            Fact::Tenant(tenant, _) => drop(self.tenants.insert(tenant.id.clone())),
            Fact::Account(account, _) => drop(self.accounts.insert(account.id.clone())),
            Fact::Location(l) => drop(self.locations.insert((l.tenant.clone(), l.id.clone()))),
            Fact::Technician(t) => drop(self.technicians.insert((t.tenant.clone(), t.id.clone()))),
            Fact::Customer(c) => drop(self.customers.insert((c.tenant.clone(), c.id.clone()))),
            Fact::WorkOrder(job) => drop(self.work_orders.insert((job.tenant.clone(), job.id.clone()))),
            Fact::Number(number) => drop(self.numbers.insert(number.e164.e164())),
            Fact::Key(_, key) => drop(self.keys.insert(key.hash.clone())),
            Fact::Session(_)
            | Fact::Contact(_)
            | Fact::OptOut(..)
            | Fact::OptIn(..)
            | Fact::Choosing(..)
            | Fact::PinStreak(..)
            | Fact::Automatic(..)
            | Fact::Call(_)
            | Fact::Accepted { .. } => {}
        }
    }
}

impl Directory {
    /// Forgets one thing of a tenant; of another tenant's nothing.
    pub fn forget(&self, tenant: &TenantId, gone: &Gone) {
        let of = tenant.clone();
        match gone {
            Gone::Account(id) => drop(self.lines.remove_if(id, |_, line| line.account.tenant == of)),
            Gone::Location(id) => drop(self.offices.remove(&(of, id.clone()))),
            Gone::Technician(id) => {
                if let Some((_, was)) = self.technicians.remove(&(of, id.clone()))
                    && let Some(phone) = was.phone
                {
                    self.technician_phones.remove(tenant, phone, id);
                }
            }
            Gone::Customer(id) => {
                if let Some((_, was)) = self.customers.remove(&(of, id.clone())) {
                    was.phones.iter().for_each(|phone| self.customer_phones.remove(tenant, *phone, id));
                }
            }
            Gone::WorkOrder(id) => drop(self.work_orders.remove(&(of, id.clone()))),
            Gone::Number(number) => drop(self.numbers.remove_if(&number.e164(), |_, number| number.tenant == of)),
        }
    }

    /// Forgets a tenant that has nothing any more, and its keys.
    pub fn dissolve(&self, tenant: &TenantId) {
        self.tenants.remove(tenant);
        self.secrets.remove(tenant);
        self.keys.dissolve(tenant);
        self.deepcall.keep(|known| known != tenant);
    }

    /// Forgets a key.
    pub fn revoke(&self, tenant: &TenantId, key: &str) {
        self.keys.revoke(tenant, key);
    }

    /// Forgets whatever is declared and was not told.
    pub fn keep(&self, told: &Known) {
        self.lines.retain(|id, _| told.accounts.contains(id));
        self.offices.retain(|key, _| told.locations.contains(key));
        self.work_orders.retain(|key, _| told.work_orders.contains(key));
        self.numbers.retain(|number, _| told.numbers.contains(number));
        self.tenants.retain(|id, _| told.tenants.contains(id));
        self.secrets.retain(|id, _| told.tenants.contains(id));
        self.deepcall.keep(|tenant| told.tenants.contains(tenant));
        self.keys.keep(|tenant| told.tenants.contains(tenant), |hash| told.keys.contains(hash));
        let gone = self.technicians.iter().map(|t| t.key().clone()).filter(|key| !told.technicians.contains(key));
        for (tenant, id) in gone.collect::<Vec<_>>() {
            self.forget(&tenant, &Gone::Technician(id));
        }
        let gone = self.customers.iter().map(|c| c.key().clone()).filter(|key| !told.customers.contains(key));
        for (tenant, id) in gone.collect::<Vec<_>>() {
            self.forget(&tenant, &Gone::Customer(id));
        }
    }
}
