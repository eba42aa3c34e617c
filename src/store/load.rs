//! Telling all that is known, in an order in which everything can be understood when it is told.
//!
//! Deliberately not here: keeping it (`switchboard::directory`).

use futures_util::TryStreamExt;
use sqlx::{Connection, SqliteConnection};

use super::call_form;
use super::cell::{Columns, Table, digits};
use super::declared;
use super::entry::held_ids;
use super::error::StoreError;
use super::fact::{Fact, Scope};
use super::keys;
use super::packed;
use super::reader::Reader;
use super::records::tenant::{AccountRecord, TenantRecord};
use super::tenant_keys;
use crate::domain::{
    CallerId, Channel, Choosing, Contact, ContactBy, Customer, Location, Moment, Number, PinStreak, Session,
    Technician, WorkOrder,
};

/// Told to whoever keeps what is known.
type Learn<'a> = &'a mut (dyn FnMut(Fact) + Send);

/// The longest reply window and the longest cap look back one day.
const DAYS: i64 = 1;

impl Reader {
    /// Tells every fact of a scope, as they were at one instant: tenants, accounts, locations, technicians, customers,
    /// jobs, numbers, sessions, contacts, opt-outs, choices, automatic texts; of a running server's scope also calls,
    /// and the accepted calls that count for the caps.
    pub async fn load(&self, scope: Scope, learn: &mut (dyn FnMut(Fact) + Send)) -> Result<(), StoreError> {
        let mut conn = self.conn().await?;
        // Another process may have made tenants since.
        if let Some(vault) = &self.vault {
            keys::learn(&mut conn, vault).await?;
        }
        let mut snapshot = conn.begin().await?;
        self.declared(&mut snapshot, scope, learn).await?;
        if scope == Scope::Declared {
            return Ok(snapshot.rollback().await?);
        }
        contacts(&mut snapshot, scope, learn).await?;
        if let Scope::Running { now } = scope {
            last_contacts(&mut snapshot, now, learn).await?;
        }
        opt_outs(&mut snapshot, scope, learn).await?;
        choosings(&mut snapshot, scope, learn).await?;
        automatics(&mut snapshot, scope, learn).await?;
        pin_streaks(&mut snapshot, scope, learn).await?;
        if let Scope::Running { now } = scope {
            calls(&mut snapshot, now, learn).await?;
            accepted(&mut snapshot, now, learn).await?;
        }
        Ok(snapshot.rollback().await?)
    }

    async fn declared(&self, conn: &mut SqliteConnection, scope: Scope, learn: Learn<'_>) -> Result<(), StoreError> {
        let vault = self.vault.as_ref();
        declared::all(conn, None, vault, |TenantRecord { tenant, secrets, .. }| learn(Fact::Tenant(tenant, secrets)))
            .await?;
        declared::all(conn, None, vault, |AccountRecord { account, secrets }| learn(Fact::Account(account, secrets)))
            .await?;
        tenant_keys::load(conn, learn).await?;
        packed::all(conn, None, |location: Location| learn(Fact::Location(Box::new(location)))).await?;
        packed::all(conn, None, |technician: Technician| learn(Fact::Technician(technician))).await?;
        packed::all(conn, None, |customer: Customer| learn(Fact::Customer(customer))).await?;
        packed::all(conn, None, |job: WorkOrder| learn(Fact::WorkOrder(job))).await?;
        packed::all(conn, None, |number: Number| learn(Fact::Number(number))).await?;
        match scope {
            Scope::Running { .. } | Scope::Declared => {
                packed::all(conn, None, |session: Session| learn(Fact::Session(session))).await
            }
            Scope::Number { number, .. } => {
                let query = declared::with::<Session>("number = $1").bind(digits(number));
                declared::read(conn, query).await?.into_iter().for_each(|session| learn(Fact::Session(session)));
                Ok(())
            }
        }
    }
}

/// The earliest and latest instant of a scope, and its number; -1 where it is of all numbers.
fn bounds(scope: Scope) -> (Moment, Moment, i64) {
    match scope {
        Scope::Declared => (Moment(i64::MIN), Moment(i64::MAX), -1),
        Scope::Running { now } => (now.plus_days(-DAYS), Moment(i64::MAX), -1),
        Scope::Number { number, until } => (Moment(i64::MIN), until, digits(number)),
    }
}

const CONTACTS: Table = Table {
    name: "contacts",
    kind: "contact",
    key: 5,
    columns: &["at", "number", "from_phone", "to_phone", "channel", "made_by"],
};

async fn contacts(conn: &mut SqliteConnection, scope: Scope, learn: Learn<'_>) -> Result<(), StoreError> {
    let (from, until, number) = bounds(scope);
    let sql = "SELECT at, number, from_phone, to_phone, channel, made_by FROM contacts \
         WHERE at >= $1 AND at <= $2 AND ($3 = -1 OR number = $3) ORDER BY at, number, from_phone, to_phone, channel";
    let mut rows = sqlx::query(sql).bind(from.0).bind(until.0).bind(number).fetch(conn);
    while let Some(row) = rows.try_next().await? {
        learn(Fact::Contact(contact(&row)?));
    }
    Ok(())
}

/// The last contact of whoever is alone in a session, where it is older than the others that are told: they call it back,
/// however long ago it was.
async fn last_contacts(conn: &mut SqliteConnection, now: Moment, learn: Learn<'_>) -> Result<(), StoreError> {
    let sql = "WITH lone AS MATERIALIZED (SELECT number, coalesce(first_party, second_party) AS party FROM sessions \
         WHERE (first_party IS NULL) <> (second_party IS NULL) AND ended_at IS NULL \
         AND (expires_at IS NULL OR expires_at > $1)) \
         SELECT max(c.at), c.number, c.from_phone, c.to_phone, c.channel, c.made_by FROM lone JOIN contacts c \
         ON c.number = lone.number AND lone.party IN (c.from_phone, c.to_phone) WHERE c.at < $2 \
         GROUP BY lone.number, lone.party ORDER BY c.at, c.number, c.from_phone, c.to_phone, c.channel";
    let mut rows = sqlx::query(sql).bind(now.0).bind(now.plus_days(-DAYS).0).fetch(conn);
    while let Some(row) = rows.try_next().await? {
        learn(Fact::Contact(contact(&row)?));
    }
    Ok(())
}

fn contact(row: &sqlx::sqlite::SqliteRow) -> Result<Contact, StoreError> {
    let mut c = Columns::new(row, &CONTACTS, None);
    let at = c.moment()?;
    Ok(Contact {
        at,
        number: c.number()?,
        from: c.phone()?,
        to: c.phone()?,
        channel: c.word(Channel::read)?,
        by: c.word(ContactBy::read)?,
    })
}

const OPT_OUTS: Table = Table { name: "opt_outs", kind: "opt_out", key: 2, columns: &["number", "phone"] };

async fn opt_outs(conn: &mut SqliteConnection, scope: Scope, learn: Learn<'_>) -> Result<(), StoreError> {
    let (_, until, number) = bounds(scope);
    let sql = "SELECT number, phone FROM opt_outs WHERE opted_out = 1 AND at <= $1 AND ($2 = -1 OR number = $2) \
         ORDER BY number, phone";
    let mut rows = sqlx::query(sql).bind(until.0).bind(number).fetch(conn);
    while let Some(row) = rows.try_next().await? {
        let mut c = Columns::new(&row, &OPT_OUTS, None);
        learn(Fact::OptOut(c.number()?, c.phone()?));
    }
    Ok(())
}

const CHOOSINGS: Table = Table {
    name: "choosings",
    kind: "choosing",
    key: 2,
    columns: &["number", "phone", "asked_at", "offered", "chosen", "chosen_at", "held"],
};

async fn choosings(conn: &mut SqliteConnection, scope: Scope, learn: Learn<'_>) -> Result<(), StoreError> {
    let (_, until, number) = bounds(scope);
    let sql = "SELECT number, phone, asked_at, offered, chosen, chosen_at, held FROM choosings \
         WHERE asked_at <= $1 AND ($2 = -1 OR number = $2) ORDER BY number, phone";
    let mut rows = sqlx::query(sql).bind(until.0).bind(number).fetch(conn);
    while let Some(row) = rows.try_next().await? {
        let mut c = Columns::new(&row, &CHOOSINGS, None);
        let (number, phone, asked_at) = (c.number()?, c.phone()?, c.moment()?);
        let offered = c.json::<Vec<String>>()?.into_iter().map(Into::into).collect();
        let chosen = c.maybe()?.zip(c.maybe_moment()?);
        let held = c.maybe_word(held_ids)?.unwrap_or_default();
        learn(Fact::Choosing(number, phone, Choosing { asked_at, offered, chosen, held }));
    }
    Ok(())
}

const AUTOMATICS: Table =
    Table { name: "automatics", kind: "automatic", key: 3, columns: &["number", "phone", "what", "at"] };

async fn automatics(conn: &mut SqliteConnection, scope: Scope, learn: Learn<'_>) -> Result<(), StoreError> {
    let (_, until, number) = bounds(scope);
    let sql = "SELECT number, phone, what, at FROM automatics WHERE at <= $1 AND ($2 = -1 OR number = $2) \
         ORDER BY number, phone, what";
    let mut rows = sqlx::query(sql).bind(until.0).bind(number).fetch(conn);
    while let Some(row) = rows.try_next().await? {
        let mut c = Columns::new(&row, &AUTOMATICS, None);
        learn(Fact::Automatic(c.number()?, c.phone()?, c.string()?, c.moment()?));
    }
    Ok(())
}

const PIN_STREAKS: Table =
    Table { name: "pin_streaks", kind: "pin_streak", key: 2, columns: &["number", "phone", "wrong", "at"] };

/// Rows of wrong PINs that a right one has not ended. Of one number, as an explanation asks for it, up to its instant.
async fn pin_streaks(conn: &mut SqliteConnection, scope: Scope, learn: Learn<'_>) -> Result<(), StoreError> {
    let (from, until, number) = bounds(scope);
    let sql = "SELECT number, phone, wrong, at FROM pin_streaks \
         WHERE wrong > 0 AND at >= $1 AND at <= $2 AND ($3 = -1 OR number = $3) ORDER BY number, phone";
    let mut rows = sqlx::query(sql).bind(from.0).bind(until.0).bind(number).fetch(conn);
    while let Some(row) = rows.try_next().await? {
        let mut c = Columns::new(&row, &PIN_STREAKS, None);
        let (number, phone) = (c.number()?, c.phone()?);
        learn(Fact::PinStreak(number, phone, PinStreak { wrong: c.int()?, at: c.moment()? }));
    }
    Ok(())
}

/// Calls of which something was heard in the last day. A call lasts four hours at most, so one without news for a day
/// is not in progress, whatever its row says.
async fn calls(conn: &mut SqliteConnection, now: Moment, learn: Learn<'_>) -> Result<(), StoreError> {
    let sql = "SELECT call FROM interactions WHERE updated_at >= $1 AND call IS NOT NULL ORDER BY updated_at";
    let mut rows = sqlx::query_scalar::<_, String>(sql).bind(now.plus_days(-DAYS).0).fetch(conn);
    while let Some(call) = rows.try_next().await? {
        learn(Fact::Call(Box::new(call_form::read(&call)?)));
    }
    Ok(())
}

const ACCEPTED: Table = Table {
    name: "interactions",
    kind: "interaction",
    key: 0,
    columns: &["tenant", "number", "caller", "session", "opened_at"],
};

/// Calls of the last day that were not turned away. Callers without a number count for nothing.
async fn accepted(conn: &mut SqliteConnection, now: Moment, learn: Learn<'_>) -> Result<(), StoreError> {
    let sql = "SELECT tenant, number, caller, session, opened_at FROM interactions \
         WHERE updated_at >= $1 AND opened_at >= $1 AND channel = 'voice' AND state <> 'refused' ORDER BY updated_at";
    let mut rows = sqlx::query(sql).bind(now.plus_days(-DAYS).0).fetch(conn);
    while let Some(row) = rows.try_next().await? {
        let mut c = Columns::new(&row, &ACCEPTED, None);
        let (tenant, number) = (c.text()?.into(), c.number()?);
        let caller = CallerId::from_text(c.text()?);
        let (session, at) = (c.maybe()?, c.moment()?);
        if let CallerId::Number(caller) = caller {
            learn(Fact::Accepted { tenant, number, caller, session, at });
        }
    }
    Ok(())
}
