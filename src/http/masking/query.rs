//! The query of a list: filters, the time that it covers, and the page.
//!
//! Deliberately not here: finding what it wants (`store::masked`). Instants are compared by the second, as they are told.

use chrono::NaiveDateTime;

use super::told::Refusal;
use crate::domain::Moment;
use crate::rules::numbering;
use crate::store::masked::{By, MaskedFilter, Status};

/// The most on a page, and how many are on one that does not say.
const MOST: u32 = 20;
/// Days that a list covers unless it is said, can cover at most, and that are covered at all.
const DAYS: (i64, i64, i64) = (7, 30, 90);

const SECOND: i64 = 1_000_000;

/// What can be compared, by its name.
const COMPARED: [(&str, By); 6] = [
    ("first_party", By::FirstParty),
    ("second_party", By::SecondParty),
    ("virtual_number", By::VirtualNumber),
    ("created_time", By::Created),
    ("expiry_time", By::Expiry),
    ("duration", By::Duration),
];

/// How it is compared. Node's client loses one of two underscores.
const COMPARISONS: [(&str, Comparison); 9] = [
    ("", Comparison::Is),
    ("__gt", Comparison::Above),
    ("__gte", Comparison::From),
    ("__lt", Comparison::Below),
    ("__lte", Comparison::UpTo),
    ("_gt", Comparison::Above),
    ("_gte", Comparison::From),
    ("_lt", Comparison::Below),
    ("_lte", Comparison::UpTo),
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Comparison {
    Is,
    Above,
    From,
    Below,
    UpTo,
}

/// A query, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Query {
    /// What is wanted.
    pub filter: MaskedFilter,
    /// The same as it was sent, but for the page.
    sent: Vec<(String, String)>,
}

impl Query {
    /// Reads one.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(query: &str, country: &str, now: Moment) -> Result<Self, Refusal> {
        let mut filter = MaskedFilter { limit: MOST, ..MaskedFilter::default() };
        let (mut wrong, mut sent) = (Vec::new(), Vec::new());
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.trim();
            // A client that fills in forms sends what nobody filled in.
            if value.is_empty() {
                continue;
            }
            if let Err(what) = one(&mut filter, &name, value, country) {
                wrong.push(format!("Invalid parameter. {name} {what}."));
            }
            if !matches!(name.as_ref(), "limit" | "offset") {
                sent.push((name.into_owned(), value.to_owned()));
            }
        }
        match window(&filter.between, now) {
            Some(window) => filter.between.push(window),
            None => wrong.push(format!("Invalid parameter. created_time covers more than {} days.", DAYS.1)),
        }
        if wrong.is_empty() { Ok(Self { filter, sent }) } else { Err(Refusal::wrong(wrong.join(" "))) }
    }

    /// The query of another page of the same list.
    pub fn at(&self, offset: u32) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.sent {
            query.append_pair(name, value);
        }
        query.append_pair("limit", &self.filter.limit.to_string()).append_pair("offset", &offset.to_string());
        query.finish()
    }

    /// Where the next page begins, of so many in all.
    pub fn next(&self, total: u64) -> Option<u32> {
        let next = self.filter.offset.checked_add(self.filter.limit)?;
        (u64::from(next) < total).then_some(next)
    }

    /// Where the page before begins.
    pub fn previous(&self) -> Option<u32> {
        (self.filter.offset > 0).then(|| self.filter.offset.saturating_sub(self.filter.limit))
    }
}

/// Takes one parameter in; what is wrong with it follows its name.
fn one(filter: &mut MaskedFilter, name: &str, value: &str, country: &str) -> Result<(), String> {
    let range = || "is outside the allowed range".to_owned();
    match name {
        "limit" => {
            filter.limit = value.parse().ok().filter(|limit| (1..=MOST).contains(limit)).ok_or_else(range)?;
            return Ok(());
        }
        "offset" => {
            filter.offset = value.parse().ok().filter(|offset| i32::try_from(*offset).is_ok()).ok_or_else(range)?;
            return Ok(());
        }
        "status" => {
            filter.status = match value {
                "active" => Some(Status::Active),
                "in-progress" => Some(Status::InProgress),
                "expired" => Some(Status::Expired),
                "all" => None,
                _ => return Err("allowed values are active, in-progress, expired or all".to_owned()),
            };
            return Ok(());
        }
        "subaccount" => {
            filter.account = Some(value.to_owned());
            return Ok(());
        }
        _ => {}
    }
    let known = COMPARED.iter().find_map(|(field, by)| {
        let rest = name.strip_prefix(field)?;
        let (_, comparison) = COMPARISONS.iter().find(|(suffix, _)| *suffix == rest)?;
        Some((*by, *comparison))
    });
    let (by, comparison) = known.ok_or("is not a filter of this list")?;
    let (first, last) = match by {
        By::FirstParty | By::SecondParty | By::VirtualNumber => {
            let phone = numbering::from_program(value, country).ok_or("is not a valid phone number")?;
            let digits = i64::try_from(phone.digits()).unwrap_or(i64::MAX);
            (digits, digits)
        }
        By::Created | By::Expiry => {
            let read = instant(value).ok_or("should be a time in UTC: YYYY-MM-DD HH:MM[:ss[.uuuuuu]]")?;
            match comparison {
                Comparison::Is => read,
                // A minute is its first second, unless it is asked for itself.
                Comparison::Above | Comparison::From | Comparison::Below | Comparison::UpTo => {
                    (read.0, read.1.min(read.0 + SECOND - 1))
                }
            }
        }
        By::Duration => {
            let seconds = value.parse().map_err(|_| "must be an integer")?;
            (seconds, seconds)
        }
    };
    let between = match comparison {
        Comparison::Is => (first, last),
        Comparison::Above => (last.saturating_add(1), i64::MAX),
        Comparison::From => (first, i64::MAX),
        Comparison::Below => (i64::MIN, first.saturating_sub(1)),
        Comparison::UpTo => (i64::MIN, last),
    };
    filter.between.push((by, between.0, between.1));
    Ok(())
}

/// The first and the last microsecond of what a text names: a minute, a second, or less. The times that this door tells
/// are read too.
fn instant(text: &str) -> Option<(i64, i64)> {
    let bare = text.strip_suffix("UTC").unwrap_or(text).trim_end();
    let bare = bare.strip_suffix("+0000").or_else(|| bare.strip_suffix("0000").filter(|rest| rest.ends_with(' ')));
    let bare = bare.or_else(|| text.strip_suffix('Z')).unwrap_or(text).trim_end().replacen('T', " ", 1);
    let read = |format: &str| Some(NaiveDateTime::parse_from_str(&bare, format).ok()?.and_utc().timestamp_micros());
    let long = if bare.contains('.') { 1 } else { SECOND };
    let (first, long) = match read("%Y-%m-%d %H:%M:%S%.f") {
        Some(first) => (first, long),
        None => (read("%Y-%m-%d %H:%M")?, 60 * SECOND),
    };
    Some((first, first + long - 1))
}

/// The time that a list covers: as it is asked for, the last days where nothing is, and never what is too long ago. A side
/// that is left open is as far away as it may be. `None` where it is asked to cover too much.
fn window(between: &[(By, i64, i64)], now: Moment) -> Option<(By, i64, i64)> {
    let created = || between.iter().filter(|(by, _, _)| *by == By::Created);
    let from = created().map(|(_, first, _)| *first).max().filter(|first| *first != i64::MIN);
    let until = created().map(|(_, _, last)| *last).min().filter(|last| *last != i64::MAX);
    let days = |days: i64| days * 86_400 * SECOND;
    // Nothing is made in the future.
    let end = until.map_or(now.0, |until| until.min(now.0));
    if let (Some(from), Some(_)) = (from, until)
        // Both ends count whole, and an end may be named by its minute.
        && end.saturating_sub(from) > days(DAYS.1) + 60 * SECOND
    {
        return None;
    }
    let begin = match from {
        None => end.saturating_sub(days(DAYS.0)),
        Some(from) => from.max(end.saturating_sub(days(DAYS.1))),
    };
    Some((By::Created, begin.max(now.0 - days(DAYS.2)), until.unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-09T14:02:11Z.
    const NOW: Moment = Moment::from_seconds(1_773_064_931);
    const DAY: i64 = 86_400 * SECOND;

    fn micros(text: &str) -> i64 {
        Moment::read(text).expect("an instant").0
    }

    #[test]
    fn times_are_read_as_they_are_written() {
        for (text, expected, why) in [
            ("2026-03-09 14:02:11", Some(("2026-03-09T14:02:11Z", SECOND)), "to the second"),
            ("2026-03-09 14:02", Some(("2026-03-09T14:02:00Z", 60 * SECOND)), "to the minute"),
            ("2026-03-09 14:02:11.25", Some(("2026-03-09T14:02:11.25Z", 1)), "with a fraction"),
            ("2026-03-09 14:02:11 +0000 UTC", Some(("2026-03-09T14:02:11Z", SECOND)), "as this door tells it"),
            (
                "2026-03-09 14:02:11  0000 UTC",
                Some(("2026-03-09T14:02:11Z", SECOND)),
                "and unencoded, the plus a blank",
            ),
            ("2026-03-09T14:02:11Z", Some(("2026-03-09T14:02:11Z", SECOND)), "as others write it"),
            ("2026-03-09", None, "a day"),
            ("2026-13-09 14:02", None, "no such month"),
            ("yesterday", None, "a word"),
        ] {
            let expected = expected.map(|(first, long)| (micros(first), micros(first) + long - 1));
            assert_eq!(instant(text), expected, "{why}");
        }
    }

    #[test]
    fn each_filter_is_read_in_each_comparison() {
        let second = micros("2026-03-09T14:00:00Z");
        let phone = 13_125_550_101;
        let time = "2026-03-09+14%3A00%3A00";
        for (name, value, by, first, last) in [
            ("first_party", "%2B13125550101", By::FirstParty, phone, phone),
            ("second_party", "13125550101", By::SecondParty, phone, phone),
            ("virtual_number", "3125550101", By::VirtualNumber, phone, phone),
            ("created_time", time, By::Created, second, second + SECOND - 1),
            ("created_time__gt", time, By::Created, second + SECOND, i64::MAX),
            ("created_time__gte", time, By::Created, second, i64::MAX),
            ("created_time__lt", time, By::Created, i64::MIN, second - 1),
            ("created_time__lte", time, By::Created, i64::MIN, second + SECOND - 1),
            ("created_time_lt", time, By::Created, i64::MIN, second - 1),
            ("created_time", "2026-03-09+14%3A00", By::Created, second, second + 60 * SECOND - 1),
            ("created_time_lte", "2026-03-09+14%3A00", By::Created, i64::MIN, second + SECOND - 1),
            ("expiry_time_gte", time, By::Expiry, second, i64::MAX),
            ("expiry_time__gt", time, By::Expiry, second + SECOND, i64::MAX),
            ("duration", "600", By::Duration, 600, 600),
            ("duration__gt", "600", By::Duration, 601, i64::MAX),
            ("duration_lte", "600", By::Duration, i64::MIN, 600),
            ("duration__lt", "600", By::Duration, i64::MIN, 599),
        ] {
            let query = Query::read(&format!("{name}={value}"), "US", NOW).expect("a query");
            assert_eq!(query.filter.between.first(), Some(&(by, first, last)), "{name}={value}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (query, expected, why) in [
            ("", "", "nothing"),
            ("limit=20&offset=0&status=all&subaccount=SA1&duration=", "", "all that is right, and a blank"),
            ("limit=21", "limit is outside the allowed range.", "too many"),
            ("limit=0", "limit is outside the allowed range.", "none"),
            ("offset=-1", "offset is outside the allowed range.", "before the first"),
            ("status=live", "status allowed values are active, in-progress, expired or all.", "another word"),
            ("first_party=ana", "first_party is not a valid phone number.", "no phone"),
            ("duration__gt=x", "duration__gt must be an integer.", "no number"),
            ("created_time=x", "created_time should be a time in UTC: YYYY-MM-DD HH:MM[:ss[.uuuuuu]].", "no time"),
            ("created_time__ge=x", "created_time__ge is not a filter of this list.", "no comparison"),
            ("colour=red", "colour is not a filter of this list.", "no filter"),
            (
                "created_time__gte=2026-01-01+00:00&created_time__lt=2026-02-15+00:00",
                "created_time covers more than 30 days.",
                "too long",
            ),
            (
                "created_time__gte=2026-02-07+14:02:11&created_time__lte=2026-03-09+14:02:11",
                "",
                "thirty days up to now",
            ),
            ("created_time__gte=2026-02-07+14:02&created_time__lte=2026-03-09+14:02", "", "by the minute"),
            ("created_time__gte=2026-01-01+00:00&created_time__lte=2026-01-31+00:00", "", "and some time ago"),
            (
                "created_time__gte=2026-01-01+00:00&created_time__lte=2026-01-31+00:02",
                "created_time covers more than 30 days.",
                "a little too long",
            ),
        ] {
            let wrong = (!expected.is_empty()).then(|| Refusal::wrong(format!("Invalid parameter. {expected}")));
            assert_eq!(Query::read(query, "US", NOW).err(), wrong, "{why}");
        }
    }

    #[test]
    fn a_list_covers_days() {
        let now = NOW.0;
        for (from, until, expected, why) in [
            (None, None, (now - 7 * DAY, i64::MAX), "nothing is said: a week"),
            (Some(now - 20 * DAY), None, (now - 20 * DAY, i64::MAX), "since then"),
            (Some(now - 60 * DAY), None, (now - 30 * DAY, i64::MAX), "as much as may be, up to now"),
            (None, Some(now - 20 * DAY), (now - 27 * DAY, now - 20 * DAY), "the week before then"),
            (None, Some(now + 9 * DAY), (now - 7 * DAY, now + 9 * DAY), "up to some day to come: a week"),
            (Some(now - DAY), Some(now + 400 * DAY), (now - DAY, now + 400 * DAY), "what is to come does not count"),
            (Some(now - 60 * DAY), Some(now - 30 * DAY), (now - 60 * DAY, now - 30 * DAY), "a month long ago"),
            (Some(now - 100 * DAY), Some(now - 80 * DAY), (now - 90 * DAY, now - 80 * DAY), "no older than 90 days"),
        ] {
            let asked = [(By::Created, from.unwrap_or(i64::MIN), until.unwrap_or(i64::MAX)), (By::Duration, 1, 2)];
            assert_eq!(window(&asked, NOW), Some((By::Created, expected.0, expected.1)), "{why}");
        }
    }

    #[test]
    fn pages_are_found_by_offset() {
        for (query, total, next, previous, why) in [
            ("", 20, None, None, "one page"),
            ("", 21, Some(20), None, "one more"),
            ("limit=5&offset=5", 11, Some(10), Some(0), "in the middle"),
            ("limit=5&offset=10", 11, None, Some(5), "the last"),
            ("limit=5&offset=3", 4, None, Some(0), "not in step"),
            ("offset=50", 4, None, Some(30), "beyond the end"),
        ] {
            let query = Query::read(query, "US", NOW).expect("a query");
            assert_eq!((query.next(total), query.previous()), (next, previous), "{why}");
        }
        let query = Query::read("status=active&limit=5&created_time_lt=2026-03-09+14:00", "US", NOW).expect("a query");
        assert_eq!(query.at(5), "status=active&created_time_lt=2026-03-09+14%3A00&limit=5&offset=5");
    }
}
