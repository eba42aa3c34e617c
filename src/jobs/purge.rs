//! Forgetting by the calendar: once an hour, claims and journal rows that are old enough go.
//!
//! Deliberately not here: what goes when (`store::purge`), and what is forgotten in memory (`switchboard`).

use std::time::Duration;

use crate::domain::Clock;
use crate::store::Store;

/// How often it is looked at.
const PERIOD: Duration = Duration::from_secs(3600);

/// Purges a store, for ever; the first time at once. What fails now is purged an hour later.
pub async fn run(store: Store, clock: Clock, journal_days: u16) {
    let mut due = tokio::time::interval(PERIOD);
    loop {
        due.tick().await;
        match store.purge(clock.now(), journal_days).await {
            Ok(purged) if purged.removed + purged.stripped + purged.told > 0 => {
                let (removed, stripped, told) = (purged.removed, purged.stripped, purged.told);
                tracing::info!(removed, stripped, told, "old journal rows and deliveries were purged");
            }
            Ok(_) => {}
            Err(why) => tracing::warn!(%why, "the journal could not be purged"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Moment;
    use crate::store::entry::{Entry, JournalRow, KeptAnswer};
    use crate::store::{MasterKey, StoreOptions, Vault};

    fn at(day: i64) -> Moment {
        Moment::from_seconds(86_400 * day)
    }

    fn entry(no: u8, day: i64) -> Entry {
        let at = at(day).0;
        let journal = JournalRow {
            account: "a".to_owned(),
            tenant: None,
            step: "voice".to_owned(),
            sid: format!("CA{no}"),
            interaction: None,
            method: "POST".to_owned(),
            target: "/webhooks/a/voice".to_owned(),
            body: b"CallSid=1".to_vec(),
            answer: KeptAnswer {
                status: 200,
                bytes: b"a".to_vec(),
                slots: Vec::new(),
                slot_hash: None,
                at,
                held: Vec::new(),
            },
            decision: "null".to_owned(),
            effects: "[]".to_owned(),
            micros: 1,
        };
        Entry { id: u128::from(no), at, claim: Some([no; 16]), journal, writes: Vec::new() }
    }

    #[tokio::test]
    async fn old_claims_go_by_themselves() {
        let dir = tempfile::tempdir().expect("a folder");
        let clock = Clock::stopped(at(100));
        let vault = Vault::new(&MasterKey::new([7; 32]));
        let options = StoreOptions::new(dir.path(), clock.clone(), vault);
        let store = Store::open("sqlite::memory:", options).await.expect("a store");
        for (no, day) in [(1, 60), (2, 80), (3, 100)] {
            let _ = store.journal().submit(entry(no, day)).settled().await;
        }
        let purging = tokio::spawn(run(store.clone(), clock, 14));
        for _ in 0..500 {
            if store.read().kept([1; 16]).await.expect("readable").is_none() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        purging.abort();
        for (no, kept, why) in
            [(1, false, "after thirty days"), (2, true, "a repeat may still come"), (3, true, "of today")]
        {
            assert_eq!(store.read().kept([no; 16]).await.expect("readable").is_some(), kept, "{why}");
        }
    }
}
