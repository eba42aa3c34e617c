//! Delivering what is in the outbox: promptly, many at a time, none of them twice at once, each session's in order.
//!
//! Deliberately not here: what is in it (`routing::news`), and leases (`store::outbox`). A process that dies leaves its
//! leases behind; they end by themselves, and others try again.

pub mod schedule;
mod send;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::domain::{Clock, Moment, TenantId};
use crate::store::outbox::{Parcel, Queued, Room};
use crate::store::{Store, StoreError};
use crate::switchboard::Switchboard;

use super::guard::Guard;
use super::halt::Halt;
use super::seats::{Seats, full};
use schedule::Tried;
use send::{Secrets, Sender};

/// Deliveries on their way at one time: in all, to one machine, of one tenant, and of one tenant to one machine. Whoever is
/// slow does not hold up the others, nor a tenant's own other receivers.
const AT_ONCE: usize = 32;
const AT_ONE_PLACE: usize = 12;
const OF_ONE_TENANT: usize = 8;
const OF_ONE_TENANT_THERE: usize = 6;

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

/// What is on its way: whose, and to which place.
type Underway = Seats<(TenantId, String)>;

/// What there still is room for, behind the tenant that had its turn last.
fn room(underway: &Underway, after: &str) -> Room {
    let held = || underway.held();
    Room {
        most: AT_ONCE.saturating_sub(underway.taken()),
        after: after.to_owned(),
        tenants: full(held().map(|(tenant, _)| tenant.to_string()), OF_ONE_TENANT),
        places: full(held().map(|(_, place)| place.clone()), AT_ONE_PLACE),
        pairs: full(held().map(|(tenant, place)| (tenant.to_string(), place.clone())), OF_ONE_TENANT_THERE),
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

    /// Delivers until it is told to halt; then finishes what is on its way, and lets go of what cannot be finished.
    pub async fn run(self: Arc<Self>, halt: Halt) {
        let (mut underway, mut after) = (Underway::default(), String::new());
        loop {
            let pause = match self.start(&mut underway, &mut after).await {
                Ok(()) => self.until_due().await,
                Err(why) => {
                    tracing::warn!(%why, "the outbox could not be read; nothing is delivered until it can");
                    FAILED
                }
            };
            let full = underway.taken() >= AT_ONCE;
            tokio::select! {
                () = halt.said() => break,
                true = underway.one_ends() => {}
                () = self.store.outbox_news(), if !full => {}
                () = sleep(pause), if !full => {}
            }
        }
        let left = underway.finish(halt.grace()).await;
        if left > 0 {
            tracing::warn!(left, "deliveries were broken off; they are sent when the server is there again");
        }
        if let Err(why) = self.store.let_go_of_parcels(&self.owner).await {
            tracing::warn!(%why, "deliveries could not be let go of; their leases end by themselves");
        }
    }

    /// Delivers what is due now and what that lets go, and waits for all of it.
    ///
    /// # Errors
    /// A database that fails.
    pub async fn round(self: &Arc<Self>) -> Result<(), StoreError> {
        let (mut underway, mut after) = (Underway::default(), String::new());
        loop {
            self.start(&mut underway, &mut after).await?;
            if !underway.one_ends().await {
                return Ok(());
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

    /// Starts what is due, as much as there is room for, each tenant in its turn.
    async fn start(self: &Arc<Self>, underway: &mut Underway, after: &mut String) -> Result<(), StoreError> {
        loop {
            let (now, room) = (self.clock.now(), room(underway, after));
            if room.most == 0 || self.store.read().next_delivery().await?.is_none_or(|due| due > now) {
                return Ok(());
            }
            let parcels = self.store.take_due(&self.owner, now, LEASE, &room).await?;
            let Some(last) = parcels.last() else { return Ok(()) };
            *after = last.tenant.to_string();
            for parcel in parcels {
                let courier = Arc::clone(self);
                let whose = (parcel.tenant.clone(), parcel.place.clone());
                underway.take(whose, async move { courier.deliver(&parcel).await });
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
