//! `migrate`: the database, brought to this version's shape.
//!
//! Deliberately not here: the migrations (`store`). The server runs them too when it starts.

use std::path::PathBuf;
use std::process::ExitCode;

use super::output::remark;
use super::{configuration, ledger::Ledger, serve, service};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hookswitch migrate   before servers of a new version start")]
pub struct Args {}

/// `migrate`.
pub fn run(_: &Args, file: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let config = configuration::load(file, Vec::new())?.config;
    serve::runtime()?.block_on(async {
        let closed = Ledger::open(&config).await?.close(service::LAST_WRITE).await;
        anyhow::ensure!(closed, "the database could not be closed in time");
        remark("the database has this version's shape");
        Ok(ExitCode::SUCCESS)
    })
}
