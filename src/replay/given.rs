//! A fixture's own changes to its world, written into the rules file, and the blame where they break it.
//!
//! Deliberately not here: which paths there are (`rules::file::edit`), and finding the world (`replay::world`).

use std::path::Path;

use crate::rules::file;
use crate::rules::ruleset::Mistake;

use super::node::Node;
use super::world::read;

/// Changes to a world: a path such as `location.chicago.masking.enabled`, and the value.
pub type Given = [(String, Node)];

/// The rules file with every change that names something in it, and the mistakes of those that do not.
pub fn applied(plain: &str, fixture: &Path, given: &Given) -> (String, Vec<Mistake>) {
    let mut text = plain.to_owned();
    let mut mistakes = Vec::new();
    for (path, node) in given {
        match file::edit(&text, path, node.toml()) {
            Ok(edited) => text = edited,
            Err(message) => mistakes.push(mistake(fixture, path, node, &message)),
        }
    }
    (text, mistakes)
}

/// What is wrong with the changed file, as mistakes of the fixture: at the change that makes it wrong alone, else at
/// the one that names its field, else at the first. The file is right without the changes.
pub fn blamed(plain: &str, fixture: &Path, given: &Given, wrong: &[Mistake]) -> Vec<Mistake> {
    let alone = |(path, node): &(String, Node)| {
        let edited = file::edit(plain, path, node.toml()).ok();
        edited.and_then(|text| read(&text, "").err()).unwrap_or_default()
    };
    let alone: Vec<Vec<Mistake>> = given.iter().map(alone).collect();
    let says = |known: &Mistake, one: &Mistake| (&known.field, &known.message) == (&one.field, &one.message);
    let blame = |one: &Mistake| {
        let breaks = alone.iter().position(|mistakes| mistakes.iter().any(|known| says(known, one)));
        let names = || given.iter().position(|(path, _)| one.field.starts_with(path.as_str()));
        let (path, node) = given.get(breaks.or_else(names).unwrap_or(0))?;
        let same = one.field.is_empty() || one.field == *path;
        let message = if same { one.message.clone() } else { format!("{}: {}", one.field, one.message) };
        Some(mistake(fixture, path, node, &message))
    };
    wrong.iter().filter_map(blame).collect()
}

fn mistake(fixture: &Path, path: &str, node: &Node, message: &str) -> Mistake {
    // Its path stands in front of it already.
    let message = message.strip_prefix(path).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(message);
    Mistake {
        file: fixture.display().to_string(),
        line: node.line,
        field: format!("given.{path}"),
        message: message.to_owned(),
        warning: false,
    }
}
