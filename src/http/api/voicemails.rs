//! `/api/v1/voicemails`: what callers left, its words where they are known, and its sound.
//!
//! Deliberately not here: keeping recordings (`jobs::recordings`). Until a voicemail's is kept, it is fetched from the provider
//! while it is read.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::Answer;
use super::caller::Caller;
use super::fault::{Fault, Faults, Problem};
use super::page::{self, Items, PageParams};
use super::span::{self, SpanParams};
use crate::http::House;
use crate::http::media::handed_on;
use crate::store::shelf::{Span, VoicemailRecord};

/// A voicemail.
#[derive(Serialize, ToSchema)]
pub struct Voicemail {
    /// Its id, which is its interaction's too.
    pub id: String,
    /// Where it belongs.
    #[schema(required)]
    pub location_id: Option<String>,
    /// The session.
    #[schema(required)]
    pub session_id: Option<String>,
    /// Who left it: a phone, or a word such as `withheld`.
    #[schema(required, example = "+13125550101")]
    pub from: Option<String>,
    /// The number called.
    #[schema(required, example = "+13125550190")]
    pub to: Option<String>,
    /// Its length.
    pub seconds: u32,
    /// What it says, where the provider has told.
    #[schema(required)]
    pub transcription: Option<String>,
    /// The provider's id of the recording.
    #[schema(required)]
    pub recording_sid: Option<String>,
    /// Where its sound is.
    #[schema(example = "/api/v1/voicemails/6b1f0f6de5a94d5f9e0c8a1f2b3c4d5e/audio")]
    pub audio: String,
    /// When it was left.
    #[schema(format = DateTime)]
    pub at: String,
}

/// Sound, as the provider hands it over.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "it describes bytes")]
pub struct Sound(Vec<u8>);

fn shape(voicemail: &VoicemailRecord) -> Voicemail {
    let VoicemailRecord {
        id,
        location,
        account: _,
        session,
        caller,
        number,
        recording_sid,
        recording_url: _,
        seconds,
        words,
        at,
    } = voicemail.clone();
    Voicemail {
        audio: format!("/api/v1/voicemails/{id}/audio"),
        id,
        location_id: location,
        session_id: session,
        from: caller,
        to: number.map(|number| number.to_string()),
        seconds,
        transcription: words,
        recording_sid,
        at: at.to_string(),
    }
}

/// Lists voicemails.
#[utoipa::path(get, path = "/api/v1/voicemails", tag = "voicemails",
    params(PageParams, SpanParams),
    responses((status = 200, body = Items<Voicemail>), Faults))]
pub async fn list(
    State(house): State<Arc<House>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Items<Voicemail>>, Fault> {
    let mut span = Span::default();
    let asking = page::read_with(query.as_deref(), &span::NAMES, |name, value| span::take(&mut span, name, value))?;
    let listed = house.reader()?.voicemail_page(&caller.tenant, &span, &asking.page).await?;
    Ok(Json(page::items(listed, shape)))
}

/// Shows a voicemail.
#[utoipa::path(get, path = "/api/v1/voicemails/{id}", tag = "voicemails",
    params(("id" = String, Path)),
    responses((status = 200, body = Voicemail, headers(("ETag"))), Faults))]
pub async fn show(State(house): State<Arc<House>>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Fault> {
    Ok(Answer::shown(&shape(&found(&house, &caller, &id).await?)))
}

/// Hands a voicemail's sound out, whole or the part that `Range` asks for; until it is kept here, as it comes in from the
/// provider, and whole.
#[utoipa::path(get, path = "/api/v1/voicemails/{id}/audio", tag = "voicemails",
    params(("id" = String, Path), ("Range" = Option<String>, Header)),
    responses((status = 200, description = "Its sound", body = Sound, content_type = "audio/*"),
        (status = 206, description = "A part of it", body = Sound, content_type = "audio/*"),
        (status = 416, description = "There is no such part"), Faults,
        (status = 502, description = "The provider does not hand it over", body = Problem,
            content_type = "application/problem+json")))]
pub async fn audio(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let voicemail = found(&house, &caller, &id).await?;
    if let Some(recording) = house.reader()?.voicemail_sound(&caller.tenant, &id).await? {
        if recording.state == "purged" {
            return Err(Fault::new(StatusCode::NOT_FOUND, "Its time is over: the sound is gone."));
        }
        if let Some(sound) = house.stored_sound(&recording, &headers).await? {
            return Ok(sound);
        }
    }
    let recording =
        voicemail.account.and_then(|account| house.board.recording(&account, &voicemail.recording_url)).ok_or_else(
            || Fault::new(StatusCode::NOT_FOUND, "There is no provider of this account that could have its recording."),
        )?;
    match house.fetcher.fetch(&recording).await {
        Ok(fetched) => Ok(handed_on(fetched)),
        Err(why) => {
            tracing::warn!(%why, "a recording could not be fetched");
            Err(Fault::new(StatusCode::BAD_GATEWAY, "The provider did not hand the recording over."))
        }
    }
}

async fn found(house: &House, caller: &Caller, id: &str) -> Result<VoicemailRecord, Fault> {
    house.reader()?.voicemail_in(&caller.tenant, id).await?.ok_or_else(Fault::unknown)
}
