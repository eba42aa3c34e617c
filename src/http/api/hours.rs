//! `/api/v1/locations/{id}/hours`: whether an office is open, why, and until when.
//!
//! Deliberately not here: saying so by hand (`overrides`), and changing the schedule (`locations`).

use std::sync::Arc;

use axum::Json;
use axum::extract::{self, Path, RawQuery};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Caller;
use super::fault::{Fault, Faults, FieldError, broken};
use super::words::{HoursSourceWord, HoursStateWord};
use crate::domain::{Location, Moment};
use crate::http::House;
use crate::rules::hours::{self, HoursState};
use crate::rules::ruleset::Ruleset;
use crate::store::base::Wants;

/// How far ahead changes are told, in days, and how many of them.
const AHEAD_DAYS: i64 = 14;
const MOST: usize = 200;

/// Whether an office is open.
#[derive(Serialize, ToSchema)]
pub struct Hours {
    /// The instant that this is about.
    #[schema(format = DateTime)]
    pub at: String,
    /// The same by the office's clock.
    #[schema(format = DateTime, example = "2026-03-09T09:02:11-05:00")]
    pub local_time: String,
    /// IANA name of its time zone.
    #[schema(example = "America/Chicago")]
    pub time_zone: String,
    /// Its state.
    #[serde(flatten)]
    pub now: State,
    /// When this state began; null where that is more than 400 days ago.
    #[schema(required, format = DateTime)]
    pub since: Option<String>,
    /// When it ends; null where that is more than 400 days away.
    #[schema(required, format = DateTime)]
    pub until: Option<String>,
    /// When it next opens or closes; null where that is more than 400 days away.
    #[schema(required, format = DateTime)]
    pub next_change: Option<String>,
    /// Every change of its state in the 14 days to come, at most 200.
    pub changes: Vec<Change>,
}

/// A state.
#[derive(Serialize, ToSchema)]
#[schema(as = HoursState)]
pub struct State {
    /// Which.
    #[schema(value_type = HoursStateWord)]
    pub state: &'static str,
    /// Whether calls go where they go in hours.
    pub open: bool,
    /// What decided it.
    #[schema(value_type = HoursSourceWord)]
    pub source: &'static str,
}

/// A change.
#[derive(Serialize, ToSchema)]
#[schema(as = HoursChange)]
pub struct Change {
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// The same by the office's clock.
    #[schema(format = DateTime)]
    pub local_time: String,
    /// The state that begins.
    #[serde(flatten)]
    pub to: State,
}

impl From<&HoursState> for State {
    fn from(state: &HoursState) -> Self {
        Self { state: state.state.word(), open: state.state.is_open(), source: state.source.word() }
    }
}

/// The location of this id.
pub fn location<'a>(rules: &'a Ruleset, id: &str) -> Result<&'a Location, Fault> {
    rules.location(&id.into()).ok_or_else(Fault::unknown)
}

/// Its hours, compiled for questions about this instant.
pub fn compiled(location: &Location, around: Moment) -> Result<hours::Hours, Fault> {
    hours::Hours::compile(location, around).map_err(|mistakes| {
        tracing::error!(location = %location.id, ?mistakes, "hours that are stored cannot be compiled");
        broken()
    })
}

/// Tells whether a location is open now, or at another time.
#[utoipa::path(get, path = "/api/v1/locations/{id}/hours", tag = "locations",
    params(("id" = String, Path), ("at" = Option<String>, Query, description = "An instant (RFC 3339); now unless said")),
    responses((status = 200, body = Hours), Faults))]
pub async fn show(
    extract::State(house): extract::State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Hours>, Fault> {
    let at = instant(query.as_deref())?.unwrap_or(caller.asker.at);
    let base = house.base(&caller, &Wants::default()).await?;
    let location = location(&base.rules, &id)?;
    Ok(Json(tell(location, &compiled(location, at)?, at)))
}

fn tell(location: &Location, hours: &hours::Hours, at: Moment) -> Hours {
    let state = hours.at(at, &location.overrides);
    let changes = hours.changes(at, at.plus_days(AHEAD_DAYS), &location.overrides, MOST);
    let told = |at: Option<Moment>| at.map(|at| at.to_string());
    Hours {
        at: at.to_string(),
        local_time: hours.rfc3339(at),
        time_zone: location.time_zone.clone(),
        now: State::from(&state),
        since: told(state.since),
        until: told(state.until),
        next_change: told(state.next_change),
        changes: changes
            .iter()
            .map(|(at, state)| Change { at: at.to_string(), local_time: hours.rfc3339(*at), to: State::from(state) })
            .collect(),
    }
}

/// The instant that is asked about.
fn instant(query: Option<&str>) -> Result<Option<Moment>, Fault> {
    let (mut at, mut errors) = (None, Vec::new());
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if name != "at" {
            errors.push(FieldError::new(name, "unknown_field", "no such parameter; there is at"));
        } else if at.is_some() {
            errors.push(FieldError::new("at", "repeated", "stands twice"));
        } else if let Some(read) = Moment::read(&value) {
            at = Some(read);
        } else {
            let message = "must be an instant such as 2026-03-09T14:02:11Z; a + in it is written %2B";
            errors.push(FieldError::new("at", "invalid", message));
        }
    }
    if errors.is_empty() { Ok(at) } else { Err(Fault::wrong(errors)) }
}
