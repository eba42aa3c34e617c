//! `/api/v1/locations`.
//!
//! Deliberately not here: masking settings (`settings`), hours (`hours`) and lines (`lines`).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;

use super::answer::{Answer, unchanged};
use super::asked::Asked;
use super::caller::Caller;
use super::crud::{self, Declared};
use super::fault::{Fault, Faults};
use super::location_shape::{Location, LocationBody, shape};
use super::page::{self, Items, PageParams};
use crate::domain::LocationId;
use crate::http::House;
use crate::rules::file::body::Kind;
use crate::rules::removal::Going;
use crate::rules::ruleset::Ruleset;
use crate::store::base::{Want, WantCustomers, WantSessions, Wants};
use crate::store::edit::Gone;
use crate::switchboard::desk::Plan;

/// Locations.
pub struct Locations;

impl Declared for Locations {
    const KIND: Kind = Kind::Location;
    const PATH: &'static str = "/api/v1/locations";
    type Shape = Location;

    fn wants(_: &str, _: &Asked) -> Wants {
        Wants::default()
    }

    fn wants_to_show(_: &str) -> Wants {
        Wants::default()
    }

    fn find(rules: &Ruleset, id: &str) -> Option<Location> {
        rules.locations.iter().find(|one| one.id.as_str() == id).map(shape)
    }

    fn wants_to_take(id: &str) -> Wants {
        let id = || id.to_owned();
        Wants {
            customers: WantCustomers::OfLocation(id()),
            work_orders: Want::OfLocation(id()),
            sessions: WantSessions::OfLocation(id()),
            ..Wants::default()
        }
    }
}

/// Lists locations.
#[utoipa::path(get, path = "/api/v1/locations", tag = "locations", params(PageParams),
    responses((status = 200, body = Items<Location>), Faults))]
pub async fn list(
    State(house): State<Arc<House>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Items<Location>>, Fault> {
    let asking = page::read(query.as_deref(), &[])?;
    let listed = house.reader()?.list_locations(&caller.tenant, &asking.page).await?;
    Ok(Json(page::items(listed, shape)))
}

/// Adds a location. Its masking settings are the defaults, and masking is off.
#[utoipa::path(post, path = "/api/v1/locations", tag = "locations",
    request_body = LocationBody, params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Location, headers(("Location"), ("ETag"))), Faults))]
pub async fn create(State(house): State<Arc<House>>, caller: Caller, asked: Asked) -> Result<Answer, Fault> {
    crud::create::<Locations>(&house, &caller, &asked).await
}

/// Shows a location.
#[utoipa::path(get, path = "/api/v1/locations/{id}", tag = "locations",
    params(("id" = String, Path)),
    responses((status = 200, body = Location, headers(("ETag"))), Faults))]
pub async fn show(State(house): State<Arc<House>>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Fault> {
    crud::show::<Locations>(&house, &caller, &id).await
}

/// Changes a location.
#[utoipa::path(method(patch, put), path = "/api/v1/locations/{id}", tag = "locations",
    request_body = LocationBody, params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = Location, headers(("ETag"))), Faults))]
pub async fn change(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Answer, Fault> {
    crud::change::<Locations>(&house, &caller, &id, &asked).await
}

/// Takes a location away, with its lines, rules and settings. 409 while a session that still routes needs it, or
/// somebody, a number or an open job belongs to it; it says which.
#[utoipa::path(delete, path = "/api/v1/locations/{id}", tag = "locations",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204), Faults))]
pub async fn remove(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Answer, Fault> {
    let gone = LocationId::from(id.as_str());
    let plan = house.change(&caller, None, Locations::wants_to_take(&id), |base| {
        unchanged(&headers, &Locations::find(&base.rules, &id).ok_or_else(Fault::unknown)?)?;
        let mut needed = crud::needed(&base.rules, Going::Location(&gone), &caller);
        let mut rules = base.rules.only_tenant();
        if base.rules.locations.len() == 1 {
            // The last one was the default for want of another.
            needed.errors.retain(|error| error.field != "tenants");
            rules.tenant.default_location = None;
        }
        needed.refuse()?;
        Ok(Plan { gone: vec![Gone::Location(gone.clone())], ..Plan::put(rules, Answer::gone()) })
    });
    plan.await
}
