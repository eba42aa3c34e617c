//! The rows of an entry that few webhooks leave behind: texts, voicemails, to-dos, opt-outs.
//!
//! Deliberately not here: the rows that every webhook leaves (`store::commit`). Each statement may be run again, and
//! late news never undoes later news.

use sqlx::SqliteConnection;

use super::cell::column;
use super::entry::{MessageRow, TodoRow, VoicemailRow, Write};
use super::error::StoreError;
use super::{outbox, provider_jobs, recordings};

/// Writes one row, where it is one of the rare kinds.
pub(super) async fn write(conn: &mut SqliteConnection, write: &Write) -> Result<(), StoreError> {
    match write {
        Write::Interaction(_) | Write::Event(_) | Write::Contact(_) => Ok(()),
        Write::Message(row) => message(conn, row).await,
        Write::MessageStatus { interaction: Some(interaction), sid, status, error_code, at } => {
            let sql = "INSERT INTO message_deliveries (interaction, sid, status, progress, error_code, at) \
                 VALUES ($1, $2, $3, $4, $5, $6) \
                 ON CONFLICT (interaction, sid) DO UPDATE SET status = excluded.status, progress = excluded.progress, \
                 error_code = excluded.error_code, at = excluded.at \
                 WHERE excluded.progress > message_deliveries.progress";
            let query = sqlx::query(sql).bind(interaction.as_str()).bind(sid.as_str()).bind(status.as_str());
            query.bind(progress(status)).bind(error_code.map(i64::from)).bind(*at).execute(conn).await?;
            Ok(())
        }
        // A text that names no interaction of ours is in the journal, and changes nothing else.
        Write::MessageStatus { interaction: None, .. } => Ok(()),
        Write::Voicemail(row) => voicemail(conn, row).await,
        Write::Transcription { interaction, text } => {
            let sql = "INSERT INTO transcriptions (interaction, words) VALUES ($1, $2) \
                 ON CONFLICT (interaction) DO UPDATE SET words = excluded.words";
            sqlx::query(sql).bind(interaction.as_str()).bind(text.as_slice()).execute(conn).await?;
            Ok(())
        }
        Write::Job(row) => provider_jobs::write(conn, row).await,
        Write::Recording(row) => recordings::write(conn, row).await,
        Write::Todo(row) => todo(conn, row).await,
        Write::Outbox(row) => outbox::put(conn, row).await,
        Write::OptOut { number, phone, tenant, out, at } => {
            let sql = "INSERT INTO opt_outs (number, phone, tenant, opted_out, at) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (number, phone) DO UPDATE SET tenant = excluded.tenant, opted_out = excluded.opted_out, \
                 at = excluded.at WHERE excluded.at >= opt_outs.at";
            let query = sqlx::query(sql).bind(column(*number, "opt_outs", "number")?);
            let query = query.bind(column(*phone, "opt_outs", "phone")?).bind(tenant.as_str());
            query.bind(i64::from(*out)).bind(*at).execute(conn).await?;
            Ok(())
        }
        Write::Choosing { number, phone, asked_at, offered, chosen, chosen_at, held } => {
            let sql = "INSERT INTO choosings (number, phone, asked_at, offered, chosen, chosen_at, held) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7) \
                 ON CONFLICT (number, phone) DO UPDATE SET asked_at = excluded.asked_at, offered = excluded.offered, \
                 chosen = excluded.chosen, chosen_at = excluded.chosen_at, held = excluded.held \
                 WHERE excluded.asked_at > choosings.asked_at OR (excluded.asked_at = choosings.asked_at \
                 AND coalesce(excluded.chosen_at, excluded.asked_at) >= coalesce(choosings.chosen_at, choosings.asked_at))";
            let query = sqlx::query(sql).bind(column(*number, "choosings", "number")?);
            let query = query.bind(column(*phone, "choosings", "phone")?).bind(*asked_at).bind(offered.as_str());
            query.bind(chosen.as_deref()).bind(*chosen_at).bind(held.as_deref()).execute(conn).await?;
            Ok(())
        }
        Write::PinStreak { number, phone, wrong, at } => {
            let sql = "INSERT INTO pin_streaks (number, phone, wrong, at) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (number, phone) DO UPDATE SET wrong = excluded.wrong, at = excluded.at \
                 WHERE excluded.at >= pin_streaks.at";
            let query = sqlx::query(sql).bind(column(*number, "pin_streaks", "number")?);
            let query = query.bind(column(*phone, "pin_streaks", "phone")?);
            query.bind(i64::from(*wrong)).bind(*at).execute(conn).await?;
            Ok(())
        }
        Write::Automatic { number, phone, what, at } => {
            let sql = "INSERT INTO automatics (number, phone, what, at) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (number, phone, what) DO UPDATE SET at = excluded.at WHERE excluded.at > automatics.at";
            let query = sqlx::query(sql).bind(column(*number, "automatics", "number")?);
            query.bind(column(*phone, "automatics", "phone")?).bind(what.as_str()).bind(*at).execute(conn).await?;
            Ok(())
        }
    }
}

/// How far along a text is; of two last words the first counts. The words are those of Twilio's `MessageStatus`,
/// which the other providers share or come close to.
fn progress(status: &str) -> i64 {
    match status {
        "accepted" | "scheduled" | "queued" => 0,
        "sending" => 1,
        "sent" => 2,
        "delivered" | "undelivered" | "failed" | "canceled" => 3,
        "read" => 4,
        _ => 0,
    }
}

async fn message(conn: &mut SqliteConnection, row: &MessageRow) -> Result<(), StoreError> {
    let MessageRow { interaction, tenant, location, number, from, to, body, media, status, at } = row;
    let sql = "INSERT INTO messages \
         (interaction, tenant, location, number, from_phone, to_phone, body, media, status, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (interaction) DO UPDATE SET location = excluded.location, to_phone = excluded.to_phone, \
         body = coalesce(excluded.body, messages.body), media = excluded.media, status = excluded.status, \
         at = excluded.at WHERE excluded.at >= messages.at";
    let to = to.map(|digits| column(digits, "messages", "to_phone")).transpose()?;
    sqlx::query(sql)
        .bind(interaction.as_str())
        .bind(tenant.as_str())
        .bind(location.as_deref())
        .bind(column(*number, "messages", "number")?)
        .bind(from.as_str())
        .bind(to)
        .bind(body.as_deref())
        .bind(i64::from(*media))
        .bind(status.as_str())
        .bind(*at)
        .execute(conn)
        .await?;
    Ok(())
}

async fn voicemail(conn: &mut SqliteConnection, row: &VoicemailRow) -> Result<(), StoreError> {
    let VoicemailRow { interaction, tenant, location, recording_sid, recording_url, seconds, at } = row;
    let sql = "INSERT INTO voicemails (interaction, tenant, location, recording_sid, recording_url, seconds, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (interaction) DO UPDATE SET recording_url = excluded.recording_url, \
         recording_sid = coalesce(excluded.recording_sid, voicemails.recording_sid), seconds = excluded.seconds \
         WHERE excluded.at >= voicemails.at";
    sqlx::query(sql)
        .bind(interaction.as_str())
        .bind(tenant.as_str())
        .bind(location.as_deref())
        .bind(recording_sid.as_deref())
        .bind(recording_url.as_str())
        .bind(i64::from(*seconds))
        .bind(*at)
        .execute(conn)
        .await?;
    Ok(())
}

async fn todo(conn: &mut SqliteConnection, row: &TodoRow) -> Result<(), StoreError> {
    let TodoRow { interaction, kind, tenant, location, channel, phone, number, customer, session, at } = row;
    if kind == "voicemail" {
        // The caller who was taken for a missed call left a message after all.
        let sql = "DELETE FROM todos WHERE interaction = $1 AND kind = 'missed'";
        sqlx::query(sql).bind(interaction.as_str()).execute(&mut *conn).await?;
    }
    let sql = "INSERT INTO todos \
         (interaction, kind, tenant, location, channel, phone, number, customer, session, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
    sqlx::query(sql)
        .bind(interaction.as_str())
        .bind(kind.as_str())
        .bind(tenant.as_str())
        .bind(location.as_deref())
        .bind(channel.as_str())
        .bind(phone.map(|digits| column(digits, "todos", "phone")).transpose()?)
        .bind(column(*number, "todos", "number")?)
        .bind(customer.as_deref())
        .bind(session.as_deref())
        .bind(*at)
        .execute(conn)
        .await?;
    Ok(())
}
