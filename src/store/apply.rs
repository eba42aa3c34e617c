//! Applying rules: everything that a ruleset names is written in one transaction, or nothing is.
//!
//! Deliberately not here: reading a rules file (`rules::file`). What a ruleset does not name is not touched.

use std::collections::HashMap;

use sqlx::SqliteConnection;

use super::audit::Origin;
use super::cell::Cell;
use super::change::{Change, What};
use super::commit::contact_rows;
use super::declared;
use super::draft::Draft;
use super::edit::Actor;
use super::entry::ContactRow;
use super::error::{Conflict, StoreError};
use super::keys;
use super::open::Store;
use super::records::Record;
use super::vault::Vault;
use crate::domain::{Contact, Moment, Number, TenantId};
use crate::rules::ruleset::Ruleset;

impl Store {
    /// Applies a ruleset, and notes with which file it came: its name and the SHA-256 of its content. Tells what was
    /// made and changed; the same again changes nothing.
    ///
    /// Sessions that are over at `now` let go of their phones. All contradictions are told at once, in
    /// [`StoreError::Conflicts`], and then nothing was changed.
    pub async fn apply(
        &self,
        rules: &Ruleset,
        file: Option<(&str, &str)>,
        now: Moment,
    ) -> Result<Vec<Change>, StoreError> {
        let mut writing = self.database().write().await?;
        keys::ensure(&mut writing, self.vault(), rules.tenant.id.as_str(), now).await?;
        let mut pending = writing.begin_patiently().await?;
        let draft = write(&mut pending, self.vault(), rules, now).await?;
        let by = file.map_or(Actor::Program, |(name, _)| Actor::File(name.to_owned())).to_string();
        let origin = Origin { tenant: rules.tenant.id.as_str(), actor: &by, request: "", at: now };
        draft.record(&mut pending, origin, true).await?;
        if let Some((name, sha256)) = file {
            let sql = "INSERT INTO applied_files (name, sha256, applied_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256, applied_at = excluded.applied_at";
            sqlx::query(sql).bind(name).bind(sha256).bind(now.0).execute(&mut *pending).await?;
        }
        pending.commit().await?;
        self.journal().shared.outbox.notify_one();
        Ok(draft.changes)
    }

    /// What [`Store::apply`] would change, or why it would not; nothing is changed.
    pub async fn plan(&self, rules: &Ruleset, now: Moment) -> Result<Vec<Change>, StoreError> {
        let mut writing = self.database().write().await?;
        keys::ensure(&mut writing, self.vault(), rules.tenant.id.as_str(), now).await?;
        let mut pending = writing.begin_patiently().await?;
        // It is never committed.
        Ok(write(&mut pending, self.vault(), rules, now).await?.changes)
    }

    /// Empties the database, but for its keys: nobody else may be using it.
    pub async fn wipe(&self) -> Result<(), StoreError> {
        let mut writing = self.database().write().await?;
        let mut pending = writing.begin_patiently().await?;
        const TABLES: &str = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' \
             ESCAPE '\\' AND name NOT IN ('_sqlx_migrations', 'data_keys')";
        let tables: Vec<String> = sqlx::query_scalar(TABLES).fetch_all(&mut *pending).await?;
        for table in tables {
            sqlx::query(sqlx::AssertSqlSafe(format!("DELETE FROM {table}"))).execute(&mut *pending).await?;
        }
        pending.commit().await
    }
}

/// Writes all of a ruleset.
async fn write<'a>(
    conn: &mut SqliteConnection,
    vault: &'a Vault,
    rules: &'a Ruleset,
    now: Moment,
) -> Result<Draft<'a>, StoreError> {
    let conflicts = foreign(conn, rules).await?;
    if !conflicts.is_empty() {
        return Err(StoreError::Conflicts(conflicts));
    }
    let mut draft = Draft::write(conn, vault, rules, now, false).await?;
    let conflicts = draft.settle(conn).await?;
    if !conflicts.is_empty() {
        return Err(StoreError::Conflicts(conflicts));
    }
    put_contacts(conn, &rules.tenant.id, &rules.contacts, &mut draft.changes).await?;
    Ok(draft)
}

async fn put_contacts(
    conn: &mut SqliteConnection,
    tenant: &TenantId,
    contacts: &[Contact],
    changes: &mut Vec<Change>,
) -> Result<(), StoreError> {
    for Contact { number, from, to, at, channel, by } in contacts {
        let row = ContactRow {
            number: number.e164().digits(),
            from: from.digits(),
            to: to.digits(),
            at: at.0,
            channel: channel.to_string(),
            by: by.to_string(),
            tenant: tenant.to_string(),
        };
        if contact_rows(conn, &[&row]).await? > 0 {
            let id = format!("{} at {at}", number.e164().masked());
            changes.push(Change { kind: "contact", id, what: What::Created });
        }
    }
    Ok(())
}

/// What of this ruleset belongs to another tenant already.
pub(super) async fn foreign(conn: &mut SqliteConnection, rules: &Ruleset) -> Result<Vec<Conflict>, StoreError> {
    let me = rules.tenant.id.as_str();
    let mut conflicts = Vec::new();
    let sql = "SELECT id FROM tenants WHERE id <> $1 AND auth_id = $2";
    let query = sqlx::query_scalar::<_, String>(sql).bind(me).bind(rules.tenant.auth_id.as_deref());
    if query.fetch_optional(&mut *conn).await?.is_some() {
        conflicts.push(Conflict::AuthId(me.to_owned()));
    }
    let sql = "SELECT id FROM tenants WHERE id <> $1 AND deepcall_user_id = $2";
    let query = sqlx::query_scalar::<_, String>(sql).bind(me).bind(rules.tenant.deepcall_user_id.as_deref());
    if query.fetch_optional(&mut *conn).await?.is_some() {
        conflicts.push(Conflict::DeepcallUser(me.to_owned()));
    }
    let sql = "SELECT id, tenant FROM provider_accounts";
    let owners: HashMap<String, String> = sqlx::query_as(sql).fetch_all(&mut *conn).await?.into_iter().collect();
    for (account, _) in &rules.accounts {
        if owners.get(account.id.as_str()).is_some_and(|owner| owner != me) {
            conflicts.push(Conflict::Account(account.id.to_string()));
        }
    }
    let numbers: Vec<Cell> = rules.numbers.iter().map(Record::id_cell).collect();
    for number in declared::of_ids::<Number>(conn, me, &numbers, None).await? {
        if number.tenant.as_str() != me {
            conflicts.push(Conflict::Number(number.shown_id()));
        }
    }
    Ok(conflicts)
}
