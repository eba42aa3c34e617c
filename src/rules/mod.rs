//! What the operator wrote, checked.
pub mod hours;
pub mod numbering;
pub mod ruleset;
pub mod template;
pub mod when;
pub mod zones;
