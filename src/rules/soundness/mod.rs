//! Whether a tenant's rules hang together when they are looked at as a whole: what nobody would miss in a single
//! object, and callers would.
//!
//! Deliberately not here: what a rules file is refused or warned for while it is read (`rules::file`); only the checks
//! of settings in their surroundings are asked again, because what surrounds them may have changed since.

pub mod hours;
pub mod pool;
pub mod recording;
pub mod routes;

#[cfg(test)]
mod samples;

use crate::domain::{Location, Number, NumberState};
use crate::rules::ruleset::Ruleset;

/// Something that is wrong or doubtful, and what to do about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Doubt {
    /// Whether callers are failed by it; otherwise it may be what was meant.
    pub grave: bool,
    /// What it is.
    pub about: String,
    /// What mends it.
    pub mend: String,
}

impl Doubt {
    fn grave(about: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { grave: true, about: about.into(), mend: mend.into() }
    }

    fn slight(about: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { grave: false, about: about.into(), mend: mend.into() }
    }
}

/// The location that governs calls to a number without a session.
fn home<'a>(rules: &'a Ruleset, number: &Number) -> Option<&'a Location> {
    number.location.as_ref().or(rules.tenant.default_location.as_ref()).and_then(|id| rules.location(id))
}

/// The numbers of a location that have not been given back.
fn numbers_of<'a>(rules: &'a Ruleset, location: &Location) -> impl Iterator<Item = &'a Number> {
    let id = location.id.clone();
    rules.numbers.iter().filter(move |number| {
        number.state != NumberState::Retired && home(rules, number).is_some_and(|home| home.id == id)
    })
}
