//! Where recorded files go: a folder for voice, one for texts, one for worlds. Nothing that is there is replaced.
//!
//! Deliberately not here: what is in them.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The most files of one name that are looked at.
const MOST: usize = 10_000;

/// The folder of fixtures.
#[derive(Clone, Debug)]
pub struct Shelf(PathBuf);

/// A file that is there now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placed {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it was written now; otherwise the same was there before.
    pub fresh: bool,
}

impl Placed {
    /// Its name without the ending.
    pub fn name(&self) -> String {
        self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }
}

impl Shelf {
    /// This folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// The folder of one kind of file: `voice`, `sms`, `worlds`.
    pub fn folder(&self, kind: &str) -> PathBuf {
        self.0.join(kind)
    }

    /// Puts a text under a name, or under the name with a number where another text has it. The same text is not put
    /// there twice.
    pub fn put(&self, kind: &str, name: &str, text: &str) -> io::Result<Placed> {
        let folder = self.folder(kind);
        fs::create_dir_all(&folder)?;
        let names = std::iter::once(name.to_owned()).chain((2..MOST).map(|no| format!("{name}-{no}")));
        for name in names {
            let path = folder.join(format!("{name}.toml"));
            match fs::read_to_string(&path) {
                Ok(there) if there == text => return Ok(Placed { path, fresh: false }),
                Ok(_) => {}
                Err(why) if why.kind() == io::ErrorKind::NotFound => {
                    replace(&path, text)?;
                    return Ok(Placed { path, fresh: true });
                }
                Err(why) => return Err(why),
            }
        }
        Err(io::Error::other(format!("{} has {MOST} files named {name}", folder.display())))
    }
}

/// Writes a whole file in place of what is there: never half of one.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let fresh = path.with_extension(format!("toml.{}", std::process::id()));
    let mut file = fs::File::create(&fresh)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&fresh, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_replaced_and_nothing_is_there_twice() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = Shelf::new(folder.path().join("fixtures"));
        for (text, name, fresh, why) in [
            ("a", "call", true, "the first"),
            ("a", "call", false, "the same again"),
            ("b", "call-2", true, "another of the name"),
            ("b", "call-2", false, "the other again"),
        ] {
            let placed = shelf.put("voice", "call", text).expect("written");
            assert_eq!((placed.name().as_str(), placed.fresh), (name, fresh), "{why}");
        }
        assert_eq!(fs::read_dir(shelf.folder("voice")).expect("it is there").count(), 2, "nothing else remains");
    }
}
