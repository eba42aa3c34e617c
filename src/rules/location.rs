//! What a location's own words must be: a known time zone, hours that can be read, dates that exist, templates whose
//! braces close.
//!
//! Deliberately not here: types and ranges (the file's reader) and the checks across masking settings
//! ([`super::masking::cross_checks`]).

use super::finding::Finding;
use super::hours::Hours;
use super::template;
use crate::domain::{Location, Moment};

/// Hours are judged around this instant: whether they can be read does not depend on it, and what is remarkable about
/// them (a night cut short, a holiday without a clear answer) comes round every year.
const AROUND: Moment = Moment::from_seconds(1_767_225_600);

/// Everything that is wrong or doubtful about a location's zone, hours, holidays and dates. `field` is a path inside the
/// location.
pub fn location_checks(location: &Location) -> Vec<Finding> {
    match Hours::compile(location, AROUND) {
        Err(mistakes) => mistakes.into_iter().map(|wrong| Finding::mistake(wrong.field, wrong.message)).collect(),
        Ok(_) => {
            let remarks = Hours::remarks(location, AROUND);
            remarks.into_iter().map(|remark| Finding::warning(remark.field, remark.message)).collect()
        }
    }
}

/// What is wrong with a template: an unknown placeholder or a lone brace, and where it stands.
pub fn template_mistake(text: &str) -> Option<String> {
    let mistakes = template::check(text).err()?;
    Some(
        mistakes
            .iter()
            .map(|wrong| format!("at character {}: {}", wrong.position, wrong.message))
            .collect::<Vec<_>>()
            .join("; "),
    )
}
