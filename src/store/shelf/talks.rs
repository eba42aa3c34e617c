//! The calls of sessions: who rang and was rung, how each leg ended, and what it comes to.
//!
//! Deliberately not here: texts, and calls without a session.

use std::collections::HashMap;

use serde::Deserialize;
use sqlx::FromRow;

use crate::domain::{
    Account, Answered, Attempt, Bill, Call, LegOutcome, LegStatus, Moment, RecordFormat, SessionId, Side, TenantId,
};
use crate::store::cell::Cell;
use crate::store::error::StoreError;
use crate::store::reader::Reader;
use crate::store::records::tenant::AccountRecord;
use crate::store::{call_form, declared};

/// A call in a session.
#[derive(Clone, PartialEq, Debug)]
pub struct Talk {
    /// Its id: 32 hexadecimal digits.
    pub id: String,
    /// The session.
    pub session: SessionId,
    /// When it came.
    pub opened_at: Moment,
    /// When it ended; `None` while it runs.
    pub ended_at: Option<Moment>,
    /// Where the first party's leg stands; `None` where there was none.
    pub first: Option<LegStatus>,
    /// Where the second party's leg stands, likewise.
    pub second: Option<LegStatus>,
    /// What its legs come to, as far as their ends were heard of.
    pub bill: Bill,
    /// The id of its recording, where there is one, and its format, where that is settled.
    pub recording: Option<(String, Option<RecordFormat>)>,
}

#[derive(FromRow)]
struct Row {
    id: String,
    session: String,
    account: String,
    opened_at: i64,
    ended_at: Option<i64>,
    call: Option<String>,
    recording: Option<String>,
    format: Option<String>,
}

/// News of a leg, as its line of the timeline has it.
#[derive(Clone, Copy, Debug)]
struct News {
    attempt: Option<u8>,
    status: LegStatus,
    seconds: Option<u32>,
}

#[derive(Deserialize)]
struct Detail {
    attempt: Option<u8>,
    status: String,
    seconds: Option<u32>,
}

impl Reader {
    /// The calls of these sessions of a tenant, oldest first.
    pub async fn talks(&self, tenant: &TenantId, sessions: &[SessionId]) -> Result<Vec<Talk>, StoreError> {
        if sessions.is_empty() {
            return Ok(Vec::new());
        }
        let mut conn = self.conn().await?;
        let sql = "SELECT i.id, i.session, i.account, i.opened_at, i.ended_at, i.call, r.id AS recording, r.format \
             FROM interactions AS i INDEXED BY interactions_by_session LEFT JOIN recordings AS r ON r.id = \
                 (SELECT id FROM recordings WHERE interaction = i.id AND kind = 'call' AND state <> 'purged' \
                 ORDER BY at LIMIT 1) \
             WHERE i.session IN (SELECT value FROM json_each($2)) AND i.tenant = $1 AND i.channel = 'voice' \
             ORDER BY i.opened_at, i.id";
        let named = list(sessions.iter().map(SessionId::as_str));
        let rows = sqlx::query_as::<_, Row>(sql).bind(tenant.as_str()).bind(named).fetch_all(&mut *conn).await?;
        let sql = "SELECT interaction, detail FROM interaction_events INDEXED BY leg_statuses \
             WHERE kind = 'leg.status' AND interaction IN (SELECT value FROM json_each($1)) ORDER BY seq, rank";
        let query = sqlx::query_as::<_, (String, String)>(sql).bind(list(rows.iter().map(|row| row.id.as_str())));
        let mut news: HashMap<String, Vec<News>> = HashMap::new();
        for (interaction, detail) in query.fetch_all(&mut *conn).await? {
            news.entry(interaction).or_default().extend(read(&detail));
        }
        let mut ids: Vec<&str> = rows.iter().map(|row| row.account.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        let ids: Vec<Cell> = ids.into_iter().map(Cell::text).collect();
        let accounts: Vec<AccountRecord> = declared::of_ids(&mut conn, tenant.as_str(), &ids, None).await?;
        let account = |id: &str| accounts.iter().map(|one| &one.account).find(|account| account.id.as_str() == id);
        rows.into_iter()
            .map(|row| talk(&row, account(&row.account), news.get(&row.id).map_or(&[], Vec::as_slice)))
            .collect()
    }
}

fn list<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    super::super::cell::json(&texts.collect::<Vec<_>>())
}

/// A line of another shape tells nothing: it is a timeline's, and a timeline is for people.
fn read(detail: &str) -> Option<News> {
    let Detail { attempt, status, seconds } = serde_json::from_str(detail).ok()?;
    Some(News { attempt, status: LegStatus::read(&status)?, seconds })
}

fn talk(row: &Row, account: Option<&Account>, news: &[News]) -> Result<Talk, StoreError> {
    let call = row.call.as_deref().map(call_form::read).transpose()?;
    let over = row.ended_at.is_some();
    let caller = caller(call.as_ref(), news, over);
    let tariff = call.as_ref().and_then(|call| call.tariff).or(account.map(Account::tariff));
    let last = call.as_ref().and_then(|call| call.attempts.last());
    let callee = last.map(|attempt| callee(attempt, news, over));
    let (first, second) = match call.as_ref().map_or(Side::Outside, caller_side) {
        Side::First => (Some(caller), callee),
        Side::Second | Side::Outside => (callee, Some(caller)),
    };
    Ok(Talk {
        id: row.id.clone(),
        session: row.session.as_str().into(),
        opened_at: Moment(row.opened_at),
        ended_at: row.ended_at.map(Moment),
        first,
        second,
        bill: Bill::of(tariff, legs(call.as_ref(), news)),
        recording: row.recording.clone().map(|id| (id, row.format.as_deref().and_then(RecordFormat::read))),
    })
}

/// On which side the caller stood: of a stranger, the side that was not rung.
fn caller_side(call: &Call) -> Side {
    match (call.side, call.attempts.last().map(|attempt| &attempt.to)) {
        (Side::Outside, Some(Answered::Technician(_))) => Side::Second,
        (Side::Outside, Some(Answered::Customer(_))) => Side::First,
        (Side::First | Side::Second | Side::Outside, _) => call.side,
    }
}

/// The news that tells most of a leg: what came last among what is furthest along.
fn latest(news: &[News], attempt: Option<u8>) -> Option<News> {
    news.iter().filter(|news| news.attempt == attempt).max_by_key(|news| news.status.rank()).copied()
}

/// Where the caller's leg stands; none of a call that is over still runs.
fn caller(call: Option<&Call>, news: &[News], over: bool) -> LegStatus {
    let heard = latest(news, None).map(|news| news.status);
    let gone = call.and_then(|call| call.gone).map(|gone| gone.status);
    heard.filter(|status| status.ended()).or(gone).unwrap_or(match (over, heard) {
        (true, _) => LegStatus::Completed,
        (false, Some(status)) => status,
        (false, None) if call.is_some_and(|call| call.placed.is_some() && !call.first_answered()) => {
            LegStatus::Initiated
        }
        (false, None) => LegStatus::InProgress,
    })
}

/// Where the leg of an attempt stands. Of one that is over whose last news are missing, the outcome tells.
fn callee(attempt: &Attempt, news: &[News], over: bool) -> LegStatus {
    let heard = latest(news, Some(attempt.no)).map(|news| news.status);
    if let Some(ended) = heard.filter(|status| status.ended()) {
        return ended;
    }
    let answered = heard == Some(LegStatus::InProgress) || attempt.seconds.is_some_and(|seconds| seconds > 0);
    match attempt.outcome {
        Some(LegOutcome::Connected | LegOutcome::Rejected | LegOutcome::ScreenTimeout | LegOutcome::CalleeGone) => {
            LegStatus::Completed
        }
        Some(LegOutcome::NoAnswer) => LegStatus::NoAnswer,
        Some(LegOutcome::Busy) => LegStatus::Busy,
        Some(LegOutcome::Failed) => LegStatus::Failed,
        Some(LegOutcome::Canceled | LegOutcome::CallerGone) if answered => LegStatus::Completed,
        Some(LegOutcome::Canceled | LegOutcome::CallerGone) => LegStatus::Canceled,
        None if over && answered => LegStatus::Completed,
        None if over => LegStatus::Canceled,
        None => heard.unwrap_or(LegStatus::Initiated),
    }
}

/// Every leg with the seconds that it lasted: the caller's, and each phone that was rung. What was taken for the length of
/// a leg when its end was told counts; the news of it do where that is not known.
fn legs(call: Option<&Call>, news: &[News]) -> Vec<Option<u32>> {
    let lasted = |attempt: Option<u8>| {
        let ended = news.iter().filter(move |news| news.attempt == attempt && news.status == LegStatus::Completed);
        ended.map(|news| news.seconds)
    };
    let mut legs = Vec::new();
    if !call.is_some_and(Call::never_placed) {
        // A caller has one leg, however often its end is told.
        let gone = call.and_then(|call| call.gone).map(|gone| gone.seconds);
        legs.push(gone.or_else(|| lasted(None).flatten().max()));
    }
    let attempts = call.map(|call| call.attempts.as_slice()).unwrap_or_default();
    for attempt in attempts {
        let mut of: Vec<Option<u32>> = lasted(Some(attempt.no)).collect();
        if of.is_empty() || attempt.phones.len() < 2 {
            of = vec![attempt.seconds.or_else(|| of.into_iter().flatten().next())];
        }
        of.resize(of.len().max(attempt.phones.len()), None);
        legs.extend(of);
    }
    legs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Acceptance, Recorded, Screening};

    fn news(attempt: Option<u8>, status: LegStatus, seconds: Option<u32>) -> News {
        News { attempt, status, seconds }
    }

    #[test]
    fn a_leg_is_as_far_as_its_furthest_news() {
        use LegStatus::{Completed, InProgress, NoAnswer, Ringing};
        let caller = |status| news(None, status, None);
        for (news, expected, why) in [
            (vec![], None, "nothing was heard"),
            (vec![caller(Ringing), caller(InProgress)], Some(InProgress), "in order"),
            (vec![caller(Completed), caller(Ringing)], Some(Completed), "late news change nothing"),
            (vec![news(Some(1), NoAnswer, None)], None, "another leg's"),
        ] {
            assert_eq!(latest(&news, None).map(|news| news.status), expected, "{why}");
        }
    }

    fn attempt(outcome: Option<LegOutcome>, seconds: Option<u32>) -> Attempt {
        Attempt {
            no: 1,
            to: Answered::Customer(None),
            phones: Vec::new(),
            started_at: Moment::default(),
            ring_timeout: 20,
            time_limit: 3600,
            screening: Screening::None,
            acceptance: Acceptance::Unasked,
            outcome,
            seconds,
            recorded: Recorded::No,
        }
    }

    #[test]
    fn nothing_that_is_over_still_runs() {
        use LegStatus::{Busy, Canceled, Completed, InProgress, Initiated, NoAnswer, Ringing};
        let (open, over) = (false, true);
        for (outcome, seconds, heard, ended, expected, why) in [
            (None, None, None, open, Initiated, "it is rung"),
            (None, None, Some(Ringing), open, Ringing, "it rings"),
            (Some(LegOutcome::Connected), Some(61), Some(InProgress), open, Completed, "the last news are missing"),
            (Some(LegOutcome::CalleeGone), Some(0), Some(InProgress), open, Completed, "gone in the whisper"),
            (Some(LegOutcome::NoAnswer), Some(0), Some(Ringing), over, NoAnswer, "nobody answered"),
            (Some(LegOutcome::Failed), Some(0), Some(Busy), over, Busy, "the provider knows best"),
            (Some(LegOutcome::CallerGone), Some(0), Some(Ringing), over, Canceled, "the caller gave up"),
            (Some(LegOutcome::CallerGone), Some(4), None, over, Completed, "the caller gave up in the whisper"),
            (None, None, Some(InProgress), over, Completed, "it was answered, and the call is over"),
            (None, None, Some(Ringing), over, Canceled, "it rang, and the call is over"),
        ] {
            let news: Vec<News> = heard.into_iter().map(|status| news(Some(1), status, None)).collect();
            assert_eq!(callee(&attempt(outcome, seconds), &news, ended), expected, "{why}");
        }
        let ring = [news(None, InProgress, None)];
        for (news, ended, expected, why) in [
            (&ring[..0], open, InProgress, "a caller is there"),
            (&ring[..], over, Completed, "until the call is over"),
            (&ring[..0], over, Completed, "also where nothing was heard"),
        ] {
            assert_eq!(caller(None, news, ended), expected, "{why}");
        }
    }

    #[test]
    fn a_caller_has_one_leg() {
        let end = |seconds| news(None, LegStatus::Completed, seconds);
        for (news, expected, why) in [
            (vec![], vec![None], "nothing was heard"),
            (vec![end(Some(29))], vec![Some(29)], "it ended"),
            (vec![end(None), end(Some(29)), end(Some(29))], vec![Some(29)], "told three times"),
        ] {
            assert_eq!(legs(None, &news), expected, "{why}");
        }
    }

    #[test]
    fn a_line_of_the_timeline_is_read_or_passed_over() {
        for (detail, read_as, why) in [
            (r#"{"attempt":1,"status":"completed","seconds":9}"#, true, "a callee's leg"),
            (r#"{"attempt":null,"status":"ringing","seconds":null}"#, true, "the caller's"),
            (r#"{"status":"asleep"}"#, false, "no status of ours"),
            ("{}", false, "nothing"),
        ] {
            assert_eq!(read(detail).is_some(), read_as, "{why}");
        }
    }
}
