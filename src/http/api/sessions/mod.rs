//! `/api/v1/sessions`: who is joined through which number.
//!
//! Deliberately not here: the compatible doors onto the same sessions, and choosing a number (`routing::allot`).

mod opening;
mod shape;
pub mod surroundings;

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use serde::Deserialize;
use utoipa::ToSchema;

use super::answer::{Answer, unchanged};
use super::asked::Asked;
use super::caller::Caller;
use super::crud::{chosen, named};
use super::fault::{Fault, Faults, FieldError, broken};
use super::page::{self, Items, PageParams};
use crate::domain::{self, EndedBy, Moment, SessionState};
use crate::http::House;
use crate::rules::file::body::{self, Kind};
use crate::rules::ruleset::Ruleset;
use crate::store::base::{WantSessions, Wants};
use crate::store::list::Page;
use crate::switchboard::desk::Plan;

pub use opening::{Unmasked, exhausted_fault, exhausted_text};
pub use shape::{Remark, Session, SessionPhase, shape};
use surroundings::Named;

/// A session as it is asked for.
///
/// With a technician, a customer or a job it is theirs, and takes their phones unless it names others; what is not named
/// is taken from the job. Without any of them it is a plain pair: two phones, joined both ways, or one that takes
/// whoever calls.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `body` reads")]
pub struct SessionBody {
    /// Chosen by the client, or made.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", nullable = false)]
    id: Option<String>,
    /// The number that both see; chosen where none is named.
    #[schema(nullable = false, example = "+13125550190")]
    number: Option<String>,
    /// The technician side, as `+` and digits.
    first_party: Option<String>,
    /// The customer side, likewise.
    second_party: Option<String>,
    /// Where it belongs; its job's, technician's or customer's location, or the tenant's default, unless named.
    location_id: Option<String>,
    /// Its technician.
    technician_id: Option<String>,
    /// Its customer.
    customer_id: Option<String>,
    /// Its job, which must be open.
    work_order_id: Option<String>,
    /// When it ends by the clock.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// Seconds that the other party's phone rings.
    #[schema(minimum = 5, maximum = 600)]
    ring_timeout: Option<u16>,
    /// Seconds that a call may last.
    #[schema(minimum = 60, maximum = 86400)]
    call_time_limit: Option<u32>,
    /// Whether its calls are recorded.
    record: Option<bool>,
    /// Played to the first party before bridging.
    first_party_play_url: Option<String>,
    /// Played to the second party before bridging.
    second_party_play_url: Option<String>,
}

/// What of a session may change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `change` reads")]
pub struct SessionChange {
    /// When it ends by the clock; null for never.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// Seconds that the other party's phone rings.
    #[schema(minimum = 5, maximum = 600)]
    ring_timeout: Option<u16>,
    /// Seconds that a call may last.
    #[schema(minimum = 60, maximum = 86400)]
    call_time_limit: Option<u32>,
    /// Whether its calls are recorded.
    record: Option<bool>,
    /// Played to the first party before bridging.
    first_party_play_url: Option<String>,
    /// Played to the second party before bridging.
    second_party_play_url: Option<String>,
}

/// The fields of [`SessionChange`].
const CHANGEABLE: [&str; 6] =
    ["expires_at", "ring_timeout", "call_time_limit", "record", "first_party_play_url", "second_party_play_url"];

const FILTERS: [&str; 6] = ["number", "location_id", "technician_id", "customer_id", "work_order_id", "state"];

/// Lists sessions.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "sessions",
    params(PageParams, ("number" = Option<String>, Query), ("location_id" = Option<String>, Query),
        ("technician_id" = Option<String>, Query), ("customer_id" = Option<String>, Query),
        ("work_order_id" = Option<String>, Query),
        ("state" = Option<String>, Query, description = "`not_yet`, `live`, `grace` or `over`, as they stand now.")),
    responses((status = 200, body = Items<Session>), Faults))]
pub async fn list(
    State(house): State<Arc<House>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Items<Session>>, Fault> {
    let mut asking = page::read(query.as_deref(), &FILTERS)?;
    // Where a session stands depends on today's settings: the store cannot tell.
    let state = match asking.filter.state.take() {
        None => None,
        Some(word) => Some(SessionPhase::read(&word).ok_or_else(|| {
            Fault::wrong(vec![FieldError::new("state", "invalid", "must be not_yet, live, grace or over")])
        })?),
    };
    if state == Some(SessionPhase::Live) {
        asking.filter.state = Some("live".to_owned());
    }
    let now = caller.asker.at;
    let mut items = Vec::new();
    let mut after = asking.page.after;
    loop {
        let limit = asking.page.limit.saturating_sub(u32::try_from(items.len()).unwrap_or(u32::MAX));
        let page = Page { limit, after };
        let listed = house.reader()?.list_sessions(&caller.tenant, &asking.filter, &page).await?;
        let ids = listed.items.iter().map(|session| session.id.to_string()).collect();
        let base = house.base(&caller, &Wants { sessions: WantSessions::Ids(ids), ..Wants::default() }).await?.rules;
        let shown = listed.items.iter().map(|session| shape(&base, session, now));
        items.extend(shown.filter(|session| state.is_none_or(|state| session.state == state)));
        after = listed.next;
        if after.is_none() || items.len() >= usize::try_from(asking.page.limit).unwrap_or(usize::MAX) {
            break;
        }
    }
    Ok(Json(Items { items, next_cursor: after.map(|mark| mark.to_string()) }))
}

/// Makes a session.
///
/// Its number is the one that this pair had before, else the best that is free. 409 `number_pool_exhausted` says when the
/// next one is free; `masking_disabled`, `session_exists` and `work_order_closed` say what is in the way. Where masking is
/// offered and the technician has not opted in, nothing is made: the answer is 200, its number null.
#[utoipa::path(post, path = "/api/v1/sessions", tag = "sessions",
    request_body = SessionBody, params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Session, headers(("Location"), ("ETag"))),
        (status = 200, body = Unmasked, description = "Masking is offered, and the technician has not opted in."),
        Faults))]
pub async fn create(State(house): State<Arc<House>>, caller: Caller, asked: Asked) -> Result<Answer, Fault> {
    let id = chosen(&asked, "id")?;
    let whom = Named {
        technician: named(&asked, "technician_id"),
        customer: named(&asked, "customer_id"),
        work_order: named(&asked, "work_order_id"),
        phones: [named(&asked, "first_party"), named(&asked, "second_party")],
    };
    let wants = surroundings::wants(&house, &caller, whom).await?;
    let now = caller.asker.at;
    let countries = house.board.countries();
    house
        .change(&caller, asked.once.as_ref(), wants, |base| opening::open(&base.rules, &asked, &id, countries, now))
        .await
}

/// Shows a session.
#[utoipa::path(get, path = "/api/v1/sessions/{id}", tag = "sessions", params(("id" = String, Path)),
    responses((status = 200, body = Session, headers(("ETag"))), Faults))]
pub async fn show(State(house): State<Arc<House>>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Fault> {
    let base = house.base(&caller, &one(&id)).await?;
    let session = find(&base.rules, &id)?;
    Ok(Answer::shown(&shape(&base.rules, session, caller.asker.at)))
}

/// Changes when a session ends, and its options.
///
/// Its parties and its number are settled when it is made: end it, and make another.
#[utoipa::path(method(patch, put), path = "/api/v1/sessions/{id}", tag = "sessions", request_body = SessionChange,
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = Session, headers(("ETag"))), Faults))]
pub async fn change(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Answer, Fault> {
    let now = caller.asker.at;
    house
        .change(&caller, None, one(&id), |base| {
            let before = find(&base.rules, &id)?;
            let session = changed(&base.rules, &asked, before, now)?;
            unchanged(&asked.headers, &shape(&base.rules, before, now))?;
            let answer = Answer::shown(&shape(&base.rules, &session, now));
            Ok(Plan::put(Ruleset { sessions: vec![session], ..base.rules.only_tenant() }, answer))
        })
        .await
}

/// Ends a session. It stays to be looked at; a call in progress goes on.
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", tag = "sessions",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)), responses((status = 204), Faults))]
pub async fn end(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Answer, Fault> {
    let now = caller.asker.at;
    house
        .change(&caller, None, one(&id), |base| {
            let before = find(&base.rules, &id)?;
            unchanged(&headers, &shape(&base.rules, before, now))?;
            let mut rules = base.rules.only_tenant();
            if SessionPhase::of(&base.rules, before, now) != SessionPhase::Over {
                let state = SessionState::Ended { at: now, by: EndedBy::Api };
                rules.sessions.push(domain::Session { state, ..before.clone() });
            }
            Ok(Plan::put(rules, Answer::gone()))
        })
        .await
}

/// A session with what was sent of it.
fn changed(base: &Ruleset, asked: &Asked, before: &domain::Session, now: Moment) -> Result<domain::Session, Fault> {
    let settled = |field: &&String| {
        body::fields(Kind::Session).contains(&field.as_str()) && !CHANGEABLE.contains(&field.as_str())
    };
    let mut errors: Vec<FieldError> = asked
        .fields
        .keys()
        .filter(settled)
        .map(|field| {
            FieldError::new(field, "read_only", "is settled when the session is made: end it, and make another")
        })
        .collect();
    if opening::is_past(&asked.fields, now) {
        errors.push(FieldError::new(
            "expires_at",
            "out_of_range",
            "must be in the future; DELETE ends a session at once",
        ));
    }
    let mut fields = asked.fields.clone();
    fields.retain(|field, _| !settled(&field));
    let read = body::read(Kind::Session, before.id.as_str(), &fields, base).map_err(|found| {
        let found = found.into_iter().filter(|found| !found.warning).map(FieldError::from);
        Fault::wrong(errors.clone().into_iter().chain(found).collect())
    })?;
    let session = read.rules.sessions.into_iter().next().ok_or_else(broken)?;
    if !errors.is_empty() {
        return Err(Fault::wrong(errors));
    }
    if SessionPhase::of(base, before, now) == SessionPhase::Over {
        return Err(opening::over(before.id.as_str()));
    }
    Ok(session)
}

fn one(id: &str) -> Wants {
    Wants { sessions: WantSessions::Ids(vec![id.to_owned()]), ..Wants::default() }
}

fn find<'a>(base: &'a Ruleset, id: &str) -> Result<&'a domain::Session, Fault> {
    base.sessions.iter().find(|session| session.id.as_str() == id).ok_or_else(Fault::unknown)
}
