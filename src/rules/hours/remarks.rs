//! What is worth knowing about hours that can be read: where they may not mean what they look like.
//!
//! Deliberately not here: what cannot be read (that is a mistake of [`Hours::compile`]'s) and what depends on the day
//! one asks, such as a calendar that is running out.

use std::ops::Range;

use chrono::{DateTime, NaiveDate};
use opening_hours::OpeningHours;
use opening_hours::localization::Country;
use opening_hours_syntax::rules::day::DaySelector;
use opening_hours_syntax::rules::day::{HolidayKind, WeekDayRange};
use opening_hours_syntax::rules::time::{Time, TimeSelector};
use opening_hours_syntax::rules::{OpeningHoursExpression, RuleKind, RuleOperator};

use super::calendar::{Calendar, country, open_ranges};
use super::{Hours, HoursMistake};
use crate::domain::{Location, Moment};

/// Days looked at from `around` on: a year and a month.
const DAYS: usize = 396;

/// Minutes of a day on the wall.
const DAY: u16 = 24 * 60;

impl Hours {
    /// Remarks on a location's hours, over the year after `around`. None where they cannot be read at all.
    pub fn remarks(location: &Location, around: Moment) -> Vec<HoursMistake> {
        let Ok(calendar) = Calendar::read(location) else { return Vec::new() };
        let around = around.clamp(super::EARLIEST, super::LATEST);
        let Some(today) = DateTime::from_timestamp_micros(around.0).map(|at| at.date_naive()) else {
            return Vec::new();
        };
        let mut remarks = Vec::new();
        if let Some(weekly) = &calendar.weekly {
            remarks.extend(unclear_words(&weekly.get_expression()));
            remarks.extend(replaced(weekly, today));
        }
        remarks.extend(holidays(location, &calendar, today));
        for date in calendar.said_twice() {
            let text = format!("{date} is also in closed_dates; its special hours are used");
            remarks.push(HoursMistake::new("special_hours", text));
        }
        remarks
    }
}

/// Words that say less here than on a map.
fn unclear_words(expression: &OpeningHoursExpression) -> Vec<HoursMistake> {
    let mut remarks = Vec::new();
    let mut say = |text: String| remarks.push(HoursMistake::new("hours", text));
    for rule in &expression.rules {
        if rule.kind == RuleKind::Unknown {
            say(format!("\"{rule}\" says \"unknown\", which counts as closed"));
        }
        if rule.time_selector.spans.iter().any(|span| span.open_end) {
            say(format!("\"{rule}\" has an open end (\"+\"), which counts only up to the time before it, or midnight"));
        }
    }
    remarks
}

/// Where a rule looks open and another `;` rule closes it: a night shift cut at midnight, or hours that were meant in
/// addition.
fn replaced(weekly: &OpeningHours, today: NaiveDate) -> Vec<HoursMistake> {
    let expression = weekly.get_expression();
    let mut remarks = Vec::new();
    for (index, rule) in expression.rules.iter().enumerate() {
        let Some(alone) =
            (rule.kind == RuleKind::Open).then(|| rule.to_string().parse::<OpeningHours>().ok()).flatten()
        else {
            continue;
        };
        let alone = alone.with_context(weekly.get_context().clone());
        if crosses_midnight(&rule.time_selector)
            && let Some(date) = first_day(today, |date| cut_at_midnight(&alone, weekly, date))
        {
            let text = format!(
                "\"{rule}\" runs past midnight, but on {date} it is cut at 00:00: another rule separated by \";\" replaces \
                 that whole day, with the hours left over from the night before; separate them by \",\" to keep both"
            );
            remarks.push(HoursMistake::new("hours", text));
        }
        let plain = rule.operator == RuleOperator::Normal && index > 0 && only_weekdays(&rule.day_selector);
        if plain && let Some(date) = first_day(today, |date| drops_hours(&expression, index, &alone, weekly, date)) {
            let text = format!(
                "\"{rule}\" replaces the earlier hours of the same day, for example on {date}; separate them by \",\" \
                 if these hours come in addition"
            );
            remarks.push(HoursMistake::new("hours", text));
        }
    }
    remarks
}

fn first_day(today: NaiveDate, mut is: impl FnMut(NaiveDate) -> bool) -> Option<NaiveDate> {
    today.iter_days().take(DAYS).find(|date| is(*date))
}

fn crosses_midnight(times: &TimeSelector) -> bool {
    times.spans.iter().any(|span| match (span.range.start, span.range.end) {
        (Time::Fixed(start), Time::Fixed(end)) => end <= start || end.mins_from_midnight() > DAY,
        (Time::Variable(_), _) | (_, Time::Variable(_)) => false,
    })
}

/// Whether the rule is open through the midnight at which `date` begins, and the whole of the hours is not.
fn cut_at_midnight(alone: &OpeningHours, whole: &OpeningHours, date: NaiveDate) -> bool {
    let Some(before) = date.pred_opt() else { return false };
    let till_midnight = |hours: &OpeningHours| open_ranges(hours, before).any(|range| range.end == DAY);
    let from_midnight = |hours: &OpeningHours| open_ranges(hours, date).any(|range| range.start == 0);
    till_midnight(whole) && till_midnight(alone) && from_midnight(alone) && !from_midnight(whole)
}

/// Whether, on `date`, rule `index` throws away hours of the rules before it that do not touch its own.
fn drops_hours(
    expression: &OpeningHoursExpression,
    index: usize,
    alone: &OpeningHours,
    whole: &OpeningHours,
    date: NaiveDate,
) -> bool {
    let own: Vec<Range<u16>> = open_ranges(alone, date).collect();
    if own.is_empty() || open_ranges(whole, date).ne(own.iter().cloned()) {
        return false;
    }
    let before = OpeningHoursExpression { rules: expression.rules[..index].to_vec() };
    let Ok(before) = before.to_string().parse::<OpeningHours>() else { return false };
    let before = before.with_context(whole.get_context().clone());
    let apart = |range: &Range<u16>| own.iter().all(|own| own.end < range.start || range.end < own.start);
    // What is left over from the night before is the other remark's business.
    let mut earlier = open_ranges(&before, date).filter(|range| range.start > 0).peekable();
    earlier.peek().is_some() && earlier.all(|range| apart(&range))
}

/// A rule about days of the week, and not about holidays, dates or seasons, where replacing is what is meant.
fn only_weekdays(days: &DaySelector) -> bool {
    let fixed = |day: &WeekDayRange| match day {
        WeekDayRange::Fixed { .. } => true,
        WeekDayRange::Holiday { kind: HolidayKind::Public | HolidayKind::School, .. } => false,
    };
    days.year.is_empty() && days.monthday.is_empty() && days.week.is_empty() && days.weekday.iter().all(fixed)
}

/// Holidays that do not count, or not everywhere.
fn holidays(location: &Location, calendar: &Calendar, today: NaiveDate) -> Vec<HoursMistake> {
    let mut remarks = Vec::new();
    let mut say = |text: String| remarks.push(HoursMistake::new("holidays", text));
    let Ok(country) = country(&location.holidays) else { return remarks };
    match (country, calendar.mentions_holidays()) {
        (None, true) => say("the hours mention PH, but no region of public holidays is set; no day is one".to_owned()),
        (Some(_), false) => {
            say("the hours do not mention PH, so public holidays change nothing; add \"; PH off\" to close then"
                .to_owned());
        }
        (Some(country), true) => remarks.extend(regional(country, today)),
        (None, false) => {}
    }
    remarks
}

/// The days of the coming year that are holidays in a part of the country only.
fn regional(country: Country, today: NaiveDate) -> Option<HoursMistake> {
    let (national, regional) = (country.holidays(), country.holidays_regional());
    let days = today
        .iter_days()
        .take(DAYS)
        .filter(|date| regional.get_public().contains(*date) && !national.get_public().contains(*date));
    let days: Vec<String> = days.map(|date| date.to_string()).collect();
    let text = match days.as_slice() {
        [] => return None,
        [day] => format!("{day} is a holiday only in parts of {}; it counts", country.name()),
        days => format!("{} are holidays only in parts of {}; they count", days.join(", "), country.name()),
    };
    Some(HoursMistake::new("holidays", format!("{text} as working days: add to closed_dates what is kept here")))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, location};
    use super::*;

    #[test]
    fn what_looks_open_and_is_not_is_remarked() {
        let us = |hours: &str| Location { holidays: "US".to_owned(), ..location("America/Chicago", hours) };
        for (location, expected, why) in [
            (location("UTC", "Mo-Fr 08:00-17:00; We 08:00-12:00"), "", "a shorter Wednesday replaces, as it should"),
            (
                location("UTC", "Mo-Fr 08:00-12:00; Fr 13:00-17:00"),
                "hours: \"Fr 13:00-17:00\" replaces",
                "Friday morning",
            ),
            (
                location("UTC", "Mo-Fr 22:00-06:00; Sa 09:00-12:00"),
                "hours: \"Mo-Fr 22:00-06:00\" runs past",
                "Saturday",
            ),
            (
                location("UTC", "Mo-Su 09:00-17:00; Fr 22:00-02:00"),
                "hours: \"Fr 22:00-02:00\" runs past",
                "its own spill",
            ),
            (location("UTC", "Mo-Fr 22:00-06:00, Sa 09:00-12:00"), "", "an addition"),
            (location("UTC", "Mo-Fr 17:00+"), "hours: \"Mo-Fr 17:00+\" has an open end", "an open end"),
            (location("UTC", "Mo-Fr unknown"), "hours: \"Mo-Fr unknown\" says", "unknown"),
            (location("UTC", "Mo-Fr 08:00-17:00; PH off"), "holidays: the hours mention PH", "no calendar"),
            (us("Mo-Fr 08:00-17:00"), "holidays: the hours do not mention PH", "a calendar for nothing"),
            (us("Mo-Fr 08:00-17:00; PH off"), "holidays: 2026-10-12, ", "Columbus Day is regional"),
            (location("UTC", "nonsense"), "", "what cannot be read is a mistake, no remark"),
        ] {
            let remarks = Hours::remarks(&location, at("2026-06-01T12:00:00Z"));
            let told: Vec<String> =
                remarks.iter().map(|remark| format!("{}: {}", remark.field, remark.message)).collect();
            assert_eq!(told.is_empty(), expected.is_empty(), "{why}: {told:?}");
            assert!(told.first().is_none_or(|told| told.starts_with(expected)), "{why}: {told:?}");
        }
    }
}
