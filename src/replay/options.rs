//! What a run was asked to do, and what came of it.
//!
//! Deliberately not here: reading the command line (`cli`).

use std::borrow::Cow;
use std::path::PathBuf;

use crate::domain::Moment;
use crate::rules::ruleset::Mistake;

use super::diff::Difference;
use super::fixture::Sign;
use super::parts::Part;
use super::simulate::Tale;

/// What a run is asked to do.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Files and folders; without one, those of the kind that is played.
    pub paths: Vec<PathBuf>,
    /// A live server to play against; offline without one.
    pub target: Option<String>,
    /// What the provider would reach that server at; its own address without one.
    pub public_url: Option<String>,
    /// The operator's key, for the live server's test doors.
    pub admin_key: Option<String>,
    /// Signs every request this way.
    pub sign: Option<Sign>,
    /// Only files whose path or title contains this, in any letter case.
    pub text: Option<String>,
    /// Only files with one of these tags.
    pub tags: Vec<String>,
    /// Only files that failed in the last run.
    pub failed: bool,
    /// Only files that changed since this revision, and those whose world did.
    pub changed: Option<String>,
    /// Only every `n`th file, beginning with the `i`th: `(i, n)`, `i` from 1.
    pub shard: Option<(usize, usize)>,
    /// Begins every case at this instant.
    pub now: Option<Moment>,
    /// Moves every case's beginning, in microseconds.
    pub shift: Option<i64>,
    /// What chance is drawn from in whole calls; each file's own without it.
    pub seed: Option<u64>,
    /// Writes `FILE.new` beside a file whose answers differ.
    pub update: bool,
    /// Where to write a JUnit report.
    pub junit: Option<PathBuf>,
    /// Where to write a page.
    pub html: Option<PathBuf>,
    /// Where to write a JSON report; `-` is standard output.
    pub json: Option<PathBuf>,
    /// The folder that keeps what failed last, as `.hookswitch/last-failed`; empty is the current one.
    pub folder: PathBuf,
    /// Whether this is a build machine, where nothing is rewritten.
    pub ci: bool,
}

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Every file, in order.
    pub files: Vec<FileResult>,
    /// Why nothing was run at all.
    pub refused: Option<Refused>,
    /// What went wrong beside the files, such as a report that could not be written.
    pub troubles: Vec<String>,
    /// Files that were written for review.
    pub written: Vec<PathBuf>,
    /// Files that should have been and were not, for they have rows.
    pub by_hand: Vec<PathBuf>,
    /// Seconds it took.
    pub seconds: f64,
    /// The command that was run, such as `replay`.
    pub command: &'static str,
    /// What to add to the command that runs one file alone, such as ` --target URL`.
    pub rerun: String,
}

/// Why a run did not begin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refused {
    /// The options do not go together.
    Usage(String),
    /// There is nothing to run, or nothing to run it against.
    CouldNotRun(String),
}

/// What came of one file.
#[derive(Clone, Debug)]
pub struct FileResult {
    /// Its path.
    pub path: PathBuf,
    /// Its title.
    pub title: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Its cases that were played.
    pub cases: Vec<CaseResult>,
    /// Whether a rewritten file lies beside it.
    pub review: bool,
    /// Seconds it took.
    pub seconds: f64,
}

/// What came of a file as a whole.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Every answer is as expected.
    Passed,
    /// Some are not.
    Failed,
    /// It fails, as is expected, for this reason.
    Pending(String),
    /// It, or its world, cannot be read.
    Unreadable(Vec<Mistake>),
    /// It could not be played to its end.
    Broken(String),
    /// It was not played, for this reason.
    Skipped(String),
}

impl Outcome {
    /// The word for it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Pending(_) => "pending",
            Self::Unreadable(_) => "unreadable",
            Self::Broken(_) => "broken",
            Self::Skipped(_) => "skipped",
        }
    }

    /// Whether it makes the run fail.
    pub const fn is_bad(&self) -> bool {
        match self {
            Self::Failed | Self::Unreadable(_) | Self::Broken(_) => true,
            Self::Passed | Self::Pending(_) | Self::Skipped(_) => false,
        }
    }
}

/// What came of one case.
#[derive(Clone, Debug, Default)]
pub struct CaseResult {
    /// The row's name; empty without rows.
    pub row: String,
    /// Why it was expected to fail.
    pub pending: Option<String>,
    /// Where it differs.
    pub differences: Vec<Difference>,
    /// The first differing reason, in words.
    pub reason: Option<String>,
    /// Each exchange that differs, as people are told of it.
    pub told: Vec<Told>,
    /// How it went, where it was a whole call.
    pub tale: Option<Box<Tale>>,
}

impl FileResult {
    /// Whether it has rows; such a file is not rewritten.
    pub fn has_rows(&self) -> bool {
        self.cases.iter().any(|case| !case.row.is_empty())
    }
}

impl CaseResult {
    /// What differs, as people are told of it; where nothing more is known, the differences themselves.
    pub fn stories(&self) -> Cow<'_, [Told]> {
        if !self.told.is_empty() {
            return Cow::Borrowed(&self.told);
        }
        let mut told: Vec<Told> = Vec::new();
        for it in &self.differences {
            let part = Part::of_line(it.path.clone(), it.expected.as_str(), it.got.as_str());
            // A whole call is one story, wherever in its file the expectation stands.
            let same = |last: &&mut Told| last.exchange == it.exchange && (it.exchange == 0 || last.line == it.line);
            match told.last_mut().filter(same) {
                Some(last) => last.parts.push(part),
                None => {
                    let parts = vec![part];
                    told.push(Told { exchange: it.exchange, line: it.line, parts, ..Told::default() });
                }
            }
        }
        Cow::Owned(told)
    }
}

/// An exchange that differs, as people are told of it.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// The exchange, from 1; 0 for what is of the file as a whole.
    pub exchange: usize,
    /// How many there are.
    pub of: usize,
    /// Its line in the file.
    pub line: usize,
    /// What it was, in words.
    pub words: String,
    /// The request, as the file writes it.
    pub request: String,
    /// The parts that differ.
    pub parts: Vec<Part>,
}

impl Summary {
    /// The process' exit code: 0 pass, 1 usage, 2 does not parse, 3 could not run, 4 mismatch, 5 pending review.
    pub fn exit_code(&self) -> u8 {
        let any = |is: fn(&Outcome) -> bool| self.files.iter().any(|file| is(&file.outcome));
        match &self.refused {
            Some(Refused::Usage(_)) => 1,
            Some(Refused::CouldNotRun(_)) => 3,
            None if any(|outcome| matches!(outcome, Outcome::Unreadable(_))) => 2,
            None if any(|outcome| matches!(outcome, Outcome::Broken(_))) || !self.troubles.is_empty() => 3,
            // Where nothing at all was played, nothing was found right.
            None if !self.files.is_empty() && self.count("skipped") == self.files.len() => 3,
            // What differs and was rewritten waits for its review.
            None if self.files.iter().any(|file| matches!(file.outcome, Outcome::Failed) && !file.review) => 4,
            None if self.files.iter().any(|file| file.review) => 5,
            None => 0,
        }
    }

    /// How many files ended with this word.
    pub fn count(&self, word: &str) -> usize {
        self.files.iter().filter(|file| file.outcome.word() == word).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_is_the_worst_that_happened() {
        let file = |outcome, review| FileResult {
            path: PathBuf::from("f.toml"),
            title: String::new(),
            outcome,
            cases: Vec::new(),
            review,
            seconds: 0.0,
        };
        let unreadable = || file(Outcome::Unreadable(Vec::new()), false);
        for (files, code, why) in [
            (vec![file(Outcome::Passed, false), file(Outcome::Pending("x".into()), false)], 0, "all as expected"),
            (vec![file(Outcome::Passed, false), file(Outcome::Failed, false)], 4, "a mismatch"),
            (vec![file(Outcome::Failed, true)], 5, "a mismatch that was rewritten"),
            (vec![file(Outcome::Passed, true)], 5, "an old rewriting that nobody looked at"),
            (vec![file(Outcome::Failed, true), file(Outcome::Failed, false)], 4, "one of each"),
            (vec![file(Outcome::Broken("x".into()), false), file(Outcome::Failed, false)], 3, "could not run"),
            (vec![file(Outcome::Skipped("x".into()), false)], 3, "nothing was played"),
            (vec![file(Outcome::Skipped("x".into()), false), file(Outcome::Passed, false)], 0, "some was"),
            (vec![unreadable(), file(Outcome::Broken("x".into()), false)], 2, "does not parse"),
        ] {
            assert_eq!(Summary { files, ..Summary::default() }.exit_code(), code, "{why}");
        }
        let refused = Summary { refused: Some(Refused::Usage("x".into())), ..Summary::default() };
        assert_eq!(refused.exit_code(), 1);
    }
}
