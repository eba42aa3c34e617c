//! What commands print: data on stdout, everything else on stderr.
//!
//! Deliberately not here: logging, which only the server does.

use std::io::{self, IsTerminal, Write};

/// Input that cannot be read: exit code 2.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

/// Writes data to stdout, with a line's end.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", text.trim_end_matches('\n'))?;
    out.flush()
}

/// Writes a remark to stderr.
pub fn remark(text: &str) {
    // When nobody reads stderr there is nobody left to tell.
    writeln!(io::stderr(), "{text}").ok();
}

/// Writes what went wrong to stderr.
pub fn complain(text: &str) {
    let red = io::stderr().is_terminal() && colours();
    remark(&if red { format!("\u{1b}[31merror:\u{1b}[0m {text}") } else { format!("error: {text}") });
}

/// A bar on a terminal for so many things; nothing where there is none, or only a few to do.
pub fn bar(count: usize) -> indicatif::ProgressBar {
    if count < 5 || !io::stderr().is_terminal() {
        return indicatif::ProgressBar::hidden();
    }
    indicatif::ProgressBar::new(count as u64)
}

/// Whether colours are wanted where they can be shown (<https://no-color.org>).
pub fn colours() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Whether the reader of our output went away, which is their right.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
