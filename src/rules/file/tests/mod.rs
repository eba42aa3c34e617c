//! The reader against whole files: what is refused, what is merged, and the examples beside the code.
//!
//! Deliberately not here: single values (each reader's own tests).

mod accepted;
mod arbitrary;
mod examples;
mod merged;
mod refused;

use super::read;
use crate::rules::ruleset::{Mistake, Ruleset};

/// No variable is set.
fn no_env(_: &str) -> Option<String> {
    None
}

/// The smallest tenant that has everything another object can refer to; 40 lines, and it reads without a warning.
const WORLD: &str = include_str!("world.toml");

/// Reads a file alone; its mistakes and warnings, each as it prints, without the file's name.
fn said_of(text: &str) -> Vec<String> {
    said(read(text, "f", None, &no_env))
}

fn said(outcome: Result<(Ruleset, Vec<Mistake>), Vec<Mistake>>) -> Vec<String> {
    let found = match outcome {
        Ok((_, warnings)) => warnings,
        Err(mistakes) => mistakes,
    };
    found.iter().map(|mistake| mistake.to_string().trim_start_matches("f:").to_owned()).collect()
}

/// Reads a file that has to be good.
fn good(text: &str, base: Option<&Ruleset>) -> Ruleset {
    match read(text, "f", base, &no_env) {
        Ok((ruleset, warnings)) => {
            assert!(warnings.is_empty(), "{warnings:?}");
            ruleset
        }
        Err(mistakes) => panic!("{mistakes:#?}"),
    }
}
