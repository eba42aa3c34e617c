//! Opening hours on the day one asks: places that never open, calendars that run out, overrides that nobody ends.
//!
//! Deliberately not here: what does not depend on the day; `check` tells that (`Hours::remarks`).

use super::Doubt;
use crate::domain::{Location, Moment};
use crate::rules::hours::{Hours, HoursSource, HoursWord, LOOK_DAYS};

/// How far ahead a holiday is looked for.
const DAYS: i64 = 90;

/// Most changes of state that are looked through: a year of hours has some hundreds.
const CHANGES: usize = 4000;

/// What is doubtful about a location's hours at `now`.
pub fn doubts(location: &Location, now: Moment) -> Vec<Doubt> {
    let at = format!("location {}", location.id);
    let hours = match Hours::compile(location, now) {
        Ok(hours) => hours,
        Err(mistakes) => {
            let told = |wrong: crate::rules::hours::HoursMistake| {
                Doubt::grave(format!("{at}: {}: {}", wrong.field, wrong.message), mend(location, &wrong.field))
            };
            return mistakes.into_iter().map(told).collect();
        }
    };
    let mut found = Vec::new();
    if location.hours.is_empty() {
        found.extend(always_open(location, &at));
    } else {
        // A place that never opens misses no holiday.
        found.extend(never_open(location, &hours, now, &at).or_else(|| holidays(location, &hours, now, &at)));
    }
    found.extend(overrides(location, &hours, now, &at));
    found
}

fn mend(location: &Location, field: &str) -> String {
    format!("correct location.{}.{field}", location.id)
}

fn always_open(location: &Location, at: &str) -> Option<Doubt> {
    let masking = &location.masking;
    let differs = masking.inbound_callback_route_in_hours != masking.inbound_callback_route_out_of_hours;
    differs.then(|| {
        Doubt::slight(
            format!("{at}: it has no hours, so it is always open and its route out of hours is never taken"),
            format!("write location.{}.hours, such as \"Mo-Fr 08:00-17:00; PH off\"", location.id),
        )
    })
}

fn never_open(location: &Location, hours: &Hours, now: Moment, at: &str) -> Option<Doubt> {
    let state = hours.at(now, &[]);
    (!state.state.is_open() && state.next_change.is_none()).then(|| {
        Doubt::slight(
            format!("{at}: it does not open once in {LOOK_DAYS} days"),
            format!("correct location.{}.hours, or set its two routes alike and leave the hours out", location.id),
        )
    })
}

fn holidays(location: &Location, hours: &Hours, now: Moment, at: &str) -> Option<Doubt> {
    let named = !location.closed_dates.is_empty() || !location.special_hours.is_empty();
    if location.holidays.is_empty() && !named {
        return Some(Doubt::slight(
            format!("{at}: it has no holidays: it is open on every one of them"),
            format!(
                "write location.{0}.holidays, such as \"US\", with \"; PH off\" in location.{0}.hours; or list \
                 location.{0}.closed_dates",
                location.id
            ),
        ));
    }
    let next = next_holiday(hours, now);
    let soon = next.is_some_and(|at| at < now.plus_days(DAYS));
    (!soon).then(|| {
        let next = match next {
            Some(at) => format!("the next is on {}", hours.local(at).date),
            None => format!("nor in {LOOK_DAYS}: its calendar or its list has run out"),
        };
        Doubt::slight(
            format!("{at}: no holiday and no closed date in the next {DAYS} days; {next}"),
            format!("add what is missing to location.{}.closed_dates", location.id),
        )
    })
}

/// When the next day begins, from today on, that is a holiday, a closed date or one with hours of its own.
fn next_holiday(hours: &Hours, now: Moment) -> Option<Moment> {
    let mut at = now;
    for _ in 0..CHANGES {
        let state = hours.at(at, &[]);
        if state.state == HoursWord::Holiday || state.source == HoursSource::SpecialHours {
            return Some(at);
        }
        at = state.until?;
        if at >= now.plus_days(LOOK_DAYS) {
            return None;
        }
    }
    None
}

fn overrides(location: &Location, hours: &Hours, now: Moment, at: &str) -> Vec<Doubt> {
    let endless = |by_hand: &&crate::domain::Override| {
        by_hand.from.is_some_and(|from| from <= now) && hours.bounded(**by_hand, now).until.is_none()
    };
    let told = |by_hand: &crate::domain::Override| {
        Doubt::grave(
            format!("{at}: it was set {} by hand, without an end, and no scheduled change ends that", by_hand.state),
            format!("give location.{}.override an until, or take that override out", location.id),
        )
    };
    location.overrides.iter().filter(endless).map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples::changed;
    use super::*;

    #[test]
    fn each_doubt_about_hours_is_found() {
        let (hours, holidays) = ("hours = \"Mo-Fr 08:00-17:00; PH off\"", "holidays = \"US\"");
        let late = "2026-11-22T12:00:00Z";
        for (changes, now, expected, why) in [
            (&[][..], late, &[][..], "Thanksgiving is near"),
            (&[], "2026-02-20T12:00:00Z", &["the next is on 2026-05-25"], "a spring without holidays"),
            (&[(holidays, ""), ("; PH off", "")], late, &["it has no holidays"], "none at all"),
            (&[(holidays, "closed_dates = [\"2026-12-24\"]"), ("; PH off", "")], late, &[], "a list of its own"),
            (
                &[(holidays, "closed_dates = [\"2024-12-24\"]"), ("; PH off", "")],
                late,
                &["has run out"],
                "a list that was not kept up",
            ),
            (&[(hours, "hours = \"off\"")], late, &["does not open once"], "never open"),
            (&[(hours, "")], late, &[], "always open, with one route"),
            (
                &[
                    (hours, ""),
                    ("enabled = true", "enabled = true\ninbound_callback_route_out_of_hours = \"voicemail\""),
                ],
                late,
                &["never taken"],
                "always open, and a route for the night",
            ),
            (
                &[(hours, "override = [{ state = \"closed\", from = \"2026-11-01T00:00:00Z\" }]")],
                late,
                &["without an end"],
                "closed for good",
            ),
            (
                &[(
                    holidays,
                    "holidays = \"US\"\noverride = [{ state = \"closed\", from = \"2026-11-20T00:00:00Z\" }]",
                )],
                late,
                &[],
                "closed until the next morning",
            ),
        ] {
            let rules = changed(changes);
            let found = doubts(&rules.locations[0], Moment::read(now).expect("an instant"));
            let right = found.len() == expected.len()
                && found.iter().zip(expected).all(|(doubt, part)| doubt.about.contains(part) && !doubt.mend.is_empty());
            assert!(right, "{why}: {found:#?}");
        }
    }
}
