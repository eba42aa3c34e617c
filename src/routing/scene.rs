//! Where an event takes place: the account, the number that was called, its tenant, and the reasons so far.
//!
//! Deliberately not here: whose session it is (`matching`) and what happens (`incoming`, `text`).

use std::sync::Arc;

use crate::domain::{
    Account, CallerId, CallerWord, Channel, E164, Event, LocationId, Match, Moment, Number, NumberState, Session,
    Tenant,
};

use super::decision::{Destination, Finding};
use super::reason::Reason;
use super::world::{Office, World};

/// Everything that is settled before a session is looked for.
pub(super) struct Scene<'w> {
    pub(super) world: &'w dyn World,
    pub(super) now: Moment,
    pub(super) channel: Channel,
    pub(super) account: Arc<Account>,
    pub(super) tenant: Arc<Tenant>,
    pub(super) number: Arc<Number>,
    pub(super) from: CallerId,
    pub(super) why: Vec<Reason>,
}

/// What is told of an event on a number that is not this account's.
pub(super) fn unknown_number(
    world: &dyn World,
    event: &Event,
    channel: Channel,
    from: &CallerId,
    to: Option<E164>,
    now: Moment,
) -> Finding {
    Finding {
        channel,
        from: from.clone(),
        to,
        at: now,
        tenant: world.account(&event.account).map(|account| account.tenant.clone()),
        location: None,
        caller: match from {
            CallerId::Withheld => CallerWord::Withheld,
            CallerId::Number(_) => CallerWord::Unknown,
            CallerId::Client | CallerId::Sip | CallerId::Other => CallerWord::Other,
        },
        matched: Match::None,
        session: None,
        route: None,
        destination: match channel {
            Channel::Voice => Destination::Reject,
            Channel::Sms => Destination::None,
        },
        whisper: None,
        hours: None,
        time_zone: None,
        fallbacks: Vec::new(),
    }
}

impl<'w> Scene<'w> {
    /// Sets the scene; `None` when the called number does not belong to the account in the address, or the request
    /// names another account: a tenant that signs with its own token must not reach another tenant's numbers.
    pub(super) fn set(
        world: &'w dyn World,
        event: &Event,
        channel: Channel,
        from: &CallerId,
        to: Option<E164>,
        now: Moment,
    ) -> Option<Self> {
        let account = world.account(&event.account)?;
        if event.account_sid.as_ref().is_some_and(|sid| *sid != account.account_sid) {
            return None;
        }
        let number = world.number(to?).filter(|number| number.account == account.id)?;
        if !number.is_ours() {
            return None;
        }
        let tenant = world.tenant(&number.tenant)?;
        Some(Self { world, now, channel, account, tenant, number, from: from.clone(), why: Vec::new() })
    }

    /// Whether this phone is a number that we rent.
    pub(super) fn is_ours(&self, phone: E164) -> bool {
        is_ours(self.world, phone)
    }

    /// The location that governs: the session's, else the number's, else the tenant's default.
    pub(super) fn office(&self, session: Option<&Session>) -> Option<Arc<Office>> {
        let of = |id: Option<&LocationId>| self.world.office(&self.tenant.id, id?);
        of(session.and_then(|session| session.location.as_ref()))
            .or_else(|| of(self.number.location.as_ref()))
            .or_else(|| of(self.tenant.default_location.as_ref()))
    }

    /// Since when the number is released, where it is: it routes nothing then, whatever its sessions say.
    pub(super) fn released(&self) -> Option<Moment> {
        match self.number.state {
            NumberState::Released { at } => (at <= self.now).then_some(at),
            NumberState::Available | NumberState::Assigned | NumberState::Retired => None,
        }
    }

    /// Until when the released number cools, where it still does.
    pub(super) fn cools_until(&self) -> Option<Moment> {
        let days = self.office(None).map_or(0, |office| office.location.masking.cooldown_days);
        let until = self.released()?.plus_days(i64::from(days));
        (self.now < until).then_some(until)
    }

    /// An instant as the people of the number's location would tell it; in UTC where it has none.
    pub(super) fn told(&self, at: Moment) -> String {
        self.office(None).map_or_else(|| at.to_string(), |office| office.hours.told(at))
    }

    /// Days of grace at the location that governs a session.
    pub(super) fn grace_days(&self, session: &Session) -> u16 {
        self.office(Some(session)).map_or(0, |office| office.location.masking.grace_window_days)
    }

    /// A finding that starts empty.
    pub(super) fn finding(&self, caller: CallerWord) -> Finding {
        Finding {
            channel: self.channel,
            from: self.from.clone(),
            to: Some(self.number.e164.e164()),
            at: self.now,
            tenant: Some(self.tenant.id.clone()),
            location: None,
            caller,
            matched: Match::None,
            session: None,
            route: None,
            destination: Destination::None,
            whisper: None,
            hours: None,
            time_zone: None,
            fallbacks: Vec::new(),
        }
    }
}

/// Whether this phone is a number that we rent, of whichever tenant.
pub(super) fn is_ours(world: &dyn World, phone: E164) -> bool {
    world.number(phone).is_some_and(|number| number.is_ours())
}
