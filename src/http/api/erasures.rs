//! `/api/v1/erasures`: everything about one phone is erased, and a certificate remains.
//!
//! Deliberately not here: deleting at the provider, which is listed as pending.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::Answer;
use super::asked::Asked;
use super::caller::Caller;
use super::fault::{BUSY, Fault, Faults};
use super::page::{self, Items, PageParams};
use super::taken::Fields;
use crate::domain::E164;
use crate::http::House;
use crate::store::erasure::Certificate;
use crate::switchboard::NotErased;
use crate::switchboard::desk::NotChanged;

/// A certificate of what was erased.
#[derive(Serialize, ToSchema)]
pub struct ErasureCertificate {
    /// Its id.
    pub id: String,
    /// A keyed hash of the phone: of the same phone of the same tenant, the same.
    pub phone_hash: String,
    /// When it was asked for.
    #[schema(format = DateTime)]
    pub asked_at: String,
    /// When it was done here.
    #[schema(format = DateTime)]
    pub done_at: String,
    /// How much there was, by kind; those of which there was nothing too.
    pub counts: BTreeMap<String, u64>,
    /// What the provider has.
    pub provider_side: ProviderSide,
}

/// What the provider has of an erased phone.
#[derive(Serialize, ToSchema)]
pub struct ProviderSide {
    /// `pending` while there is something to be deleted, `none` where there was nothing.
    #[schema(example = "pending")]
    pub state: String,
    /// How much, by kind: `call`, `message`, `recording`.
    pub counts: BTreeMap<String, u64>,
}

/// A phone that is to be erased.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `create` reads")]
pub struct ErasureBody {
    /// The phone, as `+` and digits.
    #[schema(example = "+13125550101")]
    phone: String,
}

fn shape(certificate: &Certificate) -> ErasureCertificate {
    let Certificate { id, phone_hash, asked_at, done_at, counts, leftovers } = certificate.clone();
    ErasureCertificate {
        id,
        phone_hash,
        asked_at: asked_at.to_string(),
        done_at: done_at.to_string(),
        counts,
        provider_side: ProviderSide {
            state: if leftovers.is_empty() { "none" } else { "pending" }.to_owned(),
            counts: leftovers,
        },
    }
}

/// Lists certificates.
#[utoipa::path(get, path = "/api/v1/erasures", tag = "erasures",
    params(PageParams),
    responses((status = 200, body = Items<ErasureCertificate>), Faults))]
pub async fn list(
    State(house): State<Arc<House>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Items<ErasureCertificate>>, Fault> {
    let asking = page::read(query.as_deref(), &[])?;
    let listed = house.reader()?.erasure_page(&caller.tenant, &asking.page).await?;
    Ok(Json(page::items(listed, shape)))
}

/// Erases everything about a phone. It cannot be undone. Erasing again finds nothing more, and makes another certificate.
#[utoipa::path(post, path = "/api/v1/erasures", tag = "erasures",
    request_body = ErasureBody,
    responses((status = 201, body = ErasureCertificate, headers(("Location"), ("ETag"))), Faults))]
pub async fn create(State(house): State<Arc<House>>, caller: Caller, asked: Asked) -> Result<Answer, Fault> {
    let mut fields = Fields::of(&asked.fields, &["phone"]);
    let phone = fields.read("phone", |text| E164::read(text).ok_or_else(|| "must be + and 7 to 15 digits".to_owned()));
    fields.done()?;
    let phone = phone.ok_or_else(super::fault::broken)?;
    let done = house.board.erase(&caller.tenant, &caller.asker, phone).await;
    let certificate = done.map_err(|why| match why {
        NotChanged::Refused(NotErased::InService) => Fault::conflict(
            "in_service",
            "This is a back-office line or a number, and no person's: take it out of service first.",
        ),
        NotChanged::Refused(NotErased::InCall) => {
            Fault::conflict("in_call", "A call of this phone is in progress: try again when it has ended.")
                .retry_after(60)
        }
        NotChanged::Refused(NotErased::Waiting) => {
            Fault::unable("What just happened is not in the database yet; nothing was erased.")
        }
        NotChanged::NoTenant => Fault::unknown(),
        NotChanged::Store(error) => error.into(),
        NotChanged::Busy => Fault::conflict(BUSY, "Others were faster; try again."),
        NotChanged::Memory(error) => {
            tracing::error!(%error, "an erasure is in the database and could not be taken into memory");
            Fault::new(StatusCode::INTERNAL_SERVER_ERROR, "It is erased in the database, and not all of it in memory.")
        }
    })?;
    Ok(Answer::made(format!("/api/v1/erasures/{}", certificate.id), &shape(&certificate)))
}

/// Shows a certificate.
#[utoipa::path(get, path = "/api/v1/erasures/{id}", tag = "erasures",
    params(("id" = String, Path)),
    responses((status = 200, body = ErasureCertificate, headers(("ETag"))), Faults))]
pub async fn show(State(house): State<Arc<House>>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Fault> {
    let found = house.reader()?.erasure_in(&caller.tenant, &id).await?;
    found.map(|certificate| Answer::shown(&shape(&certificate))).ok_or_else(Fault::unknown)
}
