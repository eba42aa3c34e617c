//! `explain`: what a call or text would do that has not happened, and why.
//!
//! Deliberately not here: deciding (`switchboard`), and telling it in words (`story`).

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::json;

use crate::domain::{CallerId, Channel, Clock, E164, Moment};
use crate::switchboard::typed::{caller, number};
use crate::switchboard::{Probe, Settings, Switchboard};

pub use crate::switchboard::typed::instant;

use super::config::Config;
use super::ledger::{Glance, passing_vault};
use super::output::print;
use super::pretty::pretty;
use super::{configuration, demo, rulebook, serve, story};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hookswitch explain --from +13125550101 --to +13125550190
  hookswitch explain --from +13125550101 --to +13125550190 --at 2026-03-09T18:03:00-05:00
  hookswitch explain --from anonymous --to +13125550190 --document
  hookswitch explain --from +13125550101 --to +13125550190 --channel sms --json
  hookswitch explain --from +13125550101 --to +13125550190 --rules routing-rules/demo.toml")]
pub struct Args {
    /// Who calls: a phone as +1…, or what a provider sends instead, such as anonymous or sip:ana@example.com
    #[arg(long, value_name = "PHONE", value_parser = caller, allow_hyphen_values = true)]
    from: CallerId,
    /// The number called, as +1…
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    to: E164,
    /// When, with its offset, such as 2026-03-09T18:03:00-05:00 [default: now]
    #[arg(long, value_name = "TIME", value_parser = instant)]
    at: Option<Moment>,
    /// voice or sms
    #[arg(long, value_name = "CHANNEL", default_value = "voice", value_parser = channel)]
    channel: Channel,
    /// Decide by these rules alone instead of the database
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// Decide by the world of `hookswitch demo`
    #[arg(long, conflicts_with = "rules")]
    demo: bool,
    /// Add the document that the provider would get
    #[arg(long)]
    document: bool,
    /// Write the decision as JSON
    #[arg(long)]
    json: bool,
}

/// `explain`.
pub fn run(args: &Args, file: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let config = configuration::load(file, Vec::new())?.config;
    let at = args.at.unwrap_or_else(|| Clock::System.now());
    let probe = Probe { from: args.from.clone(), to: args.to, channel: args.channel, at };
    let explained = serve::runtime()?.block_on(async {
        let board = board(args, &config, &probe).await?;
        anyhow::Ok(board.explain(&probe))
    })?;
    let shown = match (args.json, args.document) {
        (true, false) => format!("{:#}", explained.decision),
        (true, true) => format!("{:#}", json!({"decision": explained.decision, "document": explained.document})),
        (false, false) => story::tell(&explained.decision),
        (false, true) => format!("{}\n{}", story::tell(&explained.decision), shown_document(&explained.document)),
    };
    print(&shown)?;
    Ok(ExitCode::SUCCESS)
}

/// The document as a person reads it; some kinds of account have none.
fn shown_document(document: &str) -> String {
    if document.is_empty() {
        "There is no document: no account that reads documents has this number.".to_owned()
    } else {
        pretty(document)
    }
}

async fn board(args: &Args, config: &Config, probe: &Probe) -> anyhow::Result<Arc<Switchboard>> {
    let settings = settings(config);
    let world = match &args.rules {
        Some(file) => Some(rulebook::world(file)?),
        None => args.demo.then(demo::world),
    };
    match world {
        Some(world) => Ok(Switchboard::offline(&[world], Clock::stopped(probe.at), settings, passing_vault()?)?),
        None => Glance::open(config).await?.switchboard(probe.to, probe.at, settings).await,
    }
}

/// What the switchboard is told of the configuration.
pub fn settings(config: &Config) -> Settings {
    Settings {
        public_base_url: config.public_base_url.clone(),
        allowed_countries: config.allowed_countries.clone(),
        test_clock: config.test_clock,
    }
}

fn channel(word: &str) -> Result<Channel, String> {
    Channel::read(word).ok_or_else(|| "write voice or sms".to_owned())
}
