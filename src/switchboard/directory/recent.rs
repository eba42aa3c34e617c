//! What happened lately: contacts, automatic texts, and the calls that count for caps.
//!
//! Deliberately not here: caps themselves (`routing::limits`).

use dashmap::DashMap;
use foldhash::fast::RandomState;
use smallvec::SmallVec;
use std::time::Duration;

use crate::domain::{Contact, E164, Moment, SessionId, TenantId};
use crate::routing::Traffic;

type Map<K, V> = DashMap<K, V, RandomState>;
type Times = SmallVec<[Moment; 4]>;

/// The longest reply window, and the span of the daily cap.
const DAY: Duration = Duration::from_secs(86_400);
const MINUTE: Duration = Duration::from_secs(60);

/// Contacts kept of one pair: the newest answer every question that routing asks.
const CONTACTS: usize = 64;

/// What happened lately.
#[derive(Default)]
pub(super) struct Recent {
    contacts: Map<(E164, E164), SmallVec<[Contact; 2]>>,
    automatics: Map<(E164, E164), Automatics>,
    callers: Map<(TenantId, E164), Times>,
    pairs: Map<(E164, E164), Times>,
    sessions: Map<(TenantId, SessionId), Times>,
}

#[derive(Default)]
struct Automatics {
    last: Option<Moment>,
    closed: Option<Moment>,
    /// Of whose opt-outs this phone was told.
    opted_out: SmallVec<[E164; 1]>,
}

impl Recent {
    /// Remembers a contact under both phones, oldest first.
    pub(super) fn contact(&self, contact: Contact, keep_all: bool) {
        let number = contact.number.e164();
        for phone in [contact.from, contact.to] {
            let mut contacts = self.contacts.entry((number, phone)).or_default();
            if contacts.contains(&contact) {
                continue;
            }
            let at = contacts.partition_point(|known| known.at <= contact.at);
            contacts.insert(at, contact);
            if contacts.len() > CONTACTS && !keep_all {
                contacts.remove(0);
            }
        }
    }

    /// Contacts in which this phone is a party, newest first.
    pub(super) fn contacts(&self, number: E164, phone: E164, until: Moment) -> SmallVec<[Contact; 4]> {
        let known = self.contacts.get(&(number, phone));
        known.iter().flat_map(|contacts| contacts.iter().rev()).filter(|c| c.at <= until).copied().collect()
    }

    /// Remembers an automatic text, by the word that `settle` has for it. Those of a choice are part of a conversation
    /// and hold back no other.
    pub(super) fn automatic(&self, number: E164, phone: E164, what: &str, at: Moment) {
        let mut sent = self.automatics.entry((number, phone)).or_default();
        match what {
            "closed" => sent.closed = sent.closed.max(Some(at)),
            "choice" => return,
            _ => {
                let of = what.strip_prefix("opted_out ").and_then(E164::read);
                let new = of.filter(|of| !sent.opted_out.contains(of));
                sent.opted_out.extend(new);
            }
        }
        sent.last = sent.last.max(Some(at));
    }

    pub(super) fn last_automatic(&self, number: E164, phone: E164) -> Option<Moment> {
        self.automatics.get(&(number, phone))?.last
    }

    pub(super) fn last_closed(&self, number: E164, phone: E164) -> Option<Moment> {
        self.automatics.get(&(number, phone))?.closed
    }

    pub(super) fn told_opted_out(&self, number: E164, phone: E164, of: E164) -> bool {
        self.automatics.get(&(number, phone)).is_some_and(|sent| sent.opted_out.contains(&of))
    }

    /// Counts an accepted call.
    pub(super) fn accepted(
        &self,
        tenant: &TenantId,
        number: E164,
        caller: E164,
        session: Option<&SessionId>,
        at: Moment,
    ) {
        push(&mut self.callers.entry((tenant.clone(), caller)).or_default(), at, MINUTE);
        push(&mut self.pairs.entry((number, caller)).or_default(), at, MINUTE);
        if let Some(session) = session {
            push(&mut self.sessions.entry((tenant.clone(), session.clone())).or_default(), at, DAY);
        }
    }

    /// Counts a call for its session alone.
    pub(super) fn joined(&self, tenant: &TenantId, session: &SessionId, at: Moment) {
        push(&mut self.sessions.entry((tenant.clone(), session.clone())).or_default(), at, DAY);
    }

    /// How much has been going on; the tenant's calls in progress are not known here.
    pub(super) fn traffic(
        &self,
        tenant: &TenantId,
        number: E164,
        caller: Option<E164>,
        session: Option<&SessionId>,
        now: Moment,
    ) -> Traffic {
        let count = |times: Option<&Times>, span: Duration| {
            let since = now.minus(span);
            let lately = times.map_or(0, |times| times.iter().filter(|at| **at > since && **at <= now).count());
            u32::try_from(lately).unwrap_or(u32::MAX)
        };
        let of_session = session.and_then(|session| self.sessions.get(&(tenant.clone(), session.clone())));
        let of_caller = caller.and_then(|caller| self.callers.get(&(tenant.clone(), caller)));
        let of_pair = caller.and_then(|caller| self.pairs.get(&(number, caller)));
        Traffic {
            caller_last_minute: count(of_caller.as_deref(), MINUTE),
            pair_last_minute: count(of_pair.as_deref(), MINUTE),
            session_last_day: count(of_session.as_deref(), DAY),
            tenant_now: 0,
        }
    }

    /// Forgets a phone on numbers of its tenant.
    pub(super) fn forget_phone(&self, tenant: &TenantId, phone: E164, own: impl Fn(&E164) -> bool) {
        self.contacts.retain(|(number, of), contacts| {
            if own(number) {
                contacts.retain(|contact| contact.from != phone && contact.to != phone);
            }
            !(contacts.is_empty() || *of == phone && own(number))
        });
        self.automatics.retain(|(number, of), sent| {
            if own(number) {
                sent.opted_out.retain(|of| *of != phone);
            }
            *of != phone || !own(number)
        });
        self.callers.retain(|(of, caller), _| of != tenant || *caller != phone);
        self.pairs.retain(|(number, caller), _| *caller != phone || !own(number));
    }

    /// Forgets what is more than a day old. Of somebody who is alone in a session the last contact stays: they call it
    /// back, however long ago it was.
    pub(super) fn forget_before(&self, now: Moment, is_lone: impl Fn(E164, E164) -> bool) {
        let day = now.minus(DAY);
        let minute = now.minus(MINUTE);
        self.contacts.retain(|(number, phone), contacts| {
            let last = contacts.last().copied();
            contacts.retain(|contact| contact.at > day);
            if contacts.is_empty() && is_lone(*number, *phone) {
                contacts.extend(last);
            }
            !contacts.is_empty()
        });
        let fresh = |times: &mut Times, since: Moment| {
            times.retain(|at| *at > since);
            !times.is_empty()
        };
        self.callers.retain(|_, times| fresh(times, minute));
        self.pairs.retain(|_, times| fresh(times, minute));
        self.sessions.retain(|_, times| fresh(times, day));
    }
}

/// Adds a time and drops those that no longer count.
fn push(times: &mut Times, at: Moment, span: Duration) {
    times.retain(|known| *known > at.minus(span));
    times.push(at);
}
