//! The objects of one kind: each with its id, so that messages can name it and stored ones can be found.
//!
//! Deliberately not here: what is in them. Contacts have no id and are read where they are.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::reading::Reading;
use super::table::Table;
use crate::domain::E164;

/// An object of the file.
pub(super) struct Object<'t> {
    /// Its id; `None` where it has none that can be used, and then what is read of it is thrown away.
    pub id: Option<String>,
    /// Its fields.
    pub table: Table<'t>,
}

/// The objects of `[[kind]]`. Those without a good id of their own go by their place in the file, counted from 0.
pub(super) fn objects<'t>(
    r: &mut Reading<'_>,
    parent: &Table<'t>,
    kind: &str,
    key: &str,
    fields: &[&str],
) -> Vec<Object<'t>> {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let mut found = Vec::new();
    for (index, entries) in parent.rows(r, kind) {
        let place = parent.at(&format!("{kind}[{index}]"));
        let id = match good_id(entries, kind, key) {
            Ok(id) => match seen.get(&id) {
                None => Some(id),
                Some(first) => {
                    let line = r.notes.line_of(first);
                    let message = format!("{id} stands on line {line} already; each may stand once");
                    note_key(r, &place, entries, key, message);
                    None
                }
            },
            Err(message) => {
                note_key(r, &place, entries, key, message);
                None
            }
        };
        let path = match &id {
            Some(id) if entries.contains_key(key) => parent.at(&format!("{kind}.{id}")),
            Some(_) | None => place.clone(),
        };
        if let Some(id) = &id {
            r.notes.place_like(&path, &place);
            seen.insert(id.clone(), path.clone());
        }
        found.push(Object { id, table: Table::open(r, path, entries, fields) });
    }
    found
}

fn note_key(r: &mut Reading<'_>, place: &str, entries: &DeTable<'_>, key: &str, message: String) {
    let path = format!("{place}.{key}");
    if let Some((name, _)) = entries.get_key_value(key) {
        r.notes.place(&path, name.span().start);
    }
    r.notes.mistake(&path, message);
}

fn good_id(entries: &DeTable<'_>, kind: &str, key: &str) -> Result<String, String> {
    let text = match entries.get(key).map(|value| value.get_ref()) {
        Some(DeValue::String(text)) => text,
        Some(other) => return Err(format!("must be a text in quotes, not {}", super::table::noun(other))),
        None if kind == "session" => return Ok(super::session::made_id(entries)),
        None => return Err("is missing".to_owned()),
    };
    let good = if key == "e164" { E164::read(text).is_some() } else { is_slug(text) };
    if good {
        return Ok(text.to_string());
    }
    Err(if key == "e164" {
        "must be E.164: + and 7 to 15 digits, such as +13125550190".to_owned()
    } else {
        SLUG.to_owned()
    })
}

/// What an id must be.
pub(super) const SLUG: &str =
    "must be 1 to 64 letters, digits, dots, dashes and underscores, and begin with a letter or digit";

/// Whether a text can be an id: `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`.
pub fn is_slug(text: &str) -> bool {
    let inside = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    text.len() <= 64 && text.bytes().all(inside) && text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
}
