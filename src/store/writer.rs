//! The task that writes the journal: whatever has queued up goes into one transaction, and when the database fails,
//! into the spill file until it is back.
//!
//! Deliberately not here: the rows (`store::commit`) and writing spilled entries back (`store::recovery`).

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::commit;
use super::database::Database;
use super::entry::{Entry, Write};
use super::error::StoreError;
use super::health::Shared;
use super::item::{Item, Whereabouts};
use super::place::Mark;
use super::spill::{Line, Spill};
use super::spiller::Spiller;

/// Entries of one transaction.
pub(super) const BATCH: usize = 256;
/// How often an idle writer looks after its file.
const LOOK: Duration = Duration::from_millis(250);
/// The first pause after a failure; it doubles up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LAST_PAUSE: Duration = Duration::from_secs(1);
/// Where so many entries come in a window, a commit waits a moment for company: it halves the work of each.
const WINDOW: Duration = Duration::from_millis(100);
const BUSY: usize = 150;
const LINGER: Duration = Duration::from_millis(1);

pub(super) struct Writer {
    pub(super) database: Arc<Database>,
    pub(super) queue: mpsc::Receiver<Arc<Item>>,
    pub(super) spiller: Spiller,
    pub(super) spill_dir: PathBuf,
    pub(super) shared: Arc<Shared>,
    pub(super) stop: CancellationToken,
    pub(super) pace: Pace,
    pub(super) wake: Arc<Notify>,
}

/// When to try again, whether to linger, and which file was seen last.
pub(super) struct Pace {
    next_try: Instant,
    pause: Duration,
    window: (Instant, usize),
    busy: bool,
    pub(super) seen: Option<Mark>,
}

impl Pace {
    pub(super) fn new(seen: Option<Mark>) -> Self {
        let now = Instant::now();
        Self { next_try: now, pause: FIRST_PAUSE, window: (now, 0), busy: false, seen }
    }

    fn failed(&mut self) {
        self.next_try = Instant::now() + self.pause;
        self.pause = (self.pause * 2).min(LAST_PAUSE);
    }

    fn recovered(&mut self) {
        self.next_try = Instant::now();
        self.pause = FIRST_PAUSE;
    }

    fn count(&mut self, entries: usize) {
        let (since, count) = &mut self.window;
        *count += entries;
        if since.elapsed() >= WINDOW {
            self.busy = *count >= BUSY;
            self.window = (Instant::now(), 0);
        }
    }
}

impl Writer {
    /// Writes until it is stopped, or until nobody is left who could hand something in.
    pub(super) async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stop = self.stop.clone();
        loop {
            if self.shared.degraded() && Instant::now() >= self.pace.next_try {
                match self.recover().await {
                    Ok(()) => self.pace.recovered(),
                    Err(error) => self.fail(&error).await,
                }
            }
            let next_try = self.pace.next_try;
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                count = self.queue.recv_many(&mut batch, BATCH) => {
                    if count == 0 {
                        break;
                    }
                    self.take(&mut batch).await;
                }
                _ = look.tick() => self.look().await,
                () = sleep_until(next_try), if self.shared.degraded() => {}
            }
        }
        self.queue.close();
        while self.queue.recv_many(&mut batch, BATCH).await > 0 {
            self.take(&mut batch).await;
        }
    }

    /// Writes what came in; or has it spilled, where the database fails.
    async fn take(&mut self, batch: &mut Vec<Arc<Item>>) {
        if self.shared.degraded() {
            batch.drain(..).for_each(|item| self.spiller.keep(item));
            return;
        }
        if self.pace.busy && batch.len() < BATCH {
            sleep(LINGER).await;
            while batch.len() < BATCH
                && let Ok(item) = self.queue.try_recv()
            {
                batch.push(item);
            }
        }
        self.pace.count(batch.len());
        if let Err(error) = self.commit(batch).await {
            batch.drain(..).for_each(|item| self.spiller.keep(item));
            self.fail(&error).await;
        }
        batch.clear();
    }

    /// Has everything that waits spilled, in order, before the first newcomer is.
    async fn fail(&mut self, error: &StoreError) {
        while let Ok(item) = self.queue.try_recv() {
            self.spiller.keep(item);
        }
        self.shared.degrade(error.to_string());
        self.pace.failed();
        if matches!(error, StoreError::Gone(_)) && self.pace.seen.take().is_some() {
            self.database.make_whole().await;
        }
    }

    /// Looks whether the file is still at its place, and whether something was spilled while all was well.
    async fn look(&mut self) {
        if self.shared.degraded() {
            return;
        }
        match self.database.place().mark() {
            Err(error) => self.fail(&error).await,
            Ok(mark) if mark != self.pace.seen => {
                self.shared.degrade("another database file is at the place of the one that was opened".to_owned());
            }
            Ok(_) if self.shared.spilled.load(Ordering::SeqCst) + self.shared.held.load(Ordering::SeqCst) > 0 => {
                if let Err(error) = self.write_back().await {
                    self.fail(&error).await;
                }
            }
            Ok(_) => {}
        }
    }

    /// Commits entries, all together or in ever smaller parts, so that one that the database refuses keeps no other
    /// back. After an error the rest is where it was.
    pub(super) async fn commit(&self, items: &[Arc<Item>]) -> Result<(), StoreError> {
        let mut parts = vec![items];
        while let Some(part) = parts.pop() {
            let entries: Vec<&Entry> =
                part.iter().filter(|item| item.whereabouts() < Whereabouts::Rejected).map(|item| &item.entry).collect();
            match self.attempt(&entries).await {
                Ok(()) => part.iter().for_each(|item| item.is(Whereabouts::Committed)),
                Err(error) if !error.blames_the_entry() => return Err(error),
                Err(error) => match part {
                    [] => {}
                    [item] => self.reject(item, &error).await?,
                    _ => {
                        let (left, right) = part.split_at(part.len() / 2);
                        parts.extend([right, left]);
                    }
                },
            }
        }
        Ok(())
    }

    /// One transaction.
    async fn attempt(&self, entries: &[&Entry]) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        let mut writing = self.database.write().await?;
        let done = async {
            let mut pending = writing.begin().await?;
            commit::write(&mut pending, entries).await?;
            pending.commit().await
        };
        let done = done.await;
        match &done {
            Ok(()) => {
                let has = |wanted: fn(&Write) -> bool| entries.iter().flat_map(|entry| &entry.writes).any(wanted);
                if has(|write| matches!(write, Write::Outbox(_))) {
                    self.shared.outbox.notify_one();
                }
                if has(|write| matches!(write, Write::Job(_))) {
                    self.wake.notify_one();
                }
            }
            Err(error) if error.spoils_the_connection() => writing.give_up().await,
            Err(_) => {}
        }
        done
    }

    /// Puts an entry aside that the database refuses by itself.
    async fn reject(&self, item: &Arc<Item>, error: &StoreError) -> Result<(), StoreError> {
        self.put_aside(Line::Entry(Box::new(item.entry.clone()))).await?;
        tracing::error!(entry = format!("{:032x}", item.entry.id), %error, "the database refuses an entry; it was put aside");
        item.is(Whereabouts::Rejected);
        Ok(())
    }

    pub(super) async fn put_aside(&self, line: Line) -> Result<(), StoreError> {
        let dir = self.spill_dir.clone();
        let path = self.spill_dir.clone();
        let done = tokio::task::spawn_blocking(move || Spill::reject(&dir, &line)).await;
        done.unwrap_or_else(|error| Err(std::io::Error::other(error))).map_err(|why| StoreError::File { path, why })?;
        self.shared.rejected.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}
