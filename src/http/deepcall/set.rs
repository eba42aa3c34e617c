//! `set`: two phones are masked.
//!
//! Deliberately not here: choosing the number.

use std::sync::Arc;

use axum::extract::State;
use uuid::Uuid;

use super::answer::{Done, Made, Refusal};
use super::asked::Asked;
use super::expiry::Expiry;
use super::params::Params;
use crate::domain::{Door, E164, MaskingNumber, Moment, SessionId, SessionOptions, Side, Terms};
use crate::http::House;
use crate::routing::pairing::{self, NotPaired, Server, Wish};
use crate::rules::ruleset::Ruleset;
use crate::rules::zones;
use crate::store::base::{WantSessions, Wants};
use crate::switchboard::desk::Plan;

/// A mask as it is asked for.
struct Set {
    id: SessionId,
    parties: (E164, E164),
    mask: Option<E164>,
    expiry: Option<Expiry>,
    event_id: Option<String>,
}

/// `POST …/Masking/set`.
pub async fn set(State(house): State<Arc<House>>, asked: Asked) -> Result<Done, Refusal> {
    let set = read(&asked)?;
    let (tenant, now) = (&asked.tenant.id, asked.asker.at);
    let phones = vec![set.parties.0, set.parties.1];
    let wants = Wants { sessions: WantSessions::Around { now, phones }, ..Wants::default() };
    let ours = |phone| house.board.is_ours(phone);
    let server = Server { ours: &ours, countries: house.board.countries() };
    let done = house.board.change(tenant, &wants, &asked.asker, |base| plan(&base.rules, &set, server, now));
    done.await.map_err(|why| Refusal::not_changed(tenant.as_str(), why))
}

fn read(asked: &Asked) -> Result<Set, Refusal> {
    let mut params = Params::new(&asked.fields, &asked.tenant.country);
    let parties = (params.party("m1"), params.party("m2"));
    let (mask, event_id) = (params.phone("mask"), params.event_id());
    params.done()?;
    let (Some(first), Some(second)) = parties else { return Err(Refusal::broken()) };
    if first == second {
        return Err(Refusal::same());
    }
    let id = Uuid::now_v7().to_string().as_str().into();
    Ok(Set { id, parties: (first, second), mask, expiry: Expiry::read(&asked.fields)?, event_id })
}

/// What comes of it, by what is stored.
fn plan(base: &Ruleset, set: &Set, server: Server<'_>, now: Moment) -> Result<Plan<Done>, Refusal> {
    let tenant = base.tenant.id.as_str();
    let default = base.tenant.default_location.as_ref().and_then(|id| base.location(id));
    let Some(location) = default else { return Err(Refusal::not_inserted(tenant, "there is no default_location")) };
    let zone = &location.time_zone;
    let expires_at = Expiry::of_set(set.expiry.as_ref(), zone, now)?;
    let only: Option<MaskingNumber> =
        base.numbers.iter().map(|number| number.e164).find(|number| set.mask == Some(number.e164()));
    let terms = Terms { event_id: set.event_id.clone(), ..Terms::plain(Door::Deepcall, now) };
    let wish = Wish {
        id: set.id.clone(),
        first: Some(set.parties.0),
        second: Some(set.parties.1),
        expires_at,
        only,
        several: false,
        options: SessionOptions { terms: Some(Arc::new(terms)), ..SessionOptions::default() },
    };
    let opened = pairing::pair(base, wish, server, |_| true, now).map_err(|why| not_paired(tenant, why))?;
    if set.mask.is_some() && only.is_none() {
        // A number of nobody or of another tenant: neither can be told from one that is taken.
        return Err(Refusal::no_number());
    }
    let made = Made {
        mask: opened.session.number.to_string(),
        expiry_time: zones::clock(zone, expires_at).unwrap_or_else(|| expires_at.seconds().to_string()),
        event_id: set.event_id.clone(),
    };
    let rules = Ruleset { sessions: vec![opened.session], numbers: vec![opened.number], ..base.only_tenant() };
    Ok(Plan::put(rules, Done::set(made)))
}

fn not_paired(tenant: &str, why: NotPaired) -> Refusal {
    match why {
        NotPaired::NoLocation => Refusal::not_inserted(tenant, "there is no default_location"),
        NotPaired::Disabled { location } => {
            Refusal::not_inserted(tenant, &format!("masking is not enabled at location {location}"))
        }
        NotPaired::Same => Refusal::same(),
        NotPaired::Ours(side) => {
            Refusal::wrong(format!("{} is a masking number: name the party's own phone", parameter(side)))
        }
        NotPaired::Destination { side, region } => {
            Refusal::wrong(format!("{} may not be called: region {region}, or what it costs", parameter(side)))
        }
        NotPaired::There { session: _ } => Refusal::standing(),
        NotPaired::Exhausted(_) => Refusal::no_number(),
    }
}

const fn parameter(side: Side) -> &'static str {
    match side {
        Side::First => "m1",
        Side::Second => "m2",
        Side::Outside => "a party",
    }
}
