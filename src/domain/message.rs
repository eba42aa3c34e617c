//! Texts: what came in, and a technician's choice of whom theirs is for.
//!
//! Deliberately not here: keeping bodies (`store::bodies`) and delivering them (`routing::relay`).

use super::ids::{MessageId, SessionId};
use super::phone::{CallerId, E164};
use super::time::Moment;

/// A text as a provider delivered it.
#[derive(Clone, PartialEq, Eq)]
pub struct IncomingText {
    /// Our id of it.
    pub id: MessageId,
    /// The provider's.
    pub sid: String,
    /// Who sent it.
    pub from: CallerId,
    /// The number it was sent to.
    pub to: E164,
    /// What it says; may be empty beside media.
    pub body: String,
    /// Pictures and the like, as the provider keeps them.
    pub media: Vec<MediaItem>,
    /// The provider has dealt with an opt-out word itself and says which (`OptOutType`).
    pub opt_out_type: Option<String>,
}

impl std::fmt::Debug for IncomingText {
    /// Without the body and the media's addresses: neither belongs in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IncomingText")
            .field("id", &self.id)
            .field("from", &self.from)
            .field("to", &self.to)
            .field("media", &self.media.len())
            .finish_non_exhaustive()
    }
}

/// One medium of a text.
#[derive(Clone, PartialEq, Eq)]
pub struct MediaItem {
    /// The provider's address of it; shown to nobody.
    pub url: String,
    /// Its media type.
    pub content_type: String,
}

/// A technician was asked whom a text is for, and has or has not said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choosing {
    /// When they were asked.
    pub asked_at: Moment,
    /// The sessions they were offered, `1` first.
    pub offered: Vec<SessionId>,
    /// The one they chose, and when.
    pub chosen: Option<(SessionId, Moment)>,
    /// The texts that wait for their answer, oldest first, where bodies are kept.
    pub held: Vec<MessageId>,
}

impl std::fmt::Debug for MediaItem {
    /// Without the address: it names the provider's account.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MediaItem").field("content_type", &self.content_type).finish_non_exhaustive()
    }
}
