//! Whom a party of a session reaches: the other one, or on a session with one party whoever was last in contact with it.
//!
//! Deliberately not here: who may call such a session (`matching`).

use crate::domain::{E164, Moment, Session, Side};

use super::world::World;

/// The phone at the other end of a session from this side, and where it has one party only when that phone was in
/// contact last: by a call or a text, either way, answered or not, since the session began.
pub(super) fn counterpart(
    world: &dyn World,
    number: E164,
    session: &Session,
    side: Side,
    now: Moment,
) -> Option<(E164, Option<Moment>)> {
    let (other, own) = match side {
        Side::First => (session.second_party, session.first_party),
        Side::Second | Side::Outside => (session.first_party, session.second_party),
    };
    if let Some(phone) = other {
        return Some((phone, None));
    }
    let own = own?;
    let contacts = world.contacts(number, own, now);
    let last = contacts.first().filter(|contact| session.started_at.is_none_or(|began| began <= contact.at))?;
    Some((if last.from == own { last.to } else { last.from }, Some(last.at)))
}
