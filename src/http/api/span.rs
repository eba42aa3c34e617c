//! The parameters that lists of what happened have in common: where, and from when to when.
//!
//! Deliberately not here: how many and behind which (`page`).

use utoipa::IntoParams;

use super::page::Wrong;
use crate::store::shelf::Span;
use crate::switchboard::typed::instant;

/// Where and when.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `take` reads")]
pub struct SpanParams {
    /// Only of this location.
    location_id: Option<String>,
    /// Only from this instant on, such as `2026-03-09T08:00:00-05:00`.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Only before this instant.
    #[param(format = DateTime)]
    to: Option<String>,
}

/// The names of these parameters.
pub const NAMES: [&str; 3] = ["location_id", "from", "to"];

/// Takes one of them in; `None` for any other.
pub fn take(span: &mut Span, name: &str, value: &str) -> Option<Result<(), Wrong>> {
    let read = || instant(value).map(Some).map_err(|message| ("invalid", message));
    let set = |place: &mut Option<_>, read: Result<_, Wrong>| read.map(|read| *place = read);
    match name {
        "location_id" => {
            span.location = Some(value.to_owned());
            Some(Ok(()))
        }
        "from" => Some(set(&mut span.from, read())),
        "to" => Some(set(&mut span.until, read())),
        _ => None,
    }
}

/// Takes a parameter in that must be one of these words.
pub fn word<'a>(
    place: &mut Option<String>,
    value: &str,
    words: impl IntoIterator<Item = &'a str>,
) -> Result<(), Wrong> {
    let words: Vec<&str> = words.into_iter().collect();
    if !words.contains(&value) {
        return Err(("invalid", format!("must be one of {}", words.join(", "))));
    }
    *place = Some(value.to_owned());
    Ok(())
}
