//! A document as bytes, and the same without what a person wrote: what may be kept where bodies may not.
//!
//! Deliberately not here: keeping it, and proving that a repeat carries the same words (`switchboard`).

use std::ops::Range;

/// A document, ready to be sent.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Written {
    /// All of it; empty where the request wants no document.
    pub bytes: Vec<u8>,
    /// Where a person's words and media stand, in order, without overlap.
    pub slots: Vec<Range<usize>>,
}

impl std::fmt::Debug for Written {
    /// Sizes only: a document holds numbers, names and words.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Written").field("bytes", &self.bytes.len()).field("slots", &self.slots).finish()
    }
}

impl Written {
    /// The document without its slots, and where each of them was: offsets into what is left, in order.
    pub fn cut(&self) -> (Vec<u8>, Vec<u32>) {
        let mut kept = Vec::with_capacity(self.bytes.len());
        let mut offsets = Vec::with_capacity(self.slots.len());
        let mut from = 0;
        for slot in &self.slots {
            kept.extend_from_slice(&self.bytes[from..slot.start]);
            offsets.push(u32::try_from(kept.len()).expect("a document is smaller than 32 kB"));
            from = slot.end;
        }
        kept.extend_from_slice(&self.bytes[from..]);
        (kept, offsets)
    }

    /// What stands in the slots.
    pub fn texts(&self) -> impl Iterator<Item = &[u8]> {
        self.slots.iter().map(|slot| &self.bytes[slot.clone()])
    }
}

/// Puts `texts` back where [`Written::cut`] took them from; `None` where they do not fit what was kept.
pub fn fill<T: AsRef<[u8]>>(kept: &[u8], offsets: &[u32], texts: &[T]) -> Option<Vec<u8>> {
    if offsets.len() != texts.len() {
        return None;
    }
    let mut bytes = Vec::with_capacity(kept.len() + texts.iter().map(|text| text.as_ref().len()).sum::<usize>());
    let mut from = 0;
    for (&offset, text) in offsets.iter().zip(texts) {
        let offset = usize::try_from(offset).ok()?;
        bytes.extend_from_slice(kept.get(from..offset)?);
        bytes.extend_from_slice(text.as_ref());
        from = offset;
    }
    bytes.extend_from_slice(kept.get(from..)?);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_cut_can_be_filled_in_again(
            parts in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..9), prop::collection::vec(any::<u8>(), 0..9)), 0..6),
            tail in prop::collection::vec(any::<u8>(), 0..9),
        ) {
            let mut written = Written::default();
            for (plain, secret) in &parts {
                written.bytes.extend_from_slice(plain);
                let start = written.bytes.len();
                written.bytes.extend_from_slice(secret);
                written.slots.push(start..written.bytes.len());
            }
            written.bytes.extend_from_slice(&tail);
            let (kept, offsets) = written.cut();
            let plain: Vec<u8> = parts.iter().flat_map(|(plain, _)| plain).chain(&tail).copied().collect();
            prop_assert_eq!(&kept, &plain);
            let texts: Vec<_> = written.texts().collect();
            prop_assert_eq!(fill(&kept, &offsets, &texts), Some(written.bytes.clone()));
        }
    }

    #[test]
    fn what_does_not_fit_is_no_document() {
        assert_eq!(fill(b"ab", &[1], &[] as &[&[u8]]), None, "a slot without a text");
        assert_eq!(fill(b"ab", &[3], &[b"x"]), None, "a slot beyond the end");
        assert_eq!(fill(b"ab", &[2, 1], &[b"x", b"y"]), None, "slots out of order");
    }
}
