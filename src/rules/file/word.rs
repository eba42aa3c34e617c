//! Enums that a file names by a word.
//!
//! Deliberately not here: the words themselves (`domain` has them).

use crate::domain::people::WorkOrderWord;
use crate::domain::{
    AccountKind, Brand, Channel, ContactBy, EndedBy, OverrideState, Ownership, Ring, Route, SignatureMode, WhenCaller,
};

/// Something that a word stands for.
pub(super) trait Word: Copy + 'static {
    /// Reads its word.
    fn from_word(word: &str) -> Option<Self>;
    /// Every word, in the order of the documentation.
    fn words() -> Vec<&'static str>;
}

macro_rules! word {
    ($($type:ty,)*) => {$(
        impl Word for $type {
            fn from_word(word: &str) -> Option<Self> {
                Self::read(word)
            }
            fn words() -> Vec<&'static str> {
                Self::ALL.iter().map(|value| value.word()).collect()
            }
        }
    )*};
}

word! {
    AccountKind, Brand, Channel, ContactBy, EndedBy, OverrideState, Ownership, Ring, Route, SignatureMode, WhenCaller,
    WorkOrderWord, NumberWord,
}

crate::domain::settings::words! {
    /// The word for a number's state. `grace` is read as assigned: it follows from the job, not from the number.
    NumberWord {
        /// Free.
        Available = "available",
        /// Given to a pool, a technician or a job.
        Assigned = "assigned",
        /// Its job is done.
        Grace = "grace",
        /// Released.
        Cooldown = "cooldown",
        /// Released.
        Released = "released",
        /// Given back.
        Retired = "retired",
    }
}
