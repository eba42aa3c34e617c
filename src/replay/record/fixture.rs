//! A fixture as text: what `replay::read` reads, in the shape in which people write it.
//!
//! Deliberately not here: where its values come from (`take`, `passage`).

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value as Json;
use toml_edit::{Array, InlineTable, Value};

use super::super::diff::codes;
use super::super::update::multiline;

/// A fixture to be written.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Page {
    /// Its title.
    pub title: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its world.
    pub world: String,
    /// Its account.
    pub account: String,
    /// When it begins.
    pub now: String,
    /// Why it is expected to fail.
    pub pending: Option<String>,
    /// What a reader should know, a line each.
    pub remarks: Vec<String>,
    /// Its exchanges.
    pub exchanges: Vec<Exchange>,
}

/// One of its exchanges.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Exchange {
    /// What stands beside its head.
    pub remark: String,
    /// How long after the one before it.
    pub after: Duration,
    /// The request line.
    pub request: String,
    /// The parameters.
    pub form: Vec<(String, String)>,
    /// What is expected; `None` for one that only prepares.
    pub expect: Option<Expect>,
    /// Why it stands there as a comment, where it cannot be played.
    pub unplayed: Option<String>,
}

/// What is expected of an answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Expect {
    /// The status.
    pub status: u16,
    /// The document; empty for an empty body.
    pub document: String,
    /// Parts of the decision.
    pub decision: Vec<(String, Json)>,
    /// The effects; `None` where nobody knows them.
    pub effects: Option<Vec<String>>,
}

/// What of a decision is expected: how the call was matched, where it went, and why. Nothing of it names anybody.
pub fn decision(told: &Json) -> Vec<(String, Json)> {
    let mut parts = Vec::new();
    if !told.is_object() {
        return parts;
    }
    for key in ["caller", "match", "route"] {
        if let Some(word) = told.get(key).filter(|word| word.is_string()) {
            parts.push((key.to_owned(), word.clone()));
        }
    }
    for (key, inner) in [("destination", "kind"), ("hours", "state")] {
        if let Some(word) = told.get(key).and_then(|part| part.get(inner)).filter(|word| word.is_string()) {
            parts.push((key.to_owned(), serde_json::json!({ inner: word })));
        }
    }
    parts.push(("why".to_owned(), codes(told).into()));
    parts
}

impl Page {
    /// The file's text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for remark in &self.remarks {
            let _ = writeln!(text, "# {}", one_line(remark));
        }
        let mut line = |key: &str, value: Value| _ = writeln!(text, "{key} = {}", plain(value));
        line("title", self.title.as_str().into());
        line("tags", self.tags.iter().map(String::as_str).collect::<Array>().into());
        line("world", self.world.as_str().into());
        line("account", self.account.as_str().into());
        line("now", self.now.as_str().into());
        if let Some(why) = &self.pending {
            line("pending", why.as_str().into());
        }
        for exchange in &self.exchanges {
            text.push('\n');
            match &exchange.unplayed {
                None => text.push_str(&exchange.text()),
                Some(why) => {
                    let _ = writeln!(text, "# Not played: {}", one_line(why));
                    exchange.text().lines().for_each(|line| _ = writeln!(text, "# {line}"));
                }
            }
        }
        text
    }
}

impl Exchange {
    fn text(&self) -> String {
        let mut text = String::from("[[exchange]]");
        if !self.remark.is_empty() {
            let _ = write!(text, "{}# {}", " ".repeat(28), one_line(&self.remark));
        }
        text.push('\n');
        if !self.after.is_zero() {
            let _ = writeln!(text, "after = \"{}\"", span(self.after));
        }
        let _ = writeln!(text, "request = {}", plain(self.request.as_str().into()));
        if !self.form.is_empty() {
            let _ = writeln!(text, "form = {}", form(&self.form));
        }
        let Some(expect) = &self.expect else { return text };
        let _ = writeln!(text, "expect.status = {}", expect.status);
        let _ = writeln!(text, "expect.document = {}", document(&expect.document));
        if !expect.decision.is_empty() {
            let parts: InlineTable =
                expect.decision.iter().filter_map(|(key, json)| Some((key.as_str(), toml(json)?))).collect();
            let _ = writeln!(text, "expect.decision = {parts}");
        }
        if let Some(effects) = &expect.effects {
            let kinds: Array = effects.iter().map(String::as_str).collect();
            let _ = writeln!(text, "expect.effects = {kinds}");
        }
        text
    }
}

/// A document, over several lines where it has any.
fn document(text: &str) -> String {
    let text = text.trim_end();
    plain(if text.contains('\n') { multiline(text) } else { text.into() })
}

/// A form; a name that comes several times has a list.
fn form(pairs: &[(String, String)]) -> Value {
    let mut table = InlineTable::new();
    for (name, value) in pairs {
        let value = Value::from(value.as_str());
        match table.get_mut(name) {
            None => _ = table.insert(name, value),
            Some(Value::Array(list)) => list.push(value),
            Some(one) => *one = Value::Array([one.clone(), value].into_iter().collect()),
        }
    }
    table.into()
}

fn toml(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => return None,
        Json::Bool(yes) => (*yes).into(),
        Json::Number(number) => number.as_i64()?.into(),
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => items.iter().filter_map(toml).collect::<Array>().into(),
        Json::Object(entries) => {
            let entries = entries.iter().filter_map(|(key, value)| Some((key.as_str(), toml(value)?)));
            entries.collect::<InlineTable>().into()
        }
    })
}

fn plain(value: Value) -> String {
    value.to_string().trim().to_owned()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A length of time in whole milliseconds, in the largest unit that fits.
fn span(length: Duration) -> String {
    let ms = length.as_millis();
    match (ms % 60_000, ms % 1_000) {
        (0, _) => format!("{}m", ms / 60_000),
        (_, 0) => format!("{}s", ms / 1_000),
        _ => format!("{ms}ms"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_a_fixture() {
        let expect = Expect {
            status: 200,
            document: "<Response>\n  <Say>It's \"here\"</Say>\n</Response>\n".to_owned(),
            decision: decision(&json!({"match": "live", "route": null, "session": "x", "hours": {"state": "open"},
                "why": [{"code": "session_live", "text": "Dora"}]})),
            effects: Some(vec!["interaction.routed".to_owned()]),
        };
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let exchange = Exchange {
            remark: "the call".to_owned(),
            after: Duration::from_millis(1_500),
            request: "POST /webhooks/a/voice".to_owned(),
            form: vec![pair("CallSid", "${call}"), pair("X", "1"), pair("X", "2"), pair("Odd name", "\u{0}")],
            expect: Some(expect),
            unplayed: None,
        };
        let skipped = Exchange { unplayed: Some("there is no such step".to_owned()), ..exchange.clone() };
        let page = Page {
            title: "A call".to_owned(),
            tags: vec!["recorded".to_owned()],
            world: "w".to_owned(),
            account: "a".to_owned(),
            now: "2026-03-09T09:02:11-05:00".to_owned(),
            pending: None,
            remarks: vec!["two\nlines".to_owned()],
            exchanges: vec![exchange, skipped],
        };
        let text = page.text();
        let file = super::super::super::read::file(Path::new("x.toml"), &text);
        let cases = file.cases.unwrap_or_else(|wrong| panic!("{wrong:#?}\n{text}"));
        let read = &cases[0].exchanges;
        assert_eq!(read.len(), 1, "what is not played is a comment: {text}");
        assert_eq!(read[0].form.len(), 4, "{text}");
        assert_eq!(read[0].after, Duration::from_millis(1_500));
        assert!(!text.contains("Dora") && text.contains("why = [\"session_live\"]"), "{text}");
        assert!(text.contains("expect.document = '''\n<Response>"), "{text}");
    }
}
