//! The test door that replaces everything known: rules in, the whole world anew.
//!
//! Deliberately not here: reading the rules and writing them down; whoever starts the server brings that along. The
//! test doors answer 404 unless the server was started for tests and every account is a sandbox.

use std::pin::Pin;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::rules::ruleset::Mistake;

use super::problem::{problem, shut};
use super::{House, admin, body};

/// The longest rules file that is taken in.
const LONGEST: usize = 1024 * 1024;

/// Empties the store, applies this text and loads it.
pub type SetWorld = Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = Result<(), NotSet>> + Send>> + Send + Sync>;

/// Why a world was not set.
#[derive(Debug)]
pub enum NotSet {
    /// The rules have mistakes; the old world stands.
    Mistakes(Vec<Mistake>),
    /// The store failed.
    Failed(String),
}

/// The test doors' lock: whether they exist, then whether the key is right.
pub fn unlock<'a>(house: &'a House, headers: &HeaderMap) -> Result<&'a SetWorld, Box<Response>> {
    let set_world = house.set_world.as_ref().filter(|_| house.board.all_sandbox());
    let set_world = set_world.ok_or_else(|| Box::new(shut()))?;
    admin::admit(headers, &house.admin_key)?;
    Ok(set_world)
}

/// `PUT /test/world`.
pub async fn put_world(State(house): State<Arc<House>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let set_world = match unlock(&house, &parts.headers) {
        Ok(set_world) => set_world,
        Err(refusal) => return *refusal,
    };
    let body = match body::take(&parts.headers, body, LONGEST).await {
        Ok(body) => body,
        Err(not_taken) => return not_taken.into_response(),
    };
    let Ok(text) = String::from_utf8(body.into()) else {
        return problem(StatusCode::UNPROCESSABLE_ENTITY, "The rules are not UTF-8.", Value::Null);
    };
    match set_world(text).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(NotSet::Mistakes(mistakes)) => {
            let all: Vec<Value> = mistakes.iter().map(in_json).collect();
            let detail = format!("The rules have {} to mend; nothing was changed.", count(all.len()));
            problem(StatusCode::UNPROCESSABLE_ENTITY, &detail, json!({"mistakes": all}))
        }
        Err(NotSet::Failed(why)) => problem(StatusCode::INTERNAL_SERVER_ERROR, &why, Value::Null),
    }
}

fn in_json(mistake: &Mistake) -> Value {
    json!({"file": mistake.file, "line": mistake.line, "field": mistake.field, "message": mistake.message})
}

fn count(mistakes: usize) -> String {
    if mistakes == 1 { "1 mistake".to_owned() } else { format!("{mistakes} mistakes") }
}
