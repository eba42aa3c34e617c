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
        asks_pin: false,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::file;

    /// An office with eager sessions, a number, and a job of Jo's for Ana.
    const WORLD: &str = r#"
[tenant]
id = "acme"
default_location = "chicago"
[[provider_account]]
id = "acme-twilio"
kind = "twilio"
auth_token = "t"
sandbox = true
[[location]]
id = "chicago"
[location.masking]
enabled = true
eager_provisioning_enabled = true
[[technician]]
id = "jo"
phone = "+13125550144"
[[customer]]
id = "ana"
phones = ["+13125550101"]
[[work_order]]
id = "job"
technician_id = "jo"
customer_id = "ana"
[[number]]
e164 = "+13125550190"
provider_account_id = "acme-twilio"
"#;

    #[test]
    fn a_session_is_opened_ahead_of_need_where_that_is_wanted() {
        let with =
            |more: &str| format!("[[session]]\nnumber = \"+13125550190\"\nfirst_party = \"+13125550144\"\n{more}\n");
        let of_job = with("second_party = \"+13125550101\"\nwork_order_id = \"job\"");
        let over =
            with("second_party = \"+13125550101\"\nwork_order_id = \"job\"\nended_at = \"2026-03-01T00:00:00Z\"");
        let other = with("second_party = \"+13125550102\"");
        let enabled = "enabled = true\n";
        for (from, to, more, expected, why) in [
            ("", "", "", "opened", "assigned, and wanted"),
            ("eager_provisioning_enabled = true", "", "", "nothing", "not wanted ahead of need"),
            (enabled, "", "", "nothing", "the mask is off"),
            (enabled, "enabled = true\nmasking_mode = \"per_technician\"\n", "", "nothing", "Jo's own number is there"),
            (enabled, "enabled = true\nmasking_mode = \"per_job_ephemeral\"\n", "", "opened", "one number a job"),
            ("technician_id = \"jo\"", "", "", "nothing", "nobody does it yet"),
            ("customer_id = \"ana\"", "customer_id = \"ana\"\nstatus = \"canceled\"", "", "nothing", "called off"),
            ("phones = [\"+13125550101\"]", "", "", "no phone", "Ana has none"),
            ("phone = \"+13125550144\"", "", "", "no phone", "nor has Jo"),
            (
                "phone = \"+13125550144\"",
                "phone = \"+13125550144\"\nmasking_opt_in = false",
                "",
                "opened",
                "not only offered",
            ),
            (enabled, "enabled = true\nmasking_policy = \"offered\"\n", "", "opened", "offered, and Jo takes it"),
            ("", "", &of_job, "nothing", "it has one"),
            ("", "", &over, "opened", "the one that it had is over"),
            ("", "", &other, "exhausted", "Jo stands on the only number"),
        ] {
            let text = format!("{}{more}", WORLD.replacen(from, to, 1));
            let rules = match file::read(&text, "f", None, &|_| None) {
                Ok((rules, _)) => rules,
                Err(mistakes) => panic!("{why}: {mistakes:#?}"),
            };
            let now = Moment::read("2026-03-10T00:00:00Z").expect("an instant");
            let found = match eagerly(&rules, &rules.work_orders[0], "s".into(), now) {
                Eager::Nothing => "nothing",
                Eager::Opened(opened) => {
                    assert_eq!(opened.session.number, opened.number.e164, "{why}");
                    "opened"
                }
                Eager::Not(NotOpened::Exhausted(_)) => "exhausted",
                Eager::Not(_) => "not",
                Eager::NoPhone => "no phone",
            };
            assert_eq!(found, expected, "{why}");
        }
    }
}
