//! Media of relayed texts: a provider's address sealed into a token, and the token opened again within a day.
//!
//! Deliberately not here: fetching (`jobs::media`). A token is the same for the same medium and day of the text, so a
//! repeated request gets the same document.

use crate::domain::{AccountId, MediaItem, Moment, RecordFormat, TenantId};
use crate::store::vault::Vault;

use super::Switchboard;

/// Days that a token opens.
const DAYS: i64 = 1;

/// A medium at a provider.
#[derive(Clone)]
pub struct Medium {
    /// Its address.
    pub url: String,
    /// Its media type, as the provider told.
    pub content_type: String,
    /// User name for Basic authentication.
    pub user: String,
    /// Password for Basic authentication; empty where the account has none.
    pub password: String,
    /// The one origin that the credentials may be sent to.
    pub origin: String,
}

/// Seals a medium's address; `now` is when its text was decided.
pub fn seal(vault: &Vault, account: &AccountId, item: &MediaItem, now: Moment) -> String {
    let until = now.plus_days(DAYS).seconds();
    let plain = serde_json::json!([account.as_str(), until, item.content_type, item.url]).to_string();
    vault.seal_token(plain.as_bytes())
}

/// The token under which a recording is handed out: whoever has it may hear the recording while it is kept, nobody else.
/// It is the same every time, and needs nothing but the recording's id, so that it can be told before the sound is here.
pub fn recording_token(vault: &Vault, tenant: &str, recording: &str) -> String {
    vault.seal_token(serde_json::json!(["recording", tenant, recording]).to_string().as_bytes())
}

impl Switchboard {
    /// The address of ours under which a recording is handed out; it ends in its format.
    pub fn recording_url(&self, tenant: &str, recording: &str, format: RecordFormat) -> String {
        let base = self.settings.public_base_url.split('#').next().unwrap_or_default().trim_end_matches('/');
        format!("{base}/media/recordings/{}.{}", recording_token(&self.vault, tenant, recording), format.word())
    }

    /// Whose recording a token stands for, and its id; `None` for a token that is not ours.
    pub fn recording_of_token(&self, token: &str) -> Option<(TenantId, String)> {
        let bare = token.rsplit_once('.').map_or(token, |(bare, _)| bare);
        let (what, tenant, id): (String, String, String) =
            serde_json::from_slice(&self.vault.open_token(bare)?).ok()?;
        (what == "recording").then(|| (tenant.into(), id))
    }

    /// Where the medium behind a token is, and how to fetch it. `None` for a token that is not ours or too old, for an
    /// account that is gone, for an address that is not its provider's, and for a sandbox without a provider.
    pub fn medium(&self, token: &str) -> Option<Medium> {
        let plain = self.vault.open_token(token)?;
        let (account, until, content_type, url): (String, i64, String, String) = serde_json::from_slice(&plain).ok()?;
        if self.clock.now().seconds() >= until {
            return None;
        }
        self.held_by(&account, url, content_type)
    }

    /// How to fetch a recording that an account's provider told of. `None` as for a medium.
    pub fn recording(&self, account: &str, url: &str) -> Option<Medium> {
        self.held_by(account, url.to_owned(), String::new())
    }

    fn held_by(&self, account: &str, url: String, content_type: String) -> Option<Medium> {
        let line = self.memory.load().directory.line(account)?;
        let own = line.account.api_base_url.trim_end_matches('/');
        if own.is_empty() && line.account.sandbox {
            return None;
        }
        let origin = if own.is_empty() { provider_origin(&url)? } else { origin(own)? };
        if self::origin(&url)? != origin {
            return None;
        }
        Some(Medium {
            url,
            content_type,
            user: line.account.account_sid.clone(),
            password: line.tokens.first().map(|token| token.expose().to_owned()).unwrap_or_default(),
            origin,
        })
    }
}

/// Scheme and host of an address, as far as its path.
fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty() && !host.contains('@'))?;
    matches!(scheme, "http" | "https").then(|| format!("{scheme}://{}", host.to_ascii_lowercase()))
}

/// The origin of a provider's own address: Twilio's and SignalWire's media live under these names.
fn provider_origin(url: &str) -> Option<String> {
    let origin = origin(url)?;
    let host = origin.strip_prefix("https://")?;
    let own = ["twilio.com", "signalwire.com"]
        .iter()
        .any(|name| host == *name || host.strip_suffix(name).is_some_and(|before| before.ends_with('.')));
    own.then_some(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_go_to_the_provider_only() {
        for (url, expected, why) in [
            ("https://api.twilio.com/2010-04-01/Media/ME1", true, "Twilio's API"),
            ("https://acme.signalwire.com/api/laml/media", true, "SignalWire's space"),
            ("http://api.twilio.com/Media", false, "not encrypted"),
            ("https://api.twilio.com.example.com/Media", false, "another's host"),
            ("https://eviltwilio.com/Media", false, "a lookalike"),
            ("https://user@api.twilio.com/Media", false, "credentials of its own"),
            ("file:///etc/passwd", false, "no web address"),
        ] {
            assert_eq!(provider_origin(url).is_some(), expected, "{why}");
        }
    }
}
