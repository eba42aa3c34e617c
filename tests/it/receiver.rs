//! A tenant's program that is called back: on loopback, answering as it is told, and keeping what it got.
//!
//! Deliberately not here: expectations.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;

/// What it got.
#[derive(Clone, Debug)]
pub struct Got {
    /// The method.
    pub method: Method,
    /// Path and query.
    pub target: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl Got {
    /// A parameter, of the form or of the query.
    pub fn told(&self, name: &str) -> String {
        let query = self.target.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let form = if self.method == Method::GET { query } else { &self.body };
        let found = form_urlencoded::parse(form.as_bytes()).find(|(known, _)| known == name);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    }

    /// A header.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// How it answers.
#[derive(Clone, Debug)]
pub struct Says {
    /// With which status.
    pub status: u16,
    /// With which header.
    pub header: Option<(&'static str, String)>,
    /// After how long.
    pub after: Duration,
    /// With how many bytes.
    pub bytes: usize,
    /// Whether its body ever ends.
    pub ends: bool,
}

/// With this status, at once.
pub fn says(status: u16) -> Says {
    Says { status, header: None, after: Duration::ZERO, bytes: 0, ends: true }
}

#[derive(Default)]
struct Desk {
    got: Mutex<Vec<Got>>,
    next: Mutex<VecDeque<Says>>,
}

/// It.
pub struct Receiver {
    /// Where it listens.
    pub address: SocketAddr,
    desk: Arc<Desk>,
}

impl Receiver {
    /// One that answers 200 once it has answered so.
    pub async fn start(answers: &[Says]) -> Self {
        let desk = Arc::new(Desk::default());
        desk.next.lock().expect("nobody broke").extend(answers.iter().cloned());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let doors = axum::Router::new().fallback(answer).with_state(Arc::clone(&desk));
        tokio::spawn(async move { axum::serve(listener, doors).await });
        Self { address, desk }
    }

    /// Where it is called.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers so next.
    pub fn then(&self, answers: &[Says]) {
        self.desk.next.lock().expect("nobody broke").extend(answers.iter().cloned());
    }

    /// What it got so far.
    pub fn got(&self) -> Vec<Got> {
        self.desk.got.lock().expect("nobody broke").clone()
    }

    /// The events that it got so far, with their numbers.
    pub fn events(&self) -> Vec<String> {
        self.got().iter().map(|got| format!("{} {}", got.told("SequenceNumber"), got.told("EventName"))).collect()
    }
}

async fn answer(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.expect("a body");
    let got = Got {
        method: parts.method,
        target: parts.uri.to_string(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).expect("text"),
    };
    desk.got.lock().expect("nobody broke").push(got);
    let says = desk.next.lock().expect("nobody broke").pop_front().unwrap_or_else(|| says(200));
    tokio::time::sleep(says.after).await;
    let mut response = Response::builder().status(StatusCode::from_u16(says.status).expect("a status"));
    if let Some((name, value)) = says.header {
        response = response.header(name, value);
    }
    let body = if says.ends {
        Body::from(vec![b'x'; says.bytes])
    } else {
        Body::from_stream(futures_util::stream::pending::<Result<bytes::Bytes, std::io::Error>>())
    };
    response.body(body).expect("a response")
}
