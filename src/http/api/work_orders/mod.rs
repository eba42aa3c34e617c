//! `/api/v1/work-orders`: the jobs, and what becomes of them.
//!
//! Deliberately not here: what becomes of their sessions (`routing::job`).

mod changes;

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::answer::{Answer, unchanged};
use super::asked::Asked;
use super::caller::Caller;
use super::fault::{Fault, Faults, FieldError};
use super::page::{self, Items, PageParams};
use super::sessions::{Remark, Session};
use crate::domain::{self, Moment, WorkOrderStatus};
use crate::http::House;
use crate::rules::removal::{self, Going};
use crate::rules::ruleset::Ruleset;
use crate::store::base::{Want, WantSessions, Wants};
use crate::store::edit::Gone;
use crate::switchboard::desk::Plan;

pub use changes::{
    __path_assign, __path_cancel, __path_change, __path_complete, __path_create, __path_reopen, assign, cancel, change,
    complete, create, reopen,
};

/// A job.
#[derive(Serialize, ToSchema)]
pub struct WorkOrder {
    /// Its id.
    #[schema(example = "wo-1001")]
    pub id: String,
    /// Its office.
    #[schema(required)]
    pub location_id: Option<String>,
    /// For whom.
    #[schema(required)]
    pub customer_id: Option<String>,
    /// By whom.
    #[schema(required)]
    pub technician_id: Option<String>,
    /// What it is.
    pub title: String,
    /// `open`, `completed` or `canceled`.
    #[schema(example = "open")]
    pub status: String,
    /// When it was completed.
    #[schema(required, format = DateTime)]
    pub completed_at: Option<String>,
    /// When it was called off.
    #[schema(required, format = DateTime)]
    pub canceled_at: Option<String>,
    /// Tags that rules can name.
    pub tags: Vec<String>,
}

/// A job that was made or changed, and what came with it. The tag is the job's own.
#[derive(Serialize, ToSchema)]
pub struct WorkOrderChanged {
    /// The job.
    #[serde(flatten)]
    pub work_order: WorkOrder,
    /// Its sessions that route, or will.
    pub sessions: Vec<Session>,
    /// What is worth knowing: the change was made.
    pub warnings: Vec<Remark>,
}

/// A job as it is sent: a new one, or the fields that change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `changes` reads")]
pub struct WorkOrderBody {
    /// Chosen by the client, or made.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", nullable = false)]
    id: Option<String>,
    /// Its office; null for none.
    location_id: Option<String>,
    /// For whom; null for nobody.
    customer_id: Option<String>,
    /// By whom; null for nobody yet. A change is what assigning is.
    technician_id: Option<String>,
    /// What it is.
    #[schema(max_length = 2000)]
    title: Option<String>,
    /// `open`, `completed` or `canceled`; open unless said.
    #[schema(nullable = false)]
    status: Option<String>,
    /// When it was completed; needed with `completed`.
    #[schema(format = DateTime)]
    completed_at: Option<String>,
    /// When it was called off; now unless said.
    #[schema(format = DateTime)]
    canceled_at: Option<String>,
    /// Tags that rules can name.
    #[schema(nullable = false)]
    tags: Option<Vec<String>>,
}

const FILTERS: [&str; 4] = ["location_id", "technician_id", "customer_id", "status"];

/// Lists jobs.
#[utoipa::path(get, path = "/api/v1/work-orders", tag = "work-orders",
    params(PageParams, ("location_id" = Option<String>, Query), ("technician_id" = Option<String>, Query),
        ("customer_id" = Option<String>, Query),
        ("status" = Option<String>, Query, description = "`open`, `completed` or `canceled`.")),
    responses((status = 200, body = Items<WorkOrder>), Faults))]
pub async fn list(
    State(house): State<Arc<House>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Items<WorkOrder>>, Fault> {
    let asking = page::read(query.as_deref(), &FILTERS)?;
    if asking.filter.state.as_ref().is_some_and(|word| domain::people::WorkOrderWord::read(word).is_none()) {
        let message = "must be open, completed or canceled";
        return Err(Fault::wrong(vec![FieldError::new("status", "invalid", message)]));
    }
    let listed = house.reader()?.list_work_orders(&caller.tenant, &asking.filter, &asking.page).await?;
    Ok(Json(page::items(listed, shape)))
}

/// Shows a job.
#[utoipa::path(get, path = "/api/v1/work-orders/{id}", tag = "work-orders", params(("id" = String, Path)),
    responses((status = 200, body = WorkOrder, headers(("ETag"))), Faults))]
pub async fn show(State(house): State<Arc<House>>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Fault> {
    let wants = Wants { work_orders: Want::Ids(vec![id.clone()]), ..Wants::default() };
    let base = house.base(&caller, &wants).await?;
    Ok(Answer::shown(&shape(find(&base.rules, &id)?)))
}

/// Takes a job away. 409 `in_use` names the sessions that route for it.
#[utoipa::path(delete, path = "/api/v1/work-orders/{id}", tag = "work-orders",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)), responses((status = 204), Faults))]
pub async fn remove(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Answer, Fault> {
    let now = caller.asker.at;
    let wants = Wants {
        work_orders: Want::Ids(vec![id.clone()]),
        sessions: WantSessions::OfWorkOrder(id.clone()),
        ..Wants::default()
    };
    house
        .change(&caller, None, wants, |base| {
            let before = find(&base.rules, &id)?;
            unchanged(&headers, &shape(before))?;
            let sessions: Vec<String> = removal::in_the_way(&base.rules, Going::WorkOrder(&before.id), now)
                .iter()
                .map(ToString::to_string)
                .collect();
            if !sessions.is_empty() {
                let message =
                    format!("{} sessions route for this work order: end them, or cancel it, first", sessions.len());
                return Err(Fault::conflict("in_use", message).member("session_ids", json!(sessions)));
            }
            let named: Vec<FieldError> = removal::references(&base.rules, Going::WorkOrder(&before.id))
                .into_iter()
                .map(FieldError::from)
                .collect();
            if !named.is_empty() {
                return Err(Fault::conflict("in_use", "Others name this work order; nothing was changed.").with(named));
            }
            Ok(Plan::take(&base.rules, Gone::WorkOrder(before.id.clone()), Answer::gone()))
        })
        .await
}

/// A job in its shape.
fn shape(job: &domain::WorkOrder) -> WorkOrder {
    let domain::WorkOrder { id, tenant: _, location, customer, technician, title, status, tags } = job;
    let text = |at: Moment| Some(at.to_string());
    let (word, completed_at, canceled_at) = match *status {
        WorkOrderStatus::Open => ("open", None, None),
        WorkOrderStatus::Completed { at } => ("completed", text(at), None),
        WorkOrderStatus::Canceled { at } => ("canceled", None, at.and_then(text)),
    };
    WorkOrder {
        id: id.to_string(),
        location_id: location.as_ref().map(ToString::to_string),
        customer_id: customer.as_ref().map(ToString::to_string),
        technician_id: technician.as_ref().map(ToString::to_string),
        title: title.clone(),
        status: word.to_owned(),
        completed_at,
        canceled_at,
        tags: tags.clone(),
    }
}

fn find<'a>(base: &'a Ruleset, id: &str) -> Result<&'a domain::WorkOrder, Fault> {
    base.work_orders.iter().find(|job| job.id.as_str() == id).ok_or_else(Fault::unknown)
}

/// Refuses fields that a door does not know.
pub fn only(asked: &Asked, fields: &[&str]) -> Result<(), Fault> {
    let errors: Vec<FieldError> =
        asked.fields.keys().filter(|field| !fields.contains(&field.as_str())).map(unknown_field(fields)).collect();
    if errors.is_empty() { Ok(()) } else { Err(Fault::wrong(errors)) }
}

fn unknown_field(fields: &[&str]) -> impl Fn(&String) -> FieldError {
    let known = if fields.is_empty() {
        "this door takes no fields".to_owned()
    } else {
        format!("this door knows {}", fields.join(", "))
    };
    move |field| FieldError::new(field, "unknown_field", format!("is no field here; {known}"))
}
