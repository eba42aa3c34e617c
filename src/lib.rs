//! Hookswitch.

pub mod domain;
pub mod rules;
pub mod routing;
pub mod voice;
pub mod providers;
pub mod store;
