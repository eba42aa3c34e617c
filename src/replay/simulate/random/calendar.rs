//! Opening hours of random offices, as a table on a wall, and whether one is open: read off that table by the clock on
//! the wall, minute for minute.
//!
//! There are few tables, zones and days, so that hours compiled for one case serve thousands.
//!
//! Deliberately not here: anything of `rules::hours` but the wall clock. The table and the words that the rules file
//! has for it stand side by side, and are compared by playing.

use crate::domain::Moment;
use crate::rules::zones;

/// A week's hours.
#[derive(Debug)]
pub struct Table {
    /// As the rules file has them.
    pub words: &'static str,
    /// What is open on Monday, …, Sunday: minutes after midnight, the end excluded; beyond 1440 is the day after.
    days: [&'static [(u16, u16)]; 7],
    /// Whether public holidays are named, and are off.
    holidays_off: bool,
}

const NINE: u16 = 9 * 60;
const NONE: &[(u16, u16)] = &[];
const WORK: &[(u16, u16)] = &[(480, 1020)];
const HALVES: &[(u16, u16)] = &[(480, 720), (780, 1020)];
const NIGHT: &[(u16, u16)] = &[(1080, 1590)];
const ALL: &[(u16, u16)] = &[(0, 1440)];

/// The tables.
pub const TABLES: [Table; 7] = [
    Table {
        words: "Mo-Fr 08:00-17:00; Sa 09:00-13:00; PH off",
        days: [WORK, WORK, WORK, WORK, WORK, &[(NINE, 780)], NONE],
        holidays_off: true,
    },
    Table {
        words: "Mo-Fr 08:00-12:00,13:00-17:00",
        days: [HALVES, HALVES, HALVES, HALVES, HALVES, NONE, NONE],
        holidays_off: false,
    },
    Table { words: "Mo-Su 18:00-02:30", days: [NIGHT; 7], holidays_off: false },
    Table { words: "24/7", days: [ALL; 7], holidays_off: false },
    Table { words: "off", days: [NONE; 7], holidays_off: false },
    Table {
        words: "Sa 01:30-03:30; Su 01:15-03:15; Mo-Fr 09:00-21:00",
        days: [
            &[(NINE, 1260)],
            &[(NINE, 1260)],
            &[(NINE, 1260)],
            &[(NINE, 1260)],
            &[(NINE, 1260)],
            &[(90, 210)],
            &[(75, 195)],
        ],
        holidays_off: false,
    },
    Table { words: "", days: [ALL; 7], holidays_off: false },
];

/// Zones: some in the United States, and some with odd offsets and clock changes.
pub const ZONES: [&str; 2] = ["America/Chicago", "America/Phoenix"];
/// The odd ones.
pub const ODD: [&str; 3] = ["Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"];

/// When cases begin, give or take a day: clock changes, holidays, and nothing special.
pub const DAYS: [&str; 4] =
    ["2026-03-08T12:00:00Z", "2026-03-09T15:00:00Z", "2026-11-01T12:00:00Z", "2026-11-26T16:00:00Z"];

/// Public holidays of the United States around those days.
const HOLIDAYS: [&str; 1] = ["2026-11-26"];

/// Days that an office may be closed on.
pub const CLOSED: [&str; 2] = ["2026-03-09", "2026-11-26"];

/// A day with hours of its own: the day, the words, the minutes.
pub type Special = (&'static str, &'static str, &'static [(u16, u16)]);

/// Days that may have hours of their own.
pub const SPECIAL: [Special; 3] = [
    ("2026-03-09", "08:00-12:00", &[(480, 720)]),
    ("2026-11-01", "00:00-01:30,12:00-13:00", &[(0, 90), (720, 780)]),
    ("2026-11-26", "off", NONE),
];

/// When an office is open.
#[derive(Clone, Copy, Debug)]
pub struct Calendar {
    /// Its zone.
    pub zone: &'static str,
    /// Its week.
    pub table: &'static Table,
    /// Whether it keeps the holidays of the United States.
    pub holidays: bool,
    /// A day that it is closed on.
    pub closed: Option<&'static str>,
    /// A day with hours of its own.
    pub special: Option<&'static Special>,
    /// An opening (or closing) by hand: from when, until when.
    pub by_hand: Option<(bool, Moment, Moment)>,
}

impl Calendar {
    /// What holds at an instant, as a decision words it.
    pub fn state(&self, at: Moment) -> &'static str {
        if let Some((open, _, _)) = self.by_hand.filter(|(_, from, until)| *from <= at && at < *until) {
            return if open { "override_open" } else { "override_closed" };
        }
        let (day, date, minute) = wall(self.zone, at);
        if let Some((_, _, spans)) = self.special.filter(|(special, _, _)| *special == date) {
            return word(within(spans, minute));
        }
        if self.closed == Some(date.as_str()) {
            return "holiday";
        }
        if self.is_off(&date) {
            return "holiday";
        }
        // A day's hours go on after midnight.
        let yesterday = self.table.days[(day + 6) % 7];
        word(within(self.table.days[day], minute) || within(yesterday, minute + 1440))
    }

    fn is_off(&self, date: &str) -> bool {
        self.holidays && self.table.holidays_off && HOLIDAYS.contains(&date)
    }
}

fn word(open: bool) -> &'static str {
    if open { "open" } else { "closed" }
}

fn within(spans: &[(u16, u16)], minute: u16) -> bool {
    spans.iter().any(|(from, to)| *from <= minute && minute < *to)
}

/// Weekday (Monday is 0), date and minute of the day on the wall.
fn wall(zone: &str, at: Moment) -> (usize, String, u16) {
    const WEEK: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let told = zones::wall(zone, at).unwrap_or_default();
    let mut words = told.split(' ');
    let day = words.next().and_then(|name| WEEK.iter().position(|day| *day == name)).unwrap_or(0);
    let date = words.next().unwrap_or_default().to_owned();
    let mut parts = words.next().unwrap_or_default().split(':').map(|part| part.parse::<u16>().unwrap_or(0));
    let minute = parts.next().unwrap_or(0) * 60 + parts.next().unwrap_or(0);
    (day, date, minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_by_the_wall_clock() {
        let plain = Calendar {
            zone: "America/Chicago",
            table: &TABLES[0],
            holidays: true,
            closed: None,
            special: None,
            by_hand: None,
        };
        let night = Calendar { table: &TABLES[2], ..plain };
        let at = |text: &str| Moment::read(text).expect("an instant");
        let hand = Some((true, at("2026-03-08T12:00:00Z"), at("2026-03-08T13:00:00Z")));
        for (calendar, when, expected, why) in [
            (plain, "2026-03-09T07:59:59-05:00", "closed", "a second too early"),
            (plain, "2026-03-09T08:00:00-05:00", "open", "eight sharp, the day after the clocks changed"),
            (plain, "2026-03-09T17:00:00-05:00", "closed", "the end is excluded"),
            (plain, "2026-03-08T10:00:00-05:00", "closed", "a Sunday"),
            (plain, "2026-11-26T10:00:00-06:00", "holiday", "Thanksgiving"),
            (
                Calendar { closed: Some("2026-03-09"), ..plain },
                "2026-03-09T10:00:00-05:00",
                "holiday",
                "closed by date",
            ),
            (
                Calendar { special: Some(&SPECIAL[0]), ..plain },
                "2026-03-09T13:00:00-05:00",
                "closed",
                "hours of its own",
            ),
            (Calendar { by_hand: hand, ..plain }, "2026-03-08T12:59:59Z", "override_open", "by hand"),
            (Calendar { by_hand: hand, ..plain }, "2026-03-08T13:00:00Z", "closed", "no longer"),
            (night, "2026-03-09T02:29:00-05:00", "open", "since the evening before"),
            (night, "2026-03-09T02:30:00-05:00", "closed", "no longer"),
            (night, "2026-11-26T01:00:00-06:00", "open", "holidays are not named"),
        ] {
            assert_eq!(calendar.state(at(when)), expected, "{why}");
        }
    }
}
