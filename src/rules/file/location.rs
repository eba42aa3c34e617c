//! `[[location]]`: an office, with its words, masking settings and what stands under it.
//!
//! Deliberately not here: its lines and overrides (`line`), its rules (`rule`), and whether its hours make sense
//! (`rules::location`).

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::line;
use super::objects::{Object, objects};
use super::reading::{Reading, put};
use super::rule;
use super::suggest;
use super::table::{self, Table};
use super::word::Word;
use crate::domain::{Location, LocationId, MaskingSettings, Prompt, Prompts, QueueSettings, Ring, Route};
use crate::rules::finding::{Fault, code};
use crate::rules::location::{location_checks, template_mistake};
use crate::rules::masking;

const FIELDS: &[&str] = &[
    "id",
    "name",
    "time_zone",
    "hours",
    "holidays",
    "closed_dates",
    "special_hours",
    "on_no_answer",
    "ring_timeout",
    "ring",
    "dispatcher_queue",
    "prompts",
    "masking",
    "backoffice_line",
    "rule",
    "override",
];

/// Longest prompt, in characters: what one message of the longest kind can carry.
const LONGEST_PROMPT: usize = 1600;

/// Reads every location, each over what is stored of it.
pub(super) fn read(r: &mut Reading<'_>, root: &Table<'_>) -> Vec<Location> {
    let mut locations = Vec::new();
    for object in objects(r, root, "location", "id", FIELDS) {
        let location = one(r, &object);
        if object.id.is_some() {
            locations.push(location);
        }
    }
    locations
}

fn one(r: &mut Reading<'_>, object: &Object<'_>) -> Location {
    let table = &object.table;
    let id = LocationId::from(object.id.as_deref().unwrap_or_default());
    let stored = r.base.and_then(|base| base.location(&id)).cloned();
    let mut location = stored.unwrap_or_else(|| blank(r, id));
    put(&mut location.name, table.text(r, "name"));
    hours(r, table, &mut location);
    if let Some(list) = table.texts(r, "on_no_answer") {
        location.on_no_answer = routes(r, list);
    }
    put(&mut location.ring_timeout, table.whole(r, "ring_timeout", 5..=600));
    put(&mut location.ring, table.word(r, "ring"));
    if let Some(queue) = table.inner(r, "dispatcher_queue", &["max_wait_seconds", "wait_prompt", "wait_play_url"]) {
        put(&mut location.queue.max_wait_seconds, queue.whole(r, "max_wait_seconds", 1..=3600));
        put(&mut location.queue.wait_prompt, words(r, &queue, "wait_prompt"));
        put(&mut location.queue.wait_play_url, queue.address(r, "wait_play_url"));
    }
    prompts(r, table, &mut location.prompts);
    masking_settings(r, table, &mut location.masking);
    line::lines(r, table, &mut location);
    line::overrides(r, table, &mut location);
    rule::rules(r, table, &mut location);
    for finding in location_checks(&location) {
        let path = table.at(&finding.field);
        r.notes.finding(&path, finding);
    }
    location
}

fn blank(r: &Reading<'_>, id: LocationId) -> Location {
    Location {
        name: id.to_string(),
        id,
        tenant: r.tenant.clone(),
        time_zone: "UTC".to_owned(),
        hours: String::new(),
        holidays: String::new(),
        closed_dates: Vec::new(),
        special_hours: BTreeMap::new(),
        on_no_answer: vec![Route::Voicemail],
        ring_timeout: 20,
        ring: Ring::InTurn,
        queue: QueueSettings::default(),
        prompts: Prompts::default(),
        masking: MaskingSettings::default(),
        lines: Vec::new(),
        rules: Vec::new(),
        overrides: Vec::new(),
    }
}

fn hours(r: &mut Reading<'_>, table: &Table<'_>, location: &mut Location) {
    let is_new = r.base.is_none_or(|base| base.location(&location.id).is_none());
    let local = ["hours", "holidays", "closed_dates", "special_hours", "rule", "override"];
    if is_new && local.iter().any(|field| table.has(field)) {
        table.requires(r, "time_zone", "hours, dates and rules are local; an IANA name such as \"America/Chicago\"");
    }
    put(&mut location.time_zone, table.text(r, "time_zone"));
    put(&mut location.hours, table.erasable(r, "hours").map(|text| text.trim().to_owned()));
    put(&mut location.holidays, table.erasable(r, "holidays"));
    if let Some(dates) = table.texts(r, "closed_dates") {
        location.closed_dates = dates.into_iter().map(|(_, date)| date).collect();
    }
    if let Some(days) = table.inner_free(r, "special_hours") {
        let mut special = BTreeMap::new();
        for date in days.keys() {
            if let Some(ranges) = days.text(r, date) {
                special.insert(date.to_owned(), ranges);
            }
        }
        location.special_hours = special;
    }
}

fn routes(r: &mut Reading<'_>, list: Vec<(String, String)>) -> Vec<Route> {
    let mut routes = Vec::new();
    for (path, word) in list {
        match Route::read(&word) {
            Some(route) if routes.contains(&route) => {
                r.notes.coded(&path, code::REPEATED, format!("{word} is in the list twice"))
            }
            Some(route) => routes.push(route),
            None => r.notes.mistake(&path, suggest::none_of(&word, &Route::words())),
        }
    }
    routes
}

/// Prompts merge by key; an empty one goes back to the built-in words.
fn prompts(r: &mut Reading<'_>, table: &Table<'_>, prompts: &mut Prompts) {
    let known: Vec<&str> = Prompt::ALL.iter().map(|prompt| prompt.word()).collect();
    let Some(inner) = table.inner(r, "prompts", &known) else { return };
    for key in known {
        match words(r, &inner, key) {
            Some(text) if text.is_empty() => {
                prompts.0.remove(key);
            }
            Some(text) => {
                prompts.0.insert(key.to_owned(), text);
            }
            None => {}
        }
    }
}

/// Words to be said or written, or the address of a sound file.
fn words(r: &mut Reading<'_>, table: &Table<'_>, field: &str) -> Option<String> {
    let text = table.erasable(r, field)?;
    let plays = text.starts_with("http://") || text.starts_with("https://");
    let too_long = !plays && text.chars().count() > LONGEST_PROMPT;
    let mistake = if plays {
        (!table::is_address(&text)).then(|| "is no address of a sound file: it has spaces or no host".to_owned())
    } else if too_long {
        Some(format!("is longer than {LONGEST_PROMPT} characters"))
    } else {
        template_mistake(&text)
    };
    match mistake {
        Some(message) => {
            r.notes.coded(&table.at(field), if too_long { code::TOO_LONG } else { code::INVALID }, message);
            None
        }
        None => Some(text),
    }
}

fn masking_settings(r: &mut Reading<'_>, table: &Table<'_>, settings: &mut MaskingSettings) {
    let names: Vec<&str> = masking::FIELDS.iter().map(|field| field.name).collect();
    let Some(inner) = table.inner(r, "masking", &names) else { return };
    for field in names {
        let Some(raw) = inner.raw(field) else { continue };
        let result = match value(raw) {
            Some(value) => masking::set(settings, field, value),
            None => Err(Fault::wrong_type(format!("takes no {}", table::noun(raw).trim_start_matches("a ")))),
        };
        if let Err(fault) = result {
            r.notes.coded(&inner.at(field), fault.code, fault.message);
        }
    }
}

fn value(raw: &DeValue<'_>) -> Option<masking::Value> {
    match raw {
        DeValue::Boolean(on) => Some(masking::Value::Bool(*on)),
        DeValue::String(text) => Some(masking::Value::Text(text.to_string())),
        DeValue::Integer(_) => Some(masking::Value::Integer(table::integer(raw).unwrap_or(i64::MAX))),
        DeValue::Array(items) => items
            .iter()
            .map(|item| item.get_ref().as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .map(masking::Value::List),
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Table(_) => None,
    }
}
