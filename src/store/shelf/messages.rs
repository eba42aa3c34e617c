//! Texts in pages, and one of them: its words where they are kept, and what became of what we sent.
//!
//! Deliberately not here: fetching media (`jobs::media`). The provider's addresses of media are shown to nobody.

use serde::Deserialize;
use sqlx::{FromRow, SqliteConnection};

use super::{Cut, Span, cut, phone};
use crate::domain::{E164, Moment, TenantId};
use crate::store::error::StoreError;
use crate::store::list::{Listed, Mark, Page};
use crate::store::reader::Reader;

/// A text.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageRecord {
    /// Its interaction, which is its id.
    pub id: String,
    /// The provider's id of it.
    pub sid: Option<String>,
    /// Where.
    pub location: Option<String>,
    /// The session.
    pub session: Option<String>,
    /// The masking number.
    pub number: E164,
    /// Who sent it: E.164 or a word.
    pub from: String,
    /// To whom it was passed on.
    pub to: Option<E164>,
    /// `relayed`, `held`, `undelivered`, `todo`, `keyword`.
    pub status: String,
    /// How many media it has.
    pub media: u8,
    /// Its words and kinds of media, where they are kept.
    pub text: Option<Text>,
    /// What became of what we sent for it.
    pub deliveries: Vec<Delivery>,
    /// When it came.
    pub at: Moment,
}

/// What a text says.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    /// Its words.
    pub words: String,
    /// The kinds of its media, such as `image/jpeg`.
    pub media_types: Vec<String>,
}

/// One text that we sent.
#[derive(Clone, PartialEq, Eq, Debug, FromRow)]
pub struct Delivery {
    /// The provider's id of it.
    pub sid: String,
    /// Its status, in the provider's word.
    pub status: String,
    /// The provider's error code.
    pub error_code: Option<i64>,
    /// When that was heard, in microseconds.
    pub at: i64,
}

#[derive(FromRow)]
struct Row {
    interaction: String,
    sid: Option<String>,
    location: Option<String>,
    session: Option<String>,
    number: i64,
    from_phone: String,
    to_phone: Option<i64>,
    body: Option<Vec<u8>>,
    media: i64,
    status: String,
    at: i64,
}

/// Words and media as `switchboard::settle` seals them.
#[derive(Deserialize)]
struct Plain {
    words: String,
    media: Vec<(String, String)>,
}

const COLUMNS: &str = "SELECT m.interaction, i.sid, m.location, i.session, m.number, m.from_phone, m.to_phone, m.body, \
     m.media, m.status, m.at FROM messages m LEFT JOIN interactions i ON i.id = m.interaction";

impl Reader {
    /// A tenant's texts, newest first.
    pub async fn message_page(
        &self,
        tenant: &TenantId,
        span: &Span,
        page: &Page,
    ) -> Result<Listed<MessageRecord>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE m.tenant = $1 AND (m.at, m.interaction) < ($2, $3) AND m.at >= $4 AND m.at <= $5 \
             AND ($6 IS NULL OR m.location = $6) ORDER BY m.at DESC, m.interaction DESC LIMIT $7"
        );
        let Cut { at, id, from, last, most } = cut(page, span);
        let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql)).bind(tenant.as_str()).bind(at).bind(id);
        let query = query.bind(from).bind(last).bind(span.location.as_deref()).bind(most);
        let mut conn = self.conn().await?;
        let mut messages = Vec::new();
        for row in query.fetch_all(&mut *conn).await? {
            messages.push(self.message_of(&mut conn, tenant, row).await?);
        }
        Ok(Listed::of(messages, page, |message| Mark { at: message.at.0, id: message.id.clone() }))
    }

    /// One text of a tenant; `None` where it has none of this id.
    pub async fn message_in(&self, tenant: &TenantId, id: &str) -> Result<Option<MessageRecord>, StoreError> {
        let sql = format!("{COLUMNS} WHERE m.tenant = $1 AND m.interaction = $2");
        let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(sql)).bind(tenant.as_str()).bind(id);
        let mut conn = self.conn().await?;
        let Some(row) = query.fetch_optional(&mut *conn).await? else { return Ok(None) };
        Ok(Some(self.message_of(&mut conn, tenant, row).await?))
    }

    async fn message_of(
        &self,
        conn: &mut SqliteConnection,
        tenant: &TenantId,
        row: Row,
    ) -> Result<MessageRecord, StoreError> {
        let sql =
            "SELECT sid, status, error_code, at FROM message_deliveries WHERE interaction = $1 ORDER BY at DESC, sid";
        let deliveries = sqlx::query_as(sql).bind(row.interaction.as_str()).fetch_all(conn).await?;
        let wrong = |column, what| StoreError::Row { table: "messages", column, what };
        let text = match (&row.body, &self.vault) {
            (Some(sealed), Some(vault)) => {
                let plain = vault.open(tenant.as_str(), "messages", &row.interaction, "body", sealed)?;
                let plain: Plain =
                    serde_json::from_slice(&plain).map_err(|_| wrong("body", "JSON of another shape"))?;
                let media_types = plain.media.into_iter().map(|(_, content_type)| content_type).collect();
                Some(Text { words: plain.words, media_types })
            }
            (None, _) | (_, None) => None,
        };
        Ok(MessageRecord {
            id: row.interaction,
            sid: row.sid,
            location: row.location,
            session: row.session,
            number: phone(row.number, "messages", "number")?,
            from: row.from_phone,
            to: row.to_phone.map(|digits| phone(digits, "messages", "to_phone")).transpose()?,
            status: row.status,
            media: u8::try_from(row.media).map_err(|_| wrong("media", "a number out of range"))?,
            text,
            deliveries,
            at: Moment(row.at),
        })
    }
}
