//! A word to what runs for ever: take up nothing new, finish what is on its way within the grace, let go of the rest.
//!
//! Deliberately not here: who says it (`cli`).

use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// It. Whoever has a copy hears it.
#[derive(Clone, Debug)]
pub struct Halt {
    told: CancellationToken,
    grace: Duration,
}

impl Halt {
    /// One that leaves so long to finish.
    pub fn new(grace: Duration) -> Self {
        Self { told: CancellationToken::new(), grace }
    }

    /// Says it.
    pub fn say(&self) {
        self.told.cancel();
    }

    /// Waits until it is said.
    pub async fn said(&self) {
        self.told.cancelled().await;
    }

    /// How long what is on its way may take from then on.
    pub const fn grace(&self) -> Duration {
        self.grace
    }
}
