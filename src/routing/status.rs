//! News of legs and of texts: taken note of, folded forwards, never backwards.
//!
//! Deliberately not here: the outcome of an attempt. A status ends a call only when the caller's own leg is over.
//! **Invariant:** what was once taken for the length of a leg stays: it has been told.

use crate::domain::{
    Acceptance, Call, CallEnd, CallId, Cue, E164, Event, LegEnd, LegOutcome, LegStatus, LegStatusReport, MessageId,
    Moment, Screening, VoicemailState,
};

use super::answer::Answer;
use super::decision::{Decision, Destination};
use super::effect::Effect;
use super::outcome;
use super::overflow;
use super::stage::finding_of;
use super::voicemail;
use super::world::World;

/// Twilio's error for a text to somebody who has opted out.
const OPTED_OUT: u32 = 21_610;

/// A leg's state changed.
pub(super) fn leg(world: &dyn World, report: &LegStatusReport, now: Moment) -> Decision {
    let Some(known) = world.call(report.call) else { return voicemail::noted(None, Vec::new()) };
    let mut call = (*known).clone();
    // News of the leg that we called may come before the provider's answer to our asking.
    if call.placed.is_some() && call.sid.is_empty() && report.attempt.is_none() {
        call.sid.clone_from(&report.leg);
    }
    let attempt = report.attempt.filter(|_| report.leg != call.sid);
    let mut effects = vec![Effect::LegStatus { attempt, status: report.status, seconds: report.duration }];
    picked_up(&mut call, report, attempt, now);
    hung_up(&mut call, report, attempt, now);
    if report.leg == call.sid && report.status.ended() {
        if call.end.is_none() {
            close(&mut call, report.status, now, &mut effects);
            measure(&mut call, report.duration, now);
        }
        let answered = report.status == LegStatus::Completed;
        let seconds = report.duration.unwrap_or_else(|| if answered { held(&call, now) } else { 0 });
        call.gone.get_or_insert(LegEnd { status: report.status, seconds });
    }
    voicemail::noted(Some(call), effects)
}

/// Nothing was heard of a call for longer than it can last: it is over. Nobody knows for how long it lasted, so that no
/// more of it counts than was told.
pub fn silent(world: &dyn World, id: CallId, now: Moment) -> Option<Decision> {
    let mut call = (*world.call(id)?).clone();
    if call.end.is_some() {
        return None;
    }
    let mut effects = Vec::new();
    // Nobody is taken to have talked of whom nothing was heard.
    let unheard = call.attempts.last().is_some_and(|attempt| attempt.acceptance == Acceptance::Unasked);
    let caller = if unheard { LegStatus::Canceled } else { LegStatus::Completed };
    close(&mut call, caller, now, &mut effects);
    let reached = call.placed.is_none() || !call.attempts.is_empty() || call.first_answered();
    let status = if reached { LegStatus::Completed } else { LegStatus::Failed };
    let seconds = call.attempts.last_mut().map_or(0, |attempt| *attempt.seconds.get_or_insert(0));
    call.gone = Some(LegEnd { status, seconds });
    Some(voicemail::noted(Some(call), effects))
}

/// The end of the caller's leg was not heard of, although the call is over and everything has been said: it ended with the
/// call, as near as anybody knows.
pub fn unheard(world: &dyn World, id: CallId) -> Option<Decision> {
    let mut call = (*world.call(id)?).clone();
    let (at, _) = call.end.filter(|_| call.gone.is_none())?;
    call.gone = Some(LegEnd { status: LegStatus::Completed, seconds: held(&call, at) });
    let finding = finding_of(&call, Destination::None);
    let call = Some(Box::new(call));
    Some(Decision { finding: Some(finding), answer: Answer::Noted, call, effects: Vec::new(), why: Vec::new() })
}

/// Seconds that the caller's leg lasted, where nobody told: since it was answered. A bridge answers it where nothing else
/// has.
fn held(call: &Call, until: Moment) -> u32 {
    let answered = call.placed.as_deref().map_or(Some(call.opened_at), |placed| match &placed.acceptance {
        Acceptance::Asked { at, .. } | Acceptance::Accepted { at, .. } => Some(*at),
        Acceptance::Unasked | Acceptance::Refused | Acceptance::TimedOut => None,
    });
    match answered.filter(|_| call.answered) {
        Some(since) => outcome::seconds(until, since),
        None => call.attempts.last().and_then(|attempt| attempt.seconds).unwrap_or(0),
    }
}

/// Settles how long a conversation lasted that the caller's end ended: as long as the caller's leg, where the bridge
/// answered that.
fn measure(call: &mut Call, caller: Option<u32>, now: Moment) {
    let caller = caller.filter(|_| !call.answered);
    if let Some(attempt) = call.attempts.last_mut() {
        let talked = caller.filter(|_| attempt.outcome == Some(LegOutcome::Connected));
        attempt.seconds = attempt.seconds.or(talked).or_else(|| outcome::lasted(attempt, now)).or(Some(0));
    }
}

/// Ends a call whose caller's leg is over.
fn close(call: &mut Call, caller: LegStatus, now: Moment, effects: &mut Vec<Effect>) {
    if call.placed.is_some() && call.attempts.is_empty() {
        // Whom we called first did not answer, or did not accept: the other side was never called.
        overflow::finish(call, now, CallEnd::Failed, effects);
    } else if call.connected() {
        overflow::finish(call, now, CallEnd::Connected, effects);
    } else if talking(call, caller, now) {
        if let Some(attempt) = call.attempts.last_mut() {
            attempt.outcome = Some(LegOutcome::Connected);
        }
        overflow::finish(call, now, CallEnd::Connected, effects);
    } else if call.voicemail == VoicemailState::Left {
        overflow::finish(call, now, CallEnd::Voicemail, effects);
    } else {
        if let Some(attempt) = call.attempts.last_mut().filter(|attempt| attempt.outcome.is_none()) {
            attempt.outcome = Some(LegOutcome::CallerGone);
        }
        overflow::missed(call, now, effects);
    }
}

/// A callee who goes through nothing is known to have answered from the leg's status alone.
fn picked_up(call: &mut Call, report: &LegStatusReport, attempt: Option<u8>, now: Moment) {
    let Some(number) = attempt.filter(|_| report.status == LegStatus::InProgress) else { return };
    let Some(last) = call.attempts.last_mut().filter(|last| last.no == number && last.outcome.is_none()) else {
        return;
    };
    if last.acceptance == Acceptance::Unasked && last.screening == Screening::None {
        last.acceptance = Acceptance::Asked { leg: report.leg.clone(), at: now, wrong: 0 };
    }
}

/// A callee's leg is over; one that was not answered lasted for nothing. Of several that rang at once, the end of the
/// dialling tells.
fn hung_up(call: &mut Call, report: &LegStatusReport, attempt: Option<u8>, now: Moment) {
    let Some(number) = attempt.filter(|_| report.status.ended()) else { return };
    let alone = call.attempts.iter_mut().find(|one| one.no == number && one.phones.len() < 2);
    if let Some(attempt) = alone {
        let answered = report.status == LegStatus::Completed;
        let lasted = || if answered { report.duration.or_else(|| outcome::lasted(attempt, now)) } else { Some(0) };
        attempt.seconds = attempt.seconds.or_else(lasted);
    }
}

/// Whether a caller who is still there talked to somebody in an attempt whose end was never heard of.
pub(super) fn talked(call: &Call, now: Moment) -> bool {
    let heard_of = call.attempts.last().is_some_and(|attempt| attempt.acceptance != Acceptance::Unasked);
    heard_of && talking(call, LegStatus::Completed, now)
}

/// Whether the caller's end ended a conversation, although the request about the attempt's end has not come (or was
/// lost): the callee had accepted, or had nothing to accept and answered, or the caller's leg was answered by nothing
/// but the bridge. A caller's leg that only the bridge answers, and that ended unanswered, was never bridged: the caller
/// hung up while the key was on its way. One that was answered before it was dialled does not tell; then the callee has
/// to have heard what comes before the bridge.
fn talking(call: &Call, caller: LegStatus, now: Moment) -> bool {
    call.attempts.last().filter(|attempt| attempt.outcome.is_none()).is_some_and(|attempt| {
        let heard = |cues: &[Cue], since: Moment| now.since(since) >= outcome::spoken(cues);
        let bridged =
            |cues: &[Cue], since| if call.answered { heard(cues, since) } else { caller == LegStatus::Completed };
        match (&attempt.acceptance, &attempt.screening) {
            (Acceptance::Accepted { at, .. }, Screening::Accept { after, .. }) => bridged(after, *at),
            (Acceptance::Accepted { at, .. } | Acceptance::Asked { at, .. }, Screening::None)
            | (Acceptance::Accepted { at, .. }, Screening::Announce(_)) => bridged(&[], *at),
            (Acceptance::Asked { at, .. }, Screening::Announce(cues)) => bridged(cues, *at),
            (Acceptance::Unasked, Screening::None | Screening::Announce(_)) => {
                let rang_in_vain = attempt.seconds == Some(0);
                !call.answered && caller == LegStatus::Completed && !rang_in_vain
            }
            (Acceptance::Asked { .. } | Acceptance::Unasked, Screening::Accept { .. })
            | (Acceptance::Refused | Acceptance::TimedOut, _) => false,
        }
    })
}

/// A text of ours was delivered, or was not.
#[expect(clippy::too_many_arguments, reason = "the fields of one event, taken apart where it is matched")]
pub(super) fn text(
    world: &dyn World,
    event: &Event,
    sid: &str,
    message: Option<MessageId>,
    from: Option<E164>,
    to: Option<E164>,
    status: &str,
    error_code: Option<u32>,
) -> Decision {
    let mut effects =
        vec![Effect::MessageStatus { sid: sid.to_owned(), message, status: status.to_owned(), error_code }];
    let number = from
        .and_then(|from| world.number(from))
        .filter(|number| number.account == event.account)
        .map(|number| number.e164);
    if error_code == Some(OPTED_OUT)
        && let Some((number, phone)) = number.zip(to)
        && !world.opted_out(number.e164(), phone)
    {
        effects.push(Effect::OptedOut { number, phone });
    }
    Decision { finding: None, answer: Answer::Noted, call: None, effects, why: Vec::new() }
}
