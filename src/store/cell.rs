//! Between rows and values: a column's value on its way in, and a cursor over a row on its way out.
//!
//! Deliberately not here: which columns a thing has (`store::records`).

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row, Sqlite};

use super::error::StoreError;
use super::packed::Packed;
use super::vault::Vault;
use crate::domain::{E164, MaskingNumber, Moment};

/// A statement with what is bound to it so far.
pub(super) type Query = sqlx::query::Query<'static, Sqlite, SqliteArguments>;

/// A column's value, and how much of it a list of changes may show.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Cell {
    /// Nothing.
    Null,
    /// A whole number.
    Int(i64),
    /// Yes or no.
    Flag(bool),
    /// An instant.
    At(Moment),
    /// A price.
    Real(f64),
    /// Words that anybody may read.
    Text(String),
    /// A list or map that nothing queries inside of.
    Json(String),
    /// Some JSON that holds phones, and what of it may be told.
    Partly {
        /// As its column has it.
        text: String,
        /// With the phones masked.
        told: Value,
    },
    /// A phone's digits: shown masked.
    Phone(E164),
    /// One of our own numbers' digits: shown masked too.
    Number(MaskingNumber),
    /// Names and the like: never shown.
    Private(String),
    /// Sealed in the table, and never shown.
    Secret(String),
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn maybe(text: Option<impl ToString>) -> Self {
        text.map_or(Self::Null, |text| Self::Text(text.to_string()))
    }

    pub(super) fn int(value: impl Into<i64>) -> Self {
        Self::Int(value.into())
    }

    pub(super) fn maybe_int(value: Option<impl Into<i64>>) -> Self {
        value.map_or(Self::Null, |value| Self::Int(value.into()))
    }

    pub(super) fn at(at: Option<Moment>) -> Self {
        at.map_or(Self::Null, Self::At)
    }

    pub(super) fn phone(phone: Option<E164>) -> Self {
        phone.map_or(Self::Null, Self::Phone)
    }

    /// A list or map that nothing queries inside of.
    pub(super) fn json(value: &impl Serialize) -> Self {
        Self::Json(json(value))
    }

    /// What may be shown of it; `None` where nothing may.
    pub(super) fn shown(&self) -> Option<String> {
        match self {
            Self::Null => Some("nothing".to_owned()),
            Self::Int(value) => Some(value.to_string()),
            Self::Real(value) => Some(value.to_string()),
            Self::Flag(value) => Some(i64::from(*value).to_string()),
            Self::At(at) => Some(at.to_string()),
            Self::Text(text) | Self::Json(text) => Some(format!("\"{text}\"")),
            Self::Phone(phone) => Some(phone.masked().to_string()),
            Self::Number(number) => Some(number.e164().masked().to_string()),
            Self::Partly { .. } | Self::Private(_) | Self::Secret(_) => None,
        }
    }

    /// The same as JSON, for the audit: what may not be shown is `…`.
    pub(super) fn told(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Int(value) => (*value).into(),
            Self::Flag(value) => (*value).into(),
            Self::At(at) => at.to_string().into(),
            Self::Real(value) => (*value).into(),
            Self::Text(text) => text.as_str().into(),
            Self::Json(text) => serde_json::from_str(text).unwrap_or(Value::Null),
            Self::Partly { told, .. } => told.clone(),
            Self::Phone(phone) => phone.masked().to_string().into(),
            Self::Number(number) => number.e164().masked().to_string().into(),
            Self::Private(_) | Self::Secret(_) => "…".into(),
        }
    }

    /// Binds it. A secret must be sealed instead: its column takes no text.
    pub(super) fn bind(&self, query: Query) -> Query {
        match self {
            Self::Null => query.bind(None::<i64>),
            Self::Int(value) => query.bind(*value),
            Self::Flag(value) => query.bind(i64::from(*value)),
            Self::At(at) => query.bind(at.0),
            Self::Real(value) => query.bind(*value),
            Self::Text(text)
            | Self::Json(text)
            | Self::Partly { text, .. }
            | Self::Private(text)
            | Self::Secret(text) => query.bind(text.as_str()),
            Self::Phone(phone) => query.bind(digits(*phone)),
            Self::Number(number) => query.bind(digits(number.e164())),
        }
    }
}

/// A value as the JSON of a column.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("our own shapes have string keys and no failing serializers")
}

/// A phone as a column keeps it.
pub(super) fn digits(phone: E164) -> i64 {
    i64::try_from(phone.digits()).expect("at most 15 digits")
}

/// An unsigned number as a column keeps it; what no column can hold is a mistake of the entry.
pub(super) fn column(value: u64, table: &'static str, column: &'static str) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::Row { table, column, what: "a number beyond 63 bits" })
}

/// A table and its columns, the key's first.
#[derive(Debug)]
pub(super) struct Table {
    /// Its name.
    pub(super) name: &'static str,
    /// What a list of changes calls a row of it.
    pub(super) kind: &'static str,
    /// How many of the columns are its key.
    pub(super) key: usize,
    /// Its columns.
    pub(super) columns: &'static [&'static str],
}

/// Goes over a row's columns from left to right.
pub(super) struct Columns<'r> {
    row: Values<'r>,
    table: &'static Table,
    vault: Option<&'r Vault>,
    next: usize,
}

/// Where the values are.
enum Values<'r> {
    Row(&'r SqliteRow),
    Packed(&'r [Packed<'r>]),
}

impl<'r> Columns<'r> {
    pub(super) fn new(row: &'r SqliteRow, table: &'static Table, vault: Option<&'r Vault>) -> Self {
        Self { row: Values::Row(row), table, vault, next: 0 }
    }

    /// Of a packed row, which has all columns of the table.
    pub(super) fn packed(row: &'r [Packed<'r>], table: &'static Table) -> Self {
        Self { row: Values::Packed(row), table, vault: None, next: 0 }
    }

    fn wrong(&self, what: &'static str) -> StoreError {
        StoreError::Row { table: self.table.name, column: self.table.columns[self.next - 1], what }
    }

    fn maybe_text(&mut self) -> Result<Option<&'r str>, StoreError> {
        self.next += 1;
        match self.row {
            Values::Row(row) => Ok(row.try_get(self.next - 1)?),
            Values::Packed(row) => match &row[self.next - 1] {
                Packed::Null => Ok(None),
                Packed::Text(text) => Ok(Some(text)),
                Packed::Int(_) | Packed::Real(_) => Err(self.wrong("no text")),
            },
        }
    }

    fn maybe_whole(&mut self) -> Result<Option<i64>, StoreError> {
        self.next += 1;
        match self.row {
            Values::Row(row) => Ok(row.try_get(self.next - 1)?),
            Values::Packed(row) => match row[self.next - 1] {
                Packed::Null => Ok(None),
                Packed::Int(value) => Ok(Some(value)),
                Packed::Text(_) | Packed::Real(_) => Err(self.wrong("no whole number")),
            },
        }
    }

    fn whole(&mut self) -> Result<i64, StoreError> {
        self.maybe_whole()?.ok_or_else(|| self.wrong("nothing"))
    }

    pub(super) fn text(&mut self) -> Result<&'r str, StoreError> {
        self.maybe_text()?.ok_or_else(|| self.wrong("nothing"))
    }

    pub(super) fn string(&mut self) -> Result<String, StoreError> {
        self.text().map(str::to_owned)
    }

    pub(super) fn maybe_string(&mut self) -> Result<Option<String>, StoreError> {
        Ok(self.maybe_text()?.map(str::to_owned))
    }

    /// An id that may be missing.
    pub(super) fn maybe<T: From<&'r str>>(&mut self) -> Result<Option<T>, StoreError> {
        Ok(self.maybe_text()?.map(T::from))
    }

    pub(super) fn real(&mut self) -> Result<f64, StoreError> {
        self.next += 1;
        match self.row {
            Values::Row(row) => Ok(row.try_get(self.next - 1)?),
            Values::Packed(row) => match row[self.next - 1] {
                Packed::Real(value) => Ok(value),
                Packed::Null | Packed::Int(_) | Packed::Text(_) => Err(self.wrong("no number")),
            },
        }
    }

    pub(super) fn flag(&mut self) -> Result<bool, StoreError> {
        Ok(self.whole()? != 0)
    }

    /// A whole number of the range that the field has.
    pub(super) fn int<T: TryFrom<i64>>(&mut self) -> Result<T, StoreError> {
        let value = self.whole()?;
        T::try_from(value).map_err(|_| self.wrong("a number out of range"))
    }

    pub(super) fn maybe_int<T: TryFrom<i64>>(&mut self) -> Result<Option<T>, StoreError> {
        let value = self.maybe_whole()?;
        value.map(T::try_from).transpose().map_err(|_| self.wrong("a number out of range"))
    }

    pub(super) fn moment(&mut self) -> Result<Moment, StoreError> {
        Ok(Moment(self.whole()?))
    }

    pub(super) fn maybe_moment(&mut self) -> Result<Option<Moment>, StoreError> {
        Ok(self.maybe_whole()?.map(Moment))
    }

    pub(super) fn maybe_phone(&mut self) -> Result<Option<E164>, StoreError> {
        let value = self.maybe_int::<u64>()?;
        value.map(|digits| E164::from_digits(digits).ok_or_else(|| self.wrong("no phone number"))).transpose()
    }

    pub(super) fn phone(&mut self) -> Result<E164, StoreError> {
        self.maybe_phone()?.ok_or_else(|| self.wrong("no phone number"))
    }

    /// One of our own: the column holds rented numbers only.
    pub(super) fn number(&mut self) -> Result<MaskingNumber, StoreError> {
        self.phone().map(MaskingNumber::rented)
    }

    /// A word, read as its enum reads it.
    pub(super) fn word<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> Result<T, StoreError> {
        let word = self.text()?;
        read(word).ok_or_else(|| self.wrong("an unknown word"))
    }

    pub(super) fn maybe_word<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, StoreError> {
        let word = self.maybe_text()?;
        word.map(|word| read(word).ok_or_else(|| self.wrong("an unknown word"))).transpose()
    }

    pub(super) fn json<T: DeserializeOwned>(&mut self) -> Result<T, StoreError> {
        let text = self.text()?;
        serde_json::from_str(text).map_err(|_| self.wrong("JSON of another shape"))
    }

    /// What was sealed for this row; nothing where there is nothing or nobody has brought a vault.
    pub(super) fn secret<T: DeserializeOwned + Default>(&mut self, tenant: &str, id: &str) -> Result<T, StoreError> {
        self.next += 1;
        let sealed: Option<&[u8]> = match self.row {
            Values::Row(row) => row.try_get(self.next - 1)?,
            Values::Packed(_) => return Err(self.wrong("no bytes")),
        };
        let (Some(sealed), Some(vault)) = (sealed, self.vault) else { return Ok(T::default()) };
        let plain = vault.open(tenant, self.table.name, id, self.table.columns[self.next - 1], sealed)?;
        serde_json::from_slice(&plain).map_err(|_| self.wrong("JSON of another shape"))
    }
}
