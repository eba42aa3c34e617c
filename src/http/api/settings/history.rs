//! What masking settings were before: each change with who made it, and the way back.
//!
//! Deliberately not here: writing the changes down (`store::audit`), and the audit of everything else.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::sent::{Meant, Said};
use super::shape::{Row, Shown};
use super::{find, put, read, switches_on};
use crate::http::House;
use crate::http::api::answer::Answer;
use crate::http::api::asked::Asked;
use crate::http::api::caller::Caller;
use crate::http::api::fault::{Fault, Faults, FieldError};
use crate::http::api::page::{self, Items, PageParams};
use crate::store::audit::{AuditFilter, AuditRow, MASKING_SETTINGS};
use crate::store::base::Wants;

/// A change of masking settings.
#[derive(Serialize, ToSchema)]
#[schema(as = MaskingSettingsAudit)]
pub struct Change {
    /// Its id.
    id: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// Who: `key:` and the id of a tenant's key, `operator`, `file:` and the name of a rules file, or `program`.
    #[schema(example = "key:file")]
    actor: String,
    /// In which request: what its answer's `X-Request-Id` said.
    request_id: String,
    /// The settings as they were.
    #[schema(value_type = Row)]
    before: Value,
    /// The settings that took their place.
    #[schema(value_type = Row)]
    after: Value,
}

/// Lists the changes of a location's masking settings.
#[utoipa::path(get, path = "/api/v1/locations/{location_id}/masking-settings/audit", tag = "masking-settings",
    params(("location_id" = String, Path, description = "The location."), PageParams),
    responses((status = 200, body = Items<Change>), Faults))]
pub async fn audit(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(location_id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Items<Change>>, Fault> {
    let asking = page::read(query.as_deref(), &[])?;
    find(&house.base(&caller, &Wants::default()).await?, &location_id)?;
    let filter = AuditFilter { kind: Some(MASKING_SETTINGS.to_owned()), object: Some(location_id) };
    let listed = house.reader()?.list_audit(&caller.tenant, &filter, &asking.page).await?;
    Ok(Json(page::items(listed, shape)))
}

/// Puts a location's masking settings back to what they were before a change.
///
/// All of them, whatever has changed since; they are checked as if they were sent today.
#[utoipa::path(post, path = "/api/v1/locations/{location_id}/masking-settings/revert/{audit_id}",
    tag = "masking-settings",
    params(("location_id" = String, Path, description = "The location."),
        ("audit_id" = String, Path, description = "The change."),
        ("dry_run" = Option<bool>, Query, description = "Whether nothing is written."),
        ("If-Match" = Option<String>, Header, description = "The tag of the settings that the change is meant for."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same request is done once.")),
    responses((status = 200, body = Shown, headers(("ETag"))), Faults))]
pub async fn revert(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path((location_id, audit_id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    asked: Asked,
) -> Result<Answer, Fault> {
    let meant = Meant::posted(asked.headers, asked.once, query.as_deref())?;
    if !asked.fields.is_empty() {
        let message = "no such field; the change to be undone says it all";
        let names = asked.fields.keys().take(100).map(|name| name.chars().take(64).collect::<String>());
        return Err(Fault::wrong(names.map(|name| FieldError::new(name, "unknown_field", message)).collect()));
    }
    let row = house.reader()?.audit_row(&caller.tenant, &audit_id).await?;
    let row = row.filter(|row| row.kind == MASKING_SETTINGS && row.object == location_id);
    let Some(Value::Object(before)) = row.and_then(|row| row.before) else { return Err(Fault::unknown()) };
    let said = Said::Json(before);
    let read = |stored: &_| {
        let (wanted, found) = read(&said, stored);
        (wanted, found.into_iter().map(FieldError::from).collect())
    };
    put(&house, &caller, &location_id, &meant, switches_on(&said), read).await
}

fn shape(row: &AuditRow) -> Change {
    let AuditRow { id, at, actor, action: _, kind: _, object: _, before, after, request } = row;
    let whole = |settings: &Option<Value>| settings.clone().unwrap_or_default();
    Change {
        id: id.clone(),
        at: at.to_string(),
        actor: actor.clone(),
        request_id: request.clone(),
        before: whole(before),
        after: whole(after),
    }
}
