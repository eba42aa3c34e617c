//! What came, written down as what is expected: a copy of the file, `FILE.new`, for somebody to review.
//!
//! Deliberately not here: reviewing it (`cli`). Comments and everything that was not wrong stay as they were.

use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::binding::Bindings;
use super::diff::{self, Got};
use super::fixture::{Case, Exchange, File};
use super::link::Link;
use super::play::Played;
use super::xml;

/// Where the rewritten copy of a file is.
pub fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

/// Writes the copy. The error says why it cannot be written.
pub fn write(file: &File, cases: &[Case], played: &[Played]) -> Result<(), String> {
    let (Some(case), Some(played), 1) = (cases.first(), played.first(), cases.len()) else {
        return Err("a file with rows is not rewritten: change its rows by hand".to_owned());
    };
    let text = std::fs::read_to_string(&file.path).map_err(|error| format!("it cannot be read again: {error}"))?;
    let rewritten = rewritten(&text, case, played)?;
    std::fs::write(beside(&file.path), rewritten).map_err(|error| format!("its copy cannot be written: {error}"))
}

/// The file's text with the answers that came as those that are expected.
pub fn rewritten(text: &str, case: &Case, played: &Played) -> Result<String, String> {
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| error.to_string())?;
    let exchanges = document
        .get_mut("exchange")
        .and_then(Item::as_array_of_tables_mut)
        .ok_or("its exchanges are not written as [[exchange]] tables, so they cannot be rewritten")?;
    let nothing = Bindings::new("", false);
    let bindings = played.bindings.as_ref().unwrap_or(&nothing);
    for (index, (table, exchange)) in exchanges.iter_mut().zip(&case.exchanges).enumerate() {
        let Some(got) = played.answers.get(index) else { break };
        let differing: Vec<&str> = played
            .differences
            .iter()
            .filter(|difference| difference.exchange == index + 1)
            .map(|difference| difference.path.as_str())
            .collect();
        let new = exchange.expect.is_empty();
        if new || !differing.is_empty() {
            expect(table, exchange, got, bindings, &differing, new);
        }
    }
    Ok(document.to_string())
}

fn expect(table: &mut Table, exchange: &Exchange, got: &Got, bindings: &Bindings, differing: &[&str], new: bool) {
    let differs = |part: &str| new || differing.iter().any(|path| path.starts_with(part));
    if !table.contains_key("expect") {
        let mut expect = Table::new();
        expect.set_dotted(true);
        table.insert("expect", Item::Table(expect));
    }
    let Some(expect) = table.get_mut("expect").and_then(Item::as_table_like_mut) else { return };
    if differs("status") {
        put(expect, "status", i64::from(got.status).into());
    }
    if differs("/") {
        put(expect, "document", multiline(&document(&got.body, bindings)));
    }
    if let Some(decision) = got.decision.as_ref().filter(|decision| decision.is_object() && differs("decision")) {
        let keys: Vec<&str> = match &exchange.expect.decision {
            Some(keys) => keys.iter().map(|(key, _)| key.as_str()).collect(),
            None => ["match", "route", "why"].into(),
        };
        let values: InlineTable = keys
            .into_iter()
            .filter_map(|key| {
                let value = if key == "why" {
                    Some(diff::codes(decision).into_iter().collect())
                } else {
                    toml(decision.get(key)?, bindings)
                };
                Some((key, value?))
            })
            .collect();
        put(expect, "decision", Value::InlineTable(values));
    }
    if let Some(effects) = got.effects.as_ref().filter(|_| differs("effects")) {
        put(expect, "effects", effects.iter().map(String::as_str).collect());
    }
}

/// Sets a value and keeps the comment that stands behind the old one.
fn put(table: &mut dyn TableLike, key: &str, mut value: Value) {
    if let Some(old) = table.get(key).and_then(Item::as_value) {
        *value.decor_mut() = old.decor().clone();
    }
    table.insert(key, Item::Value(value));
}

/// A document as fixtures show it, with ids and our own addresses as placeholders.
pub fn document(body: &str, bindings: &Bindings) -> String {
    let shown = |text: &str| match Link::read(text) {
        Some(link) => link.placeholder(),
        None => bindings.unfill(text),
    };
    xml::read(body).map_or_else(|_| body.to_owned(), |document| document.pretty(&shown))
}

/// A text over several lines, without escapes where that is possible.
pub fn multiline(text: &str) -> Value {
    if text.is_empty() || text.contains("'''") {
        return text.into();
    }
    let literal = format!("x = '''\n{text}'''");
    let parsed = literal.parse::<DocumentMut>().ok();
    parsed.and_then(|mut document| document.remove("x")?.into_value().ok()).unwrap_or_else(|| text.into())
}

/// A part of a decision; `None` for null, which TOML does not have.
fn toml(value: &serde_json::Value, bindings: &Bindings) -> Option<Value> {
    Some(match value {
        serde_json::Value::Null => return None,
        serde_json::Value::Bool(yes) => (*yes).into(),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64()?.into(),
        },
        serde_json::Value::String(text) => bindings.unfill(text).into(),
        serde_json::Value::Array(items) => items.iter().filter_map(|item| toml(item, bindings)).collect(),
        serde_json::Value::Object(entries) => entries
            .iter()
            .filter_map(|(key, value)| Some((key.as_str(), toml(value, bindings)?)))
            .collect::<InlineTable>()
            .into(),
    })
}
