//! Markup appended to one vector: tags, addresses, and text that keeps within its limits.
//!
//! Deliberately not here: any verb. Text is escaped here and nowhere else; [`Spoken`] has already dropped what XML
//! cannot carry.

use std::fmt::Display;
use std::io::Write;

use quick_xml::escape::{escape, partial_escape};

use crate::domain::Spoken;

use super::links::{Link, Links};

/// The largest document that is written, in bytes. Twilio takes 64 kB (error 11750) and is known to stumble earlier.
pub(super) const LIMIT: usize = 32_000;

/// A document being written.
pub(super) struct Xml {
    /// What is written so far.
    pub(super) out: Vec<u8>,
    /// What every address begins with, escaped.
    prefix: String,
    /// Bytes that text may still take.
    pub(super) room: usize,
}

impl Xml {
    /// Begins a document that will have at most `addresses` of ours besides its text.
    pub(super) fn begin(links: &Links<'_>, addresses: usize) -> Self {
        let mut out = Vec::with_capacity(1024);
        out.extend_from_slice(br#"<?xml version="1.0" encoding="UTF-8"?><Response>"#);
        let prefix = links.prefix();
        let prefix = match escape(prefix.as_str()) {
            std::borrow::Cow::Borrowed(_) => prefix,
            std::borrow::Cow::Owned(escaped) => escaped,
        };
        let room = LIMIT.saturating_sub(1024 + addresses * (prefix.len() + 160));
        Self { out, prefix, room }
    }

    /// Ends it.
    pub(super) fn end(mut self) -> Vec<u8> {
        self.raw("</Response>");
        self.out
    }

    /// Markup of our own, as it is.
    pub(super) fn raw(&mut self, markup: &str) {
        self.out.extend_from_slice(markup.as_bytes());
    }

    /// An attribute whose value needs no escaping: a number or a phone.
    pub(super) fn plain(&mut self, name: &str, value: impl Display) {
        write!(self.out, " {name}=\"{value}\"").expect("a vector takes everything");
    }

    /// An attribute that holds one of our addresses.
    pub(super) fn link(&mut self, name: &str, link: Link) {
        self.raw(" ");
        self.raw(name);
        self.raw("=\"");
        self.address(link);
        self.raw("\"");
    }

    /// One of our addresses as text.
    pub(super) fn address(&mut self, link: Link) {
        self.out.extend_from_slice(self.prefix.as_bytes());
        link.write(&mut self.out, "&amp;");
    }

    /// An element of text, at most `chars` characters of it, cut where the document has no room for more.
    pub(super) fn text(&mut self, tag: &str, words: &Spoken, chars: usize) {
        let Some(room) = self.room.checked_sub(2 * tag.len() + 5) else { return };
        let (words, size) = clip(words.as_str(), chars, room);
        // Where not even one character fits, nothing that follows is said either.
        self.room = if words.is_empty() { 0 } else { room - size };
        if words.is_empty() {
            return;
        }
        self.element(tag, &partial_escape(words));
    }

    /// An element that holds an address of somebody else's; false, and nothing written, where there is no room: an
    /// address that is cut leads elsewhere.
    pub(super) fn foreign(&mut self, tag: &str, url: &str) -> bool {
        let url = Spoken::new(url);
        let url = partial_escape(url.as_str());
        let Some(room) = self.room.checked_sub(2 * tag.len() + 5 + url.len()) else { return false };
        self.room = room;
        self.element(tag, &url);
        true
    }

    fn element(&mut self, tag: &str, escaped: &str) {
        for part in ["<", tag, ">", escaped, "</", tag, ">"] {
            self.raw(part);
        }
    }
}

/// The longest beginning of `text` with at most `chars` characters and `room` bytes once escaped, and those bytes.
fn clip(text: &str, chars: usize, room: usize) -> (&str, usize) {
    let mut size = 0;
    for (count, (at, c)) in text.char_indices().enumerate() {
        let more = match c {
            '&' | '\r' => 5,
            '<' | '>' => 4,
            _ => c.len_utf8(),
        };
        if count == chars || size + more > room {
            return (&text[..at], size);
        }
        size += more;
    }
    (text, size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_between_characters() {
        for (text, chars, room, expected, why) in [
            ("Ana", 9, 9, "Ana", "it fits"),
            ("Ana", 2, 9, "An", "too many characters"),
            ("né", 9, 2, "n", "half a character does not count"),
            ("a&b", 9, 5, "a", "an ampersand is five bytes"),
            ("a&b", 9, 6, "a&", "just fits"),
            ("🙂🙂", 9, 7, "🙂", "four bytes each"),
            ("x", 9, 0, "", "no room"),
        ] {
            let (kept, size) = clip(text, chars, room);
            assert_eq!(kept, expected, "{why}");
            assert_eq!(size, partial_escape(kept).len(), "{why}");
        }
    }
}
