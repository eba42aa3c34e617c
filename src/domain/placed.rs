//! A call that we start ourselves: for whom, whom it joins, and how far its first leg has come.
//!
//! Deliberately not here: whether it may be started (`routing::connect`), and starting it (`jobs`).

use std::time::Duration;

use super::call::{Acceptance, Answered, Screening};
use super::ids::{LineId, SessionId};
use super::phone::E164;
use super::settings::words;

/// How long after it was asked for a call may still be started. Somebody waits for it now: an hour later it would
/// surprise two people.
pub const WORTH_PLACING: Duration = Duration::from_secs(60);

words! {
    /// What a call of ours is for.
    PlacedFor {
        /// A session's maker wanted its first party called at once.
        FirstParty = "first_party",
        /// A dispatcher returns a call.
        CallBack = "call_back",
    }
}

/// Which call is to be started.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Placing {
    /// A session's first party is called, and then joined with the second.
    FirstParty {
        /// The session.
        session: SessionId,
    },
    /// A back-office line is called, and then joined with whom it owes a call.
    CallBack {
        /// The to-do, by its id.
        todo: String,
        /// The line of the to-do's location.
        line: LineId,
    },
}

/// What a call of ours has beyond other calls. Its caller is whom we called first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placed {
    /// What it is for.
    pub purpose: PlacedFor,
    /// Whom the first leg is joined with.
    pub to: Answered,
    /// Their phone.
    pub phone: E164,
    /// Seconds that the first leg rings.
    pub ring_timeout: u16,
    /// What the first leg goes through before anybody else is called.
    pub screening: Screening,
    /// What it did about it.
    pub acceptance: Acceptance,
}
