//! The demo's story: one line for each thing that happens, with the office's time, in words.
//!
//! Deliberately not here: what happens. Numbers are masked; names are those of people who do not exist.

use std::io::IsTerminal;

use serde_json::Value;

use super::cast::Office;
use crate::cli::output::colours;
use crate::cli::story;
use crate::domain::{E164, Moment};
use crate::replay::phones::What;
use crate::rules::zones;

/// How lines look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    colour: bool,
}

/// What a line is about, for its colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    /// Anything.
    Plain,
    /// What was decided, and why.
    Why,
    /// People talk, or a text arrives.
    Good,
    /// A message is left.
    Message,
    /// Something went wrong.
    Bad,
}

impl Style {
    /// Coloured on a terminal.
    pub fn of_stdout() -> Self {
        Self { colour: std::io::stdout().is_terminal() && colours() }
    }

    /// A line of the story.
    pub fn line(self, at: Moment, office: &Office, scene: usize, (tone, text): &(Tone, String)) -> String {
        let wall = zones::wall(&office.zone, at).unwrap_or_default();
        let time = wall.rsplit(' ').next().unwrap_or_default();
        let head = format!("{time}  {:<8} {:>5}", office.name, format!("#{scene}"));
        let code = match tone {
            Tone::Plain => None,
            Tone::Why => Some("2"),
            Tone::Good => Some("32"),
            Tone::Message => Some("33"),
            Tone::Bad => Some("31"),
        };
        match code.filter(|_| self.colour) {
            Some(code) => format!("{head}  \u{1b}[{code}m{text}\u{1b}[0m"),
            None => format!("{head}  {text}"),
        }
    }
}

/// What happened, in words; `None` for what nobody on the phone would tell.
pub fn told(what: &What) -> Option<(Tone, String)> {
    let line = |tone, text| Some((tone, text));
    match what {
        What::Dialled { who, number } => line(Tone::Plain, format!("{who} calls {}", masked(number))),
        What::Called { who, number } => line(Tone::Plain, format!("we call {who} from {}", masked(number))),
        What::Rings { who, shows } => line(Tone::Plain, format!("rings: {who}; the display shows {}", masked(shows))),
        What::Unanswered { who, how } => line(Tone::Plain, format!("{who}: {}", how.replace('-', " "))),
        What::Answered { who, machine: true } => line(Tone::Plain, format!("{who}: the carrier's voicemail picks up")),
        What::Answered { who, machine: false } => line(Tone::Plain, format!("{who} picks up")),
        What::Hears { who, words } => line(Tone::Plain, format!("{who} hears: \"{words}\"")),
        What::HearsSound { who, .. } => line(Tone::Plain, format!("{who} hears a sound")),
        What::Presses { who, keys } => line(Tone::Plain, format!("{who} presses {keys}")),
        What::PressedNothing { who, seconds } => line(Tone::Plain, format!("{who}: no key in {seconds} s")),
        What::Bridged { caller, callee } => line(Tone::Good, format!("{caller} and {callee} talk")),
        What::Queued { who, .. } => line(Tone::Plain, format!("{who} waits for a dispatcher")),
        What::LeftQueue { who, .. } => line(Tone::Plain, format!("{who} waits no longer")),
        What::Recording { who } => line(Tone::Plain, format!("beep: {who} speaks")),
        What::Recorded { who, seconds } => line(Tone::Message, format!("{who} left a voicemail of {seconds} s")),
        What::HangsUp { who } => line(Tone::Plain, format!("{who} hangs up")),
        What::Texts { who, number, words } => line(Tone::Plain, format!("{who} texts {}: \"{words}\"", masked(number))),
        What::Receives { who, shows, words, .. } => {
            let words = words.replace('\n', " / ");
            line(Tone::Good, format!("{who} gets a text from {}: \"{words}\"", masked(shows)))
        }
        What::Trouble { code, why, .. } => line(Tone::Bad, format!("the provider complains ({code}): {why}")),
        What::Differed { .. } => line(Tone::Bad, "the same request got two different answers".to_owned()),
        What::Ended { .. } | What::HungUp { .. } | What::PickedUp { .. } | What::Asked { .. } | What::Lost { .. } => {
            None
        }
    }
}

/// A decision in a line: where it goes, and its reasons' codes in words.
pub fn why(decision: &Value) -> Option<(Tone, String)> {
    // A step that decides nothing new gives no reason.
    let codes = decision["why"].as_array().into_iter().flatten().filter_map(|reason| reason["code"].as_str());
    let codes: Vec<String> = codes.map(|code| code.replace('_', " ")).collect();
    let told = !codes.is_empty() && codes != ["session live"];
    told.then(|| (Tone::Why, format!("→ {} ({})", story::headline(decision), codes.join(", "))))
}

fn masked(number: &str) -> String {
    E164::read(number).map_or_else(|| number.to_owned(), |number| number.masked().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_aligned_and_shows_no_whole_number() {
        let style = Style { colour: false };
        let office = Office { name: "Denver".to_owned(), zone: "America/Denver".to_owned() };
        let at = Moment::read("2026-03-09T14:02:11Z").expect("an instant");
        let what = What::Dialled { who: "Ben".to_owned(), number: "+13035550190".to_owned() };
        let line = style.line(at, &office, 7, &told(&what).expect("it is told"));
        assert_eq!(line, "08:02:11  Denver      #7  Ben calls +1•••0190");
        let decision = serde_json::json!({"channel": "voice", "destination": {"kind": "voicemail"},
            "why": [{"code": "hours_closed", "text": "…"}]});
        assert_eq!(why(&decision), Some((Tone::Why, "→ the call goes to voicemail (hours closed)".to_owned())));
        assert_eq!(why(&Value::Null), None);
    }
}
