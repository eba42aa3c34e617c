//! Opening a store, and the store itself: a reader, a journal, and the right to change what is declared.
//!
//! Deliberately not here: all that can be done with it (`store::apply`, `store::reader`, `store::journal`).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tempfile::TempDir;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::checkpoint;
use super::database::Database;
use super::error::StoreError;
use super::health::Shared;
use super::journal::Journal;
use super::keys;
use super::place::Place;
use super::reader::Reader;
use super::spill;
use super::spiller::Spiller;
use super::vault::Vault;
use super::writer::{Pace, Writer};
use crate::domain::Clock;

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Where files beside the database go: the spill is in `spill/`.
    pub data_dir: PathBuf,
    /// What time it is: for the date of a degradation.
    pub clock: Clock,
    /// Seals secrets and bodies.
    pub vault: Vault,
    /// How long a caller waits for a commit before the entry is spilled.
    pub commit_deadline: Duration,
    /// How many entries may wait in memory; beyond it they wait in the spill file only.
    pub queue: usize,
}

impl StoreOptions {
    /// Options with the built-in limits: 250 ms, 65 536 entries.
    pub fn new(data_dir: impl Into<PathBuf>, clock: Clock, vault: Vault) -> Self {
        let data_dir = data_dir.into();
        Self { data_dir, clock, vault, commit_deadline: Duration::from_millis(250), queue: 65_536 }
    }
}

/// A database that this process writes. Cheap to clone; the last one dropped ends its tasks.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    database: Arc<Database>,
    reader: Reader,
    journal: Journal,
    vault: Vault,
    spill_dir: PathBuf,
    media: Media,
    wake: Arc<Notify>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    stop: DropGuard,
}

/// Where recordings are kept.
enum Media {
    /// Beside the database.
    Kept(PathBuf),
    /// As long as this process lives, like the database that names them.
    Passing(TempDir),
}

impl Media {
    fn of(place: &Place, data_dir: &Path) -> Result<Self, StoreError> {
        match place {
            Place::File(_) => Ok(Self::Kept(data_dir.join("media"))),
            Place::Memory(_) => {
                let made = tempfile::Builder::new().prefix("hookswitch-media-").tempdir();
                made.map(Self::Passing).map_err(|why| StoreError::File { path: std::env::temp_dir(), why })
            }
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Kept(path) => path,
            Self::Passing(dir) => dir.path(),
        }
    }
}

impl Store {
    /// Opens the database that the URL names: `sqlite://PATH`, made and migrated where need be, or `sqlite::memory:`.
    /// What an earlier process had spilled is written before this returns.
    pub async fn open(url: &str, options: StoreOptions) -> Result<Self, StoreError> {
        let StoreOptions { data_dir, clock, vault, commit_deadline, queue } = options;
        let (place, spill_dir) = (Place::read(url)?, data_dir.join("spill"));
        let media = Media::of(&place, &data_dir)?;
        let wake = Arc::new(Notify::new());
        if place.mark().is_err() && spill::files(&spill_dir).is_ok_and(|files| !files.is_empty()) {
            return Err(StoreError::Missing { place: place.to_string(), spill: spill_dir });
        }
        let database = Arc::new(Database::open(place).await?);
        keys::learn(database.write().await?.conn()?, &vault).await?;

        let shared = Shared::new(clock);
        let spiller = Spiller::start(spill_dir.clone(), Arc::clone(&shared))
            .map_err(|why| StoreError::File { path: spill_dir.clone(), why })?;
        let (entries, entered) = mpsc::channel(queue.max(1));
        let stop = CancellationToken::new();
        let mut writer = Writer {
            database: Arc::clone(&database),
            queue: entered,
            spiller: spiller.clone(),
            spill_dir: spill_dir.clone(),
            shared: Arc::clone(&shared),
            stop: stop.clone(),
            pace: Pace::new(database.place().mark()?),
            wake: Arc::clone(&wake),
        };
        if let Err(error) = writer.recover().await {
            shared.degrade(error.to_string());
        }
        let tasks =
            vec![tokio::spawn(writer.run()), tokio::spawn(checkpoint::run(Arc::clone(&database), stop.clone()))];
        Ok(Self(Arc::new(Inner {
            reader: Reader::of(Arc::clone(&database), vault.clone()),
            database,
            journal: Journal { queue: entries, spiller, shared, deadline: commit_deadline },
            vault,
            spill_dir,
            media,
            wake,
            tasks: Mutex::new(tasks),
            stop: stop.drop_guard(),
        })))
    }

    /// What can be asked of it.
    pub fn read(&self) -> &Reader {
        &self.0.reader
    }

    /// Where webhooks are written down.
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// What seals secrets and bodies.
    pub fn vault(&self) -> &Vault {
        &self.0.vault
    }

    /// Told when something was written that is to be asked of a provider.
    pub fn wake(&self) -> &Arc<Notify> {
        &self.0.wake
    }

    pub(super) fn media_dir(&self) -> &Path {
        self.0.media.path()
    }

    pub(super) fn spill_dir(&self) -> &Path {
        &self.0.spill_dir
    }

    pub(super) fn database(&self) -> &Database {
        &self.0.database
    }

    /// Ends it: what was handed in is written or spilled, the tasks stop, the connections are closed. Tells whether
    /// all of that was done before the deadline.
    pub async fn close(&self, deadline: Duration) -> bool {
        let done = tokio::time::timeout(deadline, async {
            let flushed = self.journal().flush(deadline).await;
            self.0.stop.token().cancel();
            let tasks = std::mem::take(&mut *self.0.tasks.lock());
            for task in tasks {
                // A task that panicked has already said so, and cannot be waited for any better.
                let _ = task.await;
            }
            self.0.database.close().await;
            flushed
        });
        done.await.unwrap_or(false)
    }
}
