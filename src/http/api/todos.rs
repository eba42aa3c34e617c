//! `/api/v1/todos`: what the back office owes somebody, whose it is, and whether it is done.
//!
//! Deliberately not here: what leaves a to-do (`routing`).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{Answer, unchanged};
use super::asked::Asked;
use super::caller::Caller;
use super::change::busy;
use super::fault::{Fault, Faults};
use super::page::{self, Items, PageParams};
use super::span::{self, SpanParams};
use super::taken::{Field, Fields};
use crate::domain::{E164, Moment};
use crate::http::House;
use crate::store::base::Wants;
use crate::store::edit::{Act, TodoState};
use crate::store::entry::TodoRow;
use crate::store::shelf::TodoFilter;
use crate::store::todos::TodoRecord;
use crate::switchboard::desk::Plan;
use crate::switchboard::typed::instant;

/// The states' words.
const STATES: [&str; 3] = ["open", "snoozed", "done"];

/// The longest name of whose a to-do is.
const LONGEST_NAME: usize = 200;

/// How often a change is tried again because another one came in between.
const TRIES: usize = 3;

/// Something that the back office owes somebody.
#[derive(Clone, Serialize, ToSchema)]
pub struct Todo {
    /// Its id.
    #[schema(example = "6b1f0f6de5a94d5f9e0c8a1f2b3c4d5e-voicemail")]
    pub id: String,
    /// `voicemail` to listen to, `missed` call to return, `text` to answer.
    #[schema(example = "voicemail")]
    pub kind: String,
    /// `open`, `snoozed` or `done`.
    #[schema(example = "open")]
    pub state: String,
    /// Until when it is put off; then it is open again.
    #[schema(required, format = DateTime)]
    pub snoozed_until: Option<String>,
    /// When it was done.
    #[schema(required, format = DateTime)]
    pub closed_at: Option<String>,
    /// Whose it is.
    #[schema(required)]
    pub assigned_to: Option<String>,
    /// The call or text that left it.
    pub interaction_id: String,
    /// How that came: `voice` or `sms`.
    #[schema(example = "voice")]
    pub channel: String,
    /// Where it belongs.
    #[schema(required)]
    pub location_id: Option<String>,
    /// Whom to call or text back.
    #[schema(required, example = "+13125550101")]
    pub phone: Option<String>,
    /// The number that they used.
    #[schema(example = "+13125550190")]
    pub number: String,
    /// The customer.
    #[schema(required)]
    pub customer_id: Option<String>,
    /// The session.
    #[schema(required)]
    pub session_id: Option<String>,
    /// When it arose.
    #[schema(format = DateTime)]
    pub at: String,
}

/// What changes of a to-do.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `judge` reads")]
pub struct TodoBody {
    /// `open`, `snoozed` or `done`.
    #[schema(nullable = false, pattern = "^(open|snoozed|done)$")]
    state: Option<String>,
    /// Until when; with the state `snoozed`, and only with it. In the future.
    #[schema(format = DateTime)]
    snoozed_until: Option<String>,
    /// Whose it is; null for nobody's.
    #[schema(max_length = 200)]
    assigned_to: Option<String>,
}

/// As it is shown.
pub fn shape(todo: &TodoRecord) -> Todo {
    let id = todo.id();
    let TodoRecord { row, state, assigned_to } = todo.clone();
    let TodoRow { interaction, kind, tenant: _, location, channel, phone, number, customer, session, at } = row;
    let whole = |digits| E164::from_digits(digits).map(|phone| phone.to_string());
    let (word, until, closed) = match state {
        TodoState::Open => (STATES[0], None, None),
        TodoState::Snoozed { until } => (STATES[1], Some(until), None),
        TodoState::Done { at } => (STATES[2], None, Some(at)),
    };
    Todo {
        id,
        kind,
        state: word.to_owned(),
        snoozed_until: until.map(|at| at.to_string()),
        closed_at: closed.map(|at| at.to_string()),
        assigned_to,
        interaction_id: interaction,
        channel,
        location_id: location,
        phone: phone.and_then(whole),
        number: whole(number).unwrap_or_default(),
        customer_id: customer,
        session_id: session,
        at: Moment(at).to_string(),
    }
}

/// What a body makes of a to-do.
fn judge(todo: &TodoRecord, asked: &Asked, now: Moment) -> Result<TodoRecord, Fault> {
    let mut fields = Fields::of(&asked.fields, &["state", "snoozed_until", "assigned_to"]);
    let (state, until, assigned) = (fields.maybe("state"), fields.maybe("snoozed_until"), fields.maybe("assigned_to"));
    let mut changed = todo.clone();
    match assigned {
        Field::Absent => {}
        Field::Null => changed.assigned_to = None,
        Field::Text(name) if (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.trim().is_empty() => {
            changed.assigned_to = Some(name.to_owned());
        }
        Field::Text(_) => {
            fields.wrong("assigned_to", "invalid", format!("must be 1 to {LONGEST_NAME} characters, or null"));
        }
    }
    let instant = until.text().and_then(|text| fields.kept("snoozed_until", instant(text)));
    if instant.is_some_and(|until| until <= now) {
        fields.wrong("snoozed_until", "out_of_range", "must be in the future");
    }
    let snoozed = match (state, todo.state) {
        (Field::Text(word), _) => word == "snoozed",
        (Field::Absent | Field::Null, TodoState::Snoozed { .. }) => true,
        (Field::Absent | Field::Null, TodoState::Open | TodoState::Done { .. }) => false,
    };
    match state {
        Field::Absent => {}
        Field::Text("open") => changed.state = TodoState::Open,
        Field::Text("done") => {
            changed.state = match todo.state {
                TodoState::Done { at } => TodoState::Done { at },
                TodoState::Open | TodoState::Snoozed { .. } => TodoState::Done { at: now },
            };
        }
        Field::Text("snoozed") => {}
        Field::Text(_) | Field::Null => {
            fields.wrong("state", "invalid", format!("must be one of {}", STATES.join(", ")))
        }
    }
    match (snoozed, until, todo.state) {
        (true, Field::Text(_), _) => changed.state = instant.map_or(todo.state, |until| TodoState::Snoozed { until }),
        (true, Field::Absent, TodoState::Snoozed { .. }) | (false, Field::Absent | Field::Null, _) => {}
        (true, Field::Absent | Field::Null, _) => {
            fields.wrong("snoozed_until", "missing", "is needed to put a to-do off");
        }
        (false, Field::Text(_), _) => {
            fields.wrong("snoozed_until", "invalid", "goes with the state snoozed only");
        }
    }
    fields.done()?;
    Ok(changed)
}

/// Lists to-dos.
#[utoipa::path(get, path = "/api/v1/todos", tag = "todos",
    params(PageParams, SpanParams, ("state" = Option<String>, Query), ("assigned_to" = Option<String>, Query)),
    responses((status = 200, body = Items<Todo>), Faults))]
pub async fn list(
    State(house): State<Arc<House>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Items<Todo>>, Fault> {
    let mut filter = TodoFilter::default();
    let names = [&span::NAMES[..], &["state", "assigned_to"]].concat();
    let asking = page::read_with(query.as_deref(), &names, |name, value| match name {
        "state" => Some(span::word(&mut filter.state, value, STATES)),
        "assigned_to" => {
            filter.assigned_to = Some(value.to_owned());
            Some(Ok(()))
        }
        _ => span::take(&mut filter.span, name, value),
    })?;
    let listed = house.reader()?.todo_page(&caller.tenant, &filter, &asking.page, caller.asker.at).await?;
    Ok(Json(page::items(listed, shape)))
}

/// Shows a to-do.
#[utoipa::path(get, path = "/api/v1/todos/{id}", tag = "todos",
    params(("id" = String, Path)),
    responses((status = 200, body = Todo, headers(("ETag"))), Faults))]
pub async fn show(State(house): State<Arc<House>>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Fault> {
    let todo = house.reader()?.todo_in(&caller.tenant, &id, caller.asker.at).await?;
    todo.map(|todo| Answer::shown(&shape(&todo))).ok_or_else(Fault::unknown)
}

/// Changes a to-do: whose it is, put off, done, or open again.
#[utoipa::path(patch, path = "/api/v1/todos/{id}", tag = "todos",
    request_body = TodoBody, params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = Todo, headers(("ETag"))), Faults))]
pub async fn change(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Answer, Fault> {
    for _ in 0..TRIES {
        // The to-do is read behind the revision that its change is written over: no change in between is lost.
        let seen = house.base(&caller, &Wants::default()).await?.revision;
        let todo = house.reader()?.todo_in(&caller.tenant, &id, caller.asker.at).await?.ok_or_else(Fault::unknown)?;
        let done = house
            .change(&caller, None, Wants::default(), |base| {
                if base.revision != seen {
                    return Err(busy());
                }
                unchanged(&asked.headers, &shape(&todo))?;
                let changed = judge(&todo, &asked, caller.asker.at)?;
                let TodoRecord { row: TodoRow { interaction, kind, .. }, state, assigned_to } = changed.clone();
                let act = Act::Todo { interaction, kind, state, assigned_to };
                Ok(Plan::act(&base.rules, act, Answer::shown(&shape(&changed))))
            })
            .await;
        match done {
            Err(fault) if fault.is_busy() => {}
            done => return done,
        }
    }
    Err(busy())
}
