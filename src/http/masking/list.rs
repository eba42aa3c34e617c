//! Looking at sessions: one, or a page of those that a query wants.
//!
//! Deliberately not here: reading the query (`query`).

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::door::Client;
use super::query::Query;
use super::shape;
use super::told::{Refusal, Told, answer};
use crate::domain::SessionId;
use crate::http::House;
use crate::store::masked::Masked;
use crate::store::shelf::Talk;

/// `GET …/Masking/Session/{session_uuid}/`.
pub async fn show(State(house): State<Arc<House>>, client: Client) -> Response {
    let seen = seen(&house, &client).await;
    let told =
        seen.map(|(masked, talks)| Told::done(json!({ "response": shape::session(&masked, &talks, &house.board) })));
    answer(&client, told)
}

/// `GET …/Masking/Session/`.
pub async fn list(State(house): State<Arc<House>>, client: Client, RawQuery(query): RawQuery) -> Response {
    answer(&client, listed(&house, &client, query.as_deref().unwrap_or_default()).await)
}

/// The session that is asked for, with its calls.
pub async fn seen(house: &House, client: &Client) -> Result<(Masked, Vec<Talk>), Refusal> {
    let reader = house.board.reader().ok_or_else(Refusal::broken)?;
    let found = reader.masked_session(&client.tenant, &client.session, client.asker.at).await?;
    let masked = found.ok_or_else(Refusal::unknown)?;
    let talks = reader.talks(&client.tenant, std::slice::from_ref(&masked.session.id)).await?;
    Ok((masked, talks))
}

async fn listed(house: &House, client: &Client, query: &str) -> Result<Told, Refusal> {
    let reader = house.board.reader().ok_or_else(Refusal::broken)?;
    let country = house.board.country(&client.tenant);
    let query = Query::read(query, &country, client.asker.at)?;
    let (found, total) = reader.masked_sessions(&client.tenant, &query.filter, client.asker.at).await?;
    let ids: Vec<SessionId> = found.iter().map(|masked| masked.session.id.clone()).collect();
    let talks = reader.talks(&client.tenant, &ids).await?;
    let own = format!("/v1/Account/{}/Masking/Session/", client.auth_id);
    let objects: Vec<Value> = found
        .iter()
        .map(|masked| {
            let id = &masked.session.id;
            let own_talks: Vec<Talk> = talks.iter().filter(|talk| talk.session == *id).cloned().collect();
            let mut object = shape::session(masked, &own_talks, &house.board);
            object["resource_uri"] = format!("{own}{id}/").into();
            object
        })
        .collect();
    let page = |offset: Option<u32>| offset.map(|offset| format!("{own}?{}", query.at(offset)));
    let meta = json!({
        "limit": query.filter.limit,
        "offset": query.filter.offset,
        "total_count": total,
        "next": page(query.next(total)),
        "previous": page(query.previous()),
    });
    Ok(Told::done(json!({ "response": { "meta": meta, "objects": objects } })))
}
