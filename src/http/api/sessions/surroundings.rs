//! What has to be known before a number is looked for: the people and the job that are named, and the sessions whose
//! phones or numbers may matter.
//!
//! Deliberately not here: looking for the number (`routing::allot`).

use crate::domain::{E164, Moment};
use crate::http::House;
use crate::http::api::caller::Caller;
use crate::http::api::fault::Fault;
use crate::rules::ruleset::Ruleset;
use crate::store::base::{self, Want, WantCustomers, WantSessions, Wants};

/// Whom a request names.
#[derive(Clone, Copy, Default)]
pub struct Named<'a> {
    /// A technician.
    pub technician: Option<&'a str>,
    /// A customer.
    pub customer: Option<&'a str>,
    /// A job.
    pub work_order: Option<&'a str>,
    /// Phones.
    pub phones: [Option<&'a str>; 2],
}

/// What to ask the store for. It is looked at twice: who belongs to a job is known only once the job is.
pub async fn wants(house: &House, caller: &Caller, named: Named<'_>) -> Result<Wants, Fault> {
    let ids = |id: Option<&str>| id.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let mut wants = Wants {
        customers: WantCustomers::Ids(ids(named.customer)),
        work_orders: Want::Ids(ids(named.work_order)),
        ..Wants::default()
    };
    let mut base = house.base(caller, &wants).await?.rules;
    let job = base.work_orders.iter().find(|job| Some(job.id.as_str()) == named.work_order);
    let of_job = job.and_then(|job| job.customer.as_ref()).map(ToString::to_string);
    if of_job.is_some() && of_job.as_deref() != named.customer {
        wants.customers = WantCustomers::Ids(ids(named.customer).into_iter().chain(of_job).collect());
        base = house.base(caller, &wants).await?.rules;
    }
    let since = rested(&base, caller.asker.at);
    wants.sessions = WantSessions::Near { since, phones: phones(&base, named) };
    Ok(wants)
}

/// What ended before this cools no more, wherever it was and through whichever door it was made.
pub fn rested(rules: &Ruleset, now: Moment) -> Moment {
    base::rested(&rules.locations, now)
}

/// The phones that may be parties.
fn phones(base: &Ruleset, named: Named<'_>) -> Vec<E164> {
    let job = base.work_orders.iter().find(|job| Some(job.id.as_str()) == named.work_order);
    let theirs = job.and_then(|job| job.technician.as_ref()).map(|id| id.as_str());
    let technicians = base
        .technicians
        .iter()
        .filter(|one| named.technician == Some(one.id.as_str()) || theirs == Some(one.id.as_str()));
    let customers = base.customers.iter().flat_map(|one| one.phones.iter().copied());
    let sent = named.phones.into_iter().flatten().filter_map(E164::read);
    technicians.filter_map(|one| one.phone).chain(customers).chain(sent).collect()
}
