//! Looking through fixtures for what may be somebody's: numbers, ids, secrets, addresses, in whatever spelling.
//!
//! A line is looked at as it is written and as it is decoded. What is allowed is what is obviously made up: numbers that
//! nobody can have, ids of zeros, placeholders, `example.com`. Names of people cannot be told from invented ones and are
//! not looked for.
//!
//! Deliberately not here: mending what is found. **Invariant:** no finding shows what was found.

mod numbers;
mod places;
mod secrets;

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// Providers' published signatures are over the numbers and tokens that they were published with.
const PUBLISHED: &str = "signatures";

/// Something that looks real.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Finding {
    /// The file.
    pub file: String,
    /// Its line, from 1; 0 for its name.
    pub line: usize,
    /// What it looks like.
    pub what: String,
    /// What would be right.
    pub mend: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, what, mend } = self;
        match line {
            0 => write!(f, "{file}: its name has {what}: {mend}"),
            _ => write!(f, "{file}:{line}: {what}: {mend}"),
        }
    }
}

/// Why nothing could be looked through.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotLooked {
    /// There is no file.
    NoFile(String),
    /// Files that cannot be read as text.
    Unreadable(Vec<String>),
}

/// What was looked through.
#[derive(Clone, Debug, Default)]
pub struct Looked {
    /// How many files.
    pub files: usize,
    /// What was found, by file and line.
    pub findings: Vec<Finding>,
}

impl Looked {
    /// The last line: how much looks real, and in how many of the files.
    pub fn verdict(&self) -> String {
        let files = |count: usize| format!("{count} file{}", if count == 1 { "" } else { "s" });
        let concerned: BTreeSet<&str> = self.findings.iter().map(|finding| finding.file.as_str()).collect();
        match (self.findings.len(), concerned.len()) {
            (0, _) => format!("{}: nothing looks real", files(self.files)),
            (1, _) => format!("1 place looks real, in 1 of {}", files(self.files)),
            (places, concerned) => format!("{places} places look real, in {concerned} of {}", files(self.files)),
        }
    }
}

/// Looks through files and folders.
pub fn look(paths: &[PathBuf]) -> Result<Looked, NotLooked> {
    let (mut files, mut unreadable) = (Vec::new(), Vec::new());
    for path in paths {
        if path.is_file() {
            files.push(path.clone());
        } else if !path.is_dir() {
            return Err(NotLooked::NoFile(format!("{} is neither a file nor a folder", path.display())));
        } else {
            walk(path, &mut files, &mut unreadable);
        }
    }
    files.sort();
    files.dedup();
    if files.is_empty() && unreadable.is_empty() {
        let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        return Err(NotLooked::NoFile(format!("no file found in {}", paths.join(", "))));
    }
    let mut looked = Looked { files: files.len(), findings: Vec::new() };
    for path in files {
        match fs::read_to_string(&path) {
            Ok(text) => looked.findings.extend(file(&path, &text)),
            Err(why) => unreadable.push(format!("{} cannot be read: {why}", path.display())),
        }
    }
    if unreadable.is_empty() { Ok(looked) } else { Err(NotLooked::Unreadable(unreadable)) }
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>, unreadable: &mut Vec<String>) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(why) => return unreadable.push(format!("{} cannot be read: {why}", folder.display())),
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        match (path.is_dir(), name) {
            (true, PUBLISHED) => {}
            (true, _) => walk(&path, files, unreadable),
            (false, _) => files.push(path),
        }
    }
}

/// Looks through one file: its name and its text.
pub fn file(path: &Path, text: &str) -> Vec<Finding> {
    let name = path.display().to_string();
    let own = path.file_stem().unwrap_or_default().to_string_lossy().replace(['-', '_'], " ");
    let lines = std::iter::once((0, own.as_str())).chain(text.lines().enumerate().map(|(at, line)| (at + 1, line)));
    let mut findings = Vec::new();
    for (no, line) in lines {
        let mut here: Vec<(String, &'static str)> = Vec::new();
        for spelling in spellings(line) {
            for found in [numbers::look(&spelling), secrets::look(&spelling), places::look(&spelling)].concat() {
                if !here.contains(&found) {
                    here.push(found);
                }
            }
        }
        findings.extend(here.into_iter().map(|(what, mend)| Finding { file: name.clone(), line: no, what, mend }));
    }
    findings
}

/// The line as it is written, and as it is once its escapes are decoded, where it has any.
fn spellings(line: &str) -> Vec<String> {
    let mut all = vec![line.to_owned()];
    // Several times, for what was encoded several times.
    for _ in 0..5 {
        let last = &all[all.len() - 1];
        let decoded = entities(&escapes(&percent(last)));
        if decoded == *last {
            break;
        }
        all.push(decoded);
    }
    let spaced: Vec<String> = all.iter().map(|line| spaces(line)).filter(|spaced| !all.contains(spaced)).collect();
    all.extend(spaced);
    all
}

/// `call+me` as `call me`, which it means in a form. A number's plus follows a sign or a space and stays.
fn spaces(text: &str) -> String {
    let mut before = ' ';
    let letter = |letter: char| {
        let space = letter == '+' && before.is_ascii_alphanumeric();
        before = letter;
        if space { ' ' } else { letter }
    };
    text.chars().map(letter).collect()
}

/// `%2B` as `+`.
fn percent(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = bytes.get(at + 1..at + 3).and_then(|two| std::str::from_utf8(two).ok());
        match code.and_then(|two| u8::from_str_radix(two, 16).ok()).filter(|_| bytes[at] == b'%') {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// `\u002B` and `\U0000002B` as `+`.
fn escapes(text: &str) -> String {
    let long = coded(text, "\\U", |rest| rest.get(..8).map(|code| (code, 8)), 16);
    coded(&long, "\\u", |rest| rest.get(..4).map(|code| (code, 4)), 16)
}

/// `&#43;` and `&#x2b;` as `+`.
fn entities(text: &str) -> String {
    let end = |rest: &str| rest.find(';').filter(|end| (1..=6).contains(end));
    let hex = coded(text, "&#x", |rest| end(rest).map(|end| (&rest[..end], end + 1)), 16);
    coded(&hex, "&#", |rest| end(rest).map(|end| (&rest[..end], end + 1)), 10)
}

fn coded(text: &str, mark: &str, code: impl Fn(&str) -> Option<(&str, usize)>, radix: u32) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(mark) {
        let after = &rest[at + mark.len()..];
        let letter = code(after)
            .and_then(|(digits, length)| Some((char::from_u32(u32::from_str_radix(digits, radix).ok()?)?, length)));
        out.push_str(&rest[..at]);
        match letter {
            Some((letter, length)) => {
                out.push(letter);
                rest = &after[length..];
            }
            None => {
                out.push_str(mark);
                rest = after;
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests;
