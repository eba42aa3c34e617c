//! A phone network in a box: people with phones, a provider that reads our documents, and time that is only counted.
//!
//! It stands where the real provider stands and judges what we answer, so it must be independent: it reads XML with its
//! own reader and shares no type with `voice`, `routing` or `switchboard`. What it does is what wire.md (parts A, B and
//! C.2) says that providers do; each rule has a conformance test that cites its row.
//!
//! It neither sends nor waits: [`Network::next`] says which request the provider makes next, and at which instant;
//! whoever drives it sends that and hands the reply to [`Network::answer`]. Calls that we start are asked for through its
//! REST API ([`Network::create_call`]). So the same network runs in virtual time
//! against a switchboard in this process, over HTTP against a live server, and in real time for the demo.
//!
//! What providers leave open is one rule each, a constant with its reason: words take a fifteenth of a second a letter,
//! a sound five seconds, a phone rings a second after it is dialled, a declined call is `busy`, a caller who is told of
//! an error has been answered. What may or may not come (the action after a caller is gone, `DialCallDuration` of a
//! call that was not bridged, blank geography) is drawn from the seed.
//!
//! Deliberately not here: signing and sending (`replay::simulate`), and what was expected.

mod address;
mod agenda;
mod api;
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
