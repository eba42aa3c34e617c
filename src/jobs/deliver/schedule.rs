//! When a delivery that was not taken is tried again, and when it is given up.
//!
//! Deliberately not here: trying. Everything is an argument, chance too.

use std::time::Duration;

use crate::domain::Moment;
use crate::store::outbox::{Outcome, Queued};

/// How long after the try before it each try comes; after the last it is given up.
pub const WAITS: [Duration; 10] = [
    Duration::ZERO,
    Duration::from_secs(5),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3600),
    Duration::from_secs(5 * 3600),
    Duration::from_secs(10 * 3600),
    Duration::from_secs(14 * 3600),
    Duration::from_secs(20 * 3600),
    Duration::from_secs(24 * 3600),
];

/// How much of a wait chance takes away or adds.
const JITTER: f64 = 0.1;

/// The longest that a receiver's own wish for a pause is heard.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 3600);

/// The status that says that an address is gone for good.
const GONE: u16 = 410;

/// What a try came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Tried {
    /// It was answered.
    Answered {
        /// With which status.
        status: u16,
        /// The pause that it asks for, where it does.
        pause: Option<Duration>,
    },
    /// Nobody answered.
    Unanswered(String),
    /// It may not be sent there, now or later.
    Refused(String),
    /// Its address has said before that it is gone.
    Gone,
}

/// What follows a try: the `attempts` before it, when it ended, and chance, from -1 to 1.
pub fn follows(tried: Tried, attempts: u32, now: Moment, chance: f64) -> Outcome {
    let dead = |gone| Queued::Dead { at: now, gone };
    let again = |pause: Option<Duration>| {
        let next = usize::try_from(attempts).unwrap_or(usize::MAX).saturating_add(1);
        let Some(wait) = WAITS.get(next) else { return dead(false) };
        let wait = wait.mul_f64(1.0 + JITTER * chance.clamp(-1.0, 1.0));
        Queued::Again { at: now.plus(wait.max(pause.unwrap_or_default().min(LONGEST_PAUSE))) }
    };
    let (then, status, error) = match tried {
        Tried::Answered { status: status @ 200..=299, .. } => (Queued::Delivered { at: now }, Some(status), None),
        Tried::Answered { status: GONE, .. } => {
            (dead(true), Some(GONE), Some("it was answered 410: the address is gone".to_owned()))
        }
        Tried::Answered { status, pause } => (again(pause), Some(status), Some(format!("it was answered {status}"))),
        Tried::Unanswered(why) => (again(None), None, Some(why)),
        Tried::Refused(why) => (dead(false), None, Some(why)),
        Tried::Gone => {
            let error = "its address has answered 410: it is not asked until a delivery is sent there again and taken";
            return Outcome { then: dead(false), tried_at: None, status: None, error: Some(error.to_owned()) };
        }
    };
    Outcome { then, tried_at: Some(now), status, error }
}

/// The pause that a `Retry-After` asks for: seconds, or a date.
pub fn pause(header: &str, now: Moment) -> Option<Duration> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(header.parse().unwrap_or(u64::MAX)));
    }
    let at = chrono::DateTime::parse_from_rfc2822(header).ok()?;
    Some(Moment(at.timestamp_micros()).since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::from_seconds(1_773_064_931);

    fn answered(status: u16) -> Tried {
        Tried::Answered { status, pause: None }
    }

    #[test]
    fn it_is_tried_ten_times_over_three_days() {
        let waits: Vec<Option<u64>> = (0..10)
            .map(|attempts| match follows(answered(500), attempts, NOW, 0.0).then {
                Queued::Again { at } => Some(at.since(NOW).as_secs()),
                Queued::Dead { .. } | Queued::Delivered { .. } => None,
            })
            .collect();
        let hours = |hours: u64| Some(hours * 3600);
        let expected =
            [Some(5), Some(300), Some(1800), hours(2), hours(5), hours(10), hours(14), hours(20), hours(24), None];
        assert_eq!(waits, expected);
        assert_eq!(follows(answered(500), u32::MAX, NOW, 0.0).then, Queued::Dead { at: NOW, gone: false });
    }

    #[test]
    fn chance_moves_a_try_by_a_tenth() {
        for (chance, seconds) in [(-1.0, 270), (0.0, 300), (0.5, 315), (1.0, 330), (9.0, 330)] {
            let then = follows(answered(500), 1, NOW, chance).then;
            assert_eq!(then, Queued::Again { at: NOW.plus(Duration::from_secs(seconds)) }, "{chance}");
        }
    }

    #[test]
    fn each_answer_has_its_consequence() {
        let again = |seconds| Queued::Again { at: NOW.plus(Duration::from_secs(seconds)) };
        let asks = |status, seconds| Tried::Answered { status, pause: Some(Duration::from_secs(seconds)) };
        for (tried, then, why) in [
            (answered(200), Queued::Delivered { at: NOW }, "taken"),
            (answered(204), Queued::Delivered { at: NOW }, "taken without a word"),
            (answered(302), again(5), "a redirect is not followed"),
            (answered(404), again(5), "it may come"),
            (answered(503), again(5), "it may get well"),
            (asks(429, 90), again(90), "a pause longer than the wait"),
            (asks(503, 1), again(5), "a pause shorter than the wait"),
            (asks(429, u64::MAX), again(86_400), "a pause without end"),
            (asks(200, 90), Queued::Delivered { at: NOW }, "whoever takes it needs no pause"),
            (answered(410), Queued::Dead { at: NOW, gone: true }, "gone"),
            (Tried::Unanswered("x".to_owned()), again(5), "nobody there"),
            (Tried::Refused("x".to_owned()), Queued::Dead { at: NOW, gone: false }, "not allowed"),
        ] {
            let outcome = follows(tried, 0, NOW, 0.0);
            assert_eq!((outcome.then, outcome.tried_at), (then, Some(NOW)), "{why}");
            assert_eq!(outcome.error.is_none(), matches!(then, Queued::Delivered { .. }), "{why}");
        }
        let outcome = follows(Tried::Gone, 3, NOW, 0.0);
        assert_eq!((outcome.then, outcome.tried_at), (Queued::Dead { at: NOW, gone: false }, None));
    }

    #[test]
    fn a_pause_is_seconds_or_a_date() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        for (header, expected, why) in [
            ("120", seconds(120), "seconds"),
            (" 0 ", seconds(0), "none"),
            ("Mon, 09 Mar 2026 14:04:11 GMT", seconds(120), "a date"),
            ("Mon, 09 Mar 2026 09:04:11 -0500", seconds(120), "a date elsewhere"),
            ("Mon, 09 Mar 2026 14:00:00 GMT", seconds(0), "a date that is past"),
            ("99999999999999999999", seconds(u64::MAX), "more than there is"),
            ("", None, "nothing"),
            ("soon", None, "no date"),
            ("-5", None, "backwards"),
        ] {
            assert_eq!(pause(header, NOW), expected, "{why}");
        }
    }
}
