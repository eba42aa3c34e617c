//! Phone numbers in any spelling, card numbers, and other long numbers.
//!
//! Deliberately not here: ids, which are blanked out before (`secrets` looks at them).

use std::sync::LazyLock;

use regex::Regex;

use crate::domain::{CallerId, E164};
use crate::rules::numbering::fiction;

const MEND: &str = "use a number that nobody has, such as +1 312 555-0100 to 555-0199";

/// What has digits and is no number: ids, dates, times, addresses of machines.
static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        \b[A-Z]{2}[0-9a-fA-F]{32}\b
        | \b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b
        | \b[0-9a-fA-F]{32,}\b
        | \b\d{4}-\d{2}-\d{2}(?:[T\ ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?
        | \b\d{1,2}:\d{2}(?::\d{2})?(?:\ [+-]\d{4})?
        | \b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b
        ",
    )
    .expect("it is a regular expression")
});

/// Seven digits or more, with the signs between them that people write.
static DIGITS: LazyLock<Regex> = LazyLock::new(|| {
    let signs = "[ \t\u{a0}\u{ad}\u{2000}-\u{200d}\u{202f}\u{2060}.()/_\u{2010}-\u{2015}\u{2212}-]{0,3}";
    Regex::new(&format!(r"[+\u{{ff0b}}]?\(?[0-9](?:{signs}[0-9]){{6,}}")).expect("it is a regular expression")
});

/// What is found in a line.
pub fn look(line: &str) -> Vec<(String, &'static str)> {
    let line: String = line.chars().map(plain_digit).collect();
    let plain = OTHERS.replace_all(&line, "\u{1}");
    let mut found = Vec::new();
    for at in DIGITS.find_iter(&plain) {
        let before = plain[..at.start()].chars().next_back();
        let after = plain[at.end()..].chars().next();
        // Digits inside a word are part of an id, not a number.
        let word = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphabetic() || letter == '_');
        let text = at.as_str();
        let plus = text.starts_with(['+', '\u{ff0b}']);
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let whole = !word(after) && is_american(&digits);
        if !plus && !whole && (word(before) || word(after)) && digits.len() == text.len() {
            continue;
        }
        if let Some(what) = what(text, &digits, plus) {
            found.push((format!("{what} ending in {}", &digits[digits.len() - 2..]), MEND));
        }
    }
    found
}

/// Digits of other writings as those of this one; other signs as they are.
fn plain_digit(sign: char) -> char {
    // Where the nought stands: Arabic, Persian, Devanagari, Bengali, Thai, wide.
    const NOUGHTS: [u32; 6] = [0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10];
    let digit = NOUGHTS.iter().find_map(|nought| u32::from(sign).checked_sub(*nought).filter(|digit| *digit < 10));
    digit.and_then(|digit| char::from_digit(digit, 10)).unwrap_or(sign)
}

/// Whether digits have the shape of a North American number, with its 1 or without.
fn is_american(digits: &str) -> bool {
    let national = if digits.len() == 11 { digits.strip_prefix('1') } else { Some(digits) };
    national.is_some_and(|digits| digits.len() == 10 && digits.as_bytes()[0] >= b'2' && digits.as_bytes()[3] >= b'2')
}

/// What a run of digits looks like, where it looks real.
fn what(text: &str, digits: &str, plus: bool) -> Option<&'static str> {
    const PHONE: Option<&str> = Some("what may be somebody's phone number,");
    let nobodys = |digits: &str| {
        let number = digits.parse().ok().and_then(E164::from_digits);
        number.is_some_and(|number| {
            fiction::is_nobodys(number) || CallerId::read(&number.to_string()) == CallerId::Withheld
        })
    };
    if digits.bytes().all(|byte| byte == b'0') {
        return None;
    }
    let international = digits.strip_prefix("00").filter(|rest| rest.len() >= 9);
    if plus {
        return if nobodys(digits) { None } else { PHONE };
    }
    if (13..=19).contains(&digits.len()) && luhn(digits) {
        return Some("what may be a card's number,");
    }
    if let Some(rest) = international {
        return if nobodys(rest) { None } else { PHONE };
    }
    let bytes = digits.as_bytes();
    match bytes.len() {
        7 => {
            let typed = text.len() == 8 && text.as_bytes().get(3).is_some_and(|sign| b"-. ".contains(sign));
            (typed && !digits.starts_with("55501")).then_some(PHONE).flatten()
        }
        8 => None,
        10 if bytes[0] >= b'2' && bytes[3] >= b'2' => {
            if nobodys(&format!("1{digits}")) {
                None
            } else {
                PHONE
            }
        }
        _ if bytes[0] == b'0' => {
            let national = |code: &str| nobodys(&format!("{code}{}", &digits[1..]));
            if ["44", "61", "353", "33", "49", "46"].into_iter().any(national) { None } else { PHONE }
        }
        _ if nobodys(digits) => None,
        _ => Some("a long number that may be somebody's,"),
    }
}

/// The check digit that cards have.
fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte - b'0') * if at % 2 == 1 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    sum.is_multiple_of(10)
}
