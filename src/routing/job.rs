//! What becomes of a job's sessions when the job changes: they follow it to another technician, stay in grace once it is
//! done, come back when it is taken up again in time, and end when it is called off.
//!
//! Deliberately not here: making a job's first session, and writing anything down. **Invariant:** a session that is over
//! stays over, whatever becomes of its job.

#[cfg(test)]
mod tests;

use crate::domain::{
    EndedBy, MaskingNumber, Moment, Number, NumberState, Phase, Session, SessionId, SessionKind, SessionState,
    Technician, TechnicianId, WorkOrder, WorkOrderStatus,
};
use crate::rules::ruleset::Ruleset;

use super::allot::{self, Exhausted, Request};
use super::standing::{Candidate, home};

/// What a change of a job comes to.
#[derive(Clone, PartialEq, Debug)]
pub struct Followed {
    /// The tenant, the job, and what changes with it: sessions, and numbers that they move to.
    pub rules: Ruleset,
    /// Sessions whose number could not stay.
    pub moved: Vec<Moved>,
}

/// A session on another number than before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moved {
    /// The session.
    pub session: SessionId,
    /// Its number until now.
    pub from: MaskingNumber,
    /// Its number from now on.
    pub to: MaskingNumber,
}

/// Why a job cannot change like that.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// It was called off: it is reopened first.
    Canceled,
    /// It is done: it is reopened first.
    Completed,
    /// Nothing is completed in the future.
    Future,
    /// It has sessions that route, and this technician has no phone.
    NoPhone {
        /// The technician.
        technician: TechnicianId,
        /// The sessions.
        sessions: Vec<SessionId>,
    },
    /// It has sessions that route to its customer: they are ended first.
    OtherCustomer {
        /// The sessions.
        sessions: Vec<SessionId>,
    },
    /// The technician stands in another session on the number of this one, and there is no other number.
    NoNumber {
        /// The session.
        session: SessionId,
        /// Why there is none.
        exhausted: Exhausted,
    },
}

/// The job, given to this technician.
pub fn assign(job: &WorkOrder, technician: &TechnicianId) -> WorkOrder {
    WorkOrder { technician: Some(technician.clone()), ..job.clone() }
}

/// The job, completed: at a given time, else now. What is completed already stays so.
pub fn complete(job: &WorkOrder, at: Option<Moment>, now: Moment) -> WorkOrder {
    let before = match job.status {
        WorkOrderStatus::Completed { at } => Some(at),
        WorkOrderStatus::Open | WorkOrderStatus::Canceled { .. } => None,
    };
    WorkOrder { status: WorkOrderStatus::Completed { at: at.or(before).unwrap_or(now) }, ..job.clone() }
}

/// The job, to be done again.
pub fn reopen(job: &WorkOrder) -> WorkOrder {
    WorkOrder { status: WorkOrderStatus::Open, ..job.clone() }
}

/// The job, called off. What is called off already stays so.
pub fn cancel(job: &WorkOrder, now: Moment) -> WorkOrder {
    let before = match job.status {
        WorkOrderStatus::Canceled { at } => at,
        WorkOrderStatus::Open | WorkOrderStatus::Completed { .. } => None,
    };
    WorkOrder { status: WorkOrderStatus::Canceled { at: Some(before.unwrap_or(now)) }, ..job.clone() }
}

/// What is to be written so that a job becomes `after`, and its sessions follow. `base` holds its sessions; those on
/// other jobs too, where the technician changes.
///
/// # Errors
/// Why it cannot become that.
pub fn follow(base: &Ruleset, before: &WorkOrder, mut after: WorkOrder, now: Moment) -> Result<Followed, Refusal> {
    settle(before, &mut after, now)?;
    let mut known = base.clone();
    known.work_orders.retain(|job| job.id != after.id);
    known.work_orders.push(after.clone());
    let mut followed = Followed { rules: base.only_tenant(), moved: Vec::new() };
    if after.customer != before.customer && before.customer.is_some() {
        let sessions = of_customer(base, before, now);
        if !sessions.is_empty() {
            return Err(Refusal::OtherCustomer { sessions });
        }
    }
    for session in base.sessions.iter().filter(|session| session.work_order() == Some(&before.id)) {
        let changed = match phase(base, session, before, now) {
            Phase::Over { at, by } => left_over(base, session, &after, (at, by), now),
            Phase::Grace | Phase::Live | Phase::NotYet => {
                let session = with_status(session, after.status, now);
                let session = with_technician(base, session, before, &after)?;
                let ended = matches!(session.state, SessionState::Ended { .. });
                if ended { session } else { placed(&known, session, now, &mut followed)? }
            }
        };
        if changed != *session {
            known.sessions.retain(|one| one.id != changed.id);
            known.sessions.push(changed.clone());
            followed.rules.sessions.push(changed);
        }
    }
    followed.rules.work_orders.push(after);
    Ok(followed)
}

/// A job's sessions that route, or will.
pub fn routing(base: &Ruleset, job: &WorkOrder, now: Moment) -> Vec<SessionId> {
    let of_job = base.sessions.iter().filter(|session| session.work_order() == Some(&job.id));
    let standing = of_job.filter(|session| !matches!(phase(base, session, job, now), Phase::Over { .. }));
    standing.map(|session| session.id.clone()).collect()
}

/// Where a session stands, with its job and its number as they are in `base`.
pub fn stands(base: &Ruleset, session: &Session, now: Moment) -> Phase {
    let job = session.work_order().and_then(|id| base.work_orders.iter().find(|job| job.id == *id));
    stands_with(base, session, job.map(|job| job.status), now)
}

/// Where a session of a job stands.
fn phase(base: &Ruleset, session: &Session, job: &WorkOrder, now: Moment) -> Phase {
    stands_with(base, session, Some(job.status), now)
}

/// A number that was released carries no grace.
fn stands_with(base: &Ruleset, session: &Session, job: Option<WorkOrderStatus>, now: Moment) -> Phase {
    let number = base.numbers.iter().find(|number| number.e164 == session.number);
    let governing = session.location.as_ref().and_then(|id| base.location(id));
    let governing = governing.or_else(|| number.and_then(|number| home(base, number)));
    let grace = governing.map_or(0, |location| location.masking.grace_window_days);
    let phase = session.phase(job, grace, now);
    match (phase, number.map(|number| number.state)) {
        (Phase::Grace, Some(NumberState::Released { at })) if at <= now => Phase::Over { at, by: EndedBy::Api },
        (Phase::Grace, Some(NumberState::Retired)) => Phase::Over { at: now, by: EndedBy::Api },
        (phase, _) => phase,
    }
}

/// Whether one status may follow another; a date that is missing is now.
fn settle(before: &WorkOrder, after: &mut WorkOrder, now: Moment) -> Result<(), Refusal> {
    match (before.status, after.status) {
        (WorkOrderStatus::Canceled { .. }, WorkOrderStatus::Completed { .. }) => Err(Refusal::Canceled),
        (WorkOrderStatus::Completed { .. }, WorkOrderStatus::Canceled { .. }) => Err(Refusal::Completed),
        // It stays as it is: a change that was asked for earlier may come after the completion.
        (WorkOrderStatus::Completed { at: before }, WorkOrderStatus::Completed { at }) if before == at => Ok(()),
        (_, WorkOrderStatus::Completed { at }) if at > now => Err(Refusal::Future),
        (_, WorkOrderStatus::Canceled { at }) => {
            after.status = WorkOrderStatus::Canceled { at: at.or(Some(now)) };
            Ok(())
        }
        (_, WorkOrderStatus::Completed { .. } | WorkOrderStatus::Open) => Ok(()),
    }
}

/// The sessions that route to a job's customer.
fn of_customer(base: &Ruleset, job: &WorkOrder, now: Moment) -> Vec<SessionId> {
    let standing = routing(base, job, now);
    let with = base.sessions.iter().filter(|session| standing.contains(&session.id));
    with.filter(|session| session.customer() == job.customer.as_ref()).map(|session| session.id.clone()).collect()
}

/// A session that is over, kept from coming back with its job.
fn left_over(base: &Ruleset, session: &Session, after: &WorkOrder, over: (Moment, EndedBy), now: Moment) -> Session {
    let (at, by) = over;
    let at = if at == Moment(i64::MIN) { now } else { at };
    let over = |session: &Session| matches!(phase(base, session, after, now), Phase::Over { .. });
    if over(session) {
        return session.clone();
    }
    let ended = |by| Session { state: SessionState::Ended { at, by }, ..session.clone() };
    let by_its_cause = ended(by);
    if over(&by_its_cause) { by_its_cause } else { ended(EndedBy::Api) }
}

/// A session that routes, as its job's status leaves it.
fn with_status(session: &Session, status: WorkOrderStatus, now: Moment) -> Session {
    let mut session = session.clone();
    match (status, session.state) {
        (WorkOrderStatus::Canceled { at }, _) => {
            session.state = SessionState::Ended { at: at.unwrap_or(now), by: EndedBy::Job };
        }
        // It is in grace, and its end was written down: it lives again.
        (WorkOrderStatus::Open, SessionState::Ended { at, by: EndedBy::Job }) if at <= now => {
            session.state = SessionState::Live { expires_at: None };
        }
        (WorkOrderStatus::Open | WorkOrderStatus::Completed { .. }, _) => {}
    }
    session
}

/// A session that goes with its job to another technician, unless it was made for somebody else than the job's.
fn with_technician(
    base: &Ruleset,
    mut session: Session,
    before: &WorkOrder,
    after: &WorkOrder,
) -> Result<Session, Refusal> {
    let Some(to) = after.technician.as_ref().filter(|_| after.technician != before.technician) else {
        return Ok(session);
    };
    let SessionKind::Job { technician, .. } = &mut session.kind else { return Ok(session) };
    if technician.is_some() && before.technician.is_some() && *technician != before.technician {
        return Ok(session);
    }
    let found: Option<&Technician> = base.technicians.iter().find(|one| one.id == *to);
    let Some(phone) = found.and_then(|found| found.phone) else {
        return Err(Refusal::NoPhone { technician: to.clone(), sessions: vec![session.id.clone()] });
    };
    *technician = Some(to.clone());
    session.first_party = Some(phone);
    Ok(session)
}

/// A session on its number; where one of its phones stands in another session there, on another one.
fn placed(known: &Ruleset, session: Session, now: Moment, followed: &mut Followed) -> Result<Session, Refusal> {
    let candidates = Candidate::all(known);
    let here = candidates.iter().find(|one| one.number.e164 == session.number);
    let governing = session.location.as_ref().and_then(|id| known.location(id));
    let Some(location) = governing.or_else(|| here.and_then(|here| here.home)) else { return Ok(session) };
    let request = Request {
        location,
        kind: &session.kind,
        first: session.first_party,
        second: session.second_party,
        asks_pin: super::pin::of(&session).is_some(),
        channels: location.masking.masking_default_channels,
        geomatch: true,
        only: None,
        instead_of: Some(&session.id),
    };
    if !here.is_some_and(|here| allot::clashes(&request, here, now)) {
        return Ok(session);
    }
    let refused = |exhausted| Refusal::NoNumber { session: session.id.clone(), exhausted };
    let number: Number = allot::allot(&request, &candidates, now).map_err(refused)?.number;
    let (from, to) = (session.number, number.e164);
    followed.moved.push(Moved { session: session.id.clone(), from, to });
    followed.rules.numbers.push(number);
    Ok(Session { number: to, ..session })
}
