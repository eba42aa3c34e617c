//! Recording: whether both sides would be told of it.
//!
//! Deliberately not here: accounts that cannot tell the callee; the settings' own checks know them.

use super::Doubt;
use crate::domain::{Location, Prompt};
use crate::rules::ruleset::Ruleset;

/// Locations whose calls are to be recorded and that have nothing to say about it.
pub fn doubts(rules: &Ruleset) -> Vec<Doubt> {
    let emptied = |location: &&Location| {
        location.prompts.0.get(Prompt::RecordingDisclosure.word()).is_some_and(|words| words.trim().is_empty())
    };
    let asked = |location: &Location| {
        let session = |session: &&crate::domain::Session| {
            session.options.record == Some(true) && session.location.as_ref().is_none_or(|id| *id == location.id)
        };
        location.masking.record_voice_calls || rules.sessions.iter().any(|one| session(&one))
    };
    let told = |location: &Location| {
        Doubt::grave(
            format!("location {}: calls are to be recorded, and its disclosure is empty: none of them is", location.id),
            format!(
                "write location.{0}.prompts.recording_disclosure, or leave it out for the built-in words; or set \
                 location.{0}.masking.record_voice_calls = false",
                location.id
            ),
        )
    };
    rules.locations.iter().filter(emptied).filter(|location| asked(location)).map(told).collect()
}

/// How many locations record.
pub fn recording(rules: &Ruleset) -> usize {
    rules.locations.iter().filter(|location| location.masking.record_voice_calls).count()
}

#[cfg(test)]
mod tests {
    use super::super::samples::changed;
    use super::*;

    #[test]
    fn an_empty_disclosure_is_found() {
        let prompts = "holidays = \"US\"\n[location.prompts]\nrecording_disclosure = ";
        for (words, record, found, why) in [
            ("\" \"", true, 1, "emptied"),
            ("\" \"", false, 0, "emptied, and nothing is recorded"),
            ("\"\"", true, 0, "the built-in words"),
            ("\"This call is recorded.\"", true, 0, "own words"),
        ] {
            let record = format!("enabled = true\nrecord_voice_calls = {record}");
            let rules = changed(&[("holidays = \"US\"", &format!("{prompts}{words}")), ("enabled = true", &record)]);
            assert_eq!(doubts(&rules).len(), found, "{why}");
        }
    }
}
