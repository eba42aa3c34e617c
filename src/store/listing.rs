//! Lists of what is declared: the newest first, a page at a time.
//!
//! Deliberately not here: lists of what happened.

use super::error::StoreError;
use super::reader::Reader;
use crate::domain::{Technician, TenantId};

/// Where a page ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark(pub i64, pub String);

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

impl std::str::FromStr for Mark {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (at, id) = text.split_once('.').ok_or(())?;
        Ok(Self(at.parse().map_err(|_| ())?, id.to_owned()))
    }
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page {
    /// How many at most.
    pub limit: u16,
    /// Behind this one.
    pub after: Option<Mark>,
}

/// What a list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this location.
    pub location: Option<String>,
    /// Of this technician.
    pub technician: Option<String>,
    /// Of this customer.
    pub customer: Option<String>,
    /// Of this job.
    pub work_order: Option<String>,
    /// On this number.
    pub number: Option<String>,
    /// In this state.
    pub state: Option<String>,
    /// Active or not.
    pub active: Option<bool>,
}

/// A page.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one begins; `None` on the last.
    pub next: Option<Mark>,
}

impl Reader {
    /// Technicians.
    pub async fn list_technicians(
        &self,
        tenant: &TenantId,
        filter: &Filter,
        page: &Page,
    ) -> Result<Listed<Technician>, StoreError> {
        let _ = (tenant, filter, page);
        Ok(Listed { items: Vec::new(), next: None })
    }
}
