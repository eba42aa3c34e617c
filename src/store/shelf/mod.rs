//! Pages of what happened, newest first, always of one tenant: calls and texts, messages, voicemails, to-dos, opt-outs.
//!
//! Deliberately not here: how a page is shown and how its cursor is written (`http`). Whose phone it was is part of the
//! answer: it is the tenant's own data.

mod interactions;
mod messages;
mod opt_outs;
mod talks;
mod todos;
mod voicemails;

use sqlx::FromRow;

use super::error::StoreError;
use super::list::Page;
use crate::domain::{E164, Moment};

pub use interactions::{InteractionFilter, InteractionLine};
pub use messages::{Delivery, MessageRecord, Text};
pub use opt_outs::OptOut;
pub use talks::Talk;
pub use todos::TodoFilter;
pub use voicemails::VoicemailRecord;

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

/// Where a page is cut.
struct Cut<'a> {
    /// Behind which instant everything on it comes.
    at: i64,
    /// And behind which id of that instant.
    id: &'a str,
    /// The first instant of what is wanted.
    from: i64,
    /// The last. That it is no later than `at` is said twice to the database, which can look only the instant up.
    last: i64,
    /// How many rows to ask for: one more than fit, which tells whether there is another page.
    most: i64,
}

fn cut<'a>(page: &'a Page, span: &Span) -> Cut<'a> {
    let (at, id) = page.after.as_ref().map_or((i64::MAX, ""), |mark| (mark.at, mark.id.as_str()));
    let last = span.until.map_or(i64::MAX, |until| until.0.saturating_sub(1));
    let from = span.from.map_or(i64::MIN, |from| from.0);
    Cut { at, id, from, last: last.min(at), most: page.rows() }
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
