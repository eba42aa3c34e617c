//! `/api/v1/interactions`: calls and texts, each with its decision, its timeline and what it left to do.
//!
//! Deliberately not here: a text's words (`messages`) and a voicemail's (`voicemails`).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::answer::Answer;
use super::caller::Caller;
use super::fault::{Fault, Faults};
use super::page::{self, Items, PageParams};
use super::span::{self, SpanParams};
use super::timeline::{self, Line};
use super::todos::{self, Todo};
use crate::domain::{CallEnd, Channel, E164, Moment};
use crate::http::House;
use crate::store::interactions::InteractionRecord;
use crate::store::shelf::{InteractionFilter, InteractionLine};

/// A call or text.
#[derive(Serialize, ToSchema)]
pub struct Interaction {
    /// Its id.
    #[schema(example = "6b1f0f6de5a94d5f9e0c8a1f2b3c4d5e")]
    pub id: String,
    /// `voice` or `sms`.
    #[schema(example = "voice")]
    pub channel: String,
    /// The account that it came in on.
    pub account_id: String,
    /// The provider's id of it.
    pub sid: String,
    /// Where it belongs.
    #[schema(required)]
    pub location_id: Option<String>,
    /// Who called or texted: a phone, or a word such as `withheld`.
    #[schema(example = "+13125550101")]
    pub from: String,
    /// The number called.
    #[schema(example = "+13125550190")]
    pub to: String,
    /// The session.
    #[schema(required)]
    pub session_id: Option<String>,
    /// How the session was found; `none` where it was not.
    #[serde(rename = "match")]
    #[schema(example = "live")]
    pub matched: String,
    /// The customer side's route.
    #[schema(required, example = "backoffice")]
    pub route: Option<String>,
    /// `open`, or how it ended; of a text what became of it.
    #[schema(example = "connected")]
    pub state: String,
    /// When it came.
    #[schema(format = DateTime)]
    pub opened_at: String,
    /// When it ended.
    #[schema(required, format = DateTime)]
    pub ended_at: Option<String>,
}

/// A call or text with everything about it.
#[derive(Serialize, ToSchema)]
pub struct WholeInteraction {
    #[serde(flatten)]
    interaction: Interaction,
    /// What was decided when it came, as `decisions/preview` shows it; null where that is forgotten by now.
    #[schema(required, value_type = Option<Object>)]
    decision: Value,
    /// What happened, in order.
    timeline: Vec<Line>,
    /// What it left to do.
    todos: Vec<Todo>,
}

/// What becomes of a text.
const OF_TEXTS: [&str; 5] = ["relayed", "held", "undelivered", "todo", "keyword"];

fn shape(line: &InteractionLine) -> Interaction {
    let line = line.clone();
    Interaction {
        id: line.id,
        channel: line.channel,
        account_id: line.account,
        sid: line.sid,
        location_id: line.location,
        from: line.caller,
        to: line.number.to_string(),
        session_id: line.session,
        matched: line.matched,
        route: line.route,
        state: line.state,
        opened_at: line.opened_at.to_string(),
        ended_at: line.ended_at.map(|at| at.to_string()),
    }
}

fn whole(record: &InteractionRecord, todos: Vec<Todo>) -> WholeInteraction {
    let row = record.row.clone();
    let decisions = record.steps.iter().map(|step| step.decision.as_str()).chain([row.decision.as_str()]);
    let decision =
        decisions.map(|text| serde_json::from_str(text).unwrap_or_default()).find(|one: &Value| !one.is_null());
    WholeInteraction {
        decision: decision.unwrap_or_default(),
        timeline: timeline::lines(&record.events),
        todos,
        interaction: Interaction {
            id: row.id,
            channel: row.channel,
            account_id: row.account,
            sid: row.sid,
            location_id: row.location,
            from: row.caller,
            to: E164::from_digits(row.number).map(|number| number.to_string()).unwrap_or_default(),
            session_id: row.session,
            matched: row.matched,
            route: row.route,
            state: row.state,
            opened_at: Moment(row.opened_at).to_string(),
            ended_at: row.ended_at.map(|at| Moment(at).to_string()),
        },
    }
}

/// Lists calls and texts.
#[utoipa::path(get, path = "/api/v1/interactions", tag = "interactions",
    params(PageParams, SpanParams, ("channel" = Option<String>, Query), ("session_id" = Option<String>, Query),
        ("state" = Option<String>, Query)),
    responses((status = 200, body = Items<Interaction>), Faults))]
pub async fn list(
    State(house): State<Arc<House>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Items<Interaction>>, Fault> {
    let mut filter = InteractionFilter::default();
    let names = [&span::NAMES[..], &["channel", "session_id", "state"]].concat();
    let asking = page::read_with(query.as_deref(), &names, |name, value| match name {
        "channel" => Some(span::word(&mut filter.channel, value, Channel::ALL.iter().map(|one| one.word()))),
        "session_id" => {
            filter.session = Some(value.to_owned());
            Some(Ok(()))
        }
        "state" => {
            let ends = CallEnd::ALL.iter().map(|end| end.word());
            Some(span::word(&mut filter.state, value, ["open"].into_iter().chain(ends).chain(OF_TEXTS)))
        }
        _ => span::take(&mut filter.span, name, value),
    })?;
    let listed = house.reader()?.interaction_page(&caller.tenant, &filter, &asking.page).await?;
    Ok(Json(page::items(listed, shape)))
}

/// Shows a call or text, with its decision, its timeline and what it left to do.
#[utoipa::path(get, path = "/api/v1/interactions/{id}", tag = "interactions",
    params(("id" = String, Path)),
    responses((status = 200, body = WholeInteraction, headers(("ETag"))), Faults))]
pub async fn show(State(house): State<Arc<House>>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Fault> {
    let reader = house.reader()?;
    let record = reader.interaction_in(&caller.tenant, &id).await?.ok_or_else(Fault::unknown)?;
    let todos = reader.todos_of(&caller.tenant, &id, caller.asker.at).await?;
    Ok(Answer::shown(&whole(&record, todos.iter().map(todos::shape).collect())))
}
