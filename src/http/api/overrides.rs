//! `/api/v1/locations/{id}/hours/overrides`: an office is opened or closed by hand, for a while.
//!
//! Deliberately not here: what a call does then (`rules::hours`). **Invariant:** what is made here has an end.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::answer::{Answer, unchanged};
use super::asked::Asked;
use super::caller::Caller;
use super::fault::{Fault, Faults, FieldError};
use super::hours::{compiled, location};
use super::page::{self, Items, PageParams};
use super::words::OverrideWord;
use crate::domain::{Location, Moment, Override, OverrideState};
use crate::http::House;
use crate::rules::ruleset::Ruleset;
use crate::store::base::Wants;
use crate::store::edit::fingerprint;
use crate::switchboard::desk::Plan;

/// How long one that has ended is kept, in days: so far back a decision can be explained with it.
const KEPT_DAYS: i64 = 31;

/// How many of a location may not have ended.
const MOST: usize = 100;

/// An opening or closing by hand.
#[derive(Serialize, ToSchema)]
pub struct HoursOverride {
    /// Its id.
    pub id: String,
    /// Open or closed.
    #[schema(value_type = OverrideWord)]
    pub state: &'static str,
    /// When it begins; null since ever.
    #[schema(required, format = DateTime)]
    pub from: Option<String>,
    /// When it ends. Null only of one that a rules file declares and that has no end in sight.
    #[schema(required, format = DateTime)]
    pub until: Option<String>,
}

/// An opening or closing by hand as it is sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `read` reads")]
pub struct HoursOverrideBody {
    /// Open or closed.
    #[schema(value_type = OverrideWord)]
    state: String,
    /// When it begins (RFC 3339); now unless said.
    #[schema(format = DateTime)]
    from: Option<String>,
    /// When it ends; at the next scheduled opening or closing unless said.
    #[schema(format = DateTime)]
    until: Option<String>,
}

/// An override is what it says: of the same location, state and times there is one.
fn id(location: &Location, by_hand: &Override) -> String {
    let Override { state, from, until } = by_hand;
    let time = |at: &Option<Moment>| {
        at.map_or([0; 9], |at| {
            let mut bytes = [1; 9];
            bytes[1..].copy_from_slice(&at.0.to_be_bytes());
            bytes
        })
    };
    let parts: [&[u8]; 4] = [location.id.as_str().as_bytes(), state.word().as_bytes(), &time(from), &time(until)];
    hex::encode(&fingerprint(&parts)[..8])
}

fn shape(location: &Location, by_hand: &Override) -> Result<HoursOverride, Fault> {
    let until = match (by_hand.from, by_hand.until) {
        // A rules file may leave the end to the schedule.
        (Some(from), None) => compiled(location, from)?.bounded(*by_hand, from).until,
        (_, until) => until,
    };
    Ok(HoursOverride {
        id: id(location, by_hand),
        state: by_hand.state.word(),
        from: by_hand.from.map(|at| at.to_string()),
        until: until.map(|at| at.to_string()),
    })
}

/// Lists openings and closings by hand, also those that are over, for a month. Where two overlap, the first here holds.
#[utoipa::path(get, path = "/api/v1/locations/{id}/hours/overrides", tag = "locations",
    params(PageParams, ("id" = String, Path)),
    responses((status = 200, body = Items<HoursOverride>), Faults))]
pub async fn list(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Items<HoursOverride>>, Fault> {
    let (part, _) = page::read_part(query.as_deref(), &[])?;
    let base = house.base(&caller, &Wants::default()).await?;
    let location = location(&base.rules, &id)?;
    let all = location.overrides.iter().rev().map(|one| shape(location, one)).collect::<Result<Vec<_>, Fault>>()?;
    Ok(Json(part.cut(all, |one| &one.id)?))
}

/// Opens or closes an office by hand.
#[utoipa::path(post, path = "/api/v1/locations/{id}/hours/overrides", tag = "locations",
    request_body = HoursOverrideBody,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = HoursOverride, headers(("Location"), ("ETag"))), Faults))]
pub async fn create(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(office): Path<String>,
    asked: Asked,
) -> Result<Answer, Fault> {
    let now = caller.asker.at;
    house
        .change(&caller, asked.once.as_ref(), Wants::default(), |base| {
            let mut location = location(&base.rules, &office)?.clone();
            let by_hand = read(&asked, &location, now)?;
            let made = shape(&location, &by_hand)?;
            if location.overrides.contains(&by_hand) {
                return Err(Fault::conflict("exists", format!("There is such an override already: {}.", made.id)));
            }
            location.overrides.retain(|one| one.until.is_none_or(|until| until.plus_days(KEPT_DAYS) > now));
            if location.overrides.iter().filter(|one| one.until.is_none_or(|until| until > now)).count() >= MOST {
                let detail = format!("The location has {MOST} overrides that have not ended: take some away first.");
                return Err(Fault::conflict("too_many", detail));
            }
            location.overrides.push(by_hand);
            let address = format!("/api/v1/locations/{office}/hours/overrides/{}", made.id);
            Ok(Plan::put(with(&base.rules, location), Answer::made(address, &made)))
        })
        .await
}

/// Shows an opening or closing by hand.
#[utoipa::path(get, path = "/api/v1/locations/{id}/hours/overrides/{override_id}", tag = "locations",
    params(("id" = String, Path), ("override_id" = String, Path)),
    responses((status = 200, body = HoursOverride, headers(("ETag"))), Faults))]
pub async fn show(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path((office, override_id)): Path<(String, String)>,
) -> Result<Answer, Fault> {
    let base = house.base(&caller, &Wants::default()).await?;
    let location = location(&base.rules, &office)?;
    Ok(Answer::shown(&shape(location, &location.overrides[find(location, &override_id)?])?))
}

/// Takes an opening or closing by hand back: from now on the schedule counts again.
#[utoipa::path(delete, path = "/api/v1/locations/{id}/hours/overrides/{override_id}", tag = "locations",
    params(("id" = String, Path), ("override_id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204), Faults))]
pub async fn remove(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path((office, override_id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Answer, Fault> {
    house
        .change(&caller, None, Wants::default(), |base| {
            let mut location = location(&base.rules, &office)?.clone();
            let index = find(&location, &override_id)?;
            unchanged(&headers, &shape(&location, &location.overrides[index])?)?;
            location.overrides.remove(index);
            Ok(Plan::put(with(&base.rules, location), Answer::gone()))
        })
        .await
}

/// Where it stands among the location's.
fn find(location: &Location, override_id: &str) -> Result<usize, Fault> {
    location.overrides.iter().position(|one| id(location, one) == override_id).ok_or_else(Fault::unknown)
}

fn with(rules: &Ruleset, location: Location) -> Ruleset {
    Ruleset { locations: vec![location], ..rules.only_tenant() }
}

/// What a body asks for, with its end.
fn read(asked: &Asked, location: &Location, now: Moment) -> Result<Override, Fault> {
    let mut errors = Vec::new();
    for field in asked.fields.keys().filter(|field| !["state", "from", "until"].contains(&field.as_str())) {
        errors.push(FieldError::new(field, "unknown_field", "no such field; there are state, from, until"));
    }
    let state = match asked.fields.get("state") {
        None => Err(("missing", "is missing: open or closed")),
        Some(Value::String(word)) => OverrideState::read(word).ok_or(("invalid", "must be open or closed")),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Err(("wrong_type", "must be a text: open or closed"))
        }
    };
    let state = state.map_err(|(code, message)| errors.push(FieldError::new("state", code, message))).ok();
    let (from, until) = (instant(asked, "from", &mut errors), instant(asked, "until", &mut errors));
    let begins = from.unwrap_or(now);
    if let Some(until) = until {
        if until <= begins {
            errors.push(FieldError::new(
                "until",
                "invalid",
                "must be later than from, and than now where there is none",
            ));
        } else if until <= now {
            errors.push(FieldError::new("until", "invalid", "is over already"));
        }
    }
    let (Some(state), true) = (state, errors.is_empty()) else { return Err(Fault::wrong(errors)) };
    let by_hand = compiled(location, begins)?.bounded(Override { state, from, until }, now);
    match by_hand.until {
        None => {
            let message = "is missing, and no opening or closing is scheduled that would end it: say until when";
            Err(Fault::wrong(vec![FieldError::new("until", "missing", message)]))
        }
        Some(until) if until <= now => {
            let message = "is missing, and the next change after from is over already: say until when";
            Err(Fault::wrong(vec![FieldError::new("until", "missing", message)]))
        }
        Some(_) => Ok(by_hand),
    }
}

/// An instant of a body; nothing where it is null or absent.
fn instant(asked: &Asked, field: &str, errors: &mut Vec<FieldError>) -> Option<Moment> {
    let (code, message) = match asked.fields.get(field) {
        None | Some(Value::Null) => return None,
        Some(Value::String(text)) => match Moment::read(text) {
            Some(at) => return Some(at),
            None => ("invalid", "must be an instant with an offset, such as 2026-03-09T09:02:11-05:00"),
        },
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            ("wrong_type", "must be an instant such as 2026-03-09T09:02:11-05:00")
        }
    };
    errors.push(FieldError::new(field, code, message));
    None
}
