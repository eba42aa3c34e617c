//! `/api/v1/audit`: who changed what, and when.
//!
//! Deliberately not here: undoing a change of masking settings (`settings`). What a row tells has no secret, no name and
//! no whole phone number in it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::answer::Answer;
use super::caller::Caller;
use super::fault::{Fault, Faults};
use super::page::{self, Items, PageParams};
use crate::http::House;
use crate::store::audit::{AuditFilter, AuditRow};

/// A change.
#[derive(Serialize, ToSchema)]
pub struct Audit {
    /// Its id.
    pub id: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// Who: `key:` and a key's id, `operator`, `file:` and a rules file's name, or `program`.
    #[schema(example = "key:file")]
    pub actor: String,
    /// `created`, `changed`, `removed`, and of keys `revoked`.
    #[schema(example = "changed")]
    pub action: String,
    /// What kind of thing, such as `technician`, `masking_settings` or `opt_out`.
    #[schema(example = "technician")]
    pub kind: String,
    /// Which one: its id; a number's is masked.
    #[schema(example = "jo")]
    pub object: String,
    /// The fields that changed, as they were; null of what is new.
    #[schema(required, value_type = Option<Object>)]
    pub before: Option<Value>,
    /// The same, as they are since; null of what is gone.
    #[schema(required, value_type = Option<Object>)]
    pub after: Option<Value>,
    /// The `X-Request-Id` of the request; empty where there was none.
    pub request_id: String,
}

fn shape(row: &AuditRow) -> Audit {
    let AuditRow { id, at, actor, action, kind, object, before, after, request } = row.clone();
    Audit { id, at: at.to_string(), actor, action, kind, object, before, after, request_id: request }
}

/// Lists changes.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit",
    params(PageParams, ("kind" = Option<String>, Query), ("object" = Option<String>, Query)),
    responses((status = 200, body = Items<Audit>), Faults))]
pub async fn list(
    State(house): State<Arc<House>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Items<Audit>>, Fault> {
    let mut filter = AuditFilter::default();
    let asking = page::read_with(query.as_deref(), &["kind", "object"], |name, value| {
        let place = if name == "kind" { &mut filter.kind } else { &mut filter.object };
        *place = Some(value.to_owned());
        Some(Ok(()))
    })?;
    let listed = house.reader()?.list_audit(&caller.tenant, &filter, &asking.page).await?;
    Ok(Json(page::items(listed, shape)))
}

/// Shows a change.
#[utoipa::path(get, path = "/api/v1/audit/{id}", tag = "audit",
    params(("id" = String, Path)),
    responses((status = 200, body = Audit, headers(("ETag"))), Faults))]
pub async fn show(State(house): State<Arc<House>>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Fault> {
    let row = house.reader()?.audit_row(&caller.tenant, &id).await?;
    row.map(|row| Answer::shown(&shape(&row))).ok_or_else(Fault::unknown)
}
