//! Phone numbers in sources and fixtures, and whether they are nobody's.
//!
//! Deliberately not here: which ranges are set aside (`rules::numbering::fiction`), and where is looked (`tidy`).

use hookswitch::domain::E164;
use hookswitch::rules::numbering::fiction;

/// A withheld number as some carriers spell it on a keypad.
const KEYPAD: [&str; 5] = ["266696687", "7378742833", "2562533", "8656696", "86282452253"];

/// Whether these digits, country code first, are set aside, or such that no plan gives them out.
pub fn is_fictitious(digits: &str) -> bool {
    E164::read(&format!("+{digits}")).is_some_and(fiction::is_nobodys)
}

/// Whether these digits are a withheld number.
pub fn is_keypad(digits: &str) -> bool {
    KEYPAD.contains(&digits)
}

/// The phone numbers of a line: digits behind a `+` or its percent-encoded form, and North American ones without it.
pub fn numbers(line: &str) -> Vec<String> {
    let line = line.replace("%2B", "+").replace("%2b", "+");
    let bytes = line.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            at += 1;
            continue;
        }
        let before = at.checked_sub(1).map(|before| bytes[before]);
        let after = bytes.get(at + digits);
        let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let alone = !before.as_ref().is_some_and(word) && !after.is_some_and(word);
        let national = alone && digits == 11 && bytes[at] == b'1' && bytes[at + 1] >= b'2';
        if (before == Some(b'+') && (7..=15).contains(&digits)) || national {
            found.push(line[at..at + digits].to_owned());
        }
        at += digits;
    }
    found
}

#[test]
fn real_numbers_are_told_from_fiction() {
    for (digits, fictitious, why) in [
        ("13125550101", true, "Chicago, set aside"),
        ("13125550200", false, "Chicago, just outside"),
        ("13125551212", false, "directory assistance"),
        ("447700900123", true, "a British mobile, set aside"),
        ("447700901123", false, "its neighbour"),
        ("61491570156", true, "an Australian mobile"),
        ("493023125000", true, "Berlin"),
        ("14155238886", false, "a number that somebody answers"),
    ] {
        assert_eq!(is_fictitious(digits), fictitious, "{why}");
    }
}

#[test]
fn numbers_are_found_in_every_writing() {
    for (line, found, why) in [
        (r#"From = "+13125550101""#, vec!["13125550101"], "as it is"),
        ("From=%2B13125550101&To=%2b13125550190", vec!["13125550101", "13125550190"], "in a form"),
        (r#"From = "13125550101""#, vec!["13125550101"], "without its plus"),
        ("CallSid=CA13125550101", vec![], "inside an id"),
        ("after = \"6s\", at = 1772000000", vec![], "other numbers"),
        ("+123456", vec![], "too short for a phone"),
    ] {
        assert_eq!(numbers(line), found, "{why}");
    }
}
