//! `demo`: a server with a lively world in memory, and people who call and text through it all the time.
//!
//! Deliberately not here: serving (`service`), and the phone network (`replay::phones`). Nothing is written anywhere: the
//! database and the keys are in memory, no configuration is read.

mod cast;
mod invitation;
mod scenes;
mod stage;
mod tale;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;

use crate::domain::{Clock, SignatureMode};
use crate::replay::live::Live;
use crate::replay::signing::Signer;
use crate::rules::ruleset::{Ruleset, Secret};

use super::config::{self, Config, Given};
use super::output::{is_broken_pipe, print};
use super::rulebook::{self, Sheet};
use super::service::{Doors, Service, set_world};
use super::signals::{Signals, Told};
use super::{apply, ledger::Ledger, logs, serve};
use cast::Cast;
use scenes::Scenes;
use stage::Stage;
use tale::Style;

/// The world.
pub const WORLD: &str = include_str!("world.toml");

/// What opens the demo's doors; it is as public as the demo's other secrets, and only this machine reaches them.
const ADMIN_KEY: &str = "demo-admin-key";

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hookswitch demo                            on 127.0.0.1:8080, until Ctrl-C; nothing is kept
  hookswitch demo --listen 127.0.0.1:8081    elsewhere on this machine
  hookswitch demo --pace 5 --seed 7          five times as fast as life, the same scenes each time
  hookswitch demo --quiet                    the server and its callers, without the story")]
pub struct Args {
    /// Where to listen; on this machine only, because the demo's secrets are public
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Do not tell what happens
    #[arg(long)]
    quiet: bool,
    /// How many times as fast as life people call, talk and hang up
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = pace)]
    pace: f64,
    /// What chance begins with: the same seed, the same scenes [default: another each time]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

fn pace(text: &str) -> Result<f64, String> {
    let read = text.trim_end_matches(['x', '×']).parse::<f64>().ok();
    read.filter(|pace| (0.1..=100.0).contains(pace)).ok_or_else(|| "write a number from 0.1 to 100".to_owned())
}

/// `demo`.
pub fn run(args: &Args, file: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    if let Some(file) = file {
        bail!("the demo reads no configuration; leave --config {} away, or use serve", file.display());
    }
    let began = Instant::now();
    logs::start("warn")?;
    serve::runtime()?.block_on(demo(args, began))?;
    Ok(ExitCode::SUCCESS)
}

/// What the world says.
pub fn world() -> Ruleset {
    let read = rulebook::read(&sheet(), None);
    read.expect("it ships with the program, and a test reads it").rules
}

fn sheet() -> Sheet {
    Sheet { name: "demo".to_owned(), text: WORLD.to_owned() }
}

async fn demo(args: &Args, began: Instant) -> anyhow::Result<()> {
    let mut signals = Signals::listen().context("signals cannot be listened to")?;
    let seed = args.seed.map_or_else(chance, Ok)?;
    let config = configuration(args.listen)?;
    if serve::is_open(&config) {
        bail!("--listen {}: {}", args.listen, apply::OPEN_DEMO);
    }
    let doors = Doors::open(&config).await?;
    // Only now is its port known, where the system chose one.
    let config = configuration(doors.address().unwrap_or(args.listen))?;
    let rules = world();
    let ledger = Ledger::open(&config).await?;
    ledger.apply(&sheet(), &rules, Clock::System.now()).await?;
    let mut service = Service::start(&config, doors, &ledger, config.admin_key.clone()).await?;

    // The journal is in memory, so that nothing waits for long; should it ever, what was put aside goes too.
    let _aside = Aside(config.data_dir.clone());
    let base = config.public_base_url.clone();
    let stage = Stage {
        cast: Cast::of(&rules, &base),
        signers: signers(&rules),
        live: Live::connect(&base, None).await.map_err(anyhow::Error::msg)?,
        base,
        board: Arc::clone(&service.board),
        pace: args.pace,
        style: (!args.quiet).then(Style::of_stdout),
        busy: Mutex::new(BTreeSet::new()),
    };
    print(&invitation::invitation(&rules, &config, began.elapsed(), args.quiet))?;
    let renew = set_world(ledger.clone(), Arc::clone(&service.board), Clock::System);
    let playing = Arc::new(stage).play(Scenes::new(seed), WORLD, &renew);
    tokio::pin!(playing);
    let ended = loop {
        tokio::select! {
            why = service.broken() => return Err(why),
            ended = &mut playing => break ended,
            told = signals.next() => match told {
                Told::Stop => break Ok(()),
                // There is no file to be read again.
                Told::Reload => {}
            }
        }
    };
    service.stop().await?;
    match ended {
        // Who listened went away, which is their right.
        Err(error) if is_broken_pipe(&error) => Ok(()),
        ended => ended,
    }
}

/// A configuration that keeps everything in memory.
fn configuration(listen: SocketAddr) -> anyhow::Result<Config> {
    let aside = std::env::temp_dir().join(format!("hookswitch-demo-{}", std::process::id()));
    let values = [
        ("listen", listen.to_string()),
        ("metrics_listen", String::new()),
        ("public_base_url", format!("http://{listen}")),
        ("database_url", "sqlite::memory:".to_owned()),
        ("rules_dir", String::new()),
        ("commit_deadline_ms", "2000".to_owned()),
        ("data_dir", aside.display().to_string()),
        ("admin_key", ADMIN_KEY.to_owned()),
        ("master_key", STANDARD.encode(random()?)),
    ];
    let flags = values.into_iter().map(|(key, value)| (key, "demo", value)).collect();
    Ok(config::load(&Given { flags, ..Given::default() })?.config)
}

/// Where the spill is while a commit takes too long, as on a machine that is very busy.
struct Aside(PathBuf);

impl Drop for Aside {
    fn drop(&mut self) {
        // Usually there is nothing.
        std::fs::remove_dir_all(&self.0).ok();
    }
}

fn random() -> anyhow::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|why| anyhow::anyhow!("the system has no random numbers: {why}"))?;
    Ok(bytes)
}

fn chance() -> anyhow::Result<u64> {
    Ok(random()?.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte)))
}

fn signers(rules: &Ruleset) -> BTreeMap<String, Signer> {
    let signer = |(account, secrets): &(crate::domain::Account, crate::rules::ruleset::AccountSecrets)| {
        let own = |secrets: &[Secret]| secrets.to_vec();
        let signer = Signer {
            kind: account.kind,
            tokens: own(&secrets.auth_tokens),
            signing_keys: own(&secrets.signing_keys),
            public_base_url: account.public_base_url.clone(),
            enforced: account.signature == SignatureMode::Enforce,
        };
        (account.id.to_string(), signer)
    };
    rules.accounts.iter().map(signer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_world_is_right_and_nothing_in_it_is_doubtful_to_read() {
        let read = rulebook::read(&sheet(), None).expect("it is right");
        assert_eq!(read.warnings, []);
        assert_eq!(read.rules.locations.len(), 3);
        assert!(read.rules.accounts.iter().all(|(account, _)| account.sandbox));
    }

    #[test]
    fn whenever_somebody_looks_one_of_two_offices_is_open() {
        use crate::rules::hours::Hours;
        let rules = world();
        let start = crate::domain::Moment::read("2026-03-01T00:00:00Z").expect("an instant");
        let hours: Vec<Hours> =
            rules.locations.iter().map(|place| Hours::compile(place, start).expect("they can be read")).collect();
        for hour in 0..24 * 366 {
            let at = start.plus(std::time::Duration::from_secs(3600 * hour));
            let open: Vec<bool> = hours.iter().map(|hours| hours.at(at, &[]).state.is_open()).collect();
            assert!(open[0] && (open[1] || open[2] || in_between(&hours[1], at)), "{at}: {open:?}");
        }
    }

    /// In summer Denver closes an hour before Phoenix opens.
    fn in_between(denver: &crate::rules::hours::Hours, at: crate::domain::Moment) -> bool {
        denver.local(at).minute_of_day / 60 == 19
    }

    #[test]
    fn a_pace_is_a_number_of_times() {
        for (text, expected) in [("1", Some(1.0)), ("10x", Some(10.0)), ("0.5", Some(0.5)), ("0", None), ("fast", None)]
        {
            assert_eq!(pace(text).ok(), expected, "{text}");
        }
    }
}
