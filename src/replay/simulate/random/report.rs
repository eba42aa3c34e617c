//! What random calls found, told to people and to programs: each violation with its story and the command that plays it
//! again, then what was reached.
//!
//! Deliberately not here: finding it (`run`).

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::run::{Found, Options, Summary};
use super::save::Saved;

/// The command that plays a case again, alone.
pub fn again(seed: u64, calm: bool) -> String {
    let weather = if calm { " --weather none" } else { "" };
    format!("hookswitch simulate --random 1 --seed {seed}{weather}")
}

/// Everything, for people. `saved` says what was kept of the first of them.
pub fn told(options: Options, summary: &Summary, saved: &[Saved]) -> String {
    let mut out = String::new();
    for found in &summary.found {
        out.push_str(&of_case(options, found, saved.iter().find(|saved| saved.seed == found.seed)));
    }
    if summary.failed > summary.found.len() {
        let _ = writeln!(out, "… and {} cases more\n", summary.failed - summary.found.len());
    }
    let tally = &summary.tally;
    out.push_str(&tally.told());
    let verdict = match summary.failed {
        0 => "every invariant held".to_owned(),
        1 => "an invariant did not hold in 1 of them".to_owned(),
        many => format!("an invariant did not hold in {many} of them"),
    };
    let begun = tally.calls + tally.texts;
    let over = begun.saturating_sub(u64::try_from(options.begun).unwrap_or(u64::MAX));
    let over = match over {
        0 => String::new(),
        _ => format!(" ({over} more than {}: a case is played whole)", options.begun),
    };
    let _ = writeln!(
        out,
        "{} calls and {} texts in {} case{}{over}, {} requests; {verdict}",
        tally.calls,
        tally.texts,
        tally.cases,
        if tally.cases == 1 { "" } else { "s" },
        tally.requests
    );
    out
}

fn of_case(options: Options, found: &Found, saved: Option<&Saved>) -> String {
    let mut out = String::new();
    if found.wrong.is_empty() {
        let _ = writeln!(out, "broken\n  {}", found.told);
    }
    for wrong in &found.wrong {
        let _ = writeln!(out, "violated ({}) {}\n  {}", wrong.invariant.number(), wrong.invariant.words(), wrong.what);
    }
    if !found.wrong.is_empty() {
        let _ = writeln!(out, "\n{}", found.told.trim_end());
    }
    let _ = writeln!(out, "\n  again: {}", again(found.seed, options.calm));
    if let Some(saved) = saved {
        let _ = writeln!(out, "  saved: {}{}", saved.file.display(), if saved.shows { "" } else { NOT_SHOWN });
    }
    out.push('\n');
    out
}

/// Of a file in which the violation does not come up.
const NOT_SHOWN: &str = " (one tenant alone does not show it: play it by its seed)";

/// Everything, for programs.
pub fn json(options: Options, summary: &Summary, saved: &[Saved]) -> Value {
    let violations: Vec<Value> = summary
        .found
        .iter()
        .map(|found| {
            let of_wrong = |wrong: &super::Wrong| {
                json!({
                    "invariant": wrong.invariant.number(),
                    "words": wrong.invariant.words(),
                    "thread": wrong.thread,
                    "what": wrong.what,
                })
            };
            let file =
                saved.iter().find(|saved| saved.seed == found.seed).map(|saved| saved.file.display().to_string());
            json!({
                "seed": found.seed,
                "again": again(found.seed, options.calm),
                "violated": found.wrong.iter().map(of_wrong).collect::<Vec<_>>(),
                "story": found.told,
                "saved": file,
            })
        })
        .collect();
    json!({
        "seed": options.seed,
        "cases": summary.tally.cases,
        "calls": summary.tally.calls,
        "texts": summary.tally.texts,
        "requests": summary.tally.requests,
        "failed": summary.failed,
        "violations": violations,
        "counts": summary.tally.json(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::invariants::{Invariant, Wrong};
    use super::super::tally::Tally;
    use super::*;

    #[test]
    fn a_violation_is_told_with_the_command_that_repeats_it() {
        let options = Options { begun: 10, seed: 7, calm: true };
        let wrong = Wrong { invariant: Invariant::Todos, thread: 2, what: "nothing is left to do".to_owned() };
        let found = Found { seed: 99, wrong: vec![wrong], told: "0.0s  ana  calls".to_owned() };
        let summary = Summary { failed: 3, found: vec![found], ..Summary::default() };
        let told = told(options, &summary, &[]);
        for part in [
            "violated (12) every customer's call that nobody took leaves a to-do",
            "nothing is left to do",
            "0.0s  ana  calls",
            "again: hookswitch simulate --random 1 --seed 99 --weather none",
            "… and 2 cases more",
            "did not hold in 3 of them",
        ] {
            assert!(told.contains(part), "{part} in {told}");
        }
        assert!(!told.contains("played whole"), "not more than was asked for: {told}");
        let mut tally = Tally::default();
        (tally.cases, tally.calls, tally.texts, tally.requests) = (3, 8, 4, 50);
        let more = super::told(options, &Summary { tally, ..Summary::default() }, &[]);
        let line = "8 calls and 4 texts in 3 cases (2 more than 10: a case is played whole), 50 requests;";
        assert!(more.contains(line), "{more}");
        let json = json(options, &summary, &[]);
        assert_eq!(json.pointer("/violations/0/violated/0/invariant"), Some(&12.into()));
        assert_eq!(json["failed"], 3);
    }
}
