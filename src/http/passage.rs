//! The door of a passage: any request in, within limits, the application's answer out.
//!
//! Deliberately not here: forwarding and writing down (`replay::record::passage`).

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::domain::Clock;
use crate::replay::record::passage::{Message, Passage};

use super::body;

/// The longest body that is taken in.
const LONGEST: usize = 64 * 1024;

/// Requests on their way at one time.
const AT_ONCE: usize = 256;

/// What stands behind the door.
#[derive(Clone)]
pub struct Door {
    passage: Arc<Passage>,
    room: Arc<Semaphore>,
    at_work: TaskTracker,
}

impl Door {
    /// The door of a passage.
    pub fn new(passage: Arc<Passage>) -> Self {
        Self { passage, room: Arc::new(Semaphore::new(AT_ONCE)), at_work: TaskTracker::new() }
    }

    /// Everything that can be asked: all of it is passed on.
    pub fn router(&self) -> Router {
        Router::new().fallback(pass).with_state(self.clone())
    }

    /// Waits until nothing is on its way any more.
    pub async fn settled(&self) {
        self.at_work.close();
        self.at_work.wait().await;
    }
}

async fn pass(State(door): State<Door>, request: Request) -> Response {
    let at = Clock::System.now();
    let (parts, body) = request.into_parts();
    let Ok(room) = Arc::clone(&door.room).try_acquire_owned() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let body = match body::take(&parts.headers, body, LONGEST).await {
        Ok(body) => body,
        Err(not_taken) => return not_taken.into_response(),
    };
    let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()));
    let asked = Message {
        method: parts.method.to_string(),
        target: parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
        headers: headers.collect(),
        body: body.to_vec(),
        ..Message::default()
    };
    // What a provider no longer waits for is still written down.
    let passage = Arc::clone(&door.passage);
    let work = door.at_work.spawn(async move {
        let answered = passage.pass(&asked, at).await;
        drop(room);
        answered
    });
    match work.await {
        Ok(Ok(answer)) => answered(answer),
        Ok(Err(why)) => (StatusCode::BAD_GATEWAY, why.to_string()).into_response(),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

fn answered(answer: Message) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
