//! What no document may do, whatever led to it: show, tell or ring a phone that it may not, bridge a leg that did not
//! accept, text somebody who opted out, or mix tenants.
//!
//! Deliberately not here: leading to it (`private`).

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::{Document, Node};

use crate::worlds::{STRANGERS, Tenant};

/// A request, as far as its document depends on it.
#[derive(Clone, Default)]
pub struct About {
    /// On whose account.
    pub tenant: usize,
    /// Path and query behind the account.
    pub path: String,
    /// The provider's id of the caller's leg.
    pub sid: String,
    /// Who called or wrote.
    pub from: String,
    /// The number that they called or wrote to.
    pub to: String,
    /// The callee's leg.
    pub leg: String,
    /// Keys pressed.
    pub digits: &'static str,
}

/// What was seen so far.
#[derive(Default)]
pub struct Watch {
    /// Keys that must be pressed, by call and attempt.
    pub must: BTreeMap<String, &'static str>,
    /// Phones that opted out, behind the number.
    pub opted_out: BTreeSet<(String, String)>,
    asked: BTreeSet<(String, String)>,
    accepted: BTreeSet<(String, String)>,
}

/// What is wrong with a document.
type Verdict = Result<(), String>;

impl Watch {
    /// Whether a document is one that may be given.
    pub fn holds(&mut self, tenants: &[Tenant; 2], about: &About, document: &Document<'_>) -> Verdict {
        let (own, other) = (&tenants[about.tenant], &tenants[1 - about.tenant]);
        for node in document.descendants().filter(Node::is_element) {
            let name = node.tag_name().name();
            let text: String = node.children().filter(Node::is_text).filter_map(|child| child.text()).collect();
            let more = node.next_sibling_element().is_some();
            match name {
                "Dial" | "Record" if node.attribute("action").is_none() || more => {
                    return Err(format!("{name} has no action, or something behind it"));
                }
                "Dial" => shows_ours(own, about, node.attribute("callerId"))?,
                "Number" => may_ring(own, about, &node, &text)?,
                "Message" => {
                    shows_ours(own, about, node.attribute("from"))?;
                    self.may_text(&node)?;
                }
                _ => {}
            }
            if name != "Number" && tells_a_phone(tenants, &text) {
                return Err(format!("{name} tells a phone: {text}"));
            }
            let ours = |name: &str| matches!(name, "callerId" | "from" | "to");
            if let Some(told) = node.attributes().find(|a| !ours(a.name()) && tells_a_phone(tenants, a.value())) {
                return Err(format!("{} tells a phone", told.name()));
            }
            let all = node.attributes().map(|a| a.value()).chain([text.as_str()]);
            let foreign =
                |value: &str| value.contains(other.word) || other.numbers.iter().any(|n| value.contains(n.as_str()));
            if let Some(value) = all.into_iter().find(|value| foreign(value)) {
                return Err(format!("another tenant's: {value}"));
            }
        }
        self.may_bridge(about, document)?;
        self.note_lines(own, document);
        Ok(())
    }

    fn may_text(&self, message: &Node<'_, '_>) -> Verdict {
        let (from, to) = (message.attribute("from").unwrap_or_default(), message.attribute("to").unwrap_or_default());
        let out = self.opted_out.contains(&(from.to_owned(), to.to_owned()));
        if out || !to.starts_with("+1") { Err(format!("{to} opted out of {from}, or is abroad")) } else { Ok(()) }
    }

    /// Whether a callee's leg that comes to the end of this document, and so is bridged, may be.
    fn may_bridge(&mut self, about: &About, document: &Document<'_>) -> Verdict {
        let Some((step, query)) = about.path.split_once('?') else { return Ok(()) };
        let attempt = query.split("&try=").next().unwrap_or_default();
        let Some(key) = self.must.get(attempt).copied() else { return Ok(()) };
        let place = (attempt.to_owned(), about.leg.clone());
        let last = document.root_element().children().rfind(Node::is_element);
        let bridged = last.is_none_or(|last| last.tag_name().name() != "Hangup");
        match step {
            "voice/whisper" => {
                self.asked.insert(place);
                if bridged { Err("a whisper that must be accepted bridges".to_owned()) } else { Ok(()) }
            }
            "voice/accept" => {
                if bridged && about.digits == key && self.asked.contains(&place) {
                    self.accepted.insert(place.clone());
                }
                if bridged && !self.accepted.contains(&place) { Err(format!("bridged without {key}")) } else { Ok(()) }
            }
            _ => Ok(()),
        }
    }

    /// Notes what the lines that ring must do.
    fn note_lines(&mut self, own: &Tenant, document: &Document<'_>) {
        for number in document.descendants().filter(|node| node.has_tag_name("Number")) {
            let line = own.lines.iter().find(|line| Some(line.phone.as_str()) == number.text());
            let attempt = number.attribute("url").and_then(|url| url.split_once('?'));
            if let Some((key, (_, attempt))) = line.and_then(|line| line.key).zip(attempt) {
                self.must.insert(attempt.to_owned(), key);
            }
        }
    }
}

/// Whether what is shown is the number that was called.
fn shows_ours(own: &Tenant, about: &About, shown: Option<&str>) -> Verdict {
    let shown = shown.unwrap_or_default();
    let called = about.to.is_empty() || about.to == shown;
    if called && own.numbers.iter().any(|number| number == shown) {
        Ok(())
    } else {
        Err(format!("\"{shown}\" is shown where {} was called", about.to))
    }
}

/// Whether words name somebody's phone.
fn tells_a_phone(tenants: &[Tenant; 2], text: &str) -> bool {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let known = tenants.iter().flat_map(|tenant| tenant.people.iter().chain(tenant.lines.iter().map(|l| &l.phone)));
    known.map(String::as_str).chain(STRANGERS).any(|phone| digits.contains(&phone[2..]))
}

/// Whether this phone may ring: a party or a line of this tenant, not abroad, never the caller's own.
fn may_ring(own: &Tenant, about: &About, number: &Node<'_, '_>, phone: &str) -> Verdict {
    let line = own.lines.iter().find(|line| line.phone == phone);
    if !own.people.iter().any(|person| person == phone) && line.is_none() {
        return Err(format!("{phone} is nobody that this tenant may ring"));
    }
    if phone == about.from || !phone.starts_with("+1") {
        return Err(format!("{phone} is the caller or abroad"));
    }
    match line.and_then(|line| line.key) {
        Some(_) if number.attribute("url").is_none() => Err("a line that must accept is bridged unasked".to_owned()),
        Some(_) | None => Ok(()),
    }
}
