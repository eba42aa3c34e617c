//! `/api/v1/backoffice-lines`.
//!
//! Deliberately not here: moving a line to another location; a line is made there and this one is taken away.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{Answer, unchanged};
use super::asked::Asked;
use super::caller::Caller;
use super::crud::{self, Declared};
use super::fault::{Fault, Faults};
use super::page::{self, Items, PageParams};
use crate::domain::{Line, Location, LocationId};
use crate::http::House;
use crate::rules::file::body::Kind;
use crate::rules::removal::Going;
use crate::rules::ruleset::Ruleset;
use crate::store::base::{WantSessions, Wants};
use crate::switchboard::desk::Plan;

/// A phone of the back office.
#[derive(Serialize, ToSchema)]
pub struct BackofficeLine {
    /// Its id.
    #[schema(example = "desk-1")]
    pub id: String,
    /// The office that it belongs to.
    #[schema(example = "chicago")]
    pub location_id: String,
    /// Its phone, as `+` and digits.
    #[schema(example = "+13125550123")]
    pub phone: String,
    /// Where it stands in the order in which the office's lines ring, from 1.
    pub position: u16,
    /// Whether it rings.
    pub active: bool,
    /// Whether it takes texts.
    pub sms: bool,
}

/// A line as it is sent: a new one, or the fields that change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `rules` reads")]
pub struct BackofficeLineBody {
    /// Chosen by the client, or made.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", nullable = false)]
    id: Option<String>,
    /// The office that it belongs to; a new line needs it, and it never changes.
    #[schema(nullable = false)]
    location_id: Option<String>,
    /// Its phone: E.164, or national of the tenant's country; a new line needs it.
    #[schema(nullable = false)]
    phone: Option<String>,
    /// Where it stands in the order; behind the others unless said.
    #[schema(minimum = 1, maximum = 1000, nullable = false)]
    position: Option<u16>,
    /// Whether it rings; true unless said. Only one line may be active where the location requires an accept key
    /// (`fr7_accept_needs_single_line`).
    #[schema(nullable = false)]
    active: Option<bool>,
    /// Whether it takes texts; false unless said.
    #[schema(nullable = false)]
    sms: Option<bool>,
}

/// Back-office lines.
pub struct Lines;

impl Declared for Lines {
    const KIND: Kind = Kind::Line;
    const PATH: &'static str = "/api/v1/backoffice-lines";
    type Shape = BackofficeLine;

    fn wants(_: &str, _: &Asked) -> Wants {
        Wants::default()
    }

    fn wants_to_show(_: &str) -> Wants {
        Wants::default()
    }

    fn find(rules: &Ruleset, id: &str) -> Option<BackofficeLine> {
        let (location, line) =
            rules.locations.iter().find_map(|one| of(one).find(|(_, line)| line.id.as_str() == id))?;
        Some(shape(location, line))
    }
}

/// The lines of a location, each with it.
fn of(location: &Location) -> impl Iterator<Item = (&Location, &Line)> {
    location.lines.iter().map(move |line| (location, line))
}

/// The location of a line.
fn home<'a>(rules: &'a Ruleset, id: &str) -> Option<&'a Location> {
    rules.locations.iter().find(|one| one.lines.iter().any(|line| line.id.as_str() == id))
}

fn shape(location: &Location, line: &Line) -> BackofficeLine {
    let Line { id, phone, position, active, sms } = line;
    BackofficeLine {
        id: id.to_string(),
        location_id: location.id.to_string(),
        phone: phone.to_string(),
        position: *position,
        active: *active,
        sms: *sms,
    }
}

/// Lists back-office lines: location by location, in the order in which they ring.
#[utoipa::path(get, path = "/api/v1/backoffice-lines", tag = "backoffice-lines",
    params(PageParams, ("location_id" = Option<String>, Query), ("active" = Option<bool>, Query)),
    responses((status = 200, body = Items<BackofficeLine>), Faults))]
pub async fn list(
    State(house): State<Arc<House>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Items<BackofficeLine>>, Fault> {
    let (part, filter) = page::read_part(query.as_deref(), &["location_id", "active"])?;
    let base = house.base(&caller, &Wants::default()).await?;
    let here = |location: &&Location| filter.location.as_ref().is_none_or(|id| location.id.as_str() == id);
    let lines = base.rules.locations.iter().filter(here).flat_map(of);
    let lines = lines.filter(|(_, line)| filter.active.is_none_or(|active| line.active == active));
    Ok(Json(part.cut(lines.map(|(location, line)| shape(location, line)).collect(), |line| &line.id)?))
}

/// Adds a back-office line.
#[utoipa::path(post, path = "/api/v1/backoffice-lines", tag = "backoffice-lines",
    request_body = BackofficeLineBody, params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = BackofficeLine, headers(("Location"), ("ETag"))), Faults))]
pub async fn create(State(house): State<Arc<House>>, caller: Caller, asked: Asked) -> Result<Answer, Fault> {
    crud::create::<Lines>(&house, &caller, &asked).await
}

/// Shows a back-office line.
#[utoipa::path(get, path = "/api/v1/backoffice-lines/{id}", tag = "backoffice-lines",
    params(("id" = String, Path)),
    responses((status = 200, body = BackofficeLine, headers(("ETag"))), Faults))]
pub async fn show(State(house): State<Arc<House>>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Fault> {
    crud::show::<Lines>(&house, &caller, &id).await
}

/// Changes a back-office line.
#[utoipa::path(method(patch, put), path = "/api/v1/backoffice-lines/{id}", tag = "backoffice-lines",
    request_body = BackofficeLineBody, params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = BackofficeLine, headers(("ETag"))), Faults))]
pub async fn change(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Answer, Fault> {
    crud::change::<Lines>(&house, &caller, &id, &asked).await
}

/// Takes a back-office line away. 409 where it is the last active one of a back office that sessions need, or a rule
/// sends calls to it; it says which.
#[utoipa::path(delete, path = "/api/v1/backoffice-lines/{id}", tag = "backoffice-lines",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204), Faults))]
pub async fn remove(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Answer, Fault> {
    let base = house.base(&caller, &Wants::default()).await?;
    let location: LocationId = home(&base.rules, &id).ok_or_else(Fault::unknown)?.id.clone();
    let wants = Wants { sessions: WantSessions::OfLocation(location.to_string()), ..Wants::default() };
    let plan = house.change(&caller, None, wants, |base| {
        // A line of this id at another location is another line.
        let home = home(&base.rules, &id).filter(|home| home.id == location).ok_or_else(Fault::unknown)?;
        let (_, line) = of(home).find(|(_, line)| line.id.as_str() == id).ok_or_else(Fault::unknown)?;
        unchanged(&headers, &shape(home, line))?;
        crud::free(&base.rules, Going::Line(&line.id), &caller)?;
        let mut without = home.clone();
        without.lines.retain(|one| one.id != line.id);
        let rules = Ruleset { locations: vec![without], ..base.rules.only_tenant() };
        Ok(Plan::put(rules, Answer::gone()))
    });
    plan.await
}
