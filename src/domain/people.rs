//! People that a call can reach, and the job that brought them together.
//!
//! Deliberately not here: back-office lines (they belong to a [`super::place::Location`]).

use super::ids::{CustomerId, LocationId, TechnicianId, TenantId, WorkOrderId};
use super::phone::E164;
use super::settings::words;
use super::time::Moment;

/// Somebody who does jobs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Technician {
    /// Their id.
    pub id: TechnicianId,
    /// Their employer.
    pub tenant: TenantId,
    /// Their name, as it may be spoken (see [`super::spoken::speakable`]).
    pub name: String,
    /// Their phone; without one they cannot be reached.
    pub phone: Option<E164>,
    /// Their office.
    pub location: Option<LocationId>,
    /// Whether they work at present.
    pub active: bool,
    /// Whether they opted in to masking, where it is offered.
    pub masking_opt_in: bool,
}

/// A customer contact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Customer {
    /// Their id.
    pub id: CustomerId,
    /// Whose customer.
    pub tenant: TenantId,
    /// Their name.
    pub name: String,
    /// Their phones, of those that are E.164.
    pub phones: Vec<E164>,
    /// Phones as they were typed, that are not E.164: kept, and never matched or dialled.
    pub other_phones: Vec<String>,
    /// The office they belong to.
    pub location: Option<LocationId>,
    /// Tags that rules can name.
    pub tags: Vec<String>,
}

/// A job.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorkOrder {
    /// Its id.
    pub id: WorkOrderId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Its office.
    pub location: Option<LocationId>,
    /// For whom.
    pub customer: Option<CustomerId>,
    /// By whom.
    pub technician: Option<TechnicianId>,
    /// What it is.
    pub title: String,
    /// Where it stands.
    pub status: WorkOrderStatus,
    /// Tags that rules can name.
    pub tags: Vec<String>,
}

/// Where a job stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WorkOrderStatus {
    /// To be done.
    Open,
    /// Done; its sessions are in grace from here.
    Completed {
        /// When.
        at: Moment,
    },
    /// Called off; its sessions ended with it.
    Canceled {
        /// When, where it is known.
        at: Option<Moment>,
    },
}

words! {
    /// The word for where a job stands.
    WorkOrderWord {
        /// To be done.
        Open = "open",
        /// Done.
        Completed = "completed",
        /// Called off.
        Canceled = "canceled",
    }
}
