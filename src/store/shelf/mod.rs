//! Pages of what happened, newest first, always of one tenant: calls and texts, messages, voicemails, to-dos, opt-outs.
//!
//! Deliberately not here: how a page is shown and how its cursor is written (`http`). Whose phone it was is part of the
//! answer: it is the tenant's own data.

mod interactions;
mod messages;
mod opt_outs;
mod todos;
mod voicemails;

use sqlx::FromRow;

use super::error::StoreError;
use crate::domain::{E164, Moment};

pub use interactions::{InteractionFilter, InteractionLine};
pub use messages::{Delivery, MessageRecord, Text};
pub use opt_outs::OptOut;
pub use todos::{TodoFilter, TodoRecord};
pub use voicemails::VoicemailRecord;

/// Where a row stands in its list: when it came, and its id among those of the same instant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spot {
    /// When it came.
    pub at: Moment,
    /// Its id.
    pub id: String,
}

/// Which part of a list is wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slice {
    /// Only what comes behind this; `None` begins with the newest.
    pub after: Option<Spot>,
    /// How many at most.
    pub most: u32,
}

impl Slice {
    /// The first so many.
    pub const fn first(most: u32) -> Self {
        Self { after: None, most }
    }

    /// Behind which instant and id everything wanted comes, and the first and last instant of it. That the last is no
    /// later than the spot is said twice to the database, which can look only the instant up.
    fn within(&self, span: &Span) -> (i64, &str, i64, i64) {
        let (at, id) = self.after.as_ref().map_or((i64::MAX, ""), |spot| (spot.at.0, spot.id.as_str()));
        let last = span.until.map_or(i64::MAX, |until| until.0.saturating_sub(1));
        (at, id, span.from.map_or(i64::MIN, |from| from.0), last.min(at))
    }
}

/// Which location and which time.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Span {
    /// Only of this location.
    pub location: Option<String>,
    /// Only from this instant on.
    pub from: Option<Moment>,
    /// Only before this instant.
    pub until: Option<Moment>,
}

/// A column that holds a phone's digits.
fn phone(digits: i64, table: &'static str, column: &'static str) -> Result<E164, StoreError> {
    let read = u64::try_from(digits).ok().and_then(E164::from_digits);
    read.ok_or(StoreError::Row { table, column, what: "no phone number" })
}

/// A row of another shape, read from its columns.
trait Shelved: Sized {
    /// Its columns.
    type Row: for<'r> FromRow<'r, sqlx::sqlite::SqliteRow> + Send + Unpin;

    /// Reads them.
    fn read(row: Self::Row) -> Result<Self, StoreError>;
}

/// Reads rows; the first that cannot be read is an error.
fn all<T: Shelved>(rows: Vec<T::Row>) -> Result<Vec<T>, StoreError> {
    rows.into_iter().map(T::read).collect()
}
