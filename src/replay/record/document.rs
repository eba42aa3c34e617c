//! A document's elements, each mapped by the rule for its place: who is dialled, our own addresses, words.
//!
//! Deliberately not here: which words a redacted world speaks (`rehearsal`); what is spoken comes in as [`Said`].

use crate::domain::Route;
use crate::voice;

use super::super::link::{Link, OPAQUE};
use super::super::xml::Element;
use super::filler;
use super::form::REDACTED;
use super::pseudonyms::Pseudonyms;

/// What is said in place of a document's words.
#[derive(Clone, Copy)]
pub struct Said<'a> {
    /// The document as the same request gets it in the world it came from, before anything was mapped.
    pub then: Option<&'a Element>,
    /// The same in the mapped world.
    pub now: Option<&'a Element>,
}

impl<'a> Said<'a> {
    /// Nothing is known of it: words become filler.
    pub const UNKNOWN: Self = Self { then: None, now: None };

    fn child(self, at: usize) -> Self {
        let of = |element: Option<&'a Element>| element.and_then(|element| element.children.get(at));
        Self { then: of(self.then), now: of(self.now) }
    }

    /// What the mapped world says here, where its model says what was really said.
    fn instead(self, real: &Element) -> Option<&'a str> {
        let (then, now) = (self.then?, self.now?);
        let same = then.name == real.name && then.text == real.text && now.name == real.name;
        same.then_some(now.text.as_str())
    }
}

/// Where an address that is not ours leads in our words, such as `dialed`, by what it stands in.
pub type Step<'a> = &'a dyn Fn(&str, &str, &str) -> Option<String>;

/// Maps a document.
pub struct Mapping<'a> {
    /// Pseudonyms.
    pub pseudonyms: &'a mut Pseudonyms,
    /// For documents that another application wrote: our placeholder for one of its addresses, by the element, the
    /// attribute and the address.
    pub step: Option<Step<'a>>,
}

impl Mapping<'_> {
    /// The document with every value mapped; our own addresses are placeholders.
    pub fn element(&mut self, real: &Element, said: Said<'_>) -> Element {
        let mut order: Vec<String> = Vec::with_capacity(real.order.len());
        for attribute in real.order.iter().map(|attribute| name(attribute)) {
            if !order.contains(&attribute) {
                order.push(attribute);
            }
        }
        let mut made = Element {
            name: name(&real.name),
            attributes: real
                .attributes
                .iter()
                .map(|(attribute, value)| (name(attribute), self.attribute(&real.name, attribute, value)))
                .collect(),
            order,
            text: self.text(real, said),
            children: Vec::with_capacity(real.children.len()),
        };
        for (at, child) in real.children.iter().enumerate() {
            made.children.push(self.element(child, said.child(at)));
        }
        // What a text passes on is not kept; its words and media stand where the mapped world has them.
        if real.name == "Message" && real.children.is_empty() && real.text.is_empty() {
            let model = said.now.filter(|now| now.name == "Message");
            for child in model.into_iter().flat_map(|now| &now.children) {
                let text = if child.name == "Media" { "${url media}".to_owned() } else { child.text.clone() };
                made.children.push(Element { text, ..child.clone() });
            }
        }
        made
    }

    fn attribute(&mut self, element: &str, attribute: &str, value: &str) -> String {
        match (element, attribute) {
            _ if value.is_empty() => String::new(),
            (_, "callerId" | "to" | "from") => self.pseudonyms.caller(value),
            (
                _,
                "action"
                | "url"
                | "statusCallback"
                | "waitUrl"
                | "recordingStatusCallback"
                | "transcribeCallback"
                | "partialResultCallback"
                | "referUrl"
                | "amdStatusCallback"
                | "ringTone",
            ) if value.contains('/') => self.address(element, attribute, value),
            (
                _,
                "method"
                | "statusCallbackMethod"
                | "recordingStatusCallbackMethod"
                | "waitUrlMethod"
                | "waitMethod"
                | "statusCallbackEvent"
                | "recordingStatusCallbackEvent"
                | "answerOnBridge"
                | "record"
                | "timeout"
                | "timeLimit"
                | "length"
                | "loop"
                | "maxLength"
                | "playBeep"
                | "finishOnKey"
                | "numDigits"
                | "input"
                | "actionOnEmptyResult"
                | "transcribe"
                | "trim"
                | "voice"
                | "language"
                | "reason"
                | "sequential"
                | "hangupOnStar"
                | "recordingTrack"
                | "ringTone"
                | "bargeIn"
                | "speechTimeout"
                | "speechModel"
                | "profanityFilter"
                | "machineDetection",
            ) if is_plain(attribute, value) => value.to_owned(),
            _ => REDACTED.to_owned(),
        }
    }

    fn text(&mut self, real: &Element, said: Said<'_>) -> String {
        match real.name.as_str() {
            _ if real.text.is_empty() => String::new(),
            "Number" | "Sip" | "Client" | "Dial" => self.pseudonyms.caller(&real.text),
            "Play" | "Redirect" | "Media" => self.address(&real.name, "", &real.text),
            // Each waiting call has a queue of its own, with a name that follows from the call.
            "Enqueue" | "Queue" => "${queue}".to_owned(),
            _ => said.instead(real).map_or_else(|| filler::words(real.text.chars().count()), str::to_owned),
        }
    }

    fn address(&mut self, element: &str, attribute: &str, value: &str) -> String {
        if let Some(step) = self.step {
            return step(element, attribute, value).unwrap_or_else(|| self.pseudonyms.url(value));
        }
        match Link::read(value).filter(|link| is_ours(element, link)) {
            Some(link) => link.placeholder(),
            None => self.pseudonyms.url(value),
        }
    }
}

/// A name of an element or attribute; documented ones are letters only.
fn name(name: &str) -> String {
    let plain = name.len() <= 40 && name.bytes().all(|b| b.is_ascii_alphabetic());
    if plain { name.to_owned() } else { "Unknown".to_owned() }
}

/// Whether an address is one that we write, and not only like one: it names the call or text by its id, and beside that
/// only which round it is.
fn is_ours(element: &str, link: &Link) -> bool {
    let round = |name: &str, value: &str| match name {
        "attempt" | "try" => value.len() <= 3 && value.bytes().all(|b| b.is_ascii_digit()),
        "route" => Route::read(value).is_some(),
        _ => OPAQUE.contains(&name),
    };
    if link.step == "media" {
        let token = link.target.strip_prefix("/media/");
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        return element == "Media" && token.is_some_and(|token| token.bytes().all(plain));
    }
    voice::Link::PATHS.contains(&link.step.as_str())
        && link.params.iter().any(|(name, _)| OPAQUE.contains(&name.as_str()))
        && link.params.iter().all(|(name, value)| round(name, value))
}

/// Whether a value is documented words and small numbers.
fn is_plain(attribute: &str, value: &str) -> bool {
    if attribute == "finishOnKey" && "01234567890*#".contains(value) {
        return true;
    }
    let several = attribute.ends_with("Event") || attribute == "input";
    value.len() <= 80
        && value.bytes().filter(u8::is_ascii_digit).count() <= 6
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.*#".contains(&b) || (several && b == b' '))
}

#[cfg(test)]
mod tests {
    use super::super::super::xml;
    use super::super::book::Book;
    use super::*;

    fn map(text: &str, then: Option<&str>, now: Option<&str>) -> String {
        let (then, now) = (then.and_then(|t| xml::read(t).ok()), now.and_then(|t| xml::read(t).ok()));
        let mut pseudonyms = Pseudonyms::new(Book::in_memory(b"a key"));
        let mut mapping = Mapping { pseudonyms: &mut pseudonyms, step: None };
        let said = Said { then: then.as_ref(), now: now.as_ref() };
        mapping.element(&xml::read(text).expect("it is XML"), said).pretty(&str::to_owned)
    }

    #[test]
    fn a_document_keeps_its_shape_and_loses_its_values() {
        let made = map(
            "<Response><Say voice=\"alice\">Call Dora</Say><Dial callerId=\"+13125550190\" timeout=\"20\" \
             x-dora=\"Dora\" action=\"https://hooks.dora.example/webhooks/dora/voice/dialed?call=00&amp;attempt=1\">\
             <Number url=\"https://dora.example/whisper\">+13125550123</Number><Dora/></Dial></Response>",
            None,
            None,
        );
        assert!(made.contains(" action=\"${url dialed attempt=1}\""), "{made}");
        assert!(made.contains("timeout=\"20\"") && made.contains("voice=\"alice\""), "{made}");
        assert!(made.contains("url=\"https://www.example.com/"), "{made}");
        assert!(!made.contains("5550190") && !made.contains("5550123"), "{made}");
        assert!(!made.to_lowercase().replace("<dora/>", "").contains("dora"), "{made}");
    }

    #[test]
    fn addresses_of_others_are_not_taken_for_ours() {
        for (inside, why) in [
            ("<Play>https://cdn.dora.example/media/dora-lund.mp3?key=dora</Play>", "music in a folder of media"),
            ("<Redirect>https://old.dora.example/webhooks/twilio/voice?token=dora</Redirect>", "another application"),
            ("<Redirect>https://old.dora.example/webhooks/dora/lund?phone=dora</Redirect>", "and a step of its own"),
            ("<Dial action=\"/webhooks/a/voice/dialed?call=00&amp;attempt=dora%20lund\"/>", "a round that is none"),
            ("<Gather speechModel=\"312-487-2963\"/>", "digits with signs between"),
            ("<Say voice=\"Dora Lund\"/>", "several words where one is documented"),
        ] {
            let made = map(&format!("<Response>{inside}</Response>"), None, None);
            assert!(
                !made.to_lowercase().contains("dora") && !made.contains("${") && !made.contains("312"),
                "{why}: {made}"
            );
        }
        let ours =
            "<Response><Redirect>https://h.example/webhooks/a/voice/menu?call=00&amp;try=2</Redirect></Response>";
        assert!(map(ours, None, None).contains("${url menu try=2}"));
        let any = "<Response><Record finishOnKey=\"1234567890*#\" x-a=\"1\" x-b=\"2\"/></Response>";
        let made = map(any, None, None);
        assert!(made.contains("finishOnKey=\"1234567890*#\""), "{made}");
        assert!(xml::read(&made).is_ok(), "attributes stay apart: {made}");
    }

    #[test]
    fn words_are_those_of_the_mapped_world_where_its_model_said_the_same() {
        let real = "<Response><Say>Call for Dora.</Say></Response>";
        let now = "<Response><Say>Call for Wanda Elm.</Say></Response>";
        for (then, said, why) in [
            (Some(real), true, "the model says what was said"),
            (Some("<Response><Say>Call for Otto.</Say></Response>"), false, "the settings have changed since"),
            (None, false, "nothing is known"),
        ] {
            let made = map(real, then, Some(now));
            assert_eq!(made.contains("Call for Wanda Elm."), said, "{why}: {made}");
            assert!(!made.contains("Dora"), "{why}: {made}");
        }
    }

    #[test]
    fn what_a_text_passed_on_is_filled_in_again() {
        let made = map(
            "<Response><Message to=\"+13125550144\" from=\"+13125550190\"></Message></Response>",
            None,
            Some(
                "<Response><Message to=\"+1\" from=\"+1\"><Body>words</Body><Media>https://h/media/x</Media></Message></Response>",
            ),
        );
        assert!(made.contains("<Body>words</Body>") && made.contains("<Media>${url media}</Media>"), "{made}");
    }
}
