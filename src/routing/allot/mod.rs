//! Which number a new session gets: what must hold, what is liked best, and when the next one is free if none is now.
//!
//! Deliberately not here: buying numbers, and writing the session down. The store's keys have the last word; whoever
//! loses a race asks again with what is stored then. **Invariant:** a number that is handed out has no session with
//! either party that routes, and the same question gets the same answer.

mod fit;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use crate::domain::{
    Channels, E164, Location, MaskingMode, MaskingNumber, Moment, Number, NumberState, SessionId, SessionKind,
    TechnicianId, WorkOrderId,
};
use crate::rules::numbering;

use super::standing::Candidate;
use fit::Fit;
pub use fit::clashes;

/// What a number is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The location that asks: its mode, its cap.
    pub location: &'a Location,
    /// What the session joins; a plain pair shares its number with others whatever the mode.
    pub kind: &'a SessionKind,
    /// The technician side.
    pub first: Option<E164>,
    /// The customer side.
    pub second: Option<E164>,
    /// Whether strangers who call it are asked for a PIN.
    pub asks_pin: bool,
    /// What the number must carry.
    pub channels: Channels,
    /// Whether a number of the first party's country is preferred; of the second party's, where it has the only phone.
    pub geomatch: bool,
    /// The only number that will do.
    pub only: Option<MaskingNumber>,
    /// A session that gives its place up for this one: it is in nobody's way.
    pub instead_of: Option<&'a SessionId>,
}

/// How the number is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Use<'a> {
    /// With other sessions.
    Shared,
    /// By this technician.
    Own(&'a TechnicianId),
    /// By one job, or by one session that has none.
    Alone(Option<&'a WorkOrderId>),
}

impl<'a> Request<'a> {
    fn usage(&self) -> Use<'a> {
        let SessionKind::Job { technician, work_order, .. } = self.kind else { return Use::Shared };
        match (self.location.masking.masking_mode, technician) {
            (MaskingMode::SharedTenant | MaskingMode::SharedLocation, _) | (MaskingMode::PerTechnician, None) => {
                Use::Shared
            }
            (MaskingMode::PerTechnician, Some(technician)) => Use::Own(technician),
            (MaskingMode::PerJobEphemeral, _) => Use::Alone(work_order.as_ref()),
        }
    }

    fn parties(&self) -> impl Iterator<Item = E164> {
        self.first.into_iter().chain(self.second)
    }
}

/// The number that was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Allotment {
    /// The number as it is to be stored: assigned, and to whom.
    pub number: Number,
}

/// No number can be had now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exhausted {
    /// When the first one is free, if nothing happens meanwhile; `None` where that cannot be told.
    pub next_free_at: Option<Moment>,
    /// Whether numbers are free, and the cap keeps them from being taken.
    pub capped: bool,
}

/// Finds the number for a session. Preferred are, in this order: the one that this pair had last, one where whoever is to
/// be asked for a PIN is asked, one that neither party is on (and, for a session that takes whoever calls, where nobody
/// cools), one of the first party's country, the least loaded, the longest unused, the lowest.
///
/// # Errors
/// There is none now.
pub fn allot(request: &Request<'_>, candidates: &[Candidate<'_>], now: Moment) -> Result<Allotment, Exhausted> {
    let cap = Cap::of(request, candidates, now);
    let owner_has_one = match request.usage() {
        Use::Own(technician) => candidates.iter().any(|one| fit::belongs_to(one, technician)),
        Use::Shared | Use::Alone(_) => false,
    };
    let mut best: Option<(Liking, &Candidate<'_>)> = None;
    let (mut next_free_at, mut capped) = (None::<Moment>, false);
    for one in candidates {
        let free_at = match Fit::of(request, one, owner_has_one, now) {
            Fit::Never | Fit::Busy { until: None } => continue,
            Fit::Busy { until: Some(until) } => until,
            Fit::Free => now,
        };
        let Some(at) = cap.lets_in(one, free_at) else {
            capped = true;
            continue;
        };
        if at > now {
            capped |= free_at == now;
            next_free_at = Some(next_free_at.map_or(at, |next| next.min(at)));
            continue;
        }
        let liking = Liking::of(request, one, now);
        if best.as_ref().is_none_or(|(known, _)| liking < *known) {
            best = Some((liking, one));
        }
    }
    match best {
        Some((_, one)) => Ok(Allotment { number: assigned(one.number, request.usage()) }),
        None => Err(Exhausted { next_free_at, capped }),
    }
}

/// Orders candidates: the least is liked best.
type Rank = (Reverse<bool>, Reverse<Option<Moment>>, bool, bool, Reverse<bool>, usize, Option<Moment>, MaskingNumber);

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Liking(Rank);

impl Liking {
    fn of(request: &Request<'_>, one: &Candidate<'_>, now: Moment) -> Self {
        let others = || one.stays.iter().filter(|stay| Some(&stay.session.id) != request.instead_of);
        let had = others().filter(|stay| fit::is_same_pair(request, stay.session)).map(|stay| {
            let begun = stay.session.started_at.unwrap_or(Moment(i64::MIN));
            stay.routes_until.unwrap_or(begun).max(begun)
        });
        // Whoever cools there may call too: a session that takes anybody would not take them.
        let anybody = fit::takes_anybody(request);
        let on_it = others()
            .filter(|stay| stay.cools(now) || stay.holds(now))
            .any(|stay| anybody && !stay.holds(now) || request.parties().any(|phone| stay.session.has(phone)));
        let unasked = others().any(|stay| stay.holds(now) && fit::is_unasked(request, stay.session));
        let near = request.geomatch
            && request.parties().next().is_some_and(|phone| {
                let region = numbering::region(phone);
                region.is_some() && region == numbering::region(one.number.e164.e164())
            });
        let load = others().filter(|stay| stay.holds(now)).count();
        // A job has one number, as long as that may serve it.
        let own = matches!(request.usage(), Use::Alone(Some(job)) if one.work_order() == Some(job));
        Self((
            Reverse(own),
            Reverse(had.max()),
            unasked,
            on_it,
            Reverse(near),
            load,
            one.last_used(now),
            one.number.e164,
        ))
    }
}

/// How many numbers the tenant may hold, and when it holds fewer.
struct Cap {
    now: Moment,
    /// From when another number may be taken; `None` where that cannot be told.
    room_from: Option<Moment>,
}

impl Cap {
    fn of(request: &Request<'_>, candidates: &[Candidate<'_>], now: Moment) -> Self {
        let most = usize::from(request.location.masking.max_masking_numbers);
        let held: Vec<_> = candidates.iter().filter(|one| one.standing(now).is_held()).collect();
        let Some(over) = held.len().checked_sub(most) else { return Self { now, room_from: Some(now) } };
        let mut back: Vec<Moment> = held.iter().filter_map(|one| one.available_from(now)).collect();
        back.sort_unstable();
        Self { now, room_from: back.get(over).copied() }
    }

    /// The first instant from `free_at` at which the cap lets a candidate in: one that is held already is counted.
    fn lets_in(&self, one: &Candidate<'_>, free_at: Moment) -> Option<Moment> {
        if one.standing(free_at.max(self.now)).is_held() {
            return Some(free_at);
        }
        self.room_from.map(|room| room.max(free_at))
    }
}

/// A number as it is stored once it is handed out.
fn assigned(number: &Number, usage: Use<'_>) -> Number {
    let (technician, work_order) = match usage {
        Use::Shared => (None, None),
        Use::Own(technician) => (Some(technician.clone()), None),
        Use::Alone(work_order) => (None, work_order.cloned()),
    };
    Number { technician, work_order, state: NumberState::Assigned, ..number.clone() }
}
