//! A location: one office of a tenant, with its lines, hours, prompts, settings and rules.
//!
//! Deliberately not here: the compiled hours (`rules::hours`) and the checks that a location makes sense.

use std::collections::BTreeMap;

use super::ids::{LineId, LocationId, TechnicianId, TenantId};
use super::phone::E164;
use super::settings::{Channel, MaskingSettings, NoMatchAction, Route, words};
use super::time::Moment;

/// An office.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Location {
    /// Its id.
    pub id: LocationId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Its name, as the whisper says it.
    pub name: String,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// Opening hours in OpenStreetMap's syntax; empty means always in hours.
    pub hours: String,
    /// ISO 3166 region of its public holidays; empty means none.
    pub holidays: String,
    /// Days closed whatever the hours say, `YYYY-MM-DD`.
    pub closed_dates: Vec<String>,
    /// Days with hours of their own: `YYYY-MM-DD` to time ranges, or `off`.
    pub special_hours: BTreeMap<String, String>,
    /// Where a failed attempt goes next, in order.
    pub on_no_answer: Vec<Route>,
    /// Seconds that a phone rings.
    pub ring_timeout: u16,
    /// How several lines ring.
    pub ring: Ring,
    /// How long a caller waits for a dispatcher, and to what.
    pub queue: QueueSettings,
    /// Its prompts.
    pub prompts: Prompts,
    /// Its masking settings.
    pub masking: MaskingSettings,
    /// Its back-office lines, in `position` order.
    pub lines: Vec<Line>,
    /// Its own rules, in file order.
    pub rules: Vec<LocationRule>,
    /// Openings and closings by hand.
    pub overrides: Vec<Override>,
}

impl Location {
    /// The lines that may ring, in order.
    pub fn active_lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.active)
    }
}

words! {
    /// How several back-office lines ring.
    Ring {
        /// One after another.
        InTurn = "in_turn",
        /// All at once.
        Together = "together",
    }
}

/// The dispatchers' queue of a location.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QueueSettings {
    /// Seconds after which a waiting caller goes to voicemail.
    pub max_wait_seconds: u32,
    /// What they hear; empty means the built-in words.
    pub wait_prompt: String,
    /// What they hear instead, as a sound file; empty means the words.
    pub wait_play_url: String,
}

impl Default for QueueSettings {
    fn default() -> Self {
        Self { max_wait_seconds: 300, wait_prompt: String::new(), wait_play_url: String::new() }
    }
}

/// A location's own words, by prompt: text, or a play URL (a value that begins with `http://` or `https://`).
///
/// A prompt that is not here has a built-in default.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Prompts(pub BTreeMap<String, String>);

/// A back-office line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Its id.
    pub id: LineId,
    /// Its phone.
    pub phone: E164,
    /// Where it stands in the order, from 1.
    pub position: u16,
    /// Whether it may ring.
    pub active: bool,
    /// Whether it takes texts.
    pub sms: bool,
}

/// An opening or closing by hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Override {
    /// Open or closed.
    pub state: OverrideState,
    /// From when; `None` means since ever.
    pub from: Option<Moment>,
    /// Until when; `None` means until the next scheduled change.
    pub until: Option<Moment>,
}

words! {
    /// What an override says.
    OverrideState {
        /// Open.
        Open = "open",
        /// Closed.
        Closed = "closed",
    }
}

/// A rule of a location: when it applies, and where the call or text goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LocationRule {
    /// What `why` calls it.
    pub name: String,
    /// When it applies: all conditions together.
    pub when: When,
    /// Where it sends.
    pub route: RuleRoute,
}

/// The conditions of a rule; an empty one holds always.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct When {
    /// Calls or texts.
    pub channel: Option<Channel>,
    /// A known customer, or somebody unknown.
    pub caller: Option<WhenCaller>,
    /// One of these match values (their words).
    pub matched: Vec<String>,
    /// One of these states of the hours (their words).
    pub hours: Vec<String>,
    /// One of these local weekdays, Monday = 1 … Sunday = 7.
    pub days: Vec<u8>,
    /// Local time in `[start, end)`, minutes after midnight; may cross midnight.
    pub between: Option<(u16, u16)>,
    /// A tag of the work order or the customer.
    pub tag: Option<String>,
    /// Whether the call is a reply inside the reply window.
    pub reply: Option<bool>,
}

words! {
    /// Who a rule is about.
    WhenCaller {
        /// The customer side of a session, or a known customer.
        Customer = "customer",
        /// Anybody else.
        Unknown = "unknown",
    }
}

/// Where a rule sends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RuleRoute {
    /// A route.
    Route(Route),
    /// A no-match action.
    NoMatch(NoMatchAction),
    /// One technician.
    Technician(TechnicianId),
    /// One line.
    Line(LineId),
}
