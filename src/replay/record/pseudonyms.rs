//! Pseudonyms by kind: phones, ids, names, addresses. Each is of the kind of what it stands for, and the same in every
//! file of a project.
//!
//! Numbers of fiction are mapped like any other: were they kept, a real number could be given one that somebody else in
//! the same world has. Deliberately not here: which value is of which kind (`form`, `document`, `world`).

use std::collections::BTreeSet;

use crate::domain::{AccountKind, CallerId, E164};
use crate::rules::numbering::fiction;

use super::book::Book;
use super::names;

/// Letters that ids are made of.
const LETTERS: &[u8] = b"abcdefghijklmnop";

/// Letters that are hexadecimal digits too.
const HEX_LETTERS: &[u8] = b"abcdef";

/// Sound files keep their ending.
const ENDINGS: [&str; 5] = ["mp3", "wav", "ogg", "aiff", "xml"];

/// Pseudonyms under one key.
#[derive(Debug)]
pub struct Pseudonyms {
    book: Book,
}

impl Pseudonyms {
    /// Pseudonyms of this book.
    pub fn new(book: Book) -> Self {
        Self { book }
    }

    /// What went wrong: nothing that was mapped may be written down then.
    pub fn trouble(&self) -> Option<&str> {
        self.book.trouble()
    }

    /// A phone of nobody in the same country, of the same kind; a number of ours is one too.
    pub fn phone(&mut self, real: E164) -> E164 {
        let start = self.book.number("phone", &real.to_string());
        let candidates = fiction::stand_ins(real).into_iter().flat_map(move |range| {
            let (first, count) = (*range.start(), range.end() - range.start() + 1);
            (0..count).map(move |step| format!("+{}", first + (start % count + step) % count))
        });
        let found = self.book.entry("phone", &real.to_string(), candidates);
        // Where all are taken there is trouble, and nothing is written.
        found.and_then(|text| E164::read(&text)).or(E164::from_digits(9_990_000_000_000)).unwrap_or(real)
    }

    /// What a provider says in place of a phone: of the same kind, and a phone for a phone.
    pub fn caller(&mut self, text: &str) -> String {
        let caller = CallerId::read(text);
        match caller {
            CallerId::Number(phone) => self.phone(phone).to_string(),
            // These words, and how a keypad spells them, are the same for everybody.
            CallerId::Withheld => text.to_owned(),
            CallerId::Client => format!("client:{}", self.letters("client", text, 8)),
            CallerId::Sip => format!("sip:{}@example.com", self.letters("sip", text, 8)),
            CallerId::Other => self.other(text),
        }
    }

    fn other(&mut self, text: &str) -> String {
        let app = text.split_once(':').filter(|(app, _)| matches!(*app, "whatsapp" | "rcs" | "messenger" | "tel"));
        match app.map(|(app, rest)| (app, rest, CallerId::read(rest))) {
            Some((app, _, CallerId::Number(phone))) => format!("{app}:{}", self.phone(phone)),
            Some((app, rest, CallerId::Withheld)) => format!("{app}:{rest}"),
            Some((app, rest, CallerId::Client | CallerId::Sip | CallerId::Other)) => {
                format!("{app}:{}", self.sender(rest))
            }
            None => self.sender(text),
        }
    }

    fn sender(&mut self, text: &str) -> String {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let sender = text.chars().any(char::is_alphabetic);
        match digits.parse().ok().and_then(E164::from_digits) {
            // A phone without its plus, or with signs between: its digits alone are as little E.164 as before.
            Some(phone) if !sender => self.phone(phone).digits().to_string(),
            _ if sender => self.book.letters("sender", text, b"ABCDEFGHIJKLMNOP", text.chars().count().min(11)),
            _ => self.book.letters("code", text, b"23456789", digits.len().clamp(3, 6)),
        }
    }

    /// An id of a provider: obviously made up, with the letters that tell its kind.
    pub fn sid(&mut self, real: &str) -> String {
        let is_uuid = real.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
        let known = real.len() == 34 && real.bytes().take(2).all(|byte| byte.is_ascii_uppercase());
        if is_uuid {
            format!("00000000-0000-4000-8000-{}", self.book.letters("sid", real, HEX_LETTERS, 12))
        } else if known {
            format!("{}{}{}", &real[..2], "0".repeat(16), self.book.letters("sid", real, HEX_LETTERS, 16))
        } else {
            self.letters("sid", real, 12)
        }
    }

    /// Somebody's name, by what they are and their id.
    pub fn person(&mut self, tenant: &str, kind: &str, id: &str) -> String {
        self.beside(&format!("{tenant}\0{kind}\0{id}"), &BTreeSet::new())
    }

    /// Names people who are in one world, by what they are and their ids: where it is possible, nobody new gets a first
    /// name that another of them has.
    pub fn people<'a>(&mut self, tenant: &str, everybody: impl Iterator<Item = (&'a str, &'a str)>) {
        let reals: Vec<String> = everybody.map(|(kind, id)| format!("{tenant}\0{kind}\0{id}")).collect();
        let known = |real: &String| self.book.known("person", real).map(|name| first(name).to_owned());
        let mut taken: BTreeSet<String> = reals.iter().filter_map(known).collect();
        for real in &reals {
            let name = self.beside(real, &taken);
            taken.insert(first(&name).to_owned());
        }
    }

    /// Somebody's name beside people with these first names.
    fn beside(&mut self, real: &str, taken: &BTreeSet<String>) -> String {
        let start = self.book.number("person", real);
        let free = |name: &String| !taken.contains(first(name));
        // Where every first name is taken, none need be looked for.
        let plain = if taken.len() < names::FIRST.len() { names::PEOPLE } else { 0 };
        let apart = numbered(start, plain, names::person).filter(free);
        let more = numbered(start, names::MORE_PEOPLE, |no| names::person(names::PEOPLE + no));
        let all = numbered(start, names::PEOPLE, names::person).chain(more);
        self.book.entry("person", real, apart.chain(all)).unwrap_or_default()
    }

    /// A name that came without anybody's id, such as a carrier's.
    pub fn name(&mut self, real: &str) -> String {
        self.person("", "name", real)
    }

    /// A tenant's name.
    pub fn company(&mut self, tenant: &str) -> String {
        let start = self.book.number("company", tenant);
        let more = numbered(start, names::MORE_COMPANIES, |no| names::company(names::COMPANIES + no));
        let all = numbered(start, names::COMPANIES, names::company).chain(more);
        self.book.entry("company", tenant, all).unwrap_or_default()
    }

    /// A town, for a location.
    pub fn town(&mut self, tenant: &str, location: &str) -> String {
        let real = format!("{tenant}\0{location}");
        let start = self.book.number("town", &real);
        let more = numbered(start, names::MORE_TOWNS, |no| names::town(names::TOWNS.len() + no));
        self.book.entry("town", &real, numbered(start, names::TOWNS.len(), names::town).chain(more)).unwrap_or_default()
    }

    /// The id of a provider account.
    pub fn account(&mut self, tenant: &str, account: &str, kind: AccountKind) -> String {
        let base = format!("{}-{kind}", names::slug(&self.company(tenant)));
        let plain = std::iter::once(base.clone());
        self.book
            .entry("account", account, plain.chain((2..1_000).map(|no| format!("{base}-{no}"))))
            .unwrap_or_default()
    }

    /// An id of our own kind, such as a session's: letters that follow from the real one.
    pub fn id(&mut self, kind: &str, tenant: &str, id: &str) -> String {
        format!("{kind}-{}", self.letters(kind, &format!("{tenant}\0{id}"), 8))
    }

    /// An address that is not ours.
    pub fn url(&mut self, real: &str) -> String {
        if real.is_empty() {
            return String::new();
        }
        let path = real.split(['?', '#']).next().unwrap_or_default();
        let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        let ending = ending.filter(|ending| ENDINGS.contains(&ending.as_str()));
        let letters = self.letters("url", real, 10);
        match ending {
            Some(ending) => format!("https://files.example.com/{letters}.{ending}"),
            None => format!("https://www.example.com/{letters}"),
        }
    }

    fn letters(&self, kind: &str, real: &str, count: usize) -> String {
        self.book.letters(kind, real, LETTERS, count)
    }
}

/// The first name of a person.
fn first(name: &str) -> &str {
    name.split(' ').next().unwrap_or_default()
}

/// All of `count` things, beginning somewhere.
fn numbered(start: u64, count: usize, thing: impl Fn(usize) -> String) -> impl Iterator<Item = String> {
    let first = usize::try_from(start % count.max(1) as u64).unwrap_or(0);
    (0..count).map(move |step| thing((first + step) % count))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::rules::numbering::region;

    fn some(key: &[u8]) -> Pseudonyms {
        Pseudonyms::new(Book::in_memory(key))
    }

    /// A number that may be somebody's, put together here so that it stands in no source.
    fn real(area: u64, no: u64) -> E164 {
        E164::from_digits(10_000_000_000 + area * 10_000_000 + 2_000_000 + no).expect("eleven digits")
    }

    #[test]
    fn thousands_of_people_are_told_apart() {
        let mut pseudonyms = some(b"a key");
        let mut given = BTreeMap::new();
        for no in 0..2_000 {
            let phone = real(if no % 3 == 0 { 312 } else { 773 }, no * 7);
            let stand_in = pseudonyms.phone(phone);
            assert!(fiction::is_nobodys(stand_in) && region(stand_in) == region(phone), "{no}");
            assert_eq!(given.insert(stand_in, phone), None, "number {no} is somebody else's already");
        }
        for (stand_in, phone) in given {
            assert_eq!(pseudonyms.phone(phone), stand_in, "asked again");
        }
        assert_eq!(pseudonyms.trouble(), None);
    }

    #[test]
    fn a_platform_with_many_people_and_places_is_told_apart_too() {
        let mut pseudonyms = some(b"a key");
        let mut seen = BTreeSet::new();
        for no in 0..2_330 {
            assert!(seen.insert(pseudonyms.person("t", "customer", &no.to_string())), "person {no}");
        }
        for no in 0..150 {
            assert!(seen.insert(pseudonyms.town("t", &no.to_string())), "town {no}");
            assert!(seen.insert(pseudonyms.company(&no.to_string())), "company {no}");
        }
        assert_eq!(pseudonyms.trouble(), None);
    }

    #[test]
    fn people_of_one_world_have_first_names_of_their_own() {
        for key in [b"a key".as_slice(), b"b key", b"c key"] {
            let mut pseudonyms = some(key);
            // Everybody that the project knows from elsewhere.
            let before: Vec<String> = (0..300).map(|no| pseudonyms.person("u", "customer", &no.to_string())).collect();
            let known = pseudonyms.person("t", "customer", "7");
            let ids: Vec<String> = (0..48).map(|no| no.to_string()).collect();
            let kind = |no: usize| if no < 8 { "customer" } else { "technician" };
            pseudonyms.people("t", ids.iter().enumerate().map(|(no, id)| (kind(no), id.as_str())));
            let names: Vec<String> =
                ids.iter().enumerate().map(|(no, id)| pseudonyms.person("t", kind(no), id)).collect();
            assert_eq!(names.iter().map(|name| first(name)).collect::<BTreeSet<_>>().len(), 48, "{names:?}");
            assert_eq!(names[7], known, "who has a name keeps it");
            assert!(names.iter().all(|name| !before.contains(name)), "and nobody has another's: {names:?}");
            let crowd: Vec<String> = (48..500).map(|no| no.to_string()).collect();
            pseudonyms.people("t", crowd.iter().map(|id| ("technician", id.as_str())));
            let all: BTreeSet<String> = crowd.iter().map(|id| pseudonyms.person("t", "technician", id)).collect();
            assert_eq!((all.len(), pseudonyms.trouble()), (452, None), "a crowd shares first names");
        }
    }

    #[test]
    fn a_sender_of_many_colons_is_one_sender() {
        let made = some(b"a key").caller(&format!("{}dora", "tel:".repeat(16_000)));
        assert!(made.len() < 100 && !made.contains("dora"), "{made}");
    }

    #[test]
    fn another_key_gives_other_pseudonyms() {
        let phones: Vec<E164> = (0..20).map(|no| real(312, no)).collect();
        let of = |key: &[u8]| {
            let mut pseudonyms = some(key);
            phones.iter().map(|phone| pseudonyms.phone(*phone)).collect::<Vec<_>>()
        };
        assert_eq!(of(b"one"), of(b"one"));
        assert_ne!(of(b"one"), of(b"two"));
    }

    #[test]
    fn callers_stay_of_their_kind() {
        let digits = real(312, 5).digits().to_string();
        for (text, kind, why) in [
            ("anonymous", CallerId::Withheld, "a word"),
            ("+266696687", CallerId::Withheld, "a word on a keypad"),
            ("", CallerId::Withheld, "nothing"),
            ("client:dora", CallerId::Client, "an app"),
            ("sip:dora@pbx.example.org", CallerId::Sip, "SIP"),
            ("32665", CallerId::Other, "a short code"),
            ("DORASHOP", CallerId::Other, "a sender with a name"),
            (&digits, CallerId::Other, "a phone without its plus"),
            ("whatsapp:+13125550101", CallerId::Other, "an app's phone"),
        ] {
            let mut pseudonyms = some(b"a key");
            let made = pseudonyms.caller(text);
            assert_eq!(CallerId::read(&made), kind, "{why}: {made}");
            assert!(kind == CallerId::Withheld || made != text, "{why}");
            assert!(!made.to_lowercase().contains("dora"), "{why}");
        }
    }

    #[test]
    fn ids_and_addresses_tell_nothing() {
        let mut pseudonyms = some(b"a key");
        let sid = format!("RE{}", "4f".repeat(16));
        let made = pseudonyms.sid(&sid);
        assert!(made.starts_with("RE0000000000000000") && made.len() == 34 && made != sid);
        let uuid = pseudonyms.sid("4fa1b2c3-1111-4222-8333-444455556666");
        assert!(uuid.starts_with("00000000-0000-4000-8000-"), "{uuid}");
        assert!(pseudonyms.url("https://dora.example.net/hello.MP3?x=1").ends_with(".mp3"));
        let mut seen = BTreeSet::new();
        for id in 0..500 {
            assert!(seen.insert(pseudonyms.person("t", "customer", &id.to_string())), "{id}");
        }
        assert_ne!(pseudonyms.person("t", "customer", "1"), pseudonyms.person("t", "technician", "1"));
    }

    proptest! {
        #[test]
        fn every_number_gets_one_of_nobodys(digits in 1_000_000u64..1_000_000_000_000_000) {
            let phone = E164::from_digits(digits).expect("seven to fifteen digits");
            let mut pseudonyms = some(b"a key");
            let made = pseudonyms.phone(phone);
            prop_assert!(fiction::is_nobodys(made) && made != phone);
            let again = pseudonyms.phone(made);
            prop_assert!(fiction::is_nobodys(again), "mapped twice it is still nobody's");
            prop_assert_eq!(pseudonyms.trouble(), None);
        }
    }
}
