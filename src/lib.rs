//! Hookswitch.

pub mod domain;
pub mod providers;
pub mod replay;
pub mod routing;
pub mod rules;
pub mod store;
pub mod switchboard;
pub mod voice;
