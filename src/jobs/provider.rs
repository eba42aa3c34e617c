//! What the store says is to be asked of providers: taken up as soon as it is written, asked, and written off.
//!
//! Deliberately not here: the rows (`store::provider_jobs`), sending (`jobs::rest`), starting calls (`jobs::calls`) and
//! fetching (`jobs::recordings`).

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::domain::{Call, CallId, Clock, Moment, SessionId};
use crate::providers::rest;
use crate::routing::connect::Wish;
use crate::store::provider_jobs::{About, After, JobKind, Leased};
use crate::store::{Store, StoreError};
use crate::switchboard::Switchboard;

use super::deliver::random_digits;
use super::halt::Halt;
use super::media::Fetcher;
use super::recordings;
use super::rest::{Failure, Sender};
use super::seats::{Seats, full};

/// How often it is looked what another process left, where nothing wakes us.
const LOOK: Duration = Duration::from_secs(2);

/// How often what is left to do is counted.
const SWEEP: Duration = Duration::from_secs(10);

/// How often the lease of a job is renewed that takes long.
pub const RENEWING: Duration = Duration::from_secs(10);

/// Pauses between tries: of what is worth a minute or two, and of what is worth a day.
const SOON: [u64; 5] = [1, 2, 4, 8, 15];
const PATIENT: [u64; 7] = [2, 10, 60, 300, 1800, 7200, 14_400];

/// A provider shows what it began in its list a moment after it took it.
const SHOWN_AFTER: Duration = Duration::from_secs(3);

/// Jobs of a kind that are done at one time: in all, and of one tenant. What takes long holds up neither what is urgent nor
/// other tenants.
const fn at_once(kind: JobKind) -> (usize, usize) {
    match kind {
        JobKind::Call | JobKind::Record => (16, 6),
        JobKind::Fetch => (12, 4),
        JobKind::Discard => (4, 2),
    }
}

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
    /// How often a lease is renewed.
    pub renewing: Duration,
    /// Names the leases.
    pub owner: String,
}

/// A name that no other process has.
pub fn owner() -> String {
    random_digits(16)
}

impl Errands {
    /// Does what is due until it is told to halt; then finishes what it does, and lets go of what cannot be finished.
    pub async fn run(self, halt: Halt) {
        let mut seats = Seats::default();
        loop {
            let now = self.clock.now();
            let pause = match self.start(&mut seats).await {
                Ok(()) => self.until_next(now).await,
                Err(error) => {
                    tracing::warn!(%error, "what is to be asked of providers could not be read");
                    LOOK
                }
            };
            tokio::select! {
                () = halt.said() => break,
                true = seats.one_ends() => {}
                () = self.store.wake().notified() => {}
                () = sleep(pause) => {}
            }
        }
        let left = seats.finish(halt.grace()).await;
        if left > 0 {
            tracing::warn!(left, "what was asked of providers was broken off; it is gone on with at the next start");
        }
        if let Err(error) = self.store.let_go_of_jobs(&self.owner).await {
            tracing::warn!(%error, "what is to be asked of providers could not be let go of; its leases end");
        }
    }

    /// Counts what is left to do, for ever.
    pub async fn sweep(self) {
        let mut due = tokio::time::interval(SWEEP);
        due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            due.tick().await;
            if let Err(error) = self.count().await {
                tracing::warn!(%error, "what is to be asked of providers could not be counted");
            }
        }
    }

    /// Counts what is left to do.
    ///
    /// # Errors
    /// A database that fails.
    pub async fn count(&self) -> Result<(), StoreError> {
        for kind in JobKind::ALL {
            let (waiting, dead) = self.store.jobs_left(*kind).await?;
            self.board.jobs_left(*kind, waiting, dead);
        }
        Ok(())
    }

    /// Starts what is due, the most urgent first, as much as there are seats for.
    async fn start(&self, seats: &mut Seats<(JobKind, String)>) -> Result<(), StoreError> {
        for kind in JobKind::ALL.iter().copied() {
            let (in_all, of_one) = at_once(kind);
            loop {
                let held = || seats.held().filter(|(held, _)| *held == kind);
                if held().count() >= in_all {
                    break;
                }
                let busy = full(held().map(|(_, tenant)| tenant.clone()), of_one);
                let job = self.store.lease_job(&self.owner, kind, &busy, self.clock.now()).await?;
                let Some(job) = job else { break };
                let errands = self.clone();
                seats.take((kind, job.tenant.clone()), async move { errands.one(&job).await });
            }
        }
        Ok(())
    }

    /// What is due and was not started waits for a seat, and is looked at when one is free.
    async fn until_next(&self, now: Moment) -> Duration {
        let next = self.store.next_job_after(now).await.ok().flatten();
        next.map_or(LOOK, |at| at.since(self.clock.now()).clamp(Duration::from_millis(10), LOOK))
    }

    /// Does everything that is due now, one after another; how many there were.
    ///
    /// # Errors
    /// A database that fails.
    pub async fn due(&self) -> Result<usize, StoreError> {
        let mut count = 0;
        for kind in JobKind::ALL {
            while let Some(job) = self.store.lease_job(&self.owner, *kind, &[], self.clock.now()).await? {
                self.one(&job).await;
                count += 1;
            }
        }
        Ok(count)
    }

    /// Tries a job once, keeping its lease meanwhile, and writes down what is to become of it.
    async fn one(&self, job: &Leased) {
        let after = tokio::select! {
            after = self.tried(job) => after,
            () = self.lost(job) => return,
        };
        let kind = job.about.kind().word();
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

    /// Renews the lease of a job, until somebody else has it or it was erased.
    async fn lost(&self, job: &Leased) {
        loop {
            sleep(self.renewing).await;
            match self.store.renew_job(job, self.clock.now()).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::warn!(%error, "the lease of what is asked of a provider could not be renewed"),
            }
        }
    }

    async fn tried(&self, job: &Leased) -> After {
        match &job.about {
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
                if let (After::Dead(why), Some(id)) = (&after, CallId::read(call)) {
                    self.board.recording_given_up(id, *attempt, why, self.clock.now()).await;
                }
                after
            }
            About::Fetch { recording } => {
                let fetched = recordings::fetch(self, recording).await;
                self.fetched(job, recording, fetched).await
            }
            About::Discard { account, sid } => self.discard(job, account, sid).await,
        }
    }

    async fn record(&self, job: &Leased, call: &str, attempt: u8) -> After {
        let over = || After::Dead("the call is over".to_owned());
        let call = CallId::read(call).and_then(|id| self.board.call(id));
        // What may have begun before the end is looked for after it.
        let Some(call) = call.filter(|call| call.end.is_none() || job.asked.is_some()) else { return over() };
        let Some((provider, told)) =
            self.board.provider(call.account.as_str()).zip(self.board.recording_link(&call, attempt))
        else {
            return After::Dead("the account has no auth token".to_owned());
        };
        let (user, token) = (&provider.account.account_sid, &provider.token);
        if self.clock.now() >= job.dies_at {
            return After::Dead("it is too late to record it".to_owned());
        }
        if job.asked.is_some() {
            let looked = match rest::recordings_of(&provider.account, &call.sid) {
                Ok(ask) => self.sender.send(&ask, user, token).await,
                Err(why) => Err(why.into()),
            };
            match looked.map(|body| rest::recordings(&body).map(|mut ids| ids.pop())) {
                Ok(Some(Some(sid))) => return self.recorded(&call, attempt, sid).await,
                Ok(Some(None)) => {}
                Ok(None) => return self.again(job, "the answer cannot be read", job.asked, None),
                Err(failure) => return self.written_off(job, &failure, job.asked),
            }
        }
        if call.end.is_some() {
            return over();
        }
        let done = match rest::start_recording(&provider.account, &call.sid, &told) {
            Ok(ask) => self.sender.send(&ask, user, token).await,
            Err(why) => Err(why.into()),
        };
        match done.map(|body| rest::made(&body)) {
            Ok(Some(sid)) => self.recorded(&call, attempt, sid).await,
            Ok(None) => self.again(job, "the answer cannot be read", Some(self.clock.now()), None),
            Err(failure) => {
                let asked = matches!(failure, Failure::Unknown(_)).then(|| self.clock.now());
                self.written_off(job, &failure, asked)
            }
        }
    }

    async fn recorded(&self, call: &Call, attempt: u8, sid: String) -> After {
        self.board.recording_started(call.id, attempt, sid, self.clock.now()).await;
        After::Done
    }

    /// Nobody may hear it, so that nothing but its time ends the tries: what the provider refuses today, a person may mend.
    async fn discard(&self, job: &Leased, account: &str, sid: &str) -> After {
        let Some(provider) = self.board.provider(account) else {
            return self.again(job, "the account is gone, or has no auth token", None, None);
        };
        let done = match rest::delete_recording(&provider.account, sid) {
            Ok(ask) => self.sender.send(&ask, &provider.account.account_sid, &provider.token).await,
            Err(why) => Err(why.into()),
        };
        match done {
            // Deleting twice is deleting once.
            Ok(_) | Err(Failure::Refused { status: 404, .. }) => After::Done,
            Err(failure) => self.again(job, &failure.to_string(), None, failure.pause()),
        }
    }

    async fn fetched(&self, job: &Leased, recording: &str, fetched: Result<(), recordings::NotKept>) -> After {
        let why = match fetched {
            Ok(()) => return After::Done,
            Err(why) => why,
        };
        let after =
            if why.passes() { self.again(job, &why.to_string(), None, None) } else { After::Dead(why.to_string()) };
        if let After::Dead(_) = &after
            && let Err(error) = self.store.recording_failed(recording).await
        {
            tracing::warn!(%error, "that a recording was given up could not be written");
        }
        after
    }

    /// What follows a failure of what was looked for.
    fn written_off(&self, job: &Leased, failure: &Failure, asked: Option<Moment>) -> After {
        match failure {
            Failure::NotAsked(_) | Failure::Refused { .. } => After::Dead(failure.to_string()),
            Failure::Unreachable | Failure::Later { .. } | Failure::Unknown(_) => {
                self.again(job, &failure.to_string(), asked, failure.pause())
            }
        }
    }

    /// Another try, after a pause; none where it would come too late. One whose outcome is unknown is looked for once more
    /// even then.
    pub(super) fn again(&self, job: &Leased, why: &str, asked: Option<Moment>, pause: Option<Duration>) -> After {
        let now = self.clock.now();
        let pauses: &[u64] = match job.about.kind() {
            JobKind::Call | JobKind::Record => &SOON,
            JobKind::Fetch | JobKind::Discard => &PATIENT,
        };
        let at = usize::try_from(job.tries.saturating_sub(1)).unwrap_or(usize::MAX).min(pauses.len() - 1);
        let mut pause = pause.unwrap_or(Duration::from_secs(pauses[at]));
        if asked.is_some() {
            pause = pause.max(SHOWN_AFTER);
        }
        let (at, last_look) = (now.plus(pause), job.dies_at.plus(job.dies_at.since(job.made_at)));
        if at < job.dies_at {
            After::Again { at, asked, why: why.to_owned() }
        } else if asked.is_some() && now < last_look {
            After::Again { at: at.min(last_look), asked, why: why.to_owned() }
        } else {
            After::Dead(why.to_owned())
        }
    }
}
