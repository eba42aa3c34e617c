//! `doctor`: an installation, looked over; each fault with the command or setting that mends it.
//!
//! Deliberately not here: mending anything. Nothing that matters is changed: the database is opened for reading, what
//! is tried is taken back, providers are only asked.

mod address;
mod chart;
mod database;
mod files;
mod provider;
mod rules;
mod server;
mod settings;
mod time;

#[cfg(test)]
mod samples;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;

use crate::domain::Clock;
use crate::jobs::inquire::Inquirer;

use super::config::{self, Loaded};
use super::output::print;
use super::{configuration, serve};
use chart::{CHECKS, Chart};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hookswitch doctor          every check, and what mends what it finds; exit code 1 if one fails
  hookswitch doctor --json   the same for programs
  hookswitch doctor --config prod.toml")]
pub struct Args {
    /// Write an array of {number, name, outcome, detail, mend} as JSON
    #[arg(long)]
    json: bool,
}

/// `doctor`.
pub fn run(args: &Args, file: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let given = configuration::given(file, Vec::new())?;
    let config_file = given.file.as_ref().map(|(name, _)| PathBuf::from(name));
    let mut chart = Chart::new(!args.json);
    match config::load(&given) {
        Ok(loaded) => serve::runtime()?.block_on(look(&mut chart, &loaded, config_file.as_deref()))?,
        Err(mistakes) => {
            settings::unusable(&mut chart, &mistakes)?;
            for name in &CHECKS[1..] {
                chart.check(name);
                chart.skipped("without a configuration it cannot be looked at")?;
            }
        }
    }
    print(&if args.json { format!("{:#}", chart.json()) } else { format!("\n{}", chart.summary()) })?;
    Ok(if chart.fails() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn look(chart: &mut Chart, loaded: &Loaded, config_file: Option<&Path>) -> anyhow::Result<()> {
    // Only the first to install one succeeds, and any that is there will do.
    rustls::crypto::ring::default_provider().install_default().ok();
    let (config, now) = (&loaded.config, Clock::System.now());
    let ask = Inquirer::new().context("no HTTP client")?;
    // Opened before anything is said of it: the clock is compared with the newest entry.
    let mut aside = Chart::new(false);
    let glance = database::open(&mut aside, config).await?;
    let heard = match &glance {
        Some(glance) => glance.heard().await.ok(),
        None => None,
    };
    let newest = heard.iter().flatten().map(|one| one.last).max();
    let heard: Option<Vec<(String, u64)>> =
        heard.map(|heard| heard.into_iter().map(|one| (one.account, one.count)).collect());
    // What cannot be read is told by the database's checks.
    let worlds = rules::in_force(config, glance.as_ref()).await.unwrap_or_default();

    settings::usable(chart, loaded)?;
    time::clock(chart, now, newest)?;
    time::zones(chart, now, &worlds)?;
    chart.adopt(aside)?;
    database::integrity(chart, glance.as_ref()).await?;
    let mut later = Chart::new(false);
    let running = server::running(&mut later, config, &ask).await?;
    database::writing(chart, config, glance.is_some(), running.is_some()).await?;
    database::spill(chart, config, running.is_some())?;
    chart.adopt(later)?;
    address::public(chart, config, &worlds, running.as_ref())?;
    server::signatures(chart, running.as_ref(), &worlds, heard.as_deref())?;
    let secrets_known = glance.as_ref().is_none_or(super::ledger::Glance::knows_secrets);
    let asked = provider::ask(&ask, &worlds).await;
    provider::credentials(chart, &asked, secrets_known)?;
    provider::webhooks(chart, &asked, &config.public_base_url)?;
    provider::fallbacks(chart, &asked, &config.public_base_url)?;
    rules::files(chart, config, glance.as_ref(), &worlds).await?;
    rules::routing(chart, &worlds, config)?;
    rules::opening(chart, &worlds, now)?;
    rules::numbers(chart, &worlds, now)?;
    files::permissions(chart, config, config_file)?;
    rules::disclosure(chart, &worlds)?;
    Ok(())
}
