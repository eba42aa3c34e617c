//! What a check-up found: each finding with its check's number, how grave it is, and what mends it.
//!
//! Deliberately not here: looking for anything.

use std::io::{self, IsTerminal};

use serde_json::{Value, json};

use crate::cli::output::{colours, print};

/// The checks, in their order; a check's number is its place here, from 1.
pub const CHECKS: [&str; 19] = [
    "configuration",
    "clock",
    "zone data",
    "database",
    "integrity",
    "writing",
    "spill",
    "server",
    "public URL",
    "signatures",
    "credentials",
    "webhook URLs",
    "fallback URLs",
    "rules files",
    "routing",
    "hours",
    "pool",
    "permissions",
    "recording",
];

/// How grave a finding is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// As it should be.
    Ok,
    /// Worth knowing; it may be what was meant.
    Warning,
    /// Something fails, or will.
    Failed,
    /// It could not be looked at, or there is nothing to look at.
    Skipped,
}

impl Outcome {
    /// The word that programs read.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    const fn colour(self) -> &'static str {
        match self {
            Self::Ok => "32",
            Self::Warning => "33",
            Self::Failed => "31",
            Self::Skipped => "2",
        }
    }
}

/// Something that was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Its check's number.
    pub number: usize,
    /// Its check's name.
    pub name: &'static str,
    /// How grave it is.
    pub outcome: Outcome,
    /// What it is.
    pub detail: String,
    /// The command or setting that mends it.
    pub mend: Option<String>,
}

/// Everything that was found so far.
#[derive(Debug)]
pub struct Chart {
    findings: Vec<Finding>,
    check: usize,
    live: bool,
    colour: bool,
}

impl Chart {
    /// An empty one; `live` prints each finding as it is made.
    pub fn new(live: bool) -> Self {
        Self { findings: Vec::new(), check: 0, live, colour: io::stdout().is_terminal() && colours() }
    }

    /// Begins a check.
    pub fn check(&mut self, name: &'static str) {
        let place = CHECKS.iter().position(|one| *one == name);
        self.check = place.expect("every check is in the list; a test runs them all");
    }

    /// As it should be; said only where nothing else was found in this check.
    pub fn ok(&mut self, detail: impl Into<String>) -> io::Result<()> {
        if self.found() { Ok(()) } else { self.put(Outcome::Ok, detail.into(), None) }
    }

    /// Not looked at; said only where nothing else was found in this check.
    pub fn skipped(&mut self, detail: impl Into<String>) -> io::Result<()> {
        if self.found() { Ok(()) } else { self.put(Outcome::Skipped, detail.into(), None) }
    }

    /// Worth knowing.
    pub fn warning(&mut self, detail: impl Into<String>, mend: impl Into<String>) -> io::Result<()> {
        self.put(Outcome::Warning, detail.into(), Some(mend.into()))
    }

    /// Wrong.
    pub fn failed(&mut self, detail: impl Into<String>, mend: impl Into<String>) -> io::Result<()> {
        self.put(Outcome::Failed, detail.into(), Some(mend.into()))
    }

    /// Takes over what was found aside, in its place.
    pub fn adopt(&mut self, aside: Self) -> io::Result<()> {
        for finding in aside.findings {
            self.check = finding.number - 1;
            self.put(finding.outcome, finding.detail, finding.mend)?;
        }
        Ok(())
    }

    /// Everything that was found.
    #[cfg(test)]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether something was found in this check already.
    pub fn found(&self) -> bool {
        self.findings.last().is_some_and(|last| last.number == self.check + 1)
    }

    /// Whether anything fails.
    pub fn fails(&self) -> bool {
        self.findings.iter().any(|finding| finding.outcome == Outcome::Failed)
    }

    fn put(&mut self, outcome: Outcome, detail: String, mend: Option<String>) -> io::Result<()> {
        let first = !self.found();
        let finding = Finding { number: self.check + 1, name: CHECKS[self.check], outcome, detail, mend };
        if self.live {
            print(&line(&finding, first, self.colour))?;
        }
        self.findings.push(finding);
        Ok(())
    }

    /// How many checks came out how.
    pub fn summary(&self) -> String {
        let count = |outcome| self.findings.iter().filter(|one| one.outcome == outcome).count();
        let (failed, warnings) = (count(Outcome::Failed), count(Outcome::Warning));
        match (failed, warnings) {
            (0, 0) => "Nothing to mend.".to_owned(),
            (0, _) => format!("Nothing fails; {}.", counted(warnings, "warning")),
            _ => format!("{} to mend; {}.", counted(failed, "failure"), counted(warnings, "warning")),
        }
    }

    /// All of it for programs.
    pub fn json(&self) -> Value {
        let told = |one: &Finding| {
            json!({
                "number": one.number,
                "name": one.name,
                "outcome": one.outcome.word(),
                "detail": one.detail,
                "mend": one.mend,
            })
        };
        self.findings.iter().map(told).collect()
    }
}

/// So many of something.
pub fn counted(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// A finding as a person reads it: number and name only with a check's first.
fn line(finding: &Finding, first: bool, colour: bool) -> String {
    let paint = |code: &str, text: &str| match colour {
        true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        false => text.to_owned(),
    };
    let number = if first { format!("{:>2}", finding.number) } else { "  ".to_owned() };
    let outcome = paint(finding.outcome.colour(), &format!("{:<7}", finding.outcome.word()));
    let name = if first { finding.name } else { "" };
    let mut text = format!("{number}  {outcome}  {name:<13}  {}", finding.detail.replace('\n', &hung("")));
    if let Some(mend) = &finding.mend {
        text.push_str(&hung(&format!("{} {}", paint("1", "mend:"), mend.replace('\n', &hung("      ")))));
    }
    text
}

/// A further line, under the detail.
fn hung(text: &str) -> String {
    format!("\n{}{text}", " ".repeat(28))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_numbered_and_counted() {
        let mut chart = Chart::new(false);
        chart.check("configuration");
        chart.ok("fine").expect("kept");
        chart.check("clock");
        chart.warning("slow", "wind it").expect("kept");
        chart.ok("not said").expect("left out");
        assert!(!chart.fails());
        assert_eq!(chart.summary(), "Nothing fails; 1 warning.");
        chart.failed("stopped", "wind it\nor buy one").expect("kept");
        assert!(chart.fails());
        assert_eq!(chart.summary(), "1 failure to mend; 1 warning.");
        let json = chart.json();
        assert_eq!(json.as_array().map(Vec::len), Some(3));
        assert_eq!(
            json[1],
            json!({"number": 2, "name": "clock", "outcome": "warning", "detail": "slow", "mend": "wind it"})
        );
        assert_eq!(json[0]["mend"], Value::Null);
        let lines: Vec<String> =
            chart.findings().iter().enumerate().map(|(at, one)| line(one, at < 2, false)).collect();
        assert_eq!(
            lines,
            [
                " 1  ok       configuration  fine",
                " 2  warning  clock          slow\n                            mend: wind it",
                "    failed                  stopped\n                            mend: wind it\n                                  or buy one",
            ]
        );
    }
}
