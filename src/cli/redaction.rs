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
    if let Some(why) = loose(&path) {
        remark(&why);
    }
    let book = Book::open(&key, &book::beside(&path)).context("the book of pseudonyms cannot be opened")?;
    Ok(Pseudonyms::new(book))
}

/// A warning, where others can read the key.
#[cfg(unix)]
fn loose(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    let shown = path.display();
    (mode & 0o077 != 0).then(|| {
        format!("warning: the redaction key in {shown} can be read by others (mode {mode:o}): chmod 600 {shown}")
    })
}

#[cfg(not(unix))]
fn loose(_: &Path) -> Option<String> {
    None
}

fn unreadable(why: book::NoBook) -> anyhow::Error {
    Unreadable(why.to_string()).into()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_that_others_can_read_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("redaction.key");
        book::key(&path, true).expect("made");
        assert_eq!(loose(&path), None);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("set");
        assert!(loose(&path).is_some_and(|why| why.contains("chmod 600")));
        assert_eq!(loose(&folder.path().join("none.key")), None, "a key of the environment has no file");
    }
}
