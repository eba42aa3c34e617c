//! Whether a call or text can go where it is to go, and where it goes otherwise; each step down is a reason.
//!
//! Deliberately not here: what is done there.

use crate::domain::{E164, Line, LineId, Route, TechnicianId};
use crate::rules::numbering;

use super::reason::Reason;
use super::route::Wish;
use super::scene;
use super::stage::Stage;

/// Where it goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Target {
    /// A technician, by phone.
    Technician { id: Option<TechnicianId>, phone: E164 },
    /// Back-office lines, in order; never empty.
    Lines(Vec<Line>),
    /// Voicemail, or the to-do list.
    Voicemail,
    /// A sentence and the end.
    Hangup,
    /// The dispatchers' queue.
    Queue,
}

impl Target {
    /// The customer side's route, where it is one.
    pub(super) const fn route(&self) -> Option<Route> {
        match self {
            Self::Technician { .. } => Some(Route::Technician),
            Self::Lines(_) => Some(Route::Backoffice),
            Self::Voicemail => Some(Route::Voicemail),
            Self::Hangup | Self::Queue => None,
        }
    }
}

/// Steps down from a wish to what can be done for this caller: technician, else back office, else voicemail, which
/// always works.
pub(super) fn target(
    stage: &Stage<'_>,
    owner: Option<&crate::domain::Technician>,
    caller: Option<E164>,
    wish: Wish,
    why: &mut Vec<Reason>,
) -> Target {
    match wish {
        Wish::Technician(id) => technician(stage, owner, caller, id, why),
        Wish::Backoffice(line) => lines(stage, caller, line.as_ref(), true, why),
        Wish::Voicemail => Target::Voicemail,
        Wish::Hangup => Target::Hangup,
        Wish::Queue => Target::Queue,
    }
}

fn technician(
    stage: &Stage<'_>,
    owner: Option<&crate::domain::Technician>,
    caller: Option<E164>,
    named: Option<TechnicianId>,
    why: &mut Vec<Reason>,
) -> Target {
    let session = stage.session.as_ref();
    let by_session = named.is_none() && owner.is_none();
    let id = named.or_else(|| owner.map(|t| t.id.clone())).or_else(|| session.and_then(|s| s.technician().cloned()));
    let person = id.as_ref().and_then(|id| stage.world.technician(&stage.tenant, id));
    let phone = if by_session { session.and_then(|s| s.first_party) } else { person.as_ref().and_then(|t| t.phone) };
    let at_work = person.as_ref().is_none_or(|t| t.active);
    match phone.filter(|_| at_work) {
        None => why.push(Reason::TechnicianUnavailable),
        Some(phone) => match refusal(stage, caller, phone) {
            None => return Target::Technician { id, phone },
            Some(reason) => why.push(reason),
        },
    }
    lines(stage, caller, None, false, why)
}

/// The lines that may ring. Where the back office is only a step down, its having no line is no news.
fn lines(
    stage: &Stage<'_>,
    caller: Option<E164>,
    only: Option<&LineId>,
    wished: bool,
    why: &mut Vec<Reason>,
) -> Target {
    let Some(location) = stage.location() else { return Target::Voicemail };
    let mut refused = None;
    let ringing: Vec<Line> = location
        .active_lines()
        .filter(|line| only.is_none_or(|only| line.id == *only))
        .filter(|line| match refusal(stage, caller, line.phone) {
            None => true,
            Some(reason) => {
                refused = Some(reason);
                false
            }
        })
        .cloned()
        .collect();
    if !ringing.is_empty() {
        return Target::Lines(ringing);
    }
    match refused {
        Some(reason) => why.push(reason),
        None if wished => why.push(Reason::NoActiveLine { location: location.id.clone() }),
        None => {}
    }
    Target::Voicemail
}

/// Why this phone may not be called for this caller, if it may not.
pub(super) fn refusal(stage: &Stage<'_>, caller: Option<E164>, phone: E164) -> Option<Reason> {
    if caller == Some(phone) || scene::is_ours(stage.world, phone) {
        return Some(Reason::Loop);
    }
    let allowed = stage.world.allowed_countries(&stage.tenant);
    numbering::destination_refused(phone, &allowed).map(|country| Reason::DestinationRefused { country })
}
