//! Commands.

pub mod config;
