//! `/api/v1/technicians`.
//!
//! Deliberately not here: buying a number for a new one, which is provisioning's.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::Answer;
use super::asked::Asked;
use super::caller::Caller;
use super::crud::{self, Declared};
use super::fault::{Fault, Faults};
use super::page::{self, Items, PageParams};
use crate::domain::{self, Moment};
use crate::http::House;
use crate::routing::handset::{self, Person};
use crate::rules::file::body::Kind;
use crate::rules::removal::Going;
use crate::rules::ruleset::Ruleset;
use crate::store::base::{Want, WantSessions, Wants};
use crate::store::edit::Gone;

/// Somebody who does jobs.
#[derive(Serialize, ToSchema)]
pub struct Technician {
    /// Its id.
    #[schema(example = "jo")]
    pub id: String,
    /// Their name, as it may be spoken.
    #[schema(example = "Jo Park")]
    pub name: String,
    /// Their phone, as `+` and digits; without one they cannot be reached.
    #[schema(required, example = "+13125550144")]
    pub phone: Option<String>,
    /// Their office.
    #[schema(required)]
    pub location_id: Option<String>,
    /// Whether they work at present.
    pub active: bool,
    /// Whether they opted in to masking, where it is offered.
    pub masking_opt_in: bool,
}

/// A technician as it is sent: a new one, or the fields that change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `rules` reads")]
pub struct TechnicianBody {
    /// Chosen by the client, or made.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", nullable = false)]
    id: Option<String>,
    /// Their name.
    #[schema(max_length = 2000, nullable = false)]
    name: Option<String>,
    /// Their phone: E.164, or national of the tenant's country; null for none.
    phone: Option<String>,
    /// Their office; null for none.
    location_id: Option<String>,
    /// Whether they work at present; true unless said.
    #[schema(nullable = false)]
    active: Option<bool>,
    /// Whether they opted in to masking; true unless said.
    #[schema(nullable = false)]
    masking_opt_in: Option<bool>,
}

/// Technicians.
pub struct Technicians;

impl Declared for Technicians {
    const KIND: Kind = Kind::Technician;
    const PATH: &'static str = "/api/v1/technicians";
    type Shape = Technician;

    fn wants(id: &str, body: &Asked) -> Wants {
        let another = body.fields.contains_key("phone");
        let sessions = if another { WantSessions::OfTechnician(id.to_owned()) } else { WantSessions::None };
        Wants { sessions, ..Wants::default() }
    }

    fn follow(base: &Ruleset, changed: &mut Ruleset, id: &str, now: Moment) -> Result<(), Fault> {
        let phone = |rules: &Ruleset| {
            let technician = rules.technicians.iter().find(|one| one.id.as_str() == id);
            technician.and_then(|one| one.phone).into_iter().collect::<Vec<_>>()
        };
        let (had, has, id) = (phone(base), phone(changed), id.into());
        let found = handset::follow(base, Person::Technician(&id), &had, &has, now);
        crud::followed(changed, found, "phone")
    }

    fn wants_to_show(_: &str) -> Wants {
        Wants::default()
    }

    fn find(rules: &Ruleset, id: &str) -> Option<Technician> {
        rules.technicians.iter().find(|one| one.id.as_str() == id).map(shape)
    }

    fn wants_to_take(id: &str) -> Wants {
        let (sessions, work_orders) = (WantSessions::OfTechnician(id.to_owned()), Want::OfTechnician(id.to_owned()));
        Wants { sessions, work_orders, ..Wants::default() }
    }

    fn take(rules: &Ruleset, id: &str, caller: &Caller) -> Result<Gone, Fault> {
        let id = id.into();
        crud::free(rules, Going::Technician(&id), caller)?;
        Ok(Gone::Technician(id))
    }
}

fn shape(technician: &domain::Technician) -> Technician {
    let domain::Technician { id, tenant: _, name, phone, location, active, masking_opt_in } = technician;
    Technician {
        id: id.to_string(),
        name: name.clone(),
        phone: phone.map(|phone| phone.to_string()),
        location_id: location.as_ref().map(ToString::to_string),
        active: *active,
        masking_opt_in: *masking_opt_in,
    }
}

/// Lists technicians.
#[utoipa::path(get, path = "/api/v1/technicians", tag = "technicians",
    params(PageParams, ("location_id" = Option<String>, Query), ("active" = Option<bool>, Query)),
    responses((status = 200, body = Items<Technician>), Faults))]
pub async fn list(
    State(house): State<Arc<House>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Items<Technician>>, Fault> {
    let asking = page::read(query.as_deref(), &["location_id", "active"])?;
    let listed = house.reader()?.list_technicians(&caller.tenant, &asking.filter, &asking.page).await?;
    Ok(Json(page::items(listed, shape)))
}

/// Adds a technician.
#[utoipa::path(post, path = "/api/v1/technicians", tag = "technicians",
    request_body = TechnicianBody, params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Technician, headers(("Location"), ("ETag"))), Faults))]
pub async fn create(State(house): State<Arc<House>>, caller: Caller, asked: Asked) -> Result<Answer, Fault> {
    crud::create::<Technicians>(&house, &caller, &asked).await
}

/// Shows a technician.
#[utoipa::path(get, path = "/api/v1/technicians/{id}", tag = "technicians",
    params(("id" = String, Path)),
    responses((status = 200, body = Technician, headers(("ETag"))), Faults))]
pub async fn show(State(house): State<Arc<House>>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Fault> {
    crud::show::<Technicians>(&house, &caller, &id).await
}

/// Changes a technician.
#[utoipa::path(method(patch, put), path = "/api/v1/technicians/{id}", tag = "technicians",
    request_body = TechnicianBody, params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = Technician, headers(("ETag"))), Faults))]
pub async fn change(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Answer, Fault> {
    crud::change::<Technicians>(&house, &caller, &id, &asked).await
}

/// Takes a technician away. 409 while a session that still routes needs them, an open job is theirs, or a number or a
/// rule names them; it says which.
#[utoipa::path(delete, path = "/api/v1/technicians/{id}", tag = "technicians",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204), Faults))]
pub async fn remove(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Answer, Fault> {
    crud::remove::<Technicians>(&house, &caller, &id, &headers).await
}
