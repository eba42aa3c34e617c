//! Checks across the objects of a file and what is stored: references, numbers that are somebody's phone, settings in
//! their surroundings.
//!
//! Deliberately not here: what one object says of itself, and sessions that overlap (`overlap`).

use std::collections::{BTreeMap, BTreeSet};

use super::reading::{Kind, Reading};
use super::suggest;
use super::view::View;
use crate::domain::{Customer, E164, Location, Ownership};
use crate::rules::masking::{ACCEPT_NEEDS_ONE_LINE, Surroundings, cross_checks};

/// All of them. `sessions` are the paths of the file's sessions, in order.
pub(super) fn check(r: &mut Reading<'_>, view: View<'_>, sessions: &[String]) {
    references(r, view);
    sandbox_only(r, view);
    line_ids(r, view);
    phones_of_people(r, view);
    parties(r, view, sessions);
    for location in &view.file.locations {
        settings(r, view, location);
    }
    customers(r, view);
    super::overlap::check(&mut r.notes, view, sessions);
}

fn references(r: &mut Reading<'_>, view: View<'_>) {
    let mut known: BTreeSet<(Kind, String)> = BTreeSet::new();
    known.extend(view.accounts().map(|one| (Kind::Account, one.id.to_string())));
    known.extend(view.locations().map(|one| (Kind::Location, one.id.to_string())));
    known.extend(view.technicians().map(|one| (Kind::Technician, one.id.to_string())));
    known.extend(view.customers().map(|one| (Kind::Customer, one.id.to_string())));
    known.extend(view.work_orders().map(|one| (Kind::WorkOrder, one.id.to_string())));
    known.extend(view.numbers().map(|one| (Kind::Number, one.e164.to_string())));
    for pointer in std::mem::take(&mut r.pointers) {
        let target = (pointer.kind, pointer.id);
        if known.contains(&target) {
            continue;
        }
        let table = pointer.kind.table();
        let ids: Vec<&str> = known.iter().filter(|(kind, _)| *kind == target.0).map(|(_, id)| id.as_str()).collect();
        let message = match (pointer.kind, suggest::nearest(&target.1, &ids)) {
            (Kind::Number, _) => format!("is none of the tenant's numbers: no [[{table}]] here or stored has it"),
            (_, Some(near)) => format!("no [[{table}]] here or stored has this id; did you mean {near:?}?"),
            (_, None) => format!("no [[{table}]] here or stored has this id"),
        };
        r.notes.mistake(&pointer.path, message);
    }
}

/// A secret in the file, and a registration that nobody has granted, are for tenants that reach no provider.
fn sandbox_only(r: &mut Reading<'_>, view: View<'_>) {
    let Some(real) = view.accounts().find(|account| !account.sandbox) else { return };
    for (path, remedy) in std::mem::take(&mut r.sandbox_only) {
        let message =
            format!("only where all accounts of the tenant are sandbox accounts, and {} is not; {remedy}", real.id);
        r.notes.mistake(&path, message);
    }
}

fn line_ids(r: &mut Reading<'_>, view: View<'_>) {
    let mut first: BTreeMap<&str, &Location> = BTreeMap::new();
    let stored_first = {
        let mut all: Vec<&Location> = view.locations().collect();
        all.sort_by_key(|location| view.file.location(&location.id).is_some());
        all
    };
    for location in stored_first {
        for line in &location.lines {
            match first.get(line.id.as_str()) {
                Some(other) if other.id != location.id => {
                    let path = format!("location.{}.backoffice_line.{}", location.id, line.id);
                    let message =
                        format!("location {} has a line of this id; ids are unique within a tenant", other.id);
                    if view.file.location(&location.id).is_some() {
                        r.notes.mistake(&path, message);
                    }
                }
                Some(_) | None => {
                    first.insert(line.id.as_str(), location);
                }
            }
        }
    }
}

/// A person whose phone is one of our numbers would be called through themselves.
fn phones_of_people(r: &mut Reading<'_>, view: View<'_>) {
    let ours: BTreeSet<E164> = view.numbers().map(|number| number.e164.e164()).collect();
    let mut found = Vec::new();
    for technician in view.technicians().filter(|one| one.phone.is_some_and(|phone| ours.contains(&phone))) {
        found.push((format!("technician.{}.phone", technician.id), technician.phone));
    }
    for customer in view.customers() {
        let phone = customer.phones.iter().find(|phone| ours.contains(phone)).copied();
        if phone.is_some() {
            found.push((format!("customer.{}.phones", customer.id), phone));
        }
    }
    for location in view.locations() {
        for line in location.lines.iter().filter(|line| ours.contains(&line.phone)) {
            found.push((format!("location.{}.backoffice_line.{}.phone", location.id, line.id), Some(line.phone)));
        }
    }
    for (path, phone) in found {
        let owner = path.rsplit_once('.').map_or(path.as_str(), |(owner, _)| owner);
        let number = phone.map(|phone| format!("number.{phone}")).unwrap_or_default();
        if r.notes.names(owner) {
            r.notes.mistake(&path, "is one of the tenant's masking numbers; a person's own phone is wanted");
        } else if r.notes.names(&number) {
            r.notes.mistake(&number, format!("is the phone of a person: {owner}"));
        }
    }
}

fn parties(r: &mut Reading<'_>, view: View<'_>, sessions: &[String]) {
    const MESSAGE: &str = "is one of the tenant's masking numbers; a party is a person's own phone";
    let ours: BTreeSet<E164> = view.numbers().map(|number| number.e164.e164()).collect();
    for (path, session) in sessions.iter().zip(&view.file.sessions) {
        for (side, phone) in [("first_party", session.first_party), ("second_party", session.second_party)] {
            if phone.is_some_and(|phone| ours.contains(&phone)) {
                r.notes.mistake(&format!("{path}.{side}"), MESSAGE);
            }
        }
    }
}

/// Masking settings beside the location's lines and the accounts that carry its calls.
fn settings(r: &mut Reading<'_>, view: View<'_>, location: &Location) {
    let is_default = view.file.tenant.default_location.as_ref() == Some(&location.id);
    let here = |of: Option<&_>| of == Some(&location.id) || (of.is_none() && is_default);
    let carriers: BTreeSet<_> =
        view.numbers().filter(|number| here(number.location.as_ref())).map(|number| &number.account).collect();
    let around = Surroundings {
        active_lines: location.active_lines().count(),
        carriers: view.accounts().filter(|account| carriers.contains(&account.id)).collect(),
        own_account: view.accounts().any(|account| account.ownership == Ownership::TenantByo),
    };
    for finding in cross_checks(&location.masking, &around) {
        let mut path = format!("location.{}.masking.{}", location.id, finding.field);
        // The switch may be stored, and a line of the file what made it wrong.
        if finding.code == Some(ACCEPT_NEEDS_ONE_LINE) && !r.notes.names(&path) {
            let lines =
                location.active_lines().map(|line| format!("location.{}.backoffice_line.{}", location.id, line.id));
            path = lines.filter(|path| r.notes.names(path)).last().map_or(path, |line| format!("{line}.active"));
        }
        if finding.warning { r.notes.warning(&path, finding.message) } else { r.notes.mistake(&path, finding.message) }
    }
}

/// While a location is enabled, every phone of its customers (and of customers without a location) is E.164.
fn customers(r: &mut Reading<'_>, view: View<'_>) {
    let governs = |location: &Location, customer: &Customer| {
        location.masking.enabled && customer.location.as_ref().is_none_or(|id| *id == location.id)
    };
    for customer in view.file.customers.iter().filter(|customer| !customer.other_phones.is_empty()) {
        if let Some(location) = view.locations().find(|location| governs(location, customer)) {
            let message = format!(
                "contacts_not_e164: {} of these phones is neither E.164 nor a national number of {}, and masking is enabled \
                 at location {}; correct it, or take it out",
                customer.other_phones.len(),
                r.country,
                location.id
            );
            r.notes.mistake(&format!("customer.{}.phones", customer.id), message);
        }
    }
    let Some(base) = view.base else { return };
    for location in &view.file.locations {
        if base.location(&location.id).is_some_and(|stored| stored.masking.enabled) {
            continue;
        }
        let stored =
            base.customers.iter().filter(|customer| !view.file.customers.iter().any(|one| one.id == customer.id));
        let bad: Vec<&str> = stored
            .filter(|customer| !customer.other_phones.is_empty() && governs(location, customer))
            .map(|customer| customer.id.as_str())
            .collect();
        if !bad.is_empty() {
            let first = bad.iter().take(100).copied().collect::<Vec<_>>().join(", ");
            let message = format!(
                "contacts_not_e164: {} stored customer contacts have phones that are not E.164: {first}",
                bad.len()
            );
            r.notes.mistake(&format!("location.{}.masking.enabled", location.id), message);
        }
    }
}
