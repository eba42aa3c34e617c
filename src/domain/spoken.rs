//! Words that will be said or written to a person: stripped of what XML 1.0 cannot carry.
//!
//! Deliberately not here: escaping. The XML writer escapes, once.

use std::fmt;

/// Text that any XML 1.0 document can hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Spoken(String);

impl Spoken {
    /// Keeps of `text` what XML 1.0 allows (tab, line ends, U+0020 and up without the two noncharacters).
    pub fn new(text: &str) -> Self {
        // Nearly all text is plain; what is not is looked at letter by letter.
        if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
            return Self(text.to_owned());
        }
        Self(text.chars().filter(|&c| allowed(c)).collect())
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl From<&str> for Spoken {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Display for Spoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// XML 1.0 §2.2, production 2.
fn allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// A person's name as it may be spoken: `None` where it is blank or holds seven digits or more in a row (separators
/// aside), because a contact saved under its own phone number would tell that number to the other side.
pub fn speakable(name: &str) -> Option<&str> {
    let mut run = 0;
    for c in name.chars() {
        if c.is_numeric() {
            run += 1;
            if run >= 7 {
                return None;
            }
        } else if !matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '+' | '\u{a0}') {
            run = 0;
        }
    }
    name.chars().any(|c| allowed(c) && !c.is_whitespace()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_go_and_everything_else_stays() {
        assert_eq!(
            Spoken::new("Dee \"D\" <M\u{fc}ller> & co\u{0}\u{8}\u{1f}\u{fffe}").as_str(),
            "Dee \"D\" <Müller> & co"
        );
        assert_eq!(Spoken::new("tab\tline\n").as_str(), "tab\tline\n");
    }

    #[test]
    fn a_name_that_is_a_number_is_not_spoken() {
        for (name, expected) in [
            ("Ana Alvarez", true),
            ("Unit 4711", true),
            ("+1 (312) 555-0101", false),
            ("Ana 3125550101", false),
            ("312.555.0101 Ana", false),
            ("  ", false),
            ("", false),
            ("\u{1}\u{2}", false),
        ] {
            assert_eq!(speakable(name).is_some(), expected, "{name:?}");
        }
    }
}
