//! What all declared things have in common: they are shown, made, changed and taken away in the same way.
//!
//! Deliberately not here: their shapes and their doors.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::answer::{Answer, unchanged};
use super::asked::Asked;
use super::caller::Caller;
use super::fault::{Fault, FieldError};
use crate::domain::{Moment, Session};
use crate::http::House;
use crate::routing::handset::Stuck;
use crate::rules::file::body::{self, Kind};
use crate::rules::file::is_slug;
use crate::rules::removal::{self, Going};
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

    /// What changes with it, besides itself; `changed` is what it becomes.
    fn follow(_base: &Ruleset, _changed: &mut Ruleset, _id: &str, _now: Moment) -> Result<(), Fault> {
        Ok(())
    }

    /// What has to be known to take it away.
    fn wants_to_take(_id: &str) -> Wants {
        Wants::default()
    }

    /// What is taken away with it; a fault where something that is there needs it. What is a part of something else has
    /// a way of its own.
    fn take(_rules: &Ruleset, _id: &str, _caller: &Caller) -> Result<Gone, Fault> {
        Err(super::fault::broken())
    }

    /// The fields that a tenant's key may change, where others are the operator's; all where nothing is said.
    fn open_to_tenants(_rules: &Ruleset, _id: &str) -> Option<&'static [&'static str]> {
        None
    }
}

/// What needs a thing that is to go.
pub struct Needed {
    sessions: Vec<String>,
    /// What names it.
    pub errors: Vec<FieldError>,
}

/// Whatever needs a thing that is to go.
pub fn needed(rules: &Ruleset, going: Going<'_>, caller: &Caller) -> Needed {
    let sessions = removal::in_the_way(rules, going, caller.asker.at);
    let errors = removal::references(rules, going).into_iter().map(FieldError::from).collect();
    Needed { sessions: sessions.iter().map(ToString::to_string).collect(), errors }
}

/// That nothing which is there needs what is to go.
///
/// # Errors
/// As [`Needed::refuse`].
pub fn free(rules: &Ruleset, going: Going<'_>, caller: &Caller) -> Result<(), Fault> {
    needed(rules, going, caller).refuse()
}

impl Needed {
    /// That it is nothing.
    ///
    /// # Errors
    /// 409 with the sessions that need it, and with what names it.
    pub fn refuse(self) -> Result<(), Fault> {
        let Self { sessions, mut errors } = self;
        if sessions.is_empty() && errors.is_empty() {
            return Ok(());
        }
        if !sessions.is_empty() {
            let message = format!("{} of them still need it; end them first: session_ids names them", sessions.len());
            errors.insert(0, FieldError::new("sessions", "in_use", message));
        }
        let detail = "Something that is there needs it; nothing was changed.";
        let fault = Fault::new(StatusCode::CONFLICT, detail).with(errors);
        Err(if sessions.is_empty() { fault } else { fault.member("session_ids", sessions.into()) })
    }
}

/// Takes up the sessions that follow a person to another phone.
///
/// # Errors
/// 409 with the sessions that cannot.
pub fn followed(rules: &mut Ruleset, found: Result<Vec<Session>, Stuck>, field: &str) -> Result<(), Fault> {
    let (sessions, code, message) = match found {
        Ok(sessions) => {
            rules.sessions.extend(sessions);
            return Ok(());
        }
        Err(Stuck::NoPhone(sessions)) => {
            (sessions, "no_phone", "sessions still reach the phone that is taken away: end them first, or name another")
        }
        Err(Stuck::Same(sessions)) => {
            (sessions, "conflict", "is the other party's phone in a session that still routes")
        }
    };
    let sessions: Vec<String> = sessions.iter().map(ToString::to_string).collect();
    let error = FieldError::new(field, code, message);
    Err(Fault::conflict(code, message).with(vec![error]).member("session_ids", sessions.into()))
}

/// What a request may not change, because it is the operator's to change.
fn reserved<D: Declared>(rules: &Ruleset, id: &str, asked: &Asked, caller: &Caller) -> Vec<FieldError> {
    let Some(open) = D::open_to_tenants(rules, id).filter(|_| !caller.is_operator()) else { return Vec::new() };
    let known = body::fields(D::KIND).iter().filter(|field| !open.contains(field));
    let sent = known.filter(|field| asked.fields.contains_key(**field));
    sent.map(|field| FieldError::new(*field, "read_only", "only the operator may change it")).collect()
}

/// Reads a body over what is stored; every mistake at once, those that are the operator's to make among them.
fn read<D: Declared>(rules: &Ruleset, id: &str, asked: &Asked, caller: &Caller) -> Result<Ruleset, Fault> {
    let mut errors = reserved::<D>(rules, id, asked, caller);
    match body::read(D::KIND, id, &asked.fields, rules) {
        Ok(read) if errors.is_empty() => Ok(read.rules),
        Ok(_) => Err(Fault::wrong(errors)),
        Err(found) => {
            let own = |error: &FieldError| !errors.iter().any(|known| known.field == error.field);
            let found: Vec<FieldError> = found.into_iter().filter(|one| !one.warning).map(FieldError::from).collect();
            errors = errors.iter().cloned().chain(found.into_iter().filter(own)).collect();
            Err(Fault::wrong(errors))
        }
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
            let rules = read::<D>(&base.rules, &id, asked, caller)?;
            let shape = D::find(&rules, &id).ok_or_else(super::fault::broken)?;
            Ok(Plan::put(rules, Answer::made(format!("{}/{id}", D::PATH), &shape)))
        })
        .await
}

/// Changes one: a field that is sent changes, another keeps its value. What could never be is refused as such, whichever
/// state it was meant for.
pub async fn change<D: Declared>(
    house: &Arc<House>,
    caller: &Caller,
    id: &str,
    asked: &Asked,
) -> Result<Answer, Fault> {
    house
        .change(caller, None, D::wants(id, asked), |base| {
            let before = D::find(&base.rules, id).ok_or_else(Fault::unknown)?;
            let mut rules = read::<D>(&base.rules, id, asked, caller)?;
            unchanged(&asked.headers, &before)?;
            D::follow(&base.rules, &mut rules, id, caller.asker.at)?;
            let shape = D::find(&rules, id).ok_or_else(super::fault::broken)?;
            Ok(Plan::put(rules, Answer::shown(&shape)))
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
pub fn chosen(asked: &Asked, field: &str) -> Result<String, Fault> {
    match asked.fields.get(field) {
        None => Ok(Uuid::now_v7().to_string()),
        Some(Value::String(id)) if is_slug(id) || field == "e164" => Ok(id.clone()),
        Some(_) if field == "e164" => {
            let message = "must be a text: + and 7 to 15 digits, such as +13125550190";
            Err(Fault::wrong(vec![FieldError::new(field, "wrong_type", message)]))
        }
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
