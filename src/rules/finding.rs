//! What a check found in a value that has no place in a file yet: a field, and what is wrong with it.
//!
//! Deliberately not here: where that stands (`file` turns a finding into a [`super::ruleset::Mistake`] with its line; a
//! door turns it into an error of its own shape).

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
}

impl Finding {
    /// A value that cannot be accepted.
    pub fn mistake(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), code: None, message: message.into(), warning: false }
    }

    /// A value that is accepted, and may not do what was meant.
    pub fn warning(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), code: None, message: message.into(), warning: true }
    }
}
