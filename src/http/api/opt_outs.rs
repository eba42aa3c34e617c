//! `/api/v1/opt-outs`: phones that get no texts from a number.
//!
//! Deliberately not here: the words by which a phone opts out itself (`routing::keyword`).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{Answer, unchanged};
use super::asked::Asked;
use super::caller::Caller;
use super::fault::{Fault, Faults};
use super::page::{self, Items, PageParams};
use super::taken::Fields;
use crate::domain::{E164, MaskingNumber};
use crate::http::House;
use crate::rules::numbering;
use crate::store::base::Wants;
use crate::store::edit::Act;
use crate::store::shelf;
use crate::switchboard::desk::Plan;
use crate::switchboard::typed;

/// A phone that gets no texts from a number.
#[derive(Serialize, ToSchema)]
pub struct OptOut {
    /// Its id.
    pub id: String,
    /// The number.
    #[schema(example = "+13125550190")]
    pub number: String,
    /// The phone.
    #[schema(example = "+13125550101")]
    pub phone: String,
    /// Since when.
    #[schema(format = DateTime)]
    pub at: String,
}

/// A phone that is to get no texts from a number.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `create` reads")]
pub struct OptOutBody {
    /// One of the tenant's numbers.
    #[schema(example = "+13125550190")]
    number: String,
    /// The phone: E.164, or national of the tenant's country.
    #[schema(example = "+13125550101")]
    phone: String,
}

fn shape(out: &shelf::OptOut) -> OptOut {
    let shelf::OptOut { id, number, phone, at } = out;
    OptOut { id: id.clone(), number: number.to_string(), phone: phone.to_string(), at: at.to_string() }
}

fn address(id: &str) -> String {
    format!("/api/v1/opt-outs/{id}")
}

/// Lists phones that are opted out.
#[utoipa::path(get, path = "/api/v1/opt-outs", tag = "opt-outs",
    params(PageParams),
    responses((status = 200, body = Items<OptOut>), Faults))]
pub async fn list(
    State(house): State<Arc<House>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Items<OptOut>>, Fault> {
    let asking = page::read(query.as_deref(), &[])?;
    let listed = house.reader()?.opt_out_page(&caller.tenant, &asking.page).await?;
    Ok(Json(page::items(listed, shape)))
}

/// Opts a phone out of a number's texts. One that is opted out already stays as it is.
#[utoipa::path(post, path = "/api/v1/opt-outs", tag = "opt-outs",
    request_body = OptOutBody, params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = OptOut, headers(("Location"), ("ETag"))),
        (status = 200, description = "It is opted out already", body = OptOut, headers(("ETag"))), Faults))]
pub async fn create(State(house): State<Arc<House>>, caller: Caller, asked: Asked) -> Result<Answer, Fault> {
    let base = house.base(&caller, &Wants::default()).await?;
    let (number, phone) = pair(&asked, &base.rules)?;
    let id = house.opt_out_id(&caller, number, phone)?;
    let known = house.reader()?.opt_out_in(&caller.tenant, &id).await?;
    house
        .change(&caller, asked.once.as_ref(), Wants::default(), |base| {
            pair(&asked, &base.rules)?;
            if let Some(known) = &known {
                let answer = Answer::shown(&shape(known));
                return Ok(Plan { dry: true, ..Plan::put(base.rules.only_tenant(), answer) });
            }
            let made = shelf::OptOut { id: id.clone(), number, phone, at: caller.asker.at };
            let act = Act::OptOut { number, phone, out: true };
            Ok(Plan::act(&base.rules, act, Answer::made(address(&id), &shape(&made))))
        })
        .await
}

/// The number and the phone that a body names.
fn pair(asked: &Asked, rules: &crate::rules::ruleset::Ruleset) -> Result<(MaskingNumber, E164), Fault> {
    let mut fields = Fields::of(&asked.fields, &["number", "phone"]);
    let number = fields.read("number", typed::number);
    if let Some(number) = number
        && !rules.numbers.iter().any(|one| one.e164.e164() == number)
    {
        fields.wrong("number", "not_found", "is no number of this tenant");
    }
    let phone = fields.read("phone", |text| {
        let read = E164::read(text).or_else(|| numbering::from_national(text, &rules.tenant.country));
        read.ok_or_else(|| format!("must be + and 7 to 15 digits, or a phone as {} writes it", rules.tenant.country))
    });
    fields.done()?;
    number.map(MaskingNumber::rented).zip(phone).ok_or_else(super::fault::broken)
}

/// Shows an opt-out.
#[utoipa::path(get, path = "/api/v1/opt-outs/{id}", tag = "opt-outs",
    params(("id" = String, Path)),
    responses((status = 200, body = OptOut, headers(("ETag"))), Faults))]
pub async fn show(State(house): State<Arc<House>>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Fault> {
    let out = house.reader()?.opt_out_in(&caller.tenant, &id).await?;
    out.map(|out| Answer::shown(&shape(&out))).ok_or_else(Fault::unknown)
}

/// Opts a phone in again: it gets the number's texts.
#[utoipa::path(delete, path = "/api/v1/opt-outs/{id}", tag = "opt-outs",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204), Faults))]
pub async fn remove(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Answer, Fault> {
    let out = house.reader()?.opt_out_in(&caller.tenant, &id).await?.ok_or_else(Fault::unknown)?;
    unchanged(&headers, &shape(&out))?;
    house
        .change(&caller, None, Wants::default(), |base| {
            let act = Act::OptOut { number: out.number, phone: out.phone, out: false };
            Ok(Plan::act(&base.rules, act, Answer::gone()))
        })
        .await
}
