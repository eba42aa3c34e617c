//! How far a run is, for whoever watches.
//!
//! Deliberately not here: the results (`replay::story`).

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::options::FileResult;

/// Somebody who watches a run.
pub trait Progress {
    /// It begins, with this many files.
    fn begin(&mut self, files: usize);
    /// One file is done.
    fn done(&mut self, file: &FileResult);
    /// It is over.
    fn end(&mut self);
}

/// Nobody watches.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&mut self, _files: usize) {}
    fn done(&mut self, _file: &FileResult) {}
    fn end(&mut self) {}
}

/// A bar on standard error, where that is a terminal.
#[derive(Debug, Default)]
pub struct Bar {
    bar: Option<ProgressBar>,
    failed: usize,
}

impl Progress for Bar {
    fn begin(&mut self, files: usize) {
        if !std::io::stderr().is_terminal() {
            return;
        }
        let bar = ProgressBar::new(u64::try_from(files).unwrap_or(u64::MAX));
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} files  {msg}  {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(100));
        self.bar = Some(bar);
    }

    fn done(&mut self, file: &FileResult) {
        self.failed += usize::from(file.outcome.is_bad());
        if let Some(bar) = &self.bar {
            bar.inc(1);
            if self.failed > 0 {
                bar.set_message(format!("{} failed", self.failed));
            }
        }
    }

    fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
