//! At any instant, one (masking number, phone) pair belongs to at most one live or grace session, on whichever side the
//! phone stands; a technician's own number is the exception, because their many customers are behind it by design.
//!
//! Deliberately not here: sessions that are stored but not in the file. The store's own constraint has the last word.

use std::collections::{BTreeMap, BTreeSet};

use super::notes::Notes;
use super::view::View;
use crate::domain::{E164, MaskingMode, MaskingNumber, Moment, Session, SessionState, WorkOrderStatus};

/// The sessions that hold a pair, by their places in the file. Technicians on numbers that stand for one technician are
/// apart: they never clash with each other, and there may be tens of thousands of them.
#[derive(Default)]
struct Held {
    technicians: Vec<usize>,
    others: Vec<usize>,
}

/// Notes every session of the file that shares a pair with an earlier one. `paths` are the sessions' paths, in order.
pub(super) fn check(notes: &mut Notes<'_>, view: View<'_>, paths: &[String]) {
    let own: BTreeSet<MaskingNumber> =
        view.numbers().filter(|number| number.technician.is_some()).map(|number| number.e164).collect();
    let mut held: BTreeMap<(MaskingNumber, E164), Held> = BTreeMap::new();
    for (index, session) in view.file.sessions.iter().enumerate() {
        for (side, phone) in [("first_party", session.first_party), ("second_party", session.second_party)] {
            let Some(phone) = phone else { continue };
            let technicians =
                side == "first_party" && (own.contains(&session.number) || is_per_technician(view, session));
            let held = held.entry((session.number, phone)).or_default();
            let rivals = if technicians { &[][..] } else { &held.technicians };
            let clash = rivals.iter().chain(&held.others).filter(|other| **other != index);
            let clash = clash.filter(|other| together(view, session, &view.file.sessions[**other])).min();
            if let Some(other) = clash {
                let line = notes.line_of(&paths[*other]);
                let message = format!(
                    "this phone is in the session on line {line} already, on the same number at the same time; a number \
                     and a phone belong to one session at a time. Use another number, or end one of the two"
                );
                notes.mistake(&format!("{}.{side}", paths[index]), message);
            }
            if technicians { held.technicians.push(index) } else { held.others.push(index) }
        }
    }
}

fn is_per_technician(view: View<'_>, session: &Session) -> bool {
    view.governing(session).is_some_and(|location| location.masking.masking_mode == MaskingMode::PerTechnician)
}

/// Whether there is an instant at which both route. A session that does not say when it began, beside one that ended,
/// began after that.
pub(super) fn together(view: View<'_>, one: &Session, other: &Session) -> bool {
    let has_ended = |session: &Session| matches!(session.state, SessionState::Ended { .. });
    if (has_ended(one) && other.started_at.is_none()) || (has_ended(other) && one.started_at.is_none()) {
        return false;
    }
    let (one, other) = (routes(view, one), routes(view, other));
    one.0 < other.1 && other.0 < one.1
}

/// From when until when a session routes.
fn routes(view: View<'_>, session: &Session) -> (Moment, Moment) {
    const EVER: Moment = Moment(i64::MAX);
    let start = session.started_at.unwrap_or(Moment(i64::MIN));
    let own = match session.state {
        SessionState::Ended { at, .. } | SessionState::Live { expires_at: Some(at) } => at,
        SessionState::Live { expires_at: None } => EVER,
    };
    let job = session.work_order().and_then(|id| view.work_order(id)).map(|job| job.status);
    let grace = view.governing(session).map_or(0, |location| location.masking.grace_window_days);
    let job = match job {
        Some(WorkOrderStatus::Completed { at }) => at.plus_days(i64::from(grace)),
        Some(WorkOrderStatus::Canceled { at }) => at.unwrap_or(Moment(i64::MIN)),
        Some(WorkOrderStatus::Open) | None => EVER,
    };
    (start, own.min(job))
}
