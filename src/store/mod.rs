//! The store.
pub mod entry;
pub mod fact;
