//! (3) Nobody hears or sees another's real number: displays show the number that stands between, and no word, address
//! or attribute tells a phone. (9) Nothing of one tenant is in a document of another.
//!
//! The words of a text are its sender's own affair.
//!
//! Deliberately not here: which documents there are.

use std::collections::BTreeSet;

use super::super::happened::Happened;
use super::super::people::SHARED;
use super::{Invariant, Wrong};
use crate::replay::simulate::Exchanged;

pub(super) fn numbers(happened: &Happened<'_>) -> Vec<Wrong> {
    let phones = phones(happened);
    let mut wrong = Vec::new();
    for thread in &happened.threads {
        let mut say = |what: String| wrong.push(Wrong::new(Invariant::RealNumbers, thread.no, what));
        let shown = thread.rang().chain(thread.received().map(|(who, shows, _)| (who, shows)));
        for (who, shows) in shown.filter(|(_, shows)| *shows != thread.number) {
            say(format!("{who} saw {shows}"));
        }
        for (who, told) in thread.heard().filter(|(_, told)| tells(told, &phones).is_some()) {
            say(format!("{who} heard {told:?}"));
        }
        for (who, _, media) in thread.received() {
            if let Some(url) = media.iter().find(|url| tells(url, &phones).is_some()) {
                say(format!("{who} received {url}"));
            }
        }
        for exchange in &thread.exchanges {
            if let Some(what) = told(exchange, happened, &phones) {
                say(what);
            }
        }
    }
    wrong
}

/// Everybody's phones as their nation writes them; our own numbers are nobody's.
fn phones(happened: &Happened<'_>) -> BTreeSet<String> {
    let parties = happened.script.parties.iter().map(|party| party.phone.as_str());
    let known = happened.plan.tenants.iter().flat_map(|tenant| tenant.phones());
    let people = parties.chain(known).filter(|phone| happened.plan.number(phone).is_none());
    people.filter_map(national).map(str::to_owned).collect()
}

/// The digits behind the country code.
fn national(phone: &str) -> Option<&str> {
    phone.strip_prefix("+1").or_else(|| phone.strip_prefix("+44")).filter(|digits| digits.len() == 10)
}

/// The phone that words tell, however its digits are set apart.
fn tells<'p>(words: &str, phones: &'p BTreeSet<String>) -> Option<&'p str> {
    let apart: String = words.chars().filter(|letter| !" -().,/+".contains(*letter)).collect();
    let mut runs = apart.split(|letter: char| !letter.is_ascii_digit()).filter(|run| run.len() >= 10);
    runs.find_map(|run| phones.iter().find(|phone| run.contains(phone.as_str())).map(String::as_str))
}

/// What a document tells that it may not.
fn told(exchange: &Exchanged, happened: &Happened<'_>, phones: &BTreeSet<String>) -> Option<String> {
    let text = String::from_utf8_lossy(&exchange.answer.body);
    let document = roxmltree::Document::parse(&text).ok()?;
    let own_words = |words: &str| {
        happened.threads.iter().any(|thread| {
            thread.words.is_some_and(|own| own.contains(words) || words.contains(own.trim()) && !own.trim().is_empty())
        })
    };
    document.descendants().filter(roxmltree::Node::is_element).find_map(|node| {
        let name = node.tag_name().name();
        let is_destination = |key: &str| name == "Message" && key == "to";
        let mut attributes = node.attributes().filter(|attribute| !is_destination(attribute.name()));
        if let Some(attribute) = attributes.find(|attribute| tells(attribute.value(), phones).is_some()) {
            return Some(format!("{name} {} tells a phone", attribute.name()));
        }
        let words: String = node.children().filter_map(|child| child.text().filter(|_| child.is_text())).collect();
        let free = name == "Number" || name == "Body" && own_words(words.trim());
        (!free && tells(&words, phones).is_some()).then(|| format!("{name} tells a phone: {words}"))
    })
}

pub(super) fn tenants(happened: &Happened<'_>) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let [alpha, bravo] = &happened.plan.tenants;
    for (own, other) in [(alpha, bravo), (bravo, alpha)] {
        let ours = |number: &str| own.numbers.iter().any(|one| one.e164 == number);
        // Whoever calls a tenant's number makes their phone known to it.
        let callers = happened.threads.iter().filter(|thread| ours(thread.number)).map(|thread| thread.phone);
        let known: BTreeSet<&str> = callers.chain(own.phones()).chain(SHARED).collect();
        let numbers = other.numbers.iter().map(|number| number.e164.as_str());
        let foreign: Vec<&str> = other.phones().chain(numbers).filter(|phone| !known.contains(phone)).collect();
        let of_own = happened
            .played
            .exchanges
            .iter()
            .filter(|exchange| own.accounts.iter().any(|account| account.id == exchange.ask.account));
        for exchange in of_own {
            let text = String::from_utf8_lossy(&exchange.answer.body);
            let named = [other.word, other.id.as_str()].into_iter().chain(foreign.iter().copied());
            if let Some(what) = named.into_iter().find(|what| text.contains(what)) {
                let what = format!("a document of {} holds {what}", own.id);
                wrong.push(Wrong::new(Invariant::Tenants, exchange.ask.thread, what));
            }
            let decided = exchange.seen.as_ref().and_then(|seen| seen.decision.get("tenant")?.as_str());
            if let Some(tenant) = decided.filter(|tenant| *tenant != own.id) {
                let what = format!("a request on an account of {} was decided for {tenant}", own.id);
                wrong.push(Wrong::new(Invariant::Tenants, exchange.ask.thread, what));
            }
        }
        for thread in happened.threads.iter().filter(|thread| ours(thread.number)) {
            for (who, _) in thread.rang().filter(|(who, _)| !known.contains(happened.phone_of(who))) {
                let what = format!("{who} is nobody of {}, and was rung", own.id);
                wrong.push(Wrong::new(Invariant::Tenants, thread.no, what));
            }
        }
    }
    wrong
}
