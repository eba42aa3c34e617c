//! Hookswitch.

pub mod domain;

pub mod replay;
pub mod routing;
pub mod rules;
pub mod store;
pub mod switchboard;
