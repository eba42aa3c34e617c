//! The terms on which a program had a session made through a compatible door.
//!
//! Deliberately not here: what both doors and our own API say of a session in the same words (`session::SessionOptions`).

use super::settings::words;
use super::time::Moment;

/// What the maker of a plain pair asked for beyond its options. Our own API asks for none of this.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Terms {
    /// Through which door.
    pub door: Door,
    /// When it was made.
    pub made_at: Moment,
    /// When it was last changed through its door.
    pub modified_at: Moment,
    /// Seconds from then that it was to last, when its expiry was last said; 0 where nobody said that.
    pub lasts: u32,
    /// Whether one party is enough, and anyone who calls reaches it.
    pub single_party: bool,
    /// How strangers prove who they are.
    pub pins: Option<Pins>,
    /// Played to a caller who is in no session on its number, before the call ends.
    pub unknown_caller_play: Option<String>,
    /// Seconds that its number serves neither party otherwise after its end; 0 to 3600.
    pub cooloff: u16,
    /// Whether a number of the first party's country was wished for.
    pub geomatch: bool,
    /// Whose numbers it was to be made on.
    pub subaccount: Option<String>,
    /// Whether the first party was to be called at once.
    pub call_first_party: bool,
    /// How its recordings are delivered.
    pub record_format: RecordFormat,
    /// Who hears of its calls.
    pub callback: Callback,
    /// Who hears of its recordings.
    pub recording_callback: Callback,
    /// The maker's own name for it, which is told back.
    pub event_id: Option<String>,
}

impl Terms {
    /// The terms of a program that asks for nothing.
    #[must_use]
    pub fn plain(door: Door, now: Moment) -> Self {
        Self {
            door,
            made_at: now,
            modified_at: now,
            lasts: 0,
            single_party: false,
            pins: None,
            unknown_caller_play: None,
            cooloff: 0,
            geomatch: true,
            subaccount: None,
            call_first_party: false,
            record_format: RecordFormat::Mp3,
            callback: Callback::default(),
            recording_callback: Callback::default(),
            event_id: None,
        }
    }
}

/// How strangers on a session's number prove who they are: whoever knows a party's PIN is that party.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pins {
    /// The first party's, 4 to 15 digits.
    pub first: String,
    /// The second party's, likewise, and another.
    pub second: String,
    /// Whether they were made here, and how long they were to be.
    pub generated: Option<u8>,
    /// Asked also of the phones that are its parties.
    pub forced: bool,
    /// What asks for the PIN; a sound at this address.
    pub prompt_play: String,
    /// What is played after a wrong one.
    pub incorrect_play: Option<String>,
    /// How often it may be tried again, 0 to 5.
    pub retry: u8,
    /// Seconds to type it, 5 to 10.
    pub retry_wait: u8,
}

/// Whom we tell of something: nobody, until there is an address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Callback {
    /// Where.
    pub url: Option<String>,
    /// How, also before anybody is told.
    pub method: CallbackMethod,
}

impl Default for Callback {
    fn default() -> Self {
        Self { url: None, method: CallbackMethod::Post }
    }
}

words! {
    /// A door that programs of others knock on.
    Door {
        /// Masking sessions, in Plivo's shape.
        Plivo = "plivo",
        /// Set and unset, in DeepCall's shape.
        Deepcall = "deepcall",
    }
}

words! {
    /// How a recording is delivered.
    RecordFormat {
        /// MP3.
        Mp3 = "mp3",
        /// WAV.
        Wav = "wav",
    }
}

words! {
    /// The method of a callback.
    CallbackMethod {
        /// Its parameters stand in the address.
        Get = "GET",
        /// They are a form.
        Post = "POST",
    }
}
