//! What came, written down as what is expected: a copy of the file, `FILE.new`, for somebody to review.
//!
//! Deliberately not here: reviewing it (`replay::review`). Comments and everything that was not wrong stay as they were.

use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::binding::{Bindings, spread};
use super::diff::{self, Got};
use super::fixture::{Case, Exchange, File};
use super::play::Played;
use super::{overlay, xml};

/// Where the rewritten copy of a file is.
pub fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

/// Writes the copy. The error says why it cannot be written.
pub fn write(file: &File, cases: &[Case], played: &[Played]) -> Result<(), String> {
    let ([case], [played]) = (cases, played) else {
        return Err("a file with rows is not rewritten: change its rows by hand".to_owned());
    };
    let text = std::fs::read_to_string(&file.path).map_err(|error| format!("it cannot be read again: {error}"))?;
    let rewritten = stamped(&text, &rewritten(&text, case, played)?);
    std::fs::write(beside(&file.path), rewritten).map_err(|error| format!("its copy cannot be written: {error}"))
}

const STAMP: &str = "# Waits for `hookswitch review`, which takes out this line. Made from ";

/// A copy's text, with a line in front that says from which text of the file it was made.
pub fn stamped(file: &str, copy: &str) -> String {
    format!("{STAMP}{:032x}\n{copy}", spread(file))
}

/// A copy's text without that line, and whether `file` is still what it was made from; `None` where the line is
/// missing.
pub fn unstamped<'a>(file: &str, copy: &'a str) -> Option<(&'a str, bool)> {
    let (stamp, text) = copy.strip_prefix(STAMP)?.split_once('\n')?;
    Some((text, stamp.trim_end() == format!("{:032x}", spread(file))))
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
        let expected = exchange.expect.document.as_deref().unwrap_or_default();
        put(expect, "document", multiline(&document(expected, &got.body, bindings)));
    }
    if let Some(decision) = got.decision.as_ref().filter(|decision| decision.is_object() && differs("decision")) {
        let known: Vec<&str> = exchange.expect.decision.iter().flatten().map(|(key, _)| key.as_str()).collect();
        let keys = if known.is_empty() { vec!["match", "route", "why"] } else { known };
        let values = keys.into_iter().filter(|key| differs(&format!("decision.{key}"))).filter_map(|key| {
            let why = || Some(diff::codes(decision).into_iter().collect());
            Some((key, if key == "why" { why() } else { toml(decision.get(key)?, bindings) }?))
        });
        // What does not differ stays as it is written, in its order.
        match expect.get_mut("decision").and_then(Item::as_table_like_mut) {
            Some(written) => values.for_each(|(key, value)| put(written, key, value)),
            None => put(expect, "decision", Value::InlineTable(values.collect())),
        }
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

/// A document as fixtures show it: what came in the words of what was expected where they say the same, else with ids
/// and our own addresses as placeholders.
pub fn document(expected: &str, body: &str, bindings: &Bindings) -> String {
    let Ok(got) = xml::read(body) else { return body.to_owned() };
    let document = match xml::read(expected) {
        Ok(expected) if expected.name == got.name => overlay::merged(&expected, &got, &mut bindings.clone()),
        Ok(_) | Err(_) => overlay::placed(&got, bindings),
    };
    document.pretty(&str::to_owned).trim_end().to_owned()
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
