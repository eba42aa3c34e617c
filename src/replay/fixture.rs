//! A fixture: a world, an instant, requests in order, and what is expected of each answer.
//!
//! Deliberately not here: reading it from a file (`replay::read`) and playing it (`replay::play`).

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::Moment;
use crate::domain::settings::words;
use crate::rules::ruleset::Mistake;

use super::node::Node;

/// One fixture file: its cases, or what is wrong with it.
#[derive(Clone, Debug)]
pub struct File<C = Case> {
    /// Where it is, as it was found.
    pub path: PathBuf,
    /// Its title; the path where it has none.
    pub title: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// The world it plays in; empty where the file cannot be read.
    pub world: String,
    /// One case for every row, or a single one; or the mistakes.
    pub cases: Result<Vec<C>, Vec<Mistake>>,
}

/// One run of a fixture's exchanges.
#[derive(Clone, PartialEq, Debug)]
pub struct Case {
    /// The row's name; empty where the file has no rows.
    pub row: String,
    /// The world's name.
    pub world: String,
    /// The provider account that the requests are signed for.
    pub account: String,
    /// When it begins.
    pub now: Moment,
    /// Changes to the world: a path such as `location.chicago.masking.enabled`, and the value.
    pub given: Vec<(String, Node)>,
    /// Why it is expected to fail.
    pub pending: Option<String>,
    /// Requests and expectations, in order.
    pub exchanges: Vec<Exchange>,
}

/// One request and what is expected of its answer.
#[derive(Clone, PartialEq, Debug)]
pub struct Exchange {
    /// Its line in the file.
    pub line: usize,
    /// How long after the exchange before it.
    pub after: Duration,
    /// `GET` or `POST`.
    pub method: String,
    /// The target, with placeholders.
    pub target: String,
    /// Parameters, with placeholders; a name may come several times.
    pub form: Vec<(String, String)>,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// A raw body in place of a form.
    pub body: Option<String>,
    /// How it is signed.
    pub sign: Sign,
    /// What is expected.
    pub expect: Expect,
}

/// What is expected of one answer; what is `None` is not looked at.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Expect {
    /// The HTTP status.
    pub status: Option<u16>,
    /// The document, with placeholders; empty means an empty body.
    pub document: Option<String>,
    /// Parts of the decision.
    pub decision: Option<Vec<(String, serde_json::Value)>>,
    /// The kinds of all effects.
    pub effects: Option<Vec<String>>,
}

impl Expect {
    /// Whether nothing is expected.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

words! {
    /// How a request is signed.
    Sign {
        /// As the provider signs.
        Valid = "valid",
        /// Not at all.
        None = "none",
        /// With a signature that fits nothing.
        Bad = "bad",
        /// With the account's older secret while it rotates; with one long gone where it does not.
        OldToken = "old-token",
        /// Over another host's address.
        WrongHost = "wrong-host",
    }
}
