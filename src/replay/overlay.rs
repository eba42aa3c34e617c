//! Two documents laid over each other: where they differ, and both as lines, the differing ones twice.
//!
//! Deliberately not here: what is expected beside the document (`replay::parts`), and reading XML (`replay::xml`).

use std::collections::{BTreeMap, BTreeSet};

use super::binding::{Bindings, Pattern};
use super::line::{Line, Mark};
use super::xml::{Element, default_of, escaped};

/// Where two documents differ: path, expected, got.
pub type Found = (String, String, String);

/// Two documents laid over each other.
#[derive(Debug, Default)]
pub struct Overlay {
    /// The differences.
    pub found: Vec<Found>,
    /// Both documents.
    pub lines: Vec<Line>,
}

/// Lays what came over what was expected. Roots of different names are not gone into.
pub fn lay(expected: &Element, got: &Element, bindings: &mut Bindings) -> Overlay {
    let mut overlay = Overlay::default();
    if expected.name == got.name {
        overlay.element(&format!("/{}", expected.name), 0, expected, got, bindings);
    } else {
        overlay.found.push(("/".to_owned(), format!("<{}>", expected.name), format!("<{}>", got.name)));
        overlay.whole(Mark::Expected, 0, expected, bindings);
        overlay.whole(Mark::Got, 0, got, bindings);
    }
    overlay
}

/// A document that has nothing to be laid over, as lines.
pub fn lines(mark: Mark, document: &Element, bindings: &Bindings) -> Vec<Line> {
    let mut overlay = Overlay::default();
    overlay.whole(mark, 0, document, bindings);
    overlay.lines
}

/// Attributes as they are written, with the value of each; `None` for one that is not there.
type Attributes<'a> = Vec<(&'a str, Option<&'a str>)>;

impl Overlay {
    fn element(&mut self, path: &str, depth: usize, want: &Element, have: &Element, bindings: &mut Bindings) {
        let names: BTreeSet<&String> = want.attributes.keys().chain(have.attributes.keys()).collect();
        let all = names.len();
        let mut other: (Attributes<'_>, Attributes<'_>) = Default::default();
        for name in names {
            let default = default_of(&want.name, name);
            let (expected, got) = (want.attributes.get(name), have.attributes.get(name));
            let (expected, got) = (expected.map(String::as_str), got.map(String::as_str));
            match (expected.or(default), got.or(default)) {
                (Some(expected), Some(got)) if same(name, expected, got, bindings) => {}
                (wanted, came) => {
                    let absent = || "(not there)".to_owned();
                    let wanted = wanted.map_or_else(absent, |wanted| bindings.shown(wanted));
                    self.found.push((format!("{path}/@{name}"), wanted, came.map_or_else(absent, str::to_owned)));
                    other.0.push((name, expected));
                    other.1.push((name, got));
                }
            }
        }
        let any = !bindings.is_literal()
            && want.children.is_empty()
            && Pattern::read(&want.text).is_ok_and(|pattern| pattern.is_any());
        let said = any || want.text == have.text || bindings.fits(&want.text, &have.text);
        if !said {
            self.found.push((format!("{path}/text()"), bindings.shown(&want.text), have.text.clone()));
        }
        let leaf = any || want.children.is_empty() && have.children.is_empty();
        let tag = |only: &Attributes<'_>, text: &str| -> String {
            let rest = if only.len() < all { " …" } else { "" };
            let end = if leaf { ends(&want.name, text) } else { ">".to_owned() };
            format!("<{}{}{rest}{end}", want.name, written(only, bindings))
        };
        let words = |element: &Element| if leaf { bindings.told(&element.text) } else { String::new() };
        if other.0.is_empty() && (said || !leaf) {
            self.lines.push(Line { mark: Mark::Same, depth, text: head(want, leaf, bindings) });
        } else {
            self.lines.push(Line { mark: Mark::Expected, depth, text: tag(&other.0, &words(want)) });
            self.lines.push(Line { mark: Mark::Got, depth, text: tag(&other.1, &words(have)) });
        }
        if leaf {
            return;
        }
        for (mark, element) in [(Mark::Expected, want), (Mark::Got, have)] {
            let mark = if said { Mark::Same } else { mark };
            if !element.text.is_empty() && (mark != Mark::Same || std::ptr::eq(element, want)) {
                self.lines.push(Line { mark, depth: depth + 1, text: bindings.told(&element.text) });
            }
        }
        self.children(path, depth + 1, want, have, bindings);
        self.lines.push(Line { mark: Mark::Same, depth, text: format!("</{}>", want.name) });
    }

    fn children(&mut self, path: &str, depth: usize, want: &Element, have: &Element, bindings: &mut Bindings) {
        let mut counts: [BTreeMap<String, usize>; 2] = Default::default();
        let mut path_of = |side: usize, element: &Element| {
            let count = counts[side].entry(element.name.clone()).or_default();
            *count += 1;
            format!("{path}/{}[{count}]", element.name)
        };
        let pretty = |it: &Element| it.pretty(&str::to_owned).trim_end().to_owned();
        for (expected, got) in aligned(&want.children, &have.children, bindings) {
            let expected = expected.map(|at| &want.children[at]).map(|element| (path_of(0, element), element));
            let got = got.map(|at| &have.children[at]).map(|element| (path_of(1, element), element));
            match (expected, got) {
                (Some((at, expected)), Some((_, got))) => self.element(&at, depth, expected, got, bindings),
                (Some((at, expected)), None) => {
                    self.found.push((at, pretty(expected), "nothing".to_owned()));
                    self.whole(Mark::Expected, depth, expected, bindings);
                }
                (None, Some((at, got))) => {
                    self.found.push((at, "nothing".to_owned(), pretty(got)));
                    self.whole(Mark::Got, depth, got, bindings);
                }
                (None, None) => {}
            }
        }
    }

    fn whole(&mut self, mark: Mark, depth: usize, element: &Element, bindings: &Bindings) {
        let leaf = element.children.is_empty();
        self.lines.push(Line { mark, depth, text: head(element, leaf, bindings) });
        if leaf {
            return;
        }
        if !element.text.is_empty() {
            self.lines.push(Line { mark, depth: depth + 1, text: bindings.told(&element.text) });
        }
        for child in &element.children {
            self.whole(mark, depth + 1, child, bindings);
        }
        self.lines.push(Line { mark, depth, text: format!("</{}>", element.name) });
    }
}

/// What came, in the words of what was expected wherever they say the same: placeholders stay, and so do defaults that
/// are written out.
pub fn merged(want: &Element, have: &Element, bindings: &mut Bindings) -> Element {
    if want.children.is_empty() && Pattern::read(&want.text).is_ok_and(|pattern| pattern.is_any()) {
        return Element { attributes: merged_attributes(want, have, bindings), ..want.clone() };
    }
    let text = if bindings.fits(&want.text, &have.text) { want.text.clone() } else { bindings.told(&have.text) };
    let attributes = merged_attributes(want, have, bindings);
    let mut children = Vec::new();
    for (expected, got) in aligned(&want.children, &have.children, bindings) {
        match (expected, got) {
            (Some(expected), Some(got)) => {
                children.push(merged(&want.children[expected], &have.children[got], bindings));
            }
            (None, Some(got)) => children.push(placed(&have.children[got], bindings)),
            (Some(_) | None, None) => {}
        }
    }
    let new = have.order.iter().filter(|name| !want.order.contains(name));
    Element {
        name: have.name.clone(),
        attributes,
        order: want.order.iter().chain(new).cloned().collect(),
        text,
        children,
    }
}

fn merged_attributes(want: &Element, have: &Element, bindings: &mut Bindings) -> BTreeMap<String, String> {
    let names: BTreeSet<&String> = want.attributes.keys().chain(have.attributes.keys()).collect();
    let mut merged = BTreeMap::new();
    for name in names {
        let default = default_of(&want.name, name);
        let (expected, got) = (want.attributes.get(name), have.attributes.get(name));
        let value = match (expected, got.map(String::as_str).or(default)) {
            (Some(expected), Some(got)) if same(name, expected, got, bindings) => Some(expected.clone()),
            (Some(_) | None, _) => got.map(|got| bindings.told(got)),
        };
        merged.extend(value.map(|value| (name.clone(), value)));
    }
    merged
}

/// What came, with ids and our own addresses as placeholders.
pub fn placed(have: &Element, bindings: &Bindings) -> Element {
    Element {
        name: have.name.clone(),
        attributes: have.attributes.iter().map(|(name, value)| (name.clone(), bindings.told(value))).collect(),
        order: have.order.clone(),
        text: bindings.told(&have.text),
        children: have.children.iter().map(|child| placed(child, bindings)).collect(),
    }
}

/// Pairs of children, in order. Where one is missing or too many, the others keep their partners: elements of one name
/// go together, first those that are alike.
fn aligned(want: &[Element], have: &[Element], bindings: &Bindings) -> Vec<(Option<usize>, Option<usize>)> {
    if want.len() == have.len() && want.iter().zip(have).all(|(want, have)| want.name == have.name) {
        return (0..want.len()).map(|at| (Some(at), Some(at))).collect();
    }
    let worth = |one: usize, other: usize| -> u32 {
        if want[one].name != have[other].name {
            return 0;
        }
        if lay(&want[one], &have[other], &mut bindings.clone()).found.is_empty() { 3 } else { 1 }
    };
    let (rows, columns) = (want.len(), have.len());
    let mut best = vec![vec![0; columns + 1]; rows + 1];
    let mut paired = vec![vec![0; columns]; rows];
    for one in (0..rows).rev() {
        for other in (0..columns).rev() {
            paired[one][other] = worth(one, other);
            let with = if paired[one][other] > 0 { paired[one][other] + best[one + 1][other + 1] } else { 0 };
            best[one][other] = with.max(best[one + 1][other]).max(best[one][other + 1]);
        }
    }
    let (mut one, mut other) = (0, 0);
    let mut pairs = Vec::new();
    while one < rows || other < columns {
        let both = one < rows && other < columns;
        if both && paired[one][other] > 0 && best[one][other] == paired[one][other] + best[one + 1][other + 1] {
            pairs.push((Some(one), Some(other)));
            one += 1;
            other += 1;
        } else if other == columns || one < rows && best[one][other] == best[one + 1][other] {
            pairs.push((Some(one), None));
            one += 1;
        } else {
            pairs.push((None, Some(other)));
            other += 1;
        }
    }
    pairs
}

/// Whether two values of an attribute say the same; lists of words say the same in any order.
fn same(name: &str, want: &str, have: &str, bindings: &mut Bindings) -> bool {
    if want == have {
        return true;
    }
    if name.ends_with("Event") || name == "input" {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>();
        return words(want) == words(have);
    }
    bindings.fits(want, have)
}

fn head(element: &Element, leaf: bool, bindings: &Bindings) -> String {
    let all: Attributes<'_> = element.written().map(|(name, value)| (name, Some(value))).collect();
    let end = if leaf { ends(&element.name, &bindings.told(&element.text)) } else { ">".to_owned() };
    format!("<{}{}{end}", element.name, written(&all, bindings))
}

fn ends(name: &str, text: &str) -> String {
    if text.is_empty() { "/>".to_owned() } else { format!(">{}</{name}>", escaped(text)) }
}

fn written(attributes: &Attributes<'_>, bindings: &Bindings) -> String {
    let there = attributes.iter().filter_map(|(name, value)| Some((name, (*value)?)));
    there.map(|(name, value)| format!(" {name}=\"{}\"", escaped(&bindings.told(value)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::xml;

    fn laid(expected: &str, got: &str) -> (Vec<String>, String) {
        let read = |text| xml::read(text).expect("it is XML");
        let overlay = lay(&read(expected), &read(got), &mut Bindings::new("s", false));
        let line = |line: &Line| format!("{}{}{}\n", line.mark.sign(), "  ".repeat(line.depth), line.text);
        (overlay.found.into_iter().map(|(path, _, _)| path).collect(), overlay.lines.iter().map(line).collect())
    }

    #[test]
    fn only_what_differs_is_shown_twice() {
        let (found, lines) = laid(
            "<R><Dial a=\"1\" timeout=\"20\" action=\"${url dialed}\"><Number>+1</Number></Dial></R>",
            "<R><Dial a=\"1\" timeout=\"25\" action=\"https://h/webhooks/a/voice/dialed?call=7\"><Number>+1</Number></Dial></R>",
        );
        assert_eq!(found, ["/R/Dial[1]/@timeout"]);
        assert_eq!(
            lines,
            " <R>\n-  <Dial timeout=\"20\" …>\n+  <Dial timeout=\"25\" …>\n     <Number>+1</Number>\n   </Dial>\n </R>\n"
        );
    }

    #[test]
    fn a_missing_element_does_not_shift_the_others() {
        for (expected, got, paths, why) in [
            ("<R><Say>a</Say><Say>b</Say></R>", "<R><Say>b</Say></R>", &["/R/Say[1]"][..], "the first is missing"),
            ("<R><Say>b</Say></R>", "<R><Say>a</Say><Say>b</Say></R>", &["/R/Say[1]"], "one came before it"),
            ("<R><A/><B/><C/></R>", "<R><A/><C/></R>", &["/R/B[1]"], "one is missing in the middle"),
            ("<R><A/><B x=\"1\"/></R>", "<R><B x=\"2\"/></R>", &["/R/A[1]", "/R/B[1]/@x"], "and another differs"),
            ("<R><A/></R>", "<R><B/></R>", &["/R/A[1]", "/R/B[1]"], "one in the place of another"),
        ] {
            assert_eq!(laid(expected, got).0, paths, "{why}");
        }
    }

    #[test]
    fn what_is_written_down_keeps_what_fits() {
        let read = |text| xml::read(text).expect("it is XML");
        let expected = read(
            "<R><Dial timeout=\"20\" method=\"POST\" action=\"${url dialed}\"/><Gather>${any}</Gather><Say>a</Say></R>",
        );
        let got = read(
            "<R><Dial timeout=\"25\" action=\"https://h/webhooks/a/voice/dialed?call=7&amp;attempt=1\"/>\
             <Gather><Say>x</Say></Gather><Redirect>https://h/webhooks/a/voice/menu?call=7&amp;try=2</Redirect></R>",
        );
        let merged = merged(&expected, &got, &mut Bindings::new("s", false));
        assert_eq!(
            merged.pretty(&str::to_owned),
            "<R>\n  <Dial timeout=\"25\" method=\"POST\" action=\"${url dialed}\"/>\n  <Gather>${any}</Gather>\n  \
             <Redirect>${url menu try=2}</Redirect>\n</R>\n"
        );
    }

    #[test]
    fn what_came_reads_as_fixtures_are_written() {
        let (_, lines) = laid("<R/>", "<R><Redirect>https://h/webhooks/a/voice/menu?call=7&amp;try=2</Redirect></R>");
        assert_eq!(lines, " <R>\n+  <Redirect>${url menu try=2}</Redirect>\n </R>\n");
    }
}
