//! The log: lines for people on a terminal, JSON elsewhere, always on stderr.
//!
//! Deliberately not here: what is logged. Numbers there are masked by their type.

use std::io::{self, IsTerminal};

use anyhow::Context;
use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::output::colours;

/// Starts logging what `filter` lets through. A panic is logged by its place, never by its words: those may hold what
/// must not be in a log.
pub fn start(filter: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter).context("log")?;
    let log = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let filtered = tracing_subscriber::registry().with(filter).with(filter_fn(may_log));
    if io::stderr().is_terminal() {
        filtered.with(log.with_ansi(colours()).with_target(false)).init();
    } else {
        filtered.with(log.json()).init();
    }
    std::panic::set_hook(Box::new(|panic| match panic.location() {
        Some(place) => tracing::error!(file = place.file(), line = place.line(), "a panic"),
        None => tracing::error!("a panic"),
    }));
    Ok(())
}

/// Whether something may be logged, whatever the filter says. Other crates tell numbers, addresses and headers at their
/// finer levels; they may warn, no more. The one that reads numbers may not even do that.
fn may_log(about: &Metadata<'_>) -> bool {
    let of =
        |name: &str| about.target().strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
    of(env!("CARGO_CRATE_NAME")) || (*about.level() <= Level::WARN && !of("rlibphonenumber"))
}
