//! The world of one decision: the directory and the calls in progress, as they are at one instant.
//!
//! Deliberately not here: deciding.

use std::sync::Arc;

use smallvec::SmallVec;

use super::Directory;
use crate::domain::{
    Account, AccountId, Call, CallId, Choosing, Contact, Customer, CustomerId, E164, LocationId, Moment, Number,
    PinStreak, Session, SessionId, Technician, TechnicianId, Tenant, TenantId, WorkOrder, WorkOrderId,
};
use crate::routing::{Office, Traffic, World};
use crate::rules::hours::Hours;
use crate::switchboard::live::Live;

/// What is known at one instant.
pub struct View<'a> {
    directory: &'a Directory,
    live: &'a Live,
    now: Moment,
    counts: bool,
}

impl<'a> View<'a> {
    pub(super) fn new(directory: &'a Directory, live: &'a Live, now: Moment) -> Self {
        Self { directory, live, now, counts: true }
    }

    /// The same without traffic: a decision that is only asked about is under no cap.
    pub fn quiet(mut self) -> Self {
        self.counts = false;
        self
    }
}

impl World for View<'_> {
    fn account(&self, id: &AccountId) -> Option<Arc<Account>> {
        self.directory.lines.get(id).map(|line| Arc::clone(&line.account))
    }

    fn tenant(&self, id: &TenantId) -> Option<Arc<Tenant>> {
        self.directory.tenants.get(id).map(|tenant| Arc::clone(&tenant))
    }

    fn allowed_countries(&self, tenant: &TenantId) -> Arc<[String]> {
        self.directory.countries.load().get(tenant).cloned().unwrap_or_default()
    }

    fn number(&self, e164: E164) -> Option<Arc<Number>> {
        self.directory.numbers.get(&e164).map(|number| Arc::clone(&number))
    }

    /// An office whose hours were compiled for another time is compiled for this one, and kept; not for a decision that is
    /// only asked about, which may be of any time.
    fn office(&self, tenant: &TenantId, id: &LocationId) -> Option<Arc<Office>> {
        let key = (tenant.clone(), id.clone());
        let office = self.directory.offices.get(&key).map(|office| Arc::clone(&office))?;
        if office.hours.covers(self.now) {
            return Some(office);
        }
        let Ok(hours) = Hours::compile(&office.location, self.now) else { return Some(office) };
        let office = Arc::new(Office { location: office.location.clone(), hours });
        if self.counts {
            self.directory.offices.insert(key, Arc::clone(&office));
        }
        Some(office)
    }

    fn technician(&self, tenant: &TenantId, id: &TechnicianId) -> Option<Arc<Technician>> {
        self.directory.technicians.get(&(tenant.clone(), id.clone())).map(|technician| Arc::clone(&technician))
    }

    fn technician_by_phone(&self, tenant: &TenantId, phone: E164) -> Option<Arc<Technician>> {
        let id = self.directory.technician_phones.last(tenant, phone)?;
        self.technician(tenant, &id)
    }

    fn customer(&self, tenant: &TenantId, id: &CustomerId) -> Option<Arc<Customer>> {
        self.directory.customers.get(&(tenant.clone(), id.clone())).map(|customer| Arc::clone(&customer))
    }

    fn customer_by_phone(&self, tenant: &TenantId, phone: E164) -> Option<Arc<Customer>> {
        let id = self.directory.customer_phones.last(tenant, phone)?;
        self.customer(tenant, &id)
    }

    fn work_order(&self, tenant: &TenantId, id: &WorkOrderId) -> Option<Arc<WorkOrder>> {
        self.directory.work_orders.get(&(tenant.clone(), id.clone())).map(|order| Arc::clone(&order))
    }

    fn session(&self, tenant: &TenantId, id: &SessionId) -> Option<Session> {
        self.directory.sessions.named(tenant.as_str(), id)
    }

    fn sessions_with(&self, number: E164, phone: E164) -> SmallVec<[Session; 2]> {
        self.directory.sessions.with(number, phone)
    }

    fn sessions_of_one(&self, number: E164) -> SmallVec<[Session; 2]> {
        self.directory.sessions.of_one(number)
    }

    fn sessions_on_terms(&self, number: E164) -> SmallVec<[Session; 2]> {
        self.directory.sessions.on_terms(number)
    }

    fn sessions_of_jobs(&self, number: E164) -> SmallVec<[Session; 2]> {
        self.directory.sessions.of_jobs(number)
    }

    fn contacts(&self, number: E164, phone: E164, until: Moment) -> SmallVec<[Contact; 4]> {
        self.directory.recent.contacts(number, phone, until)
    }

    fn opted_out(&self, number: E164, phone: E164) -> bool {
        self.directory.opted_out(number, phone)
    }

    fn choosing(&self, number: E164, phone: E164) -> Option<Choosing> {
        self.directory.choosings.get(&(number, phone)).map(|choosing| choosing.clone())
    }

    fn pin_streak(&self, number: E164, phone: E164) -> Option<PinStreak> {
        self.directory.pin_streaks.get(&(number, phone)).map(|streak| *streak)
    }

    fn last_automatic(&self, number: E164, phone: E164) -> Option<Moment> {
        self.directory.recent.last_automatic(number, phone)
    }

    fn last_closed_text(&self, number: E164, phone: E164) -> Option<Moment> {
        self.directory.recent.last_closed(number, phone)
    }

    fn told_opted_out(&self, number: E164, phone: E164, of: E164) -> bool {
        self.directory.recent.told_opted_out(number, phone, of)
    }

    fn traffic(
        &self,
        tenant: &TenantId,
        number: E164,
        caller: Option<E164>,
        session: Option<&SessionId>,
        now: Moment,
    ) -> Traffic {
        if !self.counts {
            return Traffic::default();
        }
        let traffic = self.directory.recent.traffic(tenant, number, caller, session, now);
        Traffic { tenant_now: self.live.in_progress(tenant), ..traffic }
    }

    fn call(&self, id: CallId) -> Option<Arc<Call>> {
        self.live.call(id)
    }

    fn waiting_before(&self, tenant: &TenantId, location: &LocationId, call: CallId) -> u32 {
        self.live.waiting_before(tenant, location, call)
    }
}
