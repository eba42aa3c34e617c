//! What the providers say: whether they know the accounts, and whether each number's webhooks come here.
//!
//! Deliberately not here: changing anything there.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use futures_util::future::join_all;

use super::chart::{Chart, counted};
use crate::domain::{Account, AccountKind, Number, NumberState};
use crate::jobs::inquire::{Inquirer, NoAnswer};
use crate::providers::rented::{NotAsked, Rented};
use crate::rules::ruleset::{AccountSecrets, Ruleset, Secret};

/// Numbers that are named in one finding; more are counted.
const NAMED: usize = 5;

/// What came of asking about one account.
pub struct Asked<'a> {
    account: &'a Account,
    secrets: &'a AccountSecrets,
    ours: Vec<&'a Number>,
    answer: Result<Vec<Rented>, NoAnswer>,
}

/// Asks every account's provider, all at once.
pub async fn ask<'a>(ask: &Inquirer, worlds: &'a [Ruleset]) -> Vec<Asked<'a>> {
    let accounts = worlds.iter().flat_map(|rules| rules.accounts.iter().map(move |account| (rules, account)));
    let asking = accounts.map(|(rules, (account, secrets))| async move {
        let mine = |number: &&Number| number.account == account.id && number.state != NumberState::Retired;
        let ours = rules.numbers.iter().filter(mine).collect();
        let token = secrets.auth_tokens.iter().find(|token| !token.is_empty());
        let answer = ask.rented(account, token).await;
        Asked { account, secrets, ours, answer }
    });
    join_all(asking).await
}

/// Whether each account has its secrets, and its provider takes them.
pub fn credentials(chart: &mut Chart, asked: &[Asked<'_>], secrets_known: bool) -> io::Result<()> {
    chart.check("credentials");
    let mut taken = Vec::new();
    for one in asked {
        let id = &one.account.id;
        if crate::providers::dialect(one.account.kind).is_none() && !one.ours.is_empty() {
            chart.failed(
                format!("account {id}: this version does not answer webhooks of {} accounts", one.account.kind),
                "move its numbers to a Twilio or SignalWire account",
            )?;
            continue;
        }
        if !secrets_known {
            continue;
        }
        if let Some((what, field)) = missing(one) {
            chart.failed(
                format!("account {id} has no {what}: every webhook of it is refused"),
                format!("set the variable that provider_account.{id}.{field} names, and apply the rules again"),
            )?;
        }
        match &one.answer {
            Ok(numbers) => taken.push(format!("{id} ({})", counted(numbers.len(), "number"))),
            Err(error) => refused(chart, one.account, error)?,
        }
    }
    if !secrets_known {
        return chart.skipped("without the master key no secret can be read, so nobody was asked");
    }
    if taken.is_empty() {
        let why =
            if asked.is_empty() { "there is no account" } else { "every account is a sandbox, so nobody was asked" };
        return chart.skipped(why);
    }
    chart.ok(format!("taken by the provider: {}", taken.join(", ")))
}

/// The secret that an account's webhooks are verified with, where it has none.
fn missing(one: &Asked<'_>) -> Option<(&'static str, &'static str)> {
    let none = |secrets: &[Secret]| secrets.iter().all(Secret::is_empty);
    match one.account.kind {
        AccountKind::Twilio => none(&one.secrets.auth_tokens).then_some(("auth token", "auth_token_env")),
        AccountKind::Signalwire => none(&one.secrets.signing_keys).then_some(("signing key", "signing_key_env")),
        AccountKind::Telnyx | AccountKind::Plivo | AccountKind::Ringcentral => None,
    }
}

fn refused(chart: &mut Chart, account: &Account, error: &NoAnswer) -> io::Result<()> {
    let (what, id) = (format!("account {}: {error}", account.id), &account.id);
    let field = |name: &str| format!("provider_account.{id}.{name}");
    match error {
        NoAnswer::NotAsked(NotAsked::Sandbox | NotAsked::Unspoken) => Ok(()),
        NoAnswer::NotAsked(NotAsked::Nameless | NotAsked::NoSid) => {
            chart.failed(what, format!("{} = the account's id at the provider", field("account_sid")))
        }
        NoAnswer::NotAsked(NotAsked::Spaceless) => {
            chart.warning(what, format!("{} = \"https://SPACE.signalwire.com\"", field("api_base_url")))
        }
        // The missing token was told already, or belongs to an account that needs it for nothing else.
        NoAnswer::NoToken => match account.kind {
            AccountKind::Signalwire => chart.warning(
                format!("{what}, so its numbers cannot be looked at"),
                format!("{} names the project's API token", field("auth_token_env")),
            ),
            AccountKind::Twilio | AccountKind::Telnyx | AccountKind::Plivo | AccountKind::Ringcentral => Ok(()),
        },
        NoAnswer::Credentials(_) => chart.failed(
            what,
            format!("correct {}, or the token that {} names", field("account_sid"), field("auth_token_env")),
        ),
        NoAnswer::Unreachable(_) => {
            chart.warning(what, format!("look at this machine's way out, and at {}", field("api_base_url")))
        }
        NoAnswer::Status(_) | NoAnswer::Garbage => chart.warning(
            what,
            format!("ask again later; look at {} and the provider's status page", field("api_base_url")),
        ),
    }
}

/// Whether what comes to each number comes here.
pub fn webhooks(chart: &mut Chart, asked: &[Asked<'_>], public: &str) -> io::Result<()> {
    chart.check("webhook URLs");
    let mut seen = 0;
    for one in asked {
        let Ok(theirs) = &one.answer else { continue };
        let mut found = Found::default();
        seen += one.ours.len();
        for number in &one.ours {
            let phone = number.e164.e164();
            let name = phone.masked().to_string();
            match theirs.iter().find(|rented| rented.phone_number == phone.to_string()) {
                None => found.add(
                    format!("account {} does not rent", one.account.id),
                    "rent them there, name their own account as provider_account_id, or retire them".to_owned(),
                    name,
                ),
                Some(rented) => main_addresses(&mut found, number, rented, &base(one.account, public), name),
            }
        }
        strays(&mut found, one, &base(one.account, public), theirs);
        found.tell(chart, true)?;
    }
    match seen {
        0 => chart.skipped("no number could be looked up at a provider"),
        _ => chart.ok(format!("calls and texts of {} come here", counted(seen, "number"))),
    }
}

/// Whether each number has a second way here, and tells how its calls end.
pub fn fallbacks(chart: &mut Chart, asked: &[Asked<'_>], public: &str) -> io::Result<()> {
    chart.check("fallback URLs");
    let mut seen = 0;
    for one in asked {
        let Ok(theirs) = &one.answer else { continue };
        let base = base(one.account, public);
        let mut found = Found::default();
        for number in &one.ours {
            let phone = number.e164.e164();
            let Some(rented) = theirs.iter().find(|rented| rented.phone_number == phone.to_string()) else { continue };
            seen += 1;
            let (voice, sms) = (number.capabilities.voice, number.capabilities.sms);
            for (wanted, got, path, label) in [
                (voice, &rented.voice_fallback_url, "voice/fallback", "Voice, primary handler fails"),
                (voice, &rented.status_callback, "voice/status", "Voice, call status changes"),
                (sms, &rented.sms_fallback_url, "sms/fallback", "Messaging, primary handler fails"),
            ] {
                let expected = format!("{base}/{path}");
                if wanted && !same(&expected, got.as_deref()) {
                    let what = format!("\"{label}\" is {} at", shown(got.as_deref()));
                    found.add(what, format!("at the provider, set it to {expected}"), phone.masked().to_string());
                }
            }
        }
        found.tell(chart, false)?;
    }
    match seen {
        0 => chart.skipped("no number could be looked up at a provider"),
        _ => chart.ok(format!("{} with a second way here", counted(seen, "number"))),
    }
}

fn base(account: &Account, public: &str) -> String {
    let own = account.public_base_url.as_str();
    let base = if own.is_empty() { public } else { own };
    format!("{}/webhooks/{}", base.trim_end_matches('/'), account.id)
}

fn main_addresses(found: &mut Found, number: &Number, rented: &Rented, base: &str, name: String) {
    let set = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
    let (voice, sms) = (number.capabilities.voice, number.capabilities.sms);
    if voice && set(&rented.trunk_sid) {
        let mend = "at the provider, take the trunk off".to_owned();
        found.add("calls go to a SIP trunk, and never here, at".to_owned(), mend, name.clone());
    }
    for (wanted, application, got, path, what, label) in [
        (voice, &rented.voice_application_sid, &rented.voice_url, "voice", "calls", "Voice, a call comes in"),
        (sms, &rented.sms_application_sid, &rented.sms_url, "sms", "texts", "Messaging, a message comes in"),
    ] {
        let expected = format!("{base}/{path}");
        if wanted && set(application) {
            let mend = format!("at the provider, set \"{label}\" to the webhook {expected} instead of an application");
            found.add(format!("{what} go to an application's address at"), mend, name.clone());
        } else if wanted && !same(&expected, got.as_deref()) {
            let mend = format!("at the provider, set \"{label}\" to {expected}");
            found.add(format!("{what} go to {} at", shown(got.as_deref())), mend, name.clone());
        }
    }
}

/// Numbers that come here and that nobody here knows: their callers are rejected.
fn strays(found: &mut Found, one: &Asked<'_>, base: &str, theirs: &[Rented]) {
    let known: BTreeSet<String> = one.ours.iter().map(|number| number.e164.to_string()).collect();
    for rented in theirs.iter().filter(|rented| !known.contains(&rented.phone_number)) {
        if rented.voice_url.as_deref().is_some_and(|url| url.starts_with(base)) {
            let name = crate::domain::E164::read(&rented.phone_number).map(|phone| phone.masked().to_string());
            found.add(
                "calls come here, and no rules know them, at".to_owned(),
                format!("add a [[number]] with provider_account_id = \"{}\", or send it elsewhere", one.account.id),
                name.unwrap_or_else(|| "a number".to_owned()),
            );
        }
    }
}

/// The same address; a fragment is the provider's own (how it connects).
fn same(expected: &str, got: Option<&str>) -> bool {
    got.and_then(|got| got.split('#').next()).is_some_and(|got| got == expected)
}

/// An address without what may be secret in it.
fn shown(url: Option<&str>) -> String {
    let Some(url) = url.filter(|url| !url.is_empty()) else { return "not set".to_owned() };
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let plain = match url.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            format!("{scheme}://{}{path}", authority.rsplit('@').next().unwrap_or_default())
        }
        None => url.to_owned(),
    };
    plain.chars().filter(|letter| !letter.is_control()).take(200).collect()
}

/// What was found, with the numbers of which it was: what is wrong with one is usually wrong with all.
#[derive(Default)]
struct Found(BTreeMap<(String, String), Vec<String>>);

impl Found {
    fn add(&mut self, what: String, mend: String, number: String) {
        self.0.entry((what, mend)).or_default().push(number);
    }

    fn tell(self, chart: &mut Chart, fails: bool) -> io::Result<()> {
        for ((what, mend), numbers) in self.0 {
            let mut named = numbers.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
            if numbers.len() > NAMED {
                named.push_str(&format!(" and {} more", numbers.len() - NAMED));
            }
            let what = format!("{what} {named}");
            if fails { chart.failed(what, mend)? } else { chart.warning(what, mend)? }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::chart::Outcome;
    use super::super::samples;
    use super::*;

    const BASE: &str = "https://calls.example.com";

    fn right() -> Rented {
        let url = |path: &str| Some(format!("{BASE}/webhooks/acme-twilio/{path}"));
        Rented {
            phone_number: "+13125550190".to_owned(),
            voice_url: url("voice#rc=2"),
            voice_fallback_url: url("voice/fallback"),
            status_callback: url("voice/status"),
            sms_url: url("sms"),
            sms_fallback_url: url("sms/fallback"),
            ..Rented::default()
        }
    }

    /// What is found where a provider says this.
    fn found(answer: Result<Vec<Rented>, NoAnswer>) -> Vec<(&'static str, Outcome, String)> {
        let rules = samples::world(false, "");
        let (account, secrets) = &rules.accounts[0];
        let asked = [Asked { account, secrets, ours: rules.numbers.iter().collect(), answer }];
        let mut chart = Chart::new(false);
        credentials(&mut chart, &asked, true).expect("told");
        webhooks(&mut chart, &asked, BASE).expect("told");
        fallbacks(&mut chart, &asked, BASE).expect("told");
        let told = |one: &super::super::chart::Finding| {
            (one.name, one.outcome, format!("{} | {}", one.detail, one.mend.clone().unwrap_or_default()))
        };
        chart.findings().iter().map(told).collect()
    }

    #[test]
    fn what_a_provider_has_otherwise_is_found() {
        type Change = fn(&mut Rented);
        let rows: [(Change, &str, Outcome, &str, &str); 9] = [
            (|r| r.voice_url = None, "webhook URLs", Outcome::Failed, "calls go to not set", "no address"),
            (
                |r| r.voice_url = Some("https://u:p@old.example.com/v?key=hush".to_owned()),
                "webhook URLs",
                Outcome::Failed,
                "calls go to https://old.example.com/v at +1•••0190 | at the provider, set \"Voice, a call comes in\" to \
                 https://calls.example.com/webhooks/acme-twilio/voice",
                "another application",
            ),
            (
                |r| r.sms_url = Some(format!("{BASE}/webhooks/acme-twilio/sms/")),
                "webhook URLs",
                Outcome::Failed,
                "texts go to",
                "a slash",
            ),
            (
                |r| r.voice_application_sid = Some("AP1".to_owned()),
                "webhook URLs",
                Outcome::Failed,
                "an application's address",
                "an application",
            ),
            (|r| r.trunk_sid = Some("TK1".to_owned()), "webhook URLs", Outcome::Failed, "SIP trunk", "a trunk"),
            (
                |r| r.phone_number = "+13125550191".to_owned(),
                "webhook URLs",
                Outcome::Failed,
                "does not rent",
                "another's",
            ),
            (|r| r.voice_fallback_url = None, "fallback URLs", Outcome::Warning, "not set", "no fallback"),
            (|r| r.status_callback = None, "fallback URLs", Outcome::Warning, "call status changes", "no statuses"),
            (
                |r| r.sms_fallback_url = Some(String::new()),
                "fallback URLs",
                Outcome::Warning,
                "Messaging",
                "no fallback",
            ),
        ];
        for (change, check, outcome, part, why) in rows {
            let mut rented = right();
            change(&mut rented);
            let found = found(Ok(vec![rented]));
            let right = found.iter().any(|(name, was, told)| *name == check && *was == outcome && told.contains(part));
            assert!(right && !format!("{found:?}").contains("hush"), "{why}: {found:#?}");
        }
        let found = found(Ok(vec![right()]));
        assert!(found.len() == 3 && found.iter().all(|(_, outcome, _)| *outcome == Outcome::Ok), "{found:#?}");
    }

    #[test]
    fn a_provider_that_gives_no_answer_is_told_of() {
        for (error, outcome, mend) in [
            (NoAnswer::Credentials(401), Outcome::Failed, "auth_token_env"),
            (NoAnswer::NotAsked(NotAsked::Nameless), Outcome::Failed, "account_sid"),
            (NoAnswer::Unreachable("x".to_owned()), Outcome::Warning, "way out"),
            (NoAnswer::Status(500), Outcome::Warning, "later"),
            (NoAnswer::Garbage, Outcome::Warning, "later"),
            (NoAnswer::NotAsked(NotAsked::Sandbox), Outcome::Skipped, ""),
        ] {
            let found = found(Err(error.clone()));
            assert!(found[0].1 == outcome && found[0].2.contains(mend), "{error}: {found:#?}");
            assert_eq!(found[1].1, Outcome::Skipped);
        }
    }
}
