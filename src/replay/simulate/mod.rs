//! Whole calls between scripted people, played against a switchboard in this process or a live server, and judged.
//!
//! A file ([`mod@file`]) says who has a phone and what they do; the network ([`super::phones`]) makes a call of it,
//! request by request ([`play()`]); the story of it is told ([`mod@story`]) and compared with what was expected
//! ([`mod@judge`]). What the format allows is told in `fixtures/README.md`. Calls that nobody wrote are drawn from a seed
//! and judged by what must always hold ([`random`]).
//!
//! Deliberately not here: the network itself (`replay::phones`), which knows nothing of us but our documents.

pub mod call;
pub mod ends;
pub mod file;
pub mod judge;
pub mod never;
pub mod numbers;
mod ours;
mod party;
pub mod play;
pub mod random;
pub mod story;
pub mod tale;
pub mod told;
pub mod write;

pub use call::{Call, CallOutcome, End, Expect};
pub use play::{Exchanged, Played, play};
pub use tale::{Calls, Tale};

use super::{Options, Progress, Summary};

/// Plays files of whole calls. Reports are written; nothing is printed.
pub async fn run(options: Options, progress: &mut dyn Progress) -> Summary {
    super::run::run::<Calls>(options, progress).await
}
