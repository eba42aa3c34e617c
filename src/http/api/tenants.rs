//! `/api/v1/tenants`.
//!
//! Deliberately not here: a tenant's keys (`keys`). The operator makes tenants, lists them and takes them away; a tenant's
//! key sees and changes its own, but for what the operator answers for: its brand and its limits.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::accounts::OneOrMore;
use super::answer::{Answer, unchanged};
use super::asked::{Asked, Once};
use super::caller::{Holder, Operator};
use super::change::{again, not_changed};
use super::crud::{self, Declared};
use super::fault::{Fault, Faults, FieldError};
use super::page::{self, Items, PageParams};
use super::words::BrandWord;
use crate::domain;
use crate::domain::TenantId;
use crate::http::House;
use crate::rules::file::body::{self, Kind};
use crate::rules::ruleset::{Ruleset, TenantSecrets};
use crate::store::StoreError;
use crate::store::base::Wants;
use crate::store::edit::Keep;
use crate::store::kept::{Kept, OPERATOR};
use crate::switchboard::desk::{NotChanged, Plan};

/// What a tenant's key may change of its tenant.
const OWN: &[&str] = &["name", "country", "allowed_countries", "auth_id", "auth_token", "deepcall", "default_location"];

/// A customer of the platform. Secrets are never shown.
#[derive(Serialize, ToSchema)]
pub struct Tenant {
    /// Its id.
    #[schema(example = "acme")]
    pub id: String,
    /// Its name.
    #[schema(example = "Acme Plumbing")]
    pub name: String,
    /// Region of phones that its people type nationally (ISO 3166).
    #[schema(example = "US")]
    pub country: String,
    /// Regions that may be called; none means its own and those of its numbers.
    pub allowed_countries: Vec<String>,
    /// Where its 10DLC brand stands.
    #[schema(value_type = BrandWord)]
    pub brand: &'static str,
    /// The user name of Plivo's clients.
    #[schema(required)]
    pub auth_id: Option<String>,
    /// Whether it has a password for Plivo's clients.
    pub has_auth_token: bool,
    /// What DeepCall's clients authenticate with.
    #[schema(required)]
    pub deepcall: Option<Deepcall>,
    /// Where sessions of the compatible APIs belong.
    #[schema(required)]
    pub default_location: Option<String>,
    /// Caps on accepted inbound calls; 0 is no limit.
    pub limits: Limits,
}

/// What DeepCall's clients authenticate with.
#[derive(Serialize, ToSchema)]
pub struct Deepcall {
    /// The user.
    pub user_id: String,
    /// Whether there is a token.
    pub has_token: bool,
    /// Whether there is an ssid.
    pub has_ssid: bool,
}

/// Caps on accepted inbound calls; 0 is no limit.
#[derive(Serialize, ToSchema)]
pub struct Limits {
    /// Calls per minute of one caller.
    pub calls_per_minute_per_caller: u32,
    /// Calls per day of one session.
    pub calls_per_day_per_session: u32,
    /// Calls at one time.
    pub concurrent_calls: u32,
    /// Attempts per minute between one caller and one number; beyond it, voicemail.
    pub attempts_per_minute_per_pair: u32,
}

/// A tenant as it is sent: a new one, or the fields that change. brand and limits are the operator's.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `rules` reads")]
pub struct TenantBody {
    /// Chosen by the operator, or made.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", nullable = false)]
    id: Option<String>,
    /// Its name.
    #[schema(max_length = 2000, nullable = false)]
    name: Option<String>,
    /// Region of phones that its people type nationally.
    #[schema(pattern = "^[A-Z]{2}$", nullable = false)]
    country: Option<String>,
    /// Regions that may be called, in place of those before; none means its own and those of its numbers.
    #[schema(nullable = false)]
    allowed_countries: Option<Vec<String>>,
    /// none (registration is the operator's own affair) or pending (to be registered); the rest is the registry's word.
    #[schema(value_type = Option<BrandWord>, nullable = false)]
    brand: Option<String>,
    /// The user name of Plivo's clients, unique in the installation; null for none.
    #[schema(pattern = "^(MA|SA)[A-Z0-9]{18}$")]
    auth_id: Option<String>,
    /// Passwords of Plivo's clients: one, or several while rotating; null for none.
    auth_token: Option<OneOrMore>,
    /// What DeepCall's clients authenticate with; null for nothing.
    deepcall: Option<DeepcallBody>,
    /// Where sessions of the compatible APIs belong; null for the first location.
    default_location: Option<String>,
    /// Caps on accepted inbound calls; those that are absent stay.
    #[schema(nullable = false)]
    limits: Option<LimitsBody>,
}

/// What DeepCall's clients authenticate with, as it is sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `rules` reads")]
pub struct DeepcallBody {
    /// The user, unique in the installation.
    user_id: Option<String>,
    /// Tokens: one, or several while rotating; null for none.
    token: Option<OneOrMore>,
    /// Ssids: one, or several while rotating; null for none.
    ssid: Option<OneOrMore>,
}

/// Caps as they are sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `rules` reads")]
pub struct LimitsBody {
    /// Calls per minute of one caller.
    #[schema(minimum = 0, maximum = 1_000_000, nullable = false)]
    calls_per_minute_per_caller: Option<u32>,
    /// Calls per day of one session.
    #[schema(minimum = 0, maximum = 1_000_000, nullable = false)]
    calls_per_day_per_session: Option<u32>,
    /// Calls at one time.
    #[schema(minimum = 0, maximum = 1_000_000, nullable = false)]
    concurrent_calls: Option<u32>,
    /// Attempts per minute between one caller and one number.
    #[schema(minimum = 0, maximum = 1_000_000, nullable = false)]
    attempts_per_minute_per_pair: Option<u32>,
}

/// Tenants.
pub struct Tenants;

impl Declared for Tenants {
    const KIND: Kind = Kind::Tenant;
    const PATH: &'static str = "/api/v1/tenants";
    type Shape = Tenant;

    fn wants(_: &str, _: &Asked) -> Wants {
        Wants::default()
    }

    fn wants_to_show(_: &str) -> Wants {
        Wants::default()
    }

    fn find(rules: &Ruleset, id: &str) -> Option<Tenant> {
        (rules.tenant.id.as_str() == id).then(|| shape(&rules.tenant, &rules.secrets))
    }

    fn open_to_tenants(_: &Ruleset, _: &str) -> Option<&'static [&'static str]> {
        Some(OWN)
    }
}

fn shape(tenant: &domain::Tenant, secrets: &TenantSecrets) -> Tenant {
    let domain::Tenant {
        id,
        name,
        country,
        allowed_countries,
        brand,
        auth_id,
        deepcall_user_id,
        default_location,
        limits:
            domain::tenant::Limits {
                calls_per_minute_per_caller,
                calls_per_day_per_session,
                concurrent_calls,
                attempts_per_minute_per_pair,
            },
    } = tenant;
    let TenantSecrets { api_key_hashes: _, auth_tokens, deepcall_tokens, deepcall_ssids } = secrets;
    Tenant {
        id: id.to_string(),
        name: name.clone(),
        country: country.clone(),
        allowed_countries: allowed_countries.clone(),
        brand: brand.word(),
        auth_id: auth_id.clone(),
        has_auth_token: !auth_tokens.is_empty(),
        deepcall: deepcall_user_id.clone().map(|user_id| Deepcall {
            user_id,
            has_token: !deepcall_tokens.is_empty(),
            has_ssid: !deepcall_ssids.is_empty(),
        }),
        default_location: default_location.as_ref().map(ToString::to_string),
        limits: Limits {
            calls_per_minute_per_caller: *calls_per_minute_per_caller,
            calls_per_day_per_session: *calls_per_day_per_session,
            concurrent_calls: *concurrent_calls,
            attempts_per_minute_per_pair: *attempts_per_minute_per_pair,
        },
    }
}

/// Lists tenants; for the operator.
#[utoipa::path(get, path = "/api/v1/tenants", tag = "tenants", params(PageParams),
    responses((status = 200, body = Items<Tenant>), Faults))]
pub async fn list(
    State(house): State<Arc<House>>,
    _: Operator,
    RawQuery(query): RawQuery,
) -> Result<Json<Items<Tenant>>, Fault> {
    let asking = page::read(query.as_deref(), &[])?;
    let listed = house.reader()?.list_tenants(&asking.page).await?;
    Ok(Json(page::items(listed, |(tenant, secrets)| shape(tenant, secrets))))
}

/// Adds a tenant; for the operator. A program of the tenant then needs a key: POST /api/v1/tenants/{id}/keys.
#[utoipa::path(post, path = "/api/v1/tenants", tag = "tenants",
    request_body = TenantBody, params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Tenant, headers(("Location"), ("ETag"))), Faults))]
pub async fn create(State(house): State<Arc<House>>, operator: Operator, asked: Asked) -> Result<Answer, Fault> {
    if let (Some(once), Some(kept)) = (&asked.once, kept(&house, &operator, &asked).await?) {
        return again(once, &kept);
    }
    let id = crud::chosen(&asked, Tenants::ID)?;
    free_ssid(&house, &id, &asked)?;
    let blank = Ruleset::blank(&TenantId::from(id.as_str()));
    let rules = body::read(Kind::Tenant, &id, &asked.fields, &blank).map_err(Fault::found)?.rules;
    let shape = Tenants::find(&rules, &id).ok_or_else(super::fault::broken)?;
    let answer = Answer::made(format!("{}/{id}", Tenants::PATH), &shape);
    let keep = asked.once.as_ref().map(|once| Keep {
        key: once.key.clone(),
        fingerprint: once.fingerprint,
        answer: answer.kept(),
    });
    let plan = Plan { keep, ..Plan::put(rules, answer) };
    match house.board.found(&operator.asker, plan).await {
        // Somebody was faster with the same request.
        Err(NotChanged::Store(StoreError::Answered)) => match (&asked.once, kept(&house, &operator, &asked).await?) {
            (Some(once), Some(kept)) => again(once, &kept),
            (Some(_) | None, _) => Err(super::fault::broken()),
        },
        done => done.map_err(|why| not_changed(why.for_any())),
    }
}

/// That an `ssid` is not in use by another tenant: whoever sends it must stand for one.
fn free_ssid(house: &House, id: &str, asked: &Asked) -> Result<(), Fault> {
    let sent = asked.fields.get("deepcall").and_then(|deepcall| deepcall.get("ssid")).and_then(Value::as_str);
    if !sent.is_some_and(|ssid| house.board.is_ssid_of_another(ssid, &TenantId::from(id))) {
        return Ok(());
    }
    let message = "is in use: choose another";
    let error = FieldError::new("deepcall.ssid", "exists", message);
    Err(Fault::conflict("exists", format!("deepcall.ssid {message}")).with(vec![error]))
}

/// What the operator was answered when the same request came before.
async fn kept(house: &House, operator: &Operator, asked: &Asked) -> Result<Option<Kept>, Fault> {
    let Some(Once { key, .. }) = &asked.once else { return Ok(None) };
    Ok(house.reader()?.kept_answer(&TenantId::from(OPERATOR), key, operator.asker.at).await?)
}

/// Shows a tenant: the operator any, a tenant's key its own.
#[utoipa::path(get, path = "/api/v1/tenants/{id}", tag = "tenants", params(("id" = String, Path)),
    responses((status = 200, body = Tenant, headers(("ETag"))), Faults))]
pub async fn show(State(house): State<Arc<House>>, holder: Holder, Path(id): Path<String>) -> Result<Answer, Fault> {
    crud::show::<Tenants>(&house, &holder.acting_for(&id)?, &id).await
}

/// Changes a tenant: the operator any, a tenant's key its own, but for brand and limits (`read_only`).
#[utoipa::path(method(patch, put), path = "/api/v1/tenants/{id}", tag = "tenants",
    request_body = TenantBody, params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = Tenant, headers(("ETag"))), Faults))]
pub async fn change(
    State(house): State<Arc<House>>,
    holder: Holder,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Answer, Fault> {
    let caller = holder.acting_for(&id)?;
    free_ssid(&house, &id, &asked)?;
    crud::change::<Tenants>(&house, &caller, &id, &asked).await
}

/// Takes a tenant away, with its keys; for the operator. 409 while it has anything; it says what.
#[utoipa::path(delete, path = "/api/v1/tenants/{id}", tag = "tenants",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204), Faults))]
pub async fn remove(
    State(house): State<Arc<House>>,
    holder: Holder,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Answer, Fault> {
    let caller = holder.acting_for(&id)?;
    caller.operators_only()?;
    let base = house.base(&caller, &Wants::default()).await?;
    unchanged(&headers, &shape(&base.rules.tenant, &base.rules.secrets))?;
    let done = house.board.dissolve(&caller.tenant, &caller.asker).await;
    done.map(|()| Answer::gone()).map_err(|why| not_changed(why.for_any()))
}
