//! Requests before they are sent: what for, and what becomes of the reply.
//!
//! Deliberately not here: their parameters (`super::params`).

use super::leg::LegId;

/// A request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Request {
    pub(super) thread: usize,
    /// Which of our numbers it is about.
    pub(super) number: usize,
    pub(super) url: String,
    pub(super) method: &'static str,
    pub(super) params: Vec<(String, String)>,
    pub(super) wants: Wants,
}

/// What a request is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wants {
    /// It tells; the answer does not matter.
    Nothing,
    /// It asks for a document by habit: whoever would hear it is gone.
    Farewell,
    /// A document for a leg, unless it does something else by then.
    Call { leg: LegId, epoch: u32, fallback: bool },
    /// What is answered to a text.
    Text { text: usize, fallback: bool },
}

impl Wants {
    pub(super) fn document(self) -> bool {
        match self {
            Self::Nothing => false,
            Self::Farewell | Self::Call { .. } | Self::Text { .. } => true,
        }
    }
}
