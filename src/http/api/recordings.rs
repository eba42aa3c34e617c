//! `/api/v1/recordings`: recorded calls and voicemails, and their sound, which is kept here.
//!
//! Deliberately not here: fetching them from the provider (`jobs::recordings`).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::Answer;
use super::caller::Caller;
use super::fault::{Fault, Faults};
use super::page::{self, Items, PageParams};
use super::span::{self, SpanParams};
use super::voicemails::Sound;
use crate::domain::Moment;
use crate::http::{House, sound};
use crate::store::entry::RecordingRow;
use crate::store::recordings::RecordingRecord;
use crate::store::shelf::Span;

/// A recording.
#[derive(Serialize, ToSchema)]
pub struct Recording {
    /// Its id.
    #[schema(example = "6b1f0f6de5a94d5f9e0c8a1f2b3c4d5e")]
    pub id: String,
    /// `call` or `voicemail`.
    #[schema(example = "call")]
    pub kind: String,
    /// The call.
    pub interaction_id: String,
    /// Where it belongs.
    #[schema(required)]
    pub location_id: Option<String>,
    /// The session.
    #[schema(required)]
    pub session_id: Option<String>,
    /// Its length.
    pub seconds: i64,
    /// `waiting` while it is at the provider, `stored` here, `failed` where the provider did not hand it over, `purged`
    /// when its time was over.
    #[schema(example = "stored")]
    pub state: String,
    /// `mp3` or `wav`.
    #[schema(required, example = "mp3")]
    pub format: Option<String>,
    /// How long its sound is.
    #[schema(required)]
    pub bytes: Option<i64>,
    /// The SHA-256 of its sound.
    #[schema(required)]
    pub sha256: Option<String>,
    /// The provider's id of it.
    #[schema(required)]
    pub recording_sid: Option<String>,
    /// Where its sound is.
    #[schema(example = "/api/v1/recordings/6b1f0f6de5a94d5f9e0c8a1f2b3c4d5e/audio")]
    pub audio: String,
    /// When it was made.
    #[schema(format = DateTime)]
    pub at: String,
    /// When it was stored.
    #[schema(required, format = DateTime)]
    pub stored_at: Option<String>,
}

fn shape(recording: &RecordingRecord) -> Recording {
    let RecordingRecord { told, state, file: _, bytes, sha256, stored_at } = recording.clone();
    let RecordingRow {
        id,
        interaction,
        kind,
        location,
        session,
        sid,
        seconds,
        at,
        format,
        tenant: _,
        account: _,
        url: _,
    } = told;
    Recording {
        audio: format!("/api/v1/recordings/{id}/audio"),
        id,
        kind,
        interaction_id: interaction,
        location_id: location,
        session_id: session,
        seconds: seconds.into(),
        state,
        format,
        bytes,
        sha256,
        recording_sid: sid,
        at: Moment(at).to_string(),
        stored_at: stored_at.map(|at| Moment(at).to_string()),
    }
}

/// Lists recordings.
#[utoipa::path(get, path = "/api/v1/recordings", tag = "recordings",
    params(PageParams, SpanParams),
    responses((status = 200, body = Items<Recording>), Faults))]
pub async fn list(
    State(house): State<Arc<House>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Items<Recording>>, Fault> {
    let mut span = Span::default();
    let asking = page::read_with(query.as_deref(), &span::NAMES, |name, value| span::take(&mut span, name, value))?;
    let listed = house.reader()?.recording_page(&caller.tenant, &span, &asking.page).await?;
    Ok(Json(page::items(listed, shape)))
}

/// Shows a recording.
#[utoipa::path(get, path = "/api/v1/recordings/{id}", tag = "recordings",
    params(("id" = String, Path)),
    responses((status = 200, body = Recording, headers(("ETag"))), Faults))]
pub async fn show(State(house): State<Arc<House>>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Fault> {
    let found = house.reader()?.recording_in(&caller.tenant, &id).await?;
    found.map(|recording| Answer::shown(&shape(&recording))).ok_or_else(Fault::unknown)
}

/// Hands a recording's sound out, whole or the part that `Range` asks for. While it is still at the provider, and after its
/// time was over, there is none.
#[utoipa::path(get, path = "/api/v1/recordings/{id}/audio", tag = "recordings",
    params(("id" = String, Path), ("Range" = Option<String>, Header)),
    responses((status = 200, description = "Its sound", body = Sound, content_type = "audio/*"),
        (status = 206, description = "A part of it", body = Sound, content_type = "audio/*"),
        (status = 416, description = "There is no such part"), Faults))]
pub async fn audio(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let recording = house.reader()?.recording_in(&caller.tenant, &id).await?.ok_or_else(Fault::unknown)?;
    house.stored_sound(&recording, &headers).await?.ok_or_else(|| {
        let state = match recording.state.as_str() {
            "waiting" => "It is still at the provider.",
            "purged" => "Its time is over: the sound is gone.",
            _ => "The provider did not hand it over.",
        };
        Fault::new(StatusCode::NOT_FOUND, state)
    })
}

impl House {
    /// The sound of a recording that is stored; `None` for one that is not.
    pub(super) async fn stored_sound(
        &self,
        recording: &RecordingRecord,
        headers: &HeaderMap,
    ) -> Result<Option<Response>, Fault> {
        let Some(store) = self.board.store() else { return Ok(None) };
        sound::stored(store, recording, headers).await.map_err(|why| {
            tracing::error!(%why, "a recording of ours cannot be opened");
            Fault::new(StatusCode::INTERNAL_SERVER_ERROR, "The recording cannot be opened.")
        })
    }
}
