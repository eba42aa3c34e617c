//! (11) No cap is exceeded: calls are counted as the network saw them, by caller, session, number and tenant.
//!
//! Deliberately not here: the engine's counting.

use std::time::Duration;

use super::super::happened::{Happened, Thread};
use super::super::plan::Limits;
use super::ends::AT_ONCE;
use super::sessions::in_order;
use super::table::is_phone;
use super::{Invariant, Wrong};
use crate::domain::Moment;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

pub(super) fn check(happened: &Happened<'_>) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    for tenant in &happened.plan.tenants {
        let own = |thread: &&&Thread<'_>| {
            thread.is_call() && tenant.numbers.iter().any(|number| number.e164 == thread.number)
        };
        let calls: Vec<&Thread<'_>> = in_order(happened).iter().filter(own).copied().collect();
        let begun: Vec<(Moment, &Thread<'_>)> =
            calls.iter().filter_map(|thread| Some((thread.at()?, *thread))).collect();
        for (at, thread) in &begun {
            wrong.extend(
                over(tenant.limits, &begun, *at, thread).map(|what| Wrong::new(Invariant::Caps, thread.no, what)),
            );
        }
    }
    wrong
}

/// The cap that this call exceeds, or is said to have reached and has not.
fn over(limits: Limits, begun: &[(Moment, &Thread<'_>)], at: Moment, thread: &Thread<'_>) -> Option<String> {
    let before = |within: Duration| {
        let number = thread.first().map(|first| first.ask.no);
        begun
            .iter()
            .filter(move |(then, other)| other.first().map(|first| first.ask.no) < number && *then > at.minus(within))
    };
    let same_caller = |other: &Thread<'_>| is_phone(thread.phone) && other.phone == thread.phone;
    let session = thread.told("session");
    let same_session = |other: &Thread<'_>| session.is_some() && other.told("session") == session;
    let going_on = |other: &Thread<'_>| {
        let over = [other.ended(), other.dismissed()].into_iter().flatten().min();
        accepted(other) && over.is_none_or(|over| over > at)
    };
    let rows = [
        (
            "calls of one caller in a minute",
            limits.caller_minute,
            before(MINUTE).filter(|(_, other)| same_caller(other) && accepted(other)).count(),
        ),
        (
            "calls of one session in a day",
            limits.session_day,
            before(DAY).filter(|(_, other)| same_session(other) && accepted(other)).count(),
        ),
        ("calls at one time", limits.at_once, before(DAY).filter(|(_, other)| going_on(other)).count()),
        (
            "calls of one caller to one number in a minute",
            limits.pair_minute,
            before(MINUTE)
                .filter(|(_, other)| same_caller(other) && other.number == thread.number && accepted(other))
                .count(),
        ),
    ];
    let beyond = |limit: u32, count: usize| limit > 0 && count >= usize::try_from(limit).unwrap_or(usize::MAX);
    if thread.because("rate_limited") {
        // Whoever is turned away must have called often, whatever became of it.
        let tried = before(DAY).count();
        let least = [limits.caller_minute, limits.session_day, limits.at_once, limits.pair_minute];
        let reached = least.into_iter().any(|limit| beyond(limit, tried));
        return (!reached).then(|| "a cap was said to be reached, and was not".to_owned());
    }
    let rang = thread.rang().next().is_some();
    let (what, limit, count) = rows.into_iter().find(|(_, limit, count)| rang && beyond(*limit, *count))?;
    Some(format!("{} {what}, and {limit} are allowed", count + 1))
}

/// Whether a call was taken: turned away and told goodbye it was not.
fn accepted(thread: &Thread<'_>) -> bool {
    !thread.because("rate_limited") && !thread.rejected() && !AT_ONCE.contains(&thread.destination())
}
