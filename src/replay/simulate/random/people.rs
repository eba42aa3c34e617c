//! Draws who is in a random world: technicians, customers, jobs, the numbers, and the sessions that join them.
//!
//! Times are drawn around the beginning of the case, so that sessions expire, grace ends and numbers are given back
//! while it is played.
//!
//! Deliberately not here: offices and settings (`draw`).

use std::collections::BTreeSet;

use crate::domain::Moment;

use super::dice::Dice;
use super::plan::{Contact, Customer, Job, JobStatus, Number, NumberState, Pins, Session, Technician, Tenant};

/// Phones that customers of both tenants have.
pub const SHARED: [&str; 2] = ["+12125550150", "+12125550151"];
/// A phone in a country that most may not call.
pub const ABROAD: &str = "+447700900123";

/// Where in a tenant's numbers a technician's own, and a job's own, are.
const OWNED: usize = 1;
const OF_JOB: usize = 2;

/// Draws them into a tenant.
pub fn draw(dice: &mut Dice, tenant: &mut Tenant, area: &str, start: Moment) {
    let phone = |last: u64| format!("+1{area}55501{last:02}");
    let offices = tenant.offices.len();
    for (no, at) in (0u64..).zip(40..43) {
        tenant.technicians.push(Technician {
            id: format!("t{no}"),
            name: name(dice, tenant.word, &phone(at)),
            phone: phone(at),
            office: dice.below(offices),
            active: !dice.once_in(8),
        });
    }
    for no in 0..6u64 {
        let mut phones = vec![phone(1 + no)];
        match no {
            3 => phones.push(SHARED[0].to_owned()),
            4 => phones.push(SHARED[1].to_owned()),
            5 => phones.push(ABROAD.to_owned()),
            _ => {}
        }
        let name = name(dice, tenant.word, &phone(1 + no));
        tenant.customers.push(Customer { id: format!("c{no}"), name, phones, urgent: dice.once_in(5) });
    }
    for no in 0..4usize {
        let status = match dice.below(6) {
            0 | 1 => JobStatus::Completed(around(dice, start, &[0, 1, 7])),
            2 => JobStatus::Canceled(around(dice, start, &[0])),
            _ => JobStatus::Open,
        };
        tenant.jobs.push(Job {
            id: format!("w{no}"),
            title: dice.of(&["A boiler", "", "+13125550101"]).to_owned(),
            office: dice.below(offices),
            customer: no,
            technician: dice.below(3),
            status,
        });
    }
    numbers(dice, tenant, &phone, start);
    sessions(dice, tenant, start);
    contacts(dice, tenant, start);
}

/// A name as people type it, or something that must not be said.
fn name(dice: &mut Dice, word: &str, phone: &str) -> String {
    match dice.below(6) {
        0 => format!("({}) {}-{}", &phone[2..5], &phone[5..8], &phone[8..]),
        1 => String::new(),
        2 => format!("{word} <b>{{{{x}}}} & co</b>"),
        n => format!("{word} {}", ["Ana", "Bo", "Cy"][n - 3]),
    }
}

/// An instant near the beginning, some whole days before it.
fn around(dice: &mut Dice, start: Moment, days: &[i64]) -> Moment {
    let near = dice.seconds(0, 3600);
    let at = if dice.once_in(3) { start.plus(near) } else { start.minus(near) };
    at.plus_days(-dice.of(days))
}

fn numbers(dice: &mut Dice, tenant: &mut Tenant, phone: &impl Fn(u64) -> String, start: Moment) {
    let offices = tenant.offices.len();
    for (no, at) in (90..95).enumerate() {
        let state = match no {
            4 => match dice.below(4) {
                0 => NumberState::Serves,
                1 => NumberState::Retired,
                2 => NumberState::Released(around(dice, start, &[0])),
                _ => NumberState::Released(around(dice, start, &[0, 1, 2, 30, 31])),
            },
            _ => NumberState::Serves,
        };
        let (technician, job) = match no {
            OWNED => (Some(0), None),
            OF_JOB => (None, Some(0)),
            _ => (None, None),
        };
        let answer_url = dice.once_in(8).then(|| format!("https://{}.example/{}", tenant.id, tenant.word));
        tenant.numbers.push(Number {
            e164: phone(at),
            account: dice.below(2),
            office: if dice.once_in(5) { None } else { Some(dice.below(offices)) },
            technician,
            job,
            answer_url,
            state,
        });
    }
}

/// Sessions, of which a number and a phone have one at most at a time; a technician's own number is the exception.
fn sessions(dice: &mut Dice, tenant: &mut Tenant, start: Moment) {
    let mut taken = BTreeSet::new();
    for no in 0..3 + dice.below(8) {
        let number = dice.of(&[0, 0, 1, 1, 1, 2, 3, 4]);
        let single = number == 3 && !taken.iter().any(|(of, _)| *of == 3) && dice.once_in(3);
        // The job number serves one job; the technician's number one technician.
        let job = if number == OF_JOB { Some(0) } else { dice.once_in(3).then(|| 1 + dice.below(3)) };
        let customer = job.unwrap_or_else(|| dice.below(6));
        let technician = if number == OWNED { 0 } else { dice.below(3) };
        let phones = &tenant.customers[customer].phones;
        let first = tenant.technicians[technician].phone.clone();
        let second = phones[dice.below(phones.len())].clone();
        let clash = taken.contains(&(number, second.clone()))
            || number != OWNED && taken.contains(&(number, first.clone()))
            || taken.contains(&(number, "one".to_owned()));
        if clash {
            continue;
        }
        let work =
            (!single && !dice.once_in(4) || number == OWNED || number == OF_JOB).then_some((technician, customer, job));
        let one = |both: bool, phone: String| both.then_some(phone);
        let only_first = dice.once_in(2);
        let (first, second) = (one(!single || only_first, first), one(!single || !only_first, second));
        taken.extend(first.iter().chain(&second).map(|phone| (number, phone.clone())));
        if single {
            taken.insert((number, "one".to_owned()));
        }
        let mut session = Session {
            id: format!("s{no}"),
            number,
            first,
            second,
            work,
            begins: dice.once_in(10).then(|| around(dice, start, &[0])),
            expires: None,
            ended: None,
            records: dice.once_in(5).then(|| dice.once_in(2)),
            times: dice.once_in(5).then(|| (dice.of(&[5, 30]), dice.of(&[60, 600]))),
            sounds: dice.once_in(5),
            pins: None,
            greets: false,
            cooloff: 0,
        };
        if session.work.is_none() {
            session.pins = dice.once_in(2).then(|| pins(dice, no));
            session.greets = dice.once_in(3);
        }
        before(dice, tenant, &session, start);
        if single {
            others_before(dice, tenant, &session, start);
        }
        ends(dice, &mut session, start);
        tenant.sessions.push(session);
    }
}

/// PINs that no other session has; some begin with noughts.
fn pins(dice: &mut Dice, no: usize) -> Pins {
    let (first, second) = (format!("00{no}1"), format!("{no}2345678901"));
    let retry = dice.of(&[0, 1, 1, 2, 5]);
    Pins { first, second, forced: dice.once_in(3), retry, sounds: dice.once_in(2) }
}

/// The same two had a session before, which was ended.
fn before(dice: &mut Dice, tenant: &mut Tenant, session: &Session, start: Moment) {
    if session.begins.is_some() || session.work.is_none_or(|work| work.2.is_some()) || !dice.once_in(8) {
        return;
    }
    let at = start.minus(dice.seconds(7200, 90_000));
    let ended = Some((at, dice.of(&["api", "expiry", "job"])));
    tenant.sessions.push(Session { id: format!("{}-before", session.id), ended, ..session.clone() });
}

/// Two others were on the number of a session with one party, and may still cool there.
fn others_before(dice: &mut Dice, tenant: &mut Tenant, session: &Session, start: Moment) {
    let (technician, customer) = (dice.below(3), dice.below(6));
    let (first, second) = (tenant.technicians[technician].phone.clone(), tenant.customers[customer].phones[0].clone());
    if session.begins.is_some() {
        return;
    }
    tenant.sessions.push(Session {
        id: format!("{}-others", session.id),
        first: Some(first),
        second: Some(second),
        work: dice.once_in(2).then_some((technician, customer, None)),
        ended: Some((start.minus(dice.seconds(1, 5400)), dice.of(&["api", "job"]))),
        cooloff: dice.of(&[0, 600, 3600]),
        pins: None,
        greets: false,
        ..session.clone()
    });
}

fn ends(dice: &mut Dice, session: &mut Session, start: Moment) {
    match dice.below(9) {
        0 => session.expires = Some(around(dice, start, &[0])),
        1 => session.ended = Some((around(dice, start, &[0]), dice.of(&["job", "job", "api", "expiry"]))),
        _ => {}
    }
    if session.begins.is_some_and(|at| {
        let end = session.expires.or(session.ended.map(|(at, _)| at));
        end.is_some_and(|end| end <= at)
    }) {
        session.begins = None;
    }
}

/// Past contacts of the sessions' parties, most of them inside some reply window.
fn contacts(dice: &mut Dice, tenant: &mut Tenant, start: Moment) {
    let pairs = tenant
        .sessions
        .iter()
        .filter_map(|session| Some((session.number, session.first.clone()?, session.second.clone()?)));
    let pairs: Vec<_> = pairs.collect();
    for (number, first, second) in pairs {
        if !dice.once_in(3) {
            continue;
        }
        let line = tenant.offices.iter().flat_map(|office| &office.lines).map(|line| line.phone.clone()).next();
        let (from, to, by) = match dice.below(4) {
            0 => (second, first, "customer"),
            1 => match line {
                Some(line) => (line, second, "backoffice"),
                None => (first, second, "technician"),
            },
            _ => (first, second, "technician"),
        };
        let at = start.minus(dice.seconds(1, 5400));
        let number = tenant.numbers[number].e164.clone();
        tenant.contacts.push(Contact { number, from, to, at, text: dice.once_in(2), by });
    }
}
