//! What came of a run, told to a person: each failure as a story with the commands that repeat and accept it, those
//! that are alike once, then the count.
//!
//! Deliberately not here: reports for programs (`replay::junit`, `replay::json`), and the page (`replay::html`).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::group::{Group, groups};
use super::options::{CaseResult, FileResult, Outcome, Refused, Summary, Told};
use super::paint;
pub use super::paint::Style;
use super::simulate;

/// The most failures that are told whole.
const STORIES: usize = 15;

/// The most mistakes of one file that are told, and the most exchanges that differ after the first.
const TOLD: usize = 8;
const LATER: usize = 3;

/// The most names of files or rows that are told where more are alike.
const NAMED: usize = 4;

/// The whole story.
pub fn told(summary: &Summary, style: Style) -> String {
    let mut out = String::new();
    if let Some(Refused::Usage(why) | Refused::CouldNotRun(why)) = &summary.refused {
        let _ = writeln!(out, "{}", style.bad(why));
        return out;
    }
    let groups = groups(&summary.files);
    for group in groups.iter().take(STORIES) {
        out.push_str(&of_group(group, summary, style));
    }
    if groups.len() > STORIES {
        let _ = writeln!(out, "More, in short (--html DIR tells them all, --failed plays them again):");
        for group in &groups[STORIES..] {
            let row = group.case.filter(|case| !case.row.is_empty()).map(|case| format!(" [{}]", case.row));
            let word = style.bad(group.file.outcome.word());
            let _ = writeln!(out, "  {word} {}{}", group.file.path.display(), row.unwrap_or_default());
        }
        out.push('\n');
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
    if !summary.by_hand.is_empty() {
        let _ = writeln!(out, "{}", style.bad("Not rewritten, for they have [[row]] tables:"));
        for path in &summary.by_hand {
            let _ = writeln!(out, "  {}", path.display());
        }
        out.push_str("  Change by hand what their rows or exchanges expect; what came stands above.\n\n");
    }
    for trouble in &summary.troubles {
        let _ = writeln!(out, "{}", style.bad(trouble));
    }
    if summary.count("failed") > 0 {
        let _ = writeln!(out, "{}", style.quiet("Lines with - were expected, lines with + came."));
    }
    let _ = writeln!(out, "{}", counts(summary, style));
    out
}

/// The last line.
fn counts(summary: &Summary, style: Style) -> String {
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
    format!("{} in {:.2} s", counts.join(", "), summary.seconds)
}

fn of_group(group: &Group<'_>, summary: &Summary, style: Style) -> String {
    let mut out = String::new();
    let file = group.file;
    let path = file.path.display().to_string();
    let word = style.bad(file.outcome.word());
    match &file.outcome {
        Outcome::Passed | Outcome::Pending(_) | Outcome::Skipped(_) => return out,
        Outcome::Unreadable(mistakes) => {
            let _ = writeln!(out, "{word} {}", style.strong(&path));
            for mistake in mistakes.iter().take(TOLD) {
                let _ = writeln!(out, "  {mistake}");
            }
            if mistakes.len() > TOLD {
                let _ = writeln!(out, "  and {} more mistakes", mistakes.len() - TOLD);
            }
        }
        Outcome::Broken(why) => {
            let _ = writeln!(out, "{word} {}\n  {path}\n  {why}", style.strong(&file.title));
        }
        Outcome::Failed => {
            let row = group.case.map_or("", |case| case.row.as_str());
            let row = if row.is_empty() { String::new() } else { format!(" [{row}]") };
            let _ = writeln!(out, "{word} {}{row}", style.strong(&file.title));
            out.push_str(&group.case.map_or_else(String::new, |case| of_case(case, &path, style)));
        }
    }
    if !group.rows.is_empty() {
        let _ = writeln!(out, "  The same in {}: {}", more(group.rows.len(), "row"), named(&group.rows));
    }
    if !group.files.is_empty() {
        let names: Vec<&str> = group.files.iter().filter_map(|file| file.file_name()?.to_str()).collect();
        let _ = writeln!(out, "  The same difference in {}: {}", more(names.len(), "file"), named(&names));
    }
    for (what, command) in commands(file, summary) {
        let _ = writeln!(out, "  {}", style.quiet(&format!("{what:8}{command}")));
    }
    out.push('\n');
    out
}

/// What can be typed next: the file alone, and taking what came for what is expected.
pub fn commands(file: &FileResult, summary: &Summary) -> Vec<(&'static str, String)> {
    let path = quoted(&file.path);
    let Summary { command, rerun, .. } = summary;
    let mut commands = vec![("again:", format!("hookswitch {command} {path}{rerun}"))];
    let came = file.cases.iter().flat_map(|case| &case.told).any(|told| told.exchange > 0);
    // What was put into the command line is not rewritten.
    if matches!(file.outcome, Outcome::Failed) && came && *command == "replay" && rerun.is_empty() {
        let how = match file.has_rows() {
            false => "the same with --update, then: hookswitch review",
            true => "change its rows by hand",
        };
        commands.push(("accept:", how.to_owned()));
    }
    commands
}

fn of_case(case: &CaseResult, path: &str, style: Style) -> String {
    let mut out = String::new();
    let stories = case.stories();
    let mut told = stories.iter();
    let Some(first) = told.next() else { return out };
    out.push_str(&headline(first, path));
    for part in &first.parts {
        out.push_str(&paint::part(part, style));
    }
    for later in told.clone().take(LATER) {
        let titles: Vec<&str> = later.parts.iter().map(|part| part.title.as_ref()).collect();
        let exchange = if later.exchange > 0 { format!("exchange {}, ", later.exchange) } else { String::new() };
        let words = if later.words.is_empty() { String::new() } else { format!(": {}", later.words) };
        let _ =
            writeln!(out, "  After that {exchange}line {} differs too, in {}{words}", later.line, titles.join(", "));
    }
    let left = told.skip(LATER).count();
    if left > 0 {
        let _ = writeln!(out, "  and {} after that", more(left, "exchange"));
    }
    if let Some(tale) = &case.tale
        && let Some(at) = tale.at
    {
        out.push_str(&simulate::told::around(&tale.lines, at, style));
    }
    out
}

/// Where it is, and what was asked there.
fn headline(told: &Told, path: &str) -> String {
    let line = if told.line > 0 { format!(":{}", told.line) } else { String::new() };
    if told.exchange == 0 || told.words.is_empty() {
        let words = if told.words.is_empty() { String::new() } else { format!("  {}\n", told.words) };
        return format!("  {path}{line}\n{words}");
    }
    let which = if told.of > 1 { format!("exchange {} of {}: ", told.exchange, told.of) } else { String::new() };
    format!("  {path}{line}\n  {which}{} ({})\n", told.words, told.request)
}

fn more(count: usize, what: &str) -> String {
    format!("{count} more {what}{}", if count == 1 { "" } else { "s" })
}

fn named(names: &[&str]) -> String {
    let mut text = names.iter().take(NAMED).copied().collect::<Vec<_>>().join("; ");
    if names.len() > NAMED {
        let _ = write!(text, " and {} others", names.len() - NAMED);
    }
    text
}

/// A path as a shell takes it.
pub fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-+:@".contains(&b);
    if path.bytes().all(plain) { path } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

#[cfg(test)]
pub(super) mod samples {
    use std::path::PathBuf;

    use super::*;
    use crate::replay::diff::Difference;
    use crate::replay::line::{Line, Mark};
    use crate::replay::parts::Part;
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
        let line = |mark, depth, text: &str| Line { mark, depth, text: text.to_owned() };
        let document = vec![
            line(Mark::Same, 0, "<Response>"),
            line(Mark::Expected, 1, "<Dial timeout=\"20\" …>"),
            line(Mark::Got, 1, "<Dial timeout=\"<25>\" …>"),
        ];
        let told = Told {
            exchange: 2,
            of: 3,
            line: 14,
            words: "line desk-1 presses 1, 4s later".to_owned(),
            request: "POST ${url accept}".to_owned(),
            parts: vec![Part { title: "document".into(), lines: document }],
        };
        let after = Told { exchange: 3, line: 20, words: "the attempt ends: busy".to_owned(), ..told.clone() };
        let failed = CaseResult {
            row: "at noon".to_owned(),
            differences: vec![difference],
            reason: Some("reason 1 is hours_closed, not hours_open: The location is closed.".to_owned()),
            told: vec![told, after],
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
            by_hand: vec![PathBuf::from("v/c d.toml")],
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
            "failed Rings \"the\" desk [at noon]\n  v/c d.toml:14\n  exchange 2 of 3: line desk-1 presses 1, 4s later (POST ${url accept})\n",
            "    document\n      <Response>\n    -   <Dial timeout=\"20\" …>\n    +   <Dial timeout=\"<25>\" …>\n",
            "  After that exchange 3, line 20 differs too, in document: the attempt ends: busy\n",
            "  again:  hookswitch replay 'v/c d.toml' --sign bad\n",
            "Lines with - were expected, lines with + came.\n",
            "unreadable v/b.toml\n  v/b.toml:3: titel: is unknown\n",
            "Skipped (doors are closed):\n  v/f.toml\n",
            "Not rewritten, for they have [[row]] tables:\n  v/c d.toml\n  Change by hand",
            "1 passed, 1 failed, 1 unreadable, 1 broken, 1 pending, 1 skipped in 1.50 s\n",
        ] {
            assert!(told.contains(part), "{part}\nis not in\n{told}");
        }
        assert!(!told.contains('\x1b'), "no colour where none is wanted");
        assert!(super::told(&samples::summary(), Style { colour: true }).contains("\x1b[31m"));
    }
}
