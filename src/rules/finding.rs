//! What a check found in a value that has no place in a file yet: a field, and what is wrong with it.
//!
//! Deliberately not here: where that stands (`file` turns a finding into a [`super::ruleset::Mistake`] with its line; a
//! door turns it into an error of its own shape).

use crate::domain::CustomerId;

/// The codes of findings: programs go by them, so that none is ever renamed.
pub mod code {
    /// There is no such field.
    pub const UNKNOWN_FIELD: &str = "unknown_field";
    /// A value of another type.
    pub const WRONG_TYPE: &str = "wrong_type";
    /// A number below the least or above the most.
    pub const OUT_OF_RANGE: &str = "out_of_range";
    /// A field that must be there.
    pub const MISSING: &str = "missing";
    /// A value that means nothing here.
    pub const INVALID: &str = "invalid";
    /// A reference to what is not there.
    pub const NOT_FOUND: &str = "not_found";
    /// A value that goes with nothing that is there already.
    pub const CONFLICT: &str = "conflict";
    /// A text or a list that is too long.
    pub const TOO_LONG: &str = "too_long";
    /// A field that was given more than once.
    pub const REPEATED: &str = "repeated";
    /// A field that whoever sent it may not set.
    pub const READ_ONLY: &str = "read_only";
    /// A contact's phone that is not E.164 where it must be.
    pub const NOT_E164: &str = "not_e164";
    /// Contacts whose phones are not E.164.
    pub const CONTACTS_NOT_E164: &str = "contacts_not_e164";
    /// Something that others still need.
    pub const IN_USE: &str = "in_use";
    /// A value that may not do what was meant; only warnings have it.
    pub const DOUBTFUL: &str = "doubtful";
}

/// What is wrong with one value, before anybody knows where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Its code.
    pub code: &'static str,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl Fault {
    /// A fault of this code.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// A value of another type.
    pub fn wrong_type(message: impl Into<String>) -> Self {
        Self::new(code::WRONG_TYPE, message)
    }

    /// A value that means nothing here.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(code::INVALID, message)
    }
}

/// Which contacts a finding is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contacts {
    /// The first of them.
    pub first: Vec<CustomerId>,
    /// How many there are.
    pub count: usize,
}

/// Something that a check found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The field, as a path inside the object that was checked, such as `special_hours.2026-12-31`.
    pub field: String,
    /// A stable code, where an API names one.
    pub code: Option<&'static str>,
    /// What is wrong, and what would be right.
    pub message: String,
    /// Whether it is only worth knowing.
    pub warning: bool,
    /// The contacts that it is about, where it is about some.
    pub contacts: Option<Contacts>,
}

impl Finding {
    /// A value that cannot be accepted.
    pub fn mistake(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), code: None, message: message.into(), warning: false, contacts: None }
    }

    /// A value that is accepted, and may not do what was meant.
    pub fn warning(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), code: None, message: message.into(), warning: true, contacts: None }
    }

    /// The same with a code.
    #[must_use]
    pub fn coded(self, code: &'static str) -> Self {
        Self { code: Some(code), ..self }
    }
}
