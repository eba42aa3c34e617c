//! `apply`: rules files into the database, and what the server does with its folder of them.
//!
//! Deliberately not here: telling a running server, which reads its folder again on SIGHUP.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};

use crate::domain::{Clock, Moment};
use crate::rules::ruleset::Mistake;

use super::ledger::Ledger;
use super::output::{print, remark};
use super::rulebook::{self, Read, Sheet};
use super::{configuration, serve, service};

/// Why a server that other machines reach does not take the demo's secrets.
pub const OPEN_DEMO: &str = "it has demo secrets, which everybody knows, and `listen` can be reached from other machines; \
     listen on 127.0.0.1, or name rules without literal secrets as rules_dir";

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hookswitch apply routing-rules/demo.toml             what changed, a line each
  hookswitch apply --dry-run routing-rules/demo.toml   what would change")]
pub struct Args {
    /// Rules files; each is applied whole or, with a mistake in it, not at all
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Change nothing
    #[arg(long)]
    dry_run: bool,
}

/// `apply`.
pub fn run(args: &Args, file: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let config = configuration::load(file, Vec::new())?.config;
    let sheets = rulebook::sheets(&args.files)?;
    serve::runtime()?.block_on(async {
        let ledger = Ledger::open(&config).await?;
        let mut right = true;
        for sheet in &sheets {
            right &= one(&ledger, sheet, args.dry_run).await?;
        }
        anyhow::ensure!(ledger.close(service::LAST_WRITE).await, "the database could not be closed in time");
        Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

async fn one(ledger: &Ledger, sheet: &Sheet, dry: bool) -> anyhow::Result<bool> {
    let now = Clock::System.now();
    let read = match read(ledger, sheet).await? {
        Ok(read) => read,
        Err(mistakes) => {
            rulebook::show(&mistakes);
            remark(&format!("{}: not applied", sheet.name));
            return Ok(false);
        }
    };
    rulebook::show(&read.warnings);
    let changes = if dry { ledger.plan(&read.rules, now).await } else { ledger.apply(sheet, &read.rules, now).await };
    let changes = changes.with_context(|| format!("{}: not applied", sheet.name))?;
    for change in &changes {
        print(change)?;
    }
    remark(&format!("{}: {}", sheet.name, counted(changes.len(), dry)));
    Ok(true)
}

/// Reads a sheet over what is stored of its tenant.
async fn read(ledger: &Ledger, sheet: &Sheet) -> anyhow::Result<Result<Read, Vec<Mistake>>> {
    let stored = match rulebook::tenant(sheet) {
        Some(tenant) => ledger.glance().stored(&tenant).await?,
        None => None,
    };
    Ok(rulebook::read(sheet, stored.as_ref()))
}

fn counted(changes: usize, dry: bool) -> String {
    let done = if dry { "would be made" } else { "made" };
    match changes {
        0 => "nothing to change".to_owned(),
        1 => format!("1 change {done}"),
        many => format!("{many} changes {done}"),
    }
}

/// Applies those files of a folder that changed. One that is wrong is reported and changes nothing; the others count.
///
/// # Errors
/// A folder or store that cannot be used; with `open`, demo secrets, before they are stored.
pub async fn folder(ledger: &Ledger, path: &Path, now: Moment, open: bool) -> anyhow::Result<Vec<String>> {
    let mut applied = Vec::new();
    for sheet in rulebook::folder(path).with_context(|| format!("{} cannot be read", path.display()))? {
        let sheet = match sheet {
            Ok(sheet) => sheet,
            Err(unreadable) => {
                tracing::error!("{unreadable}; what was applied of it before stays");
                continue;
            }
        };
        // Asked first: reading it means reading all that is stored of its tenant.
        if ledger.has_applied(&sheet).await? {
            continue;
        }
        match read(ledger, &sheet).await? {
            Ok(read) if open && read.rules.demo_secrets => bail!("{}: {OPEN_DEMO}", sheet.name),
            Ok(read) => {
                if !read.warnings.is_empty() {
                    let (name, count) = (&sheet.name, read.warnings.len());
                    tracing::warn!("{name} has warnings ({count}); `hookswitch check {name}` tells them");
                }
                match ledger.apply(&sheet, &read.rules, now).await {
                    Ok(_) => applied.push(sheet.name),
                    Err(error) => tracing::error!("{}: {error:#}; the rules before it stay", sheet.name),
                }
            }
            Err(mistakes) => {
                mistakes.iter().for_each(|mistake| tracing::error!("{mistake}"));
                tracing::error!("{} was not applied; the rules before it stay", sheet.name);
            }
        }
    }
    Ok(applied)
}
