//! Random calls in random worlds: drawn from a seed, played against the engine, and judged by thirteen invariants that
//! know nothing of how the engine decides.
//!
//! A case is two tenants ([`draw`], [`people`]), who does what ([`acts`]), and the network's weather. It is played
//! ([`case`]), sorted ([`happened`]), judged ([`invariants`]) and counted ([`tally`]); many cases are played at once
//! ([`mod@run`]). The same seed gives the same cases on every machine, and every case can be played again alone.
//!
//! Deliberately not here: the network itself, and anything of `routing` and `voice`: what a call should do is worked
//! out anew.

pub mod acts;
pub mod calendar;
pub mod case;
pub mod dice;
pub mod draw;
pub mod happened;
pub mod invariants;
pub mod people;
pub mod plan;
pub mod report;
pub mod run;
pub mod save;
pub mod tally;
pub mod write;

pub use case::Case;
pub use invariants::{Invariant, Wrong};
pub use run::{Found, Options, Summary, run};
