//! Secrets: named by environment variables, or, for demos and tests, written into the file.
//!
//! Deliberately not here: who may write one down (the tenant's and the accounts' readers know that).

use sha2::{Digest, Sha256};

use super::reading::Reading;
use super::table::Table;
use crate::rules::ruleset::Secret;

/// The secrets of one field pair.
pub(super) struct Found {
    /// Those that have a value, in the order they were written.
    pub values: Vec<Secret>,
    /// Paths of those that were written down instead of named.
    pub literals: Vec<String>,
}

/// Reads `by_name` (environment variables) and `literal` (values), each one text or a list while rotating; `None` where
/// the file says nothing of either.
///
/// A variable that is unset or empty gives no secret, and a warning: it never authenticates anybody.
pub(super) fn secrets(r: &mut Reading<'_>, table: &Table<'_>, by_name: &str, literal: &str) -> Option<Found> {
    if !table.has(by_name) && !table.has(literal) {
        return None;
    }
    let mut found = Found { values: Vec::new(), literals: Vec::new() };
    for (path, name) in table.one_or_more(r, by_name).unwrap_or_default() {
        if name.is_empty() {
            continue;
        }
        if !is_variable(&name) {
            r.notes.mistake(
                &path,
                "must be the name of an environment variable in capitals, such as ACME_TOKEN, not the secret itself",
            );
            continue;
        }
        match (r.env)(&name).filter(|value| !value.trim().is_empty()) {
            Some(value) => found.values.push(Secret::new(value.trim())),
            None => {
                let message = format!(
                    "environment variable {name} is not set or empty: this secret is missing and never authenticates"
                );
                r.notes.warning(&path, message);
            }
        }
    }
    let literals = if table.is_null(r, literal) { None } else { table.one_or_more(r, literal) };
    for (path, value) in literals.unwrap_or_default() {
        if !value.is_empty() && value.trim().is_empty() {
            r.notes.mistake(&path, "is blank: no secret");
        } else if !value.is_empty() {
            found.values.push(Secret::new(value));
            found.literals.push(path);
        }
    }
    Some(found)
}

/// The hash under which an API key is kept.
pub(super) fn key_hash(key: &Secret) -> String {
    hex::encode(Sha256::digest(key.expose().as_bytes()))
}

/// Whether a text is 64 hexadecimal digits.
pub(super) fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Capitals, digits and underscores: narrower than what a system allows, so that a secret put here by mistake is not taken
/// for a name and printed.
fn is_variable(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}
