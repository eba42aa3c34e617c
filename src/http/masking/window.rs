//! How often an account may ask: 300 times in any 5 seconds, as the documents say.
//!
//! Deliberately not here: guesses at tokens; they are counted by address, with those at our own API's keys.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use parking_lot::Mutex;

use crate::domain::{Moment, TenantId};

/// How many requests.
const MOST: usize = 300;
/// In which time.
const SPAN: Duration = Duration::from_secs(5);

/// The requests of each account in the last five seconds. An even flow with a burst (a bucket) would let twice as many
/// through.
#[derive(Default)]
pub struct Window(Mutex<HashMap<TenantId, VecDeque<Moment>>>);

impl Window {
    /// Counts a request.
    ///
    /// # Errors
    /// There were too many; the seconds until there is room again.
    pub fn pass(&self, tenant: &TenantId, now: Moment) -> Result<(), u64> {
        let mut all = self.0.lock();
        let asked = all.entry(tenant.clone()).or_default();
        while asked.front().is_some_and(|first| now.since(*first) >= SPAN) {
            asked.pop_front();
        }
        match asked.front() {
            Some(first) if asked.len() >= MOST => {
                Err((SPAN.saturating_sub(now.since(*first))).as_secs_f64().ceil().max(1.0) as u64)
            }
            Some(_) | None => {
                asked.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_hundred_pass_in_any_five_seconds() {
        let (window, acme) = (Window::default(), TenantId::from("acme"));
        let at = |millis: u64| Moment::default().plus(Duration::from_millis(millis));
        let passed = (0..400).filter(|n| window.pass(&acme, at(n * 10)).is_ok()).count();
        assert_eq!(passed, 300, "in four seconds");
        for (now, expected, why) in [
            (4_000, Err(1), "the first of them is four seconds old"),
            (4_999, Err(1), "and almost five"),
            (5_000, Ok(()), "it counts no more"),
            (5_000, Err(1), "the second one does"),
            (60_000, Ok(()), "all are forgotten"),
        ] {
            assert_eq!(window.pass(&acme, at(now)), expected, "{why}");
        }
        assert_eq!(window.pass(&"zenith".into(), at(60_000)), Ok(()), "another account");
    }
}
