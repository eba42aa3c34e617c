//! The report as one page that needs nothing else: no script, no font, no network.
//!
//! Deliberately not here: the console. A status is filtered by its anchor: `#failed` shows what failed, no anchor all.

use std::fmt::Write as _;

use super::group::{Group, groups};
use super::junit::escaped;
use super::line::{self, Mark};
use super::options::{Outcome, Summary, Told};
use super::parts::Part;
use super::simulate;
use super::story::{self, Style};

const STYLE: &str = include_str!("html.css");

/// What came of a file, in the order in which it needs somebody.
const WORDS: [&str; 6] = ["failed", "unreadable", "broken", "pending", "skipped", "passed"];

/// The most stories that lie open when the page is.
const OPEN: usize = 5;

/// The most lines of a part that are shown.
const MOST: usize = 40;

/// The page.
pub fn report(summary: &Summary) -> String {
    let count = |word: &str| format!("{} {word}", summary.count(word));
    let what = if summary.command == "simulate" { "Simulated calls" } else { "Replay" };
    let title = format!("{what}: {}", if summary.exit_code() == 0 { count("passed") } else { verdict(summary) });
    let mut body = String::new();
    for word in WORDS {
        let _ = writeln!(body, "<span id=\"{word}\"></span>");
    }
    let files = if summary.files.len() == 1 { "1 file".to_owned() } else { format!("{} files", summary.files.len()) };
    let _ = write!(
        body,
        "<header>\n<h1>{}</h1>\n<p class=\"quiet\">{files} in {:.2} s</p>\n<nav aria-label=\"Show only\"><ul>\n\
         <li><a href=\"#all\">all</a></li>\n",
        escaped(&title),
        summary.seconds
    );
    for word in WORDS.into_iter().filter(|word| summary.count(word) > 0) {
        let _ = writeln!(body, "<li><a href=\"#{word}\">{}</a></li>", count(word));
    }
    body.push_str("</ul></nav>\n</header>\n<main>\n");
    let groups = groups(&summary.files);
    if !groups.is_empty() {
        body.push_str(
            "<h2>What is wrong</h2>\n<p class=\"quiet\">Lines with − were expected, lines with + came. What is alike is told once.</p>\n",
        );
    }
    for (at, group) in groups.iter().enumerate() {
        of_group(&mut body, group, summary, at < OPEN);
    }
    table(&mut body, summary);
    body.push_str("</main>\n");
    page(&title, &body)
}

fn verdict(summary: &Summary) -> String {
    let bad = WORDS[..3].iter().filter(|word| summary.count(word) > 0);
    let bad: Vec<String> = bad.map(|word| format!("{} {word}", summary.count(word))).collect();
    if bad.is_empty() { "something waits for a review".to_owned() } else { bad.join(", ") }
}

/// A whole page around a body, with the style of all our reports.
pub fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n",
        escaped(title)
    )
}

fn of_group(out: &mut String, group: &Group<'_>, summary: &Summary, open: bool) {
    let (file, word) = (group.file, group.file.outcome.word());
    let row = group
        .case
        .filter(|case| !case.row.is_empty())
        .map(|case| format!(" <span class=\"quiet\">[{}]</span>", escaped(&case.row)));
    let path = escaped(&file.path.display().to_string());
    let title = if matches!(file.outcome, Outcome::Unreadable(_)) { &path } else { &escaped(&file.title) };
    let _ = write!(
        out,
        "<details class=\"story one {word}\"{}>\n<summary><span class=\"word\">{word}</span><h3>{title}</h3>{}</summary>\n<div>\n",
        if open { " open" } else { "" },
        row.unwrap_or_default()
    );
    match &file.outcome {
        Outcome::Unreadable(mistakes) => {
            out.push_str("<ul>\n");
            for mistake in mistakes {
                let _ = writeln!(out, "<li>{}</li>", escaped(&mistake.to_string()));
            }
            out.push_str("</ul>\n");
        }
        Outcome::Broken(why) => {
            let _ = writeln!(out, "<p><code>{path}</code></p>\n<p>{}</p>", escaped(why));
        }
        Outcome::Passed | Outcome::Failed | Outcome::Pending(_) | Outcome::Skipped(_) => {}
    }
    let stories = group.case.map(|case| case.stories()).unwrap_or_default();
    let mut told = stories.iter();
    if let Some(first) = told.next() {
        let line = if first.line > 0 { format!(":{}", first.line) } else { String::new() };
        let _ = writeln!(out, "<p><code>{path}{line}</code></p>\n<p>{}</p>", headline(first));
        out.push_str(&parts(&first.parts));
    }
    for later in told {
        let titles: Vec<&str> = later.parts.iter().map(|part| part.title.as_ref()).collect();
        let _ = writeln!(
            out,
            "<details><summary>After that also, in {}: {}</summary>\n{}</details>",
            titles.join(", "),
            headline(later),
            parts(&later.parts)
        );
    }
    if let Some((tale, at)) = group.case.and_then(|case| case.tale.as_ref()).and_then(|tale| Some((tale, tale.at?))) {
        let told = simulate::told::around(&tale.lines, at, Style::default());
        let _ = writeln!(out, "<h4>How it went</h4>\n<pre><span>{}</span></pre>", escaped(&told));
    }
    alike(out, "row", &group.rows.iter().map(|row| escaped(row)).collect::<Vec<_>>());
    let files = group.files.iter().map(|file| format!("<code>{}</code>", escaped(&file.display().to_string())));
    alike(out, "file", &files.collect::<Vec<_>>());
    for (what, command) in story::commands(file, summary) {
        let _ = writeln!(out, "<p class=\"quiet\">{what} <code>{}</code></p>", escaped(&command));
    }
    out.push_str("</div>\n</details>\n");
}

fn headline(told: &Told) -> String {
    if told.exchange == 0 || told.words.is_empty() {
        return escaped(&told.words);
    }
    let which = if told.of > 1 { format!("Exchange {} of {}: ", told.exchange, told.of) } else { String::new() };
    format!("{which}{} <code class=\"quiet\">{}</code>", escaped(&told.words), escaped(&told.request))
}

/// What else is alike, folded.
fn alike(out: &mut String, what: &str, names: &[String]) {
    if names.is_empty() {
        return;
    }
    let plural = if names.len() == 1 { "" } else { "s" };
    let _ = writeln!(out, "<details><summary>The same in {} more {what}{plural}</summary>\n<ul>", names.len());
    for name in names {
        let _ = writeln!(out, "<li>{name}</li>");
    }
    out.push_str("</ul>\n</details>\n");
}

/// Parts that differ, each with its title; signs say what colours say.
pub fn parts(parts: &[Part]) -> String {
    let mut out = String::new();
    for part in parts {
        let _ = write!(out, "<h4>{}</h4>\n<pre>", escaped(&part.title));
        let lines = line::excerpt(&part.lines, MOST);
        for (line, pieces) in lines.iter().zip(line::pieces(&lines)) {
            let (tag, sign) = match line.mark {
                Mark::Same | Mark::Gap => ("span", line.mark.sign()),
                Mark::Expected => ("del", '−'),
                Mark::Got => ("ins", '+'),
            };
            let _ = write!(out, "<{tag}>{sign} {}", "  ".repeat(line.depth));
            for (differs, text) in pieces {
                let text = escaped(&text);
                if differs { write!(out, "<mark>{text}</mark>") } else { write!(out, "{text}") }
                    .expect("text can always be written to");
            }
            let _ = write!(out, "</{tag}>");
        }
        out.push_str("</pre>\n");
    }
    out
}

fn table(out: &mut String, summary: &Summary) {
    out.push_str(
        "<h2>All files</h2>\n<table>\n<caption>Every file that was played, and what came of it</caption>\n\
         <thead><tr><th scope=\"col\">Result</th><th scope=\"col\">File</th>\
         <th scope=\"col\" class=\"number\">Time</th></tr></thead>\n<tbody>\n",
    );
    for file in &summary.files {
        let word = file.outcome.word();
        let why = match &file.outcome {
            Outcome::Pending(why) | Outcome::Skipped(why) => format!("<p class=\"quiet\">{}</p>", escaped(why)),
            Outcome::Passed | Outcome::Failed | Outcome::Unreadable(_) | Outcome::Broken(_) => String::new(),
        };
        let review = if file.review { "<p class=\"quiet\">A copy of it waits for a review.</p>" } else { "" };
        let path = escaped(&file.path.display().to_string());
        let title = escaped(&file.title);
        let title = if title == path { String::new() } else { format!("<p>{title}</p>") };
        let _ = writeln!(
            out,
            "<tr class=\"one {word}\"><td class=\"{word}\"><span class=\"word\">{word}</span></td>\
             <td>{title}<code class=\"quiet\">{path}</code>{why}{review}</td><td class=\"number\">{:.0} ms</td></tr>",
            file.seconds * 1e3
        );
    }
    out.push_str("</tbody>\n</table>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shows_what_failed_and_lists_everything() {
        let page = report(&super::super::story::samples::summary());
        for part in [
            "<title>Replay: 1 failed, 1 unreadable, 1 broken</title>",
            "<del>−   &lt;Dial timeout=&quot;<mark>20</mark>&quot; …&gt;</del>",
            "Rings &quot;the&quot; desk",
            "Exchange 2 of 3: line desk-1 presses 1, 4s later",
            "<li><a href=\"#failed\">1 failed</a></li>",
            "<tr class=\"one skipped\">",
            "hookswitch replay 'v/c d.toml' --sign bad",
            "v/f.toml",
        ] {
            assert!(page.contains(part), "{part}\nis not in\n{page}");
        }
        assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"));
    }

    #[test]
    fn every_tag_is_closed() {
        let page = report(&super::super::story::samples::summary());
        let rest = page.replace("<!doctype html>", "").replace("\">\n<title>", "\"/>\n<title>");
        let rest = rest.replace("<meta charset=\"utf-8\">", "").replace(" open>", ">");
        roxmltree::Document::parse(&rest).unwrap_or_else(|error| panic!("{error}\n{rest}"));
    }

    #[test]
    fn every_status_has_its_filter() {
        for word in WORDS {
            assert!(STYLE.contains(&format!("#{word}:target ~ main .one:not(.{word})")), "{word}");
        }
    }
}
