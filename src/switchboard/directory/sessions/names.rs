//! Names of a million things: text in pieces, and small numbers in its place.
//!
//! Deliberately not here: what the names are of.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use super::index::Index;

/// Names of one piece of text.
const PIECE: usize = 256;

/// Text, each at a number of its own: a name costs its bytes and four more.
#[derive(Default)]
pub(super) struct Names {
    pieces: Vec<Piece>,
}

#[derive(Default)]
struct Piece {
    text: String,
    /// Where each name ends.
    ends: Vec<u32>,
}

impl Names {
    /// Keeps a name; tells its number. The first is 0.
    pub(super) fn add(&mut self, name: &str) -> u32 {
        if self.pieces.last().is_none_or(|piece| piece.ends.len() == PIECE) {
            if let Some(full) = self.pieces.last_mut() {
                full.text.shrink_to_fit();
            }
            self.pieces.push(Piece { text: String::new(), ends: Vec::with_capacity(PIECE) });
        }
        let pieces = self.pieces.len();
        let piece = self.pieces.last_mut().expect("one was just made");
        piece.text.push_str(name);
        piece.ends.push(u32::try_from(piece.text.len()).expect("names are short"));
        u32::try_from((pieces - 1) * PIECE + piece.ends.len() - 1).expect("fewer than four thousand million names")
    }

    /// The name of this number; empty where there is none.
    pub(super) fn text(&self, number: u32) -> &str {
        let (piece, at) = (number as usize / PIECE, number as usize % PIECE);
        let Some(Piece { text, ends }) = self.pieces.get(piece) else { return "" };
        let begin = at.checked_sub(1).map_or(0, |before| ends[before]);
        &text[begin as usize..ends[at] as usize]
    }
}

/// Words that come again and again, each kept once.
#[derive(Default)]
pub(super) struct Words {
    names: Names,
    numbers: Index,
    hasher: RandomState,
}

impl Words {
    /// The number of a word, which is kept where it is new.
    pub(super) fn intern(&mut self, word: &str) -> u32 {
        if let Some(known) = self.known(word) {
            return known;
        }
        let number = self.names.add(word);
        let Self { names, numbers, hasher } = self;
        numbers.add(hasher.hash_one(word), number, |number| hasher.hash_one(names.text(number)));
        number
    }

    /// The number of a word, where it is known.
    pub(super) fn known(&self, word: &str) -> Option<u32> {
        self.numbers.find(self.hasher.hash_one(word), |number| self.names.text(number) == word)
    }

    /// The word of this number.
    pub(super) fn text(&self, number: u32) -> &str {
        self.names.text(number)
    }
}
