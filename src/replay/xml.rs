//! Documents as trees, without what does not matter: order of attributes, white space between elements, comments,
//! and attributes that say what the provider's documentation gives as the default.
//!
//! Deliberately not here: comparing two of them (`replay::diff`), and anything of `voice`: a check must not read with
//! the eyes of what it checks.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

/// How deep elements may be nested.
const DEEPEST: usize = 64;

/// An element.
#[derive(Clone, Debug)]
pub struct Element {
    /// Its name.
    pub name: String,
    /// Its attributes as they are written, by name.
    pub attributes: BTreeMap<String, String>,
    /// Their names in the order in which they are written, which is only for showing them.
    pub order: Vec<String>,
    /// Its text: white space at the ends is gone, and runs of it are one space but in the body of a text message.
    pub text: String,
    /// The elements in it.
    pub children: Vec<Element>,
}

/// Reads a document; the error says where it is no XML.
pub fn read(text: &str) -> Result<Element, String> {
    let document = roxmltree::Document::parse(text.trim()).map_err(|error| error.to_string())?;
    // Trees are walked by recursion; no provider's document is deep.
    let mut depths: HashMap<_, usize> = HashMap::new();
    for node in document.root().descendants() {
        let depth = node.parent().and_then(|parent| depths.get(&parent.id())).map_or(0, |above| above + 1);
        if depth > DEEPEST {
            return Err(format!("elements are nested more than {DEEPEST} deep"));
        }
        depths.insert(node.id(), depth);
    }
    Ok(element(document.root_element()))
}

fn element(node: roxmltree::Node<'_, '_>) -> Element {
    let name = node.tag_name().name().to_owned();
    let raw: String = node.children().filter(|child| child.is_text()).filter_map(|child| child.text()).collect();
    let text =
        if name == "Body" { raw.trim().to_owned() } else { raw.split_whitespace().collect::<Vec<_>>().join(" ") };
    Element {
        attributes: node.attributes().map(|a| (a.name().to_owned(), a.value().to_owned())).collect(),
        order: node.attributes().map(|a| a.name().to_owned()).collect(),
        children: node.children().filter(|child| child.is_element()).map(element).collect(),
        name,
        text,
    }
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        let parts = |it: &Self| (it.name.clone(), it.attributes.clone(), it.text.clone());
        parts(self) == parts(other) && self.children == other.children
    }
}

impl Eq for Element {}

impl Element {
    /// Its attributes in the order in which they are written.
    pub fn written(&self) -> impl Iterator<Item = (&str, &str)> {
        self.order.iter().filter_map(|name| Some((name.as_str(), self.attributes.get(name)?.as_str())))
    }

    /// Every text and attribute value in it, in order.
    pub fn values(&self) -> Vec<&str> {
        let mut values: Vec<&str> = self.attributes.values().map(String::as_str).collect();
        values.push(&self.text);
        values.extend(self.children.iter().flat_map(Self::values));
        values
    }

    /// The document as a fixture shows it: indented by two spaces, elements with text only on one line, every value
    /// passed through `value`.
    pub fn pretty(&self, value: &dyn Fn(&str) -> String) -> String {
        let mut out = String::new();
        self.write(&mut out, 0, value);
        out
    }

    fn write(&self, out: &mut String, depth: usize, value: &dyn Fn(&str) -> String) {
        let indent = "  ".repeat(depth);
        let _ = write!(out, "{indent}<{}", self.name);
        for (name, text) in self.written() {
            let _ = write!(out, " {name}=\"{}\"", escaped(&value(text)).replace('"', "&quot;"));
        }
        let text = escaped(&value(&self.text));
        if self.children.is_empty() {
            let end = if text.is_empty() { "/>\n".to_owned() } else { format!(">{text}</{}>\n", self.name) };
            out.push_str(&end);
            return;
        }
        out.push_str(">\n");
        if !text.is_empty() {
            let _ = writeln!(out, "{indent}  {text}");
        }
        for child in &self.children {
            child.write(out, depth + 1, value);
        }
        let _ = writeln!(out, "{indent}</{}>", self.name);
    }
}

/// A text as it stands in a document.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What an attribute is where it is not written, as the provider documents it; `None` where it has no fixed default.
pub fn default_of(element: &str, attribute: &str) -> Option<&'static str> {
    Some(match (element, attribute) {
        (
            "Dial" | "Gather" | "Record" | "Redirect" | "Enqueue" | "Queue" | "Number" | "Sip" | "Client" | "Message",
            "method",
        )
        | ("Dial" | "Record" | "Conference", "recordingStatusCallbackMethod")
        | ("Number" | "Sip" | "Client" | "Conference", "statusCallbackMethod" | "amdStatusCallbackMethod")
        | ("Enqueue" | "Conference", "waitUrlMethod" | "waitMethod")
        | ("Dial", "referMethod")
        | ("Gather", "partialResultCallbackMethod") => "POST",
        ("Say" | "Play", "loop") | ("Pause", "length") => "1",
        ("Say" | "Gather", "language") => "en-US",
        ("Gather", "input") => "dtmf",
        ("Gather" | "Record", "timeout") => "5",
        ("Gather", "finishOnKey") => "#",
        ("Gather", "actionOnEmptyResult" | "enhanced") => "false",
        ("Gather", "profanityFilter") => "true",
        ("Gather", "speechModel") => "default",
        ("Record", "finishOnKey") => "1234567890*#",
        ("Record", "maxLength") => "3600",
        ("Record", "playBeep") => "true",
        ("Record", "trim") => "trim-silence",
        ("Record", "transcribe") => "false",
        ("Dial" | "Record" | "Conference", "recordingStatusCallbackEvent")
        | ("Number" | "Sip" | "Client", "statusCallbackEvent") => "completed",
        ("Dial", "timeout") => "30",
        ("Dial", "timeLimit") => "14400",
        ("Dial", "answerOnBridge" | "hangupOnStar" | "sequential") => "false",
        ("Dial" | "Conference", "record") => "do-not-record",
        ("Dial", "recordingTrack") => "both",
        ("Dial", "trim") => "do-not-trim",
        ("Conference", "muted" | "endConferenceOnExit") => "false",
        ("Conference", "beep" | "startConferenceOnEnter") => "true",
        ("Number" | "Sip", "machineDetectionTimeout") => "30",
        ("Reject", "reason") => "rejected",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_matter_is_gone() {
        let one = read(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Say a=\"1\" b=\"2\">Hello  there</Say><Hangup/></Response>",
        );
        let two = read(
            "\n<Response>\n  <!-- said -->\n  <Say b='2' a='1'>\n Hello\n there </Say>\n  <Hangup></Hangup>\n</Response>\n",
        );
        assert_eq!(one, two);
        assert!(read("<Response>").is_err());
        let deep = |no: usize| format!("{}{}", "<a>".repeat(no), "</a>".repeat(no));
        assert!(read(&deep(60)).is_ok() && read(&deep(9_000)).is_err(), "nothing is nested so deep");
        assert_ne!(read("<R><Body>a  b</Body></R>"), read("<R><Body>a b</Body></R>"), "a text message is exact");
    }

    #[test]
    fn what_is_shown_reads_back() {
        let text = "<Response>\n  <Say x=\"a &amp; &quot;b&quot;\">1 &lt; 2</Say>\n  <Hangup/>\n</Response>\n";
        let document = read(text).expect("it is XML");
        assert_eq!(document.pretty(&str::to_owned), text);
        assert_eq!(read(&document.pretty(&str::to_owned)), Ok(document));
    }
}
