//! A batch of entries as rows: what one transaction of the journal writes.
//!
//! Deliberately not here: when a batch is written and what happens when it cannot be (`store::writer`), and the rows
//! that are rare (`store::rare`).

use std::collections::HashMap;

use sqlx::SqliteConnection;

use super::cell::{Query, column};
use super::entry::{ClaimKey, ContactRow, Entry, EventRow, InteractionRow, JournalRow, Write};
use super::error::StoreError;
use super::insert::Insert;
use super::rare;

static CLAIMS: Insert = Insert::new("claims", &["key", "seq"], "ON CONFLICT DO NOTHING");

static JOURNAL: Insert = Insert::new(
    "journal",
    &[
        "seq",
        "interaction",
        "at",
        "id",
        "claim",
        "account",
        "tenant",
        "step",
        "sid",
        "method",
        "target",
        "body",
        "status",
        "answer",
        "slots",
        "slot_hash",
        "held",
        "decision",
        "effects",
        "micros",
    ],
    "",
);

/// A later state replaces an earlier one, never the other way round; `last_seq` always moves on.
static INTERACTIONS: Insert = Insert::new(
    "interactions",
    &[
        "id",
        "tenant",
        "location",
        "account",
        "channel",
        "sid",
        "number",
        "caller",
        "opened_at",
        "session",
        "matched",
        "route",
        "state",
        "ended_at",
        "call",
        "decision",
        "updated_at",
        "first_seq",
        "last_seq",
    ],
    "ON CONFLICT (id) DO UPDATE SET \
     sid = CASE WHEN excluded.sid <> '' THEN excluded.sid ELSE interactions.sid END, \
     location = CASE WHEN excluded.updated_at >= interactions.updated_at THEN excluded.location ELSE interactions.location END, \
     session = CASE WHEN excluded.updated_at >= interactions.updated_at THEN excluded.session ELSE interactions.session END, \
     matched = CASE WHEN excluded.updated_at >= interactions.updated_at THEN excluded.matched ELSE interactions.matched END, \
     route = CASE WHEN excluded.updated_at >= interactions.updated_at THEN excluded.route ELSE interactions.route END, \
     state = CASE WHEN excluded.updated_at >= interactions.updated_at THEN excluded.state ELSE interactions.state END, \
     ended_at = CASE WHEN excluded.updated_at >= interactions.updated_at THEN excluded.ended_at ELSE interactions.ended_at END, \
     call = CASE WHEN excluded.updated_at >= interactions.updated_at THEN excluded.call ELSE interactions.call END, \
     decision = CASE WHEN excluded.updated_at >= interactions.updated_at THEN excluded.decision ELSE interactions.decision END, \
     updated_at = CASE WHEN excluded.updated_at >= interactions.updated_at THEN excluded.updated_at ELSE interactions.updated_at END, \
     last_seq = excluded.last_seq",
);

static EVENTS: Insert = Insert::new("interaction_events", &["seq", "rank", "interaction", "at", "kind", "detail"], "");

static CONTACTS: Insert = Insert::new(
    "contacts",
    &["at", "number", "from_phone", "to_phone", "channel", "made_by", "tenant"],
    "ON CONFLICT DO NOTHING",
);

/// What an entry claims: its delivery, or where it has none, its own name. Either is written once.
pub(super) fn claim(entry: &Entry) -> ClaimKey {
    entry.claim.unwrap_or_else(|| entry.id.to_be_bytes())
}

/// Writes a batch inside of a transaction; entries whose claim is taken are skipped whole.
pub(super) async fn write(conn: &mut SqliteConnection, batch: &[&Entry]) -> Result<(), StoreError> {
    let newest: i64 = sqlx::query_scalar("SELECT coalesce(max(seq), 0) FROM journal").fetch_one(&mut *conn).await?;
    let numbered: Vec<(i64, &Entry)> = (newest + 1..).zip(batch.iter().copied()).collect();
    let fresh = take_claims(conn, numbered).await?;
    if fresh.is_empty() {
        return Ok(());
    }

    JOURNAL.run(conn, &fresh, |query, (seq, entry)| bind_journal(query, *seq, entry)).await?;
    let News { rows, touched } = news(&fresh)?;
    INTERACTIONS.run(conn, &rows, bind_interaction).await?;
    for (id, seq) in touched {
        let sql = "UPDATE interactions SET last_seq = $1 WHERE id = $2";
        sqlx::query(sql).bind(seq).bind(id).execute(&mut *conn).await?;
    }
    let events: Vec<(i64, i64, &EventRow)> = fresh
        .iter()
        .flat_map(|(seq, entry)| {
            let events = entry.writes.iter().filter_map(|write| {
                let Write::Event(row) = write else { return None };
                Some(row)
            });
            (0..).zip(events).map(move |(rank, row)| (*seq, rank, row))
        })
        .collect();
    EVENTS
        .run(conn, &events, |query, (seq, rank, EventRow { interaction, at, kind, detail })| {
            query.bind(*seq).bind(*rank).bind(interaction.as_str()).bind(*at).bind(kind.as_str()).bind(detail.as_str())
        })
        .await?;
    let contacts: Vec<&ContactRow> = fresh
        .iter()
        .flat_map(|(_, entry)| &entry.writes)
        .filter_map(|write| {
            let Write::Contact(row) = write else { return None };
            Some(row)
        })
        .collect();
    contact_rows(conn, &contacts).await?;
    for (_, entry) in &fresh {
        for write in &entry.writes {
            rare::write(conn, write).await?;
        }
    }
    Ok(())
}

/// Writes contacts; tells how many were new.
pub(super) async fn contact_rows(conn: &mut SqliteConnection, rows: &[&ContactRow]) -> Result<u64, StoreError> {
    let rows: Vec<(i64, i64, i64, &ContactRow)> = rows
        .iter()
        .map(|row| {
            let phone = |digits, name| column(digits, "contacts", name);
            Ok((phone(row.number, "number")?, phone(row.from, "from_phone")?, phone(row.to, "to_phone")?, *row))
        })
        .collect::<Result<_, StoreError>>()?;
    CONTACTS
        .run(conn, &rows, |query, (number, from, to, ContactRow { at, channel, by, tenant, .. })| {
            query
                .bind(*at)
                .bind(*number)
                .bind(*from)
                .bind(*to)
                .bind(channel.as_str())
                .bind(by.as_str())
                .bind(tenant.as_str())
        })
        .await
}

/// Of a batch, the entries whose claims nobody had.
async fn take_claims<'a>(
    conn: &mut SqliteConnection,
    numbered: Vec<(i64, &'a Entry)>,
) -> Result<Vec<(i64, &'a Entry)>, StoreError> {
    let taken = CLAIMS.run(conn, &numbered, |query, (seq, entry)| query.bind(claim(entry).to_vec()).bind(*seq)).await?;
    if taken == numbered.len() as u64 {
        return Ok(numbered);
    }
    // Ours are those that lead to the row that we are about to write.
    let mut fresh = Vec::new();
    for (seq, entry) in numbered {
        let query = sqlx::query_scalar("SELECT seq FROM claims WHERE key = $1").bind(claim(entry).to_vec());
        let owner: i64 = query.fetch_one(&mut *conn).await?;
        if owner == seq {
            fresh.push((seq, entry));
        }
    }
    Ok(fresh)
}

/// An interaction's row with the first and last of its journal rows in this batch.
struct Numbered<'a> {
    row: &'a InteractionRow,
    number: i64,
    first: i64,
    last: i64,
}

/// What a batch tells of interactions.
struct News<'a> {
    /// Those that have a new state: the latest.
    rows: Vec<Numbered<'a>>,
    /// Those that have a journal row only, and the row.
    touched: Vec<(&'a str, i64)>,
}

fn news<'a>(fresh: &[(i64, &'a Entry)]) -> Result<News<'a>, StoreError> {
    let mut rows: Vec<Numbered<'a>> = Vec::new();
    let mut at: HashMap<&str, usize> = HashMap::new();
    let mut touched = Vec::new();
    for (seq, entry) in fresh {
        let mut written = false;
        for write in &entry.writes {
            let Write::Interaction(row) = write else { continue };
            written = true;
            match at.get(row.id.as_str()) {
                Some(&index) => {
                    let known = &mut rows[index];
                    known.last = *seq;
                    if row.updated_at >= known.row.updated_at {
                        known.row = row;
                    }
                }
                None => {
                    at.insert(&row.id, rows.len());
                    let number = column(row.number, "interactions", "number")?;
                    rows.push(Numbered { row, number, first: *seq, last: *seq });
                }
            }
        }
        if let (false, Some(id)) = (written, &entry.journal.interaction) {
            match at.get(id.as_str()) {
                Some(&index) => rows[index].last = *seq,
                None => touched.push((id.as_str(), *seq)),
            }
        }
    }
    // An interaction that was touched before it was written in the same batch must not move back.
    touched.retain(|(id, _)| !at.contains_key(id));
    Ok(News { rows, touched })
}

fn bind_interaction(query: Query, numbered: &Numbered<'_>) -> Query {
    let Numbered { row, number, first, last } = numbered;
    query
        .bind(row.id.as_str())
        .bind(row.tenant.as_str())
        .bind(row.location.as_deref())
        .bind(row.account.as_str())
        .bind(row.channel.as_str())
        .bind(row.sid.as_str())
        .bind(*number)
        .bind(row.caller.as_str())
        .bind(row.opened_at)
        .bind(row.session.as_deref())
        .bind(row.matched.as_str())
        .bind(row.route.as_deref())
        .bind(row.state.as_str())
        .bind(row.ended_at)
        .bind(row.call.as_deref())
        .bind(row.decision.as_str())
        .bind(row.updated_at)
        .bind(*first)
        .bind(*last)
}

fn bind_journal(query: Query, seq: i64, entry: &Entry) -> Query {
    let JournalRow { account, tenant, step, sid, interaction, method, target, body, answer, decision, effects, micros } =
        &entry.journal;
    let slots: Option<Vec<u8>> =
        (!answer.slots.is_empty()).then(|| answer.slots.iter().flat_map(|at| at.to_be_bytes()).collect());
    query
        .bind(seq)
        .bind(interaction.as_deref())
        .bind(entry.at)
        .bind(entry.id.to_be_bytes().to_vec())
        .bind(claim(entry).to_vec())
        .bind(account.as_str())
        .bind(tenant.as_deref())
        .bind(step.as_str())
        .bind(sid.as_str())
        .bind(method.as_str())
        .bind(target.as_str())
        .bind(body.as_slice())
        .bind(i64::from(answer.status))
        .bind(answer.bytes.as_slice())
        .bind(slots)
        .bind(answer.slot_hash.map(|hash| hash.to_vec()))
        .bind(
            (!answer.held.is_empty()).then(|| answer.held.iter().flat_map(|id| id.to_be_bytes()).collect::<Vec<u8>>()),
        )
        .bind(decision.as_str())
        .bind(effects.as_str())
        .bind(*micros)
}
