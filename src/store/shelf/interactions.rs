//! Calls and texts in pages, and one of them with its steps and its timeline.
//!
//! Deliberately not here: what a call's next step needs (`store::call_form`).

use sqlx::FromRow;

use super::{Cut, Shelved, Span, all, cut, phone};
use crate::domain::{E164, Moment, TenantId};
use crate::store::error::StoreError;
use crate::store::interactions::InteractionRecord;
use crate::store::list::{Listed, Mark, Page};
use crate::store::reader::Reader;

/// Which calls and texts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InteractionFilter {
    /// Where and when: by the instant at which it came.
    pub span: Span,
    /// Only of this channel.
    pub channel: Option<String>,
    /// Only of this session.
    pub session: Option<String>,
    /// Only in this state: `open`, or how it ended.
    pub state: Option<String>,
}

/// A call or text in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InteractionLine {
    /// Its id: 32 hexadecimal digits.
    pub id: String,
    /// Where.
    pub location: Option<String>,
    /// On which account.
    pub account: String,
    /// `voice` or `sms`.
    pub channel: String,
    /// The provider's id of it.
    pub sid: String,
    /// The masking number.
    pub number: E164,
    /// Who called: E.164 or a word.
    pub caller: String,
    /// The session.
    pub session: Option<String>,
    /// How it was matched.
    pub matched: String,
    /// The customer side's route.
    pub route: Option<String>,
    /// `open`, or how it ended.
    pub state: String,
    /// When it came.
    pub opened_at: Moment,
    /// When it ended.
    pub ended_at: Option<Moment>,
}

#[derive(FromRow)]
pub(super) struct Row {
    id: String,
    location: Option<String>,
    account: String,
    channel: String,
    sid: String,
    number: i64,
    caller: String,
    session: Option<String>,
    matched: String,
    route: Option<String>,
    state: String,
    opened_at: i64,
    ended_at: Option<i64>,
}

impl Shelved for InteractionLine {
    type Row = Row;

    fn read(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            location: row.location,
            account: row.account,
            channel: row.channel,
            sid: row.sid,
            number: phone(row.number, "interactions", "number")?,
            caller: row.caller,
            session: row.session,
            matched: row.matched,
            route: row.route,
            state: row.state,
            opened_at: Moment(row.opened_at),
            ended_at: row.ended_at.map(Moment),
        })
    }
}

impl Reader {
    /// A tenant's calls and texts, newest first.
    pub async fn interaction_page(
        &self,
        tenant: &TenantId,
        filter: &InteractionFilter,
        page: &Page,
    ) -> Result<Listed<InteractionLine>, StoreError> {
        let sql = "SELECT id, location, account, channel, sid, number, caller, session, matched, route, state, \
                 opened_at, ended_at FROM interactions \
             WHERE tenant = $1 AND (opened_at, id) < ($2, $3) AND opened_at >= $4 AND opened_at <= $5 \
                 AND ($6 IS NULL OR location = $6) AND ($7 IS NULL OR channel = $7) \
                 AND ($8 IS NULL OR session = $8) AND ($9 IS NULL OR state = $9) \
             ORDER BY opened_at DESC, id DESC LIMIT $10";
        let Cut { at, id, from, last, most } = cut(page, &filter.span);
        let query = sqlx::query_as::<_, Row>(sql).bind(tenant.as_str()).bind(at).bind(id).bind(from).bind(last);
        let query = query.bind(filter.span.location.as_deref()).bind(filter.channel.as_deref());
        let query = query.bind(filter.session.as_deref()).bind(filter.state.as_deref()).bind(most);
        let lines = all(query.fetch_all(&mut *self.conn().await?).await?)?;
        Ok(Listed::of(lines, page, |line: &InteractionLine| Mark { at: line.opened_at.0, id: line.id.clone() }))
    }

    /// One call or text of a tenant, with its steps and its timeline; `None` where it has none of this id.
    pub async fn interaction_in(&self, tenant: &TenantId, id: &str) -> Result<Option<InteractionRecord>, StoreError> {
        let found = self.interaction_of(id).await?;
        Ok(found.filter(|record| record.row.tenant == tenant.as_str()))
    }
}
