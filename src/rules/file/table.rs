//! One table of the file, read field by field: each reader gives the value, or notes what is wrong and gives nothing.
//!
//! Deliberately not here: which fields an object has, and what they mean.

use std::ops::RangeInclusive;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::reading::{Door, Kind, Pointer, Reading};
use super::suggest;
use super::word::Word;
use crate::domain::Moment;
use crate::rules::finding::code;

/// A value and where it stands.
pub(super) type Node<'t> = Spanned<DeValue<'t>>;

/// A table, with the path it has in messages.
pub(super) struct Table<'t> {
    pub path: String,
    entries: &'t DeTable<'t>,
}

/// Longest text of any field, in characters.
pub(super) const LONGEST_TEXT: usize = 2000;

impl<'t> Table<'t> {
    /// Takes a table under its path, noting every key that is none of `fields`.
    pub fn open(r: &mut Reading<'_>, path: String, entries: &'t DeTable<'t>, fields: &[&str]) -> Self {
        let table = Self::open_free(r, path, entries);
        // Whoever asks from outside never names this machine's environment.
        let ours = |field: &&str| r.door == Door::File || !field.ends_with("_env");
        let fields: Vec<&str> = fields.iter().copied().filter(ours).collect();
        for key in entries.keys() {
            if !fields.contains(&&**key.get_ref()) {
                let message = suggest::no_such_field(key.get_ref(), &fields);
                r.notes.coded(&table.at(key.get_ref()), code::UNKNOWN_FIELD, message);
            }
        }
        table
    }

    /// Takes a table whose keys are the operator's own.
    pub fn open_free(r: &mut Reading<'_>, path: String, entries: &'t DeTable<'t>) -> Self {
        let table = Self { path, entries };
        for key in entries.keys() {
            r.notes.place(&table.at(key.get_ref()), key.span().start);
        }
        table
    }

    /// The path of one of its fields.
    pub fn at(&self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) }
    }

    /// Whether it names this field.
    pub fn has(&self, field: &str) -> bool {
        self.entries.contains_key(field)
    }

    /// The raw value of a field.
    pub fn raw(&self, field: &str) -> Option<&'t DeValue<'t>> {
        self.entries.get(field).map(Spanned::get_ref)
    }

    /// Whether a field is `null`; in a file none is.
    pub fn is_null(&self, r: &Reading<'_>, field: &str) -> bool {
        r.door == Door::Api && self.raw(field).is_some_and(DeValue::is_datetime)
    }

    /// What `read` makes of a field that `null` takes away.
    pub fn or_none<T>(
        &self,
        r: &mut Reading<'_>,
        field: &str,
        read: impl FnOnce(&mut Reading<'_>) -> Option<T>,
    ) -> Option<Option<T>> {
        if self.is_null(r, field) { Some(None) } else { read(r).map(Some) }
    }

    /// Every field of a table whose keys are the operator's own.
    pub fn keys(&self) -> impl Iterator<Item = &'t str> {
        self.entries.keys().map(|key| &**key.get_ref())
    }

    /// A table inside this one.
    pub fn inner(&self, r: &mut Reading<'_>, field: &str, fields: &[&str]) -> Option<Self> {
        let entries = self.inner_entries(r, field)?;
        Some(Self::open(r, self.at(field), entries, fields))
    }

    /// A table inside this one whose keys are the operator's own.
    pub fn inner_free(&self, r: &mut Reading<'_>, field: &str) -> Option<Self> {
        let entries = self.inner_entries(r, field)?;
        Some(Self::open_free(r, self.at(field), entries))
    }

    fn inner_entries(&self, r: &mut Reading<'_>, field: &str) -> Option<&'t DeTable<'t>> {
        let value = self.raw(field)?;
        value.as_table().or_else(|| wrong_table(r, &self.at(field), value))
    }

    /// The tables of an array of tables (`[[field]]`), in file order; not a table, no item.
    pub fn rows(&self, r: &mut Reading<'_>, field: &str) -> Vec<(usize, &'t DeTable<'t>)> {
        let Some(value) = self.raw(field) else { return Vec::new() };
        let path = self.at(field);
        let DeValue::Array(items) = value else {
            match r.door {
                Door::File => {
                    let header = path_without_ids(&path);
                    let message = format!("there may be several: write [[{header}]], not [{header}]");
                    r.notes.coded(&path, code::WRONG_TYPE, message);
                }
                Door::Api => wrong(r, &path, "a list of objects", value).unwrap_or_default(),
            }
            return Vec::new();
        };
        let mut rows = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let path = format!("{path}[{index}]");
            r.notes.place(&path, item.span().start);
            let value = item.get_ref();
            let entries = value.as_table().or_else(|| wrong_table(r, &path, value));
            rows.extend(entries.map(|entries| (index, entries)));
        }
        rows
    }

    /// A text.
    pub fn text(&self, r: &mut Reading<'_>, field: &str) -> Option<String> {
        let value = self.raw(field)?;
        let text = value.as_str().or_else(|| wrong_text(r, &self.at(field), value))?;
        bounded(r, &self.at(field), text.to_owned())
    }

    /// A text that may be empty, and that `null` empties.
    pub fn erasable(&self, r: &mut Reading<'_>, field: &str) -> Option<String> {
        if self.is_null(r, field) { Some(String::new()) } else { self.text(r, field) }
    }

    /// `true` or `false`.
    pub fn flag(&self, r: &mut Reading<'_>, field: &str) -> Option<bool> {
        let value = self.raw(field)?;
        let wanted = r.said("true or false, without quotes", "true or false");
        value.as_bool().or_else(|| wrong(r, &self.at(field), wanted, value))
    }

    /// A whole number in a range.
    pub fn whole<T: TryFrom<i64>>(&self, r: &mut Reading<'_>, field: &str, range: RangeInclusive<i64>) -> Option<T> {
        let (least, most) = (range.start(), range.end());
        let value = self.raw(field)?;
        let DeValue::Integer(_) = value else {
            return wrong(r, &self.at(field), &format!("a whole number from {least} to {most}"), value);
        };
        let read = integer(value).filter(|n| range.contains(n)).and_then(|n| T::try_from(n).ok());
        if read.is_none() {
            r.notes.coded(&self.at(field), code::OUT_OF_RANGE, format!("must be from {least} to {most}"));
        }
        read
    }

    /// An amount of money: not negative, and finite.
    pub fn amount(&self, r: &mut Reading<'_>, field: &str) -> Option<f64> {
        let value = self.raw(field)?;
        if !value.is_float() && !value.is_integer() {
            return wrong(r, &self.at(field), "a number such as 0.014, and not negative", value);
        }
        let float = value.as_float().and_then(|float| float.as_str().parse::<f64>().ok());
        let read = float.or_else(|| integer(value).and_then(|n| i32::try_from(n).ok()).map(f64::from));
        let read = read.filter(|amount| amount.is_finite() && *amount >= 0.0);
        if read.is_none() {
            r.notes.coded(&self.at(field), code::OUT_OF_RANGE, "must be a number such as 0.014, and not negative");
        }
        read
    }

    /// One word of several.
    pub fn word<T: Word>(&self, r: &mut Reading<'_>, field: &str) -> Option<T> {
        let text = self.text(r, field)?;
        let read = T::from_word(&text);
        if read.is_none() {
            r.notes.mistake(&self.at(field), suggest::none_of(&text, &T::words()));
        }
        read
    }

    /// A list of texts, each with its path.
    pub fn texts(&self, r: &mut Reading<'_>, field: &str) -> Option<Vec<(String, String)>> {
        let (path, value) = (self.at(field), self.raw(field)?);
        let items = value.as_array().or_else(|| wrong(r, &path, "a list of texts", value))?;
        Some(texts_of(r, &path, items))
    }

    /// One text, or a list of them.
    pub fn one_or_more(&self, r: &mut Reading<'_>, field: &str) -> Option<Vec<(String, String)>> {
        let (path, value) = (self.at(field), self.raw(field)?);
        if let Some(text) = value.as_str() {
            return bounded(r, &path, text.to_owned()).map(|text| vec![(path, text)]);
        }
        let items = value.as_array().or_else(|| wrong(r, &path, "a text, or a list of texts", value))?;
        Some(texts_of(r, &path, items))
    }

    /// An instant with an offset; an empty text takes away what was stored.
    pub fn instant(&self, r: &mut Reading<'_>, field: &str) -> Option<Option<Moment>> {
        let (path, value) = (self.at(field), self.raw(field)?);
        if self.is_null(r, field) {
            return Some(None);
        }
        let date = value.as_datetime().map(ToString::to_string);
        let text = value.as_str().or(date.as_deref());
        let text = text.or_else(|| wrong(r, &path, "an instant such as 2026-03-09T09:02:11-05:00", value))?;
        if text.is_empty() {
            return Some(None);
        }
        let read = Moment::read(text);
        if read.is_none() {
            r.notes.mistake(&path, "must be an instant with an offset, such as 2026-03-09T09:02:11-05:00");
        }
        read.map(Some)
    }

    /// An address that begins with `http://` or `https://`; an empty text takes away what was stored.
    pub fn address(&self, r: &mut Reading<'_>, field: &str) -> Option<String> {
        let text = self.erasable(r, field)?;
        if text.is_empty() || is_address(&text) {
            return Some(text);
        }
        r.notes.mistake(&self.at(field), "must begin with http:// or https:// and name a host");
        None
    }

    /// The id of another object, to be found when all are read; an empty text takes away what was stored.
    pub fn pointer<T: From<String>>(&self, r: &mut Reading<'_>, field: &str, kind: Kind) -> Option<Option<T>> {
        let id = self.erasable(r, field)?;
        if id.is_empty() {
            return Some(None);
        }
        r.pointers.push(Pointer { path: self.at(field), kind, id: id.clone() });
        Some(Some(T::from(id)))
    }

    /// Notes that a new object lacks a field.
    pub fn requires(&self, r: &mut Reading<'_>, field: &str, example: &str) {
        if !self.has(field) {
            r.notes.coded(&self.at(field), code::MISSING, format!("is missing; {example}"));
        }
    }

    /// Notes that a field was emptied that may not be.
    pub fn refuse_empty(&self, r: &mut Reading<'_>, field: &str, message: &str) {
        if self.is_null(r, field) {
            r.notes.coded(&self.at(field), code::WRONG_TYPE, NOT_NULL);
        } else {
            r.notes.coded(&self.at(field), code::MISSING, message);
        }
    }
}

/// An integer of any radix, where it fits.
pub(super) fn integer(value: &DeValue<'_>) -> Option<i64> {
    value.as_integer().and_then(|n| i64::from_str_radix(n.as_str(), n.radix()).ok())
}

/// Whether a text is an address of the web.
pub(super) fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    host.is_some_and(|host| !host.is_empty()) && text.chars().all(|c| c.is_ascii_graphic())
}

/// Notes a value of the wrong type.
pub(super) fn wrong<T>(r: &mut Reading<'_>, path: &str, wanted: &str, found: &DeValue<'_>) -> Option<T> {
    let message = match (r.door, found) {
        (Door::Api, DeValue::Datetime(_)) => NOT_NULL.to_owned(),
        (Door::Api, DeValue::Table(_)) => format!("must be {wanted}, not an object"),
        _ => format!("must be {wanted}, not {}", noun(found)),
    };
    r.notes.coded(path, code::WRONG_TYPE, message);
    None
}

const NOT_NULL: &str = "must not be null";

/// Notes a value that should be a text.
pub(super) fn wrong_text<T>(r: &mut Reading<'_>, path: &str, found: &DeValue<'_>) -> Option<T> {
    let wanted = r.said("a text in quotes", "a text");
    wrong(r, path, wanted, found)
}

/// Notes a value that should be a table.
fn wrong_table<T>(r: &mut Reading<'_>, path: &str, found: &DeValue<'_>) -> Option<T> {
    let wanted = r.said("a table", "an object");
    wrong(r, path, wanted, found)
}

/// A text that is not too long.
fn bounded(r: &mut Reading<'_>, path: &str, text: String) -> Option<String> {
    if text.chars().count() <= LONGEST_TEXT {
        return Some(text);
    }
    r.notes.coded(path, code::TOO_LONG, format!("is longer than {LONGEST_TEXT} characters"));
    None
}

fn texts_of(r: &mut Reading<'_>, path: &str, items: &[Node<'_>]) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let path = format!("{path}[{index}]");
        r.notes.place(&path, item.span().start);
        let value = item.get_ref();
        let date = value.as_datetime().filter(|_| r.door == Door::File).map(ToString::to_string);
        let text = value.as_str().map(str::to_owned).or(date);
        let text = text.or_else(|| wrong_text(r, &path, value)).and_then(|text| bounded(r, &path, text));
        texts.extend(text.map(|text| (path, text)));
    }
    texts
}

/// What kind of value it is, as messages say it.
pub(super) const fn noun(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// `location.chicago.rule` as a header says it: `location.rule`.
fn path_without_ids(path: &str) -> String {
    match (path.split('.').next(), path.rsplit('.').next()) {
        (Some(first), Some(last)) if first != last => format!("{first}.{last}"),
        _ => path.to_owned(),
    }
}
