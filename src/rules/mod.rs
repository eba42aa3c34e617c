//! What the operator wrote, checked: [`file`](mod@file) reads a rules file into a [`Ruleset`](ruleset::Ruleset) or tells
//! every mistake in it; the rest are the questions that its values answer (is it open, whose number is this, does this
//! rule apply).
//!
//! Deliberately not here: where files are found, and what is stored of them.

pub mod file;
pub mod finding;
pub mod hours;
pub mod location;
pub mod masking;
pub mod numbering;
pub mod removal;
pub mod ruleset;
pub mod soundness;
pub mod template;
pub mod when;
pub mod zones;
