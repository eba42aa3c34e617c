//! `record`: calls and texts of a database written down as fixtures, or those of an older application as they pass.
//!
//! Deliberately not here: what is written and how it is redacted (`replay::record`). Exit codes: 0 written and green, 1
//! failed, 2 usage or unreadable input, 4 written and not green.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{bail, ensure};

use crate::domain::{Clock, Moment};
use crate::replay::record::pseudonyms::Pseudonyms;
use crate::replay::record::shelf::Shelf;
use crate::replay::record::take::{NotTaken, Taken, Taker};
use crate::replay::record::{before, story as told};
use crate::replay::{self, Options, span, story};
use crate::store::Reader;

use super::config::Config;
use super::ledger::Glance;
use super::output::{print, remark};
use super::{configuration, passing, redaction, serve};

/// How many of the newest calls and texts are looked through for one that ended badly.
const LOOKED_AT: u32 = 1_000;

/// The most calls and texts that one command writes.
const MOST: u32 = 1_000;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hookswitch record CA0123456789abcdef0123456789abcdef           one call, by its provider's id
  hookswitch record --last failed                                the newest that ended badly
  hookswitch record --since 2h -o fixtures                       all since two hours ago
  hookswitch record --listen 127.0.0.1:8081 --forward http://127.0.0.1:3000 -o old
                                                                 what an older application answers

Numbers, ids, names and words are replaced by made-up ones, the same each time for a project's
key: `redaction.key` in the data folder, or --key. Ended badly: an error for an answer, an apology,
a fallback address asked, answered from memory, nobody reached, a failed attempt, a lost text.

It exits with 0 when all is written and plays as it was, 1 when nothing could be written, 2 for a
wrong command line or unreadable input, and 4 when something written does not play as it was.")]
pub struct Args {
    /// Calls and texts, by their provider's ids
    #[arg(value_name = "SID", conflicts_with_all = ["last", "since", "listen", "forward", "host", "world"])]
    sids: Vec<String>,
    /// The newest one of a kind
    #[arg(long, value_name = "KIND", value_parser = ["failed"], conflicts_with_all = ["since", "listen", "forward", "host", "world"])]
    last: Option<String>,
    /// All since so long ago, such as 2h
    #[arg(long, value_name = "SPAN", value_parser = ago, conflicts_with_all = ["listen", "forward", "host", "world"])]
    since: Option<std::time::Duration>,
    /// The folder of fixtures: voice, sms and worlds are made in it
    #[arg(short, value_name = "DIR", default_value = "fixtures")]
    out: PathBuf,
    /// The redaction key's file [default: redaction.key in the data folder, made where it is not there]
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    passing: passing::Args,
}

/// `record`.
pub fn run(args: Args, file: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let config = configuration::load(file, Vec::new())?.config;
    // A command line that asks for nothing makes no key either.
    let wanted = if args.passing.is_asked() { None } else { Some(Wanted::of(&args)?) };
    let mut pseudonyms = redaction::pseudonyms(&config, args.key.as_deref())?;
    let Some(wanted) = wanted else { return passing::run(args.passing, &args.out, pseudonyms) };
    serve::runtime()?.block_on(async {
        let reader = Glance::open(&config).await?.into_reader();
        let found = wanted.found(&reader).await?;
        let taken = take(&reader, found, &mut pseudonyms, &args.out, &config).await?;
        played(&taken).await
    })
}

/// What is asked for.
enum Wanted {
    Sids(Vec<String>),
    LastFailed,
    Since(Moment),
}

/// One that was found: by a provider's id or by ours.
enum Found {
    Sid(String),
    Own(String),
}

impl Wanted {
    fn of(args: &Args) -> anyhow::Result<Self> {
        Ok(match (&args.since, &args.last) {
            (Some(ago), _) => Self::Since(Clock::System.now().minus(*ago)),
            (None, Some(_)) => Self::LastFailed,
            (None, None) if !args.sids.is_empty() => Self::Sids(args.sids.clone()),
            (None, None) => {
                return Err(super::output::Unreadable(
                    "say what to record: a call's id, --last failed, --since 2h, or --listen ADDRESS with --forward URL"
                        .to_owned(),
                )
                .into());
            }
        })
    }

    async fn found(self, reader: &Reader) -> anyhow::Result<Vec<Found>> {
        match self {
            Self::Sids(sids) => Ok(sids.into_iter().map(Found::Sid).collect()),
            Self::Since(at) => {
                let briefs = reader.since(at, MOST + 1).await?;
                if briefs.len() > MOST as usize {
                    remark(&format!(
                        "warning: more than {MOST} calls and texts since then; the first {MOST} are taken"
                    ));
                }
                ensure!(!briefs.is_empty(), "there was no call and no text since {at}");
                Ok(briefs.into_iter().take(MOST as usize).map(|brief| Found::Own(brief.id)).collect())
            }
            Self::LastFailed => {
                for brief in reader.newest(LOOKED_AT).await? {
                    let Some(tape) = before::load(reader, &brief.id).await? else { continue };
                    if let Some(why) = told::trouble(&tape) {
                        remark(&format!("the newest that ended badly came at {}: {why}", Moment(brief.opened_at)));
                        return Ok(vec![Found::Own(brief.id)]);
                    }
                }
                bail!("none of the newest {LOOKED_AT} calls and texts ended badly");
            }
        }
    }
}

/// Writes all that was found; one that cannot be written does not keep the others from it.
async fn take(
    reader: &Reader,
    found: Vec<Found>,
    pseudonyms: &mut Pseudonyms,
    out: &std::path::Path,
    config: &Config,
) -> anyhow::Result<Vec<Taken>> {
    let count = found.len();
    let mut taker = Taker::new(reader, pseudonyms, Shelf::new(out), config.allowed_countries.clone());
    let bar = super::output::bar(count);
    let mut taken = Vec::with_capacity(count);
    let mut failed = Vec::new();
    for one in found {
        let done = match &one {
            Found::Sid(sid) => taker.take(sid).await,
            Found::Own(id) => taker.take_own(id).await,
        };
        bar.inc(1);
        match done {
            Ok(done) => taken.push(done),
            Err(why @ (NotTaken::Unknown | NotTaken::NoAccount)) => failed.push(why.to_string()),
            Err(why) => return Err(why.into()),
        }
    }
    bar.finish_and_clear();
    for why in &failed {
        remark(&format!("warning: one of {count} was not written: {why}"));
    }
    ensure!(!taken.is_empty(), "nothing was written");
    Ok(taken)
}

/// Plays what was written and tells what came of it.
async fn played(taken: &[Taken]) -> anyhow::Result<ExitCode> {
    for one in taken {
        let there = if one.fixture.fresh { "wrote" } else { "is there already:" };
        print(&format!("{there} {} (world {})", one.fixture.path.display(), one.world.display()))?;
        one.remarks.iter().for_each(|why| remark(&format!("  differs: {why}")));
    }
    let paths = taken.iter().map(|one| one.fixture.path.clone()).collect();
    let folder = std::env::temp_dir().join(format!("hookswitch-record-{}", std::process::id()));
    let options = Options { paths, folder: folder.clone(), ..Options::default() };
    let summary = replay::run(options, &mut replay::Silent).await;
    std::fs::remove_dir_all(folder).ok();
    print(&story::told(&summary, story::Style::of_stdout()))?;
    if summary.exit_code() == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    remark(
        "A fixture that is not green tells what happened then. Settings, people or sessions that have changed since, \
         and what a rules file cannot say, make the difference: mend its world by hand, or write `pending`.",
    );
    Ok(ExitCode::from(4))
}

fn ago(text: &str) -> Result<std::time::Duration, String> {
    span::read(text).ok_or_else(|| "write a length of time, such as 2h or 30m".to_owned())
}
