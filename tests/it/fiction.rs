//! Phone numbers that are nobody's: the ranges that numbering authorities set aside for drama and tests.
//!
//! Deliberately not here: where numbers are looked for (`tidy`).

/// Ranges by what stands before their free digits, and how many free digits there are. North America's are apart,
/// because any area code has them.
const SET_ASIDE: [(&str, usize); 46] = [
    // Ofcom, "Telephone numbers for drama use".
    ("441134960", 3),
    ("441144960", 3),
    ("441154960", 3),
    ("441164960", 3),
    ("441174960", 3),
    ("441184960", 3),
    ("441214960", 3),
    ("441314960", 3),
    ("441414960", 3),
    ("441514960", 3),
    ("441614960", 3),
    ("441914980", 3),
    ("442079460", 3),
    ("442890180", 3),
    ("442920180", 3),
    ("441632960", 3),
    ("447700900", 3),
    ("448081570", 3),
    ("449098790", 3),
    ("443069990", 3),
    // ACMA, "Phone numbers for use in TV shows, films and creative works".
    ("6125550", 4),
    ("6127010", 4),
    ("6135550", 4),
    ("6137010", 4),
    ("6175550", 4),
    ("6177010", 4),
    ("6185550", 4),
    ("6187010", 4),
    ("61491570", 3),
    // ComReg, numbers for use in drama.
    ("3532091", 5),
    // Arcep, numbers for audiovisual works.
    ("3319900", 4),
    ("3326191", 4),
    ("3335301", 4),
    ("3346571", 4),
    ("3353649", 4),
    ("3363998", 4),
    // Bundesnetzagentur, "Drama numbers".
    ("493023125", 3),
    ("494066969", 3),
    ("496990009", 3),
    ("492214710", 3),
    ("498999998", 3),
    ("4917139200", 2),
    // PTS, numbers for books and films.
    ("463139006", 2),
    ("464062804", 2),
    ("468465004", 2),
    ("46701740", 3),
];

/// A withheld number as some carriers spell it on a keypad.
const KEYPAD: [&str; 5] = ["266696687", "7378742833", "2562533", "8656696", "86282452253"];

/// Whether these digits, country code first, are set aside.
pub fn is_fictitious(digits: &str) -> bool {
    let north_america = digits.len() == 11 && digits.starts_with('1') && &digits[4..9] == "55501";
    north_america || SET_ASIDE.iter().any(|(head, free)| digits.len() == head.len() + free && digits.starts_with(head))
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
