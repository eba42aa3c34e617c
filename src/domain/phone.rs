//! Phone numbers: a person's, one of ours, and what a provider says about who is calling.
//!
//! Deliberately not here: numbers as people type them (`rules::numbering` reads those). A provider's parameters are
//! either strictly E.164 or they name nobody.

use std::fmt;

/// A phone number in E.164: `+`, a digit from 1 to 9, and 6 to 14 more digits.
///
/// `Display` writes the whole number, for documents and columns; `Debug` writes it masked, so that a log line or a
/// panic never shows one by accident.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct E164(u64);

impl E164 {
    /// Reads `+` and 7 to 15 digits, nothing else: no spaces, no letters, no full-width signs.
    pub fn read(text: &str) -> Option<Self> {
        let digits = text.as_bytes().strip_prefix(b"+")?;
        if !(7..=15).contains(&digits.len()) || digits[0] == b'0' {
            return None;
        }
        digits.iter().try_fold(0u64, |sum, b| b.is_ascii_digit().then(|| sum * 10 + u64::from(b - b'0'))).map(Self)
    }

    /// The digits as one integer, as columns keep it.
    pub const fn digits(self) -> u64 {
        self.0
    }

    /// The number whose digits these are; `None` outside 7 to 15 digits.
    pub const fn from_digits(digits: u64) -> Option<Self> {
        if digits >= 1_000_000 && digits < 1_000_000_000_000_000 { Some(Self(digits)) } else { None }
    }

    /// Country code and last four digits, as logs and screens show it: `+1•••0101`.
    pub fn masked(self) -> Masked {
        Masked(self)
    }
}

impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

impl fmt::Debug for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.masked(), f)
    }
}

/// A number of which only the country code and the last four digits are shown.
#[derive(Clone, Copy)]
pub struct Masked(E164);

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.0.to_string();
        let code = country_code_length(text.as_bytes());
        write!(f, "+{}•••{}", &text[..code], &text[text.len() - 4..])
    }
}

/// How many digits the country code has (ITU-T E.164: zones 1 and 7 have one, some forty codes two, the rest three).
fn country_code_length(digits: &[u8]) -> usize {
    match (digits[0], digits[1]) {
        (b'1' | b'7', _) => 1,
        (b'2', b'0' | b'7')
        | (b'3', b'0'..=b'4' | b'6' | b'9')
        | (b'4', b'0' | b'1' | b'3'..=b'9')
        | (b'5', b'1'..=b'8')
        | (b'6', b'0'..=b'6')
        | (b'8', b'1' | b'2' | b'4' | b'6')
        | (b'9', b'0'..=b'5' | b'8') => 2,
        _ => 3,
    }
}

/// A number that we rent and show to people in place of their own.
///
/// The caller id of every leg and the sender of every text is of this type. It is made where a rented number is read
/// from the rules or the store, and nowhere else: **Invariant:** no person's number ever becomes one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MaskingNumber(E164);

impl MaskingNumber {
    /// A number that a provider account rents.
    pub const fn rented(e164: E164) -> Self {
        Self(e164)
    }

    /// The number itself.
    pub const fn e164(self) -> E164 {
        self.0
    }
}

impl fmt::Display for MaskingNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Who a provider says is calling or texting.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum CallerId {
    /// A phone in E.164: the only kind that can be somebody.
    Number(E164),
    /// Withheld, in words or in one of the keypad forms; never one and the same person.
    Withheld,
    /// A browser or app client.
    Client,
    /// A SIP address.
    Sip,
    /// A short code, an alphanumeric sender, a national number, another channel.
    Other,
}

/// What providers send for a withheld number (documented words, in any letter case).
const WITHHELD_WORDS: [&str; 7] =
    ["anonymous", "restricted", "unknown", "unavailable", "private", "blocked", "withheld"];

/// The same words spelled on a keypad, as some carriers send them: well-formed E.164, and nobody's phone.
const WITHHELD_KEYPAD: [u64; 5] = [266_696_687, 7_378_742_833, 2_562_533, 8_656_696, 86_282_452_253];

impl CallerId {
    /// Reads a provider's `From`.
    pub fn read(text: &str) -> Self {
        if text.is_empty() || WITHHELD_WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)) {
            return Self::Withheld;
        }
        match E164::read(text) {
            Some(e164) if WITHHELD_KEYPAD.contains(&e164.0) => Self::Withheld,
            Some(e164) => Self::Number(e164),
            None if starts_with(text, "client:") => Self::Client,
            None if starts_with(text, "sip:") || starts_with(text, "sips:") => Self::Sip,
            None => Self::Other,
        }
    }

    /// The phone, when it is one.
    pub const fn phone(&self) -> Option<E164> {
        match self {
            Self::Number(e164) => Some(*e164),
            Self::Withheld | Self::Client | Self::Sip | Self::Other => None,
        }
    }

    /// As columns and JSON keep it: the number, or a word.
    pub fn text(&self) -> String {
        match self {
            Self::Number(e164) => e164.to_string(),
            Self::Withheld => "withheld".to_owned(),
            Self::Client => "client".to_owned(),
            Self::Sip => "sip".to_owned(),
            Self::Other => "other".to_owned(),
        }
    }

    /// The reverse of [`CallerId::text`]; an unknown word is [`CallerId::Other`].
    pub fn from_text(text: &str) -> Self {
        match text {
            "client" => Self::Client,
            "sip" => Self::Sip,
            "other" => Self::Other,
            _ => Self::read(text),
        }
    }
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_strict_e164_is_a_phone() {
        for (text, why) in [
            ("13125550101", "no plus"),
            ("++13125550101", "two"),
            ("+1 312 555 0101", "spaces"),
            ("+1-312-555-0101", "dashes"),
            ("＋13125550101", "a full-width plus"),
            ("+1312555O101", "a letter"),
            ("+03125550101", "a leading zero"),
            ("+123456", "too short"),
            ("+1234567890123456", "too long"),
            ("tel:+13125550101", "a scheme"),
            ("", "nothing"),
        ] {
            assert_eq!(E164::read(text), None, "{why}: {text}");
        }
        assert_eq!(E164::read("+13125550101").expect("a number").to_string(), "+13125550101");
    }

    #[test]
    fn a_number_is_masked_wherever_it_is_not_asked_for() {
        for (text, masked) in
            [("+13125550101", "+1•••0101"), ("+447700900123", "+44•••0123"), ("+353861234567", "+353•••4567")]
        {
            let number = E164::read(text).expect("a number");
            assert_eq!(number.masked().to_string(), masked);
            assert_eq!(format!("{number:?}"), masked);
        }
    }

    #[test]
    fn callers_are_classified() {
        for text in ["", "anonymous", "Anonymous", "RESTRICTED", "unknown", "Unavailable", "private"] {
            assert_eq!(CallerId::read(text), CallerId::Withheld, "{text:?}");
        }
        for text in ["+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"] {
            assert_eq!(CallerId::read(text), CallerId::Withheld, "{text:?} is a word on a keypad");
        }
        assert_eq!(CallerId::read("sip:ana@example.com"), CallerId::Sip);
        assert_eq!(CallerId::read("client:ana"), CallerId::Client);
        assert_eq!(CallerId::read("32665"), CallerId::Other);
        assert_eq!(CallerId::read("ACME"), CallerId::Other);
    }
}
