//! Why a signature is wrong: the nearest address or key with which it would have been right.
//!
//! Deliberately not here: accepting it. What is found goes to a log for whoever set the address or the secret wrongly.

use std::fmt;

use super::signature::{Check, Keyring, Place, Signer};

/// What would have to be otherwise for a request's signature to be right.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NearestMiss {
    /// The scheme that the provider used.
    pub scheme: Option<String>,
    /// The host that the provider used.
    pub host: Option<String>,
    /// The port that the provider used, with its `:`; empty for none.
    pub port: Option<String>,
    /// What is otherwise about the path.
    pub path: Option<&'static str>,
    /// Whose secret signed it.
    pub secret: Option<&'static str>,
}

impl NearestMiss {
    fn distance(&self) -> usize {
        [self.scheme.is_some(), self.host.is_some(), self.port.is_some(), self.path.is_some(), self.secret.is_some()]
            .into_iter()
            .filter(|differs| *differs)
            .count()
    }
}

impl fmt::Display for NearestMiss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the signature is right")?;
        let mut sign = " for";
        let mut part = |f: &mut fmt::Formatter<'_>, text: fmt::Arguments<'_>| {
            let before = std::mem::replace(&mut sign, ",");
            write!(f, "{before} {text}")
        };
        if let Some(scheme) = &self.scheme {
            part(f, format_args!("scheme {scheme}"))?;
        }
        if let Some(host) = &self.host {
            part(f, format_args!("host {host}"))?;
        }
        match self.port.as_deref() {
            Some("") => part(f, format_args!("no port"))?,
            Some(port) => part(f, format_args!("port {}", port.trim_start_matches(':')))?,
            None => {}
        }
        if let Some(path) = self.path {
            part(f, format_args!("a path {path}"))?;
        }
        if let Some(secret) = self.secret {
            part(f, format_args!("{secret}"))?;
        }
        Ok(())
    }
}

/// Looks for it among schemes, the hosts of base URL and `Host` header, ports, the path's slash and prefix, and other
/// known secrets; the fewest differences win.
pub(super) fn nearest(
    check: &Check<'_>,
    keyring: &Keyring,
    foreign: &[&Keyring],
    base_url: &str,
    target: &str,
    host_header: Option<&str>,
) -> Option<NearestMiss> {
    let base = Place::read(base_url);
    let (seen_host, seen_port) = Place::split_port(host_header.unwrap_or(base.host));
    let slash = other_slash(target);
    let foreign: Vec<Signer> = foreign.iter().flat_map(|ring| ring.active.iter().cloned()).collect();
    let keys: [(Option<&'static str>, &[Signer]); 3] = [
        (None, &keyring.active),
        (Some("another secret of this account"), &keyring.others),
        (Some("a secret of another account"), &foreign),
    ];
    let paths = [
        (None, base.path, target),
        (Some("without the base URL's"), "", target),
        (Some("with or without a slash at its end"), base.path, slash.as_str()),
    ];
    let mut best: Option<NearestMiss> = None;
    for (secret, keys) in keys {
        for scheme in ["https", "http"] {
            for host in [base.host, seen_host] {
                for port in [base.port, "", ":443", ":80", seen_port] {
                    for (path_differs, path, target) in paths {
                        let miss = NearestMiss {
                            scheme: (scheme != base.scheme).then(|| scheme.to_owned()),
                            host: (host != base.host).then(|| host.to_owned()),
                            port: (port != base.port).then(|| port.to_owned()),
                            path: path_differs,
                            secret,
                        };
                        let nearer = best.as_ref().is_none_or(|best| miss.distance() < best.distance());
                        if nearer && check.matches(keys, Place { scheme, host, port, path, ..base }, target) {
                            best = Some(miss);
                        }
                    }
                }
            }
        }
    }
    best
}

/// The target with a slash at its path's end, or without it where it has one.
fn other_slash(target: &str) -> String {
    let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
    match path.strip_suffix('/') {
        Some(path) => format!("{path}{query}"),
        None => format!("{path}/{query}"),
    }
}
