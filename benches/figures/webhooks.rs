//! The whole durable webhook: verified, claimed, decided, answered, and committed with `synchronous=FULL` before that.
//!
//! Deliberately not here: the network. Senders live in the same process, and what they cost is in the figures.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hookswitch::domain::Clock;
use hookswitch::store::{MasterKey, Store, StoreOptions, Vault};
use hookswitch::switchboard::Switchboard;
use sqlx::{ConnectOptions, Connection};
use tokio::task::JoinSet;

use super::support::{Call, Caller, FIRST_PHONE, NUMBER, answered, demo, now, settings};
use super::system::{megabytes, memory, most_memory, processor_time};

/// Webhooks of a burst, and how many of them are under way at once.
const BURST: u64 = 20_000;
const AT_ONCE: u64 = 128;

/// Webhooks a second of quiet times, and for how long.
const RATE: u64 = 500;
const QUIET: u64 = 6;

/// Prints the figures with a crowd of `size` sessions.
pub fn run(size: u64) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        prepare(dir.path(), size).await;

        let before = memory();
        let began = Instant::now();
        let store = open(dir.path()).await;
        let board = Switchboard::start(store.clone(), Clock::stopped(now()), settings()).await.expect("it starts");
        let ready = began.elapsed();
        let loaded = memory().saturating_sub(before);
        assert!(board.sessions_known() as u64 >= size, "all are loaded");
        println!("{size} sessions: ready after {ready:.2?}, {:.1} MB more", megabytes(loaded));

        let caller = Caller::new();
        // The first ones find caches and pages cold.
        burst(&board, calls(&caller, 0..2000, size)).await;
        for round in 1..=3 {
            burst(&board, calls(&caller, round * BURST..(round + 1) * BURST, size)).await.print(size);
        }
        for (round, rate) in [(5, RATE), (6, 8 * RATE)] {
            let first = round * BURST;
            quiet(&board, calls(&caller, first..first + rate * QUIET.min(BURST / rate), size), rate, size).await;
        }
        alone(&board, calls(&caller, 7 * BURST..7 * BURST + 500, size), size).await;
        println!("{size} sessions: {:.1} MB at most", megabytes(most_memory()));
        assert!(store.close(Duration::from_secs(30)).await, "everything is written");
    });
}

async fn open(dir: &Path) -> Store {
    let vault = Vault::new(&MasterKey::new([7; 32]));
    Store::open(&url(dir), StoreOptions::new(dir, Clock::stopped(now()), vault)).await.expect("the store opens")
}

fn url(dir: &Path) -> String {
    format!("sqlite://{}", dir.join("figures.db").display())
}

/// Makes a database with the demo's world and a crowd of sessions, as [`super::support::sessions`] has them.
async fn prepare(dir: &Path, size: u64) {
    let store = open(dir).await;
    store.apply(&demo(), None, now()).await.expect("the demo is applied");
    assert!(store.close(Duration::from_secs(30)).await, "the store is closed");
    let sql = format!(
        "WITH RECURSIVE crowd (no) AS (SELECT 0 UNION ALL SELECT no + 1 FROM crowd WHERE no + 1 < {size}) \
         INSERT INTO sessions (tenant, id, number, first_party, second_party, kind, technician) \
         SELECT 'acme', 's' || no, {NUMBER}, {FIRST_PHONE} + 2 * no, {FIRST_PHONE} + 2 * no + 1, 'job', 'jo' FROM crowd"
    );
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(dir.join("figures.db"));
    let mut conn = options.connect().await.expect("the database opens");
    sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut conn).await.expect("the crowd is in");
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut conn).await.expect("the log is empty");
    conn.close().await.expect("it is written");
}

fn calls(caller: &Caller, numbers: std::ops::Range<u64>, size: u64) -> Vec<Call> {
    numbers.map(|no| caller.call(no, size)).collect()
}

/// What a burst came to.
struct Burst {
    webhooks: u32,
    took: Duration,
    processor: Option<Duration>,
}

impl Burst {
    fn print(&self, size: u64) {
        let rate = f64::from(self.webhooks) / self.took.as_secs_f64();
        let each = self.processor.map_or_else(|| "?".to_owned(), |spent| format!("{:.1?}", spent / self.webhooks));
        println!("{size} sessions, {AT_ONCE} at once: {rate:.0} webhooks/s, {each} of a processor each");
    }
}

/// As fast as it goes.
async fn burst(board: &Arc<Switchboard>, calls: Vec<Call>) -> Burst {
    let webhooks = u32::try_from(calls.len()).expect("a burst");
    let calls = Arc::new(calls);
    let (began, spent) = (Instant::now(), processor_time());
    let mut senders = JoinSet::new();
    for sender in 0..AT_ONCE {
        let (board, calls) = (Arc::clone(board), Arc::clone(&calls));
        senders.spawn(async move {
            for call in calls.iter().skip(usize::try_from(sender).expect("a few")).step_by(AT_ONCE as usize) {
                answered(&board, call).await;
            }
        });
    }
    while let Some(sender) = senders.join_next().await {
        sender.expect("every webhook is answered rightly");
    }
    let processor = processor_time().zip(spent).map(|(after, before)| after.saturating_sub(before));
    Burst { webhooks, took: began.elapsed(), processor }
}

/// At a steady rate, whether or not the earlier ones are answered: each is timed from when it was due.
async fn quiet(board: &Arc<Switchboard>, calls: Vec<Call>, rate: u64, size: u64) {
    let runtime = tokio::runtime::Handle::current();
    let board = Arc::clone(board);
    // A thread's sleep is exact to some microseconds, the runtime's to a millisecond.
    let senders = tokio::task::spawn_blocking(move || {
        let began = Instant::now();
        let mut senders = JoinSet::new();
        for (no, call) in (0u64..).zip(calls) {
            let due = began + Duration::from_nanos(1_000_000_000 / rate * no);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let board = Arc::clone(&board);
            let answer = async move {
                answered(&board, &call).await;
                due.elapsed()
            };
            senders.spawn_on(answer, &runtime);
        }
        senders
    });
    let times = senders.await.expect("all are sent").join_all().await;
    print(&format!("{size} sessions, {rate} webhooks/s"), times);
}

/// One after another.
async fn alone(board: &Arc<Switchboard>, calls: Vec<Call>, size: u64) {
    let mut times = Vec::new();
    for call in &calls {
        let began = Instant::now();
        answered(board, call).await;
        times.push(began.elapsed());
    }
    print(&format!("{size} sessions, one after another"), times);
}

fn print(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |per_mille: usize| times[(times.len() - 1) * per_mille / 1000];
    println!("{what}: p50 {:.2?}, p99 {:.2?}, p99.9 {:.2?}", at(500), at(990), at(999));
}
