//! Hosts, addresses of mail and of houses, logins in addresses.
//!
//! Deliberately not here: names of people, which cannot be told from invented ones.

use std::net::Ipv4Addr;
use std::sync::LazyLock;

use regex::Regex;

const MEND_HOST: &str = "use a host of example.com, example.org or example.net";
const MEND_MAIL: &str = "use an address at example.com";
const MEND_HOUSE: &str = "leave it out, or use ANYTOWN and 00000";

/// Ends of hosts that are nobody's (RFC 2606, RFC 6761).
const NOBODYS: [&str; 8] =
    ["example.com", "example.org", "example.net", "example", "test", "invalid", "localhost", "api.twilio.com"];

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\b[A-Za-z][A-Za-z0-9+.-]*://(?:([^/\s"'<>@]+)@)?([^/\s"'<>?#\\)@]+)"#)
        .expect("it is a regular expression")
});
static MAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[A-Za-z0-9._%+-]+@([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)").expect("it is a regular expression")
});
static BARE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:com|net|org|io|dev|app|ai|biz|info|cloud|internal|local|lan|corp|intranet|home|uk|us|ca|au|de|fr|ie|nl|se|no|es|it|pl)\b",
    )
    .expect("it is a regular expression")
});
static MACHINE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b").expect("it is a regular expression"));
static HOUSE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"\b\d{1,5}[A-Za-z]?\s+(?:[A-Z][A-Za-z.]*\s+){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Square|Terrace|Highway|Hwy)\b",
    )
    .expect("it is a regular expression")
});
static WHERE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"\b(?:(?:From|To|Caller|Called)(?:City|Zip)|Latitude|Longitude|Address)\b["']?\s*(?:[=:]\s*["']([^"']+)["']|=([^\s"'&]+))"#,
    )
        .expect("it is a regular expression")
});

/// What is found in a line.
pub fn look(line: &str) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    for at in ADDRESS.captures_iter(line) {
        if at.get(1).is_some_and(|login| !login.as_str().starts_with("${")) {
            found.push(("a login in an address".to_owned(), MEND_HOST));
        }
        let host = at[2].split(':').next().unwrap_or_default().to_owned();
        if !is_nobodys(&host) {
            found.push(("a host that may be somebody's".to_owned(), MEND_HOST));
        }
    }
    if MAIL.captures_iter(line).any(|at| !is_nobodys(&at[1])) {
        found.push(("what may be somebody's address, with an @".to_owned(), MEND_MAIL));
    }
    let host = |text: &str| !is_nobodys(text);
    let named = BARE.find_iter(line).any(|at| host(at.as_str()));
    if (named || MACHINE.find_iter(line).any(|at| host(at.as_str()))) && found.is_empty() {
        found.push(("a host that may be somebody's".to_owned(), MEND_HOST));
    }
    if HOUSE.is_match(line) {
        found.push(("what may be a house's address".to_owned(), MEND_HOUSE));
    }
    let plain = |text: &str| matches!(text, "ANYTOWN" | "00000" | "redacted") || text.starts_with("${");
    let value = |at: &regex::Captures<'_>| at.get(1).or(at.get(2)).is_some_and(|value| !plain(value.as_str()));
    if WHERE.captures_iter(line).any(|at| value(&at)) {
        found.push(("a caller's town or postal code".to_owned(), MEND_HOUSE));
    }
    found
}

fn is_nobodys(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if host.starts_with("${") || host.is_empty() {
        return true;
    }
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return address.is_loopback() || address.is_documentation() || address.is_unspecified();
    }
    let below = |end: &str| host == end || host.strip_suffix(end).is_some_and(|rest| rest.ends_with('.'));
    NOBODYS.into_iter().any(below) || host.len() == 1
}
