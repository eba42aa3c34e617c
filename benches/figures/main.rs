//! What the whole durable webhook costs, how the directory grows, how soon a server is ready, and how fast fixtures
//! replay. Figures are printed, never asserted; wrong answers stop the run.
//!
//! Deliberately not here: what takes microseconds and is measured by the thousand (`decide`), and the network. Each part
//! runs in a process of its own, so that none stands in another's memory.

#[path = "../support/mod.rs"]
mod support;

mod growth;
mod replaying;
mod system;
mod webhooks;

use std::process::Command;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Tells a process which part it is to run.
const PART: &str = "HOOKSWITCH_FIGURES";

const PARTS: [&str; 6] = ["webhooks 1000", "webhooks 100000", "webhooks 1000000", "growth", "growth", "replay"];

fn main() {
    if let Ok(part) = std::env::var(PART) {
        return run(&part);
    }
    // What cargo and the user wrote behind `--`: a word chooses among the parts.
    let chosen: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let program = std::env::current_exe().expect("this program has a path");
    println!("{}", system::machine());
    for part in PARTS {
        if chosen.is_empty() || chosen.iter().any(|word| part.contains(word)) {
            let status = Command::new(&program).env(PART, part).status().expect("this program runs again");
            assert!(status.success(), "{part} went wrong");
        }
    }
}

fn run(part: &str) {
    let (name, size) = part.split_once(' ').unwrap_or((part, ""));
    match name {
        "webhooks" => webhooks::run(size.parse().expect("a number of sessions")),
        "growth" => growth::run(),
        "replay" => replaying::run(),
        _ => panic!("{PART} is one of {PARTS:?}"),
    }
}
