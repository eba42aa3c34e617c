//! How often the API may be asked: by one tenant, and with wrong keys from one place.
//!
//! Deliberately not here: webhooks, which have caps of their own.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::http::StatusCode;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::fault::Fault;

/// Requests a second of one tenant, in the long run and at once.
const REQUESTS: (u32, u32) = (1000, 4000);
/// Wrong keys a second from one address: guessing must not be cheap.
const WRONG_KEYS: (u32, u32) = (10, 200);

/// After so many requests, whoever has not asked for long is forgotten.
const SPELL: u32 = 4096;

/// The counts.
pub struct Limit {
    requests: DefaultKeyedRateLimiter<String>,
    wrong_keys: DefaultKeyedRateLimiter<IpAddr>,
    since: AtomicU32,
}

impl Default for Limit {
    fn default() -> Self {
        Self {
            requests: RateLimiter::keyed(quota(REQUESTS)),
            wrong_keys: RateLimiter::keyed(quota(WRONG_KEYS)),
            since: AtomicU32::new(0),
        }
    }
}

fn quota((steady, at_once): (u32, u32)) -> Quota {
    let some = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
    Quota::per_second(some(steady)).allow_burst(some(at_once))
}

impl Limit {
    /// Counts a request of a tenant.
    ///
    /// # Errors
    /// 429 where there were too many.
    pub fn pass(&self, who: &str) -> Result<(), Fault> {
        self.forget();
        self.requests.check_key(&who.to_owned()).map_err(|_| too_many("requests"))
    }

    /// Counts a request with a wrong key, or none.
    ///
    /// # Errors
    /// 429 where there were too many.
    pub fn wrong_key(&self, from: IpAddr) -> Result<(), Fault> {
        self.forget();
        self.wrong_keys.check_key(&from).map_err(|_| too_many("requests without a right key"))
    }

    /// Forgets whoever has not asked for long, once in a while: addresses come and go without end.
    fn forget(&self) {
        if self.since.fetch_add(1, Ordering::Relaxed) % SPELL == SPELL - 1 {
            self.requests.retain_recent();
            self.wrong_keys.retain_recent();
        }
    }
}

fn too_many(what: &str) -> Fault {
    Fault::new(StatusCode::TOO_MANY_REQUESTS, format!("Too many {what}; nothing was changed.")).retry_after(1)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn each_is_counted_apart_and_nobody_may_ask_without_end() {
        let limit = Limit::default();
        let from = |last| IpAddr::V4(Ipv4Addr::new(192, 0, 2, last));
        let passed = (0..=WRONG_KEYS.1 * 2).take_while(|_| limit.wrong_key(from(1)).is_ok()).count();
        assert!((200..400).contains(&passed), "{passed} guesses");
        assert!(limit.wrong_key(from(2)).is_ok(), "another address");
        assert!(limit.pass("acme").is_ok());
    }

    #[test]
    fn nobody_is_remembered_for_ever() {
        // As fast as the clock: whoever asked once is recent for a tenth of a second.
        let limit = Limit::default();
        (0..SPELL - 1).for_each(|n| assert!(limit.wrong_key(IpAddr::V4(Ipv4Addr::from_bits(n))).is_ok()));
        std::thread::sleep(std::time::Duration::from_millis(200));
        assert!(limit.wrong_key(IpAddr::V4(Ipv4Addr::LOCALHOST)).is_ok());
        assert!(limit.wrong_keys.len() < 10, "{} are remembered", limit.wrong_keys.len());
    }
}
