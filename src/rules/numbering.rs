//! The world's numbering plans: whose country a number is, what kind of number, and how people type it.
//!
//! Deliberately not here: which numbers are nobody's (`fiction`), E.164 itself (`domain::phone`), and which countries a
//! tenant may call.

pub mod fiction;
mod lately;

use std::fmt;

use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberType, Region as Listed};

use crate::domain::E164;
use lately::Lately;

/// An ISO 3166 region of two letters, such as `US`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region([u8; 2]);

impl Region {
    /// Reads two capital letters that have a numbering plan.
    pub fn read(text: &str) -> Option<Self> {
        let region = Self::from_letters(text)?;
        PHONE_NUMBER_UTIL.get_country_code_for_region(region.listed()?)?;
        Some(region)
    }

    /// Its two letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("?")
    }

    fn from_letters(text: &str) -> Option<Self> {
        let letters: [u8; 2] = text.as_bytes().try_into().ok()?;
        letters.iter().all(u8::is_ascii_uppercase).then_some(Self(letters))
    }

    fn listed(self) -> Option<Listed> {
        Listed::from_code(self.as_str()).ok()
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What calling a number costs, as far as its plan tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A phone like any other, or one that is free to call.
    Ordinary,
    /// The callee earns from the call.
    Premium,
    /// The callee shares the cost, at a price of its own.
    SharedCost,
    /// A satellite or worldwide network (ITU-T E.164 codes 870, 878, 881, 882 and 883).
    Satellite,
}

/// What kind of line a number has, for finding one that may stand for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Line {
    /// A line like any other.
    Fixed,
    /// A mobile, where its plan tells them apart.
    Mobile,
    /// Free to call.
    Free,
    /// The callee earns from the call, or shares its cost.
    Costly,
}

/// The region of a number. Countries that share a code are told apart by the area code: Kingston is `JM`, not `US`. A
/// number that its plan does not know counts as the code's main region; `None` for codes of no country.
pub fn region(number: E164) -> Option<Region> {
    plan(number).0
}

/// The kind of a number.
pub fn kind(number: E164) -> Kind {
    plan(number).1
}

/// What a number's plan says of it.
fn plan(number: E164) -> (Option<Region>, Kind) {
    static LATELY: Lately = Lately::new();
    if let Some(known) = LATELY.recall(number) {
        return known;
    }
    let dialled = dialled(number);
    let found = (dialled.as_ref().and_then(region_of), dialled.as_ref().map_or(Kind::Ordinary, kind_of));
    LATELY.remember(number, found);
    found
}

fn region_of(dialled: &PhoneNumber) -> Option<Region> {
    let listed = dialled.get_region_code();
    let listed = listed.or_else(|| PHONE_NUMBER_UTIL.get_region_for_country_code(dialled.country_code))?;
    Region::from_letters(listed.as_region_str().as_str())
}

fn kind_of(dialled: &PhoneNumber) -> Kind {
    match dialled.country_code {
        870 | 878 | 881 | 882 | 883 => return Kind::Satellite,
        808 => return Kind::SharedCost,
        979 => return Kind::Premium,
        _ => {}
    }
    match dialled.get_type() {
        PhoneNumberType::PremiumRate => Kind::Premium,
        PhoneNumberType::SharedCost => Kind::SharedCost,
        PhoneNumberType::FixedLine
        | PhoneNumberType::Mobile
        | PhoneNumberType::FixedLineOrMobile
        | PhoneNumberType::TollFree
        | PhoneNumberType::VoIP
        | PhoneNumberType::PersonalNumber
        | PhoneNumberType::Pager
        | PhoneNumberType::UAN
        | PhoneNumberType::VoiceMail
        | PhoneNumberType::Unknown => Kind::Ordinary,
    }
}

/// Whether this is an ordinary US number of ten digits: texts from these need a registered 10DLC brand, texts from
/// toll-free numbers do not.
pub fn is_us_long_code(number: E164) -> bool {
    let toll_free = dialled(number).is_some_and(|dialled| dialled.get_type() == PhoneNumberType::TollFree);
    !toll_free && region(number).is_some_and(|region| region.as_str() == "US")
}

/// Where a destination that may not be called is: its region, or `?` where it has none. `None` when it may be called:
/// it is in one of the `allowed` regions, and an ordinary number there.
pub fn destination_refused(number: E164, allowed: &[impl AsRef<str>]) -> Option<String> {
    let region = region(number);
    let inside = region.is_some_and(|region| allowed.iter().any(|allowed| allowed.as_ref() == region.as_str()));
    if inside && kind(number) == Kind::Ordinary {
        return None;
    }
    Some(region.map_or_else(|| "?".to_owned(), |region| region.to_string()))
}

/// A number as a person types it: in E.164, or as it is dialled in `region`, with the usual signs between the digits.
/// `None` for anything that is not one whole number: an extension, letters, a number without its area code.
pub fn from_national(text: &str, region: &str) -> Option<E164> {
    let text = text.trim();
    if let Some(number) = E164::read(text) {
        return Some(number);
    }
    let typed = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '\u{a0}' | '(' | ')' | '-' | '.' | '/' | '+');
    if text.len() > 40 || !text.chars().all(typed) {
        return None;
    }
    let dialled = PhoneNumber::parse(text, Region::read(region)?.listed()).ok()?;
    let whole = matches!(dialled.is_possible_with_reason(), Ok(NumberLengthType::IsPossible));
    let digits = format!("+{}{}", dialled.country_code, dialled.get_national_significant_number());
    E164::read(&digits).filter(|_| whole && dialled.extension.is_none())
}

/// A number as a program sends it: as [`from_national`], or E.164 without its `+`. What can be read both ways is what is a
/// whole number of its country's plan, as it is dialled before anything else. `None` for anything else.
pub fn from_program(text: &str, region: &str) -> Option<E164> {
    let text = text.trim();
    let bare = || text.bytes().all(|b| b.is_ascii_digit()).then(|| E164::read(&format!("+{text}")))?;
    let read = [from_national(text, region), bare()];
    let valid = |number: &E164| dialled(*number).is_some_and(|plan| plan.is_valid());
    let possible = |number: &E164| {
        let reason = dialled(*number).map(|plan| plan.is_possible_with_reason());
        matches!(reason, Some(Ok(NumberLengthType::IsPossible)))
    };
    read.into_iter().flatten().find(valid).or_else(|| read.into_iter().flatten().find(possible))
}

/// Reads the plans, so that the first call does not wait for them. Takes some ten milliseconds.
pub fn warm() {
    for digits in [13_125_550_101, 442_079_460_101, 18_765_550_101] {
        if let Some(number) = E164::from_digits(digits) {
            let _ = (region(number), kind(number));
        }
    }
}

/// Splits a number into its country code and the rest; no code is the beginning of another. `None` for a code that
/// is not in use.
fn dialled(number: E164) -> Option<PhoneNumber> {
    let digits = number.digits().to_string();
    let (code, rest) = (1..=3).find_map(|length| {
        let (code, rest) = digits.split_at_checked(length)?;
        let code = code.parse().ok()?;
        PHONE_NUMBER_UTIL.get_region_for_country_code(code).map(|_| (code, rest))
    })?;
    let zeros = rest.bytes().take_while(|b| *b == b'0').count();
    Some(PhoneNumber {
        country_code: code,
        national_number: rest.parse().ok()?,
        italian_leading_zero: (zeros > 0).then_some(true),
        number_of_leading_zeros: i32::try_from(zeros).ok().filter(|zeros| *zeros > 0),
        ..PhoneNumber::default()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> E164 {
        E164::read(text).expect("a number")
    }

    #[test]
    fn a_number_is_in_one_region() {
        for (text, expected, why) in [
            ("+13125550101", Some("US"), "Chicago, a number of fiction"),
            ("+14165550101", Some("CA"), "Toronto shares the code"),
            ("+18765550101", Some("JM"), "Kingston too"),
            ("+16585550101", Some("JM"), "Jamaica's other area code"),
            ("+18095550101", Some("DO"), "Santo Domingo"),
            ("+17875550101", Some("PR"), "San Juan"),
            ("+12005550101", Some("US"), "no such area code: the main region"),
            ("+1312555010", Some("US"), "too short: the main region"),
            ("+447700900123", Some("GB"), "a mobile of fiction"),
            ("+442079460101", Some("GB"), "London"),
            ("+441632960101", Some("GB"), "an area of fiction"),
            ("+33199001234", Some("FR"), "Paris"),
            ("+390612345678", Some("IT"), "Rome keeps its leading zero"),
            ("+61255501234", Some("AU"), "New South Wales"),
            ("+870773123456", None, "Inmarsat: no country"),
            ("+80012345678", None, "free, worldwide: no country"),
            ("+2101234567", None, "a code that is not in use"),
        ] {
            let region = region(number(text));
            assert_eq!(region.as_ref().map(Region::as_str), expected, "{why}");
        }
    }

    #[test]
    fn numbers_that_cost_are_told() {
        for (text, expected, why) in [
            ("+13125550101", Kind::Ordinary, "Chicago"),
            ("+18005550101", Kind::Ordinary, "free to call"),
            ("+19005550101", Kind::Premium, "900"),
            ("+449098790101", Kind::Premium, "09 in the United Kingdom, a number of fiction"),
            ("+491801000000", Kind::SharedCost, "0180 in Germany"),
            ("+447700900123", Kind::Ordinary, "a mobile"),
            ("+870773123456", Kind::Satellite, "Inmarsat"),
            ("+881612345678", Kind::Satellite, "Iridium"),
            ("+88216123456", Kind::Satellite, "Thuraya"),
            ("+883510001234", Kind::Satellite, "a worldwide network"),
            ("+979123456789", Kind::Premium, "premium, worldwide"),
            ("+80812345678", Kind::SharedCost, "shared cost, worldwide"),
        ] {
            assert_eq!(kind(number(text)), expected, "{why}");
        }
    }

    #[test]
    fn destinations_are_refused_by_country_and_kind() {
        for (text, allowed, expected, why) in [
            ("+13125550101", &["US"][..], None, "at home"),
            ("+18765550101", &["US"], Some("JM"), "the same code, another country"),
            ("+18765550101", &["US", "JM"], None, "allowed"),
            ("+19005550101", &["US"], Some("US"), "premium at home"),
            ("+870773123456", &["US"], Some("?"), "no country"),
            ("+13125550101", &[], Some("US"), "nothing allowed"),
        ] {
            assert_eq!(destination_refused(number(text), allowed).as_deref(), expected, "{why}");
        }
    }

    #[test]
    fn numbers_are_read_as_people_type_them() {
        for (text, region, expected, why) in [
            ("+13125550101", "GB", Some("+13125550101"), "E.164 anywhere"),
            ("(312) 555-0101", "US", Some("+13125550101"), "as dialled at home"),
            ("1 312.555.0101", "US", Some("+13125550101"), "with the long-distance 1"),
            ("+44 20 7946 0101", "US", Some("+442079460101"), "from abroad"),
            ("011 44 20 7946 0101", "US", Some("+442079460101"), "with the American way abroad"),
            ("020 7946 0101", "GB", Some("+442079460101"), "the trunk 0 goes"),
            ("06 1234 5678", "IT", Some("+390612345678"), "Italy's 0 stays"),
            ("555-0101", "US", None, "no area code"),
            ("312-555-0101 x12", "US", None, "an extension"),
            ("1-800-FLOWERS", "US", None, "letters"),
            ("312-555-0101", "", None, "no region"),
            ("312-555-0101", "XX", None, "no such region"),
            ("", "US", None, "nothing"),
        ] {
            assert_eq!(from_national(text, region).map(|n| n.to_string()).as_deref(), expected, "{why}: {text}");
        }
    }

    #[test]
    fn numbers_are_read_as_programs_send_them() {
        for (text, region, expected, why) in [
            ("+13125550101", "GB", Some("+13125550101"), "E.164 anywhere"),
            ("13125550101", "US", Some("+13125550101"), "without its +"),
            ("13125550101", "GB", Some("+13125550101"), "without its +, from abroad"),
            ("447700900123", "US", Some("+447700900123"), "likewise"),
            ("442079460123", "US", Some("+442079460123"), "a country's code before anything else"),
            ("3125550101", "US", Some("+13125550101"), "as dialled at home"),
            ("(312) 555-0101", "US", Some("+13125550101"), "with signs"),
            ("7700900123", "GB", Some("+447700900123"), "a JSON number has lost its 0"),
            ("07700900123", "GB", Some("+447700900123"), "a text keeps it"),
            ("4930123456", "US", Some("+4930123456"), "nobody's at home, and somebody's abroad"),
            ("+131255501", "US", None, "too short for its plan"),
            ("+1312555010101", "US", None, "too long"),
            ("12345678901234", "US", None, "nobody's"),
            ("+2101234567", "US", None, "a code that is not in use"),
            ("555-0101", "US", None, "no area code"),
            ("sip:ana@example.com", "US", None, "a SIP endpoint"),
            ("", "US", None, "nothing"),
        ] {
            assert_eq!(from_program(text, region).map(|n| n.to_string()).as_deref(), expected, "{why}: {text}");
        }
    }

    proptest! {
        #[test]
        fn every_number_has_an_answer(digits in 1_000_000u64..1_000_000_000_000_000, text in "[0-9 ()+./-]{0,30}") {
            let number = E164::from_digits(digits).expect("seven to fifteen digits");
            let _ = (region(number), kind(number), fiction::is_fictitious(number), fiction::stand_ins(number));
            let _ = (from_national(&text, "US"), from_program(&text, "US"));
        }
    }
}
