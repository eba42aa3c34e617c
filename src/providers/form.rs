//! A form, decoded once: one buffer for all names and values, in the order they came.
//!
//! Deliberately not here: what any parameter means. Bytes stay as they are, because the signature covers them; text is
//! made of them only where one is read.

use std::borrow::Cow;

/// The parameters of a request.
#[derive(Clone, Default)]
pub struct Form {
    text: Vec<u8>,
    pairs: Vec<Pair>,
    ragged: bool,
}

/// A name at `start..middle` and a value at `middle..end`.
#[derive(Clone, Copy)]
struct Pair {
    start: usize,
    middle: usize,
    end: usize,
}

impl Form {
    /// Decodes `application/x-www-form-urlencoded`: `+` is a space, `%` and two hexadecimal digits a byte, anything else
    /// itself. Blank values are kept; nothing is trimmed.
    pub fn read(encoded: &[u8]) -> Self {
        let pieces = encoded.iter().filter(|&&b| b == b'&').count() + 1;
        let mut form =
            Self { text: Vec::with_capacity(encoded.len()), pairs: Vec::with_capacity(pieces), ragged: false };
        for piece in encoded.split(|&b| b == b'&').filter(|piece| !piece.is_empty()) {
            let equals = piece.iter().position(|&b| b == b'=');
            form.ragged |= equals.is_none();
            let (name, value) = match equals {
                Some(at) => (&piece[..at], &piece[at + 1..]),
                None => (piece, &[][..]),
            };
            let start = form.text.len();
            decode(name, &mut form.text);
            let middle = form.text.len();
            decode(value, &mut form.text);
            form.pairs.push(Pair { start, middle, end: form.text.len() });
        }
        form
    }

    /// Names and values in the order they came.
    pub fn pairs(&self) -> impl ExactSizeIterator<Item = (&[u8], &[u8])> {
        self.pairs.iter().map(|pair| (&self.text[pair.start..pair.middle], &self.text[pair.middle..pair.end]))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Whether a parameter had no `=`.
    pub fn is_ragged(&self) -> bool {
        self.ragged
    }

    /// The name and value at `at`, counted from 0.
    pub(super) fn pair(&self, at: usize) -> (&[u8], &[u8]) {
        let pair = self.pairs[at];
        (&self.text[pair.start..pair.middle], &self.text[pair.middle..pair.end])
    }

    /// How often a name is there.
    pub fn count(&self, name: &str) -> usize {
        self.pairs().filter(|(key, _)| *key == name.as_bytes()).count()
    }

    /// The first value of a name, blank or not, as text: what is not UTF-8, and NUL, which no column takes, becomes
    /// U+FFFD.
    pub fn value(&self, name: &str) -> Option<Cow<'_, str>> {
        let (_, value) = self.pairs().find(|(key, _)| *key == name.as_bytes())?;
        let text = String::from_utf8_lossy(value);
        Some(if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { text })
    }

    /// The first value of a name, unless it is blank: providers leave out or leave blank as they please.
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.value(name).filter(|text| !text.is_empty())
    }

    /// The same as a whole number.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.text(name)?.trim().parse().ok()
    }
}

impl std::fmt::Debug for Form {
    /// How many parameters: they hold numbers, names and words.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Form").field("len", &self.pairs.len()).finish_non_exhaustive()
    }
}

fn decode(encoded: &[u8], out: &mut Vec<u8>) {
    let mut rest = encoded;
    while let Some(at) = rest.iter().position(|b| matches!(b, b'+' | b'%')) {
        out.extend_from_slice(&rest[..at]);
        let (byte, tail) = match &rest[at..] {
            [b'%', high, low, tail @ ..] => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, tail),
                (Some(_) | None, _) => (b'%', &rest[at + 1..]),
            },
            [b'+', tail @ ..] => (b' ', tail),
            other => (b'%', &other[1..]),
        };
        out.push(byte);
        rest = tail;
    }
    out.extend_from_slice(rest);
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn forms_are_decoded_as_the_standard_says() {
        for (encoded, expected, ragged, why) in [
            ("a=1&b=2", vec![("a", "1"), ("b", "2")], false, "plain"),
            ("a=&b=2", vec![("a", ""), ("b", "2")], false, "a blank is kept"),
            ("a=1&&b=2&", vec![("a", "1"), ("b", "2")], false, "nothing between two &"),
            ("a=b=c", vec![("a", "b=c")], false, "the first = counts"),
            ("a", vec![("a", "")], true, "no ="),
            ("a+b=%2B1%20x", vec![("a b", "+1 x")], false, "spaces and escapes"),
            ("a=%zz%4&b=%", vec![("a", "%zz%4"), ("b", "%")], false, "no escapes at all"),
            ("a=%c3%A9", vec![("a", "é")], false, "UTF-8, in either case"),
            ("", vec![], false, "nothing"),
        ] {
            let form = Form::read(encoded.as_bytes());
            let found: Vec<_> = form.pairs().map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
            let expected: Vec<_> =
                expected.into_iter().map(|(n, v)| (n.as_bytes().to_vec(), v.as_bytes().to_vec())).collect();
            assert_eq!(found, expected, "{why}");
            assert_eq!(form.is_ragged(), ragged, "{why}");
        }
    }

    #[test]
    fn text_is_readable_whatever_the_bytes() {
        let form = Form::read(b"a=%ff%00x&b=&c=+7&d=12345678901&e=1&e=2");
        assert_eq!(form.text("a").as_deref(), Some("\u{fffd}\u{fffd}x"));
        assert_eq!((form.value("b").as_deref(), form.text("b")), (Some(""), None));
        assert_eq!((form.number("c"), form.number("d")), (Some(7), None));
        assert_eq!((form.count("e"), form.text("e").as_deref()), (2, Some("1")));
    }

    #[test]
    fn large_forms_are_only_large() {
        let many = "a=1&".repeat(10_000);
        assert_eq!(Form::read(many.as_bytes()).count("a"), 10_000);
        let long = format!("a={}", "%41".repeat(20_000));
        assert_eq!(Form::read(long.as_bytes()).text("a").map(|text| text.len()), Some(20_000));
    }

    proptest! {
        #[test]
        fn what_the_standard_crate_writes_reads_back(pairs in prop::collection::vec((".{0,9}", ".{0,20}"), 0..9)) {
            let mut out = form_urlencoded::Serializer::new(String::new());
            out.extend_pairs(&pairs);
            let form = Form::read(out.finish().as_bytes());
            let found: Vec<_> = form.pairs().map(|(n, v)| (String::from_utf8_lossy(n).into_owned(), String::from_utf8_lossy(v).into_owned())).collect();
            prop_assert_eq!(found, pairs);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let form = Form::read(&bytes);
            prop_assert!(form.pairs().map(|(n, v)| n.len() + v.len()).sum::<usize>() <= bytes.len());
        }
    }
}
