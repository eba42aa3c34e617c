//! `check`: are these rules files right?
//!
//! Deliberately not here: the database. A file is checked as if it were the first.

use std::path::PathBuf;
use std::process::ExitCode;

use super::output::print;
use super::rulebook;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hookswitch check routing-rules/demo.toml   every mistake and warning, each with its line
  hookswitch check routing-rules/*.toml      exit code 1 when any file has a mistake")]
pub struct Args {
    /// Rules files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// `check`.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut right = true;
    for sheet in rulebook::sheets(&args.files)? {
        match rulebook::read(&sheet, None) {
            Ok(read) => {
                rulebook::show(&read.warnings);
                print(&format!("{}: ok{}", sheet.name, counted(read.warnings.len())))?;
            }
            Err(mistakes) => {
                rulebook::show(&mistakes);
                right = false;
            }
        }
    }
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn counted(warnings: usize) -> String {
    match warnings {
        0 => String::new(),
        1 => " (1 warning)".to_owned(),
        many => format!(" ({many} warnings)"),
    }
}
