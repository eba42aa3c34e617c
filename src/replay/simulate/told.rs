//! How a story looks: times, people and what they did in columns, coloured on a terminal.
//!
//! Deliberately not here: what is told (`story`).

use std::fmt::Write as _;
use std::time::Duration;

use crate::replay::story::Style;

use super::story::Line;

/// The story as lines of text, each ending in a line feed.
pub fn told(lines: &[Line], style: Style) -> String {
    parts(lines, style).concat()
}

/// The story around one line, which is pointed at; all of a short one.
pub fn around(lines: &[Line], at: usize, style: Style) -> String {
    const BEFORE: usize = 6;
    const AFTER: usize = 3;
    let first = at.saturating_sub(BEFORE);
    let last = (at + AFTER).min(lines.len().saturating_sub(1));
    let mut out = String::new();
    if first > 0 {
        out.push_str("      …\n");
    }
    for (index, part) in parts(lines, style).into_iter().enumerate().take(last + 1).skip(first) {
        let _ = write!(out, "    {} {part}", if index == at { style.bad(">") } else { " ".to_owned() });
    }
    if at >= lines.len() {
        let _ = writeln!(out, "    {} and nothing more", style.bad(">"));
    } else if last + 1 < lines.len() {
        out.push_str("      …\n");
    }
    out
}

fn parts(lines: &[Line], style: Style) -> Vec<String> {
    let times: Vec<String> = lines.iter().map(|line| since(line.at)).collect();
    let time_width = times.iter().map(|time| time.chars().count()).max().unwrap_or_default();
    let who_width = lines.iter().map(|line| line.who.chars().count()).max().unwrap_or_default();
    let part = |(line, time): (&Line, &String)| {
        let (time, who) = (format!("{time:>time_width$}"), format!("{:<who_width$}", line.who));
        let what = match line.what.split_once(" → ") {
            _ if line.bad => style.bad(&line.what),
            Some((what, then)) => format!("{what} → {}", style.strong(then)),
            None => line.what.clone(),
        };
        format!("{}  {}  {what}\n", style.quiet(&time), style.strong(&who))
    };
    lines.iter().zip(&times).map(part).collect()
}

/// A time since the beginning: to the tenth of a second for an hour, to the second afterwards.
pub fn since(at: Duration) -> String {
    let tenths = at.as_millis() / 100;
    let (seconds, minutes, hours, days) = (tenths / 10, tenths / 600, tenths / 36_000, tenths / 864_000);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}.{}s", tenths % 10),
        (0, 0, _) => format!("{minutes}m{:02}.{}s", seconds % 60, tenths % 10),
        (0, _, _) => format!("{hours}h{:02}m{:02}s", minutes % 60, seconds % 60),
        (_, _, _) => format!("{days}d{:02}h{:02}m", hours % 24, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> Vec<Line> {
        let line = |seconds, who: &str, what: &str| Line {
            at: Duration::from_millis(seconds),
            thread: 0,
            who: who.to_owned(),
            what: what.to_owned(),
            bad: false,
        };
        let mut lines = vec![
            line(0, "ana", "calls"),
            line(6_240, "desk-1", "answers"),
            line(70_000, "desk-1", "no key in 10s → hung up (screen_timeout)"),
        ];
        lines.push(Line { bad: true, ..line(71_000, "provider", "error 12100: x") });
        lines
    }

    #[test]
    fn columns_are_aligned() {
        let told = told(&lines(), Style::default());
        assert_eq!(
            told,
            "   0.0s  ana       calls\n\
             \x20  6.2s  desk-1    answers\n\
             1m10.0s  desk-1    no key in 10s → hung up (screen_timeout)\n\
             1m11.0s  provider  error 12100: x\n"
        );
        let coloured = super::told(&lines(), Style { colour: true });
        assert!(coloured.contains("\x1b[31merror 12100: x\x1b[0m"), "{coloured}");
    }

    #[test]
    fn a_part_points_at_its_line() {
        let part = around(&lines(), 1, Style::default());
        assert!(part.contains("    >    6.2s  desk-1    answers\n"), "{part}");
        assert!(around(&lines(), 4, Style::default()).ends_with("    > and nothing more\n"));
        let many: Vec<Line> = std::iter::repeat_with(lines).take(5).flatten().collect();
        let part = around(&many, 10, Style::default());
        assert!(part.starts_with("      …\n") && part.ends_with("      …\n"), "{part}");
        assert_eq!(part.lines().count(), 12, "{part}");
    }

    #[test]
    fn times_are_as_exact_as_they_need_to_be() {
        for (millis, expected) in [
            (0, "0.0s"),
            (14_250, "14.2s"),
            (60_000, "1m00.0s"),
            (3_599_900, "59m59.9s"),
            (3_723_000, "1h02m03s"),
            (180_000_000, "2d02h00m"),
        ] {
            assert_eq!(since(Duration::from_millis(millis)), expected);
        }
    }
}
