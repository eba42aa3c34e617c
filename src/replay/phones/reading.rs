//! Elements read as verbs: which attributes each has, what they may be, and what they are when left out (wire.md B).
//!
//! Deliberately not here: what a `<Dial>` reaches (`super::nouns`), and whether a verb may stand where it does when it
//! is run.

use roxmltree::Node;

use super::attributes::{Attributes, Complaint};
use super::document::words;
use super::nouns::dial;
use super::verbs::{Enqueue, Gather, Link, Message, Record, Sound, Verb};

/// The longest text of a `<Say>`, in characters.
const LONGEST_WORDS: usize = 4096;

/// The longest body of a `<Message>`, in characters.
const LONGEST_BODY: usize = 1600;

/// The largest number that has no limit of its own.
const ANY: u64 = 1_000_000;

/// Reads a verb of a call. `None` for what a provider skips; an error ends the document.
pub(super) fn voice(node: Node<'_, '_>, warnings: &mut Vec<Complaint>) -> Result<Option<Verb>, Complaint> {
    Ok(Some(match node.tag_name().name() {
        "Say" | "Play" | "Pause" => return Ok(sound(node, false, warnings)?.map(Verb::Sound)),
        "Gather" => Verb::Gather(gather(node, warnings)?),
        "Record" => Verb::Record(record(node, warnings)),
        "Dial" => Verb::Dial(dial(node, warnings)),
        "Enqueue" => Verb::Enqueue(enqueue(node, warnings)),
        "Redirect" => Verb::Redirect(redirect(node, warnings)),
        "Reject" => {
            let mut attributes = Attributes::of(node, &["reason"], warnings);
            Verb::Reject { busy: attributes.word("reason", &["rejected", "busy"], "rejected", 13810) == "busy" }
        }
        "Hangup" => {
            Attributes::of(node, &[], warnings);
            Verb::Hangup
        }
        "Leave" => {
            Attributes::of(node, &[], warnings);
            Verb::Leave
        }
        name => {
            warnings.push(Complaint::warning(12200, format!("there is no verb <{name}>")));
            return Ok(None);
        }
    }))
}

fn sound(node: Node<'_, '_>, nested: bool, warnings: &mut Vec<Complaint>) -> Result<Option<Sound>, Complaint> {
    match node.tag_name().name() {
        "Say" => say(node, nested, warnings),
        "Play" => Ok(play(node, warnings)),
        _ => {
            let mut attributes = Attributes::of(node, &["length"], warnings);
            Ok(Some(Sound::Silence(attributes.number("length", 1..=ANY, 1, 13910))))
        }
    }
}

fn say(node: Node<'_, '_>, nested: bool, warnings: &mut Vec<Complaint>) -> Result<Option<Sound>, Complaint> {
    let mut attributes = Attributes::of(node, &["voice", "language", "loop"], warnings);
    let times = attributes.number("loop", 0..=ANY, 1, 13510);
    if let Some(voice) = attributes.text("voice")
        && !matches!(voice, "man" | "woman" | "alice")
        && !["Polly.", "Google."].iter().any(|house| voice.starts_with(house))
    {
        if nested {
            return Err(Complaint::error(13511, "a <Say> in a <Gather> has a voice that nobody has"));
        }
        attributes.warn(13511, "voice", "man, woman, alice, Polly.… or Google.…");
    }
    if let Some(language) = attributes.text("language") {
        let mut parts = language.split('-');
        let first = parts.next().is_some_and(|part| (2..=3).contains(&part.len()) && letters(part));
        if !(first
            && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())))
        {
            attributes.warn(13512, "language", "a tag such as en-US");
        }
    }
    let words = words(node);
    let count = words.chars().count();
    if count == 0 {
        warnings.push(Complaint::warning(13520, "a <Say> without words"));
        return Ok(None);
    }
    if count > LONGEST_WORDS {
        warnings.push(Complaint::warning(13521, format!("a <Say> of {count} characters; at most {LONGEST_WORDS}")));
        return Ok(None);
    }
    Ok(Some(Sound::Words { words, times }))
}

fn letters(part: &str) -> bool {
    part.bytes().all(|b| b.is_ascii_alphabetic())
}

fn play(node: Node<'_, '_>, warnings: &mut Vec<Complaint>) -> Option<Sound> {
    let mut attributes = Attributes::of(node, &["loop", "digits"], warnings);
    let times = attributes.number("loop", 0..=ANY, 1, 13410);
    if let Some(digits) = attributes.text("digits") {
        if !digits.is_empty() && digits.bytes().all(|b| b"0123456789wW#*".contains(&b)) {
            return Some(Sound::Tones);
        }
        attributes.warn(13430, "digits", "0-9, w, # and *");
        return None;
    }
    let url = words(node);
    if url.is_empty() {
        warnings.push(Complaint::warning(12200, "a <Play> without an address"));
        return None;
    }
    Some(Sound::File { url, times })
}

/// An action that is the document itself where none is given.
fn action(attributes: &mut Attributes<'_, '_, '_>, code: u32) -> Link {
    let method = attributes.method("method", code);
    Link { url: attributes.text("action").unwrap_or_default().to_owned(), method }
}

fn gather(node: Node<'_, '_>, warnings: &mut Vec<Complaint>) -> Result<Gather, Complaint> {
    const KNOWN: [&str; 20] = [
        "action",
        "method",
        "input",
        "timeout",
        "numDigits",
        "finishOnKey",
        "actionOnEmptyResult",
        "speechTimeout",
        "language",
        "hints",
        "profanityFilter",
        "enhanced",
        "speechModel",
        "partialResultCallback",
        "partialResultCallbackMethod",
        "bargeIn",
        "maxSpeechTime",
        "debug",
        "minDigits",
        "dtmfDetection",
    ];
    let mut attributes = Attributes::of(node, &KNOWN[..18], warnings);
    let action = action(&mut attributes, 13312);
    let input = attributes.word("input", &["dtmf", "speech", "dtmf speech", "speech dtmf"], "dtmf", 13326);
    let auto = attributes.text("timeout") == Some("auto");
    let timeout = if auto { 5 } else { attributes.number("timeout", 0..=ANY, 5, 13313) };
    let digits = attributes.text("numDigits").map(|_| attributes.number("numDigits", 1..=ANY, ANY, 13314));
    let finish = match attributes.text("finishOnKey") {
        None => Some('#'),
        Some("") => None,
        Some(key) if key.chars().count() == 1 && key.chars().all(is_key) => key.chars().next(),
        Some(_) => {
            attributes.warn(13310, "finishOnKey", "one of 0-9, # and *, or nothing");
            Some('#')
        }
    };
    let on_empty = match attributes.text("actionOnEmptyResult") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Complaint::error(13338, "actionOnEmptyResult is true or false")),
    };
    let mut sounds = Vec::new();
    for child in node.children().filter(Node::is_element) {
        match child.tag_name().name() {
            "Say" | "Play" | "Pause" => sounds.extend(sound(child, true, warnings)?),
            name => {
                let why = format!("<{name}> cannot be in a <Gather>: only Say, Play and Pause");
                warnings.push(Complaint::warning(13320, why));
            }
        }
    }
    Ok(Gather { action, sounds, takes_keys: input != "speech", timeout, digits, finish, on_empty })
}

/// Whether a phone has this key.
pub(super) fn is_key(key: char) -> bool {
    key.is_ascii_digit() || matches!(key, '#' | '*')
}

fn record(node: Node<'_, '_>, warnings: &mut Vec<Complaint>) -> Record {
    const KNOWN: [&str; 14] = [
        "action",
        "method",
        "timeout",
        "finishOnKey",
        "maxLength",
        "playBeep",
        "trim",
        "recordingStatusCallback",
        "recordingStatusCallbackMethod",
        "recordingStatusCallbackEvent",
        "transcribe",
        "transcribeCallback",
        "recordingConfigurationId",
        "recordingTrack",
    ];
    let mut attributes = Attributes::of(node, &KNOWN[..13], warnings);
    let action = action(&mut attributes, 13610);
    let timeout = attributes.number("timeout", 0..=ANY, 5, 13611);
    let finish = match attributes.text("finishOnKey") {
        Some(keys) if keys.chars().all(is_key) => keys.to_owned(),
        wrong => {
            if wrong.is_some() {
                attributes.warn(13613, "finishOnKey", "some of 0-9, # and *");
            }
            "1234567890*#".to_owned()
        }
    };
    let transcribe = attributes.flag("transcribe", false, 13614);
    let usual = if transcribe { 120 } else { 3600 };
    let longest = attributes.number("maxLength", 2..=86_400, usual, 13612);
    if transcribe && longest > 120 {
        attributes.warn(13615, "maxLength", "only two minutes are transcribed");
    }
    let beep = attributes.flag("playBeep", true, 13616);
    let trim = attributes.word("trim", &["trim-silence", "do-not-trim"], "trim-silence", 12200) == "trim-silence";
    let events = ["in-progress", "completed", "absent", "failed"];
    let status = attributes.callback("recordingStatusCallback", &events, "completed", 13621);
    let transcript = attributes.text("transcribeCallback").filter(|_| transcribe);
    let transcript = transcript.map(|url| Link { url: url.to_owned(), method: "POST" });
    Record { action, timeout, finish, longest, beep, trim, status, transcript }
}

fn enqueue(node: Node<'_, '_>, warnings: &mut Vec<Complaint>) -> Enqueue {
    let known = ["action", "method", "waitUrl", "waitUrlMethod", "workflowSid", "maxQueueSize"];
    let mut attributes = Attributes::of(node, &known, warnings);
    let action = attributes.link("action", "method", 14201);
    let wait = attributes.link("waitUrl", "waitUrlMethod", 14206).filter(|link| !link.url.is_empty());
    let most = attributes.number("maxQueueSize", 1..=5000, 1000, 14207);
    let mut name = words(node);
    if name.is_empty() {
        warnings.push(Complaint::warning(14204, "a queue without a name"));
    }
    if name.chars().count() > 64 {
        warnings.push(Complaint::warning(14205, "the name of a queue has at most 64 letters"));
        name = name.chars().take(64).collect();
    }
    Enqueue { name, action, wait, most }
}

/// `<Redirect>`.
pub(super) fn redirect(node: Node<'_, '_>, warnings: &mut Vec<Complaint>) -> Link {
    let mut attributes = Attributes::of(node, &["method"], warnings);
    Link { method: attributes.method("method", 13710), url: words(node) }
}

/// `<Message>`; `None` when there is nothing in it to send.
pub(super) fn message(node: Node<'_, '_>, warnings: &mut Vec<Complaint>) -> Option<Message> {
    let mut attributes = Attributes::of(node, &["to", "from", "action", "method", "statusCallback"], warnings);
    let action = attributes.link("action", "method", 14104);
    let status = attributes.text("statusCallback").map(|url| Link { url: url.to_owned(), method: "POST" });
    let (to, from) = (attributes.text("to").map(str::to_owned), attributes.text("from").map(str::to_owned));
    let child = |name: &'static str| node.children().filter(move |child| child.has_tag_name(name));
    let said = |node: Node<'_, '_>| node.children().filter(Node::is_text).filter_map(|t| t.text()).collect::<String>();
    let mut body: String = child("Body").map(said).collect();
    if child("Body").next().is_none() {
        said(node).trim().clone_into(&mut body);
    }
    for other in node.children().filter(Node::is_element).filter(|c| !matches!(c.tag_name().name(), "Body" | "Media")) {
        warnings.push(Complaint::warning(12200, format!("<{}> cannot be in a <Message>", other.tag_name().name())));
    }
    let media: Vec<String> = child("Media").map(words).filter(|url| !url.is_empty()).collect();
    let length = body.chars().count();
    if length > LONGEST_BODY || media.len() > 10 || body.trim().is_empty() && media.is_empty() {
        let why = format!(
            "a message has 1 to {LONGEST_BODY} characters and at most ten media, not {length} and {}",
            media.len()
        );
        warnings.push(Complaint::warning(14103, why));
        return None;
    }
    Some(Message { to, from, words: body, media, action, status })
}
