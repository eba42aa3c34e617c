//! What a session says as if a program had made it through a compatible door: PINs, what strangers hear, how long its number
//! rests. The names are the masking-session API's.
//!
//! Deliberately not here: what the doors themselves take (`http`), and callbacks, which a file's sessions have none of.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::overlap::together;
use super::reading::Reading;
use super::table::Table;
use super::view::View;
use crate::domain::{Door, Moment, Pins, Session, SessionKind, Terms};
use crate::rules::finding::code;

/// What a session must have PINs for.
const OF_PINS: [&str; 7] = [
    "first_party_pin",
    "second_party_pin",
    "pin_prompt_play",
    "incorrect_pin_play",
    "pin_retry",
    "pin_retry_wait",
    "force_pin_authentication",
];

/// Reads the terms over what is stored of them; a session that names none of them has none.
pub(super) fn read(r: &mut Reading<'_>, table: &Table<'_>, session: &mut Session) {
    let others = ["is_pin_authentication_required", "unknown_caller_play", "virtual_number_cooloff_period"];
    let named: Vec<&str> = others.into_iter().chain(OF_PINS).filter(|field| table.has(field)).collect();
    let Some(first) = named.first() else { return };
    if session.kind != SessionKind::PlainPair {
        let message = "is for plain pairs; leave out technician_id, customer_id and work_order_id";
        r.notes.coded(&table.at(first), code::CONFLICT, message);
        return;
    }
    let made_at = session.started_at.unwrap_or(Moment(0));
    let stored = session.options.terms.as_deref().cloned();
    let mut terms = stored.unwrap_or_else(|| Terms::plain(Door::Plivo, made_at));
    terms.single_party = session.first_party.is_none() || session.second_party.is_none();
    if let Some(url) = table.address(r, "unknown_caller_play") {
        terms.unknown_caller_play = (!url.is_empty()).then_some(url);
    }
    if let Some(seconds) = table.whole(r, "virtual_number_cooloff_period", 0..=3600) {
        terms.cooloff = seconds;
    }
    pins(r, table, &mut terms);
    session.options.terms = Some(Arc::new(terms));
}

fn pins(r: &mut Reading<'_>, table: &Table<'_>, terms: &mut Terms) {
    let required = table.flag(r, "is_pin_authentication_required").unwrap_or(terms.pins.is_some());
    if !required {
        terms.pins = None;
        for field in OF_PINS.into_iter().filter(|field| table.has(field)) {
            r.notes.mistake(&table.at(field), "does nothing without is_pin_authentication_required = true");
        }
        return;
    }
    let new = terms.pins.is_none();
    let mut pins = terms.pins.take().unwrap_or(Pins {
        first: String::new(),
        second: String::new(),
        generated: None,
        forced: false,
        prompt_play: String::new(),
        incorrect_play: None,
        retry: 1,
        retry_wait: 5,
    });
    for (field, pin) in [("first_party_pin", &mut pins.first), ("second_party_pin", &mut pins.second)] {
        if new {
            table.requires(r, field, "4 to 15 digits in quotes, such as \"0417\"");
        }
        let Some(text) = table.text(r, field) else { continue };
        if (4..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
            *pin = text;
        } else {
            r.notes.coded(&table.at(field), code::INVALID, "must be 4 to 15 digits");
        }
    }
    if !pins.first.is_empty() && pins.first == pins.second {
        r.notes.coded(&table.at("second_party_pin"), code::CONFLICT, "is the same as first_party_pin");
    }
    pins.prompt_play = table.address(r, "pin_prompt_play").unwrap_or(pins.prompt_play);
    if let Some(url) = table.address(r, "incorrect_pin_play") {
        pins.incorrect_play = (!url.is_empty()).then_some(url);
    }
    pins.retry = table.whole(r, "pin_retry", 0..=5).unwrap_or(pins.retry);
    pins.retry_wait = table.whole(r, "pin_retry_wait", 5..=10).unwrap_or(pins.retry_wait);
    pins.forced = table.flag(r, "force_pin_authentication").unwrap_or(pins.forced);
    terms.pins = Some(pins);
}

/// Notes every PIN of the file that stands for somebody else on the same number already. `paths` are the sessions' paths,
/// in order.
pub(super) fn check(r: &mut Reading<'_>, view: View<'_>, paths: &[String]) {
    let mut known: BTreeMap<(u64, &str), Vec<usize>> = BTreeMap::new();
    for (at, (session, path)) in view.file.sessions.iter().zip(paths).enumerate() {
        let Some(pins) = session.options.terms.as_deref().and_then(|terms| terms.pins.as_ref()) else { continue };
        for (field, pin) in [("first_party_pin", &pins.first), ("second_party_pin", &pins.second)] {
            let key = (session.number.e164().digits(), pin.as_str());
            let same = known.entry(key).or_default();
            let rival =
                same.iter().find(|other| **other != at && together(view, session, &view.file.sessions[**other]));
            if let Some(other) = rival {
                let line = r.notes.line_of(&paths[*other]);
                let message =
                    format!("is a PIN of the session on line {line} already, on the same number at the same time");
                r.notes.coded(&format!("{path}.{field}"), code::CONFLICT, message);
            }
            same.push(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::Terms;
    use crate::rules::file;
    use crate::rules::ruleset::Ruleset;

    const WORLD: &str = "[tenant]\nid = \"acme\"\n[[provider_account]]\nid = \"a\"\nkind = \"twilio\"\n\
        auth_token = \"t\"\nsandbox = true\n[[number]]\ne164 = \"+13125550190\"\nprovider_account_id = \"a\"\n\
        [[session]]\nid = \"s\"\nnumber = \"+13125550190\"\nfirst_party = \"+13125550101\"\n";

    fn read(lines: &str, base: Option<&Ruleset>) -> Result<Terms, Vec<String>> {
        match file::read(&format!("{WORLD}{lines}\n"), "a", base, &|_| None) {
            Ok((rules, _)) => Ok(rules.sessions[0].options.terms.as_deref().cloned().expect("terms")),
            Err(found) => Err(found.iter().map(|one| format!("{} {}", one.field, one.message)).collect()),
        }
    }

    #[test]
    fn pins_are_texts_with_the_apis_defaults() {
        let lines = "is_pin_authentication_required = true\nfirst_party_pin = \"0042\"\nsecond_party_pin = \"4200\"";
        let terms = read(lines, None).expect("it is right");
        let pins = terms.pins.as_ref().expect("it has PINs");
        assert_eq!((pins.first.as_str(), pins.second.as_str()), ("0042", "4200"), "noughts stay");
        assert_eq!((pins.retry, pins.retry_wait, pins.forced), (1, 5, false), "the defaults");
        assert!(terms.single_party && terms.cooloff == 0, "one party, no rest");
    }

    #[test]
    fn what_is_not_named_is_not_touched() {
        let lines = "is_pin_authentication_required = true\nfirst_party_pin = \"0042\"\nsecond_party_pin = \"4200\"";
        let base = file::read(&format!("{WORLD}{lines}\n"), "a", None, &|_| None).expect("it is right").0;
        let again = read("unknown_caller_play = \"https://a.example/who.mp3\"\npin_retry = 5", Some(&base));
        let again = again.expect("it is right");
        assert_eq!(again.unknown_caller_play.as_deref(), Some("https://a.example/who.mp3"));
        let pins = again.pins.expect("they are kept");
        assert_eq!((pins.first.as_str(), pins.retry), ("0042", 5));
        let off = read("is_pin_authentication_required = false", Some(&base)).expect("it is right");
        assert_eq!(off.pins, None);
    }

    #[test]
    fn every_mistake_is_named() {
        let both = "first_party_pin = \"0042\"\nsecond_party_pin = \"4200\"";
        let other = "[[session]]\nnumber = \"+13125550190\"\nfirst_party = \"+13125550102\"";
        let on = "is_pin_authentication_required = true";
        for (lines, expected, why) in [
            (on.to_owned(), "first_party_pin is missing", "both are needed"),
            (format!("{on}\nfirst_party_pin = \"12\""), "must be 4 to 15 digits", "too short"),
            (format!("{on}\nfirst_party_pin = \"12a4\""), "must be 4 to 15 digits", "no digits"),
            (format!("{on}\nfirst_party_pin = 1234"), "must be a text", "noughts would be lost"),
            (format!("{on}\nfirst_party_pin = \"1234\"\nsecond_party_pin = \"1234\""), "is the same", "one for each"),
            (format!("{on}\n{both}\npin_retry = 6"), "from 0 to 5", "too often"),
            (format!("{on}\n{both}\npin_retry_wait = 4"), "from 5 to 10", "too soon"),
            (both.to_owned(), "does nothing without", "nobody would be asked"),
            (format!("{on}\n{both}\ntechnician_id = \"jo\""), "is for plain pairs", "a job's has no PINs"),
            (format!("{on}\n{both}\n{other}\n{on}\n{both}"), "already, on the same number", "whose would it be"),
            ("unknown_caller_play = \"x\"".to_owned(), "must begin with http", "no address"),
            ("virtual_number_cooloff_period = 3601".to_owned(), "from 0 to 3600", "too long"),
        ] {
            let found = read(&lines, None).expect_err(why);
            assert!(found.iter().any(|one| one.contains(expected)), "{why}: {found:?}");
            assert!(!found.iter().any(|one| one.contains("0042")), "no PIN is shown: {found:?}");
        }
    }
}
