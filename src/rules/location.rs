//! What a location's own words must be: a known time zone, hours that can be read, dates that exist, templates whose
//! braces close.
//!
//! Deliberately not here: types and ranges (the file's reader) and the checks across masking settings
//! ([`super::masking::cross_checks`]).

use opening_hours::OpeningHours;
use opening_hours::localization::Country;

use super::file::suggest;
use super::finding::Finding;
use crate::domain::Location;

/// What a template may name.
pub const PLACEHOLDERS: [&str; 4] = ["customer_name", "tech_name", "location_name", "accept_key"];

/// Everything that is wrong or doubtful about a location's zone, hours, holidays and dates. `field` is a path inside the
/// location.
pub fn location_checks(location: &Location) -> Vec<Finding> {
    let mut found = Vec::new();
    if jiff::tz::TimeZone::get(&location.time_zone).is_err() {
        found.push(Finding::mistake(
            "time_zone",
            format!("{:?} is no time zone; an IANA name is wanted, such as \"America/Chicago\"", location.time_zone),
        ));
    }
    if !location.hours.is_empty()
        && let Err(error) = location.hours.parse::<OpeningHours>()
    {
        found.push(Finding::mistake("hours", no_hours(&error)));
    }
    if !location.holidays.is_empty() && location.holidays.parse::<Country>().is_err() {
        found.push(Finding::mistake(
            "holidays",
            format!(
                "no calendar of {:?} is known; a country's two letters are wanted, such as \"US\"",
                location.holidays
            ),
        ));
    }
    for (index, date) in location.closed_dates.iter().enumerate() {
        if !is_date(date) {
            found.push(Finding::mistake(format!("closed_dates[{index}]"), no_date(date)));
        }
    }
    for (date, ranges) in &location.special_hours {
        let field = format!("special_hours.{date}");
        if !is_date(date) {
            found.push(Finding::mistake(field, no_date(date)));
        } else if ranges != "off"
            && let Err(message) = time_ranges(ranges)
        {
            found.push(Finding::mistake(field, message));
        } else if location.closed_dates.contains(date) {
            found.push(Finding::warning(field, "this date is in closed_dates too; its special hours win"));
        }
    }
    found
}

/// What is wrong with a template: an unknown placeholder or a lone brace, and where it stands.
pub fn template_mistake(text: &str) -> Option<String> {
    let mut open: Option<(usize, String)> = None;
    for (index, c) in text.chars().enumerate() {
        let position = index + 1;
        match (c, &mut open) {
            ('{', None) => open = Some((position, String::new())),
            ('{', Some((at, _))) => return Some(format!("the brace at character {at} is never closed")),
            ('}', None) => return Some(format!("the brace at character {position} was never opened")),
            ('}', Some((at, name))) => {
                if !PLACEHOLDERS.contains(&name.as_str()) {
                    return Some(format!(
                        "the placeholder at character {at}: {}",
                        suggest::none_of(name, &PLACEHOLDERS)
                    ));
                }
                open = None;
            }
            (other, Some((_, name))) => name.push(other),
            (_, None) => {}
        }
    }
    open.map(|(at, _)| format!("the brace at character {at} is never closed"))
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

fn no_date(text: &str) -> String {
    let shown: String = text.chars().take(40).collect();
    format!("{shown:?} is no date; YYYY-MM-DD is wanted, such as \"2026-12-24\"")
}

/// Hours of one day are time ranges and nothing else: no weekdays, no dates.
fn time_ranges(text: &str) -> Result<(), String> {
    let only_times = text.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '-' | ',' | ' '));
    if only_times && !text.trim().is_empty() && text.parse::<OpeningHours>().is_ok() {
        return Ok(());
    }
    Err("must be time ranges, such as \"08:00-12:00,13:00-15:00\", or \"off\"".to_owned())
}

/// The parser's message is a drawing of several lines; what an operator needs of it is the place.
fn no_hours(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let place = text.split_once("--> ").and_then(|(_, rest)| rest.split_whitespace().next()?.split_once(':'));
    let place = place.map(|(_, column)| format!(" from character {column} on")).unwrap_or_default();
    format!(
        "cannot be read as opening hours{place}; wanted is OpenStreetMap's form, such as \"Mo-Fr 08:00-17:00; PH off\""
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_name_only_what_there_is() {
        for (text, good) in [
            ("Call for {location_name}. Press {accept_key}.", true),
            ("", true),
            ("no placeholder", true),
            ("{customer}", false),
            ("{", false),
            ("}", false),
            ("{tech_name", false),
            ("{tech_name}}", false),
            ("{{tech_name}}", false),
        ] {
            assert_eq!(template_mistake(text).is_none(), good, "{text:?}");
        }
        assert_eq!(
            template_mistake("To {customer}").as_deref(),
            Some(
                "the placeholder at character 4: \"customer\" is none of customer_name, tech_name, location_name, accept_key; \
                 did you mean \"customer_name\"?"
            )
        );
    }

    #[test]
    fn hours_of_one_day_hold_no_weekday() {
        for (text, good) in [
            ("08:00-12:00", true),
            ("08:00-12:00,13:00-17:00", true),
            ("22:00-02:00", true),
            ("Mo 08:00-12:00", false),
            ("", false),
            ("8 to 12", false),
        ] {
            assert_eq!(time_ranges(text).is_ok(), good, "{text:?}");
        }
    }
}
