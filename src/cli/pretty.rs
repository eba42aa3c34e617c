//! A document as a person reads it: a line for each element, indented.
//!
//! Deliberately not here: reading documents. Ours are written without white space between elements, and that is all
//! that this knows of them.

/// Puts each element on a line of its own; one that has only text stays whole.
pub fn pretty(document: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut depth = 0_usize;
    let mut opened = false;
    for piece in document.split_inclusive('<').map(|piece| piece.trim_end_matches('<')).filter(|p| !p.is_empty()) {
        let Some((tag, text)) = piece.split_once('>') else { continue };
        if tag.starts_with('/') {
            depth = depth.saturating_sub(1);
            match lines.last_mut().filter(|_| opened) {
                Some(line) => line.push_str(&format!("<{tag}>")),
                None => lines.push(format!("{}<{tag}>", "  ".repeat(depth))),
            }
            opened = false;
        } else {
            lines.push(format!("{}<{tag}>{text}", "  ".repeat(depth)));
            opened = !tag.ends_with(['/', '?']);
            depth += usize::from(opened);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_has_its_line() {
        let document = "<?xml version=\"1.0\"?><Response><Say>Hello &amp; bye</Say><Dial a=\"1\"><Number>+1</Number></Dial>\
                        <Hangup/></Response>";
        assert_eq!(
            pretty(document),
            "<?xml version=\"1.0\"?>\n<Response>\n  <Say>Hello &amp; bye</Say>\n  <Dial a=\"1\">\n    \
             <Number>+1</Number>\n  </Dial>\n  <Hangup/>\n</Response>"
        );
        assert_eq!(pretty("<Response></Response>"), "<Response></Response>");
        assert_eq!(pretty(""), "");
    }
}
