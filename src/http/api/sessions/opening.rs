//! Making a session: who is joined, through which number, or why not.
//!
//! Deliberately not here: the door, and choosing the number (`routing`).

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::shape::{Remark, shape};
use crate::domain::{self, E164, Location, MaskingNumber, Moment, SessionKind, WorkOrder, WorkOrderStatus};
use crate::http::api::answer::Answer;
use crate::http::api::asked::Asked;
use crate::http::api::fault::{Fault, FieldError};
use crate::routing::allot::Exhausted;
use crate::routing::opening::{self, NotOpened, Opened};
use crate::routing::pairing;
use crate::rules::file::body::{self, Kind};
use crate::rules::numbering;
use crate::rules::ruleset::Ruleset;
use crate::switchboard::desk::Plan;

/// No session was made, and none is needed: the parties are not masked.
#[derive(Serialize, ToSchema)]
pub struct Unmasked {
    /// There is none: always null.
    #[schema(required)]
    number: Option<String>,
    /// Why.
    warnings: Vec<Remark>,
}

/// Makes the session that a request describes, within the `countries` that the server's own list leaves.
pub fn open(base: &Ruleset, asked: &Asked, id: &str, countries: &[String], now: Moment) -> Result<Plan<Answer>, Fault> {
    if base.sessions.iter().any(|session| session.id.as_str() == id) {
        let message = format!("{id} is there already: choose another, or change that one");
        let error = FieldError::new("id", "exists", message.clone());
        return Err(Fault::conflict("exists", message).with(vec![error]));
    }
    let (wish, location, only) = wish(base, asked, id, countries, now)?;
    match opening::open(base, location, wish, only, now) {
        Ok(opened) => Ok(made(base, opened, now)),
        Err(NotOpened::NotOptedIn { technician }) => {
            let message = format!("masking is offered here, and {technician} has not opted in: no number is needed");
            let warnings = vec![Remark::new("technician_id", "not_opted_in", message)];
            Ok(Plan::put(base.only_tenant(), Answer::shown(&Unmasked { number: None, warnings })))
        }
        Err(NotOpened::Disabled { location }) => {
            let message =
                format!("masking is not enabled at location {location}: enable it, or name another location_id");
            Err(Fault::conflict("masking_disabled", message))
        }
        Err(NotOpened::There { session }) => {
            let message = format!("session {session} joins these parties already: use it, or end it first");
            Err(Fault::conflict("session_exists", message).member("session_ids", json!([session.as_str()])))
        }
        Err(NotOpened::Exhausted(exhausted)) => Err(exhausted_fault(&exhausted)),
    }
}

/// No number can be had.
pub fn exhausted_fault(exhausted: &Exhausted) -> Fault {
    let fault = Fault::conflict("number_pool_exhausted", exhausted_text(exhausted));
    match exhausted.next_free_at {
        Some(next) => fault.member("next_free_at", next.to_string().into()),
        None => fault,
    }
}

/// The same for a person.
pub fn exhausted_text(exhausted: &Exhausted) -> String {
    let next = match exhausted.next_free_at {
        Some(next) => format!("the next one is free at {next}"),
        None => "none will be free by itself".to_owned(),
    };
    let mend = if exhausted.capped {
        "raise max_masking_numbers, or release numbers"
    } else {
        "import numbers, or end sessions"
    };
    format!("no number is free for these parties; {next}: {mend}")
}

fn made(base: &Ruleset, opened: Opened, now: Moment) -> Plan<Answer> {
    let Opened { session, number } = opened;
    let shown = shape(base, &session, now);
    let answer = Answer::made(format!("/api/v1/sessions/{}", session.id), &shown);
    Plan::put(Ruleset { sessions: vec![session], numbers: vec![number], ..base.only_tenant() }, answer)
}

/// What is asked for: the session but for its number, where it belongs, and the number where one is named.
fn wish<'a>(
    base: &'a Ruleset,
    asked: &Asked,
    id: &str,
    countries: &[String],
    now: Moment,
) -> Result<(domain::Session, &'a Location, Option<MaskingNumber>), Fault> {
    let mut errors = Vec::new();
    let mut fields = asked.fields.clone();
    let job = text(&fields, "work_order_id").and_then(|id| base.work_orders.iter().find(|job| job.id.as_str() == id));
    parties(base, job, &mut fields, &mut errors);
    let named = fields.get("number").is_some_and(|number| !number.is_null());
    if !named && let Some(any) = base.numbers.iter().find(|number| !names(&fields, number.e164)) {
        // Which of them it is to be is found out later; until then any will do for reading the rest.
        fields.insert("number".to_owned(), any.e164.to_string().into());
    }
    errors.extend(refused(base, &fields, countries, now));
    let read = match body::read(Kind::Session, id, &fields, base) {
        Ok(read) => read,
        Err(findings) => {
            let told = findings.into_iter().filter(|found| !found.warning && (named || found.field != "number"));
            errors.extend(told.map(FieldError::from));
            if errors.is_empty() {
                return Err(exhausted_fault(&Exhausted { next_free_at: None, capped: false }));
            }
            return Err(Fault::wrong(errors));
        }
    };
    let Some(mut session) = read.rules.sessions.into_iter().next() else {
        return Err(crate::http::api::fault::broken());
    };
    let location = place(base, &session, job);
    if location.is_none() {
        errors.push(FieldError::new("location_id", "missing", "is missing, and the tenant has no default location"));
    }
    let (true, Some(location)) = (errors.is_empty(), location) else { return Err(Fault::wrong(errors)) };
    if let Some(job) = job
        && job.status != WorkOrderStatus::Open
    {
        let message = format!("work order {} is not open: reopen it first", job.id);
        return Err(Fault::conflict("work_order_closed", message));
    }
    session.location = Some(location.id.clone());
    session.started_at = Some(now);
    let only = named.then_some(session.number);
    Ok((session, location, only))
}

/// Fills in the phones of whoever is named.
fn parties(base: &Ruleset, job: Option<&WorkOrder>, fields: &mut Map<String, Value>, errors: &mut Vec<FieldError>) {
    let of_job = ["technician_id", "customer_id", "work_order_id"];
    if !of_job.iter().any(|field| fields.get(*field).is_some_and(|value| !value.is_null())) {
        return;
    }
    let technician = text(fields, "technician_id").or_else(|| job?.technician.as_ref().map(ToString::to_string));
    let technician = technician.map(|id| base.technicians.iter().find(|one| one.id.as_str() == id));
    let customer = text(fields, "customer_id").or_else(|| job?.customer.as_ref().map(ToString::to_string));
    let customer = customer.map(|id| base.customers.iter().find(|one| one.id.as_str() == id));
    let phone_of_customer = customer.map(|found| found.and_then(|one| one.phones.first().copied()));
    let phone_of_technician = technician.map(|found| found.and_then(|one| one.phone));
    for (side, who, known, found) in [
        ("first_party", "technician_id", technician.flatten().is_some(), phone_of_technician),
        ("second_party", "customer_id", customer.flatten().is_some(), phone_of_customer),
    ] {
        if fields.get(side).is_some_and(|value| !value.is_null()) {
            continue;
        }
        match found {
            Some(Some(phone)) => {
                fields.insert(side.to_owned(), phone.to_string().into());
            }
            Some(None) if known => {
                errors.push(FieldError::new(who, "no_phone", format!("has no phone in E.164; name {side}")));
            }
            // A reference to nobody is told of where it is read.
            Some(None) => {}
            None => errors.push(FieldError::new(side, "missing", format!("is missing; name it, or {who}"))),
        }
    }
}

/// What only a new session is refused for.
fn refused(base: &Ruleset, fields: &Map<String, Value>, countries: &[String], now: Moment) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let allowed = pairing::callable(base, countries);
    for side in ["first_party", "second_party"] {
        // What is no phone is told of where it is read.
        let Some(phone) = text(fields, side).and_then(|text| E164::read(&text)) else { continue };
        if let Some(region) = numbering::destination_refused(phone, &allowed) {
            let message = format!("may not be called: it is in {region}, or no ordinary number; see allowed_countries");
            errors.push(FieldError::new(side, "destination_refused", message));
        }
    }
    if is_past(fields, now) {
        errors.push(FieldError::new("expires_at", "out_of_range", "must be in the future"));
    }
    errors
}

/// Whether what is sent ends before it begins.
pub fn is_past(fields: &Map<String, Value>, now: Moment) -> bool {
    text(fields, "expires_at").and_then(|text| Moment::read(&text)).is_some_and(|at| at <= now)
}

/// Where a session belongs: to the location that is named, its job's, its technician's, its customer's, else the default.
fn place<'a>(base: &'a Ruleset, session: &domain::Session, job: Option<&WorkOrder>) -> Option<&'a Location> {
    if let Some(named) = &session.location {
        return base.location(named);
    }
    let SessionKind::Job { technician, customer, .. } = &session.kind else {
        return base.location(base.tenant.default_location.as_ref()?);
    };
    let blank = WorkOrder {
        id: "".into(),
        tenant: base.tenant.id.clone(),
        location: job.and_then(|job| job.location.clone()),
        customer: customer.clone(),
        technician: technician.clone(),
        title: String::new(),
        status: WorkOrderStatus::Open,
        tags: Vec::new(),
    };
    opening::location_of_job(base, &blank)
}

fn text(fields: &Map<String, Value>, field: &str) -> Option<String> {
    fields.get(field).and_then(Value::as_str).map(str::to_owned)
}

/// Whether a number stands in the body as a party.
fn names(fields: &Map<String, Value>, number: MaskingNumber) -> bool {
    ["first_party", "second_party"]
        .iter()
        .any(|side| text(fields, side).and_then(|text| E164::read(&text)) == Some(number.e164()))
}

/// A session that is over cannot be changed.
pub fn over(id: &str) -> Fault {
    let message = format!("session {id} is over: make another");
    Fault::new(StatusCode::CONFLICT, message.clone()).with(vec![FieldError::new("", "session_over", message)])
}
