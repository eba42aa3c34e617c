//! A call told: when, who, what, and next to it what we made of it.
//!
//! Deliberately not here: how it looks (`told`), and whether it is what was expected (`judge`).

use std::time::Duration;

use serde_json::Value;

use crate::domain::{E164, LegOutcome, Moment};
use crate::replay::phones::{Happening, What};
use crate::replay::target::Seen;
use crate::routing::Reason;

use super::play::{Exchanged, Played};

/// One line of a story.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// How long after the beginning.
    pub at: Duration,
    /// In which call or text.
    pub thread: usize,
    /// Who.
    pub who: String,
    /// What they did or what happened to them.
    pub what: String,
    /// Whether it is something that should not happen at all: a provider's error, another answer to the same request.
    pub bad: bool,
}

/// What a line is, as far as something may be added to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mark {
    Begun,
    Pressed,
    NoKey,
    Over,
    Queued,
    OutOfQueue,
    Other,
}

struct Draft {
    line: Line,
    mark: Mark,
    then: Option<String>,
    word: Option<&'static str>,
    /// How often; what is played in a circle is told once.
    times: u32,
}

/// Tells what happened since `start`.
pub fn tell(start: Moment, played: &Played) -> Vec<Line> {
    let mut teller = Teller { drafts: Vec::new() };
    for happening in &played.log {
        let (at, thread) = (happening.at.since(start), happening.thread);
        if let What::Asked { no } = happening.what {
            if let Some(exchange) = played.exchanges.iter().find(|exchange| exchange.ask.no == no) {
                teller.decided(at, thread, exchange);
            }
        } else {
            teller.happened(at, thread, &happening.what);
        }
    }
    teller.drafts.into_iter().map(Draft::line).collect()
}

/// How this would be told if nothing else had happened; `None` for what is told with something else.
pub fn alone(start: Moment, happening: &Happening) -> Option<Line> {
    let mut teller = Teller { drafts: Vec::new() };
    teller.happened(happening.at.since(start), happening.thread, &happening.what);
    teller.drafts.pop().map(Draft::line)
}

impl Draft {
    fn line(self) -> Line {
        let mut what = self.line.what;
        if let Some(then) = self.then {
            what.push_str(" → ");
            what.push_str(&then);
        }
        if self.times > 1 {
            what.push_str(&format!(", {} times", self.times));
        }
        if let Some(word) = self.word {
            what.push_str(&format!(" ({word})"));
        }
        // One line stays one line.
        let what = what.replace("\r\n", " / ").replace('\n', " / ");
        Line { what: masked(&what), who: masked(&self.line.who), ..self.line }
    }
}

struct Teller {
    drafts: Vec<Draft>,
}

impl Teller {
    fn push(&mut self, at: Duration, thread: usize, who: &str, mark: Mark, what: String) {
        let line = Line { at, thread, who: who.to_owned(), what, bad: false };
        self.drafts.push(Draft { line, mark, then: None, word: None, times: 1 });
    }

    fn bad(&mut self, at: Duration, thread: usize, who: &str, what: String) {
        self.push(at, thread, who, Mark::Other, what);
        if let Some(draft) = self.drafts.last_mut() {
            draft.line.bad = true;
        }
    }

    /// The latest line of a thread that is one of these.
    fn latest(&mut self, thread: usize, marks: &[Mark]) -> Option<&mut Draft> {
        self.drafts.iter_mut().rev().find(|draft| draft.line.thread == thread && marks.contains(&draft.mark))
    }

    fn happened(&mut self, at: Duration, thread: usize, what: &What) {
        let (who, mark, text) = match what {
            What::Asked { .. } => return,
            What::Dialled { who, number } => (who, Mark::Begun, format!("calls {number}")),
            What::Called { who, number } => (who, Mark::Begun, format!("is to be called from {number}")),
            What::Texts { who, number, words } => (who, Mark::Begun, format!("texts {number}: \"{words}\"")),
            What::Rings { who, shows } => (who, Mark::Other, format!("rings, showing {shows}")),
            What::Unanswered { who, how } => match *how {
                "busy" => (who, Mark::Over, "is busy".to_owned()),
                "no-answer" => (who, Mark::Over, "does not answer".to_owned()),
                "canceled" => (who, Mark::Other, "stops ringing".to_owned()),
                _ => (who, Mark::Over, "cannot be reached".to_owned()),
            },
            What::Answered { who, machine: false } => (who, Mark::Other, "answers".to_owned()),
            What::Answered { who, machine: true } => (who, Mark::Other, "a carrier's voicemail answers".to_owned()),
            What::PickedUp { who } => (who, Mark::Other, "is picked up".to_owned()),
            What::Hears { who, words } => (who, Mark::Other, format!("hears \"{words}\"")),
            What::HearsSound { who, url } => (who, Mark::Other, format!("hears the sound {url}")),
            What::Presses { who, keys } => (who, Mark::Pressed, format!("presses {keys}")),
            What::PressedNothing { who, seconds } => (who, Mark::NoKey, format!("no key in {seconds}s")),
            What::Bridged { caller, callee } => (caller, Mark::Other, format!("talks with {callee}")),
            What::Queued { who, .. } => (who, Mark::Queued, "waits in a queue".to_owned()),
            What::LeftQueue { who, how: "leave" } => (who, Mark::OutOfQueue, "leaves the queue".to_owned()),
            What::LeftQueue { who, how } => (who, Mark::OutOfQueue, format!("is out of the queue ({how})")),
            What::Recording { who } => (who, Mark::Other, "speaks after the beep".to_owned()),
            What::Recorded { who, seconds } => (who, Mark::Other, format!("is recorded, {seconds}s")),
            What::HangsUp { who } => (who, Mark::Over, "hangs up".to_owned()),
            What::HungUp { who } => return self.hung_up(at, thread, who),
            What::Ended { who, status } => (who, Mark::Other, format!("call over: {status}")),
            What::Receives { who, shows, words, media } => {
                let pictures = match media.len() {
                    0 => String::new(),
                    1 => ", with a picture".to_owned(),
                    many => format!(", with {many} pictures"),
                };
                (who, Mark::Other, format!("receives from {shows}: \"{words}\"{pictures}"))
            }
            What::Lost { .. } => {
                return self.push(at, thread, "network", Mark::Other, "our reply is lost on its way".to_owned());
            }
            What::Differed { .. } => {
                return self.bad(at, thread, "network", "the same request got another answer".to_owned());
            }
            What::Trouble { code, why, warning } => {
                let word = if *warning { "warning" } else { "error" };
                return self.bad(at, thread, "provider", format!("{word} {code}: {why}"));
            }
        };
        if matches!(what, What::Hears { .. } | What::HearsSound { .. }) && self.heard_before(thread, who, &text) {
            return;
        }
        self.push(at, thread, who, mark, text);
    }

    /// Whether somebody who waits in a queue heard this since they are in it; it is counted there.
    fn heard_before(&mut self, thread: usize, who: &str, text: &str) -> bool {
        let own = |draft: &Draft| draft.line.thread == thread && draft.line.who == who;
        let since = self.drafts.iter().rposition(|draft| own(draft) && draft.mark == Mark::Queued);
        let Some(since) = since else { return false };
        if self.drafts[since..].iter().any(|draft| own(draft) && draft.mark == Mark::OutOfQueue) {
            return false;
        }
        let before = self.drafts[since..].iter_mut().find(|draft| own(draft) && draft.line.what == text);
        before.map(|draft| draft.times += 1).is_some()
    }

    /// Somebody's line is ended for them: part of the line before it where it is theirs, no news where the other side
    /// hung up at that moment.
    fn hung_up(&mut self, at: Duration, thread: usize, who: &str) {
        if let Some(last) = self.drafts.iter_mut().rev().find(|draft| draft.line.thread == thread) {
            if last.line.who == who && last.then.is_none() && matches!(last.mark, Mark::Pressed | Mark::NoKey) {
                last.then = Some("hung up".to_owned());
                last.mark = Mark::Over;
                return;
            }
            if last.line.at == at && last.line.what == "hangs up" {
                return;
            }
        }
        self.push(at, thread, who, Mark::Over, "is hung up".to_owned());
    }

    /// What we made of a request, told next to what led to it.
    fn decided(&mut self, at: Duration, thread: usize, exchange: &Exchanged) {
        let Some(seen) = &exchange.seen else { return };
        let has = |kind: &str| seen.effects.iter().any(|effect| effect == kind);
        let is_text = seen.decision.get("channel").and_then(Value::as_str) == Some("sms");
        if let Some(begun) = self.latest(thread, &[Mark::Begun])
            && begun.then.is_none()
        {
            let kind = seen.decision.pointer("/destination/kind").and_then(Value::as_str).unwrap_or("none");
            if kind != "none" && if is_text { has("message.relayed") } else { has("interaction.routed") } {
                begun.then = Some(kind.to_owned());
            }
            begun.word = begun.word.or_else(|| {
                let words = [
                    ("opt_out.recorded", "opted_out"),
                    ("opt_in.recorded", "opted_in"),
                    ("help.noted", "help"),
                    ("message.held", "held"),
                    ("message.undelivered", "undelivered"),
                ];
                words.into_iter().find(|(kind, _)| has(kind)).map(|(_, word)| word)
            });
        }
        if let Some(pressed) = self.latest(thread, &[Mark::Pressed, Mark::NoKey]) {
            if has("leg.accepted") {
                pressed.then = Some("accepted".to_owned());
            } else if has("leg.wrong_key") {
                pressed.then = Some("asked once more".to_owned());
                pressed.word = Some("wrong_key");
            } else if has("leg.refused") {
                pressed.word = Some(LegOutcome::Rejected.word());
            } else if has("leg.timed_out") {
                pressed.word = Some(LegOutcome::ScreenTimeout.word());
            }
        }
        if has("attempt.ended")
            && let Some(outcome) = outcome(seen)
            && let Some(over) = self.latest(thread, &[Mark::Over, Mark::NoKey, Mark::Pressed])
        {
            over.word = Some(outcome.word());
        }
        if has("todo.opened") {
            let todo = match (is_text, has("voicemail.left")) {
                (true, _) => "a text to answer",
                (false, true) => "a voicemail to listen to",
                (false, false) => "a call to return",
            };
            self.push(at, thread, "board", Mark::Other, format!("to do: {todo}"));
        }
    }
}

/// How we say that a dial attempt ended without a conversation.
fn outcome(seen: &Seen) -> Option<LegOutcome> {
    let why = seen.decision.get("why").and_then(Value::as_array)?;
    let text = |code: &str| {
        let reason = why.iter().find(|reason| reason.get("code").and_then(Value::as_str) == Some(code))?;
        reason.get("text").and_then(Value::as_str)
    };
    // The sentence ends with the outcome, whichever attempt it is about.
    let said = text("attempt_failed")?.split_once(": ")?.1.to_owned();
    let says = |outcome: &LegOutcome| {
        let sentence = Reason::AttemptFailed { attempt: 1, outcome: *outcome }.to_string();
        sentence.split_once(": ").is_some_and(|(_, end)| end == said)
    };
    LegOutcome::ALL.iter().copied().find(says)
}

/// A text in which no phone number stands whole.
pub fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('+') {
        out.push_str(&rest[..at]);
        let digits = rest[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
        let number = &rest[at..at + 1 + digits];
        match E164::read(number) {
            Some(number) => out.push_str(&number.masked().to_string()),
            None => out.push_str(number),
        }
        rest = &rest[at + 1 + digits..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::replay::phones::{Ask, Happening};
    use crate::replay::target::Answer;

    /// What happened, one after another at the same instant; requests are counted as they come.
    fn told(log: Vec<What>, seen: Vec<Seen>) -> Vec<String> {
        let at = Moment::default();
        let exchange = |(no, seen)| {
            let (account, url, params) = (String::new(), String::new(), Vec::new());
            let ask = Ask { no, thread: 0, at, account, method: "POST", url, params, repeats: None };
            Exchanged { ask, answer: Answer::default(), seen: Some(seen) }
        };
        let log = log.into_iter().map(|what| Happening { at, thread: 0, what }).collect();
        let played = Played { log, exchanges: seen.into_iter().enumerate().map(exchange).collect() };
        tell(at, &played).into_iter().map(|line| format!("{} {}", line.who, line.what)).collect()
    }

    fn seen(decision: Value, effects: &[&str]) -> Seen {
        Seen { decision, effects: effects.iter().map(|kind| (*kind).to_owned()).collect() }
    }

    fn failed(outcome: LegOutcome) -> Value {
        json!({"why": [{"code": "attempt_failed", "text": Reason::AttemptFailed { attempt: 2, outcome }.to_string()}]})
    }

    #[test]
    fn what_we_made_of_it_stands_next_to_what_led_to_it() {
        let desk = || "desk".to_owned();
        let calls = || What::Dialled { who: "ana".into(), number: "+13125550190".into() };
        let asked = |no| What::Asked { no };
        let presses = |keys: &str| What::Presses { who: desk(), keys: keys.into() };
        let nothing = || What::PressedNothing { who: desk(), seconds: 10 };
        let hung_up = || What::HungUp { who: desk() };
        let routed = || seen(json!({"destination": {"kind": "backoffice"}}), &["interaction.routed"]);
        let only = |effects: &[&str]| seen(Value::Null, effects);
        let ended = |outcome| seen(failed(outcome), &["attempt.ended", "voicemail.offered"]);
        for (log, seen, expected, why) in [
            (vec![calls(), asked(0)], vec![routed()], vec!["ana calls +1•••0190 → backoffice"], "where it goes"),
            (vec![calls(), asked(0)], vec![only(&[])], vec!["ana calls +1•••0190"], "nothing is known"),
            (vec![presses("1"), asked(0)], vec![only(&["leg.accepted"])], vec!["desk presses 1 → accepted"], "the key"),
            (
                vec![presses("5"), asked(0), presses("6"), asked(1), hung_up()],
                vec![only(&["leg.wrong_key"]), only(&["leg.refused"])],
                vec!["desk presses 5 → asked once more (wrong_key)", "desk presses 6 → hung up (rejected)"],
                "wrong keys",
            ),
            (
                vec![nothing(), asked(0), hung_up(), asked(1)],
                vec![only(&["leg.timed_out"]), ended(LegOutcome::ScreenTimeout)],
                vec!["desk no key in 10s → hung up (screen_timeout)"],
                "told by the key's request",
            ),
            (
                vec![nothing(), hung_up(), asked(0)],
                vec![ended(LegOutcome::ScreenTimeout)],
                vec!["desk no key in 10s → hung up (screen_timeout)"],
                "told by the end of the attempt",
            ),
            (
                vec![What::Unanswered { who: desk(), how: "failed" }, asked(0)],
                vec![ended(LegOutcome::Failed)],
                vec!["desk cannot be reached (failed)"],
                "how an attempt ended",
            ),
            (
                vec![What::HangsUp { who: "ana".into() }, hung_up(), asked(0)],
                vec![only(&["interaction.ended", "todo.opened"])],
                vec!["ana hangs up", "board to do: a call to return"],
                "the other side's end is no news",
            ),
        ] {
            assert_eq!(told(log, seen), expected, "{why}");
        }
    }

    #[test]
    fn what_plays_in_a_circle_is_told_once() {
        let hears = || What::Hears { who: "ana".into(), words: "Please hold.".into() };
        let queued = What::Queued { who: "ana".into(), queue: "q-1".into() };
        let left = What::LeftQueue { who: "ana".into(), how: "leave" };
        assert_eq!(
            told(vec![hears(), queued, hears(), hears(), hears(), left, hears()], Vec::new()),
            [
                "ana hears \"Please hold.\"",
                "ana waits in a queue",
                "ana hears \"Please hold.\", 3 times",
                "ana leaves the queue",
                "ana hears \"Please hold.\""
            ]
        );
    }

    #[test]
    fn no_number_is_shown_whole_and_one_line_is_one_line() {
        let words = "1 + 1, call +13125550101\nor +12".to_owned();
        let receives =
            What::Receives { who: "+13125550199".into(), shows: "+13125550190".into(), words, media: vec![] };
        let expected = "+1•••0199 receives from +1•••0190: \"1 + 1, call +1•••0101 / or +12\"";
        assert_eq!(told(vec![receives], Vec::new()), [expected]);
    }
}
