//! A phone network in a box: people with phones, a provider that reads our documents, and time that is only counted.
//!
//! It stands where the real provider stands and judges what we answer, so it must be independent: it reads XML with its
//! own reader and shares no type with `voice`, `routing` or `switchboard`. What it does is what wire.md (parts A, B and
//! C.2) says that providers do; each rule has a conformance test that cites its row.
//!
//! It neither sends nor waits: [`Network::next`] says which request the provider makes next, and at which instant;
//! whoever drives it sends that and hands the reply to [`Network::answer`]. So the same network runs in virtual time
//! against a switchboard in this process, over HTTP against a live server, and in real time for the demo.
//!
//! Deliberately not here: signing and sending (`replay::simulate`), and what was expected.

mod address;
mod agenda;
mod attributes;
mod calls;
mod dial;
mod document;
mod gather;
mod leg;
pub mod log;
pub mod network;
mod nouns;
mod params;
mod queue;
mod random;
mod reading;
mod record;
mod request;
mod ring;
mod run;
pub mod script;
mod text;
mod verbs;

#[cfg(test)]
mod tests;

pub use log::{Happening, What};
pub use network::{Ask, Network};
pub use script::Script;
