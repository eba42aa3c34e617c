//! What came of a call, compared with what was expected of it.
//!
//! Deliberately not here: telling the differences (`replay::story`).

use crate::replay::diff::Difference;
use crate::replay::phones::{Happening, What};
use crate::replay::reader::likeness;

use super::call::{Call, End};
use super::ends::{self, Ended};
use super::play::Played;
use super::story::{self, Line};
use super::told::since;

/// The differences, and the line of the story at which the first of them is to be seen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Verdict {
    /// What differs, in order.
    pub differences: Vec<Difference>,
    /// The first unexpected line of the story; beyond its end where something is missing there.
    pub at: Option<usize>,
}

impl Verdict {
    fn add(&mut self, line: usize, path: &str, expected: String, got: String, at: Option<usize>) {
        self.differences.push(Difference { exchange: 0, line, path: path.to_owned(), expected, got });
        self.at = self.at.or(at);
    }
}

/// Judges a call.
pub fn judge(call: &Call, played: &Played, lines: &[Line], ends: &[Ended]) -> Verdict {
    let mut verdict = Verdict::default();
    let expect = &call.expect;
    if *expect == super::call::Expect::default() {
        let got = "nothing: say what is expected in `story`, `never` or `end`".to_owned();
        verdict.add(0, "expect", "something".to_owned(), got, None);
    }
    unwanted(call, played, lines, &mut verdict);
    for (line, never) in &expect.never {
        if let Some(happening) = played.log.iter().find(|happening| never.is(happening, &call.parties)) {
            let at = happening.at.since(call.now);
            let index = line_of(happening, call, lines);
            let got = index.and_then(|index| lines.get(index)).map_or_else(|| since(at), shown);
            verdict.add(*line, "never", format!("never: {never}"), got, index);
        }
    }
    if let Some(stuck) = follow(&expect.story, lines) {
        let got = lines.get(stuck.at).map_or_else(|| "nothing more".to_owned(), shown);
        verdict.add(stuck.line, "story", stuck.expected, got, Some(stuck.at));
    }
    for (index, end) in expect.end.iter().enumerate() {
        let many = expect.end.len() > 1;
        let path = |key: &str| if many { format!("end {}.{key}", index + 1) } else { format!("end.{key}") };
        let Some(ended) = ends.get(index) else {
            verdict.add(end.line, &path("outcome"), "a call or text".to_owned(), "none was begun".to_owned(), None);
            continue;
        };
        let last = lines.iter().rposition(|line| line.thread == index);
        of_end(end, ended, &path, last, &mut verdict);
    }
    verdict
}

/// The line that tells this; where it has none of its own, the first of its call from then on.
fn line_of(happening: &Happening, call: &Call, lines: &[Line]) -> Option<usize> {
    let at = happening.at.since(call.now);
    let ours = |line: &&Line| line.thread == happening.thread && line.at >= at;
    let told = story::alone(call.now, happening).and_then(|alone| {
        let same = |line: &Line| line.at == at && line.who == alone.who && line.what.starts_with(&alone.what);
        lines.iter().position(|line| ours(&line) && same(line))
    });
    told.or_else(|| lines.iter().position(|line| ours(&line)))
}

/// What may never happen, whatever a file says: another answer to the same request, an error of the provider's.
fn unwanted(call: &Call, played: &Played, lines: &[Line], verdict: &mut Verdict) {
    let bad = |text: &str| lines.iter().position(|line| line.bad && line.what.contains(text));
    for happening in &played.log {
        match &happening.what {
            What::Differed { no } => {
                let expected = "the same answer to the same request".to_owned();
                verdict.add(0, "answer", expected, format!("another one to request {}", no + 1), bad("another answer"));
            }
            What::Trouble { code, why, .. } if !call.expect.trouble.contains(code) => {
                let expected = "a document that the provider can use".to_owned();
                verdict.add(0, "trouble", expected, format!("{code}: {why}"), bad(&format!(" {code}: ")));
            }
            What::Trouble { .. }
            | What::Dialled { .. }
            | What::Called { .. }
            | What::Rings { .. }
            | What::Unanswered { .. }
            | What::Answered { .. }
            | What::PickedUp { .. }
            | What::Hears { .. }
            | What::HearsSound { .. }
            | What::Presses { .. }
            | What::PressedNothing { .. }
            | What::Bridged { .. }
            | What::Queued { .. }
            | What::LeftQueue { .. }
            | What::Recording { .. }
            | What::Recorded { .. }
            | What::HangsUp { .. }
            | What::HungUp { .. }
            | What::Ended { .. }
            | What::Texts { .. }
            | What::Receives { .. }
            | What::Asked { .. }
            | What::Lost { .. } => {}
        }
    }
}

fn of_end(end: &End, ended: &Ended, path: &dyn Fn(&str) -> String, last: Option<usize>, verdict: &mut Verdict) {
    let mut differ = |key: &str, expected: &str, got: &str| {
        if expected != got {
            verdict.add(end.line, &path(key), expected.to_owned(), got.to_owned(), last);
        }
    };
    if let Some(outcome) = end.outcome {
        differ("outcome", outcome.word(), ended.outcome.word());
    }
    if let Some(with) = &end.with {
        differ("with", with, ended.with.as_deref().unwrap_or("nobody"));
    }
    if let Some(status) = &end.status {
        differ("status", status, ended.status.unwrap_or("none"));
    }
    if let (Some(expected), Some(effects)) = (&end.effects, &ended.effects) {
        let listed = |kinds: &[String]| if kinds.is_empty() { "none".to_owned() } else { kinds.join(", ") };
        differ("effects", &listed(&ends::in_order(expected.clone())), &listed(effects));
    }
}

/// Where a story is not as expected.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Stuck {
    /// The expected line's line in the file.
    line: usize,
    /// The expected line.
    expected: String,
    /// Where something else stands.
    at: usize,
}

/// Looks for the expected lines: they follow one another directly, except where `…` stands for any lines between.
fn follow(expected: &[(usize, String)], lines: &[Line]) -> Option<Stuck> {
    let mut from = 0;
    for block in expected.split(|(_, text)| is_gap(text)).filter(|block| !block.is_empty()) {
        let matched = |start: usize| {
            block
                .iter()
                .zip(lines.get(start..).unwrap_or_default())
                .take_while(|((_, text), line)| fits(text, line))
                .count()
        };
        // The first place that fits; else the place that fits longest tells what went wrong.
        let best = (from..=lines.len()).map(|start| (matched(start), start));
        let (count, start) = best.fold((0, lines.len()), |best, at| if at.0 > best.0 { at } else { best });
        if count < block.len() {
            let (line, text) = &block[count];
            let expected = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let at = if count == 0 { nearest(&expected, lines, from) } else { start + count };
            return Some(Stuck { line: *line, expected, at });
        }
        from = start + count;
    }
    None
}

/// The line that was most likely meant; the first one, where none is much like it.
fn nearest(expected: &str, lines: &[Line], from: usize) -> usize {
    const ALIKE: f32 = 0.6;
    let like = |at: usize| likeness(expected, &format!("{} {}", lines[at].who, lines[at].what));
    let best = (from..lines.len())
        .map(|at| (like(at), at))
        .fold((ALIKE, from), |best, at| if at.0 > best.0 { at } else { best });
    best.1
}

fn is_gap(text: &str) -> bool {
    matches!(text.trim(), "…" | "...")
}

/// Whether a line is told as expected; a time before it is not looked at, and `…` stands for any words.
fn fits(expected: &str, line: &Line) -> bool {
    let words: Vec<&str> = expected.split_whitespace().collect();
    let timed = words.first().is_some_and(|word| {
        word.starts_with(|first: char| first.is_ascii_digit())
            && word.chars().all(|letter| letter.is_ascii_digit() || ".hmsd".contains(letter))
    });
    let expected = words.get(usize::from(timed)..).unwrap_or_default().join(" ");
    let told = format!("{} {}", line.who, line.what);
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((head, rest)) = expected.split_once('…') else { return expected == told };
    let Some(mut left) = told.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = rest.split('…').collect();
    let tail = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, after)) = left.split_once(part) else { return false };
        left = after;
    }
    left.ends_with(tail)
}

fn shown(line: &Line) -> String {
    format!("{} {} {}", since(line.at), line.who, line.what)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn story(lines: &[&str]) -> Vec<Line> {
        let line = |(index, text): (usize, &&str)| {
            let (who, what) = text.split_once(' ').expect("somebody and something");
            let at = Duration::from_secs(u64::try_from(index).expect("few"));
            Line { at, thread: 0, who: who.to_owned(), what: what.to_owned(), bad: false }
        };
        lines.iter().enumerate().map(line).collect()
    }

    fn stuck(expected: &[&str]) -> Option<(String, usize)> {
        let told =
            story(&["ana calls", "desk rings", "desk answers", "desk hears \"a b c\"", "ana hangs up", "desk rings"]);
        let expected: Vec<(usize, String)> =
            expected.iter().enumerate().map(|(index, text)| (index + 1, (*text).to_owned())).collect();
        follow(&expected, &told).map(|stuck| (stuck.expected, stuck.at))
    }

    #[test]
    fn lines_follow_one_another_unless_there_is_a_gap() {
        for (expected, result, why) in [
            (vec!["ana calls", "desk rings"], None, "from the beginning"),
            (vec!["desk answers"], None, "in the middle"),
            (vec!["14.2s  desk   answers"], None, "times and columns do not matter"),
            (vec!["ana calls", "…", "ana hangs up"], None, "a gap"),
            (vec!["ana calls", "...", "desk answers", "…", "desk rings"], None, "two gaps"),
            (vec!["desk hears \"a…\""], None, "a gap between words"),
            (vec!["desk hears …b…\""], None, "several of them"),
            (
                vec!["desk hears …x…\""],
                Some(("desk hears …x…\"", 3)),
                "words that are not there: the line most like them",
            ),
            (vec!["ana calls", "desk answers"], Some(("desk answers", 1)), "something between"),
            (vec!["desk answers", "…", "ana calls"], Some(("ana calls", 3)), "the order counts"),
            (vec!["ana hangs up", "desk rings", "desk answers"], Some(("desk answers", 6)), "the story ends"),
            (vec!["desk rings", "desk answers", "desk hears x"], Some(("desk hears x", 3)), "the longest fit tells"),
            (vec!["desk ring"], Some(("desk ring", 1)), "a whole line, not a part"),
        ] {
            let result = result.map(|(text, at): (&str, usize)| (text.to_owned(), at));
            assert_eq!(stuck(&expected), result, "{why}");
        }
    }
}
