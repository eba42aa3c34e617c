//! Calls that we start: whether one may be, whom it rings first, and what becomes of it until that leg answers.
//!
//! Deliberately not here: starting it (`jobs`), and what follows when it answers (`joining`). **Invariant:** who is called
//! stands in the session, the location or the to-do, never in a request.

use crate::domain::{
    Acceptance, Account, AccountKind, Answered, Call, CallEnd, CallId, CallerId, CallerWord, E164, LegEnd, LegStatus,
    LineId, LocationId, MaskingNumber, Match, Moment, Number, NumberState, Phase, Placed, PlacedFor, Screening,
    Session, SessionId, Side, TenantId, WorkOrderStatus,
};

use super::decision::Decision;
use super::effect::{Effect, Todo};
use super::feasible;
use super::reason::Reason;
use super::stage::Stage;
use super::voicemail;
use super::world::World;

/// Seconds that whom we call first rings, where nothing says otherwise.
const RING: u16 = 30;

/// A call that is wished for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wish {
    /// With a session's first party, and then its second.
    FirstParty(SessionId),
    /// With a back-office line, and then whom this to-do owes a call.
    CallBack(Todo, LineId),
}

/// Why a call is not started.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotCalled {
    /// There is no such session.
    #[error("there is no such session")]
    NoSession,
    /// It is over, or has not begun.
    #[error("the session does not route now")]
    SessionOver,
    /// It lacks a party.
    #[error("the session has no two parties")]
    NoParty,
    /// The to-do names no phone: the caller withheld it.
    #[error("the caller's number is not known")]
    NoPhone,
    /// The location has no such line, or it is not active.
    #[error("there is no such active line at the to-do's location")]
    NoLine,
    /// The number is not there any more, or is released.
    #[error("the masking number is not in use any more")]
    NoNumber,
    /// A call of ours between the same two is being made already.
    #[error("a call between the same two is being made already")]
    Running,
    /// Its account's provider cannot be asked to call.
    #[error("this version cannot start calls through the number's provider")]
    Unspoken,
    /// One of the phones may not be called.
    #[error("{}", refusal(.0))]
    Refused(Reason),
}

fn refusal(reason: &Reason) -> String {
    reason.to_string()
}

/// Plans a call: whom it rings first, and whom it then joins.
///
/// # Errors
/// Why it may not be started.
pub fn plan(world: &dyn World, id: CallId, tenant: &TenantId, wish: &Wish, now: Moment) -> Result<Call, NotCalled> {
    match wish {
        Wish::FirstParty(session) => first_party(world, id, tenant, session, now),
        Wish::CallBack(todo, line) => call_back(world, id, tenant, todo, line, now),
    }
}

fn first_party(
    world: &dyn World,
    id: CallId,
    tenant: &TenantId,
    session: &SessionId,
    now: Moment,
) -> Result<Call, NotCalled> {
    let session = world.session(tenant, session).ok_or(NotCalled::NoSession)?;
    let (number, account) = carrier(world, tenant, session.number, now)?;
    let location = session.location.clone().or_else(|| place(world, tenant, &number));
    let matched = routes(world, tenant, &session, location.as_ref(), now).ok_or(NotCalled::SessionOver)?;
    let (first, second) = session.first_party.zip(session.second_party).ok_or(NotCalled::NoParty)?;
    let mut call = of_session(id, &account, &session, first, now);
    call.location = location;
    call.matched = matched;
    let ring_timeout = session.options.ring_timeout.unwrap_or(RING);
    finish(world, call, PlacedFor::FirstParty, second, ring_timeout, now)
}

fn of_session(id: CallId, account: &Account, session: &Session, first: E164, now: Moment) -> Call {
    let mut call = fresh(id, &session.tenant, account, session.number, first, now);
    call.location.clone_from(&session.location);
    call.caller_word = CallerWord::Technician;
    call.customer = session.customer().cloned();
    call.session = Some(session.id.clone());
    call
}

fn call_back(
    world: &dyn World,
    id: CallId,
    tenant: &TenantId,
    todo: &Todo,
    line: &LineId,
    now: Moment,
) -> Result<Call, NotCalled> {
    let phone = todo.phone.ok_or(NotCalled::NoPhone)?;
    let (number, account) = carrier(world, tenant, todo.number, now)?;
    let location = todo.location.clone().or_else(|| place(world, tenant, &number)).ok_or(NotCalled::NoLine)?;
    let office = world.office(tenant, &location).ok_or(NotCalled::NoLine)?;
    let line = office.location.active_lines().find(|known| known.id == *line).ok_or(NotCalled::NoLine)?;
    let mut call = fresh(id, tenant, &account, todo.number, line.phone, now);
    call.location = Some(location);
    call.caller_word = CallerWord::Backoffice;
    call.customer = todo.customer.clone().or_else(|| world.customer_by_phone(tenant, phone).map(|one| one.id.clone()));
    if let Some(session) = todo.session.as_ref().and_then(|id| world.session(tenant, id)) {
        if let Some(matched) = routes(world, tenant, &session, call.location.as_ref(), now) {
            call.matched = matched;
        }
        call.session = Some(session.id);
    }
    let ring_timeout = office.location.ring_timeout;
    finish(world, call, PlacedFor::CallBack, phone, ring_timeout, now)
}

/// The number that the call is made from, and its account.
fn carrier(
    world: &dyn World,
    tenant: &TenantId,
    number: MaskingNumber,
    now: Moment,
) -> Result<(std::sync::Arc<Number>, std::sync::Arc<Account>), NotCalled> {
    let number = world.number(number.e164()).filter(|number| number.tenant == *tenant).ok_or(NotCalled::NoNumber)?;
    match number.state {
        NumberState::Retired => return Err(NotCalled::NoNumber),
        NumberState::Released { at } if at <= now => return Err(NotCalled::NoNumber),
        NumberState::Available | NumberState::Assigned | NumberState::Released { .. } => {}
    }
    let account = world.account(&number.account).ok_or(NotCalled::NoNumber)?;
    match account.kind {
        AccountKind::Twilio | AccountKind::Signalwire => Ok((number, account)),
        AccountKind::Telnyx | AccountKind::Plivo | AccountKind::Ringcentral => Err(NotCalled::Unspoken),
    }
}

/// Where a call of this number belongs that no session places elsewhere.
fn place(world: &dyn World, tenant: &TenantId, number: &Number) -> Option<LocationId> {
    number.location.clone().or_else(|| world.tenant(tenant)?.default_location.clone())
}

/// How a session that routes now was found; `None` for one that does not.
pub(super) fn routes(
    world: &dyn World,
    tenant: &TenantId,
    session: &Session,
    location: Option<&LocationId>,
    now: Moment,
) -> Option<Match> {
    let job: Option<WorkOrderStatus> =
        session.work_order().and_then(|id| world.work_order(tenant, id)).map(|job| job.status);
    let office = location.and_then(|id| world.office(tenant, id));
    let grace = office.map_or(0, |office| office.location.masking.grace_window_days);
    match session.phase(job, grace, now) {
        Phase::Live => Some(Match::Live),
        Phase::Grace => Some(Match::Grace),
        Phase::NotYet | Phase::Over { .. } => None,
    }
}

/// A call whose caller is whom we call first.
fn fresh(id: CallId, tenant: &TenantId, account: &Account, number: MaskingNumber, first: E164, now: Moment) -> Call {
    let call = Call::begun(id, tenant, account, number, CallerId::Number(first), now);
    Call { side: Side::First, ..call }
}

/// Checks both phones, and says whom the first one is joined with.
fn finish(
    world: &dyn World,
    call: Call,
    purpose: PlacedFor,
    phone: E164,
    ring_timeout: u16,
    now: Moment,
) -> Result<Call, NotCalled> {
    let stage = Stage::of_call(world, &call, now).ok_or(NotCalled::NoNumber)?;
    let first = call.caller.phone().ok_or(NotCalled::NoPhone)?;
    for (from, to) in [(None, first), (Some(first), phone)] {
        if let Some(reason) = feasible::refusal(&stage, from, to) {
            return Err(NotCalled::Refused(reason));
        }
    }
    let (least, most) = stage.account.kind.ring_range();
    Ok(joining(call, purpose, phone, ring_timeout.clamp(least, most)))
}

fn joining(mut call: Call, purpose: PlacedFor, phone: E164, ring_timeout: u16) -> Call {
    let to = Answered::Customer(call.customer.clone());
    let (screening, acceptance) = (Screening::None, Acceptance::Unasked);
    call.placed = Some(Box::new(Placed { purpose, to, phone, ring_timeout, screening, acceptance }));
    call
}

/// What is written of a call when it is planned.
pub fn planned(call: Call) -> Decision {
    told(call, vec![Effect::CallPlanned])
}

/// The provider took the call, and this is its id of it; `None` where nothing is to be written any more.
pub fn placed(world: &dyn World, id: CallId, sid: &str) -> Option<Decision> {
    let mut call = (*world.call(id)?).clone();
    if call.placed.is_none() || !call.sid.is_empty() {
        return None;
    }
    sid.clone_into(&mut call.sid);
    Some(told(call, vec![Effect::CallPlaced]))
}

/// The call was given up before anybody answered; `None` where it had ended, or somebody has.
pub fn given_up(world: &dyn World, id: CallId, why: &str, now: Moment) -> Option<Decision> {
    let call = world.call(id).filter(|call| call.end.is_none() && call.sid.is_empty())?;
    Some(not_placed((*call).clone(), why, now))
}

/// A call with a session's first party that may not even be planned is heard of all the same: whoever made the session
/// waits for it. `None` for any other, and where it was planned.
pub fn not_planned(
    world: &dyn World,
    id: CallId,
    (tenant, wish): (&TenantId, &Wish),
    why: &str,
    now: Moment,
) -> Option<Decision> {
    let Wish::FirstParty(session) = wish else { return None };
    let session = world.session(tenant, session).filter(|_| world.call(id).is_none())?;
    let number = world.number(session.number.e164()).filter(|number| number.tenant == *tenant)?;
    let (first, second) = session.first_party.zip(session.second_party)?;
    let account = world.account(&number.account)?;
    let call = of_session(id, &account, &session, first, now);
    Some(not_placed(joining(call, PlacedFor::FirstParty, second, RING), why, now))
}

fn not_placed(mut call: Call, why: &str, now: Moment) -> Decision {
    call.end = Some((now, CallEnd::Failed));
    call.gone = Some(LegEnd { status: LegStatus::Failed, seconds: 0 });
    told(call, vec![Effect::CallNotPlaced { why: why.to_owned() }, Effect::Ended { how: CallEnd::Failed }])
}

fn told(call: Call, effects: Vec<Effect>) -> Decision {
    voicemail::noted(Some(call), effects)
}
