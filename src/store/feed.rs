//! The feed: which things changed, in the order in which they did, for every process that keeps them in memory.
//!
//! Deliberately not here: following it (`switchboard::hearing`).

use std::collections::HashSet;

use sqlx::{Connection, SqliteConnection};

use super::cell::{Cell, Columns, Table};
use super::declared;
use super::edit::Gone;
use super::error::StoreError;
use super::fact::Fact;
use super::insert::Insert;
use super::keys;
use super::reader::Reader;
use super::records::Record;
use super::records::tenant::{AccountRecord, TenantRecord};
use super::tenant_keys;
use crate::domain::{
    AccountId, Customer, E164, Location, MaskingNumber, Moment, Number, Session, Technician, TenantId, WorkOrder,
};

/// The kind of a row that stands for anything of its tenant.
pub(super) const ALL: &str = "all";

static ROWS: Insert = Insert::new("feed", &["tenant", "kind", "id", "at"], "");

/// Writes rows.
pub(super) async fn write(
    conn: &mut SqliteConnection,
    tenant: &str,
    touched: &[(&'static str, String)],
    now: Moment,
) -> Result<(), StoreError> {
    ROWS.run(conn, touched, |query, (kind, id)| query.bind(tenant.to_owned()).bind(*kind).bind(id.clone()).bind(now.0))
        .await?;
    Ok(())
}

/// Where more than this has happened, everything is read anew.
const MOST: usize = 500;

/// The kind of an opt-out by hand. It happened, and is not declared: whoever reads all that is declared does not find it.
pub const OPT_OUT: &str = "opt_out";

/// A thing that changed.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct News {
    /// Whose.
    pub tenant: TenantId,
    /// What kind of thing.
    pub kind: String,
    /// Which.
    pub id: String,
}

/// What happened since a place in the feed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heard {
    /// The place to which it was read.
    pub until: i64,
    /// What changed, each thing once.
    pub news: Vec<News>,
    /// Whether it may be anything else that is declared, too.
    pub all: bool,
}

/// What is stored of a thing that changed.
#[derive(Clone, Debug)]
pub enum Told {
    /// It is there.
    There(Box<Fact>),
    /// It is gone.
    Gone(Gone),
    /// Nobody keeps it in memory.
    Nothing,
}

impl Reader {
    /// The end of the feed.
    pub async fn feed_end(&self) -> Result<i64, StoreError> {
        end(&mut *self.conn().await?).await
    }

    /// What happened since a place in the feed.
    pub async fn feed(&self, since: i64) -> Result<Heard, StoreError> {
        let mut conn = self.conn().await?;
        let mut snapshot = conn.begin().await?;
        let until = end(&mut snapshot).await?;
        if until == since {
            return Ok(Heard { until, news: Vec::new(), all: false });
        }
        let sql = "SELECT tenant, kind, id FROM feed WHERE seq > $1 ORDER BY seq";
        let rows: Vec<(String, String, String)> = sqlx::query_as(sql).bind(since).fetch_all(&mut *snapshot).await?;
        snapshot.rollback().await?;
        // Rows are numbered without a gap: where some are missing they have been forgotten, or the database is another.
        let missing = usize::try_from(until - since) != Ok(rows.len());
        let all = missing || rows.len() > MOST || rows.iter().any(|(_, kind, _)| kind == ALL);
        let mut seen = HashSet::new();
        let news = rows.into_iter().map(|(tenant, kind, id)| News { tenant: tenant.into(), kind, id });
        Ok(Heard { until, news: news.filter(|news| news.kind != ALL && seen.insert(news.clone())).collect(), all })
    }

    /// What is stored of a thing now.
    pub async fn told(&self, news: &News) -> Result<Told, StoreError> {
        let News { tenant, kind, id } = news;
        let mut conn = self.conn().await?;
        if let Some(vault) = &self.vault
            && !vault.has_key(tenant.as_str())
        {
            keys::learn(&mut conn, vault).await?;
        }
        let look = Look { conn: &mut conn, reader: self, tenant: tenant.as_str() };
        let name = Cell::text(id.as_str());
        match kind.as_str() {
            "tenant" => {
                let fact = |TenantRecord { tenant, secrets, .. }| Fact::Tenant(tenant, secrets);
                look.up(&name, fact, || Told::Nothing).await
            }
            "provider_account" => {
                let fact = |AccountRecord { account, secrets }| Fact::Account(account, secrets);
                look.up(&name, fact, || Told::Gone(Gone::Account(AccountId::from(id.as_str())))).await
            }
            "location" => {
                let fact = |location: Location| Fact::Location(Box::new(location));
                look.up(&name, fact, || Told::Gone(Gone::Location(id.as_str().into()))).await
            }
            "technician" => {
                let gone = || Told::Gone(Gone::Technician(id.as_str().into()));
                look.up::<Technician>(&name, Fact::Technician, gone).await
            }
            "customer" => {
                let gone = || Told::Gone(Gone::Customer(id.as_str().into()));
                look.up::<Customer>(&name, Fact::Customer, gone).await
            }
            "work_order" => {
                let gone = || Told::Gone(Gone::WorkOrder(id.as_str().into()));
                look.up::<WorkOrder>(&name, Fact::WorkOrder, gone).await
            }
            "number" => {
                let Some(number) = rented(id) else { return Ok(Told::Nothing) };
                let gone = || Told::Gone(Gone::Number(number));
                look.up::<Number>(&Cell::Number(number), Fact::Number, gone).await
            }
            "session" => look.up::<Session>(&name, Fact::Session, || Told::Nothing).await,
            "key" => {
                let key = tenant_keys::one(&mut conn, tenant, id).await?;
                Ok(key.map_or(Told::Nothing, |key| Told::There(Box::new(Fact::Key(tenant.clone(), key)))))
            }
            OPT_OUT => opt_out(&mut conn, id).await,
            _ => Ok(Told::Nothing),
        }
    }
}

/// Looks one thing up.
struct Look<'a> {
    conn: &'a mut SqliteConnection,
    reader: &'a Reader,
    tenant: &'a str,
}

impl Look<'_> {
    async fn up<R: Record>(
        self,
        id: &Cell,
        fact: impl FnOnce(R) -> Fact,
        gone: impl FnOnce() -> Told,
    ) -> Result<Told, StoreError> {
        let vault = self.reader.vault.as_ref();
        let found: Vec<R> = declared::of_ids(self.conn, self.tenant, std::slice::from_ref(id), vault).await?;
        let own = found.into_iter().find(|record| record.tenant() == self.tenant);
        Ok(own.map_or_else(gone, |record| Told::There(Box::new(fact(record)))))
    }
}

/// The number of the last row that was ever written; later ones have greater numbers, also when rows are gone.
async fn end(conn: &mut SqliteConnection) -> Result<i64, StoreError> {
    let sql = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'feed'";
    Ok(sqlx::query_scalar(sql).fetch_one(conn).await?)
}

fn rented(digits: &str) -> Option<MaskingNumber> {
    digits.parse().ok().and_then(E164::from_digits).map(MaskingNumber::rented)
}

const OPT_OUTS: Table = Table { name: "opt_outs", kind: "opt_out", key: 2, columns: &["number", "phone", "opted_out"] };

async fn opt_out(conn: &mut SqliteConnection, id: &str) -> Result<Told, StoreError> {
    let Some((number, phone)) = id.split_once(' ') else { return Ok(Told::Nothing) };
    let sql = "SELECT number, phone, opted_out FROM opt_outs WHERE number = $1 AND phone = $2";
    let (number, phone): (i64, i64) = (number.parse().unwrap_or(0), phone.parse().unwrap_or(0));
    let Some(row) = sqlx::query(sql).bind(number).bind(phone).fetch_optional(conn).await? else {
        return Ok(Told::Nothing);
    };
    let mut c = Columns::new(&row, &OPT_OUTS, None);
    let (number, phone, out) = (c.number()?, c.phone()?, c.flag()?);
    Ok(Told::There(Box::new(if out { Fact::OptOut(number, phone) } else { Fact::OptIn(number, phone) })))
}
