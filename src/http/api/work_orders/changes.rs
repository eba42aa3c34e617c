//! Making and changing jobs: their sessions follow, and where that is wanted the first one is opened with the job.
//!
//! Deliberately not here: what becomes of sessions (`routing::job`), and whether one may be opened (`routing::opening`).

use std::sync::Arc;

use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{WorkOrder, WorkOrderBody, WorkOrderChanged, find, only, shape};
use crate::domain::{self, Moment};
use crate::http::House;
use crate::http::api::answer::{Answer, unchanged};
use crate::http::api::asked::Asked;
use crate::http::api::caller::Caller;
use crate::http::api::crud::{chosen, named};
use crate::http::api::fault::{Fault, Faults, FieldError, broken};
use crate::http::api::sessions::surroundings::{self, Named};
use crate::http::api::sessions::{self, Remark, exhausted_fault, exhausted_text};
use crate::routing::job::{self, Followed, Refusal};
use crate::routing::opening::{self, Eager, NotOpened};
use crate::rules::file::body::{self, Kind};
use crate::rules::ruleset::Ruleset;
use crate::switchboard::desk::Plan;

/// To whom a job is given.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `assign` reads")]
pub struct Assignment {
    /// The technician.
    #[schema(example = "jo")]
    technician_id: String,
}

/// When a job was completed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `complete` reads")]
pub struct Completion {
    /// When; now unless said.
    #[schema(format = DateTime, nullable = false)]
    completed_at: Option<String>,
}

/// Adds a job.
///
/// With a technician, and where sessions are made ahead of need, its session is opened with it; `warnings` say why not.
#[utoipa::path(post, path = "/api/v1/work-orders", tag = "work-orders", request_body = WorkOrderBody,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = WorkOrderChanged, headers(("Location"), ("ETag"))), Faults))]
pub async fn create(State(house): State<Arc<House>>, caller: Caller, asked: Asked) -> Result<Answer, Fault> {
    let id = chosen(&asked, "id")?;
    let now = caller.asker.at;
    let wants = surroundings::wants(&house, &caller, whom(&asked, &id)).await?;
    let session = Uuid::now_v7().to_string();
    house
        .change(&caller, asked.once.as_ref(), wants, |base| {
            let base = &base.rules;
            if base.work_orders.iter().any(|job| job.id.as_str() == id) {
                let message = format!("{id} is there already: choose another, or change that one");
                let error = FieldError::new("id", "exists", message.clone());
                return Err(Fault::conflict("exists", message).with(vec![error]));
            }
            let (job, warnings) = read(base, &id, &asked)?;
            // Compared with itself but open: what is made completed was so before.
            let before = domain::WorkOrder { technician: None, ..job.clone() };
            let changed = written(base, &before, job, &session, warnings, now)?;
            Ok(changed.plan(|shown| Answer::made(format!("/api/v1/work-orders/{id}"), shown)))
        })
        .await
}

/// Changes a job; its sessions follow, as they do when it is assigned, completed, reopened or called off.
#[utoipa::path(method(patch, put), path = "/api/v1/work-orders/{id}", tag = "work-orders", request_body = WorkOrderBody,
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = WorkOrderChanged, headers(("ETag"))), Faults))]
pub async fn change(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Answer, Fault> {
    turned(&house, &caller, &id, &asked, |base, _, _| read(base, &id, &asked)).await
}

/// Gives a job to a technician. Its session stays the same, on the same number, unless the technician stands in another
/// session there: then `warnings` tell of the number that it moved to.
///
/// Where sessions are made ahead of need, the first one is opened; `warnings` say why not.
#[utoipa::path(post, path = "/api/v1/work-orders/{id}/assign", tag = "work-orders", request_body = Assignment,
    params(("id" = String, Path), ("If-Match" = Option<String>, Header), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = WorkOrderChanged, headers(("ETag"))), Faults))]
pub async fn assign(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Answer, Fault> {
    turned(&house, &caller, &id, &asked, |base, before, _| {
        only(&asked, &["technician_id"])?;
        match asked.fields.get("technician_id") {
            Some(Value::String(_)) => {}
            Some(_) => return Err(wrong("technician_id", "wrong_type", "must be a text")),
            None => return Err(wrong("technician_id", "missing", "is missing")),
        }
        // Read as any other change of it, so that a reference to nobody is told of in the same words.
        let (read, warnings) = read(base, before.id.as_str(), &asked)?;
        Ok((read.technician.as_ref().map_or_else(|| before.clone(), |to| job::assign(before, to)), warnings))
    })
    .await
}

/// Completes a job. Its sessions route on for the days of grace; what is completed already stays as it was.
#[utoipa::path(post, path = "/api/v1/work-orders/{id}/complete", tag = "work-orders",
    request_body(content = Option<Completion>),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = WorkOrderChanged, headers(("ETag"))), Faults))]
pub async fn complete(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Answer, Fault> {
    turned(&house, &caller, &id, &asked, |_, before, now| {
        only(&asked, &["completed_at"])?;
        let at = match asked.fields.get("completed_at") {
            None => None,
            Some(Value::String(text)) => Some(Moment::read(text).ok_or_else(|| {
                wrong("completed_at", "invalid", "must be an instant with an offset, such as 2026-03-09T17:00:00Z")
            })?),
            Some(_) => return Err(wrong("completed_at", "wrong_type", "must be a text")),
        };
        Ok((job::complete(before, at, now), Vec::new()))
    })
    .await
}

/// Takes a job up again. Inside the days of grace its sessions live again; later they stay over.
#[utoipa::path(post, path = "/api/v1/work-orders/{id}/reopen", tag = "work-orders",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = WorkOrderChanged, headers(("ETag"))), Faults))]
pub async fn reopen(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Answer, Fault> {
    turned(&house, &caller, &id, &asked, |_, before, _| {
        only(&asked, &[])?;
        Ok((job::reopen(before), Vec::new()))
    })
    .await
}

/// Calls a job off. Its sessions end at once.
#[utoipa::path(post, path = "/api/v1/work-orders/{id}/cancel", tag = "work-orders",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = WorkOrderChanged, headers(("ETag"))), Faults))]
pub async fn cancel(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Answer, Fault> {
    turned(&house, &caller, &id, &asked, |_, before, now| {
        only(&asked, &[])?;
        Ok((job::cancel(before, now), Vec::new()))
    })
    .await
}

/// Makes of a job what `turn` makes of it, with all that follows.
async fn turned(
    house: &Arc<House>,
    caller: &Caller,
    id: &str,
    asked: &Asked,
    turn: impl Fn(&Ruleset, &domain::WorkOrder, Moment) -> Result<(domain::WorkOrder, Vec<Remark>), Fault>,
) -> Result<Answer, Fault> {
    let now = caller.asker.at;
    let wants = surroundings::wants(house, caller, whom(asked, id)).await?;
    let session = Uuid::now_v7().to_string();
    house
        .change(caller, asked.once.as_ref(), wants, |base| {
            let base = &base.rules;
            let before = find(base, id)?;
            let (after, warnings) = turn(base, before, now)?;
            unchanged(&asked.headers, &shape(before))?;
            let changed = written(base, before, after, &session, warnings, now)?;
            Ok(changed.plan(Answer::shown))
        })
        .await
}

/// A job with what was sent of it.
fn read(base: &Ruleset, id: &str, asked: &Asked) -> Result<(domain::WorkOrder, Vec<Remark>), Fault> {
    let read = body::read(Kind::WorkOrder, id, &asked.fields, base).map_err(Fault::found)?;
    let warnings = read.warnings.into_iter().map(Remark::from).collect();
    Ok((read.rules.work_orders.into_iter().next().ok_or_else(broken)?, warnings))
}

/// What is written, and what is told.
struct Changed {
    rules: Ruleset,
    shown: WorkOrderChanged,
}

impl Changed {
    fn plan(self, answer: impl Fn(&WorkOrderChanged) -> Answer) -> Plan<Answer> {
        let answer = answer(&self.shown).tagged(&self.shown.work_order);
        Plan::put(self.rules, answer)
    }
}

/// A job with its sessions, and the first of them where it was just assigned and that is wanted.
fn written(
    base: &Ruleset,
    before: &domain::WorkOrder,
    after: domain::WorkOrder,
    session: &str,
    mut warnings: Vec<Remark>,
    now: Moment,
) -> Result<Changed, Fault> {
    let Followed { mut rules, moved } = job::follow(base, before, after, now).map_err(refused)?;
    warnings.extend(moved.iter().map(|moved| {
        let message = format!(
            "session {} moved from {} to {}: the technician stands in another session on the former number",
            moved.session,
            moved.from.e164().masked(),
            moved.to.e164().masked()
        );
        Remark::new("technician_id", "number_changed", message)
    }));
    let job = rules.work_orders.first().cloned().ok_or_else(broken)?;
    let mut known = applied(base, &rules);
    if job.technician.is_some() && job.technician != before.technician {
        match opening::eagerly(&known, &job, session.into(), now) {
            Eager::Nothing => {}
            Eager::Opened(opened) => {
                rules.sessions.push(opened.session);
                rules.numbers.push(opened.number);
                known = applied(base, &rules);
            }
            Eager::Not(not) => warnings.push(not_opened(&not)),
            Eager::NoPhone => {
                let message = "no session was opened: the technician or the customer has no phone in E.164";
                warnings.push(Remark::new("", "no_phone", message));
            }
        }
    }
    let standing = job::routing(&known, &job, now);
    let sessions = known.sessions.iter().filter(|session| standing.contains(&session.id));
    let sessions = sessions.map(|session| sessions::shape(&known, session, now)).collect();
    let work_order: WorkOrder = shape(&job);
    Ok(Changed { rules, shown: WorkOrderChanged { work_order, sessions, warnings } })
}

/// What is stored, once these are written.
fn applied(base: &Ruleset, change: &Ruleset) -> Ruleset {
    let mut known = base.clone();
    known.work_orders.retain(|one| change.work_orders.iter().all(|new| new.id != one.id));
    known.work_orders.extend(change.work_orders.iter().cloned());
    known.sessions.retain(|one| change.sessions.iter().all(|new| new.id != one.id));
    known.sessions.extend(change.sessions.iter().cloned());
    known.numbers.retain(|one| change.numbers.iter().all(|new| new.e164 != one.e164));
    known.numbers.extend(change.numbers.iter().cloned());
    known
}

/// Why the session that is wanted was not opened: the job is assigned nevertheless.
fn not_opened(why: &NotOpened) -> Remark {
    match why {
        NotOpened::Disabled { location } => {
            Remark::new("", "masking_disabled", format!("no session was opened: masking is not enabled at {location}"))
        }
        NotOpened::NotOptedIn { technician } => {
            let message = format!("no session was opened: masking is offered, and {technician} has not opted in");
            Remark::new("technician_id", "not_opted_in", message)
        }
        NotOpened::There { session } => Remark::new(
            "",
            "session_exists",
            format!("no session was opened: session {session} joins the same parties"),
        ),
        NotOpened::Exhausted(exhausted) => {
            let message = format!("no session was opened: {}", exhausted_text(exhausted));
            Remark::new("", "number_pool_exhausted", message)
        }
    }
}

/// Why a job cannot change like that.
fn refused(why: Refusal) -> Fault {
    let named = |sessions: &[domain::SessionId]| json!(sessions.iter().map(ToString::to_string).collect::<Vec<_>>());
    match why {
        Refusal::Canceled => Fault::conflict("work_order_canceled", "the work order was called off: reopen it first"),
        Refusal::Completed => Fault::conflict("work_order_completed", "the work order is completed: reopen it first"),
        Refusal::Future => wrong("completed_at", "out_of_range", "must not be in the future"),
        Refusal::NoPhone { technician, sessions } => {
            let message =
                format!("{technician} has no phone, and sessions of this work order route: give them one first");
            let error = FieldError::new("technician_id", "no_phone", message.clone());
            Fault::conflict("no_phone", message).with(vec![error]).member("session_ids", named(&sessions))
        }
        Refusal::OtherCustomer { sessions } => {
            let message = "sessions still join this work order's customer: end them first";
            let error = FieldError::new("customer_id", "session_live", message);
            Fault::conflict("session_live", message).with(vec![error]).member("session_ids", named(&sessions))
        }
        Refusal::NoNumber { session, exhausted } => {
            exhausted_fault(&exhausted).member("session_ids", named(std::slice::from_ref(&session)))
        }
    }
}

fn whom<'a>(asked: &'a Asked, id: &'a str) -> Named<'a> {
    Named {
        technician: named(asked, "technician_id"),
        customer: named(asked, "customer_id"),
        work_order: Some(id),
        ..Named::default()
    }
}

fn wrong(field: &str, code: &str, message: &str) -> Fault {
    Fault::wrong(vec![FieldError::new(field, code, message)])
}
