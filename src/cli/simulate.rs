//! `simulate`: whole calls between scripted people, played and judged.
//!
//! Deliberately not here: the network and what is made of it (`replay::phones`, `replay::simulate`). Exit codes: 0 all
//! as expected, 1 usage, 2 a file cannot be read, 3 could not run, 4 something differs.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::replay::options::Refused;
use crate::replay::simulate::random::Options as Random;
use crate::replay::simulate::told;
use crate::replay::story::{self, Style};
use crate::replay::{self, Options, Summary, json, simulate};

use super::output::{complain, print, remark};
use super::random::{self, Wishes};
use super::serve;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hookswitch simulate                                        fixtures/calls
  hookswitch simulate fixtures/calls/nobody-presses-a-key.toml
                                                             one call, with its story
  hookswitch simulate -k whisper --story                     those with this in path or title
  hookswitch simulate --target http://127.0.0.1:8080         against a running server
  hookswitch simulate --seed 7                               with other ids and delays
  hookswitch simulate --json > calls.json                    everything, for programs
  hookswitch simulate --random 10000                         random calls in random worlds
  hookswitch simulate --random 1 --seed 42                   one of them again
  hookswitch simulate --random 1000 --save broken            and keep what is wrong

It exits with 0 when every call goes as expected, 1 for a wrong command line, 2 when a file
cannot be read, 3 when something could not be run, and 4 when something differs.")]
pub struct Args {
    /// Files and folders [default: fixtures/calls]
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
    /// Only those with this in path or title
    #[arg(short = 'k', value_name = "TEXT")]
    text: Option<String>,
    /// Only files with this tag; may be given more than once
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// Only files that failed the last time
    #[arg(long)]
    failed: bool,
    /// Play at least so many random calls and texts in random worlds, each world's to their end, and check what must
    /// always hold
    #[arg(long, value_name = "N", value_parser = some, conflicts_with_all = ["paths", "target", "text", "tag", "failed", "story", "junit", "html"])]
    random: Option<usize>,
    /// Where random calls violate an invariant, keep the call and its world in this folder
    #[arg(long, value_name = "DIR", requires = "random")]
    save: Option<PathBuf>,
    /// The network of random calls: any, or none that repeats, loses, delays or reorders
    #[arg(long, value_name = "WHICH", requires = "random", default_value = "any", value_parser = ["any", "none"])]
    weather: String,
    /// Draw ids, delays and orders from this number [default: each file's own, and 1 for random calls]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Tell every call's story; one file's is told anyway
    #[arg(long, visible_alias = "verbose")]
    story: bool,
    /// Write a JUnit report
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write a page
    #[arg(long, value_name = "DIR")]
    html: Option<PathBuf>,
    /// Write stories, requests, ends and verdicts as JSON, to stdout or a file
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "-")]
    json: Option<PathBuf>,
}

/// `simulate`.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    if let Some(begun) = args.random {
        let options = Random { begun, seed: args.seed.unwrap_or(1), calm: args.weather == "none" };
        return random::run(options, &Wishes { save: args.save.as_deref(), json: args.json.as_deref() });
    }
    let quiet = args.json.as_deref().is_some_and(|file| file.as_os_str() == "-");
    let stories = args.story;
    let options = Options {
        paths: args.paths,
        target: args.target,
        public_url: args.public_url,
        admin_key: args.admin_key,
        text: args.text,
        tags: args.tag,
        failed: args.failed,
        seed: args.seed,
        junit: args.junit,
        html: args.html,
        json: args.json,
        ..Options::default()
    };
    let summary = serve::runtime()?.block_on(simulate::run(options, &mut replay::Bar::default()));
    let style = Style::of_stdout();
    let mut told = String::new();
    if stories || summary.files.len() == 1 {
        told.push_str(&all(&summary, style));
    }
    told.push_str(&story::told(&summary, style));
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

fn some(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|count| *count > 0).ok_or_else(|| "write how many, from 1 on".to_owned())
}

/// Every call's story, with its title.
fn all(summary: &Summary, style: Style) -> String {
    let mut out = String::new();
    for file in &summary.files {
        for case in &file.cases {
            let Some(tale) = &case.tale else { continue };
            let row = if case.row.is_empty() { String::new() } else { format!(" [{}]", case.row) };
            out.push_str(&format!("{}{row}\n\n{}\n", style.strong(&file.title), told::told(&tale.lines, style)));
        }
    }
    out
}
