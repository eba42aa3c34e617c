//! What applying rules changes, for a person to read: which thing, which fields, from what to what.
//!
//! Deliberately not here: finding it out (`store::apply`). Names, secrets and whole phone numbers are never shown.

use std::collections::HashMap;
use std::fmt;

use super::records::Record;

/// One thing that was made or changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// What kind of thing: its word in a rules file, such as `location`.
    pub kind: &'static str,
    /// Its id; a number's is masked.
    pub id: String,
    /// What happened to it.
    pub what: What,
}

/// What happened to a thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum What {
    /// It is new.
    Created,
    /// Some of its fields changed.
    Changed(Vec<FieldChange>),
}

/// One field that changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldChange {
    /// The field.
    pub field: &'static str,
    /// Its value before and after; `None` where it may not be shown.
    pub values: Option<(String, String)>,
}

impl fmt::Display for Change {
    /// One line, such as `location chicago: hours "Mo-Fr 08:00-17:00" → "24/7"`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: ", self.kind, self.id)?;
        match &self.what {
            What::Created => f.write_str("created"),
            What::Changed(fields) => {
                for (index, FieldChange { field, values }) in fields.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    match values {
                        Some((before, after)) => write!(f, "{comma}{field} {before} → {after}")?,
                        None => write!(f, "{comma}{field} changed")?,
                    }
                }
                Ok(())
            }
        }
    }
}

/// One thing that differs: what is stored of it, what it should be, and that in words.
pub(super) struct Difference<'a, R> {
    pub(super) before: Option<&'a R>,
    pub(super) after: &'a R,
    pub(super) change: Change,
}

/// What of `wanted` differs from what is stored, and how.
pub(super) fn differences<'a, R: Record>(wanted: &'a [R], stored: &'a [R]) -> Vec<Difference<'a, R>> {
    let stored: HashMap<String, &R> = stored.iter().map(|record| (record.id(), record)).collect();
    wanted
        .iter()
        .filter_map(|after| {
            let before = stored.get(&after.id()).copied();
            let what = match before {
                None => What::Created,
                Some(known) => {
                    let fields = changed_fields(known, after);
                    if fields.is_empty() {
                        return None;
                    }
                    What::Changed(fields)
                }
            };
            let change = Change { kind: R::TABLE.kind, id: after.shown_id(), what };
            Some(Difference { before, after, change })
        })
        .collect()
}

fn changed_fields<R: Record>(before: &R, after: &R) -> Vec<FieldChange> {
    let cells = before.cells().into_iter().zip(after.cells());
    cells
        .zip(R::TABLE.columns)
        .filter(|((before, after), _)| before != after)
        .map(|((before, after), field)| FieldChange { field, values: before.shown().zip(after.shown()) })
        .collect()
}
