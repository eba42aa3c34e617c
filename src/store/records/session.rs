//! Sessions as rows.
//!
//! Deliberately not here: which phones they hold (`store::pairs`).

use std::sync::Arc;

use super::{Record, terms};
use crate::domain::{EndedBy, Session, SessionKind, SessionOptions, SessionState};
use crate::store::cell::{Cell, Columns, Table};
use crate::store::error::StoreError;

impl Record for Session {
    const TABLE: Table = Table {
        name: "sessions",
        kind: "session",
        key: 2,
        columns: &[
            "tenant",
            "id",
            "location",
            "number",
            "first_party",
            "second_party",
            "kind",
            "technician",
            "customer",
            "work_order",
            "expires_at",
            "ended_at",
            "ended_by",
            "started_at",
            "ring_timeout",
            "call_time_limit",
            "record",
            "first_party_play_url",
            "second_party_play_url",
            "terms",
        ],
    };

    fn cells(&self) -> Vec<Cell> {
        let Self { id, tenant, location, number, first_party, second_party, kind, state, started_at, options } = self;
        let (kind, technician, customer, work_order) = match kind {
            SessionKind::PlainPair => ("plain_pair", None, None, None),
            SessionKind::Job { technician, customer, work_order } => {
                ("job", technician.as_ref(), customer.as_ref(), work_order.as_ref())
            }
        };
        let (expires_at, ended) = match state {
            SessionState::Live { expires_at } => (*expires_at, None),
            SessionState::Ended { at, by } => (None, Some((*at, by.word()))),
        };
        let SessionOptions {
            ring_timeout,
            call_time_limit,
            record,
            first_party_play_url,
            second_party_play_url,
            terms: asked,
        } = options;
        vec![
            Cell::text(tenant.as_str()),
            Cell::text(id.as_str()),
            Cell::maybe(location.as_ref()),
            Cell::Number(*number),
            Cell::phone(*first_party),
            Cell::phone(*second_party),
            Cell::text(kind),
            Cell::maybe(technician),
            Cell::maybe(customer),
            Cell::maybe(work_order),
            Cell::at(expires_at),
            Cell::at(ended.map(|(at, _)| at)),
            Cell::maybe(ended.map(|(_, by)| by)),
            Cell::at(*started_at),
            Cell::maybe_int(*ring_timeout),
            Cell::maybe_int(*call_time_limit),
            record.map_or(Cell::Null, Cell::Flag),
            Cell::maybe(first_party_play_url.as_ref()),
            Cell::maybe(second_party_play_url.as_ref()),
            asked.as_ref().map_or(Cell::Null, |asked| Cell::Private(terms::write(asked))),
        ]
    }

    fn read(c: &mut Columns<'_>) -> Result<Self, StoreError> {
        let wrong = |column, what| StoreError::Row { table: "sessions", column, what };
        Ok(Self {
            tenant: c.text()?.into(),
            id: c.text()?.into(),
            location: c.maybe()?,
            number: c.number()?,
            first_party: c.maybe_phone()?,
            second_party: c.maybe_phone()?,
            kind: {
                let kind = c.text()?;
                let (technician, customer, work_order) = (c.maybe()?, c.maybe()?, c.maybe()?);
                match kind {
                    "plain_pair" => SessionKind::PlainPair,
                    "job" => SessionKind::Job { technician, customer, work_order },
                    _ => return Err(wrong("kind", "an unknown word")),
                }
            },
            state: {
                let expires_at = c.maybe_moment()?;
                let ended_at = c.maybe_moment()?;
                match (ended_at, c.maybe_word(EndedBy::read)?) {
                    (None, None) => SessionState::Live { expires_at },
                    (Some(at), Some(by)) => SessionState::Ended { at, by },
                    (Some(_), None) | (None, Some(_)) => return Err(wrong("ended_by", "half an end")),
                }
            },
            started_at: c.maybe_moment()?,
            options: SessionOptions {
                ring_timeout: c.maybe_int()?,
                call_time_limit: c.maybe_int()?,
                record: c.maybe_int::<i64>()?.map(|value| value != 0),
                first_party_play_url: c.maybe_string()?,
                second_party_play_url: c.maybe_string()?,
                terms: match c.maybe_string()? {
                    None => None,
                    Some(kept) => Some(Arc::new(terms::read(&kept).ok_or(wrong("terms", "no terms"))?)),
                },
            },
        })
    }

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn session(&self) -> Option<&Session> {
        Some(self)
    }

    fn tenant(&self) -> &str {
        self.tenant.as_str()
    }
}
