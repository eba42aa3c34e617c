//! Which session a caller belongs to, and on which side: the match values, in the order they are tried.
//!
//! Deliberately not here: where the call then goes.

use std::sync::Arc;

use crate::domain::{
    CallerWord, Channel, Contact, E164, EndedBy, MaskingMode, Match, Moment, Phase, Session, SessionKind, Side,
    Technician, WorkOrderStatus,
};

use super::pin;
use super::reason::Reason;
use super::reply;
use super::scene::Scene;

/// What a number and a caller lead to.
pub(super) struct Found {
    pub(super) matched: Match,
    pub(super) side: Side,
    pub(super) caller: CallerWord,
    pub(super) session: Option<Session>,
    /// The number's owner, where the match is by ownership.
    pub(super) owner: Option<Arc<Technician>>,
    /// When the session's customer was in contact, where that decided among several.
    pub(super) latest: Option<Moment>,
    /// A session that lets whoever knows a PIN of its in, where the caller is in none.
    pub(super) asking: Option<Session>,
    /// Several sessions of a technician, none of which was in contact lately: newest contact first.
    pub(super) choices: Vec<Session>,
}

impl Found {
    fn nobody(caller: CallerWord) -> Self {
        Self {
            matched: Match::None,
            side: Side::Outside,
            caller,
            session: None,
            owner: None,
            latest: None,
            asking: None,
            choices: Vec::new(),
        }
    }

    fn session(matched: Match, side: Side, session: Session) -> Self {
        let caller = match side {
            Side::First => CallerWord::Technician,
            Side::Second | Side::Outside => CallerWord::Customer,
        };
        Self {
            matched,
            side,
            caller,
            session: Some(session),
            owner: None,
            latest: None,
            asking: None,
            choices: Vec::new(),
        }
    }
}

/// Looks for the session, and says why in the scene's reasons.
pub(super) fn find(scene: &mut Scene<'_>) -> Found {
    let Some(phone) = scene.from.phone() else {
        let withheld = matches!(scene.from, crate::domain::CallerId::Withheld);
        scene.why.push(if withheld { Reason::CallerWithheld } else { Reason::NoSession });
        return Found::nobody(if withheld { CallerWord::Withheld } else { CallerWord::Other });
    };
    if scene.released().is_some() {
        let cooling = scene.cools_until().map(|until| Reason::NumberCooling { until: scene.told(until) });
        scene.why.push(cooling.unwrap_or(Reason::NoSession));
        return Found::nobody(known_as(scene, phone, &[]));
    }
    let number = scene.number.e164.e164();
    let sessions = scene.world.sessions_with(number, phone);
    let placed: Vec<(Phase, &Session)> = sessions.iter().map(|session| (phase(scene, session), session)).collect();
    current(scene, phone, &placed)
        .or_else(|| single_party(scene, phone, number, &placed))
        .or_else(|| recent(scene, phone, &placed))
        .or_else(|| owner(scene, phone, &placed))
        .or_else(|| job(scene, phone, number))
        .or_else(|| asking(scene, phone, number))
        .unwrap_or_else(|| nothing(scene, phone, &placed))
}

/// Where a session stands now.
pub(super) fn phase(scene: &Scene<'_>, session: &Session) -> Phase {
    let job = session.work_order().and_then(|id| scene.world.work_order(&scene.tenant.id, id));
    session.phase(job.map(|job| job.status), scene.grace_days(session), scene.now)
}

/// A live session, else one in grace. A technician may have several, and then the latest contact decides.
fn current(scene: &mut Scene<'_>, phone: E164, placed: &[(Phase, &Session)]) -> Option<Found> {
    let standing =
        |wanted: Phase| placed.iter().filter(move |(phase, _)| *phase == wanted).map(|(_, session)| *session);
    let as_customer = |session: &&Session| session.second_party == Some(phone);
    if let Some(session) = standing(Phase::Live).find(as_customer) {
        return Some(found(scene, Side::Second, session));
    }
    let own: Vec<&Session> = standing(Phase::Live).chain(standing(Phase::Grace)).filter(|s| !as_customer(s)).collect();
    match own.as_slice() {
        [] => {}
        [session] => return Some(found(scene, Side::First, session)),
        several => return Some(of_several(scene, phone, several)),
    }
    let session = standing(Phase::Grace).find(as_customer)?;
    Some(found(scene, Side::Second, session))
}

fn found(scene: &mut Scene<'_>, side: Side, session: &Session) -> Found {
    let matched = at(scene, session);
    Found::session(matched, side, session.clone())
}

/// How a session that routes is matched, with the reason: live, or in grace since its job was completed.
pub(super) fn at(scene: &mut Scene<'_>, session: &Session) -> Match {
    let job = session.work_order().and_then(|id| scene.world.work_order(&scene.tenant.id, id));
    let completed = match job.map(|job| job.status) {
        Some(WorkOrderStatus::Completed { at }) => Some(at),
        Some(WorkOrderStatus::Open | WorkOrderStatus::Canceled { .. }) | None => None,
    };
    let session_id = session.id.clone();
    match completed.filter(|_| phase(scene, session) == Phase::Grace) {
        Some(at) => {
            let until = scene.told(at.plus_days(i64::from(scene.grace_days(session))));
            scene.why.push(Reason::SessionGrace { session: session_id, until });
            Match::Grace
        }
        None => {
            scene.why.push(Reason::SessionLive { session: session_id });
            Match::Live
        }
    }
}

/// A technician with several customers behind one number: the one last in contact inside the reply window, else a
/// choice, newest contact first.
fn of_several(scene: &mut Scene<'_>, phone: E164, sessions: &[&Session]) -> Found {
    let number = scene.number.e164.e164();
    // Whoever was at the other end: the desk's calls are contacts with the customer too.
    let last = |session: &Session| -> Option<Moment> {
        scene.world.contacts(number, session.counterpart(phone)?, scene.now).first().map(|contact| contact.at)
    };
    let mut ranked: Vec<(Option<Moment>, &Session)> =
        sessions.iter().map(|session| (last(session), *session)).collect();
    ranked.sort_by(|(a, x), (b, y)| b.cmp(a).then_with(|| x.id.cmp(&y.id)));
    if let Some((Some(latest), session)) = ranked.first() {
        let minutes =
            scene.office(Some(session)).map_or(0, |office| office.location.masking.smart_callback_window_minutes);
        if reply::inside(*latest, minutes, scene.now) {
            let (latest, session) = (*latest, (*session).clone());
            let mut found = found(scene, Side::First, &session);
            found.latest = Some(latest);
            return found;
        }
    }
    let choices: Vec<Session> = ranked.into_iter().take(9).map(|(_, session)| session.clone()).collect();
    let live = choices.iter().any(|session| phase(scene, session) == Phase::Live);
    let mut found = Found::nobody(CallerWord::Technician);
    found.matched = if live { Match::Live } else { Match::Grace };
    found.side = Side::First;
    found.choices = choices;
    found
}

/// A session with one party takes any other phone, unless it asks for a PIN. Whoever still cools here is left to what would
/// be without it: they mean the party that they had.
fn single_party(scene: &mut Scene<'_>, phone: E164, number: E164, placed: &[(Phase, &Session)]) -> Option<Found> {
    let open = scene.world.sessions_of_one(number);
    let session = open
        .iter()
        .find(|session| session.is_lone() && pin::of(session).is_none() && phase(scene, session) == Phase::Live)?;
    let side = if session.first_party.is_some() { Side::Second } else { Side::First };
    let party = session.first_party.or(session.second_party);
    let elsewhere = |one: &(Phase, &Session)| one.1.counterpart(phone) != party && cools(scene, one);
    if session.has(phone) || placed.iter().any(elsewhere) {
        return None;
    }
    let found = found(scene, side, session);
    scene.why.push(Reason::SingleParty);
    Some(found)
}

/// Whether a session is over, and its phones are not given this number with anybody else yet.
fn cools(scene: &Scene<'_>, (phase, session): &(Phase, &Session)) -> bool {
    let job = session.work_order().and_then(|id| scene.world.work_order(&scene.tenant.id, id));
    let cooldown_days = scene.office(Some(session)).map_or(0, |office| office.location.masking.cooldown_days);
    let until = session.cools_until(job.map(|job| job.status), scene.grace_days(session), cooldown_days);
    matches!(phase, Phase::Over { .. }) && until.is_some_and(|until| scene.now < until)
}

/// A caller who is in no session is asked for a PIN, where sessions on the number have any. A text cannot be asked.
fn asking(scene: &mut Scene<'_>, phone: E164, number: E164) -> Option<Found> {
    if scene.channel != Channel::Voice {
        return None;
    }
    let newest = pin::open(scene.world, number, scene.now).into_iter().next()?;
    let mut found = Found::nobody(known_as(scene, phone, &[]));
    found.asking = Some(newest);
    Some(found)
}

/// A session that its job ended, when somebody contacted this caller through the number inside the reply window.
fn recent(scene: &mut Scene<'_>, phone: E164, placed: &[(Phase, &Session)]) -> Option<Found> {
    let by_job = |(phase, session): &(Phase, &Session)| {
        matches!(phase, Phase::Over { by: EndedBy::Job, .. }) && session.kind != SessionKind::PlainPair
    };
    let ended: Vec<&Session> = placed.iter().filter(|one| by_job(one)).map(|(_, session)| *session).collect();
    let newest = ended.first()?;
    let minutes = scene.office(Some(newest)).map_or(0, |office| office.location.masking.smart_callback_window_minutes);
    let lately = |contact: &Contact| reply::inside(contact.at, minutes, scene.now);
    // A technician is called by customers only; a customer also by the desk, which is no party.
    let (contact, session) = reply::towards(scene, phone).take_while(lately).find_map(|contact| {
        let of_caller = |session: &&&Session| session.counterpart(phone) == Some(contact.from);
        let of_customer = || ended.iter().find(|session| session.second_party == Some(phone));
        let session = ended.iter().find(of_caller).or_else(of_customer)?;
        Some((contact, *session))
    })?;
    let side = if session.second_party == Some(phone) { Side::Second } else { Side::First };
    let since = scene.told(contact.at);
    scene.why.push(Reason::SessionRecent { session: session.id.clone(), contact: since });
    Some(Found::session(Match::Recent, side, session.clone()))
}

/// The number is a technician's and the caller a known customer: this technician. It would begin a new session, so
/// it needs the mask to be on.
fn owner(scene: &mut Scene<'_>, phone: E164, placed: &[(Phase, &Session)]) -> Option<Found> {
    let owner = scene.world.technician(&scene.tenant.id, scene.number.technician.as_ref()?)?;
    if owner.phone == Some(phone) {
        return None;
    }
    let was_customer = |(_, session): &(Phase, &Session)| {
        session.second_party == Some(phone) && session.kind != SessionKind::PlainPair
    };
    let customer = scene.world.customer_by_phone(&scene.tenant.id, phone);
    if customer.is_none() && !placed.iter().any(was_customer) {
        return None;
    }
    if scene.office(None).is_some_and(|office| !office.location.masking.enabled) {
        scene.why.push(Reason::MaskingDisabled);
        return None;
    }
    scene.why.push(Reason::OwnerMatch { technician: owner.id.clone() });
    Some(Found {
        matched: Match::Owner,
        side: Side::Second,
        caller: CallerWord::Customer,
        session: None,
        owner: Some(owner),
        latest: None,
        asking: None,
        choices: Vec::new(),
    })
}

/// The number is a job's: whoever calls it is taken for the customer side of that job.
fn job(scene: &mut Scene<'_>, phone: E164, number: E164) -> Option<Found> {
    let per_job = scene.number.work_order.is_some()
        || scene.number.technician.is_none()
            && scene.office(None).is_some_and(|o| o.location.masking.masking_mode == MaskingMode::PerJobEphemeral);
    if !per_job {
        return None;
    }
    let open = scene.world.sessions_of_jobs(number);
    let own = |session: &&Session| {
        let other = scene.number.work_order.is_some() && session.work_order() != scene.number.work_order.as_ref();
        session.kind != SessionKind::PlainPair && !other
    };
    let standing = |wanted: Phase| open.iter().filter(own).find(|session| phase(scene, session) == wanted);
    let session = standing(Phase::Live).or_else(|| standing(Phase::Grace))?;
    scene.why.push(Reason::JobMatch { session: session.id.clone() });
    let caller = known_as(scene, phone, &[]);
    let mut found = Found::session(Match::Job, Side::Second, session.clone());
    found.caller = caller;
    Some(found)
}

fn nothing(scene: &mut Scene<'_>, phone: E164, placed: &[(Phase, &Session)]) -> Found {
    let over = placed.iter().find_map(|(phase, session)| match phase {
        Phase::Over { at, by } => {
            // A job that was called off may not say when.
            let at = if *at == Moment(i64::MIN) { String::new() } else { format!(" at {}", scene.told(*at)) };
            Some(Reason::SessionExpired { session: session.id.clone(), at, by: *by })
        }
        Phase::NotYet | Phase::Live | Phase::Grace => None,
    });
    scene.why.push(over.unwrap_or(Reason::NoSession));
    Found::nobody(known_as(scene, phone, placed))
}

/// What a phone is known as to the tenant, whether or not a session routes it.
fn known_as(scene: &Scene<'_>, phone: E164, placed: &[(Phase, &Session)]) -> CallerWord {
    let stands = |pick: fn(&Session) -> Option<E164>| placed.iter().any(|(_, session)| pick(session) == Some(phone));
    if scene.world.technician_by_phone(&scene.tenant.id, phone).is_some() || stands(|session| session.first_party) {
        CallerWord::Technician
    } else if scene.world.customer_by_phone(&scene.tenant.id, phone).is_some() || stands(|session| session.second_party)
    {
        CallerWord::Customer
    } else {
        CallerWord::Unknown
    }
}
