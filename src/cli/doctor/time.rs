//! The clock and the zone data, by which every opening hour is reckoned.
//!
//! Deliberately not here: another clock to compare with; nothing outside is asked.

use std::collections::BTreeSet;
use std::io;

use super::chart::{Chart, counted};
use crate::cli::rulebook;
use crate::domain::Moment;
use crate::rules::ruleset::Ruleset;
use crate::rules::zones;

/// How much the journal may be ahead of the clock: several machines may write it.
const AHEAD: std::time::Duration = std::time::Duration::from_secs(60);

/// How far ahead zones are compared, in days.
const DAYS: i64 = 400;

/// Whether the clock can be right: not before the zone data was made, and not before what was written already.
pub fn clock(chart: &mut Chart, now: Moment, newest: Option<Moment>) -> io::Result<()> {
    const SET: &str = "set the machine's clock, and keep it set (timedatectl set-ntp true)";
    chart.check("clock");
    let year = year(now);
    if release_year().is_some_and(|made| year < made) || year > 2100 {
        chart.failed(format!("it says {now}, which cannot be"), SET)?;
    }
    if let Some(newest) = newest.filter(|newest| now.plus(AHEAD) < *newest) {
        chart.failed(format!("it says {now}, and the journal has a webhook of {newest}: it went back"), SET)?;
    }
    chart.ok(Moment::from_seconds(now.seconds()).to_string())
}

/// Whether the machine's and the program's zone data agree about the zones in use, and are fresh.
pub fn zones(chart: &mut Chart, now: Moment, worlds: &[Ruleset]) -> io::Result<()> {
    const UPDATE: &str = "update the machine's tzdata package";
    chart.check("zone data");
    let version = rulebook::tzdata();
    let used: BTreeSet<&str> =
        worlds.iter().flat_map(|rules| &rules.locations).map(|location| location.time_zone.as_str()).collect();
    for zone in &used {
        if let Some(at) = zones::disagreement(zone, now, DAYS) {
            let day = at.to_string();
            let day = day.get(..10).unwrap_or(&day);
            chart.warning(
                format!("the machine's and the program's data differ about {zone} from {day} on; {version} is used"),
                UPDATE,
            )?;
        }
    }
    if let Some(made) = release_year().filter(|made| made + 1 < year(now)) {
        chart.warning(
            format!("{version} is of {made}; zones have changed since"),
            format!("{UPDATE}, or this program"),
        )?;
    }
    chart.ok(format!("{version}, {} in use", counted(used.len(), "zone")))
}

fn year(at: Moment) -> i64 {
    at.to_string().get(..4).and_then(|year| year.parse().ok()).unwrap_or(0)
}

fn release_year() -> Option<i64> {
    rulebook::tzdata().get(..4)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::chart::Outcome;
    use super::*;

    #[test]
    fn a_clock_that_cannot_be_right_is_found() {
        let at = |text| Moment::read(text).expect("an instant");
        for (now, newest, outcome, why) in [
            ("2026-11-22T12:00:00Z", None, Outcome::Ok, "a usual day"),
            ("1970-01-01T00:10:00Z", None, Outcome::Failed, "a clock without a battery"),
            ("2200-01-01T00:00:00Z", None, Outcome::Failed, "another age"),
            ("2026-11-22T12:00:00Z", Some("2026-11-22T12:00:30Z"), Outcome::Ok, "half a minute"),
            ("2026-11-22T12:00:00Z", Some("2026-11-22T13:00:00Z"), Outcome::Failed, "an hour back"),
        ] {
            let mut chart = Chart::new(false);
            clock(&mut chart, at(now), newest.map(at)).expect("told");
            assert_eq!(chart.findings()[0].outcome, outcome, "{why}: {:?}", chart.findings());
        }
    }

    #[test]
    fn old_zone_data_is_found() {
        let mut chart = Chart::new(false);
        zones(&mut chart, Moment::read("2040-01-01T00:00:00Z").expect("an instant"), &[]).expect("told");
        assert_eq!(chart.findings()[0].outcome, Outcome::Warning, "{:?}", chart.findings());
    }
}
