//! What the server prints when it starts: where things are, and one command to try.
//!
//! Deliberately not here: the log.

use std::net::SocketAddr;

use crate::domain::{Account, AccountKind, Channel, E164, Session, SessionState};
use crate::rules::ruleset::{AccountSecrets, Ruleset};

use super::config::Config;
use super::keys::admin_key_file;
use super::signing::{self, Signable};

/// Where things are.
pub struct Whereabouts<'a> {
    /// Where the server listens; the port is the one it got.
    pub listen: SocketAddr,
    /// Where the metrics are, if on a listener of their own.
    pub metrics: Option<SocketAddr>,
    /// The configuration.
    pub config: &'a Config,
    /// How many tenants are stored.
    pub tenants: usize,
    /// The demo's tenant, where it is stored.
    pub demo: Option<&'a Ruleset>,
    /// Rules files that were applied just now.
    pub applied: &'a [String],
}

/// The greeting.
pub fn greeting(at: &Whereabouts<'_>) -> String {
    let config = at.config;
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    let base = format!("{scheme}://{}", at.listen);
    let metrics = match at.metrics {
        Some(address) => format!("http://{address}/metrics"),
        None => format!("{base}/metrics, under the admin key"),
    };
    let admin = match config.admin_key.is_empty() {
        true => format!("in {}", admin_key_file(config).display()),
        false => "as configured".to_owned(),
    };
    let rows = [
        ("server", base.clone()),
        ("providers reach it at", config.public_base_url.clone()),
        ("database", without_password(config.database_url.expose())),
        ("rules", rules(at)),
        ("metrics", metrics),
        ("admin key", admin),
    ];
    let mut text = format!("Hookswitch {}\n", env!("CARGO_PKG_VERSION"));
    for (name, value) in rows {
        text.push_str(&format!("  {name:<22} {value}\n"));
    }
    let (what, command) = match at.demo.and_then(|demo| request(demo, &config.public_base_url, &base, Channel::Voice)) {
        Some(command) => ("Try a call: the demo's customer rings, and this is what the provider is told", command),
        None => ("Try it", format!("curl -sS {base}/readyz")),
    };
    text.push_str(&format!("\n{what}:\n\n{command}\n"));
    text
}

fn rules(at: &Whereabouts<'_>) -> String {
    let tenants = match at.tenants {
        1 => "1 tenant".to_owned(),
        many => format!("{many} tenants"),
    };
    let applied = match at.applied {
        [] if at.config.rules_dir.as_ref().is_some_and(|folder| !folder.is_dir()) => {
            "there is no such folder".to_owned()
        }
        [] => "nothing newly applied".to_owned(),
        names => format!("applied {}", names.join(", ")),
    };
    match &at.config.rules_dir {
        Some(folder) => format!("{} ({applied}); {tenants}", folder.display()),
        None => tenants,
    }
}

/// A database's URL without what stands between `//` and `@`, and without what stands behind `?`.
fn without_password(url: &str) -> String {
    let url = url.split('?').next().unwrap_or_default();
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(user)) if scheme < user => format!("{}{}", &url[..scheme + 3], &url[user + 1..]),
        _ => url.to_owned(),
    }
}

/// A call or text of the demo's customer, signed, as a command; `None` where the demo is not loaded. Its id is a new
/// one each time, because what came before gets the answer it got before.
pub fn request(rules: &Ruleset, public: &str, base: &str, channel: Channel) -> Option<String> {
    let (account, secrets, session) = callable(rules).next()?;
    let mut id = [0; 16];
    getrandom::fill(&mut id).ok()?;
    let public = match account.public_base_url.as_str() {
        "" => public,
        own => own,
    };
    let (step, sid, more) = match channel {
        Channel::Voice => ("voice", ("CallSid", "CA"), [("CallStatus", "ringing"), ("Direction", "inbound")]),
        Channel::Sms => ("sms", ("MessageSid", "SM"), [("Body", "Are you on your way?"), ("NumMedia", "0")]),
    };
    let param = |name: &str, value: String| (name.to_owned(), value);
    let mut params = vec![
        param("AccountSid", account.account_sid.clone()),
        param(sid.0, format!("{}{}", sid.1, hex::encode(id))),
        param("From", session.second_party?.to_string()),
        param("To", session.number.to_string()),
    ];
    params.extend(more.map(|(name, value)| param(name, value.to_owned())));
    let signable = Signable { url: format!("{public}/webhooks/{}/{step}", account.id), params };
    let headers = signing::sign(account, secrets, &signable).ok()?;
    // A public base URL may have a path that a proxy takes off.
    let path = signable.split().1;
    let own = path
        .find("/webhooks/")
        .map(|prefix| Signable { url: format!("{base}{}", &path[prefix..]), ..signable.clone() })?;
    Some(own.curl(base, &headers))
}

/// The sandbox accounts of a tenant with a live session on one of their numbers whose customer's phone is nobody's: what is
/// printed here may be kept in a log.
fn callable(rules: &Ruleset) -> impl Iterator<Item = (&Account, &AccountSecrets, &Session)> {
    let sandboxes = rules.accounts.iter().filter(|(account, _)| account.sandbox && account.kind == AccountKind::Twilio);
    sandboxes.flat_map(|(account, secrets)| {
        let rents = |session: &Session| {
            rules.numbers.iter().any(|number| number.e164 == session.number && number.account == account.id)
        };
        let sessions = rules.sessions.iter().filter(move |session| {
            matches!(session.state, SessionState::Live { .. })
                && session.second_party.is_some_and(is_fiction)
                && rents(session)
        });
        sessions.map(move |session| (account, secrets, session))
    })
}

/// Whether a phone is of the range that North America keeps for fiction: 555-0100 to 555-0199 in any area.
const fn is_fiction(phone: E164) -> bool {
    let digits = phone.digits();
    digits / 10_000_000_000 == 1 && digits % 10_000_000 / 100 == 55_501
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_phones_of_nobody_are_printed() {
        for (phone, expected) in [
            ("+13125550101", true),
            ("+12025550199", true),
            ("+13125550200", false),
            ("+13125551023", false),
            ("+443125550101", false),
            ("+5550101", false),
        ] {
            assert_eq!(E164::read(phone).map(is_fiction), Some(expected), "{phone}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        for (url, shown) in [
            ("sqlite://data/hookswitch.db", "sqlite://data/hookswitch.db"),
            ("postgres://hook:s3@cret@db.example/calls?sslmode=require", "postgres://db.example/calls"),
            ("postgres://db.example/calls?password=s3cret", "postgres://db.example/calls"),
            ("sqlite::memory:", "sqlite::memory:"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
