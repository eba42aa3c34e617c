//! HTTP by hand: bytes to a socket and back, so that a request can be as odd as we like.
//!
//! Deliberately not here: what is expected of an answer.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use hookswitch::providers::{Form, Signer};
use hookswitch::rules::ruleset::Secret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::BASE;

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its head, as it came.
    pub head: String,
    /// Its body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("an answer is UTF-8")
    }

    fn read(bytes: &[u8]) -> io::Result<Self> {
        let broken = || io::Error::other("no whole answer");
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(broken)?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let body = bytes[end + 4..].to_vec();
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(broken)?;
        let length = head
            .lines()
            .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
        if length.is_some_and(|length: usize| length != body.len()) {
            return Err(broken());
        }
        Ok(Self { status, head, body })
    }
}

/// Sends bytes and reads until the other side closes.
pub async fn send(to: SocketAddr, bytes: &[u8]) -> io::Result<Answer> {
    let exchange = async {
        let mut socket = TcpStream::connect(to).await?;
        // Who refuses a long body answers before all of it was sent.
        let sent = socket.write_all(bytes).await;
        let mut answer = Vec::new();
        let read = socket.read_to_end(&mut answer).await;
        if answer.is_empty() {
            sent?;
            read?;
        }
        Answer::read(&answer)
    };
    timeout(PATIENCE, exchange).await.unwrap_or_else(|_| Err(io::Error::other("no answer in time")))
}

/// A request of this method, with these headers beside the usual ones.
pub fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{method} {target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    if method == "POST" {
        bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

/// The signature that `acme-twilio`'s provider would send with a form.
pub fn signature(target: &str, body: &[u8]) -> String {
    Signer::new(&Secret::new("demo-auth-token")).sign(&format!("{BASE}{target}"), &Form::read(body))
}

/// A signed form for an address behind `/webhooks/acme-twilio/`.
pub fn signed(path: &str, body: &[u8]) -> Vec<u8> {
    let target = format!("/webhooks/acme-twilio/{path}");
    let signature = signature(&target, body);
    let headers = [("X-Twilio-Signature", signature.as_str()), ("Content-Type", "application/x-www-form-urlencoded")];
    request("POST", &target, &headers, body)
}
