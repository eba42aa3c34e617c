//! What the operator wrote, checked.
pub mod hours;
pub mod ruleset;
