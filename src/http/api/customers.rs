//! `/api/v1/customers`.
//!
//! Deliberately not here: which of their phones a call can match (those that are E.164).

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
use crate::store::base::{Want, WantCustomers, WantSessions, Wants};
use crate::store::edit::Gone;

/// A customer contact.
#[derive(Serialize, ToSchema)]
pub struct Customer {
    /// Its id.
    #[schema(example = "ana")]
    pub id: String,
    /// Their name, as it may be spoken.
    #[schema(example = "Ana Alvarez")]
    pub name: String,
    /// Their phones: those that are E.164 first, then the others as they were typed. A call matches E.164 only.
    #[schema(example = json!(["+13125550101"]))]
    pub phones: Vec<String>,
    /// The office they belong to; without one they belong to all.
    #[schema(required)]
    pub location_id: Option<String>,
    /// Tags that rules can name.
    pub tags: Vec<String>,
}

/// A customer contact as it is sent: a new one, or the fields that change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `rules` reads")]
pub struct CustomerBody {
    /// Chosen by the client, or made.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", nullable = false)]
    id: Option<String>,
    /// Their name.
    #[schema(max_length = 2000, nullable = false)]
    name: Option<String>,
    /// Their phones, in place of those before. What is not E.164 is kept as it is typed; at a location with masking
    /// enabled a new one is refused (`not_e164`).
    #[schema(nullable = false)]
    phones: Option<Vec<String>>,
    /// The office they belong to; null for none.
    location_id: Option<String>,
    /// Tags that rules can name, in place of those before.
    #[schema(nullable = false)]
    tags: Option<Vec<String>>,
}

/// Customer contacts.
pub struct Customers;

impl Declared for Customers {
    const KIND: Kind = Kind::Customer;
    const PATH: &'static str = "/api/v1/customers";
    type Shape = Customer;

    fn wants(id: &str, body: &Asked) -> Wants {
        let another = body.fields.contains_key("phones");
        let sessions = if another { WantSessions::OfCustomer(id.to_owned()) } else { WantSessions::None };
        Wants { sessions, ..Self::wants_to_show(id) }
    }

    fn follow(base: &Ruleset, changed: &mut Ruleset, id: &str, now: Moment) -> Result<(), Fault> {
        let phones = |rules: &Ruleset| {
            let customer = rules.customers.iter().find(|one| one.id.as_str() == id);
            customer.map(|one| one.phones.clone()).unwrap_or_default()
        };
        let (had, has, id) = (phones(base), phones(changed), id.into());
        let found = handset::follow(base, Person::Customer(&id), &had, &has, now);
        crud::followed(changed, found, "phones")
    }

    fn wants_to_show(id: &str) -> Wants {
        Wants { customers: WantCustomers::Ids(vec![id.to_owned()]), ..Wants::default() }
    }

    fn find(rules: &Ruleset, id: &str) -> Option<Customer> {
        rules.customers.iter().find(|one| one.id.as_str() == id).map(shape)
    }

    fn wants_to_take(id: &str) -> Wants {
        let (sessions, work_orders) = (WantSessions::OfCustomer(id.to_owned()), Want::OfCustomer(id.to_owned()));
        Wants { sessions, work_orders, ..Self::wants_to_show(id) }
    }

    fn take(rules: &Ruleset, id: &str, caller: &Caller) -> Result<Gone, Fault> {
        let id = id.into();
        crud::free(rules, Going::Customer(&id), caller)?;
        Ok(Gone::Customer(id))
    }
}

fn shape(customer: &domain::Customer) -> Customer {
    let domain::Customer { id, tenant: _, name, phones, other_phones, location, tags } = customer;
    Customer {
        id: id.to_string(),
        name: name.clone(),
        phones: phones.iter().map(ToString::to_string).chain(other_phones.iter().cloned()).collect(),
        location_id: location.as_ref().map(ToString::to_string),
        tags: tags.clone(),
    }
}

/// Lists customer contacts.
#[utoipa::path(get, path = "/api/v1/customers", tag = "customers",
    params(PageParams, ("location_id" = Option<String>, Query)),
    responses((status = 200, body = Items<Customer>), Faults))]
pub async fn list(
    State(house): State<Arc<House>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Items<Customer>>, Fault> {
    let asking = page::read(query.as_deref(), &["location_id"])?;
    let listed = house.reader()?.list_customers(&caller.tenant, &asking.filter, &asking.page).await?;
    Ok(Json(page::items(listed, shape)))
}

/// Adds a customer contact.
#[utoipa::path(post, path = "/api/v1/customers", tag = "customers",
    request_body = CustomerBody, params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Customer, headers(("Location"), ("ETag"))), Faults))]
pub async fn create(State(house): State<Arc<House>>, caller: Caller, asked: Asked) -> Result<Answer, Fault> {
    crud::create::<Customers>(&house, &caller, &asked).await
}

/// Shows a customer contact.
#[utoipa::path(get, path = "/api/v1/customers/{id}", tag = "customers",
    params(("id" = String, Path)),
    responses((status = 200, body = Customer, headers(("ETag"))), Faults))]
pub async fn show(State(house): State<Arc<House>>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Fault> {
    crud::show::<Customers>(&house, &caller, &id).await
}

/// Changes a customer contact.
#[utoipa::path(method(patch, put), path = "/api/v1/customers/{id}", tag = "customers",
    request_body = CustomerBody, params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = Customer, headers(("ETag"))), Faults))]
pub async fn change(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Answer, Fault> {
    crud::change::<Customers>(&house, &caller, &id, &asked).await
}

/// Takes a customer contact away. 409 while a session that still routes or an open job names them; it
/// says which.
#[utoipa::path(delete, path = "/api/v1/customers/{id}", tag = "customers",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204), Faults))]
pub async fn remove(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Answer, Fault> {
    crud::remove::<Customers>(&house, &caller, &id, &headers).await
}
