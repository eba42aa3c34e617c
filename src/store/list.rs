//! Lists, newest first and page by page: which things, how many, and where the last page ended.
//!
//! Deliberately not here: the audit's and the to-dos' own lists.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sqlx::{AssertSqlSafe, Row};

use super::cell::{Columns, Query, digits};
use super::declared::columns;
use super::error::StoreError;
use super::reader::Reader;
use super::records::Record;
use super::records::tenant::{AccountRecord, TenantRecord};
use crate::domain::{Account, Customer, E164, Location, Number, Session, Technician, Tenant, TenantId, WorkOrder};

/// Which things are asked for. Each kind goes by those that it has, and says which; the others say nothing of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    /// Of this location, by its name: things without one are of none.
    pub location: Option<String>,
    /// Of this technician.
    pub technician: Option<String>,
    /// Of this customer.
    pub customer: Option<String>,
    /// Of this job.
    pub work_order: Option<String>,
    /// On this number, as `+` and digits.
    pub number: Option<String>,
    /// In this state, by the word that is stored: of jobs `open`, `completed`, `canceled`; of numbers `available`,
    /// `assigned`, `released`, `retired`; of sessions `live` and `ended`, by what was written down.
    pub state: Option<String>,
    /// Active or not.
    pub active: Option<bool>,
}

/// How many, and after which.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// How many at most.
    pub limit: u32,
    /// Those that follow this one; from the newest where there is none.
    pub after: Option<Mark>,
}

impl Page {
    /// Rows to read: one more than asked for tells whether there are more.
    pub(super) fn rows(&self) -> i64 {
        i64::from(self.limit) + 1
    }
}

/// A place in a list: what is made later does not move it. Its text is opaque and can stand in an address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    pub(super) at: i64,
    pub(super) id: String,
}

impl Mark {
    /// Reads the text of one; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (at, id) = plain.split_once(' ')?;
        Some(Self { at: at.parse().ok()?, id: id.to_owned() })
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(format!("{} {}", self.at, self.id)))
    }
}

/// A page of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed<T> {
    /// The things.
    pub items: Vec<T>,
    /// Where the next page begins; nothing where this is the last.
    pub next: Option<Mark>,
}

impl<T> Listed<T> {
    /// A page of rows that were read for it, each with its mark.
    pub(super) fn of(mut items: Vec<T>, page: &Page, mark: impl Fn(&T) -> Mark) -> Self {
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        Self { next: items.last().filter(|_| more).map(mark), items }
    }

    /// The same of other things.
    pub(super) fn try_map<U>(self, read: impl FnMut(T) -> Result<U, StoreError>) -> Result<Listed<U>, StoreError> {
        Ok(Listed { items: self.items.into_iter().map(read).collect::<Result<_, _>>()?, next: self.next })
    }
}

/// What follows `WHERE`, and what is bound to it.
struct Condition {
    sql: String,
    bound: Vec<Bound>,
}

enum Bound {
    Text(String),
    Int(i64),
}

impl Condition {
    fn new() -> Self {
        Self { sql: "1".to_owned(), bound: Vec::new() }
    }

    fn of(tenant: &TenantId) -> Self {
        Self { sql: "tenant = ?".to_owned(), bound: vec![Bound::Text(tenant.to_string())] }
    }

    fn and(mut self, sql: &str, bound: impl IntoIterator<Item = Bound>) -> Self {
        self.sql = format!("{} AND {sql}", self.sql);
        self.bound.extend(bound);
        self
    }

    /// A column is this, where anything is asked of it.
    fn is(self, column: &str, wanted: Option<&String>) -> Self {
        match wanted {
            Some(wanted) => self.and(&format!("{column} = ?"), [Bound::Text(wanted.clone())]),
            None => self,
        }
    }

    fn flag(self, column: &str, wanted: Option<bool>) -> Self {
        match wanted {
            Some(wanted) => self.and(&format!("{column} = ?"), [Bound::Int(wanted.into())]),
            None => self,
        }
    }
}

impl Reader {
    /// Tenants, for the operator. No filter.
    pub async fn list_tenants(&self, page: &Page) -> Result<Listed<Tenant>, StoreError> {
        self.listed(Condition::new(), page).await?.try_map(|TenantRecord { tenant, .. }| Ok(tenant))
    }

    /// A tenant's provider accounts. No filter.
    pub async fn list_accounts(&self, tenant: &TenantId, page: &Page) -> Result<Listed<Account>, StoreError> {
        self.listed(Condition::of(tenant), page).await?.try_map(|AccountRecord { account, .. }| Ok(account))
    }

    /// A tenant's locations. No filter.
    pub async fn list_locations(&self, tenant: &TenantId, page: &Page) -> Result<Listed<Location>, StoreError> {
        self.listed(Condition::of(tenant), page).await
    }

    /// A tenant's technicians, by `location` and `active`.
    pub async fn list_technicians(
        &self,
        tenant: &TenantId,
        filter: &Filter,
        page: &Page,
    ) -> Result<Listed<Technician>, StoreError> {
        let of = Condition::of(tenant).is("location", filter.location.as_ref()).flag("active", filter.active);
        self.listed(of, page).await
    }

    /// A tenant's customers, by `location`.
    pub async fn list_customers(
        &self,
        tenant: &TenantId,
        filter: &Filter,
        page: &Page,
    ) -> Result<Listed<Customer>, StoreError> {
        self.listed(Condition::of(tenant).is("location", filter.location.as_ref()), page).await
    }

    /// A tenant's jobs, by `location`, `technician`, `customer` and `state`.
    pub async fn list_work_orders(
        &self,
        tenant: &TenantId,
        filter: &Filter,
        page: &Page,
    ) -> Result<Listed<WorkOrder>, StoreError> {
        let of = Condition::of(tenant)
            .is("location", filter.location.as_ref())
            .is("technician", filter.technician.as_ref())
            .is("customer", filter.customer.as_ref())
            .is("status", filter.state.as_ref());
        self.listed(of, page).await
    }

    /// A tenant's numbers, by `location`, `technician`, `work_order` and `state`.
    pub async fn list_numbers(
        &self,
        tenant: &TenantId,
        filter: &Filter,
        page: &Page,
    ) -> Result<Listed<Number>, StoreError> {
        let of = Condition::of(tenant)
            .is("location", filter.location.as_ref())
            .is("technician", filter.technician.as_ref())
            .is("work_order", filter.work_order.as_ref())
            .is("state", filter.state.as_ref());
        self.listed(of, page).await
    }

    /// A tenant's sessions, by `location`, `technician`, `customer`, `work_order`, `number` and `state`.
    pub async fn list_sessions(
        &self,
        tenant: &TenantId,
        filter: &Filter,
        page: &Page,
    ) -> Result<Listed<Session>, StoreError> {
        let mut of = Condition::of(tenant)
            .is("location", filter.location.as_ref())
            .is("technician", filter.technician.as_ref())
            .is("customer", filter.customer.as_ref())
            .is("work_order", filter.work_order.as_ref());
        if let Some(number) = &filter.number {
            // What is no phone number is no session's.
            of = of.and("number = ?", [Bound::Int(E164::read(number).map_or(0, digits))]);
        }
        of = match filter.state.as_deref() {
            None => of,
            Some("live") => of.and("ended_at IS NULL", []),
            Some("ended") => of.and("ended_at IS NOT NULL", []),
            Some(_) => of.and("0", []),
        };
        self.listed(of, page).await
    }

    /// A page of records, without their secrets.
    async fn listed<R: Record>(&self, of: Condition, page: &Page) -> Result<Listed<R>, StoreError> {
        let id = R::TABLE.columns[R::TABLE.key - 1];
        let Condition { mut sql, bound } = of;
        if page.after.is_some() {
            sql = format!("{sql} AND (made_at, {id}) < (?, ?)");
        }
        let sql = format!(
            "SELECT {}, made_at FROM {} WHERE {sql} ORDER BY made_at DESC, {id} DESC LIMIT ?",
            columns::<R>(),
            R::TABLE.name
        );
        let mut query: Query = sqlx::query(AssertSqlSafe(sql));
        for bound in bound {
            query = match bound {
                Bound::Text(text) => query.bind(text),
                Bound::Int(value) => query.bind(value),
            };
        }
        if let Some(Mark { at, id }) = &page.after {
            query = query.bind(*at);
            query = match R::ID_IS_A_NUMBER {
                true => query.bind(id.parse::<i64>().unwrap_or(0)),
                false => query.bind(id.clone()),
            };
        }
        let rows = query.bind(page.rows()).fetch_all(&mut *self.conn().await?).await?;
        let read = |row| {
            let record = R::read(&mut Columns::new(row, &R::TABLE, None))?;
            Ok((record, row.try_get::<i64, _>(R::TABLE.columns.len())?))
        };
        let found = rows.iter().map(read).collect::<Result<Vec<(R, i64)>, StoreError>>()?;
        Listed::of(found, page, |(record, at)| Mark { at: *at, id: record.id() }).try_map(|(record, _)| Ok(record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_can_stand_in_an_address_and_comes_back() {
        for (mark, why) in [
            (Mark { at: 1_773_064_931_000_000, id: "jo".to_owned() }, "a slug"),
            (Mark { at: -1, id: String::new() }, "no id"),
            (Mark { at: 0, id: "a b/?&=ü".to_owned() }, "whatever a client chose"),
        ] {
            let text = mark.to_string();
            assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{why}: {text}");
            assert_eq!(Mark::parse(&text), Some(mark), "{why}");
        }
        for text in ["", "x", "!!!", "bm90IGE"] {
            assert_eq!(Mark::parse(text), None, "{text}");
        }
    }
}
