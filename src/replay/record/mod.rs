//! Real calls and texts written down as fixtures, with nothing in them that is anybody's.
//!
//! What was written down of a call ([`tape`]) is decoded, every value is mapped by the rule for its kind ([`form`],
//! [`document`], [`world`]) to a pseudonym ([`pseudonyms`]) that is the same in every file of a project ([`book`]), and
//! encoded again as a fixture ([`fixture`]) with a world of its own ([`sheet`]). [`take`] does it for one call or
//! text, and [`passage`] for what an older application answers; [`settle`] finds what of that passes as it is.
//!
//! Deliberately not here: playing what was written (`replay::run`), and looking for what should not be there
//! (`replay::lint`). **Invariant:** no text is searched for what must not stay; what no rule knows is replaced.

pub mod before;
pub mod book;
pub mod document;
pub mod filler;
pub mod fixture;
pub mod form;
pub mod names;
pub mod passage;
pub mod pins;
pub mod pseudonyms;
pub mod rehearsal;
pub mod settle;
pub mod sheet;
pub mod shelf;
pub mod steps;
pub mod story;
pub mod take;
pub mod tape;
pub mod world;
