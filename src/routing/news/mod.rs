//! News of a session's calls for whoever asked to hear of them: which of Plivo's documented events a step of a call is.
//!
//! Deliberately not here: sending them (`jobs::deliver`), and the end of a session, which no call causes
//! (`store::outbox`). The events speak of the session's parties, whoever called: where the second party calls, the first
//! event is that the second party answered. There is no event for a first party's ringing phone. **Invariant:** what the
//! ends of a call's legs say adds up to what the end of the whole says, and that is what its session counts.

mod event;
mod told;

use crate::domain::{
    Acceptance, Account, Answered, Attempt, Bill, Call, E164, LegOutcome, LegStatus, Moment, Recorded, RecordingMade,
    Session, SessionId, Side,
};

use super::decision::Decision;
use super::effect::Effect;
use super::reason::Reason;

pub use event::{Cause, PinStatus, SessionEvent};
pub use told::{Link, attributes, expired};

/// One piece of news.
#[derive(Clone, PartialEq, Debug)]
pub struct News {
    /// What happened.
    pub event: SessionEvent,
    /// What tells it from other news of the same session: the same happening has the same words, however often it is
    /// heard of. No phone is in it.
    pub about: String,
    /// When.
    pub at: Moment,
    /// Who called: the real number; `None` where they withheld it.
    pub from: Option<E164>,
    /// Who was called: the real number.
    pub to: Option<E164>,
    /// What more there is to say.
    pub more: More,
}

/// What one kind of news says beyond its name, time and parties.
#[derive(Clone, PartialEq, Debug)]
pub enum More {
    /// Nothing.
    Nothing,
    /// How long and for how much, and why it ended.
    Over {
        /// Seconds that it lasted.
        seconds: u32,
        /// Seconds that are billed.
        billed: u32,
        /// What they cost.
        amount: f64,
        /// Why it ended.
        cause: Cause,
    },
    /// How the caller proved themselves.
    Pin {
        /// With which result.
        status: PinStatus,
        /// How often it was tried again.
        retries: u8,
    },
    /// A recording that goes on.
    RecordingBegun {
        /// The provider's id of it.
        sid: String,
    },
    /// A recording.
    Recording(RecordingMade),
    /// A recording that had begun, and of which nothing is kept.
    NotKept {
        /// The provider's id of it.
        sid: Option<String>,
    },
}

/// What a step of a call is heard with.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// The call before it; `None` on the first.
    pub before: Option<&'a Call>,
    /// What was decided.
    pub decision: &'a Decision,
    /// The session of the call.
    pub session: &'a Session,
    /// What bills it.
    pub account: &'a Account,
    /// When.
    pub now: Moment,
}

/// The news of one step, in the order in which they happened.
pub fn of_step(step: &Step<'_>) -> Vec<News> {
    let Some(call) = step.decision.call.as_deref() else { return Vec::new() };
    let mut teller = Teller { step, call, told: Vec::new() };
    teller.pins();
    teller.taken();
    for attempt in call.attempts.iter().filter(|attempt| !matches!(attempt.to, Answered::Lines(_))) {
        teller.callee(attempt);
    }
    teller.recordings();
    teller.caller();
    teller.told
}

/// Somebody was asked for a PIN, or was not because the number they call from is a party's.
pub fn pin(call: &Call, status: PinStatus, retries: u8, now: Moment) -> News {
    News {
        event: SessionEvent::PinAuthenticationStatus,
        about: format!("{} pin {retries} {status}", call.id),
        at: now,
        from: call.caller.phone(),
        to: None,
        more: More::Pin { status, retries },
    }
}

/// What an effect says of a caller's proof: to which session, with which result, tried again how often.
pub fn proof(effect: &Effect) -> Option<(&SessionId, PinStatus, u8)> {
    if let Effect::PinWaived { session } = effect {
        return Some((session, PinStatus::AuthorizedCaller, 0));
    }
    if let Effect::PinAccepted { session, retry, .. } = effect {
        return Some((session, PinStatus::Success, *retry));
    }
    if let Effect::PinRefused { session, retry, .. } = effect {
        return Some((session, PinStatus::Failed, *retry));
    }
    None
}

/// Goes through one step.
struct Teller<'a> {
    step: &'a Step<'a>,
    call: &'a Call,
    told: Vec<News>,
}

impl Teller<'_> {
    fn tell(&mut self, event: SessionEvent, about: &str, more: More) {
        self.told.push(News {
            event,
            about: format!("{} {about}", self.call.id),
            at: self.step.now,
            from: self.call.caller.phone(),
            to: self.other(),
            more,
        });
    }

    /// Whom the caller is, or was to be, put through to.
    fn other(&self) -> Option<E164> {
        let placed = || self.call.placed.as_deref().map(|placed| placed.phone);
        self.call.attempts.last().and_then(|attempt| attempt.phones.first().copied()).or_else(placed)
    }

    fn before(&self, attempt: &Attempt) -> Option<&Attempt> {
        self.step.before?.attempt(attempt.no)
    }

    /// Whether an attempt's recording has been told of, and its end has not.
    fn was_begun(&self, attempt: u8) -> bool {
        let before = self.step.before.and_then(|call| call.attempt(attempt));
        before.is_some_and(|attempt| attempt.recorded == Recorded::Begun)
    }

    /// Whether the caller stands for the first party.
    fn caller_is_first(&self) -> bool {
        match (self.call.attempts.last().map(|attempt| &attempt.to), self.call.side) {
            (Some(Answered::Technician(_)), _) | (_, Side::Second) => false,
            (Some(Answered::Customer(_)), _) | (_, Side::First) => true,
            (Some(Answered::Lines(_)) | None, Side::Outside) => false,
        }
    }

    /// How the caller proved who they are, or did not.
    fn pins(&mut self) {
        let proofs = self.step.decision.effects.iter().filter_map(proof);
        self.told.extend(proofs.map(|(_, status, retries)| pin(self.call, status, retries, self.step.now)));
    }

    /// The caller is put through to the other party; or is the first party, whom we called, and has answered.
    fn taken(&mut self) {
        let there = |call: &Call| !call.attempts.is_empty() || call.first_answered();
        if !there(self.call) || self.step.before.is_some_and(there) {
            return;
        }
        let first = self.caller_is_first();
        let event = if first { SessionEvent::FirstPartyAnswer } else { SessionEvent::SecondPartyAnswer };
        self.tell(event, "caller answer", More::Nothing);
        let asked = self.step.session.options.record == Some(true);
        if asked && self.step.decision.why.contains(&Reason::RecordingUnavailable) {
            self.tell(SessionEvent::RecordingFailed, "recording failed", More::Nothing);
        }
    }

    /// What became of the other party's leg.
    fn callee(&mut self, attempt: &Attempt) {
        let first = matches!(attempt.to, Answered::Technician(_));
        let status = self.status(Some(attempt.no));
        let open = |attempt: &Attempt| attempt.outcome.is_none();
        let was_open = self.before(attempt).is_none_or(open);
        let silent = |attempt: &Attempt| attempt.acceptance == Acceptance::Unasked;
        let was_silent = self.before(attempt).is_none_or(silent);
        let rings = matches!(status, Some((LegStatus::Ringing, _)));
        if rings && !first && open(attempt) && silent(attempt) {
            self.tell(SessionEvent::SecondPartyRing, &format!("{} ring", attempt.no), More::Nothing);
        }
        let connected = was_open && attempt.outcome == Some(LegOutcome::Connected);
        if was_silent && (!silent(attempt) || connected) {
            let event = if first { SessionEvent::FirstPartyAnswer } else { SessionEvent::SecondPartyAnswer };
            self.tell(event, &format!("{} answer", attempt.no), More::Nothing);
        }
        let ended = status.filter(|(status, _)| status.ended());
        let cause = match (attempt.outcome, ended) {
            (Some(outcome), _) if was_open => Cause::of(outcome),
            (None, Some((status, _))) => Cause::of_status(status),
            (Some(_) | None, _) => return,
        };
        let event = if first { SessionEvent::FirstPartyHangup } else { SessionEvent::SecondPartyHangup };
        let more = self.over([attempt.seconds], cause);
        self.tell(event, &format!("{} hangup", attempt.no), more);
    }

    fn recordings(&mut self) {
        for effect in &self.step.decision.effects {
            if let Effect::RecordingStarted { attempt, sid } = effect {
                let more = More::RecordingBegun { sid: sid.clone() };
                self.tell(SessionEvent::RecordingInitiated, &format!("{attempt} recording"), more);
            }
            if let Effect::RecordingNotStarted { attempt, .. } = effect {
                self.tell(SessionEvent::RecordingFailed, &format!("{attempt} recording failed"), More::Nothing);
            }
            if let Effect::RecordingRefused { attempt: Some(attempt), recording } = effect
                && self.was_begun(*attempt)
            {
                let more = More::NotKept { sid: recording.sid.clone() };
                self.tell(SessionEvent::RecordingFailed, &format!("{attempt} recording failed"), more);
            }
            if let Effect::RecordingMade { recording } = effect {
                let about = format!("recorded {}", recording.sid.as_deref().unwrap_or_default());
                self.tell(SessionEvent::RecordingCompleted, &about, More::Recording(recording.clone()));
            }
        }
    }

    /// The end of the caller's leg, and with it of the whole.
    fn caller(&mut self) {
        let Some(gone) = self.call.gone.filter(|_| self.step.before.is_none_or(|before| before.gone.is_none())) else {
            return;
        };
        let waited = self.call.placed.is_some() && self.call.attempts.is_empty();
        let cause = if self.call.connected() {
            Cause::Normal
        } else if self.call.attempts.iter().any(|attempt| attempt.outcome == Some(LegOutcome::CallerGone))
            || self.call.never_placed()
        {
            Cause::Canceled
        } else if waited && gone.status != LegStatus::Completed {
            Cause::of_status(gone.status)
        } else {
            Cause::EndOfInstructions
        };
        let event =
            if self.caller_is_first() { SessionEvent::FirstPartyHangup } else { SessionEvent::SecondPartyHangup };
        let own = Some(gone.seconds);
        let more = self.over([own], cause);
        self.tell(event, "caller hangup", more);
        let legs = self.call.attempts.iter().map(|attempt| attempt.seconds);
        let more = self.over(legs.chain([own]), cause);
        self.tell(SessionEvent::PartiesHangup, "over", more);
    }

    fn over(&self, legs: impl IntoIterator<Item = Option<u32>>, cause: Cause) -> More {
        let Bill { seconds, billed, amount, .. } =
            Bill::of(self.call.tariff.or(Some(self.step.account.tariff())), legs);
        More::Over { seconds, billed, amount, cause }
    }

    /// What this step tells of a leg: the caller's own, or an attempt's.
    fn status(&self, of: Option<u8>) -> Option<(LegStatus, Option<u32>)> {
        self.step.decision.effects.iter().find_map(|effect| {
            let Effect::LegStatus { attempt, status, seconds } = effect else { return None };
            (*attempt == of).then_some((*status, *seconds))
        })
    }
}

#[cfg(test)]
mod tests;
