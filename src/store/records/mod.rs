//! What the operator declares, as rows: which columns each thing has, and how it is read back from them.
//!
//! Deliberately not here: SQL (`store::declared`) and the order in which things are written (`store::apply`).

pub(super) mod location;
pub(super) mod people;
pub(super) mod session;
pub(super) mod tenant;
pub(super) mod terms;

use super::cell::{Cell, Columns, Table};
use super::error::StoreError;
use crate::domain::{MaskingSettings, Session};

/// Something that is one row of one table.
pub(super) trait Record: Sized + Send + Sync {
    /// Its table; the first column of the key is the tenant, unless the key is unique in the installation.
    const TABLE: Table;

    /// Whether its id is digits, in a column of whole numbers.
    const ID_IS_A_NUMBER: bool = false;

    /// Its values, in the order of the table's columns.
    fn cells(&self) -> Vec<Cell>;

    /// Reads them back, in the same order.
    fn read(columns: &mut Columns<'_>) -> Result<Self, StoreError>;

    /// Its own id: the last column of the key.
    fn id(&self) -> String;

    /// The id as its column has it.
    fn id_cell(&self) -> Cell {
        Cell::Text(self.id())
    }

    /// The id as a list of changes may show it.
    fn shown_id(&self) -> String {
        self.id()
    }

    /// Its masking settings, where it has any: their history is told apart from its own.
    fn settings(&self) -> Option<&MaskingSettings> {
        None
    }

    /// The session that it is, where it is one: its maker may want to hear of its end.
    fn session(&self) -> Option<&Session> {
        None
    }

    /// Whose it is.
    fn tenant(&self) -> &str;
}
