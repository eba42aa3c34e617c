//! Calls that we start, and what else we ask of providers: who is asked, with which credentials, under which addresses of
//! ours; and what is remembered of the answer.
//!
//! Deliberately not here: asking (`jobs::provider`), and whether a call may be started (`routing::connect`).

use std::sync::Arc;

use crate::domain::{Account, Call, CallId, LocationId, Moment, RecordFormat, TenantId};
use crate::providers::rest::NewCall;
use crate::routing::connect::{self, NotCalled, Wish};
use crate::routing::recorded;
use crate::rules::ruleset::Secret;
use crate::store::provider_jobs::JobKind;
use crate::voice::{Link, Links};

use super::Switchboard;
use super::memory::Memory;
use super::metrics::OfKind;

/// A provider that can be asked on behalf of an account.
#[derive(Clone)]
pub struct Provider {
    /// The account.
    pub account: Arc<Account>,
    /// The password that goes with its id.
    pub token: Secret,
}

/// A call that is to be placed.
#[derive(Clone)]
pub struct Placement {
    /// The call.
    pub call: Call,
    /// What its provider is asked.
    pub new: NewCall,
}

/// Why a call is not placed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotPlaced {
    /// It may not be.
    NotCalled(NotCalled),
    /// It is over.
    Over,
    /// It has been placed: somebody at its phone has been heard of.
    Placed,
}

impl Switchboard {
    /// Who is asked for an account; `None` where it is gone, or has no secret to ask with.
    pub fn provider(&self, account: &str) -> Option<Provider> {
        let line = self.memory.load().directory.line(account)?;
        let token = line.tokens.first().filter(|token| !token.is_empty())?.clone();
        Some(Provider { account: Arc::clone(&line.account), token })
    }

    /// Whether a call may be started now, for whoever asks for it.
    ///
    /// # Errors
    /// Why it may not.
    pub fn may_call(&self, tenant: &TenantId, wish: &Wish, now: Moment) -> Result<(), NotCalled> {
        let memory = self.memory.load_full();
        let view = memory.directory.view(&memory.live, now);
        let call = connect::plan(&view, CallId(0), tenant, wish, now)?;
        if memory.live.is_calling(&call) { Err(NotCalled::Running) } else { Ok(()) }
    }

    /// Plans a call, and writes it down before the provider is asked; one that was planned before is gone on with.
    ///
    /// # Errors
    /// Why it is not to be placed.
    pub async fn plan_call(
        &self,
        id: CallId,
        tenant: &TenantId,
        wish: &Wish,
        now: Moment,
    ) -> Result<Placement, NotPlaced> {
        let memory = self.memory.load_full();
        let (call, promise) = {
            // One at a time: two requests to call the same person are one call.
            let _alone = self.calling.lock();
            let _in_turn = self.turn_of(id).lock();
            let view = memory.directory.view(&memory.live, now);
            match memory.live.call(id) {
                Some(known) if known.end.is_some() => return Err(NotPlaced::Over),
                Some(known) if !known.sid.is_empty() => return Err(NotPlaced::Placed),
                Some(known) => ((*known).clone(), None),
                None => {
                    let call = connect::plan(&view, id, tenant, wish, now).map_err(NotPlaced::NotCalled)?;
                    if memory.live.is_calling(&call) {
                        return Err(NotPlaced::NotCalled(NotCalled::Running));
                    }
                    let decision = connect::planned(call.clone());
                    (call, self.note(&memory, &decision, "call/planned", now))
                }
            }
        };
        if let Some(promise) = promise {
            promise.settled().await;
        }
        self.placement(&memory, call).ok_or(NotPlaced::NotCalled(NotCalled::NoNumber))
    }

    fn placement(&self, memory: &Memory, call: Call) -> Option<Placement> {
        let line = memory.directory.line(call.account.as_str())?;
        let links = Links { base: self.base_url(&line), account: &line.account.id, media: &|_| String::new() };
        let ring_timeout = call.placed.as_deref()?.ring_timeout;
        let new = NewCall {
            to: call.caller.phone()?,
            from: call.number,
            url: links.url(Link::Connect { call: call.id }),
            status: links.url(Link::Status { call: Some(call.id), attempt: None }),
            ring_timeout,
        };
        Some(Placement { call, new })
    }

    /// The provider started a call, and this is its id of it.
    pub async fn call_placed(&self, id: CallId, sid: &str, now: Moment) {
        self.answered(id, "call/placed", now, |view| connect::placed(view, id, sid)).await;
    }

    /// A call was given up before the provider started it.
    pub async fn call_given_up(&self, id: CallId, why: &str, now: Moment) {
        self.answered(id, "call/given-up", now, |view| connect::given_up(view, id, why, now)).await;
    }

    /// A call that was wished for may not be made.
    pub async fn call_refused(&self, id: CallId, tenant: &TenantId, wish: &Wish, why: &str, now: Moment) {
        self.answered(id, "call/refused", now, |view| {
            let planned = connect::given_up(view, id, why, now);
            planned.or_else(|| connect::not_planned(view, id, (tenant, wish), why, now))
        })
        .await;
    }

    /// The provider records an attempt's conversation, and calls that so.
    pub async fn recording_started(&self, id: CallId, attempt: u8, sid: String, now: Moment) {
        let step = format!("call/recording-started/{attempt}");
        self.answered(id, &step, now, |view| recorded::started(view, id, attempt, sid)).await;
    }

    /// An attempt's conversation is not recorded.
    pub async fn recording_given_up(&self, id: CallId, attempt: u8, why: &str, now: Moment) {
        let step = format!("call/recording-given-up/{attempt}");
        self.answered(id, &step, now, |view| recorded::not_started(view, id, attempt, why)).await;
    }

    async fn answered(
        &self,
        id: CallId,
        step: &str,
        now: Moment,
        decide: impl FnOnce(&dyn crate::routing::World) -> Option<crate::routing::Decision>,
    ) {
        let memory = self.memory.load_full();
        let promise = {
            let _in_turn = self.turn_of(id).lock();
            let decision = decide(&memory.directory.view(&memory.live, now));
            decision.and_then(|decision| self.note(&memory, &decision, step, now))
        };
        if let Some(promise) = promise {
            promise.settled().await;
        }
    }

    /// Takes note of how many jobs of a kind wait, and how many were given up.
    pub fn jobs_left(&self, kind: JobKind, waiting: u64, dead: u64) {
        let kind = OfKind { kind: kind.word() };
        self.metrics.jobs_waiting.get_or_create(&kind).set(i64::try_from(waiting).unwrap_or(i64::MAX));
        self.metrics.jobs_dead.get_or_create(&kind).set(i64::try_from(dead).unwrap_or(i64::MAX));
    }

    /// A call, while it is remembered.
    pub fn call(&self, id: CallId) -> Option<Arc<Call>> {
        self.memory.load().live.call(id)
    }

    /// Where a provider tells of the recording of an attempt's conversation.
    pub fn recording_link(&self, call: &Call, attempt: u8) -> Option<String> {
        let line = self.memory.load().directory.line(call.account.as_str())?;
        let links = Links { base: self.base_url(&line), account: &line.account.id, media: &|_| String::new() };
        Some(links.url(Link::Recording { call: call.id, attempt: Some(attempt) }))
    }

    /// In which format a session's recordings are kept; MP3 where nobody asked for another.
    pub fn recording_format(&self, tenant: &TenantId, session: Option<&str>) -> RecordFormat {
        let memory = self.memory.load_full();
        let view = memory.directory.view(&memory.live, Moment::default());
        let session = session.and_then(|id| crate::routing::World::session(&view, tenant, &id.into()));
        session.and_then(|session| session.options.terms).map_or(RecordFormat::Mp3, |terms| terms.record_format)
    }

    /// From when on each location keeps its recordings: whole days of its own calendar.
    pub fn retention(&self, now: Moment) -> Vec<(TenantId, LocationId, Moment)> {
        self.memory.load().directory.retention(now)
    }

    /// Every tenant that is known.
    pub fn tenants(&self) -> Vec<TenantId> {
        self.memory.load().directory.tenant_ids()
    }
}
