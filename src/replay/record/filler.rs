//! Words in place of somebody's words: as many, and for a text message in the same encoding.
//!
//! Deliberately not here: opt-out words and answers to a menu, which stay (`form`).

use std::fmt::Write;

/// What filler is made of: letters that every encoding has, no keyword among its beginnings, no digits.
const WORDS: &str = "words that stand here for others and say nothing of anybody ";

/// A character that a text of seven-bit letters cannot have.
const WIDE: char = '\u{416}';

/// Letters of GSM 03.38's default alphabet beside ASCII's; those of the second list take two places.
const GSM: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
const GSM_TWICE: &str = "^{}\\[~]|€\u{c}";

/// How a text message is encoded, and how long it is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Length {
    /// In seven-bit letters.
    Gsm7(usize),
    /// In units of two bytes.
    Ucs2(usize),
}

impl Length {
    /// Measures a text.
    pub fn of(text: &str) -> Self {
        let places = |letter: char| {
            if letter.is_ascii_alphanumeric() || GSM.contains(letter) {
                Some(1)
            } else {
                GSM_TWICE.contains(letter).then_some(2)
            }
        };
        match text.chars().map(places).sum::<Option<usize>>() {
            Some(places) => Self::Gsm7(places),
            None => Self::Ucs2(text.encode_utf16().count()),
        }
    }
}

/// A text message in place of another.
pub fn text(length: Length) -> String {
    match length {
        Length::Gsm7(places) => words(places),
        Length::Ucs2(0) => String::new(),
        Length::Ucs2(units) => format!("{WIDE}{}", words(units - 1)),
    }
}

/// So many letters of filler.
pub fn words(count: usize) -> String {
    let mut filled: String = WORDS.chars().cycle().take(count).collect();
    if filled.ends_with(' ') {
        filled.pop();
        filled.push('s');
    }
    filled
}

/// A template in place of another: placeholders stay, and words between them are replaced by as many letters.
pub fn template(text: &str, placeholders: &[&str]) -> String {
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let next = placeholders
            .iter()
            .filter_map(|name| {
                let written = format!("{{{name}}}");
                rest.find(&written).map(|at| (at, written.len()))
            })
            .min();
        let Some((at, length)) = next else {
            made.push_str(&between(rest));
            return made;
        };
        let _ = write!(made, "{}{}", between(&rest[..at]), &rest[at..at + length]);
        rest = &rest[at + length..];
    }
}

/// Words between two placeholders, with the spaces at their ends and the full stop as they are.
fn between(text: &str) -> String {
    if !text.chars().any(char::is_alphanumeric) {
        return text.chars().filter(|letter| letter.is_whitespace() || ".,:;!?-".contains(*letter)).collect();
    }
    let sign = |letter: char| !letter.is_alphanumeric();
    let (start, end) = (text.len() - text.trim_start_matches(sign).len(), text.trim_end_matches(sign).len());
    let signs =
        |text: &str| text.chars().filter(|letter| letter.is_whitespace() || ".,:;!?-".contains(*letter)).collect();
    let (before, after): (String, String) = (signs(&text[..start]), signs(&text[end..]));
    format!("{before}{}{after}", words(text[start..end].chars().count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filler_is_as_long_as_what_it_stands_for() {
        for (said, why) in [
            ("Hello, I am at the door", "plain"),
            ("", "nothing"),
            ("x", "one letter"),
            ("Costs 5 € [today]", "letters that take two places"),
            ("Grüße aus Köln", "letters of the seven-bit alphabet"),
            ("Всё хорошо", "two bytes a letter"),
            ("See you 👍🏽", "surrogates"),
            ("„quoted“", "typographic quotes"),
        ] {
            let filled = text(Length::of(said));
            assert_eq!(Length::of(&filled), Length::of(said), "{why}");
            assert!(said.is_empty() || filled != said, "{why}");
            assert!(!filled.ends_with(' '), "{why}");
        }
        let long: String = "a".repeat(1600);
        assert_eq!(text(Length::of(&long)).len(), 1600);
    }

    #[test]
    fn a_template_keeps_its_placeholders() {
        let names = ["location_name", "tech_name"];
        for (template_text, made, why) in [
            ("{location_name}", "{location_name}", "nothing else"),
            ("At {location_name}, Main St.", "wo {location_name}, words t.", "words before and after"),
            ("{tech_name} - {location_name}.", "{tech_name} - {location_name}.", "signs stay"),
            ("", "", "nothing"),
        ] {
            assert_eq!(template(template_text, &names), made, "{why}");
        }
        let made = template("At {location_name}, call Dora in Main St.", &names);
        assert!(made.contains(" {location_name}") && !made.contains("Dora") && !made.contains("Main"), "{made}");
    }
}
