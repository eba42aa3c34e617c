//! From an answer in our words to a document that a provider runs: addresses, limits, and one writer per language.
//!
//! Deliberately not here: deciding what to say (`routing`), reading what a provider sends back (`providers`), and
//! anything that waits or fails: every answer has a document.

pub mod document;
pub mod links;
pub mod twiml;
pub mod written;
mod xml;

pub use document::{Document, Page, Relayed, Says, Text, compose};
pub use links::{Link, Links, Misaddressed};
pub use written::{Written, fill};

#[cfg(test)]
mod golden;
#[cfg(test)]
mod properties;
