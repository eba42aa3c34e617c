//! Failures that are alike, told once: the same lines differ in them.
//!
//! Deliberately not here: telling them (`replay::story`, `replay::html`).

use std::collections::HashMap;
use std::path::Path;

use super::options::{CaseResult, FileResult, Outcome};

/// A failure, and those like it.
#[derive(Debug)]
pub struct Group<'a> {
    /// The first file that has it.
    pub file: &'a FileResult,
    /// Its case; `None` where the file was not played to its end.
    pub case: Option<&'a CaseResult>,
    /// The file's other rows that have it.
    pub rows: Vec<&'a str>,
    /// The other files that have it.
    pub files: Vec<&'a Path>,
}

/// What is wrong in these files, each once, in order.
pub fn groups(files: &[FileResult]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for file in files.iter().filter(|file| file.outcome.is_bad()) {
        let told = file.cases.iter().filter(|case| is_told(case)).map(Some);
        let played = matches!(file.outcome, Outcome::Failed);
        let wrong: Vec<Option<&CaseResult>> = if played { told.collect() } else { vec![None] };
        for case in wrong {
            let mut new = false;
            let at = *known.entry(likeness(file, case)).or_insert_with(|| {
                new = true;
                groups.len()
            });
            if new {
                groups.push(Group { file, case, rows: Vec::new(), files: Vec::new() });
            } else if std::ptr::eq(groups[at].file, file) {
                groups[at].rows.extend(case.map(|case| case.row.as_str()));
            } else if groups[at].files.last() != Some(&file.path.as_path()) {
                groups[at].files.push(&file.path);
            }
        }
    }
    groups
}

/// Whether a case makes its file fail: it differs and was not expected to, or does not and was.
fn is_told(case: &CaseResult) -> bool {
    !case.differences.is_empty()
        && (case.pending.is_none() || case.differences.iter().any(|difference| difference.path == "pending"))
}

/// What two failures that are alike have in common.
fn likeness(file: &FileResult, case: Option<&CaseResult>) -> String {
    match (&file.outcome, case) {
        (_, Some(case)) => {
            let parts = case.stories().first().map(|told| {
                let lines = told.parts.iter().flat_map(|part| &part.lines).filter(|line| line.differs());
                let lines: Vec<_> = lines.map(|line| (line.mark, line.text.as_str())).collect();
                let words = if lines.is_empty() { told.words.as_str() } else { "" };
                format!("{words}{lines:?}")
            });
            parts.unwrap_or_else(|| format!("{:?}", case.differences))
        }
        (Outcome::Unreadable(mistakes), None) => format!("{mistakes:?}"),
        (Outcome::Broken(why), None) => why.clone(),
        (Outcome::Passed | Outcome::Failed | Outcome::Pending(_) | Outcome::Skipped(_), None) => {
            file.path.display().to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::replay::diff::Difference;
    use crate::replay::options::Told;
    use crate::replay::parts::Part;

    fn case(row: &str, got: &str) -> CaseResult {
        let difference =
            Difference { exchange: 1, line: 3, path: "status".into(), expected: "200".into(), got: got.into() };
        let parts = vec![Part::of_line("status", "200", got)];
        let told = Told { exchange: 1, of: 1, line: 3, words: format!("row {row}"), parts, ..Told::default() };
        CaseResult { row: row.into(), differences: vec![difference], told: vec![told], ..CaseResult::default() }
    }

    fn file(path: &str, outcome: Outcome, cases: Vec<CaseResult>) -> FileResult {
        let path = PathBuf::from(path);
        FileResult { path, title: String::new(), outcome, cases, review: false, seconds: 0.0 }
    }

    #[test]
    fn what_is_alike_is_told_once() {
        let files = [
            file("a", Outcome::Failed, vec![case("1", "500"), case("2", "500"), case("3", "404")]),
            file("b", Outcome::Passed, Vec::new()),
            file("c", Outcome::Failed, vec![case("", "500")]),
            file("d", Outcome::Broken("no world".into()), Vec::new()),
            file("e", Outcome::Broken("no world".into()), Vec::new()),
            file("f", Outcome::Failed, vec![case("1", "404"), case("2", "404"), case("3", "302")]),
        ];
        let found: Vec<String> = groups(&files)
            .iter()
            .map(|group| {
                let row = group.case.map_or("", |case| case.row.as_str());
                let files: Vec<_> = group.files.iter().map(|file| file.display().to_string()).collect();
                format!("{}{row} {} {}", group.file.path.display(), group.rows.join(","), files.join(","))
            })
            .collect();
        assert_eq!(found, ["a1 2 c", "a3  f", "d  e", "f3  "]);
    }
}
