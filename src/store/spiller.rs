//! The thread that writes the spill file: files are slow, and nobody who answers a call may wait for one.
//!
//! Deliberately not here: the file's form (`store::spill`).

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::{mpsc, oneshot};

use super::health::Shared;
use super::item::{Item, Whereabouts};
use super::spill::Spill;

/// Entries that are kept in memory where no disk takes them.
const HELD: usize = 65_536;
/// Entries that are written at one time.
const AT_ONCE: usize = 256;

/// Asks the thread.
#[derive(Clone)]
pub(super) struct Spiller(mpsc::UnboundedSender<Ask>);

enum Ask {
    Keep(Arc<Item>),
    Take(oneshot::Sender<Taken>),
}

/// Everything that was spilled: the files first, then what is in memory only.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) files: Vec<PathBuf>,
    pub(super) held: VecDeque<Arc<Item>>,
}

impl Spiller {
    /// Starts the thread; it ends when the last one who could ask has gone.
    pub(super) fn start(dir: PathBuf, shared: Arc<Shared>) -> std::io::Result<Self> {
        let (asks, asked) = mpsc::unbounded_channel();
        let keeper = Keeper { spill: Spill::new(dir), held: VecDeque::new(), shared };
        std::thread::Builder::new().name("spill".to_owned()).spawn(move || keeper.run(asked))?;
        Ok(Self(asks))
    }

    /// Has an entry kept, in the order of asking. Its whereabouts tell when it is.
    pub(super) fn keep(&self, item: Arc<Item>) {
        if let Err(mpsc::error::SendError(Ask::Keep(item))) = self.0.send(Ask::Keep(item)) {
            item.is(Whereabouts::Lost);
        }
    }

    /// Takes what was spilled so far, to write it to the database. Files stay until whoever wrote them removes them.
    pub(super) async fn take(&self) -> Taken {
        let (reply, taken) = oneshot::channel();
        if self.0.send(Ask::Take(reply)).is_err() {
            return Taken::default();
        }
        taken.await.unwrap_or_default()
    }
}

struct Keeper {
    spill: Spill,
    held: VecDeque<Arc<Item>>,
    shared: Arc<Shared>,
}

impl Keeper {
    fn run(mut self, mut asked: mpsc::UnboundedReceiver<Ask>) {
        let mut asks = Vec::with_capacity(AT_ONCE);
        while asked.blocking_recv_many(&mut asks, AT_ONCE) > 0 {
            let mut items = Vec::new();
            for ask in asks.drain(..) {
                match ask {
                    Ask::Keep(item) => items.push(item),
                    Ask::Take(reply) => {
                        self.keep(std::mem::take(&mut items));
                        // Whoever asked may have been stopped meanwhile; then the next one takes.
                        if let Err(taken) = reply.send(self.take()) {
                            self.held = taken.held;
                        }
                    }
                }
            }
            self.keep(items);
        }
        // Nobody is left to write what is only in memory; the disk gets a last chance.
        let held: Vec<_> = self.held.drain(..).collect();
        self.keep(held);
    }

    fn keep(&mut self, mut items: Vec<Arc<Item>>) {
        // Somebody may have asked twice, and the database may have been faster.
        items.retain(|item| matches!(item.whereabouts(), Whereabouts::Queued | Whereabouts::Held));
        if items.is_empty() {
            return;
        }
        match self.spill.append(items.iter().map(|item| &item.entry)) {
            Ok(()) => {
                self.shared.spilled.fetch_add(items.len() as u64, Ordering::SeqCst);
                items.iter().for_each(|item| item.is(Whereabouts::Spilled));
            }
            Err(error) => {
                self.shared.degrade(format!("neither the database nor the spill file can be written: {error}"));
                for item in items {
                    if self.held.len() < HELD {
                        item.is(Whereabouts::Held);
                        self.held.push_back(item);
                    } else {
                        self.shared.lost.fetch_add(1, Ordering::SeqCst);
                        item.is(Whereabouts::Lost);
                    }
                }
                self.shared.held.store(self.held.len() as u64, Ordering::SeqCst);
            }
        }
    }

    fn take(&mut self) -> Taken {
        let files = self.spill.files().unwrap_or_else(|error| {
            tracing::warn!(%error, "the spill directory cannot be read");
            Vec::new()
        });
        self.shared.held.store(0, Ordering::SeqCst);
        Taken { files, held: std::mem::take(&mut self.held) }
    }
}
