//! One thing that is known, as the store or a rules file tells it to whoever keeps it in memory.
//!
//! Deliberately not here: keeping it (`switchboard::directory`).

use super::edit::TenantKey;
use crate::domain::{
    Account, Call, Choosing, Contact, Customer, E164, Location, MaskingNumber, Moment, Number, PinStreak, Session,
    SessionId, Technician, Tenant, TenantId, WorkOrder,
};
use crate::rules::ruleset::{AccountSecrets, TenantSecrets};

/// One thing that is known.
#[derive(Clone, Debug)]
pub enum Fact {
    /// A tenant and its programs' secrets.
    Tenant(Tenant, TenantSecrets),
    /// A provider account and its secrets.
    Account(Account, AccountSecrets),
    /// A location with its lines, rules, overrides and settings.
    Location(Box<Location>),
    /// A technician.
    Technician(Technician),
    /// A customer contact.
    Customer(Customer),
    /// A job.
    WorkOrder(WorkOrder),
    /// A number.
    Number(Number),
    /// A session.
    Session(Session),
    /// A key of a tenant's program that was made while the server runs, revoked or not.
    Key(TenantId, TenantKey),
    /// A past contact.
    Contact(Contact),
    /// A phone that opted out of texts from a number.
    OptOut(MaskingNumber, E164),
    /// A phone that opted out once and in again.
    OptIn(MaskingNumber, E164),
    /// A choice that a technician was asked to make.
    Choosing(MaskingNumber, E164, Choosing),
    /// Wrong PINs in a row of a phone on a number.
    PinStreak(MaskingNumber, E164, PinStreak),
    /// An automatic text that went out: number, phone, which (`closed`, `opted_out`, `choice`, `undelivered`), when.
    Automatic(MaskingNumber, E164, String, Moment),
    /// A call that is in progress or ended in the last day.
    Call(Box<Call>),
    /// A call that was accepted: it counts for the caps.
    Accepted {
        /// Whose.
        tenant: TenantId,
        /// Through which number.
        number: MaskingNumber,
        /// From whose phone.
        caller: E164,
        /// In which session.
        session: Option<SessionId>,
        /// When.
        at: Moment,
    },
}

/// How much to tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// Everything that a running server keeps: contacts and traffic of the last day (the longest reply window), calls
    /// that are open or ended in the last day.
    Running {
        /// The time it is.
        now: Moment,
    },
    /// What is declared, and nothing of what happened.
    Declared,
    /// Everything about one number, of all time up to an instant; of people and places everything.
    Number {
        /// The number.
        number: E164,
        /// Contacts and opt-outs up to here.
        until: Moment,
    },
}
