//! A person with another phone: the sessions that reach the old one follow, so that whoever has that phone next is never
//! called.
//!
//! Deliberately not here: sessions that were made for another phone of theirs (they stay), and writing anything down.
//! That the new phone stands in no other session on a number is for the store's key to say.

use crate::domain::{CustomerId, E164, Moment, Phase, Session, SessionId, TechnicianId};
use crate::rules::ruleset::Ruleset;

use super::job::stands;

/// Who has another phone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Person<'a> {
    /// A technician: the first party of their sessions.
    Technician(&'a TechnicianId),
    /// A customer: the second party of theirs.
    Customer(&'a CustomerId),
}

/// Why sessions cannot follow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stuck {
    /// There is no phone any more to follow to.
    NoPhone(Vec<SessionId>),
    /// The new phone is their other party's.
    Same(Vec<SessionId>),
}

impl Person<'_> {
    fn stands_in(self, session: &Session) -> bool {
        match self {
            Self::Technician(id) => session.technician() == Some(id),
            Self::Customer(id) => session.customer() == Some(id),
        }
    }

    fn phone_in(self, session: &Session) -> Option<E164> {
        match self {
            Self::Technician(_) => session.first_party,
            Self::Customer(_) => session.second_party,
        }
    }

    fn with_phone(self, session: &Session, phone: E164) -> Session {
        match self {
            Self::Technician(_) => Session { first_party: Some(phone), ..session.clone() },
            Self::Customer(_) => Session { second_party: Some(phone), ..session.clone() },
        }
    }
}

/// The sessions of a person that are not over and stand on a phone that they had and have no more, on the first of those
/// that they have.
///
/// # Errors
/// The sessions that cannot follow.
pub fn follow(
    base: &Ruleset,
    person: Person<'_>,
    had: &[E164],
    has: &[E164],
    now: Moment,
) -> Result<Vec<Session>, Stuck> {
    let stale = |session: &&Session| {
        let phone = person.phone_in(session);
        person.stands_in(session)
            && phone.is_some_and(|phone| had.contains(&phone) && !has.contains(&phone))
            && !matches!(stands(base, session, now), Phase::Over { .. })
    };
    let stale: Vec<&Session> = base.sessions.iter().filter(stale).collect();
    let ids = |sessions: &[&Session]| sessions.iter().map(|session| session.id.clone()).collect();
    let Some(&phone) = has.first() else {
        return if stale.is_empty() { Ok(Vec::new()) } else { Err(Stuck::NoPhone(ids(&stale))) };
    };
    let joined = |session: &&Session| [session.first_party, session.second_party].contains(&Some(phone));
    let same: Vec<&Session> = stale.iter().copied().filter(joined).collect();
    if !same.is_empty() {
        return Err(Stuck::Same(ids(&same)));
    }
    Ok(stale.into_iter().map(|session| person.with_phone(session, phone)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::file;

    const WORLD: &str = r#"
[tenant]
id = "acme"
[[provider_account]]
id = "acme-twilio"
kind = "twilio"
auth_token = "t"
sandbox = true
[[location]]
id = "chicago"
[[technician]]
id = "jo"
phone = "+13125550144"
[[customer]]
id = "ana"
phones = ["+13125550101", "+13125550102"]
[[number]]
e164 = "+13125550190"
provider_account_id = "acme-twilio"
[[number]]
e164 = "+13125550191"
provider_account_id = "acme-twilio"
[[session]]
id = "live"
number = "+13125550190"
first_party = "+13125550144"
second_party = "+13125550101"
technician_id = "jo"
customer_id = "ana"
[[session]]
id = "over"
number = "+13125550190"
first_party = "+13125550144"
second_party = "+13125550101"
technician_id = "jo"
customer_id = "ana"
ended_at = "2026-03-01T00:00:00Z"
[[session]]
id = "other"
number = "+13125550191"
first_party = "+13125550145"
second_party = "+13125550102"
technician_id = "jo"
customer_id = "ana"
"#;

    fn phones(last: &[u64]) -> Vec<E164> {
        last.iter().map(|last| E164::from_digits(13_125_550_100 + last).expect("a phone")).collect()
    }

    #[test]
    fn whoever_has_another_phone_is_reached_there_and_nowhere_else() {
        let base = file::read(WORLD, "f", None, &|_| None).expect("a world").0;
        let now = Moment::read("2026-03-10T00:00:00Z").expect("an instant");
        let (jo, ana) = (TechnicianId::from("jo"), CustomerId::from("ana"));
        let (jo, ana) = (Person::Technician(&jo), Person::Customer(&ana));
        for (person, had, has, expected, why) in [
            (jo, &[44][..], &[46][..], Ok(vec![("live", 46)]), "the live one follows; one for another phone stays"),
            (jo, &[44], &[44], Ok(vec![]), "nothing changed"),
            (jo, &[], &[44], Ok(vec![]), "the first phone"),
            (jo, &[44], &[], Err(Stuck::NoPhone(vec!["live".into()])), "nowhere to follow to"),
            (jo, &[44], &[1], Err(Stuck::Same(vec!["live".into()])), "the customer's own phone"),
            (ana, &[1, 2], &[2, 1], Ok(vec![]), "another order is no other phone"),
            (ana, &[1, 2], &[3, 2], Ok(vec![("live", 3)]), "one of two was replaced"),
            (ana, &[1, 2], &[3], Ok(vec![("live", 3), ("other", 3)]), "both were"),
            (ana, &[1, 2], &[], Err(Stuck::NoPhone(vec!["live".into(), "other".into()])), "none is left"),
        ] {
            let found = follow(&base, person, &phones(had), &phones(has), now);
            let expected = expected.map(|all: Vec<(&str, u64)>| {
                all.into_iter().map(|(id, last)| (SessionId::from(id), phones(&[last]).first().copied())).collect()
            });
            let found = found.map(|all| {
                all.iter().map(|one| (one.id.clone(), person.phone_in(one))).collect::<Vec<(SessionId, Option<E164>)>>()
            });
            assert_eq!(found, expected, "{why}");
        }
    }
}
