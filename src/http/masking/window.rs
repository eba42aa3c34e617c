//! How often an account may ask: 300 times in any 5 seconds, as the documents say.
//!
//! Deliberately not here: guesses at tokens; they are counted by address, with those at our own API's keys. And who is
//! counted when: a request to make a session counts once it is answered, and not at all where there was no number to be had
//! (`create`), so that a thousand who want the last number each hear the truth about it.

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
    /// Lets a request in, and counts it if it `counts` at once.
    ///
    /// # Errors
    /// There were too many; the seconds until there is room again.
    pub fn pass(&self, tenant: &TenantId, now: Moment, counts: bool) -> Result<(), u64> {
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
                if counts {
                    asked.push_back(now);
                }
                Ok(())
            }
        }
    }

    /// Counts a request that was let in before. Those beyond the limit came in together, and the oldest of them are dropped:
    /// what decides is the newest 300.
    pub fn count(&self, tenant: &TenantId, now: Moment) {
        let mut all = self.0.lock();
        let asked = all.entry(tenant.clone()).or_default();
        if asked.len() >= MOST {
            asked.pop_front();
        }
        asked.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_hundred_pass_in_any_five_seconds() {
        let (window, acme) = (Window::default(), TenantId::from("acme"));
        let at = |millis: u64| Moment::default().plus(Duration::from_millis(millis));
        let passed = (0..400).filter(|n| window.pass(&acme, at(n * 10), true).is_ok()).count();
        assert_eq!(passed, 300, "in four seconds");
        for (now, expected, why) in [
            (4_000, Err(1), "the first of them is four seconds old"),
            (4_999, Err(1), "and almost five"),
            (5_000, Ok(()), "it counts no more"),
            (5_000, Err(1), "the second one does"),
            (60_000, Ok(()), "all are forgotten"),
        ] {
            assert_eq!(window.pass(&acme, at(now), true), expected, "{why}");
        }
        assert_eq!(window.pass(&"zenith".into(), at(60_000), true), Ok(()), "another account");
    }

    #[test]
    fn what_counts_later_is_let_in_together() {
        let (window, acme) = (Window::default(), TenantId::from("acme"));
        let at = |millis: u64| Moment::default().plus(Duration::from_millis(millis));
        assert!((0..1000).all(|_| window.pass(&acme, at(0), false).is_ok()));
        (0..299).for_each(|_| window.count(&acme, at(10)));
        assert_eq!(window.pass(&acme, at(20), false), Ok(()), "one more");
        (0..701).for_each(|_| window.count(&acme, at(30)));
        assert_eq!(window.pass(&acme, at(40), false), Err(5));
        assert_eq!(window.pass(&acme, at(5_030), false), Ok(()), "nobody waits longer for it than for 300");
    }
}
