//! Copies that wait for a review: what each would change, taking it for the file, or throwing it away.
//!
//! Deliberately not here: writing copies (`replay::update`), and asking a person (`cli`).

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use similar::{ChangeTag, TextDiff};
use toml_edit::DocumentMut;

use super::binding::Bindings;
use super::diff::Got;
use super::fixture::{Case, Expect, File};
use super::line::{Line, Mark};
use super::options::Told;
use super::parts::{self, Part};
use super::words::{self, Names};
use super::world::Worlds;
use super::{read, update, xml};

/// Why a copy cannot be reviewed or accepted.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Problem {
    /// It, or its file, cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// Its file is not what it was made from any more.
    #[error("{0}")]
    Changed(String),
    /// The disk did not do what it was to do.
    #[error("{0}")]
    Disk(String),
}

/// A copy and its file.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The file.
    pub path: PathBuf,
    /// The copy.
    pub copy: PathBuf,
    /// The title in the copy; empty where it has none.
    pub title: String,
    old: String,
    new: String,
}

/// The copies under these paths, sorted. A path is a folder, a copy, or a file that has one.
pub fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let mut found = BTreeSet::new();
    for path in paths {
        if path.is_dir() {
            walk(path, &mut found)?;
        } else if is_copy(path) && path.is_file() {
            found.insert(path.clone());
        } else if update::beside(path).is_file() {
            found.insert(update::beside(path));
        } else if !path.exists() {
            return Err(format!("{} is neither a file nor a folder", path.display()));
        }
    }
    Ok(found.into_iter().collect())
}

fn is_copy(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".toml.new")
}

fn walk(folder: &Path, found: &mut BTreeSet<PathBuf>) -> Result<(), String> {
    let unread = |error: std::io::Error| format!("{} cannot be read: {error}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(unread)? {
        let path = entry.map_err(unread)?.path();
        if path.is_dir() {
            walk(&path, found)?;
        } else if is_copy(&path) {
            found.insert(path);
        }
    }
    Ok(())
}

/// Throws a copy away.
pub fn reject(copy: &Path) -> Result<(), Problem> {
    std::fs::remove_file(copy).map_err(|error| disk(copy, "cannot be thrown away", &error))
}

fn disk(path: &Path, what: &str, error: &std::io::Error) -> Problem {
    Problem::Disk(format!("{} {what}: {error}", path.display()))
}

impl Waiting {
    /// Reads a copy and its file.
    pub fn read(copy: &Path) -> Result<Self, Problem> {
        let text = |path: &Path| {
            let read = std::fs::read_to_string(path);
            read.map_err(|error| Problem::Unreadable(format!("{} cannot be read: {error}", path.display())))
        };
        let path = copy.with_extension("");
        let (old, written) = (text(&path)?, text(copy)?);
        let again = format!("hookswitch replay --update {}", super::story::quoted(&path));
        let (new, fits) = update::unstamped(&old, &written).ok_or_else(|| {
            let why = "its first line does not say from what it was made";
            Problem::Unreadable(format!("{}: {why}; reject it, or write it again with: {again}", copy.display()))
        })?;
        // A copy that says what the file says was accepted, and is only left over.
        if !fits && new != old {
            let why = "was changed after its copy was written, so the copy may undo that";
            return Err(Problem::Changed(format!("{} {why}; write it again with: {again}", path.display())));
        }
        new.parse::<DocumentMut>().map_err(|error| {
            Problem::Unreadable(format!("{} is no TOML any more; reject it, or mend it: {error}", copy.display()))
        })?;
        let (was, is) = (read::file(&path, &old), read::file(copy, new));
        if let (Ok(_), Err(mistakes)) = (&was.cases, &is.cases) {
            let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            return Err(Problem::Unreadable(mistakes.join("\n")));
        }
        let title = if is.title == copy.display().to_string() { String::new() } else { is.title };
        Ok(Self { path, copy: copy.to_owned(), title, new: new.to_owned(), old })
    }

    /// Takes the copy for the file, at once or not at all. The file must be what it was when the copy was read.
    pub fn accept(&self) -> Result<(), Problem> {
        if Self::read(&self.copy)?.old != self.old {
            let message = format!("{} was changed meanwhile; look at it again", self.path.display());
            return Err(Problem::Changed(message));
        }
        let beside = self.copy.with_extension("accepted");
        let written = || -> std::io::Result<()> {
            let mut file = std::fs::File::create(&beside)?;
            file.set_permissions(std::fs::metadata(&self.path)?.permissions())?;
            file.write_all(self.new.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&beside, &self.path)
        };
        written().map_err(|error| {
            // What is half written is of no use, whether or not it goes away.
            std::fs::remove_file(&beside).ok();
            disk(&self.path, "cannot be written", &error)
        })?;
        reject(&self.copy)
    }

    /// What would change: exchange by exchange where only expectations do, else the text.
    pub fn changes(&self) -> Vec<Told> {
        let whole = || {
            let parts = vec![Part { title: "text".into(), lines: self.text() }];
            vec![Told { parts, ..Told::default() }]
        };
        self.by_exchange().filter(|told| !told.is_empty()).unwrap_or_else(whole)
    }

    /// The two texts, line by line.
    pub fn text(&self) -> Vec<Line> {
        let diff = TextDiff::from_lines(&self.old, &self.new);
        let line = |change: similar::Change<&str>| {
            let mark = match change.tag() {
                ChangeTag::Equal => Mark::Same,
                ChangeTag::Delete => Mark::Expected,
                ChangeTag::Insert => Mark::Got,
            };
            Line::new(mark, change.value().trim_end_matches('\n'))
        };
        diff.iter_all_changes().map(line).collect()
    }

    fn by_exchange(&self) -> Option<Vec<Told>> {
        let (was, is) = (read::file(&self.path, &self.old), read::file(&self.path, &self.new));
        let apart = |file: &File| (file.title.clone(), file.tags.clone());
        let same = apart(&was) == apart(&is);
        let (was, is) = (was.cases.ok()?, is.cases.ok()?);
        let ([was], [is]) = (was.as_slice(), is.as_slice()) else { return None };
        if !same || bare(was) != bare(is) {
            return None;
        }
        let world = Worlds::default().find(&self.path, &is.world, &is.given).ok();
        let names = world.map(|world| Names::of(&world.rulesets)).unwrap_or_default();
        let mut changes = Vec::new();
        for (index, (was, new)) in was.exchanges.iter().zip(&is.exchanges).enumerate() {
            let parts = between(&was.expect, &new.expect)?;
            if !parts.is_empty() {
                let step = words::step_as_written(&new.target, &new.form);
                changes.push(Told {
                    exchange: index + 1,
                    of: is.exchanges.len(),
                    line: was.line,
                    words: words::request(&step, &new.form, &names),
                    request: format!("{} {}", new.method, new.target),
                    parts,
                });
            }
        }
        Some(changes)
    }
}

/// A case without its expectations, and without its lines.
fn bare(case: &Case) -> Case {
    let mut case = case.clone();
    for exchange in &mut case.exchanges {
        exchange.line = 0;
        exchange.expect = Expect::default();
    }
    case
}

/// The parts in which two expectations differ; `None` where one expects less than it did.
fn between(old: &Expect, new: &Expect) -> Option<Vec<Part>> {
    let less = |old: bool, new: bool| old && !new;
    if less(old.status.is_some(), new.status.is_some())
        || less(old.document.is_some(), new.document.is_some())
        || less(old.decision.is_some(), new.decision.is_some())
        || less(old.effects.is_some(), new.effects.is_some())
    {
        return None;
    }
    let got = Got {
        status: new.status.unwrap_or_default(),
        body: new.document.clone().unwrap_or_default(),
        decision: new.decision.as_ref().map(|entries| decided(entries)),
        effects: new.effects.clone(),
    };
    let mut parts = parts::differing(old, &got, &mut Bindings::literal());
    let mut first = |title: &'static str, lines: Vec<Line>| {
        if !lines.is_empty() {
            parts.push(Part { title: title.into(), lines });
        }
    };
    let added = |text: String| Line::new(Mark::Got, text);
    if old.status.is_none() {
        first("status", new.status.iter().map(|status| added(status.to_string())).collect());
    }
    if let (None, Some(text)) = (&old.document, &new.document) {
        let lines = xml::read(text).map(|document| super::overlay::lines(Mark::Got, &document, &Bindings::literal()));
        first("document", lines.unwrap_or_else(|_| vec![added("(an empty body)".to_owned())]));
    }
    let known = |key: &str| old.decision.iter().flatten().any(|(known, _)| known == key);
    let fresh = new.decision.iter().flatten().filter(|(key, _)| !known(key));
    first("decision", fresh.map(|(key, value)| added(format!("{key} = {value}"))).collect());
    if let (None, Some(effects)) = (&old.effects, &new.effects) {
        let kinds = if effects.is_empty() { vec!["(none)".to_owned()] } else { effects.clone() };
        first("effects", kinds.into_iter().map(added).collect());
    }
    Some(parts)
}

/// An expected decision as one that came; its reasons with the sentences of their codes.
fn decided(entries: &[(String, Value)]) -> Value {
    let reason = |code: &Value| json!({"code": code, "text": parts::expectation(code.as_str().unwrap_or_default())});
    let value = |key: &str, value: &Value| match value.as_array() {
        Some(codes) if key == "why" => codes.iter().map(reason).collect(),
        Some(_) | None => value.clone(),
    };
    entries.iter().map(|(key, it)| (key.clone(), value(key, it))).collect::<serde_json::Map<_, _>>().into()
}

#[cfg(test)]
mod tests;
