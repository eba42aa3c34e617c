//! `[[location.rule]]`: when it applies, and where it sends.
//!
//! Deliberately not here: whether conditions can hold and what covers what (`rules::when`).

use toml::de::DeValue;

use super::reading::{Kind, Pointer, Reading};
use super::suggest;
use super::table::{Table, wrong};
use crate::domain::{Location, LocationRule, NoMatchAction, Route, RuleRoute, When};
use crate::rules::finding::code;
use crate::rules::hours::HoursWord;
use crate::rules::when::{MATCH_WORDS, always_covers, impossible};

const CONDITIONS: &[&str] = &["channel", "caller", "match", "hours", "days", "between", "tag", "reply"];
const DAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

/// Reads the rules; those of the file replace those that are stored.
pub(super) fn rules(r: &mut Reading<'_>, table: &Table<'_>, location: &mut Location) {
    if !table.has("rule") {
        return;
    }
    let mut read: Vec<(String, LocationRule)> = Vec::new();
    for (index, entries) in table.rows(r, "rule") {
        let rule = Table::open(r, table.at(&format!("rule[{index}]")), entries, &["name", "when", "route"]);
        let name =
            rule.text(r, "name").filter(|name| !name.trim().is_empty()).unwrap_or_else(|| format!("rule[{index}]"));
        let when = conditions(r, &rule);
        let route = route(r, &rule, location);
        let (Some(when), Some(route)) = (when, route) else { continue };
        if let Some((field, message)) = impossible(&when) {
            r.notes.mistake(&rule.at(&format!("when.{field}")), message);
            continue;
        }
        if let Some((_, earlier)) = read.iter().find(|(_, earlier)| always_covers(&earlier.when, &when)) {
            let message = format!("never applies: the rule {:?} above it always does first", earlier.name);
            r.notes.warning(&rule.path, message);
        }
        if route == RuleRoute::Route(Route::Technician)
            && !when.matched.is_empty()
            && when.matched.iter().all(|m| m == "none")
        {
            let message = r.said(
                "there is no session and so no technician with match = \"none\"; { technician = \"…\" } names one",
                "there is no session and so no technician with match \"none\"; {\"technician\": \"…\"} names one",
            );
            r.notes.warning(&rule.at("route"), message);
        }
        read.push((rule.path.clone(), LocationRule { name, when, route }));
    }
    location.rules = read.into_iter().map(|(_, rule)| rule).collect();
}

/// Where a rule sends: a route, a no-match action, a technician or a line.
fn route(r: &mut Reading<'_>, rule: &Table<'_>, location: &Location) -> Option<RuleRoute> {
    let example = r.said(
        "a route, a no-match action, { technician = \"…\" } or { line = \"…\" }",
        "a route, a no-match action, {\"technician\": \"…\"} or {\"line\": \"…\"}",
    );
    rule.requires(r, "route", example);
    let path = rule.at("route");
    match rule.raw("route")? {
        DeValue::String(word) => {
            let read =
                Route::read(word).map(RuleRoute::Route).or_else(|| NoMatchAction::read(word).map(RuleRoute::NoMatch));
            if read.is_none() {
                let words = ["technician", "backoffice", "voicemail", "hangup", "dispatcher_queue"];
                r.notes.mistake(&path, suggest::none_of(word, &words));
            }
            read
        }
        DeValue::Table(_) => {
            let table = rule.inner(r, "route", &["technician", "line"])?;
            match (table.text(r, "technician"), table.text(r, "line")) {
                (Some(id), None) => {
                    let path = table.at("technician");
                    r.pointers.push(Pointer { path, kind: Kind::Technician, id: id.clone() });
                    Some(RuleRoute::Technician(id.into()))
                }
                (None, Some(id)) => {
                    if !location.lines.iter().any(|line| line.id.as_str() == id) {
                        let message = format!("location {} has no back-office line of this id", location.id);
                        r.notes.coded(&table.at("line"), code::NOT_FOUND, message);
                    }
                    Some(RuleRoute::Line(id.into()))
                }
                (Some(_), Some(_)) | (None, None) => {
                    r.notes.mistake(&path, "must name either a technician or a line");
                    None
                }
            }
        }
        other @ (DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_)) => {
            let wanted = r.said(
                "a word, { technician = \"…\" } or { line = \"…\" }",
                "a word, {\"technician\": \"…\"} or {\"line\": \"…\"}",
            );
            wrong(r, &path, wanted, other)
        }
    }
}

/// The conditions; `None` where one of them cannot be read.
fn conditions(r: &mut Reading<'_>, rule: &Table<'_>) -> Option<When> {
    if !rule.has("when") {
        return Some(When::default());
    }
    let table = rule.inner(r, "when", CONDITIONS)?;
    let hours: Vec<&str> = HoursWord::ALL.iter().map(|word| word.word()).collect();
    let when = When {
        channel: table.word(r, "channel"),
        caller: table.word(r, "caller"),
        matched: one_of(r, &table, "match", &MATCH_WORDS),
        hours: one_of(r, &table, "hours", &hours),
        days: days(r, &table),
        between: between(r, &table),
        tag: table.text(r, "tag").filter(|tag| !tag.is_empty()),
        reply: table.flag(r, "reply"),
    };
    if table.has("tag") && when.tag.is_none() && matches!(table.raw("tag"), Some(DeValue::String(_))) {
        r.notes.mistake(&table.at("tag"), "names no tag");
    }
    let complete = [
        ("channel", when.channel.is_some()),
        ("caller", when.caller.is_some()),
        ("match", !when.matched.is_empty()),
        ("hours", !when.hours.is_empty()),
        ("days", !when.days.is_empty()),
        ("between", when.between.is_some()),
        ("tag", when.tag.is_some()),
        ("reply", when.reply.is_some()),
    ];
    complete.iter().all(|(field, read)| *read || !table.has(field)).then_some(when)
}

/// A word or a list of them; nothing where one is unknown.
fn one_of(r: &mut Reading<'_>, table: &Table<'_>, field: &str, words: &[&str]) -> Vec<String> {
    let list = table.one_or_more(r, field);
    let mut read = Vec::new();
    let mut good = true;
    for (path, word) in list.iter().flatten() {
        if words.contains(&word.as_str()) {
            read.push(word.clone());
        } else {
            r.notes.mistake(path, suggest::none_of(word, words));
            good = false;
        }
    }
    if list.is_some_and(|list| list.is_empty()) {
        r.notes.mistake(&table.at(field), "is an empty list: the rule could never apply");
    }
    if good { read } else { Vec::new() }
}

/// Weekdays and ranges of them (`"Mo-Fr"`), in a text or a list; nothing where one is unknown.
fn days(r: &mut Reading<'_>, table: &Table<'_>) -> Vec<u8> {
    let list = table.one_or_more(r, "days");
    let mut days = Vec::new();
    let mut good = true;
    for (path, text) in list.iter().flatten() {
        for part in text.split(',').map(str::trim) {
            match weekdays(part) {
                Some(found) => days.extend(found),
                None => {
                    let message = "must be weekdays such as \"Mo\" or \"Mo-Fr\": Mo, Tu, We, Th, Fr, Sa, Su";
                    r.notes.mistake(path, message);
                    good = false;
                }
            }
        }
    }
    if list.is_some_and(|list| list.is_empty()) {
        r.notes.mistake(&table.at("days"), "is an empty list: the rule could never apply");
    }
    days.sort_unstable();
    days.dedup();
    if good { days } else { Vec::new() }
}

/// One weekday, or a range that may run over the week's end.
fn weekdays(text: &str) -> Option<Vec<u8>> {
    let number = |name: &str| (1u8..).zip(DAYS).find(|(_, day)| *day == name).map(|(number, _)| number);
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (number(first.trim())?, number(last.trim())?);
    Some(if first <= last { (first..=last).collect() } else { (first..=7).chain(1..=last).collect() })
}

/// Local times as `"18:00-22:00"`, in minutes after midnight.
fn between(r: &mut Reading<'_>, table: &Table<'_>) -> Option<(u16, u16)> {
    let text = table.text(r, "between")?;
    let read = text.split_once('-').and_then(|(start, end)| {
        let (start, end) = (minute(start.trim())?, minute(end.trim())?);
        (start < 1440).then_some((start, end))
    });
    if read.is_none() {
        r.notes.mistake(&table.at("between"), "must be two times of day, such as \"18:00-22:00\"");
    }
    read
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let digits =
        |part: &str| (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u16>().ok())?;
    let (hour, minute) = (digits(hour)?, digits(minute)?);
    (minute < 60 && hour * 60 + minute <= 1440).then_some(hour * 60 + minute)
}
