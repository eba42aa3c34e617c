//! The running server, where there is one: whether it is ready, and which webhooks it refused.
//!
//! Deliberately not here: what providers reach it at (`address`).

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use serde_json::Value;

use super::chart::{Chart, counted};
use crate::cli::config::Config;
use crate::cli::keys::admin_key_file;
use crate::domain::SignatureMode;
use crate::jobs::inquire::{As, Got, Inquirer, NoAnswer};
use crate::rules::ruleset::{Ruleset, Secret};

/// The word for a request without any signature.
const MISSING: &str = "signature_missing";

/// A server that answers.
#[derive(Debug, Default)]
pub struct Running {
    /// Signatures that were wrong, by reason; `None` where the metrics are not shown to us.
    pub failures: Option<Vec<(String, u64)>>,
    /// Webhooks that were answered.
    pub answered: u64,
    /// Of each account that was refused: what was checked, and what would have been right.
    pub nearest: Vec<Nearest>,
}

/// What a refused webhook of an account lacked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Nearest {
    /// The account.
    pub account: String,
    /// Why, in a word.
    pub reason: String,
    /// When it was refused.
    pub at: String,
    /// What its signature was checked against.
    pub base_url: String,
    /// What would have been right.
    pub nearest: String,
}

/// Asks the server whether it is ready, and what it counted.
pub async fn running(chart: &mut Chart, config: &Config, ask: &Inquirer) -> io::Result<Option<Running>> {
    chart.check("server");
    let base = base(config);
    let got = match ask.get(&format!("{base}/readyz"), As::Anybody).await {
        Ok(got) => got,
        Err(NoAnswer::Unreachable(_)) => {
            chart.skipped(format!("none answers at {base}; what only it knows is left out"))?;
            return Ok(None);
        }
        Err(error) => {
            chart.failed(format!("{base}: {error}"), format!("find out what listens on {}", config.listen))?;
            return Ok(None);
        }
    };
    let status = word(&got);
    match (got.status, status.as_deref()) {
        (200, Some("ok")) => chart.ok(format!("ready at {base}"))?,
        (200, Some("degraded")) => chart.failed(
            format!("at {base}: it is degraded: it answers from memory and cannot write its database"),
            "mend the database's disk or put its file back; leave the server running, it writes what waits",
        )?,
        (503, Some(word)) => {
            chart.warning(format!("at {base}: it is {word}"), "wait until it is done, and ask again")?;
        }
        (status, _) => {
            let what = format!("at {base} something answers {status} that is not hookswitch");
            chart.failed(what, "stop what listens there, or give this server another `listen`")?;
            return Ok(None);
        }
    }
    let key = admin_key(config);
    Ok(Some(Running { nearest: nearest(ask, &base, &key).await, ..metrics(ask, config, &base, &key).await }))
}

/// Where the server is asked: on this machine, whatever it listens on.
fn base(config: &Config) -> String {
    if config.tls.is_some() {
        return config.public_base_url.clone();
    }
    format!("http://{}", near(config.listen))
}

fn near(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// The `status` of a readiness answer.
fn word(got: &Got) -> Option<String> {
    let body: Value = serde_json::from_slice(&got.body).ok()?;
    Some(body.get("status")?.as_str()?.to_owned())
}

/// The admin key, configured or made; empty where there is none. None is made.
fn admin_key(config: &Config) -> Secret {
    if !config.admin_key.is_empty() {
        return config.admin_key.clone();
    }
    Secret::new(std::fs::read_to_string(admin_key_file(config)).unwrap_or_default().trim())
}

async fn metrics(ask: &Inquirer, config: &Config, base: &str, key: &Secret) -> Running {
    let got = match config.metrics_listen {
        Some(address) => ask.get(&format!("http://{}/metrics", near(address)), As::Anybody).await,
        None => ask.get(&format!("{base}/metrics"), As::Key(key)).await,
    };
    let Ok(Got { status: 200, body }) = got else { return Running::default() };
    let text = String::from_utf8_lossy(&body);
    let failures = samples(&text, "hookswitch_signature_failures_total")
        .map(|(labels, count)| (label(labels, "reason").unwrap_or_default().to_owned(), count))
        .filter(|(_, count)| *count > 0);
    let answered = samples(&text, "hookswitch_webhooks_total")
        .filter(|(labels, _)| label(labels, "status").is_some_and(|status| status.starts_with('2')));
    Running {
        failures: Some(failures.collect()),
        answered: answered.map(|(_, count)| count).sum(),
        nearest: Vec::new(),
    }
}

/// The samples of one metric, with their labels.
fn samples<'a>(text: &'a str, metric: &'a str) -> impl Iterator<Item = (&'a str, u64)> {
    text.lines().filter_map(move |line| {
        let (labels, count) = line.strip_prefix(metric)?.strip_prefix('{')?.split_once('}')?;
        Some((labels, count.trim().parse().ok()?))
    })
}

fn label<'a>(labels: &'a str, name: &str) -> Option<&'a str> {
    labels.split(',').find_map(|pair| pair.strip_prefix(name)?.strip_prefix("=\"")?.strip_suffix('"'))
}

async fn nearest(ask: &Inquirer, base: &str, key: &Secret) -> Vec<Nearest> {
    let Ok(Got { status: 200, body }) = ask.get(&format!("{base}/refusals"), As::Key(key)).await else {
        return Vec::new();
    };
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let read = |one: &Value| {
        let text = |field: &str| one.get(field).and_then(Value::as_str).map(str::to_owned);
        Some(Nearest {
            account: text("account")?,
            reason: text("reason")?,
            at: text("at")?,
            base_url: text("public_base_url")?,
            nearest: text("nearest")?,
        })
    };
    body.as_array().into_iter().flatten().filter_map(read).collect()
}

/// Whether signatures are right: what the server refused, what accounts let through, and who was never heard of.
pub fn signatures(
    chart: &mut Chart,
    running: Option<&Running>,
    worlds: &[Ruleset],
    heard: Option<&[(String, u64)]>,
) -> io::Result<()> {
    chart.check("signatures");
    if let Some(running) = running {
        refused(chart, running)?;
    }
    for (rules, account) in worlds.iter().flat_map(|rules| rules.accounts.iter().map(move |(one, _)| (rules, one))) {
        if account.sandbox {
            continue;
        }
        let id = &account.id;
        match account.signature {
            SignatureMode::Enforce => {}
            SignatureMode::Observe | SignatureMode::Off => chart.warning(
                format!("account {id} lets wrong signatures through (signature = \"{}\")", account.signature),
                format!("provider_account.{id}.signature = \"enforce\" once nothing is counted any more"),
            )?,
        }
        let numbers = rules.numbers.iter().filter(|number| number.account == *id).count();
        let silent = heard.is_some_and(|heard| !heard.iter().any(|(account, _)| account == id.as_str()));
        if silent && numbers > 0 {
            chart.warning(
                format!("account {id} has {}, and the journal has no webhook of it lately", counted(numbers, "number")),
                "call one of them; if nothing comes, look at its addresses (checks 9 and 12) and at the provider's debugger",
            )?;
        }
    }
    match running {
        Some(Running { failures: Some(_), answered, .. }) => {
            chart.ok(format!("none was wrong since the server started; {answered} webhooks answered"))
        }
        Some(_) => chart.skipped("the server does not show its metrics to this admin key"),
        None => {
            let heard = heard.unwrap_or_default().iter().map(|(account, count)| format!("{count} of {account}"));
            let heard: Vec<String> = heard.collect();
            chart.skipped(match heard.is_empty() {
                true => "no server to ask, and no webhook in the journal".to_owned(),
                false => format!("no server to ask; webhooks in the journal lately: {}", heard.join(", ")),
            })
        }
    }
}

fn refused(chart: &mut Chart, running: &Running) -> io::Result<()> {
    let failures = running.failures.as_deref().unwrap_or_default();
    let count: u64 = failures.iter().map(|(_, count)| count).sum();
    if count == 0 {
        return Ok(());
    }
    let reasons: Vec<String> = failures.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    let what = format!(
        "{} without a right signature since the server started ({}), {} answered",
        counted(usize::try_from(count).unwrap_or(usize::MAX), "webhook"),
        reasons.join(", "),
        running.answered
    );
    let mut told: Vec<(String, String)> =
        alike(&running.nearest).iter().map(|ones| (accounts(ones), mend(ones))).collect();
    if told.is_empty() {
        let mend = "hookswitch verify URL … tells of one request what would be right; the log tells it of each";
        told.push((String::new(), mend.to_owned()));
    }
    for (index, (accounts, mend)) in told.into_iter().enumerate() {
        // How many there were is said once; what was wrong with them, once for all accounts that lack the same.
        let what = match (index, accounts.as_str()) {
            (0, "") => what.clone(),
            (0, _) => format!("{what}; {accounts}"),
            (_, _) => accounts,
        };
        if running.answered == 0 { chart.failed(what, mend)? } else { chart.warning(what, mend)? }
    }
    Ok(())
}

/// Refusals of accounts that lack the same, together.
fn alike(nearest: &[Nearest]) -> Vec<Vec<&Nearest>> {
    let mut groups: Vec<Vec<&Nearest>> = Vec::new();
    for one in nearest {
        let same = |known: &&mut Vec<&Nearest>| {
            known.first().is_some_and(|first| {
                (&first.reason, &first.base_url, &first.nearest) == (&one.reason, &one.base_url, &one.nearest)
            })
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups
}

fn accounts(ones: &[&Nearest]) -> String {
    let last = joined(ones, " and of ", |one| format!("account {} at {}", one.account, one.at));
    let same = ones.first().map(|one| format!(", checked against {}: {}", one.base_url, one.nearest));
    format!("the last of {last}{}", same.unwrap_or_default())
}

fn mend(ones: &[&Nearest]) -> String {
    let any = |is: fn(&Nearest) -> bool| ones.iter().copied().any(is);
    let own = |field: &str| joined(ones, " and ", |one| format!("provider_account.{}.{field}", one.account));
    let named = joined(ones, " and ", |one| format!("account {}", one.account));
    if any(|one| one.reason == MISSING) {
        return format!(
            "unsigned requests are nobody's, or a proxy in front takes the signature's header off; for a migration, \
             {} = \"observe\"",
            own("signature")
        );
    }
    if any(|one| one.nearest.contains("secret")) {
        return format!("give {named} the secret that the provider signs with (its auth_token_env)");
    }
    if any(|one| one.nearest.contains("no variant")) {
        let addresses = joined(ones, " and ", |one| format!("{}/webhooks/{}/voice", one.base_url, one.account));
        return format!("compare the secret of {named}, and the address set at the provider, with {addresses}");
    }
    let own = own("public_base_url");
    format!("make public_base_url (or {own}) the address that the provider was given, or the other way round")
}

fn joined(ones: &[&Nearest], between: &str, told: impl Fn(&Nearest) -> String) -> String {
    ones.iter().map(|one| told(one)).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::super::chart::Outcome;
    use super::*;

    #[test]
    fn metrics_are_read() {
        let text = "# TYPE x counter\nhookswitch_signature_failures_total{reason=\"signature_wrong\"} 3\n\
                    hookswitch_webhooks_total{step=\"voice\",status=\"200\"} 7\n\
                    hookswitch_webhooks_total{step=\"voice\",status=\"403\"} 3\n# EOF\n";
        let failures: Vec<_> = samples(text, "hookswitch_signature_failures_total").collect();
        assert_eq!(failures, [("reason=\"signature_wrong\"", 3)]);
        let statuses: Vec<_> =
            samples(text, "hookswitch_webhooks_total").filter_map(|(labels, _)| label(labels, "status")).collect();
        assert_eq!(statuses, ["200", "403"]);
    }

    #[test]
    fn what_was_refused_leads_to_what_mends_it() {
        for (count, answered, nearest, outcome, part, why) in [
            (0, 0, None, Outcome::Ok, "", "nothing wrong"),
            (3, 0, Some("the signature is right for scheme https"), Outcome::Failed, "public_base_url", "all of them"),
            (3, 9, Some("the signature is right for scheme https"), Outcome::Warning, "public_base_url", "some"),
            (
                3,
                0,
                Some("the signature is right for a secret of another account"),
                Outcome::Failed,
                "secret",
                "a token",
            ),
            (3, 0, Some("no variant of the address or token matches"), Outcome::Failed, "compare", "who knows"),
            (3, 0, Some("unsigned"), Outcome::Failed, "proxy", "no signature at all"),
            (3, 0, None, Outcome::Failed, "hookswitch verify", "not told"),
        ] {
            let nearest = nearest.map(|nearest| Nearest {
                account: "a".to_owned(),
                reason: if nearest.contains("unsigned") { MISSING } else { "signature_wrong" }.to_owned(),
                at: "now".to_owned(),
                base_url: "http://h".to_owned(),
                nearest: nearest.to_owned(),
            });
            let failures = (count > 0).then(|| ("signature_wrong".to_owned(), count));
            let running = Running {
                failures: Some(failures.into_iter().collect()),
                answered,
                nearest: nearest.into_iter().collect(),
            };
            let mut chart = Chart::new(false);
            signatures(&mut chart, Some(&running), &[], None).expect("told");
            let found = &chart.findings()[0];
            assert_eq!(found.outcome, outcome, "{why}");
            assert!(found.mend.clone().unwrap_or_default().contains(part), "{why}: {found:?}");
        }
    }

    #[test]
    fn what_several_accounts_lack_is_said_once() {
        let of = |account: &str, nearest: &str| Nearest {
            account: account.to_owned(),
            reason: "signature_wrong".to_owned(),
            at: "now".to_owned(),
            base_url: "http://h".to_owned(),
            nearest: nearest.to_owned(),
        };
        let https = "the signature is right for scheme https";
        let running = Running {
            failures: Some(vec![("signature_wrong".to_owned(), 7)]),
            answered: 0,
            nearest: vec![of("a", https), of("b", "no variant of the address or token matches"), of("c", https)],
        };
        let mut chart = Chart::new(false);
        signatures(&mut chart, Some(&running), &[], None).expect("told");
        let found: Vec<&str> = chart.findings().iter().map(|one| one.detail.as_str()).collect();
        assert_eq!(
            found,
            [
                "7 webhooks without a right signature since the server started (7 signature_wrong), 0 answered; the last \
                 of account a at now and of account c at now, checked against http://h: the signature is right for scheme https",
                "the last of account b at now, checked against http://h: no variant of the address or token matches",
            ]
        );
        let mend = chart.findings()[0].mend.clone().unwrap_or_default();
        assert!(
            mend.contains("(or provider_account.a.public_base_url and provider_account.c.public_base_url)"),
            "{mend}"
        );
    }

    #[test]
    fn a_server_on_every_address_is_asked_on_this_machine() {
        for (listen, asked) in [("0.0.0.0:8080", "127.0.0.1:8080"), ("[::]:1", "[::1]:1"), ("10.0.0.1:1", "10.0.0.1:1")]
        {
            assert_eq!(near(listen.parse().expect("an address")).to_string(), asked);
        }
    }
}
