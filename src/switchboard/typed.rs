//! Callers and instants as somebody types them, to ask about a call that has not happened.
//!
//! Deliberately not here: what providers send (`domain::phone`). What looks like a slip in a phone number is refused,
//! because it would be a caller that no provider ever names.

use crate::domain::{CallerId, E164, Moment};

/// A provider's `From`.
///
/// # Errors
/// What would be right.
pub fn caller(text: &str) -> Result<CallerId, String> {
    let read = CallerId::read(text);
    let short_code = (3..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let sender = text.len() <= 11 && text.bytes().any(|byte| byte.is_ascii_alphabetic()) && !text.starts_with('+');
    match read {
        CallerId::Number(_) | CallerId::Withheld | CallerId::Client | CallerId::Sip => Ok(read),
        CallerId::Other if short_code || sender => Ok(read),
        CallerId::Other => Err("write a phone as + and digits only, or a word such as anonymous".to_owned()),
    }
}

/// A number.
///
/// # Errors
/// What would be right.
pub fn number(text: &str) -> Result<E164, String> {
    E164::read(text).ok_or_else(|| "write the number as + and 7 to 15 digits, without spaces".to_owned())
}

/// An instant, with its offset.
///
/// # Errors
/// What would be right.
pub fn instant(text: &str) -> Result<Moment, String> {
    let read = Moment::read(text).ok_or("write an instant with its offset, such as 2026-03-09T18:03:00-05:00")?;
    let (first, last) = (Moment::from_seconds(0), Moment::read("2101-01-01T00:00:00Z").unwrap_or_default());
    if read < first || read >= last { Err("only instants from 1970 to 2100 are known".to_owned()) } else { Ok(read) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_are_read_as_providers_name_them() {
        for (text, expected, why) in [
            ("+13125550101", Some(CallerId::Number(E164::read("+13125550101").expect("a number"))), "a phone"),
            ("anonymous", Some(CallerId::Withheld), "a word"),
            ("", Some(CallerId::Withheld), "nothing at all"),
            ("+266696687", Some(CallerId::Withheld), "a word on a keypad"),
            ("sip:ana@example.com", Some(CallerId::Sip), "SIP"),
            ("32665", Some(CallerId::Other), "a short code"),
            ("ACME", Some(CallerId::Other), "an alphanumeric sender"),
            ("13125550101", None, "a forgotten plus"),
            ("+1 312 555 0101", None, "spaces"),
            ("+1-312-555-0101", None, "dashes"),
            ("+1312555O101", None, "a letter among digits"),
        ] {
            assert_eq!(caller(text).ok(), expected, "{why}");
        }
    }

    #[test]
    fn instants_have_an_offset_and_a_range() {
        for (text, right) in [
            ("2026-03-09T18:03:00-05:00", true),
            ("1970-01-01T00:00:00Z", true),
            ("2100-12-31T23:59:59Z", true),
            ("2101-01-01T00:00:00Z", false),
            ("1969-12-31T23:59:59Z", false),
            ("2026-03-09T18:03:00", false),
            ("tomorrow", false),
        ] {
            assert_eq!(instant(text).is_ok(), right, "{text}");
        }
    }
}
