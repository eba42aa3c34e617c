//! `unset`: masks end, at once or at another time.
//!
//! Deliberately not here: sessions of jobs, which end with their jobs.

use std::sync::Arc;

use axum::extract::State;

use super::answer::{Done, Refusal};
use super::asked::Asked;
use super::expiry::{Expiry, Unset};
use super::params::Params;
use crate::domain::{E164, EndedBy, Moment, Phase, Session, SessionKind, SessionState, Terms};
use crate::http::House;
use crate::routing::job::stands;
use crate::rules::ruleset::Ruleset;
use crate::store::base::{WantSessions, Wants};
use crate::switchboard::desk::Plan;

/// Which masks are meant: those that have everything that is named.
#[derive(Clone, Copy, Debug)]
struct Named {
    m1: Option<E164>,
    m2: Option<E164>,
    mask: Option<E164>,
}

/// `POST …/Masking/unset`.
pub async fn unset(State(house): State<Arc<House>>, asked: Asked) -> Result<Done, Refusal> {
    let (named, sessions) = read(&asked)?;
    let expiry = Expiry::read(&asked.fields)?;
    let (tenant, now) = (&asked.tenant.id, asked.asker.at);
    let wants = Wants { sessions, ..Wants::default() };
    let done = house.board.change(tenant, &wants, &asked.asker, |base| plan(&base.rules, named, expiry.as_ref(), now));
    done.await.map_err(|why| Refusal::not_changed(tenant.as_str(), why))
}

fn read(asked: &Asked) -> Result<(Named, WantSessions), Refusal> {
    let mut params = Params::new(&asked.fields, &asked.tenant.country);
    let named = Named { m1: params.phone("m1"), m2: params.phone("m2"), mask: params.phone("mask") };
    if ["m1", "m2", "mask"].iter().all(|name| asked.fields.get(*name).is_none_or(serde_json::Value::is_null)) {
        params.note("m1, m2 or mask is missing: at least one says which masking is meant");
    }
    params.done()?;
    if named.m1.is_some() && named.m1 == named.m2 {
        return Err(Refusal::same());
    }
    match (named.m1.or(named.m2), named.mask) {
        (Some(party), _) => Ok((named, WantSessions::With(vec![party]))),
        (None, Some(mask)) => Ok((named, WantSessions::Holding(mask))),
        (None, None) => Err(Refusal::broken()),
    }
}

/// What comes of it, by what is stored.
fn plan(base: &Ruleset, named: Named, expiry: Option<&Expiry>, now: Moment) -> Result<Plan<Done>, Refusal> {
    let default = base.tenant.default_location.as_ref().and_then(|id| base.location(id));
    let end = Expiry::of_unset(expiry, default.map(|location| location.time_zone.as_str()), now)?;
    let meant = base.sessions.iter().filter(|session| is_live_pair(base, session, now) && named.is(session));
    let sessions: Vec<Session> = meant.map(|session| ended(session, end, now)).collect();
    if sessions.is_empty() {
        return Err(Refusal::unknown());
    }
    Ok(Plan::put(Ruleset { sessions, ..base.only_tenant() }, Done::unset()))
}

/// Whether it joins two phones and nothing else, and is not over; through which door it was made does not matter.
fn is_live_pair(base: &Ruleset, session: &Session, now: Moment) -> bool {
    session.kind == SessionKind::PlainPair && !matches!(stands(base, session, now), Phase::Over { .. })
}

impl Named {
    fn is(self, session: &Session) -> bool {
        let stands =
            |phone: Option<E164>| phone.is_none() || session.first_party == phone || session.second_party == phone;
        stands(self.m1) && stands(self.m2) && self.mask.is_none_or(|mask| session.number.e164() == mask)
    }
}

fn ended(session: &Session, end: Unset, now: Moment) -> Session {
    let state = match end {
        Unset::AtOnce => SessionState::Ended { at: now, by: EndedBy::Api },
        Unset::At(at) => SessionState::Live { expires_at: Some(at) },
    };
    let mut session = Session { state, ..session.clone() };
    if let Some(terms) = session.options.terms.take() {
        session.options.terms = Some(Arc::new(Terms { modified_at: now, ..Terms::clone(&terms) }));
    }
    session
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Door, MaskingNumber, SessionOptions};
    use crate::rules::file;

    const WORLD: &str = "[tenant]\nid = \"acme\"\n[[location]]\nid = \"chicago\"\ntime_zone = \"America/Chicago\"\n";

    fn now() -> Moment {
        Moment::read("2026-03-09T14:02:11Z").expect("an instant")
    }

    fn phone(last: u64) -> E164 {
        E164::from_digits(13_125_550_100 + last).expect("a phone")
    }

    fn session(id: &str, on: u64, parties: [Option<u64>; 2], kind: SessionKind, expires: Option<i64>) -> Session {
        let [first_party, second_party] = parties.map(|party| party.map(phone));
        let terms = Terms::plain(Door::Plivo, now().plus_days(-1));
        Session {
            id: id.into(),
            tenant: "acme".into(),
            location: None,
            number: MaskingNumber::rented(phone(on)),
            first_party,
            second_party,
            kind,
            state: SessionState::Live { expires_at: expires.map(|days| now().plus_days(days)) },
            started_at: None,
            options: SessionOptions { terms: Some(Arc::new(terms)), ..SessionOptions::default() },
        }
    }

    fn world() -> Ruleset {
        let pair = |id, on, parties, expires| session(id, on, parties, SessionKind::PlainPair, expires);
        let job = SessionKind::Job { technician: Some("jo".into()), customer: None, work_order: None };
        let sessions = vec![
            pair("a", 90, [Some(1), Some(2)], Some(1)),
            pair("b", 91, [Some(1), Some(3)], None),
            pair("c", 90, [Some(4), Some(5)], Some(1)),
            pair("over", 92, [Some(1), Some(2)], Some(-1)),
            pair("one", 93, [Some(6), None], Some(1)),
            session("job", 94, [Some(1), Some(7)], job, None),
        ];
        Ruleset { sessions, ..file::read(WORLD, "a", None, &|_| None).expect("a world").0 }
    }

    #[test]
    fn masks_are_meant_that_have_all_that_is_named() {
        let base = world();
        for (m1, m2, mask, expected, why) in [
            (Some(1), None, None, &["a", "b"][..], "a party on either side, on any number"),
            (None, Some(1), None, &["a", "b"], "likewise"),
            (Some(1), Some(2), None, &["a"], "a pair"),
            (Some(2), Some(1), None, &["a"], "the other way round"),
            (Some(2), None, None, &["a"], "the second party as m1"),
            (None, None, Some(90), &["a", "c"], "whoever is on a number"),
            (Some(1), None, Some(91), &["b"], "a party on a number"),
            (Some(1), Some(2), Some(90), &["a"], "everything"),
            (Some(1), Some(2), Some(91), &[], "this pair is on another number"),
            (Some(2), Some(3), None, &[], "two who are not joined"),
            (Some(6), None, None, &["one"], "one who takes whoever calls"),
            (Some(6), Some(1), None, &[], "which is not the same as being joined"),
            (None, None, Some(92), &[], "over"),
            (Some(7), None, None, &[], "a job's"),
            (None, None, Some(94), &[], "a job's"),
        ] {
            let named = Named { m1: m1.map(phone), m2: m2.map(phone), mask: mask.map(phone) };
            let met = match plan(&base, named, None, now()) {
                Ok(plan) => plan.rules.sessions,
                Err(refusal) => {
                    assert_eq!(refusal, Refusal::unknown(), "{why}");
                    Vec::new()
                }
            };
            assert_eq!(met.iter().map(|session| session.id.as_str()).collect::<Vec<_>>(), expected, "{why}");
            assert!(met.iter().all(|one| one.state == SessionState::Ended { at: now(), by: EndedBy::Api }), "{why}");
        }
    }

    #[test]
    fn another_end_is_another_end() {
        let named = Named { m1: Some(phone(1)), m2: None, mask: None };
        let plan = plan(&world(), named, Some(&Expiry::In(30)), now()).expect("two");
        for session in plan.rules.sessions {
            let until = now().plus(std::time::Duration::from_secs(1800));
            assert_eq!(session.state, SessionState::Live { expires_at: Some(until) });
            assert_eq!(session.options.terms.map(|terms| terms.modified_at), Some(now()));
        }
    }
}
