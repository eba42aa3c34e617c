//! Replies read as a provider reads them: content type, size, XML, then verbs; what it complains about has its own
//! error codes (wire.md A.5, A.6).
//!
//! Deliberately not here: attributes of single verbs (`super::reading`), and running them.

use roxmltree::Node;

use super::attributes::Complaint;
use super::network::Reply;
use super::reading::{message, redirect, voice};
use super::verbs::{Message, Sound, Verb};

/// The longest body, in bytes.
const LARGEST: usize = 64 * 1024;

/// The most messages in one document.
const MOST_MESSAGES: usize = 10;

/// What a document is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Purpose {
    Voice,
    Text,
}

/// A reply, read; the verbs in order, and what was warned of.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Document {
    pub(super) verbs: Vec<Verb>,
    pub(super) warnings: Vec<Complaint>,
}

/// Reads a reply to a request that wants a document. The error is what the provider gives up with.
pub(super) fn read(reply: &Reply, purpose: Purpose) -> Result<Document, Complaint> {
    if !(200..300).contains(&reply.status) {
        return Err(Complaint::error(11200, format!("the answer was status {}, not 2xx", reply.status)));
    }
    if reply.body.len() > LARGEST {
        return Err(Complaint::error(11750, format!("{} bytes; a document has at most {LARGEST}", reply.body.len())));
    }
    let Some(kind) = &reply.content_type else {
        return Err(Complaint::error(12300, "the answer has no content type"));
    };
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind.starts_with("audio/") && purpose == Purpose::Voice {
        let sound = Sound::File { url: String::new(), times: 1 };
        return Ok(Document { verbs: vec![Verb::Sound(sound), Verb::Hangup], warnings: Vec::new() });
    }
    if !matches!(kind.as_str(), "text/xml" | "application/xml" | "text/html" | "text/plain") {
        return Err(Complaint::error(12300, format!("nobody reads a document of type {kind:?}")));
    }
    if reply.body.is_empty() {
        return Err(Complaint::error(11770, "an empty answer where a document is wanted"));
    }
    let text =
        std::str::from_utf8(&reply.body).map_err(|error| Complaint::error(12100, format!("no UTF-8: {error}")))?;
    parse(text, purpose)
        .or_else(|complaint| if kind == "text/plain" { Ok(plain(text, purpose)) } else { Err(complaint) })
}

/// Plain text is spoken, or sent.
fn plain(text: &str, purpose: Purpose) -> Document {
    let words = text.trim().to_owned();
    let verbs = match purpose {
        Purpose::Voice => vec![Verb::Sound(Sound::Words { words, times: 1 }), Verb::Hangup],
        Purpose::Text => {
            vec![Verb::Message(Message { to: None, from: None, words, media: Vec::new(), action: None, status: None })]
        }
    };
    Document { verbs, warnings: Vec::new() }
}

fn parse(text: &str, purpose: Purpose) -> Result<Document, Complaint> {
    let first = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if first.starts_with("<?xml") && first.len() != text.len() {
        return Err(Complaint::error(12100, "something stands before <?xml"));
    }
    if let Some(version) = version(text)
        && version != "1.0"
    {
        return Err(Complaint::error(12101, format!("XML version {version}, not 1.0")));
    }
    let tree = roxmltree::Document::parse(text).map_err(|error| Complaint::error(12100, error.to_string()))?;
    let root = tree.root_element();
    if root.tag_name().name() != "Response" {
        return Err(Complaint::error(12102, format!("the root is <{}>, not <Response>", root.tag_name().name())));
    }
    let mut warnings = Vec::new();
    let mut verbs = Vec::new();
    for node in root.children().filter(Node::is_element) {
        let verb = match purpose {
            Purpose::Voice => voice(node, &mut warnings)?,
            Purpose::Text => texting(node, &mut warnings),
        };
        verbs.extend(verb);
    }
    if purpose == Purpose::Text {
        let messages = verbs.iter().filter(|verb| matches!(verb, Verb::Message(_))).count();
        if messages > MOST_MESSAGES {
            let why = format!("{messages} messages; at most {MOST_MESSAGES} answer one");
            warnings.push(Complaint::warning(14109, why));
            verbs.truncate(MOST_MESSAGES);
        }
    }
    Ok(Document { verbs, warnings })
}

fn texting(node: Node<'_, '_>, warnings: &mut Vec<Complaint>) -> Option<Verb> {
    match node.tag_name().name() {
        "Message" => message(node, warnings).map(Verb::Message),
        "Redirect" => Some(Verb::Redirect(redirect(node, warnings))),
        name => {
            warnings.push(Complaint::warning(14110, format!("<{name}> does nothing in an answer to a text")));
            None
        }
    }
}

/// The version that an XML declaration names.
fn version(text: &str) -> Option<&str> {
    let declaration = text.strip_prefix("<?xml")?.split("?>").next()?;
    let value = declaration.split_once("version")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value[1..].split(quote).next()
}

/// Everything written in an element, with white space as speech and forms have it.
pub(super) fn words(node: Node<'_, '_>) -> String {
    let all: String = node.descendants().filter(Node::is_text).filter_map(|text| text.text()).collect();
    all.split_whitespace().collect::<Vec<_>>().join(" ")
}
