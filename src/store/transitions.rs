//! Changes of masking modes: that one was decided, and where it stands.
//!
//! Deliberately not here: carrying one out (`jobs`).

use sqlx::SqliteConnection;

use super::audit::fresh_id;
use super::error::StoreError;
use super::reader::Reader;
use super::records::Record;
use crate::domain::settings::words;
use crate::domain::{LocationId, MaskingMode, Moment, TenantId};

words! {
    /// Where a mode transition stands.
    TransitionState {
        /// It was decided.
        Planned = "planned",
        /// It is being carried out.
        Running = "running",
        /// It is over.
        Done = "done",
        /// A step failed.
        Failed = "failed",
        /// Another one came before its end.
        Superseded = "superseded",
    }
}

/// A change of a location's masking mode.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModeTransition {
    /// Its id.
    pub id: String,
    /// Of which location.
    pub location: LocationId,
    /// From this mode.
    pub from: MaskingMode,
    /// To this one.
    pub to: MaskingMode,
    /// Where it stands.
    pub state: TransitionState,
    /// When it was decided.
    pub at: Moment,
}

/// A mode that changed.
pub(super) struct Turn {
    location: String,
    from: MaskingMode,
    to: MaskingMode,
}

impl Turn {
    /// What became of a location's mode, where the record is one and it was there before.
    pub(super) fn between<R: Record>(before: Option<&R>, after: &R) -> Option<Self> {
        let (from, to) = (before?.settings()?.masking_mode, after.settings()?.masking_mode);
        (from != to).then(|| Self { location: after.id(), from, to })
    }
}

/// Writes down that modes changed; one that was under way is superseded.
pub(super) async fn write(
    conn: &mut SqliteConnection,
    tenant: &str,
    turns: &[Turn],
    now: Moment,
) -> Result<(), StoreError> {
    for Turn { location, from, to } in turns {
        let sql = "UPDATE mode_transitions SET state = 'superseded' \
             WHERE tenant = $1 AND location = $2 AND state IN ('planned', 'running')";
        sqlx::query(sql).bind(tenant).bind(location.as_str()).execute(&mut *conn).await?;
        let sql = "INSERT INTO mode_transitions (id, tenant, location, from_mode, to_mode, state, at) \
             VALUES ($1, $2, $3, $4, $5, 'planned', $6)";
        let query = sqlx::query(sql).bind(fresh_id()?).bind(tenant).bind(location.as_str());
        query.bind(from.word()).bind(to.word()).bind(now.0).execute(&mut *conn).await?;
    }
    Ok(())
}

impl Reader {
    /// The latest change of a location's masking mode.
    pub async fn latest_transition(
        &self,
        tenant: &TenantId,
        location: &LocationId,
    ) -> Result<Option<ModeTransition>, StoreError> {
        let sql = "SELECT id, from_mode, to_mode, state, at FROM mode_transitions \
             WHERE tenant = $1 AND location = $2 ORDER BY seq DESC LIMIT 1";
        type Row = (String, String, String, String, i64);
        let query = sqlx::query_as::<_, Row>(sql).bind(tenant.as_str()).bind(location.as_str());
        let Some((id, from, to, state, at)) = query.fetch_optional(&mut *self.conn().await?).await? else {
            return Ok(None);
        };
        let wrong = |column| StoreError::Row { table: "mode_transitions", column, what: "an unknown word" };
        Ok(Some(ModeTransition {
            id,
            location: location.clone(),
            from: MaskingMode::read(&from).ok_or_else(|| wrong("from_mode"))?,
            to: MaskingMode::read(&to).ok_or_else(|| wrong("to_mode"))?,
            state: TransitionState::read(&state).ok_or_else(|| wrong("state"))?,
            at: Moment(at),
        }))
    }
}
