//! A location's own rule as the API shows it, and as it is sent.
//!
//! Deliberately not here: whether it can ever apply (`rules::when`).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::accounts::OneOrMore;
use super::words::{ChannelWord, HoursStateWord, MatchWord, RuleWord, WhenCallerWord};
use crate::domain::{LocationRule, RuleRoute, When};

/// A rule: when it applies, and where it sends.
#[derive(Serialize, ToSchema)]
pub struct Rule {
    /// What the reasons of a decision call it.
    pub name: String,
    /// When it applies: all conditions together; without any, always.
    pub when: Conditions,
    /// Where it sends.
    pub route: Target,
}

/// The conditions of a rule.
#[derive(Serialize, ToSchema)]
pub struct Conditions {
    /// Calls or texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ChannelWord>, nullable = false)]
    pub channel: Option<&'static str>,
    /// A known customer, or somebody unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<WhenCallerWord>, nullable = false)]
    pub caller: Option<&'static str>,
    /// One of these match values.
    #[serde(rename = "match", skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Option<Vec<MatchWord>>, nullable = false)]
    pub matched: Vec<String>,
    /// One of these states of the hours.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Option<Vec<HoursStateWord>>, nullable = false)]
    pub hours: Vec<String>,
    /// One of these local weekdays: Mo, Tu, We, Th, Fr, Sa, Su.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Option<Vec<String>>, nullable = false)]
    pub days: Vec<&'static str>,
    /// Local times; the end is exclusive, and may be on the next day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "18:00-22:00", nullable = false)]
    pub between: Option<String>,
    /// A tag of the job or the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tag: Option<String>,
    /// Whether it is a reply within the reply window.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reply: Option<bool>,
}

/// Where a rule sends: a route, an action, one technician or one line.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Target {
    /// A route or an action.
    Word(RuleWord),
    /// One technician.
    Technician {
        /// Whose id it is.
        technician: String,
    },
    /// One line of the location.
    Line {
        /// Its id.
        line: String,
    },
}

/// A rule as it is sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `rules` reads")]
pub struct RuleBody {
    /// What the reasons of a decision call it.
    #[schema(nullable = false)]
    name: Option<String>,
    /// When it applies; always unless said.
    #[schema(nullable = false)]
    when: Option<ConditionsBody>,
    /// Where it sends.
    route: Target,
}

/// The conditions of a rule as they are sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `rules` reads")]
pub struct ConditionsBody {
    /// Calls or texts.
    #[schema(value_type = Option<ChannelWord>, nullable = false)]
    channel: Option<String>,
    /// A known customer, or somebody unknown.
    #[schema(value_type = Option<WhenCallerWord>, nullable = false)]
    caller: Option<String>,
    /// A match value, or several: live, grace, recent, owner, job, pin, none.
    #[serde(rename = "match")]
    #[schema(nullable = false)]
    matched: Option<OneOrMore>,
    /// A state of the hours, or several.
    #[schema(nullable = false)]
    hours: Option<OneOrMore>,
    /// Local weekdays and ranges of them, such as Mo-Fr; one, or several.
    #[schema(nullable = false)]
    days: Option<OneOrMore>,
    /// Local times.
    #[schema(example = "18:00-22:00", nullable = false)]
    between: Option<String>,
    /// A tag of the job or the customer.
    #[schema(nullable = false)]
    tag: Option<String>,
    /// Whether it is a reply within the reply window.
    #[schema(nullable = false)]
    reply: Option<bool>,
}

const DAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

impl From<&LocationRule> for Rule {
    fn from(rule: &LocationRule) -> Self {
        let LocationRule { name, when, route } = rule;
        let When { channel, caller, matched, hours, days, between, tag, reply } = when;
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let day = |day: &u8| usize::from(*day).checked_sub(1).and_then(|index| DAYS.get(index)).copied();
        Self {
            name: name.clone(),
            when: Conditions {
                channel: channel.map(|channel| channel.word()),
                caller: caller.map(|caller| caller.word()),
                matched: matched.clone(),
                hours: hours.clone(),
                days: days.iter().filter_map(day).collect(),
                between: between.map(|(start, end)| format!("{}-{}", clock(start), clock(end))),
                tag: tag.clone(),
                reply: *reply,
            },
            route: match route {
                RuleRoute::Route(route) => Target::Word(RuleWord(route.to_string())),
                RuleRoute::NoMatch(action) => Target::Word(RuleWord(action.to_string())),
                RuleRoute::Technician(id) => Target::Technician { technician: id.to_string() },
                RuleRoute::Line(id) => Target::Line { line: id.to_string() },
            },
        }
    }
}
