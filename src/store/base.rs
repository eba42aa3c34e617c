//! What a change is checked against: the part of a tenant's rules that it touches, as it was at one revision.
//!
//! Deliberately not here: writing the change (`store::edit`).

use std::collections::BTreeSet;
use std::time::Duration;

use sqlx::{Connection, SqliteConnection};

use super::cell::{Cell, Query, digits};
use super::declared;
use super::error::StoreError;
use super::kept::{self, Kept};
use super::keys;
use super::packed;
use super::reader::Reader;
use super::records::Record;
use super::records::tenant::{AccountRecord, TenantRecord};
use crate::domain::{Customer, E164, Location, Moment, Number, Session, Tenant, TenantId, WorkOrder, WorkOrderId};
use crate::rules::ruleset::Ruleset;

/// How often what a tenant declares had been changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Revision(pub i64);

/// A part of what is stored of a tenant, and its revision.
#[derive(Clone, PartialEq, Debug)]
pub struct Base {
    /// The tenant, its accounts, locations, technicians and numbers; of the rest what was wanted. No contacts.
    pub rules: Ruleset,
    /// When that was so.
    pub revision: Revision,
    /// What an earlier request under the wanted `Idempotency-Key` was answered, while that counts.
    pub kept: Option<Kept>,
}

/// Which jobs are wanted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Want {
    /// None of them.
    #[default]
    None,
    /// Those of these ids, where there are such.
    Ids(Vec<String>),
    /// Those of this technician that are to be done.
    OfTechnician(String),
    /// Those for this customer that are to be done.
    OfCustomer(String),
    /// Those of this location that are to be done.
    OfLocation(String),
    /// All of them.
    All,
}

/// Which customers are wanted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum WantCustomers {
    /// None of them.
    #[default]
    None,
    /// Those of these ids, where there are such.
    Ids(Vec<String>),
    /// Those with a phone that is not E.164.
    Odd,
    /// Those of this location.
    OfLocation(String),
    /// Those with this phone, as `+` and digits.
    WithPhone(String),
    /// All of them.
    All,
}

/// Which sessions are wanted; ended ones too.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum WantSessions {
    /// None of them.
    #[default]
    None,
    /// Those of these ids, where there are such.
    Ids(Vec<String>),
    /// Those that name this technician.
    OfTechnician(String),
    /// Those that name this customer.
    OfCustomer(String),
    /// Those that name this job.
    OfWorkOrder(String),
    /// Those on this number, as `+` and digits.
    OnNumber(String),
    /// Those of a location: by name, or because it is their number's, or the tenant's default where they have none.
    OfLocation(String),
    /// Those that have not ended, of whatever party: for finding a free number.
    Open,
    /// Those that nothing had ended by an instant, with those in which one of these phones stands first: for finding the
    /// best number.
    Near {
        /// Since when.
        since: Moment,
        /// Whose.
        phones: Vec<E164>,
    },
    /// The same, since whatever may still rest at an instant by the settings of the tenant's locations.
    Around {
        /// When.
        now: Moment,
        /// Whose.
        phones: Vec<E164>,
    },
    /// The one of this id, with those on its number that may still rest at an instant by those settings: for whoever joins it.
    Beside {
        /// Which.
        id: String,
        /// When.
        now: Moment,
    },
    /// Those that have not ended and in which one of these phones stands.
    With(Vec<E164>),
    /// Those that hold a phone on this number.
    Holding(E164),
}

/// The longest that a plain pair may rest.
const PAIRS_REST: Duration = Duration::from_secs(3600);

/// What ended before this rests no more, wherever it was: jobs' sessions route and rest by their locations' settings, plain
/// pairs as their makers wished.
pub fn rested(locations: &[Location], now: Moment) -> Moment {
    let days =
        |location: &Location| i64::from(location.masking.grace_window_days) + i64::from(location.masking.cooldown_days);
    now.plus_days(-locations.iter().map(days).max().unwrap_or(0)).min(now.minus(PAIRS_REST))
}

/// Which part of what is stored is wanted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wants {
    /// Customers.
    pub customers: WantCustomers,
    /// Jobs.
    pub work_orders: Want,
    /// Sessions.
    pub sessions: WantSessions,
    /// The answer to an earlier request under this `Idempotency-Key`, where it counts at this instant.
    pub kept: Option<(String, Moment)>,
}

impl Reader {
    /// What is stored of a tenant, as far as it is wanted, at one instant; `None` where there is no such tenant. With
    /// sessions come their jobs; with those on a number or near also the jobs that numbers stand for.
    pub async fn base(&self, tenant: &TenantId, wants: &Wants) -> Result<Option<Base>, StoreError> {
        let mut conn = self.conn().await?;
        // Another process may have made the tenant.
        if let Some(vault) = &self.vault
            && !vault.has_key(tenant.as_str())
        {
            keys::learn(&mut conn, vault).await?;
        }
        let mut snapshot = conn.begin().await?;
        let base = self.at_once(&mut snapshot, tenant, wants).await?;
        snapshot.rollback().await?;
        Ok(base)
    }

    async fn at_once(
        &self,
        conn: &mut SqliteConnection,
        tenant: &TenantId,
        wants: &Wants,
    ) -> Result<Option<Base>, StoreError> {
        let (id, vault) = (tenant.as_str(), self.vault.as_ref());
        let found = declared::of_ids::<TenantRecord>(conn, id, &[Cell::text(id)], vault).await?;
        let Some(TenantRecord { tenant, secrets, demo_secrets }) = found.into_iter().next() else { return Ok(None) };
        let mut accounts = Vec::new();
        declared::all(conn, Some(id), vault, |AccountRecord { account, secrets }| accounts.push((account, secrets)))
            .await?;
        let locations = all(conn, id).await?;
        let sessions = sessions(conn, &tenant, &locations, &wants.sessions).await?;
        let rules = Ruleset {
            accounts,
            locations,
            technicians: all(conn, id).await?,
            customers: customers(conn, id, &wants.customers).await?,
            work_orders: jobs(conn, id, &wants.work_orders).await?,
            numbers: all(conn, id).await?,
            sessions,
            contacts: Vec::new(),
            tenant,
            secrets,
            demo_secrets,
        };
        let rules = with_jobs(conn, rules, &wants.sessions).await?;
        let kept = match (&wants.kept, vault) {
            (Some((key, now)), Some(vault)) => kept::find(conn, vault, id, key, *now).await?,
            (Some(_) | None, _) => None,
        };
        Ok(Some(Base { revision: revision(conn, id).await?, kept, rules }))
    }
}

/// How often what a tenant declares had been changed, at this point of the transaction.
pub(super) async fn revision(conn: &mut SqliteConnection, tenant: &str) -> Result<Revision, StoreError> {
    let sql = "SELECT value FROM revisions WHERE tenant = $1";
    let value: Option<i64> = sqlx::query_scalar(sql).bind(tenant).fetch_optional(conn).await?;
    Ok(Revision(value.unwrap_or(0)))
}

async fn all<R: Record>(conn: &mut SqliteConnection, tenant: &str) -> Result<Vec<R>, StoreError> {
    let mut records = Vec::new();
    packed::all(conn, Some(tenant), |record| records.push(record)).await?;
    Ok(records)
}

/// Those of these ids, in the order of their keys; an id that is named twice is one.
async fn named<R: Record>(conn: &mut SqliteConnection, tenant: &str, ids: &[String]) -> Result<Vec<R>, StoreError> {
    let ids: BTreeSet<&String> = ids.iter().collect();
    let ids: Vec<Cell> = ids.into_iter().map(Cell::text).collect();
    declared::of_ids(conn, tenant, &ids, None).await
}

async fn jobs(conn: &mut SqliteConnection, tenant: &str, wanted: &Want) -> Result<Vec<WorkOrder>, StoreError> {
    let of = |what: &str, id: &String| {
        let open = format!("tenant = $1 AND {what} = $2 AND status = 'open'");
        let query = declared::by::<WorkOrder>(&format!("work_orders_by_{what}"), &open);
        query.bind(tenant.to_owned()).bind(id.clone())
    };
    let query = match wanted {
        Want::None => return Ok(Vec::new()),
        Want::Ids(ids) => return named(conn, tenant, ids).await,
        Want::All => return all(conn, tenant).await,
        Want::OfTechnician(id) => of("technician", id),
        Want::OfCustomer(id) => of("customer", id),
        Want::OfLocation(id) => of("location", id),
    };
    declared::read(conn, query).await
}

async fn customers(
    conn: &mut SqliteConnection,
    tenant: &str,
    wanted: &WantCustomers,
) -> Result<Vec<Customer>, StoreError> {
    match wanted {
        WantCustomers::None => Ok(Vec::new()),
        WantCustomers::Ids(ids) => named(conn, tenant, ids).await,
        WantCustomers::Odd => {
            let query = declared::by::<Customer>("customers_odd", "tenant = $1 AND other_phones <> '[]'");
            declared::read(conn, query.bind(tenant.to_owned())).await
        }
        WantCustomers::OfLocation(id) => {
            let query = declared::by::<Customer>("customers_by_location", "tenant = $1 AND location = $2");
            declared::read(conn, query.bind(tenant.to_owned()).bind(id.clone())).await
        }
        WantCustomers::WithPhone(phone) => {
            let Some(phone) = E164::read(phone) else { return Ok(Vec::new()) };
            let query = declared::with::<Customer>("tenant = $1 AND instr(phones, $2) > 0");
            declared::read(conn, query.bind(tenant.to_owned()).bind(digits(phone).to_string())).await
        }
        WantCustomers::All => all(conn, tenant).await,
    }
}

async fn sessions(
    conn: &mut SqliteConnection,
    tenant: &Tenant,
    locations: &[Location],
    wanted: &WantSessions,
) -> Result<Vec<Session>, StoreError> {
    let list = |phones: &[E164]| {
        let phones: Vec<String> = phones.iter().map(|phone| digits(*phone).to_string()).collect();
        format!("[{}]", phones.join(","))
    };
    let with = |condition: &str| declared::with::<Session>(condition).bind(tenant.id.to_string());
    let of = |what: &str, value: &str| {
        let query = declared::by::<Session>(&format!("sessions_by_{what}"), &format!("tenant = $1 AND {what} = $2"));
        query.bind(tenant.id.to_string()).bind(value.to_owned())
    };
    let query = match wanted {
        WantSessions::None => return Ok(Vec::new()),
        WantSessions::Ids(ids) => return named(conn, tenant.id.as_str(), ids).await,
        WantSessions::OfTechnician(id) => of("technician", id),
        WantSessions::OfCustomer(id) => of("customer", id),
        WantSessions::OfWorkOrder(id) => of("work_order", id),
        WantSessions::OnNumber(number) => {
            let Some(number) = E164::read(number) else { return Ok(Vec::new()) };
            let query = declared::by::<Session>("sessions_by_number", "tenant = $1 AND number = $2");
            query.bind(tenant.id.to_string()).bind(digits(number))
        }
        WantSessions::OfLocation(id) => return of_location(conn, tenant, id).await,
        WantSessions::Open => {
            declared::by::<Session>("sessions_open", "tenant = $1 AND ended_at IS NULL").bind(tenant.id.to_string())
        }
        WantSessions::Near { since, phones } => near(with, *since).bind(list(phones)),
        WantSessions::Around { now, phones } => near(with, rested(locations, *now)).bind(list(phones)),
        WantSessions::Beside { id, now } => {
            let beside = "tenant = $1 AND number = (SELECT number FROM sessions WHERE tenant = $1 AND id = $2) \
                 AND (id = $2 OR coalesce(ended_at, expires_at) IS NULL OR coalesce(ended_at, expires_at) >= $3)";
            let query = declared::by::<Session>("sessions_by_number", beside);
            query.bind(tenant.id.to_string()).bind(id.clone()).bind(rested(locations, *now).0)
        }
        WantSessions::With(phones) => {
            let standing = "tenant = $1 AND ended_at IS NULL AND id IN ( \
                 SELECT id FROM sessions INDEXED BY sessions_by_first_party WHERE tenant = $1 AND first_party IS NOT NULL \
                     AND first_party IN (SELECT value FROM json_each($2)) \
                 UNION SELECT id FROM sessions INDEXED BY sessions_by_second_party WHERE tenant = $1 \
                     AND second_party IS NOT NULL AND second_party IN (SELECT value FROM json_each($2)))";
            with(standing).bind(list(phones))
        }
        WantSessions::Holding(number) => {
            let holding = "tenant = $1 AND id IN (SELECT session FROM session_pairs WHERE number = $2 AND tenant = $1)";
            with(holding).bind(digits(*number))
        }
    };
    declared::read(conn, query).await
}

/// Of a pair, one phone or the other stands first. What has an end is found by it, so that the years do not matter.
fn near(with: impl Fn(&str) -> Query, since: Moment) -> Query {
    let near = "tenant = $1 AND id IN ( \
         SELECT id FROM sessions INDEXED BY sessions_over WHERE tenant = $1 AND coalesce(ended_at, expires_at) IS NULL \
         UNION SELECT id FROM sessions INDEXED BY sessions_over WHERE tenant = $1 AND coalesce(ended_at, expires_at) >= $2 \
         UNION SELECT id FROM sessions INDEXED BY sessions_by_first_party WHERE tenant = $1 AND first_party IS NOT NULL \
             AND first_party IN (SELECT value FROM json_each($3)))";
    with(near).bind(since.0)
}

/// The sessions of a location: by name, or because it is their number's, or the tenant's default where they have none.
pub(super) async fn of_location(
    conn: &mut SqliteConnection,
    tenant: &Tenant,
    location: &str,
) -> Result<Vec<Session>, StoreError> {
    let by = |condition: &str| {
        let query = declared::by::<Session>("sessions_by_location", condition);
        query.bind(tenant.id.to_string()).bind(location.to_owned())
    };
    let mut found: Vec<Session> = declared::read(conn, by("tenant = $1 AND location = $2")).await?;
    let default = tenant.default_location.as_ref().is_some_and(|default| default.as_str() == location);
    let unnamed = by("tenant = $1 AND location IS NULL AND number IN \
         (SELECT e164 FROM numbers WHERE tenant = $1 AND (location = $2 OR (location IS NULL AND $3)))");
    found.extend(declared::read::<Session>(conn, unnamed.bind(default)).await?);
    Ok(found)
}

/// The same with the jobs of its sessions, and of its numbers where they matter.
async fn with_jobs(
    conn: &mut SqliteConnection,
    mut rules: Ruleset,
    wanted: &WantSessions,
) -> Result<Ruleset, StoreError> {
    let known: BTreeSet<&str> = rules.work_orders.iter().map(|job| job.id.as_str()).collect();
    let of_sessions = rules.sessions.iter().filter_map(Session::work_order);
    let matters = |number: &&Number| match wanted {
        WantSessions::Near { .. } | WantSessions::Around { .. } => true,
        WantSessions::OnNumber(wanted) => number.e164.to_string() == *wanted,
        WantSessions::None
        | WantSessions::Ids(_)
        | WantSessions::OfTechnician(_)
        | WantSessions::OfCustomer(_)
        | WantSessions::OfWorkOrder(_)
        | WantSessions::OfLocation(_)
        | WantSessions::Open
        | WantSessions::Beside { .. }
        | WantSessions::With(_)
        | WantSessions::Holding(_) => false,
    };
    let of_numbers = rules.numbers.iter().filter(matters).filter_map(|number| number.work_order.as_ref());
    let jobs = of_sessions.chain(of_numbers);
    let missing: BTreeSet<&str> = jobs.map(WorkOrderId::as_str).filter(|id| !known.contains(id)).collect();
    let missing: Vec<Cell> = missing.into_iter().map(Cell::text).collect();
    let found: Vec<WorkOrder> = declared::of_ids(conn, rules.tenant.id.as_str(), &missing, None).await?;
    rules.work_orders.extend(found);
    Ok(rules)
}
