//! Conformance: every rule of wire.md B and C.2 that the network keeps, one row each, with small documents by hand.
//!
//! Deliberately not here: documents of ours; these tests judge the judge.

mod api;
mod asked;
mod dialing;
mod gathering;
mod hanging_up;
mod random;
mod reading;
mod recording;
mod scene;
mod texting;
mod together;
mod verbs;
mod waiting;
mod weather;
