//! The store as commands use it: opened, asked what it holds, and given rules.
//!
//! Deliberately not here: the store itself. This is the one place in the commands that calls it.

use std::sync::Arc;

use anyhow::bail;

use crate::domain::{Clock, E164, Moment};
use crate::rules::ruleset::Ruleset;
use crate::switchboard::{Settings, Switchboard};

use super::config::Config;
use super::keys::Keys;
use super::rulebook::Sheet;

/// The store, opened.
#[derive(Clone)]
pub struct Ledger {}

/// What the store says until it is merged.
const MERGE: &str = "the store is merged here";

impl Ledger {
    /// Opens it for reading and writing: made where it is not there, brought to this version's shape where it is older.
    pub async fn open(config: &Config, keys: &Keys) -> anyhow::Result<Self> {
        let _ = (&config.database_url, &keys.master);
        bail!(MERGE)
    }

    /// Opens it for reading, also while a server writes. It must be there already.
    pub async fn open_read_only(config: &Config) -> anyhow::Result<Self> {
        let _ = &config.database_url;
        bail!(MERGE)
    }

    /// Every tenant with all that is stored of it.
    pub async fn stored(&self) -> anyhow::Result<Vec<Ruleset>> {
        bail!(MERGE)
    }

    /// Whether exactly this text of this file was the last of it that was applied.
    pub async fn has_applied(&self, sheet: &Sheet) -> anyhow::Result<bool> {
        let _ = sheet;
        bail!(MERGE)
    }

    /// Writes down rules that were read from a sheet; what changed, a sentence each. With `dry`, what would change.
    pub async fn apply(&self, rules: &Ruleset, sheet: &Sheet, now: Moment, dry: bool) -> anyhow::Result<Vec<String>> {
        let _ = (rules, sheet, now, dry);
        bail!(MERGE)
    }

    /// Empties it, for a test's world.
    pub async fn empty(&self) -> anyhow::Result<()> {
        bail!(MERGE)
    }

    /// A switchboard on it.
    pub async fn switchboard(&self, clock: Clock, settings: Settings) -> anyhow::Result<Arc<Switchboard>> {
        Switchboard::start(clock, settings).await
    }

    /// A switchboard that knows all of one number up to an instant, and writes nothing.
    pub async fn switchboard_for(
        &self,
        number: E164,
        until: Moment,
        settings: Settings,
    ) -> anyhow::Result<Arc<Switchboard>> {
        let _ = number;
        Switchboard::offline(&self.stored().await?, Clock::stopped(until), settings)
    }

    /// Closes it; what was written is in the file.
    pub async fn close(&self) {}
}
