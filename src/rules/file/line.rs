//! `[[location.backoffice_line]]` and `[[location.override]]`.
//!
//! Deliberately not here: what an accept key asks of the lines (`rules::masking`).

use super::objects::objects;
use super::phone;
use super::reading::{Reading, put};
use super::table::Table;
use crate::domain::{Line, LineId, Location, Override, OverrideState};

/// Reads the lines that are named, each over what is stored of it; others stay.
pub(super) fn lines(r: &mut Reading<'_>, table: &Table<'_>, location: &mut Location) {
    for object in objects(r, table, "backoffice_line", "id", &["id", "phone", "position", "active", "sms"]) {
        let table = &object.table;
        let id = LineId::from(object.id.as_deref().unwrap_or_default());
        let stored = location.lines.iter().position(|line| line.id == id);
        if stored.is_none() {
            table.requires(r, "phone", "a line is a phone that rings");
        }
        let read = phone::phone(r, table, "phone");
        if read == Some(None) {
            table.refuse_empty(r, "phone", "may not be empty; set active = false for a line that shall not ring");
        }
        let next = location.lines.iter().map(|line| line.position).max().unwrap_or(0).saturating_add(1);
        let mut line = match stored {
            Some(index) => location.lines[index].clone(),
            None => Line { id, phone: phone::UNREADABLE, position: next, active: true, sms: false },
        };
        put(&mut line.phone, read.flatten());
        put(&mut line.position, table.whole(r, "position", 1..=1000));
        put(&mut line.active, table.flag(r, "active"));
        put(&mut line.sms, table.flag(r, "sms"));
        if table.has("position")
            && location.lines.iter().any(|other| other.position == line.position && other.id != line.id)
        {
            let message =
                format!("another line is at position {} too; the one written first rings first", line.position);
            r.notes.warning(&table.at("position"), message);
        }
        match (object.id.is_some(), stored) {
            (true, Some(index)) => location.lines[index] = line,
            (true, None) => location.lines.push(line),
            (false, _) => {}
        }
    }
    location.lines.sort_by_key(|line| line.position);
}

/// Reads the openings and closings by hand; those of the file replace those that are stored.
pub(super) fn overrides(r: &mut Reading<'_>, table: &Table<'_>, location: &mut Location) {
    if !table.has("override") {
        return;
    }
    location.overrides.clear();
    for (index, entries) in table.rows(r, "override") {
        let table = Table::open(r, table.at(&format!("override[{index}]")), entries, &["state", "from", "until"]);
        table.requires(r, "state", "\"open\" or \"closed\"");
        let state = table.word::<OverrideState>(r, "state");
        let from = table.instant(r, "from").flatten();
        let until = table.instant(r, "until").flatten();
        if let (Some(from), Some(until)) = (from, until)
            && until <= from
        {
            r.notes.mistake(&table.at("until"), "must be later than from");
        }
        if let Some(state) = state {
            location.overrides.push(Override { state, from, until });
        }
    }
}
