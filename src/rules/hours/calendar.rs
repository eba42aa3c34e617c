//! What a location says of one local date: the pieces of that day, each with its state and what decided it.
//!
//! Deliberately not here: time zones and instants. A day here has 24 hours on the wall; what a change of the clocks
//! does to it is [`super::timeline`]'s business.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use chrono::{Days, NaiveDate};
use opening_hours::localization::Country;
use opening_hours::{Context, OpeningHours, RuleKind};
use opening_hours_syntax::rules::day::{HolidayKind, WeekDayRange};
use opening_hours_syntax::rules::time::Time;

use super::{HoursMistake, HoursSource, HoursWord};
use crate::domain::Location;

/// Longest accepted opening-hours string, in characters: bounds what compiling it can cost.
pub const HOURS_MAX_CHARS: usize = 1000;

/// Minutes of a day on the wall.
const DAY: u16 = 24 * 60;

/// A stretch of one local day, in minutes after its midnight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub minutes: Range<u16>,
    pub state: HoursWord,
    pub source: HoursSource,
}

/// A location's hours by local date.
#[derive(Debug)]
pub struct Calendar {
    /// The week's hours; `None` is always open.
    pub weekly: Option<OpeningHours>,
    /// Day offsets with which the string mentions public holidays: `PH` is 0, `PH +1 day` is 1.
    holiday_offsets: BTreeSet<i16>,
    closed: BTreeSet<NaiveDate>,
    /// Opening ranges in minutes after midnight, up to 48:00; none is closed all day.
    special: BTreeMap<NaiveDate, Vec<Range<u16>>>,
}

impl Calendar {
    /// Reads a location's hours, holidays, closed dates and special hours.
    ///
    /// # Errors
    ///
    /// Everything that cannot be read, each with its field.
    pub fn read(location: &Location) -> Result<Self, Vec<HoursMistake>> {
        let mut mistakes = Vec::new();
        let mut kept = |read: Result<(), HoursMistake>| mistakes.extend(read.err());

        let mut context = Context::default();
        kept(country(&location.holidays).map(|country| {
            if let Some(country) = country {
                context.holidays = country.holidays();
            }
        }));
        let mut weekly = None;
        kept(weekly_hours(&location.hours).map(|hours| weekly = hours.map(|hours| hours.with_context(context))));

        let mut closed = BTreeSet::new();
        for text in &location.closed_dates {
            kept(date("closed_dates", text).map(|date| _ = closed.insert(date)));
        }
        let mut special = BTreeMap::new();
        for (day, ranges) in &location.special_hours {
            kept(date("special_hours", day).and_then(|date| {
                special.insert(date, special_ranges(day, ranges)?);
                Ok(())
            }));
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let holiday_offsets = weekly.as_ref().map(holiday_offsets).unwrap_or_default();
        Ok(Self { weekly, holiday_offsets, closed, special })
    }

    /// The pieces of one day, in order and without a gap.
    pub fn day(&self, date: NaiveDate) -> Vec<Piece> {
        let whole = |state, source| vec![Piece { minutes: 0..DAY, state, source }];
        if let Some(ranges) = self.special.get(&date) {
            let mut pieces = whole(HoursWord::Closed, HoursSource::SpecialHours);
            lay_special(&mut pieces, ranges, 0);
            return pieces;
        }
        let mut pieces = if self.closed.contains(&date) {
            whole(HoursWord::Holiday, HoursSource::ClosedDates)
        } else if let Some(weekly) = &self.weekly {
            self.weekly_day(weekly, date)
        } else {
            whole(HoursWord::Open, HoursSource::None)
        };
        // Special hours come before every other, also where they run past midnight into another kind of day.
        if let Some(ranges) = date.pred_opt().and_then(|before| self.special.get(&before)) {
            lay_special(&mut pieces, ranges, DAY);
        }
        pieces
    }

    /// Whether the date is a public holiday of which the hours speak.
    pub fn is_public_holiday(&self, date: NaiveDate) -> bool {
        let Some(weekly) = &self.weekly else { return false };
        let calendar = weekly.get_context().holidays.get_public();
        self.holiday_offsets
            .iter()
            .any(|&offset| shifted(date, -i32::from(offset)).is_some_and(|d| calendar.contains(d)))
    }

    /// Whether the hours mention public holidays.
    pub fn mentions_holidays(&self) -> bool {
        !self.holiday_offsets.is_empty()
    }

    /// Dates that have both special hours and a closed date.
    pub fn said_twice(&self) -> impl Iterator<Item = NaiveDate> {
        self.closed.iter().copied().filter(|date| self.special.contains_key(date))
    }

    fn weekly_day(&self, weekly: &OpeningHours, date: NaiveDate) -> Vec<Piece> {
        let (closed, source) = if self.is_public_holiday(date) {
            (HoursWord::Holiday, HoursSource::PublicHoliday)
        } else {
            (HoursWord::Closed, HoursSource::Weekly)
        };
        let mut pieces = vec![Piece { minutes: 0..DAY, state: closed, source }];
        for range in open_ranges(weekly, date) {
            lay(&mut pieces, Piece { minutes: range, state: HoursWord::Open, source });
        }
        pieces
    }
}

/// The minutes of a day at which an expression is open. "Unknown" (the OSM word) is not open.
pub fn open_ranges(hours: &OpeningHours, date: NaiveDate) -> impl Iterator<Item = Range<u16>> {
    let ranges = hours.schedule_at(date).into_iter().filter(|range| range.kind == RuleKind::Open);
    ranges.map(|range| range.range.start.mins_from_midnight()..range.range.end.mins_from_midnight().min(DAY))
}

fn shifted(date: NaiveDate, days: i32) -> Option<NaiveDate> {
    let by = Days::new(days.unsigned_abs().into());
    if days < 0 { date.checked_sub_days(by) } else { date.checked_add_days(by) }
}

/// Lays the part of special opening ranges that falls into the day which begins `from` minutes after theirs.
fn lay_special(pieces: &mut Vec<Piece>, ranges: &[Range<u16>], from: u16) {
    for range in ranges {
        let minutes = range.start.saturating_sub(from)..range.end.saturating_sub(from).min(DAY);
        if !minutes.is_empty() {
            lay(pieces, Piece { minutes, state: HoursWord::Open, source: HoursSource::SpecialHours });
        }
    }
}

/// Lays one piece over the others.
fn lay(pieces: &mut Vec<Piece>, over: Piece) {
    let cut = |piece: &Piece, minutes: Range<u16>| (!minutes.is_empty()).then(|| Piece { minutes, ..piece.clone() });
    let before = pieces.iter().filter_map(|p| cut(p, p.minutes.start..p.minutes.end.min(over.minutes.start)));
    let after = pieces.iter().filter_map(|p| cut(p, p.minutes.start.max(over.minutes.end)..p.minutes.end));
    *pieces = before.chain([over.clone()]).chain(after).collect();
}

/// The calendar of a region; an empty name is none.
pub fn country(name: &str) -> Result<Option<Country>, HoursMistake> {
    if name.is_empty() {
        return Ok(None);
    }
    name.parse().map(Some).map_err(|_| {
        HoursMistake::new(
            "holidays",
            format!(
                "there is no public-holiday calendar for \"{}\": write a two-letter region such as \"US\", or leave it \
                 empty and list the days in closed_dates",
                shown(name)
            ),
        )
    })
}

/// Reads the opening-hours string; an empty one is `None`.
fn weekly_hours(text: &str) -> Result<Option<OpeningHours>, HoursMistake> {
    let mistake = |message: String| HoursMistake::new("hours", message);
    if text.is_empty() {
        return Ok(None);
    }
    let chars = text.chars().count();
    if chars > HOURS_MAX_CHARS {
        return Err(mistake(format!("{chars} characters are too many: at most {HOURS_MAX_CHARS}")));
    }
    let hours: OpeningHours = text.parse().map_err(|error: opening_hours_syntax::Error| {
        mistake(format!(
            "\"{}\" is not read{}: write OpenStreetMap opening hours such as \"Mo-Fr 08:00-17:00; Sa 09:00-13:00; PH off\"",
            shown(text),
            reason(&error)
        ))
    })?;
    let expression = hours.get_expression();
    let mut spans = expression.rules.iter().flat_map(|rule| &rule.time_selector.spans);
    if spans.any(|span| [&span.range.start, &span.range.end].into_iter().any(|time| matches!(time, Time::Variable(_))))
    {
        return Err(mistake("sunrise, sunset, dawn and dusk are not known here: write times of day".to_owned()));
    }
    Ok(Some(hours))
}

/// Where reading stopped, or what was wrong, in a few words.
fn reason(error: &opening_hours_syntax::Error) -> String {
    let text = error.to_string();
    match text.strip_prefix(" --> 1:").and_then(|rest| rest.split_whitespace().next()) {
        Some(column) => format!(" from character {column} on"),
        None => format!(" ({})", text.lines().next().unwrap_or_default()),
    }
}

fn holiday_offsets(hours: &OpeningHours) -> BTreeSet<i16> {
    let expression = hours.get_expression();
    let weekdays = expression.rules.iter().flat_map(|rule| &rule.day_selector.weekday);
    weekdays
        .filter_map(|day| match day {
            WeekDayRange::Holiday { kind: HolidayKind::Public, offset } => Some(*offset),
            WeekDayRange::Holiday { kind: HolidayKind::School, .. } | WeekDayRange::Fixed { .. } => None,
        })
        .collect()
}

fn date(field: &str, text: &str) -> Result<NaiveDate, HoursMistake> {
    let well_formed = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let date = well_formed.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten();
    date.ok_or_else(|| HoursMistake::new(field, format!("\"{}\" is not a date: write it as 2026-12-24", shown(text))))
}

/// Reads the value of special hours: `off`, `closed`, or ranges such as `08:00-12:00,13:00-17:00`.
fn special_ranges(day: &str, text: &str) -> Result<Vec<Range<u16>>, HoursMistake> {
    let words = text.trim();
    if words.eq_ignore_ascii_case("off") || words.eq_ignore_ascii_case("closed") {
        return Ok(Vec::new());
    }
    words.split(',').map(|range| special_range(range.trim())).collect::<Option<_>>().ok_or_else(|| {
        HoursMistake::new(
            "special_hours",
            format!(
                "\"{}\" for {day} is not read: write times such as \"08:00-12:00,13:00-17:00\", or \"off\"",
                shown(text)
            ),
        )
    })
}

/// `22:00-02:00` and `22:00-26:00` both end at two in the morning of the next day.
fn special_range(text: &str) -> Option<Range<u16>> {
    let (start, end) = text.split_once('-')?;
    let (start, end) = (minute(start.trim_end())?, minute(end.trim_start())?);
    let end = if end <= start { end + DAY } else { end };
    (start < DAY && end <= 2 * DAY).then_some(start..end)
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |digits: &str, max: u16| {
        let well_formed = (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse::<u16>().ok().filter(|n| well_formed && *n <= max)
    };
    let minutes = number(hour, 48)? * 60 + number(minute, 59).filter(|_| minute.len() == 2)?;
    (minutes <= 2 * DAY).then_some(minutes)
}

/// A value as a message quotes it: on one line, and not longer than a line.
fn shown(text: &str) -> String {
    let mut shown: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(60).collect();
    if text.chars().nth(60).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::super::Hours;
    use super::super::tests::{at, location};
    use super::*;
    use crate::domain::Moment;

    #[test]
    fn mistakes_come_all_at_once_and_name_their_field() {
        let wrong = Location {
            holidays: "ZZ".to_owned(),
            closed_dates: vec!["24.12.2026".to_owned(), "2026-02-30".to_owned()],
            special_hours: [("2026-12-31".to_owned(), "8-12".to_owned()), ("2026-13-01".to_owned(), "off".to_owned())]
                .into(),
            ..location("America/Springfield", "Mo-Fr 8am-5pm")
        };
        let mistakes = Hours::compile(&wrong, at("2026-06-01T12:00:00Z")).expect_err("nothing of it can be read");
        let fields: Vec<&str> = mistakes.iter().map(|mistake| mistake.field.as_str()).collect();
        assert_eq!(
            fields,
            ["time_zone", "holidays", "hours", "closed_dates", "closed_dates", "special_hours", "special_hours"]
        );
        for mistake in &mistakes {
            assert!(!mistake.message.contains('\n') && mistake.message.contains('"'), "{}", mistake.message);
        }
        for (hours, part, why) in [
            ("Mo-Fr 8am-5pm", "character 7", "where reading stopped"),
            ("sunrise-sunset", "sunrise", "no place on the map"),
            (&"Mo;".repeat(400), "1200 characters", "too long"),
            ("2027-2026 off", "2026-2027", "the reader's own advice"),
        ] {
            let mistakes = Hours::compile(&location("UTC", hours), Moment(0)).expect_err(why);
            assert!(
                mistakes[0].field == "hours" && mistakes[0].message.contains(part),
                "{why}: {}",
                mistakes[0].message
            );
        }
    }
}
