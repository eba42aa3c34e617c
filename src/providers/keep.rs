//! A form as it may be kept where people's words may not: every parameter, without the values that are theirs.
//!
//! Deliberately not here: hiding numbers and names, which a journal has and a fixture replaces (`replay`).

use super::form::Form;

/// Values that are somebody's words or media.
const THEIRS: [&[u8]; 3] = [b"Body", b"TranscriptionText", b"SpeechResult"];

/// An encoded form or query, with the values of words and media left blank and everything else byte for byte.
pub fn without_text(encoded: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(encoded.len());
    for (count, piece) in encoded.split(|&b| b == b'&').enumerate() {
        if count > 0 {
            kept.push(b'&');
        }
        let equals = piece.iter().position(|&b| b == b'=').map_or(piece.len(), |at| at + 1);
        let (name, value) = piece.split_at(equals);
        kept.extend_from_slice(name);
        let decoded = Form::read(name);
        let theirs = decoded.pairs().any(|(name, _)| THEIRS.contains(&name) || name.starts_with(b"MediaUrl"));
        if !theirs {
            kept.extend_from_slice(value);
        }
    }
    kept
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
            ("a&&b=", "a&&b="),
            ("", ""),
        ] {
            assert_eq!(String::from_utf8_lossy(&without_text(encoded.as_bytes())), expected);
        }
    }
}
