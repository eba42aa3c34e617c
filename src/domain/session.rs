//! A masking session: two parties joined through one number, and what happened to it.
//!
//! Deliberately not here: which session a caller belongs to (`routing::matching`).

use std::sync::Arc;
use std::time::Duration;

use super::ids::{CustomerId, LocationId, SessionId, TechnicianId, TenantId, WorkOrderId};
use super::people::WorkOrderStatus;
use super::phone::{E164, MaskingNumber};
use super::settings::{Channel, words};
use super::terms::Terms;
use super::time::Moment;

/// Seconds that a call lasts at the most unless its session says otherwise.
pub const CALL_TIME_LIMIT: u32 = 3600;
/// Seconds that a phone rings where neither a session nor a location says anything.
pub const RING_TIMEOUT: u16 = 20;

/// First party (technician side) and second party (customer side), joined through one number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Where it belongs; `None` means where its number belongs.
    pub location: Option<LocationId>,
    /// The number both sides see.
    pub number: MaskingNumber,
    /// The technician side.
    pub first_party: Option<E164>,
    /// The customer side.
    pub second_party: Option<E164>,
    /// What it joins.
    pub kind: SessionKind,
    /// What happened to it.
    pub state: SessionState,
    /// When it began, where that is known; it counts from any time before its end otherwise.
    pub started_at: Option<Moment>,
    /// What its maker asked for.
    pub options: SessionOptions,
}

/// What a session joins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SessionKind {
    /// Two phones and nothing else: joined both ways, always.
    PlainPair,
    /// A technician and a customer, usually by a job.
    Job {
        /// The technician.
        technician: Option<TechnicianId>,
        /// The customer.
        customer: Option<CustomerId>,
        /// The job.
        work_order: Option<WorkOrderId>,
    },
}

/// What happened to a session last, with its date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SessionState {
    /// Nothing yet; it ends by the clock where it has an expiry, else with its job.
    Live {
        /// When it ends by the clock.
        expires_at: Option<Moment>,
    },
    /// It ended.
    Ended {
        /// When.
        at: Moment,
        /// By what.
        by: EndedBy,
    },
}

words! {
    /// What ended a session.
    EndedBy {
        /// Its job.
        Job = "job",
        /// A person or an API call.
        Api = "api",
        /// The clock.
        Expiry = "expiry",
    }
}

/// What the maker of a session asked for; `None` means the location's or the built-in value.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SessionOptions {
    /// Seconds that the other party's phone rings.
    pub ring_timeout: Option<u16>,
    /// Seconds that a call may last.
    pub call_time_limit: Option<u32>,
    /// Whether its calls are recorded, whatever the location says.
    pub record: Option<bool>,
    /// Played to the first party before bridging.
    pub first_party_play_url: Option<String>,
    /// Played to the second party before bridging.
    pub second_party_play_url: Option<String>,
    /// The terms of the door that it was made through; `None` where that was our own.
    pub terms: Option<Arc<Terms>>,
}

impl SessionOptions {
    /// Whether they say what strangers hear or may prove.
    pub fn concerns_strangers(&self) -> bool {
        self.terms.as_ref().is_some_and(|terms| terms.pins.is_some() || terms.unknown_caller_play.is_some())
    }
}

/// Where a session stands at an instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// It has not begun.
    NotYet,
    /// It routes.
    Live,
    /// Its job is done; it still routes.
    Grace,
    /// It is over.
    Over {
        /// Since when.
        at: Moment,
        /// By what.
        by: EndedBy,
    },
}

impl Session {
    /// Whether it has one party only.
    pub const fn is_lone(&self) -> bool {
        self.first_party.is_some() != self.second_party.is_some()
    }

    /// Where this session stands at `now`, given where its job stands and how many days of grace its location gives.
    pub fn phase(&self, job: Option<WorkOrderStatus>, grace_days: u16, now: Moment) -> Phase {
        let graced = match job {
            Some(WorkOrderStatus::Completed { at }) => at <= now && now < at.plus_days(i64::from(grace_days)),
            Some(WorkOrderStatus::Canceled { .. } | WorkOrderStatus::Open) | None => false,
        };
        match self.state {
            // Its end was written down when its job was done; how long it still routes is today's setting. What ended
            // before, such as when the job was called off for a time, does not come back.
            SessionState::Ended { at, by: EndedBy::Job }
                if now >= at && graced && job.is_some_and(|job| done_by(job, at)) =>
            {
                return Phase::Grace;
            }
            SessionState::Ended { at, by } if now >= at => return Phase::Over { at, by },
            SessionState::Live { expires_at: Some(at) } if now >= at => {
                return Phase::Over { at, by: EndedBy::Expiry };
            }
            SessionState::Ended { .. } | SessionState::Live { .. } => {}
        }
        if self.started_at.is_some_and(|at| now < at) {
            return Phase::NotYet;
        }
        match job {
            Some(WorkOrderStatus::Completed { .. }) if graced => Phase::Grace,
            Some(WorkOrderStatus::Completed { at }) if now >= at => {
                Phase::Over { at: at.plus_days(i64::from(grace_days)), by: EndedBy::Job }
            }
            Some(WorkOrderStatus::Canceled { at }) if at.is_none_or(|at| now >= at) => {
                Phase::Over { at: at.unwrap_or(Moment(i64::MIN)), by: EndedBy::Job }
            }
            Some(WorkOrderStatus::Completed { .. } | WorkOrderStatus::Canceled { .. } | WorkOrderStatus::Open)
            | None => Phase::Live,
        }
    }

    /// The instant from which it routes no more, given where its job stands; `None` while nothing that is known ends it.
    pub fn routes_until(&self, job: Option<WorkOrderStatus>, grace_days: u16) -> Option<Moment> {
        let by_job = match job {
            Some(WorkOrderStatus::Completed { at }) => Some(at.plus_days(i64::from(grace_days))),
            Some(WorkOrderStatus::Canceled { at }) => Some(at.unwrap_or(Moment(i64::MIN))),
            Some(WorkOrderStatus::Open) | None => None,
        };
        let own = match self.state {
            SessionState::Ended { at, by: EndedBy::Job } if job.is_some_and(|job| done_by(job, at)) => None,
            SessionState::Ended { at, .. } => Some(at),
            SessionState::Live { expires_at } => expires_at,
        };
        own.into_iter().chain(by_job).min()
    }

    /// The instant until which its phones are given its number with nobody else: a job's rest as long as numbers do at its
    /// location, a plain pair's as its maker wished. `None` while nothing that is known ends it.
    pub fn cools_until(&self, job: Option<WorkOrderStatus>, grace_days: u16, cooldown_days: u16) -> Option<Moment> {
        let until = self.routes_until(job, grace_days)?;
        Some(match self.kind {
            SessionKind::PlainPair => {
                let seconds = self.options.terms.as_ref().map_or(0, |terms| u64::from(terms.cooloff));
                until.plus(Duration::from_secs(seconds))
            }
            SessionKind::Job { .. } => until.plus_days(i64::from(cooldown_days)),
        })
    }

    /// Whether a phone is one of its parties.
    pub fn has(&self, phone: E164) -> bool {
        self.first_party == Some(phone) || self.second_party == Some(phone)
    }

    /// Whether these two are its parties, on whichever side they stand.
    pub fn joins(&self, first: Option<E164>, second: Option<E164>) -> bool {
        let pair = (self.first_party, self.second_party);
        pair == (first, second) || pair == (second, first)
    }

    /// The other party of a phone that stands in this session.
    pub fn counterpart(&self, phone: E164) -> Option<E164> {
        if self.first_party == Some(phone) { self.second_party } else { self.first_party }
    }

    /// Its technician, where it has one.
    pub fn technician(&self) -> Option<&TechnicianId> {
        match &self.kind {
            SessionKind::Job { technician, .. } => technician.as_ref(),
            SessionKind::PlainPair => None,
        }
    }

    /// Its customer, where it has one.
    pub fn customer(&self) -> Option<&CustomerId> {
        match &self.kind {
            SessionKind::Job { customer, .. } => customer.as_ref(),
            SessionKind::PlainPair => None,
        }
    }

    /// Its job, where it has one.
    pub fn work_order(&self) -> Option<&WorkOrderId> {
        match &self.kind {
            SessionKind::Job { work_order, .. } => work_order.as_ref(),
            SessionKind::PlainPair => None,
        }
    }
}

/// Whether a job was completed at an instant or before.
fn done_by(job: WorkOrderStatus, at: Moment) -> bool {
    match job {
        WorkOrderStatus::Completed { at: done } => done <= at,
        WorkOrderStatus::Canceled { .. } | WorkOrderStatus::Open => false,
    }
}

/// One past call or text through a number, answered or not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Contact {
    /// The number it went through.
    pub number: MaskingNumber,
    /// Whose phone it came from.
    pub from: E164,
    /// Whose phone it was for.
    pub to: E164,
    /// When.
    pub at: Moment,
    /// How.
    pub channel: Channel,
    /// Who made it.
    pub by: ContactBy,
}

words! {
    /// Who made a contact.
    ContactBy {
        /// A technician.
        Technician = "technician",
        /// The back office.
        Backoffice = "backoffice",
        /// A customer.
        Customer = "customer",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn session(state: SessionState) -> Session {
        Session {
            id: "s".into(),
            tenant: "acme".into(),
            location: None,
            number: MaskingNumber::rented(E164::read("+13125550190").expect("a number")),
            first_party: None,
            second_party: None,
            kind: SessionKind::PlainPair,
            state,
            started_at: None,
            options: SessionOptions::default(),
        }
    }

    #[test]
    fn only_the_end_that_came_with_the_completion_is_followed_by_grace() {
        let done = Some(WorkOrderStatus::Completed { at: Moment::default().plus_days(10) });
        let day = |day| Moment::default().plus_days(day);
        for (ended, now, grace, why) in [
            (10, 12, true, "it ended with the job"),
            (11, 12, true, "its end was written down a day late"),
            (10, 17, false, "the grace is over"),
            (9, 12, false, "the job was called off before, and taken up again without it"),
        ] {
            let session = session(SessionState::Ended { at: day(ended), by: EndedBy::Job });
            assert_eq!(session.phase(done, 7, day(now)) == Phase::Grace, grace, "{why}");
        }
    }

    proptest! {
        /// Two ways of asking, one answer.
        #[test]
        fn it_routes_until_then_and_not_after(
            state in prop_oneof![
                prop::option::of(0i64..20).prop_map(|at| SessionState::Live { expires_at: at.map(Moment) }),
                (0i64..20, prop::sample::select(EndedBy::ALL))
                    .prop_map(|(at, by)| SessionState::Ended { at: Moment(at), by }),
            ],
            job in prop::option::of(prop_oneof![
                Just(WorkOrderStatus::Open),
                (0i64..20).prop_map(|at| WorkOrderStatus::Completed { at: Moment(at) }),
                prop::option::of(0i64..20).prop_map(|at| WorkOrderStatus::Canceled { at: at.map(Moment) }),
            ]),
            grace in 0u16..2,
            now in prop_oneof![0i64..25, Just(86_400_000_005i64), Just(86_400_000_025i64)],
        ) {
            let session = session(state);
            let until = session.routes_until(job, grace);
            let over = matches!(session.phase(job, grace, Moment(now)), Phase::Over { .. });
            prop_assert_eq!(over, until.is_some_and(|until| until <= Moment(now)));
        }
    }
}
