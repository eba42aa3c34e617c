//! The spill: files of entries that the database could not take yet, and one of those that it never will.
//!
//! Deliberately not here: when something is spilled and written back (`store::spiller`, `store::writer`). A line is a
//! checksum and an entry as JSON; what was being written when the machine stopped is a torn last line, and nobody was
//! told that it was kept.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::entry::Entry;
use super::folder;

/// The file of entries that the database refuses whatever is done.
const REJECTED: &str = "rejected.jsonl";
/// Hexadecimal digits of a line's checksum.
const SUM: usize = 16;

/// The directory of spill files, and the one that is being written.
#[derive(Debug)]
pub(super) struct Spill {
    dir: PathBuf,
    active: Option<Active>,
    next: u64,
}

#[derive(Debug)]
struct Active {
    file: File,
    /// Bytes that are whole lines and on the disk.
    sound: u64,
}

/// One line of a spill file.
#[derive(Debug)]
pub(super) enum Line {
    /// An entry.
    Entry(Box<Entry>),
    /// Something else: the bytes.
    Damaged(Vec<u8>),
}

impl Spill {
    /// The spill in this directory, which is made when it is first needed.
    pub(super) fn new(dir: PathBuf) -> Self {
        let next = files(&dir).ok().and_then(|files| files.last().and_then(|path| number(path))).map_or(1, |no| no + 1);
        Self { dir, active: None, next }
    }

    /// Appends entries and waits until they are on the disk: all of them, or none and an error.
    pub(super) fn append<'a>(&mut self, entries: impl IntoIterator<Item = &'a Entry>) -> io::Result<()> {
        let mut bytes = Vec::new();
        for entry in entries {
            write_line(&mut bytes, entry)?;
        }
        if self.active.is_none() {
            self.active = Some(self.begin()?);
        }
        let active = self.active.as_mut().expect("it was just begun");
        match active.file.write_all(&bytes).and_then(|()| active.file.sync_data()) {
            Ok(()) => {
                active.sound += bytes.len() as u64;
                Ok(())
            }
            Err(error) => {
                // Half a line must not stand before the next one. Where even that fails, the next goes elsewhere.
                if active.file.set_len(active.sound).is_err() {
                    self.active = None;
                }
                Err(error)
            }
        }
    }

    fn begin(&mut self) -> io::Result<Active> {
        folder::make(&self.dir)?;
        let mut options = OpenOptions::new();
        options.append(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = loop {
            let path = self.dir.join(format!("{:020}.jsonl", self.next));
            self.next += 1;
            match options.open(path) {
                // Another process spills here as well.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                opened => break opened?,
            }
        };
        // As long as it is written, no other process takes it (see `files`).
        file.lock()?;
        // The name must be on the disk as well.
        File::open(&self.dir)?.sync_all()?;
        Ok(Active { file, sound: 0 })
    }

    /// Ends the file that is being written; tells all files there are, oldest first.
    pub(super) fn files(&mut self) -> io::Result<Vec<PathBuf>> {
        self.active = None;
        files(&self.dir)
    }

    /// Puts something aside for a person to look at: it will not be tried again.
    pub(super) fn reject(dir: &Path, line: &Line) -> io::Result<()> {
        let mut bytes = Vec::new();
        match line {
            Line::Entry(entry) => write_line(&mut bytes, entry)?,
            Line::Damaged(line) => {
                bytes.extend_from_slice(line);
                bytes.push(b'\n');
            }
        }
        folder::make(dir)?;
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(dir.join(REJECTED))?;
        file.write_all(&bytes)?;
        file.sync_data()
    }
}

/// Goes through a spill file. A torn last line is left out, with a warning.
pub(super) fn read(path: &Path) -> io::Result<impl Iterator<Item = io::Result<Line>> + use<>> {
    let mut lines = BufReader::new(File::open(path)?);
    let name = path.display().to_string();
    Ok(std::iter::from_fn(move || {
        let mut line = Vec::new();
        match lines.read_until(b'\n', &mut line) {
            Err(error) => Some(Err(error)),
            Ok(0) => None,
            Ok(_) if line.last() != Some(&b'\n') => {
                tracing::warn!(
                    file = name,
                    "a spill file ends in the middle of an entry; that entry was never acknowledged"
                );
                None
            }
            Ok(_) => {
                line.pop();
                Some(Ok(entry(&line).map_or_else(|| Line::Damaged(line), |entry| Line::Entry(Box::new(entry)))))
            }
        }
    }))
}

fn write_line(bytes: &mut Vec<u8>, entry: &Entry) -> io::Result<()> {
    let json = serde_json::to_vec(entry)?;
    bytes.extend_from_slice(sum(&json).as_bytes());
    bytes.push(b' ');
    bytes.extend_from_slice(&json);
    bytes.push(b'\n');
    Ok(())
}

fn entry(line: &[u8]) -> Option<Entry> {
    let (head, rest) = line.split_at_checked(SUM)?;
    let json = rest.strip_prefix(b" ")?;
    (sum(json).as_bytes() == head).then(|| serde_json::from_slice(json).ok()).flatten()
}

fn sum(json: &[u8]) -> String {
    hex::encode(&Sha256::digest(json)[..SUM / 2])
}

/// The spill files of a directory, oldest first, without those that another process is writing: whoever took such a
/// file and removed it would lose what is added meanwhile.
pub(super) fn files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    files.retain(|path| number(path).is_some() && !in_use(path));
    files.sort();
    Ok(files)
}

/// How many spill files lie in a directory, whoever writes them, and whether something was put aside there.
pub(super) fn lying(dir: &Path) -> io::Result<(usize, bool)> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((0, false)),
        Err(error) => return Err(error),
    };
    let paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    let rejected = fs::metadata(dir.join(REJECTED)).is_ok_and(|meta| meta.len() > 0);
    Ok((paths.iter().filter(|path| number(path).is_some()).count(), rejected))
}

fn in_use(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

fn number(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_suffix(".jsonl")?.parse().ok()
}
