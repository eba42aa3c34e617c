//! What the operator wrote, checked.

pub mod file;
pub mod finding;
pub mod hours;
pub mod location;
pub mod masking;
pub mod numbering;
pub mod ruleset;
pub mod template;
pub mod when;
pub mod zones;
