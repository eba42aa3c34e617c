//! Routes: whether every call to every number gets somewhere, and to whom it was meant to get.
//!
//! Deliberately not here: what one call would do (`routing`), and hours.

use std::collections::BTreeMap;

use super::{Doubt, home, numbers_of};
use crate::domain::{
    Account, Capability, E164, Location, MaskingMode, MaskingSettings, NoMatchAction, NumberState, Ownership, Route,
    RuleRoute, SessionState, Technician, TechnicianId,
};
use crate::rules::masking::{Surroundings, cross_checks};
use crate::rules::ruleset::Ruleset;

/// What is doubtful about a tenant's routes. `all` are the rules of every tenant, this one's too; `bases` is what
/// providers reach us at.
pub fn doubts(rules: &Ruleset, all: &[Ruleset], bases: &[String]) -> Vec<Doubt> {
    let mut found = loops(rules, all, bases);
    found.extend(numbers(rules));
    for location in &rules.locations {
        let at = Place { rules, location, carriers: carriers(rules, location) };
        found.extend(at.settings());
        found.extend(at.numbers());
        found.extend(at.technicians());
        found.extend(at.back_office());
        found.extend(at.queue());
        found.extend(at.own_rules());
    }
    found
}

/// The accounts that carry the calls of a location.
fn carriers<'a>(rules: &'a Ruleset, location: &Location) -> Vec<&'a Account> {
    let mut ids: Vec<_> = numbers_of(rules, location).map(|number| &number.account).collect();
    ids.sort();
    ids.dedup();
    ids.into_iter().filter_map(|id| rules.account(id)).collect()
}

/// Calls that would come back to us for ever.
fn loops(rules: &Ruleset, all: &[Ruleset], bases: &[String]) -> Vec<Doubt> {
    let rented = all.iter().flat_map(|one| one.numbers.iter().map(move |number| (number, one)));
    let ours: BTreeMap<E164, &Ruleset> =
        rented.filter(|(number, _)| number.is_ours()).map(|(number, one)| (number.e164.e164(), one)).collect();
    let foreign = |phone: E164| ours.get(&phone).filter(|owner| owner.tenant.id != rules.tenant.id);
    let mut found = Vec::new();
    let mut people: Vec<(String, E164)> = Vec::new();
    for location in &rules.locations {
        people.extend(location.lines.iter().map(|line| (format!("backoffice_line {}", line.id), line.phone)));
    }
    people.extend(rules.technicians.iter().filter_map(|one| Some((format!("technician {}", one.id), one.phone?))));
    for (who, phone) in people {
        if let Some(owner) = foreign(phone) {
            found.push(Doubt::grave(
                format!(
                    "{who}: its phone is a masking number of tenant {}: calls to it come back here",
                    owner.tenant.id
                ),
                format!("give {who} the phone of a person or a desk"),
            ));
        }
    }
    for number in &rules.numbers {
        let Some(url) = &number.answer_url else { continue };
        if bases.iter().any(|base| url.starts_with(&format!("{}/webhooks/", base.trim_end_matches('/')))) {
            found.push(Doubt::grave(
                format!(
                    "number {}: its answer_url is one of our own webhooks: such calls go round for ever",
                    masked(number.e164.e164())
                ),
                "name another application's address as its answer_url, or take it out",
            ));
        }
    }
    found
}

fn masked(phone: E164) -> String {
    phone.masked().to_string()
}

/// Numbers that nobody governs, that stand for somebody who is away, and that sessions still count on.
fn numbers(rules: &Ruleset) -> Vec<Doubt> {
    let mut found = Vec::new();
    for number in rules.numbers.iter().filter(|number| number.state != NumberState::Retired) {
        let name = masked(number.e164.e164());
        if home(rules, number).is_none() {
            found.push(Doubt::grave(
                format!("number {name}: it is at no location, and the tenant has no default one: its callers get no answer of an office"),
                "give the number a location_id, or name tenant.default_location",
            ));
        }
        if let Some(id) = &number.technician
            && !reachable(rules, id)
        {
            found.push(Doubt::slight(
                format!("number {name}: it stands for technician {id}, who cannot be called"),
                format!("give technician.{id} a phone and active = true, or the number to somebody else"),
            ));
        }
    }
    let live = rules.sessions.iter().filter(|session| matches!(session.state, SessionState::Live { .. }));
    let silent = live.filter(|session| {
        rules.numbers.iter().any(|number| {
            number.e164 == session.number && matches!(number.state, NumberState::Released { .. } | NumberState::Retired)
        })
    });
    match silent.count() {
        0 => {}
        count => found.push(Doubt::slight(
            format!("{count} live sessions are on numbers that were released: nothing reaches them"),
            "end these sessions, or make their numbers serve again",
        )),
    }
    found
}

fn reachable(rules: &Ruleset, id: &TechnicianId) -> bool {
    rules.technicians.iter().any(|one| one.id == *id && can_be_called(one))
}

fn can_be_called(technician: &Technician) -> bool {
    technician.active && technician.phone.is_some()
}

/// A location, looked at.
struct Place<'a> {
    rules: &'a Ruleset,
    location: &'a Location,
    carriers: Vec<&'a Account>,
}

impl Place<'_> {
    fn masking(&self) -> &MaskingSettings {
        &self.location.masking
    }

    fn slight(&self, about: &str, mend: impl Into<String>) -> Doubt {
        Doubt::slight(format!("location {}: {about}", self.location.id), mend)
    }

    /// The settings in their surroundings, as they are by now.
    fn settings(&self) -> Vec<Doubt> {
        let around = Surroundings {
            active_lines: self.location.active_lines().count(),
            carriers: self.carriers.clone(),
            own_account: self.rules.accounts.iter().any(|(account, _)| account.ownership == Ownership::TenantByo),
        };
        let path = |field: &str| format!("location.{}.masking.{field}", self.location.id);
        let told = |finding: crate::rules::finding::Finding| Doubt {
            grave: !finding.warning,
            about: format!("{}: {}", path(&finding.field), finding.message),
            mend: format!("change {}, or what it needs", path(&finding.field)),
        };
        cross_checks(self.masking(), &around).into_iter().map(told).collect()
    }

    fn numbers(&self) -> Option<Doubt> {
        let own = numbers_of(self.rules, self.location).count();
        let pool = self.masking().masking_mode == MaskingMode::SharedTenant && !self.rules.numbers.is_empty();
        if own == 0 && !pool && self.masking().enabled {
            let mend = format!("add a [[number]] with location_id = \"{}\"", self.location.id);
            return Some(self.slight("it has no number: nobody can call it", mend));
        }
        (own > 0 && !self.masking().enabled).then(|| {
            let about = format!(
                "masking is off, so that calls without a running session get its no-match action ({})",
                self.masking().voice_no_match_action
            );
            self.slight(&about, format!("set location.{}.masking.enabled = true", self.location.id))
        })
    }

    fn routes(&self) -> [Route; 2] {
        [self.masking().inbound_callback_route_in_hours, self.masking().inbound_callback_route_out_of_hours]
    }

    fn technicians(&self) -> Option<Doubt> {
        let here = |one: &&Technician| one.location.as_ref().is_none_or(|id| *id == self.location.id);
        let sent = self.routes().contains(&Route::Technician);
        let nobody = !self.rules.technicians.iter().filter(here).any(can_be_called);
        (sent && nobody && numbers_of(self.rules, self.location).next().is_some()).then(|| {
            self.slight(
                "calls go to the technician, and no technician of it is active and has a phone: they go to the back \
                 office, else to voicemail",
                format!(
                    "add a [[technician]] with a phone and location_id = \"{}\", or change its routes",
                    self.location.id
                ),
            )
        })
    }

    fn back_office(&self) -> Vec<Doubt> {
        if self.location.active_lines().next().is_some() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let switch = || format!("set active = true on a [[location.backoffice_line]] of {}", self.location.id);
        if !self.location.lines.is_empty() {
            found.push(self.slight("all its back-office lines are inactive", switch()));
        }
        if self.location.on_no_answer.contains(&Route::Backoffice) {
            let about = "calls that nobody takes go to the back office, which has no active line: that step is skipped";
            found.push(self.slight(about, format!("{}, or take backoffice out of on_no_answer", switch())));
        }
        found
    }

    fn queue(&self) -> Vec<Doubt> {
        let wanted = self.masking().voice_no_match_action == NoMatchAction::DispatcherQueue
            || self.location.rules.iter().any(|rule| rule.route == RuleRoute::NoMatch(NoMatchAction::DispatcherQueue));
        let without = self.carriers.iter().filter(|account| wanted && !account.kind.can(Capability::Queue));
        let told = |account: &&Account| {
            let about = format!(
                "callers are to wait for a dispatcher, and account {} ({}) has no queue: they go to voicemail",
                account.id, account.kind
            );
            self.slight(
                &about,
                format!("set location.{}.masking.voice_no_match_action = \"voicemail\"", self.location.id),
            )
        };
        without.map(told).collect()
    }

    fn own_rules(&self) -> Vec<Doubt> {
        let lines = || self.location.active_lines();
        let nowhere = |route: &RuleRoute| match route {
            RuleRoute::Technician(id) if !reachable(self.rules, id) => {
                Some(format!("technician {id}, who cannot be called"))
            }
            RuleRoute::Line(id) if !lines().any(|line| line.id == *id) => {
                Some(format!("line {id}, which is not active"))
            }
            RuleRoute::Route(Route::Backoffice) if lines().next().is_none() => {
                Some("the back office, which has no active line".to_owned())
            }
            RuleRoute::Technician(_) | RuleRoute::Line(_) | RuleRoute::Route(_) | RuleRoute::NoMatch(_) => None,
        };
        let told = |rule: &crate::domain::LocationRule| {
            let about = format!("its rule \"{}\" sends to {}", rule.name, nowhere(&rule.route)?);
            Some(self.slight(&about, "mend where it sends to, or take the rule out"))
        };
        self.location.rules.iter().filter_map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{changed, sound};
    use super::*;

    #[test]
    fn each_dead_end_is_found() {
        let base = "https://h.example";
        let desk = "phone = \"+13125550123\"";
        let queue = "enabled = true\nvoice_no_match_action = \"dispatcher_queue\"";
        let to_desk = "enabled = true\ninbound_callback_route_in_hours = \"backoffice\"";
        for (changes, expected, why) in [
            (&[][..], &[][..], "a sound world"),
            (
                &[(desk, "phone = \"+13125550123\"\nactive = false")],
                &["all its back-office lines are inactive"],
                "no line",
            ),
            (
                &[(desk, "phone = \"+13125550123\"\nactive = false"), ("enabled = true", to_desk)],
                &["backoffice, and no back-office line is active", "all its back-office lines"],
                "and a route to it",
            ),
            (
                &[("phone = \"+13125550144\"", "active = false\nphone = \"+13125550144\"")],
                &["no technician of it is active"],
                "nobody at work",
            ),
            (&[("enabled = true", "enabled = false")], &["masking is off"], "switched off"),
            (
                &[("kind = \"twilio\"", "kind = \"telnyx\""), ("enabled = true", queue)],
                &["(telnyx) has no queue"],
                "no queue to wait in",
            ),
            (
                &[(
                    "location_id = \"chicago\"\n\n[[session]]",
                    "location_id = \"chicago\"\ntechnician_id = \"kim\"\n\n[[technician]]\nid = \"kim\"\n\n[[session]]",
                )],
                &["stands for technician kim"],
                "a number of somebody without a phone",
            ),
            (
                &[(
                    "location_id = \"chicago\"\n\n[[session]]",
                    "location_id = \"chicago\"\nanswer_url = \"https://h.example/webhooks/acme-twilio/voice\"\n\n[[session]]",
                )],
                &["go round for ever"],
                "an answer_url that is ours",
            ),
            (
                &[
                    (
                        desk,
                        "phone = \"+13125550123\"\n\n[[location.rule]]\nname = \"R\"\nwhen = { caller = \"unknown\" }\nroute = { line = \"desk\" }\n\n[[location.backoffice_line]]\nid = \"spare\"\nphone = \"+13125550124\"",
                    ),
                    ("id = \"desk\"", "id = \"desk\"\nactive = false"),
                ],
                &["sends to line desk, which is not active"],
                "a rule that sends to a line that is off",
            ),
        ] {
            let rules = changed(changes);
            let found = doubts(&rules, std::slice::from_ref(&rules), &[base.to_owned()]);
            let right = found.len() == expected.len()
                && found.iter().zip(expected).all(|(doubt, part)| doubt.about.contains(part) && !doubt.mend.is_empty());
            assert!(right, "{why}: {found:#?}");
        }
    }

    #[test]
    fn what_only_whole_rules_show_is_found() {
        let mut rules = sound();
        rules.numbers[0].location = None;
        rules.tenant.default_location = None;
        let found = doubts(&rules, std::slice::from_ref(&rules), &[]);
        assert!(found.iter().any(|doubt| doubt.grave && doubt.about.contains("at no location")), "{found:#?}");

        let mut rules = sound();
        rules.numbers[0].state = NumberState::Released { at: crate::domain::Moment::from_seconds(0) };
        let found = doubts(&rules, std::slice::from_ref(&rules), &[]);
        assert!(found.iter().any(|doubt| doubt.about.contains("1 live sessions")), "{found:#?}");

        let (one, mut other) = (sound(), sound());
        other.tenant.id = "other".into();
        other.numbers[0].e164 = crate::domain::MaskingNumber::rented(one.locations[0].lines[0].phone);
        let all = [one.clone(), other];
        let found = doubts(&one, &all, &[]);
        assert!(found.iter().any(|doubt| doubt.grave && doubt.about.contains("number of tenant other")), "{found:#?}");
    }
}
