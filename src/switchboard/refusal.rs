//! Requests whose signature is wrong: counted by reason, logged now and then with what would have been right.
//!
//! Deliberately not here: the check (`providers`). Nothing of the request's own words is logged.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::domain::Moment;
use crate::providers::{Dialect, Keyring, Refused, Request};

use super::directory::Line;

/// At most one line of log in this time: finding the nearest variant costs dozens of signatures.
const QUIET: Duration = Duration::from_secs(1);

/// Lets one line through in a while.
#[derive(Default)]
pub struct Limiter(AtomicI64);

impl Limiter {
    fn lets_through(&self, now: Moment) -> bool {
        let last = self.0.load(Ordering::Relaxed);
        let due = last == 0 || now.since(Moment(last)) >= QUIET;
        due && self.0.compare_exchange(last, now.0, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

/// A refused request, and what is needed to find out what would have been right.
pub struct Nearest<'a> {
    /// The account it was for.
    pub line: &'a Line,
    /// Every account: a request signed with another's token is a common mistake.
    pub others: &'a [std::sync::Arc<Line>],
    /// The account's dialect.
    pub dialect: &'a dyn Dialect,
    /// The request.
    pub request: &'a Request<'a>,
}

/// Logs a refusal, with the variant that would have matched.
pub fn log(limiter: &Limiter, now: Moment, nearest: &Nearest<'_>, base_url: &str, refused: Refused) {
    if !limiter.lets_through(now) {
        return;
    }
    let Nearest { line, others, dialect, request } = nearest;
    let foreign: Vec<&Keyring> =
        others.iter().filter(|other| other.account.id != line.account.id).map(|other| &other.keyring).collect();
    let variant = dialect.nearest_miss(&line.keyring, &foreign, base_url, request);
    let variant = variant.map_or_else(|| "no variant of the address or token matches".to_owned(), |v| v.to_string());
    tracing::warn!(
        account = %line.account.id,
        reason = refused.word(),
        public_base_url = base_url,
        nearest = variant,
        "a webhook's signature is wrong"
    );
}
