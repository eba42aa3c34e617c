//! A key of a telephone: as it is pressed, written and said.
//!
//! Deliberately not here: what pressing it leads to (`routing`).

/// A key of a telephone.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Digit(u8);

impl Digit {
    /// The key `1`.
    pub const ONE: Self = Self(b'1');

    /// Reads one of `0`–`9`, `*`, `#`; `None` for anything else.
    pub fn read(text: &str) -> Option<Self> {
        match text.as_bytes() {
            [b @ (b'0'..=b'9' | b'*' | b'#')] => Some(Self(*b)),
            _ => None,
        }
    }

    /// The key as it is written.
    pub const fn char(self) -> char {
        self.0 as char
    }

    /// The key as it is said: `star` and `pound` for the two that voices skip.
    pub fn said(self) -> String {
        match self.0 {
            b'*' => "star".to_owned(),
            b'#' => "pound".to_owned(),
            other => (other as char).to_string(),
        }
    }
}

impl std::fmt::Display for Digit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.char())
    }
}
