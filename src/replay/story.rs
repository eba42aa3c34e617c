//! What came of a run, told to a person: each failure as a story with the command that repeats it, then the count.
//!
//! Deliberately not here: reports for programs (`replay::junit`, `replay::json`), and the page (`replay::html`).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::IsTerminal;

use super::options::{CaseResult, FileResult, Outcome, Refused, Summary};
use super::simulate;

/// How the story looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Style {
    /// Whether it is coloured.
    pub colour: bool,
}

impl Style {
    /// Coloured on a terminal, unless `NO_COLOR` is set.
    pub fn of_stdout() -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { colour: std::io::stdout().is_terminal() && !unwanted }
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub(crate) fn bad(self, text: &str) -> String {
        self.paint("31", text)
    }

    pub(crate) fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    pub(crate) fn quiet(self, text: &str) -> String {
        self.paint("2", text)
    }

    pub(crate) fn strong(self, text: &str) -> String {
        self.paint("1", text)
    }
}

/// The most differences of one case that are told; more of them rarely say more.
const TOLD: usize = 8;

/// The whole story.
pub fn told(summary: &Summary, style: Style) -> String {
    let mut out = String::new();
    if let Some(Refused::Usage(why) | Refused::CouldNotRun(why)) = &summary.refused {
        let _ = writeln!(out, "{}", style.bad(why));
        return out;
    }
    for file in &summary.files {
        out.push_str(&of_file(file, summary, style));
    }
    let mut skipped: BTreeMap<&str, Vec<&FileResult>> = BTreeMap::new();
    for file in &summary.files {
        if let Outcome::Skipped(why) = &file.outcome {
            skipped.entry(why).or_default().push(file);
        }
    }
    for (why, files) in &skipped {
        let _ = writeln!(out, "Skipped ({why}):");
        for file in files {
            let _ = writeln!(out, "  {}", file.path.display());
        }
        out.push('\n');
    }
    for path in &summary.written {
        let _ = writeln!(out, "{} is written; look at it with: hookswitch review", path.display());
    }
    for trouble in &summary.troubles {
        let _ = writeln!(out, "{}", style.bad(trouble));
    }
    let waiting = summary.files.iter().filter(|file| file.review).count();
    let mut counts = vec![style.good(&format!("{} passed", summary.count("passed")))];
    for word in ["failed", "unreadable", "broken"] {
        match summary.count(word) {
            0 => {}
            count => counts.push(style.bad(&format!("{count} {word}"))),
        }
    }
    for word in ["pending", "skipped"] {
        match summary.count(word) {
            0 => {}
            count => counts.push(format!("{count} {word}")),
        }
    }
    if waiting > 0 {
        counts.push(format!("{waiting} to review"));
    }
    let _ = writeln!(out, "{} in {:.2} s", counts.join(", "), summary.seconds);
    out
}

fn of_file(file: &FileResult, summary: &Summary, style: Style) -> String {
    let mut out = String::new();
    let path = file.path.display().to_string();
    match &file.outcome {
        Outcome::Passed | Outcome::Pending(_) | Outcome::Skipped(_) => return out,
        Outcome::Unreadable(mistakes) => {
            let _ = writeln!(out, "{} {}", style.bad("unreadable"), style.strong(&path));
            for mistake in mistakes {
                let _ = writeln!(out, "  {mistake}");
            }
        }
        Outcome::Broken(why) => {
            let _ = writeln!(out, "{} {}\n  {}\n  {why}", style.bad("broken"), style.strong(&file.title), path);
        }
        Outcome::Failed => {
            for case in file.cases.iter().filter(|case| is_told(case)) {
                let row = if case.row.is_empty() { String::new() } else { format!(" [{}]", case.row) };
                let _ = writeln!(out, "{} {}{row}", style.bad("failed"), style.strong(&file.title));
                out.push_str(&of_case(case, &path, style));
            }
        }
    }
    let _ = writeln!(
        out,
        "  {}\n",
        style.quiet(&format!("again: hookswitch {} {}{}", summary.command, quoted(&path), summary.rerun))
    );
    out
}

/// Whether a case makes its file fail: it differs and was not expected to, or does not and was.
fn is_told(case: &CaseResult) -> bool {
    !case.differences.is_empty()
        && (case.pending.is_none() || case.differences.iter().any(|difference| difference.path == "pending"))
}

fn of_case(case: &CaseResult, path: &str, style: Style) -> String {
    let mut out = String::new();
    let mut told = None;
    for difference in case.differences.iter().take(TOLD) {
        let place = (difference.exchange, difference.line);
        // The lines within one exchange say nothing new; a whole call's expectations each have their own.
        if told.is_none_or(|told: (usize, usize)| if place.0 == 0 { told != place } else { told.0 != place.0 }) {
            told = Some(place);
            let line = if difference.line > 0 { format!(":{}", difference.line) } else { String::new() };
            let exchange = if place.0 > 0 { format!(", exchange {}", place.0) } else { String::new() };
            let _ = writeln!(out, "  {path}{line}{exchange}");
        }
        let _ = writeln!(out, "    at {}", difference.path);
        let _ = writeln!(out, "      expected  {}", style.good(&hung(&difference.expected)));
        let _ = writeln!(out, "      got       {}", style.bad(&hung(&difference.got)));
    }
    if case.differences.len() > TOLD {
        let _ = writeln!(out, "    and {} more differences", case.differences.len() - TOLD);
    }
    if let Some(reason) = &case.reason {
        let _ = writeln!(out, "  why: {reason}");
    }
    if let Some(tale) = &case.tale
        && let Some(at) = tale.at
    {
        out.push_str(&simulate::told::around(&tale.lines, at, style));
    }
    out
}

/// Further lines stand under the first.
fn hung(text: &str) -> String {
    text.replace('\n', "\n                ")
}

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-+:@".contains(&b);
    if path.bytes().all(plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

#[cfg(test)]
pub(super) mod samples {
    use std::path::PathBuf;

    use super::*;
    use crate::replay::diff::Difference;
    use crate::rules::ruleset::Mistake;

    /// A run with one file of every kind.
    pub(crate) fn summary() -> Summary {
        let file = |path: &str, title: &str, outcome, cases| FileResult {
            path: PathBuf::from(path),
            title: title.to_owned(),
            outcome,
            cases,
            review: false,
            seconds: 0.25,
        };
        let difference = Difference {
            exchange: 2,
            line: 14,
            path: "/Response/Dial[1]/@timeout".to_owned(),
            expected: "20".to_owned(),
            got: "<25>".to_owned(),
        };
        let failed = CaseResult {
            row: "at noon".to_owned(),
            differences: vec![difference],
            reason: Some("reason 1 is hours_closed, not hours_open: The location is closed.".to_owned()),
            ..CaseResult::default()
        };
        let mistake = Mistake {
            file: "v/b.toml".to_owned(),
            line: 3,
            field: "titel".to_owned(),
            message: "is unknown".to_owned(),
            warning: false,
        };
        Summary {
            files: vec![
                file("v/a.toml", "Fine", Outcome::Passed, vec![CaseResult::default()]),
                file("v/b.toml", "v/b.toml", Outcome::Unreadable(vec![mistake]), Vec::new()),
                file("v/c d.toml", "Rings \"the\" desk", Outcome::Failed, vec![CaseResult::default(), failed]),
                file("v/e.toml", "Later", Outcome::Pending("not built".to_owned()), Vec::new()),
                file("v/f.toml", "Elsewhere", Outcome::Skipped("doors are closed".to_owned()), Vec::new()),
                file("v/g.toml", "Down", Outcome::Broken("no answer".to_owned()), Vec::new()),
            ],
            command: "replay",
            rerun: " --sign bad".to_owned(),
            seconds: 1.5,
            ..Summary::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_reads_like_a_story() {
        let told = told(&samples::summary(), Style::default());
        for part in [
            "failed Rings \"the\" desk [at noon]\n  v/c d.toml:14, exchange 2\n    at /Response/Dial[1]/@timeout\n      expected  20\n      got       <25>\n",
            "  why: reason 1 is hours_closed, not hours_open: The location is closed.\n",
            "  again: hookswitch replay 'v/c d.toml' --sign bad\n",
            "unreadable v/b.toml\n  v/b.toml:3: titel: is unknown\n",
            "Skipped (doors are closed):\n  v/f.toml\n",
            "1 passed, 1 failed, 1 unreadable, 1 broken, 1 pending, 1 skipped in 1.50 s\n",
        ] {
            assert!(told.contains(part), "{part}\nis not in\n{told}");
        }
        assert!(!told.contains('\x1b'), "no colour where none is wanted");
        assert!(super::told(&samples::summary(), Style { colour: true }).contains("\x1b[31m"));
    }
}
