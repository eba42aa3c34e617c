//! What is worth knowing about hours that can be read: where they may not mean what they look like.
//!
//! Deliberately not here: what cannot be read (that is a mistake of [`Hours::compile`]'s) and what depends on the day
//! one asks, such as a calendar that is running out.

use std::ops::Range;

use chrono::{DateTime, NaiveDate};
use opening_hours::OpeningHours;
use opening_hours::localization::Country;
use opening_hours_syntax::rules::day::{DaySelector, HolidayKind, WeekDayRange};
use opening_hours_syntax::rules::time::{Time, TimeSelector};
use opening_hours_syntax::rules::{OpeningHoursExpression, RuleKind, RuleOperator, RuleSequence};

use super::calendar::{Calendar, country, open_ranges};
use super::{Hours, HoursMistake};
use crate::domain::{Location, Moment};

/// Days looked at from `around` on: a year and a month.
const DAYS: usize = 396;

/// Most rules of a string that are compared with each other: bounds what a remark can cost.
const RULES: usize = 40;

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
/// addition. Longer lists of rules than [`RULES`] are not looked through.
fn replaced(weekly: &OpeningHours, today: NaiveDate) -> Vec<HoursMistake> {
    let expression = weekly.get_expression();
    let mut remarks = Vec::new();
    let Some(year) = Year::of(weekly, &expression, today) else { return remarks };
    for (index, rule) in expression.rules.iter().enumerate() {
        if crosses_midnight(&rule.time_selector)
            && let Some(date) = year.first_day(|day| year.cut_at_midnight(index, day))
        {
            let text = format!(
                "\"{rule}\" runs past midnight, but on {date} it is cut at 00:00: another rule separated by \";\" replaces \
                 that whole day, with the hours left over from the night before; separate them by \",\" to keep both"
            );
            remarks.push(HoursMistake::new("hours", text));
        }
        if rule.operator == RuleOperator::Normal
            && only_weekdays(&rule.day_selector)
            && let Some(date) = year.first_day(|day| year.drops_hours(index, day))
        {
            let text = format!(
                "\"{rule}\" replaces the earlier hours of the same day, for example on {date}; separate them by \",\" \
                 if these hours come in addition"
            );
            remarks.push(HoursMistake::new("hours", text));
        }
    }
    remarks
}

/// The open minutes of a day.
type Open = Vec<Range<u16>>;

/// The days from the eve of today on: what each rule would open if it stood alone, and what all of them open together.
struct Year {
    eve: NaiveDate,
    alone: Vec<Vec<Open>>,
    whole: Vec<Open>,
}

impl Year {
    fn of(weekly: &OpeningHours, expression: &OpeningHoursExpression, today: NaiveDate) -> Option<Self> {
        let eve = today.pred_opt().filter(|_| expression.rules.len() <= RULES)?;
        let days = |hours: &OpeningHours| -> Vec<Open> {
            eve.iter_days().take(DAYS).map(|date| open_ranges(hours, date).collect()).collect()
        };
        let alone = |rule: &RuleSequence| match (rule.kind, rule.to_string().parse::<OpeningHours>()) {
            (RuleKind::Open, Ok(hours)) => days(&hours.with_context(weekly.get_context().clone())),
            (RuleKind::Open | RuleKind::Closed | RuleKind::Unknown, _) => vec![Open::new(); DAYS],
        };
        Some(Self { eve, alone: expression.rules.iter().map(alone).collect(), whole: days(weekly) })
    }

    fn first_day(&self, is: impl Fn(usize) -> bool) -> Option<NaiveDate> {
        let day = (1..DAYS).find(|day| is(*day))?;
        self.eve.iter_days().nth(day)
    }

    /// Whether rule `index` is open through the midnight at which a day begins, and the whole of the hours is not.
    fn cut_at_midnight(&self, index: usize, day: usize) -> bool {
        let through = |days: &[Open]| {
            let till_midnight = days[day - 1].iter().any(|range| range.end == DAY);
            (till_midnight, days[day].iter().any(|range| range.start == 0))
        };
        through(&self.alone[index]) == (true, true) && through(&self.whole) == (true, false)
    }

    /// Whether rule `index` has a day to itself, and throws away hours of earlier rules that do not touch its own.
    fn drops_hours(&self, index: usize, day: usize) -> bool {
        let own = &self.alone[index][day];
        let apart = |range: &Range<u16>| own.iter().all(|own| own.end < range.start || range.end < own.start);
        // What is left over from the night before is the other remark's business.
        let earlier = || self.alone[..index].iter().flat_map(|days| &days[day]).filter(|range| range.start > 0);
        !own.is_empty() && self.whole[day] == *own && earlier().next().is_some() && earlier().all(apart)
    }
}

fn crosses_midnight(times: &TimeSelector) -> bool {
    times.spans.iter().any(|span| match (span.range.start, span.range.end) {
        (Time::Fixed(start), Time::Fixed(end)) => end <= start || end.mins_from_midnight() > DAY,
        (Time::Variable(_), _) | (_, Time::Variable(_)) => false,
    })
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
