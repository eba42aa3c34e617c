//! Sessions by number and phone: fixed rows, and an index of their positions, so that a million of them are a hundred
//! megabytes and a look-up reads two or three lines of memory.
//!
//! Deliberately not here: whether a session is live. Rows say what happened; routing judges by the instant.

mod index;
mod names;
mod row;

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use parking_lot::RwLock;
use smallvec::SmallVec;

use crate::domain::{E164, MaskingNumber, Moment, Session, SessionId, SessionKind, SessionOptions, SessionState};

use index::Index;
use names::{Names, Words};
use row::{ANYBODY, EVER, JOBS, Key, NEVER, NONE, Place, Row, Rows, TERMS};

/// All sessions. Whoever asks waits at most while one of them is taken in.
#[derive(Default)]
pub(super) struct Sessions(RwLock<Table>);

impl Sessions {
    /// Takes a session in, in place of what was known of it before.
    pub(super) fn put(&self, session: &Session) {
        self.0.write().put(session);
    }

    /// Sessions in which this phone is a party, newest first.
    pub(super) fn with(&self, number: E164, phone: E164) -> SmallVec<[Session; 2]> {
        self.0.read().all(Key { number: number.digits(), phone: phone.digits() })
    }

    /// Sessions of this number with one party only, newest first.
    pub(super) fn of_one(&self, number: E164) -> SmallVec<[Session; 2]> {
        self.0.read().all(Key { number: number.digits(), phone: ANYBODY })
    }

    /// Sessions of this number that belong to a job, newest first.
    pub(super) fn of_jobs(&self, number: E164) -> SmallVec<[Session; 2]> {
        self.0.read().all(Key { number: number.digits(), phone: JOBS })
    }

    /// Plain pairs of this number whose terms concern strangers, newest first.
    pub(super) fn on_terms(&self, number: E164) -> SmallVec<[Session; 2]> {
        self.0.read().all(Key { number: number.digits(), phone: TERMS })
    }

    /// Whether a phone stands alone in a session of this number that is not over.
    pub(super) fn is_lone(&self, number: E164, phone: E164, now: Moment) -> bool {
        let over = |session: &Session| match session.state {
            SessionState::Ended { at, .. } | SessionState::Live { expires_at: Some(at) } => at <= now,
            SessionState::Live { expires_at: None } => false,
        };
        self.with(number, phone).iter().any(|session| session.is_lone() && !over(session))
    }

    /// The session of this id.
    pub(super) fn named(&self, tenant: &str, id: &SessionId) -> Option<Session> {
        let table = self.0.read();
        let at = table.find(table.words.known(tenant)?, id.as_str())?;
        table.session(at)
    }

    pub(super) fn len(&self) -> usize {
        self.0.read().rows.len()
    }
}

#[derive(Default)]
struct Table {
    rows: Rows,
    /// Of each key the newest row; from there it goes on by links.
    by_key: Index,
    by_id: Index,
    ids: Names,
    words: Words,
    /// By row: few have any.
    options: HashMap<u32, SessionOptions, RandomState>,
    hasher: RandomState,
}

impl Table {
    fn put(&mut self, session: &Session) {
        let mut row = self.row(session);
        let at = match self.find(row.tenant, session.id.as_str()) {
            Some(at) => {
                let known = *self.rows.at(at);
                (row.id, row.next) = (known.id, known.next);
                if (0..3).all(|role| known.key(role) == row.key(role)) {
                    *self.rows.at_mut(at) = row;
                } else {
                    Place::of(at).into_iter().for_each(|place| self.unlink(place));
                    row.next = [Place::NONE; 3];
                    *self.rows.at_mut(at) = row;
                    Place::of(at).into_iter().for_each(|place| self.link(place));
                }
                at
            }
            None => {
                row.id = self.ids.add(session.id.as_str());
                let at = self.rows.push(row);
                let Self { by_id, rows, ids, hasher, .. } = self;
                let hash_of = |at| {
                    let row: &Row = rows.at(at);
                    hasher.hash_one((row.tenant, ids.text(row.id)))
                };
                by_id.add(hash_of(at), at, hash_of);
                Place::of(at).into_iter().for_each(|place| self.link(place));
                at
            }
        };
        if row.special {
            self.options.insert(at, session.options.clone());
        } else {
            self.options.remove(&at);
        }
    }

    /// Where the session of this id is.
    fn find(&self, tenant: u32, id: &str) -> Option<u32> {
        self.by_id.find(self.hasher.hash_one((tenant, id)), |at| {
            let row = self.rows.at(at);
            row.tenant == tenant && self.ids.text(row.id) == id
        })
    }

    /// Puts a row in front of the others that have the same key.
    fn link(&mut self, place: Place) {
        let Self { rows, by_key, hasher, .. } = self;
        let Some(key) = rows.key(place) else { return };
        let newest = by_key.find_mut(hasher.hash_one(key), |number| rows.key(Place::from_number(number)) == Some(key));
        let Some(newest) = newest else {
            let hash_of = |number| hasher.hash_one(rows.key(Place::from_number(number)).unwrap_or(key));
            return by_key.add(hasher.hash_one(key), place.number(), hash_of);
        };
        let older = Place::from_number(std::mem::replace(newest, place.number()));
        *rows.next_mut(place) = older;
    }

    fn unlink(&mut self, place: Place) {
        let Self { rows, by_key, hasher, .. } = self;
        let Some(key) = rows.key(place) else { return };
        let (hash, older) = (hasher.hash_one(key), rows.next(place));
        let Some(newest) = by_key.find_mut(hash, |number| rows.key(Place::from_number(number)) == Some(key)) else {
            return;
        };
        let mut before = Place::from_number(*newest);
        if before != place {
            while rows.next(before) != place {
                before = rows.next(before);
                if before == Place::NONE {
                    return;
                }
            }
            *rows.next_mut(before) = older;
        } else if older == Place::NONE {
            by_key.remove(hash, |number| number == place.number());
        } else {
            *newest = older.number();
        }
    }

    fn all(&self, key: Key) -> SmallVec<[Session; 2]> {
        let newest = self
            .by_key
            .find(self.hasher.hash_one(key), |number| self.rows.key(Place::from_number(number)) == Some(key));
        let newest = newest.map(Place::from_number);
        let older = |place: &Place| Some(self.rows.next(*place)).filter(|older| *older != Place::NONE);
        std::iter::successors(newest, older).filter_map(|place| self.session(place.row())).collect()
    }

    /// A session's row, not yet named and linked.
    fn row(&mut self, session: &Session) -> Row {
        let mut word = |word: Option<&str>| word.map_or(NONE, |word| self.words.intern(word));
        let (at, ended) = match session.state {
            SessionState::Live { expires_at } => (expires_at.map_or(NEVER, |at| at.0), None),
            SessionState::Ended { at, by } => (at.0, Some(by)),
        };
        Row {
            id: NONE,
            tenant: word(Some(session.tenant.as_str())),
            location: word(session.location.as_ref().map(|id| id.as_str())),
            technician: word(session.technician().map(|id| id.as_str())),
            customer: word(session.customer().map(|id| id.as_str())),
            work_order: word(session.work_order().map(|id| id.as_str())),
            next: [Place::NONE; 3],
            first: session.first_party.map_or(0, E164::digits),
            second: session.second_party.map_or(0, E164::digits),
            number: session.number.e164().digits(),
            at,
            started_at: session.started_at.map_or(EVER, |at| at.0),
            ended,
            plain: session.kind == SessionKind::PlainPair,
            terms: session.kind == SessionKind::PlainPair && session.options.concerns_strangers(),
            special: session.options != SessionOptions::default(),
        }
    }

    fn session(&self, at: u32) -> Option<Session> {
        let row = self.rows.at(at);
        let word = |word: u32| (word != NONE).then(|| self.words.text(word));
        let kind = if row.plain {
            SessionKind::PlainPair
        } else {
            SessionKind::Job {
                technician: word(row.technician).map(Into::into),
                customer: word(row.customer).map(Into::into),
                work_order: word(row.work_order).map(Into::into),
            }
        };
        Some(Session {
            id: self.ids.text(row.id).into(),
            tenant: word(row.tenant)?.into(),
            location: word(row.location).map(Into::into),
            number: MaskingNumber::rented(E164::from_digits(row.number)?),
            first_party: E164::from_digits(row.first),
            second_party: E164::from_digits(row.second),
            kind,
            state: match row.ended {
                None => SessionState::Live { expires_at: (row.at != NEVER).then_some(Moment(row.at)) },
                Some(by) => SessionState::Ended { at: Moment(row.at), by },
            },
            started_at: (row.started_at != EVER).then_some(Moment(row.started_at)),
            options: if row.special {
                self.options.get(&at).cloned().unwrap_or_default()
            } else {
                SessionOptions::default()
            },
        })
    }
}

#[cfg(test)]
mod tests;
