//! The words: what a phone number, a session, a call and a place are here.
//!
//! Deliberately not here: how anything is written down, spoken to a provider or decided. Nothing in
//! this floor does I/O, waits, or (but for [`clock`]) knows what time it is.

pub mod bill;
pub mod call;
pub mod clock;
pub mod digit;
pub mod event;
pub mod ids;
pub mod message;
pub mod people;
pub mod phone;
pub mod pin;
pub mod place;
pub mod placed;
pub mod prompt;
pub mod session;
pub mod settings;
pub mod spoken;
pub mod tenant;
pub mod terms;
pub mod time;

pub use bill::{Bill, Tariff};
pub use call::{
    Acceptance, Answered, Attempt, Call, CallEnd, CallerWord, Choice, Cue, LegEnd, LegOutcome, Match, MenuState,
    QueueStay, Recorded, Screening, Side, VoicemailState,
};
pub use clock::Clock;
pub use digit::Digit;
pub use event::{
    DialEnded, DialStatus, Event, EventKind, IncomingCall, LegAnswered, LegStatus, LegStatusReport, QueueResult,
    RecordingMade,
};
pub use ids::{
    AccountId, CallId, CustomerId, LineId, LocationId, MessageId, SessionId, TechnicianId, TenantId, WorkOrderId,
};
pub use message::{Choosing, IncomingText, MediaItem};
pub use people::{Customer, Technician, WorkOrder, WorkOrderStatus};
pub use phone::{CallerId, E164, MaskingNumber};
pub use pin::{LONGEST_PIN, PinRefusal, PinState, PinStreak, Typed};
pub use place::{
    Line, Location, LocationRule, Override, OverrideState, Prompts, QueueSettings, Ring, RuleRoute, When, WhenCaller,
};
pub use placed::{Placed, PlacedFor, Placing};
pub use prompt::Prompt;
pub use session::{
    CALL_TIME_LIMIT, Contact, ContactBy, EndedBy, Phase, RING_TIMEOUT, Session, SessionKind, SessionOptions,
    SessionState,
};
pub use settings::{Channel, Channels, MaskingMode, MaskingPolicy, MaskingSettings, NoMatchAction, Ownership, Route};
pub use spoken::Spoken;
pub use tenant::{Account, AccountKind, Brand, Capability, Limits, Number, NumberState, SignatureMode, Tenant};
pub use terms::{Callback, CallbackMethod, Door, Pins, RecordFormat, Terms};
pub use time::Moment;
