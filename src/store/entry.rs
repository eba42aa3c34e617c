//! What one webhook leaves behind: the journal's row and every row that it changes, as one unit that is written whole
//! or not at all.
//!
//! Deliberately not here: writing it (`store::writer`), and what it means (`switchboard::settle`). The shapes are
//! serde's because an entry that cannot be written yet waits in a file.

use serde::{Deserialize, Serialize};

use super::outbox::OutboxRow;
use crate::domain::MessageId;

/// A delivery's name: two deliveries with the same key are one event.
pub type ClaimKey = [u8; 16];

/// One webhook, decided and answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Names this entry; written once, however often it is offered.
    pub id: u128,
    /// When it was decided, in microseconds since the epoch.
    pub at: i64,
    /// The delivery it answers; `None` for a request that could not be read.
    pub claim: Option<ClaimKey>,
    /// The request, the answer, and why.
    pub journal: JournalRow,
    /// Everything else that changes.
    pub writes: Vec<Write>,
}

/// The journal's row: one webhook and its answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JournalRow {
    /// The provider account.
    pub account: String,
    /// Whose it is, where that is known.
    pub tenant: Option<String>,
    /// Which step: the path behind the account, such as `voice/dialed`.
    pub step: String,
    /// The provider's id of the call or text.
    pub sid: String,
    /// The interaction it belongs to (32 hexadecimal digits).
    pub interaction: Option<String>,
    /// The request's method.
    pub method: String,
    /// The request's target: path and query.
    pub target: String,
    /// The request's body, without a text's words and media.
    pub body: Vec<u8>,
    /// The answer.
    pub answer: KeptAnswer,
    /// The decision as JSON, `null` where there is none.
    pub decision: String,
    /// The kinds of the effects as a JSON list.
    pub effects: String,
    /// How long it took to decide, in microseconds.
    pub micros: i64,
}

/// An answer as it is kept for repeats: with empty slots where a text's words and media stood.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeptAnswer {
    /// HTTP status.
    pub status: u16,
    /// The document, cut.
    pub bytes: Vec<u8>,
    /// Where something was cut out, as offsets into `bytes`, in order.
    pub slots: Vec<u32>,
    /// Keyed hash of what was cut out; a repeat must carry the same.
    pub slot_hash: Option<[u8; 32]>,
    /// When it was given, in microseconds since the epoch: media addresses in a slot depend on it.
    pub at: i64,
    /// The earlier texts that stood in the slots, in order; none where it was the request's own.
    pub held: Vec<u128>,
}

/// The texts that wait for a choice, as their column keeps them: ids with a space between, nothing for none.
pub fn held_column(held: &[MessageId]) -> Option<String> {
    let ids: Vec<String> = held.iter().map(ToString::to_string).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// The reverse of [`held_column`]; `None` where one is no id of ours.
pub fn held_ids(column: &str) -> Option<Vec<MessageId>> {
    column.split(' ').map(MessageId::read).collect()
}

/// One row that changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Write {
    /// An interaction's row: made, or replaced by this later state of it.
    Interaction(Box<InteractionRow>),
    /// A line of its timeline.
    Event(EventRow),
    /// A contact that was made.
    Contact(ContactRow),
    /// A text.
    Message(MessageRow),
    /// News of a text of ours: applied to the message by its interaction, never backwards.
    MessageStatus {
        /// The interaction of the inbound text that ours answered, where our URL told.
        interaction: Option<String>,
        /// The provider's id of our text.
        sid: String,
        /// Its status.
        status: String,
        /// The provider's error code.
        error_code: Option<u32>,
        /// When, in microseconds.
        at: i64,
    },
    /// A voicemail.
    Voicemail(VoicemailRow),
    /// A voicemail's words.
    Transcription {
        /// Its interaction.
        interaction: String,
        /// The words, sealed.
        text: Vec<u8>,
    },
    /// Something the back office owes.
    Todo(TodoRow),
    /// Something to be told to a tenant's program.
    Outbox(Box<OutboxRow>),
    /// A phone opted out of texts from a number, or in again.
    OptOut {
        /// The number's digits.
        number: u64,
        /// The phone's digits.
        phone: u64,
        /// Whose number it is.
        tenant: String,
        /// Out, or in again.
        out: bool,
        /// When, in microseconds.
        at: i64,
    },
    /// A technician was asked whom a text is for, or said.
    Choosing {
        /// The number's digits.
        number: u64,
        /// The technician's phone's digits.
        phone: u64,
        /// When they were asked, in microseconds.
        asked_at: i64,
        /// The sessions offered, as a JSON list of ids.
        offered: String,
        /// The one chosen.
        chosen: Option<String>,
        /// When, in microseconds.
        chosen_at: Option<i64>,
        /// The interactions of the texts that wait, with a space between.
        held: Option<String>,
    },
    /// How many wrong PINs in a row a phone has typed on a number; 0 ends the row.
    PinStreak {
        /// The number's digits.
        number: u64,
        /// The phone's digits.
        phone: u64,
        /// How many.
        wrong: u8,
        /// When, in microseconds.
        at: i64,
    },
    /// Something is to be asked of a provider.
    Job(super::provider_jobs::JobRow),
    /// A recording of a conversation, or a voicemail's, exists at the provider: it is fetched and kept.
    Recording(RecordingRow),
    /// An automatic text of ours went to a phone.
    Automatic {
        /// The number's digits.
        number: u64,
        /// The phone's digits.
        phone: u64,
        /// Which: `closed`, `opted_out`, `choice`, `undelivered`.
        what: String,
        /// When, in microseconds.
        at: i64,
    },
}

/// An interaction as a row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InteractionRow {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Whose.
    pub tenant: String,
    /// Where.
    pub location: Option<String>,
    /// On which account.
    pub account: String,
    /// `voice` or `sms`.
    pub channel: String,
    /// The provider's id of it.
    pub sid: String,
    /// The masking number's digits.
    pub number: u64,
    /// Who called: E.164 or a word.
    pub caller: String,
    /// The session.
    pub session: Option<String>,
    /// How it was matched.
    pub matched: String,
    /// The customer side's route.
    pub route: Option<String>,
    /// `open`, or how it ended.
    pub state: String,
    /// When it came, in microseconds.
    pub opened_at: i64,
    /// When it ended, in microseconds.
    pub ended_at: Option<i64>,
    /// Of calls: the state that the next step needs (see `store::call_form`).
    pub call: Option<String>,
    /// The decision as JSON.
    pub decision: String,
    /// When this state was reached, in microseconds: an older one never replaces a newer.
    pub updated_at: i64,
}

/// A line of an interaction's timeline.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EventRow {
    /// Its interaction.
    pub interaction: String,
    /// When, in microseconds.
    pub at: i64,
    /// The effect's kind, or `request`.
    pub kind: String,
    /// Values, as JSON.
    pub detail: String,
}

/// A contact as a row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ContactRow {
    /// The number's digits.
    pub number: u64,
    /// From whose phone.
    pub from: u64,
    /// To whose phone.
    pub to: u64,
    /// When, in microseconds.
    pub at: i64,
    /// `voice` or `sms`.
    pub channel: String,
    /// `technician`, `backoffice` or `customer`.
    pub by: String,
    /// Whose number it is.
    pub tenant: String,
}

/// A text as a row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MessageRow {
    /// Its interaction, which is its id.
    pub interaction: String,
    /// Whose.
    pub tenant: String,
    /// Where.
    pub location: Option<String>,
    /// The number's digits.
    pub number: u64,
    /// Who sent it: E.164 or a word.
    pub from: String,
    /// To whom it was passed on: digits.
    pub to: Option<u64>,
    /// Words and media, sealed; `None` where they are not kept.
    pub body: Option<Vec<u8>>,
    /// How many media it has.
    pub media: u8,
    /// `relayed`, `held`, `undelivered`, `todo`, `keyword`.
    pub status: String,
    /// When, in microseconds.
    pub at: i64,
}

/// A voicemail as a row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VoicemailRow {
    /// Its interaction.
    pub interaction: String,
    /// Whose.
    pub tenant: String,
    /// Where.
    pub location: Option<String>,
    /// The provider's id of the recording.
    pub recording_sid: Option<String>,
    /// The provider's address of it.
    pub recording_url: String,
    /// Its length in seconds.
    pub seconds: u32,
    /// When, in microseconds.
    pub at: i64,
}

/// A recording as a row, when it is first told of.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, sqlx::FromRow)]
pub struct RecordingRow {
    /// Its id: 32 hexadecimal digits, made from the account and the provider's id or address of it.
    pub id: String,
    /// Whose.
    pub tenant: String,
    /// Its interaction.
    pub interaction: String,
    /// `call` or `voicemail`.
    pub kind: String,
    /// Where.
    pub location: Option<String>,
    /// The session.
    pub session: Option<String>,
    /// On which account.
    pub account: String,
    /// The provider's id of it.
    pub sid: Option<String>,
    /// The provider's address of it.
    pub url: String,
    /// Its length in seconds.
    pub seconds: u32,
    /// When, in microseconds.
    pub at: i64,
    /// In which format it is kept, as its address was told: `mp3` or `wav`; `None` of older rows until they are stored.
    #[serde(default)]
    pub format: Option<String>,
}

/// A to-do as a row; at most one of a kind per interaction.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TodoRow {
    /// Its interaction.
    pub interaction: String,
    /// `voicemail`, `missed`, `text`.
    pub kind: String,
    /// Whose.
    pub tenant: String,
    /// Where.
    pub location: Option<String>,
    /// `voice` or `sms`.
    pub channel: String,
    /// The phone's digits.
    pub phone: Option<u64>,
    /// The number's digits.
    pub number: u64,
    /// The customer.
    pub customer: Option<String>,
    /// The session.
    pub session: Option<String>,
    /// When, in microseconds.
    pub at: i64,
}
