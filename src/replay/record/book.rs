//! A project's key and the book of its pseudonyms: the same real value gets the same pseudonym in every file, and no two
//! values ever share one.
//!
//! Deliberately not here: what pseudonyms look like (`pseudonyms`). The book holds keyed hashes and pseudonyms and
//! nothing real; without the key nobody can ask it for a number. Both are kept outside the repository.

use std::collections::{HashMap, HashSet};
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::providers::keyed::Keyed;

/// The shortest key that is taken.
const SHORTEST: usize = 16;

/// Why there is no book.
#[derive(Debug, thiserror::Error)]
pub enum NoBook {
    /// The key is too short to be one.
    #[error("{0} holds no redaction key: at least 16 characters, such as `openssl rand -base64 32` makes")]
    Key(String),
    /// The key or the book cannot be read or written.
    #[error("{path}: {why}")]
    File {
        /// The file.
        path: String,
        /// Why.
        why: io::Error,
    },
    /// The book was written under another key.
    #[error("{0} was written under another key: give that key, or move the book away and all pseudonyms change")]
    OtherKey(String),
    /// Another process writes in it.
    #[error("{0} is in use by another recording; wait for its end")]
    InUse(String),
}

/// Keyed hashes and the pseudonyms they have.
#[derive(Debug)]
pub struct Book {
    key: Keyed,
    file: Option<File>,
    known: HashMap<String, String>,
    used: HashSet<String>,
    trouble: Option<String>,
}

impl Book {
    /// A book that is forgotten at the end.
    pub fn in_memory(key: &[u8]) -> Self {
        Self { key: Keyed::new(key), file: None, known: HashMap::new(), used: HashSet::new(), trouble: None }
    }

    /// Opens the book at `path` under this key, or begins one. It is this process's alone until it is dropped.
    pub fn open(key: &[u8], path: &Path) -> Result<Self, NoBook> {
        let name = path.display().to_string();
        let failed = |why: io::Error| NoBook::File { path: name.clone(), why };
        let mut file = private(OpenOptions::new().read(true).append(true).create(true), path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(NoBook::InUse(name)),
            Err(TryLockError::Error(why)) => return Err(failed(why)),
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        let mut book = Self::in_memory(key);
        let mark = format!("# pseudonyms under the key {}", book.hash("book", ""));
        // A line that a crash cut short names nothing that was ever used, and goes.
        let whole = text.rfind('\n').map_or(0, |at| at + 1);
        if whole == 0 && mark.starts_with(&text) {
            file.set_len(0).and_then(|()| writeln!(file, "{mark}")).map_err(failed)?;
        } else if whole == 0 || text.lines().next() != Some(mark.as_str()) {
            return Err(NoBook::OtherKey(name));
        } else if whole < text.len() {
            file.set_len(whole as u64).map_err(failed)?;
        }
        for line in text[..whole].lines().skip(1) {
            let mut words = line.splitn(3, '\t');
            if let (Some(kind), Some(hash), Some(pseudonym)) = (words.next(), words.next(), words.next()) {
                book.used.insert(format!("{kind}\t{pseudonym}"));
                book.known.insert(format!("{kind}\t{hash}"), pseudonym.to_owned());
            }
        }
        book.file = Some(file);
        Ok(book)
    }

    /// A number that follows from the key and a real value.
    pub fn number(&self, kind: &str, real: &str) -> u64 {
        let digest = self.key.digest(&[kind.as_bytes(), b"\0", real.as_bytes()]);
        u64::from_be_bytes(*digest.first_chunk().expect("a digest has 32 bytes"))
    }

    /// Letters that follow from the key and a real value: no digits, so that nothing looks like a number.
    pub fn letters(&self, kind: &str, real: &str, among: &[u8], count: usize) -> String {
        let digest = self.key.digest(&[kind.as_bytes(), b"\0", real.as_bytes()]);
        digest.iter().cycle().take(count).map(|byte| char::from(among[usize::from(*byte) % among.len()])).collect()
    }

    /// The pseudonym that a real value has already.
    pub fn known(&self, kind: &str, real: &str) -> Option<&str> {
        self.known.get(&format!("{kind}\t{}", self.hash(kind, real))).map(String::as_str)
    }

    /// The pseudonym of a real value: the one it has, or the first of `candidates` that nothing else has. Where all are
    /// taken there is trouble, and the answer is `None`.
    pub fn entry(
        &mut self,
        kind: &'static str,
        real: &str,
        candidates: impl Iterator<Item = String>,
    ) -> Option<String> {
        let place = format!("{kind}\t{}", self.hash(kind, real));
        if let Some(known) = self.known.get(&place) {
            return Some(known.clone());
        }
        let free = |candidate: &String| candidate != real && !self.used.contains(&format!("{kind}\t{candidate}"));
        let Some(found) = candidates.into_iter().find(free) else {
            self.trouble.get_or_insert_with(|| format!("every pseudonym of the kind \"{kind}\" is taken"));
            return None;
        };
        if let Some(file) = &mut self.file
            && let Err(why) = writeln!(file, "{place}\t{found}")
        {
            self.trouble.get_or_insert_with(|| format!("the book of pseudonyms cannot be written: {why}"));
        }
        self.used.insert(format!("{kind}\t{found}"));
        self.known.insert(place, found.clone());
        Some(found)
    }

    /// What went wrong since it was opened. Nothing that was mapped may be written down then.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    fn hash(&self, kind: &str, real: &str) -> String {
        hex::encode(&self.key.digest(&[kind.as_bytes(), b"\0", real.as_bytes()])[..16])
    }
}

/// Where the book of a key file is.
pub fn beside(key: &Path) -> PathBuf {
    key.with_extension("book")
}

/// Reads a key file; makes one where there is none and `make` says so. The second half tells whether it was made.
pub fn key(path: &Path, make: bool) -> Result<(Vec<u8>, bool), NoBook> {
    let name = path.display().to_string();
    let failed = |why: io::Error| NoBook::File { path: name.clone(), why };
    match fs::read_to_string(path) {
        Ok(text) => key_of(&text, &name).map(|key| (key, false)),
        Err(why) if make && why.kind() == io::ErrorKind::NotFound => {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes).map_err(|why| failed(io::Error::other(why.to_string())))?;
            let text = STANDARD.encode(bytes);
            let mut file = private(OpenOptions::new().write(true).create_new(true), path).map_err(failed)?;
            writeln!(file, "{text}").and_then(|()| file.sync_all()).map_err(failed)?;
            Ok((text.into_bytes(), true))
        }
        Err(why) => Err(failed(why)),
    }
}

/// A key as it is given; `name` says where.
pub fn key_of(text: &str, name: &str) -> Result<Vec<u8>, NoBook> {
    let text = text.trim();
    if text.len() < SHORTEST { Err(NoBook::Key(name.to_owned())) } else { Ok(text.as_bytes().to_vec()) }
}

/// Opens a file that nobody else may read, and makes its folder.
fn private(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let mut folder = DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        folder.mode(0o700);
        options.mode(0o600);
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        folder.recursive(true).create(parent)?;
    }
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> impl Iterator<Item = String> {
        ["one", "two", "three"].map(str::to_owned).into_iter()
    }

    #[test]
    fn a_book_is_the_same_when_it_is_opened_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("data/redaction.book");
        let mut book = Book::open(b"a key of some length", &path).expect("begun");
        assert_eq!(book.entry("name", "Ana", some()).as_deref(), Some("one"));
        assert_eq!(book.entry("name", "Jo", some()).as_deref(), Some("two"), "nobody else's");
        assert_eq!(book.entry("town", "Ana", some()).as_deref(), Some("one"), "kinds are apart");
        assert!(matches!(Book::open(b"a key of some length", &path), Err(NoBook::InUse(_))));
        drop(book);

        let mut again = Book::open(b"a key of some length", &path).expect("opened");
        assert_eq!(again.entry("name", "Jo", some()).as_deref(), Some("two"));
        assert_eq!(again.entry("name", "one", some()).as_deref(), Some("three"), "what is taken stays taken");
        assert_eq!(again.entry("name", "Bea", some()), None);
        assert!(again.trouble().is_some_and(|why| why.contains("taken")), "and is said when there is no more");
        drop(again);

        let text = fs::read_to_string(&path).expect("it is there");
        assert!(!text.contains("Ana") && !text.contains("Jo"), "nothing real is in it");
        assert!(matches!(Book::open(b"another key of length", &path), Err(NoBook::OtherKey(_))));
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).expect("it").permissions()) & 0o777,
            0o600
        );
    }

    #[test]
    fn a_line_that_was_cut_short_is_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("redaction.book");
        let candidates = || ["a whole pseudonym", "another"].map(str::to_owned).into_iter();
        Book::open(b"a key of some length", &path).expect("begun").entry("name", "Ana", candidates());
        let text = fs::read_to_string(&path).expect("it is there");
        fs::write(&path, text.trim_end_matches(" pseudonym\n")).expect("cut");
        for why in ["at once", "and later"] {
            let mut book = Book::open(b"a key of some length", &path).expect("opened");
            assert_eq!(book.entry("name", "Ana", candidates()).as_deref(), Some("a whole pseudonym"), "{why}");
        }
    }

    #[test]
    fn a_key_is_made_once_and_only_where_that_is_asked_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("redaction.key");
        assert!(key(&path, false).is_err(), "a named key must be there");
        let (made, new) = key(&path, true).expect("made");
        assert_eq!((key(&path, true).expect("kept"), new), ((made, false), true));
        fs::write(&path, "short\n").expect("written");
        assert!(matches!(key(&path, true), Err(NoBook::Key(_))), "and never replaced");
        assert_eq!(beside(&path), folder.path().join("redaction.book"));
    }
}
