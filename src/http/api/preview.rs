//! `/api/v1/decisions/preview`: what a call or text would do that has not happened, and why.
//!
//! Deliberately not here: deciding (`switchboard`). Nothing is stored, and no cap counts.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::asked::Asked;
use super::caller::Caller;
use super::fault::{Fault, Faults};
use super::taken::{Field, Fields};
use crate::domain::{Channel, Moment, TenantId};
use crate::http::House;
use crate::switchboard::{Explained, Probe, typed};

/// A call or text that has not happened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `probe` reads")]
pub struct PreviewBody {
    /// Who would call: a phone, or what a provider sends instead, such as `anonymous`.
    #[schema(example = "+13125550101")]
    from: String,
    /// One of the tenant's numbers.
    #[schema(example = "+13125550190")]
    to: String,
    /// `voice` or `sms`; `voice` unless said.
    #[schema(nullable = false, pattern = "^(voice|sms)$")]
    channel: Option<String>,
    /// When, with its offset; now unless said.
    #[schema(nullable = false, format = DateTime, example = "2026-03-09T09:02:11-05:00")]
    at: Option<String>,
}

/// What would be decided.
#[derive(Serialize, ToSchema)]
pub struct Preview {
    /// The decision, with its reasons.
    #[schema(value_type = Object)]
    decision: Value,
    /// The document that the provider would get; empty where the account's kind has none.
    #[schema(example = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>…</Response>")]
    document: String,
}

/// Tells what a call or text would do, and why; nothing is stored.
#[utoipa::path(post, path = "/api/v1/decisions/preview", tag = "decisions",
    request_body = PreviewBody,
    responses((status = 200, body = Preview), Faults))]
pub async fn preview(State(house): State<Arc<House>>, caller: Caller, asked: Asked) -> Result<Json<Preview>, Fault> {
    let probe = probe(&house, &caller.tenant, &asked, caller.asker.at)?;
    let Explained { decision, document } = house.board.explain(&probe);
    Ok(Json(Preview { decision, document }))
}

/// What is asked about. A number of another tenant is told like one that nobody has.
fn probe(house: &House, tenant: &TenantId, asked: &Asked, now: Moment) -> Result<Probe, Fault> {
    let mut fields = Fields::of(&asked.fields, &["from", "to", "channel", "at"]);
    let from = fields.read("from", typed::caller);
    let to = fields.read("to", typed::number);
    if to.is_some_and(|to| !house.board.rents(tenant, to)) {
        fields.wrong("to", "not_found", "is no number of this tenant");
    }
    let channel = match fields.maybe("channel") {
        Field::Absent => Some(Channel::Voice),
        Field::Null => fields.kept("channel", Err("must be voice or sms".to_owned())),
        Field::Text(word) => {
            fields.kept("channel", Channel::read(word).ok_or_else(|| "must be voice or sms".to_owned()))
        }
    };
    let at = match fields.maybe("at") {
        Field::Absent => Some(now),
        Field::Null => fields.kept("at", Err("must be an instant".to_owned())),
        Field::Text(text) => fields.kept("at", typed::instant(text)),
    };
    fields.done()?;
    let (Some(from), Some(to), Some(channel), Some(at)) = (from, to, channel, at) else {
        return Err(super::fault::broken());
    };
    Ok(Probe { from, to, channel, at })
}
