//! Where recorded files go: a folder for voice, one for texts, one for worlds. Nothing that is there is replaced.
//!
//! Deliberately not here: what is in them.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

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
            if !path.exists() && place(&path, text)? {
                return Ok(Placed { path, fresh: true });
            }
            if !path.is_dir() && fs::read(&path)? == text.as_bytes() {
                return Ok(Placed { path, fresh: false });
            }
        }
        Err(io::Error::other(format!("{} has {MOST} files named {name}", folder.display())))
    }
}

/// Writes a whole file where none is; whether it did. Of two who place one at the same time, one does.
fn place(path: &Path, text: &str) -> io::Result<bool> {
    let draft = draft(path, text)?;
    let placed = match fs::hard_link(&draft, path) {
        Ok(()) => Ok(true),
        Err(why) if why.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        // Not every file system has links: there the name is taken first.
        Err(_) => match fs::File::create_new(path) {
            Ok(_) => fs::rename(&draft, path).map(|()| true),
            Err(why) if why.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(why) => Err(why),
        },
    };
    fs::remove_file(&draft).ok();
    placed
}

/// Writes a whole file in place of what is there: never half of one.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let draft = draft(path, text)?;
    fs::rename(&draft, path).inspect_err(|_| _ = fs::remove_file(&draft))
}

/// Writes a text beside where it goes, under a name that nobody else uses; nothing is left of one that fails.
fn draft(path: &Path, text: &str) -> io::Result<PathBuf> {
    static NO: AtomicUsize = AtomicUsize::new(0);
    let no = NO.fetch_add(1, Ordering::Relaxed);
    let draft = path.with_extension(format!("toml.{}-{no}", std::process::id()));
    let written = fs::File::create(&draft).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.inspect_err(|_| _ = fs::remove_file(&draft)).map(|()| draft)
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
        fs::create_dir(shelf.folder("voice").join("odd.toml")).expect("made");
        fs::write(shelf.folder("voice").join("odd-2.toml"), [0xff, 0xfe]).expect("written");
        assert_eq!(shelf.put("voice", "odd", "a").expect("written").name(), "odd-3", "what is no text is passed by");
    }

    #[test]
    fn of_two_who_put_at_once_each_has_a_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = Shelf::new(folder.path());
        let put = |no: usize| shelf.put("voice", "call", &format!("text {no}")).expect("written").path;
        let paths: Vec<PathBuf> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|no| scope.spawn(move || put(no))).collect();
            threads.into_iter().map(|one| one.join().expect("it ended")).collect()
        });
        for (no, path) in paths.iter().enumerate() {
            assert_eq!(fs::read_to_string(path).expect("it is there"), format!("text {no}"));
        }
        assert_eq!(fs::read_dir(shelf.folder("voice")).expect("it is there").count(), 8, "nothing else remains");
    }
}
