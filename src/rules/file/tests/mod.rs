//! The reader against whole files: what is refused, what is merged, and the examples beside the code.
//!
//! Deliberately not here: single values (each reader's own tests).

mod accepted;
mod arbitrary;
mod bodies;
mod bodies_refused;
mod bodies_refused_places;
mod examples;
mod merged;
mod refused;
mod refused_people;
mod refused_places;

use super::read;
use crate::rules::ruleset::{Mistake, Ruleset};

/// No variable is set.
fn no_env(_: &str) -> Option<String> {
    None
}

/// The smallest tenant that has everything another object can refer to; it reads without a warning.
const WORLD: &str = include_str!("world.toml");

/// Its last line, 40: what stands here is added to it.
const END: &str = "# the last line of the smallest world";

/// Reads a file alone; its mistakes and warnings, each as it prints, without the file's name.
fn said_of(text: &str) -> Vec<String> {
    said(read(text, "f", None, &no_env))
}

/// Each row is why, a text of the smallest world, what stands there instead, and how the messages begin.
fn check(rows: &[(&str, &str, &str, &[&str])]) {
    for (why, from, to, expected) in rows {
        assert!(WORLD.contains(from), "{why}: {from:?} is in the world");
        let found = said_of(&WORLD.replacen(from, to, 1));
        let as_expected =
            found.len() == expected.len() && found.iter().zip(*expected).all(|(found, start)| found.starts_with(start));
        assert!(as_expected, "{why}:\n  {}\nexpected\n  {}", found.join("\n  "), expected.join("\n  "));
    }
    assert_eq!(said_of(WORLD), Vec::<String>::new(), "the world itself is clean");
}

fn said(outcome: Result<(Ruleset, Vec<Mistake>), Vec<Mistake>>) -> Vec<String> {
    let found = match outcome {
        Ok((_, warnings)) => warnings,
        Err(mistakes) => mistakes,
    };
    found.iter().map(|mistake| mistake.to_string().trim_start_matches("f:").to_owned()).collect()
}

/// Reads a file that has to be good; that some holidays are kept only in parts of a country is nobody's fault.
fn good(text: &str, base: Option<&Ruleset>) -> Ruleset {
    match read(text, "f", base, &no_env) {
        Ok((ruleset, warnings)) => {
            let doubtful: Vec<_> = warnings.iter().filter(|w| !w.field.ends_with(".holidays")).collect();
            assert!(doubtful.is_empty(), "{doubtful:?}");
            ruleset
        }
        Err(mistakes) => panic!("{mistakes:#?}"),
    }
}
