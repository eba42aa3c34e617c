//! Opening a session: whether one may be made, on which number, and for whom.
//!
//! Deliberately not here: whoever asks for it, a door or a job, and writing it down.

use crate::domain::{
    Customer, Location, LocationId, MaskingMode, MaskingNumber, MaskingPolicy, Moment, Number, Phase, Session,
    SessionId, SessionKind, SessionOptions, SessionState, Technician, TechnicianId, WorkOrder, WorkOrderStatus,
};
use crate::rules::ruleset::Ruleset;

use super::allot::{self, Exhausted, Request};
use super::job::stands;
use super::standing::Candidate;

/// A session that was opened, and its number as both are to be stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opened {
    /// The session.
    pub session: Session,
    /// Its number: assigned, and to whom.
    pub number: Number,
}

/// Why no session was opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotOpened {
    /// The mask is off there.
    Disabled {
        /// Where.
        location: LocationId,
    },
    /// Masking is offered, and this technician has not opted in.
    NotOptedIn {
        /// Who.
        technician: TechnicianId,
    },
    /// There is one already that joins these parties for this job, or for none.
    There {
        /// It.
        session: SessionId,
    },
    /// There is no number.
    Exhausted(Exhausted),
}

/// Opens a session: `wish` is all that is known of it but its number, which is any where `only` names none.
///
/// # Errors
/// Why it is not opened.
pub fn open(
    base: &Ruleset,
    location: &Location,
    wish: Session,
    only: Option<MaskingNumber>,
    now: Moment,
) -> Result<Opened, NotOpened> {
    if !location.masking.enabled {
        return Err(NotOpened::Disabled { location: location.id.clone() });
    }
    if let Some(id) = wish.technician()
        && location.masking.masking_policy == MaskingPolicy::Offered
        && !base.technicians.iter().any(|one| one.id == *id && one.masking_opt_in)
    {
        return Err(NotOpened::NotOptedIn { technician: id.clone() });
    }
    let same = |one: &&Session| {
        let pair = (one.first_party, one.second_party);
        let joins = pair == (wish.first_party, wish.second_party) || pair == (wish.second_party, wish.first_party);
        joins && one.work_order() == wish.work_order() && !matches!(stands(base, one, now), Phase::Over { .. })
    };
    if let Some(there) = base.sessions.iter().find(same) {
        return Err(NotOpened::There { session: there.id.clone() });
    }
    let request = Request {
        location,
        kind: &wish.kind,
        first: wish.first_party,
        second: wish.second_party,
        channels: location.masking.masking_default_channels,
        geomatch: true,
        only,
        instead_of: None,
    };
    let number = allot::allot(&request, &Candidate::all(base), now).map_err(NotOpened::Exhausted)?.number;
    Ok(Opened { session: Session { number: number.e164, ..wish }, number })
}

/// What assigning a job comes to where sessions are made ahead of need.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Eager {
    /// Nothing is to be made: it is not wanted there, or not needed.
    Nothing,
    /// A session was opened.
    Opened(Box<Opened>),
    /// One is wanted, and cannot be opened.
    Not(NotOpened),
    /// One is wanted, and somebody has no phone.
    NoPhone,
}

/// Opens the session of a job that was just assigned, under this id, where its location wants sessions ahead of need.
pub fn eagerly(base: &Ruleset, job: &WorkOrder, id: SessionId, now: Moment) -> Eager {
    let Some(location) = location_of_job(base, job) else { return Eager::Nothing };
    let settings = &location.masking;
    let ahead = match settings.masking_mode {
        MaskingMode::SharedTenant | MaskingMode::SharedLocation | MaskingMode::PerJobEphemeral => true,
        // The technician's own number is there ahead of need; who calls it is matched by ownership.
        MaskingMode::PerTechnician => false,
    };
    let wanted = settings.eager_provisioning_enabled && settings.enabled && ahead;
    let has_one = base.sessions.iter().any(|session| {
        session.work_order() == Some(&job.id) && !matches!(stands(base, session, now), Phase::Over { .. })
    });
    let Some(technician) = &job.technician else { return Eager::Nothing };
    if !wanted || has_one || job.status != WorkOrderStatus::Open {
        return Eager::Nothing;
    }
    let first = technician_of(base, job).and_then(|one| one.phone);
    let second = customer_of(base, job).and_then(|one| one.phones.first().copied());
    let (Some(first), Some(second)) = (first, second) else { return Eager::NoPhone };
    // Which of them it is to be is found out below.
    let Some(any) = base.numbers.first() else {
        return Eager::Not(NotOpened::Exhausted(Exhausted { next_free_at: None, capped: false }));
    };
    let kind = SessionKind::Job {
        technician: Some(technician.clone()),
        customer: job.customer.clone(),
        work_order: Some(job.id.clone()),
    };
    let wish = Session {
        id,
        tenant: base.tenant.id.clone(),
        location: Some(location.id.clone()),
        number: any.e164,
        first_party: Some(first),
        second_party: Some(second),
        kind,
        state: SessionState::Live { expires_at: None },
        started_at: Some(now),
        options: SessionOptions::default(),
    };
    match open(base, location, wish, None, now) {
        Ok(opened) => Eager::Opened(Box::new(opened)),
        Err(not) => Eager::Not(not),
    }
}

/// Where a job's sessions belong: to its own location, its technician's, its customer's, else the tenant's default.
pub fn location_of_job<'a>(base: &'a Ruleset, job: &WorkOrder) -> Option<&'a Location> {
    let places = [
        job.location.as_ref(),
        technician_of(base, job).and_then(|one| one.location.as_ref()),
        customer_of(base, job).and_then(|one| one.location.as_ref()),
        base.tenant.default_location.as_ref(),
    ];
    places.into_iter().flatten().find_map(|id| base.location(id))
}

fn technician_of<'a>(base: &'a Ruleset, job: &WorkOrder) -> Option<&'a Technician> {
    base.technicians.iter().find(|one| Some(&one.id) == job.technician.as_ref())
}

fn customer_of<'a>(base: &'a Ruleset, job: &WorkOrder) -> Option<&'a Customer> {
    base.customers.iter().find(|one| Some(&one.id) == job.customer.as_ref())
}
