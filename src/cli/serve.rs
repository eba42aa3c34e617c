//! `serve`: the server from its start to its end.
//!
//! Deliberately not here: what it answers (`http`, `switchboard`).

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use tokio::runtime::Runtime;

use crate::domain::{Clock, TenantId};
use crate::switchboard::Switchboard;

use super::config::{Config, DEFAULT_FILE};
use super::greeting::{Whereabouts, greeting};
use super::output::print;
use super::service::{Doors, Service};
use super::signals::{Signals, Told};
use super::{apply, configuration, keys, ledger::Ledger, logs};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hookswitch serve                                            on 127.0.0.1:8080; data in data/
  hookswitch serve --listen 0.0.0.0:8443 --config prod.toml   elsewhere
  hookswitch serve --database sqlite::memory:                 nothing is kept
  hookswitch serve --print-default-config > hookswitch.toml   every key, explained")]
pub struct Args {
    /// Where to listen [default: the configuration's `listen`]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// The database [default: the configuration's `database_url`]
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Print the default configuration file and end
    #[arg(long)]
    print_default_config: bool,
}

/// A runtime for a command that waits for things.
pub fn runtime() -> anyhow::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the system gives no threads")
}

/// `serve`.
pub fn run(args: Args, file: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    if args.print_default_config {
        print(DEFAULT_FILE)?;
        return Ok(ExitCode::SUCCESS);
    }
    let listen = args.listen.map(|text| ("listen", "--listen", text));
    let database = args.database.map(|text| ("database_url", "--database", text));
    let config = configuration::load(file, listen.into_iter().chain(database).collect())?.config;
    logs::start(&config.log)?;
    runtime()?.block_on(serve(&config))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(config: &Config) -> anyhow::Result<()> {
    let mut signals = Signals::listen().context("signals cannot be listened to")?;
    let doors = Doors::open(config).await?;
    let admin_key = keys::admin_key(config)?;
    let ledger = Ledger::open(config).await?;
    let applied = apply_folder(config, &ledger).await?;
    let tenants = ledger.glance().tenants().await?;
    refuse_open_demo(config, &tenants)?;
    let demo = match tenants.iter().find(|(_, demo)| *demo) {
        Some((tenant, _)) => ledger.glance().glimpse(tenant).await?,
        None => None,
    };
    let whereabouts = Whereabouts {
        listen: doors.address().unwrap_or(config.listen),
        metrics: doors.metrics(),
        config,
        tenants: tenants.len(),
        demo: demo.as_ref(),
        applied: &applied,
    };
    let greeting = greeting(&whereabouts);
    let mut service = Service::start(config, doors, &ledger, admin_key).await?;
    print(&greeting)?;
    loop {
        tokio::select! {
            why = service.broken() => return Err(why),
            told = signals.next() => match told {
                Told::Stop => break,
                Told::Reload => reload(config, &ledger, &service.board).await,
            }
        }
    }
    service.stop().await
}

async fn apply_folder(config: &Config, ledger: &Ledger) -> anyhow::Result<Vec<String>> {
    match &config.rules_dir {
        Some(folder) => apply::folder(ledger, folder, Clock::System.now(), is_open(config)).await,
        None => Ok(Vec::new()),
    }
}

/// Whether other machines reach this server.
pub fn is_open(config: &Config) -> bool {
    !config.listen.ip().to_canonical().is_loopback()
}

/// The demo's secrets are public, so a server that knows them is for this machine only.
fn refuse_open_demo(config: &Config, tenants: &[(TenantId, bool)]) -> anyhow::Result<()> {
    match tenants.iter().find(|(_, demo)| *demo) {
        Some((tenant, _)) if is_open(config) => bail!("tenant {tenant} of the database: {}", apply::OPEN_DEMO),
        Some(_) | None => Ok(()),
    }
}

/// Applies the rules folder again. Whatever is wrong is in the log, and the server goes on.
async fn reload(config: &Config, ledger: &Ledger, board: &Switchboard) {
    let done = async {
        let applied = apply_folder(config, ledger).await?;
        refuse_open_demo(config, &ledger.glance().tenants().await?)?;
        board.refresh().await?;
        anyhow::Ok(applied)
    };
    match done.await {
        Ok(applied) => tracing::info!(files = applied.len(), "rules were read again"),
        Err(error) => tracing::error!("rules could not be read again: {error:#}"),
    }
}
