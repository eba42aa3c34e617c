//! What the readers of all kinds of fixture files share: a file's head, its rows, and every mistake with its line.
//!
//! Deliberately not here: which keys a kind of file has (`replay::read`, `replay::simulate::file`).

use std::path::Path;
use std::time::Duration;

use crate::domain::Moment;
use crate::rules::ruleset::Mistake;

use super::fixture::File;
use super::node::{Kind, Node};
use super::{rows, span};

/// Reads a file's text: its head, and one case for every row. A file of the other kind has this key, and is told to be of
/// another command.
pub fn file<C>(
    path: &Path,
    text: &str,
    other: (&str, &str),
    case: impl Fn(&mut Reader<'_>, String, &Node) -> C,
) -> File<C> {
    let name = path.display().to_string();
    let mut file =
        File { path: path.to_owned(), title: name.clone(), tags: Vec::new(), world: String::new(), cases: Ok(vec![]) };
    file.cases = Node::read(&name, text).and_then(|root| {
        if let Some(title) = root.at("title").and_then(Node::plain) {
            file.title = title;
        }
        if let Some(Node { kind: Kind::List(tags), .. }) = root.at("tags") {
            file.tags = tags.iter().filter_map(Node::plain).collect();
        }
        file.world = root.at("world").and_then(Node::plain).unwrap_or_default();
        if let Some(node) = root.at(other.0) {
            let mut reader = Reader { file: &name, mistakes: Vec::new() };
            reader.wrong(
                node.line,
                other.0,
                format!("belongs to another kind of file: play it with hookswitch {} {name}", other.1),
            );
            return Err(reader.mistakes);
        }
        let mut cases = Vec::new();
        let mut mistakes = Vec::new();
        for (row, node) in rows::expand(&name, &root)? {
            let mut reader = Reader { file: &name, mistakes: Vec::new() };
            cases.push(case(&mut reader, row, &node));
            // What is wrong with the file itself is wrong in each of its rows.
            for mistake in reader.mistakes {
                if !mistakes.contains(&mistake) {
                    mistakes.push(mistake);
                }
            }
        }
        if mistakes.is_empty() { Ok(cases) } else { Err(mistakes) }
    });
    file
}

/// Reads one case and notes what is wrong with it.
#[derive(Debug)]
pub struct Reader<'a> {
    file: &'a str,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    /// Notes a mistake.
    pub fn wrong(&mut self, line: usize, field: impl Into<String>, message: impl Into<String>) {
        let (file, field, message) = (self.file.to_owned(), field.into(), message.into());
        self.mistakes.push(Mistake { file, line, field, message, warning: false });
    }

    /// When a case begins, and its changes to the world; looks at title and tags too.
    pub fn head(&mut self, root: &Node) -> (Moment, Vec<(String, Node)>) {
        self.text("title", root.at("title"));
        for tag in self.list("tags", root.at("tags")) {
            self.text("tags", Some(&tag));
        }
        let now = self.needed(root, "now");
        let now = Moment::read(&now.replacen(' ', "T", 1)).unwrap_or_else(|| {
            if !now.is_empty() {
                let line = root.at("now").map_or(0, |node| node.line);
                self.wrong(line, "now", format!("\"{now}\" is no instant; write it like 2026-03-09T09:02:11-05:00"));
            }
            Moment::default()
        });
        let mut given = Vec::new();
        if let Some(node) = root.at("given") {
            self.overrides("", node, &mut given);
        }
        (now, given)
    }

    /// Paths with dots in one quoted key are taken as they are; nested tables are walked down to their values.
    fn overrides(&mut self, path: &str, node: &Node, given: &mut Vec<(String, Node)>) {
        let Kind::Table(entries) = &node.kind else {
            return self.wrong(node.line, "given", format!("is {}; write a table of paths and values", node.word()));
        };
        for (key, value) in entries {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let quoted = key.contains('.');
            if !quoted && path.split('.').count() < 3 && matches!(value.kind, Kind::Table(_)) {
                self.overrides(&path, value, given);
            } else {
                if path.split('.').count() < 2 {
                    let message = "is no path; write kind.id.field, such as \"location.chicago.masking.enabled\"";
                    self.wrong(value.line, format!("given.{path}"), message);
                }
                given.push((path, value.clone()));
            }
        }
    }

    /// Refuses keys that nobody knows; names the one that was probably meant.
    pub fn keys(&mut self, field: &str, node: &Node, known: &[&str]) {
        let Kind::Table(entries) = &node.kind else {
            return self.wrong(node.line, field.trim_end_matches('.'), format!("is {}, not a table", node.word()));
        };
        for (key, value) in entries.iter().filter(|(key, _)| !known.contains(&key.as_str())) {
            let near = known.iter().max_by(|a, b| likeness(key, a).total_cmp(&likeness(key, b)));
            let hint = near
                .filter(|near| likeness(key, near) > 0.6)
                .map_or_else(|| format!("; known are {}", known.join(", ")), |near| format!("; did you mean {near}?"));
            self.wrong(value.line, format!("{field}{key}"), format!("is unknown{hint}"));
        }
    }

    /// A text that has to be there; empty where it is not.
    pub fn needed(&mut self, root: &Node, key: &str) -> String {
        if root.at(key).is_none() {
            self.wrong(root.line, key, "is missing");
        }
        self.text(key, root.at(key)).unwrap_or_default()
    }

    /// A text, where there is one.
    pub fn text(&mut self, field: &str, node: Option<&Node>) -> Option<String> {
        let node = node?;
        if let Kind::Text(text) | Kind::When(text) = &node.kind {
            return Some(text.clone());
        }
        self.wrong(node.line, field, format!("is {}; write a string", node.word()));
        None
    }

    /// A list; empty where there is none.
    pub fn list(&mut self, field: &str, node: Option<&Node>) -> Vec<Node> {
        let Some(node) = node else { return Vec::new() };
        node.items().map(<[Node]>::to_vec).unwrap_or_else(|| {
            self.wrong(node.line, field, format!("is {}; write a list", node.word()));
            Vec::new()
        })
    }

    /// A list of texts.
    pub fn words(&mut self, field: &str, node: &Node) -> Vec<String> {
        self.list(field, Some(node)).iter().filter_map(|item| self.text(field, Some(item))).collect()
    }

    /// A length of time, where there is one.
    pub fn span(&mut self, field: &str, node: Option<&Node>) -> Option<Duration> {
        let text = self.text(field, node)?;
        let read = span::read(&text);
        if read.is_none() {
            let line = node.map_or(0, |node| node.line);
            self.wrong(line, field, format!("\"{text}\" is no length of time; write it like 6s"));
        }
        read
    }
}

/// How alike two words are, from 0 to 1: the share of letters that they have in common in order.
pub(super) fn likeness(a: &str, b: &str) -> f32 {
    similar::TextDiff::from_chars(a, b).ratio()
}
