//! Where a number stands in its life at an instant, and the sessions that stay on it: computed from what happened and
//! today's settings.
//!
//! Deliberately not here: which number a new session gets (`allot`), and writing anything down.

use std::collections::HashMap;

use crate::domain::{
    Location, MaskingMode, MaskingNumber, Moment, Number, NumberState, Phase, Session, TechnicianId, WorkOrderId,
    WorkOrderStatus,
};
use crate::rules::ruleset::Ruleset;

/// A number's place in its life, with the dates that follow from today's settings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Nobody's.
    Available,
    /// A pool's, a technician's or a job's.
    Assigned,
    /// Its job is done, and still routes.
    Grace {
        /// Until when.
        until: Moment,
    },
    /// It rests.
    Cooldown {
        /// Since when.
        since: Moment,
        /// When it is free again.
        until: Moment,
    },
    /// It was given back.
    Retired,
}

impl Standing {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Assigned => "assigned",
            Self::Grace { .. } => "grace",
            Self::Cooldown { .. } => "cooldown",
            Self::Retired => "retired",
        }
    }

    /// Whether it counts towards `max_masking_numbers`.
    pub const fn is_held(self) -> bool {
        match self {
            Self::Assigned | Self::Grace { .. } | Self::Cooldown { .. } => true,
            Self::Available | Self::Retired => false,
        }
    }
}

/// A session on a number, with what decides how long it routes and cools.
#[derive(Clone, Debug)]
pub struct Stay<'a> {
    /// The session.
    pub session: &'a Session,
    /// Where its job stands.
    pub job: Option<WorkOrderStatus>,
    /// Days of grace at its location.
    pub grace_days: u16,
    /// Until when it routes; `None` while nothing that is known ends it.
    pub routes_until: Option<Moment>,
    /// Until when its phones are given this number with nobody else.
    pub cools_until: Option<Moment>,
}

impl Stay<'_> {
    /// Whether it holds its phones at an instant: one that has not begun holds them too.
    pub fn holds(&self, at: Moment) -> bool {
        self.routes_until.is_none_or(|until| at < until)
    }

    /// Whether its phones still keep others from standing beside them.
    pub fn cools(&self, at: Moment) -> bool {
        self.cools_until.is_none_or(|until| at < until)
    }

    /// Where the session stands at an instant.
    pub fn phase(&self, at: Moment) -> Phase {
        self.session.phase(self.job, self.grace_days, at)
    }
}

/// A number with all that is known of its use.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// The number.
    pub number: &'a Number,
    /// The sessions on it, ended ones too.
    pub stays: Vec<Stay<'a>>,
    /// The location that governs it: its own, else the tenant's default one.
    pub home: Option<&'a Location>,
    /// Where the job that it stands for stands.
    pub job: Option<WorkOrderStatus>,
}

impl<'a> Candidate<'a> {
    /// Every number of these rules, with its sessions as far as the rules hold them.
    pub fn all(rules: &'a Ruleset) -> Vec<Self> {
        let jobs: HashMap<&str, WorkOrderStatus> =
            rules.work_orders.iter().map(|job| (job.id.as_str(), job.status)).collect();
        let home = |number: &Number| home(rules, number);
        let numbers = rules.numbers.iter();
        let mut all: Vec<Self> = numbers
            .map(|number| Self {
                number,
                stays: Vec::new(),
                home: home(number),
                job: number.work_order.as_ref().and_then(|job| jobs.get(job.as_str())).copied(),
            })
            .collect();
        let places: HashMap<MaskingNumber, usize> =
            all.iter().enumerate().map(|(place, one)| (one.number.e164, place)).collect();
        for session in &rules.sessions {
            let Some(one) = places.get(&session.number).and_then(|place| all.get_mut(*place)) else { continue };
            let governing = session.location.as_ref().and_then(|id| rules.location(id)).or(one.home);
            let job = session.work_order().and_then(|job| jobs.get(job.as_str())).copied();
            one.stays.push(stay(session, job, governing));
        }
        all
    }

    /// The technician that it stands for: of a number that was released, nobody any more.
    pub fn technician(&self) -> Option<&TechnicianId> {
        self.number.technician.as_ref().filter(|_| !self.is_released())
    }

    /// The job that it stands for, likewise.
    pub fn work_order(&self) -> Option<&WorkOrderId> {
        self.number.work_order.as_ref().filter(|_| !self.is_released())
    }

    fn is_released(&self) -> bool {
        matches!(self.number.state, NumberState::Released { .. })
    }

    /// Days that the number rests once it is released.
    pub fn cooldown_days(&self) -> i64 {
        self.home.map_or(0, |home| i64::from(home.masking.cooldown_days))
    }

    fn grace_days(&self) -> i64 {
        self.home.map_or(0, |home| i64::from(home.masking.grace_window_days))
    }

    /// The mode of its location.
    pub fn mode(&self) -> Option<MaskingMode> {
        self.home.map(|home| home.masking.masking_mode)
    }

    /// Where it stands at an instant.
    pub fn standing(&self, at: Moment) -> Standing {
        let owned = self.number.technician.is_some();
        match self.number.state {
            NumberState::Retired => Standing::Retired,
            NumberState::Released { at: released } if released <= at => {
                cooling(at, released, self.cooldown_days()).unwrap_or(Standing::Available)
            }
            NumberState::Released { .. } => Standing::Assigned,
            NumberState::Available | NumberState::Assigned if self.is_live(at) => Standing::Assigned,
            state @ (NumberState::Available | NumberState::Assigned) => match self.job_over() {
                Some(over) => {
                    let over = self.graces(at).into_iter().chain([over]).max().unwrap_or(over);
                    if at < over {
                        return Standing::Grace { until: over };
                    }
                    cooling(at, over, self.cooldown_days()).unwrap_or(Standing::Available)
                }
                None if owned || self.number.work_order.is_some() || state == NumberState::Assigned => {
                    Standing::Assigned
                }
                None => self.graces(at).map_or(Standing::Available, |until| Standing::Grace { until }),
            },
        }
    }

    /// The first instant from `now` at which it is available, if nothing happens meanwhile; `None` where that cannot be
    /// told.
    pub fn available_from(&self, now: Moment) -> Option<Moment> {
        let mut at = now;
        // Each step is past one of its dates, of which there are no more than these.
        for _ in 0..self.stays.len() + 4 {
            at = match self.standing(at) {
                Standing::Available => return Some(at),
                Standing::Grace { until } | Standing::Cooldown { until, .. } => until,
                Standing::Assigned => match self.number.state {
                    NumberState::Released { at: released } if at < released => released,
                    NumberState::Released { .. }
                    | NumberState::Available
                    | NumberState::Assigned
                    | NumberState::Retired => {
                        let ends = self.stays.iter().filter(|stay| stay.holds(at)).map(|stay| stay.routes_until);
                        ends.collect::<Option<Vec<_>>>()?.into_iter().min()?
                    }
                },
                Standing::Retired => return None,
            };
        }
        None
    }

    /// When it was last of use to anybody, as far as that is known: begun for a session that routes, else its end.
    pub fn last_used(&self, at: Moment) -> Option<Moment> {
        let released = match self.number.state {
            NumberState::Released { at } => Some(at),
            NumberState::Available | NumberState::Assigned | NumberState::Retired => None,
        };
        let used = self.stays.iter().map(|stay| {
            let begun = stay.session.started_at.unwrap_or(Moment(i64::MIN));
            stay.routes_until.filter(|until| *until <= at).unwrap_or(begun)
        });
        used.chain(released).max()
    }

    /// When the job that it stands for routes no more; `None` while it does, and where it stands for none.
    pub fn job_over(&self) -> Option<Moment> {
        self.number.work_order.as_ref()?;
        match self.job? {
            WorkOrderStatus::Completed { at } => Some(at.plus_days(self.grace_days())),
            WorkOrderStatus::Canceled { at } => Some(at.unwrap_or(Moment(i64::MIN))),
            WorkOrderStatus::Open => None,
        }
    }

    fn is_live(&self, at: Moment) -> bool {
        // One that would begin after its job is over never begins.
        let mut holding = self.stays.iter().filter(|stay| stay.holds(at));
        holding.any(|stay| matches!(stay.phase(at), Phase::Live | Phase::NotYet))
    }

    /// Until when the last session in grace routes.
    fn graces(&self, at: Moment) -> Option<Moment> {
        let graced = self.stays.iter().filter(|stay| stay.phase(at) == Phase::Grace);
        graced.filter_map(|stay| stay.routes_until).max()
    }
}

/// A session as it stays on its number.
fn stay<'a>(session: &'a Session, job: Option<WorkOrderStatus>, governing: Option<&Location>) -> Stay<'a> {
    let grace_days = governing.map_or(0, |location| location.masking.grace_window_days);
    let routes_until = session.routes_until(job, grace_days);
    let cooldown_days = governing.map_or(0, |location| location.masking.cooldown_days);
    let cools_until = session.cools_until(job, grace_days, cooldown_days);
    Stay { session, job, grace_days, routes_until, cools_until }
}

/// The location that governs a number.
pub fn home<'a>(rules: &'a Ruleset, number: &Number) -> Option<&'a Location> {
    let of = |id: Option<&_>| id.and_then(|id| rules.location(id));
    of(number.location.as_ref()).or_else(|| of(rules.tenant.default_location.as_ref()))
}

fn cooling(at: Moment, since: Moment, days: i64) -> Option<Standing> {
    let until = since.plus_days(days);
    (at < until).then_some(Standing::Cooldown { since, until })
}
