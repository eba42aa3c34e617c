//! What must hold in every case, whatever is drawn: thirteen invariants, each judged from the drawn world and from what
//! the network saw.
//!
//! Deliberately not here: anything of `routing`, `voice` and `switchboard`. Each check has an oracle of its own.

mod bridges;
mod caps;
mod documents;
mod ends;
mod hours;
mod once;
mod pins;
mod privacy;
mod sessions;
mod table;
#[cfg(test)]
mod tests;
mod texts;
mod todos;

pub use once::differs;
pub use table::{Side, Table};

use super::happened::Happened;

macro_rules! invariants {
    ($($(#[$doc:meta])* $name:ident = $words:literal,)*) => {
        /// One of them.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Invariant { $($(#[$doc])* $name,)* }

        impl Invariant {
            /// All of them, as they are numbered.
            pub const ALL: [Self; 13] = [$(Self::$name,)*];

            /// In words.
            pub const fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)* }
            }
        }
    };
}

invariants! {
    /// (1)
    OneEnd = "every caller reaches exactly one end",
    /// (2)
    Acceptance = "nobody is bridged without the acceptance that is required",
    /// (3)
    RealNumbers = "no party hears or sees another's real number",
    /// (4)
    OneSession = "a number and a phone belong to one session, the one that the world says",
    /// (5)
    Cooling = "a number that was given back routes nothing",
    /// (6)
    Documents = "every answer is a document that the provider can use",
    /// (7)
    Once = "whatever comes twice or out of order has its effect once",
    /// (8)
    Hours = "open and closed are what the table of hours says",
    /// (9)
    Tenants = "nothing of one tenant is in a document of another",
    /// (10)
    OptedOut = "phones that opted out receive nothing",
    /// (11)
    Caps = "no cap is exceeded",
    /// (12)
    Todos = "every customer's call that nobody took leaves a to-do, and no other call does",
    /// (13)
    Pins = "nobody reaches anybody without the PIN that is asked for",
}

impl Invariant {
    /// Its number, from 1.
    pub fn number(self) -> usize {
        Self::ALL.iter().position(|one| *one == self).map_or(0, |at| at + 1)
    }
}

/// An invariant that does not hold.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Wrong {
    /// Which.
    pub invariant: Invariant,
    /// In which call or text.
    pub thread: usize,
    /// What is wrong.
    pub what: String,
}

impl Wrong {
    fn new(invariant: Invariant, thread: usize, what: impl Into<String>) -> Self {
        Self { invariant, thread, what: what.into() }
    }
}

/// Everything that does not hold in a case.
pub fn judge(happened: &Happened<'_>) -> Vec<Wrong> {
    let checks: [fn(&Happened<'_>) -> Vec<Wrong>; 12] = [
        ends::check,
        bridges::check,
        privacy::numbers,
        privacy::tenants,
        sessions::check,
        documents::check,
        once::check,
        hours::check,
        texts::check,
        caps::check,
        todos::check,
        pins::check,
    ];
    let mut wrong: Vec<Wrong> = checks.iter().flat_map(|check| check(happened)).collect();
    wrong.sort();
    wrong
}
