//! `/api/v1/callback-secrets`: what the tenant's receivers check our callbacks with, and exchanging it.
//!
//! Deliberately not here: the tokens of the compatible doors, which sign the same callbacks as their provider would.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::Answer;
use super::caller::Caller;
use super::fault::{Fault, Faults};
use super::page::{self, Items, PageParams};
use crate::domain::Moment;
use crate::http::House;
use crate::store::outbox::secrets::CallbackSecret as Kept;

/// A secret of Standard Webhooks: it signs `webhook-signature`.
#[derive(Serialize, ToSchema)]
pub struct CallbackSecret {
    /// Its id.
    pub id: String,
    /// The secret.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    pub secret: String,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// Until when callbacks are signed with it too; null for the one in use.
    #[schema(required, format = DateTime)]
    pub expires_at: Option<String>,
}

fn shape(kept: &Kept) -> CallbackSecret {
    let Kept { id, secret, made_at, retires_at } = kept;
    CallbackSecret {
        id: id.clone(),
        secret: secret.expose().to_owned(),
        created_at: made_at.to_string(),
        expires_at: retires_at.as_ref().map(Moment::to_string),
    }
}

/// Lists the secrets that callbacks are signed with at present, the one in use first.
#[utoipa::path(get, path = "/api/v1/callback-secrets", tag = "deliveries",
    params(PageParams),
    responses((status = 200, body = Items<CallbackSecret>), Faults))]
pub async fn list(
    State(house): State<Arc<House>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Items<CallbackSecret>>, Fault> {
    let (part, _) = page::read_part(query.as_deref(), &[])?;
    let secrets = house.board.callback_secrets(&caller.tenant, caller.asker.at).await?.ok_or_else(Fault::unknown)?;
    Ok(Json(part.cut(secrets.iter().map(shape).collect(), |secret| &secret.id)?))
}

/// Makes another secret. Callbacks are signed with it and for a day with the one before it, so that receivers can be told
/// meanwhile; one that was on its way out already stops counting.
#[utoipa::path(post, path = "/api/v1/callback-secrets", tag = "deliveries",
    responses((status = 201, body = CallbackSecret, headers(("ETag"))), Faults))]
pub async fn rotate(State(house): State<Arc<House>>, caller: Caller) -> Result<Answer, Fault> {
    let made = house.board.rotate_callback_secret(&caller.tenant, &caller.asker).await?.ok_or_else(Fault::unknown)?;
    Ok(Answer::shown(&shape(&made)).created())
}
