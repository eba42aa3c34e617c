//! Hookswitch.

pub mod domain;

pub mod providers;
pub mod routing;
pub mod rules;
pub mod voice;
