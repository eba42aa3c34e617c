//! The project's redaction key: where it is found, and the book of pseudonyms beside it.
//!
//! Deliberately not here: what pseudonyms are made of (`replay::record`).

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::replay::record::book::{self, Book};
use crate::replay::record::pseudonyms::Pseudonyms;

use super::config::Config;
use super::output::{Unreadable, remark};

/// Names the key itself, or, with `_FILE`, a file that holds it.
const VARIABLE: &str = "HOOKSWITCH_REDACTION_KEY";

/// The pseudonyms of the key that is named, else of the environment's, else of the one kept with the data.
pub fn pseudonyms(config: &Config, named: Option<&Path>) -> anyhow::Result<Pseudonyms> {
    let kept = config.data_dir.join("redaction.key");
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let of_file = set(&format!("{VARIABLE}_FILE")).map(PathBuf::from);
    let (key, path) = match (named.map(Path::to_owned).or(of_file), set(VARIABLE)) {
        (Some(path), _) => (book::key(&path, false).map_err(unreadable)?.0, path),
        (None, Some(text)) => (book::key_of(&text.to_string_lossy(), VARIABLE).map_err(unreadable)?, kept),
        (None, None) => {
            let (key, made) = book::key(&kept, true).map_err(unreadable)?;
            if made {
                remark(&format!(
                    "no redaction key is given; made one and kept it in {}. Keep it out of the repository: whoever has it \
                     can ask whether a number is in a fixture",
                    kept.display()
                ));
            }
            (key, kept)
        }
    };
    let book = Book::open(&key, &book::beside(&path)).context("the book of pseudonyms cannot be opened")?;
    Ok(Pseudonyms::new(book))
}

fn unreadable(why: book::NoBook) -> anyhow::Error {
    Unreadable(why.to_string()).into()
}
