//! Somebody is slow: a provider that drips sounds. Calls are started all the same.
//!
//! Deliberately not here: receivers and providers that fail (`deliveries_odd`, `placed`).

use std::time::{Duration, Instant};

use crate::double::Mishap;
use crate::kept_sounds::left;
use crate::placed::{call_first_party, on_double};

async fn until(what: &str, limit: Duration, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < limit, "not within {limit:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn sounds_that_drip_stop_no_call() {
    let dir = tempfile::tempdir().expect("a folder");
    let (bench, double, errands) = on_double(dir.path()).await;
    double.break_with([Mishap::Drips; 20]);
    for no in 0..20 {
        left(&bench, &double, &format!("CAmail{no}")).await;
    }
    let running = tokio::spawn(errands.run());
    until("sounds are fetched", Duration::from_secs(5), || double.came().len() >= 4).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(double.came().len(), 4, "a tenant has some of the seats");
    double.mend();
    call_first_party(&bench).await;
    until("a call is started", Duration::from_secs(5), || !double.calls().is_empty()).await;
    running.abort();
}
