//! A fixture file as a tree of values that know their lines, before it is known what they mean.
//!
//! Deliberately not here: which keys a fixture may have (`replay::read`) and rewriting a file (`replay::update`).

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::rules::ruleset::Mistake;

/// A value and the line it stands on, from 1.
#[derive(Clone, PartialEq, Debug)]
pub struct Node {
    /// The line.
    pub line: usize,
    /// The value.
    pub kind: Kind,
}

/// What a value is.
#[derive(Clone, PartialEq, Debug)]
pub enum Kind {
    /// Text.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// Another number.
    Fraction(f64),
    /// True or false.
    Yes(bool),
    /// A date or time, as it is written.
    When(String),
    /// A list.
    List(Vec<Node>),
    /// A table, in the order of its lines.
    Table(Vec<(String, Node)>),
}

impl Node {
    /// Reads a whole file. Every mistake of syntax is reported, each with its line.
    pub fn read(file: &str, text: &str) -> Result<Self, Vec<Mistake>> {
        let (table, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            return Ok(Self { line: 1, kind: table_of(text, table.get_ref()) });
        }
        let mistake = |error: &toml::de::Error| Mistake {
            file: file.to_owned(),
            line: error.span().map_or(0, |span| line_of(text, span.start)),
            field: String::new(),
            message: format!("not TOML: {}", error.message()),
            warning: false,
        };
        Err(errors.iter().map(mistake).collect())
    }

    /// What kind of value this is, for messages.
    pub fn word(&self) -> &'static str {
        match self.kind {
            Kind::Text(_) => "a string",
            Kind::Whole(_) => "a whole number",
            Kind::Fraction(_) => "a number",
            Kind::Yes(_) => "true or false",
            Kind::When(_) => "a date",
            Kind::List(_) => "a list",
            Kind::Table(_) => "a table",
        }
    }

    /// The value of a plain kind as text; `None` for lists and tables.
    pub fn plain(&self) -> Option<String> {
        match &self.kind {
            Kind::Text(text) | Kind::When(text) => Some(text.clone()),
            Kind::Whole(number) => Some(number.to_string()),
            Kind::Fraction(number) => Some(number.to_string()),
            Kind::Yes(yes) => Some(yes.to_string()),
            Kind::List(_) | Kind::Table(_) => None,
        }
    }

    /// What is in a table; `None` for anything else.
    pub fn entries(&self) -> Option<&[(String, Self)]> {
        if let Kind::Table(entries) = &self.kind { Some(entries) } else { None }
    }

    /// What is in a list; `None` for anything else.
    pub fn items(&self) -> Option<&[Self]> {
        if let Kind::List(items) = &self.kind { Some(items) } else { None }
    }

    /// The value under a key of a table.
    pub fn at(&self, key: &str) -> Option<&Self> {
        self.entries()?.iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// Lays `other` over this value: tables merge key by key, everything else is replaced.
    pub fn lay(&mut self, other: &Self) {
        match (&mut self.kind, &other.kind) {
            (Kind::Table(mine), Kind::Table(theirs)) => {
                for (key, node) in theirs {
                    match mine.iter_mut().find(|(name, _)| name == key) {
                        Some((_, under)) => under.lay(node),
                        None => mine.push((key.clone(), node.clone())),
                    }
                }
            }
            _ => *self = other.clone(),
        }
    }

    /// The value as JSON.
    pub fn json(&self) -> serde_json::Value {
        match &self.kind {
            Kind::Text(text) | Kind::When(text) => text.clone().into(),
            Kind::Whole(number) => (*number).into(),
            Kind::Fraction(number) => (*number).into(),
            Kind::Yes(yes) => (*yes).into(),
            Kind::List(items) => items.iter().map(Self::json).collect(),
            Kind::Table(entries) => {
                serde_json::Value::Object(entries.iter().map(|(key, node)| (key.clone(), node.json())).collect())
            }
        }
    }

    /// The value as TOML.
    pub fn toml(&self) -> toml::Value {
        match &self.kind {
            Kind::Text(text) => text.clone().into(),
            Kind::When(text) => text.parse::<toml::value::Datetime>().map_or_else(|_| text.clone().into(), Into::into),
            Kind::Whole(number) => (*number).into(),
            Kind::Fraction(number) => (*number).into(),
            Kind::Yes(yes) => (*yes).into(),
            Kind::List(items) => toml::Value::Array(items.iter().map(Self::toml).collect()),
            Kind::Table(entries) => {
                toml::Value::Table(entries.iter().map(|(key, node)| (key.clone(), node.toml())).collect())
            }
        }
    }
}

fn table_of(text: &str, table: &DeTable<'_>) -> Kind {
    let mut entries: Vec<(String, Node)> =
        table.iter().map(|(key, value)| (key.get_ref().to_string(), node_of(text, value))).collect();
    entries.sort_by_key(|(_, node)| node.line);
    Kind::Table(entries)
}

fn node_of(text: &str, value: &Spanned<DeValue<'_>>) -> Node {
    let kind = match value.get_ref() {
        DeValue::String(text) => Kind::Text(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| Kind::Text(number.as_str().to_owned()), Kind::Whole),
        DeValue::Float(number) => {
            number.as_str().parse().map_or_else(|_| Kind::Text(number.as_str().to_owned()), Kind::Fraction)
        }
        DeValue::Boolean(yes) => Kind::Yes(*yes),
        DeValue::Datetime(at) => Kind::When(at.to_string()),
        DeValue::Array(items) => Kind::List(items.iter().map(|item| node_of(text, item)).collect()),
        DeValue::Table(table) => return Node { line: line_of(text, value.span().start), kind: table_of(text, table) },
    };
    Node { line: line_of(text, value.span().start), kind }
}

/// The line of a byte offset, from 1.
fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|&&b| b == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_lines_and_their_order() {
        let node = Node::read("f.toml", "b = 1\na = \"x\"\n\n[t]\nz.y = [true, 2.5]\n").expect("it is TOML");
        let Kind::Table(entries) = &node.kind else { panic!("a file is a table") };
        assert_eq!(entries.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["b", "a", "t"]);
        assert_eq!(node.at("a").expect("a").line, 2);
        assert_eq!(node.at("t").and_then(|t| t.at("z")).and_then(|z| z.at("y")).expect("y").line, 5);
        assert_eq!(node.json(), serde_json::json!({"b": 1, "a": "x", "t": {"z": {"y": [true, 2.5]}}}));
    }

    #[test]
    fn a_mistake_names_its_line() {
        let mistakes = Node::read("f.toml", "a = 1\nb = = 2\n").expect_err("it is not TOML");
        assert_eq!((mistakes[0].file.as_str(), mistakes[0].line), ("f.toml", 2));
    }

    #[test]
    fn laying_over_merges_tables_and_replaces_the_rest() {
        let mut under = Node::read("f", "a = {x = 1, y = [1, 2]}\nb = 1\n").expect("TOML");
        under.lay(&Node::read("f", "a = {y = [3]}\nc = 2\n").expect("TOML"));
        assert_eq!(under.json(), serde_json::json!({"a": {"x": 1, "y": [3]}, "b": 1, "c": 2}));
    }
}
