//! `/api/v1/numbers`: the masking numbers, where each stands in its life, bringing them in and letting them go.
//!
//! Deliberately not here: buying numbers and giving them back at the provider (provisioning), and where a number stands
//! (`routing::standing`).

use std::collections::HashMap;
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
use super::crud::{chosen, named};
use super::fault::{Fault, Faults, FieldError, broken};
use super::page::{self, Items, PageParams};
use super::sessions::surroundings::rested;
use crate::domain::{self, Channel, E164, EndedBy, MaskingNumber, Moment, NumberState, Phase, SessionState};
use crate::http::House;
use crate::routing::job::stands;
use crate::routing::standing::{Candidate, Standing};
use crate::rules::file::body::{self, Kind};
use crate::rules::ruleset::Ruleset;
use crate::store::base::{Want, WantCustomers, WantSessions, Wants};
use crate::store::edit::Gone;
use crate::store::list::Page;
use crate::switchboard::desk::Plan;

/// A masking number.
#[derive(Serialize, ToSchema)]
pub struct Number {
    /// It, as `+` and digits.
    #[schema(example = "+13125550190")]
    pub e164: String,
    /// The account that rents it.
    #[schema(example = "acme-twilio")]
    pub provider_account_id: String,
    /// The location whose pool it is in; null means the tenant's.
    #[schema(required)]
    pub location_id: Option<String>,
    /// The technician that it stands for.
    #[schema(required)]
    pub technician_id: Option<String>,
    /// The job that it stands for.
    #[schema(required)]
    pub work_order_id: Option<String>,
    /// What it carries: `voice`, `sms`.
    pub capabilities: Vec<String>,
    /// Where calls without a session are sent on to.
    #[schema(required)]
    pub answer_url: Option<String>,
    /// Where it stands in its life: `available`, `assigned`, `grace`, `cooldown` or `retired`.
    #[schema(example = "assigned")]
    pub state: String,
    /// Until when it still routes, in grace.
    #[schema(required, format = DateTime)]
    pub grace_until: Option<String>,
    /// Since when it rests, or when it was released last.
    #[schema(required, format = DateTime)]
    pub released_at: Option<String>,
    /// When it is free again, by today's settings.
    #[schema(required, format = DateTime)]
    pub free_at: Option<String>,
}

/// A number as it is sent: one that is brought in, or the fields that change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `body` reads")]
pub struct NumberBody {
    /// It; never changes.
    #[schema(nullable = false, example = "+13125550190")]
    e164: Option<String>,
    /// The account that rents it; needed for a new one.
    #[schema(nullable = false)]
    provider_account_id: Option<String>,
    /// The location whose pool it is in; null for the tenant's.
    location_id: Option<String>,
    /// The technician that it stands for; null for none.
    technician_id: Option<String>,
    /// The job that it stands for; null for none.
    work_order_id: Option<String>,
    /// What it carries: `voice`, `sms`; both unless said.
    #[schema(nullable = false)]
    capabilities: Option<Vec<String>>,
    /// Where calls without a session are sent on to; null means that the location says what becomes of them.
    answer_url: Option<String>,
    /// The same by its other name; name one of the two.
    application_url: Option<String>,
}

const FILTERS: [&str; 3] = ["state", "location_id", "technician_id"];

/// The words of a list's filter.
const STATES: [&str; 5] = ["available", "assigned", "grace", "cooldown", "retired"];

/// Lists numbers.
#[utoipa::path(get, path = "/api/v1/numbers", tag = "numbers",
    params(PageParams, ("state" = Option<String>, Query, description = "As it stands now."),
        ("location_id" = Option<String>, Query), ("technician_id" = Option<String>, Query)),
    responses((status = 200, body = Items<Number>), Faults))]
pub async fn list(
    State(house): State<Arc<House>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Items<Number>>, Fault> {
    let mut asking = page::read(query.as_deref(), &FILTERS)?;
    // Where a number stands depends on today's settings: the store cannot tell.
    let state = asking.filter.state.take();
    if state.as_ref().is_some_and(|state| !STATES.contains(&state.as_str())) {
        let message = format!("must be one of {}", STATES.join(", "));
        return Err(Fault::wrong(vec![FieldError::new("state", "invalid", message)]));
    }
    let now = caller.asker.at;
    let mut base = house.base(&caller, &Wants::default()).await?.rules;
    let near = WantSessions::Near { since: rested(&base, now), phones: Vec::new() };
    base = house.base(&caller, &Wants { sessions: near, ..Wants::default() }).await?.rules;
    let candidates = Candidate::all(&base);
    let standing: HashMap<MaskingNumber, Standing> =
        candidates.iter().map(|one| (one.number.e164, one.standing(now))).collect();
    let mut items = Vec::new();
    let mut after = asking.page.after;
    loop {
        let limit = asking.page.limit.saturating_sub(u32::try_from(items.len()).unwrap_or(u32::MAX));
        let page = Page { limit, after };
        let listed = house.reader()?.list_numbers(&caller.tenant, &asking.filter, &page).await?;
        for number in &listed.items {
            let Some(standing) = standing.get(&number.e164) else { continue };
            if state.as_ref().is_none_or(|state| state == standing.word()) {
                items.push(shape(number, *standing));
            }
        }
        after = listed.next;
        if after.is_none() || items.len() >= usize::try_from(asking.page.limit).unwrap_or(usize::MAX) {
            break;
        }
    }
    Ok(Json(Items { items, next_cursor: after.map(|mark| mark.to_string()) }))
}

/// Brings a number in that an account rents already.
#[utoipa::path(post, path = "/api/v1/numbers", tag = "numbers", request_body = NumberBody,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Number, headers(("Location"), ("ETag"))), Faults))]
pub async fn import(State(house): State<Arc<House>>, caller: Caller, asked: Asked) -> Result<Answer, Fault> {
    let id = match asked.fields.get("e164") {
        None => String::new(),
        Some(_) => chosen(&asked, "e164")?,
    };
    let now = caller.asker.at;
    // A customer who has it as their phone is in the way.
    let customers = WantCustomers::WithPhone(id.clone());
    let wants = Wants { customers, work_orders: job_of(&asked), ..Wants::default() };
    house
        .change(&caller, asked.once.as_ref(), wants, |base| {
            if base.rules.numbers.iter().any(|number| number.e164.to_string() == id) {
                let message = "it is there already: change that one".to_owned();
                return Err(
                    Fault::conflict("exists", message.clone()).with(vec![FieldError::new("e164", "exists", message)])
                );
            }
            let number = read(&base.rules, &id, &asked)?;
            let standing = standing_of(&base.rules, &number, now);
            let answer = Answer::made(format!("/api/v1/numbers/{id}"), &shape(&number, standing));
            Ok(Plan::put(Ruleset { numbers: vec![number], ..base.rules.only_tenant() }, answer))
        })
        .await
}

/// Shows a number.
#[utoipa::path(get, path = "/api/v1/numbers/{e164}", tag = "numbers", params(("e164" = String, Path)),
    responses((status = 200, body = Number, headers(("ETag"))), Faults))]
pub async fn show(State(house): State<Arc<House>>, caller: Caller, Path(e164): Path<String>) -> Result<Answer, Fault> {
    let base = house.base(&caller, &on(&e164)).await?.rules;
    let number = find(&base, &e164)?;
    Ok(Answer::shown(&shape(number, standing_of(&base, number, caller.asker.at))))
}

/// Changes a number.
#[utoipa::path(method(patch, put), path = "/api/v1/numbers/{e164}", tag = "numbers", request_body = NumberBody,
    params(("e164" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = Number, headers(("ETag"))), Faults))]
pub async fn change(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(e164): Path<String>,
    asked: Asked,
) -> Result<Answer, Fault> {
    let now = caller.asker.at;
    house
        .change(&caller, None, Wants { work_orders: job_of(&asked), ..on(&e164) }, |base| {
            let before = find(&base.rules, &e164)?;
            let number = read(&base.rules, &e164, &asked)?;
            unchanged(&asked.headers, &shape(before, standing_of(&base.rules, before, now)))?;
            let answer = Answer::shown(&shape(&number, standing_of(&base.rules, &number, now)));
            Ok(Plan::put(Ruleset { numbers: vec![number], ..base.rules.only_tenant() }, answer))
        })
        .await
}

/// Releases a number: from now on it routes nothing, and it is free again once it has rested.
///
/// Sessions in grace end with it. 409 `number_in_use` names live sessions: end them first.
#[utoipa::path(post, path = "/api/v1/numbers/{e164}/release", tag = "numbers",
    params(("e164" = String, Path), ("If-Match" = Option<String>, Header), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = Number, headers(("ETag"))), Faults))]
pub async fn release(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(e164): Path<String>,
    asked: Asked,
) -> Result<Answer, Fault> {
    super::work_orders::only(&asked, &[])?;
    let now = caller.asker.at;
    house
        .change(&caller, asked.once.as_ref(), on(&e164), |base| {
            let before = find(&base.rules, &e164)?;
            unchanged(&asked.headers, &shape(before, standing_of(&base.rules, before, now)))?;
            let rules = released(&base.rules, before, now)?;
            let number = rules.numbers.first().unwrap_or(before);
            // Its sessions are over then, and say nothing of it any more.
            let answer = Answer::shown(&shape(number, standing_of(&base.rules, number, now)));
            Ok(Plan::put(rules, answer))
        })
        .await
}

/// Takes a number away that was given back, or that nobody uses.
#[utoipa::path(delete, path = "/api/v1/numbers/{e164}", tag = "numbers",
    params(("e164" = String, Path), ("If-Match" = Option<String>, Header)), responses((status = 204), Faults))]
pub async fn remove(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(e164): Path<String>,
    headers: HeaderMap,
) -> Result<Answer, Fault> {
    let now = caller.asker.at;
    house
        .change(&caller, None, on(&e164), |base| {
            let before = find(&base.rules, &e164)?;
            let standing = standing_of(&base.rules, before, now);
            unchanged(&headers, &shape(before, standing))?;
            let sessions = using(&base.rules, before, now, true);
            if !sessions.is_empty() {
                return Err(in_use(&sessions));
            }
            match standing {
                Standing::Available | Standing::Retired => {}
                Standing::Assigned | Standing::Grace { .. } | Standing::Cooldown { .. } => {
                    let message =
                        format!("the number is in state {}: release it, and let it rest, first", standing.word());
                    return Err(Fault::conflict("number_held", message));
                }
            }
            Ok(Plan::take(&base.rules, Gone::Number(before.e164), Answer::gone()))
        })
        .await
}

/// What releasing a number comes to.
fn released(base: &Ruleset, number: &domain::Number, now: Moment) -> Result<Ruleset, Fault> {
    let live = using(base, number, now, false);
    if !live.is_empty() {
        return Err(in_use(&live));
    }
    let mut rules = base.only_tenant();
    match number.state {
        NumberState::Retired => {
            return Err(Fault::conflict("number_retired", "the number was given back to the provider already"));
        }
        NumberState::Released { at } if at <= now => return Ok(rules),
        NumberState::Released { .. } | NumberState::Available | NumberState::Assigned => {}
    }
    let graced = base.sessions.iter().filter(|session| session.number == number.e164);
    let graced = graced.filter(|session| stands(base, session, now) == Phase::Grace);
    let state = SessionState::Ended { at: now, by: EndedBy::Api };
    rules.sessions = graced.map(|session| domain::Session { state, ..session.clone() }).collect();
    rules.numbers.push(domain::Number { state: NumberState::Released { at: now }, ..number.clone() });
    Ok(rules)
}

/// The sessions that use a number: those that are live or to begin, and in grace too.
fn using(base: &Ruleset, number: &domain::Number, now: Moment, graced: bool) -> Vec<String> {
    let on_it = base.sessions.iter().filter(|session| session.number == number.e164);
    let using = on_it.filter(|session| match stands(base, session, now) {
        Phase::Live | Phase::NotYet => true,
        Phase::Grace => graced,
        Phase::Over { .. } => false,
    });
    using.map(|session| session.id.to_string()).collect()
}

fn in_use(sessions: &[String]) -> Fault {
    let message = format!("{} sessions still use this number: end them first", sessions.len());
    Fault::conflict("number_in_use", message).member("session_ids", json!(sessions))
}

/// A number with what was sent of it.
fn read(base: &Ruleset, id: &str, asked: &Asked) -> Result<domain::Number, Fault> {
    let mut errors = Vec::new();
    let mut fields = asked.fields.clone();
    if id.is_empty() {
        errors.push(FieldError::new("e164", "missing", "is missing: + and 7 to 15 digits"));
    }
    for field in ["state", "released_at"] {
        if fields.shift_remove(field).is_some() {
            let message = "is what happened to the number; POST …/release releases it";
            errors.push(FieldError::new(field, "read_only", message));
        }
    }
    // A number that is not named cannot be read; its other fields can.
    let readable = if id.is_empty() { "+10000000" } else { id };
    match body::read(Kind::Number, readable, &fields, base) {
        Ok(read) if errors.is_empty() => read.rules.numbers.into_iter().next().ok_or_else(broken),
        Ok(_) => Err(Fault::wrong(errors)),
        Err(found) => {
            errors.extend(found.into_iter().filter(|found| !found.warning).map(FieldError::from));
            Err(Fault::wrong(errors))
        }
    }
}

/// Where a number stands, as it is or as it is to be.
fn standing_of(base: &Ruleset, number: &domain::Number, now: Moment) -> Standing {
    let alone = Ruleset { numbers: vec![number.clone()], ..base.clone() };
    Candidate::all(&alone).first().map_or(Standing::Available, |one| one.standing(now))
}

/// The job that a number is to stand for.
fn job_of(asked: &Asked) -> Want {
    Want::Ids(named(asked, "work_order_id").into_iter().map(str::to_owned).collect())
}

fn on(e164: &str) -> Wants {
    Wants { sessions: WantSessions::OnNumber(e164.to_owned()), ..Wants::default() }
}

fn find<'a>(base: &'a Ruleset, e164: &str) -> Result<&'a domain::Number, Fault> {
    let wanted = E164::read(e164).ok_or_else(Fault::unknown)?;
    base.numbers.iter().find(|number| number.e164.e164() == wanted).ok_or_else(Fault::unknown)
}

fn shape(number: &domain::Number, standing: Standing) -> Number {
    let (mut grace_until, mut released_at, mut free_at) = (None, None, None);
    match (standing, number.state) {
        (Standing::Grace { until }, _) => grace_until = Some(until.to_string()),
        (Standing::Cooldown { since, until }, _) => {
            released_at = (since != Moment(i64::MIN)).then(|| since.to_string());
            free_at = Some(until.to_string());
        }
        (_, NumberState::Released { at }) => released_at = Some(at.to_string()),
        (Standing::Available | Standing::Assigned | Standing::Retired, _) => {}
    }
    let channels = Channel::ALL.iter().filter(|channel| number.capabilities.has(**channel));
    Number {
        e164: number.e164.to_string(),
        provider_account_id: number.account.to_string(),
        location_id: number.location.as_ref().map(ToString::to_string),
        technician_id: number.technician.as_ref().map(ToString::to_string),
        work_order_id: number.work_order.as_ref().map(ToString::to_string),
        capabilities: channels.map(|channel| channel.word().to_owned()).collect(),
        answer_url: number.answer_url.clone(),
        state: standing.word().to_owned(),
        grace_until,
        released_at,
        free_at,
    }
}
