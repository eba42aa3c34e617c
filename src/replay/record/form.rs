//! A provider's parameters, each mapped by the rule for its name; one that no rule knows keeps its name and loses its
//! value.
//!
//! Deliberately not here: what parameters mean to us (`providers`).

use crate::domain::CallerId;

use super::filler::{self, Length};
use super::pseudonyms::Pseudonyms;

/// What a value becomes that no rule knows.
pub const REDACTED: &str = "redacted";

/// Words that act as a whole message: they are nobody's in particular, and what follows depends on them.
const KEYWORDS: [&str; 15] = [
    "STOP",
    "STOPALL",
    "STOP ALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "REVOKE",
    "OPTOUT",
    "OPT OUT",
    "START",
    "YES",
    "UNSTOP",
    "HELP",
    "INFO",
];

/// Words that providers document for states, sources and results.
const DOCUMENTED: &str = "queued initiated ringing in-progress answered completed busy failed no-answer canceled \
    inbound outbound outbound-api outbound-dial outbound-reply trunking-originating trunking-terminating \
    call-progress-events true false bridged bridging-in-process error hangup leave redirected redirected-from-bridged \
    queue-full system-error accepted scheduled sending sent delivered undelivered receiving received read \
    partially_delivered absent paused stopped both DialVerb RecordVerb Conference OutboundAPI Trunking \
    StartCallRecordingAPI StartConferenceRecordingAPI fast auto human machine_start machine_end_beep \
    machine_end_silence machine_end_other fax unknown STOP START HELP A B C No-TN-Validation";

/// How a value is mapped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Rule {
    /// Who calls or is called.
    Phone,
    /// The id of a call's leg, which gets a placeholder.
    Call,
    /// The id of a text, which gets a placeholder.
    Text,
    /// Any other id of a provider.
    Sid,
    /// A documented word.
    Word,
    /// A number of seconds, media, places.
    Count,
    /// Keys that were pressed.
    Keys,
    /// A version or a date, of signs that say nothing else.
    Stamp,
    /// A country's two letters.
    Country,
    /// An address at the provider or of ours.
    Url,
    /// Somebody's name.
    Name,
    /// A town.
    Town,
    /// A state or a postal code.
    Area,
    /// A text's words.
    Words,
    /// Anything else.
    Unknown,
}

/// The rule for a parameter of this name.
fn rule(name: &str) -> Rule {
    match name {
        "From" | "To" | "Caller" | "Called" | "ForwardedFrom" => Rule::Phone,
        "CallSid" | "ParentCallSid" | "DialCallSid" | "DequeingCallSid" | "DequeuedCallSid" => Rule::Call,
        "MessageSid" | "SmsSid" | "SmsMessageSid" | "OriginalRepliedMessageSid" => Rule::Text,
        "AccountSid"
        | "RecordingSid"
        | "QueueSid"
        | "TranscriptionSid"
        | "ConferenceSid"
        | "MessagingServiceSid"
        | "PhoneNumberSid"
        | "ApplicationSid" => Rule::Sid,
        "CallStatus"
        | "Direction"
        | "DialCallStatus"
        | "DialBridged"
        | "CallbackSource"
        | "SmsStatus"
        | "MessageStatus"
        | "QueueResult"
        | "RecordingStatus"
        | "RecordingSource"
        | "RecordingTrack"
        | "TranscriptionStatus"
        | "TranscriptionType"
        | "AnsweredBy"
        | "OptOutType"
        | "MediaContentType"
        | "StirVerstat"
        | "StirStatus"
        | "Finished" => Rule::Word,
        "CallDuration"
        | "Duration"
        | "DialCallDuration"
        | "SequenceNumber"
        | "NumMedia"
        | "NumSegments"
        | "ErrorCode"
        | "QueueTime"
        | "QueuePosition"
        | "AvgQueueTime"
        | "CurrentQueueSize"
        | "MaxQueueSize"
        | "RecordingDuration"
        | "RecordingChannels"
        | "MachineDetectionDuration"
        | "Confidence" => Rule::Count,
        "Digits" => Rule::Keys,
        "ApiVersion" | "Timestamp" | "RecordingStartTime" | "RawDlrDoneDate" => Rule::Stamp,
        "FromCountry" | "ToCountry" | "CallerCountry" | "CalledCountry" => Rule::Country,
        "RecordingUrl" | "TranscriptionUrl" | "ErrorUrl" | "PublicRecordingUrl" => Rule::Url,
        "CallerName" | "ProfileName" => Rule::Name,
        "FromCity" | "ToCity" | "CallerCity" | "CalledCity" => Rule::Town,
        "FromState" | "ToState" | "CallerState" | "CalledState" | "FromZip" | "ToZip" | "CallerZip" | "CalledZip" => {
            Rule::Area
        }
        "Body" | "SpeechResult" | "UnstableSpeechResult" | "TranscriptionText" => Rule::Words,
        _ if numbered(name, "MediaUrl") => Rule::Url,
        _ if numbered(name, "MediaContentType") => Rule::Word,
        _ => Rule::Unknown,
    }
}

fn numbered(name: &str, stem: &str) -> bool {
    name.strip_prefix(stem).is_some_and(|no| !no.is_empty() && no.len() <= 2 && no.bytes().all(|b| b.is_ascii_digit()))
}

/// The placeholders of one fixture's calls and texts: the same id has the same placeholder.
#[derive(Clone, Default, Debug)]
pub struct Ids(Vec<(String, String)>);

impl Ids {
    /// The placeholder of an id; a new one is named after `word`.
    pub fn placeholder(&mut self, real: &str, word: &str) -> String {
        if real.is_empty() {
            return String::new();
        }
        if let Some((_, name)) = self.0.iter().find(|(known, _)| known == real) {
            return format!("${{{name}}}");
        }
        let taken = |name: &str| self.0.iter().any(|(_, known)| known == name);
        let name = std::iter::once(word.to_owned()).chain((2..).map(|no| format!("{word}{no}")));
        let name = name.into_iter().find(|name| !taken(name)).unwrap_or_else(|| word.to_owned());
        self.0.push((real.to_owned(), name.clone()));
        format!("${{{name}}}")
    }
}

/// Maps a request's parameters, in their order.
pub fn mapped(form: &[(String, String)], ids: &mut Ids, pseudonyms: &mut Pseudonyms) -> Vec<(String, String)> {
    let child = form.iter().any(|(name, value)| name == "ParentCallSid" && !value.is_empty());
    // The caller's leg comes first in the naming, wherever it stands.
    for (name, value) in form {
        match name.as_str() {
            "ParentCallSid" => _ = ids.placeholder(value, "call"),
            "CallSid" if !child => _ = ids.placeholder(value, "call"),
            _ => {}
        }
    }
    let news = form.iter().any(|(name, _)| name == "MessageStatus");
    let mut made = Vec::with_capacity(form.len());
    for (no, (name, value)) in form.iter().enumerate() {
        let value = match rule(name) {
            _ if value.is_empty() => String::new(),
            Rule::Phone => pseudonyms.caller(value),
            Rule::Call => ids.placeholder(value, if name == "CallSid" && !child { "call" } else { "leg" }),
            Rule::Text => ids.placeholder(value, if news { "sent" } else { "text" }),
            Rule::Sid => pseudonyms.sid(value),
            Rule::Word => {
                if is_word(value) {
                    value.clone()
                } else {
                    REDACTED.to_owned()
                }
            }
            Rule::Count => {
                if is_count(value) {
                    value.clone()
                } else {
                    "0".to_owned()
                }
            }
            Rule::Keys => keys(value),
            Rule::Stamp => {
                if is_stamp(value) {
                    value.clone()
                } else {
                    REDACTED.to_owned()
                }
            }
            Rule::Country => {
                if value.len() == 2 && value.bytes().all(|b| b.is_ascii_uppercase()) {
                    value.clone()
                } else {
                    "XX".to_owned()
                }
            }
            Rule::Url => url(value, pseudonyms),
            Rule::Name => pseudonyms.name(value).to_uppercase(),
            Rule::Town => "ANYTOWN".to_owned(),
            Rule::Area => if name.ends_with("Zip") { "00000" } else { "XX" }.to_owned(),
            Rule::Words => words(value),
            Rule::Unknown => REDACTED.to_owned(),
        };
        made.push((parameter(name, no), value));
    }
    made
}

/// A parameter's name as it may stand in a file: a name can be made of anything too.
fn parameter(name: &str, no: usize) -> String {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let plain = name.len() <= 40 && digits <= 3 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    // Providers write their own with a capital; others come from an application or a caller's telephone.
    let own = name.starts_with(|letter: char| letter.is_ascii_uppercase());
    let custom = !own || name.starts_with("SipHeader") || name.starts_with("Parameter");
    if plain && !custom { name.to_owned() } else { format!("Unknown{no}") }
}

/// A text's words: filler of the same encoding and length, but what acts as a whole message stays.
pub fn words(text: &str) -> String {
    let trimmed = text.trim();
    let choice = trimmed.len() == 1 && trimmed.bytes().all(|b| b.is_ascii_digit());
    if choice || KEYWORDS.iter().any(|word| trimmed.eq_ignore_ascii_case(word)) {
        text.to_owned()
    } else {
        filler::text(Length::of(text))
    }
}

/// One key is an answer; several may be a card's number or a PIN.
fn keys(value: &str) -> String {
    match value {
        "hangup" => value.to_owned(),
        _ if value.chars().count() == 1 && "0123456789*#".contains(value) => value.to_owned(),
        _ => "0".repeat(value.chars().count().min(6)),
    }
}

/// An address at the provider keeps its shape; others are replaced whole.
fn url(value: &str, pseudonyms: &mut Pseudonyms) -> String {
    const OWN: [&str; 9] =
        ["https:", "", "api.twilio.com", "2010-04-01", "Accounts", "Recordings", "Transcriptions", "Messages", "Media"];
    let segments: Vec<&str> = value.split('/').collect();
    if segments.get(2) != Some(&"api.twilio.com") || segments.first() != Some(&"https:") {
        return pseudonyms.url(value);
    }
    let mapped = segments
        .iter()
        .map(|segment| if OWN.contains(segment) { (*segment).to_owned() } else { pseudonyms.sid(segment) });
    mapped.collect::<Vec<_>>().join("/")
}

fn is_word(value: &str) -> bool {
    const VERDICT: [&str; 7] = ["Passed", "Failed", "Diverted", "Passthrough", "A", "B", "C"];
    let plain = value.len() <= 40
        && value.bytes().filter(u8::is_ascii_digit).count() <= 4
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_/.+".contains(&b));
    let verdict = value.strip_prefix("TN-Validation-");
    let medium = value.split_once('/').is_some_and(|(kind, name)| {
        ["image", "video", "audio", "text", "application"].contains(&kind) && !name.contains('/')
    });
    DOCUMENTED.split_whitespace().any(|word| word == value)
        || verdict.is_some_and(|verdict| verdict.split('-').all(|part| VERDICT.contains(&part)))
        || (plain && medium)
}

fn is_count(value: &str) -> bool {
    value.len() <= 6 && value.parse::<f64>().is_ok_and(f64::is_finite)
}

/// A version such as `2010-04-01`, or a date as mails have it.
fn is_stamp(value: &str) -> bool {
    let day = value.len() == 10 && value.parse::<chrono::NaiveDate>().is_ok();
    // A mail's date may hold remarks in brackets.
    day || (value.len() <= 31 && !value.contains('(') && chrono::DateTime::parse_from_rfc2822(value).is_ok())
}

/// Whether a caller of this kind can have been known by their phone.
pub fn is_phone(text: &str) -> bool {
    matches!(CallerId::read(text), CallerId::Number(_))
}

#[cfg(test)]
mod tests {
    use super::super::book::Book;
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn map(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        mapped(&of(pairs), &mut Ids::default(), &mut Pseudonyms::new(Book::in_memory(b"a key")))
    }

    #[test]
    fn each_parameter_has_a_rule() {
        let sid = format!("AC{}", "9d".repeat(16));
        for (name, value, stays, why) in [
            ("CallStatus", "in-progress", true, "a documented word"),
            ("CallStatus", "Dora Lund was here", false, "no word"),
            ("Direction", "outbound-dial", true, "a documented word"),
            ("MediaContentType0", "image/jpeg", true, "a kind of file"),
            ("DialCallDuration", "124", true, "seconds"),
            ("DialCallDuration", "4155551212", false, "no length of time"),
            ("Digits", "1", true, "the accept key"),
            ("Digits", "hangup", true, "the caller hung up"),
            ("Digits", "4929", false, "a PIN"),
            ("Timestamp", "Mon, 09 Mar 2026 14:02:11 +0000", true, "a date"),
            ("Timestamp", "Dora, 09 Mar 2026", false, "no date"),
            (
                "Timestamp",
                "Mon, 09 Mar 2026 14:02:11 +0000 (Dora Lund)",
                false,
                "a date with a remark, as mails may have",
            ),
            ("ApiVersion", "3124-87-29", false, "no day"),
            ("CallStatus", "DoraLund", false, "one word, but none of a call's states"),
            ("StirVerstat", "TN-Validation-Passed-A", true, "a documented word"),
            ("AnsweredBy", "machine_end_beep", true, "a documented word"),
            ("MediaContentType0", "dora/lund", false, "no kind of file"),
            ("ApiVersion", "2010-04-01", true, "a version"),
            ("Body", "STOP", true, "an opt-out"),
            ("Body", " stop\n", true, "however it is written"),
            ("Body", "2", true, "an answer to a menu"),
            ("Body", "Stop calling, says Dora", false, "words"),
            ("FromCountry", "US", true, "the number keeps its country"),
            ("FromCity", "", true, "a blank says nothing, and is signed"),
            ("FromCity", "CHICAGO", false, "a town"),
            ("FromZip", "60601", false, "a postal code"),
            ("CallerName", "DORA LUND", false, "a name"),
            ("CallToken", "ey.Dora", false, "nobody knows what is in it"),
            ("SomethingNew", "Dora", false, "unknown"),
            ("AccountSid", &sid, false, "an id"),
            ("From", "anonymous", true, "nobody"),
            ("From", "Dora", false, "a sender"),
        ] {
            let made = map(&[(name, value)]);
            assert_eq!(made[0].0, name, "{why}");
            assert_eq!(made[0].1 == value, stays, "{why}: {}", made[0].1);
            assert!(!made[0].1.to_lowercase().contains("dora"), "{why}");
        }
        assert_eq!(map(&[("X-Dora Lund", "1")])[0].0, "Unknown0", "a name that is none");
        assert_eq!(map(&[("dora_lund", "1")])[0].0, "Unknown0", "a name that is written as no provider's is");
        assert_eq!(map(&[("SipHeader_X_Dora", "1")])[0].0, "Unknown0", "a name that somebody chose");
    }

    #[test]
    fn ids_of_a_call_are_placeholders() {
        let made = map(&[("CallSid", "CA-leg"), ("ParentCallSid", "CA-own"), ("DialCallSid", "CA-leg")]);
        let values: Vec<&str> = made.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["${leg}", "${call}", "${leg}"]);
        let text = map(&[("MessageSid", "SM1"), ("SmsSid", "SM1")]);
        assert!(text.iter().all(|(_, value)| value == "${text}"));
        assert_eq!(map(&[("MessageSid", "SM1"), ("MessageStatus", "sent")])[0].1, "${sent}");
    }

    #[test]
    fn a_recordings_address_keeps_its_shape() {
        let (account, recording) = (format!("AC{}", "9d".repeat(16)), format!("RE{}", "8c".repeat(16)));
        let address = format!("https://api.twilio.com/2010-04-01/Accounts/{account}/Recordings/{recording}");
        let made = &map(&[("RecordingUrl", &address)])[0].1;
        assert!(made.starts_with("https://api.twilio.com/2010-04-01/Accounts/AC000000"), "{made}");
        assert!(!made.contains(&account[2..]) && !made.contains(&recording[2..]));
        assert!(map(&[("RecordingUrl", "https://store.dora.example/x")])[0].1.starts_with("https://www.example.com/"));
    }
}
