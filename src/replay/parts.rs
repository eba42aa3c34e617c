//! What differs between an answer and what was expected of it, part by part, as lines that people read.
//!
//! Deliberately not here: the paths for programs (`replay::diff`), and showing the lines (`replay::paint`, `replay::html`).

use std::borrow::Cow;

use serde_json::Value;

use crate::routing::reason::Reason;

use super::binding::Bindings;
use super::diff::{self, Got};
use super::fixture::Expect;
use super::line::{self, Line, Mark};
use super::{overlay, xml};

/// One part of an answer that is not as it was expected.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Part {
    /// What it is: `status`, `document`, `decision`, `why`, `effects`.
    pub title: Cow<'static, str>,
    /// Both sides of it.
    pub lines: Vec<Line>,
}

impl Part {
    /// A part that is one line on each side.
    pub fn of_line(title: impl Into<Cow<'static, str>>, expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self { title: title.into(), lines: vec![Line::new(Mark::Expected, expected), Line::new(Mark::Got, got)] }
    }

    /// Whether the sides differ.
    pub fn differs(&self) -> bool {
        self.lines.iter().any(Line::differs)
    }
}

/// The parts that differ, in the order in which an answer comes about for whoever reads it.
pub fn differing(expect: &Expect, got: &Got, bindings: &mut Bindings) -> Vec<Part> {
    let mut parts = Vec::new();
    if let Some(status) = expect.status.filter(|status| *status != got.status) {
        parts.push(Part::of_line("status", status.to_string(), got.status.to_string()));
    }
    if let Some(expected) = &expect.document {
        parts.push(Part { title: "document".into(), lines: document(expected, &got.body, bindings) });
    }
    if let (Some(expected), Some(decision)) = (&expect.decision, &got.decision) {
        let mut lines = Vec::new();
        for (key, value) in expected.iter().filter(|(key, _)| key != "why") {
            let came = decision.get(key).unwrap_or(&Value::Null);
            for (path, expected, got) in diff::value(key, value, came, bindings) {
                lines.push(Line::new(Mark::Expected, format!("{path} = {expected}")));
                lines.push(Line::new(Mark::Got, format!("{path} = {}", bindings.told(&got))));
            }
        }
        parts.push(Part { title: "decision".into(), lines });
        if let Some((_, why)) = expected.iter().find(|(key, _)| key == "why") {
            parts.push(Part { title: "why".into(), lines: reasons(why, decision) });
        }
    }
    if let (Some(expected), Some(effects)) = (&expect.effects, &got.effects) {
        let sorted = |kinds: &[String]| {
            let mut kinds = kinds.to_vec();
            kinds.sort();
            kinds
        };
        let (expected, got) = (sorted(expected), sorted(effects));
        let kind = |mark, at: usize| if mark == Mark::Expected { expected[at].clone() } else { got[at].clone() };
        parts.push(Part { title: "effects".into(), lines: line::listed(&expected, &got, kind) });
    }
    parts.retain(Part::differs);
    parts
}

fn document(expected: &str, got: &str, bindings: &mut Bindings) -> Vec<Line> {
    let raw = |mark, text: &str| -> Vec<Line> {
        if text.trim().is_empty() {
            return vec![Line::new(mark, "(an empty body)")];
        }
        let read = xml::read(text).map(|document| overlay::lines(mark, &document, bindings));
        read.unwrap_or_else(|_| text.lines().map(|line| Line::new(mark, line)).collect())
    };
    match (xml::read(expected), xml::read(got)) {
        _ if expected.trim().is_empty() && got.is_empty() => Vec::new(),
        (Ok(expected), Ok(document)) => {
            let mut lines = overlay::lay(&expected, &document, bindings).lines;
            if got.starts_with(char::is_whitespace) {
                lines.insert(0, Line::new(Mark::Got, "(white space before the document)"));
            }
            lines
        }
        (Ok(_) | Err(_), Ok(_) | Err(_)) => {
            let mut lines = raw(Mark::Expected, expected);
            lines.extend(raw(Mark::Got, got));
            lines
        }
    }
}

/// The reasons, in order; those that differ with their sentences.
fn reasons(expected: &Value, decision: &Value) -> Vec<Line> {
    let expected: Vec<&str> = expected.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let got = diff::codes(decision);
    let sentence = |at: usize| {
        let reason = decision.get("why").and_then(|why| why.get(at));
        reason.and_then(|reason| reason.get("text")).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let same = got.iter().filter(|code| expected.contains(code)).count();
    let widest = expected.iter().chain(&got).map(|code| code.len()).max().unwrap_or(0);
    let mut lines = line::listed(&expected, &got, |mark, at| match mark {
        Mark::Expected => format!("{:widest$}  {}", expected[at], expectation(expected[at])),
        Mark::Got => format!("{:widest$}  {}", got[at], sentence(at)),
        Mark::Same | Mark::Gap => got[at].to_owned(),
    });
    if expected.is_empty() && same == 0 {
        lines.insert(0, Line::new(Mark::Expected, "(none)"));
    } else if got.is_empty() {
        lines.push(Line::new(Mark::Got, "(none: nothing was decided)"));
    }
    lines
}

/// What a reason's sentence would be, without the values that nobody knows.
pub fn expectation(code: &str) -> String {
    let mut out = String::new();
    let mut rest = Reason::sentence(code).unwrap_or_default();
    while let Some((before, after)) = rest.split_once('{') {
        let after = after.split_once('}').map_or("", |(_, after)| after);
        out.push_str(before);
        // A value that only adds to a sentence begins with a space of its own.
        out.push_str(if before.ends_with([' ', '"', '(']) { "…" } else { "" });
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(expect: &Expect, got: &Got) -> Vec<String> {
        let line = |line: &Line| format!("{} {}{}", line.mark.sign(), "  ".repeat(line.depth), line.text);
        let parts = differing(expect, got, &mut Bindings::new("s", false));
        parts
            .iter()
            .map(|part| format!("{}: {}", part.title, part.lines.iter().map(line).collect::<Vec<_>>().join("|")))
            .collect()
    }

    #[test]
    fn every_part_is_told_by_its_lines() {
        let expect = Expect {
            status: Some(200),
            document: Some("<Response><Hangup/></Response>".to_owned()),
            decision: Some(vec![
                ("route".to_owned(), json!("backoffice")),
                ("match".to_owned(), json!("live")),
                ("why".to_owned(), json!(["session_live", "hours_open"])),
            ]),
            effects: Some(vec!["interaction.routed".to_owned(), "leg.answered".to_owned()]),
        };
        let got = Got {
            status: 500,
            body: "<Response/>".to_owned(),
            decision: Some(json!({"match": "live", "route": null,
                "why": [{"code": "session_live", "text": "x"}, {"code": "hours_closed", "text": "It is closed."}]})),
            effects: Some(vec!["interaction.routed".to_owned(), "todo.opened".to_owned()]),
        };
        assert_eq!(
            told(&expect, &got),
            [
                "status: - 200|+ 500",
                "document:   <Response>|-   <Hangup/>|  </Response>",
                "decision: - route = backoffice|+ route = null",
                "why:   session_live|- hours_open    The location is open.|+ hours_closed  It is closed.",
                "effects:   interaction.routed|- leg.answered|+ todo.opened",
            ]
        );
    }

    #[test]
    fn what_is_no_document_is_told_as_it_is() {
        let expect = |document: &str| Expect { document: Some(document.to_owned()), ..Expect::default() };
        let got = |body: &str| Got { body: body.to_owned(), ..Got::default() };
        for (expected, came, lines) in [
            ("<R/>", "", "document: - <R/>|+ (an empty body)"),
            ("", "<R/>", "document: - (an empty body)|+ <R/>"),
            ("<R/>", "oh no", "document: - <R/>|+ oh no"),
            ("<R/>", "<S/>", "document: - <R/>|+ <S/>"),
        ] {
            assert_eq!(told(&expect(expected), &got(came)), [lines]);
        }
        assert_eq!(told(&expect(""), &got("")), Vec::<String>::new());
    }

    #[test]
    fn every_reason_has_a_sentence_without_its_values() {
        for code in Reason::CODES {
            let sentence = expectation(code);
            assert!(sentence.ends_with('.') && !sentence.contains(['{', '}']), "{code}: {sentence}");
        }
        assert_eq!(expectation("hours_open"), "The location is open.");
        assert_eq!(expectation("session_live"), "The caller and the number belong to session …, which is live.");
    }
}
