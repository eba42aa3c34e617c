//! Counts what random calls reached, so that one sees that every branch is taken.
//!
//! Deliberately not here: judging. What is counted is what was decided, in the engine's own words, and what the network
//! saw.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::happened::{Happened, Thread, codes};
use crate::domain::LegOutcome;
use crate::replay::simulate::{Exchanged, ends};

/// How a decision's sentence tells the outcome of a failed attempt.
const FAILED: [(&str, LegOutcome); 7] = [
    ("wrong key", LegOutcome::Rejected),
    ("no key was pressed in time", LegOutcome::ScreenTimeout),
    ("hung up before being connected", LegOutcome::CalleeGone),
    ("nobody answered", LegOutcome::NoAnswer),
    ("was busy", LegOutcome::Busy),
    ("could not reach", LegOutcome::Failed),
    ("taken back", LegOutcome::Canceled),
];

/// Counts by what is counted and its word.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Cases played.
    pub cases: u64,
    /// Calls begun.
    pub calls: u64,
    /// Texts begun.
    pub texts: u64,
    /// Requests answered.
    pub requests: u64,
    counts: BTreeMap<(&'static str, String), u64>,
}

impl Tally {
    /// Counts a case.
    pub fn add(&mut self, happened: &Happened<'_>) {
        self.cases += 1;
        self.requests += u64::try_from(happened.played.exchanges.len()).unwrap_or(0);
        for end in ends::ends(happened.played) {
            self.one("end", end.outcome.word());
        }
        for thread in &happened.threads {
            let call = thread.is_call();
            self.calls += u64::from(call);
            self.texts += u64::from(!call);
            let (matched, destination) = (thread.told("match"), thread.destination());
            self.one("match", matched.unwrap_or("none"));
            self.one(if call { "call led to" } else { "text led to" }, destination);
            for exchange in &thread.exchanges {
                self.exchange(exchange, thread);
            }
            let bad = ["voice/fallback", "sms/fallback"];
            let fell = |exchange: &&Exchanged| bad.iter().any(|path| exchange.ask.url.contains(path));
            self.count("network", "fallback address asked", thread.exchanges.iter().copied().filter(fell).count());
            let repeated = thread.exchanges.iter().filter(|exchange| exchange.ask.repeats.is_some()).count();
            self.count("network", "request repeated", repeated);
        }
    }

    /// Takes in what another counted.
    pub fn merge(&mut self, other: Self) {
        self.cases += other.cases;
        self.calls += other.calls;
        self.texts += other.texts;
        self.requests += other.requests;
        for (key, count) in other.counts {
            *self.counts.entry(key).or_default() += count;
        }
    }

    /// How often this was counted.
    pub fn of(&self, what: &'static str, word: &str) -> u64 {
        self.counts.get(&(what, word.to_owned())).copied().unwrap_or(0)
    }

    fn count(&mut self, what: &'static str, word: &str, count: usize) {
        if count > 0 && !word.is_empty() {
            *self.counts.entry((what, word.to_owned())).or_default() += u64::try_from(count).unwrap_or(0);
        }
    }

    fn one(&mut self, what: &'static str, word: &str) {
        self.count(what, word, 1);
    }

    fn exchange(&mut self, exchange: &Exchanged, thread: &Thread<'_>) {
        let Some(seen) = &exchange.seen else { return };
        codes(&seen.decision).for_each(|code| self.one("because", code));
        seen.effects.iter().for_each(|effect| self.one("effect", effect));
        if let Some(outcome) = attempt(exchange, thread) {
            self.one("attempt", outcome.word());
        }
    }

    /// The counts, a line for each thing that is counted.
    pub fn told(&self) -> String {
        let mut out = String::new();
        let mut last = "";
        for ((what, word), count) in &self.counts {
            if *what != last {
                let _ = write!(out, "{}{what:<14}", if last.is_empty() { "" } else { "\n" });
                last = what;
            }
            let _ = write!(out, " {word} {count}");
        }
        out.push('\n');
        out
    }

    /// The counts for programs.
    pub fn json(&self) -> Value {
        let mut groups = serde_json::Map::new();
        for ((what, word), count) in &self.counts {
            let group = groups.entry(what.replace(' ', "_")).or_insert_with(|| Value::Object(serde_json::Map::new()));
            if let Some(group) = group.as_object_mut() {
                group.insert(word.clone(), (*count).into());
            }
        }
        Value::Object(groups)
    }
}

/// How an attempt ended, where this request told it.
fn attempt(exchange: &Exchanged, thread: &Thread<'_>) -> Option<LegOutcome> {
    let seen = exchange.seen.as_ref()?;
    let has = |kind: &str| seen.effects.iter().any(|effect| effect == kind);
    if !has("attempt.ended") {
        return None;
    }
    let why = seen.decision.get("why").and_then(Value::as_array);
    let failed = why.into_iter().flatten().find(|reason| reason.get("code") == Some(&"attempt_failed".into()));
    if let Some(text) = failed.and_then(|reason| reason.get("text")?.as_str()) {
        return FAILED.iter().find(|(words, _)| text.contains(words)).map(|(_, outcome)| *outcome);
    }
    let talked = thread.bridged().next().is_some() && !has("todo.opened");
    Some(if talked { LegOutcome::Connected } else { LegOutcome::CallerGone })
}
