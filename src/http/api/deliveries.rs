//! `/api/v1/deliveries`: what is told to the tenant's programs, what became of it, and sending it again.
//!
//! Deliberately not here: sending (`jobs::deliver`). A delivery that was given up stays in the list, for as many days as
//! the journal is kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::answer::Answer;
use super::caller::Caller;
use super::fault::{Fault, Faults};
use super::page::{self, Items, PageParams};
use crate::domain::Moment;
use crate::http::House;
use crate::store::outbox::{self, DeliveryState};

/// A delivery.
#[derive(Serialize, ToSchema)]
pub struct Delivery {
    /// Its id; a receiver finds it in `webhook-id`, behind `msg_`.
    pub id: String,
    /// The session that it is about.
    pub session_id: String,
    /// The event's name.
    #[schema(example = "SessionSecondPartyAnswer")]
    pub event: String,
    /// Its number within the session, from 1.
    pub sequence_number: i64,
    /// Where it stands.
    #[schema(value_type = StateWord)]
    pub state: &'static str,
    /// Where it goes.
    #[schema(example = "https://hooks.example/masking")]
    pub url: String,
    /// `GET` or `POST`.
    #[schema(example = "POST")]
    pub method: String,
    /// Whether its address has answered 410. Nothing is sent there until a delivery is sent again and taken.
    pub endpoint_disabled: bool,
    /// How often it was tried; of one that is sent again, since then.
    pub attempts: u32,
    /// When it happened.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it is tried next; null where it is not, or waits for the one before it.
    #[schema(required, format = DateTime)]
    pub next_attempt_at: Option<String>,
    /// When it was tried last.
    #[schema(required, format = DateTime)]
    pub last_attempt_at: Option<String>,
    /// The status of the last answer.
    #[schema(required)]
    pub last_status: Option<u16>,
    /// What went wrong last.
    #[schema(required, example = "it was answered 500")]
    pub last_error: Option<String>,
    /// When it was delivered or given up.
    #[schema(required, format = DateTime)]
    pub settled_at: Option<String>,
}

/// A delivery with all that is in it.
#[derive(Serialize, ToSchema)]
pub struct WholeDelivery {
    /// What the list shows of it.
    #[serde(flatten)]
    pub shown: Delivery,
    /// Its parameters, but for `SequenceNumber`.
    pub parameters: BTreeMap<String, String>,
}

/// Where a delivery stands.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it describes `Delivery`")]
pub enum StateWord {
    /// It is to be sent, or waits for the one before it.
    Pending,
    /// It was taken.
    Delivered,
    /// It was given up.
    Dead,
}

/// Which deliveries.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `list` reads")]
pub struct DeliveryParams {
    /// Only in this state: `pending`, `delivered` or `dead`.
    state: Option<String>,
    /// Only of this session.
    session_id: Option<String>,
}

fn shape(delivery: &outbox::Delivery) -> Delivery {
    let outbox::Delivery {
        id,
        session,
        event,
        sequence,
        letter,
        at,
        state,
        attempts,
        due_at,
        settled_at,
        last_tried_at,
        last_status,
        last_error,
        gone,
    } = delivery.clone();
    let told = |at: Option<Moment>| at.map(|at| at.to_string());
    Delivery {
        id,
        session_id: session,
        event,
        sequence_number: sequence,
        state: state.word(),
        url: letter.url,
        method: letter.method,
        endpoint_disabled: gone,
        attempts,
        created_at: at.to_string(),
        next_attempt_at: told(due_at),
        last_attempt_at: told(last_tried_at),
        last_status,
        last_error,
        settled_at: told(settled_at),
    }
}

fn whole(delivery: &outbox::Delivery) -> WholeDelivery {
    WholeDelivery { parameters: delivery.letter.parameters.iter().cloned().collect(), shown: shape(delivery) }
}

/// Lists deliveries.
#[utoipa::path(get, path = "/api/v1/deliveries", tag = "deliveries",
    params(PageParams, DeliveryParams),
    responses((status = 200, body = Items<Delivery>), Faults))]
pub async fn list(
    State(house): State<Arc<House>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Items<Delivery>>, Fault> {
    let (mut state, mut session) = (None, None);
    let asking = page::read_with(query.as_deref(), &["state", "session_id"], |name, value| match name {
        "state" => {
            state = DeliveryState::read(value);
            let words: Vec<&str> = DeliveryState::ALL.iter().map(|state| state.word()).collect();
            Some(match state {
                Some(_) => Ok(()),
                None => Err(("invalid", format!("must be one of {}", words.join(", ")))),
            })
        }
        "session_id" => {
            session = Some(value.to_owned());
            Some(Ok(()))
        }
        _ => None,
    })?;
    let listed = house.reader()?.delivery_page(&caller.tenant, state, session.as_deref(), &asking.page).await?;
    Ok(Json(page::items(listed, shape)))
}

/// Shows a delivery.
#[utoipa::path(get, path = "/api/v1/deliveries/{id}", tag = "deliveries",
    params(("id" = String, Path)),
    responses((status = 200, body = WholeDelivery, headers(("ETag"))), Faults))]
pub async fn show(State(house): State<Arc<House>>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Fault> {
    Ok(Answer::shown(&whole(&found(&house, &caller, &id).await?)))
}

/// Sends a delivery again that was given up, from the first try on and even to an address that answered 410; one that is
/// still to be sent is tried at once. One that was taken is not sent again: 409.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/retry", tag = "deliveries",
    params(("id" = String, Path)),
    responses((status = 200, body = WholeDelivery, headers(("ETag"))), Faults))]
pub async fn retry(State(house): State<Arc<House>>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Fault> {
    found(&house, &caller, &id).await?;
    if !house.board.send_again(&caller.tenant, &id, &caller.asker).await? {
        return Err(Fault::conflict("delivered", "It was delivered: it is not sent again."));
    }
    Ok(Answer::shown(&whole(&found(&house, &caller, &id).await?)))
}

async fn found(house: &House, caller: &Caller, id: &str) -> Result<outbox::Delivery, Fault> {
    house.reader()?.delivery_in(&caller.tenant, id).await?.ok_or_else(Fault::unknown)
}
