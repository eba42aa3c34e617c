//! `replay`: fixtures played again, and what differs.
//!
//! Deliberately not here: playing and comparing (`replay`). Exit codes: 0 all pass, 1 usage, 2 a file cannot be read,
//! 3 could not run, 4 something differs, 5 something waits for review.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::domain::Moment;
use crate::replay::options::Refused;
use crate::replay::{self, Options, Sign, json, span, story};

use super::output::{complain, print, remark};
use super::{explain, serve};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hookswitch replay                                            fixtures/voice and fixtures/sms
  hookswitch replay fixtures/voice -k whisper                  those with this in path or title
  hookswitch replay --failed                                   what failed last time
  hookswitch replay --changed=main                             what differs from a branch
  hookswitch replay --target http://127.0.0.1:8080             against a running server
  hookswitch replay --target http://127.0.0.1:8080 --sign bad  every request must be refused
  hookswitch replay --shard 1/4 --junit replay.xml             a quarter, with a report

It exits with 0 when all pass, 1 for a wrong command line, 2 when a file cannot be read, 3 when
something could not be run, 4 when something differs, and 5 when something waits for review.")]
pub struct Args {
    /// Files and folders [default: fixtures/voice fixtures/sms]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Play against this server instead of in-process
    #[arg(long, value_name = "URL", value_parser = super::passing::address)]
    target: Option<String>,
    /// What the provider would reach that server at [default: its own address]
    #[arg(long, value_name = "URL", requires = "target", value_parser = super::passing::address)]
    public_url: Option<String>,
    /// The server's admin key, for its test doors
    #[arg(long, value_name = "KEY", env = "HOOKSWITCH_ADMIN_KEY", hide_env_values = true)]
    admin_key: Option<String>,
    /// Sign every request this way, whatever the files say: valid, none, bad, old-token or wrong-host
    #[arg(long, value_name = "HOW", value_parser = sign)]
    sign: Option<Sign>,
    /// Only those with this in path or title
    #[arg(short = 'k', value_name = "TEXT")]
    text: Option<String>,
    /// Only files with this tag; may be given more than once
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// Only files that failed the last time
    #[arg(long)]
    failed: bool,
    /// Only files that changed since this revision
    #[arg(long, value_name = "REF", num_args = 0..=1, require_equals = true, default_missing_value = "HEAD")]
    changed: Option<String>,
    /// Only every nth file, beginning with the ith
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<(usize, usize)>,
    /// Begin every case at this instant
    #[arg(long, value_name = "TIME", value_parser = explain::instant)]
    now: Option<Moment>,
    /// Move every case's beginning, such as 2h or -30m
    #[arg(long, value_name = "SPAN", allow_hyphen_values = true, value_parser = shift)]
    shift: Option<i64>,
    /// Write FILE.new beside every file whose answers differ
    #[arg(long)]
    update: bool,
    /// Write a JUnit report
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write a page
    #[arg(long, value_name = "DIR")]
    html: Option<PathBuf>,
    /// Write a JSON report; - is stdout
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// `replay`.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let options = Options {
        paths: args.paths,
        target: args.target,
        public_url: args.public_url,
        admin_key: args.admin_key,
        sign: args.sign,
        text: args.text,
        tags: args.tag,
        failed: args.failed,
        changed: args.changed,
        shard: args.shard,
        now: args.now,
        shift: args.shift,
        seed: None,
        update: args.update,
        junit: args.junit,
        html: args.html,
        json: args.json,
        folder: PathBuf::new(),
        ci: std::env::var_os("CI").is_some_and(|value| !value.is_empty()),
    };
    // A report on stdout has it to itself.
    let quiet = options.json.as_deref().is_some_and(|file| file.as_os_str() == "-");
    let summary = serve::runtime()?.block_on(replay::run(options, &mut replay::Bar::default()));
    let told = story::told(&summary, story::Style::of_stdout());
    if quiet {
        print(&json::report(&summary))?;
    }
    if let Some(Refused::Usage(why) | Refused::CouldNotRun(why)) = &summary.refused {
        complain(why);
    } else if quiet {
        remark(&told)
    } else {
        print(&told)?
    }
    Ok(ExitCode::from(summary.exit_code()))
}

fn sign(word: &str) -> Result<Sign, String> {
    Sign::read(word).ok_or_else(|| "write valid, none, bad, old-token or wrong-host".to_owned())
}

fn shift(text: &str) -> Result<i64, String> {
    span::read_signed(text).ok_or_else(|| "write a length of time, such as 2h or -30m".to_owned())
}

fn shard(text: &str) -> Result<(usize, usize), String> {
    let read = || {
        let (shard, of) = text.split_once('/')?;
        Some((shard.parse().ok()?, of.parse().ok()?))
    };
    read()
        .filter(|(shard, of)| (1..=*of).contains(shard))
        .ok_or_else(|| "write I/N with I from 1 to N, such as 2/4".to_owned())
}
