//! `simulate --random`: random calls in random worlds, judged by invariants.
//!
//! Deliberately not here: drawing, playing and judging them (`replay::simulate::random`). Exit codes: 0 every invariant
//! held, 3 could not run, 4 one did not.

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::replay::simulate::random::{self, Options, Summary, report, save};

use super::output::{complain, print, remark};
use super::serve;

/// What is asked for besides the numbers.
pub struct Wishes<'a> {
    /// A folder for whatever violates an invariant.
    pub save: Option<&'a Path>,
    /// Where JSON goes.
    pub json: Option<&'a Path>,
}

/// Plays them, and tells what was found.
pub fn run(options: Options, wishes: &Wishes<'_>) -> anyhow::Result<ExitCode> {
    let bar = bar(options.begun);
    let played = random::run(options, |begun, failed| {
        if let Some(bar) = &bar {
            bar.inc(u64::try_from(begun).unwrap_or(0));
            if failed > 0 {
                bar.set_message(format!("{failed} failed"));
            }
        }
    });
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    let summary = match played {
        Ok(summary) => summary,
        Err(why) => {
            complain(&why);
            return Ok(ExitCode::from(3));
        }
    };
    let saved = match wishes.save.map(|folder| keep(folder, &summary, options.calm)) {
        None => Vec::new(),
        Some(kept) => kept?,
    };
    let told = report::told(options, &summary, &saved);
    match wishes.json {
        Some(file) => {
            let report = format!("{:#}\n", report::json(options, &summary, &saved));
            if file.as_os_str() == "-" {
                print(&report)?
            } else {
                std::fs::write(file, report)?
            }
            remark(&told);
        }
        None => print(&told)?,
    }
    Ok(if summary.failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(4) })
}

fn keep(folder: &Path, summary: &Summary, calm: bool) -> anyhow::Result<Vec<save::Saved>> {
    let runtime = serve::runtime()?;
    let kept = summary.found.iter().map(|found| runtime.block_on(save::save(folder, found, calm)));
    let kept: Result<Vec<_>, String> = kept.collect();
    Ok(kept.map_err(anyhow::Error::msg)?.into_iter().flatten().collect())
}

/// A bar on standard error, where that is a terminal.
fn bar(begun: usize) -> Option<ProgressBar> {
    if !std::io::stderr().is_terminal() {
        return None;
    }
    let bar = ProgressBar::new(u64::try_from(begun).unwrap_or(u64::MAX));
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} calls and texts  {msg}  {elapsed}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(100));
    Some(bar)
}
