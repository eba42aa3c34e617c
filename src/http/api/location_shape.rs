//! A location as the API shows it, and as it is sent.
//!
//! Deliberately not here: its doors (`locations`), its masking settings, lines and overrides, which have doors of their
//! own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::location_rule::{Rule, RuleBody};
use super::words::{RingWord, RouteWord};
use crate::domain;
use crate::domain::{Prompts, QueueSettings};

/// An office.
#[derive(Serialize, ToSchema)]
pub struct Location {
    /// Its id.
    #[schema(example = "chicago")]
    pub id: String,
    /// Its name, as the whisper says it.
    #[schema(example = "Acme Plumbing Chicago")]
    pub name: String,
    /// IANA name of its time zone.
    #[schema(example = "America/Chicago")]
    pub time_zone: String,
    /// Opening hours in OpenStreetMap's syntax; empty is always open.
    #[schema(example = "Mo-Fr 08:00-17:00; Sa 09:00-13:00; PH off")]
    pub hours: String,
    /// Region of its public holidays; empty is none.
    #[schema(example = "US")]
    pub holidays: String,
    /// Days closed whatever the hours say.
    #[schema(example = json!(["2026-12-24"]))]
    pub closed_dates: Vec<String>,
    /// Days with hours of their own: times, or off.
    #[schema(example = json!({"2026-12-31": "08:00-12:00"}))]
    pub special_hours: BTreeMap<String, String>,
    /// Where a failed attempt goes next, in order.
    #[schema(value_type = Vec<RouteWord>)]
    pub on_no_answer: Vec<&'static str>,
    /// Seconds that a phone rings.
    pub ring_timeout: u16,
    /// How several lines ring.
    #[schema(value_type = RingWord)]
    pub ring: &'static str,
    /// How long a caller waits for a dispatcher, and to what.
    pub dispatcher_queue: Queue,
    /// Its own words; what is not here has built-in ones.
    #[schema(example = json!({"voicemail_greeting": "You have reached {location_name}. Please leave a message."}))]
    pub prompts: BTreeMap<String, String>,
    /// Its own rules; the first that applies wins.
    pub rule: Vec<Rule>,
    /// What else there is of it.
    pub links: Links,
}

/// The dispatchers' queue.
#[derive(Serialize, ToSchema)]
pub struct Queue {
    /// Seconds after which a waiting caller goes to voicemail.
    pub max_wait_seconds: u32,
    /// What they hear; empty for the built-in words.
    pub wait_prompt: String,
    /// What they hear instead, as a sound file; empty for the words.
    pub wait_play_url: String,
}

/// What has an address of its own.
#[derive(Serialize, ToSchema)]
pub struct Links {
    /// Its masking settings.
    #[schema(example = "/api/v1/locations/chicago/masking-settings")]
    pub masking_settings: String,
    /// Whether it is open.
    pub hours: String,
    /// Openings and closings by hand.
    pub overrides: String,
    /// Its lines.
    pub backoffice_lines: String,
}

/// A location as it is sent: a new one, or the fields that change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `rules` reads")]
pub struct LocationBody {
    /// Chosen by the client, or made.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", nullable = false)]
    id: Option<String>,
    /// Its name; its id unless said.
    #[schema(max_length = 2000, nullable = false)]
    name: Option<String>,
    /// IANA name of its time zone; a new location with hours, dates or rules needs it, another is in UTC.
    #[schema(nullable = false)]
    time_zone: Option<String>,
    /// Opening hours in OpenStreetMap's syntax; null or empty for always open.
    hours: Option<String>,
    /// Region of its public holidays; null for none.
    holidays: Option<String>,
    /// Days closed whatever the hours say, in place of those before.
    #[schema(nullable = false)]
    closed_dates: Option<Vec<String>>,
    /// Days with hours of their own, in place of those before.
    #[schema(nullable = false)]
    special_hours: Option<BTreeMap<String, String>>,
    /// Where a failed attempt goes next, in order; it ends in voicemail whatever it says.
    #[schema(value_type = Option<Vec<RouteWord>>, nullable = false)]
    on_no_answer: Option<Vec<String>>,
    /// Seconds that a phone rings.
    #[schema(minimum = 5, maximum = 600, nullable = false)]
    ring_timeout: Option<u16>,
    /// How several lines ring.
    #[schema(value_type = Option<RingWord>, nullable = false)]
    ring: Option<String>,
    /// The dispatchers' queue; what is absent stays.
    #[schema(nullable = false)]
    dispatcher_queue: Option<QueueBody>,
    /// Its own words; those that are absent stay, null or empty goes back to the built-in ones.
    #[schema(nullable = false)]
    prompts: Option<BTreeMap<String, Option<String>>>,
    /// Its own rules, in place of those before.
    #[schema(nullable = false)]
    rule: Option<Vec<RuleBody>>,
}

/// The dispatchers' queue as it is sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `rules` reads")]
pub struct QueueBody {
    /// Seconds after which a waiting caller goes to voicemail.
    #[schema(minimum = 1, maximum = 3600, nullable = false)]
    max_wait_seconds: Option<u32>,
    /// What they hear; null for the built-in words.
    #[schema(max_length = 1600)]
    wait_prompt: Option<String>,
    /// What they hear instead, as a sound file; null for the words.
    wait_play_url: Option<String>,
}

/// A location in its shape.
pub fn shape(location: &domain::Location) -> Location {
    let domain::Location {
        id,
        tenant: _,
        name,
        time_zone,
        hours,
        holidays,
        closed_dates,
        special_hours,
        on_no_answer,
        ring_timeout,
        ring,
        queue: QueueSettings { max_wait_seconds, wait_prompt, wait_play_url },
        prompts: Prompts(prompts),
        masking: _,
        lines: _,
        rules,
        overrides: _,
    } = location;
    let own = format!("/api/v1/locations/{id}");
    Location {
        id: id.to_string(),
        name: name.clone(),
        time_zone: time_zone.clone(),
        hours: hours.clone(),
        holidays: holidays.clone(),
        closed_dates: closed_dates.clone(),
        special_hours: special_hours.clone(),
        on_no_answer: on_no_answer.iter().map(|route| route.word()).collect(),
        ring_timeout: *ring_timeout,
        ring: ring.word(),
        dispatcher_queue: Queue {
            max_wait_seconds: *max_wait_seconds,
            wait_prompt: wait_prompt.clone(),
            wait_play_url: wait_play_url.clone(),
        },
        prompts: prompts.clone(),
        rule: rules.iter().map(Rule::from).collect(),
        links: Links {
            masking_settings: format!("{own}/masking-settings"),
            hours: format!("{own}/hours"),
            overrides: format!("{own}/hours/overrides"),
            backoffice_lines: format!("/api/v1/backoffice-lines?location_id={id}"),
        },
    }
}
