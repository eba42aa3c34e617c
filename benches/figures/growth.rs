//! A directory growing to a million sessions: memory for each, and the longest that a newcomer kept everybody waiting.
//!
//! Deliberately not here: loading them from a database (`webhooks`).

use std::time::{Duration, Instant};

use hookswitch::store::fact::Fact;
use hookswitch::switchboard::directory::Directory;

use super::support::{now, sessions};
use super::system::memory;

const CROWD: u64 = 1_000_000;

/// Prints the figures.
pub fn run() {
    let directory = Directory::new(now(), Vec::new(), false);
    let before = memory();
    let (began, mut longest) = (Instant::now(), Duration::ZERO);
    for session in sessions(CROWD) {
        let began = Instant::now();
        directory.learn(Fact::Session(session)).expect("a session has no hours");
        longest = longest.max(began.elapsed());
    }
    let took = began.elapsed();
    let each = (memory() - before) / CROWD;
    let names = (0..CROWD).map(|no| format!("s{no}").len() as u64).sum::<u64>() / CROWD;
    assert_eq!(directory.sessions_known() as u64, CROWD);
    println!(
        "growing to {CROWD} sessions: {each} bytes each, {names} of them its name; {took:.2?}; longest stall {longest:.2?}"
    );
}
