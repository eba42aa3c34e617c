//! Sessions by number and phone: fixed rows in a slab and an index of positions, so that a million of them are a few
//! hundred megabytes and a look-up is two map reads.
//!
//! Deliberately not here: whether a session is live. Rows say what happened; routing judges by the instant.

use dashmap::DashMap;
use foldhash::fast::RandomState;
use parking_lot::RwLock;
use smallvec::SmallVec;
use std::sync::Arc;

use crate::domain::{
    E164, EndedBy, MaskingNumber, Moment, Session, SessionId, SessionKind, SessionOptions, SessionState,
};

type Map<K, V> = DashMap<K, V, RandomState>;
type Places = SmallVec<[u32; 2]>;

/// Rows are kept in pieces of this many: growing never copies what is there.
const PIECE: usize = 4096;

/// No word: ids are interned from 1.
const NONE: u32 = 0;

/// One session, without a pointer in it.
#[derive(Clone, Copy)]
struct Row {
    id: u32,
    tenant: u32,
    location: u32,
    technician: u32,
    customer: u32,
    work_order: u32,
    options: u32,
    plain: bool,
    state: State,
    first: u64,
    second: u64,
    number: u64,
    started_at: i64,
}

#[derive(Clone, Copy)]
enum State {
    Live,
    Expires(i64),
    Ended(i64, EndedBy),
}

/// Before the beginning of time: a session without a known start.
const EVER: i64 = i64::MIN;

/// All sessions.
#[derive(Default)]
pub(super) struct Sessions {
    rows: RwLock<Vec<Vec<Row>>>,
    by_pair: Map<(u64, u64), Places>,
    by_number: Map<u64, Places>,
    by_id: Map<(u32, u32), u32>,
    options: RwLock<Vec<SessionOptions>>,
    words: Words,
}

impl Sessions {
    /// Takes a session in, in place of what was known of it before.
    pub(super) fn put(&self, session: &Session) {
        let row = self.row(session);
        let known = self.by_id.get(&(row.tenant, row.id)).map(|at| *at);
        let before = known.and_then(|at| self.at(at).map(|before| (at, before)));
        let at = match before {
            Some((at, before)) => {
                self.unlink(at, &before);
                self.write(at, row);
                at
            }
            None => self.push(row),
        };
        self.by_id.insert((row.tenant, row.id), at);
        for phone in parties(&row) {
            self.by_pair.entry((row.number, phone)).or_default().push(at);
        }
        if open_to_others(&row) {
            self.by_number.entry(row.number).or_default().push(at);
        }
    }

    /// Sessions in which this phone is a party, newest first.
    pub(super) fn with(&self, number: E164, phone: E164) -> SmallVec<[Session; 2]> {
        let places = self.by_pair.get(&(number.digits(), phone.digits())).map(|places| places.clone());
        self.all(places)
    }

    /// Sessions of this number that take callers who are no party, newest first.
    pub(super) fn on(&self, number: E164) -> SmallVec<[Session; 2]> {
        let places = self.by_number.get(&number.digits()).map(|places| places.clone());
        self.all(places)
    }

    /// The session of this id.
    pub(super) fn named(&self, tenant: &str, id: &SessionId) -> Option<Session> {
        let key = (self.words.known(tenant)?, self.words.known(id.as_str())?);
        let at = *self.by_id.get(&key)?;
        self.at(at).and_then(|row| self.session(&row))
    }

    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    fn all(&self, places: Option<Places>) -> SmallVec<[Session; 2]> {
        places.iter().flatten().rev().filter_map(|at| self.session(&self.at(*at)?)).collect()
    }

    fn row(&self, session: &Session) -> Row {
        let word = |word: Option<&str>| word.map_or(NONE, |word| self.words.intern(word));
        let options = if session.options == SessionOptions::default() {
            NONE
        } else {
            let mut all = self.options.write();
            all.push(session.options.clone());
            u32::try_from(all.len()).unwrap_or(NONE)
        };
        Row {
            id: self.words.intern(session.id.as_str()),
            tenant: self.words.intern(session.tenant.as_str()),
            location: word(session.location.as_ref().map(|id| id.as_str())),
            technician: word(session.technician().map(|id| id.as_str())),
            customer: word(session.customer().map(|id| id.as_str())),
            work_order: word(session.work_order().map(|id| id.as_str())),
            options,
            plain: session.kind == SessionKind::PlainPair,
            state: match session.state {
                SessionState::Live { expires_at: None } => State::Live,
                SessionState::Live { expires_at: Some(at) } => State::Expires(at.0),
                SessionState::Ended { at, by } => State::Ended(at.0, by),
            },
            first: session.first_party.map_or(0, E164::digits),
            second: session.second_party.map_or(0, E164::digits),
            number: session.number.e164().digits(),
            started_at: session.started_at.map_or(EVER, |at| at.0),
        }
    }

    fn session(&self, row: &Row) -> Option<Session> {
        let word = |word: u32| self.words.word(word);
        let kind = if row.plain {
            SessionKind::PlainPair
        } else {
            SessionKind::Job {
                technician: word(row.technician).map(|w| (&*w).into()),
                customer: word(row.customer).map(|w| (&*w).into()),
                work_order: word(row.work_order).map(|w| (&*w).into()),
            }
        };
        Some(Session {
            id: (&*word(row.id)?).into(),
            tenant: (&*word(row.tenant)?).into(),
            location: word(row.location).map(|w| (&*w).into()),
            number: MaskingNumber::rented(E164::from_digits(row.number)?),
            first_party: E164::from_digits(row.first),
            second_party: E164::from_digits(row.second),
            kind,
            state: match row.state {
                State::Live => SessionState::Live { expires_at: None },
                State::Expires(at) => SessionState::Live { expires_at: Some(Moment(at)) },
                State::Ended(at, by) => SessionState::Ended { at: Moment(at), by },
            },
            started_at: (row.started_at != EVER).then_some(Moment(row.started_at)),
            options: (row.options != NONE)
                .then(|| self.options.read().get(row.options as usize - 1).cloned())
                .flatten()
                .unwrap_or_default(),
        })
    }

    fn at(&self, at: u32) -> Option<Row> {
        let at = at as usize;
        self.rows.read().get(at / PIECE)?.get(at % PIECE).copied()
    }

    fn write(&self, at: u32, row: Row) {
        let at = at as usize;
        if let Some(place) = self.rows.write().get_mut(at / PIECE).and_then(|piece| piece.get_mut(at % PIECE)) {
            *place = row;
        }
    }

    fn push(&self, row: Row) -> u32 {
        let mut rows = self.rows.write();
        if rows.last().is_none_or(|piece| piece.len() == PIECE) {
            rows.push(Vec::with_capacity(PIECE));
        }
        let pieces = rows.len();
        let piece = rows.last_mut().expect("one was just made");
        piece.push(row);
        u32::try_from((pieces - 1) * PIECE + piece.len() - 1).expect("fewer than four thousand million sessions")
    }

    fn unlink(&self, at: u32, row: &Row) {
        for phone in parties(row) {
            if let Some(mut places) = self.by_pair.get_mut(&(row.number, phone)) {
                places.retain(|place| *place != at);
            }
        }
        if let Some(mut places) = self.by_number.get_mut(&row.number) {
            places.retain(|place| *place != at);
        }
    }
}

fn parties(row: &Row) -> impl Iterator<Item = u64> + use<> {
    let second = if row.second == row.first { 0 } else { row.second };
    [row.first, second].into_iter().filter(|phone| *phone != 0)
}

/// A job's session on a number of its own, or one with a single party. Whether the number is the job's own is asked
/// later; a plain pair never takes a third phone.
fn open_to_others(row: &Row) -> bool {
    (row.first == 0) != (row.second == 0) || row.work_order != NONE
}

/// Ids as small numbers.
#[derive(Default)]
struct Words {
    numbers: Map<Arc<str>, u32>,
    words: RwLock<Vec<Arc<str>>>,
}

impl Words {
    fn intern(&self, word: &str) -> u32 {
        if let Some(known) = self.known(word) {
            return known;
        }
        let mut words = self.words.write();
        let word: Arc<str> = Arc::from(word);
        *self.numbers.entry(Arc::clone(&word)).or_insert_with(|| {
            words.push(word);
            u32::try_from(words.len()).expect("fewer than four thousand million ids")
        })
    }

    fn known(&self, word: &str) -> Option<u32> {
        self.numbers.get(word).map(|number| *number)
    }

    fn word(&self, number: u32) -> Option<Arc<str>> {
        self.words.read().get((number as usize).checked_sub(1)?).cloned()
    }
}
