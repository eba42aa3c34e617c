//! A form as it may be kept where people's words may not: every parameter, without the values that are theirs.
//!
//! Deliberately not here: hiding numbers and names, which a journal has and a fixture replaces (`replay`).

use crate::voice::Link;

use super::form::Form;
use super::request::Verified;

/// Values that are somebody's words or media.
const THEIRS: [&[u8]; 3] = [b"Body", b"TranscriptionText", b"SpeechResult"];

/// Keys that were typed.
const DIGITS: &[u8] = b"Digits";

/// The longest name that a parameter may have; documented ones have less than forty letters.
const LONGEST_NAME: usize = 80;

/// A body as it may be kept: as a form, and nothing where none was read from it, for then nobody knows what is in it.
pub fn kept_body(verified: &Verified<'_>) -> Vec<u8> {
    let request = verified.request();
    if request.is_get() || verified.form().is_empty() {
        Vec::new()
    } else {
        without(request.body, may_hold_a_pin(request.target))
    }
}

/// A target as it may be kept: parameters of a GET can hold words too.
pub fn kept_target(target: &str) -> String {
    match target.split_once('?') {
        None => target.to_owned(),
        Some((path, query)) => {
            let kept = without(query.as_bytes(), may_hold_a_pin(target));
            format!("{path}?{}", String::from_utf8_lossy(&kept))
        }
    }
}

/// Whether what is typed on the way to this target can be a PIN, which is a secret. Keys of menus and whispers are none; a
/// fallback address gets the parameters of the step that failed, whichever that was.
fn may_hold_a_pin(target: &str) -> bool {
    matches!(Link::read(target), Ok(Link::Pin { .. } | Link::Fallback | Link::Connect { .. }))
}

/// An encoded form or query, with the values of words and media left blank and everything else byte for byte. What has
/// no name such as parameters have is left out: it may be words that are no form at all. `digits`: keys that were typed go
/// too.
fn without(encoded: &[u8], digits: bool) -> Vec<u8> {
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
            Form::read(name).pairs().any(|(name, _)| is_theirs(name, digits))
        } else {
            is_theirs(plain, digits)
        };
        // The address of a step that was asked by GET has what was typed in it.
        let typed = digits && value.windows(DIGITS.len()).any(|part| part == DIGITS);
        if !theirs && !typed {
            kept.extend_from_slice(value);
        }
    }
    kept
}

fn is_theirs(name: &[u8], digits: bool) -> bool {
    THEIRS.contains(&name) || name.starts_with(b"MediaUrl") || digits && name == DIGITS
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
            assert_eq!(String::from_utf8_lossy(&without(encoded.as_bytes(), false)), expected);
        }
    }

    #[test]
    fn what_may_be_a_pin_goes_and_other_keys_stay() {
        const ASKED: &str = "call=00000000000000000000000000000001&try=1";
        let failed =
            |digits| format!("ErrorUrl=https%3A%2F%2Fa.example%2Fwebhooks%2Facme%2Fvoice%2Fpin%3Ftry%3D1{digits}");
        let (plain, typed) = (failed(""), failed("%26Digits%3D1234"));
        for (step, expected) in
            [("pin", "Digits=&"), ("menu", "Digits=1234&"), ("fallback", "Digits=&"), ("connect", "Digits=&")]
        {
            let target = format!("/webhooks/acme/voice/{step}?{ASKED}&Digits=1234&a=b");
            assert_eq!(kept_target(&target), format!("/webhooks/acme/voice/{step}?{ASKED}&{expected}a=b"));
            let body = format!("CallSid=CA1&Digits=1234&{plain}");
            let kept = without(body.as_bytes(), may_hold_a_pin(&target));
            assert_eq!(String::from_utf8_lossy(&kept), format!("CallSid=CA1&{expected}{plain}"));
        }
        assert_eq!(without(typed.as_bytes(), true), b"ErrorUrl=");
    }
}
