//! When a mask ends: an instant, a time of day somewhere, or so many minutes from now.
//!
//! Deliberately not here: zones and their changes (`rules::zones`). Whatever is wrong with an expiry is 1502.

use serde_json::{Map, Value};

use super::answer::Refusal;
use crate::domain::Moment;
use crate::rules::zones;

/// Minutes until a mask ends of which nothing was said.
const USUAL: i64 = 1440;

/// Days after which no mask ends: beyond ten years somebody has mistaken milliseconds for seconds.
const FARTHEST: i64 = 3653;

/// An expiry as it was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expiry {
    /// An instant.
    At(Moment),
    /// What the clock of the default location shows then.
    Clock(String),
    /// Minutes from now.
    In(i64),
}

/// When masks that are unset end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unset {
    /// Now.
    AtOnce,
    /// Later.
    At(Moment),
}

impl Expiry {
    /// Reads the one of the two parameters that is there.
    ///
    /// # Errors
    /// Both are there, or it cannot be read.
    pub fn read(fields: &Map<String, Value>) -> Result<Option<Self>, Refusal> {
        let there = |name: &str| fields.get(name).filter(|value| !value.is_null());
        match (there("expiry_time"), there("expiry_duration")) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(Refusal::expiry()),
            (Some(time), None) => Self::time(time).map(Some).ok_or_else(Refusal::expiry),
            (None, Some(minutes)) => whole(minutes).map(Self::In).map(Some).ok_or_else(Refusal::expiry),
        }
    }

    fn time(value: &Value) -> Option<Self> {
        match value.as_str().filter(|text| zones::is_clock(text)) {
            Some(text) => Some(Self::Clock(text.to_owned())),
            None => whole(value).map(Moment::from_seconds).map(Self::At),
        }
    }

    /// The instant that is meant, where it is in the future; `zone` is the default location's, where there is one.
    fn instant(&self, zone: Option<&str>, now: Moment) -> Option<Moment> {
        let at = match self {
            Self::At(at) => *at,
            Self::Clock(text) => zones::at_clock(zone?, text)?,
            Self::In(minutes) => Moment(now.0.checked_add(minutes.checked_mul(60_000_000)?)?),
        };
        (at > now && at <= now.plus_days(FARTHEST)).then_some(at)
    }

    /// When a mask ends that is set now.
    ///
    /// # Errors
    /// That is not in the future, or too far in it.
    pub fn of_set(asked: Option<&Self>, zone: &str, now: Moment) -> Result<Moment, Refusal> {
        asked.unwrap_or(&Self::In(USUAL)).instant(Some(zone), now).ok_or_else(Refusal::expiry)
    }

    /// When masks end that are unset now.
    ///
    /// # Errors
    /// As [`Expiry::of_set`], but for so many minutes ago: that is at once.
    pub fn of_unset(asked: Option<&Self>, zone: Option<&str>, now: Moment) -> Result<Unset, Refusal> {
        match asked {
            None => Ok(Unset::AtOnce),
            Some(Self::In(minutes)) if *minutes <= 0 => Ok(Unset::AtOnce),
            Some(asked) => asked.instant(zone, now).map(Unset::At).ok_or_else(Refusal::expiry),
        }
    }
}

/// A whole number, or its digits.
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            if plain { text.parse().ok() } else { None }
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ZONE: &str = "America/Chicago";

    fn now() -> Moment {
        Moment::read("2026-03-09T14:02:11Z").expect("an instant")
    }

    fn fields(value: Value) -> Map<String, Value> {
        let Value::Object(fields) = value else { panic!("an object") };
        fields
    }

    #[test]
    fn an_expiry_is_in_the_future_or_refused() {
        // Minutes from now; `None` is 1502; an unset at once is 0.
        for (body, set, unset, why) in [
            (json!({}), Some(1440), Some(0), "nothing said"),
            (json!({"expiry_time": null, "expiry_duration": null}), Some(1440), Some(0), "nothing said either"),
            (json!({"expiry_duration": 1}), Some(1), Some(1), "minutes"),
            (json!({"expiry_duration": "90"}), Some(90), Some(90), "in digits"),
            (json!({"expiry_duration": "007"}), Some(7), Some(7), "in many digits"),
            (json!({"expiry_duration": 0}), None, Some(0), "none"),
            (json!({"expiry_duration": "0"}), None, Some(0), "none, in digits"),
            (json!({"expiry_duration": -1}), None, Some(0), "the documented example"),
            (json!({"expiry_duration": "-1"}), None, Some(0), "in digits"),
            (json!({"expiry_duration": i64::MIN}), None, Some(0), "long ago"),
            (json!({"expiry_duration": 1.5}), None, None, "a fraction"),
            (json!({"expiry_duration": 1.0}), None, None, "written as one"),
            (json!({"expiry_duration": -0.5}), None, None, "a negative one"),
            (json!({"expiry_duration": "1.5"}), None, None, "in digits"),
            (json!({"expiry_duration": "+5"}), None, None, "a plus"),
            (json!({"expiry_duration": " 5"}), None, None, "a space"),
            (json!({"expiry_duration": ""}), None, None, "blank"),
            (json!({"expiry_duration": "-"}), None, None, "a sign alone"),
            (json!({"expiry_duration": "five"}), None, None, "a word"),
            (json!({"expiry_duration": true}), None, None, "no number"),
            (json!({"expiry_duration": [5]}), None, None, "a list"),
            (json!({"expiry_duration": 3653 * 1440}), Some(3653 * 1440), Some(3653 * 1440), "ten years"),
            (json!({"expiry_duration": 3653 * 1440 + 1}), None, None, "a minute more"),
            (json!({"expiry_duration": i64::MAX}), None, None, "more than time has"),
            (json!({"expiry_duration": 1e300}), None, None, "more than a number has"),
            (json!({"expiry_duration": "99999999999999999999"}), None, None, "more digits than a number has"),
            (json!({"expiry_time": 1_773_065_531_i64}), Some(10), Some(10), "seconds since 1970"),
            (json!({"expiry_time": "1773065531"}), Some(10), Some(10), "in digits"),
            (json!({"expiry_time": "2026-03-09 09:12:11"}), Some(10), Some(10), "by the clock in Chicago"),
            (json!({"expiry_time": 1_773_064_931_i64}), None, None, "now"),
            (json!({"expiry_time": 1_773_064_930_i64}), None, None, "past"),
            (json!({"expiry_time": "2026-03-09 09:02:11"}), None, None, "now, by the clock"),
            (json!({"expiry_time": "2026-03-09 08:00:00"}), None, None, "past, by the clock"),
            (json!({"expiry_time": 0}), None, None, "1970"),
            (json!({"expiry_time": -5}), None, None, "before 1970"),
            (json!({"expiry_time": 1_773_065_531_000_i64}), None, None, "milliseconds"),
            (json!({"expiry_time": 1_773_065_531.5}), None, None, "a fraction"),
            (json!({"expiry_time": "2026-03-09T14:12:11Z"}), None, None, "another form"),
            (json!({"expiry_time": "2026-03-09"}), None, None, "a day"),
            (json!({"expiry_time": "2026-13-09 09:12:11"}), None, None, "no such month"),
            (json!({"expiry_time": "9999-12-31 23:59:59"}), None, None, "the last second"),
            (json!({"expiry_time": ""}), None, None, "blank"),
            (json!({"expiry_time": {}}), None, None, "an object"),
            (json!({"expiry_time": 1_773_065_531_i64, "expiry_duration": 10}), None, None, "both"),
            (json!({"expiry_time": 1_773_065_531_i64, "expiry_duration": -1}), None, None, "both, to end at once"),
        ] {
            let read = Expiry::read(&fields(body.clone()));
            let after = |at: Moment| i64::try_from(at.since(now()).as_secs() / 60).expect("minutes");
            let told = read.clone().and_then(|read| Expiry::of_set(read.as_ref(), ZONE, now()));
            assert_eq!(told.map(after), set.ok_or_else(Refusal::expiry), "set: {why}: {body}");
            let told = read.and_then(|read| Expiry::of_unset(read.as_ref(), Some(ZONE), now()));
            let told = told.map(|unset| match unset {
                Unset::AtOnce => 0,
                Unset::At(at) => after(at),
            });
            assert_eq!(told, unset.ok_or_else(Refusal::expiry), "unset: {why}: {body}");
        }
    }

    #[test]
    fn a_clock_that_hangs_nowhere_cannot_be_read() {
        let clock = Expiry::Clock("2026-03-09 09:12:11".to_owned());
        assert_eq!(Expiry::of_unset(Some(&clock), None, now()), Err(Refusal::expiry()));
        assert!(Expiry::of_unset(Some(&Expiry::In(5)), None, now()).is_ok());
    }
}
