//! The report as one page that needs nothing else: no script, no font, no network.
//!
//! Deliberately not here: the console.

use std::fmt::Write as _;

use super::junit::escaped;
use super::options::{FileResult, Outcome, Summary};
use super::simulate::told::told;
use super::story::Style;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}\
 h1{font-size:1.3rem}h2{font-size:1rem;margin:1.5rem 0 .3rem}code,pre{font:13px/1.4 ui-monospace,monospace}\
 table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0;border-bottom:1px solid #ddd}\
 pre{margin:0;white-space:pre-wrap}.failed,.unreadable,.broken{color:#a11}.passed{color:#161}.pending,.skipped{color:#666}\
 @media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}td,th{border-color:#444}.failed,.unreadable,.broken{color:#f88}.passed{color:#8d8}.pending,.skipped{color:#aaa}}";

/// The page.
pub fn report(summary: &Summary) -> String {
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>hookswitch {}</title><style>{STYLE}</style></head><body>\n<h1>hookswitch {}: {} of {} files passed in {:.2} s</h1>\n",
        summary.command,
        summary.command,
        summary.count("passed"),
        summary.files.len(),
        summary.seconds
    );
    for file in summary.files.iter().filter(|file| file.outcome.is_bad()) {
        failure(&mut out, file);
    }
    out.push_str("<h2>All files</h2>\n<table><tr><th>Result</th><th>File</th><th>Title</th><th>Seconds</th></tr>\n");
    for file in &summary.files {
        let word = file.outcome.word();
        let _ = writeln!(
            out,
            "<tr><td class=\"{word}\">{word}</td><td><code>{}</code></td><td>{}</td><td>{:.3}</td></tr>",
            escaped(&file.path.display().to_string()),
            escaped(&file.title),
            file.seconds
        );
    }
    out.push_str("</table>\n</body></html>\n");
    out
}

fn failure(out: &mut String, file: &FileResult) {
    let word = file.outcome.word();
    let path = escaped(&file.path.display().to_string());
    let _ = writeln!(
        out,
        "<h2><span class=\"{word}\">{word}</span> {}</h2>\n<p><code>{path}</code></p>",
        escaped(&file.title)
    );
    match &file.outcome {
        Outcome::Unreadable(mistakes) => {
            for mistake in mistakes {
                let _ = writeln!(out, "<pre>{}</pre>", escaped(&mistake.to_string()));
            }
        }
        Outcome::Broken(why) | Outcome::Pending(why) | Outcome::Skipped(why) => {
            let _ = writeln!(out, "<pre>{}</pre>", escaped(why));
        }
        Outcome::Passed | Outcome::Failed => {}
    }
    for case in file.cases.iter().filter(|case| !case.differences.is_empty()) {
        if !case.row.is_empty() {
            let _ = writeln!(out, "<p>Row: {}</p>", escaped(&case.row));
        }
        out.push_str("<table><tr><th>Exchange</th><th>Where</th><th>Expected</th><th>Got</th></tr>\n");
        for difference in &case.differences {
            let _ = writeln!(
                out,
                "<tr><td>{}</td><td><code>{}</code></td><td><pre>{}</pre></td><td><pre>{}</pre></td></tr>",
                difference.exchange,
                escaped(&difference.path),
                escaped(&difference.expected),
                escaped(&difference.got)
            );
        }
        out.push_str("</table>\n");
        if let Some(reason) = &case.reason {
            let _ = writeln!(out, "<p>Why: {}</p>", escaped(reason));
        }
        if let Some(tale) = &case.tale {
            let _ = writeln!(out, "<pre>{}</pre>", escaped(&told(&tale.lines, Style::default())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shows_what_failed_and_lists_everything() {
        let page = report(&super::super::story::samples::summary());
        for part in [
            "1 of 6 files passed",
            "/Response/Dial[1]/@timeout",
            "&lt;25&gt;",
            "Rings &quot;the&quot; desk",
            "v/f.toml",
        ] {
            assert!(page.contains(part), "{part}");
        }
        assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"));
    }
}
