//! The file and what is stored, seen as one: an object of the file hides the stored one of the same id.
//!
//! Deliberately not here: checks.

use crate::domain::{Account, Customer, Location, LocationId, Number, Session, Technician, WorkOrder, WorkOrderId};
use crate::rules::ruleset::Ruleset;

/// Both together.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub file: &'a Ruleset,
    pub base: Option<&'a Ruleset>,
}

macro_rules! both {
    ($(#[$doc:meta])* $name:ident, $list:ident, $type:ty, $key:ident) => {
        $(#[$doc])*
        pub fn $name(self) -> impl Iterator<Item = &'a $type> {
            let stored = self.base.map(|base| base.$list.as_slice()).unwrap_or_default();
            let hidden = move |one: &&'a $type| !self.file.$list.iter().any(|other| other.$key == one.$key);
            self.file.$list.iter().chain(stored.iter().filter(hidden))
        }
    };
}

impl<'a> View<'a> {
    both!(
        /// Every location.
        locations, locations, Location, id
    );
    both!(
        /// Every technician.
        technicians, technicians, Technician, id
    );
    both!(
        /// Every customer contact.
        customers, customers, Customer, id
    );
    both!(
        /// Every job.
        work_orders, work_orders, WorkOrder, id
    );
    both!(
        /// Every number.
        numbers, numbers, Number, e164
    );

    /// Every account.
    pub fn accounts(self) -> impl Iterator<Item = &'a Account> {
        let stored = self.base.map(|base| base.accounts.as_slice()).unwrap_or_default();
        let hidden = move |one: &&'a Account| self.file.account(&one.id).is_none();
        self.file
            .accounts
            .iter()
            .map(|(account, _)| account)
            .chain(stored.iter().map(|(account, _)| account).filter(hidden))
    }

    /// The location of this id.
    pub fn location(self, id: &LocationId) -> Option<&'a Location> {
        self.file.location(id).or_else(|| self.base?.location(id))
    }

    /// The job of this id.
    pub fn work_order(self, id: &WorkOrderId) -> Option<&'a WorkOrder> {
        self.work_orders().find(|job| job.id == *id)
    }

    /// The location that governs a session: its own, its number's, or the tenant's default.
    pub fn governing(self, session: &Session) -> Option<&'a Location> {
        let of_number =
            || self.numbers().find(|number| number.e164 == session.number).and_then(|number| number.location.as_ref());
        let id = session.location.as_ref().or_else(of_number).or(self.file.tenant.default_location.as_ref())?;
        self.location(id)
    }
}
