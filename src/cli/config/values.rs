//! What each value of the configuration means, and which values mean nothing.
//!
//! Deliberately not here: where values come from (`layers`).

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tracing_subscriber::EnvFilter;

use crate::jobs::guard::Exception;
use crate::rules::ruleset::Secret;

use super::layers::{Layers, Origin, Raw};
use super::{Config, Mistake};

/// Reads every value. `None`, and the mistakes, when one of them means nothing.
pub fn read(layers: &Layers, mistakes: &mut Vec<Mistake>) -> Option<Config> {
    let mut from = From { layers, mistakes };
    let listen = from.text("listen", address);
    let metrics_listen = from.text("metrics_listen", |text| optional(text, address));
    let public_base_url = from.text("public_base_url", base_url);
    let database_url = from.text("database_url", database_url);
    let rules_dir = from.text("rules_dir", |text| optional(text, |text| Ok(PathBuf::from(text))));
    let data_dir =
        from.text(
            "data_dir",
            |text| {
                if text.is_empty() { Err("name a folder".to_owned()) } else { Ok(PathBuf::from(text)) }
            },
        );
    let admin_key = from.text("admin_key", |text| Ok(Secret::new(text)));
    let master_key = from.text("master_key", master_key);
    let tenant_key_header = from.text("tenant_key_header", header_name);
    let trusted_proxies = from.list("trusted_proxies", |text| text.parse().map_err(|why| format!("{text:?}: {why}")));
    let cors_origins = from.list("cors_origins", origin);
    let egress_allow = from.list("egress_allow", egress);
    let allowed_countries = from.list("allowed_countries", country);
    let commit_deadline_ms = from.whole("commit_deadline_ms", 1..=2_000);
    let journal_days = from.whole("journal_days", 1..=3_650);
    let log = from.text("log", |text| match EnvFilter::try_new(text) {
        Ok(_) if !text.trim().is_empty() => Ok(text.to_owned()),
        Ok(_) | Err(_) => Err(format!("{text:?} is no filter; write a level such as info, or info,hookswitch=debug")),
    });
    let test_clock = from.flag("test_clock");
    let tls = from.tls();
    Some(Config {
        listen: listen?,
        metrics_listen: metrics_listen?,
        public_base_url: public_base_url?,
        database_url: database_url?,
        rules_dir: rules_dir?,
        data_dir: data_dir?,
        admin_key: admin_key?,
        master_key: master_key?,
        tenant_key_header: tenant_key_header?,
        trusted_proxies: trusted_proxies?,
        cors_origins: cors_origins?,
        egress_allow: egress_allow?,
        allowed_countries: allowed_countries?,
        commit_deadline: Duration::from_millis(u64::from(commit_deadline_ms?)),
        journal_days: journal_days?,
        log: log?,
        test_clock: test_clock?,
        tls: tls?,
    })
}

/// The layers, and where to put what is wrong with them. Layers hold every key with a value of its own kind, because
/// the default file does.
struct From<'a> {
    layers: &'a Layers,
    mistakes: &'a mut Vec<Mistake>,
}

impl From<'_> {
    fn raw(&self, key: &str) -> (Raw, Origin) {
        let setting = self.layers.get(key).expect("the default file has every key; a test reads it");
        (setting.raw.clone(), setting.origin.clone())
    }

    fn wrong(&mut self, key: &str, origin: &Origin, message: String) {
        self.mistakes.push(Mistake { place: origin.to_string(), key: key.to_owned(), message });
    }

    fn kept<T>(&mut self, key: &str, origin: &Origin, read: Result<T, String>) -> Option<T> {
        read.map_err(|message| self.wrong(key, origin, message)).ok()
    }

    fn text<T>(&mut self, key: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let (Raw::Text(text), origin) = self.raw(key) else { return None };
        self.kept(key, &origin, read(&text))
    }

    fn list<T>(&mut self, key: &str, read: impl Fn(&str) -> Result<T, String>) -> Option<Vec<T>> {
        let (Raw::List(items), origin) = self.raw(key) else { return None };
        let read: Vec<Option<T>> = items.iter().map(|item| self.kept(key, &origin, read(item))).collect();
        read.into_iter().collect()
    }

    fn whole(&mut self, key: &str, range: RangeInclusive<u32>) -> Option<u32> {
        let (Raw::Whole(whole), origin) = self.raw(key) else { return None };
        let read = u32::try_from(whole).ok().filter(|whole| range.contains(whole));
        let wrong = || format!("{whole} is out of range; write {} to {}", range.start(), range.end());
        self.kept(key, &origin, read.ok_or_else(wrong))
    }

    fn flag(&self, key: &str) -> Option<bool> {
        match self.raw(key) {
            (Raw::Flag(flag), _) => Some(flag),
            (Raw::Text(_) | Raw::Whole(_) | Raw::List(_), _) => None,
        }
    }

    #[expect(clippy::option_option, reason = "none at all is a mistake; none inside means no TLS")]
    fn tls(&mut self) -> Option<Option<(PathBuf, PathBuf)>> {
        let ((Raw::Text(cert), cert_at), (Raw::Text(key), key_at)) = (self.raw("tls_cert"), self.raw("tls_key")) else {
            return None;
        };
        match (cert.is_empty(), key.is_empty()) {
            (true, true) => Some(None),
            (false, false) => Some(Some((cert.into(), key.into()))),
            (false, true) => {
                self.wrong("tls_cert", &cert_at, "a certificate needs its key: set tls_key too".to_owned());
                None
            }
            (true, false) => {
                self.wrong("tls_key", &key_at, "a key needs its certificate: set tls_cert too".to_owned());
                None
            }
        }
    }
}

fn optional<T>(text: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Result<Option<T>, String> {
    if text.is_empty() { Ok(None) } else { read(text).map(Some) }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("{text:?} is no address; write one with its port, such as 127.0.0.1:8080"))
}

/// A URL with a host, and without anything that a path could not be put behind.
fn base_url(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    let plain = !text.contains(['?', '#', ' ', '"', '<', '>']) && text.is_ascii();
    if plain && !host.is_empty() && !host.starts_with('/') {
        return Ok(text.trim_end_matches('/').to_owned());
    }
    Err(format!("{text:?} is no base URL; write one such as https://calls.example.com"))
}

fn database_url(text: &str) -> Result<Secret, String> {
    if ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
        return Ok(Secret::new(text));
    }
    Err("write sqlite://FILE, sqlite::memory: or postgres://…".to_owned())
}

fn master_key(text: &str) -> Result<Secret, String> {
    let right = text.is_empty() || STANDARD.decode(text).is_ok_and(|key| key.len() == 32);
    if right { Ok(Secret::new(text)) } else { Err("write the Base64 of 32 bytes (openssl rand -base64 32)".to_owned()) }
}

fn header_name(text: &str) -> Result<String, String> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !text.is_empty() && text.bytes().all(token) {
        return Ok(text.to_owned());
    }
    Err(format!("{text:?} is no header's name; write one such as X-Tenant-Key"))
}

fn origin(text: &str) -> Result<String, String> {
    match base_url(text) {
        Ok(base) if base == text && !text.split_once("://").is_some_and(|(_, host)| host.contains('/')) => Ok(base),
        Ok(_) | Err(_) => Err(format!("{text:?} is no web origin; write one such as https://dispatch.example.com")),
    }
}

fn egress(text: &str) -> Result<Exception, String> {
    text.parse().map_err(|why| format!("{text:?}: {why}"))
}

fn country(text: &str) -> Result<String, String> {
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(text.to_owned());
    }
    Err(format!("{text:?} is no country; write two capital letters such as US"))
}
