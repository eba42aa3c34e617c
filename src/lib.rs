//! Hookswitch.

pub mod cli;
pub mod domain;
pub mod http;
pub mod jobs;
pub mod routing;
pub mod rules;
pub mod store;
pub mod switchboard;
