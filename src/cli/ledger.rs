//! The store as commands use it: opened, asked what it holds, and given rules.
//!
//! Deliberately not here: the store itself. This is the one place in the commands that calls it.

use std::sync::Arc;

use anyhow::bail;

use crate::domain::{Clock, E164, Moment, TenantId};
use crate::rules::ruleset::Ruleset;
use crate::switchboard::{Settings, Switchboard};

use super::config::Config;
use super::rulebook::Sheet;

/// The store, opened for reading and writing.
#[derive(Clone)]
pub struct Ledger {}

/// The store, opened for reading.
pub struct Glance {}

/// What the store says until it is merged.
const MERGE: &str = "the store is merged here";

impl Ledger {
    /// Opens it: made where it is not there, brought to this version's shape where it is older.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        let _ = (&config.database_url, &config.master_key, &config.data_dir, config.commit_deadline);
        bail!(MERGE)
    }

    /// What can be asked of it.
    pub fn glance(&self) -> Glance {
        Glance {}
    }

    /// Whether exactly this text of this file was the last of it that was applied.
    pub async fn has_applied(&self, sheet: &Sheet) -> anyhow::Result<bool> {
        let _ = sheet;
        bail!(MERGE)
    }

    /// Writes down rules that were read from a sheet; what changed, a line each.
    pub async fn apply(&self, rules: &Ruleset, sheet: &Sheet, now: Moment) -> anyhow::Result<Vec<String>> {
        let _ = (rules, sheet, now);
        bail!(MERGE)
    }

    /// What [`Ledger::apply`] would change.
    pub async fn plan(&self, rules: &Ruleset, now: Moment) -> anyhow::Result<Vec<String>> {
        let _ = (rules, now);
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

    /// Closes it; what was written is in the file.
    pub async fn close(&self) {}
}

impl Glance {
    /// Opens it for reading, also while a server writes. It must be there already.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        let _ = (&config.database_url, &config.master_key, &config.data_dir);
        bail!(MERGE)
    }

    /// All that is stored of one tenant.
    pub async fn stored(&self, tenant: &TenantId) -> anyhow::Result<Option<Ruleset>> {
        let _ = tenant;
        bail!(MERGE)
    }

    /// Every tenant with all that is stored of it.
    pub async fn all(&self) -> anyhow::Result<Vec<Ruleset>> {
        bail!(MERGE)
    }

    /// A switchboard that knows all of one number up to an instant, and writes nothing.
    pub async fn switchboard(
        &self,
        number: E164,
        until: Moment,
        settings: Settings,
    ) -> anyhow::Result<Arc<Switchboard>> {
        let _ = number;
        Switchboard::offline(&self.all().await?, Clock::stopped(until), settings)
    }
}
