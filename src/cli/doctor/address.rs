//! The addresses that providers are given: whether anybody outside can reach them, and in private.
//!
//! Deliberately not here: asking them; from inside that proves nothing.

use std::io;
use std::net::IpAddr;

use super::chart::Chart;
use crate::cli::config::Config;
use crate::rules::ruleset::Ruleset;

/// The public base URL of every account.
pub fn public(chart: &mut Chart, config: &Config, worlds: &[Ruleset]) -> io::Result<()> {
    chart.check("public URL");
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
            public(&mut chart, &config, &[samples::world(sandbox, "")]).expect("told");
            assert_eq!(chart.findings()[0].outcome, outcome, "{why}: {:?}", chart.findings());
            assert_eq!(chart.findings().len(), 1, "{why}");
        }
    }
}
