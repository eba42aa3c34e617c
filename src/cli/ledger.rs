//! The store as commands use it: opened, asked what it holds, and given rules.
//!
//! Deliberately not here: the store itself. This is the one place in the commands that calls it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::{Clock, E164, Moment, TenantId};
use crate::rules::ruleset::Ruleset;
use crate::store::checkup::{self, Heard, Spilled};
use crate::store::fact::Scope;
use crate::store::{MasterKey, Reader, Store, StoreError, StoreOptions, Vault};
use crate::switchboard::{Settings, Switchboard};

use super::config::Config;
use super::output::{Unreadable, remark};
use super::rulebook::{self, Sheet};

pub use crate::store::checkup::Tried;

/// The store, opened for reading and writing.
#[derive(Clone)]
pub struct Ledger {
    store: Store,
}

/// What to do where there is no database.
const NO_DATABASE: &str =
    "  `hookswitch serve` and `hookswitch apply FILE` make it; explain, sign and verify also take --rules FILE";

/// The store, opened for reading.
pub struct Glance {
    reader: Reader,
    vault: Option<Vault>,
}

impl Ledger {
    /// Opens it: made where it is not there, brought to this version's shape where it is older.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        let (key, made) = MasterKey::obtain(Some(config.master_key.expose()), &config.data_dir)?;
        if let Some(path) = made {
            remark(&format!("warning: no master_key is configured; made one and kept it in {}", path.display()));
        }
        let options = StoreOptions::new(&config.data_dir, Clock::System, Vault::new(&key));
        let options = StoreOptions { commit_deadline: config.commit_deadline, ..options };
        Ok(Self { store: Store::open(config.database_url.expose(), options).await? })
    }

    /// What can be asked of it.
    pub fn glance(&self) -> Glance {
        Glance { reader: self.store.read().clone(), vault: Some(self.store.vault().clone()) }
    }

    /// The store itself, for jobs.
    pub fn store(&self) -> Store {
        self.store.clone()
    }

    /// Whether this file was exactly the same when it was last applied.
    pub async fn has_applied(&self, sheet: &Sheet) -> anyhow::Result<bool> {
        Ok(self.store.read().applied(&sheet.name).await? == Some(self.fingerprint(sheet)))
    }

    /// Writes down rules that were read from this file; what changed, a line each.
    pub async fn apply(&self, sheet: &Sheet, rules: &Ruleset, now: Moment) -> anyhow::Result<Vec<String>> {
        let changes = self.store.apply(rules, Some((&sheet.name, &self.fingerprint(sheet))), now).await?;
        Ok(changes.iter().map(ToString::to_string).collect())
    }

    /// What [`Ledger::apply`] would change.
    pub async fn plan(&self, rules: &Ruleset, now: Moment) -> anyhow::Result<Vec<String>> {
        Ok(self.store.plan(rules, now).await?.iter().map(ToString::to_string).collect())
    }

    /// Empties it, for a test's world.
    pub async fn empty(&self) -> anyhow::Result<()> {
        Ok(self.store.wipe().await?)
    }

    /// A switchboard on it.
    pub async fn switchboard(&self, clock: Clock, settings: Settings) -> anyhow::Result<Arc<Switchboard>> {
        Ok(Switchboard::start(self.store.clone(), clock, settings).await?)
    }

    /// Closes it; false when not everything could be written in time.
    pub async fn close(&self, deadline: Duration) -> bool {
        self.store.close(deadline).await
    }

    fn fingerprint(&self, sheet: &Sheet) -> String {
        fingerprint(self.store.vault(), sheet)
    }
}

/// Secrets are in what a file is read from, so the hash is keyed.
fn fingerprint(vault: &Vault, sheet: &Sheet) -> String {
    hex::encode(vault.keyed_hash(&rulebook::material(sheet)))
}

/// Tries whether the database can be written, and takes it back.
pub async fn try_writing(config: &Config) -> anyhow::Result<Tried> {
    Ok(checkup::try_writing(config.database_url.expose()).await?)
}

/// What waits in the spill.
pub fn spilled(config: &Config) -> std::io::Result<Spilled> {
    checkup::spilled(&config.data_dir)
}

impl Glance {
    /// Opens it for reading, also while a server writes. It must be there already.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        let vault = known_vault(config.master_key.expose(), &config.data_dir)?;
        match Reader::open(config.database_url.expose(), vault.clone()).await {
            Ok(reader) => Ok(Self { reader, vault }),
            Err(error @ StoreError::Open { .. }) => Err(Unreadable(format!("{error}\n{NO_DATABASE}")).into()),
            Err(error) => Err(Unreadable(error.to_string()).into()),
        }
    }

    /// What can be asked of it, for recording.
    pub fn into_reader(self) -> Reader {
        self.reader
    }

    /// Every tenant, and whether it has the demo's secrets.
    pub async fn tenants(&self) -> anyhow::Result<Vec<(TenantId, bool)>> {
        Ok(self.reader.tenants().await?)
    }

    /// All that is stored of one tenant.
    pub async fn stored(&self, tenant: &TenantId) -> anyhow::Result<Option<Ruleset>> {
        Ok(self.reader.stored(tenant).await?)
    }

    /// Enough of a tenant to show it: no more than a thousand of each kind.
    pub async fn glimpse(&self, tenant: &TenantId) -> anyhow::Result<Option<Ruleset>> {
        Ok(self.reader.glimpse(tenant).await?)
    }

    /// Whether secrets can be read: without the master key they look empty.
    pub fn knows_secrets(&self) -> bool {
        self.vault.is_some()
    }

    /// Whether this file was exactly the same when it was last applied; `None` where that cannot be told.
    pub async fn has_applied(&self, sheet: &Sheet) -> anyhow::Result<Option<bool>> {
        let Some(vault) = &self.vault else { return Ok(None) };
        Ok(Some(self.reader.applied(&sheet.name).await? == Some(fingerprint(vault, sheet))))
    }

    /// What is wrong with the file; nothing where it is sound.
    pub async fn faults(&self) -> anyhow::Result<Vec<String>> {
        Ok(self.reader.faults().await?)
    }

    /// Which accounts were heard of lately.
    pub async fn heard(&self) -> anyhow::Result<Vec<Heard>> {
        Ok(self.reader.heard().await?)
    }

    /// A switchboard that knows all of one number up to an instant, and writes nothing.
    pub async fn switchboard(
        self,
        number: E164,
        until: Moment,
        settings: Settings,
    ) -> anyhow::Result<Arc<Switchboard>> {
        let vault = self.vault.map_or_else(passing_vault, Ok)?;
        Ok(Switchboard::explaining(&self.reader, Scope::Number { number, until }, settings, vault).await?)
    }
}

/// What seals the data of this installation, where there is any. Nothing is made.
fn known_vault(configured: &str, data_dir: &Path) -> anyhow::Result<Option<Vault>> {
    let key = match configured {
        "" => MasterKey::kept(data_dir)?,
        text => Some(MasterKey::read(text)?),
    };
    Ok(key.as_ref().map(Vault::new))
}

/// A vault for a command that keeps nothing.
pub fn passing_vault() -> anyhow::Result<Vault> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|why| anyhow::anyhow!("the system has no random numbers: {why}"))?;
    Ok(Vault::new(&MasterKey::new(bytes)))
}
