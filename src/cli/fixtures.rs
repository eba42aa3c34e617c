//! `fixtures lint`: whether anything in the fixtures may be somebody's.
//!
//! Deliberately not here: what is looked for (`replay::lint`). Exit codes: 0 nothing found, 1 something found, 2 a file
//! cannot be read, 3 no file found.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::replay::lint::{self, NotLooked};

use super::output::{complain, print, remark};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hookswitch fixtures lint            all of fixtures/
  hookswitch fixtures lint old/voice  other folders and files")]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Look for numbers, ids, secrets, hosts and addresses that may be somebody's
    #[command(after_help = "\
Examples:
  hookswitch fixtures lint
  hookswitch fixtures lint fixtures/voice old/worlds/recorded.toml

It exits with 0 when nothing is found, 1 when something is, 2 when a file cannot be read, and 3
when there is no file. Names of people are not looked for: nobody can tell them from invented ones.")]
    Lint {
        /// Files and folders [default: fixtures]
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
}

/// `fixtures`.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let What::Lint { paths } = &args.what;
    let all = [PathBuf::from("fixtures")];
    match lint::look(if paths.is_empty() { &all } else { paths }) {
        Ok(looked) if looked.findings.is_empty() => {
            remark(&looked.verdict());
            Ok(ExitCode::SUCCESS)
        }
        Ok(looked) => {
            let lines: Vec<String> = looked.findings.iter().map(ToString::to_string).collect();
            print(&lines.join("\n"))?;
            complain(&looked.verdict());
            Ok(ExitCode::FAILURE)
        }
        Err(NotLooked::Unreadable(files)) => {
            files.iter().for_each(|why| complain(why));
            Ok(ExitCode::from(2))
        }
        Err(NotLooked::NoFile(why)) => {
            complain(&why);
            Ok(ExitCode::from(3))
        }
    }
}
