//! Whole calls between scripted people, played against a switchboard in this process or a live server, and judged.
//!
//! Deliberately not here: the network itself (`replay::phones`), which knows nothing of us but our documents.

pub mod play;

pub use play::{Exchanged, Played, play};
