//! What is known, as one decision sees it: questions that are answered at once, from memory.
//!
//! Deliberately not here: where the answers come from (`switchboard::directory`). **Invariant:** nothing here waits.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::domain::{
    Account, AccountId, Call, CallId, Choosing, Contact, Customer, CustomerId, E164, Location, LocationId, Moment,
    Number, PinStreak, Session, SessionId, Technician, TechnicianId, Tenant, TenantId, WorkOrder, WorkOrderId,
};
use crate::rules::hours::Hours;

/// A location together with its compiled hours.
#[derive(Debug)]
pub struct Office {
    /// The location as its operator described it.
    pub location: Location,
    /// Its hours.
    pub hours: Hours,
}

/// How much has been going on, for the caps. All counts exclude the event being decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Traffic {
    /// Calls of this caller in the last minute.
    pub caller_last_minute: u32,
    /// Calls of this caller to this number in the last minute.
    pub pair_last_minute: u32,
    /// Calls of this session in the last 24 hours.
    pub session_last_day: u32,
    /// The tenant's calls in progress.
    pub tenant_now: u32,
}

/// A read-only view of what is known.
pub trait World {
    /// The account of this id.
    fn account(&self, id: &AccountId) -> Option<Arc<Account>>;
    /// The tenant of this id.
    fn tenant(&self, id: &TenantId) -> Option<Arc<Tenant>>;
    /// ISO 3166 regions that this tenant may call; empty allows none.
    fn allowed_countries(&self, tenant: &TenantId) -> Arc<[String]>;
    /// A number that we rent, whichever account rents it.
    fn number(&self, e164: E164) -> Option<Arc<Number>>;
    /// A location and its hours.
    fn office(&self, tenant: &TenantId, id: &LocationId) -> Option<Arc<Office>>;
    /// A technician.
    fn technician(&self, tenant: &TenantId, id: &TechnicianId) -> Option<Arc<Technician>>;
    /// The technician with this phone.
    fn technician_by_phone(&self, tenant: &TenantId, phone: E164) -> Option<Arc<Technician>>;
    /// A customer contact.
    fn customer(&self, tenant: &TenantId, id: &CustomerId) -> Option<Arc<Customer>>;
    /// The customer contact with this phone.
    fn customer_by_phone(&self, tenant: &TenantId, phone: E164) -> Option<Arc<Customer>>;
    /// A job.
    fn work_order(&self, tenant: &TenantId, id: &WorkOrderId) -> Option<Arc<WorkOrder>>;
    /// The session of this id.
    fn session(&self, tenant: &TenantId, id: &SessionId) -> Option<Session>;
    /// Every session of this number in which this phone is a party, ended ones too, newest first.
    fn sessions_with(&self, number: E164, phone: E164) -> SmallVec<[Session; 2]>;
    /// The sessions of this number that have one party only, newest first: they take callers who are no party.
    fn sessions_of_one(&self, number: E164) -> SmallVec<[Session; 2]>;
    /// The plain pairs of this number that say what strangers hear or may prove, live or not.
    fn sessions_on_terms(&self, number: E164) -> SmallVec<[Session; 2]>;
    /// The sessions of this number that belong to a job, newest first: many, unless the number is a job's own.
    fn sessions_of_jobs(&self, number: E164) -> SmallVec<[Session; 2]>;
    /// Contacts through this number in which this phone is a party, at or before `until`, newest first.
    fn contacts(&self, number: E164, phone: E164, until: Moment) -> SmallVec<[Contact; 4]>;
    /// Whether this phone has opted out of texts from this number.
    fn opted_out(&self, number: E164, phone: E164) -> bool;
    /// The choice that this technician was asked to make on this number, if any.
    fn choosing(&self, number: E164, phone: E164) -> Option<Choosing>;
    /// When this phone last got an automatic text of ours from this number.
    fn last_automatic(&self, number: E164, phone: E164) -> Option<Moment>;
    /// When this phone last got the "we are closed" text from this number.
    fn last_closed_text(&self, number: E164, phone: E164) -> Option<Moment>;
    /// Whether this sender was told on this number that its counterpart `of` has opted out.
    fn told_opted_out(&self, number: E164, phone: E164, of: E164) -> bool;
    /// The wrong PINs in a row of this phone on this number, if any.
    fn pin_streak(&self, number: E164, phone: E164) -> Option<PinStreak>;
    /// How much has been going on; a caller who withheld their number has no calls of their own.
    fn traffic(
        &self,
        tenant: &TenantId,
        number: E164,
        caller: Option<E164>,
        session: Option<&SessionId>,
        now: Moment,
    ) -> Traffic;
    /// A call in progress, or one that ended recently.
    fn call(&self, id: CallId) -> Option<Arc<Call>>;
    /// How many callers wait in the dispatchers' queue of a location.
    fn waiting_before(&self, tenant: &TenantId, location: &LocationId, call: CallId) -> u32;
}
