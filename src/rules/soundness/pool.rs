//! The numbers of a location against what they are needed for, and when those that cool come back.
//!
//! Deliberately not here: handing numbers out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{Doubt, numbers_of};
use crate::domain::{
    E164, Location, MaskingMode, Moment, NumberState, Session, SessionState, Technician, WorkOrderStatus,
};
use crate::rules::ruleset::Ruleset;

/// A pool that is fuller than this, in percent of its cap, is told of.
const FULL: usize = 80;

/// A location's numbers, counted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pool {
    location: String,
    available: usize,
    assigned: usize,
    cooling: usize,
    /// When the first cooling number serves again.
    next: Option<Moment>,
    /// Sessions that are live.
    sessions: usize,
    /// How many numbers are needed at least, where that can be told.
    needed: usize,
    most: usize,
}

impl Pool {
    /// Counts the numbers of a location at `now`.
    pub fn of(rules: &Ruleset, location: &Location, now: Moment) -> Self {
        let mut pool = Self {
            location: location.id.to_string(),
            available: 0,
            assigned: 0,
            cooling: 0,
            next: None,
            sessions: 0,
            needed: 0,
            most: usize::from(location.masking.max_masking_numbers),
        };
        for number in numbers_of(rules, location) {
            match number.state {
                NumberState::Available => pool.available += 1,
                NumberState::Assigned => pool.assigned += 1,
                NumberState::Released { at } => {
                    let back = at.plus_days(i64::from(location.masking.cooldown_days));
                    if back <= now {
                        pool.available += 1;
                    } else {
                        pool.cooling += 1;
                        pool.next = Some(pool.next.map_or(back, |next| next.min(back)));
                    }
                }
                NumberState::Retired => {}
            }
        }
        let sessions: Vec<&Session> = live(rules, location, now).collect();
        pool.sessions = sessions.len();
        pool.needed = needed(rules, location, &sessions);
        pool
    }

    fn held(&self) -> usize {
        self.assigned + self.cooling
    }

    fn serving(&self) -> usize {
        self.available + self.assigned
    }

    /// What is doubtful about it.
    pub fn doubts(&self) -> Vec<Doubt> {
        let Self { location, most, needed, .. } = self;
        let mut found = Vec::new();
        if self.serving() < *needed {
            found.push(Doubt::grave(
                format!("location {location}: {needed} numbers are needed, and {} serve: {self}", self.serving()),
                format!(
                    "add [[number]] entries at {location}{}",
                    if self.cooling > 0 { ", or lower its masking.cooldown_days" } else { "" }
                ),
            ));
        }
        let mend = format!("raise location.{location}.masking.max_masking_numbers, or release numbers that rest");
        if self.held() >= *most {
            found.push(Doubt::slight(
                format!("location {location}: its cap of {most} numbers is reached: {self}"),
                mend,
            ));
        } else if self.held() * 100 > *most * FULL {
            found.push(Doubt::slight(format!("location {location}: its cap of {most} numbers is near: {self}"), mend));
        }
        found
    }
}

impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (location, sessions) = (&self.location, self.sessions);
        let all = self.held() + self.available;
        write!(f, "{location}: numbers {all} ({} assigned, {} free", self.assigned, self.available)?;
        match self.next {
            Some(next) => {
                let day = next.to_string();
                write!(f, ", {} cooling, the next is back on {}", self.cooling, day.get(..10).unwrap_or(&day))?;
            }
            None => write!(f, ", none cooling")?,
        }
        write!(f, "), of at most {}; live sessions {sessions}", self.most)
    }
}

fn live<'a>(rules: &'a Ruleset, location: &'a Location, now: Moment) -> impl Iterator<Item = &'a Session> {
    let numbers: BTreeSet<E164> = numbers_of(rules, location).map(|number| number.e164.e164()).collect();
    rules.sessions.iter().filter(move |session| {
        let over = match session.state {
            SessionState::Live { expires_at } => expires_at.is_some_and(|at| at <= now),
            SessionState::Ended { .. } => true,
        };
        !over && session.location.as_ref().map_or(numbers.contains(&session.number.e164()), |id| *id == location.id)
    })
}

/// The least number of numbers: one for each technician, for each open job, or for each session of whoever stands in
/// the most of them; and one where there is anything at all to mask.
fn needed(rules: &Ruleset, location: &Location, sessions: &[&Session]) -> usize {
    if !location.masking.enabled {
        return 0;
    }
    let here = |id: Option<&crate::domain::LocationId>| id == Some(&location.id);
    match location.masking.masking_mode {
        MaskingMode::PerTechnician => {
            let at_work = |one: &&Technician| one.active && here(one.location.as_ref());
            let own = |one: &&Technician| {
                numbers_of(rules, location).any(|number| number.technician.as_ref() == Some(&one.id))
            };
            let mut with_jobs = rules
                .technicians
                .iter()
                .filter(at_work)
                .filter(|one| own(one) || sessions.iter().any(|session| session.technician() == Some(&one.id)));
            with_jobs.by_ref().count()
        }
        MaskingMode::PerJobEphemeral => {
            let open = rules
                .work_orders
                .iter()
                .filter(|job| here(job.location.as_ref()) && job.status == WorkOrderStatus::Open);
            open.count()
        }
        MaskingMode::SharedTenant | MaskingMode::SharedLocation => {
            let mut stands: BTreeMap<E164, usize> = BTreeMap::new();
            for phone in sessions.iter().flat_map(|session| [session.first_party, session.second_party]).flatten() {
                *stands.entry(phone).or_default() += 1;
            }
            stands.into_values().max().unwrap_or(0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{changed, sound};
    use super::*;
    use crate::domain::{MaskingNumber, Number};

    fn at(text: &str) -> Moment {
        Moment::read(text).expect("an instant")
    }

    /// A world with so many more numbers, in this state.
    fn with(more: usize, state: NumberState, changes: &[(&str, &str)]) -> Ruleset {
        let mut rules = changed(changes);
        let first = rules.numbers[0].clone();
        for no in 0..more {
            let phone = E164::read(&format!("+131255501{:02}", 60 + no)).expect("a number");
            rules.numbers.push(Number { e164: MaskingNumber::rented(phone), state, ..first.clone() });
        }
        rules
    }

    #[test]
    fn a_pool_that_runs_out_is_found_before_it_does() {
        let released = NumberState::Released { at: at("2026-11-01T00:00:00Z") };
        let per_job = ("masking_mode = \"shared_location\"", "masking_mode = \"per_job_ephemeral\"");
        let jobs = (
            "[[session]]",
            "[[work_order]]\nid = \"wo-1\"\nlocation_id = \"chicago\"\n\n[[work_order]]\nid = \"wo-2\"\nlocation_id = \"chicago\"\n\n[[session]]",
        );
        for (rules, expected, why) in [
            (sound(), &[][..], "one number, one session"),
            (with(3, NumberState::Assigned, &[]), &[], "four of five"),
            (with(4, NumberState::Assigned, &[]), &["is reached"], "five of five"),
            (
                with(4, NumberState::Assigned, &[("max_masking_numbers = 5", "max_masking_numbers = 6")]),
                &["is near"],
                "five of six",
            ),
            (with(4, NumberState::Available, &[]), &[], "free ones are not held"),
            (with(4, released, &[]), &["is reached"], "cooling ones are held"),
            (with(0, released, &[per_job, jobs]), &["2 numbers are needed"], "two jobs, one number"),
            (with(1, released, &[per_job, jobs]), &["the next is back on 2026-12-01"], "the other one cools"),
        ] {
            let now = at("2026-11-22T00:00:00Z");
            let pool = Pool::of(&rules, &rules.locations[0], now);
            let found = pool.doubts();
            let right = found.len() == expected.len()
                && found.iter().zip(expected).all(|(doubt, part)| doubt.about.contains(part) && !doubt.mend.is_empty());
            assert!(right, "{why}: {found:#?}");
        }
        let rules = with(1, released, &[]);
        let later = Pool::of(&rules, &rules.locations[0], at("2026-12-02T00:00:00Z"));
        assert_eq!((later.available, later.cooling), (1, 0), "what has cooled is free");
    }
}
