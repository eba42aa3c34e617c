//! `config print` and `completions`: what the program knows about itself. Also how every command finds its
//! configuration.
//!
//! Deliberately not here: reading the values (`config`).

use std::path::PathBuf;
use std::process::ExitCode;

use clap_complete::Shell;

use super::config::{self, Given, Loaded};
use super::output::{Unreadable, print, remark};

/// The file that is read when none is named.
const USUAL_FILE: &str = "hookswitch.toml";

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hookswitch config print            every key with its value
  hookswitch config print --origin   and where it was set")]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Print every key with its value; of secrets only whether they are set
    #[command(after_help = "Examples:\n  hookswitch config print --origin\n  hookswitch config print --json")]
    Print {
        /// Add where each value comes from
        #[arg(long)]
        origin: bool,
        /// Write each key with its value and origin as JSON
        #[arg(long, conflicts_with = "origin")]
        json: bool,
    },
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hookswitch completions bash > ~/.local/share/bash-completion/completions/hookswitch
  hookswitch completions zsh > ~/.zfunc/_hookswitch")]
pub struct CompletionArgs {
    /// Whose completions
    shell: Shell,
}

/// `config print`.
pub fn run(args: &Args, file: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let What::Print { origin, json } = args.what;
    let layers = load(file, Vec::new())?.layers;
    print(&if json { format!("{:#}", config::json(&layers)) } else { config::show(&layers, origin) })?;
    Ok(ExitCode::SUCCESS)
}

/// `completions`.
pub fn completions(args: &CompletionArgs, program: &mut clap::Command) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, program, "hookswitch", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

/// Reads the configuration: this file or the usual one, the environment, and these flags. Warnings are printed.
pub fn load(file: Option<PathBuf>, flags: Vec<(&'static str, &'static str, String)>) -> anyhow::Result<Loaded> {
    let loaded = config::load(&given(file, flags)?)?;
    loaded.warnings.iter().for_each(|warning| remark(&format!("warning: {warning}")));
    Ok(loaded)
}

/// Gathers it without reading it.
pub fn given(file: Option<PathBuf>, flags: Vec<(&'static str, &'static str, String)>) -> anyhow::Result<Given> {
    let named = file.is_some();
    let path = file.unwrap_or_else(|| PathBuf::from(USUAL_FILE));
    let name = path.display().to_string();
    let file = match std::fs::read_to_string(&path) {
        Ok(text) => Some((name, text)),
        Err(error) if !named && error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(Unreadable(format!("{name} cannot be read: {error}")).into()),
    };
    let env =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Ok(Given { file, env: env.collect(), flags })
}
