//! Conformance: every rule of wire.md B and C.2 that the network keeps, one row each, with small documents by hand.
//!
//! Deliberately not here: documents of ours; these tests judge the judge.

mod dialing;
mod scene;
