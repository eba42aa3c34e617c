//! `/api/v1/locations/{location_id}/masking-settings`: what is set, changing it, what it was before, and back again.
//!
//! Deliberately not here: what may be set (`rules::masking`), and what follows a change: a mode's transition and a brand's
//! registration are carried out later, and shown here.

mod fields;
mod history;
mod sent;
mod shape;

use std::sync::Arc;

use axum::extract::{Path, State};

use self::sent::{Meant, Said, Sent};
use self::shape::{Row, Shown, Transition};
use super::answer::{Answer, unchanged};
use super::caller::Caller;
use super::fault::{Fault, Faults, FieldError};
use crate::domain::{Location, LocationId, MaskingSettings};
use crate::http::House;
use crate::rules::finding::Finding;
use crate::rules::masking::{self, body};
use crate::rules::ruleset::Ruleset;
use crate::store::base::{Base, WantCustomers, Wants};
use crate::store::transitions::TransitionState;
use crate::switchboard::desk::Plan;

pub use history::{__path_audit, __path_revert, audit, revert};

/// Shows a location's masking settings.
///
/// The tag is of the settings alone: it changes when they do, and not when a brand's registration or a transition goes on.
#[utoipa::path(get, path = "/api/v1/locations/{location_id}/masking-settings", tag = "masking-settings",
    params(("location_id" = String, Path, description = "The location.")),
    responses((status = 200, body = Shown, headers(("ETag"))), Faults))]
pub async fn show(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(location_id): Path<String>,
) -> Result<Answer, Fault> {
    let base = house.base(&caller, &Wants::default()).await?;
    let location = find(&base, &location_id)?;
    let warnings = masking::judge(&location.masking, &location.masking, &masking::around(&base.rules, location), &[]).1;
    let answer = answer(&base.rules, location, warnings).tagged(&Row::of(&location.masking));
    now(&house, &caller, &location.id, answer).await
}

/// Changes a location's masking settings.
///
/// PUT, PATCH and POST mean the same: a field that is sent changes, another keeps its value, and one bad field changes
/// nothing. With `dry_run=true` everything is checked and shown as it would be, and nothing is written; the tag is then
/// that of the settings as they are. `Idempotency-Key` is honoured on POST.
#[utoipa::path(method(put, patch, post), path = "/api/v1/locations/{location_id}/masking-settings",
    tag = "masking-settings",
    request_body(content(
        (fields::MaskingSettingsForm = "multipart/form-data"),
        (fields::MaskingSettingsForm = "application/x-www-form-urlencoded"),
        (fields::MaskingSettingsChange = "application/json"))),
    params(("location_id" = String, Path, description = "The location."),
        ("dry_run" = Option<bool>, Query, description = "Whether nothing is written."),
        ("If-Match" = Option<String>, Header, description = "The tag of the settings that the change is meant for."),
        ("Idempotency-Key" = Option<String>, Header, description = "On POST: the same request is done once.")),
    responses((status = 200, body = Shown, headers(("ETag"))), Faults))]
pub async fn change(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(location_id): Path<String>,
    sent: Sent,
) -> Result<Answer, Fault> {
    let Sent { said, errors, meant } = sent;
    let read = |stored: &MaskingSettings| {
        let (wanted, found) = read(&said, stored);
        (wanted, errors.iter().cloned().chain(found.into_iter().map(FieldError::from)).collect())
    };
    put(&house, &caller, &location_id, &meant, switches_on(&said), read).await
}

/// Puts settings in place: those that `read` makes of the stored ones, with the mistakes it found.
async fn put(
    house: &Arc<House>,
    caller: &Caller,
    location_id: &str,
    meant: &Meant,
    switches_on: bool,
    read: impl Fn(&MaskingSettings) -> (MaskingSettings, Vec<FieldError>),
) -> Result<Answer, Fault> {
    let customers = if switches_on { WantCustomers::Odd } else { WantCustomers::None };
    let wants = Wants { customers, ..Wants::default() };
    let done = house.change(caller, meant.once.as_ref(), wants, |base| {
        let stored = find(base, location_id)?;
        let (wanted, mut errors) = read(&stored.masking);
        if errors.is_empty() {
            unchanged(&meant.headers, &Row::of(&stored.masking))?;
        }
        let odd = masking::odd_contacts(&base.rules.customers, &stored.id);
        let around = masking::around(&base.rules, stored);
        let (mistakes, warnings) = masking::judge(&stored.masking, &wanted, &around, &odd);
        errors.extend(mistakes.into_iter().map(FieldError::from));
        if !errors.is_empty() {
            return Err(Fault::wrong(errors));
        }
        let changed = Location { masking: wanted, ..stored.clone() };
        let answer = answer(&base.rules, &changed, warnings);
        if meant.dry {
            let answer = answer.tagged(&Row::of(&stored.masking));
            let answer = match planned(stored, &changed, caller) {
                Some(planned) => answer.telling("mode_transition", &planned),
                None => answer,
            };
            return Ok(Plan { dry: true, ..Plan::put(base.rules.only_tenant(), answer) });
        }
        let answer = answer.tagged(&Row::of(&changed.masking));
        let rules = Ruleset { locations: vec![changed], ..base.rules.only_tenant() };
        Ok(Plan::put(rules, answer))
    });
    let answer = done.await?;
    if meant.dry && answer.tells("mode_transition") {
        return Ok(answer);
    }
    now(house, caller, &location_id.into(), answer).await
}

/// Reads what is said over what is stored. Where some of it is wrong, the rest is read all the same: mistakes across the
/// fields are told together with those in them.
fn read(said: &Said, stored: &MaskingSettings) -> (MaskingSettings, Vec<Finding>) {
    let read = |said: &Said| match said {
        Said::Json(fields) => body::from_json(stored, &fields.clone().into()),
        Said::Form(pairs) => body::from_form(stored, pairs),
    };
    match read(said) {
        Ok((wanted, _)) => (wanted, Vec::new()),
        Err(found) => {
            let wanted = read(&said.without(&found)).map_or_else(|_| stored.clone(), |(wanted, _)| wanted);
            (wanted, found)
        }
    }
}

/// Whether masking may be switched on by this: then contacts are asked about.
fn switches_on(said: &Said) -> bool {
    match said {
        Said::Json(fields) => fields.get("enabled").and_then(serde_json::Value::as_bool).unwrap_or(false),
        Said::Form(pairs) => pairs.iter().any(|(name, value)| name == "enabled" && value == "true"),
    }
}

fn find<'a>(base: &'a Base, location_id: &str) -> Result<&'a Location, Fault> {
    base.rules.location(&LocationId::from(location_id)).ok_or_else(Fault::unknown)
}

fn answer(rules: &Ruleset, location: &Location, warnings: Vec<Finding>) -> Answer {
    Answer::shown(&Shown::of(&rules.tenant, location, warnings))
}

/// The same with the transition as it stands at present: it goes on by itself.
async fn now(house: &House, caller: &Caller, location: &LocationId, answer: Answer) -> Result<Answer, Fault> {
    let latest = house.reader()?.latest_transition(&caller.tenant, location).await?;
    Ok(answer.telling("mode_transition", &latest.map(Transition::from)))
}

/// The transition that a change would begin.
fn planned(stored: &Location, changed: &Location, caller: &Caller) -> Option<Transition> {
    let (from, to) = (stored.masking.masking_mode, changed.masking.masking_mode);
    (from != to).then(|| Transition::new(None, (from, to), TransitionState::Planned, caller.asker.at))
}
