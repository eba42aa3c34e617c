//! Who is in the demo's world, as a phone network needs to know them: names, phones, numbers, and who belongs with whom.
//!
//! Deliberately not here: what they do (`scenes`).

use std::collections::BTreeMap;

use crate::domain::{AccountKind, Location, LocationId, Session};
use crate::replay::phones::script::{Rented, Speaks};
use crate::rules::ruleset::Ruleset;

/// What somebody is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// A back-office line.
    Desk,
    /// A technician.
    Technician,
    /// A customer.
    Customer,
}

/// Somebody with a phone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// What the story calls them.
    pub name: String,
    /// Their phone.
    pub phone: String,
    /// What they are.
    pub role: Role,
}

/// A technician and a customer who are joined.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    /// The number between them.
    pub number: String,
    /// The technician.
    pub technician: Person,
    /// The customer.
    pub customer: Person,
}

/// An office, as the story tells its time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Office {
    /// Its short name.
    pub name: String,
    /// Its time zone.
    pub zone: String,
}

/// Everybody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cast {
    /// All who can be called.
    pub people: Vec<Person>,
    /// All who are joined.
    pub pairs: Vec<Pair>,
    /// The numbers, with where their provider sends what comes.
    pub rented: Vec<Rented>,
    offices: BTreeMap<String, Office>,
}

impl Cast {
    /// Everybody of a world whose server is at `base`.
    pub fn of(rules: &Ruleset, base: &str) -> Self {
        let mut people: Vec<Person> = rules.locations.iter().flat_map(desks).collect();
        let person = |name: &str, phone: String, role| Person { name: name.to_owned(), phone, role };
        people.extend(
            rules
                .technicians
                .iter()
                .filter_map(|one| Some(person(&one.name, one.phone?.to_string(), Role::Technician))),
        );
        people.extend(
            rules
                .customers
                .iter()
                .filter_map(|one| Some(person(&one.name, one.phones.first()?.to_string(), Role::Customer))),
        );
        let known = |phone: String| people.iter().find(|person| person.phone == phone).cloned();
        let pair = |session: &Session| {
            Some(Pair {
                number: session.number.to_string(),
                technician: known(session.first_party?.to_string())?,
                customer: known(session.second_party?.to_string())?,
            })
        };
        let pairs = rules.sessions.iter().filter_map(pair).collect();
        let rented = rules.numbers.iter().filter_map(|number| {
            let account = rules.account(&number.account)?;
            let speaks = match account.kind {
                AccountKind::Twilio => Speaks::Twilio,
                AccountKind::Signalwire => Speaks::Signalwire,
                AccountKind::Telnyx | AccountKind::Plivo | AccountKind::Ringcentral => return None,
            };
            Some(Rented {
                number: number.e164.to_string(),
                speaks,
                account: account.id.to_string(),
                account_sid: account.account_sid.clone(),
                webhooks: format!("{base}/webhooks/{}", account.id),
            })
        });
        let office = |number: &crate::domain::Number| {
            let location = rules.location(number.location.as_ref()?)?;
            let office = Office { name: city(&location.id), zone: location.time_zone.clone() };
            Some((number.e164.to_string(), office))
        };
        let offices = rules.numbers.iter().filter_map(office).collect();
        Self { rented: rented.collect(), pairs, offices, people }
    }

    /// The office of a number.
    pub fn office(&self, number: &str) -> Option<&Office> {
        self.offices.get(number)
    }

    /// The numbers of an office.
    pub fn numbers_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.offices.iter().filter(move |(_, office)| office.name == name).map(|(number, _)| number.as_str())
    }
}

fn desks(location: &Location) -> Vec<Person> {
    let city = city(&location.id);
    let name = |at: usize| match at {
        0 => format!("the {city} desk"),
        _ => format!("the {city} desk's other phone"),
    };
    let desk = |(at, line): (usize, &crate::domain::Line)| Person {
        name: name(at),
        phone: line.phone.to_string(),
        role: Role::Desk,
    };
    location.active_lines().enumerate().map(desk).collect()
}

/// `chicago` as it is written.
fn city(id: &LocationId) -> String {
    let mut letters = id.as_str().chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
