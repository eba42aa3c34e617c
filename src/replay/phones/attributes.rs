//! Attributes as a provider reads them: what it does not know or cannot use is a warning, and the default holds.
//!
//! Deliberately not here: which verb has which (`super::document`).

use std::ops::RangeInclusive;

use roxmltree::Node;

use super::verbs::{Callback, Link};

/// What a provider has against a document or a reply.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Complaint {
    /// Its code (wire.md A.6).
    pub(super) code: u32,
    pub(super) why: String,
    /// Whether it goes on all the same.
    pub(super) warning: bool,
}

impl Complaint {
    pub(super) fn error(code: u32, why: impl Into<String>) -> Self {
        Self { code, why: why.into(), warning: false }
    }

    pub(super) fn warning(code: u32, why: impl Into<String>) -> Self {
        Self { code, why: why.into(), warning: true }
    }
}

/// The attributes of an element, and where the warnings about them go.
pub(super) struct Attributes<'a, 'i, 'c> {
    node: Node<'a, 'i>,
    complaints: &'c mut Vec<Complaint>,
}

impl<'a, 'i, 'c> Attributes<'a, 'i, 'c> {
    /// Those of `node`, of which `known` exist: names have upper and lower case (wire.md A.5).
    pub(super) fn of(node: Node<'a, 'i>, known: &[&str], complaints: &'c mut Vec<Complaint>) -> Self {
        for attribute in node.attributes().filter(|attribute| !known.contains(&attribute.name())) {
            let why = format!("<{}> has no attribute {}", node.tag_name().name(), attribute.name());
            complaints.push(Complaint::warning(12200, why));
        }
        Self { node, complaints }
    }

    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.node.attribute(name)
    }

    /// What is wrong with an attribute; the default holds.
    pub(super) fn warn(&mut self, code: u32, name: &str, remedy: &str) {
        let (element, value) = (self.node.tag_name().name(), self.node.attribute(name).unwrap_or_default());
        // A phone number may stand where it does not belong: only its end is shown.
        let shown = if value.bytes().filter(u8::is_ascii_digit).count() > 6 {
            format!("…{}", value.chars().skip(value.chars().count().saturating_sub(4)).collect::<String>())
        } else {
            value.chars().take(40).collect()
        };
        self.complaints.push(Complaint::warning(code, format!("<{element} {name}=\"{shown}\">: {remedy}")));
    }

    /// A whole number.
    pub(super) fn number(&mut self, name: &str, range: RangeInclusive<u64>, default: u64, code: u32) -> u64 {
        match self.node.attribute(name).map(|value| value.trim().parse()) {
            None => default,
            Some(Ok(value)) if range.contains(&value) => value,
            Some(_) => {
                self.warn(code, name, &format!("a whole number from {} to {}", range.start(), range.end()));
                default
            }
        }
    }

    pub(super) fn flag(&mut self, name: &str, default: bool, code: u32) -> bool {
        match self.node.attribute(name) {
            None => default,
            Some("true") => true,
            Some("false") => false,
            Some(_) => {
                self.warn(code, name, "true or false");
                default
            }
        }
    }

    /// One of a few words.
    pub(super) fn word(
        &mut self,
        name: &str,
        allowed: &[&'static str],
        default: &'static str,
        code: u32,
    ) -> &'static str {
        let Some(value) = self.node.attribute(name) else { return default };
        if let Some(word) = allowed.iter().find(|word| **word == value) {
            return word;
        }
        self.warn(code, name, &format!("one of {}", allowed.join(", ")));
        default
    }

    pub(super) fn method(&mut self, name: &str, code: u32) -> &'static str {
        match self.node.attribute(name).map(str::to_ascii_uppercase).as_deref() {
            None | Some("POST") => "POST",
            Some("GET") => "GET",
            Some(_) => {
                self.warn(code, name, "GET or POST");
                "POST"
            }
        }
    }

    /// An address and its method.
    pub(super) fn link(&mut self, name: &str, method: &str, code: u32) -> Option<Link> {
        let method = self.method(method, code);
        Some(Link { url: self.node.attribute(name)?.to_owned(), method })
    }

    /// `name`, `nameMethod` and `nameEvent`, for events that exist.
    pub(super) fn callback(&mut self, name: &str, events: &[&str], default: &str, code: u32) -> Option<Callback> {
        let link = self.link(name, &format!("{name}Method"), code)?;
        let key = format!("{name}Event");
        let wanted: Vec<String> =
            self.text(&key).unwrap_or(default).split_ascii_whitespace().map(str::to_owned).collect();
        if wanted.iter().any(|event| !events.contains(&event.as_str())) {
            self.warn(code, &key, &format!("some of {}", events.join(", ")));
        }
        Some(Callback { link, events: wanted })
    }
}
