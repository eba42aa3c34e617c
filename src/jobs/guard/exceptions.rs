//! Places that may be asked although they are not public: what `egress_allow` says.
//!
//! Deliberately not here: where it is configured.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

/// One exception: a name, an address or a block of addresses; with a port only that one, else every port.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exception {
    place: Place,
    port: Option<u16>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Place {
    Name(String),
    Block(IpNet),
}

/// A text that is no exception.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("write a host, an address or a block, with a port or without: hooks.internal:8080, 10.0.0.0/8, [::1]:9000")]
pub struct NoException;

impl FromStr for Exception {
    type Err = NoException;

    fn from_str(text: &str) -> Result<Self, NoException> {
        let (place, port) = split(text).ok_or(NoException)?;
        let port = port.map(|port| port.parse().ok().filter(|port| *port != 0).ok_or(NoException)).transpose()?;
        let block = place.parse().or_else(|_| place.parse::<IpAddr>().map(IpNet::from));
        let place = match block {
            Ok(block) => Place::Block(block),
            Err(_) if is_name(place) => Place::Name(place.to_ascii_lowercase()),
            Err(_) => return Err(NoException),
        };
        Ok(Self { place, port })
    }
}

/// The place and the port's text. An address of IPv6 needs brackets before a port.
fn split(text: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (place, rest) = rest.split_once(']')?;
        return match rest.strip_prefix(':') {
            Some(port) => Some((place, Some(port))),
            None => rest.is_empty().then_some((place, None)),
        };
    }
    match text.split_once(':') {
        Some((place, port)) if !port.contains(':') => Some((place, Some(port))),
        Some(_) | None => Some((text, None)),
    }
}

fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    // What ends in digits is an address that cannot be read.
    text.split('.').all(label) && !last.bytes().all(|byte| byte.is_ascii_digit())
}

/// All exceptions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Exceptions(Vec<Exception>);

impl Exceptions {
    /// These.
    pub const fn new(all: Vec<Exception>) -> Self {
        Self(all)
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a name is one, at a port.
    pub fn name(&self, host: &str, port: u16) -> bool {
        self.at(port).any(|one| matches!(&one.place, Place::Name(name) if name == host))
    }

    /// Whether a machine is one, at a port.
    pub fn machine(&self, ip: IpAddr, port: u16) -> bool {
        self.at(port).any(|one| match &one.place {
            Place::Name(_) => false,
            // One of IPv4 in IPv6's clothes is in no block of IPv4: it is spelled otherwise for a reason.
            Place::Block(block) => block.contains(&ip),
        })
    }

    /// Whether a machine may be one at this port, which a name may lead to.
    pub fn port(&self, port: u16) -> bool {
        self.at(port).any(|one| matches!(one.place, Place::Block(_)))
    }

    fn at(&self, port: u16) -> impl Iterator<Item = &Exception> {
        self.0.iter().filter(move |one| one.port.is_none_or(|own| own == port))
    }
}
