//! `check`: are these rules files right?
//!
//! Deliberately not here: the database. A file is checked as if it were the first.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::rules::ruleset::Mistake;

use super::output::{print, remark};
use super::rulebook;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hookswitch check routing-rules/demo.toml   every mistake and warning, each with its line
  hookswitch check routing-rules/*.toml      exit code 1 when any file has a mistake
  hookswitch check --json routing-rules/demo.toml")]
pub struct Args {
    /// Rules files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write every mistake and warning as JSON
    #[arg(long)]
    json: bool,
}

/// `check`.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut right = true;
    let mut found = Vec::new();
    for sheet in rulebook::sheets(&args.files)? {
        let (findings, good) = match rulebook::read(&sheet, None) {
            Ok(read) => (read.warnings, true),
            Err(mistakes) => (mistakes, false),
        };
        right &= good;
        if args.json {
            found.extend(findings);
            continue;
        }
        rulebook::show(&findings);
        let warnings = findings.iter().filter(|finding| finding.warning).count();
        match findings.len() - warnings {
            0 => print(&format!("{}: ok{}", sheet.name, counted(warnings)))?,
            mistakes => remark(&format!("{}: not ok ({mistakes} to mend)", sheet.name)),
        }
    }
    if args.json {
        print(&format!("{:#}", found.iter().map(told).collect::<Value>()))?;
    }
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn told(finding: &Mistake) -> Value {
    json!({
        "file": finding.file,
        "line": finding.line,
        "field": finding.field,
        "message": finding.message,
        "warning": finding.warning,
    })
}

fn counted(warnings: usize) -> String {
    match warnings {
        0 => String::new(),
        1 => " (1 warning)".to_owned(),
        many => format!(" ({many} warnings)"),
    }
}
