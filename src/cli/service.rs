//! A server from its doors' opening to its end, for every command that runs one.
//!
//! Deliberately not here: what it is configured with, what it prints, and what tells it to stop (`serve`, `demo`).

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::task::JoinHandle;

use crate::domain::Clock;
use crate::http::{self, House, NotSet, SetWorld, listen};
use crate::jobs::deliver::Courier;
use crate::jobs::guard::{Exceptions, Guard};
use crate::jobs::halt::Halt;
use crate::jobs::provider::{self, Errands};
use crate::jobs::{self, media::Fetcher, rest::Sender};
use crate::rules::ruleset::Secret;
use crate::switchboard::Switchboard;

use super::config::Config;
use super::explain;
use super::ledger::Ledger;
use super::rulebook::{self, Sheet};

/// How long what waits to be written may take when the server ends.
pub const LAST_WRITE: Duration = Duration::from_secs(10);

/// How often what time drives is looked at.
const SWEEP: Duration = Duration::from_secs(10);

/// What listens, before anybody is let in.
pub struct Doors {
    listener: TcpListener,
    metrics: Option<TcpListener>,
    tls: Option<listen::Tls>,
}

impl Doors {
    /// Takes the addresses of the configuration.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        // Only the first to install one succeeds, and any that is there will do.
        rustls::crypto::ring::default_provider().install_default().ok();
        let listener = bind(config.listen, "listen")?;
        let metrics = config.metrics_listen.map(|address| bind(address, "metrics_listen")).transpose()?;
        let tls = match &config.tls {
            Some((cert, key)) => Some(listen::tls(cert, key).await.context("tls_cert and tls_key cannot be used")?),
            None => None,
        };
        Ok(Self { listener, metrics, tls })
    }

    /// Where the server is; the port is the one it got.
    pub fn address(&self) -> Option<SocketAddr> {
        self.listener.local_addr().ok()
    }

    /// Where the metrics are, if on a listener of their own.
    pub fn metrics(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().and_then(|listener| listener.local_addr().ok())
    }
}

fn bind(address: SocketAddr, key: &str) -> anyhow::Result<TcpListener> {
    listen::bind(address).with_context(|| format!("{key}: {address} cannot be listened on"))
}

/// A running server.
pub struct Service {
    /// Answers webhooks.
    pub board: Arc<Switchboard>,
    ledger: Ledger,
    house: Arc<House>,
    jobs: Vec<JoinHandle<()>>,
    /// What may not be broken off.
    sending: Vec<JoinHandle<()>>,
    halt: Halt,
    serving: JoinHandle<std::io::Result<()>>,
    stop: listen::Stop,
    watched: Option<(JoinHandle<std::io::Result<()>>, listen::Stop)>,
}

impl Service {
    /// Loads what is stored, and lets everybody in.
    pub async fn start(config: &Config, doors: Doors, ledger: &Ledger, admin_key: Secret) -> anyhow::Result<Self> {
        let (ledger, clock) = (ledger.clone(), Clock::System);
        let board = ledger.switchboard(clock.clone(), explain::settings(config)).await?;
        let Doors { listener, metrics, tls } = doors;
        let mut house = House::new(Arc::clone(&board), admin_key, Fetcher::new().context("no HTTP client")?);
        house.tzdata = rulebook::tzdata();
        house.trusted.clone_from(&config.trusted_proxies);
        house.tenant_key_header = config.tenant_key_header.clone();
        house.cors_origins.clone_from(&config.cors_origins);
        house.metrics_here = metrics.is_none();
        house.egress = Exceptions::new(config.egress_allow.clone());
        house.set_world = config.test_clock.then(|| set_world(ledger.clone(), Arc::clone(&board), clock.clone()));
        let house = Arc::new(house);

        let errands = Errands {
            board: Arc::clone(&board),
            store: ledger.store(),
            clock: clock.clone(),
            sender: Sender::new().context("no HTTP client")?,
            fetcher: Fetcher::for_recordings().context("no HTTP client")?,
            renewing: provider::RENEWING,
            owner: provider::owner(),
        };
        let guard = Guard::new(house.egress.clone());
        let courier = Arc::new(Courier::new(ledger.store(), Arc::clone(&board), clock.clone(), guard));
        let halt = Halt::new(listen::GRACE);
        let sending =
            vec![tokio::spawn(errands.clone().run(halt.clone())), tokio::spawn(Arc::clone(&courier).run(halt.clone()))];
        let mut jobs = vec![
            tokio::spawn(sweep(Arc::clone(&board), clock.clone())),
            tokio::spawn(jobs::rules::follow(Arc::clone(&board))),
            tokio::spawn(errands.sweep()),
            tokio::spawn(courier.sweep()),
        ];
        // Where tests set the time of each request, the clock on the wall does not say what is too old to be kept.
        if !config.test_clock {
            let days = u16::try_from(config.journal_days).unwrap_or(u16::MAX);
            jobs.push(tokio::spawn(jobs::recordings::purge(ledger.store(), Arc::clone(&board), clock.clone())));
            jobs.push(tokio::spawn(jobs::purge::run(ledger.store(), clock, days)));
        }
        let stop = listen::Stop::new();
        let serving = tokio::spawn(listen::serve(listener, tls, http::router(Arc::clone(&house)), stop.clone()));
        let watched = metrics.map(|listener| {
            let stop = listen::Stop::new();
            let doors = http::metrics_router(Arc::clone(&house));
            (tokio::spawn(listen::serve(listener, None, doors, stop.clone())), stop)
        });
        Ok(Self { board, ledger, house, jobs, sending, halt, serving, stop, watched })
    }

    /// Waits until it ends by itself, which it should not.
    pub async fn broken(&mut self) -> anyhow::Error {
        match (&mut self.serving).await {
            Ok(Ok(())) => anyhow::anyhow!("the server ended by itself"),
            Ok(Err(error)) => anyhow::Error::new(error).context("the server cannot listen any more"),
            Err(error) => anyhow::Error::new(error).context("the server broke"),
        }
    }

    /// Ends it: nobody is let in any more, what is in flight is finished, what waits is written.
    pub async fn stop(self) -> anyhow::Result<()> {
        tracing::info!("stopping: no new connections, finishing what is in flight");
        self.jobs.iter().for_each(JoinHandle::abort);
        self.halt.say();
        self.board.drain();
        self.stop.gracefully();
        self.serving.await.context("the server broke")?.context("the server ended badly")?;
        for sending in self.sending {
            sending.await.context("what sends broke")?;
        }
        let settled = tokio::time::timeout(listen::GRACE, self.house.settled()).await.is_ok();
        let written = self.board.flush(LAST_WRITE).await;
        if let Some((watched, stop)) = self.watched {
            stop.gracefully();
            watched.await.context("the metrics' listener broke")?.ok();
        }
        let closed = self.ledger.close(LAST_WRITE).await;
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
}

/// What time drives, every now and then.
async fn sweep(board: Arc<Switchboard>, clock: Clock) {
    let mut due = tokio::time::interval(SWEEP);
    loop {
        due.tick().await;
        board.sweep(clock.now());
    }
}

/// Puts a world in place of everything that is stored.
pub fn set_world(ledger: Ledger, board: Arc<Switchboard>, clock: Clock) -> SetWorld {
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
