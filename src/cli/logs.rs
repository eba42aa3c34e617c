//! The log: lines for people on a terminal, JSON elsewhere, always on stderr.
//!
//! Deliberately not here: what is logged. Numbers there are masked by their type.

use std::io::{self, IsTerminal};

use anyhow::Context;
use tracing_subscriber::EnvFilter;

use super::output::colours;

/// Starts logging what `filter` lets through. A panic is logged by its place, never by its words: those may hold what
/// must not be in a log.
pub fn start(filter: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter).context("log")?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    if io::stderr().is_terminal() {
        log.with_ansi(colours()).with_target(false).init();
    } else {
        log.json().init();
    }
    std::panic::set_hook(Box::new(|panic| match panic.location() {
        Some(place) => tracing::error!(file = place.file(), line = place.line(), "a panic"),
        None => tracing::error!("a panic"),
    }));
    Ok(())
}
