//! What becomes of each table's rows when a phone is erased, in one transaction.
//!
//! Deliberately not here: reading certificates. Provider's ids of calls, texts and recordings stay: they name no person, and
//! without them nothing could be deleted there.

use std::collections::BTreeMap;

use sqlx::SqliteConnection;

use super::super::audit::{self, Origin, Trace};
use super::super::cell::{digits, json};
use super::super::error::StoreError;
use super::super::feed;
use super::super::loose_files;
use super::super::outbox;
use super::super::vault::Vault;
use super::{Certificate, Erasure, NAMES, Naming, Touched, shun};
use crate::domain::E164;
use crate::voice::twiml::NOTHING;

/// In place of a name or a caller.
const ERASED: &str = "erased";

/// One statement on everything that the phone is in: `$1` the tenant, `$2` the phone's digits, `$3` the same as text.
/// Calls and texts that concern it are in the table `erasing`.
struct Step {
    kind: &'static str,
    sql: &'static str,
}

const STEPS: [Step; 20] = [
    Step {
        kind: "todos",
        sql: "DELETE FROM todos WHERE tenant = $1 AND (phone = $2 OR interaction IN (SELECT id FROM erasing))",
    },
    Step {
        kind: "voicemails",
        sql: "DELETE FROM voicemails WHERE tenant = $1 AND interaction IN (SELECT id FROM erasing)",
    },
    Step {
        kind: "recordings",
        sql: "DELETE FROM recordings WHERE tenant = $1 AND interaction IN (SELECT id FROM erasing)",
    },
    // None may bring back what was erased, or call who was.
    Step {
        kind: "provider_jobs",
        sql: "DELETE FROM provider_jobs WHERE tenant = $1 AND (EXISTS (SELECT 1 FROM erasing \
              WHERE instr(provider_jobs.about, erasing.id) > 0) OR EXISTS (SELECT 1 FROM sessions s WHERE s.tenant = $1 \
              AND (s.first_party = $2 OR s.second_party = $2) AND instr(provider_jobs.about, '\"' || s.id || '\"') > 0))",
    },
    Step { kind: "transcriptions", sql: "DELETE FROM transcriptions WHERE interaction IN (SELECT id FROM erasing)" },
    Step {
        kind: "message_deliveries",
        sql: "DELETE FROM message_deliveries WHERE interaction IN (SELECT id FROM erasing)",
    },
    Step {
        kind: "messages",
        sql: "UPDATE messages SET from_phone = CASE WHEN from_phone = '+' || $3 THEN 'erased' ELSE from_phone END, \
              to_phone = CASE WHEN to_phone = $2 THEN NULL ELSE to_phone END, body = NULL \
              WHERE tenant = $1 AND interaction IN (SELECT id FROM erasing)",
    },
    Step {
        kind: "interaction_events",
        sql: "UPDATE interaction_events SET detail = '{}' WHERE seq IN (SELECT e.seq FROM erasing JOIN interactions i \
              ON i.id = erasing.id JOIN interaction_events e ON e.seq BETWEEN i.first_seq AND i.last_seq \
              AND e.interaction = i.id) AND interaction IN (SELECT id FROM erasing)",
    },
    Step {
        kind: "interactions",
        sql: "UPDATE interactions SET caller = CASE WHEN caller = '+' || $3 THEN 'erased' ELSE caller END, call = NULL, \
              decision = 'null' WHERE tenant = $1 AND id IN (SELECT id FROM erasing)",
    },
    Step { kind: "contacts", sql: "DELETE FROM contacts WHERE tenant = $1 AND (from_phone = $2 OR to_phone = $2)" },
    Step {
        kind: "session_pairs",
        sql: "DELETE FROM session_pairs WHERE tenant = $1 AND (phone = $2 OR session IN \
              (SELECT id FROM sessions WHERE tenant = $1 AND (first_party = $2 OR second_party = $2)))",
    },
    // One party alone would stand for whoever calls: both go.
    Step {
        kind: "sessions",
        sql: "UPDATE sessions SET first_party = NULL, second_party = NULL, expires_at = NULL, \
              ended_at = min(coalesce(ended_at, $4), $4), ended_by = 'api', first_party_play_url = NULL, \
              second_party_play_url = NULL, terms = NULL WHERE tenant = $1 AND (first_party = $2 OR second_party = $2)",
    },
    Step { kind: "technicians", sql: "UPDATE technicians SET phone = NULL WHERE tenant = $1 AND phone = $2" },
    Step { kind: "opt_outs", sql: "DELETE FROM opt_outs WHERE tenant = $1 AND phone = $2" },
    Step {
        kind: "choosings",
        sql: "DELETE FROM choosings WHERE phone = $2 AND number IN (SELECT e164 FROM numbers WHERE tenant = $1)",
    },
    Step {
        kind: "pin_streaks",
        sql: "DELETE FROM pin_streaks WHERE phone = $2 AND number IN (SELECT e164 FROM numbers WHERE tenant = $1)",
    },
    Step {
        kind: "automatics",
        sql: "DELETE FROM automatics WHERE (phone = $2 OR what = 'opted_out +' || $3) \
              AND number IN (SELECT e164 FROM numbers WHERE tenant = $1)",
    },
    Step {
        kind: "audit",
        sql: "UPDATE audit SET before = NULL, after = NULL WHERE tenant = $1 AND (instr(before, $5) > 0 \
              OR instr(after, $5) > 0 OR instr(before, $3) > 0 OR instr(after, $3) > 0)",
    },
    Step { kind: "feed", sql: "DELETE FROM feed WHERE tenant = $1 AND instr(id, $3) > 0" },
    Step {
        kind: "journal",
        sql: "UPDATE journal SET target = '', body = x'', answer = CASE WHEN length(answer) = 0 THEN answer ELSE $6 END, \
              slots = NULL, slot_hash = NULL, held = NULL, decision = 'null' \
              WHERE tenant = $1 AND seq IN (SELECT seq FROM erasing_rows)",
    },
];

/// Erases, and writes the certificate.
pub(super) async fn erase(
    conn: &mut SqliteConnection,
    vault: &Vault,
    erasure: &Erasure,
    seen: &Naming,
    mut certificate: Certificate,
) -> Result<(Certificate, Touched), StoreError> {
    let (tenant, phone) = (erasure.tenant.as_str(), digits(erasure.phone));
    let mut touched = Touched { interactions: gather(conn, tenant, phone, seen).await?, ..Touched::default() };
    leftovers(conn, tenant, &certificate.id).await?;
    let sql = "SELECT file FROM recordings WHERE tenant = $1 AND file IS NOT NULL \
         AND interaction IN (SELECT id FROM erasing)";
    touched.files = sqlx::query_scalar(sql).bind(tenant).fetch_all(&mut *conn).await?;
    for file in &touched.files {
        loose_files::let_go(conn, file, certificate.done_at).await?;
    }
    // A job names the recording that it fetches, which names its interaction no more.
    let sql = "DELETE FROM provider_jobs WHERE tenant = $1 AND id IN (SELECT 'fetch-' || id FROM recordings \
         WHERE tenant = $1 AND interaction IN (SELECT id FROM erasing))";
    sqlx::query(sql).bind(tenant).execute(&mut *conn).await?;
    certificate.counts.insert("recording_files".to_owned(), touched.files.len() as u64);
    let sql = "SELECT id FROM sessions WHERE tenant = $1 AND (first_party = $2 OR second_party = $2)";
    touched.sessions = sqlx::query_scalar(sql).bind(tenant).bind(phone).fetch_all(&mut *conn).await?;
    touched.shunned = shunned(conn, vault, erasure).await?;
    touched.customers = customers(conn, tenant, erasure.phone).await?;
    let counts = &mut certificate.counts;
    // Before its sessions lose it.
    counts.insert("outbox".to_owned(), outbox::erase(conn, vault, tenant, erasure.phone).await?);
    counts.insert("customers".to_owned(), touched.customers.len() as u64);
    counts.insert("kept_answers".to_owned(), kept_answers(conn, vault, tenant, erasure.phone).await?);
    for Step { kind, sql } in STEPS {
        let query = sqlx::query(sql).bind(tenant).bind(phone).bind(phone.to_string()).bind(erasure.at.0);
        let query = query.bind(erasure.phone.masked().to_string()).bind(NOTHING);
        counts.insert(kind.to_owned(), query.execute(&mut *conn).await?.rows_affected());
    }
    for table in ["erasing", "erasing_rows"] {
        sqlx::query(sqlx::AssertSqlSafe(format!("DROP TABLE temp.{table}"))).execute(&mut *conn).await?;
    }
    finish(conn, erasure, &certificate, &touched).await?;
    let sql = "SELECT kind, count(*) FROM erasure_leftovers WHERE tenant = $1 AND erasure = $2 GROUP BY kind";
    let left: Vec<(String, i64)> =
        sqlx::query_as(sql).bind(tenant).bind(certificate.id.as_str()).fetch_all(&mut *conn).await?;
    certificate.leftovers = left.into_iter().map(|(kind, count)| (kind, count.unsigned_abs())).collect();
    Ok((certificate, touched))
}

/// Finds the calls and texts that concern a phone, and the journal's rows of them.
async fn gather(
    conn: &mut SqliteConnection,
    tenant: &str,
    phone: i64,
    seen: &Naming,
) -> Result<Vec<String>, StoreError> {
    for sql in [
        "CREATE TEMP TABLE IF NOT EXISTS erasing (id TEXT NOT NULL PRIMARY KEY)",
        "CREATE TEMP TABLE IF NOT EXISTS erasing_rows (seq INTEGER NOT NULL PRIMARY KEY)",
        "DELETE FROM erasing",
        "DELETE FROM erasing_rows",
    ] {
        sqlx::query(sql).execute(&mut *conn).await?;
    }
    let sql = format!("SELECT seq, interaction FROM journal WHERE tenant = $1 AND seq > $3 AND {NAMES}");
    let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(tenant).bind(phone.to_string()).bind(seen.until);
    let newer: Vec<(i64, Option<String>)> = query.fetch_all(&mut *conn).await?;
    for (seq, interaction) in seen.rows.iter().chain(&newer) {
        sqlx::query("INSERT OR IGNORE INTO erasing_rows VALUES ($1)").bind(*seq).execute(&mut *conn).await?;
        if let Some(id) = interaction {
            sqlx::query("INSERT OR IGNORE INTO erasing VALUES ($1)").bind(id.as_str()).execute(&mut *conn).await?;
        }
    }
    for sql in [
        "INSERT OR IGNORE INTO erasing SELECT id FROM interactions WHERE tenant = $1 AND (caller = '+' || $3 \
         OR instr(call, $3) > 0 OR instr(decision, $3) > 0 OR session IN \
         (SELECT id FROM sessions WHERE tenant = $1 AND (first_party = $2 OR second_party = $2)))",
        "INSERT OR IGNORE INTO erasing SELECT interaction FROM messages \
         WHERE tenant = $1 AND (from_phone = '+' || $3 OR to_phone = $2)",
        "INSERT OR IGNORE INTO erasing SELECT interaction FROM todos WHERE tenant = $1 AND phone = $2",
        "INSERT OR IGNORE INTO erasing_rows SELECT j.seq FROM erasing JOIN interactions i ON i.id = erasing.id \
         JOIN journal j ON j.seq BETWEEN i.first_seq AND i.last_seq AND j.interaction = i.id",
    ] {
        sqlx::query(sql).bind(tenant).bind(phone).bind(phone.to_string()).execute(&mut *conn).await?;
    }
    Ok(sqlx::query_scalar("SELECT id FROM erasing").fetch_all(&mut *conn).await?)
}

/// Notes what the provider has, before its names are lost.
async fn leftovers(conn: &mut SqliteConnection, tenant: &str, id: &str) -> Result<(), StoreError> {
    for sql in [
        "INSERT OR IGNORE INTO erasure_leftovers SELECT $1, $2, account, CASE channel WHEN 'sms' THEN 'message' \
         ELSE 'call' END, sid FROM interactions WHERE tenant = $1 AND id IN (SELECT id FROM erasing)",
        "INSERT OR IGNORE INTO erasure_leftovers SELECT $1, $2, i.account, 'message', d.sid FROM message_deliveries d \
         JOIN interactions i ON i.id = d.interaction WHERE i.tenant = $1 AND i.id IN (SELECT id FROM erasing)",
        "INSERT OR IGNORE INTO erasure_leftovers SELECT $1, $2, account, 'recording', url FROM recordings \
         WHERE tenant = $1 AND url <> '' AND interaction IN (SELECT id FROM erasing)",
        "INSERT OR IGNORE INTO erasure_leftovers SELECT $1, $2, i.account, 'recording', v.recording_url \
         FROM voicemails v JOIN interactions i ON i.id = v.interaction \
         WHERE i.tenant = $1 AND i.id IN (SELECT id FROM erasing)",
    ] {
        sqlx::query(sql).bind(tenant).bind(id).execute(&mut *conn).await?;
    }
    Ok(())
}

/// Keeps a phone's opt-outs in force: they are known by their hash from now on. One that opted in again has none.
async fn shunned(conn: &mut SqliteConnection, vault: &Vault, erasure: &Erasure) -> Result<Vec<[u8; 32]>, StoreError> {
    let sql = "SELECT number, opted_out, at FROM opt_outs WHERE tenant = $1 AND phone = $2";
    let query = sqlx::query_as::<_, (i64, bool, i64)>(sql).bind(erasure.tenant.as_str()).bind(digits(erasure.phone));
    let mut hashes = Vec::new();
    for (number, out, at) in query.fetch_all(&mut *conn).await? {
        let Some(number) = u64::try_from(number).ok().and_then(E164::from_digits) else { continue };
        let hash = shun(vault, number, erasure.phone);
        if out {
            let sql = "INSERT OR IGNORE INTO shunned (hash, tenant, at) VALUES ($1, $2, $3)";
            let query = sqlx::query(sql).bind(&hash[..]).bind(erasure.tenant.as_str()).bind(at);
            query.execute(&mut *conn).await?;
            hashes.push(hash);
        } else {
            sqlx::query("DELETE FROM shunned WHERE hash = $1").bind(&hash[..]).execute(&mut *conn).await?;
        }
    }
    Ok(hashes)
}

/// Takes a phone away from customers; one who has no other loses the name too.
async fn customers(conn: &mut SqliteConnection, tenant: &str, phone: E164) -> Result<Vec<String>, StoreError> {
    let wrong = |_| StoreError::Row { table: "customers", column: "phones", what: "JSON of another shape" };
    let sql = "SELECT id, name, phones, other_phones FROM customers WHERE tenant = $1 AND (instr(phones, $2) > 0 \
         OR other_phones <> '[]')";
    let query = sqlx::query_as::<_, (String, String, String, String)>(sql).bind(tenant);
    let mut touched = Vec::new();
    for (id, name, phones, others) in query.bind(phone.digits().to_string()).fetch_all(&mut *conn).await? {
        let mut known: Vec<u64> = serde_json::from_str(&phones).map_err(wrong)?;
        let mut typed: Vec<String> = serde_json::from_str(&others).map_err(wrong)?;
        let before = known.len() + typed.len();
        known.retain(|digits| *digits != phone.digits());
        typed.retain(|text| !same(text, phone));
        if known.len() + typed.len() == before {
            continue;
        }
        let name = if known.is_empty() && typed.is_empty() { ERASED.to_owned() } else { name };
        let sql = "UPDATE customers SET name = $3, phones = $4, other_phones = $5 WHERE tenant = $1 AND id = $2";
        let query = sqlx::query(sql).bind(tenant).bind(id.as_str()).bind(name).bind(json(&known)).bind(json(&typed));
        query.execute(&mut *conn).await?;
        touched.push(id);
    }
    Ok(touched)
}

/// Whether a phone as it was typed may be this one: its digits are the end of it, as long as a national number is.
fn same(typed: &str, phone: E164) -> bool {
    let own = phone.digits().to_string();
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let national = digits.trim_start_matches('0');
    national.len() >= 7 && (own.ends_with(national) || national.starts_with(&own))
}

/// Takes kept answers away that name a phone, or that cannot be opened to see.
async fn kept_answers(
    conn: &mut SqliteConnection,
    vault: &Vault,
    tenant: &str,
    phone: E164,
) -> Result<u64, StoreError> {
    let sql = "SELECT key, sealed_by, answer FROM kept_answers WHERE tenant = $1";
    let rows: Vec<(String, String, Vec<u8>)> = sqlx::query_as(sql).bind(tenant).fetch_all(&mut *conn).await?;
    let mut gone = 0;
    for (key, sealed_by, answer) in rows {
        let plain = vault.open(&sealed_by, "kept_answers", &key, "answer", &answer).unwrap_or_default();
        if plain.is_empty() || String::from_utf8_lossy(&plain).contains(&phone.digits().to_string()) {
            let query = sqlx::query("DELETE FROM kept_answers WHERE tenant = $1 AND key = $2");
            gone += query.bind(tenant).bind(key).execute(&mut *conn).await?.rows_affected();
        }
    }
    Ok(gone)
}

/// Writes the certificate and the audit, and tells other processes.
async fn finish(
    conn: &mut SqliteConnection,
    erasure: &Erasure,
    certificate: &Certificate,
    touched: &Touched,
) -> Result<(), StoreError> {
    let tenant = erasure.tenant.as_str();
    let Certificate { id, phone_hash, asked_at, done_at, counts, leftovers: _ } = certificate;
    let sql =
        "INSERT INTO erasures (tenant, id, phone_hash, asked_at, done_at, counts) VALUES ($1, $2, $3, $4, $5, $6)";
    let query = sqlx::query(sql).bind(tenant).bind(id.as_str()).bind(phone_hash.as_str()).bind(asked_at.0);
    query.bind(done_at.0).bind(json(counts)).execute(&mut *conn).await?;
    let sql = "INSERT INTO revisions (tenant, value) VALUES ($1, 1) \
         ON CONFLICT (tenant) DO UPDATE SET value = revisions.value + 1";
    sqlx::query(sql).bind(tenant).execute(&mut *conn).await?;
    let of = |kind, ids: &[String]| ids.iter().map(|id| (kind, id.clone())).collect::<Vec<_>>();
    let mut news = of("customer", &touched.customers);
    news.extend(of("session", &touched.sessions));
    if counts.get("technicians").is_some_and(|count| *count > 0) {
        news = vec![(feed::ALL, String::new())];
    }
    feed::write(conn, tenant, &news, erasure.at).await?;
    let actor = erasure.by.to_string();
    let origin = Origin { tenant, actor: &actor, request: &erasure.request, at: erasure.at };
    let after: BTreeMap<&str, u64> =
        counts.iter().filter(|(_, count)| **count > 0).map(|(kind, count)| (kind.as_str(), *count)).collect();
    let trace = Trace {
        action: "created",
        kind: "erasure",
        object: id.clone(),
        before: None,
        after: serde_json::to_value(after).ok(),
    };
    audit::write(conn, origin, &[trace]).await
}
