//! A location rule's conditions: do they hold, can they ever, and does one rule leave nothing for a later one.
//!
//! Deliberately not here: reading them from a file, and what a rule that applies does.

use std::collections::BTreeSet;

use super::hours::HoursWord;
use crate::domain::{Channel, When, WhenCaller};

/// The match values, in the order they are tried.
pub const MATCH_WORDS: [&str; 7] = ["live", "grace", "recent", "owner", "job", "pin", "none"];

/// Minutes of a day.
const DAY: u16 = 1440;

/// What is known of a call or text when the rules are asked.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// A call or a text.
    pub channel: Channel,
    /// A known customer or somebody else.
    pub caller: WhenCaller,
    /// The match value's word.
    pub matched: &'a str,
    /// The word for the state of the hours.
    pub hours: &'a str,
    /// The local weekday at that instant, Monday = 1 … Sunday = 7.
    pub weekday: u8,
    /// Local minutes after midnight at that instant.
    pub minute: u16,
    /// Tags of the work order.
    pub job_tags: &'a [String],
    /// Tags of the customer.
    pub customer_tags: &'a [String],
    /// Whether it is a reply inside the reply window.
    pub reply: bool,
}

/// Whether all conditions hold.
///
/// Each is judged at the instant of the call: where `between` crosses midnight, `days` is the day it is by then, so
/// `Fr` with `22:00-02:00` is Friday from 22:00 and Friday until 02:00, not the small hours of Saturday.
pub fn applies(when: &When, facts: &Facts<'_>) -> bool {
    let tagged = |tag: &String| facts.job_tags.contains(tag) || facts.customer_tags.contains(tag);
    when.channel.is_none_or(|channel| channel == facts.channel)
        && when.caller.is_none_or(|caller| caller == facts.caller)
        && (when.matched.is_empty() || when.matched.iter().any(|word| word == facts.matched))
        && (when.hours.is_empty() || when.hours.iter().any(|word| word == facts.hours))
        && (when.days.is_empty() || when.days.contains(&facts.weekday))
        && when.between.is_none_or(|range| within(range, facts.minute))
        && when.tag.as_ref().is_none_or(tagged)
        && when.reply.is_none_or(|reply| reply == facts.reply)
}

fn within((start, end): (u16, u16), minute: u16) -> bool {
    if start < end { (start..end).contains(&minute) } else { minute >= start || minute < end }
}

/// Whether `earlier` holds wherever `later` does, so that a later rule never gets its turn.
pub fn always_covers(earlier: &When, later: &When) -> bool {
    one_covers(earlier.channel.as_ref(), later.channel.as_ref())
        && one_covers(earlier.caller.as_ref(), later.caller.as_ref())
        && one_covers(earlier.tag.as_ref(), later.tag.as_ref())
        && one_covers(earlier.reply.as_ref(), later.reply.as_ref())
        && list_covers(&earlier.matched, &later.matched, MATCH_WORDS.len())
        && list_covers(&earlier.hours, &later.hours, HoursWord::ALL.len())
        && list_covers(&earlier.days, &later.days, 7)
        && time_covers(earlier.between, later.between)
}

fn one_covers<T: PartialEq>(earlier: Option<&T>, later: Option<&T>) -> bool {
    earlier.is_none() || earlier == later
}

fn list_covers<T: Ord>(earlier: &[T], later: &[T], all: usize) -> bool {
    let set: BTreeSet<&T> = earlier.iter().collect();
    earlier.is_empty() || set.len() == all || (!later.is_empty() && later.iter().all(|item| set.contains(item)))
}

fn time_covers(earlier: Option<(u16, u16)>, later: Option<(u16, u16)>) -> bool {
    let Some(earlier) = earlier else { return true };
    let later = later.unwrap_or((0, DAY));
    (0..DAY).all(|minute| !within(later, minute) || within(earlier, minute))
}

/// Why these conditions can never hold together, with the condition to change; `None` when they can.
pub fn impossible(when: &When) -> Option<(&'static str, String)> {
    let only = |words: &[&str]| !when.matched.is_empty() && when.matched.iter().all(|word| words.contains(&&**word));
    let unknown = when.caller == Some(WhenCaller::Unknown);
    if when.reply == Some(true) && only(&["none"]) {
        return Some((
            "reply",
            "can never be true with match \"none\": a reply answers somebody of a session".to_owned(),
        ));
    }
    if unknown && only(&["grace", "recent", "owner"]) {
        let words = when.matched.join(" or ");
        return Some(("match", format!("{words} always means a known customer, and caller is \"unknown\"")));
    }
    if unknown && when.tag.is_some() && only(&["none"]) {
        let message = "tags belong to a work order or a customer, and somebody unknown without a session has neither";
        return Some(("tag", message.to_owned()));
    }
    match when.between {
        Some((start, end)) if start == end => {
            Some(("between", "begins and ends at the same minute; \"00:00-24:00\" is the whole day".to_owned()))
        }
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts<'static> {
        Facts {
            channel: Channel::Voice,
            caller: WhenCaller::Customer,
            matched: "live",
            hours: "open",
            weekday: 5,
            minute: 600,
            job_tags: &[],
            customer_tags: &[],
            reply: false,
        }
    }

    #[test]
    fn all_conditions_hold_together() {
        let tags = ["emergency".to_owned()];
        let rows: [(&str, When, bool); 10] = [
            ("no condition", When::default(), true),
            ("the channel", When { channel: Some(Channel::Sms), ..When::default() }, false),
            ("the caller", When { caller: Some(WhenCaller::Customer), ..When::default() }, true),
            ("one of several matches", When { matched: vec!["grace".into(), "live".into()], ..When::default() }, true),
            ("another match", When { matched: vec!["none".into()], ..When::default() }, false),
            ("the hours", When { hours: vec!["closed".into()], ..When::default() }, false),
            ("the day", When { days: vec![1, 5], ..When::default() }, true),
            ("a tag", When { tag: Some("emergency".into()), ..When::default() }, true),
            ("no reply", When { reply: Some(true), ..When::default() }, false),
            ("one of two fails", When { channel: Some(Channel::Voice), reply: Some(true), ..When::default() }, false),
        ];
        for (why, when, expected) in rows {
            assert_eq!(applies(&when, &Facts { customer_tags: &tags, ..facts() }), expected, "{why}");
        }
    }

    #[test]
    fn times_include_their_start_exclude_their_end_and_cross_midnight() {
        for (range, minute, expected) in [
            ((480, 1020), 479, false),
            ((480, 1020), 480, true),
            ((480, 1020), 1019, true),
            ((480, 1020), 1020, false),
            ((1320, 120), 1320, true),
            ((1320, 120), 0, true),
            ((1320, 120), 119, true),
            ((1320, 120), 120, false),
            ((0, 1440), 1439, true),
            ((1080, 1440), 1439, true),
        ] {
            let when = When { between: Some(range), ..When::default() };
            assert_eq!(applies(&when, &Facts { minute, ..facts() }), expected, "{range:?} at {minute}");
        }
    }

    #[test]
    fn a_rule_that_leaves_nothing_is_known() {
        let days = |days: &[u8]| When { days: days.to_vec(), ..When::default() };
        let between = |start, end| When { between: Some((start, end)), ..When::default() };
        let rows: [(&str, When, When, bool); 9] = [
            ("no condition covers all", When::default(), days(&[1]), true),
            ("a day does not cover all", days(&[1]), When::default(), false),
            ("all days do", days(&[1, 2, 3, 4, 5, 6, 7]), When::default(), true),
            ("fewer days", days(&[1, 2, 3]), days(&[2, 3]), true),
            ("other days", days(&[1, 2]), days(&[2, 3]), false),
            ("the whole day", between(0, 1440), When::default(), true),
            ("a part of the evening", between(1080, 360), between(1320, 120), true),
            ("more than the evening", between(1080, 1320), between(1080, 1321), false),
            (
                "the same and more",
                When { tag: Some("vip".into()), ..When::default() },
                When { tag: Some("vip".into()), channel: Some(Channel::Sms), ..When::default() },
                true,
            ),
        ];
        for (why, earlier, later, expected) in rows {
            assert_eq!(always_covers(&earlier, &later), expected, "{why}");
        }
    }

    proptest::proptest! {
        /// Whatever a covered rule applies to, the covering one applies to as well.
        #[test]
        fn covering_is_true(a in any_when(), b in any_when(), weekday in 1u8..=7, minute in 0u16..1440,
                            sms: bool, unknown: bool, reply: bool) {
            let facts = Facts {
                channel: if sms { Channel::Sms } else { Channel::Voice },
                caller: if unknown { WhenCaller::Unknown } else { WhenCaller::Customer },
                weekday, minute, reply, ..facts()
            };
            if always_covers(&a, &b) && applies(&b, &facts) {
                proptest::prop_assert!(applies(&a, &facts));
            }
        }
    }

    fn any_when() -> impl proptest::strategy::Strategy<Value = When> {
        use proptest::prelude::*;
        (
            proptest::option::of(proptest::bool::ANY),
            proptest::option::of(proptest::bool::ANY),
            proptest::collection::vec(1u8..=7, 0..3),
            proptest::option::of((0u16..1440, 1u16..=1440)),
        )
            .prop_map(|(sms, reply, days, between)| When {
                channel: sms.map(|sms| if sms { Channel::Sms } else { Channel::Voice }),
                reply,
                days,
                between,
                ..When::default()
            })
    }
}
