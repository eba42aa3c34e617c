//! A location's nested lists as JSON: lines, rules and overrides, in shapes of the store's own.
//!
//! Deliberately not here: anything that a query looks inside of; that has columns.

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use crate::domain::{
    Channel, E164, Line, LocationRule, Moment, NoMatchAction, Override, OverrideState, Route, RuleRoute, When,
    WhenCaller,
};

/// A word that no version of this program writes.
fn unknown(column: &'static str) -> StoreError {
    StoreError::Row { table: "locations", column, what: "an unknown word" }
}

#[derive(Serialize, Deserialize)]
pub(super) struct LineForm {
    id: String,
    phone: u64,
    position: u16,
    active: bool,
    sms: bool,
}

impl From<&Line> for LineForm {
    fn from(line: &Line) -> Self {
        let Line { id, phone, position, active, sms } = line;
        Self { id: id.to_string(), phone: phone.digits(), position: *position, active: *active, sms: *sms }
    }
}

impl TryFrom<LineForm> for Line {
    type Error = StoreError;

    fn try_from(form: LineForm) -> Result<Self, StoreError> {
        let phone = E164::from_digits(form.phone).ok_or(StoreError::Row {
            table: "locations",
            column: "lines",
            what: "no phone number",
        })?;
        Ok(Self { id: form.id.into(), phone, position: form.position, active: form.active, sms: form.sms })
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct OverrideForm {
    state: String,
    from: Option<i64>,
    until: Option<i64>,
}

impl From<&Override> for OverrideForm {
    fn from(hand: &Override) -> Self {
        let Override { state, from, until } = hand;
        Self { state: state.to_string(), from: from.map(|at| at.0), until: until.map(|at| at.0) }
    }
}

impl TryFrom<OverrideForm> for Override {
    type Error = StoreError;

    fn try_from(form: OverrideForm) -> Result<Self, StoreError> {
        let state = OverrideState::read(&form.state).ok_or_else(|| unknown("overrides"))?;
        Ok(Self { state, from: form.from.map(Moment), until: form.until.map(Moment) })
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct RuleForm {
    name: String,
    when: WhenForm,
    route: RouteForm,
}

#[derive(Serialize, Deserialize)]
struct WhenForm {
    channel: Option<String>,
    caller: Option<String>,
    matched: Vec<String>,
    hours: Vec<String>,
    days: Vec<u8>,
    between: Option<(u16, u16)>,
    tag: Option<String>,
    reply: Option<bool>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RouteForm {
    Route(String),
    NoMatch(String),
    Technician(String),
    Line(String),
}

impl From<&LocationRule> for RuleForm {
    fn from(rule: &LocationRule) -> Self {
        let LocationRule { name, when, route } = rule;
        let When { channel, caller, matched, hours, days, between, tag, reply } = when;
        Self {
            name: name.clone(),
            when: WhenForm {
                channel: channel.map(|channel| channel.to_string()),
                caller: caller.map(|caller| caller.to_string()),
                matched: matched.clone(),
                hours: hours.clone(),
                days: days.clone(),
                between: *between,
                tag: tag.clone(),
                reply: *reply,
            },
            route: match route {
                RuleRoute::Route(route) => RouteForm::Route(route.to_string()),
                RuleRoute::NoMatch(action) => RouteForm::NoMatch(action.to_string()),
                RuleRoute::Technician(id) => RouteForm::Technician(id.to_string()),
                RuleRoute::Line(id) => RouteForm::Line(id.to_string()),
            },
        }
    }
}

impl TryFrom<RuleForm> for LocationRule {
    type Error = StoreError;

    fn try_from(form: RuleForm) -> Result<Self, StoreError> {
        let RuleForm { name, when, route } = form;
        let bad = || unknown("rules");
        Ok(Self {
            name,
            when: When {
                channel: when.channel.map(|word| Channel::read(&word).ok_or_else(bad)).transpose()?,
                caller: when.caller.map(|word| WhenCaller::read(&word).ok_or_else(bad)).transpose()?,
                matched: when.matched,
                hours: when.hours,
                days: when.days,
                between: when.between,
                tag: when.tag,
                reply: when.reply,
            },
            route: match route {
                RouteForm::Route(word) => RuleRoute::Route(Route::read(&word).ok_or_else(bad)?),
                RouteForm::NoMatch(word) => RuleRoute::NoMatch(NoMatchAction::read(&word).ok_or_else(bad)?),
                RouteForm::Technician(id) => RuleRoute::Technician(id.into()),
                RouteForm::Line(id) => RuleRoute::Line(id.into()),
            },
        })
    }
}
