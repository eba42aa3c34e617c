//! Changes that no rules file can say: tenants' keys, opt-outs by hand, to-dos.
//!
//! Deliberately not here: opt-outs and to-dos that webhooks leave behind (`store::rare`).

use serde_json::{Value, json};
use sqlx::SqliteConnection;

use super::audit::Trace;
use super::cell::digits;
use super::edit::{Act, TenantKey, TodoState};
use super::error::{Conflict, StoreError};
use super::feed::OPT_OUT;
use super::provider_jobs::{self, About, JobRow};
use crate::domain::{CallId, E164, MaskingNumber, Moment, Placing};

/// What an act did: its trace, and kind and id of what is no longer as it was.
pub(super) type Done = Option<(Trace, (&'static str, String))>;

/// Does one; nothing where there is nothing to change.
pub(super) async fn run(conn: &mut SqliteConnection, tenant: &str, act: &Act, now: Moment) -> Result<Done, StoreError> {
    match act {
        Act::KeyMade(key) => key_made(conn, tenant, key).await,
        Act::KeyRevoked { id } => key_revoked(conn, tenant, id, now).await,
        Act::OptOut { number, phone, out } => opt_out(conn, tenant, *number, *phone, *out, now).await,
        Act::Todo { interaction, kind, state, assigned_to } => {
            todo(conn, tenant, (interaction, kind), *state, assigned_to.as_deref()).await
        }
        Act::Call { id, placing } => call(conn, tenant, *id, placing, now).await,
    }
}

async fn key_made(conn: &mut SqliteConnection, tenant: &str, key: &TenantKey) -> Result<Done, StoreError> {
    let TenantKey { id, name, hash, hint, made_at, revoked_at } = key;
    let sql = "INSERT INTO tenant_keys (tenant, id, name, hash, hint, made_at, revoked_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    let query = sqlx::query(sql).bind(tenant).bind(id.as_str()).bind(name.as_str()).bind(hash.as_str());
    let query = query.bind(hint.as_str()).bind(made_at.0).bind(revoked_at.map(|at| at.0));
    if query.execute(conn).await?.rows_affected() == 0 {
        return Err(StoreError::Conflicts(vec![Conflict::Key(id.clone())]));
    }
    let after = json!({ "name": name, "hint": hint });
    Ok(Some((trace("created", "key", id, None, Some(after)), ("key", id.clone()))))
}

async fn key_revoked(conn: &mut SqliteConnection, tenant: &str, id: &str, now: Moment) -> Result<Done, StoreError> {
    let sql =
        "UPDATE tenant_keys SET revoked_at = $3 WHERE tenant = $1 AND id = $2 AND revoked_at IS NULL RETURNING name";
    let query = sqlx::query_scalar::<_, String>(sql).bind(tenant).bind(id).bind(now.0);
    let Some(name) = query.fetch_optional(conn).await? else { return Ok(None) };
    let (before, after) =
        (json!({ "name": name, "revoked_at": null }), json!({ "name": name, "revoked_at": now.to_string() }));
    Ok(Some((trace("revoked", "key", id, Some(before), Some(after)), ("key", id.to_owned()))))
}

async fn opt_out(
    conn: &mut SqliteConnection,
    tenant: &str,
    number: MaskingNumber,
    phone: E164,
    out: bool,
    now: Moment,
) -> Result<Done, StoreError> {
    let sql = "SELECT opted_out FROM opt_outs WHERE number = $1 AND phone = $2";
    let query = sqlx::query_scalar::<_, bool>(sql).bind(digits(number.e164())).bind(digits(phone));
    let was = query.fetch_optional(&mut *conn).await?.unwrap_or(false);
    if was == out {
        return Ok(None);
    }
    let sql = "INSERT INTO opt_outs (number, phone, tenant, opted_out, at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (number, phone) DO UPDATE SET tenant = excluded.tenant, opted_out = excluded.opted_out, \
         at = max(excluded.at, opt_outs.at)";
    let query = sqlx::query(sql).bind(digits(number.e164())).bind(digits(phone)).bind(tenant).bind(out).bind(now.0);
    query.execute(conn).await?;
    let told = |out: bool| Some(json!({ "phone": phone.masked().to_string(), "opted_out": out }));
    let object = number.e164().masked().to_string();
    let id = format!("{} {}", number.e164().digits(), phone.digits());
    Ok(Some((trace("changed", OPT_OUT, &object, told(was), told(out)), (OPT_OUT, id))))
}

async fn todo(
    conn: &mut SqliteConnection,
    tenant: &str,
    (interaction, kind): (&str, &str),
    state: TodoState,
    assigned_to: Option<&str>,
) -> Result<Done, StoreError> {
    let sql = "SELECT state, snoozed_until, closed_at, assigned_to FROM todos \
         WHERE interaction = $1 AND kind = $2 AND tenant = $3";
    type Row = (String, Option<i64>, Option<i64>, Option<String>);
    let query = sqlx::query_as::<_, Row>(sql).bind(interaction).bind(kind).bind(tenant);
    let Some(before) = query.fetch_optional(&mut *conn).await? else { return Ok(None) };
    let (word, snoozed_until, closed_at) = match state {
        TodoState::Open => ("open", None, None),
        TodoState::Snoozed { until } => ("snoozed", Some(until.0), None),
        TodoState::Done { at } => ("done", None, Some(at.0)),
    };
    let after: Row = (word.to_owned(), snoozed_until, closed_at, assigned_to.map(str::to_owned));
    if before == after {
        return Ok(None);
    }
    let sql = "UPDATE todos SET state = $4, snoozed_until = $5, closed_at = $6, assigned_to = $7 \
         WHERE interaction = $1 AND kind = $2 AND tenant = $3";
    let query = sqlx::query(sql).bind(interaction).bind(kind).bind(tenant).bind(word);
    query.bind(snoozed_until).bind(closed_at).bind(assigned_to).execute(conn).await?;
    let told = |(state, until, closed, assigned_to): Row| {
        let at = |at: Option<i64>| at.map(|at| Moment(at).to_string());
        json!({ "state": state, "snoozed_until": at(until), "closed_at": at(closed), "assigned_to": assigned_to })
    };
    let object = format!("{interaction}/{kind}");
    Ok(Some((trace("changed", "todo", &object, Some(told(before)), Some(told(after))), ("todo", object))))
}

async fn call(
    conn: &mut SqliteConnection,
    tenant: &str,
    id: CallId,
    placing: &Placing,
    now: Moment,
) -> Result<Done, StoreError> {
    let row = JobRow { tenant: tenant.to_owned(), about: About::call(id, placing), at: now.0 };
    provider_jobs::write(conn, &row).await?;
    let after = match placing {
        Placing::FirstParty { session } => json!({ "session": session.as_str() }),
        Placing::CallBack { todo, line } => json!({ "todo": todo, "line": line.as_str() }),
    };
    Ok(Some((trace("created", "call", &id.to_string(), None, Some(after)), ("call", id.to_string()))))
}

fn trace(action: &'static str, kind: &'static str, object: &str, before: Option<Value>, after: Option<Value>) -> Trace {
    Trace { action, kind, object: object.to_owned(), before, after }
}
