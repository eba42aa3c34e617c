//! Comparisons on a terminal: signs and colours for lines, whole differing lines, shortened ones around them.
//!
//! Deliberately not here: what is told (`replay::story`, `replay::review`).

use std::fmt::Write as _;
use std::io::IsTerminal;

use super::line::{self, Line, Mark};
use super::parts::Part;

/// How text looks.
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

    /// What is wrong.
    pub fn bad(self, text: &str) -> String {
        self.paint("31", text)
    }

    /// What is right.
    pub fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    /// What may be passed over.
    pub fn quiet(self, text: &str) -> String {
        self.paint("2", text)
    }

    /// What is read first.
    pub fn strong(self, text: &str) -> String {
        self.paint("1", text)
    }
}

/// The most lines of one part that are shown; more of them rarely say more.
const MOST: usize = 16;

/// The longest line that is shown whole though it does not differ.
const WIDTH: usize = 92;

/// A part with its title, indented.
pub fn part(part: &Part, style: Style) -> String {
    let mut out = format!("    {}\n", style.strong(&part.title));
    let mut lines = line::excerpt(&part.lines, MOST);
    for line in lines.iter_mut().filter(|line| line.mark == Mark::Same) {
        line.text = shortened(&line.text);
    }
    for (line, pieces) in lines.iter().zip(line::pieces(&lines)) {
        let _ = writeln!(out, "    {}", of_line(line, &pieces, style).trim_end());
    }
    out
}

/// Every line, with the words in which they differ.
pub fn lines(lines: &[Line], style: Style) -> String {
    let of = |(line, pieces): (&Line, line::Pieces)| of_line(line, &pieces, style).trim_end().to_owned();
    lines.iter().zip(line::pieces(lines)).map(of).collect::<Vec<_>>().join("\n")
}

fn of_line(line: &Line, pieces: &line::Pieces, style: Style) -> String {
    let indent = "  ".repeat(line.depth);
    match line.mark {
        Mark::Same => style.quiet(&format!("  {indent}{}", line.text)),
        Mark::Gap => style.quiet(&format!("  {indent}⋮ {}", line.text)),
        Mark::Expected => of_side(line, &indent, pieces, "31", style),
        Mark::Got => of_side(line, &indent, pieces, "32", style),
    }
}

/// Red for what was expected and is gone, green for what came: as every other comparison shows it.
fn of_side(line: &Line, indent: &str, pieces: &line::Pieces, colour: &str, style: Style) -> String {
    let strong = format!("{colour};1;4");
    let hung = |text: &str| text.replace('\n', &format!("\n      {indent}"));
    let head = style.paint(colour, &format!("{} {indent}", line.mark.sign()));
    let text = |(differs, text): &(bool, String)| style.paint(if *differs { &strong } else { colour }, &hung(text));
    head + &pieces.iter().map(text).collect::<String>()
}

/// A line that only says where another stands.
pub fn shortened(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    if first.chars().count() <= WIDTH && first.len() == text.len() {
        return text.to_owned();
    }
    first.chars().take(WIDTH).collect::<String>() + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Part {
        let line = |mark, depth, text: &str| Line { mark, depth, text: text.to_owned() };
        Part {
            title: "document".into(),
            lines: vec![
                line(Mark::Same, 0, "<Response>"),
                line(Mark::Expected, 1, "<Say>Press 1.</Say>"),
                line(Mark::Got, 1, "<Say>Press 2.</Say>"),
                line(Mark::Same, 1, &format!("<Say>{}</Say>", "x".repeat(200))),
            ],
        }
    }

    #[test]
    fn signs_say_what_colours_say() {
        let plain = part(&sample(), Style::default());
        let start = "    document\n      <Response>\n    -   <Say>Press 1.</Say>\n    +   <Say>Press 2.</Say>\n        <Say>xxx";
        assert!(plain.starts_with(start) && plain.ends_with("x…\n") && !plain.contains('\x1b'), "{plain}");
        let coloured = part(&sample(), Style { colour: true });
        assert!(coloured.contains("\x1b[31m- ") && coloured.contains("\x1b[32;1;4m2\x1b"), "{coloured:?}");
    }
}
