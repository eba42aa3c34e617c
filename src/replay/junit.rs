//! The report that build servers read: one test case a file, named by its path.
//!
//! Deliberately not here: anything else about a run (`replay::json` has it all).

use std::fmt::Write as _;

use super::options::{FileResult, Outcome, Summary};
use super::story::{self, Style};

/// The report.
pub fn report(summary: &Summary) -> String {
    let errors = summary.count("unreadable") + summary.count("broken");
    let skipped = summary.count("pending") + summary.count("skipped");
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        out,
        "<testsuites>\n  <testsuite name=\"hookswitch {}\" tests=\"{}\" failures=\"{}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"{:.3}\">",
        summary.command,
        summary.files.len(),
        summary.count("failed"),
        summary.seconds
    );
    for file in &summary.files {
        case(&mut out, summary, file);
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

fn case(out: &mut String, summary: &Summary, file: &FileResult) {
    let path = escaped(&file.path.display().to_string());
    let folder = file.path.parent().map(|folder| folder.display().to_string()).unwrap_or_default();
    let _ = write!(
        out,
        "    <testcase id=\"{path}\" name=\"{path}\" classname=\"{}\" file=\"{path}\" time=\"{:.3}\"",
        escaped(&folder),
        file.seconds
    );
    let inner = |tag: &str, message: &str| {
        let alone = Summary {
            files: vec![file.clone()],
            command: summary.command,
            rerun: summary.rerun.clone(),
            ..Summary::default()
        };
        let text = escaped(&story::told(&alone, Style::default()));
        format!("      <{tag} message=\"{}\">{text}</{tag}>\n", escaped(message))
    };
    let body = match &file.outcome {
        Outcome::Passed => String::new(),
        Outcome::Failed => inner("failure", &first(file)),
        Outcome::Unreadable(mistakes) => {
            inner("error", &mistakes.first().map(ToString::to_string).unwrap_or_else(|| "unreadable".to_owned()))
        }
        Outcome::Broken(why) => inner("error", why),
        Outcome::Pending(why) | Outcome::Skipped(why) => format!("      <skipped message=\"{}\"/>\n", escaped(why)),
    };
    if body.is_empty() {
        out.push_str("/>\n");
    } else {
        let _ = write!(out, ">\n{body}    </testcase>\n");
    }
}

/// The first difference in a line.
fn first(file: &FileResult) -> String {
    let difference = file.cases.iter().flat_map(|case| &case.differences).next();
    difference.map_or_else(String::new, |difference| {
        format!("{}: expected {}, got {}", difference.path, difference.expected, difference.got)
    })
}

/// Text as XML and HTML hold it; characters that XML cannot hold are left out.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'.. => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_one_test_case() {
        let report = report(&story::samples::summary());
        let document = roxmltree::Document::parse(&report).expect("it is XML");
        let suite = document.descendants().find(|node| node.has_tag_name("testsuite")).expect("a suite");
        for (name, value) in [("tests", "6"), ("failures", "1"), ("errors", "2"), ("skipped", "2")] {
            assert_eq!(suite.attribute(name), Some(value), "{name}");
        }
        let cases: Vec<_> = document.descendants().filter(|node| node.has_tag_name("testcase")).collect();
        assert_eq!(cases.len(), 6);
        assert_eq!(cases[2].attribute("id"), Some("v/c d.toml"));
        let failure = cases[2].first_element_child().expect("a failure");
        assert_eq!(failure.attribute("message"), Some("/Response/Dial[1]/@timeout: expected 20, got <25>"));
    }
}
