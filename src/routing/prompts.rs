//! The words of a prompt: the location's own, or the built-in ones, filled in.
//!
//! Deliberately not here: which prompt is due.

use crate::domain::{Cue, Location, Prompt, Spoken};
use crate::rules::template::{Fills, fill};

/// What is heard for a prompt: words or a sound file; nothing where the words are empty.
pub(super) fn cue(location: Option<&Location>, prompt: Prompt) -> Vec<Cue> {
    cue_with(location, prompt, &Fills { location_name: location.map(|l| l.name.as_str()), ..Fills::default() })
}

/// The same, with names to fill in.
pub(super) fn cue_with(location: Option<&Location>, prompt: Prompt, fills: &Fills<'_>) -> Vec<Cue> {
    let own = location.and_then(|location| location.prompts.0.get(prompt.word()));
    let text = own.map_or(prompt.built_in(), String::as_str);
    if text.starts_with("https://") || text.starts_with("http://") {
        return vec![Cue::Play(text.to_owned())];
    }
    let words = fill(text, fills);
    if words.is_empty() { Vec::new() } else { vec![Cue::Say(words)] }
}

/// The words of a prompt that is written, not spoken; `None` where there are none.
pub(super) fn words(location: Option<&Location>, prompt: Prompt, fills: &Fills<'_>) -> Option<Spoken> {
    let own = location.and_then(|location| location.prompts.0.get(prompt.word()));
    let words = fill(own.map_or(prompt.built_in(), String::as_str), fills);
    (!words.is_empty()).then_some(words)
}
