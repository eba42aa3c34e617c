//! What all declared things have in common: they are shown, made, changed and taken away in the same way.
//!
//! Deliberately not here: their shapes and their doors.

use std::sync::Arc;

use axum::http::HeaderMap;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::answer::{Answer, unchanged};
use super::asked::Asked;
use super::caller::Caller;
use super::fault::{Fault, FieldError};
use crate::http::House;
use crate::rules::file::body::{self, Kind};
use crate::rules::file::is_slug;
use crate::rules::finding::Finding;
use crate::rules::ruleset::Ruleset;
use crate::store::base::Wants;
use crate::store::edit::Gone;
use crate::switchboard::desk::Plan;

/// A kind of thing with doors of its own.
pub trait Declared {
    /// Its kind in rules files.
    const KIND: Kind;
    /// Where its doors are.
    const PATH: &'static str;
    /// The field that its id is in.
    const ID: &'static str = "id";
    /// How it is shown.
    type Shape: Serialize;

    /// What has to be known to judge a change of the one of this id; `body` is what the request says.
    fn wants(id: &str, body: &Asked) -> Wants;

    /// What has to be known to show it.
    fn wants_to_show(id: &str) -> Wants;

    /// The one of this id, in its shape.
    fn find(rules: &Ruleset, id: &str) -> Option<Self::Shape>;

    /// What has to be known to take it away.
    fn wants_to_take(id: &str) -> Wants;

    /// What is taken away with it; a fault where something that is there needs it.
    fn take(rules: &Ruleset, id: &str, caller: &Caller) -> Result<Gone, Fault>;

    /// What the settings of today say to a change, besides the thing itself.
    fn judge(_rules: &Ruleset, _id: &str) -> Vec<Finding> {
        Vec::new()
    }
}

/// Shows one.
pub async fn show<D: Declared>(house: &Arc<House>, caller: &Caller, id: &str) -> Result<Answer, Fault> {
    let base = house.base(caller, &D::wants_to_show(id)).await?;
    D::find(&base.rules, id).map(|shape| Answer::shown(&shape)).ok_or_else(Fault::unknown)
}

/// Makes one, under the id that the request chose or a new one.
pub async fn create<D: Declared>(house: &Arc<House>, caller: &Caller, asked: &Asked) -> Result<Answer, Fault> {
    let id = chosen(asked, D::ID)?;
    house
        .change(caller, asked.once.as_ref(), D::wants(&id, asked), |base| {
            if D::find(&base.rules, &id).is_some() {
                let message = format!("{id} is there already: choose another, or change that one");
                let error = FieldError::new(D::ID, "exists", message.clone());
                return Err(Fault::conflict("exists", message).with(vec![error]));
            }
            let read = body::read(D::KIND, &id, &asked.fields, &base.rules).map_err(Fault::found)?;
            let shape = D::find(&read.rules, &id).ok_or_else(super::fault::broken)?;
            let answer = Answer::made(format!("{}/{id}", D::PATH), &shape);
            Ok(Plan::put(read.rules, answer))
        })
        .await
}

/// Changes one: a field that is sent changes, another keeps its value.
pub async fn change<D: Declared>(
    house: &Arc<House>,
    caller: &Caller,
    id: &str,
    asked: &Asked,
) -> Result<Answer, Fault> {
    house
        .change(caller, None, D::wants(id, asked), |base| {
            let before = D::find(&base.rules, id).ok_or_else(Fault::unknown)?;
            unchanged(&asked.headers, &before)?;
            let read = body::read(D::KIND, id, &asked.fields, &base.rules).map_err(Fault::found)?;
            let shape = D::find(&read.rules, id).ok_or_else(super::fault::broken)?;
            Ok(Plan::put(read.rules, Answer::shown(&shape)))
        })
        .await
}

/// Takes one away.
pub async fn remove<D: Declared>(
    house: &Arc<House>,
    caller: &Caller,
    id: &str,
    headers: &HeaderMap,
) -> Result<Answer, Fault> {
    house
        .change(caller, None, D::wants_to_take(id), |base| {
            let before = D::find(&base.rules, id).ok_or_else(Fault::unknown)?;
            unchanged(headers, &before)?;
            let gone = D::take(&base.rules, id, caller)?;
            Ok(Plan::take(&base.rules, gone, Answer::gone()))
        })
        .await
}

/// The id that a request chose for a new thing, or a new one.
fn chosen(asked: &Asked, field: &str) -> Result<String, Fault> {
    match asked.fields.get(field) {
        None => Ok(Uuid::now_v7().to_string()),
        Some(Value::String(id)) if is_slug(id) || field == "e164" => Ok(id.clone()),
        Some(_) => {
            let message =
                "must be 1 to 64 letters, digits, dots, dashes and underscores, and begin with a letter or digit";
            Err(Fault::wrong(vec![FieldError::new(field, "invalid", message)]))
        }
    }
}

/// A reference in a request's body, where it is a text.
pub fn named<'a>(asked: &'a Asked, field: &str) -> Option<&'a str> {
    asked.fields.get(field).and_then(Value::as_str)
}
