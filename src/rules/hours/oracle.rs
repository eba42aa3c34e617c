//! The oracle: opening hours worked out minute by minute from the wall clock, sharing nothing with the compiled form.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use opening_hours::localization::Country;
use opening_hours::{Context, OpeningHours};
use proptest::prelude::*;

use super::tests::{at, location};
use super::*;
use crate::domain::OverrideState;

const MINUTE: i64 = 60_000_000;

const ZONES: [&str; 12] = [
    "America/Chicago",
    "America/St_Johns",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Europe/Dublin",
    "Europe/London",
    "Pacific/Apia",
    "Pacific/Chatham",
    "UTC",
];

const STRINGS: [&str; 12] = [
    "Mo-Fr 08:00-17:00; Sa 09:00-13:00; PH off",
    "Mo-Fr 08:00-12:00,13:00-17:00; PH 10:00-12:00",
    "Mo-Fr 22:00-06:00; Sa 09:00-12:00; PH off",
    "Mo-Su 18:00-02:30, Su 10:00-12:00",
    "00:30-01:30,02:00-03:15",
    "24/7; PH off",
    "24/7",
    "Mo-Th 00:00-24:00; Fr 00:00-23:59",
    "Su 01:45-02:15; Mo-Sa 23:30-00:30",
    "Nov-Mar Mo-Fr 09:00-16:00; Apr-Oct 07:00-19:00; Dec 25 off",
    "week 1-53/2 Mo-Fr 08:00-16:00; PH,Su off",
    "",
];

/// What holds at an instant: the naive reading of the wall clock at that minute.
struct Oracle<'a> {
    location: &'a Location,
    zone: TimeZone,
    weekly: Option<OpeningHours>,
    days: BTreeMap<NaiveDate, bool>,
}

impl<'a> Oracle<'a> {
    fn new(location: &'a Location) -> Self {
        let holidays = Country::US.holidays();
        let days = holidays.get_public().iter().map(|date| (date, true)).collect();
        let context = Context::default().with_holidays(holidays);
        let weekly = (!location.hours.is_empty())
            .then(|| location.hours.parse::<OpeningHours>().expect("hours").with_context(context));
        Self { location, zone: zones::zone(&location.time_zone).expect("a zone"), weekly, days }
    }

    fn at(&self, now: Moment) -> (HoursWord, HoursSource) {
        let wall = self.zone.to_datetime(jiff::Timestamp::from_microsecond(now.0).expect("in range"));
        let number = |n: i8| u32::from(n.unsigned_abs());
        let today = NaiveDate::from_ymd_opt(wall.year().into(), number(wall.month()), number(wall.day()));
        let today = today.expect("a local date");
        let naive = today.and_hms_opt(number(wall.hour()), number(wall.minute()), 0).expect("a local time");
        let minute = format!("{:02}:{:02}", wall.hour(), wall.minute());
        let special = |date: Option<NaiveDate>| self.location.special_hours.get(&date?.to_string());
        let spilled = || special(today.pred_opt()).is_some_and(|value| covers(value, &minute, true));
        let open = |open: bool, otherwise| if open { HoursWord::Open } else { otherwise };
        if let Some(value) = special(Some(today)) {
            return (open(covers(value, &minute, false), HoursWord::Closed), HoursSource::SpecialHours);
        }
        if spilled() {
            return (HoursWord::Open, HoursSource::SpecialHours);
        }
        if self.location.closed_dates.contains(&today.to_string()) {
            return (HoursWord::Holiday, HoursSource::ClosedDates);
        }
        let Some(weekly) = &self.weekly else { return (HoursWord::Open, HoursSource::None) };
        if self.location.hours.contains("PH") && self.days.contains_key(&today) {
            return (open(weekly.is_open(naive), HoursWord::Holiday), HoursSource::PublicHoliday);
        }
        (open(weekly.is_open(naive), HoursWord::Closed), HoursSource::Weekly)
    }
}

/// Whether one of the ranges `HH:MM-HH:MM` holds the minute: of their own day, or of the day after.
fn covers(ranges: &str, minute: &str, day_after: bool) -> bool {
    ranges.split(',').filter_map(|range| range.split_once('-')).any(|(start, end)| {
        let crosses = end <= start;
        if day_after { crosses && minute < end } else { start <= minute && (crosses || minute < end) }
    })
}

/// Instants a year and more around the clock changes of 2026, half of them within three days of one.
fn any_instant() -> impl Strategy<Value = Moment> {
    let changes = ["2026-03-08T08:00:00Z", "2026-03-29T01:00:00Z", "2026-04-04T15:00:00Z", "2026-11-01T07:00:00Z"];
    let near = (proptest::sample::select(changes.to_vec()), -4_000i64..4_000)
        .prop_map(|(change, minutes)| Moment(at(change).0 + minutes * MINUTE));
    let any = (0i64..600 * 24 * 60).prop_map(|minutes| Moment(at("2025-10-01T00:00:00Z").0 + minutes * MINUTE));
    prop_oneof![near, any]
}

fn any_location() -> impl Strategy<Value = Location> {
    let special = proptest::collection::btree_map(
        proptest::sample::select(vec!["2026-03-08", "2026-03-09", "2026-10-31", "2026-11-01", "2026-11-26"]),
        proptest::sample::select(vec!["off", "08:00-12:00", "22:00-02:00", "00:00-01:30,12:00-13:00"]),
        0..4,
    );
    let closed = proptest::collection::vec(
        proptest::sample::select(vec!["2026-03-08", "2026-03-30", "2026-11-01", "2026-11-02"]),
        0..3,
    );
    let zone = proptest::sample::select(ZONES.to_vec());
    let string = proptest::sample::select(STRINGS.to_vec());
    (zone, string, special, closed).prop_map(|(zone, string, special, closed)| Location {
        holidays: "US".to_owned(),
        special_hours: special.into_iter().map(|(day, value)| (day.to_owned(), value.to_owned())).collect(),
        closed_dates: closed.into_iter().map(str::to_owned).collect(),
        ..location(zone, string)
    })
}

fn any_overrides() -> impl Strategy<Value = Vec<Override>> {
    let state = prop_oneof![Just(OverrideState::Open), Just(OverrideState::Closed)];
    let by_hand = (state, proptest::option::of(any_instant()), proptest::option::of(0i64..3_000));
    let by_hand = by_hand.prop_map(|(state, from, minutes)| Override {
        state,
        from,
        until: minutes.map(|minutes| Moment(from.unwrap_or(at("2026-03-01T00:00:00Z")).0 + minutes * MINUTE)),
    });
    proptest::collection::vec(by_hand, 0..4)
}

/// Strings of which most can be read.
fn any_string() -> impl Strategy<Value = String> {
    let days = proptest::sample::select(vec![
        "",
        "Mo ",
        "Fr-Tu ",
        "PH ",
        "SH ",
        "Mo,PH ",
        "PH -1 day ",
        "PH +999 days ",
        "Dec 25 ",
        "Dec 31-Jan 02 ",
        "easter ",
        "easter -2 days ",
        "week 1-53/2 ",
        "week 53 Fr[5] ",
        "2026 ",
        "2026-2030/2 ",
        "1900 ",
        "9999+ ",
        "Feb 29 ",
        "Su[-1] ",
        "Mo[2] +3 days ",
        "Jan-Mar Mo ",
        "2026 Nov 30-2027 Feb 29 ",
        "Jan 31 +9999 days ",
        "\"x\":",
        "24/7 ",
    ]);
    let times = proptest::collection::vec("[01]?[0-9]:[0-5][0-9]-[0-3]?[0-9]:[0-5][0-9]", 0..4);
    let kind = proptest::sample::select(vec!["", "", "", " off", " open", " unknown", " closed \"x\"", "+"]);
    let next = proptest::sample::select(vec!["; ", ", ", " || ", ";"]);
    let rule = (days, times, kind, next).prop_map(|(days, times, kind, next)| {
        let rule = format!("{days}{}{kind}", times.join(","));
        (rule.replace("  ", " ").trim().to_owned(), next)
    });
    proptest::collection::vec(rule, 1..8).prop_map(|rules| {
        let text: String = rules.into_iter().flat_map(|(rule, next)| [rule, next.to_owned()]).collect();
        text.trim_end_matches([' ', ';', ',', '|']).to_owned()
    })
}

/// Whether an override holds, by its definition.
fn overridden(hours: &Hours, now: Moment, overrides: &[Override]) -> Option<HoursWord> {
    let holds = |by_hand: &&Override| {
        let end = match (by_hand.from, by_hand.until) {
            (_, Some(until)) => until,
            (Some(from), None) => hours.at(from, &[]).next_change.unwrap_or(Moment(i64::MAX)),
            (None, None) => return false,
        };
        by_hand.from.is_none_or(|from| from <= now) && now < end
    };
    overrides.iter().rev().find(holds).map(|by_hand| match by_hand.state {
        OverrideState::Open => HoursWord::OverrideOpen,
        OverrideState::Closed => HoursWord::OverrideClosed,
    })
}

/// Every zone whose clocks change in the compiled time, around each change: three hours before and after it.
#[test]
fn every_clock_change_of_every_zone_agrees_with_the_wall_clock() {
    let around = at("2026-06-01T00:00:00Z");
    let (from, to) = (around.plus_days(-300), around.plus_days(300));
    let mut seen = BTreeSet::new();
    for name in jiff::tz::TimeZoneDatabase::bundled().available() {
        let hours = "00:00-01:30,02:15-03:00,23:30-24:00; Su,Mo 01:45-02:30,23:00-25:20; We-Fr 00:40-03:40";
        let location = location(name.as_str(), hours);
        let oracle = Oracle::new(&location);
        let changes = oracle.zone.following(zones::timestamp(from)).map(|change| (change.timestamp(), change.offset()));
        let changes: Vec<_> = changes.take_while(|(at, _)| *at < zones::timestamp(to)).collect();
        if !seen.insert(changes.clone()) {
            continue;
        }
        let hours = Hours::compile(&location, around).expect("hours that can be read");
        let minutes = changes.iter().flat_map(|(change, _)| (-180..180).map(move |minute| (change, minute)));
        for (change, minute) in minutes {
            let now = Moment(change.as_microsecond() + minute * MINUTE);
            let found = hours.at(now, &[]);
            assert_eq!((found.state, found.source), oracle.at(now), "{} at {now}", location.time_zone);
        }
    }
    assert!(seen.len() > 25, "only {} ways of changing clocks were looked at", seen.len());
}

/// Few cases, each of thousands of minutes; more with `PROPTEST_CASES`.
fn cases() -> ProptestConfig {
    let asked_for = std::env::var_os("PROPTEST_CASES").is_some();
    if asked_for { ProptestConfig::default() } else { ProptestConfig::with_cases(48) }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn every_minute_agrees_with_the_wall_clock(location in any_location(), from in any_instant()) {
        let hours = Hours::compile(&location, from).expect("hours that can be read");
        let oracle = Oracle::new(&location);
        for minute in 0..2 * 24 * 60 {
            let now = Moment(from.0 + minute * MINUTE);
            let found = hours.at(now, &[]);
            prop_assert_eq!((found.state, found.source), oracle.at(now), "{} in {} at {}", location.hours, location.time_zone, now);
        }
    }

    #[test]
    fn the_ends_of_a_state_are_its_ends(
        location in any_location(),
        now in any_instant(),
        overrides in any_overrides(),
    ) {
        let hours = Hours::compile(&location, at("2026-08-01T00:00:00Z")).expect("hours that can be read");
        let far = Hours::compile(&location, now).expect("hours that can be read");
        let hours = if hours.covers(now) { hours } else { far };
        let found = hours.at(now, &overrides);
        let expected = overridden(&hours, now, &overrides).unwrap_or_else(|| hours.at(now, &[]).state);
        prop_assert_eq!(found.state, expected);

        let state = |at: Moment| { let found = hours.at(at, &overrides); (found.state, found.source) };
        let held = (found.state, found.source);
        if let Some(since) = found.since {
            prop_assert!(since <= now && state(since) == held && state(Moment(since.0 - 1)) != held);
        }
        if let Some(until) = found.until {
            prop_assert!(now < until && state(until) != held && state(Moment(until.0 - 1)) == held);
        }
        let (start, end) = (found.since.unwrap_or(now), found.until.unwrap_or(now.plus_days(400)));
        let flip = found.next_change.unwrap_or(now.plus_days(400));
        prop_assert!(end <= flip);
        for step in 0..100 {
            let within = |from: Moment, to: Moment| Moment(from.0 + (to.0 - from.0) / 100 * step);
            prop_assert_eq!(state(within(start, end)), held);
            prop_assert_eq!(state(within(now, flip)).0.is_open(), held.0.is_open());
        }
        if let Some(flip) = found.next_change {
            prop_assert_ne!(state(flip).0.is_open(), held.0.is_open());
        }
    }

    #[test]
    fn overrides_that_say_nothing_change_nothing(location in any_location(), now in any_instant()) {
        let hours = Hours::compile(&location, now).expect("hours that can be read");
        let past = Override { state: OverrideState::Closed, from: None, until: Some(Moment(0)) };
        prop_assert_eq!(hours.at(now, &[]), hours.at(now, &[past]));
    }

    #[test]
    fn no_string_is_too_much(
        text in prop_oneof![1 => "\\PC{0,60}".boxed(), 9 => any_string().boxed()],
        now in prop_oneof![any_instant(), (-5_000_000_000i64..40_000_000_000).prop_map(Moment::from_seconds)],
    ) {
        let location = Location { holidays: "IE".to_owned(), ..location("Europe/Dublin", &text) };
        let _ = Hours::remarks(&location, now);
        match Hours::compile(&location, now) {
            Ok(hours) => _ = hours.at(now, &[]),
            Err(mistakes) => prop_assert!(!mistakes.is_empty()),
        }
    }
}
