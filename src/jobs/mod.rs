//! Work that leaves the machine.
//!
//! Deliberately not here: anything that a caller waits for.

mod calls;
pub mod deliver;
pub mod guard;
pub mod halt;
pub mod inquire;
pub mod media;
pub mod provider;
pub mod purge;
pub mod recordings;
pub mod rest;
pub mod rules;
mod seats;
