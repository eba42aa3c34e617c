//! Following rules that another process applied: the next webhook goes by them, without a restart.
//!
//! Deliberately not here: reading rules files, and several servers on one database.

use std::sync::Arc;
use std::time::Duration;

use crate::store::Reader;
use crate::switchboard::Switchboard;

/// How often the store is asked.
const PERIOD: Duration = Duration::from_secs(1);

/// Asks the store, for ever, when rules were last applied, and takes them in when that changes. A store that cannot be
/// read is asked again.
pub async fn follow(reader: Reader, board: Arc<Switchboard>) {
    let mut known = reader.last_applied().await.ok().flatten();
    let mut due = tokio::time::interval(PERIOD);
    loop {
        due.tick().await;
        let Ok(applied) = reader.last_applied().await else { continue };
        if applied == known {
            continue;
        }
        match board.refresh().await {
            Ok(()) => {
                known = applied;
                tracing::info!("rules that were applied are in force");
            }
            Err(why) => tracing::error!(%why, "rules that were applied could not be taken in"),
        }
    }
}
