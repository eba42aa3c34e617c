//! Calls in progress, and those that ended a short while ago: late requests about them still come.
//!
//! Deliberately not here: their history (the store has it).

use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;
use foldhash::fast::RandomState;

use crate::domain::{Attempt, Call, CallId, E164, LocationId, Moment, TenantId};

type Map<K, V> = DashMap<K, V, RandomState>;

/// How long an ended call is remembered: providers send recordings and statuses well after the end.
const REMEMBERED: Duration = Duration::from_secs(86_400);

/// How long after the end of a call its caller has heard whatever was still to be said; and after a conversation, behind
/// which nothing is said.
const SAID: Duration = Duration::from_secs(60);
const TALKED: Duration = Duration::from_secs(10);

/// Whether a phone called, or was rung.
fn names(call: &Call, phone: E164) -> bool {
    call.caller.phone() == Some(phone)
        || call.placed.as_deref().is_some_and(|placed| placed.phone == phone)
        || call.attempts.iter().any(|attempt| attempt.phones.contains(&phone))
}

/// The calls.
#[derive(Default)]
pub struct Live {
    calls: Map<CallId, Arc<Call>>,
    counts: Map<TenantId, u32>,
    queues: Map<(TenantId, LocationId), Vec<(Moment, CallId)>>,
}

impl Live {
    /// Puts a call in the place of what was known of it.
    pub fn put(&self, call: Call) {
        let before = self.calls.get(&call.id).map(|before| Arc::clone(&before));
        let ran = before.as_ref().is_some_and(|before| before.end.is_none());
        let runs = call.end.is_none();
        if runs && !ran {
            *self.counts.entry(call.tenant.clone()).or_default() += 1;
        } else if ran && !runs {
            self.counts.entry(call.tenant.clone()).and_modify(|count| *count = count.saturating_sub(1));
        }
        self.queue(&call, before.as_deref());
        self.calls.insert(call.id, Arc::new(call));
    }

    fn queue(&self, call: &Call, before: Option<&Call>) {
        let Some(location) = &call.location else { return };
        let waited = before.is_some_and(|before| before.queue.is_some());
        let waits = call.queue.as_ref().filter(|_| call.end.is_none());
        if waits.is_none() && !waited {
            return;
        }
        let mut queue = self.queues.entry((call.tenant.clone(), location.clone())).or_default();
        queue.retain(|(_, id)| *id != call.id);
        if let Some(stay) = waits {
            queue.push((stay.since, call.id));
            queue.sort_unstable();
        }
    }

    /// A call, while it is remembered.
    pub fn call(&self, id: CallId) -> Option<Arc<Call>> {
        self.calls.get(&id).map(|call| Arc::clone(&call))
    }

    /// How many calls of a tenant are in progress.
    pub fn in_progress(&self, tenant: &TenantId) -> u32 {
        self.counts.get(tenant).map_or(0, |count| *count)
    }

    /// How many callers wait in a location's queue since before this call.
    pub fn waiting_before(&self, tenant: &TenantId, location: &LocationId, call: CallId) -> u32 {
        let queue = self.queues.get(&(tenant.clone(), location.clone()));
        let before = queue.as_deref().and_then(|queue| queue.iter().position(|(_, id)| *id == call));
        before.and_then(|before| u32::try_from(before).ok()).unwrap_or(0)
    }

    /// Whether a phone of a tenant is in a call.
    pub fn in_call(&self, tenant: &TenantId, phone: E164) -> bool {
        self.calls.iter().any(|call| call.end.is_none() && call.tenant == *tenant && names(&call, phone))
    }

    /// Whether another call of ours between the same two, through the same number, is in progress.
    pub fn is_calling(&self, planned: &Call) -> bool {
        let to = |call: &Call| call.placed.as_deref().map(|placed| (call.number, call.caller.phone(), placed.phone));
        let wanted = to(planned);
        self.calls
            .iter()
            .any(|call| call.end.is_none() && call.id != planned.id && wanted.is_some() && to(&call) == wanted)
    }

    /// Forgets ended calls of a phone.
    pub fn forget_phone(&self, tenant: &TenantId, phone: E164) {
        self.calls.retain(|_, call| call.end.is_none() || call.tenant != *tenant || !names(call, phone));
    }

    /// Forgets calls that ended long ago.
    pub fn forget_before(&self, now: Moment) {
        let since = now.minus(REMEMBERED);
        self.calls.retain(|_, call| call.end.is_none_or(|(at, _)| at > since));
    }

    /// Calls of sessions that are over since a while, without news that the caller's own leg is.
    pub fn unheard(&self, now: Moment) -> Vec<Arc<Call>> {
        let overdue = |call: &Call| {
            let wait = if call.connected() { TALKED } else { SAID };
            let over = call.end.is_some_and(|(at, _)| at <= now.minus(wait));
            call.session.is_some() && call.gone.is_none() && over
        };
        self.calls.iter().filter(|call| overdue(call)).map(|call| Arc::clone(&call)).collect()
    }

    /// Calls in progress that nothing has been heard of for longer than they can last.
    pub fn silent(&self, now: Moment) -> Vec<Arc<Call>> {
        let overdue = |call: &Call| {
            let rings = call.placed.as_deref().filter(|_| !call.answered).map(|placed| u32::from(placed.ring_timeout));
            // Nobody talks while it rings.
            let lasts = |attempt: &Attempt| u32::from(attempt.ring_timeout) + attempt.time_limit;
            let longest = call.attempts.last().map(lasts).or(rings).unwrap_or(3600) + 300;
            let began = call.attempts.last().map_or(call.opened_at, |attempt| attempt.started_at);
            call.end.is_none() && now.since(began) > Duration::from_secs(u64::from(longest))
        };
        self.calls.iter().filter(|call| overdue(call)).map(|call| Arc::clone(&call)).collect()
    }
}
