//! `serve`: the server from its start to its end.
//!
//! Deliberately not here: what it answers (`http`, `switchboard`).

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use crate::domain::{Clock, TenantId};
use crate::http::{self, House, NotSet, SetWorld, listen};
use crate::jobs::{self, media::Fetcher};
use crate::switchboard::Switchboard;

use super::config::{Config, DEFAULT_FILE};
use super::greeting::{Whereabouts, greeting};
use super::output::print;
use super::rulebook::{self, Sheet};
use super::signals::{Signals, Told};
use super::{apply, configuration, explain, keys, ledger::Ledger, logs};

/// How long what waits to be written may take when the server ends.
pub const LAST_WRITE: Duration = Duration::from_secs(10);

/// How often what time drives is looked at.
const SWEEP: Duration = Duration::from_secs(10);

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
    // Only the first to install one succeeds, and any that is there will do.
    rustls::crypto::ring::default_provider().install_default().ok();
    let mut signals = Signals::listen().context("signals cannot be listened to")?;
    let listener = bind(config.listen, "listen")?;
    let metrics = config.metrics_listen.map(|address| bind(address, "metrics_listen")).transpose()?;
    let tls = match &config.tls {
        Some((cert, key)) => Some(listen::tls(cert, key).await.context("tls_cert and tls_key cannot be used")?),
        None => None,
    };
    let admin_key = keys::admin_key(config)?;
    let ledger = Ledger::open(config).await?;
    let applied = apply_folder(config, &ledger).await?;
    let tenants = ledger.glance().tenants().await?;
    refuse_open_demo(config, &tenants)?;
    let demo = match tenants.iter().find(|(_, demo)| *demo) {
        Some((tenant, _)) => ledger.glance().glimpse(tenant).await?,
        None => None,
    };
    let clock = Clock::System;
    let board = ledger.switchboard(clock.clone(), explain::settings(config)).await?;

    let mut house = House::new(Arc::clone(&board), admin_key, Fetcher::new().context("no HTTP client")?);
    house.tzdata = rulebook::tzdata();
    house.trusted.clone_from(&config.trusted_proxies);
    house.metrics_here = metrics.is_none();
    house.set_world = config.test_clock.then(|| set_world(ledger.clone(), Arc::clone(&board), clock.clone()));
    let house = Arc::new(house);

    let whereabouts = Whereabouts {
        listen: listener.local_addr().unwrap_or(config.listen),
        metrics: metrics.as_ref().and_then(|listener| listener.local_addr().ok()),
        config,
        tenants: tenants.len(),
        demo: demo.as_ref(),
        applied: &applied,
    };
    print(&greeting(&whereabouts))?;

    // Where tests set the time of each request, the clock on the wall does not say what is too old to be kept.
    let purging = (!config.test_clock).then(|| {
        let days = u16::try_from(config.journal_days).unwrap_or(u16::MAX);
        tokio::spawn(jobs::purge::run(ledger.store(), clock.clone(), days))
    });
    let sweeping = tokio::spawn(sweep(Arc::clone(&board), clock));
    let following = tokio::spawn(jobs::rules::follow(ledger.reader(), Arc::clone(&board)));
    let (stop, stop_metrics) = (listen::Stop::new(), listen::Stop::new());
    let serving = tokio::spawn(listen::serve(listener, tls, http::router(Arc::clone(&house)), stop.clone()));
    let watched = metrics.map(|listener| {
        tokio::spawn(listen::serve(listener, None, http::metrics_router(Arc::clone(&house)), stop_metrics.clone()))
    });
    tokio::pin!(serving);
    loop {
        tokio::select! {
            ended = &mut serving => {
                ended.context("the server broke")?.context("the server cannot listen any more")?;
                bail!("the server ended by itself");
            }
            told = signals.next() => match told {
                Told::Stop => break,
                Told::Reload => reload(config, &ledger, &board).await,
            }
        }
    }

    tracing::info!("stopping: no new connections, finishing what is in flight");
    purging.iter().chain([&sweeping, &following]).for_each(JoinHandle::abort);
    board.drain();
    stop.gracefully();
    serving.await.context("the server broke")?.context("the server ended badly")?;
    let settled = tokio::time::timeout(listen::GRACE, house.settled()).await.is_ok();
    let written = board.flush(LAST_WRITE).await;
    stop_metrics.gracefully();
    if let Some(watched) = watched {
        watched.await.context("the metrics' listener broke")?.ok();
    }
    let closed = ledger.close(LAST_WRITE).await;
    if !(settled && written && closed) {
        tracing::warn!(
            settled,
            written,
            closed,
            "not everything could be finished; what was not written is in the spill file"
        );
    }
    tracing::info!("stopped");
    Ok(())
}

/// What time drives, every now and then.
async fn sweep(board: Arc<Switchboard>, clock: Clock) {
    let mut due = tokio::time::interval(SWEEP);
    loop {
        due.tick().await;
        board.sweep(clock.now());
    }
}

fn bind(address: SocketAddr, key: &str) -> anyhow::Result<TcpListener> {
    listen::bind(address).with_context(|| format!("{key}: {address} cannot be listened on"))
}

async fn apply_folder(config: &Config, ledger: &Ledger) -> anyhow::Result<Vec<String>> {
    match &config.rules_dir {
        Some(folder) => apply::folder(ledger, folder, Clock::System.now(), is_open(config)).await,
        None => Ok(Vec::new()),
    }
}

/// Whether other machines reach this server.
fn is_open(config: &Config) -> bool {
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

/// Puts a test's world in place of everything that is stored.
fn set_world(ledger: Ledger, board: Arc<Switchboard>, clock: Clock) -> SetWorld {
    Arc::new(move |text| {
        let (ledger, board, now) = (ledger.clone(), Arc::clone(&board), clock.now());
        Box::pin(async move {
            let sheet = Sheet { name: "world".to_owned(), text };
            let read = rulebook::read(&sheet, None).map_err(NotSet::Mistakes)?;
            let done = async {
                // What the old world still has to write must not appear in the new one.
                board.flush(LAST_WRITE).await;
                ledger.empty().await?;
                ledger.apply(&sheet, &read.rules, now).await?;
                anyhow::Ok(board.reset().await?)
            };
            done.await.map_err(|error| NotSet::Failed(format!("{error:#}")))
        })
    })
}
