//! Voicemails in pages, and one of them: who left it, how long it is, its words where they are known.
//!
//! Deliberately not here: the recording itself, which is the provider's (`jobs::media` fetches it).

use sqlx::FromRow;

use super::{Cut, Span, cut, phone};
use crate::domain::{E164, Moment, TenantId};
use crate::store::error::StoreError;
use crate::store::list::{Listed, Mark, Page};
use crate::store::reader::Reader;

/// A voicemail.
#[derive(Clone, PartialEq, Eq)]
pub struct VoicemailRecord {
    /// Its interaction, which is its id.
    pub id: String,
    /// Where.
    pub location: Option<String>,
    /// On which account; `None` where the call is not known any more.
    pub account: Option<String>,
    /// The session.
    pub session: Option<String>,
    /// Who left it: E.164 or a word.
    pub caller: Option<String>,
    /// The masking number.
    pub number: Option<E164>,
    /// The provider's id of the recording.
    pub recording_sid: Option<String>,
    /// The provider's address of it.
    pub recording_url: String,
    /// Its length in seconds.
    pub seconds: u32,
    /// Its words, where the provider told them.
    pub words: Option<String>,
    /// When it was left.
    pub at: Moment,
}

#[derive(FromRow)]
struct Row {
    interaction: String,
    location: Option<String>,
    account: Option<String>,
    session: Option<String>,
    caller: Option<String>,
    number: Option<i64>,
    recording_sid: Option<String>,
    recording_url: String,
    seconds: i64,
    words: Option<Vec<u8>>,
    at: i64,
}

const COLUMNS: &str = "SELECT v.interaction, v.location, i.account, i.session, i.caller, i.number, v.recording_sid, \
     v.recording_url, v.seconds, t.words, v.at FROM voicemails v \
     LEFT JOIN interactions i ON i.id = v.interaction LEFT JOIN transcriptions t ON t.interaction = v.interaction";

impl Reader {
    /// A tenant's voicemails, newest first.
    pub async fn voicemail_page(
        &self,
        tenant: &TenantId,
        span: &Span,
        page: &Page,
    ) -> Result<Listed<VoicemailRecord>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE v.tenant = $1 AND (v.at, v.interaction) < ($2, $3) AND v.at >= $4 AND v.at <= $5 \
             AND ($6 IS NULL OR v.location = $6) ORDER BY v.at DESC, v.interaction DESC LIMIT $7"
        );
        let Cut { at, id, from, last, most } = cut(page, span);
        let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql)).bind(tenant.as_str()).bind(at).bind(id);
        let query = query.bind(from).bind(last).bind(span.location.as_deref()).bind(most);
        let rows = query.fetch_all(&mut *self.conn().await?).await?;
        let voicemails = rows.into_iter().map(|row| self.voicemail_of(tenant, row)).collect::<Result<Vec<_>, _>>()?;
        Ok(Listed::of(voicemails, page, |voicemail| Mark { at: voicemail.at.0, id: voicemail.id.clone() }))
    }

    /// One voicemail of a tenant; `None` where it has none of this id.
    pub async fn voicemail_in(&self, tenant: &TenantId, id: &str) -> Result<Option<VoicemailRecord>, StoreError> {
        let sql = format!("{COLUMNS} WHERE v.tenant = $1 AND v.interaction = $2");
        let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql)).bind(tenant.as_str()).bind(id);
        let row = query.fetch_optional(&mut *self.conn().await?).await?;
        row.map(|row| self.voicemail_of(tenant, row)).transpose()
    }

    fn voicemail_of(&self, tenant: &TenantId, row: Row) -> Result<VoicemailRecord, StoreError> {
        let wrong = |table, column, what| StoreError::Row { table, column, what };
        let words = match (&row.words, &self.vault) {
            (Some(sealed), Some(vault)) => {
                let plain = vault.open(tenant.as_str(), "voicemails", &row.interaction, "transcription", sealed)?;
                Some(String::from_utf8(plain).map_err(|_| wrong("transcriptions", "words", "no UTF-8"))?)
            }
            (None, _) | (_, None) => None,
        };
        Ok(VoicemailRecord {
            id: row.interaction,
            location: row.location,
            account: row.account,
            session: row.session,
            caller: row.caller,
            number: row.number.map(|digits| phone(digits, "interactions", "number")).transpose()?,
            recording_sid: row.recording_sid,
            recording_url: row.recording_url,
            seconds: u32::try_from(row.seconds).map_err(|_| wrong("voicemails", "seconds", "a number out of range"))?,
            words,
            at: Moment(row.at),
        })
    }
}
