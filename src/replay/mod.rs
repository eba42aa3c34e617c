//! Fixtures: recorded or written exchanges with a provider, played again and compared.
//!
//! A fixture names a world (a rules file), an instant, requests in order and what is expected of each answer.
//! [`run()`] finds them ([`select`]), reads them ([`read`]), plays each against a switchboard in this process or a
//! live server ([`play`], [`target`]), compares status, document, decision and effects ([`diff`]), and reports
//! ([`story`], [`junit`], [`json`], [`html`]): for people by the parts that differ ([`parts`]), documents laid over each
//! other ([`overlay`]), alike failures once ([`group`]). What came can be written down as what is expected ([`update`])
//! and is looked at before it counts ([`review`]). What the format allows is told in `fixtures/README.md`.
//!
//! Deliberately not here: anything of `voice`. Documents are read with another reader than the one that wrote them.

pub mod binding;
pub mod diff;
pub mod fixture;
pub mod given;
pub mod group;
pub mod html;
pub mod json;
pub mod junit;
pub mod kind;
pub mod line;
pub mod link;
pub mod lint;
pub mod live;
pub mod node;
pub mod options;
pub mod overlay;
pub mod paint;
pub mod parts;
pub mod phones;
pub mod play;
pub mod progress;
pub mod read;
pub mod reader;
pub mod record;
pub mod review;
pub mod rows;
pub mod run;
pub mod select;
pub mod signing;
pub mod simulate;
pub mod span;
pub mod story;
pub mod target;
pub mod update;
pub mod words;
pub mod world;
pub mod xml;

pub use fixture::Sign;
pub use options::{Options, Summary};
pub use progress::{Bar, Progress, Silent};

/// Plays files of exchanges. Reports are written; nothing is printed.
pub async fn run(options: Options, progress: &mut dyn Progress) -> Summary {
    run::run::<kind::Exchanges>(options, progress).await
}
