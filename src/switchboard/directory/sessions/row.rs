//! A session as a row of fixed size: numbers in place of names, and links to the rows that are found by the same key.
//!
//! Deliberately not here: finding rows, and the names.

use crate::domain::EndedBy;

/// No name.
pub(super) const NONE: u32 = u32::MAX;
/// Before the beginning of time: a session without a known start.
pub(super) const EVER: i64 = i64::MIN;
/// After the end of time: a session that does not end by the clock.
pub(super) const NEVER: i64 = i64::MAX;
/// In place of a phone: whoever calls a session of one party.
pub(super) const ANYBODY: u64 = 0;
/// In place of a phone: the sessions of jobs.
pub(super) const JOBS: u64 = u64::MAX;

/// In place of a phone: plain pairs that say what strangers hear or may prove.
pub(super) const TERMS: u64 = u64::MAX - 1;

/// Rows are kept in pieces of this many: growing never copies what is there.
const PIECE: usize = 4096;

/// One session, without a pointer in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) id: u32,
    pub(super) tenant: u32,
    pub(super) location: u32,
    pub(super) technician: u32,
    pub(super) customer: u32,
    pub(super) work_order: u32,
    /// For each of its keys, the next older row that has it.
    pub(super) next: [Place; 3],
    /// Digits; 0 where there is none.
    pub(super) first: u64,
    pub(super) second: u64,
    pub(super) number: u64,
    /// When it expires, or when it ended.
    pub(super) at: i64,
    pub(super) started_at: i64,
    pub(super) ended: Option<EndedBy>,
    pub(super) plain: bool,
    /// Whether it says what strangers hear or may prove.
    pub(super) terms: bool,
    /// Whether it has options, which are kept apart.
    pub(super) special: bool,
}

/// What a row is found by: a number, and a phone or what stands for one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Key {
    pub(super) number: u64,
    pub(super) phone: u64,
}

/// A row, and which of its keys is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place(u32);

impl Place {
    /// No row.
    pub(super) const NONE: Self = Self(u32::MAX);

    /// The three keys of a row.
    pub(super) fn of(row: u32) -> [Self; 3] {
        assert!(row < 1 << 30, "fewer than a thousand million sessions");
        [Self(row << 2), Self(row << 2 | 1), Self(row << 2 | 2)]
    }

    pub(super) const fn from_number(number: u32) -> Self {
        Self(number)
    }

    pub(super) const fn number(self) -> u32 {
        self.0
    }

    pub(super) const fn row(self) -> u32 {
        self.0 >> 2
    }

    pub(super) const fn role(self) -> usize {
        self.0 as usize & 3
    }
}

impl Row {
    /// Its key in a role; `None` where it has none.
    ///
    /// Two parties are two keys. One party alone is one, and *anybody* the other: whoever calls is taken for the other
    /// side. A job is a key too: on a number of its own it takes callers who are no party. Whether the number is the
    /// job's own is asked later. So are terms that concern strangers.
    pub(super) fn key(&self, role: usize) -> Option<Key> {
        let phone = match role {
            0 if self.first != self.second => self.first,
            0 if self.first != 0 => self.first,
            1 if self.first != self.second => self.second,
            2 if self.work_order != NONE => JOBS,
            2 if self.terms => TERMS,
            _ => return None,
        };
        Some(Key { number: self.number, phone })
    }
}

/// All rows.
#[derive(Default)]
pub(super) struct Rows {
    pieces: Vec<Vec<Row>>,
}

impl Rows {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.pieces.last().map_or(0, |last| (self.pieces.len() - 1) * PIECE + last.len())
    }

    /// Adds one; tells its position.
    pub(super) fn push(&mut self, row: Row) -> u32 {
        if self.pieces.last().is_none_or(|piece| piece.len() == PIECE) {
            self.pieces.push(Vec::with_capacity(PIECE));
        }
        self.pieces.last_mut().expect("one was just made").push(row);
        u32::try_from(self.len() - 1).expect("fewer than a thousand million sessions")
    }

    /// The row at a position that was told.
    pub(super) fn at(&self, at: u32) -> &Row {
        &self.pieces[at as usize / PIECE][at as usize % PIECE]
    }

    /// The same, to be changed.
    pub(super) fn at_mut(&mut self, at: u32) -> &mut Row {
        &mut self.pieces[at as usize / PIECE][at as usize % PIECE]
    }

    /// The key of a place that is linked.
    pub(super) fn key(&self, place: Place) -> Option<Key> {
        self.at(place.row()).key(place.role())
    }

    /// The next older place of the same key.
    pub(super) fn next(&self, place: Place) -> Place {
        self.at(place.row()).next[place.role()]
    }

    /// The same, to be changed.
    pub(super) fn next_mut(&mut self, place: Place) -> &mut Place {
        &mut self.at_mut(place.row()).next[place.role()]
    }
}
