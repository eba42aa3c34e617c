//! `record --listen`: in front of an older application until somebody says stop.
//!
//! Deliberately not here: the door (`http::passage`) and what is written down (`replay::record::passage`).

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;

use crate::http::{listen, passage::Door};
use crate::replay::record::passage::{Passage, Way};
use crate::replay::record::pseudonyms::Pseudonyms;
use crate::replay::record::settle::{Settled, settle};
use crate::replay::record::shelf::Shelf;

use super::output::print;
use super::serve;
use super::signals::{Signals, Told};

#[derive(Debug, clap::Args)]
#[group(id = "passing")]
pub struct Args {
    /// Stand in front of an application: where to listen
    #[arg(long, value_name = "ADDRESS:PORT", requires = "forward")]
    listen: Option<SocketAddr>,
    /// The application's address
    #[arg(long, value_name = "URL", requires = "listen", value_parser = address)]
    forward: Option<String>,
    /// The host that the application is asked for [default: the request's own]
    #[arg(long, value_name = "HOST", requires = "listen")]
    host: Option<String>,
    /// The provider account that the fixtures name
    #[arg(long, value_name = "ID", requires = "listen", default_value = "acme-twilio")]
    account: String,
    /// The world that the fixtures name; without one, what the demo world answers otherwise is pending
    #[arg(long, value_name = "NAME", requires = "listen")]
    world: Option<String>,
}

impl Args {
    /// Whether a passage is asked for.
    pub fn is_asked(&self) -> bool {
        self.listen.is_some()
    }
}

/// Passes requests on until it is told to stop.
pub fn run(args: Args, out: &Path, pseudonyms: Pseudonyms) -> anyhow::Result<ExitCode> {
    let (Some(address), Some(forward)) = (args.listen, args.forward) else {
        anyhow::bail!("--listen and --forward belong together");
    };
    // Only the first to install one succeeds, and any that is there will do.
    rustls::crypto::ring::default_provider().install_default().ok();
    let of_demo = args.world.is_none();
    let way = Way { forward, host: args.host, account: args.account, world: args.world };
    serve::runtime()?.block_on(async {
        let mut signals = Signals::listen().context("signals cannot be listened to")?;
        let listener = listen::bind(address).with_context(|| format!("{address} cannot be listened on"))?;
        let passage = Arc::new(Passage::new(way, Shelf::new(out), pseudonyms).context("no HTTP client")?);
        let door = Door::new(Arc::clone(&passage));
        let stop = listen::Stop::new();
        print(&format!("passing on  http://{}", listener.local_addr().unwrap_or(address)))?;
        let serving = tokio::spawn(listen::serve(listener, None, door.router(), stop.clone()));
        tokio::pin!(serving);
        loop {
            tokio::select! {
                ended = &mut serving => {
                    ended.context("the passage broke")?.context("it cannot listen any more")?;
                    anyhow::bail!("the passage ended by itself");
                }
                told = signals.next() => if told == Told::Stop { break },
            }
        }
        stop.gracefully();
        serving.await.context("the passage broke")?.context("it ended badly")?;
        tokio::time::timeout(listen::GRACE, door.settled()).await.ok();
        let tally = passage.tally();
        print(&format!(
            "{} requests passed, {} were not answered; {} fixtures in {}, {} exchanges in them without a step of ours, {} lost",
            tally.passed,
            tally.failed,
            tally.fixtures,
            out.display(),
            tally.unplayed,
            tally.lost
        ))?;
        if of_demo && tally.fixtures > 0 {
            let Settled { passing, pending } = settle(passage.written()).await?;
            print(&format!(
                "{pending} pending, {passing} passing in the demo world; give them a world of their own with --world"
            ))?;
        }
        Ok(if tally.lost == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

/// Reads an application's address, without a slash at its end.
pub fn address(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let whole = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.contains(['?', '#', ' ']));
    if whole {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err("write an address such as http://127.0.0.1:3000".to_owned())
    }
}
