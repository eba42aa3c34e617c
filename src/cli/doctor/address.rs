//! The addresses that providers are given: whether anybody outside can reach them, and in private.
//!
//! Deliberately not here: asking them; from inside that proves nothing.

use std::io;
use std::net::IpAddr;

use super::chart::Chart;
use super::server::{Nearest, Running};
use crate::cli::config::Config;
use crate::rules::ruleset::Ruleset;

/// The public base URL of every account, as it is configured and as the running server has it.
pub fn public(chart: &mut Chart, config: &Config, worlds: &[Ruleset], running: Option<&Running>) -> io::Result<()> {
    chart.check("public URL");
    for one in running.iter().flat_map(|running| &running.nearest) {
        of_the_server(chart, config, worlds, one)?;
    }
    let mut bases: Vec<(String, String, bool)> = Vec::new();
    for (account, _) in worlds.iter().flat_map(|rules| &rules.accounts) {
        let (base, key) = match account.public_base_url.as_str() {
            "" => (config.public_base_url.clone(), "public_base_url".to_owned()),
            own => (own.to_owned(), format!("provider_account.{}.public_base_url", account.id)),
        };
        match bases.iter_mut().find(|(known, of, _)| (known, of) == (&base, &key)) {
            Some((.., real)) => *real |= !account.sandbox,
            None => bases.push((base, key, !account.sandbox)),
        }
    }
    for (base, key, real) in &bases {
        if *real {
            of_a_provider(chart, base, key)?;
        }
        if base.trim_end_matches('/').splitn(4, '/').nth(3).is_some() {
            chart.warning(
                format!("{key} = {base} has a path: what comes in must keep its /webhooks/… behind it, and the proxy in front take the path off"),
                format!("{key} without a path, unless such a proxy is there"),
            )?;
        }
    }
    match bases.iter().any(|(.., real)| *real) {
        true => chart.ok(bases.iter().map(|(base, ..)| base.as_str()).collect::<Vec<_>>().join(", ")),
        false => chart.ok(format!("{}; every account is a sandbox", config.public_base_url)),
    }
}

/// What the running server checked an account's signature against, where that is another address than ours.
fn of_the_server(chart: &mut Chart, config: &Config, worlds: &[Ruleset], one: &Nearest) -> io::Result<()> {
    let mut accounts = worlds.iter().flat_map(|rules| &rules.accounts).map(|(account, _)| account);
    let Some(account) = accounts.find(|account| account.id.as_str() == one.account) else { return Ok(()) };
    let there = one.base_url.trim_end_matches('/');
    let its = format!("the running server checked signatures of account {} against {there} at {}", account.id, one.at);
    match account.public_base_url.trim_end_matches('/') {
        "" if config.public_base_url.trim_end_matches('/') != there => chart.failed(
            format!("public_base_url = {} here, but {its}", config.public_base_url),
            "run doctor with the server's own configuration and variables, or restart the server with these",
        ),
        // It may have been changed since.
        own if !own.is_empty() && own != there => chart.warning(
            format!("provider_account.{}.public_base_url = {own} here, but {its}", account.id),
            "if it was changed since, ask again after the next webhook; else apply the rules file",
        ),
        _ => Ok(()),
    }
}

fn of_a_provider(chart: &mut Chart, base: &str, key: &str) -> io::Result<()> {
    let example =
        format!("{key} = \"https://calls.example.com\", the address of this server as the provider reaches it");
    if is_inside(host(base)) {
        return chart.failed(format!("{key} = {base}: no provider reaches that"), example);
    }
    if base.starts_with("http://") {
        return chart.warning(
            format!("{key} = {base}: calls' numbers and texts' words travel in the clear"),
            format!("{example}; TLS by a proxy, or by tls_cert and tls_key"),
        );
    }
    Ok(())
}

/// The host of a base URL, without its port.
fn host(base: &str) -> &str {
    let rest = base.split_once("://").map_or(base, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((six, _)) => six,
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// Whether a host is only known in here.
fn is_inside(host: &str) -> bool {
    match host.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified(),
        Ok(IpAddr::V6(ip)) => {
            ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local()
        }
        Err(_) => {
            let host = host.to_ascii_lowercase();
            !host.contains('.') || [".local", ".internal", ".localhost", ".lan"].iter().any(|end| host.ends_with(end))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::chart::Outcome;
    use super::super::samples;
    use super::*;

    #[test]
    fn each_doubtful_address_is_found() {
        for (base, sandbox, outcome, why) in [
            ("http://127.0.0.1:8080", true, Outcome::Ok, "a sandbox at home"),
            ("http://127.0.0.1:8080", false, Outcome::Failed, "a real account, and the default"),
            ("https://localhost", false, Outcome::Failed, "this machine"),
            ("https://10.1.2.3", false, Outcome::Failed, "a private network"),
            ("https://[::1]:8443", false, Outcome::Failed, "this machine again"),
            ("https://calls.internal", false, Outcome::Failed, "a name of this house"),
            ("http://calls.example.com", false, Outcome::Warning, "no TLS"),
            ("https://calls.example.com/hooks", false, Outcome::Warning, "a path"),
            ("https://calls.example.com", false, Outcome::Ok, "as it should be"),
        ] {
            let config = samples::config(&format!("public_base_url = \"{base}\""));
            let mut chart = Chart::new(false);
            public(&mut chart, &config, &[samples::world(sandbox, "")], None).expect("told");
            assert_eq!(chart.findings()[0].outcome, outcome, "{why}: {:?}", chart.findings());
            assert_eq!(chart.findings().len(), 1, "{why}");
        }
    }

    #[test]
    fn a_server_with_another_address_is_found() {
        let (here, there) = ("https://calls.example.com", "https://old.example.com");
        for (account, own, checked, outcome, part, why) in [
            ("acme-twilio", "", here, Outcome::Ok, "", "the same"),
            ("acme-twilio", "", "https://calls.example.com/", Outcome::Ok, "", "a slash makes no other"),
            ("acme-twilio", "", there, Outcome::Failed, "restart the server", "another configuration"),
            ("acme-twilio", there, there, Outcome::Ok, "", "an address of its own"),
            ("acme-twilio", there, here, Outcome::Warning, "next webhook", "it has one of its own since"),
            ("gone", "", there, Outcome::Ok, "", "no account of ours any more"),
        ] {
            let config = samples::config(&format!("public_base_url = \"{here}\""));
            let mut world = samples::world(false, "");
            world.accounts[0].0.public_base_url = own.to_owned();
            let nearest = Nearest {
                account: account.to_owned(),
                reason: "signature_wrong".to_owned(),
                at: "now".to_owned(),
                base_url: checked.to_owned(),
                nearest: "no variant of the address or token matches".to_owned(),
            };
            let running = Running { nearest: vec![nearest], ..Running::default() };
            let mut chart = Chart::new(false);
            public(&mut chart, &config, &[world], Some(&running)).expect("told");
            let found = &chart.findings()[0];
            assert_eq!((found.outcome, chart.findings().len()), (outcome, 1), "{why}: {:?}", chart.findings());
            assert!(found.mend.clone().unwrap_or_default().contains(part), "{why}: {found:?}");
        }
    }
}
