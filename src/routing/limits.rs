//! Caps on accepted calls: per caller and minute, per session and day, per tenant at one time, per pair and minute.
//!
//! Deliberately not here: counting.

use crate::domain::{E164, Session, SessionId};

use super::reason::Reason;
use super::scene::Scene;
use super::stage::Stage;

/// What a cap does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Over {
    /// A polite hang-up.
    Hangup,
    /// Voicemail: the guard against two machines calling each other.
    Voicemail,
}

/// The cap that this call would exceed, and what it does; a limit of 0 is none.
pub(super) fn exceeded(scene: &Scene<'_>, session: Option<&Session>) -> Option<(Over, Reason)> {
    let limits = scene.tenant.limits;
    let number = scene.number.e164.e164();
    let traffic = scene.world.traffic(
        &scene.tenant.id,
        number,
        scene.from.phone(),
        session.map(|session| &session.id),
        scene.now,
    );
    let rows = [
        ("calls_per_minute_per_caller", limits.calls_per_minute_per_caller, traffic.caller_last_minute, Over::Hangup),
        ("calls_per_day_per_session", limits.calls_per_day_per_session, traffic.session_last_day, Over::Hangup),
        ("concurrent_calls", limits.concurrent_calls, traffic.tenant_now, Over::Hangup),
        (
            "attempts_per_minute_per_pair",
            limits.attempts_per_minute_per_pair,
            traffic.pair_last_minute,
            Over::Voicemail,
        ),
    ];
    let (cap, limit, _, over) = rows.into_iter().find(|(_, limit, count, _)| *limit > 0 && count >= limit)?;
    Some((over, Reason::RateLimited { cap, limit }))
}

/// The cap on calls per session and day, for a call whose session is found out later than the others.
pub(super) fn of_session(stage: &Stage<'_>, number: E164, caller: E164, session: &SessionId) -> Option<Reason> {
    let limit = stage.world.tenant(&stage.tenant)?.limits.calls_per_day_per_session;
    let traffic = stage.world.traffic(&stage.tenant, number, Some(caller), Some(session), stage.now);
    let over = limit > 0 && traffic.session_last_day >= limit;
    over.then_some(Reason::RateLimited { cap: "calls_per_day_per_session", limit })
}
