//! How a dial attempt ended, in our words: read from everything we know, never from the provider's one word alone.
//!
//! Deliberately not here: what comes next.

use std::time::Duration;

use crate::domain::{Acceptance, AccountKind, Attempt, Cue, DialEnded, DialStatus, LegOutcome, Moment, Screening};

/// Tells the outcome of an attempt.
///
/// `completed` also means rejected, timed out in the whisper, or taken by a carrier's voicemail (Twilio's changelog of
/// December 2020). Connected is what was bridged; where a provider does not say, it is what was accepted on this
/// attempt, or, where nothing had to be accepted, a leg that lasted.
pub(super) fn tell(attempt: &Attempt, ended: &DialEnded, kind: AccountKind, now: Moment) -> LegOutcome {
    let lasted = ended.duration.is_some_and(|seconds| seconds > 0);
    let accepted = matches!(attempt.acceptance, Acceptance::Accepted { .. });
    let must_accept = matches!(attempt.screening, Screening::Accept { .. });
    let answered = matches!(ended.status, DialStatus::Completed | DialStatus::Answered);
    let bridged = ended.bridged.unwrap_or(answered && if must_accept { accepted } else { lasted });
    if bridged && (accepted || !must_accept) {
        return LegOutcome::Connected;
    }
    // Whatever the callee did, nobody is left to go on with.
    if ended.caller_gone {
        return LegOutcome::CallerGone;
    }
    match &attempt.acceptance {
        Acceptance::Refused => return LegOutcome::Rejected,
        Acceptance::TimedOut => return LegOutcome::ScreenTimeout,
        Acceptance::Unasked | Acceptance::Asked { .. } | Acceptance::Accepted { .. } => {}
    }
    match ended.status {
        DialStatus::Busy => LegOutcome::Busy,
        DialStatus::NoAnswer => LegOutcome::NoAnswer,
        DialStatus::Failed => LegOutcome::Failed,
        DialStatus::Canceled => LegOutcome::Canceled,
        DialStatus::Completed | DialStatus::Answered => match &attempt.acceptance {
            Acceptance::Asked { at, .. } if sat_through(attempt, *at, kind, now) => LegOutcome::ScreenTimeout,
            Acceptance::Asked { .. }
            | Acceptance::Unasked
            | Acceptance::Accepted { .. }
            | Acceptance::Refused
            | Acceptance::TimedOut => LegOutcome::CalleeGone,
        },
    }
}

/// Seconds that an attempt's leg lasted, where nobody told: since it answered, or of a conversation since it was dialled;
/// `None` of one that was not answered.
pub(super) fn lasted(attempt: &Attempt, until: Moment) -> Option<u32> {
    let answered = match &attempt.acceptance {
        Acceptance::Asked { at, .. } | Acceptance::Accepted { at, .. } => Some(*at),
        Acceptance::Unasked | Acceptance::Refused | Acceptance::TimedOut => None,
    };
    let talked = (attempt.outcome == Some(LegOutcome::Connected)).then_some(attempt.started_at);
    answered.or(talked).map(|since| seconds(until, since))
}

/// Whole seconds from one instant to another.
pub(super) fn seconds(until: Moment, since: Moment) -> u32 {
    u32::try_from(until.since(since).as_secs()).unwrap_or(u32::MAX)
}

/// Whether a leg that reported no key was there for the words and the whole timeout. Twilio reports an empty key press
/// itself (`actionOnEmptyResult`), so silence there means that the callee hung up.
fn sat_through(attempt: &Attempt, asked: Moment, kind: AccountKind, now: Moment) -> bool {
    let Screening::Accept { cues, timeout, .. } = &attempt.screening else { return false };
    let reports_silence = match kind {
        AccountKind::Twilio => true,
        AccountKind::Signalwire | AccountKind::Telnyx | AccountKind::Plivo | AccountKind::Ringcentral => false,
    };
    !reports_silence && now.since(asked) >= Duration::from_secs(u64::from(*timeout)) + spoken(cues)
}

/// The least time that these take to be heard; how long a sound is, is not known.
pub(super) fn spoken(cues: &[Cue]) -> Duration {
    let words: usize = cues
        .iter()
        .map(|cue| match cue {
            Cue::Say(text) => text.as_str().split_whitespace().count(),
            Cue::Play(_) => 0,
        })
        .sum();
    Duration::from_millis(300 * u64::try_from(words).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Answered, CallId, Digit, E164, Recorded};

    fn attempt(screening: Screening, acceptance: Acceptance) -> Attempt {
        Attempt {
            no: 1,
            to: Answered::Lines(vec!["desk-1".into()]),
            phones: vec![E164::read("+13125550123").expect("a number")],
            started_at: Moment::from_seconds(0),
            ring_timeout: 20,
            time_limit: 3600,
            screening,
            acceptance,
            outcome: None,
            seconds: None,
            recorded: Recorded::No,
        }
    }

    fn accept() -> Screening {
        let cues = vec![Cue::Say("Call for Acme.".into())];
        Screening::Accept { cues, key: Digit::ONE, timeout: 10, after: Vec::new() }
    }

    fn asked(at: i64) -> Acceptance {
        Acceptance::Asked { leg: "CAchild".to_owned(), at: Moment::from_seconds(at), wrong: 0 }
    }

    fn accepted() -> Acceptance {
        Acceptance::Accepted { leg: "CAchild".to_owned(), at: Moment::from_seconds(5) }
    }

    fn announce() -> Screening {
        Screening::Announce(Vec::new())
    }

    #[test]
    fn every_row_of_the_result_matrix() {
        use AccountKind::{Signalwire, Twilio};
        use DialStatus::{Busy, Canceled, Completed, Failed, NoAnswer};
        use LegOutcome as O;
        let yes = Some(true);
        let no = Some(false);
        #[rustfmt::skip]
        let rows = [
            (Twilio, accept(), accepted(), Completed, yes, Some(40), false, O::Connected, "accepted and bridged"),
            (Twilio, announce(), asked(3), Completed, yes, Some(40), false, O::Connected, "an announcement, bridged"),
            (Twilio, Screening::None, Acceptance::Unasked, Completed, yes, Some(9), true, O::Connected, "bridged; the caller hung up last"),
            (Twilio, accept(), asked(3), Completed, yes, Some(40), false, O::CalleeGone, "bridged without acceptance is never a success"),
            (Twilio, accept(), Acceptance::Refused, Completed, no, Some(9), false, O::Rejected, "wrong key twice"),
            (Twilio, accept(), Acceptance::TimedOut, Completed, no, Some(14), false, O::ScreenTimeout, "a carrier's voicemail presses nothing"),
            (Twilio, accept(), asked(3), Completed, no, Some(2), false, O::CalleeGone, "hung up in the whisper"),
            (Twilio, accept(), Acceptance::Unasked, NoAnswer, no, None, false, O::NoAnswer, "nobody answered"),
            (Twilio, accept(), Acceptance::Unasked, Busy, no, None, false, O::Busy, "busy"),
            (Twilio, accept(), Acceptance::Unasked, Failed, no, None, false, O::Failed, "unreachable"),
            (Twilio, accept(), Acceptance::Unasked, Canceled, no, None, false, O::Canceled, "taken back"),
            (Twilio, accept(), Acceptance::Unasked, NoAnswer, no, None, true, O::CallerGone, "the caller hung up while it rang"),
            (Twilio, accept(), asked(3), Completed, no, None, true, O::CallerGone, "the caller hung up in the whisper"),
            (Twilio, accept(), Acceptance::Refused, Completed, no, Some(9), true, O::CallerGone, "wrong keys, and the caller hung up"),
            (Twilio, accept(), Acceptance::TimedOut, Completed, no, None, true, O::CallerGone, "no key, and the caller hung up"),
            (Twilio, accept(), accepted(), Completed, no, Some(9), false, O::CalleeGone, "accepted, and gone before the bridge"),
            (Signalwire, accept(), accepted(), Completed, None, Some(40), false, O::Connected, "no word on bridging: our accept record"),
            (Signalwire, announce(), asked(3), Completed, None, Some(40), false, O::Connected, "no word on bridging: it lasted"),
            (Signalwire, accept(), asked(3), Completed, None, Some(40), false, O::ScreenTimeout, "no key, and it lasted through the whisper"),
            (Signalwire, accept(), asked(28), Completed, None, Some(2), false, O::CalleeGone, "no key, and it ended sooner"),
        ];
        for (kind, screening, acceptance, status, bridged, duration, caller_gone, expected, why) in rows {
            let attempt = attempt(screening, acceptance);
            let ended = DialEnded { call: CallId(1), attempt: 1, status, bridged, duration, child: None, caller_gone };
            assert_eq!(tell(&attempt, &ended, kind, Moment::from_seconds(30)), expected, "{why}");
        }
    }
}
