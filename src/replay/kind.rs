//! What a run needs to know of a kind of file: exchanges here, whole calls in `replay::simulate`.
//!
//! Deliberately not here: finding, narrowing and reporting, which are the same for all (`replay::run`).

use std::path::Path;

use crate::domain::Moment;

use super::diff::Difference;
use super::fixture::{Case, File};
use super::node::Node;
use super::options::{CaseResult, Options, Told};
use super::play::{self, Played};
use super::target::Target;
use super::world::World;
use super::{read, update};

/// A kind of file that can be played.
pub trait Kind: Send + Sync + 'static {
    /// One run of a file.
    type Case: Send + Sync + 'static;
    /// What came of one.
    type Played: Send + Sync;
    /// The command that plays it.
    const COMMAND: &'static str;
    /// Where such files are looked for.
    const FOLDERS: &'static [&'static str];

    /// Reads a file.
    fn read(path: &Path, text: &str) -> File<Self::Case>;

    /// Where and when a case plays.
    fn place(case: &Self::Case) -> Place<'_>;

    /// Why a case can be played in this process only; `None` where a server will do.
    fn here_only(case: &Self::Case) -> Option<&'static str> {
        let _ = case;
        None
    }

    /// Plays a case. The error says why it could not be played to its end.
    fn play<T: Target>(
        file: &File<Self::Case>,
        case: &Self::Case,
        stage: &Stage<'_>,
        target: &T,
    ) -> impl Future<Output = Result<Self::Played, String>> + Send;

    /// What is reported of a case.
    fn result(case: &Self::Case, played: Self::Played, options: &Options) -> CaseResult;

    /// Writes down what came, where the options ask for it.
    fn rewrite(
        file: &File<Self::Case>,
        cases: &[Self::Case],
        played: &[Self::Played],
        options: &Options,
    ) -> Result<(), String>;
}

/// Where and when a case plays.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The world's name.
    pub world: &'a str,
    /// Changes to it.
    pub given: &'a [(String, Node)],
    /// When the case begins.
    pub now: Moment,
}

/// What a case is played with.
#[derive(Clone, Copy, Debug)]
pub struct Stage<'a> {
    /// What was asked for.
    pub options: &'a Options,
    /// The world.
    pub world: &'a World,
    /// What providers reach, unless an account has its own.
    pub base: &'a str,
    /// Told apart from earlier runs by this, where a server remembers them.
    pub nonce: &'a str,
}

impl Stage<'_> {
    /// When a case that says `now` begins in this run.
    pub fn start(&self, now: Moment) -> Moment {
        Moment(self.options.now.unwrap_or(now).0.saturating_add(self.options.shift.unwrap_or(0)))
    }
}

/// Files of exchanges.
#[derive(Clone, Copy, Debug)]
pub struct Exchanges;

impl Kind for Exchanges {
    type Case = Case;
    type Played = Played;
    const COMMAND: &'static str = "replay";
    const FOLDERS: &'static [&'static str] = &["fixtures/voice", "fixtures/sms"];

    fn read(path: &Path, text: &str) -> File {
        read::file(path, text)
    }

    fn place(case: &Case) -> Place<'_> {
        Place { world: &case.world, given: &case.given, now: case.now }
    }

    async fn play<T: Target>(file: &File, case: &Case, stage: &Stage<'_>, target: &T) -> Result<Played, String> {
        let stage = play::Stage {
            signers: &stage.world.signers,
            rulesets: &stage.world.rulesets,
            base: stage.base,
            sign: stage.options.sign,
            seed: format!(
                "{}\n{}\n{}",
                file.path.file_name().unwrap_or_default().to_string_lossy(),
                case.row,
                stage.nonce
            ),
            start: stage.start(case.now),
        };
        play::case(case, &stage, target).await
    }

    fn result(case: &Case, played: Played, options: &Options) -> CaseResult {
        let mut result = CaseResult {
            row: case.row.clone(),
            pending: case.pending.clone(),
            differences: played.differences,
            reason: played.reason,
            told: played.told,
            tale: None,
        };
        if is_silent(case, options) {
            let mend = if case.row.is_empty() { "--update writes down what came" } else { "write it into the row" };
            result.differences.push(Difference::of_all("expect", "something", &format!("nothing: {mend}")));
            let words = format!("It expects nothing, so nothing is checked: {mend}.");
            result.told.push(Told { words, ..Told::default() });
        }
        result
    }

    fn rewrite(file: &File, cases: &[Case], played: &[Played], options: &Options) -> Result<(), String> {
        let differs = played.iter().any(|played| !played.differences.is_empty());
        // Rows are changed by hand; the run's story names the files.
        let rows = cases.iter().any(|case| !case.row.is_empty());
        match cases.first() {
            Some(case) if options.update && !rows && (differs || is_silent(case, options)) => {
                update::write(file, cases, played)
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// Whether a case expects nothing that could fail.
fn is_silent(case: &Case, options: &Options) -> bool {
    options.sign.is_none() && case.exchanges.iter().all(|exchange| exchange.expect.is_empty())
}
