//! Fixtures: recorded or written exchanges with a provider, played again and compared.
//!
//! A fixture names a world (a rules file), an instant, requests in order and what is expected of each answer.
//! [`run::run`] finds them ([`select`]), reads them ([`read`]), plays each against a switchboard in this process or a
//! live server ([`play`], [`target`]), compares status, document, decision and effects ([`diff`]), and reports
//! ([`story`], [`junit`], [`json`], [`html`]). What the format allows is told in `fixtures/README.md`.
//!
//! Deliberately not here: anything of `voice`. Documents are read with another reader than the one that wrote them.

pub mod binding;
pub mod diff;
pub mod fixture;
pub mod html;
pub mod json;
pub mod junit;
pub mod link;
pub mod lint;
pub mod live;
pub mod node;
pub mod options;
pub mod phones;
pub mod play;
pub mod progress;
pub mod read;
pub mod record;
pub mod rows;
pub mod run;
pub mod select;
pub mod signing;
pub mod simulate;
pub mod span;
pub mod story;
pub mod target;
pub mod update;
pub mod world;
pub mod xml;

pub use fixture::Sign;
pub use options::{Options, Summary};
pub use progress::{Bar, Progress, Silent};
pub use run::run;
