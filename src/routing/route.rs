//! Where the customer side goes: the location's rules, the reply window, the hours, in that order.
//!
//! Deliberately not here: whether it can go there (`feasible`).

use std::sync::Arc;

use crate::domain::{
    ContactBy, Customer, LineId, Match, NoMatchAction, Route, RuleRoute, Session, Side, TechnicianId, WhenCaller,
    WorkOrder,
};
use crate::rules::hours::{HoursState, HoursWord};
use crate::rules::when;

use super::matching::Found;
use super::reason::Reason;
use super::reply;
use super::scene::Scene;
use super::told::Open;
use super::world::Office;

/// Where a call or text is to go, before anybody looked whether it can.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Wish {
    /// A technician: this one, or the session's.
    Technician(Option<TechnicianId>),
    /// The back office: this line, or its lines in order.
    Backoffice(Option<LineId>),
    /// Voicemail, or the to-do list.
    Voicemail,
    /// A sentence and the end.
    Hangup,
    /// The dispatchers' queue.
    Queue,
}

impl From<Route> for Wish {
    fn from(route: Route) -> Self {
        match route {
            Route::Technician => Self::Technician(None),
            Route::Backoffice => Self::Backoffice(None),
            Route::Voicemail => Self::Voicemail,
        }
    }
}

impl From<&RuleRoute> for Wish {
    fn from(route: &RuleRoute) -> Self {
        match route {
            RuleRoute::Route(route) => (*route).into(),
            RuleRoute::NoMatch(NoMatchAction::Hangup) => Self::Hangup,
            RuleRoute::NoMatch(NoMatchAction::Voicemail) => Self::Voicemail,
            RuleRoute::NoMatch(NoMatchAction::DispatcherQueue) => Self::Queue,
            RuleRoute::Technician(id) => Self::Technician(Some(id.clone())),
            RuleRoute::Line(id) => Self::Backoffice(Some(id.clone())),
        }
    }
}

/// The hours of an office now.
pub(super) fn hours(office: &Office, scene: &Scene<'_>) -> HoursState {
    office.hours.at(scene.now, &office.location.overrides)
}

/// Decides for the customer side of a session, an owner's or a job's match.
pub(super) fn customer_side(scene: &mut Scene<'_>, found: &Found, office: &Office, state: &HoursState) -> Wish {
    let masking = &office.location.masking;
    let of_ours = |phone| reply::towards(scene, phone).find(|contact| contact.by != ContactBy::Customer);
    let contact = scene.from.phone().and_then(of_ours);
    let replied = contact.filter(|contact| reply::inside(contact.at, masking.smart_callback_window_minutes, scene.now));
    if let Some(wish) = rule(scene, found, office, state, replied.is_some(), |_| true) {
        return wish;
    }
    if let Some(contact) = replied {
        scene.why.push(Reason::ReplyWindow {
            at: office.hours.told(contact.at),
            by: contact.by,
            minutes: masking.smart_callback_window_minutes,
        });
        return match contact.by {
            ContactBy::Backoffice => Wish::Backoffice(None),
            ContactBy::Technician | ContactBy::Customer => {
                let session_party = found.session.as_ref().and_then(|session| session.first_party);
                let caller = scene.world.technician_by_phone(&scene.tenant.id, contact.from);
                Wish::Technician(caller.filter(|_| session_party != Some(contact.from)).map(|t| t.id.clone()))
            }
        };
    }
    let hours = Open::new(state, state.until.map(|until| office.hours.told(until)));
    scene.why.push(match state.state {
        HoursWord::Open => Reason::HoursOpen { hours },
        HoursWord::Closed => Reason::HoursClosed { hours },
        HoursWord::Holiday => Reason::HoursHoliday { hours },
        HoursWord::OverrideOpen => Reason::HoursOverride { state: "opened", hours },
        HoursWord::OverrideClosed => Reason::HoursOverride { state: "closed", hours },
    });
    let route = if state.state.is_open() {
        let route = masking.inbound_callback_route_in_hours;
        scene.why.push(Reason::RouteInHours { route });
        route
    } else {
        let route = masking.inbound_callback_route_out_of_hours;
        scene.why.push(Reason::RouteOutOfHours { route });
        route
    };
    route.into()
}

/// The rules that may speak where there is no session: those that name `match = "none"` or `caller = "unknown"`.
pub(super) fn without_session(scene: &mut Scene<'_>, found: &Found, office: &Office) -> Option<Wish> {
    let state = hours(office, scene);
    rule(scene, found, office, &state, false, |when| {
        when.matched.iter().any(|word| word == Match::None.word()) || when.caller == Some(WhenCaller::Unknown)
    })
}

/// The first of the location's rules that applies.
fn rule(
    scene: &mut Scene<'_>,
    found: &Found,
    office: &Office,
    state: &HoursState,
    reply: bool,
    may_speak: impl Fn(&crate::domain::When) -> bool,
) -> Option<Wish> {
    if office.location.rules.is_empty() {
        return None;
    }
    let local = office.hours.local(scene.now);
    let (job, customer) = tagged(scene, found.session.as_ref());
    let facts = when::Facts {
        channel: scene.channel,
        caller: caller(scene, found),
        matched: found.matched.word(),
        hours: state.state.word(),
        weekday: local.weekday,
        minute: local.minute_of_day,
        job_tags: job.as_ref().map_or(&[], |job| job.tags.as_slice()),
        customer_tags: customer.as_ref().map_or(&[], |customer| customer.tags.as_slice()),
        reply,
    };
    let rule = office.location.rules.iter().find(|rule| may_speak(&rule.when) && when::applies(&rule.when, &facts))?;
    let wish = Wish::from(&rule.route);
    scene.why.push(Reason::RuleMatched { rule: rule.name.clone(), target: rule.route.clone() });
    Some(wish)
}

/// The customer side of a session is a customer even from a phone that nobody saved; a job's number called from
/// another phone is not.
fn caller(scene: &Scene<'_>, found: &Found) -> WhenCaller {
    let known = scene.from.phone().is_some_and(|p| scene.world.customer_by_phone(&scene.tenant.id, p).is_some());
    let party = match found.side {
        Side::Second => found.matched != Match::Job,
        Side::First | Side::Outside => false,
    };
    if known || party { WhenCaller::Customer } else { WhenCaller::Unknown }
}

/// The job and the customer, for their tags.
fn tagged(scene: &Scene<'_>, session: Option<&Session>) -> (Option<Arc<WorkOrder>>, Option<Arc<Customer>>) {
    let tenant = &scene.tenant.id;
    let job = session.and_then(Session::work_order).and_then(|id| scene.world.work_order(tenant, id));
    let customer = session
        .and_then(Session::customer)
        .and_then(|id| scene.world.customer(tenant, id))
        .or_else(|| scene.from.phone().and_then(|phone| scene.world.customer_by_phone(tenant, phone)));
    (job, customer)
}
