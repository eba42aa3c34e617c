//! Checks across the objects of a file and what is stored: references, numbers that are somebody's phone, settings in
//! their surroundings.
//!
//! Deliberately not here: what one object says of itself, and sessions that overlap (`overlap`).

use std::collections::{BTreeMap, BTreeSet};

use super::reading::{Door, Kind, Reading};
use super::suggest;
use super::view::View;
use crate::domain::{Customer, E164, Location};
use crate::rules::finding::code;
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
    match r.door {
        Door::File => customers(r, view),
        Door::Api => contact(r, view),
    }
    super::overlap::check(&mut r.notes, view, sessions);
    super::terms::check(r, view, sessions);
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
        let message = match (pointer.kind, r.door, suggest::nearest(&target.1, &ids)) {
            (Kind::Number, Door::File, _) => {
                format!("is none of the tenant's numbers: no [[{table}]] here or stored has it")
            }
            (Kind::Number, Door::Api, _) => "is none of the tenant's numbers".to_owned(),
            (_, Door::File, Some(near)) => {
                format!("no [[{table}]] here or stored has this id; did you mean {near:?}?")
            }
            (_, Door::File, None) => format!("no [[{table}]] here or stored has this id"),
            (_, Door::Api, Some(near)) => {
                format!("the tenant has no {} of this id; did you mean {near:?}?", table.replace('_', " "))
            }
            (_, Door::Api, None) => format!("the tenant has no {} of this id", table.replace('_', " ")),
        };
        r.notes.coded(&pointer.path, code::NOT_FOUND, message);
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
                        r.notes.coded(&path, code::CONFLICT, message);
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
    let ours: BTreeSet<E164> =
        view.numbers().filter(|number| number.is_ours()).map(|number| number.e164.e164()).collect();
    let mut found = Vec::new();
    for technician in view.technicians().filter(|one| one.phone.is_some_and(|phone| ours.contains(&phone))) {
        found.push((format!("technician.{}.phone", technician.id), technician.phone));
    }
    for customer in view.customers() {
        let phone = customer.phones.iter().find(|phone| ours.contains(phone)).copied();
        if phone.is_some() {
            found.push((typed_at(r, view, customer, phone), phone));
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
            let message = "is one of the tenant's masking numbers; a person's own phone is wanted";
            r.notes.coded(&path, code::CONFLICT, message);
        } else if r.notes.names(&number) {
            r.notes.coded(&number, code::CONFLICT, format!("is the phone of a person: {owner}"));
        }
    }
}

/// Where the body says this phone of a customer; a file is told of the list.
fn typed_at(r: &Reading<'_>, view: View<'_>, customer: &Customer, phone: Option<E164>) -> String {
    let stored = view.base.and_then(|base| base.customers.iter().find(|one| one.id == customer.id));
    let known = phone.is_some_and(|phone| stored.is_some_and(|stored| stored.phones.contains(&phone)));
    let typed = r.typed_phones.iter().find(|(_, text)| E164::read(text) == phone);
    match (r.door, typed) {
        (Door::Api, Some((path, _))) if !known => path.clone(),
        (Door::Api | Door::File, _) => format!("customer.{}.phones", customer.id),
    }
}

fn parties(r: &mut Reading<'_>, view: View<'_>, sessions: &[String]) {
    const MESSAGE: &str = "is one of the tenant's masking numbers; a party is a person's own phone";
    let ours: BTreeSet<E164> =
        view.numbers().filter(|number| number.is_ours()).map(|number| number.e164.e164()).collect();
    for (path, session) in sessions.iter().zip(&view.file.sessions) {
        for (side, phone) in [("first_party", session.first_party), ("second_party", session.second_party)] {
            if phone.is_some_and(|phone| ours.contains(&phone)) {
                r.notes.coded(&format!("{path}.{side}"), code::CONFLICT, MESSAGE);
            }
        }
    }
}

/// Masking settings beside the location's lines and the accounts that carry its calls.
fn settings(r: &mut Reading<'_>, view: View<'_>, location: &Location) {
    let is_default = view.file.tenant.default_location.as_ref() == Some(&location.id);
    let around = Surroundings::of(location, is_default, view.numbers(), view.accounts());
    for finding in cross_checks(&location.masking, &around) {
        let mut path = format!("location.{}.masking.{}", location.id, finding.field);
        // The switch may be stored, and a line of the file what made it wrong.
        if finding.code == Some(ACCEPT_NEEDS_ONE_LINE) && !r.notes.names(&path) {
            let lines =
                location.active_lines().map(|line| format!("location.{}.backoffice_line.{}", location.id, line.id));
            path = lines.filter(|path| r.notes.names(path)).last().map_or(path, |line| format!("{line}.active"));
        }
        r.notes.finding(&path, finding);
    }
}

/// While a location is enabled, every phone of its customers (and of customers without a location) is E.164.
fn customers(r: &mut Reading<'_>, view: View<'_>) {
    for customer in view.file.customers.iter().filter(|customer| !customer.other_phones.is_empty()) {
        if let Some(location) = view.locations().find(|location| governs(location, customer)) {
            let message = format!(
                "contacts_not_e164: {} of these phones {} not E.164 (+ and 7 to 15 digits), and masking is enabled at \
                 location {}; correct what is wrong, or take it out",
                customer.other_phones.len(),
                if customer.other_phones.len() == 1 { "is" } else { "are" },
                location.id
            );
            r.notes.coded(&format!("customer.{}.phones", customer.id), code::CONTACTS_NOT_E164, message);
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
            r.notes.coded(&format!("location.{}.masking.enabled", location.id), code::CONTACTS_NOT_E164, message);
        }
    }
}

/// Whether masking at this location is enabled and concerns this customer.
fn governs(location: &Location, customer: &Customer) -> bool {
    location.masking.enabled && customer.location.as_ref().is_none_or(|id| *id == location.id)
}

/// The contact that a body is about: what is new at an enabled location is E.164. What was stored there before stays.
fn contact(r: &mut Reading<'_>, view: View<'_>) {
    let Some(customer) = view.file.customers.first().filter(|customer| !customer.other_phones.is_empty()) else {
        return;
    };
    let Some(location) = view.locations().find(|location| governs(location, customer)) else { return };
    let stored = view.base.and_then(|base| base.customers.iter().find(|one| one.id == customer.id));
    let kept = stored.filter(|stored| stored.location == customer.location);
    let is_new = |text: &String| kept.is_none_or(|kept| !kept.other_phones.contains(text));
    if !r.notes.names(&format!("customer.{}.phones", customer.id)) {
        if kept.is_none() {
            let message = format!(
                "masking is enabled at location {}, and {} of the contact's phones are not E.164; correct phones too",
                location.id,
                customer.other_phones.len()
            );
            r.notes.coded(&format!("customer.{}.location_id", customer.id), code::CONTACTS_NOT_E164, message);
        }
        return;
    }
    let odd = r.typed_phones.iter().filter(|(_, text)| customer.other_phones.contains(text) && is_new(text));
    for path in odd.map(|(path, _)| path.clone()).collect::<Vec<_>>() {
        let message = format!(
            "must be E.164 while masking is enabled at location {}: + and 7 to 15 digits, such as +13125550101",
            location.id
        );
        r.notes.coded(&path, code::NOT_E164, message);
    }
}
