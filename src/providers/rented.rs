//! Asking a provider which numbers an account rents, and where it sends what comes to them: the request as a value, and
//! the reading of its answer (Twilio's `IncomingPhoneNumbers`, which SignalWire's compatible API repeats).
//!
//! Deliberately not here: sending it (`jobs`), and comparing the answer with what we expect (`cli`).

use serde::Deserialize;

use super::rest::root;
use crate::domain::Account;

pub use super::rest::NotAsked;

/// Most numbers that a provider tells at once.
const PAGE: usize = 1000;

/// The address of the first page of an account's numbers.
pub fn first_page(account: &Account) -> Result<String, NotAsked> {
    Ok(format!("{}/IncomingPhoneNumbers.json?PageSize={PAGE}", root(account)?))
}

/// A number as its provider has it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Rented {
    /// The number.
    pub phone_number: String,
    /// Where calls go.
    pub voice_url: Option<String>,
    /// Where they go when that fails.
    pub voice_fallback_url: Option<String>,
    /// Where a call's end is told.
    pub status_callback: Option<String>,
    /// Where texts go.
    pub sms_url: Option<String>,
    /// Where they go when that fails.
    pub sms_fallback_url: Option<String>,
    /// An application that answers calls in place of the addresses.
    pub voice_application_sid: Option<String>,
    /// The same for texts.
    pub sms_application_sid: Option<String>,
    /// A trunk that takes calls in place of everything.
    pub trunk_sid: Option<String>,
}

/// Some of an account's numbers, and where the rest of them is.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Page {
    /// The numbers.
    #[serde(rename = "incoming_phone_numbers")]
    pub numbers: Vec<Rented>,
    next_page_uri: Option<String>,
}

impl Page {
    /// Reads a page; `None` where it is none.
    pub fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// The address of the next page, always on the server that gave this one.
    pub fn next(&self, this: &str) -> Option<String> {
        let path = self.next_page_uri.as_deref().filter(|path| path.starts_with('/') && !path.starts_with("//"))?;
        let host = this.find("://")? + 3;
        let end = this[host..].find('/').map_or(this.len(), |at| host + at);
        Some(format!("{}{path}", &this[..end]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AccountKind;

    fn account(kind: AccountKind, sid: &str, sandbox: bool, api: &str) -> Account {
        let (account_sid, api_base_url) = (sid.to_owned(), api.to_owned());
        Account { account_sid, sandbox, api_base_url, ..Account::plain("a".into(), "t".into(), kind) }
    }

    #[test]
    fn each_account_is_asked_at_its_own_address() {
        let path = "/2010-04-01/Accounts/AC1/IncomingPhoneNumbers.json?PageSize=1000";
        for (account, expected, why) in [
            (
                account(AccountKind::Twilio, "AC1", false, ""),
                Ok(format!("https://api.twilio.com{path}")),
                "Twilio's own",
            ),
            (
                account(AccountKind::Twilio, "AC1", true, "http://127.0.0.1:9/"),
                Ok(format!("http://127.0.0.1:9{path}")),
                "a sandbox with an API of its own",
            ),
            (
                account(AccountKind::Signalwire, "AC1", false, "https://acme.signalwire.com"),
                Ok(format!("https://acme.signalwire.com/api/laml{path}")),
                "a space",
            ),
            (
                account(AccountKind::Signalwire, "AC1", false, "https://acme.signalwire.com/api/laml"),
                Ok(format!("https://acme.signalwire.com/api/laml{path}")),
                "a space, written out",
            ),
            (account(AccountKind::Signalwire, "AC1", false, ""), Err(NotAsked::Spaceless), "no space"),
            (account(AccountKind::Twilio, "AC1", true, ""), Err(NotAsked::Sandbox), "a sandbox"),
            (account(AccountKind::Twilio, "", false, ""), Err(NotAsked::Nameless), "no id"),
            (account(AccountKind::Twilio, "../x", false, ""), Err(NotAsked::Nameless), "no id either"),
            (account(AccountKind::Plivo, "MA1", false, ""), Err(NotAsked::Unspoken), "another API"),
        ] {
            assert_eq!(first_page(&account), expected, "{why}");
        }
    }

    #[test]
    fn a_page_is_read_and_leads_to_the_next_one_on_the_same_server() {
        let body = br#"{"incoming_phone_numbers": [{"phone_number": "+13125550190", "voice_url": "https://h/v",
            "sms_url": null, "friendly_name": "x"}], "next_page_uri": "/2010-04-01/x.json?Page=1"}"#;
        let page = Page::read(body).expect("a page");
        assert_eq!(page.numbers[0].voice_url.as_deref(), Some("https://h/v"));
        assert_eq!(
            page.next("https://api.example/2010-04-01/x").as_deref(),
            Some("https://api.example/2010-04-01/x.json?Page=1")
        );
        for elsewhere in ["//evil.example/x", "https://evil.example/x"] {
            let page = Page { next_page_uri: Some(elsewhere.to_owned()), numbers: Vec::new() };
            assert_eq!(page.next("https://api.example/x"), None, "{elsewhere}");
        }
        assert_eq!(Page::read(b"<html>"), None);
        assert_eq!(Page::read(b"{}"), None);
    }
}
