//! The report that programs read: everything that is known of a run.
//!
//! Deliberately not here: what people read (`replay::story`).

use serde_json::{Value, json};

use super::options::{CaseResult, FileResult, Outcome, Summary};

/// The report, as one JSON document.
pub fn report(summary: &Summary) -> String {
    let mut counts = serde_json::Map::new();
    for word in ["passed", "failed", "pending", "unreadable", "broken", "skipped"] {
        counts.insert(word.to_owned(), summary.count(word).into());
    }
    let refused = summary.refused.as_ref().map(|refused| match refused {
        super::options::Refused::Usage(why) | super::options::Refused::CouldNotRun(why) => why.clone(),
    });
    let report = json!({
        "exit_code": summary.exit_code(),
        "seconds": summary.seconds,
        "counts": counts,
        "refused": refused,
        "troubles": summary.troubles,
        "written": summary.written.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
        "by_hand": summary.by_hand.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
        "files": summary.files.iter().map(file).collect::<Vec<_>>(),
    });
    let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
    text.push('\n');
    text
}

fn file(file: &FileResult) -> Value {
    let why = match &file.outcome {
        Outcome::Passed | Outcome::Failed => Value::Null,
        Outcome::Pending(why) | Outcome::Broken(why) | Outcome::Skipped(why) => why.clone().into(),
        Outcome::Unreadable(mistakes) => mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().into(),
    };
    json!({
        "file": file.path.display().to_string(),
        "title": file.title,
        "result": file.outcome.word(),
        "why": why,
        "review": file.review,
        "seconds": file.seconds,
        "cases": file.cases.iter().map(case).collect::<Vec<_>>(),
    })
}

fn case(case: &CaseResult) -> Value {
    let differences: Vec<Value> = case
        .differences
        .iter()
        .map(|it| {
            json!({"exchange": it.exchange, "line": it.line, "path": it.path, "expected": it.expected, "got": it.got})
        })
        .collect();
    json!({
        "row": (!case.row.is_empty()).then_some(&case.row),
        "pending": case.pending,
        "differences": differences,
        "reason": case.reason,
        "call": case.tale.as_ref().map(|tale| tale.json()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_in_it() {
        let report: Value = serde_json::from_str(&report(&super::super::story::samples::summary())).expect("JSON");
        assert_eq!(report["exit_code"], 2);
        assert_eq!(report["counts"]["failed"], 1);
        assert_eq!(report["files"][2]["cases"][1]["differences"][0]["path"], "/Response/Dial[1]/@timeout");
        assert_eq!(report["files"][3]["why"], "not built");
    }
}
