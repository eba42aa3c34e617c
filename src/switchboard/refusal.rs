//! Requests whose signature is wrong: counted by reason, logged now and then with what would have been right, and the
//! last of each account remembered.
//!
//! Deliberately not here: the check (`providers`). Nothing of the request's own words is logged.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use crate::domain::{AccountId, Moment};
use crate::providers::{Dialect, Keyring, Refused, Request};

use super::directory::Line;

/// At most one line of log in this time: finding the nearest variant costs dozens of signatures.
const QUIET: Duration = Duration::from_secs(1);

/// The last refusal of an account that was looked into.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The account.
    pub account: AccountId,
    /// When.
    pub at: Moment,
    /// Why, in a word.
    pub reason: &'static str,
    /// What the signature was checked against.
    pub base_url: String,
    /// What would have been right.
    pub nearest: String,
}

/// Lets one line through in a while, and remembers the last of each account.
#[derive(Default)]
pub struct Refusals {
    logged: AtomicI64,
    last: Mutex<BTreeMap<AccountId, Refusal>>,
}

impl Refusals {
    fn lets_through(&self, now: Moment) -> bool {
        let last = self.logged.load(Ordering::Relaxed);
        let due = last == 0 || now.since(Moment(last)) >= QUIET;
        due && self.logged.compare_exchange(last, now.0, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// The last refusal of each account.
    pub fn last(&self) -> Vec<Refusal> {
        self.last.lock().values().cloned().collect()
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
pub fn log(refusals: &Refusals, now: Moment, nearest: &Nearest<'_>, base_url: &str, refused: Refused) {
    if !refusals.lets_through(now) {
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
    let account = line.account.id.clone();
    let refusal = Refusal {
        account: account.clone(),
        at: now,
        reason: refused.word(),
        base_url: base_url.to_owned(),
        nearest: variant,
    };
    refusals.last.lock().insert(account, refusal);
}
