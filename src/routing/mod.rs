//! From an event to a decision: one pure function and its parts.
pub mod answer;
pub mod decision;
pub mod effect;
pub mod reason;
pub mod world;
