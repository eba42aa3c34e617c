//! Recordings: fetched from the provider while they come in, sealed, and forgotten when their time is over.
//!
//! Deliberately not here: when it is tried again (`jobs::provider`), and handing them out (`http`). Nothing here holds more
//! of a recording than a chunk.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;

use crate::domain::{Clock, TenantId};
use crate::providers::rest::sound;
use crate::store::sealed_file::{FileError, Sealing, Written};
use crate::store::{Store, StoreError};
use crate::switchboard::{Medium, Switchboard};

use super::media::{Fetcher, NotFetched};
use super::provider::Errands;

/// How often it is looked what is too old.
const PERIOD: Duration = Duration::from_secs(3600);

/// Days that a recording is kept which belongs to no location, or to one that is gone.
const DAYS: i64 = 365;

/// Why a recording is not kept yet.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// It is not to be fetched.
    #[error("{0}")]
    Never(&'static str),
    /// The provider does not hand it over.
    #[error(transparent)]
    NotFetched(#[from] NotFetched),
    /// Nothing came.
    #[error("the provider sent nothing")]
    Empty,
    /// Something else came.
    #[error("the provider sent something that is no sound")]
    NotSound,
    /// It cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl NotKept {
    /// Whether another try may end better. What is not there yet may come: it is told of before it can be read. So may the
    /// right of whoever asks: a token that was changed is mended within the day.
    pub const fn passes(&self) -> bool {
        match self {
            Self::NotFetched(NotFetched::Unreachable)
            | Self::Empty
            | Self::NotSound
            | Self::File(_)
            | Self::Store(_) => true,
            Self::NotFetched(NotFetched::Refused(status)) => {
                matches!(*status, 401 | 403 | 404 | 408 | 409 | 425 | 429) || *status >= 500
            }
            Self::Never(_) | Self::NotFetched(NotFetched::Address | NotFetched::Astray | NotFetched::TooLong) => false,
        }
    }
}

/// Fetches a recording and keeps it; nothing where that was done before, or it was erased.
pub async fn fetch(errands: &Errands, id: &str) -> Result<(), NotKept> {
    let Some(found) = errands.store.read().recording(id).await? else { return Ok(()) };
    if found.state != "waiting" {
        return Ok(());
    }
    let told = found.sound_format();
    let row = found.told;
    let tenant = TenantId::from(row.tenant.as_str());
    let format = told.unwrap_or_else(|| errands.board.recording_format(&tenant, row.session.as_deref()));
    let medium = errands.board.recording(&row.account, &sound(&row.url, format));
    let medium = medium.ok_or(NotKept::Never("the account has no provider that could have it"))?;
    let (file, sealing) = errands.store.seal_recording(&row.tenant, id, errands.clock.now()).await?;
    let written = pour(&errands.fetcher, &medium, sealing).await?;
    errands.store.recording_stored(id, &file, format, &written, errands.clock.now()).await?;
    Ok(())
}

/// Fetches into a file; of what does not come whole nothing remains.
async fn pour(fetcher: &Fetcher, medium: &Medium, mut sealing: Sealing) -> Result<Written, NotKept> {
    let poured = async {
        let fetched = fetcher.fetch(medium).await?;
        if !fetched.may_be_sound() {
            return Err(NotKept::NotSound);
        }
        let (mut bytes, expected, mut got) = (fetched.bytes, fetched.length, 0);
        while let Some(piece) = bytes.next().await {
            let piece = piece?;
            got += piece.len() as u64;
            sealing.add(&piece).await?;
        }
        if got == 0 || expected.is_some_and(|expected| expected != got) { Err(NotKept::Empty) } else { Ok(()) }
    };
    match poured.await {
        Ok(()) => Ok(sealing.end().await?),
        Err(why) => {
            sealing.drop_it().await;
            Err(why)
        }
    }
}

/// Forgets recordings that are older than their location keeps them, and files that were let go; for ever, the first
/// time at once. What fails now is forgotten an hour later.
pub async fn purge(store: Store, board: Arc<Switchboard>, clock: Clock) {
    let mut due = tokio::time::interval(PERIOD);
    loop {
        due.tick().await;
        match forget(&store, &board, &clock).await {
            Ok(0) => {}
            Ok(gone) => tracing::info!(gone, "old recordings were forgotten"),
            Err(why) => tracing::warn!(%why, "old recordings could not be forgotten"),
        }
    }
}

/// Forgets what is too old now; how many there were.
///
/// # Errors
/// A database or a disk that fails.
pub async fn forget(store: &Store, board: &Switchboard, clock: &Clock) -> Result<usize, StoreError> {
    let (now, mut gone) = (clock.now(), 0);
    for (tenant, location, before) in board.retention(now) {
        gone += store.purge_recordings(&tenant, Some(location.as_str()), before, now).await?;
    }
    for tenant in board.tenants() {
        gone += store.purge_recordings(&tenant, None, now.plus_days(-DAYS), now).await?;
    }
    store.remove_loose(now).await?;
    Ok(gone)
}
