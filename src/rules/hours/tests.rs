//! Hours as an operator meets them: the week, holidays, special days and clock changes.
//!
//! Deliberately not here: overrides, mistakes and remarks, which are tested beside their code.

use super::*;
use crate::domain::{LocationId, Prompts, TenantId};

pub(super) fn location(time_zone: &str, hours: &str) -> Location {
    Location {
        id: LocationId::from("chicago"),
        tenant: TenantId::from("acme"),
        name: "Acme Plumbing Chicago".to_owned(),
        time_zone: time_zone.to_owned(),
        hours: hours.to_owned(),
        holidays: String::new(),
        closed_dates: Vec::new(),
        special_hours: Default::default(),
        on_no_answer: Vec::new(),
        ring_timeout: 20,
        ring: crate::domain::Ring::InTurn,
        queue: Default::default(),
        prompts: Prompts::default(),
        masking: Default::default(),
        lines: Vec::new(),
        rules: Vec::new(),
        overrides: Vec::new(),
    }
}

pub(super) fn at(text: &str) -> Moment {
    Moment::read(text).unwrap_or_else(|| panic!("an instant: {text}"))
}

/// The location of the worked examples.
pub(super) fn chicago() -> Location {
    Location {
        holidays: "US".to_owned(),
        closed_dates: vec!["2026-12-24".to_owned()],
        special_hours: [("2026-12-31".to_owned(), "08:00-12:00".to_owned())].into(),
        ..location("America/Chicago", "Mo-Fr 08:00-17:00; Sa 09:00-13:00; PH off")
    }
}

pub(super) fn compiled(location: &Location) -> Hours {
    Hours::compile(location, at("2026-06-01T12:00:00Z")).expect("hours that can be read")
}

/// State, source, since, until and next change, in local time.
pub(super) fn told(hours: &Hours, now: &str, overrides: &[Override]) -> String {
    let found = hours.at(at(now), overrides);
    let local = |at: Option<Moment>| at.map_or("-".to_owned(), |at| hours.rfc3339(at));
    let times = [found.since, found.until, found.next_change].map(local);
    format!("{} {} {}", found.state, found.source, times.join(" "))
}

#[test]
fn the_worked_examples() {
    let hours = compiled(&chicago());
    for (now, expected, why) in [
        (
            "2026-03-09T09:02:00-05:00",
            "open weekly 2026-03-09T08:00:00-05:00 2026-03-09T17:00:00-05:00 2026-03-09T17:00:00-05:00",
            "a Monday morning",
        ),
        (
            "2026-03-09T17:00:00-05:00",
            "closed weekly 2026-03-09T17:00:00-05:00 2026-03-10T08:00:00-05:00 2026-03-10T08:00:00-05:00",
            "the end is exclusive",
        ),
        (
            "2026-03-09T08:00:00-05:00",
            "open weekly 2026-03-09T08:00:00-05:00 2026-03-09T17:00:00-05:00 2026-03-09T17:00:00-05:00",
            "the beginning is inclusive",
        ),
        (
            "2026-03-09T13:30:00Z",
            "open weekly 2026-03-09T08:00:00-05:00 2026-03-09T17:00:00-05:00 2026-03-09T17:00:00-05:00",
            "08:30 on the wall, the day after clocks went forward",
        ),
        (
            "2026-11-26T10:00:00-06:00",
            "holiday public_holiday 2026-11-26T00:00:00-06:00 2026-11-27T00:00:00-06:00 2026-11-27T08:00:00-06:00",
            "Thanksgiving, the whole local day",
        ),
        (
            "2026-11-25T18:00:00-06:00",
            "closed weekly 2026-11-25T17:00:00-06:00 2026-11-26T00:00:00-06:00 2026-11-27T08:00:00-06:00",
            "the evening before: this state ends at midnight, the next opening is on Friday",
        ),
        (
            "2026-12-24T23:59:59-06:00",
            "holiday closed_dates 2026-12-24T00:00:00-06:00 2026-12-25T00:00:00-06:00 2026-12-26T09:00:00-06:00",
            "a closed date, then Christmas Day, then a Saturday",
        ),
        (
            "2026-12-31T09:00:00-06:00",
            "open special_hours 2026-12-31T08:00:00-06:00 2026-12-31T12:00:00-06:00 2026-12-31T12:00:00-06:00",
            "special hours",
        ),
        (
            "2026-12-31T13:00:00-06:00",
            "closed special_hours 2026-12-31T12:00:00-06:00 2027-01-01T00:00:00-06:00 2027-01-02T09:00:00-06:00",
            "after them, closed by them until midnight",
        ),
        (
            "2026-07-04T10:00:00-05:00",
            "open weekly 2026-07-04T09:00:00-05:00 2026-07-04T13:00:00-05:00 2026-07-04T13:00:00-05:00",
            "the Fourth falls on a Saturday: the day off is the Friday before",
        ),
    ] {
        assert_eq!(told(&hours, now, &[]), expected, "{why}");
    }
}

#[test]
fn an_hour_on_the_wall_stays_where_it_is() {
    for (zone, hours, now, expected, why) in [
        ("America/Chicago", "00:00-03:00", "2026-03-08T08:00:00Z", false, "03:00: two o'clock was skipped"),
        ("America/Chicago", "00:00-03:00", "2026-03-08T07:59:59Z", true, "01:59 before the gap"),
        ("America/Chicago", "02:15-02:45", "2026-03-08T08:00:00Z", false, "an hour that is not there opens nothing"),
        ("America/Chicago", "00:00-01:30", "2026-11-01T06:29:59Z", true, "01:29, first time"),
        ("America/Chicago", "00:00-01:30", "2026-11-01T06:30:00Z", false, "01:30, first time"),
        ("America/Chicago", "00:00-01:30", "2026-11-01T07:00:00Z", true, "01:00, second time"),
        ("America/Chicago", "00:00-01:30", "2026-11-01T07:30:00Z", false, "01:30, second time"),
        ("America/Chicago", "24/7", "2026-11-01T06:59:30Z", true, "the minute before the fold"),
        ("America/Chicago", "08:00-17:00", "2026-11-01T14:00:00Z", true, "08:00 CST"),
        ("America/Chicago", "08:00-17:00", "2026-11-01T13:59:59Z", false, "07:59 CST"),
        ("Australia/Lord_Howe", "08:00-17:00", "2026-04-03T21:00:00Z", true, "08:00 at +11:00"),
        ("Australia/Lord_Howe", "08:00-17:00", "2026-04-04T21:29:59Z", false, "07:59 at +10:30"),
        ("Australia/Lord_Howe", "08:00-17:00", "2026-04-04T21:30:00Z", true, "08:00 at +10:30"),
        ("Europe/Dublin", "09:00-17:00", "2026-03-28T09:00:00Z", true, "winter, the zone's \"daylight saving\""),
        ("Europe/Dublin", "09:00-17:00", "2026-03-29T08:00:00Z", true, "summer, its standard time"),
        ("Europe/Dublin", "09:00-17:00", "2026-03-29T07:59:59Z", false, "08:59 in summer"),
        ("Pacific/Apia", "08:00-17:00", "2026-01-01T19:00:00Z", true, "08:00 on the next date"),
        ("UTC", "08:00-17:00", "2026-01-01T08:00:00Z", true, "no city"),
    ] {
        let compiled = compiled(&location(zone, hours));
        assert_eq!(compiled.at(at(now), &[]).state.is_open(), expected, "{why}: {hours} in {zone} at {now}");
    }
}

#[test]
fn nights_holidays_and_special_days() {
    let us = |hours: &str| Location { holidays: "US".to_owned(), ..location("America/Chicago", hours) };
    let special = |day: &str, ranges: &str| Location {
        special_hours: [(day.to_owned(), ranges.to_owned())].into(),
        closed_dates: vec!["2026-03-11".to_owned(), "2026-03-14".to_owned()],
        ..location("America/Chicago", "Mo-Fr 22:00-06:00")
    };
    for (location, local, expected, why) in [
        (us("Mo-Fr 22:00-06:00"), "2026-03-07T02:00:00-06:00", "open weekly", "Friday's night shift"),
        (us("Mo-Fr 22:00-06:00"), "2026-03-08T02:00:00-06:00", "closed weekly", "no shift on Saturday"),
        (
            us("Mo-Fr 22:00-06:00; Sa 09:00-12:00"),
            "2026-03-07T02:00:00-06:00",
            "closed weekly",
            "a later rule has the day",
        ),
        (us("Mo-Fr 22:00-06:00, Sa 09:00-12:00"), "2026-03-07T02:00:00-06:00", "open weekly", "an addition has not"),
        (us("Mo-Fr 22:00-06:00; PH off"), "2026-11-26T02:00:00-06:00", "holiday public_holiday", "the holiday cuts it"),
        (us("Mo-Fr 08:00-17:00"), "2026-11-26T10:00:00-06:00", "open weekly", "holidays the hours do not mention"),
        (
            us("Mo-Fr 08:00-17:00; PH 10:00-12:00"),
            "2026-11-26T10:00:00-06:00",
            "open public_holiday",
            "hours of its own",
        ),
        (us("Mo-Fr 08:00-17:00; PH 10:00-12:00"), "2026-11-26T13:00:00-06:00", "holiday public_holiday", "after them"),
        (us("Mo-Fr 08:00-17:00; PH off"), "2026-10-12T10:00:00-05:00", "open weekly", "Columbus Day is regional"),
        (
            us("Mo-Fr 08:00-17:00; PH off"),
            "2027-06-19T10:00:00-05:00",
            "closed weekly",
            "Juneteenth 2027, observed before",
        ),
        (
            us("Mo-Fr 08:00-17:00; PH off"),
            "2027-06-18T10:00:00-05:00",
            "holiday public_holiday",
            "the day it is observed",
        ),
        (
            us("Mo-Fr 08:00-17:00; PH +1 day off"),
            "2026-11-27T10:00:00-06:00",
            "holiday public_holiday",
            "the day after",
        ),
        (us("Mo-Fr 08:00-17:00; PH +1 day off"), "2026-11-26T10:00:00-06:00", "open weekly", "but not the day"),
        (us("Mo-Fr 08:00-17:00 unknown"), "2026-03-09T10:00:00-05:00", "closed weekly", "unknown is not open"),
        (us(""), "2026-03-08T03:30:00-05:00", "open none", "no hours"),
        (
            special("2026-03-10", "off"),
            "2026-03-10T02:00:00-05:00",
            "closed special_hours",
            "special hours cut the spill",
        ),
        (special("2026-03-10", "off"), "2026-03-10T23:00:00-05:00", "closed special_hours", "closed all day"),
        (special("2026-03-10", "20:00-02:00"), "2026-03-10T21:00:00-05:00", "open special_hours", "into a closed date"),
        (
            special("2026-03-10", "20:00-02:00"),
            "2026-03-11T01:59:59-05:00",
            "open special_hours",
            "where they come first",
        ),
        (
            special("2026-03-10", "20:00-26:00"),
            "2026-03-11T01:59:59-05:00",
            "open special_hours",
            "written the other way",
        ),
        (special("2026-03-10", "20:00-02:00"), "2026-03-11T02:00:00-05:00", "holiday closed_dates", "and not longer"),
        (
            special("2026-03-10", "off"),
            "2026-03-14T02:00:00-05:00",
            "holiday closed_dates",
            "a closed date cuts the spill",
        ),
        (
            special("2026-03-14", "9:00-10:00, 11:00-12:00"),
            "2026-03-14T11:30:00-05:00",
            "open special_hours",
            "two ranges",
        ),
        (
            special("2026-03-14", "9:00-10:00, 11:00-12:00"),
            "2026-03-14T10:30:00-05:00",
            "closed special_hours",
            "between",
        ),
    ] {
        let found = compiled(&location).at(at(local), &[]);
        assert_eq!(format!("{} {}", found.state, found.source), expected, "{why}: {} at {local}", location.hours);
    }
    let always = Location { closed_dates: vec!["2026-03-11".to_owned()], ..location("America/Chicago", "") };
    assert_eq!(
        told(&compiled(&always), "2026-03-10T12:00:00-05:00", &[]),
        "open none - 2026-03-11T00:00:00-05:00 2026-03-11T00:00:00-05:00",
        "closed dates count without hours too"
    );
}

#[test]
fn nothing_within_four_hundred_days_is_null() {
    for (hours, expected) in [
        ("", "open none - - -"),
        ("24/7", "open weekly - - -"),
        ("off", "closed weekly - - -"),
        ("2020", "closed weekly - - -"),
    ] {
        assert_eq!(
            told(&compiled(&location("Europe/Dublin", hours)), "2026-06-10T12:00:00Z", &[]),
            expected,
            "{hours:?}"
        );
    }
    let far = Location { closed_dates: vec!["2027-07-13".to_owned()], ..location("UTC", "24/7") };
    let hours = compiled(&far);
    assert_eq!(told(&hours, "2026-06-07T23:59:59Z", &[]), "open weekly - - -", "four hundred days and a second away");
    assert!(told(&hours, "2026-06-08T00:00:00Z", &[]).starts_with("open weekly - 2027-07-13T00:00:00"), "exactly that");
}

#[test]
fn the_horizon_is_known() {
    let around = at("2026-06-01T12:00:00Z");
    let hours = compiled(&chicago());
    for (days, expected) in [(0, true), (40, true), (60, false), (-1, true), (-10, false), (100_000, false)] {
        assert_eq!(hours.covers(around.plus_days(days)), expected, "{days} days on");
    }
    for seconds in [i64::MIN / 2_000_000, -4_000_000_000, 0, 4_102_444_800, i64::MAX / 2_000_000] {
        let now = Moment::from_seconds(seconds);
        let hours = Hours::compile(&chicago(), now).expect("any instant");
        let _ = (hours.at(now, &[]), hours.local(now), hours.rfc3339(now), hours.day_began(now));
    }
}
