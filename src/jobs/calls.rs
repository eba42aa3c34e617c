//! Starting calls: for whom, and what follows when nobody knows whether the provider did.
//!
//! Deliberately not here: whether a call may be started (`routing::connect`), and when a job is taken up (`jobs::provider`).
//! **Invariant:** nobody is called twice. A creation whose outcome is unknown is looked for, and looked for again, before
//! it is tried once more; and what is too late is not done at all.

use std::time::Duration;

use crate::domain::{CallId, Moment, TenantId};
use crate::providers::rest;
use crate::routing::connect::{NotCalled, Wish};
use crate::store::provider_jobs::{After, Leased};
use crate::switchboard::outbound::{NotPlaced, Placement, Provider};

use super::provider::Errands;
use super::rest::{Failure, Lost};

/// How long after a call was asked for it is looked for in the provider's list: calls may be shown there late. One that is
/// not there at the last look was never started.
const LOOKS: [Duration; 3] = [Duration::from_secs(3), Duration::from_secs(8), Duration::from_secs(15)];

impl Errands {
    pub(super) async fn call_back(&self, tenant: &str, todo: &str, line: &str) -> Option<Wish> {
        let tenant = TenantId::from(tenant);
        let record = self.store.read().todo_in(&tenant, todo, self.clock.now()).await.ok()??;
        Some(Wish::CallBack(record.row.owed()?, line.into()))
    }

    pub(super) async fn call(&self, job: &Leased, call: &str, wish: Option<Wish>) -> After {
        let Some(id) = CallId::read(call) else { return After::Dead("it names no call".to_owned()) };
        let Some(wish) = wish else { return self.give_up(id, "the to-do is not there any more").await };
        let tenant = TenantId::from(job.tenant.as_str());
        let placement = match self.board.plan_call(id, &tenant, &wish, self.clock.now()).await {
            Ok(placement) => placement,
            Err(NotPlaced::Placed) => return After::Done,
            Err(NotPlaced::Over) => return After::Dead("the call is over".to_owned()),
            // What was just written may not be known here yet.
            Err(NotPlaced::NotCalled(NotCalled::NoSession)) if job.tries <= 3 => {
                return self.again(job, &NotCalled::NoSession.to_string(), job.asked, None);
            }
            Err(NotPlaced::NotCalled(why)) => {
                let why = why.to_string();
                self.board.call_refused(id, &tenant, &wish, &why, self.clock.now()).await;
                return After::Dead(why);
            }
        };
        let Some(provider) = self.board.provider(placement.call.account.as_str()) else {
            return self.give_up(id, "the account has no auth token").await;
        };
        if let Some(asked) = job.asked {
            return self.looked(job, id, asked, self.look(job, &provider, &placement).await).await;
        }
        if self.clock.now() >= job.dies_at {
            return self.give_up(id, "it is too late to start it").await;
        }
        let asked = rest::create_call(&provider.account, &placement.new).map_err(Failure::from);
        let done = match asked {
            Ok(ask) => self.sender.send(&ask, &provider.account.account_sid, &provider.token).await,
            Err(failure) => Err(failure),
        };
        match done.map(|body| rest::made(&body)) {
            Ok(Some(sid)) => {
                self.board.call_placed(id, &sid, self.clock.now()).await;
                After::Done
            }
            Ok(None) => self.later(job, id, &Failure::Unknown(Lost::Garbage), Some(self.clock.now())).await,
            Err(failure) => {
                let asked = matches!(failure, Failure::Unknown(_)).then(|| self.clock.now());
                self.later(job, id, &failure, asked).await
            }
        }
    }

    /// What follows a look for a call that may have been started.
    async fn looked(&self, job: &Leased, id: CallId, asked: Moment, found: Result<Option<String>, Failure>) -> After {
        let now = self.clock.now();
        match found {
            Ok(Some(sid)) => {
                self.board.call_placed(id, &sid, now).await;
                After::Done
            }
            Ok(None) => {
                let why = "the provider does not have it".to_owned();
                match LOOKS.iter().map(|look| asked.plus(*look)).find(|at| *at > now) {
                    Some(at) => After::Again { at, asked: Some(asked), why },
                    None if now < job.dies_at => After::Again { at: now, asked: None, why },
                    None => self.give_up(id, "it is too late to start it").await,
                }
            }
            Err(failure) => self.later(job, id, &failure, Some(asked)).await,
        }
    }

    /// Looks whether the provider has a call that it was asked for before.
    async fn look(&self, job: &Leased, provider: &Provider, placement: &Placement) -> Result<Option<String>, Failure> {
        let new = &placement.new;
        let ask = rest::calls_between(&provider.account, new.to, new.from)?;
        let body = self.sender.send(&ask, &provider.account.account_sid, &provider.token).await?;
        // Other calls of ours may have been started between the same phones.
        let mut others = Vec::new();
        loop {
            let found = rest::started_since(&body, job.made_at, &|sid| others.iter().any(|other| other == sid));
            let Some(sid) = found.ok_or(Failure::Unknown(Lost::Garbage))? else { return Ok(None) };
            match self.store.read().interaction(&sid).await {
                Ok(Some(known)) if known.row.id != placement.call.id.to_string() => others.push(sid),
                Ok(_) | Err(_) => return Ok(Some(sid)),
            }
        }
    }

    /// What follows a failure of starting a call, or of looking for one that was asked for before.
    async fn later(&self, job: &Leased, id: CallId, failure: &Failure, asked: Option<Moment>) -> After {
        let hopeless = matches!(failure, Failure::NotAsked(_) | Failure::Refused { .. }) && asked.is_none();
        if hopeless {
            return self.give_up(id, &failure.to_string()).await;
        }
        match self.again(job, &failure.to_string(), asked, failure.pause()) {
            After::Dead(why) => self.give_up(id, &why).await,
            after @ (After::Again { .. } | After::Done) => after,
        }
    }

    async fn give_up(&self, id: CallId, why: &str) -> After {
        self.board.call_given_up(id, why, self.clock.now()).await;
        After::Dead(why.to_owned())
    }
}
