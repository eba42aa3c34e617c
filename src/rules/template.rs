//! Words with placeholders: the whisper and the prompts, checked when they are saved and filled in when they are said.
//!
//! Deliberately not here: which words are said when, and the settings' limits on them.

use crate::domain::spoken::speakable;
use crate::domain::{Digit, Spoken};

/// Longest whisper, in characters of the template.
pub const TEMPLATE_MAX_CHARS: usize = 500;

/// The built-in whisper, where the accept key must be pressed.
pub const WHISPER_WITH_ACCEPT: &str =
    "Call for {location_name}. {customer_name} for {tech_name}. Press {accept_key} to accept.";

/// The built-in whisper, where it need not.
pub const WHISPER: &str = "Call for {location_name}. {customer_name} for {tech_name}.";

/// The names that may stand between braces.
pub const PLACEHOLDERS: [&str; 4] = ["customer_name", "tech_name", "location_name", "accept_key"];

/// What the placeholders stand for; a value that is missing, or that may not be said, becomes neutral words.
#[derive(Clone, Copy, Default)]
pub struct Fills<'a> {
    /// The customer's name.
    pub customer_name: Option<&'a str>,
    /// The technician's name.
    pub tech_name: Option<&'a str>,
    /// The location's name.
    pub location_name: Option<&'a str>,
    /// The accept key.
    pub accept_key: Option<Digit>,
}

impl Fills<'_> {
    fn said(&self, placeholder: Placeholder) -> String {
        let name = |name: Option<&str>, neutral: &str| name.and_then(speakable).unwrap_or(neutral).trim().to_owned();
        match placeholder {
            Placeholder::CustomerName => name(self.customer_name, "a customer"),
            Placeholder::TechName => name(self.tech_name, "a technician"),
            Placeholder::LocationName => name(self.location_name, "our office"),
            Placeholder::AcceptKey => self.accept_key.map_or_else(|| "any key".to_owned(), Digit::said),
        }
    }
}

/// Something that a template may not contain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TemplateMistake {
    /// The character it begins at, from 1.
    pub position: usize,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// Whether a template holds only text and known placeholders.
///
/// # Errors
///
/// Every unknown placeholder and every lone brace, with its position.
pub fn check(text: &str) -> Result<(), Vec<TemplateMistake>> {
    let mut mistakes = Vec::new();
    for part in Parts::of(text) {
        let (at, message) = match part {
            Part::Text(_) | Part::Filled(_) => continue,
            Part::Lone { at, brace } => (at, format!("a lone \"{brace}\": braces only stand around a placeholder")),
            Part::Unknown { at, name } => {
                let name: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
                (at, format!("no such placeholder: \"{{{name}}}\""))
            }
        };
        let known = PLACEHOLDERS.map(|name| format!("{{{name}}}")).join(" ");
        let position = text[..at].chars().count() + 1;
        mistakes.push(TemplateMistake { position, message: format!("{message}; there are {known}") });
    }
    if mistakes.is_empty() { Ok(()) } else { Err(mistakes) }
}

/// The template's words with the placeholders filled in, in one pass: braces in a name stay braces, and whatever
/// [`check`] would refuse is said as it stands.
pub fn fill(text: &str, fills: &Fills<'_>) -> Spoken {
    let mut words = String::with_capacity(text.len() + 32);
    for part in Parts::of(text) {
        match part {
            Part::Text(text) => words.push_str(text),
            Part::Filled(placeholder) => words.push_str(&fills.said(placeholder)),
            Part::Lone { brace, .. } => words.push(brace),
            Part::Unknown { name, .. } => {
                words.push('{');
                words.push_str(name);
                words.push('}');
            }
        }
    }
    Spoken::new(&words)
}

#[derive(Clone, Copy)]
enum Placeholder {
    CustomerName,
    TechName,
    LocationName,
    AcceptKey,
}

impl Placeholder {
    fn read(name: &str) -> Option<Self> {
        match name {
            "customer_name" => Some(Self::CustomerName),
            "tech_name" => Some(Self::TechName),
            "location_name" => Some(Self::LocationName),
            "accept_key" => Some(Self::AcceptKey),
            _ => None,
        }
    }
}

/// A piece of a template; `at` is its byte offset.
enum Part<'a> {
    Text(&'a str),
    Filled(Placeholder),
    Unknown { at: usize, name: &'a str },
    Lone { at: usize, brace: char },
}

/// A template, cut at its braces.
struct Parts<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, at: 0 }
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        let at = self.at;
        let rest = self.text.get(at..).filter(|rest| !rest.is_empty())?;
        let (length, part) = match (rest.find(['{', '}']), rest.strip_prefix('{')) {
            (None, _) => (rest.len(), Part::Text(rest)),
            (Some(0), Some(inner)) => match inner.find(['{', '}']) {
                Some(end) if inner[end..].starts_with('}') => {
                    let name = &inner[..end];
                    let part = Placeholder::read(name).map_or(Part::Unknown { at, name }, Part::Filled);
                    (end + 2, part)
                }
                Some(_) | None => (1, Part::Lone { at, brace: '{' }),
            },
            (Some(0), None) => (1, Part::Lone { at, brace: '}' }),
            (Some(brace), _) => (brace, Part::Text(&rest[..brace])),
        };
        self.at += length;
        Some(part)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ana() -> Fills<'static> {
        Fills {
            customer_name: Some("Ana Alvarez"),
            tech_name: Some("Jo"),
            location_name: Some("Acme Plumbing Chicago"),
            accept_key: Some(Digit::ONE),
        }
    }

    #[test]
    fn placeholders_are_filled_in() {
        for (template, fills, expected, why) in [
            (
                WHISPER_WITH_ACCEPT,
                ana(),
                "Call for Acme Plumbing Chicago. Ana Alvarez for Jo. Press 1 to accept.",
                "all there",
            ),
            (WHISPER, ana(), "Call for Acme Plumbing Chicago. Ana Alvarez for Jo.", "no key to press"),
            (
                WHISPER_WITH_ACCEPT,
                Fills { accept_key: Digit::read("*"), ..Fills::default() },
                "Call for our office. a customer for a technician. Press star to accept.",
                "nothing known: neutral words, never a gap",
            ),
            ("{accept_key}", Fills { accept_key: Digit::read("#"), ..ana() }, "pound", "a key that voices skip"),
            ("{customer_name}", Fills { customer_name: Some("+1 312 555 0101"), ..ana() }, "a customer", "a number"),
            ("{customer_name}", Fills { customer_name: Some("  "), ..ana() }, "a customer", "blank"),
            ("{tech_name}", Fills { tech_name: Some("{accept_key}"), ..ana() }, "{accept_key}", "never expanded again"),
            ("{tech_name}", Fills { tech_name: Some("{{x}}"), ..ana() }, "{{x}}", "braces come through"),
            ("{tech_name}", Fills { tech_name: Some("Jo\u{0}\u{8}"), ..ana() }, "Jo", "XML forbids control characters"),
            ("a { b {nobody} }", ana(), "a { b {nobody} }", "what a check refuses is said as it stands"),
            ("", ana(), "", "empty"),
        ] {
            assert_eq!(fill(template, &fills).as_str(), expected, "{why}");
        }
    }

    #[test]
    fn mistakes_are_named_with_their_position() {
        for (template, positions, why) in [
            (WHISPER_WITH_ACCEPT, vec![], "the built-in whisper"),
            ("plain", vec![], "no placeholder at all"),
            ("{name}", vec![1], "unknown"),
            ("für {nam}", vec![5], "counted in characters, not bytes"),
            ("{ customer_name }", vec![1], "spaces are part of a name"),
            ("{Customer_Name}", vec![1], "letter case too"),
            ("{}", vec![1], "no name"),
            ("a } b", vec![3], "closing alone"),
            ("a { b", vec![3], "opening alone"),
            ("{{customer_name}}", vec![1, 17], "doubled braces are two lone ones"),
            ("{x} } {y}", vec![1, 5, 7], "all at once"),
        ] {
            let found: Vec<usize> =
                check(template).err().unwrap_or_default().iter().map(|mistake| mistake.position).collect();
            assert_eq!(found, positions, "{why}: {template}");
        }
        let mistakes = check("Call for {name}").expect_err("an unknown placeholder");
        assert!(mistakes[0].message.contains("\"{name}\""), "{}", mistakes[0].message);
    }

    proptest! {
        #[test]
        fn any_text_is_checked_and_said(text in "[a-z{}_ é\u{0}]{0,60}", name in ".{0,20}") {
            let fills = Fills { customer_name: Some(&name), ..ana() };
            let _ = check(&text);
            let _ = fill(&text, &fills);
        }

        #[test]
        fn a_name_comes_through_as_it_is(name in "[a-zA-Z{}_]{1,30}") {
            let fills = Fills { customer_name: Some(&name), tech_name: Some(&name), ..ana() };
            let said = fill("<{customer_name}|{tech_name}>", &fills);
            prop_assert_eq!(said.as_str(), format!("<{name}|{name}>"));
        }

        #[test]
        fn what_is_checked_keeps_no_brace(text in "([a-z .]{0,9}|\\{tech_name\\}|\\{accept_key\\}|[{}]){0,9}") {
            let said = fill(&text, &ana());
            prop_assert_eq!(check(&text).is_ok(), !said.as_str().contains(['{', '}']));
        }
    }
}
