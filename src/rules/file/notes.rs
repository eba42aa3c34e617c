//! What was found while reading a file, and where each field of it stands.
//!
//! Deliberately not here: what is a mistake.

use std::collections::BTreeMap;

use crate::rules::finding::{Finding, code};
use crate::rules::ruleset::Mistake;

/// Mistakes and warnings, and the places they can be about.
pub(super) struct Notes<'f> {
    file: &'f str,
    line_starts: Vec<usize>,
    places: BTreeMap<String, usize>,
    found: Vec<Found>,
}

/// Something that was found, the byte it is at, and its code.
struct Found {
    at: usize,
    mistake: Mistake,
    code: &'static str,
}

impl<'f> Notes<'f> {
    /// Notes on this text.
    pub fn new(text: &str, file: &'f str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1);
        Self {
            file,
            line_starts: std::iter::once(0).chain(breaks).collect(),
            places: BTreeMap::new(),
            found: Vec::new(),
        }
    }

    /// Remembers that this path stands at this byte. The first of two stays.
    pub fn place(&mut self, path: &str, at: usize) {
        if !self.places.contains_key(path) {
            self.places.insert(path.to_owned(), at);
        }
    }

    /// Remembers a path at the same place as another.
    pub fn place_like(&mut self, path: &str, other: &str) {
        self.place(path, self.at(other));
    }

    /// Whether the file names this path.
    pub fn names(&self, path: &str) -> bool {
        self.places.contains_key(path)
    }

    /// The line that a path stands on, from 1.
    pub fn line_of(&self, path: &str) -> usize {
        self.line(self.at(path))
    }

    /// Notes a mistake at a path, or at the nearest thing around it that the file names.
    pub fn mistake(&mut self, path: &str, message: impl Into<String>) {
        self.note(path, code::INVALID, message.into(), false);
    }

    /// Notes a mistake of a kind that programs tell apart.
    pub fn coded(&mut self, path: &str, code: &'static str, message: impl Into<String>) {
        self.note(path, code, message.into(), false);
    }

    /// Notes a warning.
    pub fn warning(&mut self, path: &str, message: impl Into<String>) {
        self.note(path, code::DOUBTFUL, message.into(), true);
    }

    /// Notes what a check found, at a path of the file.
    pub fn finding(&mut self, path: &str, finding: Finding) {
        let code = finding.code.unwrap_or(if finding.warning { code::DOUBTFUL } else { code::INVALID });
        self.note(path, code, finding.message, finding.warning);
    }

    /// Notes a mistake at a byte that has no path: the file cannot be read there.
    pub fn unreadable(&mut self, at: usize, message: String) {
        let (file, line) = (self.file.to_owned(), self.line(at));
        let mistake = Mistake { file, line, field: String::new(), message, warning: false };
        self.found.push(Found { at, mistake, code: code::INVALID });
    }

    /// Whether anything refuses the file.
    pub fn refuses(&self) -> bool {
        self.found.iter().any(|found| !found.mistake.warning)
    }

    /// Everything found, in file order.
    pub fn finish(mut self) -> Vec<Mistake> {
        self.found.sort_by_key(|found| found.at);
        self.found.into_iter().map(|found| found.mistake).collect()
    }

    /// The same, without their places in the text.
    pub fn findings(mut self) -> Vec<Finding> {
        self.found.sort_by_key(|found| found.at);
        let told = |Found { mistake: Mistake { field, message, warning, .. }, code, .. }| Finding {
            code: Some(code),
            warning,
            ..Finding::mistake(field, message)
        };
        self.found.into_iter().map(told).collect()
    }

    fn note(&mut self, path: &str, code: &'static str, message: String, warning: bool) {
        let at = self.at(path);
        let mistake =
            Mistake { file: self.file.to_owned(), line: self.line(at), field: path.to_owned(), message, warning };
        if !self.found.iter().any(|known| known.mistake == mistake) {
            self.found.push(Found { at, mistake, code });
        }
    }

    fn at(&self, path: &str) -> usize {
        let mut rest = path;
        loop {
            match (self.places.get(rest), rest.rfind(['.', '['])) {
                (Some(at), _) => return *at,
                (None, Some(cut)) => rest = &rest[..cut],
                (None, None) => return 0,
            }
        }
    }

    fn line(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }
}
