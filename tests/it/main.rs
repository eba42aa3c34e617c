//! The tests that look at the program from outside, in one binary.
//!
//! Deliberately not here: tables of a single part; they stand at the foot of its file.

/// Sources and fixtures keep the house rules.
mod tidy;

/// Which phone numbers are nobody's.
mod fiction;
