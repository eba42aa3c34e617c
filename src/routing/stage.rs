//! What every step of a call needs at hand: its account, its place, its session. Made from a scene or from a call.
//!
//! Deliberately not here: decisions.

use std::sync::Arc;

use crate::domain::{Account, Call, Location, MaskingSettings, Moment, Session, TenantId};

use super::decision::{Destination, Finding};
use super::scene::Scene;
use super::world::{Office, World};

/// The standing facts of one call.
pub(super) struct Stage<'w> {
    pub(super) world: &'w dyn World,
    pub(super) now: Moment,
    pub(super) account: Arc<Account>,
    pub(super) tenant: TenantId,
    pub(super) office: Option<Arc<Office>>,
    pub(super) session: Option<Session>,
}

impl<'w> Stage<'w> {
    /// The stage of a call that just came in.
    pub(super) fn of_scene(scene: &Scene<'w>, session: Option<Session>) -> Self {
        Self {
            world: scene.world,
            now: scene.now,
            account: Arc::clone(&scene.account),
            tenant: scene.tenant.id.clone(),
            office: scene.office(session.as_ref()),
            session,
        }
    }

    /// The stage of a call in progress; `None` when its account is gone.
    pub(super) fn of_call(world: &'w dyn World, call: &Call, now: Moment) -> Option<Self> {
        Some(Self {
            world,
            now,
            account: world.account(&call.account)?,
            tenant: call.tenant.clone(),
            office: call.location.as_ref().and_then(|id| world.office(&call.tenant, id)),
            session: call.session.as_ref().and_then(|id| world.session(&call.tenant, id)),
        })
    }

    /// The location, where there is one.
    pub(super) fn location(&self) -> Option<&Location> {
        self.office.as_deref().map(|office| &office.location)
    }

    /// One of the masking settings of the location, or its default.
    pub(super) fn setting<T>(&self, pick: impl Fn(&MaskingSettings) -> T) -> T {
        match self.location() {
            Some(location) => pick(&location.masking),
            None => pick(&MaskingSettings::default()),
        }
    }
}

/// What is known of a call in progress, for whoever reads the decision of one of its later steps.
pub(super) fn finding_of(call: &Call, destination: Destination) -> Box<Finding> {
    Box::new(Finding {
        channel: crate::domain::Channel::Voice,
        from: call.caller.clone(),
        to: Some(call.number.e164()),
        at: call.opened_at,
        tenant: Some(call.tenant.clone()),
        location: call.location.clone(),
        caller: call.caller_word,
        matched: call.matched,
        session: call.session.clone(),
        route: call.route.filter(|_| call.side == crate::domain::Side::Second),
        destination,
        whisper: None,
        hours: None,
        time_zone: None,
        fallbacks: call.fallbacks.clone(),
    })
}
