//! Changing a session while it lasts, and ending it before its time.
//!
//! Deliberately not here: reading the parameters that a new session has too (`asked`).

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::asked;
use super::change::changed;
use super::create::not_paired;
use super::door::Client;
use super::field::Fields;
use super::told::{Refusal, Told, answer};
use super::{LONGEST, list, shape};
use crate::domain::{Door, E164, EndedBy, Moment, Phase, Session, SessionState, Terms};
use crate::http::{House, body};
use crate::routing::job::stands;
use crate::routing::pairing::{self, Server};
use crate::rules::ruleset::Ruleset;
use crate::store::base::{WantSessions, Wants};
use crate::store::masked::Masked;
use crate::switchboard::desk::Plan;

/// What is settled when a session is made, whatever kind it is.
const SETTLED: [&str; 13] = [
    "initiate_call_to_first_party",
    "is_pin_authentication_required",
    "generate_pin",
    "generate_pin_length",
    "first_party_pin",
    "second_party_pin",
    "pin_prompt_play",
    "pin_retry",
    "pin_retry_wait",
    "incorrect_pin_play",
    "force_pin_authentication",
    "unknown_caller_play",
    "virtual_number_cooloff_period",
];

/// `POST …/Masking/Session/{session_uuid}/`.
pub async fn update(State(house): State<Arc<House>>, client: Client, request: Request) -> Response {
    answer(&client, updated(&house, &client, request).await)
}

/// `DELETE …/Masking/Session/{session_uuid}/`. Clients send a body, which says nothing new.
pub async fn expire(State(house): State<Arc<House>>, client: Client) -> Response {
    answer(&client, expired(&house, &client).await)
}

async fn updated(house: &House, client: &Client, request: Request) -> Result<Told, Refusal> {
    let (parts, body) = request.into_parts();
    let fields = Fields::read(&body::take(&parts.headers, body, LONGEST).await?)?;
    let now = client.asker.at;
    let ours = |phone| house.board.is_ours(phone);
    let server = Server { ours: &ours, countries: house.board.countries() };
    let wants = if fields.has("first_party") || fields.has("second_party") {
        let sessions = WantSessions::Beside { id: client.session.clone(), now };
        Wants { sessions, ..Wants::default() }
    } else {
        one(client)
    };
    let session = changed(house, client, &wants, Refusal::taken, |base| {
        let before = find(base, client)?;
        let made_at = before.options.terms.as_ref().map_or(now, |terms| terms.made_at);
        let told = shape::session(&Masked::of(before.clone(), made_at), &[], &house.board);
        let session = with(base, before, fields.clone(), &told, now, server)?;
        Ok(Plan::put(Ruleset { sessions: vec![session.clone()], ..base.only_tenant() }, session))
    })
    .await?;
    let shown = match list::seen(house, client).await {
        Ok((masked, talks)) => shape::session(&masked, &talks, &house.board),
        // It was changed, and that is what is answered.
        Err(_) => {
            let made_at = session.options.terms.as_ref().map_or(now, |terms| terms.made_at);
            shape::session(&Masked::of(session, made_at), &[], &house.board)
        }
    };
    Ok(Told::done(json!({ "message": "Session updated", "session": shown })))
}

async fn expired(house: &House, client: &Client) -> Result<Told, Refusal> {
    let now = client.asker.at;
    changed(house, client, &one(client), Refusal::taken, |base| {
        let mut session = find(base, client)?.clone();
        session.state = SessionState::Ended { at: now, by: EndedBy::Api };
        if let Some(terms) = &session.options.terms {
            session.options.terms = Some(Arc::new(Terms { modified_at: now, ..(**terms).clone() }));
        }
        Ok(Plan::put(Ruleset { sessions: vec![session.clone()], ..base.only_tenant() }, session))
    })
    .await?;
    Ok(Told::done(json!({ "message": "Session expired" })))
}

fn one(client: &Client) -> Wants {
    Wants { sessions: WantSessions::Ids(vec![client.session.clone()]), ..Wants::default() }
}

/// The session that is asked for, while it lasts.
fn find<'a>(base: &'a Ruleset, client: &Client) -> Result<&'a Session, Refusal> {
    let found = base.sessions.iter().find(|session| session.id.as_str() == client.session);
    let session = found.ok_or_else(Refusal::unknown)?;
    match stands(base, session, client.asker.at) {
        Phase::Over { .. } => Err(Refusal::expired()),
        Phase::NotYet | Phase::Live | Phase::Grace => Ok(session),
    }
}

/// A session, of which this is told, with what was sent of it. What cannot change may be sent as it is: clients send back what they were told.
fn with(
    base: &Ruleset,
    before: &Session,
    mut fields: Fields,
    told: &Value,
    now: Moment,
    server: Server<'_>,
) -> Result<Session, Refusal> {
    asked::single_by_either_name(&mut fields);
    let mut session = before.clone();
    let made_at = before.started_at.unwrap_or_default();
    let mut terms = before.options.terms.as_deref().cloned().unwrap_or_else(|| Terms::plain(Door::Plivo, made_at));
    for name in SETTLED {
        if !fields.repeats(name, &told[name]) {
            fields.invalid(name, "cannot be updated");
        }
    }
    if fields.flag("geomatch").is_some_and(|geomatch| geomatch != terms.geomatch) {
        fields.invalid("geomatch", "cannot be updated");
    }
    if fields.words("subaccount").is_some_and(|named| Some(&named) != terms.subaccount.as_ref()) {
        fields.invalid("subaccount", "cannot be updated");
    }
    parties(&mut session, &mut terms, &mut fields, &base.tenant.country);
    if let Some(seconds) = asked::expiry(&mut fields) {
        terms.lasts = seconds;
        session.state = SessionState::Live { expires_at: Some(now.plus(Duration::from_secs(seconds.into()))) };
    }
    asked::changeable(&mut fields, &mut session.options, &mut terms);
    fields.done()?;
    let (first, second) = (session.first_party, session.second_party);
    if (first, second) != (before.first_party, before.second_party) {
        if let Some(why) = pairing::refused(base, first, second, server) {
            return Err(not_paired(why));
        }
        let joining: Vec<E164> = first.into_iter().chain(second).filter(|phone| !before.has(*phone)).collect();
        if pairing::cools(base, &session, &joining, now) {
            return Err(Refusal::cooling());
        }
    }
    // Terms that nobody made and nothing was asked of stay unmade.
    if before.options.terms.is_some() || terms != Terms::plain(Door::Plivo, made_at) {
        terms.modified_at = now;
        session.options.terms = Some(Arc::new(terms));
    }
    Ok(session)
}

/// The parties of a session of one party may change, and a second one may join it; those of two stay.
fn parties(session: &mut Session, terms: &mut Terms, fields: &mut Fields, country: &str) {
    let was_single = terms.single_party;
    let single = fields.flag("create_session_with_single_party").unwrap_or(was_single);
    if single && !was_single {
        fields.invalid("create_session_with_single_party", "cannot be updated");
        return;
    }
    for (name, party) in [("first_party", &mut session.first_party), ("second_party", &mut session.second_party)] {
        let Some(phone) = fields.phone(name, country) else { continue };
        if !was_single && *party != Some(phone) {
            fields.invalid(name, "cannot be updated");
        }
        *party = Some(phone);
    }
    if !single && was_single {
        for (name, party) in [("first_party", session.first_party), ("second_party", session.second_party)] {
            if party.is_none() && !fields.has(name) {
                fields.missing(name);
            }
        }
    }
    terms.single_party = single;
}
