//! Lines that are compared: what both sides have, what only one has, and the few that are worth showing.
//!
//! Deliberately not here: where the lines come from (`replay::overlay`, `replay::parts`), and how they are shown.

use similar::{ChangeTag, DiffOp, TextDiff, capture_diff_slices};

/// Which side has a line.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Mark {
    /// Both.
    Same,
    /// What was expected; it did not come.
    Expected,
    /// What came; it was not expected.
    Got,
    /// Lines were left out here.
    Gap,
}

impl Mark {
    /// The sign for it, which says the same as its colour.
    pub const fn sign(self) -> char {
        match self {
            Self::Same => ' ',
            Self::Expected => '-',
            Self::Got => '+',
            Self::Gap => '⋮',
        }
    }
}

/// A line of a comparison.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Line {
    /// Which side has it.
    pub mark: Mark,
    /// How deep it stands.
    pub depth: usize,
    /// What it says.
    pub text: String,
}

impl Line {
    /// A line at the left edge.
    pub fn new(mark: Mark, text: impl Into<String>) -> Self {
        Self { mark, depth: 0, text: text.into() }
    }

    /// Whether it says that the sides differ.
    pub const fn differs(&self) -> bool {
        matches!(self.mark, Mark::Expected | Mark::Got)
    }
}

/// A text in pieces, each with whether it differs from the other side's.
pub type Pieces = Vec<(bool, String)>;

/// Two lists laid over each other.
pub fn listed<T: Eq + std::hash::Hash + Ord>(
    expected: &[T],
    got: &[T],
    text: impl Fn(Mark, usize) -> String,
) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut add = |mark, range: std::ops::Range<usize>| {
        lines.extend(range.map(|at| Line::new(mark, text(mark, at))));
    };
    for op in capture_diff_slices(similar::Algorithm::Patience, expected, got) {
        match op {
            DiffOp::Equal { new_index, len, .. } => add(Mark::Same, new_index..new_index + len),
            DiffOp::Delete { old_index, old_len, .. } => add(Mark::Expected, old_index..old_index + old_len),
            DiffOp::Insert { new_index, new_len, .. } => add(Mark::Got, new_index..new_index + new_len),
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                add(Mark::Expected, old_index..old_index + old_len);
                add(Mark::Got, new_index..new_index + new_len);
            }
        }
    }
    lines
}

/// The lines that differ, one beside them on each side, and those that they stand inside of; no more than `most` from
/// the first that differs on.
pub fn excerpt(lines: &[Line], most: usize) -> Vec<Line> {
    let mut kept = vec![false; lines.len()];
    for (at, _) in lines.iter().enumerate().filter(|(_, line)| line.differs()) {
        kept[at.saturating_sub(1)..lines.len().min(at + 2)].fill(true);
        let mut depth = lines[at].depth;
        for (above, line) in lines[..at].iter().enumerate().rev() {
            if line.depth < depth {
                kept[above] = true;
                depth = line.depth;
            }
        }
    }
    let mut out: Vec<Line> = Vec::new();
    let (mut told, mut left_out) = (0, 0);
    for (line, kept) in lines.iter().zip(&kept) {
        if *kept && told < most {
            told += usize::from(told > 0 || line.differs());
            out.push(line.clone());
            continue;
        }
        left_out += usize::from(line.differs());
        if out.last().is_none_or(|last| last.mark != Mark::Gap) {
            out.push(Line { mark: Mark::Gap, depth: line.depth, text: String::new() });
        }
    }
    // Closing tags say nothing that the lines above do not.
    while out.last().is_some_and(|last| last.mark == Mark::Gap) {
        out.pop();
    }
    if out.first().is_some_and(|first| first.mark == Mark::Gap) {
        out.remove(0);
    }
    if left_out > 0 {
        out.push(Line::new(Mark::Gap, format!("and {left_out} more lines that differ")));
    }
    out
}

/// Each line in pieces: where one line replaces another, the words in which they differ stand out.
pub fn pieces(lines: &[Line]) -> Vec<Pieces> {
    let mut out: Vec<Pieces> = lines.iter().map(|line| vec![(false, line.text.clone())]).collect();
    for at in 1..lines.len() {
        let (old, new) = (&lines[at - 1], &lines[at]);
        let alone = at + 1 == lines.len() || lines[at + 1].mark != Mark::Got;
        let first = at < 2 || lines[at - 2].mark != Mark::Expected;
        if old.mark == Mark::Expected && new.mark == Mark::Got && alone && first {
            let (one, other) = words(&old.text, &new.text);
            out[at - 1] = one;
            out[at] = other;
        }
    }
    out
}

/// Two texts in pieces. Texts that have little in common stay whole: there, every word differs.
fn words(old: &str, new: &str) -> (Pieces, Pieces) {
    let (old_tokens, new_tokens) = (tokens(old), tokens(new));
    let diff = TextDiff::from_slices(&old_tokens, &new_tokens);
    if diff.ratio() < 0.4 {
        return (vec![(false, old.to_owned())], vec![(false, new.to_owned())]);
    }
    let mut sides: (Pieces, Pieces) = Default::default();
    let push = |side: &mut Pieces, differs: bool, text: &str| match side.last_mut() {
        Some((last, piece)) if *last == differs => piece.push_str(text),
        Some(_) | None => side.push((differs, text.to_owned())),
    };
    for change in diff.iter_all_changes() {
        match change.tag() {
            ChangeTag::Equal => {
                push(&mut sides.0, false, change.value());
                push(&mut sides.1, false, change.value());
            }
            ChangeTag::Delete => push(&mut sides.0, true, change.value()),
            ChangeTag::Insert => push(&mut sides.1, true, change.value()),
        }
    }
    sides
}

/// Words and numbers, and every sign between them by itself.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        let (token, after) = rest.split_at(if word == 0 { first.len_utf8() } else { word });
        tokens.push(token);
        rest = after;
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(lines: &[Line]) -> String {
        let line = |line: &Line| format!("{}{}{}", line.mark.sign(), "  ".repeat(line.depth), line.text);
        lines.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn lists_are_laid_over_each_other() {
        let (expected, got) = (["a", "b", "c"], ["a", "x", "c", "d"]);
        let lines = listed(&expected, &got, |mark, at| {
            (if mark == Mark::Expected { expected[at] } else { got[at] }).to_owned()
        });
        assert_eq!(shown(&lines), " a\n-b\n+x\n c\n+d");
    }

    #[test]
    fn an_excerpt_keeps_what_differs_and_where_it_stands() {
        let line = |mark, depth, text: &str| Line { mark, depth, text: text.to_owned() };
        let lines = [
            line(Mark::Same, 0, "<R>"),
            line(Mark::Same, 1, "<Say/>"),
            line(Mark::Same, 1, "<Dial>"),
            line(Mark::Same, 2, "<Sip/>"),
            line(Mark::Same, 2, "<Client/>"),
            line(Mark::Expected, 2, "<Number a/>"),
            line(Mark::Got, 2, "<Number b/>"),
            line(Mark::Same, 1, "</Dial>"),
            line(Mark::Same, 0, "</R>"),
        ];
        let expected = " <R>\n⋮  \n   <Dial>\n⋮    \n     <Client/>\n-    <Number a/>\n+    <Number b/>\n   </Dial>";
        assert_eq!(shown(&excerpt(&lines, 20)), expected);
        assert!(shown(&excerpt(&lines, 1)).ends_with("and 1 more lines that differ"), "a long one is cut, and says so");
        assert_eq!(excerpt(&lines[..3], 20), [], "nothing differs");
    }

    #[test]
    fn the_words_that_differ_stand_out() {
        let lines = [
            Line::new(Mark::Expected, "Call for Ana. Press 1."),
            Line::new(Mark::Got, "Call for Ana. Press 2."),
            Line::new(Mark::Expected, "a whole other thing"),
            Line::new(Mark::Got, "nothing alike"),
        ];
        let pieces = pieces(&lines);
        assert_eq!(
            pieces[0],
            [(false, "Call for Ana. Press ".to_owned()), (true, "1".to_owned()), (false, ".".to_owned())]
        );
        assert_eq!(
            pieces[1],
            [(false, "Call for Ana. Press ".to_owned()), (true, "2".to_owned()), (false, ".".to_owned())]
        );
        assert_eq!(pieces[2], [(false, "a whole other thing".to_owned())]);
    }
}
