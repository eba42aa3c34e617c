//! Numbers that are nobody's: what regulators set aside for drama, and what no plan can give out. Also which of them may
//! stand for a real number: the same country, the same kind of line.
//!
//! Deliberately not here: which stand-in a number gets (`replay::record`).

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use rlibphonenumber::PhoneNumberType;

use super::{Line, Region, dialled, region};
use crate::domain::E164;

/// Numbers for drama, as the regulators publish them, but for North America's, which any area code has.
const FICTION: [(RangeInclusive<u64>, Line); 50] = [
    // United Kingdom (Ofcom, "Telephone numbers for use in TV and radio drama programmes").
    (442_079_460_000..=442_079_460_999, Line::Fixed), // London
    (441_134_960_000..=441_134_960_999, Line::Fixed), // Leeds
    (441_144_960_000..=441_144_960_999, Line::Fixed), // Sheffield
    (441_154_960_000..=441_154_960_999, Line::Fixed), // Nottingham
    (441_164_960_000..=441_164_960_999, Line::Fixed), // Leicester
    (441_174_960_000..=441_174_960_999, Line::Fixed), // Bristol
    (441_184_960_000..=441_184_960_999, Line::Fixed), // Reading
    (441_214_960_000..=441_214_960_999, Line::Fixed), // Birmingham
    (441_314_960_000..=441_314_960_999, Line::Fixed), // Edinburgh
    (441_414_960_000..=441_414_960_999, Line::Fixed), // Glasgow
    (441_514_960_000..=441_514_960_999, Line::Fixed), // Liverpool
    (441_614_960_000..=441_614_960_999, Line::Fixed), // Manchester
    (441_914_980_000..=441_914_980_999, Line::Fixed), // Tyneside, Durham, Sunderland
    (442_890_180_000..=442_890_180_999, Line::Fixed), // Belfast
    (442_920_180_000..=442_920_180_999, Line::Fixed), // Cardiff
    (441_632_960_000..=441_632_960_999, Line::Fixed), // no area
    (443_069_990_000..=443_069_990_999, Line::Fixed), // countrywide
    (447_700_900_000..=447_700_900_999, Line::Mobile),
    (448_081_570_000..=448_081_570_999, Line::Free),
    (449_098_790_000..=449_098_790_999, Line::Costly),
    // Australia (ACMA, "Phone numbers for use in TV shows, films and creative works").
    (61_255_500_000..=61_255_509_999, Line::Fixed),
    (61_270_100_000..=61_270_109_999, Line::Fixed),
    (61_355_500_000..=61_355_509_999, Line::Fixed),
    (61_370_100_000..=61_370_109_999, Line::Fixed),
    (61_755_500_000..=61_755_509_999, Line::Fixed),
    (61_770_100_000..=61_770_109_999, Line::Fixed),
    (61_855_500_000..=61_855_509_999, Line::Fixed),
    (61_870_100_000..=61_870_109_999, Line::Fixed),
    (61_491_570_006..=61_491_570_006, Line::Mobile),
    (61_491_570_110..=61_491_570_110, Line::Mobile),
    (61_491_570_156..=61_491_570_159, Line::Mobile),
    (61_491_570_313..=61_491_570_313, Line::Mobile),
    (61_491_570_737..=61_491_570_737, Line::Mobile),
    // Ireland (ComReg, numbers for use in drama).
    (353_209_100_000..=353_209_199_999, Line::Fixed),
    // France (ARCEP, numbering plan: numbers for audiovisual works).
    (33_199_000_000..=33_199_009_999, Line::Fixed),
    (33_261_910_000..=33_261_919_999, Line::Fixed),
    (33_353_010_000..=33_353_019_999, Line::Fixed),
    (33_465_710_000..=33_465_719_999, Line::Fixed),
    (33_536_490_000..=33_536_499_999, Line::Fixed),
    (33_639_980_000..=33_639_989_999, Line::Mobile),
    // Germany (Bundesnetzagentur, "Drama-Rufnummern").
    (493_023_125_000..=493_023_125_999, Line::Fixed), // Berlin
    (496_990_009_000..=496_990_009_999, Line::Fixed), // Frankfurt
    (494_066_969_000..=494_066_969_999, Line::Fixed), // Hamburg
    (498_999_998_000..=498_999_998_999, Line::Fixed), // Munich
    (492_214_710_000..=492_214_710_999, Line::Fixed), // Cologne
    (491_713_920_000..=491_713_920_099, Line::Mobile),
    // Sweden (PTS, numbers for books and films).
    (46_313_900_600..=46_313_900_699, Line::Fixed),
    (46_406_280_400..=46_406_280_499, Line::Fixed),
    (46_846_500_400..=46_846_500_499, Line::Fixed),
    (46_701_740_600..=46_701_740_699, Line::Mobile),
];

/// North America's areas with the 1 before them: where each is, and what kind of line it has.
static AREAS: LazyLock<Vec<(u64, Option<Region>, Line)>> = LazyLock::new(|| {
    let areas = (1_201..=1_989).filter(|area| area % 100 != 11);
    let of = |area: u64| {
        let first = E164::from_digits(area * 10_000_000 + 5_550_100)?;
        Some((area, region(first), line(first)))
    };
    areas.filter_map(of).collect()
});

/// How many numbers of a country can be nobody's because no plan gives out an area `0000`.
const UNASSIGNED: u64 = 100_000;

/// Whether a number is set aside for fiction, so that nobody answers it.
pub fn is_fictitious(number: E164) -> bool {
    let digits = number.digits();
    // NANP: 555-0100 to 555-0199 in every area code (ATIS-0300115).
    is_nanp(digits) && (5_550_100..=5_550_199).contains(&(digits % 10_000_000))
        || FICTION.iter().any(|(range, _)| range.contains(&digits))
}

/// Whether nobody can have a number: it is set aside for fiction, or a country's code and then `0000` and five digits,
/// which no plan gives out.
pub fn is_nobodys(number: E164) -> bool {
    is_fictitious(number)
        || unassigned(number).is_some_and(|range| range.contains(&number.digits()) && !is_nanp(number.digits()))
}

/// The numbers that may stand for this one, the most alike first: the same area or country and the same kind of line,
/// then any of the country's that no plan can give out.
pub fn stand_ins(number: E164) -> Vec<RangeInclusive<u64>> {
    let digits = number.digits();
    let mut ranges = Vec::new();
    if is_nanp(digits) {
        let own = digits / 10_000_000;
        let of_area = |area: u64| area * 10_000_000 + 5_550_100..=area * 10_000_000 + 5_550_199;
        let (place, kind) = (region(number), line(number));
        ranges.push(of_area(own));
        // The areas that follow this one, around to the one before it; of some small countries each is another kind.
        let (before, after) = AREAS.split_at(AREAS.partition_point(|(area, ..)| *area <= own));
        let near = after.iter().chain(before).filter(|(area, region, _)| *area != own && *region == place);
        type Areas = Vec<&'static (u64, Option<Region>, Line)>;
        let (same, other): (Areas, Areas) = near.partition(|(.., line)| *line == kind);
        ranges.extend(same.into_iter().chain(other).map(|(area, ..)| of_area(*area)));
    } else if let Some(own) = dialled(number) {
        let wanted = line(number);
        let of_country = |range: &RangeInclusive<u64>| {
            E164::from_digits(*range.start())
                .and_then(dialled)
                .is_some_and(|other| other.country_code == own.country_code)
        };
        ranges.extend(
            FICTION.iter().filter(|(range, line)| *line == wanted && of_country(range)).map(|(range, _)| range.clone()),
        );
    }
    ranges.extend(unassigned(number));
    ranges
}

/// What kind of line a number has, as far as its plan tells.
fn line(number: E164) -> Line {
    let Some(dialled) = dialled(number) else { return Line::Fixed };
    match dialled.get_type() {
        PhoneNumberType::Mobile => Line::Mobile,
        PhoneNumberType::TollFree => Line::Free,
        PhoneNumberType::PremiumRate | PhoneNumberType::SharedCost => Line::Costly,
        PhoneNumberType::FixedLine
        | PhoneNumberType::FixedLineOrMobile
        | PhoneNumberType::VoIP
        | PhoneNumberType::PersonalNumber
        | PhoneNumberType::Pager
        | PhoneNumberType::UAN
        | PhoneNumberType::VoiceMail
        | PhoneNumberType::Unknown => Line::Fixed,
    }
}

/// The numbers of this one's country that no plan can give out; where no country has the code, of the code 999.
fn unassigned(number: E164) -> Option<RangeInclusive<u64>> {
    let code = dialled(number).and_then(|dialled| u64::try_from(dialled.country_code).ok()).unwrap_or(999);
    let first = code.checked_mul(10_000 * UNASSIGNED)?;
    Some(first..=first + UNASSIGNED - 1)
}

fn is_nanp(digits: u64) -> bool {
    (12_000_000_000..=19_999_999_999).contains(&digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> E164 {
        E164::read(text).expect("a number")
    }

    #[test]
    fn numbers_of_nobody_are_known() {
        for (text, fictitious, nobodys, why) in [
            ("+13125550100", true, true, "Chicago"),
            ("+13125550200", false, false, "its neighbour"),
            ("+13125551212", false, false, "directory assistance"),
            ("+447700900999", true, true, "a British mobile"),
            ("+447700901000", false, false, "its neighbour"),
            ("+442890180123", true, true, "Belfast"),
            ("+353209112345", true, true, "Ireland"),
            ("+491713920042", true, true, "a German mobile"),
            ("+46701740625", true, true, "a Swedish mobile"),
            ("+81000012345", false, true, "Japan has none for drama, and no area 0000"),
            ("+813123456789", false, false, "Tokyo"),
            ("+999000012345", false, true, "a code of no country"),
        ] {
            assert_eq!((is_fictitious(number(text)), is_nobodys(number(text))), (fictitious, nobodys), "{why}");
        }
    }

    #[test]
    fn a_stand_in_is_of_the_same_country_and_kind() {
        let real = |parts: [u64; 2]| E164::from_digits(parts[0] * 10_000_000 + parts[1]).expect("a number");
        for (number, room, why) in [
            (real([1_312, 2_345_678]), 20_000, "the United States have room for thousands"),
            (real([1_416, 2_345_678]), 2_000, "Canada"),
            (real([1_876, 2_345_678]), 200, "Jamaica"),
            (real([1_800, 2_345_678]), 400, "free to call"),
            (real([44_740, 1_123_456]), 100_000, "a British mobile"),
            (real([4_420, 71_234_567]), 100_000, "London"),
            (real([8_131, 2_345_678]), 100_000, "Tokyo"),
            (real([88_161, 2_345_678]), 100_000, "a satellite"),
        ] {
            let ranges = stand_ins(number);
            let count: u64 = ranges.iter().map(|range| range.end() - range.start() + 1).sum();
            assert!(count >= room, "{why}: {count}");
            for range in &ranges {
                let first = E164::from_digits(*range.start()).expect("a number");
                assert!(is_nobodys(first), "{why}: {first}");
            }
            let first = |range: &RangeInclusive<u64>| E164::from_digits(*range.start()).and_then(region);
            assert!(ranges[..ranges.len() - 1].iter().all(|range| first(range) == region(number)), "{why}");
        }
        assert_eq!(stand_ins(real([1_312, 2_345_678]))[0], 13_125_550_100..=13_125_550_199, "its own area first");
    }
}
