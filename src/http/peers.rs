//! Who is at the other end of a connection, and whether their word about a request's origin counts.
//!
//! Deliberately not here: verifying requests. What a provider signed is checked against the configured public URL.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use ipnet::IpNet;

/// Addresses that begin alike: one address, or a CIDR block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Network(IpNet);

/// The address at the other end of a request's connection.
pub fn peer(parts: &Parts) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip().to_canonical())
}

/// A text that is neither an address nor a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("write an address or a block, such as 10.0.0.7 or 10.0.0.0/8")]
pub struct NoNetwork;

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let block = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        block.map(Self).map_err(|_| NoNetwork)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Network {
    /// Whether this address is one of them. An IPv4 address in IPv6's clothes is an IPv4 address.
    pub fn has(self, peer: IpAddr) -> bool {
        self.0.contains(&peer.to_canonical())
    }
}

/// Whether a header is a claim about where the request was sent to or came from, which only a trusted proxy may make.
pub fn is_hearsay(header: &str) -> bool {
    header == "host" || header == "forwarded" || header.starts_with("x-forwarded-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_has_its_addresses_and_no_others() {
        for (block, peer, has, why) in [
            ("10.0.0.7", "10.0.0.7", true, "one address"),
            ("10.0.0.7", "10.0.0.8", false, "its neighbour"),
            ("10.0.0.0/8", "10.255.1.2", true, "a block"),
            ("10.0.0.0/8", "11.0.0.1", false, "outside it"),
            ("0.0.0.0/0", "203.0.113.9", true, "everybody"),
            ("::/0", "2001:db8::1", true, "everybody in IPv6"),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true, "a mapped address"),
            ("2001:db8::/32", "2001:db8:1::1", true, "IPv6"),
            ("2001:db8::/32", "2001:db9::1", false, "outside it"),
            ("10.0.0.0/8", "2001:db8::1", false, "the other family"),
        ] {
            let network: Network = block.parse().expect(why);
            assert_eq!(network.has(peer.parse().expect(why)), has, "{why}");
        }
        for text in ["", "localhost", "10.0.0.0/33", "10.0.0.0/", "::/129", "10.0.0.0/-1", "10.0.0"] {
            assert_eq!(text.parse::<Network>(), Err(NoNetwork), "{text:?}");
        }
    }
}
