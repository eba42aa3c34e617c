//! The guard of what we call at a tenant's wish: which addresses of the web may be asked, and to which machines that leads.
//!
//! Deliberately not here: asking (`jobs::deliver`). **Invariant:** whoever is let through is told the addresses that were
//! checked and connects to no others; a name is resolved once.

mod address;
mod exceptions;

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::Url;

pub use address::is_public;
pub use exceptions::{Exception, Exceptions, NoException};

/// Why an address is not asked. Nothing of it names the address.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    /// It is no address of the web.
    #[error("it is no address such as https://example.com/path")]
    Unreadable,
    /// Neither HTTP nor HTTPS.
    #[error("only http and https are asked")]
    Scheme,
    /// It has a user name or a password.
    #[error("it has a user name or a password in it")]
    Credentials,
    /// Another port than the usual ones.
    #[error("only ports 80 and 443 are asked, but for those that egress_allow names")]
    Port,
    /// It leads to a machine that the public network does not reach.
    #[error("it leads to an address that is not public, and egress_allow does not name it")]
    NotPublic,
}

/// Looks a name up.
pub trait Resolve: Send + Sync {
    /// Every address that a name has now.
    fn look_up<'a>(&'a self, host: &'a str, port: u16) -> LookingUp<'a>;
}

/// A look-up under way.
pub type LookingUp<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>>;

/// Asks the system.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Resolve for System {
    fn look_up<'a>(&'a self, host: &'a str, port: u16) -> LookingUp<'a> {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
    }
}

/// An address that may be asked, and where that leads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Admitted {
    /// The address, in its usual spelling.
    pub url: Url,
    /// The machines that were checked.
    pub machines: Vec<SocketAddr>,
}

/// Why nobody is asked.
#[derive(Debug, thiserror::Error)]
pub enum NotAdmitted {
    /// The address may not be asked.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Its name leads nowhere at present.
    #[error("its name cannot be looked up")]
    Unresolved,
}

/// Whether an address may be asked, as far as can be told without asking anybody: its scheme, its port, and where it is a
/// number, whether that is public. What a name leads to is seen when it is asked.
///
/// # Errors
/// Why not.
pub fn plausible(text: &str, exceptions: &Exceptions) -> Result<Url, Refused> {
    let url = Url::parse(text).map_err(|_| Refused::Unreadable)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refused::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refused::Credentials);
    }
    let (host, port) = (host(&url).ok_or(Refused::Unreadable)?, port(&url));
    let named = exceptions.name(&host, port);
    match host.parse::<IpAddr>() {
        Ok(ip) if !named && !exceptions.machine(ip, port) => {
            if !is_public(ip) {
                return Err(Refused::NotPublic);
            }
            usual(port)?;
        }
        // One that is never public, whoever answers for it.
        Err(_) if !named && local(&host) && exceptions.is_empty() => return Err(Refused::NotPublic),
        Err(_) if !named && !exceptions.port(port) => usual(port)?,
        Ok(_) | Err(_) => {}
    }
    Ok(url)
}

fn usual(port: u16) -> Result<(), Refused> {
    if matches!(port, 80 | 443) { Ok(()) } else { Err(Refused::Port) }
}

/// The host without the brackets of IPv6 and without a dot at its end.
fn host(url: &Url) -> Option<String> {
    let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

fn port(url: &Url) -> u16 {
    url.port_or_known_default().unwrap_or(0)
}

/// Names that only this machine has.
fn local(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost")
}

/// Lets requests through.
#[derive(Clone)]
pub struct Guard {
    exceptions: Exceptions,
    names: Arc<dyn Resolve>,
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").field("exceptions", &self.exceptions).finish_non_exhaustive()
    }
}

impl Guard {
    /// One that makes these exceptions.
    pub fn new(exceptions: Exceptions) -> Self {
        Self::with(exceptions, Arc::new(System))
    }

    /// One that looks names up elsewhere.
    pub fn with(exceptions: Exceptions, names: Arc<dyn Resolve>) -> Self {
        Self { exceptions, names }
    }

    /// Where an address leads, if it may be asked: its name is looked up once, and every machine that it leads to must be
    /// public or an exception.
    ///
    /// # Errors
    /// Why nobody is asked.
    pub async fn admit(&self, text: &str) -> Result<Admitted, NotAdmitted> {
        let url = plausible(text, &self.exceptions)?;
        let (host, port) = (host(&url).ok_or(Refused::Unreadable)?, port(&url));
        if let Ok(ip) = host.parse::<IpAddr>() {
            return Ok(Admitted { url, machines: vec![SocketAddr::new(ip, port)] });
        }
        let machines = self.names.look_up(&host, port).await.map_err(|_| NotAdmitted::Unresolved)?;
        if machines.is_empty() {
            return Err(NotAdmitted::Unresolved);
        }
        if !self.exceptions.name(&host, port) {
            for machine in &machines {
                if self.exceptions.machine(machine.ip(), port) {
                    continue;
                }
                if !is_public(machine.ip()) {
                    return Err(Refused::NotPublic.into());
                }
                usual(port)?;
            }
        }
        Ok(Admitted { url, machines })
    }
}

#[cfg(test)]
mod tests;
