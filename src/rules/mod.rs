//! What the operator wrote, checked.
pub mod file;
pub mod finding;
pub mod hours;
pub mod location;
pub mod masking;
pub mod ruleset;
pub mod when;
