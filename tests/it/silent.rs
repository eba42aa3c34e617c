//! A call that nothing more is heard of is closed once it can last no longer, once, and owes what it owes.
//!
//! Deliberately not here: the loop that sweeps (`cli`).

use std::time::Duration;

use hookswitch::domain::Moment;

use crate::flows::{self, CHILD, leg, owed, pressed};
use crate::support::{Bench, call, link, text, unlimited};

/// As long as it rings, the longest call, and the five minutes after it.
const LONGEST: i64 = 20 + 3600 + 300;

async fn swept_after(bench: &Bench, seconds: i64) -> Moment {
    let now = Moment(bench.clock.now().0 + seconds * 1_000_000);
    bench.switchboard.sweep(now);
    assert!(bench.switchboard.flush(Duration::from_secs(10)).await);
    now
}

async fn kinds(bench: &Bench, sid: &str) -> Vec<String> {
    let steps = bench.switchboard.steps(sid).await.expect("steps");
    steps.into_iter().flat_map(|step| step.effects).collect()
}

#[tokio::test]
async fn a_call_without_news_is_closed_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let bench = Bench::open(dir.path()).await;
    bench.apply(&unlimited()).await;
    let ringing = bench.post("voice", &call("CA1", "+13125550101")).await;
    let talking = bench.post("voice", &call("CA2", "+13125550101")).await;
    let whisper = bench.post(&link(&talking, "whisper"), &leg(CHILD, "CA2")).await;
    bench.post(&link(&whisper, "accept"), &pressed(CHILD, "CA2", "1")).await;
    let before = ["interaction.routed", "leg.answered", "leg.accepted"];

    swept_after(&bench, LONGEST).await;
    assert_eq!(kinds(&bench, "CA1").await, before[..1], "it may still ring");
    for round in ["closed", "closed already"] {
        swept_after(&bench, LONGEST + 1).await;
        let missed = ["interaction.routed", "todo.opened", "interaction.ended"];
        assert_eq!(kinds(&bench, "CA1").await, missed, "{round}: nobody was reached");
        let talked = [&before[..], &["interaction.ended"]].concat();
        assert_eq!(kinds(&bench, "CA2").await, talked, "{round}: they talked");
    }
    let late = bench.post(&link(&ringing, "dialed"), &flows::dialed("CA1", "busy", "false")).await;
    assert!(text(&late).contains("<Hangup/>"), "what comes later changes nothing: {}", text(&late));
    bench.close().await;

    let bench = Bench::open(dir.path()).await;
    swept_after(&bench, LONGEST + 1).await;
    assert_eq!(owed(&bench, "CA1").await, ["missed"], "once");
    assert_eq!(owed(&bench, "CA2").await, [""; 0]);
    let record = bench.store.read().interaction("CA2").await.expect("readable").expect("there");
    assert_eq!(record.row.state, "connected");
    bench.close().await;
}
