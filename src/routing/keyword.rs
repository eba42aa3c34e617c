//! Opt-out words: whole messages that take a phone out of a number's texts, or back in.
//!
//! Deliberately not here: answering them. Providers answer opt-out words themselves.

/// What a keyword asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Keyword {
    /// No more texts.
    Stop,
    /// Texts again.
    Start,
    /// Help.
    Help,
}

/// The words, as Twilio, SignalWire and Telnyx list them together.
const STOP: [&str; 10] =
    ["STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT OUT"];
const START: [&str; 3] = ["START", "YES", "UNSTOP"];
const HELP: [&str; 2] = ["HELP", "INFO"];

/// Reads a whole message as a keyword: trimmed, in any case. What the provider says of it wins. A word that opts in
/// acts only for a phone that is opted out: "Yes" answers a question.
pub(super) fn read(body: &str, provider_says: Option<&str>, opted_out: bool) -> Option<Keyword> {
    let is = |text: &str, words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    let body = body.trim();
    let said = provider_says.unwrap_or_default();
    if is(said, &["STOP"]) || is(body, &STOP) {
        Some(Keyword::Stop)
    } else if is(said, &["START"]) || (opted_out && is(body, &START)) {
        Some(Keyword::Start)
    } else if is(said, &["HELP"]) || is(body, &HELP) {
        Some(Keyword::Help)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_message_is_a_keyword() {
        for (body, says, out, expected, why) in [
            ("STOP", None, false, Some(Keyword::Stop), "the word"),
            ("  stop\n", None, false, Some(Keyword::Stop), "trimmed, any case"),
            ("opt out", None, false, Some(Keyword::Stop), "two words"),
            ("STOP PLEASE", None, false, None, "more than the word"),
            ("stop!", None, false, None, "punctuation is more than the word"),
            ("Yes", None, false, None, "an answer to a question"),
            ("Yes", None, true, Some(Keyword::Start), "opted out before"),
            ("unstop", None, true, Some(Keyword::Start), "opted out before"),
            ("info", None, false, Some(Keyword::Help), "help"),
            ("arrêter", Some("STOP"), false, Some(Keyword::Stop), "the provider knows its own words"),
            ("", None, false, None, "nothing"),
        ] {
            assert_eq!(read(body, says, out), expected, "{why}: {body:?}");
        }
    }
}
