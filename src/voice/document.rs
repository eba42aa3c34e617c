//! A document before it has a language: an answer, the addresses it needs, and the words it passes on.
//!
//! Deliberately not here: markup. The answer's own types already say what can be told to whom (a callee's page has no
//! way to dial, whatever shows a number shows a [`MaskingNumber`]), so a page borrows them as they are.

use crate::domain::{E164, MaskingNumber, MediaItem, MessageId, Spoken};
use crate::routing::answer::{Answer, Body, LegAnswer, VoiceAnswer};

use super::links::Links;

/// What a dialect writes.
pub struct Document<'a> {
    /// Where its addresses lead.
    pub links: &'a Links<'a>,
    /// What it says.
    pub page: Page<'a>,
}

/// What a document says.
pub enum Page<'a> {
    /// Nothing: the request wanted no document.
    Nothing,
    /// To the caller's leg.
    Caller(&'a VoiceAnswer),
    /// To a callee's leg, before it is bridged.
    Callee(&'a LegAnswer),
    /// Texts to send; may be none.
    Texts(Vec<Text<'a>>),
}

/// A text, all of it at hand.
pub struct Text<'a> {
    /// The inbound text that caused it.
    pub message: MessageId,
    /// To whom.
    pub to: E164,
    /// From which number.
    pub from: MaskingNumber,
    /// What it says.
    pub says: Says<'a>,
}

/// Whose words a text has.
#[derive(Clone, Copy)]
pub enum Says<'a> {
    /// A person's: not to be kept where bodies are not.
    Theirs(Relayed<'a>),
    /// Ours.
    Ours(&'a Spoken),
}

/// A person's words and media.
#[derive(Clone, Copy)]
pub struct Relayed<'a> {
    /// The words.
    pub words: &'a Spoken,
    /// The media.
    pub media: &'a [MediaItem],
}

impl Relayed<'_> {
    /// Whether nothing would be delivered.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.media.is_empty()
    }
}

/// Makes a document of an answer. `held` finds the words of an earlier text that waited; where they have been erased
/// since, that text is left out. So is one that says nothing: providers refuse to send it.
pub fn compose<'a>(
    answer: &'a Answer,
    links: &'a Links<'a>,
    held: &dyn Fn(MessageId) -> Option<Relayed<'a>>,
) -> Document<'a> {
    let page = match answer {
        Answer::Noted => Page::Nothing,
        Answer::Voice(answer) => Page::Caller(answer),
        Answer::Leg(answer) => Page::Callee(answer),
        Answer::Text(outgoing) => {
            let says = |body: &'a Body| match body {
                Body::Ours(words) => (!words.is_empty()).then_some(Says::Ours(words)),
                Body::Relayed { words, media } => theirs(Relayed { words, media }),
                Body::Held(message) => held(*message).and_then(theirs),
            };
            let text = |text: &'a crate::routing::answer::Outgoing| {
                Some(Text { message: text.message, to: text.to, from: text.from, says: says(&text.body)? })
            };
            Page::Texts(outgoing.iter().filter_map(text).collect())
        }
    };
    Document { links, page }
}

fn theirs(relayed: Relayed<'_>) -> Option<Says<'_>> {
    (!relayed.is_empty()).then_some(Says::Theirs(relayed))
}
