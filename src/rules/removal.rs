//! What stands in the way of taking something away for good: sessions that still need it, and declared things that name it.
//!
//! What is over does not: ended sessions, jobs that are done and numbers that were given back may name what is gone.
//!
//! Deliberately not here: taking it away.

use super::finding::{Finding, code};
use super::ruleset::Ruleset;
use crate::domain::{
    AccountId, CustomerId, LineId, Location, LocationId, MaskingNumber, Moment, NoMatchAction, Number, NumberState,
    Phase, Route, RuleRoute, Session, SessionId, TechnicianId, WorkOrder, WorkOrderId, WorkOrderStatus,
};

/// What is to be taken away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Going<'a> {
    /// A provider account.
    Account(&'a AccountId),
    /// A location, with its lines and rules.
    Location(&'a LocationId),
    /// A back-office line.
    Line(&'a LineId),
    /// A technician.
    Technician(&'a TechnicianId),
    /// A customer contact.
    Customer(&'a CustomerId),
    /// A job.
    WorkOrder(&'a WorkOrderId),
    /// A number.
    Number(MaskingNumber),
}

/// How many ids a finding names.
const NAMED: usize = 5;

/// The sessions that need it: those that route at `now`, in grace too, and those that are still to begin.
///
/// A line is needed by the sessions of its location where it is the last active one and calls are sent to the back office.
pub fn in_the_way(base: &Ruleset, going: Going<'_>, now: Moment) -> Vec<SessionId> {
    let needs = |session: &&Session| match going {
        Going::Account(id) => number_of(base, session).is_some_and(|number| number.account == *id),
        Going::Location(id) => location_of(base, session).is_some_and(|location| location.id == *id),
        Going::Line(id) => location_of(base, session).is_some_and(|location| is_last_line(location, id)),
        Going::Technician(id) => session.technician() == Some(id),
        Going::Customer(id) => session.customer() == Some(id),
        Going::WorkOrder(id) => session.work_order() == Some(id),
        Going::Number(number) => session.number == number,
    };
    let sessions = base.sessions.iter().filter(|session| !is_over(base, session, now)).filter(needs);
    sessions.map(|session| session.id.clone()).collect()
}

/// The declared things that name it, each kind of them once, with what to change first.
pub fn references(base: &Ruleset, going: Going<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut say = |field: &str, names: Vec<String>, what: &str| {
        if !names.is_empty() {
            let more = if names.len() > NAMED { format!(" and {} more", names.len() - NAMED) } else { String::new() };
            let message = format!("{}{more}: {what}", names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", "));
            found.push(Finding::mistake(field, message).coded(code::IN_USE));
        }
    };
    match going {
        Going::Account(id) => {
            say("numbers", numbers(base, |one| one.account == *id), "is rented by this account; release it first");
        }
        Going::Location(id) => {
            let here = Some(id);
            let is_default = base.tenant.default_location.as_ref() == here;
            let tenant = if is_default { vec![base.tenant.id.to_string()] } else { Vec::new() };
            say("tenants", tenant, "has it as its default_location; name another first");
            let pool = numbers(base, |one| one.location.as_ref() == here);
            say("numbers", pool, "is in its pool; change location_id first");
            let people = base.technicians.iter().filter(|one| one.location.as_ref() == here);
            say("technicians", ids(people.map(|one| &one.id)), "belongs to it; change location_id first");
            let people = base.customers.iter().filter(|one| one.location.as_ref() == here);
            say("customers", ids(people.map(|one| &one.id)), "belongs to it; change location_id first");
            say(
                "work-orders",
                jobs(base, |one| one.location.as_ref() == here),
                "is open there; change location_id first",
            );
        }
        Going::Line(id) => {
            let named = |route: &RuleRoute| *route == RuleRoute::Line(id.clone());
            say("locations", rules(base, named), "sends calls to this line; change its route first");
        }
        Going::Technician(id) => {
            let own = numbers(base, |one| one.technician.as_ref() == Some(id));
            say("numbers", own, "stands for this technician; change technician_id first");
            let theirs = jobs(base, |one| one.technician.as_ref() == Some(id));
            say("work-orders", theirs, "is open and theirs; assign somebody else first");
            let named = |route: &RuleRoute| *route == RuleRoute::Technician(id.clone());
            say("locations", rules(base, named), "sends calls to this technician; change its route first");
        }
        Going::Customer(id) => {
            let theirs = jobs(base, |one| one.customer.as_ref() == Some(id));
            say("work-orders", theirs, "is open and for this customer; complete or cancel it first");
        }
        Going::WorkOrder(id) => {
            let own = numbers(base, |one| one.work_order.as_ref() == Some(id));
            say("numbers", own, "stands for this job; change work_order_id first");
        }
        Going::Number(_) => {}
    }
    found
}

/// The numbers that have not been given back, masked.
fn numbers(base: &Ruleset, is_meant: impl Fn(&Number) -> bool) -> Vec<String> {
    let kept = base.numbers.iter().filter(|one| one.state != NumberState::Retired && is_meant(one));
    kept.map(|one| format!("number {}", one.e164.e164().masked())).collect()
}

/// The jobs that are to be done.
fn jobs(base: &Ruleset, is_meant: impl Fn(&WorkOrder) -> bool) -> Vec<String> {
    let open = base.work_orders.iter().filter(|one| one.status == WorkOrderStatus::Open && is_meant(one));
    ids(open.map(|one| &one.id))
}

/// The rules that send there, each with its location.
fn rules(base: &Ruleset, is_meant: impl Fn(&RuleRoute) -> bool) -> Vec<String> {
    let all = base.locations.iter().flat_map(|location| location.rules.iter().map(move |rule| (location, rule)));
    let meant = all.filter(|(_, rule)| is_meant(&rule.route));
    meant.map(|(location, rule)| format!("rule {:?} of {}", rule.name, location.id)).collect()
}

fn ids<T: ToString>(ids: impl Iterator<Item = T>) -> Vec<String> {
    ids.map(|id| id.to_string()).collect()
}

fn number_of<'a>(base: &'a Ruleset, session: &Session) -> Option<&'a Number> {
    base.numbers.iter().find(|number| number.e164 == session.number)
}

/// The location that governs a session: its own, its number's, or the tenant's default.
fn location_of<'a>(base: &'a Ruleset, session: &'a Session) -> Option<&'a Location> {
    let of_number = || number_of(base, session).and_then(|number| number.location.as_ref());
    base.location(session.location.as_ref().or_else(of_number).or(base.tenant.default_location.as_ref())?)
}

fn is_over(base: &Ruleset, session: &Session, now: Moment) -> bool {
    let job = session.work_order().and_then(|id| base.work_orders.iter().find(|job| job.id == *id));
    let grace = location_of(base, session).map_or(0, |location| location.masking.grace_window_days);
    match session.phase(job.map(|job| job.status), grace, now) {
        Phase::Live | Phase::Grace | Phase::NotYet => false,
        Phase::Over { .. } => true,
    }
}

/// Whether calls that are sent to the back office would reach nobody without this line.
fn is_last_line(location: &Location, id: &LineId) -> bool {
    let only = location.active_lines().all(|line| line.id == *id) && location.active_lines().next().is_some();
    let settings = &location.masking;
    let routes = [settings.inbound_callback_route_in_hours, settings.inbound_callback_route_out_of_hours];
    let mut routes = routes.iter().chain(&location.on_no_answer);
    let by_rule = |route: &RuleRoute| match route {
        RuleRoute::Route(Route::Backoffice) => true,
        RuleRoute::Line(line) => line == id,
        RuleRoute::Route(Route::Technician | Route::Voicemail)
        | RuleRoute::NoMatch(NoMatchAction::Hangup | NoMatchAction::Voicemail | NoMatchAction::DispatcherQueue)
        | RuleRoute::Technician(_) => false,
    };
    only && (routes.any(|route| *route == Route::Backoffice) || location.rules.iter().any(|rule| by_rule(&rule.route)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORLD: &str = include_str!("file/tests/world.toml");

    fn world(more: &str) -> Ruleset {
        let text = format!("{WORLD}\n{more}");
        super::super::file::read(&text, "f", None, &|_| None).expect("a good file").0
    }

    fn at(text: &str) -> Moment {
        Moment::read(text).expect("an instant")
    }

    #[test]
    fn a_session_that_routes_needs_everything_that_it_goes_through() {
        let base = world("");
        let number = base.numbers[0].e164;
        let (account, location, line) = ("tw".into(), "chicago".into(), "desk-1".into());
        let (technician, customer, job) = ("jo".into(), "ana".into(), "wo-1".into());
        let all = [
            Going::Account(&account),
            Going::Location(&location),
            Going::Line(&line),
            Going::Technician(&technician),
            Going::Customer(&customer),
            Going::WorkOrder(&job),
            Going::Number(number),
        ];
        let now = at("2026-03-09T10:00:00Z");
        for going in all {
            assert_eq!(in_the_way(&base, going, now), [SessionId::from("s-1")], "{going:?}");
        }
        let (account, location, line) = ("x".into(), "x".into(), "x".into());
        let (technician, customer, job) = ("x".into(), "x".into(), "x".into());
        for going in [
            Going::Account(&account),
            Going::Location(&location),
            Going::Line(&line),
            Going::Technician(&technician),
            Going::Customer(&customer),
            Going::WorkOrder(&job),
        ] {
            assert_eq!(in_the_way(&base, going, now), [], "{going:?}");
            assert_eq!(references(&base, going), [], "{going:?}");
        }
    }

    #[test]
    fn a_session_is_in_the_way_until_its_grace_is_over() {
        let jo = "jo".into();
        let done = "status = \"completed\"\ncompleted_at = \"2026-03-01T10:00:00Z\"\n[[number]]";
        let completed = super::super::file::read(&WORLD.replacen("[[number]]", done, 1), "f", None, &|_| None);
        let completed = completed.expect("a good file").0;
        let later = world("started_at = \"2026-05-01T00:00:00Z\"\n");
        let ended = world("ended_at = \"2026-03-05T00:00:00Z\"\n");
        let expiring = world("expires_at = \"2026-03-05T00:00:00Z\"\n");
        for (why, base, now, expected) in [
            ("in grace", &completed, "2026-03-08T09:59:59Z", 1),
            ("after it", &completed, "2026-03-08T10:00:00Z", 0),
            ("still to begin", &later, "2026-03-08T10:00:00Z", 1),
            ("before its end", &ended, "2026-03-04T23:59:59Z", 1),
            ("ended", &ended, "2026-03-05T00:00:00Z", 0),
            ("before its expiry", &expiring, "2026-03-04T23:59:59Z", 1),
            ("expired", &expiring, "2026-03-05T00:00:00Z", 0),
        ] {
            assert_eq!(in_the_way(base, Going::Technician(&jo), at(now)).len(), expected, "{why}");
        }
    }

    #[test]
    fn a_line_is_needed_where_it_is_the_last_one_and_calls_go_there() {
        type Change = fn(&mut Location);
        let line: LineId = "desk-1".into();
        let rows: [(&str, Change, usize); 6] = [
            ("the last line of a back office", |_| {}, 1),
            ("inactive already", |l| l.lines[0].active = false, 0),
            (
                "another is active",
                |l| l.lines.push(crate::domain::Line { id: "desk-2".into(), ..l.lines[0].clone() }),
                0,
            ),
            ("no call goes there", |l| l.masking.inbound_callback_route_in_hours = Route::Voicemail, 0),
            (
                "calls that nobody answers do",
                |l| {
                    l.masking.inbound_callback_route_in_hours = Route::Technician;
                    l.on_no_answer = vec![Route::Backoffice];
                },
                1,
            ),
            (
                "calls of a rule do",
                |l| {
                    l.masking.inbound_callback_route_in_hours = Route::Technician;
                    let route = RuleRoute::Route(Route::Backoffice);
                    l.rules.push(crate::domain::LocationRule { name: "r".to_owned(), when: Default::default(), route });
                },
                1,
            ),
        ];
        for (why, change, expected) in rows {
            let mut base = world("");
            change(&mut base.locations[0]);
            let found = in_the_way(&base, Going::Line(&line), at("2026-03-09T10:00:00Z"));
            assert_eq!(found.len(), expected, "{why}");
        }
    }

    #[test]
    fn what_names_it_is_told_with_what_to_change() {
        let rule = "[[location.rule]]\nroute = { technician = \"jo\" }\n[[location.rule]]\nwhen = { reply = true }\n\
                    route = { line = \"desk-1\" }\n[[technician]]";
        let text = WORLD.replacen("[[technician]]", rule, 1);
        let mut base = super::super::file::read(&text, "f", None, &|_| None).expect("a good file").0;
        base.numbers[0].technician = Some("jo".into());
        base.numbers[0].work_order = Some("wo-1".into());
        let fields = |base: &Ruleset, going| {
            let found = references(base, going);
            assert!(found.iter().all(|f| f.code == Some("in_use") && !f.message.contains("+13125550190")), "{found:?}");
            found.into_iter().map(|f| f.field).collect::<Vec<_>>()
        };
        let (tw, chicago, desk) = ("tw".into(), "chicago".into(), "desk-1".into());
        let (jo, ana, job) = ("jo".into(), "ana".into(), "wo-1".into());
        assert_eq!(fields(&base, Going::Account(&tw)), ["numbers"]);
        assert_eq!(fields(&base, Going::Location(&chicago)), ["tenants", "numbers", "technicians", "customers"]);
        assert_eq!(fields(&base, Going::Line(&desk)), ["locations"]);
        assert_eq!(fields(&base, Going::Technician(&jo)), ["numbers", "work-orders", "locations"]);
        assert_eq!(fields(&base, Going::Customer(&ana)), ["work-orders"]);
        assert_eq!(fields(&base, Going::WorkOrder(&job)), ["numbers"]);
        assert_eq!(fields(&base, Going::Number(base.numbers[0].e164)), Vec::<String>::new());
        base.work_orders[0].status = WorkOrderStatus::Canceled { at: None };
        base.numbers[0].state = NumberState::Retired;
        assert_eq!(fields(&base, Going::Customer(&ana)), Vec::<String>::new(), "what is over is not in the way");
        assert_eq!(fields(&base, Going::Technician(&jo)), ["locations"]);
    }
}
