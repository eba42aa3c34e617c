//! The commands: what can be asked of `hookswitch` on a command line, and how it answers.
//!
//! Deliberately not here: doing what is asked; each command reads its input, calls the floor that knows, and shows the
//! result. Data goes to stdout, everything else to stderr. Exit codes: 0 done, 1 failed, 2 usage or unreadable input
//! (`replay`, `review` and `simulate` have their own).

mod apply;
mod check;
pub mod config;
mod configuration;
mod demo;
mod doctor;
mod explain;
mod fixtures;
mod greeting;
mod keys;
mod ledger;
mod logs;
mod migrate;
mod output;
mod passing;
mod pretty;
mod random;
mod record;
mod redaction;
mod replay;
mod review;
mod rulebook;
mod serve;
mod service;
mod sign;
mod signals;
mod signing;
mod simulate;
mod story;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use output::{Unreadable, complain, is_broken_pipe};

/// The widest that a help is shown.
const WIDTH: usize = 100;

/// Call routing for masked phone numbers: provider webhooks in, the right document out.
#[derive(Debug, Parser)]
#[command(
    name = "hookswitch",
    version,
    max_term_width = WIDTH,
    after_help = "\
Examples:
  hookswitch serve                                          the server, with the demo world
  hookswitch explain --from +13125550101 --to +13125550190  what a call would do now, and why
  hookswitch replay                                         play the fixtures"
)]
struct Cli {
    /// The configuration file [default: hookswitch.toml, where there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer webhooks
    Serve(serve::Args),
    /// Serve a lively world in memory, with callers and texters of its own
    Demo(demo::Args),
    /// Apply routing rules to the database
    Apply(apply::Args),
    /// Check routing rules without applying them
    Check(check::Args),
    /// Tell what a call or text would do, and why
    Explain(explain::Args),
    /// Sign a webhook as a provider would
    Sign(sign::Args),
    /// Tell whether a webhook's signature is right, and what would make it right
    Verify(verify::Args),
    /// Play fixtures and compare the answers
    Replay(Box<replay::Args>),
    /// Accept or reject what replay --update wrote
    Review(review::Args),
    /// Play whole calls between scripted people, and judge them
    Simulate(Box<simulate::Args>),
    /// Write down calls and texts as fixtures, with nothing in them that is anybody's
    Record(Box<record::Args>),
    /// Look after fixtures
    Fixtures(fixtures::Args),
    /// Look the installation over, and tell what mends it
    Doctor(doctor::Args),
    /// Show the configuration
    Config(configuration::Args),
    /// Bring the database to this version's shape
    Migrate(migrate::Args),
    /// Write a shell's completions
    Completions(configuration::CompletionArgs),
}

/// The program.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = usage_code(&error, std::env::args().skip(1));
            return if error.print().is_ok() { code } else { ExitCode::FAILURE };
        }
    };
    let Cli { config, command } = cli;
    let done = match command {
        Command::Serve(args) => serve::run(args, config),
        Command::Demo(args) => demo::run(&args, config),
        Command::Apply(args) => apply::run(&args, config),
        Command::Check(args) => check::run(&args),
        Command::Explain(args) => explain::run(&args, config),
        Command::Sign(args) => sign::run(&args, config),
        Command::Verify(args) => verify::run(&args, config),
        Command::Replay(args) => replay::run(*args),
        Command::Doctor(args) => doctor::run(&args, config),
        Command::Review(args) => review::run(&args),
        Command::Simulate(args) => simulate::run(*args),
        Command::Record(args) => record::run(*args, config),
        Command::Fixtures(args) => fixtures::run(&args),
        Command::Config(args) => configuration::run(&args, config),
        Command::Migrate(args) => migrate::run(&args, config),
        Command::Completions(args) => configuration::completions(&args, &mut Cli::command()),
    };
    done.unwrap_or_else(|error| {
        if is_broken_pipe(&error) {
            return ExitCode::SUCCESS;
        }
        complain(&format!("{error:#}"));
        let unreadable = error.is::<Unreadable>() || error.is::<config::Mistakes>();
        ExitCode::from(if unreadable { 2 } else { 1 })
    })
}

/// What a command line that cannot be read ends with; asking for help or the version is no mistake.
fn usage_code(error: &clap::Error, mut words: impl Iterator<Item = String>) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return ExitCode::SUCCESS;
    }
    let commands = Cli::command();
    let command = words.find(|word| commands.find_subcommand(word).is_some());
    let of_fixtures = matches!(command.as_deref(), Some("replay" | "review" | "simulate"));
    ExitCode::from(if of_fixtures { 1 } else { 2 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_fit_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_help_has_examples_that_can_be_typed() {
        let program = Cli::command();
        let helps = program.get_subcommands().chain([&program]);
        for command in helps {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.lines().all(|line| line.chars().count() < WIDTH), "{} would be wrapped", command.get_name());
            let help = help.replace("\\\n    ", "");
            let examples: Vec<&str> = help.lines().filter(|line| line.starts_with("  hookswitch ")).collect();
            assert!(help.starts_with("Examples:") && !examples.is_empty(), "{} has none", command.get_name());
            for example in examples {
                let words = example.trim_start().split("  ").next().unwrap_or_default().split_whitespace();
                let words = words.take_while(|word| !word.starts_with(['>', '|']));
                let words: Vec<String> = words.map(|word| word.replace('\'', "")).collect();
                let read = Cli::try_parse_from(&words).map(|_| ());
                let fine = read.as_ref().map_or_else(|error| !error.use_stderr(), |()| true);
                assert!(fine, "{example}: {}", read.expect_err("it is not fine"));
            }
        }
    }
}
