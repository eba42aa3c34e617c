//! A plain pair through a compatible door: whether it may be made, and on which number.
//!
//! Deliberately not here: how a door words its refusals (`http`), sessions of jobs (`opening`), and writing it down. The
//! store's keys have the last word.

use crate::domain::{
    Channels, E164, LocationId, MaskingNumber, Moment, Number, Phase, Session, SessionId, SessionKind, SessionOptions,
    SessionState, Side,
};
use crate::rules::numbering;
use crate::rules::ruleset::Ruleset;

use super::allot::{self, Exhausted, Request};
use super::job::stands;
use super::opening::Opened;
use super::standing::Candidate;

/// A pair as it is wished for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wish {
    /// What the session is to be called.
    pub id: SessionId,
    /// The first party.
    pub first: Option<E164>,
    /// The second party.
    pub second: Option<E164>,
    /// When it ends by the clock.
    pub expires_at: Moment,
    /// The only number that will do.
    pub only: Option<MaskingNumber>,
    /// Whether these two may stand in several sessions, each on a number of its own.
    pub several: bool,
    /// Its options and its terms.
    pub options: SessionOptions,
}

/// Why a pair was not made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotPaired {
    /// The tenant has no default location.
    NoLocation,
    /// The mask is off there.
    Disabled {
        /// Where.
        location: LocationId,
    },
    /// Both parties are the same phone.
    Same,
    /// A party is one of our masking numbers.
    Ours(Side),
    /// A party may not be called.
    Destination {
        /// Which.
        side: Side,
        /// Its region, or `?` where it has none.
        region: String,
    },
    /// The parties stand in a session already.
    There {
        /// It.
        session: SessionId,
    },
    /// There is no number.
    Exhausted(Exhausted),
}

/// What a pair is judged by beside its tenant's own rules.
#[derive(Clone, Copy)]
pub struct Server<'a> {
    /// Whether a phone is a masking number, of any tenant.
    pub ours: &'a (dyn Fn(E164) -> bool + Sync),
    /// The only regions that any tenant may call; all where it is empty.
    pub countries: &'a [String],
}

/// Makes a pair. `serves` tells which of the tenant's numbers are looked at.
///
/// # Errors
/// Why it is not made; the first reason in the order of [`NotPaired`].
pub fn pair(
    base: &Ruleset,
    wish: Wish,
    server: Server<'_>,
    serves: impl Fn(&Number) -> bool,
    now: Moment,
) -> Result<Opened, NotPaired> {
    let default = base.tenant.default_location.as_ref();
    let location = default.and_then(|id| base.location(id)).ok_or(NotPaired::NoLocation)?;
    if !location.masking.enabled {
        return Err(NotPaired::Disabled { location: location.id.clone() });
    }
    if let Some(why) = refused(base, wish.first, wish.second, server) {
        return Err(why);
    }
    if !wish.several
        && let Some(session) = standing(base, wish.first, wish.second, now).next()
    {
        return Err(NotPaired::There { session: session.id.clone() });
    }
    let request = Request {
        location,
        kind: &SessionKind::PlainPair,
        first: wish.first,
        second: wish.second,
        asks_pin: wish.options.terms.as_ref().is_some_and(|terms| terms.pins.is_some()),
        channels: Channels { voice: true, sms: false },
        geomatch: wish.options.terms.as_ref().is_none_or(|terms| terms.geomatch),
        only: wish.only,
        instead_of: None,
    };
    let mut candidates = Candidate::all(base);
    candidates.retain(|one| serves(one.number));
    let number = allot::allot(&request, &candidates, now).map_err(NotPaired::Exhausted)?.number;
    let session = Session {
        id: wish.id,
        tenant: base.tenant.id.clone(),
        location: Some(location.id.clone()),
        number: number.e164,
        first_party: wish.first,
        second_party: wish.second,
        kind: SessionKind::PlainPair,
        state: SessionState::Live { expires_at: Some(wish.expires_at) },
        started_at: Some(now),
        options: wish.options,
    };
    Ok(Opened { session, number })
}

/// Why these two may not be joined, whatever the number.
pub fn refused(base: &Ruleset, first: Option<E164>, second: Option<E164>, server: Server<'_>) -> Option<NotPaired> {
    if first.is_some() && first == second {
        return Some(NotPaired::Same);
    }
    let parties = [(Side::First, first), (Side::Second, second)];
    let named = || parties.into_iter().filter_map(|(side, phone)| Some((side, phone?)));
    if let Some((side, _)) = named().find(|(_, phone)| (server.ours)(*phone)) {
        return Some(NotPaired::Ours(side));
    }
    let allowed = callable(base, server.countries);
    named().find_map(|(side, phone)| {
        let region = numbering::destination_refused(phone, &allowed)?;
        Some(NotPaired::Destination { side, region })
    })
}

/// Whether one of these phones, which are to join a session, was in another one on its number and still cools there. One
/// that is in another is for the store's keys to refuse.
pub fn cools(base: &Ruleset, session: &Session, joining: &[E164], now: Moment) -> bool {
    let numbers = Candidate::all(base);
    let stays = numbers.iter().filter(|one| one.number.e164 == session.number).flat_map(|one| &one.stays);
    let mut over = stays.filter(|stay| stay.session.id != session.id && !stay.holds(now) && stay.cools(now));
    over.any(|stay| {
        let of_these = joining.iter().any(|phone| stay.session.has(*phone));
        of_these && !stay.session.joins(session.first_party, session.second_party)
    })
}

/// The sessions that join these two, in either order, and are not over.
pub fn standing(
    base: &Ruleset,
    first: Option<E164>,
    second: Option<E164>,
    now: Moment,
) -> impl Iterator<Item = &Session> {
    base.sessions.iter().filter(move |session| {
        session.joins(first, second) && !matches!(stands(base, session, now), Phase::Over { .. })
    })
}

/// Regions that a tenant may call: its own list, else its country and those of its numbers; of them those that the server's
/// list has, where there is one.
pub fn callable(base: &Ruleset, server: &[String]) -> Vec<String> {
    let mut allowed = base.tenant.allowed_countries.clone();
    if allowed.is_empty() {
        let of_numbers = base.numbers.iter().filter_map(|number| numbering::region(number.e164.e164()));
        allowed.push(base.tenant.country.clone());
        allowed.extend(of_numbers.map(|region| region.to_string()));
    }
    allowed.retain(|region| server.is_empty() || server.contains(region));
    allowed
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{Door, EndedBy, Tenant, Terms};
    use crate::rules::file;

    const WORLD: &str = r#"
[tenant]
id = "acme"
default_location = "chicago"
[[provider_account]]
id = "acme-twilio"
kind = "twilio"
auth_token = "t"
sandbox = true
[[location]]
id = "chicago"
[location.masking]
enabled = true
[[number]]
e164 = "+13125550190"
provider_account_id = "acme-twilio"
[[number]]
e164 = "+13125550191"
provider_account_id = "acme-twilio"
"#;
    const NOW: Moment = Moment::from_seconds(1_773_000_000);

    fn phone(digits: u64) -> E164 {
        E164::from_digits(13_125_550_100 + digits).expect("a phone")
    }

    fn wish(first: u64, second: u64) -> Wish {
        let terms = Terms { cooloff: 60, ..Terms::plain(Door::Plivo, NOW) };
        Wish {
            id: format!("s{first}-{second}").into(),
            first: Some(phone(first)),
            second: Some(phone(second)),
            expires_at: Moment(NOW.0 + 1_000_000),
            only: None,
            several: true,
            options: SessionOptions { terms: Some(Arc::new(terms)), ..SessionOptions::default() },
        }
    }

    fn world() -> Ruleset {
        file::read(WORLD, "a", None, &|_| None).expect("a world").0
    }

    fn asked(base: &Ruleset, wish: Wish, now: Moment) -> Result<Opened, NotPaired> {
        let ours = |phone| base.numbers.iter().any(|number| number.e164.e164() == phone);
        pair(base, wish, Server { ours: &ours, countries: &[] }, |_| true, now)
    }

    #[test]
    fn what_stands_in_the_way_is_told() {
        let base = world();
        let off = {
            let mut base = base.clone();
            base.locations[0].masking.enabled = false;
            base
        };
        let nowhere = {
            let mut base = base.clone();
            base.tenant.default_location = None;
            base
        };
        let abroad = Wish { second: E164::read("+442079460123"), ..wish(1, 2) };
        let disabled = NotPaired::Disabled { location: "chicago".into() };
        for (base, wish, expected, why) in [
            (&nowhere, wish(1, 2), NotPaired::NoLocation, "it belongs nowhere"),
            (&off, wish(1, 2), disabled, "no new sessions there"),
            (&base, wish(1, 1), NotPaired::Same, "the same phone twice"),
            (&base, wish(1, 90), NotPaired::Ours(Side::Second), "a masking number"),
            (&base, abroad, NotPaired::Destination { side: Side::Second, region: "GB".into() }, "not to be called"),
        ] {
            assert_eq!(asked(base, wish, NOW), Err(expected), "{why}");
        }
    }

    #[test]
    fn a_number_serves_a_phone_once_and_rests_as_wished() {
        let mut base = world();
        let mut numbers = Vec::new();
        for (again, why) in [(true, "a second session, on another number"), (false, "each number has this phone")] {
            let opened = asked(&base, wish(1, 2), NOW);
            let Ok(opened) = opened else {
                assert!(!again, "{why}: {opened:?}");
                break;
            };
            numbers.push(opened.session.number);
            base.sessions.push(Session { id: format!("s{}", numbers.len()).into(), ..opened.session });
        }
        let opened = asked(&base, wish(1, 2), NOW);
        assert!(matches!(opened, Err(NotPaired::Exhausted(_))), "{numbers:?} and then {opened:?}");
        let alone = Wish { several: false, ..wish(2, 1) };
        let there = asked(&base, alone, NOW);
        assert_eq!(there, Err(NotPaired::There { session: "s1".into() }), "in either order");
        let ended = Moment(NOW.0 + 1_000_000);
        assert!(asked(&base, wish(1, 3), ended).is_err(), "over, and resting");
        let rested = Moment(ended.0 + 60_000_000);
        assert!(asked(&base, wish(1, 3), rested).is_ok(), "rested");
    }

    #[test]
    fn who_still_cools_on_a_number_joins_nobody_else_there() {
        let mut base = world();
        let ended = |ended: Session, state| Session { id: "before".into(), state, ..ended };
        let pair = asked(&base, wish(1, 2), NOW).expect("a pair").session;
        let job = SessionKind::Job { technician: None, customer: None, work_order: None };
        let over = SessionState::Ended { at: NOW, by: EndedBy::Api };
        base.locations[0].masking.cooldown_days = 1;
        let (pair, job) = (ended(pair.clone(), over), ended(Session { kind: job, ..pair }, over));
        let live = SessionState::Live { expires_at: None };
        for (before, first, second, after, expected, why) in [
            (&pair, 3, 2, 59, true, "2 had this number with 1"),
            (&pair, 3, 2, 60, false, "the cool-off is over"),
            (&pair, 2, 1, 0, false, "the same two"),
            (&pair, 3, 4, 0, false, "others"),
            (&job, 3, 2, 86_399, true, "a job's rest as long as the location says"),
            (&job, 3, 2, 86_400, false, "rested"),
            (&ended(pair.clone(), live), 3, 2, 0, false, "the store's keys keep them out"),
            (&Session { number: MaskingNumber::rented(phone(99)), ..pair.clone() }, 3, 2, 0, false, "elsewhere"),
        ] {
            let (first, second) = (Some(phone(first)), Some(phone(second)));
            let session = Session { id: "s".into(), first_party: first, second_party: second, ..pair.clone() };
            let base = Ruleset { sessions: vec![before.clone(), session.clone()], ..base.clone() };
            let joining: Vec<E164> = first.into_iter().chain(second).collect();
            let now = Moment(NOW.0 + after * 1_000_000);
            assert_eq!(cools(&base, &session, &joining, now), expected, "{why}");
        }
    }

    #[test]
    fn the_server_narrows_what_a_tenant_may_call() {
        let base = world();
        let texts = |list: &[&str]| list.iter().map(|region| (*region).to_owned()).collect::<Vec<_>>();
        let abroad =
            Ruleset { tenant: Tenant { allowed_countries: texts(&["US", "GB"]), ..base.tenant.clone() }, ..world() };
        for (base, server, expected, why) in [
            (&base, &[][..], &["US", "US", "US"][..], "its own and its numbers'"),
            (&abroad, &[], &["US", "GB"], "its list"),
            (&abroad, &["GB", "DE"], &["GB"], "what both lists have"),
            (&base, &["DE"], &[], "nothing"),
        ] {
            assert_eq!(callable(base, &texts(server)), expected, "{why}");
        }
        let (ours, only) = (|_| false, texts(&["DE"]));
        let none = pair(&base, wish(1, 2), Server { ours: &ours, countries: &only }, |_| true, NOW);
        assert_eq!(none, Err(NotPaired::Destination { side: Side::First, region: "US".to_owned() }));
    }
}
