//! Following what other processes change: the next webhook goes by it, without a restart.
//!
//! Deliberately not here: reading rules files, and taking changes in (`switchboard::hearing`).

use std::sync::Arc;
use std::time::Duration;

use crate::switchboard::Switchboard;
use crate::switchboard::hearing::Change;

/// How often the store is asked.
const PERIOD: Duration = Duration::from_millis(500);

/// Asks the store, for ever, what changed, and takes it in. A store that cannot be read is asked again.
pub async fn follow(board: Arc<Switchboard>) {
    let mut due = tokio::time::interval(PERIOD);
    due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        due.tick().await;
        match board.hear().await {
            Ok(Change::Things(0)) => {}
            Ok(Change::Things(count)) => tracing::debug!(count, "changes are in force"),
            Ok(Change::Everything) => tracing::info!("rules that were applied are in force"),
            Err(why) => tracing::error!(%why, "changes could not be taken in"),
        }
    }
}
