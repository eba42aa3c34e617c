//! What happened before: interactions by time, and what was known of a number at an instant.
//!
//! Deliberately not here: one interaction with its steps (`store::interactions`).

use sqlx::FromRow;

use super::error::StoreError;
use super::reader::Reader;
use crate::domain::{Channel, Contact, ContactBy, E164, MaskingNumber, Moment};

/// Enough of an interaction to decide whether to look at it.
#[derive(Clone, PartialEq, Eq, Debug, FromRow)]
pub struct Brief {
    /// Its id.
    pub id: String,
    /// `voice` or `sms`.
    pub channel: String,
    /// Who called: E.164 or a word.
    pub caller: String,
    /// The session.
    pub session: Option<String>,
    /// When it came, in microseconds.
    pub opened_at: i64,
}

/// When a call or text came, and where the journal has it: of one instant, what the journal has before it was before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Turn {
    /// When it came.
    pub at: Moment,
    /// Its first place in the journal.
    pub seq: i64,
}

const BRIEF: &str = "SELECT id, channel, caller, session, opened_at FROM interactions";

impl Reader {
    /// The interactions with the latest news, newest first.
    pub async fn newest(&self, most: u32) -> Result<Vec<Brief>, StoreError> {
        let sql = format!("{BRIEF} ORDER BY updated_at DESC LIMIT $1");
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(most).fetch_all(&mut *self.conn().await?).await?)
    }

    /// The interactions that came at an instant or later, oldest first; those of one instant as the journal has them.
    pub async fn since(&self, at: Moment, most: u32) -> Result<Vec<Brief>, StoreError> {
        let sql = format!("{BRIEF} WHERE updated_at >= $1 AND opened_at >= $1 ORDER BY opened_at, first_seq LIMIT $2");
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(at.0).bind(most).fetch_all(&mut *self.conn().await?).await?)
    }

    /// The interactions through a number that came at an instant or later and before somebody's turn, oldest first.
    pub async fn through(&self, number: E164, from: Moment, before: Turn, most: u32) -> Result<Vec<Brief>, StoreError> {
        // The newest of them, where there are more than asked for.
        let sql = format!(
            "{BRIEF} WHERE updated_at >= $1 AND opened_at >= $1 AND (opened_at, first_seq) < ($2, $3) AND number = $4 \
             ORDER BY opened_at DESC, first_seq DESC LIMIT $5"
        );
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(from.0).bind(before.at.0).bind(before.seq);
        let query = query.bind(signed(number)).bind(most);
        let mut found: Vec<Brief> = query.fetch_all(&mut *self.conn().await?).await?;
        found.reverse();
        Ok(found)
    }

    /// Contacts through a number, made at an instant or later and before somebody's turn, oldest first.
    pub async fn contacts_through(&self, number: E164, from: Moment, before: Turn) -> Result<Vec<Contact>, StoreError> {
        // Of the instant itself, those of callers whose call or text the journal has before that turn.
        let sql = "SELECT at, from_phone, to_phone, channel, made_by FROM contacts \
             WHERE at >= $1 AND number = $4 AND (at < $2 OR (at = $2 AND EXISTS (SELECT 1 FROM interactions one \
                 WHERE one.updated_at >= $2 AND one.opened_at <= $2 AND one.first_seq < $3 \
                     AND one.number = contacts.number AND one.caller = '+' || contacts.from_phone))) \
             ORDER BY at, from_phone, to_phone, channel";
        type Row = (i64, i64, i64, String, String);
        let query = sqlx::query_as::<_, Row>(sql).bind(from.0).bind(before.at.0).bind(before.seq).bind(signed(number));
        let rows = query.fetch_all(&mut *self.conn().await?).await?;
        let wrong = |column, what| StoreError::Row { table: "contacts", column, what };
        let phone = |digits: i64, column| {
            let read = u64::try_from(digits).ok().and_then(E164::from_digits);
            read.ok_or_else(|| wrong(column, "no phone number"))
        };
        rows.into_iter()
            .map(|(at, from, to, channel, by)| {
                Ok(Contact {
                    number: MaskingNumber::rented(number),
                    from: phone(from, "from_phone")?,
                    to: phone(to, "to_phone")?,
                    at: Moment(at),
                    channel: Channel::read(&channel).ok_or_else(|| wrong("channel", "an unknown word"))?,
                    by: ContactBy::read(&by).ok_or_else(|| wrong("made_by", "an unknown word"))?,
                })
            })
            .collect()
    }

    /// Phones that were opted out of a number's texts before somebody's turn, and the text that said so, where it is
    /// still known.
    pub async fn opted_out(&self, number: E164, before: Turn) -> Result<Vec<(E164, Option<String>)>, StoreError> {
        let sql = "SELECT phone, said FROM (SELECT phone, at, (SELECT id FROM interactions one \
                 WHERE one.updated_at = opt_outs.at AND one.number = opt_outs.number AND one.channel = 'sms' \
                     AND one.caller = '+' || opt_outs.phone AND one.first_seq < $3 ORDER BY one.first_seq LIMIT 1) said \
             FROM opt_outs WHERE number = $1 AND opted_out = 1 AND at <= $2) \
             WHERE at < $2 OR said IS NOT NULL ORDER BY at";
        let query = sqlx::query_as::<_, (i64, Option<String>)>(sql);
        let query = query.bind(signed(number)).bind(before.at.0).bind(before.seq);
        let rows = query.fetch_all(&mut *self.conn().await?).await?;
        let phone = |digits: i64| u64::try_from(digits).ok().and_then(E164::from_digits);
        Ok(rows.into_iter().filter_map(|(digits, text)| Some((phone(digits)?, text))).collect())
    }
}

fn signed(number: E164) -> i64 {
    // At most fifteen digits, which fit.
    i64::try_from(number.digits()).unwrap_or(i64::MAX)
}
