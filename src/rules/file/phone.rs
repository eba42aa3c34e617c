//! Phones as people type them: E.164, or the national form of the tenant's country.
//!
//! Deliberately not here: numbers that providers send and numbers we rent. Those are E.164 or nothing.

use super::reading::Reading;
use super::table::Table;
use crate::domain::E164;
use crate::rules::numbering::from_national;

/// Stands in for a phone that could not be read, so that the rest of its object can be; the file is refused then. It is
/// nobody's: seven zeros after a one.
pub(super) const UNREADABLE: E164 = E164::from_digits(10_000_000).expect("eight digits are a number");

/// A phone in E.164 or the national form.
pub(super) fn typed(text: &str, country: &str) -> Option<E164> {
    E164::read(text).or_else(|| from_national(text, country))
}

/// A person's phone; an empty text takes away what was stored.
pub(super) fn phone(r: &mut Reading<'_>, table: &Table<'_>, field: &str) -> Option<Option<E164>> {
    let text = table.erasable(r, field)?;
    if text.is_empty() {
        return Some(None);
    }
    let read = typed(&text, &r.country);
    if read.is_none() {
        let message =
            format!("is no phone: neither E.164 (such as +13125550101) nor a national number of {}", r.country);
        r.notes.mistake(&table.at(field), message);
    }
    read.map(Some)
}

/// A phone in E.164 and nothing else; an empty text takes away what was stored.
pub(super) fn strict(r: &mut Reading<'_>, table: &Table<'_>, field: &str) -> Option<Option<E164>> {
    let text = table.erasable(r, field)?;
    if text.is_empty() {
        return Some(None);
    }
    let read = E164::read(&text);
    if read.is_none() {
        r.notes.mistake(&table.at(field), "must be E.164: + and 7 to 15 digits, such as +13125550101");
    }
    read.map(Some)
}
