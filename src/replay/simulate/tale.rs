//! Whole calls as a kind of file: how one is played and judged in a run, and what is kept of it for the reports.
//!
//! Deliberately not here: finding and narrowing files, and the reports themselves (`replay::run`).

use std::path::Path;

use serde_json::{Value, json};

use crate::replay::fixture::File;
use crate::replay::kind::{Kind, Place, Stage};
use crate::replay::options::{CaseResult, Options};
use crate::replay::phones::Network;
use crate::replay::target::{HERE_ONLY, Target};

use super::call::Call;
use super::ends::{Ended, ends};
use super::judge::{Verdict, judge};
use super::play::{Exchanged, play};
use super::story::{Line, tell};
use super::{file, numbers};

/// A call as it went.
#[derive(Clone, Debug, Default)]
pub struct Tale {
    /// Its story.
    pub lines: Vec<Line>,
    /// The line at which the first difference is to be seen; beyond the last where something is missing there.
    pub at: Option<usize>,
    /// How each call and text ended.
    pub ends: Vec<Ended>,
    /// Every request with its answer.
    pub exchanges: Vec<Exchanged>,
    /// What chance was drawn from.
    pub seed: u64,
}

impl Tale {
    /// Everything that is known of it.
    pub fn json(&self) -> Value {
        let line = |line: &Line| json!({"seconds": line.at.as_secs_f64(), "thread": line.thread, "who": line.who, "what": line.what});
        let end = |end: &Ended| {
            json!({"who": end.who, "outcome": end.outcome.word(), "status": end.status, "with": end.with,
                "effects": end.effects})
        };
        let exchange = |exchange: &Exchanged| {
            let Exchanged { ask, answer, seen } = exchange;
            json!({
                "no": ask.no,
                "thread": ask.thread,
                "at": ask.at.to_string(),
                "account": ask.account,
                "method": ask.method,
                "url": ask.url,
                "params": ask.params,
                "repeats": ask.repeats,
                "status": answer.status,
                "content_type": answer.content_type,
                "body": String::from_utf8_lossy(&answer.body),
                "decision": seen.as_ref().map(|seen| &seen.decision),
                "effects": seen.as_ref().map(|seen| &seen.effects),
            })
        };
        json!({
            "seed": self.seed,
            "story": self.lines.iter().map(line).collect::<Vec<_>>(),
            "end": self.ends.iter().map(end).collect::<Vec<_>>(),
            "exchanges": self.exchanges.iter().map(exchange).collect::<Vec<_>>(),
        })
    }
}

/// Files of whole calls.
#[derive(Clone, Copy, Debug)]
pub struct Calls;

impl Kind for Calls {
    type Case = Call;
    type Played = (Tale, Verdict);
    const COMMAND: &'static str = "simulate";
    const FOLDERS: &'static [&'static str] = &["fixtures/calls"];

    fn read(path: &Path, text: &str) -> File<Call> {
        file::read(path, text)
    }

    fn place(case: &Call) -> Place<'_> {
        Place { world: &case.world, given: &case.given, now: case.now }
    }

    fn here_only(case: &Call) -> Option<&'static str> {
        (!case.ours.is_empty()).then_some(HERE_ONLY)
    }

    async fn play<T: Target>(
        file: &File<Call>,
        case: &Call,
        stage: &Stage<'_>,
        target: &T,
    ) -> Result<Self::Played, String> {
        let mut case = case.clone();
        case.now = stage.start(case.now);
        let name = file.path.file_name().unwrap_or_default().to_string_lossy();
        let mut seed = stage.options.seed.or(case.seed).unwrap_or_else(|| numbers::seed_of(&name));
        if !stage.nonce.is_empty() {
            seed ^= numbers::seed_of(stage.nonce);
        }
        let script = numbers::script(&case, stage.world, stage.base, seed)?;
        let mut ours: Vec<_> = case.ours.iter().map(|ours| (case.now.plus(ours.after), ours.whom.clone())).collect();
        ours.sort_by_key(|(at, _)| *at);
        let played = play(&mut Network::new(script), &ours, &stage.world.signers, stage.base, target).await?;
        let (lines, ends) = (tell(case.now, &played), ends(&played));
        let verdict = judge(&case, &played, &lines, &ends);
        Ok((Tale { lines, at: verdict.at, ends, exchanges: played.exchanges, seed }, verdict))
    }

    fn result(case: &Call, (tale, verdict): Self::Played, _: &Options) -> CaseResult {
        CaseResult {
            row: case.row.clone(),
            pending: case.pending.clone(),
            differences: verdict.differences,
            reason: None,
            told: Vec::new(),
            tale: Some(Box::new(tale)),
        }
    }

    fn rewrite(_: &File<Call>, _: &[Call], _: &[Self::Played], _: &Options) -> Result<(), String> {
        // A story is written by somebody who knows what should happen.
        Ok(())
    }
}
