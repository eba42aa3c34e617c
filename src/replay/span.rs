//! Lengths of time as people write them: `6s`, `1m30s`, `250ms`, `2h`, `1d`.
//!
//! Deliberately not here: instants (`domain::time`).

use std::time::Duration;

/// Reads a length of time; `None` for anything else, and for more than a hundred years.
pub fn read(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut sum = 0u64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: u64 = rest.get(..digits)?.parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.bytes().take_while(u8::is_ascii_lowercase).count();
        let unit: u64 = match &rest[..letters] {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        rest = rest[letters..].trim_start();
        sum = sum.checked_add(number.checked_mul(unit)?)?;
    }
    (sum <= 3_155_760_000_000).then(|| Duration::from_millis(sum))
}

/// Reads a signed length of time, such as `-2h` or `+1d`, in microseconds.
pub fn read_signed(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, length) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    i64::try_from(read(length)?.as_micros()).ok().map(|micros| sign * micros)
}

/// Writes a length of time so that it reads back as the same milliseconds.
pub fn write(span: Duration) -> String {
    let mut rest = span.as_millis();
    let mut text = String::new();
    for (unit, length) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)] {
        let count = rest / length;
        rest %= length;
        if count > 0 {
            text.push_str(&format!("{count}{unit}"));
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_read_as_written() {
        for (text, expected, why) in [
            ("6s", Some(6_000), "seconds"),
            ("250ms", Some(250), "milliseconds"),
            ("1m30s", Some(90_000), "together"),
            ("1h 5m", Some(3_900_000), "with a space"),
            ("2d", Some(172_800_000), "days"),
            ("0s", Some(0), "nothing"),
            ("", None, "empty"),
            ("6", None, "no unit"),
            ("s", None, "no number"),
            ("6 seconds", None, "a word"),
            ("99999999999999999999d", None, "too long"),
        ] {
            assert_eq!(read(text), expected.map(Duration::from_millis), "{why}");
        }
        for text in ["0s", "250ms", "1m30s", "1h5m", "2d", "1d1ms"] {
            assert_eq!(write(read(text).expect("a length")), text);
        }
        assert_eq!(read_signed("-2h"), Some(-7_200_000_000));
        assert_eq!(read_signed("+1s"), Some(1_000_000));
        assert_eq!(read_signed("--1s"), None);
    }

    #[test]
    fn what_is_written_reads_back() {
        for (millis, text) in
            [(0, "0s"), (250, "250ms"), (6_000, "6s"), (90_500, "1m30s500ms"), (90_061_000, "1d1h1m1s")]
        {
            let span = Duration::from_millis(millis);
            assert_eq!((write(span).as_str(), read(text)), (text, Some(span)));
        }
    }
}
