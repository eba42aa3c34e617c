//! The one place that reads the time of day; everybody else is told.
//!
//! Deliberately not here: timers. Waiting is tokio's.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::time::Moment;

/// Where `now` comes from: the machine, or a test's or replay's hand.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's own clock.
    #[default]
    System,
    /// A clock that stands still until it is set.
    Stopped(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `now`.
    pub fn stopped(now: Moment) -> Self {
        Self::Stopped(Arc::new(AtomicI64::new(now.0)))
    }

    /// The time it is.
    #[expect(clippy::disallowed_methods, reason = "this is the one function that may read the clock")]
    pub fn now(&self) -> Moment {
        match self {
            Self::System => Moment(chrono::Utc::now().timestamp_micros()),
            Self::Stopped(at) => Moment(at.load(Ordering::SeqCst)),
        }
    }

    /// Sets a stopped clock; the machine's clock is left alone.
    pub fn set(&self, now: Moment) {
        if let Self::Stopped(at) = self {
            at.store(now.0, Ordering::SeqCst);
        }
    }
}
