//! Hookswitch.

pub mod domain;

pub mod rules;

pub mod routing;

pub mod voice;

pub mod providers;

pub mod store;

pub mod switchboard;

pub mod jobs;

pub mod replay;

pub mod http;

pub mod cli;
