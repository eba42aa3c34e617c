//! A provider on loopback: takes calls and recordings over its REST API, hands sounds out, and breaks as it is told.
//!
//! Deliberately not here: expectations. It reads requests by hand, so that it can hang and reset.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hookswitch::domain::Clock;
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What goes wrong with one request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mishap {
    /// 429, and nothing is done.
    TooMuch,
    /// 500, and nothing is done.
    Failed,
    /// 500, and it is done.
    FailedAfter,
    /// It is done, and no answer comes.
    Hangs,
    /// The connection breaks, and nothing is done.
    Resets,
    /// It is done, and the connection breaks.
    ResetsAfter,
    /// It is done, and the answer is none.
    Garbage,
    /// 400 with Twilio's error 21211.
    Refused,
    /// This status, and nothing is done; a 503 asks for a pause of twenty seconds.
    Says(u16),
    /// A sound that comes a byte at a time, and never ends.
    Drips,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Came {
    /// Method and path with its query.
    pub line: String,
    /// Its form.
    pub form: Vec<(String, String)>,
}

impl Came {
    /// A parameter.
    pub fn value(&self, name: &str) -> &str {
        self.form.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }
}

/// A provider.
#[derive(Clone)]
pub struct Double {
    /// Where it is.
    pub base: String,
    state: Arc<Mutex<State>>,
    clock: Clock,
}

#[derive(Default)]
struct State {
    came: Vec<Came>,
    mishaps: VecDeque<Mishap>,
    calls: Vec<(String, String, String, i64)>,
    shown_after: i64,
    recorded: Vec<String>,
    deleted: Vec<String>,
    sound: Vec<u8>,
    kind: &'static str,
}

/// The account that it knows, and its token.
const WHO: &str = "AC00000000000000000000000000000001:demo-auth-token";

impl Double {
    /// One that is asked from now on.
    pub async fn start(clock: &Clock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let double = Self { base, state: Arc::default(), clock: clock.clone() };
        let own = double.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let own = own.clone();
                tokio::spawn(async move { own.serve(stream).await });
            }
        });
        double
    }

    /// What goes wrong with the next requests.
    pub fn break_with(&self, mishaps: impl IntoIterator<Item = Mishap>) {
        self.state.lock().mishaps.extend(mishaps);
    }

    /// From now on nothing goes wrong.
    pub fn mend(&self) {
        self.state.lock().mishaps.clear();
    }

    /// The sound of every recording.
    pub fn sounds(&self, sound: Vec<u8>) {
        self.sounds_as("audio/mpeg", sound);
    }

    /// The same, said to be of this kind; with an empty word nothing is said.
    pub fn sounds_as(&self, kind: &'static str, sound: Vec<u8>) {
        let mut state = self.state.lock();
        (state.sound, state.kind) = (sound, kind);
    }

    /// Calls are listed so many seconds after they were taken.
    pub fn shows_calls_after(&self, seconds: i64) {
        self.state.lock().shown_after = seconds;
    }

    /// What it was asked.
    pub fn came(&self) -> Vec<Came> {
        self.state.lock().came.clone()
    }

    /// The calls that it started: ids.
    pub fn calls(&self) -> Vec<String> {
        self.state.lock().calls.iter().map(|call| call.0.clone()).collect()
    }

    /// The calls whose recording it started.
    pub fn recorded(&self) -> Vec<String> {
        self.state.lock().recorded.clone()
    }

    /// The recordings that were deleted.
    pub fn deleted(&self) -> Vec<String> {
        self.state.lock().deleted.clone()
    }

    async fn serve(&self, mut stream: TcpStream) -> Option<()> {
        let (head, body) = read(&mut stream).await?;
        let line = head.lines().next()?.rsplit_once(' ')?.0.to_owned();
        let login = format!("authorization: basic {}", STANDARD.encode(WHO)).to_ascii_lowercase();
        let known = head.to_ascii_lowercase().contains(&login);
        let form = form_urlencoded::parse(&body).into_owned().collect();
        let mishap = {
            let mut state = self.state.lock();
            state.came.push(Came { line: line.clone(), form });
            if known { state.mishaps.pop_front() } else { None }
        };
        let kind = if line.contains("/Recordings/RE") { self.state.lock().kind } else { "application/json" };
        let does =
            matches!(mishap, None | Some(Mishap::FailedAfter | Mishap::Hangs | Mishap::ResetsAfter | Mishap::Garbage));
        let (status, answer) = match (known, does) {
            (false, _) => (401, br#"{"code": 20003}"#.to_vec()),
            (true, true) => self.done(&line),
            (true, false) => (0, Vec::new()),
        };
        let (status, extra, answer) = match mishap {
            None => (status, "", answer),
            Some(Mishap::TooMuch) => (429, "retry-after: 7\r\n", br#"{"code": 20429}"#.to_vec()),
            Some(Mishap::Failed | Mishap::FailedAfter) => (500, "", Vec::new()),
            Some(Mishap::Refused) => (400, "", br#"{"code": 21211}"#.to_vec()),
            Some(Mishap::Says(503)) => (503, "retry-after: 20\r\n", Vec::new()),
            Some(Mishap::Says(status)) => (status, "", br#"{"code": 20003}"#.to_vec()),
            Some(Mishap::Drips) => return drip(&mut stream).await,
            Some(Mishap::Garbage) => (200, "", b"<html>".to_vec()),
            Some(Mishap::Hangs) => {
                tokio::time::sleep(Duration::from_secs(60)).await;
                return None;
            }
            Some(Mishap::Resets | Mishap::ResetsAfter) => return None,
        };
        let kind = if kind.is_empty() { String::new() } else { format!("content-type: {kind}\r\n") };
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {}\r\n{kind}{extra}connection: close\r\n\r\n",
            answer.len()
        );
        stream.write_all(head.as_bytes()).await.ok()?;
        stream.write_all(&answer).await.ok()?;
        stream.shutdown().await.ok()
    }

    fn done(&self, line: &str) -> (u16, Vec<u8>) {
        let mut state = self.state.lock();
        let (verb, target) = line.split_once(' ').unwrap_or_default();
        let path = target.split('?').next().unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or_default();
        match verb {
            "POST" if name == "Calls.json" => {
                let sid = format!("CA{:032}", state.calls.len() + 1);
                let came = state.came.iter().rev().find(|came| came.line == line).cloned();
                let (to, from) =
                    came.map(|came| (came.value("To").to_owned(), came.value("From").to_owned())).unwrap_or_default();
                state.calls.push((sid.clone(), to, from, self.clock.now().seconds()));
                (201, format!("{{\"sid\": \"{sid}\"}}").into_bytes())
            }
            "GET" if name == "Calls.json" => {
                // What is still queued has not started, so that a list by the time of the start leaves it out.
                let shown = self.clock.now().seconds() - state.shown_after;
                let shown = |call: &&(String, String, String, i64)| !target.contains("StartTime") && call.3 <= shown;
                let calls: Vec<serde_json::Value> = state.calls.iter().rev().filter(shown).map(|(sid, to, from, at)| {
                    let at = chrono::DateTime::from_timestamp(*at, 0).expect("an instant").to_rfc2822();
                    serde_json::json!({"sid": sid, "to": to, "from": from, "direction": "outbound-api", "date_created": at})
                }).collect();
                (200, serde_json::json!({ "calls": calls }).to_string().into_bytes())
            }
            "POST" if name == "Recordings.json" => {
                let call = path.split('/').rev().nth(1).unwrap_or_default().to_owned();
                state.recorded.push(call);
                (201, format!("{{\"sid\": \"RE{:032}\"}}", state.recorded.len()).into_bytes())
            }
            "GET" if name == "Recordings.json" => {
                let call = path.split('/').rev().nth(1).unwrap_or_default();
                let of_call = state.recorded.iter().zip(1..).filter(|(known, _)| *known == call);
                let list: Vec<_> = of_call.map(|(_, no)| serde_json::json!({ "sid": format!("RE{no:032}") })).collect();
                (200, serde_json::json!({ "recordings": list }).to_string().into_bytes())
            }
            "GET" if path.contains("/Recordings/") && !state.sound.is_empty() => (200, state.sound.clone()),
            "DELETE" => {
                state.deleted.push(name.trim_end_matches(".json").to_owned());
                (204, Vec::new())
            }
            _ => (404, br#"{"code": 20404}"#.to_vec()),
        }
    }
}

/// Says that a sound comes, and has it come for as long as somebody listens.
async fn drip(stream: &mut TcpStream) -> Option<()> {
    let head = b"HTTP/1.1 200 X\r\ncontent-length: 1000000\r\ncontent-type: audio/mpeg\r\n\r\n";
    stream.write_all(head).await.ok()?;
    loop {
        stream.write_all(b"x").await.ok()?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A request's head and body.
async fn read(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        let end = bytes.windows(4).position(|part| part == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let lower = head.to_ascii_lowercase();
            let length = lower.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
            let whole = end + 4 + length.unwrap_or(0);
            if bytes.len() >= whole {
                return Some((head, bytes[end + 4..whole].to_vec()));
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
