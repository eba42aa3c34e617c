//! A form as it may be kept where people's words may not: every parameter, without the values that are theirs.
//!
//! Deliberately not here: hiding numbers and names, which a journal has and a fixture replaces (`replay`).

use super::form::Form;
use super::request::Verified;

/// Values that are somebody's words or media.
const THEIRS: [&[u8]; 3] = [b"Body", b"TranscriptionText", b"SpeechResult"];

/// The longest name that a parameter may have; documented ones have less than forty letters.
const LONGEST_NAME: usize = 80;

/// A body as it may be kept: as a form, and nothing where none was read from it, for then nobody knows what is in it.
pub fn kept_body(verified: &Verified<'_>) -> Vec<u8> {
    let request = verified.request();
    if request.is_get() || verified.form().is_empty() { Vec::new() } else { without_text(request.body) }
}

/// An encoded form or query, with the values of words and media left blank and everything else byte for byte. What has
/// no name such as parameters have is left out: it may be words that are no form at all.
pub fn without_text(encoded: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(encoded.len());
    for (count, piece) in encoded.split(|&b| b == b'&').enumerate() {
        if count > 0 {
            kept.push(b'&');
        }
        let Some(equals) = piece.iter().position(|&b| b == b'=') else { continue };
        let (name, value) = piece.split_at(equals + 1);
        if name.len() > LONGEST_NAME || !name.iter().all(|&b| b.is_ascii_alphanumeric() || b"_-.[]%=".contains(&b)) {
            continue;
        }
        kept.extend_from_slice(name);
        let plain = name.strip_suffix(b"=").unwrap_or(name);
        let theirs = if plain.contains(&b'%') {
            Form::read(name).pairs().any(|(name, _)| is_theirs(name))
        } else {
            is_theirs(plain)
        };
        if !theirs {
            kept.extend_from_slice(value);
        }
    }
    kept
}

fn is_theirs(name: &[u8]) -> bool {
    THEIRS.contains(&name) || name.starts_with(b"MediaUrl")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_media_go_and_the_rest_stays() {
        for (encoded, expected) in [
            ("From=%2B13125550101&Body=Hi+Jo&NumMedia=1", "From=%2B13125550101&Body=&NumMedia=1"),
            ("MediaUrl0=https%3A%2F%2Fp.example&MediaContentType0=a%2Fb", "MediaUrl0=&MediaContentType0=a%2Fb"),
            ("B%6fdy=Hi&TranscriptionText=Hi", "B%6fdy=&TranscriptionText="),
            ("a&&b=", "&&b="),
            ("{\"Body\":\"Hi=Jo\"}&a=1", "&a=1"),
            ("", ""),
        ] {
            assert_eq!(String::from_utf8_lossy(&without_text(encoded.as_bytes())), expected);
        }
    }
}
