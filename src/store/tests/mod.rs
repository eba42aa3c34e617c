//! Tests of the store: its contract, and what it does when the database fails.
//!
//! Deliberately not here: tables beside the code that they test.

mod acts;
mod calls;
mod desk;
mod faults;
mod journal;
mod lists;
mod masked;
mod outbox;
mod recordings;
mod rules;
mod sessions;
mod shelf;
mod spilled;
mod support;
