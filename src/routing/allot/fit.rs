//! Whether one number may serve one request: never, not yet, or now.
//!
//! Deliberately not here: which of several is best, and the cap on all of them.

use crate::domain::{E164, MaskingMode, Moment, NumberState, Session, SessionKind, TechnicianId};

use super::{Request, Use};
use crate::routing::pin;
use crate::routing::standing::{Candidate, Stay};

/// Whether a number may serve.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fit {
    /// Not this request, whatever time passes.
    Never,
    /// Not before then; `None` where that cannot be told.
    Busy { until: Option<Moment> },
    /// At once.
    Free,
}

impl Fit {
    pub(super) fn of(request: &Request<'_>, one: &Candidate<'_>, owner_has_one: bool, now: Moment) -> Self {
        let number = one.number;
        let lacks = (request.channels.voice && !number.capabilities.voice)
            || (request.channels.sms && !number.capabilities.sms);
        let is_party = request.parties().any(|phone| phone == number.e164.e164());
        let other = request.only.is_some_and(|only| only != number.e164);
        if lacks || is_party || other || number.state == NumberState::Retired || request.parties().next().is_none() {
            return Self::Never;
        }
        let mut wait = Wait { now, until: Some(now) };
        match number.state {
            NumberState::Released { at } => wait.extend(Some(at.plus_days(one.cooldown_days()))),
            NumberState::Available | NumberState::Assigned | NumberState::Retired => {}
        }
        let stays = || one.stays.iter().filter(|stay| Some(&stay.session.id) != request.instead_of);
        let pairs = |wait: &mut Wait, own: bool| stays().for_each(|stay| wait.for_pair(request, stay, own));
        match request.usage() {
            Use::Own(technician) if one.technician() == Some(technician) => pairs(&mut wait, true),
            Use::Own(_) if owner_has_one => return Self::Never,
            _ if one.technician().is_some() || !in_pool(request, one) => return Self::Never,
            Use::Alone(Some(job)) if one.work_order() == Some(job) => {
                // The job's own number: what other jobs left on it has rested, and this one is not kept from it.
                pairs(&mut wait, false);
                let others = stays().filter(|stay| stay.session.work_order() != Some(job));
                others.for_each(|stay| wait.extend(stay.cools_until));
            }
            Use::Own(_) | Use::Alone(_) => {
                wait.for_job(one);
                stays().for_each(|stay| wait.extend(stay.cools_until));
            }
            Use::Shared => {
                wait.for_job(one);
                pairs(&mut wait, false);
                if one.mode() == Some(MaskingMode::PerJobEphemeral) {
                    let of_jobs = stays().filter(|stay| stay.session.kind != SessionKind::PlainPair);
                    of_jobs.for_each(|stay| wait.extend(stay.cools_until));
                }
            }
        }
        match wait.until {
            Some(until) if until <= now => Self::Free,
            until => Self::Busy { until },
        }
    }
}

/// The latest of all that a number waits for.
struct Wait {
    now: Moment,
    until: Option<Moment>,
}

impl Wait {
    /// Waits for an instant too; `None` where it cannot be told.
    fn extend(&mut self, until: Option<Moment>) {
        self.until = match (self.until, until) {
            (Some(known), Some(until)) => Some(known.max(until)),
            (None, _) | (_, None) => None,
        };
    }

    /// A number that stands for a job waits until that is over and has rested.
    fn for_job(&mut self, one: &Candidate<'_>) {
        if one.work_order().is_some() {
            self.extend(one.job_over().map(|over| over.plus_days(one.cooldown_days())));
        }
    }

    /// No phone stands in two sessions on one number; once one is over, it rests before it stands beside another phone.
    /// On their own number the technician stands in many.
    fn for_pair(&mut self, request: &Request<'_>, stay: &Stay<'_>, own: bool) {
        let session = stay.session;
        let is_own = |phone: E164| {
            own && request.first == Some(phone) && request.second != Some(phone) && session.second_party != Some(phone)
        };
        let shared = request.parties().any(|phone| session.has(phone) && !is_own(phone));
        // A session of one party takes whoever calls, so there is one of them.
        let both_open = is_open(request.first, request.second) && session.is_lone();
        if shared && !is_same_pair(request, session) {
            self.extend(stay.cools_until);
        } else if (shared || both_open) && stay.holds(self.now) {
            self.extend(stay.routes_until);
        }
    }
}

/// Whether a session with these parties on this number would stand in another's way now.
pub fn clashes(request: &Request<'_>, one: &Candidate<'_>, now: Moment) -> bool {
    let own = one.technician().is_some();
    let others = one.stays.iter().filter(|stay| Some(&stay.session.id) != request.instead_of && stay.holds(now));
    others.into_iter().any(|stay| {
        let mut wait = Wait { now, until: Some(now) };
        wait.for_pair(request, stay, own);
        wait.until.is_none_or(|until| until > now)
    })
}

/// Whether this number stands for a technician, and may serve.
pub(super) fn belongs_to(one: &Candidate<'_>, technician: &TechnicianId) -> bool {
    one.technician() == Some(technician) && one.number.state != NumberState::Retired
}

/// Whether a session joins the very parties of a request, on whichever side they stand.
pub(super) fn is_same_pair(request: &Request<'_>, session: &Session) -> bool {
    session.joins(request.first, request.second)
}

/// Whether one of two sessions on a number would take strangers whom the other asks for a PIN: nobody would be asked.
pub(super) fn is_unasked(request: &Request<'_>, session: &Session) -> bool {
    let asks = pin::of(session).is_some();
    takes_anybody(request) && asks || request.asks_pin && !asks && session.is_lone()
}

/// Whether a session would take whoever calls its number.
pub(super) fn takes_anybody(request: &Request<'_>) -> bool {
    is_open(request.first, request.second) && !request.asks_pin
}

fn is_open(first: Option<E164>, second: Option<E164>) -> bool {
    first.is_some() != second.is_some()
}

/// Whether a number is in the pool that the location draws from: in `shared_tenant` the tenant's, but for those of
/// locations that keep their own; otherwise the location's.
fn in_pool(request: &Request<'_>, one: &Candidate<'_>) -> bool {
    let Some(home) = one.home else { return true };
    let of_tenant = |mode| mode == MaskingMode::SharedTenant;
    home.id == request.location.id
        || of_tenant(request.location.masking.masking_mode)
            && (one.number.location.is_none() || of_tenant(home.masking.masking_mode))
}
