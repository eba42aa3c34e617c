//! What reading a file carries from object to object.
//!
//! Deliberately not here: the objects.

use super::notes::Notes;
use crate::domain::TenantId;
use crate::rules::ruleset::Ruleset;

/// Who wrote what is read, and reads what is said of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Door {
    /// The operator, in a rules file.
    File,
    /// A program, in the body of a request. A date stands for `null` there (see `json`).
    Api,
}

/// One reading of one file.
pub(super) struct Reading<'a> {
    /// Who wrote it.
    pub door: Door,
    /// What was found.
    pub notes: Notes<'a>,
    /// What is stored of this tenant.
    pub base: Option<&'a Ruleset>,
    /// The environment that secrets are looked up in.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// The tenant of the file.
    pub tenant: TenantId,
    /// Region of phones typed nationally.
    pub country: String,
    /// Every reference to another object, to be resolved when all of them are known.
    pub pointers: Vec<Pointer>,
    /// Fields of the tenant that only a tenant of sandbox accounts may have, each with the remedy.
    pub sandbox_only: Vec<(String, &'static str)>,
    /// Every phone of a customer contact as it was typed, with its path.
    pub typed_phones: Vec<(String, String)>,
    /// Whether any literal secret was used.
    pub demo_secrets: bool,
}

impl<'a> Reading<'a> {
    /// A reading that has not begun.
    pub fn new(
        door: Door,
        notes: Notes<'a>,
        tenant: TenantId,
        base: Option<&'a Ruleset>,
        env: &'a dyn Fn(&str) -> Option<String>,
    ) -> Self {
        Self {
            door,
            notes,
            base,
            env,
            tenant,
            country: base.map_or_else(|| "US".to_owned(), |base| base.tenant.country.clone()),
            pointers: Vec::new(),
            sandbox_only: Vec::new(),
            typed_phones: Vec::new(),
            demo_secrets: false,
        }
    }

    /// The one of two wordings that whoever wrote it understands.
    pub const fn said<'w>(&self, in_a_file: &'w str, in_a_body: &'w str) -> &'w str {
        match self.door {
            Door::File => in_a_file,
            Door::Api => in_a_body,
        }
    }
}

/// A field that names another object.
pub(super) struct Pointer {
    /// The field.
    pub path: String,
    /// The kind of object.
    pub kind: Kind,
    /// Its id.
    pub id: String,
}

/// Kinds of object that others refer to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Kind {
    Account,
    Location,
    Technician,
    Customer,
    WorkOrder,
    Number,
}

impl Kind {
    /// The table that such objects stand in.
    pub const fn table(self) -> &'static str {
        match self {
            Self::Account => "provider_account",
            Self::Location => "location",
            Self::Technician => "technician",
            Self::Customer => "customer",
            Self::WorkOrder => "work_order",
            Self::Number => "number",
        }
    }
}

/// Puts a value that the file named into its place; what it did not name stays.
pub(super) fn put<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}
