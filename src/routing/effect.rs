//! What a decision changes besides the call itself, as values; whoever settles it writes them down.
//!
//! Deliberately not here: writing (`switchboard::settle`, `store`). The words of the kinds are an interface: fixtures
//! list them.

use crate::domain::{
    CallEnd, Channel, Choosing, Contact, CustomerId, E164, LegOutcome, LegStatus, LocationId, MaskingNumber, MessageId,
    PinRefusal, RecordingMade, SessionId, TenantId,
};

macro_rules! effects {
    ($($(#[$doc:meta])* $variant:ident $({ $($(#[$fdoc:meta])* $field:ident : $type:ty,)* })? = $word:literal;)*) => {
        /// One change.
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub enum Effect { $($(#[$doc])* $variant $({ $($(#[$fdoc])* $field: $type,)* })?,)* }

        impl Effect {
            /// The words of all kinds, in the order of a call's life.
            pub const KINDS: &'static [&'static str] = &[$($word,)*];

            /// The word for its kind.
            pub const fn kind(&self) -> &'static str {
                match self { $(effects!(@pattern $variant $({ $($field)* })?) => $word,)* }
            }
        }
    };
    (@pattern $variant:ident { $($field:ident)* }) => { Self::$variant { .. } };
    (@pattern $variant:ident) => { Self::$variant };
}

effects! {
    /// A new call or text was routed.
    Routed {
        /// The contact it makes, where both sides are known.
        contact: Option<Contact>,
    } = "interaction.routed";
    /// A call of ours is to be started.
    CallPlanned = "call.planned";
    /// The provider started it.
    CallPlaced = "call.placed";
    /// It was given up before the provider started it.
    CallNotPlaced {
        /// Why, for a person.
        why: String,
    } = "call.not_placed";
    /// A technician chose a customer in a menu.
    Chosen {
        /// The contact it makes.
        contact: Option<Contact>,
    } = "menu.chosen";
    /// A PIN is asked for.
    PinAsked {
        /// The session that asks: the caller's own, or of several the newest on the number.
        session: SessionId,
        /// Times it was asked for before in this call.
        retry: u8,
    } = "pin.asked";
    /// A party's own phone called a session with PINs, and was asked for none.
    PinWaived {
        /// The session.
        session: SessionId,
    } = "pin.waived";
    /// A right PIN was typed: the caller is a party of this session.
    PinAccepted {
        /// The session.
        session: SessionId,
        /// Times it was asked for before the one that led to this.
        retry: u8,
        /// The contact that it makes, where the other party is called.
        contact: Option<Contact>,
    } = "pin.accepted";
    /// No right PIN was typed.
    PinRefused {
        /// The session that asks.
        session: SessionId,
        /// Times it was asked for before the one that led to this.
        retry: u8,
        /// Why.
        how: PinRefusal,
        /// Whether the call ends with it.
        last: bool,
        /// Wrong PINs of this phone on this number in a row, by now.
        wrong: u8,
    } = "pin.refused";
    /// Another dial attempt began.
    AttemptStarted {
        /// Its number.
        attempt: u8,
    } = "attempt.started";
    /// A callee answered.
    LegAnswered {
        /// The attempt.
        attempt: u8,
    } = "leg.answered";
    /// A callee pressed the accept key.
    LegAccepted {
        /// The attempt.
        attempt: u8,
    } = "leg.accepted";
    /// A callee pressed another key.
    LegWrongKey {
        /// The attempt.
        attempt: u8,
    } = "leg.wrong_key";
    /// A callee pressed a wrong key for the second time.
    LegRefused {
        /// The attempt.
        attempt: u8,
    } = "leg.refused";
    /// A callee pressed nothing.
    LegTimedOut {
        /// The attempt.
        attempt: u8,
    } = "leg.timed_out";
    /// A leg's state changed.
    LegStatus {
        /// The attempt; `None` for the caller's own leg.
        attempt: Option<u8>,
        /// Its state.
        status: LegStatus,
        /// Seconds it lasted.
        seconds: Option<u32>,
    } = "leg.status";
    /// A dial attempt ended.
    AttemptEnded {
        /// Its number.
        attempt: u8,
        /// How.
        outcome: LegOutcome,
    } = "attempt.ended";
    /// Both talk now, and know that it is recorded: that is to be started through the provider's API.
    RecordingDue {
        /// The attempt.
        attempt: u8,
    } = "recording.due";
    /// The provider records a conversation.
    RecordingStarted {
        /// The attempt.
        attempt: u8,
        /// The provider's id of the recording.
        sid: String,
    } = "recording.started";
    /// A conversation that was to be recorded is not.
    RecordingNotStarted {
        /// The attempt.
        attempt: u8,
        /// Why, in words.
        why: String,
    } = "recording.not_started";
    /// A recording of a conversation exists at the provider.
    RecordingMade {
        /// It.
        recording: RecordingMade,
    } = "recording.made";
    /// A recording exists at the provider of an attempt in which nobody talked: it is to be taken away there.
    RecordingRefused {
        /// The attempt; `None` where the provider told of none.
        attempt: Option<u8>,
        /// It.
        recording: RecordingMade,
    } = "recording.refused";
    /// The voicemail greeting is given.
    VoicemailOffered = "voicemail.offered";
    /// A voicemail was left.
    VoicemailLeft {
        /// Its recording, at the provider.
        recording: RecordingMade,
    } = "voicemail.left";
    /// A voicemail's words came.
    Transcribed {
        /// The words.
        text: String,
    } = "voicemail.transcribed";
    /// The caller left the dispatchers' queue.
    QueueLeft = "queue.left";
    /// Somebody owes somebody something.
    TodoOpened {
        /// What.
        todo: Todo,
    } = "todo.opened";
    /// The call is over.
    Ended {
        /// How.
        how: CallEnd,
    } = "interaction.ended";
    /// A text is passed on in this answer.
    Relayed {
        /// To whom.
        to: E164,
    } = "message.relayed";
    /// A text waits for a technician's choice.
    Held = "message.held";
    /// A text is not passed on.
    Undelivered = "message.undelivered";
    /// A technician was asked to choose, or chose.
    Choosing {
        /// On which number.
        number: MaskingNumber,
        /// The technician's phone.
        phone: E164,
        /// The choice as it stands now.
        choosing: Choosing,
    } = "choice.changed";
    /// An automatic text of ours is in this answer.
    Automatic {
        /// From which number.
        number: MaskingNumber,
        /// To whom.
        to: E164,
        /// Which.
        what: AutomaticText,
    } = "message.automatic";
    /// A phone opted out.
    OptedOut {
        /// Of which number.
        number: MaskingNumber,
        /// Which phone.
        phone: E164,
    } = "opt_out.recorded";
    /// A phone opted in again.
    OptedIn {
        /// To which number.
        number: MaskingNumber,
        /// Which phone.
        phone: E164,
    } = "opt_in.recorded";
    /// A phone asked for help.
    HelpNoted = "help.noted";
    /// A text of ours was delivered, or was not.
    MessageStatus {
        /// The provider's id of it.
        sid: String,
        /// The inbound text it answered.
        message: Option<MessageId>,
        /// Its status.
        status: String,
        /// The provider's error code.
        error_code: Option<u32>,
    } = "message.status";
}

/// Which automatic text it was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AutomaticText {
    /// "We are closed."
    Closed,
    /// "The customer has opted out."
    OptedOut {
        /// Of whom its reader is told, once.
        of: E164,
    },
    /// "Whom is this for?" and what follows it.
    Choice,
    /// "It cannot be delivered."
    Undelivered,
}

/// Something that the back office owes somebody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Todo {
    /// What kind.
    pub kind: TodoKind,
    /// Whose.
    pub tenant: TenantId,
    /// Where.
    pub location: Option<LocationId>,
    /// How it came.
    pub channel: Channel,
    /// Whose phone, where it is known.
    pub phone: Option<E164>,
    /// Through which number.
    pub number: MaskingNumber,
    /// Which customer, where known.
    pub customer: Option<CustomerId>,
    /// Which session, where there is one.
    pub session: Option<SessionId>,
}

crate::domain::settings::words! {
    /// What the back office owes.
    TodoKind {
        /// A voicemail to listen to.
        Voicemail = "voicemail",
        /// A call to return.
        Missed = "missed",
        /// A text to answer.
        Text = "text",
    }
}
