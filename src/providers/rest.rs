//! What we ask of a provider's REST API about calls and recordings: requests as values, and the reading of answers
//! (Twilio's API of 2010-04-01, which SignalWire's compatible one repeats).
//!
//! Deliberately not here: sending (`jobs::rest`), and numbers for rent (`rented`). Nothing here shows a phone, an
//! account's id or an address when it is printed.

use std::fmt;

use serde::Deserialize;

use crate::domain::{Account, AccountKind, E164, MaskingNumber, Moment, RecordFormat};

/// Where Twilio's REST API is.
const TWILIO: &str = "https://api.twilio.com";

/// Most calls that are looked through at once.
const PAGE: usize = 50;

/// Why an account's provider cannot be asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotAsked {
    /// Nothing is sent for a sandbox account that has no API of its own.
    #[error("it is a sandbox account, so nothing is asked")]
    Sandbox,
    /// This version does not speak that provider's API.
    #[error("this version does not speak its provider's API")]
    Unspoken,
    /// Without the provider's id of the account there is no address.
    #[error("it has no account_sid")]
    Nameless,
    /// SignalWire's API is at the customer's own space.
    #[error("it has no api_base_url, and SignalWire's API is at the space's own address")]
    Spaceless,
    /// An id that is none.
    #[error("the provider's id of the call or recording is not known")]
    NoSid,
}

/// The address that everything of an account is below.
pub fn root(account: &Account) -> Result<String, NotAsked> {
    if account.sandbox && account.api_base_url.is_empty() {
        return Err(NotAsked::Sandbox);
    }
    let base = account.api_base_url.trim_end_matches('/');
    let base = match (account.kind, base) {
        (AccountKind::Twilio, "") => TWILIO.to_owned(),
        (AccountKind::Twilio, own) => own.to_owned(),
        (AccountKind::Signalwire, "") => return Err(NotAsked::Spaceless),
        (AccountKind::Signalwire, own) => format!("{}/api/laml", own.trim_end_matches("/api/laml")),
        (AccountKind::Telnyx | AccountKind::Plivo | AccountKind::Ringcentral, _) => return Err(NotAsked::Unspoken),
    };
    let sid = id(&account.account_sid).map_err(|_| NotAsked::Nameless)?;
    Ok(format!("{base}/2010-04-01/Accounts/{sid}"))
}

/// An id that may stand in an address.
fn id(sid: &str) -> Result<&str, NotAsked> {
    let plain = !sid.is_empty() && sid.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if plain { Ok(sid) } else { Err(NotAsked::NoSid) }
}

/// What is done with what an address names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verb {
    /// It is looked at.
    Get,
    /// It is made or changed.
    Post,
    /// It is taken away.
    Delete,
}

/// One request.
#[derive(Clone, PartialEq, Eq)]
pub struct Ask {
    /// What is done.
    pub verb: Verb,
    /// To what.
    pub url: String,
    /// What goes with it: a form's, or of a GET the query's.
    pub fields: Vec<(&'static str, String)>,
}

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.fields.iter().map(|(name, _)| *name).collect();
        write!(f, "Ask({:?} {names:?})", self.verb)
    }
}

/// A call to be started.
#[derive(Clone, PartialEq, Eq)]
pub struct NewCall {
    /// Whom.
    pub to: E164,
    /// What they see.
    pub from: MaskingNumber,
    /// Where the provider asks what to do when they answer; and asks again where that failed.
    pub url: String,
    /// Where the leg's states are told.
    pub status: String,
    /// Seconds that it rings.
    pub ring_timeout: u16,
}

/// Starts a call.
pub fn create_call(account: &Account, call: &NewCall) -> Result<Ask, NotAsked> {
    let mut fields = vec![
        ("To", call.to.to_string()),
        ("From", call.from.to_string()),
        ("Url", call.url.clone()),
        ("Method", "POST".to_owned()),
        ("FallbackUrl", call.url.clone()),
        ("FallbackMethod", "POST".to_owned()),
        ("Timeout", call.ring_timeout.to_string()),
        ("StatusCallback", call.status.clone()),
        ("StatusCallbackMethod", "POST".to_owned()),
    ];
    fields.extend(
        ["initiated", "ringing", "answered", "completed"].map(|state| ("StatusCallbackEvent", state.to_owned())),
    );
    Ok(Ask { verb: Verb::Post, url: format!("{}/Calls.json", root(account)?), fields })
}

/// Moves a running call to another document.
pub fn redirect_call(account: &Account, call: &str, to: &str) -> Result<Ask, NotAsked> {
    let fields = vec![("Url", to.to_owned()), ("Method", "POST".to_owned())];
    Ok(Ask { verb: Verb::Post, url: format!("{}/Calls/{}.json", root(account)?, id(call)?), fields })
}

/// Ends a call, ringing or running.
pub fn end_call(account: &Account, call: &str) -> Result<Ask, NotAsked> {
    let fields = vec![("Status", "completed".to_owned())];
    Ok(Ask { verb: Verb::Post, url: format!("{}/Calls/{}.json", root(account)?, id(call)?), fields })
}

/// The newest calls between two phones: what became of one whose creation was never answered. Not by the time of their
/// start, which one that is still queued does not have.
pub fn calls_between(account: &Account, to: E164, from: MaskingNumber) -> Result<Ask, NotAsked> {
    let fields = vec![("To", to.to_string()), ("From", from.to_string()), ("PageSize", PAGE.to_string())];
    Ok(Ask { verb: Verb::Get, url: format!("{}/Calls.json", root(account)?), fields })
}

/// Starts recording a running call, both sides apart; `told` hears when it is made.
pub fn start_recording(account: &Account, call: &str, told: &str) -> Result<Ask, NotAsked> {
    let fields = vec![
        ("RecordingChannels", "dual".to_owned()),
        ("RecordingStatusCallback", told.to_owned()),
        ("RecordingStatusCallbackMethod", "POST".to_owned()),
        ("RecordingStatusCallbackEvent", "completed".to_owned()),
        ("RecordingStatusCallbackEvent", "absent".to_owned()),
    ];
    Ok(Ask { verb: Verb::Post, url: format!("{}/Calls/{}/Recordings.json", root(account)?, id(call)?), fields })
}

/// The recordings of a call.
pub fn recordings_of(account: &Account, call: &str) -> Result<Ask, NotAsked> {
    let url = format!("{}/Calls/{}/Recordings.json", root(account)?, id(call)?);
    Ok(Ask { verb: Verb::Get, url, fields: Vec::new() })
}

/// Takes a recording away at the provider.
pub fn delete_recording(account: &Account, recording: &str) -> Result<Ask, NotAsked> {
    let url = format!("{}/Recordings/{}.json", root(account)?, id(recording)?);
    Ok(Ask { verb: Verb::Delete, url, fields: Vec::new() })
}

/// A recording's sound, at the address that the provider told: in this format, whatever format the address names.
pub fn sound(url: &str, format: RecordFormat) -> String {
    let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query)));
    let bare = [".mp3", ".wav", ".json"].iter().find_map(|ending| path.strip_suffix(ending)).unwrap_or(path);
    match query {
        Some(query) => format!("{bare}.{}?{query}", format.word()),
        None => format!("{bare}.{}", format.word()),
    }
}

/// A call as its provider has it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct HasCall {
    /// Its id.
    pub sid: String,
    /// How it came about.
    #[serde(default)]
    pub direction: Option<String>,
    /// When it was made, as RFC 2822.
    #[serde(default)]
    pub date_created: Option<String>,
}

/// Something at the provider, by its id.
#[derive(Deserialize)]
struct Made {
    sid: String,
}

/// Reads the answer to a creation: the id of what was made.
pub fn made(body: &[u8]) -> Option<String> {
    let made: Made = serde_json::from_slice(body).ok()?;
    id(&made.sid).is_ok().then_some(made.sid)
}

/// Of a list of calls, the newest that our API started at an instant or after, and that is none of `others`. Clocks
/// differ, so a minute before counts too. `None` where the answer is no such list.
pub fn started_since(body: &[u8], since: Moment, others: &dyn Fn(&str) -> bool) -> Option<Option<String>> {
    #[derive(Deserialize)]
    struct Calls {
        calls: Vec<HasCall>,
    }
    let list: Calls = serde_json::from_slice(body).ok()?;
    let earliest = since.seconds() - 60;
    let ours = |call: &&HasCall| {
        let at = call.date_created.as_deref().and_then(|at| chrono::DateTime::parse_from_rfc2822(at).ok());
        call.direction.as_deref() == Some("outbound-api")
            && at.is_some_and(|at| at.timestamp() >= earliest)
            && !others(&call.sid)
    };
    Some(list.calls.iter().find(ours).map(|call| call.sid.clone()))
}

/// The ids of a call's recordings; `None` where the answer is no list of them.
pub fn recordings(body: &[u8]) -> Option<Vec<String>> {
    #[derive(Deserialize)]
    struct Recordings {
        recordings: Vec<Made>,
    }
    let list: Recordings = serde_json::from_slice(body).ok()?;
    Some(list.recordings.into_iter().map(|recording| recording.sid).collect())
}

/// The provider's own number of an error, where its answer tells.
pub fn error_code(body: &[u8]) -> Option<u32> {
    #[derive(Deserialize)]
    struct Wrong {
        code: Option<u32>,
    }
    serde_json::from_slice::<Wrong>(body).ok()?.code
}

/// What an error's number means, for a person who can do something about it.
pub const fn meaning(code: u32) -> &'static str {
    match code {
        20003 => "the credentials are not accepted, or the account may not do this",
        20404 => "there is no such thing any more",
        20429 => "too much was asked at once",
        21201 => "nobody to call was named",
        21205 => "the address of our answer is not valid",
        21210 => "the number is not one that this account may call from",
        21211 => "the phone to call is not valid",
        21212 => "the number to call from is not valid",
        21214 => "the phone to call cannot be reached",
        21215 => "calls to that country are not allowed in the account's geographic permissions",
        21216 => "calls to that phone are blocked by the provider",
        21217 => "the phone number is not valid",
        21219 => "a trial account may call verified phones only",
        21220 => "the call is over, or has not been answered",
        _ => "the provider's error list has it",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(kind: AccountKind, sid: &str, sandbox: bool, api: &str) -> Account {
        let (account_sid, api_base_url) = (sid.to_owned(), api.to_owned());
        Account { account_sid, sandbox, api_base_url, ..Account::plain("a".into(), "t".into(), kind) }
    }

    fn phone() -> E164 {
        E164::read("+13125550101").expect("a phone")
    }

    fn number() -> MaskingNumber {
        MaskingNumber::rented(E164::read("+13125550190").expect("a number"))
    }

    #[test]
    fn requests_go_to_the_accounts_own_api_and_a_sandboxes_nowhere() {
        let twilio = account(AccountKind::Twilio, "AC1", false, "");
        let space = account(AccountKind::Signalwire, "AC1", false, "https://acme.signalwire.com");
        for (ask, url, why) in [
            (end_call(&twilio, "CA1"), Ok("https://api.twilio.com/2010-04-01/Accounts/AC1/Calls/CA1.json"), "a call"),
            (
                start_recording(&space, "b-1", "https://h"),
                Ok("https://acme.signalwire.com/api/laml/2010-04-01/Accounts/AC1/Calls/b-1/Recordings.json"),
                "a space",
            ),
            (
                delete_recording(&twilio, "RE1"),
                Ok("https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1.json"),
                "a recording",
            ),
            (
                calls_between(&twilio, phone(), number()),
                Ok("https://api.twilio.com/2010-04-01/Accounts/AC1/Calls.json"),
                "a list",
            ),
            (end_call(&twilio, "../CA1"), Err(NotAsked::NoSid), "an id that leads elsewhere"),
            (end_call(&twilio, ""), Err(NotAsked::NoSid), "no id"),
            (end_call(&account(AccountKind::Twilio, "AC1", true, ""), "CA1"), Err(NotAsked::Sandbox), "a sandbox"),
            (end_call(&account(AccountKind::Plivo, "MA1", false, ""), "CA1"), Err(NotAsked::Unspoken), "another API"),
            (end_call(&account(AccountKind::Twilio, "", false, ""), "CA1"), Err(NotAsked::Nameless), "no account"),
        ] {
            assert_eq!(ask.as_ref().map(|ask| ask.url.as_str()).map_err(|why| *why), url, "{why}");
            assert!(!format!("{ask:?}").contains("555"), "{why}: no phone is printed");
        }
    }

    #[test]
    fn a_lost_creation_is_found_again_only_where_it_can_be_it() {
        let since = Moment::read("2026-03-09T14:02:11Z").expect("an instant");
        let call = |sid: &str, direction: &str, at: &str| {
            format!("{{\"sid\": \"{sid}\", \"direction\": \"{direction}\", \"date_created\": \"{at}\"}}")
        };
        let just_now = "Mon, 09 Mar 2026 14:02:10 +0000";
        for (calls, found, why) in [
            (call("CA1", "outbound-api", just_now), Some("CA1"), "it is there"),
            (call("CA1", "outbound-dial", just_now), None, "a leg that a document dialled"),
            (call("CA1", "outbound-api", "Mon, 09 Mar 2026 13:02:10 +0000"), None, "an hour before"),
            (call("CA2", "outbound-api", just_now), None, "another call of ours"),
            (String::new(), None, "nothing"),
        ] {
            let body = format!("{{\"calls\": [{calls}]}}");
            let told = started_since(body.as_bytes(), since, &|sid| sid == "CA2");
            assert_eq!(told, Some(found.map(str::to_owned)), "{why}");
        }
        assert_eq!(started_since(b"<html>", since, &|_| false), None, "garbage is no answer");
        assert_eq!(recordings(b"{\"recordings\": [{\"sid\": \"RE1\"}]}"), Some(vec!["RE1".to_owned()]));
        assert_eq!((recordings(b"{\"recordings\": []}"), recordings(b"{}")), (Some(Vec::new()), None));
        assert_eq!(
            (made(b"{\"sid\": \"CA1\"}"), made(b"{\"sid\": \"a/b\"}"), made(b"")),
            (Some("CA1".into()), None, None)
        );
    }

    #[test]
    fn a_sound_is_asked_for_in_its_format() {
        for (url, format, expected) in [
            ("https://h/Recordings/RE1", RecordFormat::Mp3, "https://h/Recordings/RE1.mp3"),
            ("https://h/Recordings/RE1.wav", RecordFormat::Mp3, "https://h/Recordings/RE1.mp3"),
            ("https://h/Recordings/RE1?x=1", RecordFormat::Wav, "https://h/Recordings/RE1.wav?x=1"),
        ] {
            assert_eq!(sound(url, format), expected);
        }
    }
}
