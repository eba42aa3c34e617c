//! `/api/v1/todos/{id}/call-back`: a dispatcher's line is called, and joined with whom a to-do owes a call. Both sides see the
//! masking number.
//!
//! Deliberately not here: whether it may be (`routing::connect`), and starting it (`jobs::provider`).

use std::sync::Arc;

use axum::extract::{Path, State};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::Answer;
use super::asked::Asked;
use super::caller::Caller;
use super::fault::{Fault, Faults, FieldError};
use super::taken::Fields;
use crate::domain::{CallId, LineId, Placing};
use crate::http::House;
use crate::routing::connect::{NotCalled, Wish};
use crate::store::base::Wants;
use crate::store::edit::{Act, TodoState};
use crate::switchboard::desk::Plan;

/// Who calls back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `create` reads")]
pub struct CallBackBody {
    /// The dispatcher's line, of the to-do's location. It is called first.
    #[schema(example = "desk-1")]
    line_id: String,
}

/// A call that is being started.
#[derive(Serialize, ToSchema)]
pub struct CallBack {
    /// The call's interaction: it tells how far it has come.
    #[schema(example = "6b1f0f6de5a94d5f9e0c8a1f2b3c4d5e")]
    pub interaction_id: String,
    /// The to-do.
    pub todo_id: String,
    /// The line.
    pub line_id: String,
}

/// Calls back: the line first, and once somebody has answered there (and pressed the accept key, where the location wants
/// it), whom the to-do is about. It is started within a minute or not at all. The to-do stays as it is.
#[utoipa::path(post, path = "/api/v1/todos/{id}/call-back", tag = "todos",
    request_body = CallBackBody,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = CallBack, headers(("Location"), ("ETag"))), Faults))]
pub async fn create(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Answer, Fault> {
    let todo = house.reader()?.todo_in(&caller.tenant, &id, caller.asker.at).await?.ok_or_else(Fault::unknown)?;
    let call = CallId(Uuid::now_v7().as_u128());
    let location = format!("/api/v1/interactions/{call}");
    let wished = Mutex::new(None);
    let answer = house
        .change(&caller, asked.once.as_ref(), Wants::default(), |base| {
            let mut fields = Fields::of(&asked.fields, &["line_id"]);
            let line = fields.read("line_id", |text| Ok(LineId::from(text)));
            fields.done()?;
            let (line, owed) = line.zip(todo.row.owed()).ok_or_else(super::fault::broken)?;
            if matches!(todo.state, TodoState::Done { .. }) {
                return Err(Fault::conflict("done", "The to-do is done: open it again to call back."));
            }
            let wish = Wish::CallBack(owed, line.clone());
            house.board.may_call(&caller.tenant, &wish, caller.asker.at).map_err(refused)?;
            *wished.lock() = Some(wish);
            let shown = CallBack { interaction_id: call.to_string(), todo_id: id.clone(), line_id: line.to_string() };
            let act = Act::Call { id: call, placing: Placing::CallBack { todo: id.clone(), line } };
            Ok(Plan::act(&base.rules, act, Answer::made(location.clone(), &shown)))
        })
        .await?;
    // Planned now, so that its address is there when it is told; where it cannot be, its job says why.
    if let Some(wish) = wished.into_inner().filter(|_| answer.has_made(&location)) {
        house.board.plan_call(call, &caller.tenant, &wish, caller.asker.at).await.ok();
    }
    Ok(answer)
}

fn refused(why: NotCalled) -> Fault {
    let text = format!("The call cannot be started: {why}.");
    match why {
        NotCalled::NoLine => Fault::wrong(vec![FieldError::new("line_id", "not_found", why.to_string())]),
        NotCalled::Running => Fault::conflict("in_progress", text).retry_after(30),
        NotCalled::NoPhone => Fault::conflict("no_phone", text),
        NotCalled::Refused(_) => Fault::conflict("destination_refused", text),
        NotCalled::NoSession
        | NotCalled::SessionOver
        | NotCalled::NoParty
        | NotCalled::NoNumber
        | NotCalled::Unspoken => Fault::conflict("not_possible", text),
    }
}
