//! `/api/v1/messages`: texts, with their words where the location keeps them, and what became of what we sent.
//!
//! Deliberately not here: how a text was decided (`interactions` has it, under the same id).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::Answer;
use super::caller::Caller;
use super::fault::{Fault, Faults};
use super::page::{self, Items, PageParams};
use super::span::{self, SpanParams};
use crate::domain::Moment;
use crate::http::House;
use crate::store::shelf::{self, MessageRecord, Span};

/// A text.
#[derive(Serialize, ToSchema)]
pub struct Message {
    /// Its id, which is its interaction's too.
    pub id: String,
    /// The provider's id of it.
    #[schema(required)]
    pub sid: Option<String>,
    /// Where it belongs.
    #[schema(required)]
    pub location_id: Option<String>,
    /// The session.
    #[schema(required)]
    pub session_id: Option<String>,
    /// Who sent it: a phone, or a word such as `other`.
    #[schema(example = "+13125550144")]
    pub from: String,
    /// The number it was sent to.
    #[schema(example = "+13125550190")]
    pub number: String,
    /// To whom it was passed on.
    #[schema(required, example = "+13125550101")]
    pub to: Option<String>,
    /// `relayed`, `held`, `undelivered`, `todo` or `keyword`.
    #[schema(example = "relayed")]
    pub status: String,
    /// What it says; null where its location does not keep that.
    #[schema(required)]
    pub body: Option<String>,
    /// How many media it has.
    pub media_count: u8,
    /// The kinds of its media, where they are kept.
    pub media_types: Vec<String>,
    /// What became of what we sent for it, the latest news first.
    pub deliveries: Vec<Delivery>,
    /// When it came.
    #[schema(format = DateTime)]
    pub at: String,
}

/// A text that we sent.
#[derive(Serialize, ToSchema)]
pub struct Delivery {
    /// The provider's id of it.
    pub sid: String,
    /// Its status, in the provider's word.
    #[schema(example = "delivered")]
    pub status: String,
    /// The provider's error code.
    #[schema(required)]
    pub error_code: Option<i64>,
    /// When that was heard.
    #[schema(format = DateTime)]
    pub at: String,
}

fn shape(message: &MessageRecord) -> Message {
    let MessageRecord { id, sid, location, session, number, from, to, status, media, text, deliveries, at } =
        message.clone();
    let (body, media_types) = text.map(|text| (text.words, text.media_types)).unzip();
    Message {
        id,
        sid,
        location_id: location,
        session_id: session,
        from,
        number: number.to_string(),
        to: to.map(|phone| phone.to_string()),
        status,
        body,
        media_count: media,
        media_types: media_types.unwrap_or_default(),
        deliveries: deliveries.into_iter().map(delivery).collect(),
        at: at.to_string(),
    }
}

fn delivery(delivery: shelf::Delivery) -> Delivery {
    let shelf::Delivery { sid, status, error_code, at } = delivery;
    Delivery { sid, status, error_code, at: Moment(at).to_string() }
}

/// Lists texts.
#[utoipa::path(get, path = "/api/v1/messages", tag = "messages",
    params(PageParams, SpanParams),
    responses((status = 200, body = Items<Message>), Faults))]
pub async fn list(
    State(house): State<Arc<House>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Items<Message>>, Fault> {
    let mut span = Span::default();
    let asking = page::read_with(query.as_deref(), &span::NAMES, |name, value| span::take(&mut span, name, value))?;
    let listed = house.reader()?.message_page(&caller.tenant, &span, &asking.page).await?;
    Ok(Json(page::items(listed, shape)))
}

/// Shows a text.
#[utoipa::path(get, path = "/api/v1/messages/{id}", tag = "messages",
    params(("id" = String, Path)),
    responses((status = 200, body = Message, headers(("ETag"))), Faults))]
pub async fn show(State(house): State<Arc<House>>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Fault> {
    let message = house.reader()?.message_in(&caller.tenant, &id).await?.ok_or_else(Fault::unknown)?;
    Ok(Answer::shown(&shape(&message)))
}
