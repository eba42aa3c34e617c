//! One change of what is declared, being written inside of a transaction: what is to be there, what is to be gone, and a
//! note of every difference.
//!
//! Deliberately not here: transactions, revisions, and telling others (`store::apply`, `store::edit`).

use std::collections::{BTreeMap, HashMap};

use sqlx::SqliteConnection;

use super::audit::{self, Origin, Trace, traces};
use super::base;
use super::cell::{Cell, digits};
use super::change::{Change, Difference, differences};
use super::declared;
use super::edit::Gone;
use super::error::{Conflict, StoreError};
use super::feed;
use super::outbox::{self, Expired};
use super::pairs;
use super::records::Record;
use super::records::tenant::{AccountRecord, TenantRecord};
use super::transitions::{self, Turn};
use super::vault::Vault;
use crate::domain::{
    Customer, EndedBy, Location, MaskingNumber, Moment, Number, Session, SessionState, Technician, Tenant, WorkOrder,
    WorkOrderId,
};
use crate::rules::ruleset::Ruleset;

/// What was written, and what of it is to be told.
pub(super) struct Draft<'a> {
    tenant: &'a Tenant,
    vault: &'a Vault,
    now: Moment,
    /// Whether changes of sessions are traced: those of files are not.
    sessions_traced: bool,
    /// What was made and changed, for a person.
    pub(super) changes: Vec<Change>,
    /// The same for the audit.
    pub(super) traces: Vec<Trace>,
    /// Kind and whole id of what is no longer as it was.
    pub(super) touched: Vec<(&'static str, String)>,
    /// Masking modes that changed.
    pub(super) turns: Vec<Turn>,
    /// Sessions that are over.
    expired: Vec<Expired>,
    /// Sessions that were to be written.
    sessions: &'a [Session],
    /// Those of them that were there, as they were before.
    before: Vec<Session>,
    /// Others, by id, that what was written may have given or taken their phones.
    others: BTreeMap<String, Session>,
    /// The same, which take a phone only where nobody has it.
    modest: BTreeMap<String, Session>,
}

impl<'a> Draft<'a> {
    /// Writes what differs of these rules.
    pub(super) async fn write(
        conn: &mut SqliteConnection,
        vault: &'a Vault,
        rules: &'a Ruleset,
        now: Moment,
        sessions_traced: bool,
    ) -> Result<Self, StoreError> {
        let Ruleset {
            tenant,
            secrets,
            accounts,
            locations,
            technicians,
            customers,
            work_orders,
            numbers,
            sessions,
            contacts: _,
            demo_secrets,
        } = rules;
        let mut draft = Self {
            tenant,
            vault,
            now,
            sessions_traced,
            changes: Vec::new(),
            traces: Vec::new(),
            touched: Vec::new(),
            turns: Vec::new(),
            expired: Vec::new(),
            sessions,
            before: Vec::new(),
            others: BTreeMap::new(),
            modest: BTreeMap::new(),
        };
        let own = [TenantRecord { tenant: tenant.clone(), secrets: secrets.clone(), demo_secrets: *demo_secrets }];
        let accounts: Vec<AccountRecord> = accounts
            .iter()
            .map(|(account, secrets)| AccountRecord { account: account.clone(), secrets: secrets.clone() })
            .collect();
        let stored = draft.put(conn, &own).await?;
        draft.put(conn, &accounts).await?;
        let offices = draft.put(conn, locations).await?;
        draft.put(conn, technicians).await?;
        draft.put(conn, customers).await?;
        let jobs = draft.put(conn, work_orders).await?;
        let rented = draft.put(conn, numbers).await?;
        draft.before = draft.put(conn, sessions).await?;

        for job in changed(work_orders, &jobs, |job| job.status) {
            draft.of_job(conn, &job.id).await?;
        }
        for number in changed(numbers, &rented, |number| (number.state, number.technician.clone())) {
            let found = draft.on_number(conn, number.e164).await?;
            draft.settle_too(found);
        }
        for number in changed(numbers, &rented, |number| number.location.clone()) {
            let found = draft.on_number(conn, number.e164).await?;
            draft.settle_modestly(found);
        }
        let mut graces: Vec<&Location> = changed(locations, &offices, |location| location.masking.grace_window_days);
        if stored.first().is_some_and(|stored| stored.tenant.default_location != tenant.default_location) {
            graces.extend(tenant.default_location.as_ref().and_then(|default| rules.location(default)));
        }
        for location in graces {
            let found = base::of_location(conn, tenant, location.id.as_str()).await?;
            draft.settle_modestly(found);
        }
        Ok(draft)
    }

    /// Takes things away. Of a job, its sessions end with it: without it they would route again.
    pub(super) async fn take(&mut self, conn: &mut SqliteConnection, gone: &[Gone]) -> Result<(), StoreError> {
        let tenant = self.tenant.id.as_str();
        for gone in gone {
            match gone {
                Gone::Account(id) => self.remove::<AccountRecord>(conn, Cell::text(id.as_str())).await?,
                Gone::Location(id) => {
                    self.remove::<Location>(conn, Cell::text(id.as_str())).await?;
                    let sql = "DELETE FROM mode_transitions WHERE tenant = $1 AND location = $2";
                    sqlx::query(sql).bind(tenant).bind(id.as_str()).execute(&mut *conn).await?;
                }
                Gone::Technician(id) => {
                    self.remove::<Technician>(conn, Cell::text(id.as_str())).await?;
                }
                Gone::Customer(id) => self.remove::<Customer>(conn, Cell::text(id.as_str())).await?,
                Gone::WorkOrder(id) => {
                    self.end_of_job(conn, id).await?;
                    self.remove::<WorkOrder>(conn, Cell::text(id.as_str())).await?;
                }
                Gone::Number(number) => {
                    self.remove::<Number>(conn, Cell::Number(*number)).await?;
                    let sql = "DELETE FROM session_pairs WHERE number = $1 AND tenant = $2";
                    sqlx::query(sql).bind(digits(number.e164())).bind(tenant).execute(&mut *conn).await?;
                }
            }
        }
        Ok(())
    }

    /// Gives every session that may have gained or lost its phones what is its own now.
    pub(super) async fn settle(&mut self, conn: &mut SqliteConnection) -> Result<Vec<Conflict>, StoreError> {
        let Self { tenant, now, sessions, .. } = *self;
        let (mut others, mut modest) = (std::mem::take(&mut self.others), std::mem::take(&mut self.modest));
        let mut before = std::mem::take(&mut self.before);
        if !others.is_empty() || !modest.is_empty() {
            for session in sessions {
                modest.remove(session.id.as_str());
                // What is told of it here is how it ended with its job.
                if others.get(session.id.as_str()).is_some_and(|other| other == session) {
                    others.remove(session.id.as_str());
                }
            }
        }
        modest.retain(|id, _| !others.contains_key(id));
        let conflicts = if others.is_empty() {
            pairs::settle(conn, tenant, &before, sessions, now).await?
        } else {
            let own = sessions.iter().filter(|session| !others.contains_key(session.id.as_str()));
            let all: Vec<Session> = own.chain(others.values()).cloned().collect();
            before.extend(others.into_values());
            pairs::settle(conn, tenant, &before, &all, now).await?
        };
        // Another grace gives an old session its phones back only where nobody has them by now.
        let modest: Vec<Session> = modest.into_values().collect();
        pairs::settle(conn, tenant, &modest, &modest, now).await?;
        Ok(conflicts)
    }

    /// Writes down that there was a change, for whoever checks against it, keeps it in memory, asks later, or wants to be
    /// told: the next revision, the feed, the audit, the modes that changed, the sessions that ended. `all` where it may be too much to be told thing by thing.
    /// Where nothing changed, nothing is written.
    pub(super) async fn record(
        &self,
        conn: &mut SqliteConnection,
        origin: Origin<'_>,
        all: bool,
    ) -> Result<(), StoreError> {
        if self.changes.is_empty() && self.touched.is_empty() {
            return Ok(());
        }
        let sql = "INSERT INTO revisions (tenant, value) VALUES ($1, 1) \
             ON CONFLICT (tenant) DO UPDATE SET value = revisions.value + 1";
        sqlx::query(sql).bind(origin.tenant).execute(&mut *conn).await?;
        let touched = if all { &[(feed::ALL, String::new())][..] } else { &self.touched[..] };
        feed::write(conn, origin.tenant, touched, origin.at).await?;
        audit::write(conn, origin, &self.traces).await?;
        outbox::write_expired(conn, self.vault, &self.expired).await?;
        transitions::write(conn, origin.tenant, &self.turns, origin.at).await
    }

    /// Writes what differs, and notes it; tells what was stored before.
    async fn put<R: Record>(&mut self, conn: &mut SqliteConnection, wanted: &[R]) -> Result<Vec<R>, StoreError> {
        let tenant = self.tenant.id.as_str();
        let ids: Vec<Cell> = wanted.iter().map(Record::id_cell).collect();
        let stored = declared::of_ids(conn, tenant, &ids, Some(self.vault)).await?;
        let found = differences(wanted, &stored);
        let records: Vec<&R> = found.iter().map(|difference| difference.after).collect();
        declared::put(conn, &records, self.vault, self.now).await?;
        for Difference { before, after, change } in found {
            if self.sessions_traced || R::TABLE.kind != Session::TABLE.kind {
                self.traces.extend(traces(before, Some(after)));
            }
            self.touched.push((R::TABLE.kind, after.id()));
            self.turns.extend(Turn::between(before, after));
            if let Some(session) = after.session() {
                self.expired.extend(Expired::between(before.and_then(Record::session), session, self.now));
            }
            self.changes.push(change);
        }
        Ok(stored)
    }

    async fn remove<R: Record>(&mut self, conn: &mut SqliteConnection, id: Cell) -> Result<(), StoreError> {
        let found = declared::remove::<R>(conn, self.tenant.id.as_str(), &id, self.vault).await?;
        self.traces.extend(traces(found.as_ref(), None));
        self.touched.extend(found.map(|record| (R::TABLE.kind, record.id())));
        Ok(())
    }

    async fn end_of_job(&mut self, conn: &mut SqliteConnection, job: &WorkOrderId) -> Result<(), StoreError> {
        let query =
            declared::by::<Session>("sessions_by_work_order", "tenant = $1 AND work_order = $2 AND ended_at IS NULL");
        let query = query.bind(self.tenant.id.to_string()).bind(job.to_string());
        let before: Vec<Session> = declared::read(conn, query).await?;
        let state = SessionState::Ended { at: self.now, by: EndedBy::Job };
        let ended: Vec<Session> = before.into_iter().map(|session| Session { state, ..session }).collect();
        self.put(conn, &ended).await?;
        // Those that ended before may still be in grace, which goes with the job.
        self.of_job(conn, job).await
    }

    async fn of_job(&mut self, conn: &mut SqliteConnection, job: &WorkOrderId) -> Result<(), StoreError> {
        let query = declared::by::<Session>("sessions_by_work_order", "tenant = $1 AND work_order = $2");
        let query = query.bind(self.tenant.id.to_string()).bind(job.to_string());
        let found = declared::read(conn, query).await?;
        self.settle_too(found);
        Ok(())
    }

    async fn on_number(&self, conn: &mut SqliteConnection, number: MaskingNumber) -> Result<Vec<Session>, StoreError> {
        let query = declared::by::<Session>("sessions_by_number", "tenant = $1 AND number = $2");
        declared::read(conn, query.bind(self.tenant.id.to_string()).bind(digits(number.e164()))).await
    }

    fn settle_too(&mut self, found: Vec<Session>) {
        self.others.extend(found.into_iter().map(|session| (session.id.to_string(), session)));
    }

    fn settle_modestly(&mut self, found: Vec<Session>) {
        self.modest.extend(found.into_iter().map(|session| (session.id.to_string(), session)));
    }
}

/// Those that were stored before and differ in this.
fn changed<'a, R: Record, K: PartialEq>(wanted: &'a [R], stored: &[R], what: impl Fn(&R) -> K) -> Vec<&'a R> {
    let known: HashMap<String, K> = stored.iter().map(|record| (record.id(), what(record))).collect();
    let differs = |record: &&R| known.get(&record.id()).is_some_and(|before| *before != what(record));
    wanted.iter().filter(differs).collect()
}
