//! What the store says is to be asked of providers: taken up as soon as it is written, asked, and written off.
//!
//! Deliberately not here: the rows (`store::provider_jobs`), sending (`jobs::rest`), and fetching (`jobs::recordings`).
//! **Invariant:** nobody is called twice. A creation whose outcome is unknown is looked for before it is tried again; and
//! what is too late is not done at all.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::domain::{CallId, Clock, E164, LocationId, SessionId, TenantId};
use crate::providers::rest;
use crate::routing::connect::{NotCalled, Wish};
use crate::routing::{Todo, TodoKind};
use crate::store::Store;
use crate::store::provider_jobs::{About, After, Leased};
use crate::switchboard::Switchboard;
use crate::switchboard::outbound::{NotPlaced, Placement, Provider};

use super::media::Fetcher;
use super::recordings;
use super::rest::{Failure, Sender};

/// How often it is looked what another process left, where nothing wakes us.
const LOOK: Duration = Duration::from_secs(2);

/// Jobs that are done at one time.
const AT_ONCE: usize = 16;

/// Pauses between tries: of what is worth a minute or two, and of what is worth a day.
const SOON: [u64; 5] = [1, 2, 4, 8, 15];
const PATIENT: [u64; 7] = [2, 10, 60, 300, 1800, 7200, 14_400];

/// A provider shows a call in its list a moment after it took it.
const SHOWN_AFTER: Duration = Duration::from_secs(3);

/// Who does them.
#[derive(Clone)]
pub struct Errands {
    /// Knows whom to call.
    pub board: Arc<Switchboard>,
    /// Has the jobs.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// Asks.
    pub sender: Sender,
    /// Fetches recordings.
    pub fetcher: Fetcher,
}

/// Does what is due, for ever.
pub async fn run(errands: Errands) {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let Ok(seat) = Arc::clone(&room).acquire_owned().await else { return };
        match errands.store.lease_job(errands.clock.now()).await {
            Ok(Some(job)) => {
                let errands = errands.clone();
                tokio::spawn(async move {
                    errands.one(&job).await;
                    drop(seat);
                });
            }
            Ok(None) => {
                drop(seat);
                let until = errands.until_next().await;
                // Woken or not, it is looked again.
                let _ = timeout(until, errands.store.wake().notified()).await;
            }
            Err(error) => {
                drop(seat);
                tracing::warn!(%error, "what is to be asked of providers could not be read");
                sleep(LOOK).await;
            }
        }
    }
}

impl Errands {
    async fn until_next(&self) -> Duration {
        let next = self.store.next_job_at().await.ok().flatten();
        let now = self.clock.now();
        next.map_or(LOOK, |at| at.since(now).clamp(Duration::from_millis(10), LOOK))
    }

    /// Does everything that is due now; how many there were.
    ///
    /// # Errors
    /// A database that fails.
    pub async fn due(&self) -> Result<usize, crate::store::StoreError> {
        let mut count = 0;
        while let Some(job) = self.store.lease_job(self.clock.now()).await? {
            self.one(&job).await;
            count += 1;
        }
        Ok(count)
    }

    /// Tries a job once, and writes down what is to become of it.
    async fn one(&self, job: &Leased) {
        let after = match &job.about {
            About::FirstParty { call, session } => {
                let wish = Some(Wish::FirstParty(SessionId::from(session.as_str())));
                self.call(job, call, wish).await
            }
            About::CallBack { call, todo, line } => {
                let wish = self.call_back(&job.tenant, todo, line).await;
                self.call(job, call, wish).await
            }
            About::Record { call, attempt } => {
                let after = self.record(job, call, *attempt).await;
                self.recorded(call, *attempt, &after).await;
                after
            }
            About::Fetch { recording } => {
                let fetched = recordings::fetch(self, recording).await;
                self.fetched(job, recording, fetched).await
            }
            About::Discard { account, sid } => self.discard(job, account, sid).await,
        };
        let kind = job.about.kind();
        match &after {
            After::Done => tracing::info!(kind, tries = job.tries, "a provider did as it was asked"),
            After::Dead(why) => {
                tracing::warn!(kind, tries = job.tries, %why, "something asked of a provider was given up")
            }
            After::Again { why, .. } => tracing::info!(kind, tries = job.tries, %why, "a provider is asked again"),
        }
        if let Err(error) = self.store.release_job(job, &after, self.clock.now()).await {
            // Its lease runs out, and it is taken up again as one that may have been done.
            tracing::warn!(kind, %error, "what became of something asked of a provider could not be written");
        }
    }

    async fn call_back(&self, tenant: &str, todo: &str, line: &str) -> Option<Wish> {
        let tenant = TenantId::from(tenant);
        let record = self.store.read().todo_in(&tenant, todo, self.clock.now()).await.ok()??;
        Some(Wish::CallBack(owed(&record.row)?, line.into()))
    }

    async fn call(&self, job: &Leased, call: &str, wish: Option<Wish>) -> After {
        let Some(id) = CallId::read(call) else { return After::Dead("it names no call".to_owned()) };
        let Some(wish) = wish else { return self.give_up(id, "the to-do is not there any more").await };
        let tenant = TenantId::from(job.tenant.as_str());
        let placement = match self.board.plan_call(id, &tenant, &wish, self.clock.now()).await {
            Ok(placement) => placement,
            Err(NotPlaced::Placed) => return After::Done,
            Err(NotPlaced::Over) => return After::Dead("the call is over".to_owned()),
            // What was just written may not be known here yet.
            Err(NotPlaced::NotCalled(NotCalled::NoSession)) if job.tries <= 3 => {
                return self.again(job, &NotCalled::NoSession.to_string(), false, None);
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
        if job.asked {
            match self.look(job, &provider, &placement).await {
                Ok(Some(sid)) => {
                    self.board.call_placed(id, &sid, self.clock.now()).await;
                    return After::Done;
                }
                Ok(None) => {}
                Err(failure) => return self.later(job, id, &failure, true).await,
            }
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
            Ok(None) => self.later(job, id, &Failure::Unknown(super::rest::Lost::Garbage), true).await,
            Err(failure) => {
                let asked = matches!(failure, Failure::Unknown(_));
                self.later(job, id, &failure, asked).await
            }
        }
    }

    /// Looks whether the provider has a call that it was asked for before.
    async fn look(&self, job: &Leased, provider: &Provider, placement: &Placement) -> Result<Option<String>, Failure> {
        let new = &placement.new;
        let ask = rest::calls_between(&provider.account, new.to, new.from, job.made_at)?;
        let body = self.sender.send(&ask, &provider.account.account_sid, &provider.token).await?;
        let found = rest::started_since(&body, job.made_at, &|_| false);
        let Some(found) = found else { return Err(Failure::Unknown(super::rest::Lost::Garbage)) };
        let Some(sid) = found else { return Ok(None) };
        // It may be another call of ours, between the same phones.
        match self.store.read().interaction(&sid).await {
            Ok(Some(known)) if known.row.id != placement.call.id.to_string() => {
                let mut others = vec![sid];
                loop {
                    let next = rest::started_since(&body, job.made_at, &|sid| others.iter().any(|other| other == sid));
                    let Some(Some(sid)) = next else { return Ok(None) };
                    match self.store.read().interaction(&sid).await {
                        Ok(Some(known)) if known.row.id != placement.call.id.to_string() => others.push(sid),
                        Ok(_) | Err(_) => return Ok(Some(sid)),
                    }
                }
            }
            Ok(_) | Err(_) => Ok(Some(sid)),
        }
    }

    /// What follows a failure of starting a call.
    async fn later(&self, job: &Leased, id: CallId, failure: &Failure, asked: bool) -> After {
        let hopeless = matches!(failure, Failure::NotAsked(_) | Failure::Refused { .. }) && !asked;
        if hopeless {
            return self.give_up(id, &failure.to_string()).await;
        }
        let after = self.again(job, &failure.to_string(), asked, pause(failure));
        match after {
            After::Dead(why) => self.give_up(id, &why).await,
            After::Again { .. } | After::Done => after,
        }
    }

    async fn give_up(&self, id: CallId, why: &str) -> After {
        self.board.call_given_up(id, why, self.clock.now()).await;
        After::Dead(why.to_owned())
    }

    async fn record(&self, job: &Leased, call: &str, attempt: u8) -> After {
        let call = CallId::read(call).and_then(|id| self.board.call(id));
        let Some(call) = call.filter(|call| call.end.is_none()) else {
            return After::Dead("the call is over".to_owned());
        };
        let Some((provider, told)) =
            self.board.provider(call.account.as_str()).zip(self.board.recording_link(&call, attempt))
        else {
            return After::Dead("the account has no auth token".to_owned());
        };
        let (user, token) = (&provider.account.account_sid, &provider.token);
        if self.clock.now() >= job.dies_at {
            return After::Dead("it is too late to record it".to_owned());
        }
        if job.asked {
            let looked = match rest::recordings_of(&provider.account, &call.sid) {
                Ok(ask) => self.sender.send(&ask, user, token).await,
                Err(why) => Err(why.into()),
            };
            match looked.map(|body| rest::is_recorded(&body)) {
                Ok(Some(true)) => return After::Done,
                Ok(Some(false)) => {}
                Ok(None) => return self.again(job, "the answer cannot be read", true, None),
                Err(failure) => return self.written_off(job, &failure, true),
            }
        }
        let done = match rest::start_recording(&provider.account, &call.sid, &told) {
            Ok(ask) => self.sender.send(&ask, user, token).await,
            Err(why) => Err(why.into()),
        };
        match done.map(|body| rest::made(&body)) {
            Ok(Some(_)) => After::Done,
            Ok(None) => self.again(job, "the answer cannot be read", true, None),
            Err(failure) => self.written_off(job, &failure, matches!(failure, Failure::Unknown(_))),
        }
    }

    /// Notes what became of a recording, once that is known.
    async fn recorded(&self, call: &str, attempt: u8, after: &After) {
        let Some(id) = CallId::read(call) else { return };
        match after {
            After::Done => self.board.recording_started(id, attempt, self.clock.now()).await,
            After::Dead(why) => self.board.recording_given_up(id, attempt, why, self.clock.now()).await,
            After::Again { .. } => {}
        }
    }

    async fn discard(&self, job: &Leased, account: &str, sid: &str) -> After {
        let Some(provider) = self.board.provider(account) else {
            return After::Dead("the account is gone, or has no auth token".to_owned());
        };
        let done = match rest::delete_recording(&provider.account, sid) {
            Ok(ask) => self.sender.send(&ask, &provider.account.account_sid, &provider.token).await,
            Err(why) => Err(why.into()),
        };
        match done {
            // Deleting twice is deleting once.
            Ok(_) | Err(Failure::Refused { status: 404, .. }) => After::Done,
            Err(failure) => self.written_off(job, &failure, false),
        }
    }

    async fn fetched(&self, job: &Leased, recording: &str, fetched: Result<(), recordings::NotKept>) -> After {
        let why = match fetched {
            Ok(()) => return After::Done,
            Err(why) => why,
        };
        let after =
            if why.passes() { self.again(job, &why.to_string(), false, None) } else { After::Dead(why.to_string()) };
        if let After::Dead(_) = &after
            && let Err(error) = self.store.recording_failed(recording).await
        {
            tracing::warn!(%error, "that a recording was given up could not be written");
        }
        after
    }

    /// What follows a failure of what may be done twice, or was looked for.
    fn written_off(&self, job: &Leased, failure: &Failure, asked: bool) -> After {
        match failure {
            Failure::NotAsked(_) | Failure::Refused { .. } => After::Dead(failure.to_string()),
            Failure::Unreachable | Failure::Later { .. } | Failure::Unknown(_) => {
                self.again(job, &failure.to_string(), asked, pause(failure))
            }
        }
    }

    /// Another try, after a pause; none where it would come too late. One whose outcome is unknown is looked for once more
    /// even then.
    fn again(&self, job: &Leased, why: &str, asked: bool, pause: Option<Duration>) -> After {
        let now = self.clock.now();
        let pauses: &[u64] = match &job.about {
            About::FirstParty { .. } | About::CallBack { .. } | About::Record { .. } => &SOON,
            About::Fetch { .. } | About::Discard { .. } => &PATIENT,
        };
        let at = usize::try_from(job.tries.saturating_sub(1)).unwrap_or(usize::MAX).min(pauses.len() - 1);
        let mut pause = pause.unwrap_or(Duration::from_secs(pauses[at]));
        if asked {
            pause = pause.max(SHOWN_AFTER);
        }
        let at = now.plus(pause);
        let last_look = asked && now < job.dies_at.plus(job.dies_at.since(job.made_at));
        if at < job.dies_at || last_look {
            After::Again { at, asked, why: why.to_owned() }
        } else {
            After::Dead(why.to_owned())
        }
    }
}

/// The pause that a provider asked for.
const fn pause(failure: &Failure) -> Option<Duration> {
    match failure {
        Failure::Later { after, .. } => *after,
        Failure::NotAsked(_) | Failure::Unreachable | Failure::Refused { .. } | Failure::Unknown(_) => None,
    }
}

/// A to-do as routing knows it; `None` where it is about nobody.
pub fn owed(row: &crate::store::entry::TodoRow) -> Option<Todo> {
    let whole = |digits| E164::from_digits(digits);
    Some(Todo {
        kind: TodoKind::read(&row.kind)?,
        tenant: row.tenant.as_str().into(),
        location: row.location.as_deref().map(LocationId::from),
        channel: crate::domain::Channel::read(&row.channel)?,
        phone: row.phone.and_then(whole),
        number: crate::domain::MaskingNumber::rented(whole(row.number)?),
        customer: row.customer.as_deref().map(Into::into),
        session: row.session.as_deref().map(Into::into),
    })
}
