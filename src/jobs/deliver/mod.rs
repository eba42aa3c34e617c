//! Delivering what is in the outbox: promptly, many at a time, none of them twice at once, each session's in order.
//!
//! Deliberately not here: what is in it (`routing::news`), and leases (`store::outbox`). A process that dies leaves its
//! leases behind; they end by themselves, and others try again.

pub mod schedule;
mod send;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::domain::{Clock, Moment};
use crate::store::outbox::{Parcel, Queued};
use crate::store::{Store, StoreError};
use crate::switchboard::Switchboard;

use super::guard::Guard;
use schedule::Tried;
use send::{Secrets, Sender};

/// Deliveries on their way at one time, in all and to one address: a slow one does not hold up the others.
const AT_ONCE: usize = 32;
const AT_ONE_PLACE: usize = 4;

/// How long a delivery is nobody else's: longer than a try may last, and than what became of it takes to be written.
const LEASE: Duration = Duration::from_secs(60);

/// How long the outbox is left alone where nothing is known to be due: other processes write to it too.
const LOOK: Duration = Duration::from_secs(2);

/// How often what expired is looked for, and the backlog counted.
const SWEEP: Duration = Duration::from_secs(10);

/// The pause after the database failed.
const FAILED: Duration = Duration::from_secs(1);

/// How often what became of a try is written down again where the database fails: after that the lease ends, and it is
/// tried again.
const WRITES: u32 = 20;

/// Delivers.
pub struct Courier {
    store: Store,
    board: Arc<Switchboard>,
    clock: Clock,
    sender: Sender,
    owner: String,
    chance: fn() -> f64,
}

/// What is on its way, by where it goes.
#[derive(Default)]
struct Underway {
    tasks: JoinSet<String>,
    places: HashMap<String, usize>,
}

impl Underway {
    fn busy(&self) -> Vec<String> {
        let busy = self.places.iter().filter(|(_, count)| **count >= AT_ONE_PLACE);
        busy.map(|(place, _)| place.clone()).collect()
    }

    fn done(&mut self, place: &str) {
        if let Some(count) = self.places.get_mut(place) {
            *count -= 1;
            if *count == 0 {
                self.places.remove(place);
            }
        }
    }
}

impl Courier {
    /// One that goes where this guard lets it. The process must have installed a TLS provider before.
    pub fn new(store: Store, board: Arc<Switchboard>, clock: Clock, guard: Guard) -> Self {
        let owner = random_digits(16);
        Self { store, board, clock, sender: Sender::new(guard), owner, chance }
    }

    /// The same without chance, for tests.
    pub fn punctual(self) -> Self {
        Self { chance: || 0.0, ..self }
    }

    /// Delivers for ever.
    pub async fn run(self: Arc<Self>) {
        let mut underway = Underway::default();
        loop {
            let pause = match self.start(&mut underway).await {
                Ok(()) => self.until_due().await,
                Err(why) => {
                    tracing::warn!(%why, "the outbox could not be read; nothing is delivered until it can");
                    FAILED
                }
            };
            let full = underway.tasks.len() >= AT_ONCE;
            tokio::select! {
                Some(done) = underway.tasks.join_next() => underway.note(done),
                () = self.store.outbox_news(), if !full => {}
                () = sleep(pause), if !full => {}
            }
        }
    }

    /// Delivers what is due now and what that lets go, and waits for all of it.
    ///
    /// # Errors
    /// A database that fails.
    pub async fn round(self: &Arc<Self>) -> Result<(), StoreError> {
        let mut underway = Underway::default();
        loop {
            self.start(&mut underway).await?;
            match underway.tasks.join_next().await {
                Some(done) => underway.note(done),
                None => return Ok(()),
            }
        }
    }

    /// Tells of the sessions that expired, and counts what is left to do; for ever.
    pub async fn sweep(self: Arc<Self>) {
        let mut due = tokio::time::interval(SWEEP);
        due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            due.tick().await;
            match self.store.tell_expired(self.clock.now()).await {
                Ok(0) => {}
                Ok(count) => tracing::debug!(count, "sessions have expired"),
                Err(why) => tracing::warn!(%why, "sessions that expired could not be looked for; it is tried again"),
            }
            match self.store.read().deliveries_left().await {
                Ok((left, dead)) => self.board.deliveries_left(left, dead),
                Err(why) => tracing::warn!(%why, "deliveries could not be counted"),
            }
        }
    }

    /// Starts what is due, as much as there is room for.
    async fn start(self: &Arc<Self>, underway: &mut Underway) -> Result<(), StoreError> {
        loop {
            let room = AT_ONCE.saturating_sub(underway.tasks.len());
            if room == 0 {
                return Ok(());
            }
            let now = self.clock.now();
            if self.store.read().next_delivery().await?.is_none_or(|due| due > now) {
                return Ok(());
            }
            // A batch is no more than one place's share, so that no place has more than twice that.
            let most = room.min(AT_ONE_PLACE);
            let parcels = self.store.take_due(&self.owner, now, LEASE, most, &underway.busy()).await?;
            if parcels.is_empty() {
                return Ok(());
            }
            for parcel in parcels {
                *underway.places.entry(parcel.endpoint.clone()).or_default() += 1;
                let courier = Arc::clone(self);
                underway.tasks.spawn(async move {
                    courier.deliver(&parcel).await;
                    parcel.endpoint
                });
            }
        }
    }

    async fn deliver(&self, parcel: &Parcel) {
        let tried = if parcel.gone { Ok(Tried::Gone) } else { self.send(parcel).await };
        let outcome = match tried {
            Ok(tried) => schedule::follows(tried, parcel.attempts, self.clock.now(), (self.chance)()),
            Err(why) => {
                tracing::warn!(%why, "a delivery's secrets could not be read; its lease ends, and it is tried again");
                return;
            }
        };
        self.board.delivery(match outcome.then {
            Queued::Delivered { .. } => "delivered",
            Queued::Again { .. } => "failed",
            Queued::Dead { .. } => "dead",
        });
        if let Queued::Dead { .. } = outcome.then {
            let why = outcome.error.as_deref().unwrap_or_default();
            tracing::warn!(tenant = %parcel.tenant, delivery = parcel.id, why, "a delivery was given up");
        }
        for _ in 0..WRITES {
            match self.store.settle_parcel(&self.owner, parcel, &outcome).await {
                Ok(_) => return,
                Err(why) => tracing::warn!(%why, "what became of a delivery could not be written down yet"),
            }
            sleep(FAILED).await;
        }
    }

    async fn send(&self, parcel: &Parcel) -> Result<Tried, StoreError> {
        let now = self.clock.now();
        let own = self.store.callback_secrets(&parcel.tenant, now).await?;
        let own = own.into_iter().map(|secret| secret.secret).collect();
        let secrets = Secrets { tokens: self.board.callback_tokens(&parcel.tenant), own };
        Ok(self.sender.send(parcel, &secrets, now, &random_digits(20)).await)
    }

    /// How long nothing is known to be due.
    async fn until_due(&self) -> Duration {
        let now = self.clock.now();
        match self.store.read().next_delivery().await {
            // What is due and was not taken goes to a place that is busy, and is taken when that is not.
            Ok(Some(at)) if at > now => at.since(now).min(LOOK),
            Ok(_) | Err(_) => LOOK,
        }
    }
}

impl Underway {
    fn note(&mut self, done: Result<String, tokio::task::JoinError>) {
        match done {
            Ok(place) => self.done(&place),
            Err(why) => {
                tracing::error!(%why, "a delivery broke; its lease ends, and it is tried again");
                self.places.clear();
            }
        }
    }
}

/// From -1 to 1.
fn chance() -> f64 {
    let mut bytes = [0; 4];
    match getrandom::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX) * 2.0 - 1.0,
        Err(_) => 0.0,
    }
}

/// So many decimal digits: nobody has to guess them, they only differ.
pub(super) fn random_digits(count: usize) -> String {
    let mut bytes = vec![0; count];
    if getrandom::fill(&mut bytes).is_err() {
        tracing::error!("the system gives no random bytes");
    }
    bytes.iter().map(|byte| char::from(b'0' + byte % 10)).collect()
}

/// The time until which a delivery that was just taken is nobody else's.
pub fn lease_ends(taken: Moment) -> Moment {
    taken.plus(LEASE)
}
