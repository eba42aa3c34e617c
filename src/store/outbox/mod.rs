//! The outbox: what is to be told to tenants' programs, written in the transaction of what it tells.
//!
//! Deliberately not here: sending it (`jobs::deliver`), and what there is to tell (`routing::news`). **Invariant:** the news
//! of one session are numbered from 1 without a gap, each once, however often it is written; of a session one row at most
//! is to be sent at a time.

mod expiry;
mod list;
mod queue;
pub mod secrets;

use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;
use url::Url;

use super::error::StoreError;
use super::vault::{Vault, VaultError};
use crate::domain::{Callback, CallbackMethod, E164, Moment, Session, SessionId, TenantId};
use crate::routing::news::{self, Link, News};

pub(super) use expiry::{Expired, write as write_expired};
pub use list::{Delivery, DeliveryState};
pub use queue::{Outcome, Parcel, Queued, Room};

/// A request to be made of a tenant's program.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Letter {
    /// Where to.
    pub url: String,
    /// `GET` or `POST`.
    pub method: String,
    /// Its parameters, without the sequence number.
    pub parameters: Vec<(String, String)>,
}

/// A row to be written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OutboxRow {
    /// Whose.
    pub tenant: String,
    /// Its id, made of the next two: the same news has the same.
    pub id: String,
    /// The session that it is about.
    pub session: String,
    /// What tells it from other news of the session.
    pub about: String,
    /// The event's name.
    pub event: String,
    /// The call that it is about.
    pub interaction: Option<String>,
    /// A keyed hash of where it goes.
    pub endpoint: String,
    /// A keyed hash of the machine that it goes to, whoever sends it there.
    #[serde(default)]
    pub place: String,
    /// Keyed hashes of the phones in it, with a space between.
    pub phones: String,
    /// The [`Letter`], sealed.
    pub letter: Vec<u8>,
    /// When it happened, in microseconds.
    pub at: i64,
}

/// A keyed hash of an address of a tenant.
pub(super) fn endpoint(vault: &Vault, tenant: &str, url: &str) -> String {
    hex::encode(&vault.keyed_hash(format!("endpoint {tenant} {url}").as_bytes())[..16])
}

/// A keyed hash of an address's host and port.
fn place(vault: &Vault, url: &str) -> String {
    hex::encode(&vault.keyed_hash(format!("place {}", host_and_port(url)).as_bytes())[..16])
}

/// The host and the port of an address, which is not there where it is the usual one; what is no address is as it is.
fn host_and_port(address: &str) -> String {
    let Ok(url) = Url::parse(address) else { return address.to_owned() };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}", url.host_str().unwrap_or_default())
}

/// A keyed hash of a phone of a tenant.
pub(super) fn phone(vault: &Vault, tenant: &str, phone: E164) -> String {
    hex::encode(&vault.keyed_hash(format!("outbox {tenant} {}", phone.digits()).as_bytes())[..16])
}

impl OutboxRow {
    /// The row of some news; `None` where nobody asked to hear of it.
    ///
    /// # Errors
    /// A tenant without a key: nothing of it could be sealed.
    pub fn of(
        vault: &Vault,
        session: &Session,
        news: &News,
        interaction: Option<&str>,
        link: &Link,
    ) -> Result<Option<Self>, VaultError> {
        let Some(terms) = session.options.terms.as_deref() else { return Ok(None) };
        let asked = if news.event.of_recording() { &terms.recording_callback } else { &terms.callback };
        let Callback { url: Some(url), method } = asked else { return Ok(None) };
        let tenant = session.tenant.as_str();
        let id = id(vault, &session.tenant, &session.id, &news.about);
        let letter = Letter {
            url: url.clone(),
            method: method.word().to_owned(),
            parameters: news::attributes(news, session, link),
        };
        let plain = serde_json::to_vec(&letter).unwrap_or_default();
        let phones: Vec<String> = news.from.iter().chain(&news.to).map(|one| phone(vault, tenant, *one)).collect();
        Ok(Some(Self {
            letter: vault.seal(tenant, "outbox", &id, "letter", &plain)?,
            endpoint: endpoint(vault, tenant, url),
            place: place(vault, url),
            tenant: tenant.to_owned(),
            id,
            session: session.id.to_string(),
            about: news.about.clone(),
            event: news.event.word().to_owned(),
            interaction: interaction.map(str::to_owned),
            phones: phones.join(" "),
            at: news.at.0,
        }))
    }
}

/// The id of a piece of news: whoever hears it twice can tell.
fn id(vault: &Vault, tenant: &TenantId, session: &SessionId, about: &str) -> String {
    hex::encode(&vault.keyed_hash(format!("news {tenant} {session} {about}").as_bytes())[..16])
}

impl Letter {
    /// Its method.
    pub fn method(&self) -> CallbackMethod {
        CallbackMethod::read(&self.method).unwrap_or(CallbackMethod::Post)
    }

    pub(super) fn open(vault: &Vault, tenant: &str, id: &str, sealed: &[u8]) -> Result<Self, StoreError> {
        let plain = vault.open(tenant, "outbox", id, "letter", sealed)?;
        let wrong = |_| StoreError::Row { table: "outbox", column: "letter", what: "JSON of another shape" };
        serde_json::from_slice(&plain).map_err(wrong)
    }
}

/// Writes a row, unless it is there already, and gives it the next number of its session.
pub(super) async fn put(conn: &mut SqliteConnection, row: &OutboxRow) -> Result<(), StoreError> {
    let OutboxRow { tenant, id, session, about, event, interaction, endpoint, place, phones, letter, at } = row;
    let sql = "SELECT EXISTS (SELECT 1 FROM outbox WHERE tenant = $1 AND id = $2)";
    if sqlx::query_scalar(sql).bind(tenant.as_str()).bind(id.as_str()).fetch_one(&mut *conn).await? {
        return Ok(());
    }
    let sql = "INSERT INTO outbox_counts (tenant, session, last) VALUES ($1, $2, 1) \
         ON CONFLICT (tenant, session) DO UPDATE SET last = outbox_counts.last + 1 RETURNING last";
    let query = sqlx::query_scalar(sql).bind(tenant.as_str()).bind(session.as_str());
    let sequence: i64 = query.fetch_one(&mut *conn).await?;
    let sql = "INSERT INTO outbox \
         (tenant, id, session, sequence, about, event, interaction, endpoint, phones, letter, at, due_at, place, state) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, CASE WHEN EXISTS (SELECT 1 FROM outbox \
         WHERE tenant = $1 AND session = $3 AND state IN ('waiting', 'pending')) THEN 'waiting' ELSE 'pending' END)";
    let query = sqlx::query(sql).bind(tenant.as_str()).bind(id.as_str()).bind(session.as_str()).bind(sequence);
    let query = query.bind(about.as_str()).bind(event.as_str()).bind(interaction.as_deref()).bind(endpoint.as_str());
    let query = query.bind(phones.as_str()).bind(letter.as_slice()).bind(*at).bind(place.as_str());
    query.execute(conn).await?;
    Ok(())
}

/// Takes everything away that has a phone in it, or is about one of the calls in `erasing`, or about a session of that
/// phone; tells how much.
pub(super) async fn erase(
    conn: &mut SqliteConnection,
    vault: &Vault,
    tenant: &str,
    erased: E164,
) -> Result<u64, StoreError> {
    let sql = "DELETE FROM outbox WHERE tenant = $1 AND (instr(phones, $2) > 0 \
         OR interaction IN (SELECT id FROM erasing) OR session IN \
         (SELECT id FROM sessions WHERE tenant = $1 AND (first_party = $3 OR second_party = $3)))";
    let query = sqlx::query(sql).bind(tenant).bind(phone(vault, tenant, erased)).bind(super::cell::digits(erased));
    let gone = query.execute(&mut *conn).await?.rows_affected();
    if gone > 0 {
        // Those that waited behind what is gone.
        let sql = "UPDATE outbox SET state = 'pending' WHERE tenant = $1 AND state = 'waiting' AND NOT EXISTS \
             (SELECT 1 FROM outbox other WHERE other.tenant = $1 AND other.session = outbox.session \
             AND other.state IN ('waiting', 'pending') AND other.sequence < outbox.sequence)";
        sqlx::query(sql).bind(tenant).execute(conn).await?;
    }
    Ok(gone)
}

/// Forgets what was settled before an instant, and secrets that no longer count.
pub(super) async fn purge(conn: &mut SqliteConnection, before: Moment, now: Moment) -> Result<u64, StoreError> {
    sqlx::query("DELETE FROM callback_secrets WHERE retires_at < $1").bind(now.0).execute(&mut *conn).await?;
    let sql = "DELETE FROM outbox WHERE settled_at IS NOT NULL AND settled_at < $1";
    Ok(sqlx::query(sql).bind(before.0).execute(conn).await?.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::host_and_port;

    #[test]
    fn a_place_is_its_host_and_port() {
        for (url, expected, why) in [
            ("https://hooks.example/a?b=c", "hooks.example", "a path is no place"),
            ("HTTPS://Hooks.Example:443?b", "hooks.example", "the usual port"),
            ("http://hooks.example:80", "hooks.example", "the other usual port"),
            ("https://hooks.example:8443/", "hooks.example:8443", "a port of its own"),
            ("http://[2001:db8::1]:8080/x", "[2001:db8::1]:8080", "a number"),
            ("https://user@hooks.example/", "hooks.example", "whoever asks"),
            ("no address", "no address", "as it is"),
        ] {
            assert_eq!(host_and_port(url), expected, "{why}");
        }
    }
}
